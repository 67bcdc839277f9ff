"""How a run went, and what its weights and gradients are like (floor 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, GradientError
from ..nn import Module
from .plot import Plot, panels, started
from .style import COLOURS, DASHES, FAINT, INK, MUTED, SMALL, dressed, legend

__all__ = ["gradients", "history", "weights"]

BINS = 40


def history(
    run: Any, columns: Sequence[str] | None = None, *, log: bool | None = None, ax: Any = None
) -> Plot:
    """Plot columns of a history over the epochs.

    Parameters
    ----------
    run : History, or sequence of dict
        Rows with the same names; ``"epoch"`` is the horizontal axis.
    columns : sequence of str, optional
        By default all whose name says loss.
    log : bool, optional
        In decades; by default where the numbers span more than a factor of twenty.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    Plot
        With an array for each column, and ``epoch``.

    Examples
    --------
    >>> rows = [{"epoch": 1, "loss": 1.0}, {"epoch": 2, "loss": 0.5}]
    >>> history(rows).arrays["loss"]
    array([1. , 0.5])
    """
    rows = list(getattr(run, "rows", run))
    names = list(dict.fromkeys(name for row in rows for name in row if name != "epoch"))
    chosen = list(columns) if columns else [name for name in names if "loss" in name] or names[:1]
    if not rows or not chosen or set(chosen) - set(names):
        raise ArgumentError(
            f"the history has no column {', '.join(sorted(set(chosen) - set(names))) or 'at all'}",
            why=f"it has {', '.join(names) or 'no epoch'}",
            fix=f"columns={names[:2]!r}",
        )
    arrays = {name: np.array([row.get(name, np.nan) for row in rows], float) for name in chosen}
    epochs = np.array([row.get("epoch", k + 1) for k, row in enumerate(rows)], float)
    axes = dressed(started(ax), "History", "epoch", ", ".join(chosen) if len(chosen) < 2 else "")
    for k, (name, values) in enumerate(arrays.items()):
        axes.plot(
            epochs, values, color=COLOURS[k % 8], linestyle=DASHES[k % 8], linewidth=1.9,
            marker="o" if len(rows) < 12 else None, markersize=4, label=name.replace("_", " "),
        )  # fmt: skip
    every = np.concatenate(list(arrays.values()))
    positive = bool((every[np.isfinite(every)] > 0).all())
    if log or (log is None and positive and np.nanmax(every) > 20 * np.nanmin(every)):
        axes.set_yscale("log")
    axes.xaxis.get_major_locator().set_params(integer=True)
    if len(arrays) > 1:
        legend(axes)
    return Plot(axes, epoch=epochs, **arrays)


def weights(model: Module, *, bins: int = BINS, columns: int = 3, ax: Any = None) -> Plot:
    """Plot a histogram of each parameter of a model.

    Parameters
    ----------
    model : Module
        With parameters.
    bins : int
        Of each histogram.
    columns : int
        Histograms side by side.
    ax : matplotlib.axes.Axes, optional
        Where to draw all of them.

    Returns
    -------
    Plot
        With the counts of each parameter, and the edges as ``<name> edges``.
    """
    return _histograms({n: p.data for n, p in model.named_parameters()}, bins, columns, ax, 0)


def gradients(model: Module, *, bins: int = BINS, columns: int = 3, ax: Any = None) -> Plot:
    """Plot a histogram of the gradient of each parameter, after ``backward``.

    Parameters
    ----------
    model : Module
        With gradients; parameters without one are left out.
    bins, columns, ax
        As for ``weights``.

    Raises
    ------
    GradientError
        When no parameter has a gradient.
    """
    found = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    if not found:
        raise GradientError(
            "no parameter of the model has a gradient",
            why="nothing has been differentiated, or the gradients were cleared",
            fix="loss.backward(); tg.plots.gradients(model)",
        )
    return _histograms(found, bins, columns, ax, 1)


def _histograms(found: Mapping[str, Any], bins: int, columns: int, ax: Any, colour: int) -> Plot:
    axes = panels(ax, len(found), columns, (2.9, 2.2))
    arrays = {}
    for place, (name, values) in zip(axes, found.items(), strict=True):
        flat = np.asarray(values, np.float64).ravel()
        bad = int((~np.isfinite(flat)).sum())
        counts, edges = np.histogram(
            flat[np.isfinite(flat)], bins=min(bins, max(3, flat.size // 2))
        )
        arrays[name], arrays[f"{name} edges"] = counts, edges
        dressed(place, grid=False)
        place.stairs(counts, edges, fill=True, color=COLOURS[colour], alpha=0.85)
        place.axvline(0, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
        place.set_title(name, loc="left", fontsize=SMALL, fontweight="bold", color=INK)
        said = f"rms {np.sqrt(np.mean(flat**2)):.3g}" + (f", {bad} not finite" if bad else "")
        place.text(
            0.98, 0.95, said, transform=place.transAxes, ha="right", va="top", fontsize=8,
            color=MUTED, bbox={"facecolor": "white", "edgecolor": FAINT, "pad": 2.5},
        )  # fmt: skip
        place.set_yticks([])
        place.locator_params(axis="x", nbins=5)
    return Plot(axes, **arrays)
