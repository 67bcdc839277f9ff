"""``Plot``: what every function of this room returns (floor 5)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ArgumentError, MissingDependency
from ..storage.replacing import replacing
from ..types import Array

__all__ = ["Plot", "panels", "started"]

FORMATS = ("png", "pdf", "svg")


class Plot:
    """A plot with the numbers that it shows.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        To be changed as you like. It belongs to no window and to no global state.
    ax : matplotlib.axes.Axes, or array of them
        Where the plot lies.
    arrays : dict of ndarray
        The numbers that are drawn, by name.

    Examples
    --------
    >>> from tinygrad_edu import plots
    >>> plot = plots.roc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> plot
    <Plot of auc, false_positive_rate, thresholds, true_positive_rate: plot.save("plot.pdf")>
    >>> float(plot.arrays["auc"])
    0.75
    """

    def __init__(self, ax: Any, **arrays: Any) -> None:
        self.ax = ax
        self.figure = np.ravel(ax)[0].figure if isinstance(ax, np.ndarray) else ax.figure
        self.arrays: dict[str, Array] = {
            name: np.asarray(values) for name, values in arrays.items()
        }

    def render(self, format: str = "png", *, dpi: float = 150) -> bytes:
        """Return the figure as the bytes of a PNG, PDF or SVG file; equal plots give equal bytes.

        Raises
        ------
        ArgumentError
            For another format.
        """
        if format not in FORMATS:
            raise ArgumentError(
                f"a plot cannot be written as {format!r}, only as {', '.join(FORMATS)}",
                fix='plot.save("plot.pdf")',
            )
        from matplotlib import rc_context

        when: dict[str, Any] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": None}
        target = io.BytesIO()
        with rc_context({"svg.hashsalt": "tinygrad_edu", "pdf.fonttype": 42}):
            self.figure.savefig(target, format=format, dpi=dpi, metadata=when[format])
        return target.getvalue()

    def save(self, path: str | Path, *, dpi: float = 150) -> Path:
        """Write the figure to a file, whose suffix says how, and return its path."""
        place = Path(path)
        content = self.render(place.suffix.removeprefix(".").lower(), dpi=dpi)
        with replacing(place, durable=False) as file:
            file.write(content)
        return place

    def _repr_png_(self) -> bytes:
        return self.render("png", dpi=110)

    def __repr__(self) -> str:
        return f'<Plot of {", ".join(sorted(self.arrays))}: plot.save("plot.pdf")>'


def started(ax: Any = None, *, size: tuple[float, float] = (5.6, 3.9)) -> Any:
    """Return the axes to draw in: those given, or new ones in a figure of their own.

    Raises
    ------
    MissingDependency
        Without Matplotlib; says how to install it.
    ArgumentError
        For what is no axes.
    """
    figure = _figure()
    if ax is None:
        return figure(figsize=size, layout="constrained", facecolor="white").subplots()
    if not hasattr(ax, "figure") or not hasattr(ax, "plot"):
        raise ArgumentError(
            f"ax={type(ax).__name__} is no axes to draw in",
            why="a figure may hold several",
            fix="ax=figure.subplots()",
        )
    return ax


def panels(ax: Any, count: int, columns: int, size: tuple[float, float]) -> Any:
    """Return several axes: in a figure of their own, or all inside the place of those given.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        Where they go; it is then hidden itself.
    count, columns : int
        How many, and how many side by side.
    size : pair of float
        Of one of them, in inches.
    """
    figure = _figure()
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    if ax is None:
        page = figure(
            figsize=(size[0] * columns, size[1] * rows), layout="constrained", facecolor="white"
        )
        found = page.subplots(rows, columns, squeeze=False).ravel()
    else:
        started(ax).set_axis_off()
        gap = 0.3
        wide, tall = 1 / (columns + gap * (columns - 1)), 1 / (rows + gap * (rows - 1))
        found = np.array([
            ax.inset_axes([
                (k % columns) * wide * (1 + gap), 1 - tall - (k // columns) * tall * (1 + gap),
                wide, tall,
            ])
            for k in range(rows * columns)
        ])  # fmt: skip
    for spare in found[count:]:
        spare.set_axis_off()
    return found[:count]


def _figure() -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingDependency(
            "plots need Matplotlib, which is not installed",
            why="tg.draw writes SVG without it, and so does the report of the main job",
            fix='pip install "tinygrad_edu[plots]"',
        ) from None
    return Figure
