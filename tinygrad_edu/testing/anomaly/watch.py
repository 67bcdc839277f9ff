"""Looking on: at every value as it is made, and at every step of a sweep."""

from __future__ import annotations

import weakref
from collections.abc import Collection
from functools import lru_cache
from heapq import heapify, heappop
from typing import Any, NamedTuple

import numpy as np

from ...autodiff.backward import accumulate, contributions
from ...autodiff.connection import ancestors
from ...autodiff.tensor import Tensor
from ...mode import Block, current
from ...registry import Operation
from ...source import Origin, Site, here
from ...types import Array
from . import error
from .birth import born, clean, elementwise, numbers_in, tainted
from .mark import changed, marked
from .scene import Scene

__all__ = ["Watch"]


class Serves(NamedTuple):
    """The call whose gradient a row, made by its rule, is a step of."""

    op: Operation
    site: Site | None
    inputs: tuple[weakref.ref[Tensor], ...]
    attributes: dict[str, Any]


class Watch:
    """What one block of anomaly mode, or one sweep in it, looks at.

    Parameters
    ----------
    inf : bool
        Whether an infinity is an anomaly.
    """

    def __init__(self, inf: bool) -> None:
        self.inf = inf
        self.silence = np.errstate(divide="ignore", over="ignore", invalid="ignore")
        self._row: Tensor | None = None  # whose rule is at work
        self._asked: Site | None = None  # where the sweep was started

    def saw(
        self, result: Tensor, op: Operation, inputs: tuple[Tensor, ...], attributes: Any
    ) -> None:
        """Look at what an operation returned, and mark the arrays that its rules will read.

        What a rule computes on its way is not judged: only what it answers is.
        """
        if self._row is None and not clean(result._data):
            fed = [*(x._data for x in inputs), *numbers_in(attributes)]
            wrong = born(result._data, fed, elementwise(op), self.inf)
            if wrong is not None:
                origin = Origin(here(), current().path)  # a constant may have inherited its own
                scene = Scene(op, inputs, result._data, attributes or {}, origin)
                raise error.in_forward(scene, wrong)
        if result.op is not None and result._origin is not None:
            names = _read(result, [x._tracked for x in inputs])
            marks = marked(result, names, self._served(result))
            result._origin = result._origin._replace(marks=marks)

    def sweep(
        self, seeds: dict[Tensor, Any], live: Collection[Tensor] | None, keep: Collection[Tensor]
    ) -> dict[Tensor, Any]:
        """Return what the engine's sweep returns, bit for bit, having looked at each step."""
        for target, g in seeds.items():
            _check_target(target, _plain(g), self.inf)
        inner = Watch(self.inf)
        inner._asked = here()
        with Block(watch=inner):
            return inner._careful(seeds, live, keep)

    def _careful(
        self, seeds: dict[Tensor, Any], live: Collection[Tensor] | None, keep: Collection[Tensor]
    ) -> dict[Tensor, Any]:
        cotangents, kept = dict(seeds), {}
        senders: dict[Tensor, tuple[Tensor, int]] = {}
        heap = [(-target.index, target) for target in seeds if target.op is not None]
        heapify(heap)
        while heap:
            self._row = row = heappop(heap)[1]
            g = cotangents.pop(row)
            if row in keep:
                kept[row] = g
            wanted = [x._tracked and (live is None or x in live) for x in row.inputs]
            if row._origin is not None and row._origin.marks is not None:
                change = changed(row, _read(row, wanted))
                if change is not None:
                    raise error.overwritten(row, change)
            sent = contributions(row, g, live)
            for k, _, d in sent:
                self._check_contribution(row, k, _plain(d), _plain(g), senders)
            op: Any = row.op
            for k, x, d in reversed(sent) if op.lane == 2 else sent:  # the order of the fast lane
                before = cotangents.get(x)
                accumulate(cotangents, heap, x, d)
                self._check_sum(row, k, before, d, cotangents[x])
                senders[x] = row, k
        cotangents.update(kept)
        return cotangents

    def _check_contribution(
        self, row: Tensor, position: int, value: Array, g: Array, senders: Any
    ) -> None:
        if clean(value):
            return
        op: Any = row.op
        names = _read(row, [k == position for k in range(len(row.inputs))])
        read = [
            x._data for k, x in enumerate(row.inputs) if op.inputs[min(k, op.arity - 1)] in names
        ]
        fed = [g, *read, *([row._data] if "out" in names else []), *numbers_in(row.attributes)]
        wrong = born(value, fed, elementwise(op), self.inf)
        if wrong is not None:
            raise error.in_backward(row, position, value, wrong, g, senders)

    def _check_sum(self, row: Tensor, position: int, before: Any, added: Any, total: Any) -> None:
        if before is not None and not clean(_plain(total)):
            parts = [_plain(before), _plain(added)]
            wrong = born(_plain(total), parts, True, self.inf)
            if wrong is not None:
                raise error.in_sum(row, position, parts, wrong)

    def _served(self, made: Any) -> Serves | None:
        """What a new row is a step of: none if user code made it, such as a checkpoint's function.

        A rule of the library has no line of the user but that of the call that started the sweep.
        """
        row: Any = self._row
        if row is None or _spot(made.site) != _spot(self._asked):
            return None
        marks = row._origin.marks if row._origin is not None else None
        links = tuple([weakref.ref(x) for x in row.inputs])
        return (marks and marks.serves) or Serves(row.op, row.site, links, row.attributes or {})


def _read(row: Tensor, wanted: list[bool]) -> set[str]:
    """Names of what the rules for the wanted inputs read."""
    op: Any = row.op
    return set().union(*[_read_by(op, 0 if op.joint else k) for k, w in enumerate(wanted) if w])


@lru_cache(maxsize=1024)
def _read_by(op: Operation, position: int) -> set[str]:
    return op.reads(position)  # takes the rule's code apart, so it is asked once


def _spot(site: Site | None) -> tuple[Any, int]:
    return (None, 0) if site is None else (site.code, site.offset)


def _plain(g: Any) -> Array:
    return g._data if isinstance(g, Tensor) else g


def _check_target(target: Tensor, g: Array, inf: bool) -> None:
    """A NaN, or an infinite loss, has no gradient worth computing: say where it is from."""
    if tainted(target._data, inf and target.size == 1) is not None:
        raise _source_of(target, inf)
    wrong = tainted(g, False)
    if wrong is not None:
        raise error.bad_seed(target, g, wrong)


def _source_of(target: Tensor, inf: bool) -> Exception:
    """The error for the first row under a bad target that made, or let in, what is not finite.

    A NaN that came in is looked for before an infinity: that may be a mask, and mean no harm.
    """
    rows = sorted([x for x in ancestors(target) if x.op is not None], key=lambda row: row.index)
    for row in rows:
        op: Any = row.op
        fed = [*(x._data for x in row.inputs), *numbers_in(row.attributes)]
        wrong = born(row._data, fed, elementwise(op), inf)
        if wrong is not None:
            return error.in_forward(Scene.of(row), wrong)
    for infinite in (False, True):
        for row in rows:
            if tainted(row._data, infinite) is None:
                continue
            for k, x in enumerate(row.inputs):
                bad = tainted(x._data, infinite)
                if x.op is None and bad is not None:
                    return error.came_in(row, k, bad)
    return error.bad_target(target)
