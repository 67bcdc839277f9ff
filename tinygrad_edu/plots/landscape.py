"""Losses over two directions, and the ways of optimizers through them (floor 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..autodiff.tensor import Tensor
from ..errors import ArgumentError, ShapeError
from ..mode import no_grad
from ..nn import Module
from ..seeding import generator
from ..types import Array, Rng
from .plot import Plot, started
from .style import COLOURS, DASHES, INK, dressed, legend, sequential

__all__ = ["filter_normalised", "loss_landscape", "surface", "trajectory_directions"]

State = Mapping[str, Any]


def surface(
    function: Callable[[Any, Any], Any],
    x: tuple[float, float] = (-2.0, 2.0),
    y: tuple[float, float] = (-2.0, 2.0),
    *,
    paths: Mapping[str, Any] | None = None,
    points: int = 121,
    log: bool = True,
    ax: Any = None,
) -> Plot:
    """Plot the heights of a function of two numbers, and ways of optimizers over it.

    Parameters
    ----------
    function : callable
        Of two arrays of one shape, element by element.
    x, y : pair of float
        From where to where.
    paths : dict of array_like, shape (steps, 2), optional
        By the name of an optimizer: where it was after each step.
    points : int
        In each direction.
    log : bool
        Heights in decades above the least one, so that valleys show.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    Plot
        With ``x``, ``y``, ``height``, shape (y, x), and each path by its name.

    Examples
    --------
    >>> surface(lambda a, b: a**2 + b**2, points=3).arrays["height"][1]
    array([4., 0., 4.])
    """
    across, up = np.linspace(*x, points), np.linspace(*y, points)
    heights = function(*np.meshgrid(across, up))
    heights = np.asarray(heights.data if isinstance(heights, Tensor) else heights, np.float64)
    ways = {name: np.asarray(way, np.float64) for name, way in (paths or {}).items()}
    for name, way in ways.items():
        if way.ndim != 2 or way.shape[1] != 2:
            raise ShapeError(
                f"path {name!r} has shape {way.shape}, not (steps, 2)",
                shapes=[way.shape],
                fix="np.stack([xs, ys], axis=1)",
            )
    axes = dressed(started(ax, size=(5.4, 4.4)), "", "x", "y", grid=False)
    _contours(axes, across, up, heights, log)
    for k, (name, way) in enumerate(ways.items()):
        _way(axes, way, name, k)
    axes.set_xlim(*x)
    axes.set_ylim(*y)
    legend(axes, loc="upper left", frame=True)
    return Plot(axes, x=across, y=up, height=heights, **ways)


def loss_landscape(
    model: Module,
    data: tuple[Any, Any],
    loss: Callable[..., Any],
    *,
    directions: tuple[State, State] | None = None,
    trajectory: Sequence[State] | Mapping[str, Sequence[State]] | None = None,
    span: float | tuple[float, float] = 1.0,
    points: int = 25,
    log: bool = True,
    rng: Rng = None,
    ax: Any = None,
) -> Plot:
    r"""Plot the loss around the weights of a model, over two directions.

    .. math:: f(\alpha, \beta) = L(\theta + \alpha\, d_1 + \beta\, d_2)

    Parameters
    ----------
    model : Module
        Its weights are put back bit for bit.
    data : pair of array_like
        Inputs and targets, used at once.
    loss : callable
        ``loss(prediction, target)``.
    directions : pair of dict of ndarray, optional
        By the names of the parameters. By default drawn from a normal distribution and brought to
        the length of the filters; with a ``trajectory``, its two main ones.
    trajectory : sequence of state dicts, or dict of them, optional
        Weights during the training, the last ones last: drawn as a way that ends at the model.
        By the name of an optimizer: several ways in one plane, each with its own end.
    span : float or pair
        How far to go, in units of the directions; grows so that the trajectory is inside.
    points : int
        In each direction; every one is an evaluation of the model.
    log : bool
        Heights in decades above the least one.
    rng : Generator or int, optional
        For random directions.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    Plot
        With ``alpha``, ``beta``, ``loss``, shape (beta, alpha), ``path``, shape (states, 2), or
        each path by its name, and ``explained``, the share of the way that each direction has.

    Notes
    -----
    Source: Li, Xu, Taylor, Studer, Goldstein 2018, Visualizing the loss landscape of neural nets,
    sections 4 and 7.2.
    """
    names = [name for name, _ in model.named_parameters()]
    home = {name: parameter.data.copy() for name, parameter in model.named_parameters()}
    explained = np.full(2, np.nan)
    several = isinstance(trajectory, Mapping)
    ways = _ways(trajectory, home)
    if directions is None and trajectory is not None:
        passed = [state for way in ways.values() for state in way]
        *directions_found, explained = trajectory_directions([*passed, home])
        directions = (directions_found[0], directions_found[1])
    if directions is None:
        draw = generator(rng)
        drawn = [
            {name: draw.normal(size=home[name].shape) for name in names} for _ in range(2)
        ]  # fmt: skip
        directions = (filter_normalised(drawn[0], home), filter_normalised(drawn[1], home))
    _check(directions, home)
    paths = {name: _projected(way, home, directions) for name, way in ways.items()}
    furthest = np.abs(np.concatenate(list(paths.values()))).max(axis=0)
    reach = np.maximum(np.broadcast_to(np.asarray(span, float), (2,)), 1.15 * furthest)
    if trajectory is not None:
        reach = 1.15 * np.maximum(furthest, 0.05 * furthest.max() or 1.0)
    across, up = (np.linspace(-each, each, points) for each in reach)
    heights = _heights(model, data, loss, home, directions, across, up)
    axes = dressed(started(ax, size=(5.4, 4.4)), "Loss landscape", grid=False)
    _contours(axes, across, up, heights, log)
    _named_ways(axes, paths, several, explained)
    return Plot(axes, alpha=across, beta=up, loss=heights, explained=explained, **paths)


def filter_normalised(direction: State, weights: State) -> dict[str, Array]:
    r"""Give each filter of a direction the length that the filter of the weights has.

    .. math:: d_{i,j} \leftarrow \frac{d_{i,j}}{\|d_{i,j}\|}\, \|\theta_{i,j}\|

    Parameters
    ----------
    direction, weights : dict of ndarray
        By the same names. A filter is what belongs to one output: an entry of the first axis.
        Vectors, biases and scales, become 0, as in the source.

    Examples
    --------
    >>> filter_normalised({"w": np.ones((2, 4))}, {"w": np.full((2, 4), 3.0)})["w"][0]
    array([3., 3., 3., 3.])

    Notes
    -----
    Source: Li et al. 2018, section 4.
    """
    found = {}
    for name, given in direction.items():
        array, own = np.asarray(given, np.float64), np.asarray(weights[name], np.float64)
        if array.ndim < 2:
            found[name] = np.zeros_like(array)
            continue
        axes = tuple(range(1, array.ndim))
        lengths = np.sqrt((array**2).sum(axis=axes, keepdims=True))
        wanted = np.sqrt((own**2).sum(axis=axes, keepdims=True))
        found[name] = array * (wanted / np.where(lengths == 0, 1.0, lengths))
    return found


def trajectory_directions(
    states: Sequence[State],
) -> tuple[dict[str, Array], dict[str, Array], Array]:
    """Return the two main directions of a way through the weights, and the share of each.

    Parameters
    ----------
    states : sequence of dict of ndarray, at least 3
        Weights during the training; the last is where all others are seen from.

    Notes
    -----
    Principal components without subtracting the mean. Source: Li et al. 2018, section 7.2.
    """
    if len(states) < 3:
        raise ArgumentError(
            f"a way of {len(states)} states spans no plane",
            why="two directions need two steps at least",
            fix="loss_landscape(model, data, loss)   # random directions",
        )
    names = [name for name in states[-1] if name in states[0]]
    last = _flat(states[-1], names)
    steps = np.stack([_flat(state, names) - last for state in states[:-1]])
    _, sizes, main = np.linalg.svd(steps, full_matrices=False)
    total = float((sizes**2).sum()) or 1.0
    first, second = (_unflat(main[k], states[-1], names) for k in range(2))
    return first, second, sizes[:2] ** 2 / total


def _flat(state: State, names: Sequence[str]) -> Array:
    return np.concatenate([np.asarray(state[name], np.float64).ravel() for name in names])


def _unflat(vector: Array, like: State, names: Sequence[str]) -> dict[str, Array]:
    found, at = {}, 0
    for name in names:
        shape = np.shape(like[name])
        size = int(np.prod(shape))
        found[name] = vector[at : at + size].reshape(shape)
        at += size
    return found


def _ways(trajectory: Any, home: State) -> dict[str, Sequence[State]]:
    """Ways by their names; a single one ends at the model."""
    if isinstance(trajectory, Mapping):
        return {str(name): list(way) for name, way in trajectory.items()}
    return {"path": [*(trajectory or []), home]}


def _named_ways(axes: Any, paths: Mapping[str, Array], several: bool, explained: Array) -> None:
    """Draw the ways, and say how much of them lies along each direction."""
    shares = ["" if np.isnan(part) else f" ({part:.0%} of the way)" for part in explained]
    axes.set_xlabel("first direction" + shares[0])
    axes.set_ylabel("second direction" + shares[1])
    for k, (name, path) in enumerate(paths.items()):
        _way(axes, path, name if several else "training" if len(path) > 1 else "", k)
    if several:
        legend(axes, loc="upper left", frame=True)


def _check(directions: tuple[State, State], home: State) -> None:
    for direction in directions:
        for name, own in home.items():
            if name not in direction or np.shape(direction[name]) != own.shape:
                raise ShapeError(
                    f"a direction has no array of shape {own.shape} for {name!r}",
                    shapes=[own.shape],
                    fix="{name: np.ones(p.shape) for name, p in model.named_parameters()}",
                )


def _projected(states: Sequence[State], home: State, directions: tuple[State, State]) -> Array:
    """Where states lie in the plane: the nearest point of it."""
    names = list(home)
    plane = np.stack([_flat(direction, names) for direction in directions], axis=1)
    away = np.stack([_flat(state, names) - _flat(home, names) for state in states], axis=1)
    found: Array = np.linalg.lstsq(plane, away, rcond=None)[0].T
    return found


def _heights(
    model: Module,
    data: tuple[Any, Any],
    loss: Callable[..., Any],
    home: State,
    directions: tuple[State, State],
    across: Array,
    up: Array,
) -> Array:
    x, y = data
    parameters = dict(model.named_parameters())
    heights = np.empty((len(up), len(across)))
    try:
        with no_grad(), model.evaluating(), np.errstate(over="ignore", invalid="ignore"):
            for row, b in enumerate(up):
                for column, a in enumerate(across):
                    for name, parameter in parameters.items():
                        moved = home[name] + a * directions[0][name] + b * directions[1][name]
                        parameter.data = moved.astype(home[name].dtype)
                    heights[row, column] = float(loss(model(x), y).item())
    finally:
        for name, parameter in parameters.items():
            parameter.data = home[name]
    return heights


def _contours(ax: Any, across: Array, up: Array, heights: Array, log: bool) -> None:
    finite = heights[np.isfinite(heights)]
    low, high = float(finite.min()), float(finite.max())
    shown = np.where(np.isfinite(heights), heights, high)
    if log and high > low:
        shown = np.log10(shown - low + 1e-3 * (high - low))
    if high == low:
        return
    levels = np.linspace(shown.min(), shown.max(), 15)
    ax.contourf(across, up, shown, levels=levels, cmap=sequential(), alpha=0.9)
    ax.contour(across, up, shown, levels=levels, colors="white", linewidths=0.6, linestyles="-")


def _way(ax: Any, way: Array, name: str, k: int) -> None:
    colours = (COLOURS[1], INK, *COLOURS[2:])
    colour = colours[k % len(colours)]
    if len(way) > 1:
        for width, shade in ((3.6, "white"), (1.8, colour)):
            ax.plot(
                *way.T, color=shade, linewidth=width, linestyle=DASHES[k % 8] if width < 3 else "-",
                label=name if shade == colour and name else None, solid_capstyle="round",
            )  # fmt: skip
        ax.plot(*way[0], marker="o", color="white", markeredgecolor=colour, markersize=6)
    ax.plot(*way[-1], marker="*", color=colour, markeredgecolor="white", markersize=13)
