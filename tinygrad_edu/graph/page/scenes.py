"""The pictures that a page can show: one for each depth, and one for each module (floor 3).

A module's picture has it open and what is beside it closed, so that each is small. They are made
here, breadth first and not more than a limit, because the layout is in Python.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..label import visible
from ..nesting import Group, nested
from ..node import Snapshot
from ..scene import Scene, scene
from ..svg import Picture
from ..svg_captions import Look

__all__ = ["scenes", "start"]

MOST, READABLE = 400, 150  # boxes: of a picture of everything, and of a module


def scenes(
    seen: Snapshot, drawn: Scene, look: Look, max_scenes: int = 64
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the pictures by their key, and the modules by their path.

    Parameters
    ----------
    seen : Snapshot
        The graph.
    drawn : Scene
        The picture to begin with. Its key is ``"@start"``, or its depth, ``"@1"``, if nothing in it
        is folded.
    look : Look
        What pictures show.
    max_scenes : int
        How many modules have a picture of their own, the outer ones first. What is inside those
        that have none is drawn open in the module around them, where there is room.
    """
    maker = _Maker(seen, look)
    groups = _breadth_first(maker.tree[0])
    found: dict[str, Any] = {start(drawn): maker.taken(drawn)}
    for depth in range(drawn.levels + 1):
        if f"@{depth}" in found:
            continue
        if _boxes(groups, depth) <= MOST:
            found[f"@{depth}"] = maker.taken(maker.scene(MOST, (), depth))
    paths = list(dict.fromkeys([g.path for g in groups[1:] if not g.path.startswith("@")]))
    own = dict.fromkeys(paths[: max(max_scenes, 0)])
    for path in own:
        wanted = {path}
        for group in groups[1:]:
            if group.path not in own and group.path.startswith(f"{path}."):
                wanted.add(group.path)
        one = maker.scene(READABLE, wanted)
        if one.folded and len(wanted) > 1:  # no room for what is inside
            one = maker.scene(READABLE, {path})
        found[visible(path)] = maker.taken(one)
    return found, {visible(group.path): _module(group) for group in reversed(groups[1:])}


def start(drawn: Scene) -> str:
    """Return the key of the picture to begin with."""
    return "@start" if drawn.folded else f"@{drawn.depth}"


def _breadth_first(root: Group) -> list[Group]:
    found = [root]
    for group in found:  # the list grows while it is read
        found += [child for child in group.children if isinstance(child, Group)]
    return found


def _boxes(groups: list[Group], depth: int) -> int:
    """How many boxes are drawn when so many levels are open."""
    return sum(
        not isinstance(child, Group) or group.level == depth
        for group in groups
        if group.level <= depth
        for child in group.children
    )


def _module(group: Group) -> list[Any]:
    outer = group.parent.path if group.parent is not None else ""
    return [visible(group.title), visible(outer), group.rows]


class _Maker:
    """Makes scenes and their pictures, with what they can share."""

    def __init__(self, seen: Snapshot, look: Look) -> None:
        self.seen, self.look = seen, look
        self.tree = nested(seen)
        self.known: dict[Any, Any] = {}

    def scene(self, most: int, opened: Collection[str], depth: int = 0) -> Scene:
        made = scene(self.seen, depth=depth, max_nodes=most, opened=opened, tree=self.tree)
        if made.folded:
            self.tree = nested(self.seen)
        return made

    def taken(self, drawn: Scene) -> dict[str, Any]:
        """One picture: its SVG, its size, and which rows each closed box stands for."""
        picture = Picture(drawn, self.look, self.known)
        closed = {}
        for key, item in drawn.items.items():
            if item.group is not None:
                ends = [item.rows[0].id, item.rows[-1].id]
                path, title = visible(item.group.path), visible(item.group.title)
                closed[key] = [item.kind, title, path, len(item.rows), *ends]
        return {
            "body": picture.body(),
            "width": round(picture.layout.width),
            "height": round(picture.layout.height),
            "closed": closed,
        }
