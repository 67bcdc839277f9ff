"""Boxes with their gradients, and lines, as SVG (floor 3)."""

from __future__ import annotations

from collections.abc import Sequence

from ..types import Array
from .flags import FLAGS, flag, line_width
from .label import number
from .layout import Rect
from .markup import width
from .node import Edge
from .palette import on
from .scene import Item
from .svg_captions import CHIP, SMALL, TITLE_SIZE, Captions, has_glyph
from .svg_marks import escaped, glyph, number_, sign, text

__all__ = ["Boxes"]

CHIP_HEIGHT = 14.0
BEYOND = 16.0  # of a badge over the corner of its box, less than the gap between boxes
DASHED = frozenset(["constant", "buffer", "detached", "fold"])


class Boxes(Captions):
    """Draws the boxes of one scene."""

    def draw(self, item: Item, place: Rect) -> str:
        """Return a box at its place."""
        x, y, wide, tall = place
        paint = self.theme.kinds[item.kind]
        parts = [f'<g class="node {item.kind}" data-id="{item.key}">']
        parts.append(f"<title>{escaped(self.told(item))}</title>")
        if item.node is None:
            parts.append(
                f'<rect x="{number_(x + 4)}" y="{number_(y + 4)}" width="{number_(wide)}" '
                f'height="{number_(tall)}" rx="8" fill="{paint.fill}" stroke="{paint.stroke}" '
                'stroke-opacity="0.5"/>'
            )
        round_ = 15 if item.kind in ("input", "target", "constant", "buffer", "detached") else 8
        dashes = ' stroke-dasharray="4 3"' if item.kind in DASHED else ""
        parts.append(
            f'<rect class="box" x="{number_(x)}" y="{number_(y)}" width="{number_(wide)}" '
            f'height="{number_(tall)}" rx="{round_}" fill="{paint.fill}" stroke="{paint.stroke}" '
            f'stroke-width="1.3"{dashes}/>'
        )
        if item.kind == "gradient":  # as a parameter's bar, on the other side
            parts.append(
                f'<rect x="{number_(x + wide - 4.5)}" y="{number_(y + 8)}" width="4" '
                f'height="{number_(tall - 16)}" rx="2" fill="{paint.stroke}"/>'
            )
        if item.kind == "target":  # a second border: told from an input without its colour
            parts.append(
                f'<rect x="{number_(x + 3)}" y="{number_(y + 3)}" width="{number_(wide - 6)}" '
                f'height="{number_(tall - 6)}" rx="12" fill="none" stroke="{paint.stroke}" '
                'stroke-width="0.8"/>'
            )
        parts += [self._words(item, place), self._second(item, place), self._badge(item, place)]
        parts.append("</g>")
        return "".join(parts)

    def _words(self, item: Item, place: Rect) -> str:
        x, y, wide, _ = place
        paint = self.theme.kinds[item.kind]
        words, settings = self.title(item)
        long = width(words, TITLE_SIZE)
        after = width(settings, SMALL, mono=True) + 8 if settings else 0.0
        before = 20.0 if has_glyph(item) else 18.0 if item.node is None else 0.0
        start = x + (wide - long - after - before) / 2
        parts = []
        if item.node is None:
            parts.append(sign("plus", start + 6, y + 15, paint.stroke))
        elif has_glyph(item):
            ink = paint.text if item.kind == "loss" else self.theme.edge
            parts.append(glyph(item.node.op, start + 6, y + 15, ink))
        middle = start + before + long / 2
        parts.append(
            text(middle, y + 19.5, words, paint.text, TITLE_SIZE, bold=True, anchor="middle")
        )
        if settings:
            at = start + before + long + after / 2
            parts.append(text(at, y + 19, settings, paint.text, SMALL, mono=True, anchor="middle"))
        return "".join(parts)

    def _second(self, item: Item, place: Rect) -> str:
        x, y, wide, _ = place
        second, size = self.lines(item), self.gradient(item)
        long = width(second, SMALL, mono=True) if second else 0.0
        chip = CHIP + (8 if second else 0) if size is not None else 0.0
        start = x + (wide - long - chip) / 2
        ink = self.theme.muted if item.kind not in ("loss", "module") else None
        ink = ink or self.theme.kinds[item.kind].text
        parts = []
        if second:
            middle = start + long / 2
            words = text(middle, y + 35.5, second, ink, SMALL, mono=True, anchor="middle")
            parts.append(f'<g class="value">{words}</g>')
        if size is not None:
            signed = item.node.adjoint if item.node is not None else None
            parts.append(self.chip(size, signed, start + long + (8 if second else 0), y + 25.5))
        return "".join(parts)

    def chip(self, size: float, signed: Array | None, x: float, y: float) -> str:
        """Return a gradient: its number where there is one, else its root mean square."""
        fill = self.theme.heat(size)
        ink = on(fill)
        dashes = ' stroke="#64748b" stroke-dasharray="2 2"' if size == 0 else ""
        rect = (
            f'<rect x="{number_(x)}" y="{number_(y)}" width="{CHIP:g}" height="{CHIP_HEIGHT:g}" '
            'rx="7" '
        )
        if self.look.grads == "blank":
            return (
                f'<g class="gap">{rect}fill="#ffffff" stroke="#64748b" stroke-dasharray="2 2"/></g>'
            )
        single = signed is not None and signed.size == 1
        words = short(float(signed.reshape(-1)[0]) if signed is not None and single else size)
        mark, shift = "", 0.0
        if (wrong := flag(size)) in ("vanishing", "exploding"):
            mark = sign("down" if wrong == "vanishing" else "up", x + 7, y + 7, ink, 3.5)
            shift = 4.0
        middle = x + CHIP / 2 + shift
        label = text(middle, y + 10.4, words, ink, 9, bold=True, mono=True, anchor="middle")
        return f'<g class="chip">{rect}fill="{fill}"{dashes}/>{mark}{label}</g>'

    def blame(self, item: Item) -> str:
        """What an operation does to the gradient: its own is healthy, what it sends on is not."""
        if self.look.grads == "blank":
            return ""
        arrived = self.rms(item.rows[-1]) if item.rows else None
        if arrived is None or flag(arrived):
            return ""
        inside = {row.id for row in item.rows}
        sizes = [
            size
            for row in item.rows
            for edge in row.inputs
            if edge.source not in inside and self.scene.seen.nodes[edge.source].is_row
            if (size := self.rms(edge)) is not None
        ]
        if item.node is not None:  # of a box, every line counts; of a module, the best one
            return next((wrong for size in sizes if (wrong := flag(size))), "")
        return flag(max(sizes, default=None))

    def _badge(self, item: Item, place: Rect) -> str:
        wrong = self.blame(item)
        if not wrong:
            return ""
        long = width(wrong, SMALL) + 16
        x, y = place.x + place.width + BEYOND - long, place.y - 8
        return (
            f'<g class="badge"><rect x="{number_(x)}" y="{number_(y)}" width="{number_(long)}" '
            f'height="15" rx="7.5" fill="{FLAGS[wrong]}"/>'
            + text(x + long / 2, y + 11, wrong, "#ffffff", SMALL, bold=True, anchor="middle")
            + "</g>"
        )

    def line(self, path: str, stroke: tuple[str, float, str], key: str) -> str:
        """Return a line, with the colour, width and dashes that ``strokes`` gave it."""
        colour, thick, dashes = stroke
        return (
            f'<path class="edge" data-edge="{key}" d="{path}" fill="none" stroke="{colour}" '
            f'stroke-width="{thick:g}"{dashes}/>'
        )

    def strokes(self, edges: Sequence[Edge]) -> tuple[str, float, str]:
        """Colour, width and dashes of a line: as warm and as thick as the gradient through it."""
        size = self.largest(edges)
        if size is None or self.look.grads == "blank":
            cold = "" if any(edge.tracked for edge in edges) else ' stroke-dasharray="5 3"'
            return self.theme.edge, 1.4, cold
        if size == 0:
            return self.theme.border, 1.4, ' stroke-dasharray="2 3"'
        return self.theme.heat(size), line_width(size), ""


def short(x: float) -> str:
    """Write a number where there is little room.

    Examples
    --------
    >>> short(-1.484e-10), short(0.0371)
    ('-1.5e-10', '0.0371')
    """
    words = number(x)
    if "e" not in words:
        return words
    digits, _, exponent = f"{x:.{0 if 0 < abs(x) < 1e-99 else 1}e}".partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent)}"
