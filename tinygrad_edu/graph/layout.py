"""Where everything in a scene goes: modules from the inside out, then the lines between (floor 3).

Ranks run along one axis and boxes beside each other across it; ``direction`` only decides which of
the two is drawn downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .layout_layers import Box, Link, arrange
from .layout_parts import Body, End, Layout, Piece, Point, Rect, Size
from .markup import width
from .nesting import Group
from .scene import Item, Reading, Scene

__all__ = ["Layout", "Rect", "Size", "layout"]

RANK_GAP = 30.0
PAD, TITLE = 16.0, 30.0
BAND = 24.0
SLOT = 15.0


def layout(scene: Scene, sizes: Mapping[str, Size], direction: str = "down") -> Layout:
    """Return where everything goes.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    sizes : mapping of str to Size
        Of every item, by its key.
    direction : {"down", "right"}
        Where the computation goes.
    """
    work = _Plan(scene, sizes, direction == "right")
    return work.result()


class _Plan:
    def __init__(self, scene: Scene, sizes: Mapping[str, Size], right: bool) -> None:
        self.scene, self.right, self.sizes = scene, right, sizes
        self.bodies = {group: Body() for group in scene.opened}
        self.origins: dict[Group, Point] = {}
        self.places: dict[str, tuple[float, float, float]] = {}  # across, along, length of a box
        self.routes = [self._route(reading) for reading in scene.readings]
        contents: dict[Group, list[Item | Group]] = {group: [] for group in scene.opened}
        for part in self._in_order():
            home = part.home if isinstance(part, Item) else part.parent
            contents[home].append(part)  # type: ignore[index]
        for group in reversed(scene.opened):
            self._lay(group, contents[group])
        for group in scene.opened:
            self._settle(group, contents[group])

    def _in_order(self) -> Iterable[Item | Group]:
        """Items and open modules, each module where its first item is."""
        known: set[Group] = {self.scene.opened[0]}
        for item in self.scene.items.values():
            home: Group | None = item.home
            fresh = []
            while home is not None and home not in known:
                known.add(home)
                fresh.append(home)
                home = home.parent
            yield from reversed(fresh)
            yield item

    def _extent(self, item: Item) -> Box:
        """The box of an item with its tags, which are before it across the ranks."""
        size = self.sizes[item.key]
        own, tags = size[1:4:2] if self.right else size[0:4:2]
        length = max(size[0:4:2]) if self.right else max(size[1:4:2])
        gap = 10.0 if self.right else 20.0
        before = own / 2 + (tags + gap if tags else 0.0)
        return Box(round(before, 1), round(own / 2, 1), round(length, 1))

    def _length(self, item: Item) -> float:
        size = self.sizes[item.key]
        return size.width if self.right else size.height

    def _route(self, reading: Reading) -> list[tuple[Group, Piece]]:
        """Cut a line at the borders of modules that it crosses."""
        source, target = (self.scene.items[key] for key in reading[:2])
        outward, inward = _chain(source.home), _chain(target.home)
        common = 0
        while common < min(len(outward), len(inward)) and outward[common] is inward[common]:
            common += 1
        size = self.sizes[target.key]
        room = (size.height if self.right else size.width) - 16
        slot = min(SLOT, room / reading.turns)
        arrive = round((reading.turn - (reading.turns - 1) / 2) * slot, 1)
        here, pieces = End(source.key), []
        for group in reversed(outward[common:]):
            pieces.append((group, Piece(here, End(source.key, "out"), 0.0, 0.0)))
            here = End(source.key, "out", group)
        home = outward[common - 1]
        for group in inward[common:]:
            pieces.append((home, Piece(here, End(source.key, "in", group), 0.0, 0.0)))
            here, home = End(source.key, "in"), group
        pieces.append((home, Piece(here, End(target.key), 0.0, arrive)))
        for group, piece in pieces:
            self.bodies[group].pieces.setdefault(piece, len(self.bodies[group].pieces))
        return pieces

    def _lay(self, group: Group, contents: list[Item | Group]) -> None:
        body = self.bodies[group]
        boxes: list[Box] = []

        def enter(place: object, box: Box) -> None:
            if place not in body.index:
                body.index[place] = len(boxes)
                boxes.append(box)

        for piece in body.pieces:
            if piece.start.side == "in" and piece.start.inner is None:
                enter(piece.start.place, Box(1, 1, 0, entry=True))
        for part in contents:
            if isinstance(part, Item):
                enter((part.key, ""), self._extent(part))
            else:
                inner = self.bodies[part]
                enter(part, Box(0, round(inner.across, 1), round(inner.along, 1)))
        for piece in body.pieces:
            if piece.end.side == "out" and piece.end.inner is None:
                enter(piece.end.place, Box(1, 1, 0, exit=True))
        ports: dict[End, int] = {}
        links = [
            Link(
                body.index[piece.start.place],
                body.index[piece.end.place],
                self._offset(piece.start),
                self._offset(piece.end) + piece.arrive,
                self._light(piece.start.item),
                ports.setdefault(piece.start, len(ports)),
            )
            for piece in body.pieces
        ]
        body.fed = {link.target for link in links}
        body.layers = arrange(tuple(boxes), tuple(links))
        self._measure(group, body, boxes)

    def _light(self, key: str) -> bool:
        node = self.scene.items[key].node
        return node is not None and not node.is_row

    def _offset(self, end: End) -> float:
        """How far the port of a module inside is from where its place begins."""
        if end.inner is None:
            return 0.0
        return round(self.bodies[end.inner].centre((end.item, end.side)), 1)

    def _measure(self, group: Group, body: Body, boxes: list[Box]) -> None:
        """The size of a module, and where each of its ranks starts."""
        layers = body.layers
        assert layers is not None
        inner = group.parent is not None
        spans = [(x - b.before, x + b.after) for x, b in zip(layers.centres, boxes, strict=True)]
        spans += [(x - 2, x + 2) for chain in layers.bends for x in chain]
        low = min([a for a, _ in spans], default=0.0)
        high = max([b for _, b in spans], default=0.0)
        title = width(group.title, 11) + 42
        pads = (TITLE, PAD) if self.right else (PAD, PAD)
        body.shift = (pads[0] if inner else 0.0) - low
        body.across = high - low + (sum(pads) if inner else 0.0)
        if inner and not self.right:
            self._make_way(body, title)
        at = (PAD if self.right else TITLE + body.band / 2) if inner else 0.0
        ends = {layers.ranks[k]: box for k, box in enumerate(boxes) if box.entry or box.exit}
        gaps = self._gaps(body)
        gap = RANK_GAP
        for rank, length in enumerate(layers.lengths):
            border = rank in ends
            body.starts.append(0.0 if border and ends[rank].entry else at)
            gap = gap if border else gaps.get(rank, RANK_GAP)
            at += 0.0 if border else length + gap
        body.along = at - gap + (max(PAD, gap - RANK_GAP + PAD) if inner else 0.0)
        if self.right:
            body.along = max(body.along, title if inner else 0.0)
        else:
            body.across = max(body.across, body.title + title if inner else 0.0)
        body.starts = [
            body.along if r in ends and ends[r].exit else s for r, s in enumerate(body.starts)
        ]

    def _make_way(self, body: Body, title: float) -> None:
        """Find a place for a module's title beside the lines that enter it from above."""
        layers = body.layers
        assert layers is not None
        for piece, k in body.pieces.items():
            if piece.start.side != "in" or piece.start.inner is not None:
                continue
            x = layers.centres[body.index[piece.start.place]]
            chain = layers.bends[k]
            end = layers.centres[body.index[piece.end.place]] + piece.arrive
            if abs((chain[0] if chain else end + self._offset(piece.end)) - x) > 1:
                body.band = BAND
            if body.title - 8 < x + body.shift < body.title + title:
                body.title = x + body.shift + 2

    def _gaps(self, body: Body) -> dict[int, float]:
        """Room between ranks for the words on lines that run to the right."""
        layers = body.layers
        assert layers is not None
        gaps: dict[int, float] = {}
        for place, k in body.index.items():
            if self.right and isinstance(place, tuple) and not place[1]:
                gap = max(RANK_GAP, self.sizes[place[0]].after + 22)
                gaps[layers.ranks[k]] = max(gaps.get(layers.ranks[k], 0.0), gap)
        return gaps

    def _settle(self, group: Group, contents: list[Item | Group]) -> None:
        """From places within a module to places in the picture."""
        body = self.bodies[group]
        assert body.layers is not None
        across, along = self.origins.setdefault(group, (0.0, 0.0))
        for part in contents:
            k = body.index[(part.key, "") if isinstance(part, Item) else part]
            rank = body.layers.ranks[k]
            start, room = along + body.starts[rank], body.layers.lengths[rank]
            centre = across + body.layers.centres[k] + body.shift
            if isinstance(part, Group):
                inner = self.bodies[part]
                self.origins[part] = (centre, start + (room - inner.along) / 2)
            else:
                length = self._length(part)
                spare = room - max(self._extent(part).length, length)
                spare = spare if k not in body.fed else spare / 2  # a source stands by its readers
                # Tags are beside the middle of a box, or above its start.
                lead = 0.0 if self.right else (self._extent(part).length - length) / 2
                self.places[part.key] = (centre, start + spare + lead, length)

    def _line(self, route: list[tuple[Group, Piece]]) -> list[Point]:
        """The corners of a line: straight through every rank, curved between."""
        points: list[Point] = []
        for group, piece in route:
            body = self.bodies[group]
            assert body.layers is not None
            across, along = self.origins[group]
            ranks = body.layers.ranks
            first, last = ranks[body.index[piece.start.place]], ranks[body.index[piece.end.place]]
            points.append(self._port(group, piece.start, piece.leave, leaving=True))
            if body.band and piece.start.side == "in" and piece.start.inner is None:
                points.append((points[-1][0], along + body.band))
            if not (piece.start.side and piece.start.inner is None):
                border = along + body.starts[first] + body.layers.lengths[first]
                points.append((points[-1][0], border))
            chain = body.layers.bends[body.pieces[piece]]
            for rank, x in enumerate(chain, first + 1):
                at = along + body.starts[rank]
                centre = across + x + body.shift
                points += [(centre, at), (centre, at + body.layers.lengths[rank])]
            end = self._port(group, piece.end, piece.arrive, leaving=False)
            if not (piece.end.side and piece.end.inner is None):
                points.append((end[0], along + body.starts[last]))
            points.append(end)
        return _plain(points)

    def _port(self, group: Group, end: End, offset: float, leaving: bool) -> Point:
        body = self.bodies[group]
        across, along = self.origins[group]
        if end.inner is not None:
            inner = self.bodies[end.inner]
            x, y = self.origins[end.inner]
            return x + inner.centre((end.item, end.side)), y + (inner.along if leaving else 0.0)
        if end.side:
            return across + body.centre(end.place), along + (
                0.0 if end.side == "in" else body.along
            )
        x, y, length = self.places[end.item]
        return x + offset, y + (length if leaving else 0.0)

    def result(self) -> Layout:
        """The finished layout, turned to its direction."""
        root = self.bodies[self.scene.opened[0]]
        boxes: dict[str, Rect] = {}
        for key, (across, along, _) in self.places.items():
            size = self.sizes[key]
            half = (size.height if self.right else size.width) / 2
            boxes[key] = self._rect(across - half, along, size.width, size.height)
        modules = {}
        for group in self.scene.opened[1:]:
            body = self.bodies[group]
            extent = (body.along, body.across) if self.right else (body.across, body.along)
            modules[group] = self._rect(*self.origins[group], *extent)
        titles = {group: self.bodies[group].title for group in modules}
        lines = [self._line(route) for route in self.routes]
        if self.right:
            lines = [[(y, x) for x, y in line] for line in lines]
        wide, tall = (root.along, root.across) if self.right else (root.across, root.along)
        return Layout(boxes, modules, titles, lines, wide, tall)

    def _rect(self, across: float, along: float, width: float, height: float) -> Rect:
        return (
            Rect(along, across, width, height) if self.right else Rect(across, along, width, height)
        )


def _chain(group: Group) -> list[Group]:
    """The modules around, outermost first."""
    found: list[Group] = []
    outer: Group | None = group
    while outer is not None:
        found.append(outer)
        outer = outer.parent
    return found[::-1]


def _plain(points: list[Point]) -> list[Point]:
    """Without corners that coincide."""
    kept = points[:1]
    for point in points[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) > 0.5:
            kept.append(point)
    return kept
