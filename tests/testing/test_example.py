"""The code under a report runs as pasted, and finds the same again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tinygrad_edu.testing import Report, check_vjp, strategies
from tinygrad_edu.testing.example import array_code

Array = np.ndarray[Any, Any]


def pasted(code: str, f: Any, vjp: Any) -> Report:
    """Run the lines as a user would, and return what the last one reported."""
    found: list[Report] = []

    def check(*args: Any, **options: Any) -> Report:
        found.append(check_vjp(*args, raises=False, **options))
        return found[-1]

    names = {getattr(f, "__name__", "f"): f, getattr(vjp, "__name__", "vjp"): vjp}
    exec(code, {**names, "np": np, "check_vjp": check, "f": f, "vjp": vjp})
    return found[0]


def two_outputs(x: Array) -> tuple[Array, Array]:
    return np.sin(x), x.sum()


CASES: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = {
    "one input": (np.sin, lambda g, x: (-g * np.cos(x),), ([0.1, 1 / 3],)),
    "a number": (np.sin, lambda g, x: (2 * g * np.cos(x),), (0.1,)),
    "two inputs": (np.multiply, lambda g, x, y: (g * x, g * y), ([[0.1, 2.0]], [[1e-7, 3.0]])),
    "float32": (np.sin, lambda g, x: (-g * np.cos(x),), (np.array([0.1, 2.0], np.float32),)),
    "an index": (lambda x, i: x[i], lambda g, x, i: (0 * x, None), ([0.1, 0.2], [1, 1])),
    "a mask": (lambda x, m: x * m, lambda g, x, m: (g, None), ([0.1, 0.2], [True, False])),
    "two outputs": (two_outputs, lambda g, x: (g[0] * np.cos(x),), ([0.1, 0.2],)),
    "a tuple of one": (lambda x: (np.sin(x),), lambda g, x: (-g[0] * np.cos(x),), ([0.1],)),
    "unresolved": (np.tanh, lambda g, x: (g * (1 - np.tanh(x) ** 2),), ([np.inf, 1.0],)),
    "nan": (np.sin, lambda g, x: (g * np.nan,), ([0.5, -0.0],)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_example_runs_as_pasted_and_says_the_same(name: str) -> None:
    f, vjp, xs = CASES[name]
    report = check_vjp(f, vjp, *xs, raises=False)
    assert report.verdict != "pass"
    again = pasted(report.example, f, vjp)
    assert (again.verdict, again.kind) == (report.verdict, report.kind)
    assert (again.input, again.index) == (report.input, report.index)
    assert again.analytic == report.analytic or again.analytic != again.analytic


def test_the_example_is_in_the_message_line_by_line() -> None:
    f, vjp, xs = CASES["two inputs"]
    report = check_vjp(f, vjp, *xs, raises=False)
    lines = str(report).splitlines()
    assert all(f"  {line}" in lines for line in report.example.splitlines())


def test_what_passes_and_what_is_too_long_to_paste_has_no_example() -> None:
    assert check_vjp(np.sin, lambda g, x: (g * np.cos(x),), [0.5]).example == ""
    report = check_vjp(np.sin, lambda g, x: (-g * np.cos(x),), np.ones(100), raises=False)
    assert report.verdict == "fail"
    assert report.example == ""


@given(
    st.sampled_from([np.float64, np.float32, np.float16]).flatmap(
        lambda kind: strategies.arrays(dtype=kind)
    )
)
def test_array_code_makes_the_same_array_to_the_last_bit(x: Array) -> None:
    again = eval(array_code(x), {"np": np})
    assert (again.dtype, again.shape) == (x.dtype, x.shape)
    assert again.tobytes() == np.ascontiguousarray(x).tobytes()


@pytest.mark.parametrize(
    "x",
    [
        np.array([np.nan, np.inf, -np.inf, -0.0]),
        np.array(5e-324),
        np.array([1, -2]),
        np.array([[True], [False]]),
        np.zeros((0, 3), np.float32),
        np.array(7, np.int8),
    ],
)
def test_array_code_knows_odd_numbers_and_other_types(x: Array) -> None:
    again = eval(array_code(x), {"np": np})
    assert (again.dtype, again.shape) == (x.dtype, x.shape)
    assert np.array_equal(np.signbit(again), np.signbit(x)) if x.dtype.kind == "f" else True
    assert np.array_equal(again, x, equal_nan=x.dtype.kind == "f")
