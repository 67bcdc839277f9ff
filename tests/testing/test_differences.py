"""Numeric derivatives are as wrong as their bars say, or less, and the bars are short."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings

from tinygrad_edu.testing.differences import LEVELS, QUICK, Estimate, Ladder, rounding_noise

from .smooth import SIZES, Smooth, smooth

pytestmark = pytest.mark.once  # what no version of Python changes

Array = np.ndarray[Any, Any]
Function = Callable[[Array], Array]
EPS = float(np.finfo(float).eps)


def ladder(f: Function, x: Any, start: float | None = None, noise: Array | None = None) -> Ladder:
    """A ladder along each element, from a twentieth of it or of one."""
    point = np.atleast_1d(np.asarray(x, float))
    with np.errstate(all="ignore"):
        base = f(point)
        if noise is None:
            noise = rounding_noise(f, point, base, np.random.default_rng(0))
    starts = np.exp2(np.floor(np.log2(0.05 * np.maximum(np.abs(point), 1.0))))
    if start is not None:
        starts = np.full(point.shape, start)
    shape = (point.size, base.size)
    return Ladder(f, point, base, np.eye(point.size), starts, np.broadcast_to(noise, shape))


def best(made: Ladder) -> Estimate:
    """As the checker asks: few levels where they can be believed, else all."""
    with np.errstate(all="ignore"):
        found, trusted = made.quick()
        return found if trusted.all() else made.thorough(np.arange(len(made.directions)))


def thorough(made: Ladder) -> Estimate:
    with np.errstate(all="ignore"):
        return made.thorough(np.arange(len(made.directions)))


# ---------------------------------------------------------------- the bar holds the error


@given(smooth(SIZES))
@example((Smooth(("sin",), 1e-8, 1.0), np.array([0.77e-8])))
@example((Smooth(("exp",), 1e8, 1e-8), np.array([1.3e8])))
@example((Smooth(("tanh", "square"), 3e-4, 1e8), np.array([5e-4, -2e-5])))
def test_two_bars_hold_the_true_error_at_every_size_of_input_and_output(
    case: tuple[Smooth, Array],
) -> None:
    f, x = case
    # From steps of the function's own size: no bar knows of what happens between all steps.
    found, true = best(ladder(f, x, start=0.05 * f.unit)), f.jacobian(x)
    known = np.isfinite(found.value)
    assert (np.abs(found.value - true) <= 2 * found.error)[known].all()


@given(smooth())
def test_an_ordinary_function_is_known_to_nine_figures(case: tuple[Smooth, Array]) -> None:
    f, x = case
    found = best(ladder(f, x))
    size = np.abs(f.jacobian(x)).max() + np.abs(f(x)).max()
    assert (found.error <= 1e-9 * size).all()


@pytest.mark.parametrize("x", [0.0, 1e-9, -1e-9, 1e-5, 1e-3, -0.03])
@pytest.mark.parametrize(
    "f, slope",
    [
        (lambda x: x * np.abs(x), lambda x: 2 * np.abs(x)),
        (lambda x: np.where(x > 0, x, np.expm1(x)), lambda x: np.exp(np.minimum(x, 0))),
        (lambda x: np.abs(x) ** 1.5, lambda x: 1.5 * np.sign(x) * np.sqrt(np.abs(x))),
        (lambda x: np.maximum(x, 0) ** 2, lambda x: 2 * np.maximum(x, 0)),
    ],
    ids=["x|x|", "elu", "|x|^1.5", "relu squared"],
)
def test_the_bar_holds_where_only_the_second_derivative_jumps(
    f: Function, slope: Function, x: float
) -> None:
    found = best(ladder(f, x))
    assert abs(found.value[0, 0] - slope(np.array(x))) <= found.error[0, 0]


def test_with_the_height_of_its_stairs_a_hidden_float32_has_a_bar_that_holds() -> None:
    def f(x: Array) -> Array:
        return np.tanh(x.astype(np.float32)).astype(float)

    for x in np.linspace(-2, 2, 41):
        first = ladder(f, x)
        thorough(first)
        found = thorough(ladder(f, x, noise=np.fmax(first.noise[0], first.quantum()[0])))
        error = abs(found.value[0, 0] - (1 - np.tanh(x) ** 2))
        assert error <= found.error[0, 0] < 1e-3


# ---------------------------------------------------------------- convergence to a wrong value


def test_steps_longer_than_a_wave_are_not_believed() -> None:
    for x in (0.1, 0.3, -0.77):
        found = thorough(ladder(lambda x: np.sin(1e8 * x), x))
        true = 1e8 * np.cos(1e8 * x)
        assert abs(found.value[0, 0] - true) <= max(found.error[0, 0], 1e-6 * abs(true))


def test_three_equal_logits_are_a_curve_and_no_corner() -> None:
    def f(x: Array) -> Array:
        return np.atleast_1d(1e-4 * np.logaddexp.reduce(1e4 * x))

    found = thorough(ladder(f, [0.5, 0.5, 0.5]))
    assert np.allclose(found.value[:, 0], 1 / 3, rtol=1e-6)


def test_a_narrow_bump_between_the_first_steps_is_seen_by_the_far_one() -> None:
    made = ladder(lambda x: x + np.exp(-((x / 1e-6) ** 2)), 0.5e-6)
    _, trusted = made.quick()
    assert not trusted.any()
    true = 1 - 2 * 0.5 / 1e-6 * np.exp(-0.25)
    assert thorough(made).value[0, 0] == pytest.approx(true, rel=1e-6)


def test_what_quick_believes_costs_six_pairs_of_calls() -> None:
    calls = []

    def f(x: Array) -> Array:
        calls.append(x)
        return np.sin(x)

    made = ladder(f, 0.4, noise=np.full(1, EPS))
    calls.clear()
    _, trusted = made.quick()
    assert trusted.all()
    assert len(calls) == 2 * (QUICK + 1)


# ---------------------------------------------------------------- rounding


def test_the_noise_is_zero_where_nothing_moves_and_an_eps_where_nothing_is_lost() -> None:
    rng, x = np.random.default_rng(0), np.array([0.7])
    one = rounding_noise(lambda x: np.full(1, 5.0), x, np.full(1, 5.0), rng)
    assert EPS <= one[0] / 5.0 <= 2 * EPS
    identity = rounding_noise(lambda x: x + 0.0, x, x, rng)
    assert EPS * 0.7 <= identity[0] <= 4 * EPS


@pytest.mark.parametrize("lost", [1e1, 1e2, 1e3])
def test_four_bars_hold_the_error_where_digits_cancel(lost: float) -> None:
    for x in np.random.default_rng(1).uniform(-2, 2, 40):
        found = best(ladder(lambda x: (np.sin(x) + lost) - lost, x))
        error = abs(found.value[0, 0] - np.cos(x))
        assert error <= 4 * found.error[0, 0] <= 1e-10 * lost


def test_the_noise_of_a_steep_smooth_function_is_rounding_only() -> None:
    for x in (1e5, 123456.7, 99990.1):
        point = np.array([x])
        noise = rounding_noise(np.sin, point, np.sin(point), np.random.default_rng(0))
        assert noise[0] < 100 * EPS * x, "one rounding of x moves sin by eps * x"


def test_the_noise_near_a_jump_is_no_jump() -> None:
    x = np.array([2.0])
    noise = rounding_noise(np.floor, x, np.floor(x), np.random.default_rng(0))
    assert noise[0] <= 4 * EPS


# ---------------------------------------------------------------- jumps, stairs, edges


@pytest.mark.parametrize("x", [0.0, 1.0, -3.0])
def test_a_jump_is_told_from_a_steep_slope(x: float) -> None:
    jumping, steep = ladder(np.floor, x), ladder(lambda z: np.tanh(1e4 * (z - x)), x)
    for made in (jumping, steep):
        thorough(made)
    assert jumping.jumps().all()
    assert not steep.jumps().any()


def test_the_height_of_a_hidden_float32_stair_is_measured() -> None:
    def f(x: Array) -> Array:
        return (x.astype(np.float32) * np.float32(3)).astype(float)

    made = ladder(f, 0.7)
    thorough(made)
    step = 3 * np.spacing(np.float32(0.7))
    assert 0.3 * step <= made.quantum()[0, 0] <= 3 * step


def test_a_smooth_function_stands_on_no_stairs() -> None:
    for x in (0.0, 0.7, -1.3, 1e3):
        made = ladder(np.sin, x)
        thorough(made)
        assert not made.quantum().any()


def test_slopes_to_both_sides_of_a_corner() -> None:
    made = ladder(np.abs, 0.0)
    thorough(made)
    assert made.estimate(1).value[0, 0] == pytest.approx(1.0)
    assert made.estimate(-1).value[0, 0] == pytest.approx(-1.0)


def test_outside_its_domain_a_function_has_no_value_and_one_side_is_left() -> None:
    made = ladder(lambda x: np.where(x >= 0, x * x + x, np.nan), 0.0)
    found = thorough(made)
    assert np.isnan(found.value).all() or not np.isfinite(found.error).any()
    assert made.estimate(1).value[0, 0] == pytest.approx(1.0, rel=1e-6)


def test_an_output_that_never_moves_is_known_however_noisy_it_is() -> None:
    made = ladder(lambda x: np.array([1e9]), 0.3, noise=np.array([1e-3]))
    found = thorough(made)
    assert found.value[0, 0] == 0.0
    assert found.error[0, 0] <= 1e9 * EPS * 64


def test_a_function_that_varies_at_the_smallest_steps_is_unsettled() -> None:
    made = ladder(lambda x: np.sin(1e13 * x), 0.3)
    thorough(made)
    assert made.unsettled()
    made = ladder(np.sin, 0.3)
    thorough(made)
    assert not made.unsettled()


def test_levels_that_are_measured_twice_are_not_paid_twice() -> None:
    calls = []

    def f(x: Array) -> Array:
        calls.append(x)
        return np.abs(x) ** 1.5

    made = ladder(f, 0.0, noise=np.full(1, 1e-300))
    calls.clear()
    made.quick()
    made.thorough(np.arange(1))
    assert len(calls) == 2 * LEVELS + 2  # and far out, where an output may still stand


few = settings(max_examples=max(10, settings().max_examples // 4))


@few
@given(smooth())
def test_many_directions_at_once_are_the_same_as_one_by_one(case: tuple[Smooth, Array]) -> None:
    f, x = case
    together = ladder(f, x)
    found = thorough(together)
    for k in range(x.size):
        args = (f, x, f(x), np.eye(x.size)[k : k + 1], together.start[k : k + 1])
        alone = thorough(Ladder(*args, together.noise[k : k + 1]))
        assert np.array_equal(alone.value[0], found.value[k])
        assert np.array_equal(alone.error[0], found.error[k])
