"""A gradient whose own derivative is not symmetric is the gradient of nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tinygrad_edu.testing import check_vjp

from .smooth import Smooth, smooth

Array = np.ndarray[Any, Any]
few = settings(max_examples=max(10, settings().max_examples // 3))


@few
@given(smooth())
def test_the_gradient_of_a_smooth_function_is_symmetric(case: tuple[Smooth, Array]) -> None:
    f, x = case
    assert check_vjp(f, f.vjp, x, order=2, raises=False).verdict == "pass"


def product(x: Array, y: Array, z: Array) -> Array:
    return x * y * z


def right_at_whole_numbers(g: Array, x: Array, y: Array, z: Array) -> tuple[Array, ...]:
    return g * y * z, g * x * z, g * x * np.round(y)


def test_a_gradient_that_is_right_at_the_point_alone_is_found_at_order_two() -> None:
    point = [0.7], [2.0], [1.3]
    assert check_vjp(product, right_at_whole_numbers, *point).verdict == "pass"
    report = check_vjp(product, right_at_whole_numbers, *point, order=2, raises=False)
    assert (report.verdict, report.kind) == ("fail", "symmetry")
    assert "H is symmetric" in str(report)


@pytest.mark.parametrize(
    "f, slope",
    [
        (np.abs, np.sign),
        (lambda x: np.maximum(x, 0), lambda x: 1.0 * (x > 0)),
        (lambda x: x * np.abs(x), lambda x: 2 * np.abs(x)),
    ],
    ids=["abs", "relu", "x|x|"],
)
def test_a_kink_is_no_asymmetry(f: Any, slope: Any) -> None:
    x = [0.0, 0.5, -1.0]
    assert check_vjp(f, lambda g, x: (g * slope(x),), x, order=2).verdict == "pass"


def test_linear_functions_and_empty_arrays_have_nothing_to_show() -> None:
    matrix = np.arange(6.0).reshape(2, 3)
    report = check_vjp(lambda x: matrix @ x, lambda g, x: (matrix.T @ g,), np.ones(3), order=2)
    assert report.verdict == "pass"
    empty = check_vjp(np.sin, lambda g, x: (g * np.cos(x),), np.zeros((0, 2)), order=2)
    assert empty.verdict == "pass"


def test_float32_is_no_asymmetry() -> None:
    x = np.array([0.5, -1.0, 2.0], np.float32)
    f = lambda x: np.tanh(x).sum() * x  # noqa: E731

    def vjp(g: Array, x: Array) -> tuple[Array]:
        return (g * np.tanh(x).sum() + (g * x).sum() * (1 - np.tanh(x) ** 2),)

    assert check_vjp(f, vjp, x, order=2, raises=False).verdict == "pass"
