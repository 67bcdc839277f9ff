"""What a search, a test of rates and models trained on parts of the data came to (floor 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..types import Array
from .plot import Plot, panels, started
from .style import COLOURS, DASHES, INK, MUTED, SMALL, dressed, legend

__all__ = ["rates", "scores", "search", "searched_values"]


def search(result: Any, *, columns: int = 3, ax: Any = None) -> Plot:
    """Plot the score of each trial against each setting.

    Parameters
    ----------
    result : tg.training.search.Result
        With at least one trial that did not fail.
    columns : int
        Settings side by side.
    ax : matplotlib.axes.Axes, optional
        Where to draw all of them.

    Returns
    -------
    Plot
        With the values of each setting, ``score`` and ``budget``. Text stands for options. Trials
        that failed are crosses at the upper edge, a ring is around the best.
    """
    best, trials = result.best, list(result.trials)
    score = np.array([trial.score for trial in trials], float)
    budget = np.array([trial.budget for trial in trials], float)
    axes = panels(ax, len(result.space), columns, (3.1, 2.5))
    arrays: dict[str, Any] = {"score": score, "budget": budget}
    order = np.searchsorted(np.unique(budget), budget)
    shade = (
        0.35 + 0.65 * order / max(int(order.max()), 1) if order.max() else np.full(len(order), 0.8)
    )
    for k, (place, (name, dimension)) in enumerate(zip(axes, result.space.items(), strict=True)):
        at, words = _positions(dimension, [trial.settings[name] for trial in trials])
        arrays[name] = np.array(words)[at] if words else at
        dressed(place, x=name, y=result.by or "score" if k % columns == 0 else "")
        across = at + _beside(at) if words else at
        place.scatter(across, score, s=16 + 14 * order, c=COLOURS[0], alpha=shade, linewidths=0)
        if len(lost := np.flatnonzero(np.isnan(score))):
            place.plot(
                across[lost], np.full(len(lost), 0.985), "x", color=COLOURS[1], markersize=5,
                transform=place.get_xaxis_transform(), clip_on=False,
            )  # fmt: skip
        ring = trials.index(best)
        place.plot(
            across[ring], score[ring], "o", markersize=11, markerfacecolor="none",
            markeredgecolor=COLOURS[1], markeredgewidth=1.8,
        )  # fmt: skip
        _scaled(place, dimension, words)
        if not result.maximize and _decades(score):
            place.set_yscale("log")
    return Plot(axes, **arrays)


def searched_values(
    results: Sequence[Any], settings: Sequence[str] | None = None, *, ax: Any = None
) -> Plot:
    """Plot which values of two settings some searches tried: a grid sees few of each.

    Parameters
    ----------
    results : sequence of tg.training.search.Result
        Side by side, such as a grid and a random search of one space.
    settings : pair of str, optional
        By default the first two that all have.
    ax : matplotlib.axes.Axes, optional
        Where to draw all of them.

    Returns
    -------
    Plot
        With ``x 0``, ``y 0``, ``score 0`` of the first search, and so on. Strokes at the edges
        are the different values; their numbers are written above.

    Notes
    -----
    Source: Bergstra and Bengio 2012, figure 1.
    """
    shared = [name for name in results[0].space if all(name in each.space for each in results)]
    chosen = list(settings) if settings is not None else shared[:2]
    if len(chosen) != 2 or set(chosen) - set(shared):
        raise ArgumentError(
            f"two settings that all searches have are needed, not {chosen}",
            why=f"they share {', '.join(shared) or 'none'}",
            fix=f"settings={shared[:2]!r}",
        )
    axes = panels(ax, len(results), len(results), (3.9, 3.6))
    arrays: dict[str, Any] = {}
    for k, (place, result) in enumerate(zip(axes, results, strict=True)):
        least = min(trial.budget for trial in result.trials)
        trials = [trial for trial in result.trials if trial.budget == least]
        dressed(place, x=chosen[0], y=chosen[1] if not k else "", grid=False)
        where, counts = [], []
        for name in chosen:
            at, words = _positions(result.space[name], [trial.settings[name] for trial in trials])
            where.append(at)
            counts.append(f"{len(np.unique(at))} of {name}")
            _scaled(place, result.space[name], words, across=len(where) == 1)
        score = np.array([trial.score for trial in trials])
        place.scatter(*where, s=26, color=COLOURS[0], zorder=3)
        blended = (place.get_xaxis_transform(), place.get_yaxis_transform())
        for value in np.unique(where[0]):
            place.plot([value] * 2, [0, 0.04], color=COLOURS[1], lw=1.3, transform=blended[0])
        for value in np.unique(where[1]):
            place.plot([0, 0.04], [value] * 2, color=COLOURS[1], lw=1.3, transform=blended[1])
        place.set_title(
            f"{result.method}: {len(trials)} trials, values: {', '.join(counts)}", loc="left",
            fontsize=SMALL, fontweight="bold", color=INK,
        )  # fmt: skip
        arrays |= {f"x {k}": where[0], f"y {k}": where[1], f"score {k}": score}
    return Plot(axes, **arrays)


def rates(test: Any, *, ax: Any = None) -> Plot:
    """Plot what each learning rate did to the loss.

    Parameters
    ----------
    test : tg.training.RateTest
        From ``lr_find``.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    Plot
        With ``rate``, ``loss``, ``smoothed`` and ``suggestion``.
    """
    rate, loss, smoothed = test["rate"], test["loss"], test["smoothed"]
    axes = dressed(started(ax), "Learning rates", "rate", "loss of the batch before the step")
    axes.plot(rate, loss, color=COLOURS[7], alpha=0.45, linewidth=1, label="each batch")
    axes.plot(rate, smoothed, color=COLOURS[0], linewidth=1.9, label="smoothed")
    axes.axvline(
        test.suggestion, color=COLOURS[1], linestyle=DASHES[1],
        label=f"suggestion {test.suggestion:.2g}",
    )  # fmt: skip
    axes.set_xscale("log")
    if _decades(smoothed[smoothed <= smoothed[0]]):
        axes.set_yscale("log")
    else:  # what comes after the fall is larger by far
        fall = float(smoothed[0] - smoothed.min())
        axes.set_ylim(float(smoothed.min()) - 0.3 * fall, float(smoothed[0]) + fall)
    legend(axes)
    return Plot(axes, rate=rate, loss=loss, smoothed=smoothed, suggestion=test.suggestion)


def scores(table: Any, name: str = "loss", *, ax: Any = None) -> Plot:
    """Plot the training and the test score of each model: by the number of samples, or by fold.

    Parameters
    ----------
    table : tg.training.Scores
        From ``learning_curve`` or ``cross_validate``.
    name : str
        Which score: ``"loss"`` or a metric.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    Plot
        With ``train``, ``test``, and ``n`` or ``fold``.
    """
    grows = "n" in table.columns
    at, train, test = table["n" if grows else "fold"], table[f"train_{name}"], table[f"test_{name}"]
    title, x = ("Learning curve", "training samples") if grows else ("Cross-validation", "fold")
    axes = dressed(started(ax), title, x, name.replace("_", " "))
    for k, (label, values) in enumerate((("training part", train), ("test part", test))):
        line = DASHES[k] if grows else "none"
        axes.plot(
            at, values, color=COLOURS[k], linestyle=line, marker="o", markersize=6, label=label
        )
        if not grows:
            axes.axhline(float(values.mean()), color=COLOURS[k], linestyle=DASHES[1], linewidth=1)
    if grows and at.max() > 20 * at.min():
        axes.set_xscale("log")
    axes.set_xticks(at, [str(int(value)) for value in at], minor=False)
    axes.tick_params(which="minor", bottom=False, labelbottom=False)
    legend(axes)
    return Plot(axes, train=train, test=test, **{"n" if grows else "fold": at})


def _positions(dimension: Any, values: list[Any]) -> tuple[Array, list[str]]:
    """Return where values lie on an axis, and the words of places 0, 1, ... of options."""
    options = getattr(dimension, "options", None)
    if options is None:
        return np.array(values, float), []
    places = [next(k for k, o in enumerate(options) if o is v or o == v) for v in values]
    words = [str(word) for word in dimension.described()["choice"]]
    return np.array(places), words


def _beside(at: Array) -> Array:
    """Return how far each dot goes to the side, so that equal ones are seen."""
    moved = np.zeros(len(at))
    for place in np.unique(at):
        same = np.flatnonzero(at == place)
        moved[same] = 0.28 * (np.arange(len(same)) * 0.618 % 1 - 0.5)
    return moved


def _scaled(place: Any, dimension: Any, words: list[str], across: bool = True) -> None:
    axis = place.xaxis if across else place.yaxis
    if words:
        short = [word if len(word) < 15 else word[:13] + "…" for word in words]
        axis.set_ticks(range(len(words)), short, fontsize=SMALL, color=MUTED)
        (place.set_xlim if across else place.set_ylim)(-0.5, len(words) - 0.5)
        if across and sum(map(len, short)) > 26:
            place.tick_params(axis="x", rotation=30)
    else:
        _between(axis, dimension)


def _between(axis: Any, dimension: Any) -> None:
    """Let an axis go a little beyond both ends of a dimension, so that searches compare."""
    low, high = float(dimension.low), float(dimension.high)
    if getattr(dimension, "log", False) and high > low:
        axis.axes.set(**{f"{axis.axis_name}scale": "log"})
        beyond = (high / low) ** 0.07
        low, high = low / beyond, high * beyond
    else:
        beyond = 0.07 * (high - low) or 0.5
        low, high = low - beyond, high + beyond
        if isinstance(dimension.low, int):
            axis.get_major_locator().set_params(integer=True)
    axis.axes.set(**{f"{axis.axis_name}lim": (low, high)})
    axis.set_tick_params(which="both", color=MUTED)


def _decades(values: Array) -> bool:
    good = values[np.isfinite(values)]
    return bool(len(good) and good.min() > 0 and good.max() > 20 * good.min())
