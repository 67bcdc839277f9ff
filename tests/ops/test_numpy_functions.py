"""NumPy's functions of shapes, orders and sums, called on a Tensor, record our operations.

Each call is one that works on arrays; on a Tensor it gives a Tensor of the same numbers and keeps
the path of the gradient, or it refuses in words of our own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

pytestmark = pytest.mark.once  # what no version of Python changes

X = np.random.default_rng(5).normal(size=(3, 4))
COUNTS = np.array([1, 0, 2])

# As the reader would write them, evaluated on an array and on a Tensor.
CALLS = """
np.concatenate([x, x]); np.concatenate([x, x], 1); np.concatenate((x, x), axis=None)
np.stack([x, x]); np.stack([x, x], -1); np.vstack([x, x[0]]); np.hstack([x, x])
np.cumsum(x); np.cumsum(x, 1); np.cumsum(x, axis=-1, dtype=np.float32); np.cumprod(x)
np.cumprod(x, axis=0); np.cumulative_sum(x, axis=1, include_initial=True)
np.sum(x, 0); np.sum(x, axis=1, keepdims=True); np.sum(x, 1, np.float32); np.prod(x, 1)
np.mean(x, 0); np.var(x, 0, ddof=1); np.std(x, axis=1); np.max(x, 1); np.min(x); np.amax(x, 0)
np.sort(x); np.sort(x, 0); np.sort(x, axis=None); np.sort(x, kind="stable")
np.sort(x, axis=1, stable=True)
np.take(x, [0, 2]); np.take(x, [[0], [2]], 1); np.take(x, COUNTS, axis=0, mode="raise")
np.take_along_axis(x, np.argsort(X, 0), 0)
np.pad(x, 1); np.pad(x, ((0, 1), (2, 0)), "edge"); np.pad(x, 2, mode="reflect")
np.pad(x, (1, 2), "constant", constant_values=3.0)
np.split(x, 2, 1)[1]; np.split(x, [1], 0)[0]; np.split(x, 3)[2]
np.flip(x); np.flip(x, 0); np.roll(x, 1); np.roll(x, (1, 2), (0, 1)); np.rot90(x); np.rot90(x, 2)
np.tile(x, 2); np.tile(x, (2, 1, 3)); np.repeat(x, 2); np.repeat(x, COUNTS, 0)
np.repeat(x, 3, axis=1)
np.swapaxes(x, 0, 1); np.moveaxis(x, 0, -1); np.transpose(x); np.transpose(x, (1, 0)); np.ravel(x)
np.reshape(x, (4, 3)); np.reshape(x, -1); np.squeeze(x[:1]); np.squeeze(x[:1], 0)
np.expand_dims(x, 1); np.broadcast_to(x, (2, 3, 4)); np.broadcast_arrays(x, 1.0)[0]
np.meshgrid(x[0], x[1])[0]; np.meshgrid(x[0], x[1], indexing="ij")[1]
np.tril(x); np.tril(x, -1); np.triu(x, k=1); np.diag(x); np.diag(x[0], 1); np.diagonal(x)
np.diagonal(x, 1); np.diff(x); np.diff(x, 2); np.diff(x, axis=0, prepend=0.0)
np.where(X > 0, x, 0.0)
np.add.reduce(x); np.multiply.reduce(x, 1); np.add.accumulate(x); np.multiply.accumulate(x, 1)
np.maximum.reduce(x, axis=None)
"""
WRITTEN = [call.strip() for line in CALLS.split("\n") for call in line.split("; ") if call.strip()]


def called(text: str) -> Callable[[Any], Any]:
    return eval(f"lambda x: {text}", {"np": np, "X": X, "COUNTS": COUNTS})  # type: ignore[no-any-return]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_call_of_numpy_records_and_gives_numpys_numbers(text: str) -> None:
    f, x = called(text), tg.Tensor(X, requires_grad=True)
    found, wanted = f(x), f(X)
    assert isinstance(found, tg.Tensor)
    assert found.requires_grad
    assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
    np.testing.assert_allclose(found.data, wanted, rtol=1e-6 if found.dtype == "f4" else 1e-15)
    weights = np.random.default_rng(1).normal(size=found.shape)
    first = tg.Tape().gradient(found, x, output_gradient=weights).data
    step = 1e-6 if wanted.dtype == np.float64 else 1e-2
    direction = np.random.default_rng(2).normal(size=X.shape) * step
    change = ((f(X + direction) - f(X - direction)) * weights).sum() / 2
    assert abs((first * direction).sum() - change) <= 1e-3 * abs(change) + 1e-3 * step


@pytest.mark.parametrize(
    "text",
    ["np.argsort(x)", "np.argsort(x, axis=None)", "np.argmax(x)", "np.nonzero(x)[0]",
     "np.count_nonzero(x, axis=0)", "np.searchsorted(x[0], 1.0)", "np.argwhere(x)",
     "np.unique_counts(x).counts", "np.any(x, 0)"],
)  # fmt: skip
def test_positions_and_counts_are_tensors_that_say_why_they_have_no_gradient(text: str) -> None:
    f, x = called(text), tg.Tensor(np.sort(X), requires_grad=True)
    found = f(x)
    np.testing.assert_array_equal(found.data, f(np.sort(X)))
    with pytest.raises(tg.errors.NotDifferentiable):
        tg.Tape().gradient((found * 1.0).sum(), x)


@pytest.mark.parametrize(
    "text",
    ["np.sum(x, where=X > 0)", "np.sum(x, initial=1.0)", "np.sort(x, order='a')",
     "np.reshape(x, -1, order='F')", "np.take(x, [9], mode='clip')", "np.unique(x)",
     "np.meshgrid(x[0], x[0], sparse=True)", "np.partition(x, 1)", "np.cumsum(x, out=X.copy())",
     "np.pad(x, 1, 'reflect', reflect_type='odd')", "np.maximum.accumulate(x)",
     "np.add.reduce(x, where=X > 0)"],
)  # fmt: skip
def test_a_call_of_other_meaning_is_refused_with_an_edit(text: str) -> None:
    with pytest.raises(tg.errors.InteropError) as info:
        called(text)(tg.Tensor(X, requires_grad=True))
    assert info.value.code == "TG-P01"
    assert info.value.fix
