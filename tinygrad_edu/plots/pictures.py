"""Images: grids of them, batches, and the samples that a model finds hardest (floor 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autodiff.tensor import Tensor
from ..errors import ShapeError
from ..types import Array
from .plot import Plot, panels
from .style import COLOURS, FAINT, INK

__all__ = ["batch", "images", "top_losses"]


def images(
    pixels: Any,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 8,
    limits: tuple[float, float] | None = None,
    ax: Any = None,
) -> Plot:
    """Plot images side by side.

    Parameters
    ----------
    pixels : array_like, shape (images, height, width), with channels before or after, or flat
        One channel is drawn as ink, dark for high values; three are colours. Rows of a square
        number of pixels are taken for square images.
    titles : sequence of str, optional
        Above each.
    columns : int
        Images side by side.
    limits : pair of float, optional
        The values of white and black; by default the least and the greatest of all.
    ax : matplotlib.axes.Axes, optional
        Where to draw all of them.

    Returns
    -------
    Plot
        With ``images``, as they are drawn.
    """
    return _grid(_images(pixels), titles, None, columns, limits, ax)


def batch(
    x: Any,
    y: Any = None,
    *,
    label_names: Sequence[str] | None = None,
    most: int = 32,
    columns: int = 8,
    ax: Any = None,
) -> Plot:
    """Plot the images of a batch with their labels: what the model really sees.

    Parameters
    ----------
    x, y
        As a loader gives them; targets are class numbers, if there are any.
    label_names : sequence of str, optional
        What the classes are called.
    most : int
        How many are drawn.
    columns, ax
        As for ``images``.

    Returns
    -------
    Plot
        With ``images`` and ``labels``.
    """
    found = _images(x)[:most]
    labels = np.asarray(y.data if isinstance(y, Tensor) else y) if y is not None else np.empty(0)
    titles = [_called(label, label_names) for label in labels[:most]] if y is not None else None
    plot = _grid(found, titles, None, columns, None, ax)
    plot.arrays["labels"] = labels[:most]
    return plot


def top_losses(
    x: Any,
    y: Any,
    scores: Any,
    *,
    label_names: Sequence[str] | None = None,
    most: int = 16,
    columns: int = 8,
    ax: Any = None,
) -> Plot:
    r"""Plot the images with the largest cross-entropy, with answer and truth.

    .. math:: \ell_i = \log \textstyle\sum_k e^{s_{ik}} - s_{i y_i}

    Parameters
    ----------
    x : array_like
        Images, as for ``images``.
    y : array_like of int, shape (samples,)
        True classes.
    scores : array_like, shape (samples, classes)
        What a model answers, before softmax.
    label_names : sequence of str, optional
        What the classes are called.
    most, columns, ax
        As for ``batch``.

    Returns
    -------
    Plot
        With ``images``, ``losses``, falling, and ``indices`` of the samples.
    """
    raw = np.asarray(scores.data if isinstance(scores, Tensor) else scores, np.float64)
    truth = np.asarray(y.data if isinstance(y, Tensor) else y).astype(int)
    if raw.ndim != 2 or truth.shape != raw.shape[:1]:
        raise ShapeError(
            f"scores of shape {raw.shape} do not go with labels of shape {truth.shape}",
            shapes=[raw.shape, truth.shape],
            fix="scores = tg.training.predict(model, x)",
        )
    top = raw.max(axis=1)
    losses = np.log(np.exp(raw - top[:, None]).sum(axis=1)) + top - raw[range(len(raw)), truth]
    order = np.argsort(-losses, kind="stable")[:most]
    said = raw.argmax(axis=1)
    titles = [
        f"{_called(truth[k], label_names)} → {_called(said[k], label_names)}\n{losses[k]:.2f}"
        for k in order
    ]
    plot = _grid(
        _images(x)[order], titles, [bool(said[k] != truth[k]) for k in order], columns, None, ax
    )
    plot.arrays |= {"losses": losses[order], "indices": order}
    return plot


def _called(label: Any, names: Sequence[str] | None) -> str:
    return names[int(label)] if names is not None else f"{label:g}"


def _images(pixels: Any) -> Array:
    """Shape (images, height, width) or (images, height, width, 3)."""
    try:
        array = np.asarray(pixels.data if isinstance(pixels, Tensor) else pixels, np.float64)
    except (TypeError, ValueError):
        pair = isinstance(pixels, (tuple, list)) and len(pixels) == 2
        raise ShapeError(
            f"images are one array of numbers, got {type(pixels).__name__}",
            why="images and labels are two arguments" if pair else "all images have one shape",
            fix="tg.plots.batch(x, y)" if pair else "np.stack([...])",
        ) from None
    if array.ndim == 2 and (side := round(float(array.shape[1]) ** 0.5)) ** 2 == array.shape[1]:
        return array.reshape(-1, side, side)
    if array.ndim == 4 and array.shape[1] in (1, 3) and array.shape[3] not in (1, 3):
        array = np.moveaxis(array, 1, -1)
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim == 3 or (array.ndim == 4 and array.shape[3] == 3):
        return array
    raise ShapeError(
        f"shape {array.shape} is no stack of images",
        shapes=[array.shape],
        why="images are (count, height, width), with 1 or 3 channels before or after these",
        fix="x.reshape(-1, 28, 28)",
    )


def _grid(
    found: Array,
    titles: Sequence[str] | None,
    wrong: Sequence[bool] | None,
    columns: int,
    limits: tuple[float, float] | None,
    ax: Any,
) -> Plot:
    low, high = limits or (float(found.min(initial=0)), float(found.max(initial=1)))
    lines = max((title.count("\n") + 1 for title in titles), default=0) if titles else 0
    axes = panels(ax, len(found), columns, (1.15, 1.15 + 0.17 * lines))
    for k, place in enumerate(axes):
        if found.ndim == 3:
            place.imshow(found[k], cmap="gray_r", vmin=low, vmax=high, interpolation="nearest")
        else:
            place.imshow(np.clip((found[k] - low) / ((high - low) or 1), 0, 1))
        place.set_xticks([])
        place.set_yticks([])
        bad = wrong is not None and wrong[k]
        for spine in place.spines.values():
            spine.set_color(COLOURS[1] if bad else FAINT)
            spine.set_linewidth(1.6 if bad else 0.8)
        if titles:
            place.set_title(titles[k], fontsize=8, color=COLOURS[1] if bad else INK, pad=3)
    return Plot(axes, images=found)
