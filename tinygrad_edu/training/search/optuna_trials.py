"""The same space and objective for a study of Optuna (the extra ``search``)."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

from . import catalogue
from .dimensions import Choice, Dimension, Integer, LogUniform, Space, checked, label
from .methods import seed_of
from .trial import Budget, Job, Objective, attempted, judged

__all__ = ["optuna_objective"]


def optuna_objective(
    space: Space,
    objective: Objective,
    *,
    budget: Budget = 1,
    by: str | None = None,
    rng: int = 0,
) -> Callable[[Any], float]:
    """Return what ``study.optimize`` takes, for the same space and objective.

    Parameters
    ----------
    space, objective, budget, by
        As for ``random``.
    rng : int
        The seed; trial t has ``default_rng([seed, t])`` here too, with Optuna's number of it.

    Returns
    -------
    callable
        Of one ``optuna.Trial``. All scores, or the reason of a failure, are its user attributes; a
        failed trial returns NaN, which Optuna counts as failed.

    Raises
    ------
    MissingDependency
        Without Optuna.

    Notes
    -----
    You create the study, before any worker does: ``optuna.create_study(direction="minimize")``,
    with a journal file as storage if processes share it. An option that Optuna cannot store stands
    there as it is written.

    Examples
    --------
    >>> from tinygrad_edu.training import search
    >>> import pytest; optuna = pytest.importorskip("optuna")
    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    >>> study.optimize(search.optuna_objective(
    ...     {"x": search.uniform(0, 1)}, lambda settings, budget, rng: settings["x"]), n_trials=5)
    >>> study.best_value < 0.5
    True
    """
    try:
        importlib.import_module("optuna")
    except ImportError:
        raise catalogue.no_optuna() from None
    dimensions, seed = checked(space), seed_of(rng)

    def tried(trial: Any) -> float:
        settings = {name: _suggested(trial, name, each) for name, each in dimensions.items()}
        job = Job(trial.number, budget, settings, seed)
        made = judged(job, attempted(objective, job), by)
        for name, value in made.scores.items():
            trial.set_user_attr(name, value)
        if made.failed:
            trial.set_user_attr("failed", made.failed)
            return math.nan
        return made.score

    return tried


def _suggested(trial: Any, name: str, dimension: Dimension) -> Any:
    match dimension:
        case Choice(options):
            words = {label(option): option for option in options}
            return words[trial.suggest_categorical(name, list(words))]
        case Integer(low, high, log):
            return trial.suggest_int(name, low, high, log=log)
        case LogUniform(low, high):
            return trial.suggest_float(name, low, high, log=True)
        case _:
            return trial.suggest_float(name, dimension.low, dimension.high)  # type: ignore[attr-defined]
