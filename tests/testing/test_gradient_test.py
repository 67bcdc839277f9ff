"""``gradient_test``: it fails for wrong gradients, counts what is unresolved, draws what was asked.

The check itself is stood in for where its verdict is the question: the test is about the loop.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.domain import Real
from tinygrad_edu.errors import ArgumentError, GradientMismatch, GradientUnresolved
from tinygrad_edu.testing import Finding, Report, strategies as tst
from tinygrad_edu.testing.property import gradient_test

CHECKOUT = Path(__file__).parents[2]
pytestmark = pytest.mark.once

MADE = """
import sys, types
import tinygrad_edu as tg
from tinygrad_edu.testing import Real, Report
from tinygrad_edu.testing.property import gradient_test

stand_in = types.ModuleType("tinygrad_edu.testing.gradients")
stand_in.check_gradients = lambda fn, *xs, **_: Report("f")
sys.modules[stand_in.__name__] = stand_in
test_log = gradient_test(tg.log, Real(1.0, 2.0), max_examples=23)
"""
Call = tuple[tuple[np.ndarray, ...], dict[str, Any]]


def report(verdict: str, score: float = 0.5, at: str = "") -> Report:
    """As a check would give it."""
    finding = [Finding("value", f"it is wrong{at}")]
    return Report(
        "f",
        findings=finding if verdict == "fail" else [],
        unresolved=finding if verdict == "unresolved" else [],
        score=score,
    ).settle()


@pytest.fixture(autouse=True)
def the_same_examples_every_time() -> Iterator[None]:
    before = settings.get_current_profile_name()
    settings.register_profile("same", derandomize=True, database=None, deadline=None)
    settings.load_profile("same")
    yield
    settings.load_profile(before)


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., str]], list[Call]]:
    """Stand in for the check: the verdict follows from the points; every call is written down."""

    def stand_in(verdict: Callable[..., str]) -> list[Call]:
        calls: list[Call] = []

        def check_gradients(fn: Any, *xs: Any, **options: Any) -> Report:
            calls.append((xs, {"fn": fn, **options}))
            return report(verdict(*xs), at=f" at {xs}")

        module = types.ModuleType("tinygrad_edu.testing.gradients")
        module.check_gradients = check_gradients  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return calls

    return stand_in


def always(verdict: str) -> Callable[..., str]:
    return lambda *xs: verdict


def test_a_right_gradient_passes_and_is_checked_as_often_as_asked(judge: Any) -> None:
    calls = judge(always("pass"))
    gradient_test(tg.log, Real(0.5, 4.0), max_examples=40)()
    assert len(calls) == 40
    for (x,), options in calls:
        assert isinstance(x, np.ndarray)
        assert ((x >= 0.5) & (x <= 4.0)).all()
        assert options["fn"] is tg.log
        assert (options["order"], options["raises"]) == (1, False)
        assert isinstance(options["rng"], int)
    assert {x.ndim for (x,), _ in calls} == {0, 1, 2, 3}


def test_a_wrong_gradient_fails_with_the_report_of_the_smallest_point(judge: Any) -> None:
    judge(lambda x: "fail" if x.size > 2 and (x < 0).any() else "pass")
    with pytest.raises(GradientMismatch) as caught:
        gradient_test(tg.abs, shapes=tst.shapes(max_dims=1), max_examples=200)()
    error = caught.value
    assert "it is wrong at (array([-1., -1., -1.]),)" in str(error)
    assert error.report.verdict == "fail"
    assert error.site is not None
    assert error.site.filename == __file__
    assert "gradient_test(tg.abs" in error.site.lines()[0]


@pytest.mark.parametrize("every, fails", [(1, True), (3, False)])
def test_it_fails_when_more_than_half_of_the_points_are_unresolved(
    judge: Any, every: int, fails: bool
) -> None:
    seen: list[int] = []
    judge(lambda *_: "unresolved" if _counted(seen) % every == 0 else "pass")
    test = gradient_test(tg.exp, max_examples=60)
    if not fails:
        test()
        return
    with pytest.raises(GradientUnresolved, match="60 of 60 points are unresolved") as caught:
        test()
    assert "it is wrong at" in str(caught.value)
    assert "Real(low, high)" in str(caught.value)
    assert caught.value.report.verdict == "unresolved"


def test_exactly_half_unresolved_is_still_a_pass_and_one_more_is_not(judge: Any) -> None:
    for limit, fails in ((20, False), (21, True)):
        seen: list[int] = []
        judge(lambda *_, c=seen, n=limit: "unresolved" if _counted(c) <= n else "pass")
        test = gradient_test(tg.exp, max_examples=40)
        if fails:
            with pytest.raises(GradientUnresolved, match="21 of 40"):
                test()
        else:
            test()


def _counted(seen: list[int]) -> int:
    seen.append(1)
    return len(seen)


def test_a_failure_counts_more_than_unresolved_points(judge: Any) -> None:
    judge(lambda x: "fail" if x.size > 1 else "unresolved")
    with pytest.raises(GradientMismatch):
        gradient_test(tg.exp, max_examples=50)()


def test_each_run_counts_for_itself(judge: Any) -> None:
    verdict = {"now": "unresolved"}
    judge(lambda *_: verdict["now"])
    test = gradient_test(tg.exp, max_examples=20)
    with pytest.raises(GradientUnresolved, match="20 of 20"):
        test()
    verdict["now"] = "pass"
    test()
    verdict["now"] = "unresolved"
    with pytest.raises(GradientUnresolved, match="20 of 20"):
        test()


def test_two_tests_in_two_threads_do_not_count_for_each_other(judge: Any) -> None:
    judge(lambda x: "unresolved" if x.dtype == np.float32 else "pass")
    caught: dict[str, BaseException | None] = {}

    def run(name: str, dtype: type) -> None:
        try:
            gradient_test(tg.exp, dtype=dtype, max_examples=60)()
            caught[name] = None
        except GradientUnresolved as error:
            caught[name] = error

    threads = [
        threading.Thread(target=run, args=arguments)
        for arguments in (("passes", np.float64), ("undecided", np.float32))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert caught["passes"] is None
    assert "60 of 60" in str(caught["undecided"])


def test_inputs_have_their_domains_shapes_and_type(judge: Any) -> None:
    calls = judge(always("pass"))
    domains = [Real(1.0, 2.0), Real(-2.0, -1.0)]
    gradient_test(tg.add, domains, dtype=np.float32, max_examples=30)()
    for (x, y), _ in calls:
        assert x.dtype == y.dtype == np.float32
        assert (x > 0).all()
        assert (y < 0).all()
        np.broadcast_shapes(x.shape, y.shape)
    calls.clear()
    gradient_test(tg.add, domains, shapes=[(2, 3), (3,)], max_examples=10)()
    assert {(x.shape, y.shape) for (x, y), _ in calls} == {((2, 3), (3,))}
    calls.clear()
    gradient_test(tg.exp, shapes=(2, 3), max_examples=10)()
    assert {x.shape for (x,), _ in calls} == {(2, 3)}
    calls.clear()
    gradient_test(tg.exp, shapes=tst.shapes(min_dims=2, max_dims=2), max_examples=10)()
    assert {x.ndim for (x,), _ in calls} == {2}


def test_inputs_may_be_drawn_by_any_strategy(judge: Any) -> None:
    calls = judge(always("pass"))
    gradient_test(tg.matmul, tst.matmul_operands(), max_examples=30)()
    for (x, y), _ in calls:
        np.matmul(x, y)
    calls.clear()
    gradient_test(tg.exp, tst.arrays((3,)), order=2, at_kink=0.0, max_examples=5)()
    for (x,), options in calls:
        assert x.shape == (3,)
        assert (options["order"], options["at_kink"]) == (2, 0.0)


def test_examples_given_are_checked_first(judge: Any) -> None:
    calls = judge(always("pass"))
    kept = [(np.array([0.25]), np.array(0.75)), [np.array(7.0), np.array(8.0)]]
    gradient_test(tg.add, [Real(), Real()], examples=kept, max_examples=5)()
    assert len(calls) == 7
    given_ = [tuple(float(x.ravel()[0]) for x in xs) for xs, _ in calls[:2]]
    assert sorted(given_) == [(0.25, 0.75), (7.0, 8.0)]


def test_the_profile_says_how_many_where_nothing_else_does(judge: Any) -> None:
    calls = judge(always("pass"))
    settings.register_profile("seventeen", max_examples=17, deadline=None, database=None)
    settings.load_profile("seventeen")
    gradient_test(tg.exp)()
    assert len(calls) == 17


def test_points_are_moved_to_where_the_gap_is_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    monkeypatch.setattr("hypothesis.target", lambda value, label: told.append(value))
    module = types.ModuleType("tinygrad_edu.testing.gradients")
    scores = iter([0.1, 0.0, np.inf, np.nan, 1e-3])
    module.check_gradients = lambda *_, **__: report("pass", next(scores))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    gradient_test(tg.exp, max_examples=5)()
    assert told == [-1.0, -3.0]


def test_what_cannot_be_drawn_is_refused_at_once() -> None:
    with pytest.raises(ArgumentError, match="decides their shapes itself"):
        gradient_test(tg.exp, tst.arrays(), shapes=(2,))
    with pytest.raises(ArgumentError, match="inputs are drawn from domains"):
        gradient_test(tg.exp, [])
    with pytest.raises(ArgumentError, match="inputs are drawn from domains"):
        gradient_test(tg.exp, [(0.0, 1.0)])  # type: ignore[list-item]


def test_pytest_collects_it_and_takes_it_for_a_property(tmp_path: Path) -> None:
    test = gradient_test(tg.log, Real(1.0, 2.0))
    assert test.__name__ == "test_gradient_of_log"
    assert "log" in (test.__doc__ or "")
    file = tmp_path / "test_made.py"
    file.write_text(MADE)
    options = ["-q", "--hypothesis-show-statistics", "-p", "no:cacheprovider"]
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(file)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "max_examples=23" in answer.stdout


def test_a_function_without_a_name_of_its_own_can_be_tested(judge: Any) -> None:
    judge(always("pass"))
    for fn in (lambda x: x * 2.0, functools.partial(tg.sum, axis=0), tg.nn.Linear(1, 1)):
        test = gradient_test(fn, max_examples=2)
        test()
        assert test.__name__.isidentifier()


def test_strategies_of_tuples_lists_and_single_arrays_are_all_inputs(judge: Any) -> None:
    calls = judge(always("pass"))
    for strategy in (st.just(np.ones(2)), st.just([np.ones(2)]), st.just((np.ones(2),))):
        gradient_test(tg.exp, strategy, max_examples=1)()
    assert [len(xs) for xs, _ in calls] == [1, 1, 1]
