"""Element by element, PyTorch gives the same values and the same derivatives, to second order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.domain import Real

pytestmark = pytest.mark.parity
torch = pytest.importorskip("torch")

ANY, UNIT, POSITIVE = Real(-4.0, 4.0), Real(-0.95, 0.95), Real(0.05, 4.0)
OFF_ZERO = Real(-3.0, 3.0, exclude=(0.0,))
# Name here, function there, an interval for each input, and settings that are the same in both.
SAME: list[tuple[Any, ...]] = [
    ("sin", torch.sin, (ANY,)),
    ("cos", torch.cos, (ANY,)),
    ("tan", torch.tan, (Real(-1.4, 1.4),)),
    ("asin", torch.asin, (UNIT,)),
    ("acos", torch.acos, (UNIT,)),
    ("atan", torch.atan, (ANY,)),
    ("atan2", torch.atan2, (OFF_ZERO, OFF_ZERO)),
    ("hypot", torch.hypot, (OFF_ZERO, OFF_ZERO)),
    ("sinc", torch.sinc, (OFF_ZERO,)),
    ("deg2rad", torch.deg2rad, (ANY,)),
    ("rad2deg", torch.rad2deg, (ANY,)),
    ("sinh", torch.sinh, (ANY,)),
    ("cosh", torch.cosh, (ANY,)),
    ("tanh", torch.tanh, (ANY,)),
    ("asinh", torch.asinh, (ANY,)),
    ("acosh", torch.acosh, (Real(1.1, 9.0),)),
    ("atanh", torch.atanh, (UNIT,)),
    ("exp", torch.exp, (ANY,)),
    ("expm1", torch.expm1, (ANY,)),
    ("log", torch.log, (POSITIVE,)),
    ("log1p", torch.log1p, (Real(-0.9, 4.0),)),
    ("log2", torch.log2, (POSITIVE,)),
    ("log10", torch.log10, (POSITIVE,)),
    ("logaddexp", torch.logaddexp, (ANY, ANY)),
    ("logaddexp2", torch.logaddexp2, (ANY, ANY)),
    ("exp2", torch.exp2, (ANY,)),
    ("clip", lambda x: torch.clamp(x, 0.0, 1.0), (ANY,), (0.0, 1.0)),
    ("clip", lambda x: torch.clamp(x, max=-1.0), (ANY,), (None, -1.0)),
    ("clip", torch.clamp, (ANY, Real(-2.0, -0.1), Real(0.1, 2.0))),
    ("nan_to_num", torch.nan_to_num, (ANY,)),
    ("copysign", torch.copysign, (OFF_ZERO, OFF_ZERO)),
    ("fmax", torch.fmax, (ANY, ANY)),
    ("fmin", torch.fmin, (ANY, ANY)),
    ("add", torch.add, (ANY, ANY)),
    ("subtract", torch.subtract, (ANY, ANY)),
    ("multiply", torch.multiply, (ANY, ANY)),
    ("divide", torch.divide, (ANY, OFF_ZERO)),
    ("power", torch.pow, (POSITIVE, ANY)),
    ("square", torch.square, (ANY,)),
    ("sqrt", torch.sqrt, (POSITIVE,)),
    ("reciprocal", torch.reciprocal, (OFF_ZERO,)),
    ("negative", torch.negative, (ANY,)),
    ("positive", torch.positive, (ANY,)),
    ("abs", torch.abs, (OFF_ZERO,)),
    ("maximum", torch.maximum, (ANY, ANY)),
    ("minimum", torch.minimum, (ANY, ANY)),
    ("erf", torch.erf, (ANY,)),
    ("erfc", torch.erfc, (ANY,)),
    ("lgamma", torch.lgamma, (POSITIVE,)),
    ("i0", torch.special.i0, (ANY,)),
    ("digamma", torch.digamma, (POSITIVE,)),
    ("remainder", torch.remainder, (Real(2.1, 2.9), Real(0.97, 1.03))),
]
SHAPES = [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2,)), ((2, 1, 2), (3, 1))]


@pytest.mark.parametrize("row", SAME, ids=[f"{row[0]}-{k}" for k, row in enumerate(SAME)])
@given(shapes=st.sampled_from(SHAPES), seed=st.integers(0, 2**16))
def test_value_gradient_and_second_order_equal_torchs(
    row: tuple[Any, ...], shapes: Any, seed: int
) -> None:
    name, theirs, domain, *settings = row
    rng = np.random.default_rng(seed)
    shapes = (*shapes, shapes[-1])[: len(domain)]
    inputs = [real.sample(shape, rng) for real, shape in zip(domain, shapes, strict=True)]
    inputs = [np.asarray(x) for x in inputs]
    cotangent = rng.normal(size=np.broadcast_shapes(*[x.shape for x in inputs]))
    weights = [rng.normal(size=x.shape) for x in inputs]

    ours = [tg.Tensor(x, requires_grad=True) for x in inputs]
    value, tape = getattr(tg, name)(*ours, *sum(settings, ())), tg.Tape()
    weight = tg.Tensor(cotangent)
    first = tape.gradient(
        value, ours, output_gradient=weight, create_graph=True, unconnected="zero"
    )
    mixed = sum([(d * w).sum() for d, w in zip(first, weights, strict=True)], tg.Tensor(0.0))
    second = tape.gradient(mixed, ours, unconnected="zero")

    other = [torch.tensor(x, requires_grad=True) for x in inputs]
    answer = theirs(*other)
    given_there = torch.tensor(cotangent, requires_grad=True)  # so that `grad` always has a graph
    expected = torch.autograd.grad(answer, other, given_there, create_graph=True)
    total = sum((d * torch.tensor(w)).sum() for d, w in zip(expected, weights, strict=True))
    again = torch.autograd.grad(total, other, allow_unused=True, materialize_grads=True)

    _close(value.data, answer, 1e-9)
    for found, right in zip(first, expected, strict=True):
        _close(found.data, right, 1e-9)
    for found, right in zip(second, again, strict=True):
        _close(found.data, right, 1e-7)


def _close(found: Any, right: Any, tolerance: float) -> None:
    right = right.numpy(force=True)
    size = max(1.0, float(np.abs(right).max(initial=0.0)))
    np.testing.assert_allclose(found, right, rtol=0, atol=tolerance * size, strict=True)
