"""The pieces that a layout is put together from (floor 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from .layout_layers import Layers
from .nesting import Group

__all__ = ["Body", "End", "Layout", "Piece", "Point", "Rect", "Size"]

Point: TypeAlias = tuple[float, float]


class Size(NamedTuple):
    """What a box needs: its own extent, that of the tags beside it, and the room after it for the
    words on its lines where those run to the right."""

    width: float
    height: float
    tags_width: float = 0.0
    tags_height: float = 0.0
    after: float = 0.0


class Rect(NamedTuple):
    """A place in the picture."""

    x: float
    y: float
    width: float
    height: float


@dataclass(slots=True, eq=False)
class Layout:
    """Places of boxes, of open modules, how far their titles are from the left so that no line
    crosses them, and the corners of each reading's line."""

    boxes: dict[str, Rect]
    modules: dict[Group, Rect]
    titles: dict[Group, float]
    lines: list[list[Point]]
    width: float
    height: float


class End(NamedTuple):
    """An end of a piece of line: an item, a border of the module itself, or one of a module in it.

    ``item`` is the box, or the one where a line over a border began.
    """

    item: str
    side: str = ""  # "in" or "out", of a border
    inner: Group | None = None

    @property
    def place(self) -> object:
        """What has a place of its own among the module's boxes."""
        return self.inner if self.inner is not None else (self.item, self.side)


class Piece(NamedTuple):
    """The part of a line that is inside one module, with its offsets at both ends."""

    start: End
    end: End
    leave: float
    arrive: float


@dataclass(slots=True, eq=False)
class Body:
    """The inside of one open module while it is being laid out.

    ``title`` is where its title starts, ``band`` how far lines run straight to leave it alone.
    """

    pieces: dict[Piece, int] = field(default_factory=dict)
    index: dict[object, int] = field(default_factory=dict)
    layers: Layers | None = None
    starts: list[float] = field(default_factory=list)
    across: float = 0.0
    along: float = 0.0
    shift: float = 0.0
    fed: set[int] = field(default_factory=set)
    title: float = 0.0
    band: float = 0.0

    def centre(self, place: object) -> float:
        """Where a box stands, across the ranks."""
        assert self.layers is not None
        return self.layers.centres[self.index[place]] + self.shift
