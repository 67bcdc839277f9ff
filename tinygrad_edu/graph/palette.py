"""The colours of every picture, on a light and on a dark page (floor 3).

Colours are resolved, never CSS variables: slides and converters drop those. Kinds differ in shape
and border too, so that nothing is said by colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from ..catalogue import unknown_choice

__all__ = ["DARK", "LIGHT", "Ink", "Palette", "blend", "on", "palette"]


class Ink(NamedTuple):
    """The three colours of one kind of node."""

    fill: str
    stroke: str
    text: str


class Palette(NamedTuple):
    """All colours of one theme.

    Attributes
    ----------
    name : str
        ``"light"`` or ``"dark"``.
    canvas, ink, muted, faint : str
        The page; text; secondary text; what is there only to be complete.
    edge, border : str
        Lines between nodes, and around groups of them.
    positive, negative : str
        For signed numbers such as weights; zero is the canvas.
    bad : str
        For NaN and infinities.
    kinds : dict of str to Ink
        By the kind of a node.
    stops : tuple of (float, str)
        Decimal logarithm of a gradient's size, and its colour.
    """

    name: str
    canvas: str
    ink: str
    muted: str
    faint: str
    edge: str
    border: str
    positive: str
    negative: str
    bad: str
    kinds: Mapping[str, Ink]
    stops: tuple[tuple[float, str], ...]

    def heat(self, size: float | None) -> str:
        """Return the colour of a gradient by its size, on a scale that is the same everywhere.

        Parameters
        ----------
        size : float or None
            Root mean square. ``None``, no gradient, is faint; zero is the canvas.

        Examples
        --------
        >>> LIGHT.heat(1e-8), LIGHT.heat(0.0), LIGHT.heat(float("nan"))
        ('#2563eb', '#ffffff', '#c026d3')
        """
        if size is None:
            return self.faint
        if not math.isfinite(size):
            return self.bad
        if size == 0:
            return self.canvas
        return _between(self.stops, round(math.log10(size) * STEPS))

    def signed(self, part: float) -> str:
        """Return the colour of a number from -1 to 1: its sign, and how far it is from zero.

        Examples
        --------
        >>> LIGHT.signed(1.0) == LIGHT.positive, LIGHT.signed(0.0) == LIGHT.canvas
        (True, True)
        """
        if not math.isfinite(part):
            return self.bad
        return blend(self.canvas, self.positive if part > 0 else self.negative, min(abs(part), 1))


LIGHT = Palette(
    name="light",
    canvas="#ffffff", ink="#0f172a", muted="#475569", faint="#e2e8f0",
    edge="#94a3b8", border="#cbd5e1", positive="#ea580c", negative="#2563eb", bad="#c026d3",
    kinds={
        "input": Ink("#dbeafe", "#2563eb", "#1e3a8a"),
        "target": Ink("#dbeafe", "#2563eb", "#1e3a8a"),
        "parameter": Ink("#fef3c7", "#d97706", "#78350f"),
        "buffer": Ink("#ede9fe", "#7c3aed", "#4c1d95"),
        "constant": Ink("#f1f5f9", "#94a3b8", "#475569"),
        "op": Ink("#ffffff", "#64748b", "#0f172a"),
        "gradient": Ink("#fff7ed", "#c2410c", "#7c2d12"),
        "module": Ink("#ecfdf5", "#059669", "#064e3b"),
        "fold": Ink("#f8fafc", "#94a3b8", "#334155"),
        "loss": Ink("#e11d48", "#be123c", "#ffffff"),
        "detached": Ink("#f8fafc", "#cbd5e1", "#64748b"),
    },
    stops=(
        (-8, "#2563eb"), (-5, "#93c5fd"), (-2.5, "#bac5d4"), (-0.5, "#fdba74"),
        (1.5, "#dc2626"), (3, "#7f1d1d"),
    ),
)  # fmt: skip

DARK = Palette(
    name="dark",
    canvas="#0f172a", ink="#f1f5f9", muted="#a3b1c6", faint="#334155",
    edge="#64748b", border="#475569", positive="#fb923c", negative="#60a5fa", bad="#e879f9",
    kinds={
        "input": Ink("#172f5f", "#60a5fa", "#dbeafe"),
        "target": Ink("#172f5f", "#60a5fa", "#dbeafe"),
        "parameter": Ink("#46300c", "#f59e0b", "#fef3c7"),
        "buffer": Ink("#312257", "#a78bfa", "#ede9fe"),
        "constant": Ink("#1e293b", "#64748b", "#cbd5e1"),
        "op": Ink("#1e293b", "#94a3b8", "#f1f5f9"),
        "gradient": Ink("#3b1d0e", "#fb923c", "#ffedd5"),
        "module": Ink("#0c3329", "#34d399", "#d1fae5"),
        "fold": Ink("#172033", "#64748b", "#cbd5e1"),
        "loss": Ink("#e11d48", "#fb7185", "#ffffff"),
        "detached": Ink("#172033", "#475569", "#94a3b8"),
    },
    stops=(
        (-8, "#3b82f6"), (-5, "#7aa7e0"), (-2.5, "#7c8aa0"), (-0.5, "#fdba74"),
        (1.5, "#f05252"), (3, "#fecdd3"),
    ),
)  # fmt: skip

STEPS = 40  # of colour in a decade of gradients: more than the eye tells apart, few to remember


@cache
def _between(stops: tuple[tuple[float, str], ...], step: int) -> str:
    place = min(max(step / STEPS, stops[0][0]), stops[-1][0])
    for (a, start), (b, end) in pairwise(stops):
        if place <= b:
            return blend(start, end, (place - a) / (b - a))
    return stops[-1][1]


_THEMES = {"light": LIGHT, "dark": DARK}


def palette(theme: str) -> Palette:
    """Return the colours of a theme.

    Parameters
    ----------
    theme : {"light", "dark"}
        What the page behind the picture is like.

    Raises
    ------
    ArgumentError
        For another name.

    Examples
    --------
    >>> palette("dark").canvas
    '#0f172a'
    """
    if theme not in _THEMES:
        raise unknown_choice("theme", theme, tuple(_THEMES))
    return _THEMES[theme]


def blend(start: str, end: str, part: float) -> str:
    """Return the colour a part of the way from one to another, as ``#rrggbb``.

    Examples
    --------
    >>> blend("#000000", "#ffffff", 0.5)
    '#808080'
    """
    mixed = [a + (b - a) * part for a, b in zip(_parts(start), _parts(end), strict=True)]
    return "#" + "".join(f"{round(x):02x}" for x in mixed)


@cache
def on(fill: str) -> str:
    """Return black or white, whichever can be read better on a fill (WCAG 2, relative luminance).

    Examples
    --------
    >>> on("#ffffff"), on("#2563eb")
    ('#0f172a', '#ffffff')
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _shares(fill)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#0f172a" if luminance > 0.2 else "#ffffff"


def _parts(colour: str) -> list[int]:
    return [int(colour[k : k + 2], 16) for k in (1, 3, 5)]


def _shares(colour: str) -> list[float]:
    return [part / 255 for part in _parts(colour)]
