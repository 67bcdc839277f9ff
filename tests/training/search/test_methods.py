"""Grid, random search and halving, without other processes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.training.search.objectives import SPACE, noisy
from tinygrad_edu.errors import ArgumentError, TrialError
from tinygrad_edu.training import search


def found(method: Any = search.random, objective: Any = noisy, **options: Any) -> search.Result:
    result: search.Result = method(
        objective, options.pop("space", SPACE), **{"progress": False, "rng": 0, **options}
    )
    return result


def test_a_grid_is_the_product_with_the_last_dimension_fastest() -> None:
    space = {"a": search.choice("p", "q"), "b": search.integer(1, 3)}
    result = found(search.grid, lambda s, b, r: s["b"], space=space)
    assert [tuple(trial.settings.values()) for trial in result] == [
        ("p", 1), ("p", 2), ("p", 3), ("q", 1), ("q", 2), ("q", 3),
    ]  # fmt: skip


def test_points_may_be_given_by_name() -> None:
    space = {"a": search.uniform(0, 1), "b": search.uniform(0, 1)}
    assert len(found(search.grid, lambda s, b, r: 0.0, space=space, points={"a": 2, "b": 5})) == 10


@pytest.mark.parametrize("points", [None, 1, 2.0, {"c": 3}, {"a": 3}])
def test_a_grid_without_good_points_is_refused(points: Any) -> None:
    space = {"a": search.uniform(0, 1), "b": search.uniform(0, 1)}
    with pytest.raises(ArgumentError, match=r"values|points"):
        found(search.grid, space=space, points=points)


def test_trials_do_not_depend_on_how_many_there_are() -> None:
    assert found(trials=9).trials[:4] == found(trials=4).trials


def test_each_objective_gets_the_generator_of_its_trial() -> None:
    drawn = found(trials=3, objective=lambda s, b, rng: rng.random(), rng=5)
    expected = [np.random.default_rng([5, t]).random() for t in range(3)]
    assert [trial.score for trial in drawn] == expected


def test_what_draws_without_rng_repeats_itself_too() -> None:
    def objective(settings: Any, budget: float, rng: Any) -> float:
        return float(tg.random.normal((1,)).data[0])

    first = found(trials=3, objective=objective)
    assert first.trials == found(trials=3, objective=objective).trials
    assert len({trial.score for trial in first}) == 3


def test_the_seed_decides_and_tg_seed_is_one() -> None:
    assert found(rng=1).trials != found(rng=2).trials
    with tg.seed(4):
        first = found(rng=None)
    with tg.seed(4):
        assert found(rng=None).trials == first.trials
    assert first.trials == found(rng=first.seed).trials


def test_the_best_is_the_smallest_or_the_largest_score() -> None:
    scores = {trial.trial: trial.score for trial in found()}
    assert found().best.trial == min(scores, key=scores.__getitem__)
    assert found(maximize=True).best.trial == max(scores, key=scores.__getitem__)


def test_another_score_may_decide() -> None:
    result = found(by="size")
    assert result.best.score == min(trial.settings["k"] for trial in result)
    assert set(result.best.scores) == {"loss", "size"}


@pytest.mark.parametrize("maximize", [False, True])
def test_a_trial_that_breaks_down_is_failed_with_a_reason_and_never_the_best(
    maximize: bool,
) -> None:
    def objective(settings: Any, budget: float, rng: Any) -> float:
        if settings["k"] == 1:
            return float("inf")
        if settings["k"] == 2:
            return float("-inf")
        if settings["k"] == 3:
            with np.errstate(all="raise"):
                return float(np.float64(1) / np.float64(0))
        if settings["k"] == 4:
            raise tg.errors.DivergedError("the loss is nan")
        return float("nan") if settings["k"] == 5 else 1.0

    result = found(
        search.grid, objective, space={"k": search.integer(1, 6)}, maximize=maximize
    )  # fmt: skip
    assert result.best.settings == {"k": 6}
    assert [trial.failed for trial in result.failed] == [
        "score is inf", "score is -inf", "FloatingPointError: divide by zero encountered in "
        "scalar divide", "DivergedError: the loss is nan", "score is nan",
    ]  # fmt: skip
    assert all(math.isnan(trial.score) for trial in result.failed)
    assert "5 failed" in repr(result)


def test_a_search_without_any_score_says_why() -> None:
    result = found(objective=lambda s, b, r: math.nan, trials=3)
    with pytest.raises(ArgumentError, match="no trial of 3"):
        _ = result.best


def test_another_error_ends_the_search_and_names_the_trial() -> None:
    def objective(settings: Any, budget: float, rng: Any) -> float:
        return float({}["rate"])

    with pytest.raises(TrialError, match="trial 0 stopped the search: KeyError") as caught:
        found(objective=objective)
    assert caught.value.trial == 0
    assert isinstance(caught.value.__cause__, KeyError)
    assert "rate=" in str(caught.value)


@pytest.mark.parametrize("value", [None, "good", {}, {"loss": None}, np.zeros(2)])
def test_an_objective_without_a_number_is_refused(value: Any) -> None:
    with pytest.raises(TrialError, match="not a number"):
        found(objective=lambda s, b, r: value)


def test_a_score_that_there_is_not_is_refused() -> None:
    with pytest.raises(ArgumentError, match="by='los'") as caught:
        found(by="los")
    assert caught.value.fix == "by='loss'"


@pytest.mark.parametrize(
    "options",
    [
        {"trials": 0}, {"trials": 2.0}, {"budget": 0}, {"budget": math.inf}, {"budget": "all"},
        {"workers": -1}, {"rng": -1}, {"rng": 2**32}, {"rng": 0.5}, {"resume": True},
        {"method": search.halving, "factor": 1}, {"method": search.halving, "least": 30},
        {"method": search.halving, "trials": 0},
    ],
    ids=str,
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused_with_a_fix(options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError) as caught:
        found(**options)
    assert caught.value.fix


def test_halving_gives_the_better_third_three_times_as_much() -> None:
    result = found(search.halving, trials=27, budget=27)
    by_budget: dict[float, dict[int, float]] = {}
    for trial in result:
        by_budget.setdefault(trial.budget, {})[trial.trial] = trial.score
    assert {budget: len(row) for budget, row in by_budget.items()} == {1: 27, 3: 9, 9: 3, 27: 1}
    for least in (1, 3, 9):
        scores = by_budget[least]
        best = sorted(scores, key=lambda trial: (scores[trial], trial))[: len(scores) // 3]
        assert sorted(by_budget[3 * least]) == sorted(best)
    assert result.best.budget == 27
    alone = found(trials=27, budget=27).trials
    assert result.best == alone[result.best.trial]


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"trials": 4, "budget": 10, "least": 4, "factor": 2}, {5: 4, 10: 2}),
        ({"trials": 2, "budget": 100}, {100: 2}),
        ({"trials": 8, "budget": 1.0, "least": 0.25, "factor": 2}, {0.25: 8, 0.5: 4, 1.0: 2}),
        ({"trials": 5, "budget": 5, "least": 5}, {5: 5}),
    ],
)
def test_halving_has_as_many_rounds_as_trials_and_budget_allow(
    options: dict[str, Any], expected: dict[float, int]
) -> None:
    budgets = [trial.budget for trial in found(search.halving, **options)]
    assert {budget: budgets.count(budget) for budget in budgets} == expected


def test_failed_trials_go_on_only_where_nothing_else_is_left() -> None:
    def objective(settings: Any, budget: float, rng: Any) -> float:
        return settings["x"] if settings["x"] > 0.7 else math.nan

    result = found(search.halving, objective, trials=9, budget=9)
    good = [t.trial for t in result if t.budget == 1 and not t.failed]
    assert {t.trial for t in result if t.budget == 3} >= set(good[:3])
    assert not result.best.failed


def test_the_table_has_numbers_as_numbers_and_options_as_text() -> None:
    table = found(trials=4).table
    assert table["trial"].tolist() == [0, 1, 2, 3]
    assert table["x"].dtype == np.float64
    assert set(table["shape"]) <= {"(4,)", "(4, 4)", "none"}
    assert table["score"].tolist() == table["loss"].tolist()


def test_importance_finds_the_setting_that_decides() -> None:
    space = {"x": search.uniform(0, 1), "y": search.uniform(0, 1), "k": search.choice("a", "b")}
    shares = found(
        objective=lambda s, b, r: s["y"] + 0.01 * r.normal(), space=space, trials=80
    ).importance()  # fmt: skip
    assert next(iter(shares)) == "y"
    assert shares["y"] > 0.8
    assert max(shares["x"], shares["k"]) < 0.15
    space = {"k": search.integer(0, 2), "u": search.choice(*"abcd")}
    exact = found(search.grid, lambda s, b, r: s["k"], space=space).importance()
    assert exact == {"k": 1.0, "u": 0.0}


def test_importance_of_nothing_is_zero() -> None:
    assert set(found(objective=lambda s, b, r: 1.0).importance().values()) == {0.0}
    assert set(found(objective=lambda s, b, r: math.nan).importance().values()) == {0.0}


def test_each_trial_is_told_as_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    found(trials=2, progress=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].split()[:5] == ["2/2", "budget", "1", "trial", "1:"]
