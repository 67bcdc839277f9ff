"""Products and running results where elements are 0, rows are wide or numbers overflow."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.autodiff import registry

pytestmark = pytest.mark.once  # what no version of Python changes

POINTS = [
    [2.0, -3.0, 0.5],
    [0.0, 2.0, 3.0],
    [2.0, 0.0, 3.0, 0.0],
    [0.0, 0.0, 0.0, 5.0],
    [0.0, 0.0, 0.0],
    [-0.0, 4.0],
    [7.0],
]


def product_but(x: list[float], left_out: set[int], upto: int) -> float:
    return math.prod(v for k, v in enumerate(x[: upto + 1]) if k not in left_out)


def derivatives(f: Any, x: list[float]) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(all="raise"):
        return tg.grad(f)(np.array(x)), tg.hessian(f)(np.array(x))


@pytest.mark.parametrize("x", POINTS, ids=str)
def test_product_has_exact_first_and_second_derivatives_with_any_number_of_zeros(
    x: list[float],
) -> None:
    first, second = derivatives(tg.prod, x)
    n = len(x)
    np.testing.assert_array_equal(first, [product_but(x, {i}, n) for i in range(n)])
    wanted = [[0.0 if i == j else product_but(x, {i, j}, n) for j in range(n)] for i in range(n)]
    np.testing.assert_array_equal(second, wanted)


@pytest.mark.parametrize("x", POINTS, ids=str)
def test_running_product_has_exact_first_and_second_derivatives_with_any_number_of_zeros(
    x: list[float],
) -> None:
    n = len(x)
    weights = [1.0, -2.0, 4.0, 8.0, 1.0][: n + 1]
    first, second = derivatives(
        lambda t: (tg.cumulative_prod(t, include_initial=True) * np.array(weights)).sum(), x
    )
    for i, j in itertools.product(range(n), repeat=2):
        terms = [w * product_but(x, {i, j}, k) for k, w in enumerate(weights[1:]) if k >= max(i, j)]
        assert second[i, j] == (0.0 if i == j else sum(terms))
        if i == j:
            assert first[i] == sum(terms)


def test_third_derivative_of_a_product_of_zeros_is_exact() -> None:
    def along(order: int) -> Any:
        f: Any = lambda t: tg.prod(t * np.ones(3))  # noqa: E731
        for _ in range(order):
            f = tg.grad(f)
        return f(0.0)

    assert [along(order) for order in (1, 2, 3, 4)] == [0.0, 0.0, 6.0, 0.0]


def test_a_recurrence_of_wide_rows_equals_that_of_single_columns() -> None:
    """Wide rows are stepped through, narrow ones doubled."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(33, 200)), rng.normal(size=(34, 200))
    wide = registry["recurrence"].call(a, b)
    for k in (0, 99, 199):
        narrow = registry["recurrence"].call(a[:, k], b[:, k])
        np.testing.assert_allclose(narrow, wide[:, k], rtol=1e-11, atol=1e-13)


def test_a_product_that_overflows_but_is_multiplied_by_nothing_does_no_harm() -> None:
    """Only the first result is wanted; the product of the factors behind it is infinite."""
    x = tg.Tensor([0.0, 1e200, 1e200, 1e200, 1e200], requires_grad=True)
    tg.cumulative_prod(x).backward([3.0, 0.0, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(x.grad, [3.0, 0.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize("name", ["sum", "prod", "cumulative_sum", "cumulative_prod"])
@pytest.mark.parametrize("kind", ["bool", "int8", "uint8", "int32", "float16", "float32"])
def test_types_are_those_of_numpy_and_can_be_chosen(name: str, kind: str) -> None:
    x = np.array([1, 0, 1]).astype(kind)
    reduce, plain = getattr(tg, name), getattr(np, name.replace("ulative_", ""))
    for dtype in (None, np.float64, np.int16):
        wanted = plain(x, dtype=dtype)
        found = reduce(x, dtype=dtype)
        np.testing.assert_array_equal(found, wanted, strict=True)


@pytest.mark.parametrize("name", ["sum", "prod", "cumulative_sum", "cumulative_prod"])
def test_the_gradient_has_the_type_of_the_input_whatever_the_sum_is_formed_in(name: str) -> None:
    x = tg.Tensor([2.0, 3.0], dtype=np.float32, requires_grad=True)
    y = getattr(tg, name)(x, dtype=np.float64)
    y.backward(np.ones(y.shape))
    assert (y.dtype, x.grad.dtype) == (np.float64, np.float32)


@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
def test_a_running_result_over_several_axes_asks_along_which(name: str) -> None:
    with pytest.raises(tg.errors.ArgumentError, match="along which"):
        getattr(tg, name)(tg.Tensor(np.ones((2, 2))))
    for axis in (2, -3):
        with pytest.raises(tg.errors.IndexingError):
            getattr(tg, name)(tg.Tensor(np.ones((2, 2))), axis=axis)
    with pytest.raises(tg.errors.IndexingError):
        getattr(tg, name)(tg.Tensor(3.0), axis=0)


def test_logsumexp_neither_overflows_nor_loses_rows_of_minus_infinity() -> None:
    x = tg.Tensor([[1e308, 1e308], [-np.inf, -np.inf], [-np.inf, 2.0]], requires_grad=True)
    with np.errstate(all="raise", under="ignore"):
        y = tg.logsumexp(x, axis=1)
        y.backward([2.0, 3.0, 5.0])
    np.testing.assert_array_equal(y.data, [1e308, -np.inf, 2.0])
    np.testing.assert_array_equal(x.grad, [[1.0, 1.0], [0.0, 0.0], [0.0, 5.0]])


def test_logsumexp_of_nothing_is_the_logarithm_of_zero() -> None:
    np.testing.assert_array_equal(tg.logsumexp(np.zeros((0, 2)), axis=0), [-np.inf, -np.inf])


def test_logsumexp_of_whole_numbers_is_a_float64() -> None:
    np.testing.assert_allclose(tg.logsumexp([0, 0, 0]), math.log(3), strict=True, rtol=1e-15)
