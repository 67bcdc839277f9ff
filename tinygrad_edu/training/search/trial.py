"""One trial: a generator of its own, and what came of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ...seeding import drawing_from
from . import catalogue
from .dimensions import Settings, label

__all__ = ["Budget", "Job", "Objective", "Outcome", "Trial", "attempted", "judged", "shown"]

Budget: TypeAlias = int | float
Objective: TypeAlias = Callable[[Settings, Any, np.random.Generator], Any]


@dataclass(frozen=True)
class Job:
    """What is to be done: which trial, with what, and how long."""

    trial: int
    budget: Budget
    settings: Settings
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What the objective returned, or why it could not."""

    scores: dict[str, float]
    failed: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Trial:
    """One trial of a search.

    Attributes
    ----------
    trial : int
        Its number, from 0.
    budget : int or float
        What the objective was given.
    settings : dict
        One value of each dimension.
    score : float
        What trials are compared by; NaN for one that failed.
    scores : dict of float
        All that the objective returned.
    failed : str or None
        Why it has no score.
    seconds : float
        How long it took; no part of comparisons.
    """

    trial: int
    budget: Budget
    settings: Settings
    score: float
    scores: dict[str, float]
    failed: str | None = None
    seconds: float = 0.0

    def __eq__(self, other: object) -> bool:
        """Equal in all but the time; two that failed alike are equal, though NaN is not NaN."""
        if not isinstance(other, Trial):
            return NotImplemented
        return self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((self.trial, self.budget))

    def _compared(self) -> tuple[object, ...]:
        known = {name: value for name, value in self.scores.items() if value == value}
        score = self.score if self.score == self.score else None
        return self.trial, self.budget, self.settings, score, list(self.scores), known, self.failed

    def __repr__(self) -> str:
        said = f"failed: {self.failed}" if self.failed else f"{self.score:.6g}"
        return f"trial {self.trial}: {said}   ({shown(self.settings)})"


def attempted(objective: Objective, job: Job) -> Outcome:
    """Call the objective; arithmetic that breaks down is an outcome, any other error goes on.

    Parameters
    ----------
    objective : callable
        Of settings, budget and generator.
    job : Job
        What to call it with.
    """
    rng = np.random.default_rng([job.seed, job.trial])
    began = time.perf_counter()
    try:
        with drawing_from(rng):  # so that what is given no ``rng=`` repeats itself too
            found = objective(dict(job.settings), job.budget, rng)
    except FloatingPointError as error:  # AnomalyError and DivergedError too
        said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        return Outcome({}, said, time.perf_counter() - began)
    return Outcome(_scores(found), None, time.perf_counter() - began)


def _scores(found: Any) -> dict[str, float]:
    named = dict(found) if isinstance(found, Mapping) else {"score": found}
    try:
        numbers = {str(name): float(value) for name, value in named.items()}
    except (TypeError, ValueError):
        raise catalogue.bad_scores(found) from None
    if not numbers:
        raise catalogue.bad_scores(found)
    return numbers


def judged(job: Job, outcome: Outcome, by: str | None) -> Trial:
    """Return a trial with the score that decides, the first one by default.

    Parameters
    ----------
    job : Job
        What was done.
    outcome : Outcome
        What came of it.
    by : str or None
        Which of its scores decides.
    """
    scores, failed, score = outcome.scores, outcome.failed, math.nan
    if failed is None:
        name = next(iter(scores)) if by is None else by
        if name not in scores:
            raise catalogue.no_such_score(name, list(scores))
        if math.isfinite(scores[name]):
            score = scores[name]
        else:
            failed = f"{name} is {scores[name]:g}"
    return Trial(
        job.trial, job.budget, dict(job.settings), score, dict(scores), failed, outcome.seconds
    )


def shown(settings: Settings) -> str:
    """Return settings in one line.

    >>> shown({"rate": 0.012345678, "widths": (64, 64)})
    'rate=0.01235, widths=(64, 64)'
    """
    words = {name: label(value) for name, value in settings.items()}
    return ", ".join(
        f"{name}={word:.4g}" if isinstance(word, float) else f"{name}={word}"
        for name, word in words.items()
    )
