"""Every rule against differences, generated from the registry: a new operation is tested unasked.

First order: ``Tape.gradient`` with a random cotangent against extrapolated central differences,
and against a complex step where the forward is analytic. Second order: the map from operands and
cotangent to the gradient is itself differentiated. The tolerances come from the error estimates.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import tinygrad_edu as tg
from tinygrad_edu import ops
from tinygrad_edu.autodiff import registry

EPS = float(np.finfo(np.float64).eps)
LIBRARY = {name: op for name, op in registry.items() if "." not in name}
TRIED = [
    name
    for name, op in LIBRARY.items()
    if op.differentiable and (op.domain or op.samples) and name != "variable"
]
ELEMENTWISE = [name for name in TRIED if LIBRARY[name].domain]
PAIRS = [name for name in ELEMENTWISE if len(LIBRARY[name].domain) == 2]
# The forward is complex differentiable as written, so a complex step has no truncation error.
ANALYTIC = """add subtract multiply divide negative positive power square sqrt reciprocal exp expm1
    log log1p log2 log10 tanh sigmoid log_softmax softmax_cross_entropy matmul sum mean broadcast_to
    reshape permute_dims squeeze expand_dims getitem scatter_add put""".split()
PLAIN_SHAPES = [
    [(), ()], [(3,), (3,)], [(3, 1), (1, 4)], [(), (2, 3)], [(2, 3), ()], [(0,), (1,)],
    [(2, 0), (1, 1)], [(1,), (2, 2)], [(1, 1), ()], [(4,), (3, 4)],
]  # fmt: skip
seeds = st.integers(0, 2**32 - 1)


def shapes(count: int) -> st.SearchStrategy[list[tuple[int, ...]]]:
    """Shapes that broadcast: the usual suspects, or anything small."""
    drawn = mutually_broadcastable_shapes(num_shapes=count, min_side=0, max_side=3, max_dims=3)
    chosen = st.sampled_from(PLAIN_SHAPES).map(lambda pair: pair[:count])
    return st.one_of(chosen, drawn.map(lambda result: list(result.input_shapes)))


def operands(
    name: str, rng: np.random.Generator, wanted: Sequence[tuple[int, ...]]
) -> tuple[list[np.ndarray], dict[str, Any], float]:
    """Draw inputs, attributes, and a step that stays inside the domain."""
    op = LIBRARY[name]
    if not op.domain:
        inputs, attributes = op.samples(rng)
        return [np.asarray(x) for x in inputs], attributes, 0.02
    drawn = [real.sample(shape, rng) for real, shape in zip(op.domain, wanted, strict=True)]
    return drawn, {}, min((real.high - real.low) / 100 for real in op.domain) * 0.4


def slope(f: Callable[[float], float], step: float) -> tuple[float, float]:
    """Derivative of ``f`` at 0 and its error: central differences, extrapolated (Ridders 1982)."""
    table: list[list[float]] = []
    best, error, largest = 0.0, np.inf, 0.0
    for k in range(7):
        h = step * 0.5**k
        high, low = f(h), f(-h)
        largest = max(largest, abs(high), abs(low))
        row = [(high - low) / (2 * h)]
        for j in range(k):
            row.append(row[j] + (row[j] - table[-1][j]) / (4.0 ** (j + 1) - 1))
            off = max(abs(row[j + 1] - row[j]), abs(row[j + 1] - table[-1][j]))
            if off < error:
                best, error = row[j + 1], off
        table.append(row)
    return best, 10 * error + 64 * EPS * largest / (step * 0.5**6)


def signed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Weights of both signs, none of them small: no element of a gradient goes unseen."""
    return rng.uniform(0.5, 1.0, shape) * rng.choice([-1.0, 1.0], shape)


def forward(name: str, inputs: Sequence[Any], attributes: dict[str, Any]) -> np.ndarray:
    op = LIBRARY[name]
    result = op.forward(*inputs, **attributes)
    return np.asarray(result[0] if op.saves else result)


def gradient(
    name: str, inputs: Sequence[Any], attributes: dict[str, Any], weights: np.ndarray
) -> list[np.ndarray | None]:
    """The library's gradients, ``None`` for inputs that are not real numbers or have no rule."""
    op = LIBRARY[name]
    tensors = [tg.asarray(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    with tg.Tape() as tape:
        out = op.call(*tensors, **attributes)
    ruled = [bool(op.joint or op.rules[k]) for k in range(len(inputs))]
    tracked = [x for x, rule in zip(tensors, ruled, strict=True) if x.requires_grad and rule]
    answers = iter(tape.gradient(out, tracked, output_gradient=weights))
    return [
        next(answers).data if x.requires_grad and rule else None
        for x, rule in zip(tensors, ruled, strict=True)
    ]


@pytest.mark.parametrize("name", TRIED)
@settings(max_examples=25)
@given(data=st.data(), seed=seeds)
def test_gradient_equals_extrapolated_differences(name: str, data: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    wanted = data.draw(shapes(len(LIBRARY[name].domain))) if LIBRARY[name].domain else []
    inputs, attributes, step = operands(name, rng, wanted)
    weights = signed(rng, forward(name, inputs, attributes).shape)
    for k, g in enumerate(gradient(name, inputs, attributes, weights)):
        if g is None:
            continue
        direction = signed(rng, inputs[k].shape)

        def along(t: float, k: int = k, direction: np.ndarray = direction) -> float:
            moved = [x + t * direction if j == k else x for j, x in enumerate(inputs)]
            return float((weights * forward(name, moved, attributes)).sum())

        numeric, error = slope(along, step)
        terms = g * direction
        assert g.shape == inputs[k].shape
        assert abs(terms.sum() - numeric) <= error + 64 * EPS * np.abs(terms).sum()


@pytest.mark.parametrize("name", ANALYTIC)
@settings(max_examples=15)
@given(data=st.data(), seed=seeds)
def test_gradient_equals_a_complex_step(name: str, data: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    wanted = data.draw(shapes(len(LIBRARY[name].domain))) if LIBRARY[name].domain else []
    inputs, attributes, _ = operands(name, rng, wanted)
    weights = signed(rng, forward(name, inputs, attributes).shape)
    for k, g in enumerate(gradient(name, inputs, attributes, weights)):
        if g is None:
            continue
        direction = signed(rng, inputs[k].shape)
        moved = [x + 1e-30j * direction if j == k else x for j, x in enumerate(inputs)]
        exact = (weights * forward(name, moved, attributes)).imag * 1e30
        scale = np.abs(exact).sum() + np.abs(g * direction).sum()
        assert abs(exact.sum() - (g * direction).sum()) <= 256 * EPS * (1 + scale)


@pytest.mark.parametrize("name", TRIED)
@settings(max_examples=12)
@given(data=st.data(), seed=seeds)
def test_gradient_of_the_gradient_equals_extrapolated_differences(
    name: str, data: Any, seed: int
) -> None:
    """(x, g) -> gradient is a function like any other, and its own gradient must be right."""
    rng = np.random.default_rng(seed)
    op = LIBRARY[name]
    wanted = data.draw(shapes(len(op.domain))) if op.domain else []
    inputs, attributes, step = operands(name, rng, wanted)
    g = signed(rng, forward(name, inputs, attributes).shape)
    first = gradient(name, inputs, attributes, g)
    mixing = [None if d is None else signed(rng, d.shape) for d in first]

    tensors = [tg.Tensor(x, requires_grad=d is not None) for x, d in zip(inputs, first, strict=True)]
    tracked = [x for x in tensors if x.requires_grad]
    cotangent = tg.Tensor(g, requires_grad=True)
    tape = tg.Tape()
    out = op.call(*tensors, **attributes)
    answers = tape.gradient(out, tracked, output_gradient=cotangent, create_graph=True)
    mixed = [(d * u).sum() for d, u in zip(answers, [u for u in mixing if u is not None], strict=True)]
    total = mixed[0] if len(mixed) == 1 else mixed[0] + mixed[1]
    sources = [*tracked, cotangent]
    second = [d.data for d in tape.gradient(total, sources, unconnected="zero")]

    directions = [signed(rng, s.shape) for s in sources]

    def along(t: float) -> float:
        steps = iter(directions)
        moved = [x if d is None else x + t * next(steps) for x, d in zip(inputs, first, strict=True)]
        answers = gradient(name, moved, attributes, g + t * next(steps))
        pairs = zip(answers, mixing, strict=True)
        return float(sum((d * u).sum() for d, u in pairs if d is not None and u is not None))

    numeric, error = slope(along, step)
    terms = [d * v for d, v in zip(second, directions, strict=True)]
    analytic = sum(float(part.sum()) for part in terms)
    scale = sum(float(np.abs(part).sum()) for part in terms)
    assert abs(analytic - numeric) <= error + 64 * EPS * scale


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", TRIED)
def test_value_and_gradient_keep_type_and_shape(name: str, dtype: str) -> None:
    if dtype == "float16" and name not in ELEMENTWISE:
        pytest.skip("half precision is for elementwise operations")
    rng = np.random.default_rng(3)
    for wanted in PLAIN_SHAPES:
        drawn, attributes, _ = operands(name, rng, wanted[: len(LIBRARY[name].domain)])
        inputs = [x.astype(dtype) if x.dtype.kind == "f" else x for x in drawn]
        if name == "astype":
            attributes = {"dtype": dtype}
        value = LIBRARY[name].call(*[tg.Tensor(x) for x in inputs], **attributes)
        assert value.dtype == dtype
        for x, g in zip(inputs, gradient(name, inputs, attributes, np.ones(value.shape)), strict=True):
            assert g is None or (type(g) is np.ndarray and g.dtype == x.dtype and g.shape == x.shape)


@pytest.mark.parametrize("name", [name for name in LIBRARY if LIBRARY[name].domain or LIBRARY[name].samples])
def test_arrays_give_arrays_and_tensors_give_tensors(name: str) -> None:
    op = LIBRARY[name]
    inputs, attributes, _ = operands(name, np.random.default_rng(4), PLAIN_SHAPES[2][: len(op.domain)])
    plain = op.call(*inputs, **attributes)
    wrapped = op.call(*[tg.Tensor(x) for x in inputs], **attributes)
    assert type(plain) is np.ndarray
    assert type(wrapped) is tg.Tensor
    np.testing.assert_array_equal(plain, wrapped.data, strict=True)
    if len(op.domain) == 1:
        number = op.call(float(inputs[0].flat[0]))
        assert type(number) is np.ndarray
        assert number.shape == ()


@pytest.mark.parametrize("name", TRIED)
def test_inputs_and_cotangent_are_not_written_to(name: str) -> None:
    rng = np.random.default_rng(5)
    inputs, attributes, _ = operands(name, rng, PLAIN_SHAPES[2][: len(LIBRARY[name].domain)])
    weights = signed(rng, forward(name, inputs, attributes).shape)
    before = [x.copy() for x in (*inputs, weights)]
    for x in (*inputs, weights):
        x.flags.writeable = False  # a write would raise
    gradient(name, inputs, attributes, weights)
    for x, old in zip((*inputs, weights), before, strict=True):
        np.testing.assert_array_equal(x, old)


def reordered(x: np.ndarray, how: str) -> np.ndarray:
    """The same numbers laid out in memory in another way."""
    if how == "columns first":
        return np.array(x, order="F")
    if how == "reversed":
        return np.flip(np.flip(x).copy())
    wide = np.zeros((*x.shape, 2), x.dtype)
    wide[..., 0] = x
    return wide[..., 0]


@pytest.mark.parametrize("how", ["columns first", "reversed", "every other"])
@pytest.mark.parametrize("name", TRIED)
def test_memory_layout_does_not_matter(name: str, how: str) -> None:
    rng = np.random.default_rng(6)
    inputs, attributes, _ = operands(name, rng, [(3, 4), (3, 4)][: len(LIBRARY[name].domain)])
    weights = signed(rng, forward(name, inputs, attributes).shape)
    expected = gradient(name, inputs, attributes, weights)
    strange = [reordered(x, how) for x in inputs]
    found = gradient(name, strange, attributes, reordered(weights, how))
    for a, b in zip(expected, found, strict=True):
        if a is not None and b is not None:
            np.testing.assert_allclose(a, b, rtol=64 * EPS, atol=64 * EPS)


@pytest.mark.parametrize("name", [name for name in PAIRS if name != "remainder"])  # f(x, x) jumps
@settings(max_examples=20)
@given(seed=seeds, shape=st.sampled_from([(), (1,), (3,), (2, 0), (2, 3)]))
def test_one_tensor_as_both_operands_adds_both_contributions(
    name: str, seed: int, shape: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(seed)
    op = LIBRARY[name]
    x = op.domain[0 if name == "power" else 1].sample(shape, rng)
    both = tg.Tensor(x, requires_grad=True)
    weights, direction = signed(rng, shape), signed(rng, shape)
    with tg.Tape() as tape:
        out = op.call(both, both)
    g = tape.gradient(out, both, output_gradient=weights).data

    def along(t: float) -> float:
        moved = x + t * direction
        return float((weights * forward(name, [moved, moved], {})).sum())

    numeric, error = slope(along, 0.02)
    assert abs((g * direction).sum() - numeric) <= error + 64 * EPS * (1 + np.abs(g).sum())


@pytest.mark.parametrize("name", TRIED)
def test_gradient_is_linear_in_the_cotangent(name: str) -> None:
    rng = np.random.default_rng(7)
    inputs, attributes, _ = operands(name, rng, [(3, 1), (1, 4)][: len(LIBRARY[name].domain)])
    shape = forward(name, inputs, attributes).shape
    u, v = signed(rng, shape), signed(rng, shape)
    together = gradient(name, inputs, attributes, u - 3.0 * v)
    apart = zip(gradient(name, inputs, attributes, u), gradient(name, inputs, attributes, v), strict=True)
    for whole, (first, second) in zip(together, apart, strict=True):
        if whole is not None and first is not None and second is not None:
            scale = 64 * EPS * (1 + np.abs(first).max() + np.abs(second).max())
            np.testing.assert_allclose(whole, first - 3.0 * second, rtol=64 * EPS, atol=scale)


@pytest.mark.parametrize("name", [name for name in ops.__all__ if name in LIBRARY])
def test_public_operation_is_complete(name: str) -> None:
    op = LIBRARY[name]
    assert op.domain or op.samples, "no operands to draw for the tests"
    assert not op.domain or len(op.domain) == op.arity
    assert ".. math::" in op.doc
    assert ">>>" in op.doc
    assert not op.differentiable or r"\bar" in op.formula, "the formula does not state the adjoint"
    for kink in op.kinks:
        assert kink.where
        assert kink.value
        assert kink.because


@pytest.mark.parametrize("name", [name for name in ops.__all__ if name not in LIBRARY])
def test_public_composition_states_its_formula(name: str) -> None:
    found = getattr(ops, name)
    assert ".. math::" in (found.__doc__ or "")
    assert found is getattr(tg, name)


def test_operations_known_to_have_kinks_declare_them() -> None:
    known = "relu abs max min maximum minimum std power sqrt log log2 log10 remainder".split()
    assert [name for name in known if not LIBRARY[name].kinks] == []


def test_the_difference_oracle_rejects_a_rule_that_is_wrong_by_a_part_in_a_million() -> None:
    """The oracle must be able to fail."""
    numeric, error = slope(lambda t: float(np.tanh(0.3 + t)), 0.03)
    right = 1 - np.tanh(0.3) ** 2
    assert abs(right - numeric) <= error
    assert abs(right * (1 + 1e-6) - numeric) > error


def test_the_difference_oracle_sees_through_a_kink_outside_its_smallest_step() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        numeric, error = slope(lambda t: abs(t + 0.004), 0.03)
    assert abs(1.0 - numeric) <= error < 0.5
