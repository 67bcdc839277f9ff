"""Clipping and replacing: one bound or two, types, and where the gradients go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg

pytestmark = pytest.mark.once  # what no version of Python changes

X = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])


@pytest.mark.parametrize(
    "bounds", [{}, {"min": 0.0}, {"max": 0.0}, {"min": -0.5, "max": 0.5}, {"min": 1, "max": -1}]
)
def test_clip_equals_numpys_with_and_without_each_bound(bounds: dict[str, Any]) -> None:
    expected = np.clip(X, bounds.get("min"), bounds.get("max"))
    np.testing.assert_array_equal(tg.clip(X, **bounds), expected)
    t = tg.Tensor(X, requires_grad=True)
    np.testing.assert_array_equal(tg.clip(t, **bounds).data, expected)
    numpys: Any = np.clip(t, *[bounds.get(k) for k in ("min", "max")])
    np.testing.assert_array_equal(numpys.data, expected)
    tg.clip(t, **bounds).backward(np.full(5, 3.0))
    low, high = bounds.get("min", -np.inf), bounds.get("max", np.inf)
    np.testing.assert_array_equal(t.grad, 3.0 * ((low <= X) & (high >= X)))


def test_bounds_get_the_gradient_of_what_they_replace() -> None:
    x, low, high = (tg.Tensor(v, requires_grad=True) for v in (X, -1.0, [1.0, 1.0, 1.0, 0.25, 1.0]))
    tg.clip(x, low, high).backward([1.0, 2.0, 4.0, 8.0, 16.0])
    np.testing.assert_array_equal(x.grad, [0, 2, 4, 0, 0])
    assert low.grad == 1
    np.testing.assert_array_equal(high.grad, [0, 0, 0, 8, 16])


@given(
    dtype=st.sampled_from(["int8", "uint8", "int64", "float32", "float64"]),
    low=st.none() | st.integers(-300, 300),
    high=st.none() | st.integers(-300, 300),
)
def test_clip_keeps_the_type_and_takes_bounds_beyond_it(
    dtype: str, low: int | None, high: int | None
) -> None:
    wide = np.array([0, 1, 5, 120])
    lowest, highest = (low, high)
    expected = wide.clip(lowest, highest) if (low, high) != (None, None) else wide
    if np.dtype(dtype).kind in "iu":
        info = np.iinfo(dtype)
        expected = expected.clip(info.min, info.max)
    for x in (wide.astype(dtype), tg.Tensor(wide.astype(dtype))):
        found = tg.clip(x, low, high)
        assert found.dtype == dtype
        np.testing.assert_array_equal(tg.asarray(found).data, expected)


def test_clip_of_numbers_lists_and_nan() -> None:
    assert tg.clip(5, max=3) == 3
    np.testing.assert_array_equal(tg.clip([1, 2, 3], 2), [2, 2, 3])
    np.testing.assert_array_equal(tg.clip(np.array([np.nan, 1.0]), 0.0, 0.5), [np.nan, 0.5])
    whole, bound = tg.Tensor([1, 4]), tg.Tensor(2.5, requires_grad=True)
    tg.clip(whole, max=bound).sum().backward()
    assert bound.grad == 1


def test_bounds_of_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(tg.errors.ShapeError, match="broadcast"):
        tg.clip(np.ones(3), np.ones(2), 5.0)


def test_nan_to_num_takes_its_replacements_from_numpy() -> None:
    x = np.array([np.nan, np.inf, -np.inf, 1.5], np.float32)
    np.testing.assert_array_equal(tg.nan_to_num(x), np.nan_to_num(x), strict=True)
    found = tg.nan_to_num(tg.Tensor(x), nan=1.0, posinf=2.0, neginf=3.0)
    np.testing.assert_array_equal(found.data, np.array([1, 2, 3, 1.5], np.float32), strict=True)
    np.testing.assert_array_equal(tg.nan_to_num([1, 2]), [1, 2])
