"""With ``at_kink`` a gradient must take the promised value at a kink, and there alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.testing import check_vjp

pytestmark = pytest.mark.once  # what no version of Python changes

Array = np.ndarray[Any, Any]


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def giving(slope: float) -> Any:
    """The gradient of relu, with a slope of its own at zero."""
    return lambda g, x: (g * np.where(x == 0, slope, x > 0),)


X = [0.0, 1.0, -2.0, 0.0]


@pytest.mark.parametrize(
    "convention, promised",
    [
        (0.0, 0.0),
        (1, 1.0),
        (0.25, 0.25),
        ("left", 0.0),
        ("right", 1.0),
        ("mean", 0.5),
        (lambda at: 0.75 + at, 0.75),
    ],
)
def test_the_promised_slope_passes_and_any_other_fails(convention: Any, promised: float) -> None:
    assert check_vjp(relu, giving(promised), X, at_kink=convention).verdict == "pass"
    for other in (0.0, 0.5, 1.0):
        if other != promised:
            assert check_vjp(relu, giving(other), X, raises=False).verdict == "pass"
            report = check_vjp(relu, giving(other), X, at_kink=convention, raises=False)
            assert (report.verdict, report.kind) == ("fail", "convention")
            assert report.input == 0
            assert report.index in ((0,), (3,))


def test_all_elements_at_kinks_are_found_and_no_others() -> None:
    report = check_vjp(relu, giving(1.0), X, at_kink=0.0, raises=False)
    assert [each.index for each in report.findings] == [(0,), (3,)]
    text = str(report)
    assert "at the kink 0" in text
    assert "promised" in text


def test_a_function_without_kinks_promises_nothing() -> None:
    report = check_vjp(np.sin, lambda g, x: (g * np.cos(x),), X, at_kink=7.0)
    assert report.verdict == "pass"


def test_other_outputs_that_are_smooth_keep_their_slope() -> None:
    def f(x: Array) -> tuple[Array, Array]:
        return np.abs(x), np.sin(x)

    def vjp(g: Any, x: Array) -> tuple[Array]:
        return (g[0] * np.sign(x) + g[1] * np.cos(x),)

    assert check_vjp(f, vjp, [0.0, 0.5], at_kink=0.0).verdict == "pass"
    report = check_vjp(f, vjp, [0.0, 0.5], at_kink=0.5, raises=False)
    assert (report.verdict, report.index) == ("fail", (0,))


def test_a_callable_is_asked_with_the_value_of_the_element() -> None:
    asked = []

    def promise(at: float) -> float:
        asked.append(at)
        return 0.0 if at < 3 else 1.0

    def vjp(g: Array, x: Array) -> tuple[Array]:
        return (g * ((x > 0) & (x < 6)),)

    def clip(x: Array) -> Array:
        return np.clip(x, 0.0, 6.0)

    report = check_vjp(clip, vjp, [0.0, 6.0, 1.0], at_kink=promise, raises=False)
    assert sorted(asked) == [0.0, 6.0]
    assert (report.verdict, report.index) == ("fail", (1,))


def test_an_unknown_word_is_refused_even_without_kinks() -> None:
    with pytest.raises(ArgumentError, match="at_kink is a number"):
        check_vjp(relu, giving(0.0), X, at_kink="both")
