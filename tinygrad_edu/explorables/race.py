"""``optimizer_race``: several ways down the same slope, at the same learning rate (floor 5)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..autodiff.tensor import Parameter, Tensor
from ..mode import enable_grad, no_grad
from ..nn.optim import SGD, Adam, RMSprop
from ..types import Array
from . import catalogue
from .page import CLASSES, Page, made
from .quantised import Blob, finite

__all__ = ["optimizer_race"]

POINTS = 96  # of the map in each direction
BANDS = 22
LEVEL, AWAY = 1e-3, 20.0

RACERS: dict[str, Callable[[Any, float], Any]] = {
    "SGD": lambda parameters, lr: SGD(parameters, lr=lr),
    "momentum": lambda parameters, lr: SGD(parameters, lr=lr, momentum=0.9),
    "RMSProp": lambda parameters, lr: RMSprop(parameters, lr=lr, alpha=0.9),
    "Adam": lambda parameters, lr: Adam(parameters, lr=lr),
}


class _Way(NamedTuple):
    """Where an optimizer went, how high it was, and when it came to an end."""

    points: Array
    heights: list[float]
    converged: int | None
    diverged: int | None


class _Surface(NamedTuple):
    """The function, the part of the plane that is drawn, and how deep it goes there."""

    function: Callable[[Any, Any], Any]
    x: tuple[float, float]
    y: tuple[float, float]
    heights: Array

    @property
    def depth(self) -> float:
        return float(np.nanmax(self.heights) - np.nanmin(self.heights)) or 1.0


def optimizer_race(
    surface: Callable[[Any, Any], Any],
    *,
    start: tuple[float, float] = (-1.5, 1.0),
    x: tuple[float, float] = (-2.0, 2.0),
    y: tuple[float, float] = (-2.0, 2.0),
    optimizers: Mapping[str, Callable[[Any, float], Any]] | None = None,
    rates: Sequence[float] = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    steps: int = 120,
    log: bool = True,
    title: str = "",
    theme: str = "auto",
) -> Page:
    r"""Return a page on which optimizers go down a surface, side by side.

    .. math:: \theta_{t+1} = \theta_t - \text{step}_o\bigl(\nabla f(\theta_t)\bigr)

    A slider goes through the steps, another through learning rates that were run before. Each
    optimizer's state is said in words: running, converged, diverged.

    Parameters
    ----------
    surface : callable
        ``surface(x, y)``, of two arrays or Tensors element by element.
    start : pair of float
        Where all begin.
    x, y : pair of float
        Which part of the plane is drawn.
    optimizers : dict of callable, optional
        By name: ``make(parameters, lr)``. SGD, SGD with momentum 0.9, RMSProp and Adam by default.
    rates : sequence of float
        The learning rates to choose from; the page begins with the middle one.
    steps : int, at least 1
        How many each goes.
    log : bool
        Bands of equal height in decades above the least height, so that valleys show.
    title : str
        The page's name.
    theme : {"auto", "light", "dark"}
        Colours.

    Returns
    -------
    Page
        ``.save("race.html")``, ``.show()``; notebooks show it.

    Raises
    ------
    ArgumentError
        For a surface that gives no number with a gradient, or for unusable rates or ranges.

    Notes
    -----
    Diverged: a number is not finite, or the point is more than twenty times as far away as the
    drawn part is wide. Converged: from then on the slope stays below a thousandth of the drawn
    part's depth by its width, to the end.

    Examples
    --------
    >>> optimizer_race(lambda x, y: x**2 + 5 * y**2, steps=20)  # doctest: +ELLIPSIS
    <Page 'A race of optimizers', ... kB: page.show(), page.save("page.html")>
    """
    racers = dict(RACERS if optimizers is None else optimizers)
    _check(x, y, start, rates, racers, steps)
    seen = _map(surface, x, y)
    blob, chosen = Blob(), sorted(rates)
    ways = [[_raced(make, rate, start, steps, seen) for make in racers.values()] for rate in chosen]
    data = {
        "region": [list(map(float, x)), list(map(float, y))],
        "side": POINTS,
        "map": blob.numbers(_bands(seen.heights, log)),
        "bands": BANDS,
        "steps": steps,
        "names": list(racers),
        "rates": [_word(rate) for rate in chosen],
        "first": (len(chosen) - 1) // 2,
        "ways": [[_told(way, blob) for way in row] for row in ways],
    }
    return made("race", title or "A race of optimizers", theme, data, blob.parts)


def _told(way: _Way, blob: Blob) -> dict[str, Any]:
    return {
        "points": blob.numbers(way.points),
        "heights": [finite(height, 4) for height in way.heights],
        "converged": way.converged,
        "diverged": way.diverged,
    }


def _check(x: Any, y: Any, start: Any, rates: Any, racers: Any, steps: Any) -> None:
    for name, side in (("x", x), ("y", y)):
        if len(side) != 2 or not all(map(math.isfinite, side)) or not side[0] < side[1]:
            raise catalogue.bad_pair(name, side)
    if len(start) != 2 or not all(map(math.isfinite, start)):
        raise catalogue.bad_start(start)
    if not rates or len(set(rates)) < len(rates) or not all(0 < rate < math.inf for rate in rates):
        raise catalogue.bad_rates(rates)
    if not isinstance(steps, int) or isinstance(steps, bool) or steps < 1:
        raise catalogue.bad_steps(steps)
    if len(racers) > len(CLASSES[0]):
        raise catalogue.too_many("optimizers", len(racers), len(CLASSES[0]))


def _map(function: Any, x: tuple[float, float], y: tuple[float, float]) -> _Surface:
    middles = (np.arange(POINTS) + 0.5) / POINTS
    across, up = (low + (high - low) * middles for low, high in (x, y))
    with no_grad(), np.errstate(over="ignore", invalid="ignore"):
        found = function(*np.meshgrid(across, up))
    heights = np.asarray(found.data if isinstance(found, Tensor) else found, np.float64)
    if heights.shape != (POINTS, POINTS):
        raise catalogue.no_surface(f"an array of shape {heights.shape}, for many points at once,")
    if not np.isfinite(heights).any():
        raise catalogue.no_surface("no finite number at any place,")
    return _Surface(function, x, y, heights)


def _bands(heights: Array, log: bool) -> Array:
    """Heights in bands from 0, the lowest."""
    low, high = np.nanmin(heights), np.nanmax(heights[np.isfinite(heights)])
    shown = np.where(np.isfinite(heights), heights, high) - low
    if log:
        shown = np.log10(shown + 1e-3 * max(high - low, 1e-12))
        shown -= shown.min()
    return np.asarray(BANDS * shown / max(float(shown.max()), 1e-12))


def _raced(
    make: Callable[[Any, float], Any], rate: float, start: Any, steps: int, seen: _Surface
) -> _Way:
    """One optimizer at one rate."""
    place = [Parameter(np.array(value, np.float64)) for value in start]
    optimizer = make(place, rate)
    wide = max(seen.x[1] - seen.x[0], seen.y[1] - seen.y[0])
    points, heights, slopes = [tuple(map(float, start))], [], []
    diverged = None
    for step in range(steps + 1):
        height, slope = _height(seen, place, optimizer)
        heights.append(height)
        slopes.append(slope)
        far = max(abs(p - s) for p, s in zip(points[-1], start, strict=True)) > AWAY * wide
        if not math.isfinite(slope) or far:
            diverged = step
            break
        if step < steps:
            with np.errstate(all="ignore"):
                optimizer.step()
            points.append((float(place[0].item()), float(place[1].item())))
    level = np.asarray(slopes) <= LEVEL * seen.depth / wide
    converged = len(level) - int(np.argmin(level[::-1])) if not level.all() else 0
    at_rest = diverged is None and bool(level[-1])
    return _Way(np.asarray(points), heights, converged if at_rest else None, diverged)


def _height(seen: _Surface, place: Any, optimizer: Any) -> tuple[float, float]:
    """How high a point lies, and how steep it is there; the gradient stays in the parameters."""
    optimizer.zero_grad()
    with enable_grad(), np.errstate(all="ignore"):
        height = seen.function(*place)
        if not isinstance(height, Tensor) or not height.requires_grad or height.size != 1:
            raise catalogue.no_surface(f"a {type(height).__name__} without a gradient")
        value = float(height.item())
        if not math.isfinite(value):
            return value, math.inf
        height.backward()
    slope = math.hypot(*[0.0 if p.grad is None else float(p.grad.item()) for p in place])
    return value, slope if math.isfinite(slope) else math.inf


def _word(value: float) -> str:
    return f"{value:g}"
