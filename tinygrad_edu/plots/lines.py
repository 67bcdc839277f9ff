"""Lines over one axis, in the look of all plots (floor 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from .plot import Plot, started
from .style import COLOURS, DASHES, dressed, legend

__all__ = ["lines"]

MARKS = "osDv^Pp*"
LOG = ("", "x", "y", "xy")


def lines(
    x: Any,
    series: Mapping[str, Any],
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    log: str = "",
    marks: bool = False,
    ax: Any = None,
) -> Plot:
    """Plot several lines over one axis, told apart by colour, and by dashes or marks.

    Parameters
    ----------
    x : array_like, shape (points,)
        Where.
    series : mapping of str to array_like, shape (points,)
        What the legend calls each line, and its heights.
    title, xlabel, ylabel : str
        Above, below and at the left.
    log : {"", "x", "y", "xy"}
        Which scales count in powers of ten.
    marks : bool
        A mark at each point, in place of dashes; for few points.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    Plot
        With ``x``, and each line by its name.

    Raises
    ------
    ArgumentError, ShapeError
        For an unknown ``log``, and for a line that has not one height for each place.

    Examples
    --------
    >>> lines([1, 2, 3], {"halves": [0.5, 1.0, 1.5]}).arrays["halves"]
    array([0.5, 1. , 1.5])
    """
    if log not in LOG:
        raise ArgumentError(f"log={log!r} is none of {', '.join(map(repr, LOG))}", fix='log="y"')
    places = np.asarray(x, np.float64)
    heights = {name: np.asarray(values, np.float64) for name, values in series.items()}
    for name, values in heights.items():
        if values.shape != places.shape or places.ndim != 1:
            raise ShapeError(
                f"the line {name!r} has shape {values.shape}, and x {places.shape}",
                shapes=[values.shape, places.shape],
                why="every place on the axis has one height",
            )
    axes = dressed(started(ax), title, xlabel, ylabel)
    for k, (name, values) in enumerate(heights.items()):
        look = (
            {"marker": MARKS[k % 8], "markersize": 4.5} if marks else {"linestyle": DASHES[k % 8]}
        )
        axes.plot(places, values, color=COLOURS[k % 8], linewidth=1.8, label=name, **look)
    for name in log:
        getattr(axes, f"set_{name}scale")("log")
    if "x" not in log and np.all(places == np.round(places)):
        axes.locator_params(axis="x", integer=True)
    legend(axes)
    return Plot(axes, x=places, **heights)
