"""One look for every plot: the colours of the pictures of graphs, and little else (floor 5)."""

from __future__ import annotations

from typing import Any

from ..graph.palette import LIGHT

__all__ = ["COLOURS", "DASHES", "FAINT", "INK", "MUTED", "dressed", "legend", "sequential"]

INK, MUTED, FAINT = LIGHT.ink, LIGHT.muted, LIGHT.faint
# Blue and orange first: told apart by everybody. Lines differ by their dashes too.
COLOURS = ("#2563eb", "#c2410c", "#047857", "#7c3aed", "#be123c", "#0e7490", "#a16207", "#475569")
DASHES: tuple[Any, ...] = (
    "-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)), "-", (0, (6, 2)), (0, (2, 1.5)), "-",
)  # fmt: skip
SMALL, PLAIN, LARGE = 9, 10, 11.5


def dressed(
    ax: Any, title: str = "", x: str = "", y: str = "", *, grid: bool = True, square: bool = False
) -> Any:
    """Give axes their title, labels and look; return them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Changed in place; nothing global is.
    title, x, y : str
        Above, below and at the left.
    grid : bool
        Draw faint lines at the ticks.
    square : bool
        Both directions have one scale.
    """
    if title:
        ax.set_title(title, loc="left", fontsize=LARGE, fontweight="bold", color=INK, pad=10)
    ax.set_xlabel(x, fontsize=PLAIN, color=MUTED)
    ax.set_ylabel(y, fontsize=PLAIN, color=MUTED)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(LIGHT.edge)
    ax.tick_params(labelsize=SMALL, colors=MUTED, length=3)
    if grid:
        ax.grid(True, color=FAINT, linewidth=0.8)
    ax.set_axisbelow(True)
    if square:
        ax.set_aspect("equal", adjustable="box")
    return ax


def legend(ax: Any, loc: str = "best", *, frame: bool = False) -> None:
    """Add a legend if anything has a name; with a frame where it lies on colours."""
    if ax.get_legend_handles_labels()[0]:
        ax.legend(
            loc=loc, frameon=frame, fontsize=SMALL, labelcolor=INK, facecolor="white",
            edgecolor=FAINT, framealpha=0.95, fancybox=False,
        )  # fmt: skip


def sequential() -> Any:
    """Return the colours of sizes, from the page's white to blue."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("sizes", ["#ffffff", "#93c5fd", "#2563eb", "#1e3a8a"])
