"""A scene as indented text: what a terminal can show of a picture (floor 3)."""

from __future__ import annotations

from .label import printable, value
from .nesting import Group
from .node import Node
from .scene import Item, Scene

__all__ = ["tree"]


def tree(scene: Scene) -> str:
    """Return one line for each box, inside its modules, with its leaves below it.

    Parameters
    ----------
    scene : Scene
        What would be drawn.
    """
    lines: list[str] = []
    inside: list[Group] = []
    for item in scene.items.values():
        around: list[Group] = []
        home: Group | None = item.home
        while home is not None and home.parent is not None:
            around.insert(0, home)
            home = home.parent
        for k, group in enumerate(around):
            if k >= len(inside) or inside[k] is not group:
                del inside[k:]
                lines.append(f"{'  ' * k}{printable(group.title)}")
                inside.append(group)
        del inside[len(around) :]
        margin = "  " * len(around)
        lines += [margin + line for line in _lines(item)]
    return "\n".join(lines)


def _lines(item: Item) -> list[str]:
    if item.node is None:
        title = item.group.title if item.group is not None else ""
        return [f"[{printable(title)}: {len(item.rows)} operations]"]
    return [_told(item.node), *[f"  {_told(tag.nodes[0])}" for tag in item.tags]]


def _told(node: Node) -> str:
    name = (
        f"{node.name} = {node.op}" if node.name and node.op else node.name or node.op or node.kind
    )
    parts = [printable(name), "×".join(map(str, node.shape)), value(node.value)]
    if node.adjoint is not None:
        parts.append(f"grad {value(node.adjoint)}")
    return "  ".join([part for part in parts if part])
