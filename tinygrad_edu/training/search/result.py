"""What a search found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...types import reach
from ..table import Table
from . import catalogue
from .dimensions import Space, column, label
from .trial import Trial

__all__ = ["Result"]

SHOWN = 10


class Result:
    """All trials of a search, and the best of them.

    Attributes
    ----------
    space : dict of dimensions
        What was searched.
    trials : list of Trial
        In the order of their numbers, round by round.
    method : str
        ``"grid"``, ``"random"`` or ``"halving"``.
    seed : int
        What repeats the search.
    maximize : bool
        The best score is the largest.
    by : str or None
        The score that decided, if it was chosen.

    Examples
    --------
    >>> from tinygrad_edu.training import search
    >>> found = search.grid(lambda settings, budget, rng: settings["x"] ** 2,
    ...     {"x": search.integer(-1, 2)}, progress=False)
    >>> found.best
    trial 1: 0   (x=0)
    >>> found.table["score"]
    array([1., 0., 1., 4.])
    """

    def __init__(
        self,
        space: Space,
        trials: Sequence[Trial],
        *,
        method: str = "random",
        seed: int = 0,
        maximize: bool = False,
        by: str | None = None,
    ) -> None:
        self.space, self.trials = dict(space), list(trials)
        self.method, self.seed, self.maximize, self.by = method, seed, maximize, by

    def __len__(self) -> int:
        return len(self.trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self.trials)

    @property
    def failed(self) -> list[Trial]:
        """The trials without a score; each says why."""
        return [trial for trial in self.trials if trial.failed]

    @property
    def best(self) -> Trial:
        """The best trial among those with the largest budget; of equal ones, the first.

        Raises
        ------
        ArgumentError
            When every trial failed.
        """
        ranked = self.ranked()
        if not ranked:
            raise catalogue.no_best([trial.failed or "" for trial in self.trials])
        return ranked[0]

    def ranked(self) -> list[Trial]:
        """Return the trials that have a score: larger budgets first, then better scores."""
        sign = -1.0 if self.maximize else 1.0
        good = [trial for trial in self.trials if not trial.failed]
        return sorted(good, key=lambda trial: (-trial.budget, sign * trial.score, trial.trial))

    @property
    def table(self) -> Table:
        """A row for each trial: its number, budget, settings, score, and all scores by name.

        Settings that are no numbers are text.
        """
        rows = []
        for trial in self.trials:
            row: dict[str, Any] = {"trial": trial.trial, "budget": trial.budget}
            row |= {name: label(value) for name, value in trial.settings.items()}
            row |= {"score": trial.score}
            row |= {name: value for name, value in trial.scores.items() if name not in row}
            if self.failed:
                row["failed"] = trial.failed or ""
            rows.append(row)
        return Table(rows)

    def importance(self) -> dict[str, float]:
        r"""Return which share of the differences between scores each setting alone explains.

        .. math:: \epsilon^2 = 1 - \frac{n - 1}{n - g}
                  \frac{\sum_g \sum_{t \in g} (s_t - \bar s_g)^2}{\sum_t (s_t - \bar s)^2}

        Returns
        -------
        dict of float
            By setting, the largest first: 0 if nothing, 1 if all. Numbers are cut into at most four
            groups of equal size; scores enter by their rank, so that one bad trial does not
            decide. Only trials with the smallest budget are looked at: later rounds were selected.

        Notes
        -----
        Few trials say little, and what two settings do together is not seen. Source: Kelley 1935,
        equation 2, for groups; Hutter, Hoos, Leyton-Brown 2014 for the question.
        """
        least = min((trial.budget for trial in self.trials), default=0)
        good = [t for t in self.trials if not t.failed and t.budget == least]
        scores = np.array([trial.score for trial in good])
        ranks = (scores[:, None] > scores).sum(axis=1) + (scores[:, None] == scores).sum(axis=1) / 2
        shares = {
            name: _explained(_groups(column([t.settings[name] for t in good])), ranks)
            for name in self.space
        }
        return dict(sorted(shares.items(), key=lambda pair: -pair[1]))

    def plot(self, *, against: Result | None = None, ax: Any = None) -> Any:
        """Plot the score against each setting; or the values that two searches tried.

        Parameters
        ----------
        against : Result, optional
            Another search of two of these settings, such as a grid: the picture then shows how many
            different values of each setting either of them saw.
        ax : matplotlib.axes.Axes, optional
            Where to draw.

        Returns
        -------
        Plot
            Of ``tg.plots.search`` or ``tg.plots.searched_values``.
        """
        if against is not None:
            return reach["plot"]("searched_values", [self, against], ax=ax)
        return reach["plot"]("search", self, ax=ax)

    def __repr__(self) -> str:
        lost = len(self.failed)
        head = f"{self.method}: {len(self)} trials" + (f", {lost} failed" if lost else "")
        lines = [repr(trial) for trial in self.ranked()[:SHOWN]]
        return "\n".join([f"{head}, seed {self.seed}", *lines])


def _groups(values: Any) -> Any:
    """Number the values: as they are if they are few, else by quartiles."""
    different = np.unique(values)
    if values.dtype.kind in "US" or len(different) <= 4:
        return np.searchsorted(different, values)
    return np.searchsorted(np.quantile(values, [0.25, 0.5, 0.75]), values)


def _explained(groups: Any, ranks: Any) -> float:
    count, kinds = len(ranks), len(np.unique(groups))
    total = float(((ranks - ranks.mean()) ** 2).sum()) if count else 0.0
    if not total or count <= kinds:
        return 0.0
    inside = sum(
        float(((ranks[groups == g] - ranks[groups == g].mean()) ** 2).sum())
        for g in np.unique(groups)
    )
    return max(0.0, 1 - (count - 1) / (count - kinds) * inside / total)
