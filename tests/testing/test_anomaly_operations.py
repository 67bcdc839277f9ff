"""Every operation with nasty operands: anomaly mode speaks exactly when a naive look finds cause.

The oracle calls the forward and the sweep without the mode and looks at whole arrays: numbers that
are not finite out of finite ones must be told, finite ones must not.
"""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import errors
from tinygrad_edu.registry import registry

LIBRARY = {name: op for name, op in registry.items() if "." not in name}
TRIED = [name for name, op in LIBRARY.items() if op.domain or op.samples]
NASTY = [0.0, -0.0, -1.0, 1e-320, 1e-200, -1e200, 1e308, 710.0, np.inf, -np.inf, np.nan]


def drawn(name: str, rng: np.random.Generator) -> tuple[list[Any], dict[str, Any]]:
    op = LIBRARY[name]
    if op.samples:
        inputs, attributes = op.samples(rng)
        return [np.array(x) for x in inputs], {**op.defaults, **attributes}
    shapes = [(), (3,), (2, 3)]
    chosen = [shapes[int(rng.integers(3))] for _ in op.domain]
    return [d.sample(s, rng) for d, s in zip(op.domain, chosen, strict=True)], dict(op.defaults)


def spoiled(inputs: list[Any], nasty: float, rng: np.random.Generator) -> None:
    floating = [x for x in inputs if x.dtype.kind == "f" and x.size]
    if not floating:  # integers, truth values, or nothing at all
        return
    x = floating[int(rng.integers(len(floating)))]
    x[...] = np.where(rng.random(x.shape) < 0.5, nasty, x)


def finite(arrays: Any) -> bool:
    return all(np.isfinite(x).all() for x in arrays)


def swept(name: str, inputs: list[Any], attributes: Any, g: float) -> tuple[Any, list[Any]]:
    """The value, and the gradients of all that has one."""
    tensors = [tg.Tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    out = LIBRARY[name].call(*tensors, **attributes)
    if out.requires_grad:
        out.backward(np.full(out.shape, g, out.dtype))
    return out.data, [t.grad for t in tensors if t.grad is not None]


@pytest.mark.once
@settings(max_examples=25)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.sampled_from(NASTY), min_size=1, max_size=2),
    st.sampled_from([1.0, 0.0, 1e200]),
)
@pytest.mark.parametrize("name", TRIED)
def test_operation_is_told_exactly_when_it_makes_what_is_not_finite(
    name: str, seed: int, nasty: list[float], g: float
) -> None:
    rng = np.random.default_rng(seed)
    inputs, attributes = drawn(name, rng)
    for value in nasty:
        spoiled(inputs, value, rng)
    kept = [x.copy() for x in inputs]
    with np.errstate(all="ignore"):
        try:
            value, gradients = swept(name, inputs, attributes, g)
        except (errors.LinAlgError, errors.NotDifferentiable):
            return  # a matrix that is singular, or holds what is not finite
    told: Any = None
    try:
        with tg.detect_anomaly():
            watched, others = swept(name, inputs, attributes, g)
    except errors.AnomalyError as error:
        told = error
    else:
        for a, b in zip([watched, *others], [value, *gradients], strict=True):
            np.testing.assert_array_equal(a, b, strict=True)
    assert [x.tobytes() for x in inputs] == [x.tobytes() for x in kept]
    if finite(inputs) and not finite([value]):
        assert (told.op, told.code[:-1]) == (name, "TG-N0")
        assert told.code in ("TG-N01", "TG-N03")
        assert not np.isfinite(value[told.index])
        np.testing.assert_equal(told.value, value[told.index])
    elif finite([*inputs, value]) and not finite(gradients):
        assert (told.op, told.code) == (name, "TG-N02")
    elif finite([value, *gradients]):
        assert told is None
    if told is not None:
        ast.parse(told.fix)
        assert told.site.filename == __file__
        assert told.why
