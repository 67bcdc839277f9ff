"""Circular and hyperbolic functions: extreme values, exact cases, names."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.ops.references.trigonometric import sinc_derivative
from tinygrad_edu.autodiff import registry

pytestmark = pytest.mark.once  # what no version of Python changes

EPS = float(np.finfo(np.float64).eps)


@pytest.mark.parametrize(
    "name", ["sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "arctan2",
             "arcsinh", "arccosh", "arctanh", "hypot", "sinc", "deg2rad", "rad2deg"],
)  # fmt: skip
def test_numpys_name_is_ours_too_and_records(name: str) -> None:
    arity = 2 if name in ("arctan2", "hypot") else 1
    x = np.array([[0.25, 0.5]]) + (name == "arccosh")
    tensors = [tg.Tensor(x, requires_grad=True)] * arity
    found = getattr(np, name)(*tensors)
    assert found.requires_grad
    np.testing.assert_allclose(found.data, getattr(np, name)(*[x] * arity), rtol=2 * EPS)
    np.testing.assert_array_equal(getattr(tg, name)(*[x] * arity), found.data)


@pytest.mark.parametrize("power", [0, 100, 200, 300])
def test_gradients_survive_numbers_whose_squares_overflow(power: int) -> None:
    big = 10.0**power
    for f, inputs, expected in [
        (tg.hypot, (3 * big, 4 * big), (0.6, 0.8)),
        (tg.atan2, (3 * big, 4 * big), (0.16 / big, -0.12 / big)),
        (tg.asinh, (4 * big,), (1 / math.hypot(4 * big, 1.0),)),
        (tg.acosh, (4 * big,), (1 / math.sqrt(4 * big - 1) / math.sqrt(4 * big + 1),)),
    ]:
        found = tg.grad(f, argnums=tuple(range(len(inputs))))(*inputs)
        np.testing.assert_allclose(found, expected, rtol=4 * EPS)


def test_gradients_of_lengths_and_angles_survive_tiny_numbers() -> None:
    np.testing.assert_allclose(tg.grad(tg.hypot)(3e-200, 4e-200), 0.6, rtol=4 * EPS)
    np.testing.assert_allclose(tg.grad(tg.atan2)(3e-200, 4e-200), 1.6e199, rtol=4 * EPS)


def test_inverses_keep_their_digits_near_the_ends() -> None:
    near = 1.0 - 2.0**-40  # 1 - x**2 would have 13 bits right
    exact = 1 / math.sqrt(2.0**-39 * (1 - 2.0**-41))
    np.testing.assert_allclose(tg.grad(tg.asin)(near), exact, rtol=4 * EPS)
    np.testing.assert_allclose(tg.grad(tg.acos)(near), -exact, rtol=4 * EPS)
    np.testing.assert_allclose(tg.grad(tg.atanh)(near), exact**2, rtol=4 * EPS)


@pytest.mark.parametrize("order", range(8))
def test_every_derivative_of_sinc_equals_its_integral_near_zero_and_far(order: int) -> None:
    edge = (2 + order / 3) / math.pi  # where the series takes over
    points = [0.0, 1e-300, 1e-8, -1e-3, 0.1, edge - 1e-12, edge, edge + 1e-12, -1.0, 2.5, 3.0]
    expected = [sinc_derivative(x, order) for x in points]
    found = registry["sinc_derivative"].call(np.array(points), order=order)
    np.testing.assert_allclose(found, expected, rtol=0, atol=64 * EPS * math.pi**order)


def test_sinc_has_all_its_derivatives_at_zero() -> None:
    x = tg.Tensor(0.0, requires_grad=True)
    rows = [tg.sinc(x)]
    for _ in range(4):
        rows.append(tg.Tape().gradient(rows[-1], x, create_graph=True))
    expected = [1.0, 0.0, -(math.pi**2) / 3, 0.0, math.pi**4 / 5]
    np.testing.assert_allclose([row.item() for row in rows], expected, rtol=4 * EPS)


def test_sinc_is_numpys_and_keeps_its_type() -> None:
    x = np.linspace(-4.0, 4.0, 33)
    np.testing.assert_allclose(tg.sinc(x), np.sinc(x), rtol=4 * EPS, atol=EPS)
    for kind in ("float16", "float32"):
        assert tg.sinc(x.astype(kind)).dtype == kind
        assert tg.sinc(np.zeros(1, kind)) == 1
    assert tg.sinc([0, 1]).dtype == np.float64


def test_angles_of_the_four_quadrants_and_the_cut() -> None:
    heights, widths = np.array([0.0, -0.0, 0.0, -0.0]), np.array([1.0, 1.0, -1.0, -1.0])
    np.testing.assert_array_equal(tg.atan2(heights, widths), np.arctan2(heights, widths))
    slopes = tg.grad(lambda y: tg.sum(tg.atan2(y, widths)))(heights)
    np.testing.assert_array_equal(slopes, [1, 1, -1, -1])


def test_a_full_turn_in_degrees_there_and_back() -> None:
    degrees = np.array([0.0, 45.0, 360.0])
    np.testing.assert_allclose(tg.rad2deg(tg.deg2rad(degrees)), degrees, rtol=2 * EPS)
    assert tg.grad(tg.rad2deg)(1.0) == 180 / math.pi


@pytest.mark.parametrize("name", ["tanh", "atan", "asinh"])
def test_odd_functions_are_odd_to_the_last_bit_and_rise(name: str) -> None:
    f = getattr(tg, name)
    x = np.geomspace(1e-300, 1e300, 61)
    np.testing.assert_array_equal(f(-x), -f(x))
    assert all(low <= high for low, high in pairwise(f(x)))
