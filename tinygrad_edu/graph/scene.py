"""What stands in one picture: boxes, modules around them, and the readings between (floor 3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from .folding import fold, fold_calls, opened_groups
from .nesting import BESIDE, Group, Tag, nested
from .node import Edge, Node, Snapshot

__all__ = ["Item", "Reading", "Scene", "scene"]


@dataclass(slots=True, eq=False)
class Item:
    """A box: a row, an input, a closed module or folded rows.

    ``home`` is the open module that it stands in, ``rows`` what it stands for.
    """

    key: str
    node: Node | None
    group: Group | None
    home: Group
    rows: list[Node]
    tags: list[Tag] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The node's kind, ``"gradient"`` of an operation of one, ``"module"`` or ``"fold"``."""
        if self.node is not None and self.node.kind == "op" and self.node.backwards:
            return "gradient"
        return self.node.kind if self.node is not None else self.group.kind  # type: ignore[union-attr]


class Reading(NamedTuple):
    """A line between two boxes: one argument of an operation, or all that a closed module reads
    from one box. ``turn`` of ``turns`` is its place among the lines into the box."""

    source: str
    target: str
    edges: tuple[Edge, ...]
    turn: int
    turns: int


@dataclass(slots=True, eq=False)
class Scene:
    """All of one picture, before anything has a place.

    Attributes
    ----------
    items : dict of str to Item
        In an order in which readings lead forward.
    opened : list of Group
        Modules drawn open, the whole graph first, each after the one around it.
    readings : list of Reading
        Lines between items. Lines from tags are in the items.
    depth, levels : int
        How many levels of modules are open, and how many there are.
    rows, hidden : int
        How many operations there are, and how many are not drawn as boxes of their own.
    """

    seen: Snapshot
    items: dict[str, Item]
    opened: list[Group]
    readings: list[Reading]
    depth: int
    levels: int
    rows: int
    hidden: int

    @property
    def modules(self) -> int:
        """How many closed modules are drawn."""
        return sum(item.kind == "module" for item in self.items.values())

    @property
    def folded(self) -> bool:
        """Whether stretches of rows are drawn as one box."""
        return any(item.kind == "fold" for item in self.items.values())


def scene(
    seen: Snapshot,
    *,
    depth: int | None = None,
    max_nodes: int = 150,
    opened: Collection[str] = (),
    tree: tuple[Group, dict[str, list[Tag]]] | None = None,
) -> Scene:
    """Return what to draw of a snapshot.

    Parameters
    ----------
    seen : Snapshot
        The graph.
    depth : int, optional
        How many levels of modules to open; by default as many as stay readable.
    max_nodes : int
        How many operations and closed modules to draw before folding more.
    opened : collection of str
        Paths of modules to open in any case.
    tree : tuple, optional
        What ``nested`` returned, if it is known. Folding changes it: one that was used for a scene
        with folded stretches cannot be used again.
    """
    root, tags = nested(seen) if tree is None else tree
    if depth is None and root.rows > max_nodes:
        fold_calls(root, opened)
    groups, depth = opened_groups(root, depth, max_nodes, opened)
    fold(root, groups, max_nodes)
    items: dict[str, Item] = {}
    owner: dict[str, str] = {}
    for node in seen.nodes.values():
        if not node.is_row and (node.kind not in BESIDE or node.root):
            items[node.id] = Item(node.id, node, None, root, [])
            owner[node.id] = node.id
    visible = _enter(root, groups, items, owner)
    drawn: set[str] = set()
    for item in items.values():
        if item.node is not None and item.node.is_row:
            item.tags = tags.get(item.node.id, [])
            for tag in item.tags:
                tag.ghost = tag.nodes[0].id in drawn
            drawn.update(tag.nodes[0].id for tag in item.tags)
    hidden = sum(len(item.rows) for item in items.values() if item.group is not None)
    deepest = max((group.level for group in _all(root)), default=0)
    rows = sum(node.is_row for node in seen.nodes.values())
    readings = _readings(seen, items, owner)
    return Scene(seen, items, visible, readings, depth, deepest, rows, hidden)


def _all(root: Group) -> list[Group]:
    found = [root]
    for group in found:  # the list grows while it is read
        found += [c for c in group.children if isinstance(c, Group) and c.kind == "module"]
    return found


def _enter(
    root: Group, groups: Collection[Group], items: dict[str, Item], owner: dict[str, str]
) -> list[Group]:
    """Make the boxes, in the order of execution; return the open modules."""
    visible: list[Group] = []
    stack: list[tuple[Group | Node, Group]] = [(root, root)]
    closed = 0
    while stack:
        part, home = stack.pop()
        if isinstance(part, Node):
            items[part.id] = Item(part.id, part, None, home, [part])
            owner[part.id] = part.id
        elif part in groups:
            visible.append(part)
            stack += [(child, part) for child in reversed(part.children)]
        else:
            item = Item(f"group{closed}", None, part, home, list(part.walk()))
            closed += 1
            items[item.key] = item
            owner.update((node.id, item.key) for node in item.rows)
    return visible


def _readings(seen: Snapshot, items: dict[str, Item], owner: dict[str, str]) -> list[Reading]:
    """One line for each argument of a row, one for all that a closed module reads from a box."""
    found: dict[tuple[str, str, int], list[Edge]] = {}
    into: dict[str, int] = {}
    for edge in seen.edges:
        source, target = owner.get(edge.source), owner.get(edge.target)
        if source is None or target is None or source == target:
            continue
        position = edge.position if items[target].node is not None else -1
        found.setdefault((source, target, position), []).append(edge)
    for _, target, _ in found:
        into[target] = into.get(target, 0) + 1
    turns: dict[str, int] = {}
    readings = []
    for (source, target, _), edges in found.items():
        turn = turns[target] = turns.get(target, -1) + 1
        readings.append(Reading(source, target, tuple(edges), turn, into[target]))
    return readings
