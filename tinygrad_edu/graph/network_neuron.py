"""One neuron with its sum written out, as SVG (floor 3).

.. math:: a = f\\Bigl(\\sum_i w_i x_i + b\\Bigr)
"""

from __future__ import annotations

import math

from .label import number, printable, visible
from .markup import width
from .network import Column, Network
from .network_svg import MARGIN, circle, drawn_file, line, short
from .palette import Palette
from .svg_marks import arrow, glyph, number_, text

__all__ = ["drawn_neuron", "is_neuron"]

INPUTS = 6
STEP, RADIUS, BODY = 66.0, 22.0, 36.0


def is_neuron(network: Network) -> bool:
    """Return whether a network is one unit with few enough inputs to write its sum out."""
    first, last = network.columns[0], network.columns[-1]
    return len(network.columns) == 2 and len(last.values) == 1 and len(first.values) <= INPUTS


def drawn_neuron(network: Network, look: Palette, scale: float | None = None) -> str:
    """Return the picture of one neuron as the text of an SVG file.

    Parameters
    ----------
    network : Network
        Of one unit.
    look : Palette
        Colours.
    scale : float, optional
        The activation that has the full colour.
    """
    inputs, unit = network.columns
    weights = [] if unit.weight is None else [float(w) for w in unit.weight[0]]
    values = [float(v) for v in inputs.values]
    equations = _equations(values, weights, unit)
    half = STEP * (len(values) - 1) / 2 + RADIUS
    above, below = max(half, BODY + (64 if unit.bias is not None else 0)), max(half, BODY)
    left = MARGIN + 46 + RADIUS
    body, middle = left + 240, MARGIN + 22 * len(network.notes) + above
    ends, rest = _body(unit, body, middle, look, scale)
    wide = max(ends + 60, *[2 * MARGIN + width(words, 13, mono=True) for words in equations])
    parts = [
        text(MARGIN, MARGIN + 8 + 18 * k, visible(note), look.muted, 12)
        for k, note in enumerate(network.notes)
    ]
    parts += _inputs(values, weights, (left, body), middle, look, scale)
    parts += [*_bias(unit, body, middle, look), *rest]
    line_ = middle + below + 44
    for k, words in enumerate(equations):
        y = line_ + 22 * k
        parts.append(text(wide / 2, y, words, look.ink, 13, mono=True, anchor="middle"))
    return drawn_file((wide, line_ + 22 * len(equations)), parts, look, "One neuron")


def _inputs(
    values: list[float],
    weights: list[float],
    ends: tuple[float, float],
    middle: float,
    look: Palette,
    scale: float | None,
) -> list[str]:
    """A circle for each input, its line to the body, and the weight on the line."""
    left, body = ends
    most = scale or max(map(abs, values), default=0.0) or 1.0
    heavy = max(map(abs, weights), default=0.0) or 1.0
    lines, parts = [], []
    for k, (value, weight) in enumerate(zip(values, weights, strict=True)):
        y = middle + STEP * (k - (len(values) - 1) / 2)
        far = math.hypot(body - left, middle - y)
        along = (body - left) / far, (middle - y) / far
        start = left + RADIUS * along[0], y + RADIUS * along[1]
        stop = body - BODY * along[0], middle - BODY * along[1]
        lines.append(line(start, stop, weight / heavy, look))
        name = f"x[{k}]"
        parts.append(circle(left, y, RADIUS, value / most, look, short(value)))
        parts.append(text(left - RADIUS - 8, y + 4, name, look.muted, 11, mono=True, anchor="end"))
        parts += _tag(
            0.55 * start[0] + 0.45 * stop[0],
            0.55 * start[1] + 0.45 * stop[1],
            f"w[{k}]",
            weight,
            look,
        )
    return lines + parts


def _tag(x: float, y: float, name: str, value: float, look: Palette) -> list[str]:
    """A parameter, as in the pictures of graphs: a box with a bar at its left."""
    paint, words = look.kinds["parameter"], number(value)
    wide = width(name, 11) + width(words, 10.5, mono=True) + 30
    left, top = number_(x - wide / 2), number_(y - 11)
    return [
        f'<rect x="{left}" y="{top}" width="{number_(wide)}" height="22" rx="4" '
        f'fill="{paint.fill}" stroke="{paint.stroke}" stroke-width="1.2"/>',
        f'<rect x="{left}" y="{top}" width="4" height="22" rx="2" fill="{paint.stroke}"/>',
        text(x - wide / 2 + 10, y + 4, name, paint.text, 11, bold=True),
        text(x + wide / 2 - 7, y + 4, words, paint.text, 10.5, mono=True, anchor="end"),
    ]


def _bias(unit: Column, body: float, middle: float, look: Palette) -> list[str]:
    if unit.bias is None:
        return []
    y = middle - BODY - 40
    value = float(unit.bias[0])
    sign = (value > 0) - (value < 0)
    return [
        line((body, y + 11), (body, middle - BODY), 0.4 * sign, look),
        *_tag(body, y, "b", value, look),
    ]


def _body(
    unit: Column, body: float, middle: float, look: Palette, scale: float | None
) -> tuple[float, list[str]]:
    """Where it ends; and the sum, the function, and what leaves."""
    paint = look.kinds["op"]
    total, value = float(unit.sums[0]), float(unit.values[0])
    parts = [
        f'<circle cx="{number_(body)}" cy="{number_(middle)}" r="{BODY:g}" fill="{paint.fill}" '
        f'stroke="{paint.stroke}" stroke-width="1.6"/>',
        text(body, middle + 1, "Σ", look.ink, 22, bold=True, anchor="middle"),
        text(body, middle + 19, number(total), look.muted, 10.5, mono=True, anchor="middle"),
    ]
    last = body + BODY
    if unit.functions:
        name = printable(" · ".join(unit.functions))
        wide, left = width(name, 13) + 50, last + 40
        parts += [
            _flow(last, left, middle, look.edge),
            f'<rect x="{number_(left)}" y="{number_(middle - 19)}" width="{number_(wide)}" '
            f'height="38" rx="8" fill="{paint.fill}" stroke="{paint.stroke}" stroke-width="1.4"/>',
            glyph(unit.functions[0], left + 19, middle, look.muted),
            text(left + 34, middle + 4.5, name, paint.text, 13, bold=True),
        ]
        last = left + wide
    end = last + 44 + RADIUS
    parts += [
        _flow(last, end - RADIUS, middle, look.edge),
        circle(end, middle, RADIUS, value / (scale or max(abs(value), 1.0)), look, short(value)),
        text(end + RADIUS + 8, middle + 4, "a", look.muted, 11, mono=True),
    ]
    return end + RADIUS, parts


def _flow(start: float, end: float, y: float, colour: str) -> str:
    path = f"M{number_(start)},{number_(y)}H{number_(end - 6)}"
    shaft = f'<path d="{path}" stroke="{colour}" stroke-width="1.6"/>'
    return shaft + arrow((end, y), colour, 1.6, right=True)


def _equations(values: list[float], weights: list[float], unit: Column) -> list[str]:
    """The sum and the function, with the numbers of the picture."""
    terms = [f"{_factor(w)}×{_factor(x)}" for w, x in zip(weights, values, strict=True)]
    terms += [] if unit.bias is None else [_factor(float(unit.bias[0]))]
    lines = [f"z = {' + '.join(terms)} = {number(float(unit.sums[0]))}"]
    name = "z"
    for function in unit.functions[:2]:
        name = f"{printable(function)}({name})"
    more = " …" if len(unit.functions) > 2 else ""
    return [*lines, f"a = {name}{more} = {number(float(unit.values[0]))}"]


def _factor(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)
