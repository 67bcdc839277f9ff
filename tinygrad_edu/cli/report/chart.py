"""Curves as SVG, written here so that a report needs no other library (floor 6)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...types import Array
from ...webpage import escape

__all__ = ["Axis", "Curve", "bars", "chart", "ticks"]

WIDE, TALL = 480, 300
LEFT, RIGHT, TOP, BOTTOM = 54, 16, 44, 46
MOST_POINTS = 600


class Axis(NamedTuple):
    """A direction of a chart: what it says, from where to where, and whether in decades."""

    label: str
    low: float
    high: float
    log: bool = False

    def part(self, value: float) -> float:
        """Return how far along a value lies, 0 to 1."""
        low, high = (math.log10(self.low), math.log10(self.high)) if self.log else self[1:3]
        at = math.log10(max(value, 1e-300)) if self.log else value
        return (at - low) / ((high - low) or 1.0)


class Curve(NamedTuple):
    """A line of a chart; ``kind`` is the class that the style sheet knows. With ``weights``, its
    points are dots of that area; with ``joined=False`` there are only dots."""

    name: str
    x: Array
    y: Array
    kind: str = "c0"
    weights: Array | None = None
    joined: bool = True


def ticks(axis: Axis) -> list[float]:
    """Return round numbers inside an axis, at most eight.

    Examples
    --------
    >>> ticks(Axis("", 0.0, 1.0)), ticks(Axis("", 0.002, 3.0, True))
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.01, 0.1, 1.0])
    """
    if axis.log:
        first, last = math.ceil(math.log10(axis.low)), math.floor(math.log10(axis.high))
        every = max(1, math.ceil((last - first + 1) / 7))
        return [float(f"1e{power}") for power in range(first, last + 1, every)]
    span = axis.high - axis.low
    rough = span / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first = math.ceil(axis.low / step - 1e-9)
    last = math.floor(axis.high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def chart(title: str, x: Axis, y: Axis, curves: Sequence[Curve], remark: str = "") -> str:
    """Return a figure with curves, a legend if there are several, and a sentence below it.

    Parameters
    ----------
    title : str
        Stands above, and is read out.
    x, y : Axis
        What the curves lie in.
    curves : sequence of Curve
        Drawn in this order.
    remark : str
        What is to be seen.
    """
    parts = [_frame(x, y)]
    for curve in curves:
        places = _places(curve, x, y)
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        if curve.joined:
            parts.append(f'<polyline class="line {curve.kind}" points="{line}"/>')
        else:
            parts += [
                f'<circle class="mark {curve.kind}" cx="{a:.1f}" cy="{b:.1f}" r="3.6"/>'
                for a, b in places
            ]
        if curve.weights is not None or len(places) == 1:
            weights = np.ones(len(places)) if curve.weights is None else curve.weights
            radii = 2.5 + 6 * np.sqrt(weights / weights.max())
            parts += [
                f'<circle class="dot {curve.kind}" cx="{a:.1f}" cy="{b:.1f}" r="{radius:.1f}"/>'
                for (a, b), radius in zip(places, radii, strict=True)
            ]
    if len(curves) > 1:
        parts.append(_legend(curves))
    return _figure(title, "".join(parts), remark)


def bars(
    title: str, names: Sequence[str], values: Sequence[float], axis: Axis, remark: str = ""
) -> str:
    """Return a figure with a horizontal bar for each value, written out at its end."""
    tall = 26 * len(names) + 20
    left = 8 + min(150, max(7 * len(name) for name in names) + 8)
    parts = []
    for row, (name, value) in enumerate(zip(names, values, strict=True)):
        top = 10 + 26 * row
        long = max(1.5, axis.part(value) * (WIDE - left - 60))
        shown = name if len(name) <= 20 else name[:19] + "…"
        parts.append(
            f'<text class="tick" x="{left - 8}" y="{top + 14}" text-anchor="end">'
            f"{escape(shown)}</text>"
            f'<rect class="bar" x="{left}" y="{top + 2}" width="{long:.1f}" height="17" rx="3"/>'
            f'<text class="value" x="{left + long + 6:.1f}" y="{top + 15}">{value:.3f}</text>'
        )
    return _figure(title, "".join(parts), remark, tall)


def _figure(title: str, inside: str, remark: str, tall: int = TALL) -> str:
    said = f"<p>{escape(remark)}</p>" if remark else ""
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {WIDE} {tall}" '
        f'role="img" aria-label="{escape(title)}">{inside}</svg>{said}</figure>'
    )


def _across(part: float) -> float:
    return LEFT + part * (WIDE - LEFT - RIGHT)


def _down(part: float) -> float:
    return TALL - BOTTOM - part * (TALL - TOP - BOTTOM)


def _frame(x: Axis, y: Axis) -> str:
    left, right, top, bottom = _across(0), _across(1), _down(1), _down(0)
    parts = []
    for value in ticks(y):
        at = _down(y.part(value))
        parts.append(
            f'<path class="grid" d="M{left:.1f},{at:.1f}H{right:.1f}"/>'
            f'<text class="tick" x="{left - 8:.1f}" y="{at + 4:.1f}" text-anchor="end">'
            f"{value:g}</text>"
        )
    for value in ticks(x):
        at = _across(x.part(value))
        parts.append(
            f'<path class="grid" d="M{at:.1f},{top:.1f}V{bottom:.1f}"/>'
            f'<text class="tick" x="{at:.1f}" y="{bottom + 18:.1f}" text-anchor="middle">'
            f"{value:g}</text>"
        )
    middle = (left + right) / 2
    parts.append(
        f'<path class="axis" d="M{left:.1f},{bottom:.1f}H{right:.1f}"/>'
        f'<text class="label" x="{middle:.1f}" y="{TALL - 8}" text-anchor="middle">'
        f"{escape(x.label)}</text>"
        f'<text class="label" x="{left - 44:.1f}" y="14">{escape(y.label)}</text>'
    )
    return "".join(parts)


def _places(curve: Curve, x: Axis, y: Axis) -> list[tuple[float, float]]:
    kept = np.arange(len(curve.x))
    if len(kept) > MOST_POINTS:  # more than the page has pixels for
        kept = np.unique(np.linspace(0, len(kept) - 1, MOST_POINTS).round().astype(int))
    return [
        (_across(_inside(x.part(float(a)))), _down(_inside(y.part(float(b)))))
        for a, b in zip(np.asarray(curve.x)[kept], np.asarray(curve.y)[kept], strict=True)
        if math.isfinite(a) and math.isfinite(b)
    ]


def _inside(part: float) -> float:
    return min(max(part, 0.0), 1.0)


def _legend(curves: Sequence[Curve]) -> str:
    parts, at = [], LEFT
    for curve in curves:
        parts.append(
            (
                f'<path class="line {curve.kind}" d="M{at},31h18"/>'
                if curve.joined
                else f'<circle class="mark {curve.kind}" cx="{at + 9}" cy="31" r="3.6"/>'
            )
            + f'<text class="tick" x="{at + 24}" y="35">{escape(curve.name)}</text>'
        )
        at += 44 + round(6.6 * len(curve.name))
    return "".join(parts)
