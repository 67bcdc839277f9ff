"""Rounding, bits, truth and the parts of floats: NumPy's values and types, and why no gradient."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

pytestmark = pytest.mark.once  # what no version of Python changes

HALVES = np.array([-2.5, -1.5, -0.5, -0.0, 0.0, 0.5, 1.5, 2.5, np.inf, -np.inf, np.nan, 3e30])


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round"])
def test_rounding_equals_numpys_and_keeps_whole_types(name: str) -> None:
    ours, numpys = getattr(tg, name), getattr(np, name)
    np.testing.assert_array_equal(ours(HALVES), numpys(HALVES))
    np.testing.assert_array_equal(np.signbit(ours(HALVES)), np.signbit(numpys(HALVES)))
    for kind in ("int8", "uint16", "int64", "float16", "float32"):
        x = np.array([0, 1, 3], kind)
        np.testing.assert_array_equal(ours(tg.Tensor(x)).data, numpys(x), strict=True)


def test_round_takes_decimals_as_numpy_does() -> None:
    x = np.array([125.454, -0.045, 1234.5])
    for decimals in (-2, -1, 0, 1, 2):
        np.testing.assert_array_equal(tg.round(x, decimals), np.round(x, decimals))
        np.testing.assert_array_equal(
            np.round(tg.Tensor(x), decimals=decimals).data, x.round(decimals)
        )


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round", "sign"])
def test_what_is_piecewise_constant_says_why_it_has_no_gradient(name: str) -> None:
    x = tg.Tensor([0.3, 1.7], requires_grad=True)
    with tg.Tape() as tape:
        y = getattr(tg, name)(x).sum()
    with pytest.raises(tg.errors.TinygradError, match=f"(?s)`{name}`.*piecewise constant"):
        tape.gradient(y, x)
    np.testing.assert_array_equal(tape.gradient(y, x, unconnected="zero").data, [0, 0])


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round"])
def test_without_a_gradient_rounding_offers_to_pass_it_straight_through(name: str) -> None:
    weights = tg.Tensor([0.3, 1.7], requires_grad=True)
    with tg.Tape() as tape:
        y = getattr(tg, name)(weights).sum()
    with pytest.raises(tg.errors.TinygradError) as caught:
        tape.gradient(y, weights)
    assert f" + tg.stop_gradient(tg.{name}(" in str(caught.value)


def test_gradient_passes_straight_through_as_documented() -> None:
    x = tg.Tensor([0.3, 1.7], requires_grad=True)
    y = x + tg.stop_gradient(tg.round(x) - x)
    np.testing.assert_array_equal(y.data, [0.0, 2.0])
    y.backward([2.0, 3.0])
    np.testing.assert_array_equal(x.grad, [2, 3])


def test_gradient_of_the_fraction_is_that_of_the_number() -> None:
    fractions = tg.grad(lambda x: (x - tg.floor(x)).sum())
    np.testing.assert_array_equal(fractions(np.array([0.3, 1.7])), [1, 1])


BITS = [operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift]


@pytest.mark.parametrize("f", BITS, ids=[f.__name__ for f in BITS])
@pytest.mark.parametrize("kind", ["bool", "int8", "uint8", "int64"])
def test_operators_on_bits_equal_numpys_from_both_sides(f: Any, kind: str) -> None:
    x, y = np.array([0, 1, 5, 6]).astype(kind), np.array([[1], [3]]).astype(kind)
    for left, right in [(x, y), (y, x)]:
        expected = f(left, right)
        for found in (f(tg.Tensor(left), tg.Tensor(right)), f(tg.Tensor(left), right),
                      f(left, tg.Tensor(right))):  # fmt: skip
            assert isinstance(found, tg.Tensor)
            np.testing.assert_array_equal(found.data, expected, strict=True)
    if kind != "bool":
        np.testing.assert_array_equal(f(tg.Tensor(x), 2).data, f(x, 2), strict=True)
        np.testing.assert_array_equal(f(2, tg.Tensor(x)).data, f(2, x), strict=True)
    np.testing.assert_array_equal((~tg.Tensor(x)).data, ~x, strict=True)


def test_masks_connect_by_operators() -> None:
    x = tg.Tensor([-1.0, 0.5, 2.0], requires_grad=True)
    inside = (x > 0) & ~(x > 1) | (x < -5) ^ (x < -6)
    np.testing.assert_array_equal(inside.data, [False, True, False])
    x[inside].sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 1, 0])


@pytest.mark.parametrize("f", BITS, ids=[f.__name__ for f in BITS])
def test_bits_of_fractions_are_refused_with_what_is_meant(f: Any) -> None:
    with pytest.raises(tg.errors.DTypeError, match=r"float64") as caught:
        f(tg.Tensor([1.0]), tg.Tensor([2.0]))
    assert "logical_and(x > 0, y > 0)" in str(caught.value)
    with pytest.raises(tg.errors.ShapeError, match="broadcast"):
        f(tg.Tensor([1, 2]), tg.Tensor([1, 2, 3]))


@pytest.mark.parametrize("name", ["isfinite", "isinf", "isnan", "signbit", "logical_not"])
def test_questions_about_one_number_equal_numpys(name: str) -> None:
    for kind in (float, np.float32, int, bool):
        x = HALVES.astype(kind) if kind in (float, np.float32) else np.array([0, 1]).astype(kind)
        if (name, kind) == ("signbit", bool):
            continue
        found = getattr(np, name)(tg.Tensor(x))
        assert isinstance(found, tg.Tensor)
        np.testing.assert_array_equal(found.data, getattr(np, name)(x), strict=True)


def test_sign_and_neighbour_of_special_numbers() -> None:
    x, y = np.array([0.0, -0.0, np.inf, 1.0]), np.array([-0.0, 1.0, -1.0, -np.nan])
    for name in ("copysign", "nextafter", "heaviside", "fmax", "fmin"):
        np.testing.assert_array_equal(getattr(tg, name)(x, y), getattr(np, name)(x, y))


def test_gradient_of_copysign_where_the_sign_is_taken_from_zero() -> None:
    for zero, slope in ((0.0, 1.0), (-0.0, -1.0)):
        assert tg.grad(lambda x, zero=zero: tg.copysign(x, zero))(2.0) == slope
        assert tg.grad(lambda x, zero=zero: tg.copysign(x, zero))(-2.0) == -slope


@pytest.mark.parametrize("exponent", [-2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 3.0])
def test_short_powers_go_wrong_for_extreme_bases_only_as_documented(exponent: float) -> None:
    base = np.array([1e-160, 1e160, -0.0, 0.0, np.inf, -np.inf, np.nan, 1e-300, 5e-324])
    if exponent % 1:
        base = base[(base > 0) | (base == 0) & ~np.signbit(base)]
    with np.errstate(all="ignore"):
        found, expected = tg.power(base, exponent), np.power(base, exponent)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_cube_root_of_negative_numbers_and_its_gradient() -> None:
    x = np.array([-27.0, -1e-300, 1e300])
    np.testing.assert_array_equal(tg.cbrt(x), np.cbrt(x))
    np.testing.assert_allclose(tg.grad(lambda x: tg.sum(tg.cbrt(x)))(x), np.cbrt(x) / x / 3, 1e-15)


@pytest.mark.parametrize("name", ["logaddexp", "logaddexp2"])
def test_logarithm_of_a_sum_survives_large_numbers(name: str) -> None:
    f = getattr(tg, name)
    np.testing.assert_array_equal(f([1e308, -1e308], [0.0, 0.0]), [1e308, 0])
    np.testing.assert_array_equal(tg.grad(f, argnums=(0, 1))(1e308, 0.0), (1, 0))
