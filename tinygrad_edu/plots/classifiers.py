"""Confusions, and where a classifier changes its mind (floor 5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autodiff.tensor import Tensor
from ..errors import ShapeError
from ..metrics import confusion_matrix
from ..mode import no_grad
from ..types import Array
from .plot import Plot, started
from .style import COLOURS, INK, dressed, legend, sequential

__all__ = ["confusion", "decision_boundary"]

MARKS = "os^DvPX<>"


def confusion(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Sequence[Any] | None = None,
    label_names: Sequence[str] | None = None,
    ax: Any = None,
) -> Plot:
    """Plot how often each class was taken for each, shaded by the share of the true class.

    Parameters
    ----------
    y_true, y_pred : array_like, shape (samples,)
        True and predicted classes.
    labels : sequence, optional
        The classes in order; by default all that occur.
    label_names : sequence of str, optional
        What they are called.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    Plot
        With ``confusion``, shape (classes, classes): rows are true.

    Examples
    --------
    >>> confusion([0, 1, 1], [0, 1, 0]).arrays["confusion"]
    array([[1, 0],
           [1, 1]])
    """
    counts = confusion_matrix(y_true, y_pred, labels=labels)
    found = np.unique(np.concatenate([np.ravel(y_true), np.ravel(y_pred)]))
    names = [str(name) for name in (label_names or (found if labels is None else labels))]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = float(np.clip(0.5 * len(names) + 1.6, 3.6, 9))
    axes = dressed(
        started(ax, size=(size, size)), "Confusion", "taken for", "true class", grid=False
    )
    axes.imshow(shares, cmap=sequential(), vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=45 if max(map(len, names)) > 4 else 0)
    axes.set_yticks(range(len(names)), names)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    if len(names) <= 30:
        for (row, column), count in np.ndenumerate(counts):
            if count:
                dark = shares[row, column] > 0.45
                axes.text(column, row, str(count), ha="center", va="center",
                          fontsize=9 if len(names) > 5 else 11,
                          color="white" if dark else INK)  # fmt: skip
    return Plot(axes, confusion=counts)


def decision_boundary(
    predict: Callable[[Any], Any],
    x: Any,
    y: Any,
    *,
    points: int = 200,
    label_names: Sequence[str] | None = None,
    ax: Any = None,
) -> Plot:
    """Plot which class a classifier gives to each place of the plane, with the samples.

    Parameters
    ----------
    predict : callable or Module
        Of an array (places, 2): classes, or a score for each class; one score below 0 or above it.
    x : array_like, shape (samples, 2)
        Two features.
    y : array_like, shape (samples,)
        Classes, from 0.
    points : int
        In each direction.
    label_names : sequence of str, optional
        What the classes are called.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    Plot
        With ``x``, ``y`` and ``classes``, shape (y, x).
    """
    samples, truth = np.asarray(x, np.float64), np.asarray(y).astype(int).ravel()
    if samples.ndim != 2 or samples.shape[1] != 2:
        raise ShapeError(
            f"a plane has two features, and x has shape {samples.shape}",
            shapes=[samples.shape],
            fix="x[:, :2]",
        )
    low, high = samples.min(axis=0), samples.max(axis=0)
    margin = 0.1 * (high - low) + 1e-9
    across, up = (
        np.linspace(a, b, points) for a, b in zip(low - margin, high + margin, strict=True)
    )
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(np.asarray(x).dtype)
    classes = _classes(predict, grid).reshape(points, points)
    count = int(max(truth.max(), classes.max())) + 1
    axes = dressed(started(ax, size=(5.2, 4.4)), "Decision boundary", "x₁", "x₂", grid=False)
    _painted(axes, across, up, classes, count)
    for k in range(count):
        if count > 1:
            axes.contour(across, up, classes == k, levels=[0.5], colors=INK, linewidths=0.8)
        mine = samples[truth == k]
        axes.scatter(
            *mine.T, s=22, color=COLOURS[k % 8], edgecolor="white", linewidth=0.6,
            marker=MARKS[k % 9], label=label_names[k] if label_names else f"class {k}", zorder=3,
        )  # fmt: skip
    legend(axes, loc="best", frame=True)
    return Plot(axes, x=across, y=up, classes=classes)


def _painted(axes: Any, across: Array, up: Array, classes: Array, count: int) -> None:
    """Colour each place of the plane by its class."""
    from matplotlib.colors import ListedColormap

    shades = ListedColormap([COLOURS[k % 8] for k in range(count)])
    axes.pcolormesh(
        across, up, classes, cmap=shades, vmin=-0.5, vmax=count - 0.5, alpha=0.18,
        shading="nearest", rasterized=True, linewidth=0,
    )  # fmt: skip


def _classes(predict: Callable[[Any], Any], grid: Array) -> Array:
    with no_grad():
        answer = predict(grid)
    scores = np.asarray(answer.data if isinstance(answer, Tensor) else answer)
    if scores.ndim == 2 and scores.shape[1] > 1:
        return np.asarray(scores.argmax(axis=1))
    flat = scores.reshape(len(grid))
    return flat.astype(int) if flat.dtype.kind in "iub" else (flat > 0).astype(int)
