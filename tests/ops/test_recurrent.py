"""Recurrent networks: fused equals step by step, at every order; errors, defaults, extremes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

pytestmark = pytest.mark.once  # what no version of Python changes

STEPS, SAMPLES, FEATURES, SIZE = 4, 3, 2, 3
GATES = {"rnn_tanh": 1, "gru": 3, "lstm": 4}
Rng = np.random.Generator


def operands(name: str, rng: Rng, dtype: Any = float) -> list[Any]:
    rows = GATES[name] * SIZE
    state = [(SAMPLES, SIZE)] * (2 if name == "lstm" else 1)
    shapes = [(STEPS, SAMPLES, FEATURES), *state, (rows, FEATURES), (rows, SIZE), (rows,), (rows,)]
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def fused(name: str, *operands: Any) -> Any:
    """Outputs and last states as one array, so that every output has its part in the gradient."""
    if name == "lstm":
        x, h, c, *weights = operands
        output, (h_n, c_n) = tg.lstm(x, (h, c), *weights)
        return tg.concat([output, tg.stack([h_n, c_n])])
    output, h_n = getattr(tg, name)(*operands)
    return tg.concat([output, tg.stack([h_n])])


def gates(value: Any, count: int) -> list[Any]:
    size = value.shape[1] // count
    return [value[:, k * size : (k + 1) * size] for k in range(count)]


def rnn_tanh(x: Any, h: Any, w: Any, u: Any, b: Any, d: Any) -> Any:
    found = []
    for t in range(len(x)):
        h = tg.tanh(x[t] @ w.T + b + h @ u.T + d)
        found.append(h)
    return tg.stack([*found, h])


def gru(x: Any, h: Any, w: Any, u: Any, b: Any, d: Any) -> Any:
    found = []
    for t in range(len(x)):
        r, z, n = gates(x[t] @ w.T + b, 3)
        of_r, of_z, of_n = gates(h @ u.T + d, 3)
        z = tg.sigmoid(z + of_z)
        h = (1 - z) * tg.tanh(n + tg.sigmoid(r + of_r) * of_n) + z * h
        found.append(h)
    return tg.stack([*found, h])


def lstm(x: Any, h: Any, c: Any, w: Any, u: Any, b: Any, d: Any) -> Any:
    found = []
    for t in range(len(x)):
        i, f, a, o = gates(x[t] @ w.T + b + h @ u.T + d, 4)
        c = tg.sigmoid(f) * c + tg.sigmoid(i) * tg.tanh(a)
        h = tg.sigmoid(o) * tg.tanh(c)
        found.append(h)
    return tg.stack([*found, h, c])


COMPOSED: dict[str, Callable[..., Any]] = {"rnn_tanh": rnn_tanh, "gru": gru, "lstm": lstm}


def to_second_order(f: Callable[..., Any], arrays: list[Any], rng: Rng) -> list[Any]:
    """The value, all gradients, and the gradients of their weighted sum."""
    tensors = [tg.Tensor(x, requires_grad=True) for x in arrays]
    with tg.Tape() as tape:
        value = f(*tensors)
        seed = tg.Tensor(rng.normal(size=value.shape), requires_grad=True)
        first = tape.gradient(value, tensors, output_gradient=seed, create_graph=True)
        mixed = sum((d * rng.normal(size=d.shape)).sum() for d in first)
    second = tape.gradient(mixed, [*tensors, seed])
    return [part.data for part in (value, *first, *second)]


@pytest.mark.parametrize("name", GATES)
def test_fused_equals_step_by_step_in_value_and_to_second_order(name: str) -> None:
    arrays = operands(name, np.random.default_rng(3))
    found, expected = (
        to_second_order(f, arrays, np.random.default_rng(4))
        for f in (lambda *xs: fused(name, *xs), COMPOSED[name])
    )
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", GATES)
def test_third_order_equals_step_by_step(name: str) -> None:
    arrays = operands(name, np.random.default_rng(5))
    weights = [x[:1] for x in arrays]

    def of_first(f: Callable[..., Any]) -> Callable[[Any], Any]:
        """A function of one number along a line through all operands."""
        return lambda s: (f(*[x + s * u for x, u in zip(arrays, weights, strict=True)]) ** 2).sum()

    third = [
        tg.grad(tg.grad(tg.grad(of_first(f))))(0.3)
        for f in (lambda *xs: fused(name, *xs), COMPOSED[name])
    ]
    np.testing.assert_allclose(third[0], third[1], rtol=1e-10)


@pytest.mark.parametrize("name", GATES)
def test_states_and_biases_left_out_are_zeros(name: str) -> None:
    x, *_, w, u, b, _ = operands(name, np.random.default_rng(6))
    nothing, none = np.zeros((SAMPLES, SIZE)), np.zeros(len(b))
    first = (nothing, nothing) if name == "lstm" else (nothing,)
    run = getattr(tg, name)
    np.testing.assert_array_equal(run(x, None, w, u)[0][-1], fused(name, x, *first, w, u, none)[3])
    np.testing.assert_array_equal(run(x, None, w, u, b)[0], run(x, None, w, u, b, none)[0])
    np.testing.assert_array_equal(run(x, None, w, u, None, b)[0], run(x, None, w, u, none, b)[0])


def test_arrays_give_arrays_and_tensors_give_tensors() -> None:
    x, h, c, *weights = operands("lstm", np.random.default_rng(7))
    output, (h_n, c_n) = tg.lstm(x.tolist(), (h.tolist(), c), *weights)
    assert type(output) is type(h_n) is type(c_n) is np.ndarray
    output, (h_n, c_n) = tg.lstm(tg.Tensor(x), (h, c), *weights)
    assert type(output) is type(h_n) is type(c_n) is tg.Tensor
    np.testing.assert_array_equal(output.data[-1], h_n.data)


@pytest.mark.parametrize("name", GATES)
def test_types_follow_promotion_and_states_are_not_rounded_on_the_way(name: str) -> None:
    single = operands(name, np.random.default_rng(8), np.float32)
    assert fused(name, *single).dtype == np.float32
    wide = [single[0], *(x.astype(float) for x in single[1:])]
    both = [x.astype(float) for x in single]
    assert fused(name, *wide).dtype == np.float64
    np.testing.assert_allclose(fused(name, *wide), fused(name, *both), rtol=1e-14)
    whole = [np.round(3 * x).astype(int) for x in single]
    np.testing.assert_array_equal(
        fused(name, *whole), fused(name, *[x.astype(float) for x in whole])
    )


@pytest.mark.parametrize("name", GATES)
def test_gates_driven_to_their_ends_give_finite_values_and_gradients(name: str) -> None:
    arrays = [1e4 * x for x in operands(name, np.random.default_rng(9))]
    for part in to_second_order(lambda *xs: fused(name, *xs), arrays, np.random.default_rng(0)):
        assert np.isfinite(part).all()


def test_forget_gate_at_its_ends_keeps_or_clears_the_cell() -> None:
    weight, x = np.zeros((4, 1)), np.zeros((5, 1, 1))
    for bias, kept in ((800.0, 3.0), (-800.0, 0.0)):
        _, (_, c_n) = tg.lstm(x, ([[0.0]], [[3.0]]), weight, weight, [-800.0, bias, 0.0, 0.0])
        assert c_n.item() == kept


@pytest.mark.parametrize("name", GATES)
def test_only_what_is_asked_for_gets_a_gradient(name: str) -> None:
    arrays = operands(name, np.random.default_rng(10))
    wanted = tg.Tensor(arrays[-1], requires_grad=True)
    with tg.Tape() as tape:
        value = fused(name, *arrays[:-1], wanted)
    alone = tape.gradient(value.sum(), wanted).data
    tensors = [tg.Tensor(x, requires_grad=True) for x in arrays]
    every = tape.gradient(fused(name, *tensors).sum(), tensors)
    np.testing.assert_array_equal(alone, every[-1].data)


WRONG = {
    "x without samples": (0, (STEPS, FEATURES)),
    "no step": (0, (0, SAMPLES, FEATURES)),
    "x of other width": (0, (STEPS, SAMPLES, FEATURES + 1)),
    "state of other samples": (1, (SAMPLES + 1, SIZE)),
    "state of other size": (1, (SAMPLES, SIZE + 1)),
    "state without samples": (1, (SIZE,)),
    "weight of other rows": (-4, (7, FEATURES)),
    "weight of other state": (-3, (SIZE, SIZE + 1)),
    "bias of other rows": (-2, (7,)),
    "bias that would broadcast": (-1, (1,)),
}


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("case", WRONG)
def test_shapes_that_do_not_belong_together_are_refused(name: str, case: str) -> None:
    arrays = operands(name, np.random.default_rng(11))
    position, shape = WRONG[case]
    arrays[position] = np.zeros(shape)
    with pytest.raises(tg.errors.ShapeError, match=r"expected|sequence|step"):
        fused(name, *arrays)


def test_the_first_edit_a_refusal_gives_works() -> None:
    x, h, *weights = operands("gru", np.random.default_rng(12))
    with pytest.raises(tg.errors.ShapeError, match=r"len\(x\), 1, -1"):
        tg.gru(x[:, 0], h[:1], *weights)
    assert tg.gru(x[:, 0].reshape(len(x), 1, -1), h[:1], *weights)[0].shape == (STEPS, 1, SIZE)
