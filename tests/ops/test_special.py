"""Special functions in all their intervals: the C library, recurrences, integrals, exact values."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.ops.references.special import bessel_i, polygamma
from tinygrad_edu.autodiff import registry

pytestmark = pytest.mark.once  # what no version of Python changes

EPS = float(np.finfo(np.float64).eps)
TINY = float(np.finfo(np.float64).tiny)
RNG = np.random.default_rng(5)


@pytest.mark.parametrize("name, units", [("erf", 4), ("erfc", 7)])
def test_error_functions_are_the_c_librarys_to_a_few_units_in_the_last_place(
    name: str, units: int
) -> None:
    edges = [0.46875, 4.0, 26.5]
    x = np.concatenate(
        [RNG.uniform(-7, 27, 3000), RNG.normal(size=2000), np.geomspace(TINY, 1, 99)]
    )
    x = np.concatenate([x, edges, np.nextafter(edges, 0.0), np.nextafter(edges, 9.0), [0.0, -6.0]])
    expected = np.array([getattr(math, name)(v) for v in x])
    normal = np.abs(expected) > TINY
    x, expected = x[normal | (x == 0)], expected[normal | (x == 0)]
    found = getattr(tg, name)(x)
    assert (np.abs(found - expected) <= units * np.spacing(np.abs(expected))).all()
    single = getattr(tg, name)(np.clip(x, -3, 9).astype(np.float32))
    right = np.array([getattr(math, name)(v) for v in np.clip(x, -3, 9).astype(np.float32)])
    np.testing.assert_array_equal(single, right.astype(np.float32))


def test_error_functions_at_the_ends() -> None:
    x = np.array([np.inf, -np.inf, 0.0, -0.0, 40.0, np.nan])
    np.testing.assert_array_equal(tg.erf(x), [1, -1, 0, 0, 1, np.nan])
    np.testing.assert_array_equal(tg.erfc(x), [0, 2, 1, 1, 0, np.nan])
    assert np.signbit(tg.erf(np.array(-0.0)))
    for f in (tg.erf, tg.erfc):
        slopes = tg.grad(lambda x, f=f: tg.sum(f(x)))(x[:5])
        np.testing.assert_allclose(np.abs(slopes), [0, 0, *[2 / math.sqrt(math.pi)] * 2, 0])


def test_erf_is_the_integral_of_its_gradient() -> None:
    nodes, weights = np.polynomial.legendre.leggauss(40)
    for end in (0.3, 1.7, -2.5):
        slopes = tg.grad(lambda x: tg.sum(tg.erf(x)))((nodes + 1) * end / 2)
        np.testing.assert_allclose(weights @ slopes * end / 2, math.erf(end), rtol=16 * EPS)


def exact_lgamma(n: int) -> float:
    return math.log(math.factorial(n - 1)) if n > 2 else 0.0


def test_lgamma_is_that_of_the_c_library_in_every_interval() -> None:
    edges = [0.5, 1.5, 2.5, 8.0]
    x = np.concatenate([RNG.uniform(0, 12, 3000), np.geomspace(1e-300, 1e300, 500), edges])
    x = np.concatenate([x, np.nextafter(edges, 0.0), np.nextafter(edges, 9.0)])
    expected = np.array([math.lgamma(v) for v in x])
    # Python's own keeps no relative accuracy next to the zeros at 1 and 2.
    np.testing.assert_allclose(tg.lgamma(x), expected, rtol=8 * EPS, atol=2e-15)
    left = -np.concatenate([RNG.uniform(0, 30, 3000), [1e-300, 0.5, 1.5]])
    expected = np.array([math.lgamma(v) for v in left])
    np.testing.assert_allclose(tg.lgamma(left), expected, rtol=8 * EPS, atol=2e-15)
    whole = np.arange(1, 40)
    np.testing.assert_allclose(tg.lgamma(whole), [exact_lgamma(n) for n in whole], rtol=4 * EPS)


def test_lgamma_keeps_its_digits_next_to_its_zeros() -> None:
    euler = 0.5772156649015329
    for step in (2.0**-50, 2.0**-40, -(2.0**-45)):  # two terms of the Taylor series are enough
        near_one = -euler * step + math.pi**2 / 12 * step**2
        np.testing.assert_allclose(tg.lgamma(1 + step), near_one, rtol=4 * EPS)
        near_two = (1 - euler) * step + (math.pi**2 / 12 - 0.5) * step**2
        np.testing.assert_allclose(tg.lgamma(2 + step), near_two, rtol=4 * EPS)


@pytest.mark.parametrize("n", range(8))
def test_polygamma_is_its_integral_on_both_sides_of_zero(n: int) -> None:
    x = np.concatenate([RNG.uniform(0.1, 15, 12), -RNG.uniform(0, 6, 8), [1.0, 10.0, 30.0, -2.5]])
    expected = np.array([polygamma(v, n) for v in x.tolist()])
    # Left of 0 sums are taken of terms as large as the values at the mirrored point and, in the
    # reference, right of 1.
    others = [max(abs(polygamma(1 - v, n)), abs(polygamma(v % 1 + 1, n))) for v in x[x < 0]]
    size = np.abs(expected)
    size[x < 0] = np.maximum(size[x < 0], others)
    error = 2e-15 + 4 * EPS * size if n == 0 else 32 * EPS * size
    assert (np.abs(tg.polygamma(n, x) - expected) <= error).all()


def test_polygamma_at_whole_numbers_is_a_harmonic_number() -> None:
    euler = 0.5772156649015329
    harmonic = [
        float(sum((Fraction(1, k) for k in range(1, n)), Fraction(0))) for n in range(1, 30)
    ]
    expected = np.array(harmonic) - euler
    np.testing.assert_allclose(tg.digamma(np.arange(1.0, 30.0)), expected, rtol=0, atol=2e-15)
    np.testing.assert_allclose(tg.polygamma(1, 1.0), math.pi**2 / 6, rtol=2 * EPS)
    np.testing.assert_allclose(tg.polygamma(3, 1.0), math.pi**4 / 15, rtol=2 * EPS)
    np.testing.assert_allclose(tg.polygamma(1, 0.5), math.pi**2 / 2, rtol=2 * EPS)


def test_gamma_functions_at_poles_and_infinities() -> None:
    x = np.array([0.0, -0.0, -1.0, -2.0, np.inf, -np.inf, np.nan, -(2.0**60)])
    inf, nan = np.inf, np.nan
    np.testing.assert_array_equal(tg.lgamma(x), [inf, inf, inf, inf, inf, inf, nan, inf])
    np.testing.assert_array_equal(tg.digamma(x), [-inf, inf, nan, nan, inf, nan, nan, nan])
    np.testing.assert_array_equal(tg.polygamma(1, x), [inf, inf, inf, inf, 0, nan, nan, inf])
    np.testing.assert_array_equal(tg.polygamma(2, x), [-inf, inf, nan, nan, 0, nan, nan, nan])


def test_gamma_functions_far_out_neither_overflow_nor_vanish_early() -> None:
    np.testing.assert_allclose(tg.lgamma(2.5e305), 2.5e305 * (math.log(2.5e305) - 1), rtol=4 * EPS)
    np.testing.assert_allclose(tg.polygamma(1, 1e300), 1e-300, rtol=4 * EPS)
    np.testing.assert_allclose(tg.grad(tg.digamma)(1e200), 1e-200, rtol=4 * EPS)


def test_fourth_derivative_of_lgamma_is_polygamma_of_order_three() -> None:
    x = tg.Tensor([0.7, 3.0, -1.3], requires_grad=True)
    row = tg.lgamma(x)
    for _ in range(4):
        row = tg.Tape().gradient(row.sum(), x, create_graph=True)
    np.testing.assert_array_equal(row.data, tg.polygamma(3, x.data))


@pytest.mark.parametrize("order", range(7))
def test_bessel_functions_are_their_integral_in_both_intervals(order: int) -> None:
    edge = 30.0 + order * order
    x = [0.0, 1e-9, 0.5, -4.0, 12.0, edge, np.nextafter(edge, 99.0), -edge - 5, 90.0]
    found = registry["bessel_i"].call(np.array(x), order=order)
    expected = np.array([bessel_i(v, order) for v in x])
    # The integral cancels where the order is above the argument; the series does not.
    error = 16 * EPS * np.array([bessel_i(abs(v)) for v in x])
    assert (np.abs(found - expected) <= error).all()


def test_i0_is_numpys_and_grows_until_it_overflows() -> None:
    x = np.array([0.0, -3.0, 29.0, 31.0, 100.0, 700.0])
    np.testing.assert_allclose(tg.i0(x), np.i0(x), rtol=16 * EPS)
    found: Any = np.i0(tg.Tensor(x, requires_grad=True))
    assert found.requires_grad
    assert np.isfinite(tg.i0(713.0))
    np.testing.assert_array_equal(
        tg.i0(np.array([800.0, np.inf, np.nan])), [np.inf, np.inf, np.nan]
    )
    assert tg.i0(np.ones(2, np.float32)).dtype == np.float32


@pytest.mark.parametrize("n", [-1, 1.5, "1", None, [1]])
def test_polygamma_of_an_order_that_is_none_is_refused(n: object) -> None:
    with pytest.raises(tg.errors.ArgumentError, match="whole number from 0"):
        tg.polygamma(n, [1.0])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["erf", "erfc", "lgamma", "digamma"])
def test_types_of_special_functions(name: str) -> None:
    for kind in ("float16", "float32", "float64"):
        assert getattr(tg, name)(np.ones((2, 1), kind)).dtype == kind
    for kind in ("int64", "uint8", "bool"):
        assert getattr(tg, name)(np.ones(2, kind)).dtype == np.float64


@pytest.mark.parity
def test_special_functions_equal_scipys() -> None:
    special = pytest.importorskip("scipy.special")
    x = np.concatenate([RNG.uniform(-9.9, 30, 2000), [0.0]])
    for name, theirs in (("erf", special.erf), ("erfc", special.erfc), ("lgamma", special.gammaln),
                         ("digamma", special.digamma), ("i0", special.i0)):  # fmt: skip
        expected = theirs(x)
        tolerance = 1e-12 if name == "digamma" else 4e-15
        np.testing.assert_allclose(getattr(tg, name)(x), expected, rtol=tolerance, atol=4e-15)
    for n in (1, 2, 5, 12):
        np.testing.assert_allclose(tg.polygamma(n, x[x > 0]), special.polygamma(n, x[x > 0]), 1e-13)
