"""check_vjp passes what is right, fails what is wrong by name, and says so when it cannot tell."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.errors import (
    ArgumentError,
    DTypeError,
    GradientMismatch,
    GradientUnresolved,
    ShapeError,
    TinygradError,
)
from tinygrad_edu.testing import Report, check_vjp

from .smooth import SIZES, Smooth, smooth

pytestmark = pytest.mark.once  # what no version of Python changes

Array = np.ndarray[Any, Any]
few = settings(max_examples=max(10, settings().max_examples // 3))
fewer = settings(max_examples=max(10, settings().max_examples // 10))  # a refusal costs more


def verdict(f: Any, vjp: Any, *xs: Any, **options: Any) -> str:
    return check_vjp(f, vjp, *xs, raises=False, **options).verdict


def sine(g: Array, x: Array) -> tuple[Array]:
    return (g * np.cos(x),)


def minus_sine(g: Array, x: Array) -> tuple[Array]:
    return (-g * np.cos(x),)


def stairs_vjp(g: Array, x: Array) -> tuple[Array]:
    """The straight-through gradient: as if rounding were nothing."""
    return (g.copy(),)


# ---------------------------------------------------------------- right ones pass, wrong ones fail


@few
@given(smooth(SIZES))
@example((Smooth(("sin",), 1e-8, 1.0), np.array([0.77e-8])))
@example((Smooth(("square", "tanh"), 1e8, 1e-8), np.array([1.3e8, 0.0, -5e7])))
def test_a_right_gradient_passes_at_every_size(case: tuple[Smooth, Array]) -> None:
    f, x = case
    assert check_vjp(f, f.vjp, x, raises=False).verdict == "pass"


@fewer
@given(smooth(), st.floats(-7.0, 2.0), st.sampled_from([-1, 1]))
@example((Smooth(("sin",)), np.array([0.3])), -7.0, 1)
def test_a_gradient_that_is_a_ten_millionth_off_fails(
    case: tuple[Smooth, Array], exponent: float, sign: int
) -> None:
    f, x = case
    off = 1 + sign * 10.0**exponent

    def total(x: Array) -> Array:
        return np.atleast_1d(f(x).sum())

    def vjp(g: Array, x: Array) -> tuple[Array]:
        return (off * g[0] * f.jacobian(x).sum(1),)

    true = f.jacobian(x).sum(1)
    assume(np.abs(true).max() > 1e-2)  # a slope of nearly nothing has few digits in differences
    report = check_vjp(total, vjp, x, raises=False)
    assert report.verdict == "fail"
    assert report.input == 0


@fewer
@given(smooth(), smooth(), st.data())
def test_one_wrong_element_is_named_with_its_input(
    one: tuple[Smooth, Array], other: tuple[Smooth, Array], data: Any
) -> None:
    (f, x), (h, y) = one, other
    which, off = data.draw(st.integers(0, 1)), data.draw(st.floats(0.01, 10.0))
    place = data.draw(st.integers(0, (x, y)[which].size - 1))

    def joint(x: Array, y: Array) -> Array:
        return np.append(f(x), h(y))

    def vjp(g: Array, x: Array, y: Array) -> tuple[Array, Array]:
        parts = f.vjp(g[: f(x).size], x)[0], h.vjp(g[f(x).size :], y)[0]
        parts[which][place] += off * g[0]
        return parts

    report = check_vjp(joint, vjp, x, y, raises=False)
    assert (report.verdict, report.input, report.index) == ("fail", which, (place,))


@fewer
@given(smooth())
def test_a_gradient_in_the_wrong_order_fails(case: tuple[Smooth, Array]) -> None:
    f, x = case
    true = f.jacobian(x)
    assume(np.abs(np.roll(true, 1, 0) - true).max() > 1e-3 * np.abs(true).max() > 0)
    assert verdict(f, lambda g, x: (np.roll(f.vjp(g, x)[0], 1),), x) == "fail"


def test_what_is_said_to_show_does_show() -> None:
    rng = np.random.default_rng(0)
    for x in rng.uniform(-2, 2, (10, 1)):
        seen = check_vjp(np.sin, sine, x).resolution
        assert 0 < seen < 1e-8
        assert verdict(np.sin, lambda g, x, off=1 + 2 * seen: (off * g * np.cos(x),), x) == "fail"


def test_the_same_check_gives_the_same_report() -> None:
    x = [0.3, -1.2]
    first, second = (check_vjp(np.sin, minus_sine, x, raises=False) for _ in range(2))
    assert first.to_dict() == second.to_dict()
    other = check_vjp(np.sin, minus_sine, x, raises=False, rng=5)
    assert other.analytic != first.analytic, "another seed, another cotangent"


def test_inputs_and_the_state_of_numpy_are_left_alone() -> None:
    x, before, state = np.array([0.5, 1e300]), np.geterr(), np.random.default_rng(0)
    kept = x.copy()
    check_vjp(lambda x: 1 / x, lambda g, x: (-g / x**2,), x, raises=False)
    assert np.array_equal(x, kept)
    assert np.geterr() == before
    drawn = state.bit_generator.state
    check_vjp(np.sin, sine, 0.3, rng=state)
    assert state.bit_generator.state != drawn, "a generator that is given is the one that is used"


# ---------------------------------------------------------------- what once went wrong

SOFT_KINKS: dict[str, tuple[Any, Any]] = {
    "elu": (
        lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        lambda g, x: (g * np.exp(np.minimum(x, 0)),),
    ),
    "huber": (
        lambda x: np.where(np.abs(x) <= 1, 0.5 * x * x, np.abs(x) - 0.5),
        lambda g, x: (g * np.clip(x, -1, 1),),
    ),
    "x|x|": (lambda x: x * np.abs(x), lambda g, x: (2 * g * np.abs(x),)),
}


@pytest.mark.parametrize("name", SOFT_KINKS)
@pytest.mark.parametrize("near", [0.0, 1e-12, -1e-7, 1e-4, -3e-3])
def test_a_slope_without_a_derivative_of_its_own_is_no_mistake(name: str, near: float) -> None:
    f, vjp = SOFT_KINKS[name]
    for x in (near, 1 + near, -1 + near):
        assert verdict(f, vjp, [x, 0.4]) == "pass"


def test_three_equal_logits_and_a_very_fast_wave_are_no_corners() -> None:
    def softmax(g: Array, x: Array) -> tuple[Array]:
        return (g * np.exp(x - x.max()) / np.exp(x - x.max()).sum(),)

    assert verdict(np.logaddexp.reduce, softmax, [0.7, 0.7, 0.7]) == "pass"
    for x in (0.1, -0.77, 0.5):
        fast = verdict(lambda x: np.sin(1e8 * x), lambda g, x: (1e8 * g * np.cos(1e8 * x),), [x])
        assert fast == "pass"
        wrong = verdict(lambda x: np.sin(1e8 * x), lambda g, x: (1e8 * g * np.sin(1e8 * x),), [x])
        assert wrong == "fail"


def test_a_sine_far_out_is_no_noise() -> None:
    for x in (1e5, 123456.7, -99991.3):
        assert verdict(np.sin, sine, [x]) == "pass"
        assert verdict(np.sin, lambda g, x: (1.001 * g * np.cos(x),), [x]) == "fail"


@pytest.mark.parametrize("f", [np.floor, np.round, np.sign])
def test_a_straight_through_gradient_never_passes(f: Any) -> None:
    for x in (-2.0, -0.5, 0.0, 0.5, 1.0, 0.3, 1.5, 2.0):
        assert verdict(f, stairs_vjp, [x]) != "pass"
    for x in (0.3, 1.2, -0.7):
        assert verdict(f, stairs_vjp, [x]) == "fail"


def test_products_of_small_numbers_and_variances_of_equal_ones_pass() -> None:
    for x, y in [(1e-6, -1e-6), (0.0, 1e-7), (3e-9, 2e-3), (0.0, 0.0)]:
        assert verdict(np.multiply, lambda g, x, y: (g * y, g * x), [x], [y]) == "pass"
    for value in (0.1, 0.3, 1 / 3, 1e4 + 0.1):
        x = np.full(5, value)
        assert verdict(np.var, lambda g, x: (g * 2 * (x - x.mean()) / x.size,), x) == "pass"


def first_largest(g: Array, x: Array) -> tuple[Array]:
    out = np.zeros_like(x)
    out[np.argmax(x)] = g
    return (out,)


def shared(g: Array, x: Array) -> tuple[Array]:
    best = x == x.max()
    return (g * best / best.sum(),)


def to_every_tie(g: Array, x: Array) -> tuple[Array]:
    return (g * (x == x.max()),)


def test_of_four_that_tie_any_may_be_credited_but_not_all() -> None:
    for value in np.random.default_rng(0).uniform(-2, 2, 12):
        x = np.full(4, value)
        assert verdict(np.max, first_largest, x) == "pass"
        assert verdict(np.max, shared, x) == "pass"
        assert verdict(np.max, to_every_tie, x) == "fail"


@pytest.mark.parametrize("share", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.2, 0.3, 0.5)])
def test_of_three_that_tie_a_median_may_credit_any(share: tuple[float, ...]) -> None:
    assert verdict(np.median, lambda g, x: (g * np.array(share),), [0.3, 0.3, 0.3]) == "pass"


def test_a_hidden_float32_is_not_called_wrong() -> None:
    def f(x: Array) -> Array:
        return np.tanh(x.astype(np.float32)).astype(float)

    def vjp(g: Array, x: Array) -> tuple[Array]:
        return (g * (1 - np.tanh(x) ** 2),)

    for x in (0.0, 1e-8, 1e-3, 0.3, -0.9, 1.5, -1.7):
        assert verdict(f, vjp, [x]) != "fail"
    for x in (0.3, -0.9, 1.5):
        assert verdict(f, lambda g, x: (1.01 * g * (1 - np.tanh(x) ** 2),), [x]) == "fail"


@pytest.mark.parametrize("lost", [1e3, 1e6, 1e8])
def test_lost_digits_are_not_called_wrong_and_hide_no_one_percent(lost: float) -> None:
    def f(x: Array) -> Array:
        return (np.sin(x) + lost) - lost

    for x in np.random.default_rng(1).uniform(-1, 1, (8, 1)):
        assert verdict(f, sine, x) == "pass"
        assert verdict(f, lambda g, x: (1.01 * g * np.cos(x),), x) == "fail"


def test_single_numbers_are_arrays_without_axes_everywhere() -> None:
    seen = []

    def f(x: Array) -> Any:
        seen.append((type(x), x.shape))
        return np.sin(x)  # a NumPy scalar, without flags

    def vjp(g: Array, x: Array) -> Any:
        seen.extend([(type(x), x.shape), (type(g), g.shape)])
        return g * np.cos(x)

    assert verdict(f, vjp, 0.5) == "pass"
    assert set(seen) == {(np.ndarray, ())}


def test_the_slope_of_a_tiny_number_beside_an_infinite_one_is_not_called_wrong() -> None:
    def root(x: Array) -> Array:
        return np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0)

    def root_vjp(g: Array, x: Array) -> tuple[Array]:
        return (np.where(x > 0, g * 0.5 / np.sqrt(np.where(x > 0, x, 1.0)), 0.0),)

    def norm(x: Array) -> Any:
        return np.sqrt((x * x).sum())

    for tiny in (5e-93, 1e-30, 1e-10, 1e-5):
        assert verdict(root, root_vjp, [tiny, 0.7]) != "fail"
        assert verdict(norm, lambda g, x: (g * x / norm(x),), [tiny, -tiny]) == "pass"
        assert verdict(norm, lambda g, x: (2 * g * x / norm(x),), [tiny, -tiny]) == "fail"


@pytest.mark.parametrize("a", [0.0, 1e-9, -1e-9])
def test_on_a_jump_the_slope_of_either_side_is_right(a: float) -> None:
    def f(a: Array, b: Array) -> Array:
        return np.where(a > 0, a * b, a + b)

    def vjp(g: Array, a: Array, b: Array) -> tuple[Array, Array]:
        return g * np.where(a > 0, b, 1.0), g * np.where(a > 0, a, 1.0)

    assert verdict(f, vjp, [a], [0.7]) != "fail"
    assert verdict(f, vjp, [0.5], [0.7]) == "pass"


def test_kinks_that_cancel_inside_are_called_by_their_name() -> None:
    def f(x: Array) -> Array:
        return np.maximum(x, 0) - np.maximum(-x, 0)

    report = check_vjp(f, lambda g, x: (g * (x != 0),), [0.0, 1.0], raises=False)
    assert (report.verdict, report.index) == ("fail", (0,))
    assert "kinks cancel" in str(report.diagnosis)


# ---------------------------------------------------------------- three verdicts


def unresolved() -> Report:
    return check_vjp(np.log, lambda g, x: (g / x,), [-1.0, 2.0], raises=False)


def test_unresolved_is_no_pass_and_raises_unless_allowed() -> None:
    def call(**options: Any) -> Report:
        return check_vjp(np.log, lambda g, x: (g / x,), [-1.0, 2.0], **options)

    with pytest.raises(GradientUnresolved, match="f is nan at output 0"):
        call()
    assert call(unresolved="allow").verdict == "unresolved"
    assert call(raises=False).verdict == "unresolved"


def test_allowing_the_unresolved_does_not_allow_the_wrong() -> None:
    with pytest.raises(GradientMismatch):
        check_vjp(np.sin, minus_sine, [0.3], unresolved="allow")


def test_an_unsettled_element_beside_a_wrong_one_is_a_fail() -> None:
    def f(x: Array) -> Array:
        return np.array([np.sin(1e14 * x[0]), np.sin(x[1])])

    def vjp(g: Array, x: Array) -> tuple[Array]:
        return (np.array([1e14 * g[0] * np.cos(1e14 * x[0]), -g[1] * np.cos(x[1])]),)

    report = check_vjp(f, vjp, [0.3, 0.4], raises=False)
    assert (report.verdict, report.index) == ("fail", (1,))


@pytest.mark.parametrize("kind", [GradientMismatch, GradientUnresolved])
def test_both_errors_are_failed_assertions_of_this_library_and_travel(kind: Any) -> None:
    vjp = minus_sine if kind is GradientMismatch else sine
    with pytest.raises(kind) as caught:
        check_vjp(np.sin, vjp, [np.nan] if vjp is sine else [0.3])
    error = caught.value
    assert isinstance(error, AssertionError)
    assert isinstance(error, TinygradError)
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(again) is kind
        assert str(again) == str(error)
        assert again.report.to_dict() == error.report.to_dict()


# ---------------------------------------------------------------- the report


def test_a_report_says_which_element_of_which_input_and_by_how_much() -> None:
    def vjp(g: Array, x: Array, w: Array) -> tuple[Array, Array]:
        wrong = g * x
        wrong[1] *= 3
        return g * w, wrong

    report = check_vjp(np.multiply, vjp, [1.0, 2.0], [3.0, 4.0], raises=False)
    assert (report.kind, report.input, report.index) == ("value", 1, (1,))
    assert report.analytic == pytest.approx(3 * report.numeric)
    assert 0 < report.error < 1e-9
    text = str(report)
    assert "input 1, element [1]" in text
    assert f"{report.analytic:.9g}" in text
    assert sum(line.endswith(" fail") for line in text.splitlines()) == 1


def test_text_page_and_data_of_a_report_agree_and_are_safe() -> None:
    def odd(x: Array) -> Array:
        return np.sin(x)

    odd.__name__ = "<b>&odd"
    for vjp, x in [(minus_sine, 0.3), (sine, 0.3), (sine, np.nan)]:
        report = check_vjp(odd, vjp, x, raises=False)
        page = report._repr_html_()
        assert "<b>" not in page
        assert "&lt;b&gt;&amp;odd" in page
        assert report.verdict in page
        data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
        assert data["verdict"] == report.verdict
        assert data["kind"] == report.kind


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_fails_and_is_still_plain_data(bad: float) -> None:
    def vjp(g: Array, x: Array) -> tuple[Array]:
        return (np.where(x == 0, bad * g, g * np.cos(x)),)

    report = check_vjp(np.sin, vjp, [0.0, 1.0], raises=False)
    assert (report.verdict, report.kind, report.index) == ("fail", "nan", (0,))
    json.dumps(report.to_dict(), allow_nan=False)


def test_a_long_table_shows_the_wrong_ones_first_and_counts_the_rest() -> None:
    def vjp(g: Array, x: Array) -> tuple[Array]:
        return (g * np.cos(x) * np.where(np.arange(40) % 13 == 12, 1.5, 1.0),)

    lines = str(check_vjp(np.sin, vjp, np.linspace(-1, 1, 40), raises=False)).splitlines()
    rows = [line for line in lines if line.strip().startswith("input 0  ")]
    assert len(rows) == 8
    assert [row.endswith("fail") for row in rows] == [True] * 3 + [False] * 5
    assert any("32 more, 3 wrong in all" in line for line in lines)


# ---------------------------------------------------------------- inputs of every kind


@pytest.mark.parametrize(
    "x", [0.5, np.float64(0.5), np.array(0.5), [0.5, 1], [[0.5], [2]], (0.5, 2.0), np.zeros((0, 3))]
)
def test_what_numpy_takes_for_an_array_of_floats_is_one(x: Any) -> None:
    assert verdict(np.sin, sine, x) == "pass"
    if np.size(x):
        assert verdict(np.sin, minus_sine, x) == "fail"


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_small_floats_are_held_to_their_own_rounding(kind: type) -> None:
    rng = np.random.default_rng(0)
    for x in rng.uniform(-1, 1, (5, 3)).astype(kind):
        kinds: list[Any] = []

        def vjp(g: Array, x: Array, kinds: list[Any] = kinds) -> tuple[Array]:
            kinds.extend([g.dtype, x.dtype])
            return (g * np.cos(x),)

        assert verdict(np.sin, vjp, x) == "pass"
        assert set(kinds) == {np.dtype(kind)}
        assert verdict(np.sin, lambda g, x: (g * np.cos(x) * kind(2),), x) == "fail"


def test_whole_numbers_and_booleans_stand_still() -> None:
    def f(x: Array, i: Array, mask: Array) -> Array:
        assert i.dtype.kind == "i"
        assert mask.dtype == bool
        return x[i] * mask

    def vjp(g: Array, x: Array, i: Array, mask: Array) -> tuple[Any, ...]:
        out = np.zeros_like(x)
        np.add.at(out, i, g * mask)
        return out, None, None

    x, i, mask = [0.5, 1.5, -1.0], [0, 2, 2, 1], [True, True, False, True]
    assert verdict(f, vjp, x, i, mask) == "pass"

    def overwrites(g: Array, x: Array, i: Array, mask: Array) -> tuple[Any, ...]:
        out = np.zeros_like(x)
        out[i] = g * mask
        return out, None, None

    report = check_vjp(f, overwrites, x, i, mask, raises=False)
    assert (report.verdict, report.input, report.index) == ("fail", 0, (2,))


@pytest.mark.parametrize("x", [1, [1, 2], True, np.array([1], np.uint8)])
def test_without_a_floating_input_there_is_nothing_to_check(x: Any) -> None:
    with pytest.raises(DTypeError, match="no input is of a floating type") as caught:
        check_vjp(np.sin, sine, x)
    assert caught.value.fix == "np.asarray(x, float)"
    assert verdict(np.sin, sine, np.asarray(x, float)) == "pass"


@pytest.mark.parametrize("x", [1j, [None], "a", [0.5 + 0j, 1.0]])
def test_numbers_that_are_not_real_are_refused(x: Any) -> None:
    with pytest.raises(DTypeError, match=r"input 0 is of dtype|is not a number"):
        check_vjp(np.sin, sine, x)


@pytest.mark.parametrize("answer", [1j, "a", None, {"a": 1.0}])
def test_a_function_that_returns_no_real_numbers_is_refused(answer: Any) -> None:
    with pytest.raises(DTypeError, match="the function returned"):
        check_vjp(lambda x: answer, sine, 0.5)


def test_tensors_by_mistake_are_refused_with_what_to_write() -> None:
    x = [0.5, 1.0]
    for f, vjp in [
        (lambda x: tg.tanh(tg.Tensor(x)), sine),
        (np.sin, lambda g, x: (tg.Tensor(g * np.cos(x)),)),
    ]:
        with pytest.raises(ArgumentError, match="returned a Tensor") as caught:
            check_vjp(f, vjp, x)
        assert "check_gradients(f, *xs)" in str(caught.value.fix)
    assert verdict(np.sin, sine, tg.Tensor(x)) == "pass", "a Tensor as input is an array"


def test_several_outputs_have_a_cotangent_each() -> None:
    forms = []

    def vjp(g: Any, x: Array) -> tuple[Array]:
        forms.append((type(g), [part.shape for part in g]))
        return (g[0] * np.cos(x) + g[1],)

    for f in (lambda x: (np.sin(x), x.sum()), lambda x: [np.sin(x), x.sum()]):
        assert verdict(f, vjp, [0.5, 1.0]) == "pass"
    assert all(form == (tuple, [(2,), ()]) for form in forms)

    def second_lost(g: Any, x: Array) -> tuple[Array]:
        return (g[0] * np.cos(x),)

    assert verdict(lambda x: (np.sin(x), x.sum()), second_lost, [0.5, 1.0]) == "fail"


@pytest.mark.parametrize("wrap", [tuple, list, lambda parts: parts[0]])
def test_one_cotangent_may_come_bare_or_in_a_list(wrap: Callable[..., Any]) -> None:
    assert verdict(np.sin, lambda g, x: wrap([g * np.cos(x)]), [0.5, 1.0]) == "pass"


def test_none_is_zero() -> None:
    def f(x: Array, y: Array) -> Array:
        return np.sin(x)

    assert verdict(f, lambda g, x, y: (g * np.cos(x), None), [0.5], [1.0]) == "pass"
    report = check_vjp(np.multiply, lambda g, x, y: (g * y, None), [0.5], [1.0], raises=False)
    assert (report.verdict, report.input, report.analytic) == ("fail", 1, 0.0)


def test_too_many_or_too_few_cotangents_fail() -> None:
    report = check_vjp(np.sin, lambda g, x: (g, g), [0.5], raises=False)
    assert (report.verdict, report.kind) == ("fail", "arity")
    report = check_vjp(np.multiply, lambda g, x, y: (g * y,), [0.5], [1.0], raises=False)
    assert (report.verdict, report.kind) == ("fail", "arity")
    assert "1 cotangents for 2 inputs" in str(report)


def test_a_cotangent_of_another_shape_fails_and_broadcasting_is_suspected() -> None:
    def vjp(g: Array, x: Array, y: Array) -> tuple[Array, Array]:
        return g * y, g * x

    report = check_vjp(np.multiply, vjp, [0.5, 1.0], 2.0, raises=False)
    assert (report.verdict, report.kind, report.input) == ("fail", "shape", 1)
    assert "unbroadcast" in str(report.diagnosis)


def test_a_function_may_refuse_points_outside_its_domain() -> None:
    def strict_log(x: Array) -> Array:
        if (x <= 0).any():
            raise ValueError("outside the domain")
        return np.log(x)

    for x in (1e-12, 1e-3, 1.0):
        assert verdict(strict_log, lambda g, x: (g / x,), [x, 1.0]) == "pass"
        assert verdict(strict_log, lambda g, x: (2 * g / x,), [x, 1.0]) == "fail"
    with pytest.raises(ValueError, match="outside the domain"):
        check_vjp(strict_log, lambda g, x: (g / x,), [-1.0])


def test_a_function_whose_shape_depends_on_values_is_checked_where_it_does_not() -> None:
    def positive(x: Array) -> Array:
        return x[x > 0] ** 2

    def vjp(g: Array, x: Array) -> tuple[Array]:
        out = np.zeros_like(x)
        out[x > 0] = g * 2 * x[x > 0]
        return (out,)

    assert verdict(positive, vjp, [0.01, -0.5, 1.0]) == "pass"


def test_an_error_inside_the_gradient_is_shown_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        check_vjp(np.sin, lambda g, x: 1 / 0, [0.5])


def test_a_function_that_draws_is_told_to_fix_its_seed() -> None:
    rng = np.random.default_rng(0)
    report = check_vjp(
        lambda x: x * (rng.random(x.shape) > 0.5), lambda g, x: (g,), np.ones(8), raises=False
    )
    assert (report.verdict, report.kind) == ("fail", "repeatable")
    assert "seed" in str(report)


@pytest.mark.parametrize("x", [[np.nan, 1.0], [np.inf, 1.0]])
def test_at_no_number_nobody_can_tell(x: list[float]) -> None:
    assert verdict(np.tanh, lambda g, x: (g * (1 - np.tanh(x) ** 2),), x) == "unresolved"


@pytest.mark.parametrize("place", [0, 4321])
def test_one_wrong_element_of_five_thousand_is_found_and_named(place: int) -> None:
    def vjp(g: Array, x: Array) -> tuple[Array]:
        out = g * np.cos(x)
        out[place] *= 1.001
        return (out,)

    x = np.linspace(-1, 1, 5000)
    report = check_vjp(lambda x: np.sin(x).sum(), vjp, x, raises=False)
    assert (report.verdict, report.input, report.index) == ("fail", 0, (place,))
    assert f"element [{place}]" in str(report).splitlines()[0]
    assert report.analytic == pytest.approx(1.001 * report.numeric)


def test_two_wrong_elements_of_five_thousand_that_cancel_are_found() -> None:
    def vjp(g: Array, x: Array) -> tuple[Array]:
        out = 2 * g * x
        out[123] += 0.5 * g
        out[4321] -= 0.5 * g
        return (out,)

    x = np.linspace(-1, 1, 5000)
    report = check_vjp(lambda x: (x * x).sum(), vjp, x, raises=False)
    assert report.verdict == "fail"
    assert report.index in ((123,), (4321,))


# ---------------------------------------------------------------- settings


def test_a_cotangent_can_be_chosen() -> None:
    seen = []

    def vjp(g: Array, x: Array) -> tuple[Array]:
        seen.append(g.copy())
        return (g * np.cos(x),)

    check_vjp(np.sin, vjp, [0.5, 1.0], cotangent=[0.0, 3.0])
    assert np.array_equal(seen[0], [0.0, 3.0])


def test_a_cotangent_that_does_not_fit_or_shows_nothing_is_refused() -> None:
    for wrong in ([1.0, 2.0, 3.0], [[1.0, 2.0]], 1.0, ([1.0], [2.0])):
        with pytest.raises(ShapeError, match="the function returns"):
            check_vjp(np.sin, sine, [0.5, 1.0], cotangent=wrong)
    for empty in ([0.0, 0.0], [np.nan, 1.0], [np.inf, 0.0]):
        with pytest.raises(ArgumentError, match="the cotangent is"):
            check_vjp(np.sin, minus_sine, [0.5, 1.0], cotangent=empty)


@pytest.mark.parametrize(
    "options", [{"order": 0}, {"order": 3}, {"unresolved": "pass"}, {"at_kink": "middle"}]
)
def test_settings_that_mean_nothing_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        check_vjp(np.sin, sine, [0.5], **options)


def test_a_sum_that_the_verdict_leaves_out_does_not_count_in_the_score(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each of two equal maxima claims all of the gradient: only their sum shows it."""

    def check() -> Report:
        pull = lambda g, x: (g * (x == x.max()),)  # noqa: E731
        return check_vjp(np.max, pull, np.array([2.0, 2.0, 1.0]), raises=False)

    assert check().verdict == "fail"
    assert check().score > 1
    monkeypatch.setattr("tinygrad_edu.testing.gradcheck.consistent", lambda *_: False)
    assert check().verdict == "pass"
    assert check().score <= 1
