"""Grid, random search and successive halving over a pure objective."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ...seeding import generator
from ...types import Rng
from ..catalogue import bad_count
from . import catalogue
from .dimensions import Space, checked, drawn, gridded, label
from .journal import Journal
from .result import Result
from .trial import Budget, Job, Objective, Trial, judged
from .workers import Crew

__all__ = ["grid", "halving", "random", "seed_of"]


class _Search:
    """One search: what is known, who works, and what is said."""

    def __init__(
        self, objective: Objective, space: Any, how: dict[str, Any], *, maximize: bool,
        by: str | None, workers: int, path: str | Path | None, resume: bool, progress: bool,
        rng: Rng,
    ) -> None:  # fmt: skip
        if not isinstance(workers, int) or workers < 0:
            raise bad_count("workers", workers, 0)
        self.space, self.maximize, self.by, self._says = checked(space), maximize, by, progress
        described = {name: dimension.described() for name, dimension in self.space.items()}
        given = seed_of(rng) if rng is not None else None
        self._crew = Crew(objective, workers)
        self._journal = Journal(
            path, {"seed": given, "objective": label(objective), "space": described, **how}, resume
        )
        found = self._journal.seed
        self.seed = seed_of(generator(None)) if found is None else found
        self._journal.begin(self.seed)
        self.trials: list[Trial] = []

    def __enter__(self) -> _Search:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._crew.__exit__(kind, error, traceback)

    def jobs(self, trials: Sequence[int], budget: Budget) -> list[Job]:
        """Return random trials as jobs."""
        return [Job(k, budget, drawn(self.space, self.seed, k), self.seed) for k in trials]

    def done(self, jobs: Sequence[Job]) -> list[Trial]:
        """Do what is not in the file, and return all in the order of the jobs."""
        found = {job.trial: self._journal.known(job) for job in jobs}
        trials = {
            job.trial: judged(job, outcome, self.by)
            for job in jobs
            if (outcome := found[job.trial]) is not None
        }
        for job, outcome in self._crew.done([job for job in jobs if found[job.trial] is None]):
            trial = trials[job.trial] = judged(job, outcome, self.by)
            self._journal.write(job, outcome)
            if self._says:
                print(f"{len(trials):>4}/{len(jobs)}  budget {job.budget:g}  {trial}", flush=True)
        made = [trials[job.trial] for job in jobs]
        self.trials += made
        return made

    def order(self, trial: Trial) -> tuple[float, int]:
        """Return by what trials are sorted: the best first, one that failed last."""
        score = -trial.score if self.maximize else trial.score
        return (math.inf if trial.failed else score, trial.trial)

    def result(self, method: str) -> Result:
        """Return what was found."""
        return Result(
            self.space, self.trials, method=method, seed=self.seed, maximize=self.maximize,
            by=self.by,
        )  # fmt: skip


def grid(
    objective: Objective,
    space: Space,
    *,
    points: int | Mapping[str, int] | None = None,
    budget: Budget = 1,
    maximize: bool = False,
    by: str | None = None,
    workers: int = 0,
    path: str | Path | None = None,
    resume: bool = False,
    progress: bool = True,
    rng: Rng = None,
) -> Result:
    r"""Try all combinations of some values of each setting.

    .. math:: \Theta = \Theta_1 \times \dots \times \Theta_d, \qquad
              |\Theta| = \textstyle\prod_j |\Theta_j|

    Parameters
    ----------
    objective, space, budget, maximize, by, workers, path, resume, progress, rng
        As for ``random``.
    points : int or dict of int, optional
        How many values of each dimension of numbers, or of some by name. A choice goes in whole,
        and so does ``integer`` without a number.

    Returns
    -------
    Result
        One trial for each combination; the last dimension changes fastest.

    Notes
    -----
    Three values of each of five settings are 243 trials, and each setting is seen at three values
    only. Source: Bergstra and Bengio 2012, section 1.

    Examples
    --------
    >>> from tinygrad_edu.training import search
    >>> def objective(settings, budget, rng):
    ...     return (settings["x"] - 1) ** 2 + settings["k"]
    >>> space = {"x": search.uniform(0, 4), "k": search.choice(0, 1)}
    >>> found = search.grid(objective, space, points=5, progress=False)
    >>> len(found), found.best.settings
    (10, {'x': 1.0, 'k': 0})
    """
    _check_budget("budget", budget)
    dimensions = checked(space)
    settings = gridded(dimensions, points)
    counts: Any = dict(points) if isinstance(points, Mapping) else points
    with _Search(
        objective, dimensions, {"grid": counts, "settings": "grid"}, maximize=maximize, by=by,
        workers=workers, path=path, resume=resume, progress=progress, rng=rng,
    ) as search:  # fmt: skip
        search.done([Job(k, budget, each, search.seed) for k, each in enumerate(settings)])
        return search.result("grid")


def random(
    objective: Objective,
    space: Space,
    *,
    trials: int = 20,
    budget: Budget = 1,
    maximize: bool = False,
    by: str | None = None,
    workers: int = 0,
    path: str | Path | None = None,
    resume: bool = False,
    progress: bool = True,
    rng: Rng = None,
) -> Result:
    r"""Try random settings, each drawn without regard to the others.

    .. math:: \theta_t \sim p_1 \times \dots \times p_d, \qquad t = 0, \dots, T - 1

    Parameters
    ----------
    objective : callable
        ``objective(settings, budget, rng)``, a pure function: equal arguments give an equal score.
        It returns a number, or a dict of them. ``training_objective`` makes one of a model and
        data.
    space : dict of dimensions
        From ``choice``, ``uniform``, ``log_uniform``, ``integer``, by the name of the setting.
    trials : int, at least 1
        How many.
    budget : int or float, above 0
        Passed on: how long the objective may train, in epochs for example.
    maximize : bool
        The best score is the largest.
    by : str, optional
        Which score of a dict decides; by default its first.
    workers : int, at least 0
        How many processes, with one BLAS thread each; with 0, all is done in this one. The
        objective is then a function at the top of a file.
    path : path, optional
        A file with a line for each trial that is over.
    resume : bool
        Go on with that file; more trials than before may be asked for.
    progress : bool
        Print a line for each trial.
    rng : int, Generator, optional
        The seed. Trial t has ``np.random.default_rng([seed, t])`` for its objective, so neither the
        order nor the number of workers matters.

    Returns
    -------
    Result
        ``.best``, ``.trials``, ``.table``, ``.plot()``.

    Raises
    ------
    TrialError
        When a trial raises anything but a ``FloatingPointError``, or its process ends.
    ArgumentError, LoadError
        For an objective that cannot be sent to a worker, and for a file of another search.

    Notes
    -----
    A score that is not finite, and arithmetic that breaks down, make a failed trial with a reason.
    Where few settings matter, random trials see more values of them than a grid. Processes give
    equal bits in any number; this process does too if its BLAS has one thread. Source: Bergstra
    and Bengio 2012.

    Examples
    --------
    >>> from tinygrad_edu.training import search
    >>> def objective(settings, budget, rng):
    ...     return (np.log10(settings["rate"]) + 2) ** 2
    >>> space = {"rate": search.log_uniform(1e-4, 1e-1)}
    >>> found = search.random(objective, space, trials=30, progress=False, rng=0)
    >>> len(found), round(found.best.settings["rate"], 2)
    (30, 0.01)
    """
    if not isinstance(trials, int) or isinstance(trials, bool) or trials < 1:
        raise bad_count("trials", trials, 1)
    _check_budget("budget", budget)
    with _Search(
        objective, space, {"settings": "random"}, maximize=maximize, by=by, workers=workers,
        path=path, resume=resume, progress=progress, rng=rng,
    ) as search:  # fmt: skip
        search.done(search.jobs(range(trials), budget))
        return search.result("random")


def halving(
    objective: Objective,
    space: Space,
    *,
    trials: int = 27,
    budget: Budget = 27,
    least: Budget = 1,
    factor: int = 3,
    maximize: bool = False,
    by: str | None = None,
    workers: int = 0,
    path: str | Path | None = None,
    resume: bool = False,
    progress: bool = True,
    rng: Rng = None,
) -> Result:
    r"""Give many random trials a little, and more and more to the best of them.

    .. math:: |S_{k+1}| = \lfloor |S_k| / \eta \rfloor, \qquad r_{k+1} = \eta \, r_k

    Parameters
    ----------
    objective, space, maximize, by, workers, path, resume, progress, rng
        As for ``random``; a larger budget should make the score more telling.
    trials : int, at least 1
        How many begin.
    budget : int or float
        What the last ones get.
    least : int or float, above 0
        No trial gets less.
    factor : int, at least 2
        One of so many goes on to the next round, with so many times the budget.

    Returns
    -------
    Result
        All rounds; ``.best`` is among those with the largest budget.

    Notes
    -----
    There are as many rounds as trials and budgets allow; each costs about the same. A trial that
    goes on begins anew, since the objective is pure: with a factor of 3 that is at most half as
    much again. A trial that failed goes on only where nothing else is left. Source: Jamieson and
    Talwalkar 2016, algorithm 1, with any factor as in Li et al. 2018, section 3.

    Examples
    --------
    >>> from tinygrad_edu.training import search
    >>> def objective(settings, budget, rng):
    ...     return settings["x"] ** 2 + rng.normal() / budget
    >>> found = search.halving(objective, {"x": search.uniform(-1, 1)}, trials=9, budget=9,
    ...     progress=False, rng=0)
    >>> [trial.budget for trial in found.trials]
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 9]
    """
    for name, value, low in (("trials", trials, 1), ("factor", factor, 2)):
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise bad_count(name, value, low)
    _check_budget("least", least)
    _check_budget("budget", budget)
    if least > budget:
        raise catalogue.bad_budget("least", least, f"at most budget={budget}", str(budget))
    with _Search(
        objective, space, {"settings": "random"}, maximize=maximize, by=by, workers=workers,
        path=path, resume=resume, progress=progress, rng=rng,
    ) as search:  # fmt: skip
        numbers: Sequence[int] = range(trials)
        for count, each in _rounds(trials, budget, least, factor):
            made = search.done(search.jobs(sorted(numbers)[:count], each))
            numbers = [trial.trial for trial in sorted(made, key=search.order)]
            numbers = numbers[: max(1, len(made) // factor)]
        return search.result("halving")


def _rounds(trials: int, budget: Budget, least: Budget, factor: int) -> list[tuple[int, Budget]]:
    """Return how many trials each round has, and with which budget.

    >>> _rounds(27, 27, 1, 3), _rounds(4, 10, 4, 2)
    ([(27, 1), (9, 3), (3, 9), (1, 27)], [(4, 5), (2, 10)])
    """
    count = 1
    while trials // factor**count >= 1 and budget / factor**count >= least:
        count += 1
    whole = isinstance(budget, int) and isinstance(least, int)
    found: list[tuple[int, Budget]] = []
    for k in range(count):
        share = budget / factor ** (count - 1 - k)
        found.append((trials // factor**k, round(share) if whole else share))
    return found


def _check_budget(name: str, value: Any) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value < math.inf:
        raise catalogue.bad_budget(name, value, "a number above 0", "1")


def seed_of(rng: Any) -> int:
    """Return the seed: a number as it is, a generator draws one."""
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**32))
    try:
        seed = operator.index(rng)
    except TypeError:
        seed = -1
    if not 0 <= seed < 2**32 or isinstance(rng, bool):
        raise catalogue.bad_seed(rng)
    return seed
