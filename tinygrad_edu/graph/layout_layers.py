"""Where boxes go inside one module: ranks by longest path, few crossings, straight lines (floor 3).

Sugiyama's scheme: long edges get bends on every rank, sweeps put each box near the mean of its
neighbours, and coordinates are a least-squares problem with exact distances, solved a rank at a
time by pooling neighbours that would collide. Pure numbers, so twelve equal blocks cost one.

Source: Sugiyama, Tagawa, Toda 1981; pool adjacent violators: Barlow et al. 1972, section 1.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeAlias

__all__ = ["Box", "Layers", "Link", "arrange"]

GAP, BEND_GAP, BEND = 26.0, 12.0, 2.0
CROSSING_SWEEPS, ONE_SIDED, TWO_SIDED = 10, 8, 60
STILL = 0.25
# How much a piece of line wants to be straight, by its number of bends: a long way around, such as
# that of a residual, is the backbone that the rest hangs on.
STRAIGHT = (1.0, 64.0, 64.0)


class Box(NamedTuple):
    """What has to be placed: its extent before and after its centre, and along the ranks.

    ``entry`` and ``exit`` are the places where edges cross the module's border.
    """

    before: float
    after: float
    length: float
    entry: bool = False
    exit: bool = False


class Link(NamedTuple):
    """An edge between boxes, with its offsets from the centres.

    ``light`` edges do not bend others; links of one ``port`` share their bends.
    """

    source: int
    target: int
    leave: float
    arrive: float
    light: bool
    port: int


class Layers(NamedTuple):
    """For each box its rank and centre; for each rank its length; for each link its bends."""

    ranks: tuple[int, ...]
    centres: tuple[float, ...]
    lengths: tuple[float, ...]
    bends: tuple[tuple[float, ...], ...]


@lru_cache(maxsize=1024)
def arrange(boxes: tuple[Box, ...], links: tuple[Link, ...]) -> Layers:
    """Place boxes on ranks.

    Parameters
    ----------
    boxes : tuple of Box
        In an order in which links lead forward, entries first.
    links : tuple of Link
        Between them.
    """
    work = _Layering(boxes, links)
    work.rank()
    work.bend()
    work.order()
    work.place()
    count = len(boxes)
    lengths = [0.0] * len(work.rows)
    for k, box in enumerate(boxes):
        lengths[work.ranks[k]] = max(lengths[work.ranks[k]], box.length)
    bends = [tuple([work.centres[b] for b in chain]) for chain in work.chains]
    return Layers(
        tuple(work.ranks[:count]), tuple(work.centres[:count]), tuple(lengths), tuple(bends)
    )


class _Pull(NamedTuple):
    """A neighbour's wish: to stand at its centre plus ``offset``, leaving or arriving ``at``."""

    neighbour: int
    offset: float
    weight: float
    at: float


class _Layering:
    def __init__(self, boxes: Sequence[Box], links: Sequence[Link]) -> None:
        self.boxes, self.links = list(boxes), links
        self.count = len(boxes)
        self.ranks: list[int] = []
        self.rows: list[list[int]] = []
        self.chains: list[list[int]] = []
        self.above: list[list[_Pull]] = []
        self.below: list[list[_Pull]] = []
        self.centres: list[float] = []

    def rank(self) -> None:
        """Longest path from the entries; what has no data input sinks to just above its reader."""
        before: list[set[int]] = [set() for _ in self.boxes]
        after: list[set[int]] = [set() for _ in self.boxes]
        for link in self.links:
            before[link.target].add(link.source)
            after[link.source].add(link.target)
        first = 1 if any(box.entry for box in self.boxes) else 0
        ranks, floating = [0] * self.count, [False] * self.count
        for k, box in enumerate(self.boxes):
            if not box.entry:
                ranks[k] = max([ranks[p] + 1 for p in before[k]], default=first)
                floating[k] = all(floating[p] for p in before[k])
        for k in reversed(range(self.count)):
            if floating[k] and after[k]:
                ranks[k] = min(ranks[s] for s in after[k]) - 1
        inner = [ranks[k] for k, box in enumerate(self.boxes) if not box.exit]
        last = max(inner, default=0) + 1
        self.ranks = [
            last if box.exit else rank for rank, box in zip(ranks, self.boxes, strict=True)
        ]

    def bend(self) -> None:
        """Give long links a bend on every rank that they cross, and note who pulls whom."""
        shared: dict[tuple[int, int], int] = {}
        short: dict[tuple[int, int, float, float, bool], None] = {}
        for link in self.links:
            here, offset, chain = link.source, link.leave, []
            for rank in range(self.ranks[link.source] + 1, self.ranks[link.target]):
                there = shared.setdefault((link.port, rank), len(self.boxes))
                if there == len(self.boxes):
                    self.boxes.append(Box(BEND, BEND, 0))
                    self.ranks.append(rank)
                short[here, there, offset, 0.0, link.light] = None
                here, offset = there, 0.0
                chain.append(there)
            short[here, link.target, offset, link.arrive, link.light] = None
            self.chains.append(chain)
        self.rows = [[] for _ in range(max(self.ranks, default=-1) + 1)]
        for k, rank in enumerate(self.ranks):
            self.rows[rank].append(k)
        self.above = [[] for _ in self.boxes]
        self.below = [[] for _ in self.boxes]
        for a, b, leave, arrive, light in short:
            bends = (a >= self.count) + (b >= self.count)
            weight = STRAIGHT[bends] * (0.02 if light else 1.0)
            self.above[b].append(_Pull(a, leave - arrive, weight, leave))
            self.below[a].append(_Pull(b, arrive - leave, weight, arrive))

    def order(self) -> None:
        """Sort every rank by the mean place of what it is connected with, down and up again."""
        place = [0] * len(self.boxes)
        for row in self.rows:
            for k, b in enumerate(row):
                place[b] = k
        for sweep in range(CROSSING_SWEEPS):
            down = sweep % 2 == 0
            pulls, moved = (self.above, self.below)[sweep % 2], False
            for row in self.rows[1:] if down else self.rows[-2::-1]:
                wishes = {b: self._wish(pulls[b], place, (place[b] + 0.5) / len(row)) for b in row}
                ordered = sorted(row, key=wishes.__getitem__)
                moved = moved or ordered != row
                row[:] = ordered
                for k, b in enumerate(row):
                    place[b] = k
            if not moved and sweep:
                break

    def _wish(self, pulls: Sequence[_Pull], place: Sequence[int], otherwise: float) -> float:
        if not pulls:
            return otherwise
        total = 0.0
        for pull in pulls:
            box = self.boxes[pull.neighbour]
            inside = 0.9 * pull.at / (box.before + box.after + 1)
            row = self.rows[self.ranks[pull.neighbour]]
            total += (place[pull.neighbour] + 0.5 + inside) / len(row)
        return total / len(pulls)

    def place(self) -> None:
        """Pull boxes over each other, first from one side, then from both, until they rest."""
        self.centres = [0.0] * len(self.boxes)
        distances = [self._distances(row) for row in self.rows]
        for row, apart in zip(self.rows, distances, strict=True):
            at = 0.0
            for k, b in enumerate(row):
                at += apart[k - 1] if k else 0.0
                self.centres[b] = at
        both = [a + b for a, b in zip(self.above, self.below, strict=True)]
        sides = [_weighed(side, both) for side in (self.above, self.below, both)]
        for sweep in range(ONE_SIDED + TWO_SIDED):
            pulls = sides[2 if sweep >= ONE_SIDED else sweep % 2]
            furthest = 0.0
            turns = range(len(self.rows))
            for r in turns if sweep % 2 == 0 else reversed(turns):
                row = self.rows[r]
                wishes = [self._pulled(b, pulls[b]) for b in row]
                found = settled(wishes, distances[r])
                for b, x in zip(row, found, strict=True):
                    furthest = max(furthest, abs(self.centres[b] - x))
                    self.centres[b] = x
            if sweep > ONE_SIDED and furthest < STILL:
                break

    def _distances(self, row: Sequence[int]) -> list[float]:
        found = []
        for a, b in pairwise(row):
            gap = BEND_GAP if a >= self.count and b >= self.count else GAP
            found.append(self.boxes[a].after + self.boxes[b].before + gap)
        return found

    def _pulled(self, b: int, pulls: _Weighed) -> tuple[float, float]:
        """Where a box would like to be, and how much."""
        parts, constant, weight = pulls
        if not weight:
            return self.centres[b], 0.01
        for neighbour, share in parts:
            constant += self.centres[neighbour] * share
        return constant / weight, weight


# Neighbours with their weights, the weighted sum of the offsets, and the sum of the weights.
_Weighed: TypeAlias = tuple[list[tuple[int, float]], float, float]


def _weighed(pulls: list[list[_Pull]], otherwise: list[list[_Pull]]) -> list[_Weighed]:
    """What the sweeps need of the pulls, added up once; from one side if there is one."""
    return [
        (
            [(pull.neighbour, pull.weight) for pull in some],
            sum([pull.offset * pull.weight for pull in some]),
            sum([pull.weight for pull in some]),
        )
        for some in [own or both for own, both in zip(pulls, otherwise, strict=True)]
    ]


def settled(wishes: Sequence[tuple[float, float]], apart: Sequence[float]) -> list[float]:
    """Return the places nearest to what is wished that keep their distances.

    The least of ``sum(weight * (x - wish)**2)`` with ``x[k + 1] - x[k] >= apart[k]``.

    Parameters
    ----------
    wishes : sequence of (float, float)
        Place and weight.
    apart : sequence of float
        Distances, one fewer.

    Examples
    --------
    >>> settled([(0.0, 1.0), (1.0, 1.0)], [3.0])
    [-1.0, 2.0]
    """
    # Ranks of one or two boxes, most ranks of most graphs, need no pools.
    if not apart:
        return [wishes[0][0]]
    if len(apart) == 1:
        (a, mass), (b, weight) = wishes
        if b - a < apart[0]:
            a = (a * mass + (b - apart[0]) * weight) / (mass + weight)
            b = a + apart[0]
        return [a, b]
    offsets = [0.0]
    for distance in apart:
        offsets.append(offsets[-1] + distance)
    pools: list[tuple[float, float, int]] = []
    for (wish, weight), offset in zip(wishes, offsets, strict=True):
        total, mass, size = (wish - offset) * weight, weight, 1
        while pools and pools[-1][0] * mass > total * pools[-1][1]:
            before = pools.pop()
            total, mass, size = total + before[0], mass + before[1], size + before[2]
        pools.append((total, mass, size))
    level = [total / mass for total, mass, size in pools for _ in range(size)]
    return [x + offset for x, offset in zip(level, offsets, strict=True)]
