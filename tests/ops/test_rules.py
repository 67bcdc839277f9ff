"""Rules in every keyword form, to the second order, against extrapolated differences.

What one operation gets from its registration is in test_generated.py; here are forms that no
registration names: lists of arrays, axes of every sign, numbers for tensors. The tolerances come
from the error estimates.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.ops.extrapolation import EPS, Rough, slope
from tinygrad_edu.autodiff import registry


def signed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Weights of both signs, none of them small: no element of a gradient goes unseen."""
    return rng.uniform(0.5, 1.0, shape) * rng.choice([-1.0, 1.0], shape)


def test_the_difference_oracle_rejects_a_rule_that_is_wrong_by_a_part_in_a_million() -> None:
    """The oracle must be able to fail."""
    numeric, error = slope(lambda t: float(np.tanh(0.3 + t)), 0.03)
    right = 1 - np.tanh(0.3) ** 2
    assert abs(right - numeric) <= error
    assert abs(right * (1 + 1e-6) - numeric) > error


AXES: list[Any] = [None, 0, 1, -1, -3, (0, 2), (-1, 0), (1,), (0, 1, 2), ()]
PRODUCTS = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)),
    ((3,), (5, 3, 2)), ((5, 2, 3), (3,)), ((2, 1, 2, 3), (4, 3, 1)), ((4, 2, 2, 3), (3,)),
    ((3,), (4, 2, 3, 2)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((0,), (0,)), ((1, 2, 3), (5, 3, 2)),
]  # fmt: skip
Form = tuple[str, Callable[..., Any], list[tuple[int, ...]]]
FORMS: list[Form] = [(f"matmul {a} {b}", tg.matmul, [a, b]) for a, b in PRODUCTS]
FORMS += [
    (
        f"{name} {axis} {keepdims}",
        partial(getattr(tg, name), axis=axis, keepdims=keepdims),
        [(2, 3, 2)],
    )
    for name in ("sum", "mean", "max", "min", "var", "std")
    for axis in AXES
    for keepdims in (False, True)
    if (name, axis) != ("std", ())  # of single elements it is 0: a kink
]
FORMS += [
    (f"concat {axis}", lambda x, y, axis=axis: tg.concat([x, y, x], axis=axis), [(2, 3), (2, 3)])
    for axis in (0, 1, -1, -2, None)
]
FORMS += [
    (f"stack {axis}", lambda x, y, axis=axis: tg.stack([x, y], axis=axis), [(2, 3), (2, 3)])
    for axis in (0, 1, 2, -1, -3)
]
FORMS += [
    (f"permute_dims {axes}", partial(tg.permute_dims, axes=axes), [(2, 3, 4)])
    for axes in (None, (0, 1, 2), (1, 2, 0), (-1, 0, 1), (2, 1, -3))
]
FORMS += [
    ("concat of unequal lengths", lambda x, y: tg.concat([x, y, x], axis=1), [(2, 1), (2, 3)]),
    ("concat of unlike shapes", lambda x, y: tg.concat([x, y], axis=None), [(2, 2), ()]),
    ("squeeze two", partial(tg.squeeze, axis=(0, -1)), [(1, 3, 1)]),
    ("expand two", partial(tg.expand_dims, axis=(0, -1)), [(2, 3)]),
    ("var corrected", partial(tg.var, axis=(0, 1), correction=1), [(2, 3)]),
    ("std corrected", partial(tg.std, axis=-1, correction=0.5), [(2, 3)]),
    ("softmax axis 0", partial(tg.softmax, axis=0), [(3, 2)]),
    ("log_softmax axis 1 of 3", partial(tg.log_softmax, axis=1), [(2, 3, 2)]),
    ("broadcast 0-d", partial(tg.broadcast_to, shape=(2, 3)), [()]),
    ("broadcast in the middle", partial(tg.broadcast_to, shape=(2, 3, 2)), [(2, 1, 2)]),
    ("where from rows and columns", partial(tg.where, [[True], [False]]), [(3,), (2, 1)]),
    ("put one value", lambda x, v: tg.put(x, v, (slice(None), 1)), [(2, 3), ()]),
    ("put a column", lambda x, v: tg.put(x, v, (slice(None), [0, 2])), [(2, 3), (2, 1)]),
    ("power of a number", lambda x: tg.exp(x) ** -1.5, [(3,)]),
    ("number to the power", lambda x: 2.5**x, [(3,)]),
]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("f, wanted", [form[1:] for form in FORMS], ids=[form[0] for form in FORMS])
def test_gradient_of_every_keyword_form_to_the_second_order(f: Any, wanted: Any, seed: int) -> None:
    """What one draw of ``samples`` does not reach: vectors, batches, axes, mixed lengths."""
    rng = np.random.default_rng(seed)
    inputs = [rng.normal(size=shape) for shape in wanted]
    tensors = [tg.Tensor(x, requires_grad=True) for x in inputs]
    tape = tg.Tape()
    out = f(*tensors)
    w = tg.Tensor(signed(rng, out.shape), requires_grad=True)
    first = tape.gradient(out, tensors, output_gradient=w, create_graph=True)
    mixing = [signed(rng, x.shape) for x in inputs]
    mixed = sum(((g * u).sum() for g, u in zip(first, mixing, strict=True)), tg.Tensor(0.0))
    second = tape.gradient(mixed, [*tensors, w], unconnected="zero")
    directions = [signed(rng, x.shape) for x in (*inputs, out)]

    def value(t: float) -> float:
        moved = [x + t * v for x, v in zip(inputs, directions, strict=False)]
        return float((w.data * f(*moved)).sum())

    def mixed_gradient(t: float) -> float:
        moved = [x + t * v for x, v in zip(inputs, directions, strict=False)]
        points = [tg.Tensor(x, requires_grad=True) for x in moved]
        weights = w.data + t * directions[-1]
        answers = tape.gradient(f(*points), points, output_gradient=weights)
        return float(sum((g.data * u).sum() for g, u in zip(answers, mixing, strict=True)))

    for answers, curve in ((first, value), (second, mixed_gradient)):
        numeric, error = slope(curve, 1e-2)
        terms = [g.data * v for g, v in zip(answers, directions, strict=False)]
        scale = 1 + sum(np.abs(part).sum() for part in terms)
        assert abs(sum(part.sum() for part in terms) - numeric) <= error + 64 * EPS * scale


@pytest.mark.parametrize("offset", [1e-9, 1e-5, 1e-4, 3e-4, 7e-4, 1e-3, 2e-3, 4e-3, 0.01, 0.02])
def test_the_difference_oracle_gives_up_at_a_kink_or_jump_or_is_right(offset: float) -> None:
    curves: list[tuple[Callable[[float], float], float]] = [
        (abs, 1.0), (lambda t: max(t, 2 * t), 2.0), (np.sign, 0.0), (lambda t: t % 1.0, 1.0),
    ]  # fmt: skip
    given_up = 0
    for f, right in curves:
        try:
            numeric, error = slope(lambda t, f=f: float(f(t + offset) + np.sin(t)), 0.03)
            assert abs(numeric - right - 1.0) <= error
        except Rough:
            given_up += 1
    assert given_up == 4 or offset > 4e-4


def test_the_difference_oracle_gives_up_exactly_at_a_kink() -> None:
    with pytest.raises(Rough):
        slope(abs, 0.03)


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min"])
@pytest.mark.parametrize("axis", [0, -1])
def test_a_0d_array_is_reduced_over_an_axis_that_numpy_lets_it_have(name: str, axis: int) -> None:
    x = tg.Tensor(3.0, requires_grad=True)
    y = registry[name].call(x, axis=axis)
    assert y.shape == np.sum(x.data, axis=axis).shape == ()
    assert tg.Tape().gradient(y * 2.0, x).data == 2.0
