"""Our own pictures as PNG and PDF, drawn by Matplotlib (floor 3).

Reads the SVG that this room writes, which uses nine elements and resolves every attribute, so
there is one description of a picture and not two.
"""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

__all__ = ["painted"]

PIXELS = 96.0  # to the inch, as CSS has it
SHARP, LARGEST = 192.0, 30_000.0
ANCHORS = {"start": "left", "middle": "center", "end": "right"}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_COMMAND = re.compile(r"([MLCHVhvZ])([^MLCHVhvZ]*)")


def painted(svg: str, format: str) -> bytes:
    """Return a picture as the bytes of a PNG or PDF file.

    Parameters
    ----------
    svg : str
        As ``Graph.svg`` gives it.
    format : {"png", "pdf"}
        What to write.

    Raises
    ------
    ImportError
        Without Matplotlib, which the extra ``plots`` brings.
    """
    from matplotlib.figure import Figure

    root = ET.fromstring(svg.encode())
    wide, tall = float(root.attrib["width"]), float(root.attrib["height"])
    figure = Figure(figsize=(wide / PIXELS, tall / PIXELS))
    axes: Any = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, wide)
    axes.set_ylim(tall, 0)
    axes.axis("off")
    for order, (element, x, y, opacity) in enumerate(_flat(root)):
        _paint(axes, element, (x, y), opacity, order)
    target = io.BytesIO()
    metadata = {"Software": None} if format == "png" else {"CreationDate": None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that its font lacks are drawn as boxes
        dots = min(SHARP, LARGEST * PIXELS / max(wide, tall))
        figure.savefig(target, format=format, dpi=dots, metadata=metadata)
    return target.getvalue()


def _flat(root: ET.Element) -> Iterator[tuple[ET.Element, float, float, float]]:
    """Elements in the order of drawing, with the shift and opacity of the groups around them."""
    stack = [(root, 0.0, 0.0, 1.0)]
    while stack:
        element, x, y, opacity = stack.pop()
        if shift := element.get("transform"):
            dx, dy = _NUMBER.findall(shift)
            x, y = x + float(dx), y + float(dy)
        opacity *= float(element.get("opacity", 1))
        yield element, x, y, opacity
        stack += [(child, x, y, opacity) for child in reversed(element)]


def _paint(
    axes: Any, element: ET.Element, shift: tuple[float, float], opacity: float, order: int
) -> None:
    kind = element.tag.rpartition("}")[2]
    if kind == "text":
        _write(axes, element, shift, opacity, order)
    elif kind in ("rect", "path", "circle", "polygon", "line"):
        patch = _patch(kind, element, shift)
        stroke, fill = element.get("stroke", "none"), element.get("fill", "none")
        patch.set_facecolor(_colour(fill, opacity * float(element.get("fill-opacity", 1))))
        patch.set_edgecolor(_colour(stroke, opacity * float(element.get("stroke-opacity", 1))))
        thick = float(element.get("stroke-width", 1)) if stroke != "none" else 0.0
        patch.set_linewidth(thick * 72 / PIXELS)
        if dashes := element.get("stroke-dasharray"):
            lengths = [float(part) / max(thick, 0.5) for part in dashes.split()]
            patch.set_linestyle((0, lengths))
        patch.set_zorder(order)
        patch.set_clip_on(False)
        axes.add_artist(patch)


def _colour(colour: str, opacity: float) -> Any:
    return "none" if colour == "none" else (colour, opacity)


def _patch(kind: str, element: ET.Element, shift: tuple[float, float]) -> Any:
    from matplotlib import patches
    from matplotlib.path import Path

    def at(name: str) -> float:
        return float(element.get(name, 0))

    dx, dy = shift
    if kind == "rect":
        corner = min(at("rx"), at("width") / 2, at("height") / 2)
        place, size = (at("x") + dx, at("y") + dy), (at("width"), at("height"))
        if not corner:
            return patches.Rectangle(place, *size)
        style = f"round,pad=0,rounding_size={corner}"
        return patches.FancyBboxPatch(place, *size, boxstyle=style)
    if kind == "circle":
        return patches.Circle((at("cx") + dx, at("cy") + dy), at("r"))
    if kind == "line":
        ends = [(at(x) + dx, at(y) + dy) for x, y in (("x1", "y1"), ("x2", "y2"))]
        return patches.PathPatch(Path(ends))
    if kind == "polygon":
        numbers = [float(n) for n in _NUMBER.findall(element.attrib["points"])]
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return patches.Polygon([(x + dx, y + dy) for x, y in pairs])
    points, codes = _outline(element.attrib["d"])
    return patches.PathPatch(Path([(x + dx, y + dy) for x, y in points], codes))


def _outline(path: str) -> tuple[list[tuple[float, float]], list[int]]:
    """The corners of a path, and Matplotlib's code for each: 1 move, 2 line, 4 curve, 79 close."""
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    for command, rest in _COMMAND.findall(path):
        numbers = [float(n) for n in _NUMBER.findall(rest)]
        x, y = points[-1] if points else (0.0, 0.0)
        if command in "HVhv":
            along = numbers[0] + (0.0 if command in "HV" else x if command == "h" else y)
            points.append((along, y) if command in "Hh" else (x, along))
            codes.append(2)
        elif command == "Z":
            points.append(points[0])
            codes.append(79)
        else:
            pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
            points += pairs
            codes += {"M": [1] + [2] * (len(pairs) - 1), "L": [2] * len(pairs)}.get(
                command, [4] * len(pairs)
            )
    return points, codes


def _write(
    axes: Any, element: ET.Element, shift: tuple[float, float], opacity: float, order: int
) -> None:
    from matplotlib import patheffects

    mono = "font-family" in element.attrib
    # Its own font, DejaVu, is wider than those that the boxes are measured for.
    size = float(element.attrib["font-size"]) * 72 / PIXELS * (0.98 if mono else 0.88)
    written = axes.text(
        float(element.attrib["x"]) + shift[0],
        float(element.attrib["y"]) + shift[1],
        (element.text or "").replace("$", r"\$"),
        color=element.attrib["fill"],
        fontsize=size,
        family="DejaVu Sans Mono" if mono else "DejaVu Sans",
        weight="bold" if element.get("font-weight") else "normal",
        ha=ANCHORS[element.get("text-anchor", "start")],
        va="baseline",
        alpha=opacity,
        zorder=order,
    )
    if halo := element.get("stroke"):
        margin = float(element.attrib["stroke-width"]) * 72 / PIXELS
        written.set_path_effects([patheffects.withStroke(linewidth=margin, foreground=halo)])
