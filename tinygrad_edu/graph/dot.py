"""A scene as DOT text, for Graphviz and all that reads its language (floor 3).

One box per operation, inside its modules; leaves hang on the operations that read them. Nodes are
numbered in the order of execution, so the same program gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import ArgumentError
from .label import number, printable, value, visible
from .nesting import Group
from .node import Edge, Node
from .palette import Ink, palette
from .scene import Item, Scene, scene
from .snapshot import snapshot
from .svg_captions import Look

__all__ = ["to_dot", "written"]

FORMS = {
    "op": "rounded,filled",
    "gradient": "rounded,filled",
    "loss": "rounded,filled,bold",
    "parameter": "filled",
    "module": "rounded,filled,bold",
    "fold": "rounded,filled,dashed",
    "constant": "filled,dashed",
    "buffer": "filled,dashed",
    "detached": "filled,dashed",
    "target": "filled,bold",
    "input": "filled",
}
ROUND = frozenset(["input", "target", "constant", "buffer", "detached"])


def to_dot(target: Any, *, name: str = "graph", max_nodes: int = 150) -> str:
    """Return the graph that leads to one Tensor or several, in the DOT language.

    Parameters
    ----------
    target : Tensor, Tape, or nested list, tuple and dict of Tensors
        Where the graph ends.
    name : str
        The graph's name in the text.
    max_nodes : int, at least 2
        How many boxes to draw. Of a larger graph modules are closed and stretches are folded.

    Returns
    -------
    str
        Edges follow the computation. Where an operation reads several inputs they carry their
        positions, so ``x * x`` has edges 0 and 1; dashed edges carry no gradient.

    Raises
    ------
    ArgumentError
        For a target that is no Tensor, or no target, or ``max_nodes`` below 2.

    Examples
    --------
    >>> from tinygrad_edu.autodiff import Tensor
    >>> w = Tensor(3.0, requires_grad=True, name="w")
    >>> print(to_dot(w * w))  # doctest: +ELLIPSIS
    digraph "graph" {
    ...
      op0 [label="multiply\\n9", shape=box, ...]
      leaf0 [label="w\\n3", shape=box, ...]
      leaf0 -> op0 [label="0"]
      leaf0 -> op0 [label="1"]
    }
    """
    if max_nodes < 2:
        raise ArgumentError(f"max_nodes={max_nodes} leaves nothing to draw", fix="max_nodes=150")
    drawn = scene(snapshot(target, grads=False), max_nodes=max_nodes)
    return written(drawn, Look(grads=False), name)


def written(scene: Scene, look: Look, name: str = "") -> str:
    """Return a scene in the DOT language.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    look : Look
        What to show of it.
    name : str
        The graph's name in the text.
    """
    drawing = _Drawing(scene, look)
    theme = palette(look.theme)
    head = [
        f"rankdir={'LR' if look.right else 'TB'}",
        f'bgcolor="{theme.canvas}"',
        'node [fontname="Helvetica", fontsize=11, margin="0.12,0.06"]',
        f'edge [color="{theme.edge}", fontcolor="{theme.muted}", fontname="Helvetica", fontsize=9]',
    ]
    body = [f"  {line}" for line in (*head, *drawing.nodes, *drawing.edges)]
    return "\n".join([f"digraph {_quoted(name or 'graph')} {{", *body, "}", ""])


class _Drawing:
    """The lines of one drawing: boxes with their leaves, in their modules, then the edges."""

    def __init__(self, scene: Scene, look: Look) -> None:
        self.scene, self.look, self.paints = scene, look, palette(look.theme).kinds
        self.nodes: list[str] = []
        self.edges: list[str] = []
        self._drawn: set[str] = set()
        inside: list[Group] = []
        clusters = 0
        for item in scene.items.values():
            around = _around(item.home)
            shared = 0
            while shared < min(len(around), len(inside)) and around[shared] is inside[shared]:
                shared += 1
            self.nodes += ["}"] * (len(inside) - shared)
            for group in around[shared:]:
                label = _quoted(printable(group.title))
                facts = f'label={label}; style="rounded"; color="{palette(look.theme).border}"'
                ink = palette(look.theme).muted
                facts += f'; fontname="Helvetica"; fontsize=11; fontcolor="{ink}"'
                self.nodes.append(f"subgraph cluster{clusters} {{ {facts}")
                clusters += 1
            inside = around
            self._item(item)
        self.nodes += ["}"] * len(inside)
        for reading in scene.readings:
            edge = reading.edges[0]
            single = scene.items[reading.target].node is not None
            tracked = any(e.tracked for e in reading.edges)
            label = self._position(edge) if single else ""
            self._edge(reading.source, reading.target, tracked, label)

    def _item(self, item: Item) -> None:
        if item.node is not None:
            deeper = item.node.module != item.home.path  # a module that did just this
            label = self._label(item.node) + [printable(item.node.module)] * deeper
            self._node(item.key, label, item.kind)
        else:
            title = item.group.title if item.group is not None else ""
            rows = f"{len(item.rows)} of {self.scene.rows} operations"
            self._node(item.key, [printable(title), rows], item.kind)
        for tag in item.tags:
            for node in tag.nodes:
                if node.id not in self._drawn:
                    self._drawn.add(node.id)
                    self._node(node.id, self._label(node), node.kind)
            for leaf, bead in zip(tag.nodes, tag.nodes[1:], strict=False):
                self._edge(leaf.id, bead.id, leaf.tracked, "")
            for edge in tag.edges:
                self._edge(tag.nodes[-1].id, item.key, edge.tracked, self._position(edge))

    def _position(self, edge: Edge) -> str:
        return str(edge.position) if len(self.scene.seen.nodes[edge.target].inputs) > 1 else ""

    def _node(self, identifier: str, label: Iterable[str], kind: str) -> None:
        paint: Ink = self.paints[kind]
        form = "ellipse" if kind in ROUND else "box"
        colours = f'fillcolor="{paint.fill}", color="{paint.stroke}", fontcolor="{paint.text}"'
        facts = f'shape={form}, style="{FORMS[kind]}", {colours}'
        self.nodes.append(f"{identifier} [label={_quoted(*label)}, {facts}]")

    def _label(self, node: Node) -> list[str]:
        if not node.is_row and not node.name and node.value.size == 1:
            return [number(node.value.item())]
        name = f"{node.name} = {node.op}" if node.name and node.is_row else node.name or node.op
        size = number(node.value.item()) if node.value.size == 1 else str(node.shape)
        lines = [printable(name or node.kind), size]
        if self.look.grads is True and node.adjoint is not None:
            lines.append(f"g {value(node.adjoint)}")
        return lines

    def _edge(self, start: str, end: str, tracked: bool, label: str) -> None:
        facts = [f'label="{label}"'] if label else []
        facts += [] if tracked else ["style=dashed"]
        self.edges.append(f"{start} -> {end}" + (f" [{', '.join(facts)}]" if facts else ""))


def _around(group: Group) -> list[Group]:
    """The modules around a box, outermost first, without the whole graph."""
    found: list[Group] = []
    outer: Group | None = group
    while outer is not None and outer.parent is not None:
        found.append(outer)
        outer = outer.parent
    return found[::-1]


def _quoted(*lines: str) -> str:
    r"""Write lines as one quoted string of DOT, in which nothing has a meaning of its own.

    A backslash would start an escape such as ``\N`` and an ampersand an entity.
    """
    plain = [visible(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return '"' + "\\n".join(plain).replace("&", "&amp;") + '"'
