"""The adapter for Optuna draws from the same space, and gives the objective the same generators."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from tests.training.search.objectives import SPACE, noisy
from tinygrad_edu.errors import MissingDependency
from tinygrad_edu.training import search


def studied(objective: Any, trials: int = 12, **options: Any) -> Any:
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(search.optuna_objective(SPACE, objective, **options), n_trials=trials)
    return study


def test_settings_lie_in_the_space_and_scores_are_kept() -> None:
    seen = []

    def objective(settings: Any, budget: float, rng: np.random.Generator) -> Any:
        seen.append((dict(settings), budget, rng.random()))
        return {"loss": settings["x"], "size": settings["k"]}

    study = studied(objective, budget=5, rng=3)
    assert len(study.trials) == 12
    for trial, (settings, budget, drawn) in zip(study.trials, seen, strict=True):
        assert -1 <= settings["x"] <= 1
        assert 1e-4 <= settings["rate"] <= 1e-1
        assert settings["k"] in range(1, 10)
        assert settings["shape"] in ((4,), (4, 4), "none")
        assert (budget, drawn) == (5, np.random.default_rng([3, trial.number]).random())
        assert trial.value == settings["x"]
        assert trial.user_attrs == {"loss": settings["x"], "size": settings["k"]}


def test_a_failed_trial_is_failed_there_too() -> None:
    def objective(settings: Any, budget: float, rng: Any) -> float:
        if settings["k"] < 5:
            raise FloatingPointError("overflow")
        return noisy(settings, budget, rng)["loss"]

    study = studied(objective)
    failed = [trial for trial in study.trials if trial.state.name == "FAIL"]
    assert 0 < len(failed) < 12
    assert failed[0].user_attrs["failed"] == "FloatingPointError: overflow"
    assert study.best_trial.state.name == "COMPLETE"


def test_without_optuna_the_install_line_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingDependency) as caught:
        search.optuna_objective(SPACE, noisy)
    assert caught.value.fix == 'pip install "tinygrad_edu[search]"'
