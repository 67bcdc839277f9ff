"""Activations with their derivatives, and the balls of L1 and L2 (floor 5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import ops
from ..autodiff.tensor import Tensor
from ..errors import ArgumentError
from ..nn import functional
from ..types import Array
from .plot import Plot, panels
from .style import COLOURS, DASHES, INK, MUTED, SMALL, dressed, legend

__all__ = ["activations", "regularisation_balls"]

CLASSICS = ("relu", "leaky_relu", "elu", "gelu", "sigmoid", "tanh")


def activations(
    functions: Sequence[str | Callable[[Any], Any]] = CLASSICS,
    *,
    low: float = -4.0,
    high: float = 4.0,
    points: int = 401,
    columns: int = 3,
    ax: Any = None,
) -> Plot:
    """Plot functions of a number, and their derivatives by backpropagation.

    Parameters
    ----------
    functions : sequence of str or callable
        Names in ``nn.functional`` or ``tg``, modules, or functions of a Tensor, element by element.
    low, high : float
        From where to where.
    points : int
        On the curves.
    columns : int
        Panels side by side.
    ax : matplotlib.axes.Axes, optional
        Where to draw all of them.

    Returns
    -------
    Plot
        With ``x``, and ``<name>`` and ``<name> derivative`` for each function.

    Examples
    --------
    >>> plot = activations(["tanh"], points=3)
    >>> plot.arrays["tanh derivative"].round(3)
    array([0.001, 1.   , 0.001])
    """
    x = np.linspace(low, high, points)
    named = [_named(function) for function in functions]
    axes = panels(ax, len(named), columns, (2.9, 2.4))
    arrays: dict[str, Array] = {"x": x}
    for k, (place, (name, function)) in enumerate(zip(axes, named, strict=True)):
        inputs = Tensor(x, requires_grad=True)
        values = function(inputs)
        values.sum().backward()
        arrays[name], arrays[f"{name} derivative"] = values.data, np.asarray(inputs.grad)
        dressed(place)
        place.axhline(0, color=MUTED, linewidth=0.6)
        place.axvline(0, color=MUTED, linewidth=0.6)
        for line, (what, label) in enumerate(((name, "value"), (f"{name} derivative", "slope"))):
            place.plot(
                x, arrays[what], color=COLOURS[line], linestyle=DASHES[line], linewidth=1.9,
                label=label,
            )  # fmt: skip
        place.set_title(name, loc="left", fontsize=SMALL + 1, fontweight="bold", color=INK)
        if k == 0:
            legend(place)
    return Plot(axes, **arrays)


def regularisation_balls(
    minimum: tuple[float, float] = (1.7, 0.6),
    curvature: tuple[tuple[float, float], tuple[float, float]] = ((1.0, 0.5), (0.5, 1.0)),
    *,
    radius: float = 1.0,
    norms: Sequence[float] = (1.0, 2.0),
    ax: Any = None,
) -> Plot:
    r"""Plot where a quadratic loss is least inside the balls of norms: why L1 gives zeros.

    .. math:: \min_w \tfrac12 (w - m)^\top H (w - m) \quad \text{where} \quad \|w\|_p \le r

    Parameters
    ----------
    minimum : pair of float
        The least point without a ball, :math:`m`.
    curvature : 2 by 2 matrix
        Symmetric and positive definite, :math:`H`.
    radius : float
        Of the balls.
    norms : sequence of float
        The :math:`p` of each, at least 1.
    ax : matplotlib.axes.Axes, optional
        Where to draw all of them.

    Returns
    -------
    Plot
        With ``L1`` and ``L1 ball``, the least point and the edge, and so for every norm.

    Notes
    -----
    The least point is looked for among 20,000 on the edge, where it lies if the ball is small.
    Source: Hastie, Tibshirani, Friedman 2009, figure 3.11.

    Examples
    --------
    >>> regularisation_balls((2.0, 0.5), ((1.0, 0.0), (0.0, 1.0))).arrays["L1"].round(6)
    array([1., 0.])
    """
    centre, bend = np.array(minimum, float), np.array(curvature, float)
    if bend.shape != (2, 2) or np.linalg.eigvalsh(bend).min() <= 0 or min(norms) < 1:
        raise ArgumentError(
            "the curvature is not positive definite, or a norm is below 1",
            why="the loss would have no least point, or the ball would not be convex",
            fix="curvature=((1.0, 0.3), (0.3, 2.0)), norms=(1.0, 2.0)",
        )

    def loss(points: Array) -> Array:
        away = points - centre
        return np.asarray(0.5 * np.einsum("...i,ij,...j->...", away, bend, away))

    reach = 1.25 * max(radius, float(np.abs(centre).max()))
    grid = np.linspace(-reach, reach, 241)
    heights = loss(np.stack(np.meshgrid(grid, grid), axis=-1))
    axes = panels(ax, len(norms), 3, (3.6, 3.7))
    arrays: dict[str, Array] = {"x": grid, "loss": heights}
    for place, p in zip(axes, norms, strict=True):
        # 0, 90, ... degrees are among them: the corners of L1.
        angles = np.linspace(0, 2 * np.pi, 20_001)
        around = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        around[np.abs(around) < 1e-15] = 0.0
        edge = radius * around / (np.abs(around) ** p).sum(axis=1, keepdims=True) ** (1 / p)
        inside = (np.abs(centre) ** p).sum() <= radius**p
        best = centre if inside else edge[np.argmin(loss(edge))]
        name = f"L{p:g}"
        arrays[name], arrays[f"{name} ball"] = best, edge
        _ball(place, grid, heights, edge, centre, best, float(loss(best)), name)
    return Plot(axes, **arrays)


def _ball(
    ax: Any, grid: Array, heights: Array, edge: Array, centre: Array, best: Array, least: float,
    name: str,
) -> None:  # fmt: skip
    dressed(ax, grid=False, square=True)
    levels = np.sort(np.append(heights.max() * np.linspace(0.08, 0.9, 5) ** 2, max(least, 1e-9)))
    ax.contour(grid, grid, heights, levels=np.unique(levels), colors=COLOURS[0], linewidths=0.9,
               alpha=0.75)  # fmt: skip
    ax.fill(*edge.T, facecolor="#fed7aa", edgecolor=COLOURS[1], alpha=0.75, linewidth=1.6)
    ax.axhline(0, color=MUTED, linewidth=0.6)
    ax.axvline(0, color=MUTED, linewidth=0.6)
    ax.plot(*centre, marker="x", color=COLOURS[0], markersize=8, markeredgewidth=2)
    ax.plot(*best, marker="o", color=INK, markersize=7)
    zero = best[np.abs(best) < 1e-9].size
    said = f"({best[0]:.2f}, {best[1]:.2f})" + (", sparse" if zero else "")
    ax.set_title(f"{name}: {said}", loc="left", fontsize=SMALL + 1, fontweight="bold", color=INK)
    ax.set_xlim(grid[0], grid[-1])
    ax.set_ylim(grid[0], grid[-1])


def _named(function: str | Callable[[Any], Any]) -> tuple[str, Callable[[Any], Any]]:
    if not isinstance(function, str):
        return getattr(function, "__name__", type(function).__name__), function
    found = getattr(functional, function, None) or getattr(ops, function, None)
    if found is None:
        raise ArgumentError(
            f"no function is called {function!r}",
            why="names are looked up in tg.nn.functional and tg",
            fix='tg.plots.activations(["relu", "tanh"])',
        )
    return function, found
