"""The rows of a snapshot as a tree of module calls (floor 3).

A group is a stretch of the execution without gaps, so whatever is drawn as one box, no path leaves
it and comes back: a module called again, with or without a call number, is another stretch.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..mode import BACKWARDS
from .node import Edge, Node, Snapshot

__all__ = ["Group", "Tag", "bare", "nested"]

BESIDE = frozenset(["parameter", "buffer", "constant", "detached"])
# One of these on a weight is drawn as a bead on its line, not as a step of the computation.
BEADS = frozenset(
    ["astype", "expand_dims", "matrix_transpose", "permute_dims", "reshape", "squeeze", "transpose"]
)
DEEPEST = 40
_CALL = re.compile(r"#\d+(?=\.|$)")


@dataclass(slots=True, eq=False)
class Tag:
    """A leaf drawn beside the operation that reads it, with the beads on its line.

    ``ghost``: it was drawn before, beside an earlier reader. ``edges``: the readings.
    """

    nodes: tuple[Node, ...]
    ghost: bool
    edges: list[Edge]


@dataclass(slots=True, eq=False)
class Group:
    """A module call, or rows that are folded into one box, and what happened inside, in order.

    ``times``: how often a pattern repeats in what is folded.
    """

    path: str
    title: str
    kind: str = "module"
    children: list[Group | Node] = field(default_factory=list)
    parent: Group | None = None
    rows: int = 0
    times: int = 0

    def walk(self) -> Iterator[Node]:
        """Yield the rows inside, in order."""
        stack: list[Group | Node] = [self]
        while stack:
            part = stack.pop()
            if isinstance(part, Group):
                stack += reversed(part.children)
            else:
                yield part

    @property
    def level(self) -> int:
        """How many groups it is inside of."""
        found, outer = 0, self.parent
        while outer is not None:
            found, outer = found + 1, outer.parent
        return found


def bare(path: str) -> str:
    """Return a module's path without the numbers of the calls.

    Examples
    --------
    >>> bare("Net.cell#2.gate")
    'Net.cell.gate'
    """
    return _CALL.sub("", path)


def nested(seen: Snapshot) -> tuple[Group, dict[str, list[Tag]]]:
    """Return the tree of module calls, and the tags beside each row.

    Parameters
    ----------
    seen : Snapshot
        A module that did a single operation has no group of its own; beads are only in the tags.
    """
    tags, beads = _tags(seen)
    root = Group("", "")
    stack = [root]
    levels: dict[str, list[str]] = {}
    for node in seen.nodes.values():
        if not node.is_row or node.id in beads:
            continue
        if node.module not in levels:
            levels[node.module] = _levels(node.module, seen.classes)
        wanted = levels[node.module]
        common = 0
        while common < min(len(wanted), len(stack) - 1):
            if stack[common + 1].path != wanted[common]:
                break
            common += 1
        del stack[common + 1 :]
        for path in wanted[common:]:
            inner = Group(path, _title(path, stack[-1].path, seen.classes), parent=stack[-1])
            stack[-1].children.append(inner)
            stack.append(inner)
        stack[-1].children.append(node)
        for group in stack:
            group.rows += 1
    _hoist(root)
    return root, tags


def _levels(path: str, classes: dict[str, str]) -> list[str]:
    """The paths of the modules around a row, outermost first.

    A list of modules is none of them: ``blocks.3`` is one step down.
    """
    parts = path.split(".") if path else []
    known = bool(parts) and bare(parts[0]) in classes
    found = []
    for k in range(len(parts)):
        prefix = ".".join(parts[: k + 1])
        if k in (0, len(parts) - 1):
            found.append(prefix)
        elif known:
            found += [prefix] if bare(prefix) in classes else []
        elif not parts[k + 1].partition("#")[0].isdecimal():
            found.append(prefix)
    return [*found[: DEEPEST - 1], found[-1]] if len(found) > DEEPEST else found


def _title(path: str, outer: str, classes: dict[str, str]) -> str:
    own = path[len(outer) + 1 :] if outer else path
    if bare(own) == BACKWARDS:
        return own.replace(BACKWARDS, BACKWARDS.strip("()")).replace("#", " #")
    kind = classes.get(bare(path), "")
    name = own.replace("#", " #")
    return name if not kind or bare(own) == kind else f"{name} · {kind}"


def _hoist(root: Group) -> None:
    """Draw a module that did one thing as that thing."""
    stack = [root]
    while stack:
        group = stack.pop()
        for k, part in enumerate(group.children):
            while isinstance(part, Group) and part.rows == 1:
                (part,) = part.children
            group.children[k] = part
            if isinstance(part, Group):
                stack.append(part)


def _tags(seen: Snapshot) -> tuple[dict[str, list[Tag]], set[str]]:
    """The leaves beside each row, and the rows that are beads."""
    readers = Counter(edge.source for edge in seen.edges)
    beads: set[str] = set()
    drawn: set[str] = set()
    tags: dict[str, list[Tag]] = {}
    for node in seen.nodes.values():
        if _is_bead(node, seen, readers):
            beads.add(node.id)
            continue
        row: dict[str, Tag] = {}
        for edge in node.inputs:
            source = seen.nodes[edge.source]
            line: tuple[Node, ...] = (source,)
            if source.id in beads:
                line = (seen.nodes[source.inputs[0].source], source)
            if line[0].kind not in BESIDE or line[0].root:
                continue
            if source.id in row:
                row[source.id].edges.append(edge)
            else:
                row[source.id] = Tag(line, line[0].id in drawn, [edge])
        drawn.update(tag.nodes[0].id for tag in row.values())
        if row:
            tags[node.id] = list(row.values())
    return tags, beads


def _is_bead(node: Node, seen: Snapshot, readers: Counter[str]) -> bool:
    if node.kind != "op" or node.op not in BEADS or len(node.inputs) != 1:
        return False
    leaf = seen.nodes[node.inputs[0].source]
    return leaf.kind in BESIDE and not leaf.root and readers[node.id] == 1
