"""Around kinks the range of right slopes is found; curvature, noise and jumps make no range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.testing.differences import Ladder
from tinygrad_edu.testing.nearby import Hull, hull, slopes

pytestmark = pytest.mark.once  # what no version of Python changes

Array = np.ndarray[Any, Any]
Function = Callable[[Array], Array]


def sides(f: Function, x: Any, direction: Any = None) -> Hull:
    """Slopes to both sides along a direction, by default the first element's."""
    point = np.atleast_1d(np.asarray(x, float))
    v = np.eye(point.size)[:1] if direction is None else np.atleast_2d(direction)
    with np.errstate(all="ignore"):
        base = f(point)
        noise = np.full((1, base.size), 1e-16)
        made = Ladder(f, point, base, v, np.array([2.0**-5]), noise)
        return slopes(made, made.thorough(np.arange(1)))


def around(f: Function, x: Any, direction: Any, noise: float = 1e-16) -> Hull:
    """All samples, whatever they show."""
    point, v = np.asarray(x, float), np.asarray(direction, float)
    size, rng = np.atleast_1d(f(point)).size, np.random.default_rng(0)
    scale = np.maximum(np.abs(point), 1.0)
    with np.errstate(all="ignore"):
        return hull(f, point, scale, v, np.full(size, noise), rng, lambda found: False)


def ends(found: Hull) -> tuple[float, float]:
    return found.low.item(), found.high.item()


def largest(x: Array) -> Array:
    return x.max(keepdims=True)


# ---------------------------------------------------------------- slopes to both sides


@pytest.mark.parametrize(
    "f, low, high",
    [
        (np.abs, -1.0, 1.0),
        (lambda x: np.maximum(x, 0), 0.0, 1.0),
        (lambda x: np.where(x > 0, np.sin(3 * x), 2 * x), 2.0, 3.0),
        (lambda x: -np.abs(x) + 5 * x, 4.0, 6.0),
    ],
    ids=["abs", "relu", "two curves", "upside down"],
)
def test_at_a_corner_they_are_the_ends(f: Function, low: float, high: float) -> None:
    found = sides(f, 0.0)
    assert found.kinked.all()
    assert ends(found) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize("f", [np.sin, np.exp, lambda x: x * np.abs(x), lambda x: np.abs(x) ** 1.5])
def test_where_the_slope_is_continuous_there_is_one(f: Function) -> None:
    for x in (0.0, 0.5, 1e-4):
        found = sides(f, x)
        assert not found.kinked.any()
        assert found.low == found.high


def test_at_the_end_of_a_domain_the_inner_side_speaks() -> None:
    def f(x: Array) -> Array:
        return np.where(x >= 1, (x - 1) ** 2 + 3 * x, np.nan)

    found = sides(f, 1.0)
    assert ends(found) == pytest.approx((3.0, 3.0), rel=1e-6)


def test_a_slope_without_bound_is_infinite_and_a_jump_is_not() -> None:
    def root(x: Array) -> Array:
        return np.where(x > 0, np.sqrt(np.abs(x)), 0.0)

    found = sides(root, 0.0)
    assert ends(found) == (0.0, np.inf)
    assert np.isinf(sides(np.cbrt, 0.0).low)
    assert np.isfinite(sides(lambda x: 1.0 * (x > 0), 0.0).high) or not np.isinf(
        sides(lambda x: 1.0 * (x > 0), 0.0).low
    )


# ---------------------------------------------------------------- samples around


def test_a_maximum_of_three_has_each_unit_vector_in_its_range() -> None:
    for x in ([0.3, 0.3, 0.3], [0.0, 0.0, 0.0], [-1.7, -1.7, -1.7]):
        found = around(largest, x, [1.0, 0.0, 0.0])
        assert found.kinked.all()
        assert ends(found) == pytest.approx((0.0, 1.0), abs=1e-3)


def test_a_median_moves_along_no_single_input_and_yet_has_a_range() -> None:
    def median(x: Array) -> Array:
        return np.atleast_1d(np.median(x))

    v = [1.0, 0.0, 0.0]
    assert not sides(median, [0.3, 0.3, 0.3], v).kinked.any()
    assert ends(around(median, [0.3, 0.3, 0.3], v)) == pytest.approx((0.0, 1.0), abs=1e-3)


@pytest.mark.parametrize("v", [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.5, -2.0, 1.0]])
def test_curvature_is_no_kink(v: list[float]) -> None:
    for f in (lambda x: np.sin(3 * x).sum(keepdims=True), lambda x: np.exp(x).prod(keepdims=True)):
        assert not around(f, [0.3, -0.2, 0.9], v).kinked.any()


def test_noise_is_no_kink() -> None:
    def rough(x: Array) -> Array:
        return np.sin(x) + 1e-9 * np.sin(1e12 * x)

    assert not around(rough, [0.3], [1.0], noise=1e-9).kinked.any()


def test_all_ties_moved_together_have_one_slope() -> None:
    found = around(largest, [0.3, 0.3, 0.3], [1.0, 1.0, 1.0])
    assert not found.kinked.any()
    assert ends(found) == pytest.approx((1.0, 1.0), abs=1e-3)


def test_a_jump_nearby_poisons_no_range() -> None:
    found = around(lambda x: np.where(x > 0, 2 * x + 7, 3 * x), [0.0], [1.0])
    assert found.low >= 2 - 1e-2
    assert found.high <= 3 + 1e-2


def test_sampling_stops_when_it_is_enough() -> None:
    calls, asked = [], []

    def f(x: Array) -> Array:
        calls.append(x)
        return np.abs(x)

    def enough(found: Hull) -> bool:
        asked.append(len(calls))
        return bool(found.kinked.all())

    args = (np.zeros(1), np.ones(1), np.ones(1), np.full(1, 1e-16), np.random.default_rng(0))
    found = hull(f, *args, enough)
    assert found.kinked.all()
    assert len(asked) == 1
    assert len(calls) == asked[0]


def test_a_range_holds_the_ranges_it_is_joined_from() -> None:
    one, other = (
        Hull(*(np.full((1, 1), end) for end in (low, high, 0.1)), np.full((1, 1), kinked))
        for low, high, kinked in [(0.0, 1.0, True), (2.0, 2.0, False)]
    )
    both = one.joined(other)
    assert ends(both) == (0.0, 2.0)
    assert both.kinked.all()
    here = one.where(np.array([[False]]), other)
    assert ends(here) == (2.0, 2.0)
    assert not here.kinked.any()
