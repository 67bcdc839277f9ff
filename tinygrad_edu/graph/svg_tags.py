"""Leaves beside the boxes that read them, as SVG (floor 3)."""

from __future__ import annotations

from .layout import Rect
from .markup import width
from .nesting import Tag
from .node import Node
from .scene import Item
from .svg_boxes import Boxes
from .svg_captions import BEAD, CHIP, SMALL, TAG, TAG_GAP, TAG_SIZE
from .svg_marks import escaped, glyph, number_, text

__all__ = ["Tags"]

BESIDE = 20.0


class Tags(Boxes):
    """Draws boxes with what stands beside them."""

    def tags(self, item: Item, place: Rect) -> str:
        """Return the leaves beside a box, and their lines."""
        parts = []
        lines = sum(len(tag.edges) for tag in item.tags)
        tall = len(item.tags) * (TAG + TAG_GAP) - TAG_GAP
        y = place.y + (place.height - tall) / 2
        if self.look.right:
            y = place.y - 10 - tall
        rail = 0
        for tag in item.tags:
            wide = self.tag_width(tag, item)
            x = place.x - BESIDE - wide
            if self.look.right:
                x = place.x + 10 + 5 * lines
            parts.append(self._wires(tag, item, place, (x, y, wide), rail))
            parts.append(self._tag(tag, item, x, y))
            rail += len(tag.edges)
            y += TAG + TAG_GAP
        return "".join(parts)

    def _wires(
        self, tag: Tag, item: Item, place: Rect, at: tuple[float, float, float], rail: int
    ) -> str:
        """The lines from a leaf to its reader, one for each argument."""
        x, y, wide = at
        parts = []
        for k, edge in enumerate(tag.edges):
            middle = y + TAG / 2 + 5 * (k - (len(tag.edges) - 1) / 2)
            if self.look.right:
                turn = place.x + 8 + 5 * (rail + k)
                path = f"M{number_(x)},{number_(middle)}H{number_(turn)}V{number_(place.y)}"
            else:
                start, end = x + wide, min(max(middle, place.y + 7), place.y + place.height - 7)
                path = f"M{number_(start)},{number_(middle)}"
                bend = number_((start + place.x) / 2)
                if abs(end - middle) < 1:
                    path += f"H{number_(place.x)}"
                else:
                    path += f"C{bend},{number_(middle)} {bend},{number_(end)} "
                    path += f"{number_(place.x)},{number_(end)}"
            parts.append(
                self.line(
                    path, self.strokes([edge]), f"{tag.nodes[0].id}:{item.key}:{edge.position}"
                )
            )
        return "".join(parts)

    def _tag(self, tag: Tag, item: Item, x: float, y: float) -> str:
        node = tag.nodes[0]
        paint = self.theme.kinds[node.kind]
        beads = BEAD * (len(tag.nodes) - 1)
        wide = self.tag_width(tag, item) - beads
        faint = ' opacity="0.62"' if tag.ghost else ""
        dashes = ' stroke-dasharray="4 3"' if tag.ghost or node.kind != "parameter" else ""
        round_ = 4 if node.kind == "parameter" else 12
        parts = [f'<g class="node {node.kind}" data-id="{node.id}"{faint}>']
        parts.append(
            f"<title>{escaped(self.told(Item(node.id, node, None, item.home, [])))}</title>"
        )
        parts.append(
            f'<rect class="box" x="{number_(x)}" y="{number_(y)}" width="{number_(wide)}" '
            f'height="{TAG:g}" rx="{round_}" fill="{paint.fill}" stroke="{paint.stroke}" '
            f'stroke-width="1.2"{dashes}/>'
        )
        if node.kind == "parameter":
            bar = f'x="{number_(x)}" y="{number_(y)}" width="4" height="{TAG:g}" rx="2"'
            parts.append(f'<rect {bar} fill="{paint.stroke}"/>')
        name, facts = self.called(node, item), self.facts(node)
        parts.append(text(x + 12, y + 16, name, paint.text, TAG_SIZE, bold=True))
        if facts:
            at = x + 12 + width(name, TAG_SIZE) + 6
            parts.append(text(at, y + 15.5, facts, self.theme.muted, SMALL, mono=True))
        if (size := self.rms(node)) is not None:
            parts.append(self.chip(size, node.adjoint, x + wide - CHIP - 5, y + 5))
        parts.append("</g>")
        for k, bead in enumerate(tag.nodes[1:]):
            parts.append(self._bead(bead, x + wide + BEAD * k, y + TAG / 2))
        return "".join(parts)

    def _bead(self, bead: Node, x: float, y: float) -> str:
        paint = self.theme.kinds["op"]
        path = f"M{number_(x)},{number_(y)}H{number_(x + 14)}"
        return (
            self.line(path, self.strokes(bead.inputs), f"{bead.inputs[0].source}:{bead.id}:0")
            + f'<g class="node op" data-id="{bead.id}"><title>{escaped(bead.op)}</title>'
            + f'<circle class="box" cx="{number_(x + 25)}" cy="{number_(y)}" r="11" '
            + f'fill="{paint.fill}" stroke="{paint.stroke}" stroke-width="1.2"/>'
            + glyph(bead.op, x + 25, y, self.theme.muted)
            + "</g>"
        )
