"""The classic diagram as SVG: columns of circles, and a line for each weight (floor 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..types import Array
from .label import number, printable, visible
from .markup import UI, width
from .network import Column, Network
from .palette import Palette, on
from .svg_marks import escaped, number_, text

__all__ = ["circle", "drawn_file", "drawn_network", "line", "short"]

MARGIN, HEADER, LEGEND = 28.0, 58.0, 58.0
COLUMN = 168.0
TIPS = 600  # so many lines get a tip with their number; more would double the file


class _Place(NamedTuple):
    """Where a column stands, and which of its units are drawn."""

    x: float
    shown: tuple[int, ...]
    ys: tuple[float, ...]


def drawn_network(
    network: Network, look: Palette, max_units: int, scale: float | None = None
) -> str:
    """Return the diagram as the text of an SVG file.

    Parameters
    ----------
    network : Network
        What to draw.
    look : Palette
        Colours.
    max_units : int
        How many circles a column has at most.
    scale : float, optional
        The activation that has the full colour.
    """
    columns = network.columns
    most = max(min(len(c.values), max_units) for c in columns)
    radius = 18.0 if most <= 8 else 14.0 if most <= 12 else 11.0
    step = 2 * radius + (16 if most <= 8 else 10 if most <= 12 else 7)
    margin, notes = MARGIN + radius + _labels_width(columns, radius), _notes(network, max_units)
    top = MARGIN + 18 * len(notes) + (8 if notes else 0) + HEADER
    height = step * (most - 1) + 2 * radius
    wide = [max(width(words, 12) for words in _titles(c, max_units)) for c in columns]
    column = max(COLUMN, max(wide) + 24)
    places = [
        _place(column_, margin + k * column, top + height / 2, step, max_units)
        for k, column_ in enumerate(columns)
    ]
    size = (
        max(2 * margin + column * (len(columns) - 1), *_widths(notes)),
        top + height + 30 + LEGEND,
    )
    shift = (size[0] - column * (len(columns) - 1)) / 2 - margin
    places = [place._replace(x=place.x + shift) for place in places]
    parts = [text(MARGIN, MARGIN + 8 + 18 * k, n, look.muted, 12) for k, n in enumerate(notes)]
    parts += _lines(columns, places, radius, look)
    for k, (c, place) in enumerate(zip(columns, places, strict=True)):
        end = "x" if k == 0 else "out" if k == len(columns) - 1 else ""
        parts += _units(c, place, radius, look, end, scale)
        parts += _head(c, place, top - HEADER, look, max_units)
    parts += _legend(size[0], top + height + 44, look, columns, scale)
    return drawn_file(size, parts, look, _title(columns))


def _labels_width(columns: Sequence[Column], radius: float) -> float:
    """Room for the names of inputs and outputs, the same on both sides."""
    first, last = len(columns[0].values) - 1, len(columns[-1].values) - 1
    numbers = "" if radius >= 14 else " -0.0123"
    return 10 + max(
        width(words, 10.5, mono=True) for words in (f"x[{first}]", f"[{last}]{numbers}")
    )


def _title(columns: Sequence[Column]) -> str:
    return "Network of " + ", ".join(str(len(c.values)) for c in columns) + " units"


def drawn_file(size: tuple[float, float], parts: Sequence[str], look: Palette, title: str) -> str:
    """Return the text of an SVG file.

    Parameters
    ----------
    size : tuple of float
        Width and height.
    parts : sequence of str
        What is on it.
    look : Palette
        Colours.
    title : str
        For those who cannot see it.
    """
    wide, high = (number_(x) for x in size)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
            f'viewBox="0 0 {wide} {high}" role="img" font-family="{UI}">',
            f"<title>{escaped(title)}</title>",
            f'<rect width="{wide}" height="{high}" fill="{look.canvas}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _notes(network: Network, max_units: int) -> list[str]:
    large = [c for c in network.columns if len(c.values) > max_units]
    notes = list(network.notes)
    if large:
        said = [f"{_count(c, max_units)} of {_titles(c, max_units)[0]}" for c in large]
        notes.append(f"drawn: {', '.join(said)}; evenly spaced")
    return [visible(note) for note in notes]


def _widths(notes: Sequence[str]) -> list[float]:
    return [2 * MARGIN + w for w in (_legend_width(), *[width(note, 12) for note in notes])]


def _place(c: Column, x: float, middle: float, step: float, max_units: int) -> _Place:
    units = len(c.values)
    shown = np.linspace(0, units - 1, min(units, max_units)).round().astype(int)
    first = middle - step * (len(shown) - 1) / 2
    return _Place(x, tuple(shown.tolist()), tuple(first + step * k for k in range(len(shown))))


def _lines(
    columns: Sequence[Column], places: Sequence[_Place], radius: float, look: Palette
) -> list[str]:
    """A line for each weight between two circles, the strongest on top."""
    parts = []
    for k in range(1, len(columns)):
        before, after = places[k - 1], places[k]
        weight = columns[k].weight
        if weight is None:
            continue
        drawn = np.asarray(weight, np.float64)[np.ix_(after.shown, before.shown)]
        largest = _largest(weight)
        tips = drawn.size <= TIPS
        widest = max(4.0 * min(1.0, (24 / max(drawn.size, 1)) ** 0.45), 1.2)
        order = np.argsort(np.abs(drawn), axis=None, kind="stable")
        for j, i in zip(*np.unravel_index(order, drawn.shape), strict=True):
            ends = (before.x + radius, before.ys[i]), (after.x - radius, after.ys[j])
            value = float(drawn[j, i])
            element = f"[{after.shown[j]}, {before.shown[i]}]"
            name = f"{_part(columns[k], 'weight')}{element} = {number(value)}"
            parts.append(line(*ends, value / largest, look, name if tips else "", widest))
    return parts


def line(
    start: tuple[float, float],
    end: tuple[float, float],
    part: float,
    look: Palette,
    tip: str = "",
    widest: float = 4.0,
) -> str:
    """Return a line whose colour is a weight's sign and whose width its size.

    Parameters
    ----------
    start, end : tuple of float
        Its ends.
    part : float
        The weight, from -1 to 1.
    look : Palette
        Colours.
    tip : str
        What hovering shows.
    widest : float
        The width for a weight of 1; where lines are many, less, and the weak ones are fainter.
    """
    size = min(abs(part), 1.0) if np.isfinite(part) else 1.0
    colour = look.signed(np.sign(part) if np.isfinite(part) else part)
    places = " ".join(
        f'{name}="{number_(value)}"'
        for name, value in zip(("x1", "y1", "x2", "y2"), (*start, *end), strict=True)
    )
    strong = 0.15 + 0.8 * size if widest > 2.5 else 0.08 + 0.87 * size**2
    facts = f'stroke="{colour if part else look.border}"'
    facts += f' stroke-width="{0.4 + (widest - 0.4) * size:.2f}" stroke-opacity="{strong:.2f}"'
    facts += ' stroke-dasharray="6 3"' if part < 0 else ""  # so that signs differ in grey
    inside = f"><title>{escaped(tip)}</title></line>" if tip else "/>"
    return f"<line {places} {facts}{inside}"


def circle(
    x: float, y: float, radius: float, part: float, look: Palette, words: str = "", tip: str = ""
) -> str:
    """Return a circle shaded by an activation.

    Parameters
    ----------
    x, y, radius : float
        Where.
    part : float
        The activation, from -1 to 1; of 0 the border is dashed.
    look : Palette
        Colours.
    words, tip : str
        What stands inside, and what hovering shows.
    """
    fill = look.signed(part)
    dashed = ' stroke-dasharray="3 2.5"' if part == 0 else ""
    place = f'cx="{number_(x)}" cy="{number_(y)}" r="{radius:g}"'
    border = f'stroke="{look.edge}" stroke-width="1.4"{dashed}'
    shape = f'<circle {place} fill="{fill}" {border}/>'
    size = min(10.5, (2 * radius - 5) / (0.61 * max(len(words), 1)))
    inside = text(x, y + size * 0.35, words, on(fill), size, mono=True, anchor="middle")
    title = f"<title>{escaped(tip)}</title>" if tip else ""
    return f"<g>{title}{shape}{inside if words else ''}</g>"


def _units(
    c: Column, place: _Place, radius: float, look: Palette, end: str, scale: float | None
) -> list[str]:
    """The circles of a column, the bias at each, and names at both ends of the network."""
    parts, largest = [], scale or _largest(c.values)
    strongest = int(np.argmax(c.values)) if end == "out" and len(c.values) > 1 else -1
    bias, most = c.bias, 1.0 if c.bias is None else _largest(c.bias)
    for unit, y in zip(place.shown, place.ys, strict=True):
        value = float(c.values[unit])
        tip = f"{printable(c.name)}[{unit}] = {number(value)}"
        if c.weight is not None:
            tip += f", weighted sum {number(float(c.sums[unit]))}"
        words = short(value) if radius >= 14 else ""
        parts.append(circle(place.x, y, radius, value / largest, look, words, tip))
        if bias is not None:
            share = float(bias[unit]) / most
            x, up = place.x - radius * 0.74, y - radius * 0.74
            name = f"{_part(c, 'bias')}[{unit}] = {number(float(bias[unit]))}"
            parts.append(circle(x, up, 4.0, share, look, "", name))
        bold = unit == strongest
        ink = look.ink if bold else look.muted
        if end == "x":
            words = f"x[{unit}]"
            x = place.x - radius - 7
            parts.append(text(x, y + 3.5, words, ink, 10, mono=True, anchor="end"))
        elif end:
            words = f"[{unit}]" if radius >= 14 else f"[{unit}] {number(value)}"
            x = place.x + radius + 7
            parts.append(text(x, y + 3.5, words, ink, 10.5 if bold else 10, mono=True, bold=bold))
    if len(place.shown) < len(c.values):
        below = place.ys[-1] + radius + 8
        dots = [(place.x, below + 5.5 * k) for k in range(3)]
        parts += [
            f'<circle cx="{number_(x)}" cy="{number_(y)}" r="1.6" fill="{look.muted}"/>'
            for x, y in dots
        ]
    return parts


def _part(c: Column, name: str) -> str:
    """What the user calls a parameter of a layer."""
    return f"{printable(c.name)}.{name}" if c.name else name


def _titles(c: Column, max_units: int) -> tuple[str, str, str]:
    """Name, function and count, above a column."""
    names = [name for name in (printable(c.name), c.kind) if name]
    name = " · ".join(names) if c.weight is not None else "input"
    functions = " · ".join([*c.functions[:2], *(["…"] if len(c.functions) > 2 else [])])
    function = functions or ("" if c.weight is None else "no activation")
    return name, function, _count(c, max_units)


def _count(c: Column, max_units: int) -> str:
    count, one = len(c.values), "feature" if c.weight is None else "unit"
    some = f"{max_units} of " if count > max_units else ""
    return f"{some}{count:,} {one}{'s' * (count != 1)}"


def _head(c: Column, place: _Place, top: float, look: Palette, max_units: int) -> list[str]:
    name, function, count = _titles(c, max_units)
    theme = look
    parts = [text(place.x, top + 10, name, theme.ink, 12, bold=True, anchor="middle")]
    if function:
        parts.append(text(place.x, top + 25, function, theme.muted, 11, anchor="middle"))
    at = top + (39 if function else 25)
    parts.append(text(place.x, at, count, theme.muted, 10, anchor="middle"))
    return parts


EXPLAINED = "Colour and width are relative to the largest of the layer; a dashed circle is silent."
SCALED = "Full colour is an activation of {}; a line's width is relative to its layer's largest."
KEYS = ("weight above 0", "below 0", "bias", "activation from − to +")


def _legend_width() -> float:
    return 41 + 41 + 13 + 128 + 3 * 22 + sum(width(words, 11) for words in KEYS)


def _legend(
    wide: float, y: float, look: Palette, columns: Sequence[Column], scale: float | None
) -> list[str]:
    dim, x = look.muted, (wide - _legend_width()) / 2
    parts = []
    for share, words in zip((0.8, -0.8), KEYS[:2], strict=True):
        parts += [line((x, y), (x + 34, y), share, look), text(x + 41, y + 4, words, dim, 11)]
        x += 41 + width(words, 11) + 22
    if any(c.bias is not None for c in columns):
        parts += [circle(x + 4, y, 4, 1.0, look), text(x + 13, y + 4, KEYS[2], dim, 11)]
        x += 13 + width(KEYS[2], 11) + 22
    parts += [circle(x + 6 + 14 * k, y, 6, (k - 4) / 4, look) for k in range(9)]
    parts.append(text(x + 128, y + 4, KEYS[3], dim, 11))
    said = EXPLAINED if scale is None else SCALED.format(number(scale))
    parts.append(text(wide / 2, y + 26, said, dim, 10, anchor="middle"))
    return parts


def short(value: float) -> str:
    """Write a number so that it fits into a circle.

    Examples
    --------
    >>> short(-0.00595), short(0.411), short(-12345.0)
    ('-0.006', '0.411', '-1e4')
    """
    words = number(value)
    if len(words) <= 6:
        return words
    return number(float(f"{value:.1g}"))


def _largest(array: Array) -> float:
    """The largest size among finite numbers, at least as much as can divide."""
    sizes = np.abs(np.asarray(array, np.float64))
    finite = sizes[np.isfinite(sizes)]
    return float(finite.max(initial=0.0)) or 1.0
