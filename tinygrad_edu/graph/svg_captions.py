"""What boxes and tags say, and how much room that needs (floor 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .flags import rms
from .label import cut, number, uniform, value
from .layout import Size
from .markup import width
from .nesting import Group, Tag, bare
from .node import Edge, Node
from .palette import Palette
from .scene import Item, Scene

__all__ = [
    "BEAD", "CHIP", "SMALL", "TAG", "TAG_GAP", "TAG_SIZE", "TITLE_SIZE", "Captions", "Look",
    "count", "has_glyph", "shape",
]  # fmt: skip

CHIP, TAG, TAG_GAP, BEAD = 54.0, 24.0, 6.0, 36.0
TITLE_SIZE, TAG_SIZE, SMALL = 13.0, 11.5, 9.5
ROW = 15.0


class Look(NamedTuple):
    """What to show, and how. ``grads`` is ``"blank"`` for a worksheet with gaps to fill in;
    ``source`` lets a page quote code."""

    values: bool = True
    grads: bool | str = True
    theme: str = "light"
    right: bool = False
    source: bool = True


def shape(node: Node) -> str:
    """Write a shape as ``4×16``, ``(16,)`` lest it be read as a number, or without axes nothing.

    Examples
    --------
    >>> from tinygrad_edu.graph.snapshot import snapshot
    >>> from tinygrad_edu.autodiff import Parameter
    >>> shape(snapshot(Parameter([[1.0], [2.0]])).nodes["leaf0"])
    '2×1'
    """
    return f"({node.shape[0]},)" if len(node.shape) == 1 else "×".join(map(str, node.shape))


def count(n: int) -> str:
    """Write a count on little room.

    Examples
    --------
    >>> count(912), count(12736), count(5_300_000)
    ('912', '12.7k', '5.30M')
    """
    return f"{n:,}" if n < 10_000 else f"{n / 1e3:.1f}k" if n < 1e6 else f"{n / 1e6:.2f}M"


class Captions:
    """The words and sizes of one scene.

    ``known`` is what pictures of the same snapshot can share: sizes of gradients, by the arrays,
    and what closed boxes say, by their rows.
    """

    def __init__(
        self, scene: Scene, look: Look, theme: Palette, known: dict[Any, Any] | None = None
    ) -> None:
        self.scene, self.look, self.theme = scene, look, theme
        self._known: dict[Any, Any] = {} if known is None else known
        self.graded = bool(look.grads) and scene.seen.differentiated

    def rms(self, node_or_edge: Node | Edge) -> float | None:
        """The size of the gradient that arrived at a node or went through a line."""
        found = node_or_edge.adjoint if isinstance(node_or_edge, Node) else node_or_edge.gradient
        if found is None or not self.graded:
            return None
        if id(found) not in self._known:  # the snapshot keeps the array, so its id stays its own
            self._known[id(found)] = rms(found)
        size: float = self._known[id(found)]
        return size

    def largest(self, edges: Sequence[Edge]) -> float | None:
        """The largest gradient through lines that are drawn as one."""
        sizes = [size for edge in edges if (size := self.rms(edge)) is not None]
        return max(sizes, default=None)

    def gradient(self, item: Item) -> float | None:
        """What a box's chip shows: of folded rows, the largest."""
        if item.node is not None:
            return self.rms(item.node)
        key = ("gradient", item.rows[0].id, item.rows[-1].id)
        if key not in self._known:
            sizes = [size for row in item.rows if (size := self.rms(row)) is not None]
            self._known[key] = max(sizes, default=None)
        largest: float | None = self._known[key]
        return largest

    # What is written

    def title(self, item: Item) -> tuple[str, str]:
        """The words of a box, and after them the settings."""
        node = item.node
        if node is None:
            return cut(item.group.title if item.group else "", 34), ""
        if not node.is_row:
            return cut(node.name or node.kind), ""
        words = cut(f"{node.name} = {node.op}" if node.name else node.op)
        return words, cut(" ".join(node.settings), 22)

    def lines(self, item: Item) -> str:
        """The second row of a box: its value, or what is folded in it."""
        if item.node is not None and not self.look.values:
            return ""
        ends = [row.id for row in (item.rows[:1] + item.rows[-1:])] or [item.key]
        key = (item.kind, item.node is None, *ends)
        if key not in self._known:
            self._known[key] = self._line(item)
        line: str = self._known[key]
        return line

    def _line(self, item: Item) -> str:
        if item.node is not None:
            return value(item.node.value)
        calls = item.group is None or all(isinstance(c, Group) for c in item.group.children)
        modules = calls or item.kind == "module"
        rows = f"{len(item.rows):,} ops" if modules else _kinds_of(item.rows)
        weights = self._weights(item)
        return f"{rows} · {count(weights)} params" if weights else rows

    def _weights(self, item: Item) -> int:
        nodes = self.scene.seen.nodes
        read = {edge.source for row in item.rows for edge in row.inputs}
        read |= {e.source for name in read for e in nodes[name].inputs}  # through a bead
        return sum(nodes[name].value.size for name in read if nodes[name].kind == "parameter")

    def called(self, node: Node, item: Item) -> str:
        """The name of a leaf beside a box, without the module that is drawn around it."""
        if not node.name:
            same = node.kind == "constant" and uniform(node.value)
            return number(node.value.flat[0].item()) if same else node.op or node.kind
        parts = bare(item.home.path).split(".")[1:]
        for k in range(len(parts)):  # a part of the model may have been found by its own variable
            around = ".".join(parts[k:]) + "."
            if node.name.startswith(around):
                return cut(node.name[len(around) :])
        return cut(node.name)

    def facts(self, node: Node) -> str:
        """What stands after the name of a leaf."""
        if node.value.ndim and (node.value.size != 1 or not node.name):
            return shape(node)
        return number(node.value.item()) if self.look.values and node.name else ""

    # How large it is

    def size(self, item: Item) -> Size:
        """What a box and its tags need."""
        words, settings = self.title(item)
        second = self.lines(item)
        chip = CHIP + 8 if self.gradient(item) is not None else 0.0
        wide = width(words, TITLE_SIZE) + 26 + (20 if has_glyph(item) else 0)
        wide += 18 if item.node is None else 0
        wide += width(settings, SMALL, mono=True) + 8 if settings else 0
        low = (width(second, SMALL, mono=True) if second else -8.0) + chip + 22
        tall = 30.0 + (ROW if second or chip else 0.0)
        tags = [self.tag_width(tag, item) for tag in item.tags]
        own = max(wide, low if second or chip else 0.0, 56.0)
        if not tags:
            return Size(round(own, 1), tall)
        stack = len(tags) * (TAG + TAG_GAP) - TAG_GAP
        indent = 10.0 + 5 * sum(len(tag.edges) for tag in item.tags) if self.look.right else 0.0
        return Size(round(own, 1), tall, round(max(tags) + indent, 1), stack)

    def tag_width(self, tag: Tag, item: Item) -> float:
        """How wide a leaf beside a box is, with the beads on its line."""
        node = tag.nodes[0]
        facts = self.facts(node)
        wide = width(self.called(node, item), TAG_SIZE) + 22
        wide += width(facts, SMALL, mono=True) + 7 if facts else 0
        wide += CHIP + 6 if self.rms(node) is not None else 0
        return wide + BEAD * (len(tag.nodes) - 1)

    def told(self, item: Item) -> str:
        """The words of a tool tip."""
        node = item.node
        if node is None:
            return f"{item.group.path if item.group else ''}: {self.lines(item)}"
        lines = [" ".join(filter(None, [node.name, node.op or node.kind]))]
        lines.append(f"shape {node.shape}, {node.dtype}")
        lines += [f"module {node.module}"] if node.module else []
        if node.keeps:
            kept = sum(part.bytes for part in node.keeps)
            lines.append(
                f"backward reads {', '.join([k.name for k in node.keeps])}: {kept:,} bytes"
            )
        return " | ".join(lines)


def has_glyph(item: Item) -> bool:
    """Whether a box has the sign of its operation."""
    return item.node is not None and item.node.is_row


def _kinds_of(rows: list[Node]) -> str:
    """The operations in a stretch, the most frequent first."""
    names: dict[str, int] = {}
    for row in rows:
        names[row.op] = names.get(row.op, 0) + 1
    frequent = sorted(names, key=lambda name: -names[name])
    more = f" and {len(frequent) - 3} more" if len(frequent) > 3 else ""
    return f"{len(rows):,} ops: {', '.join(frequent[:3])}{more}"
