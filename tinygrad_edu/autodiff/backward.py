r"""The reverse sweep: from a target's cotangent to those of all that it was computed from.

.. math:: \bar x = \sum_{z\ \text{reads}\ x} \bar z\, \frac{\partial z}{\partial x}

Rows are numbered as they are made, so taking the largest number first is a reverse topological
order: no sort, no recursion, each row once, and a cotangent goes as soon as it is passed on.
``sweep`` is the fast loop; ``steps`` does the same a row at a time, for stepping and pictures.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from heapq import heapify, heappop, heappush, heappushpop
from operator import attrgetter
from sys import getrefcount
from typing import Any

import numpy as np

from .. import catalogue
from ..arrays import differentiable, numbers, unbroadcast
from ..mode import current
from ..types import Array, Contribution, Operand, Step, reach
from .tensor import Tensor, asarray

_ndarray = np.ndarray


def _private_count(held: dict[int, Array]) -> int:
    local = held.get(0)
    return getrefcount(local)


# The references that an array shows when one container and one local name are all that hold it.
# Nobody else can see it then, so sums are formed in place. Measured, since Pythons differ.
_PRIVATE = _private_count({0: np.empty(0)})


def sweep(
    seeds: dict[Tensor, Any],
    live: Collection[Tensor] | None = None,
    keep: Collection[Tensor] = (),
) -> dict[Tensor, Any]:
    """Return the cotangents of the leaves under the targets in ``seeds``, and of rows in ``keep``.

    ``live`` restricts it to what lies on a path to the sources. Seeds that are Tensors make the
    rules work on Tensors, which records them: the result can be differentiated again.

    The lanes for one and two inputs, nearly all rows, are written out: a call per contribution
    made sweeps of small arrays 5 % slower. On a chain the next row is at hand in ``after`` and
    never enters the heap.
    """
    if (watch := current().watch) is not None:
        return watch.sweep(seeds, live, keep)
    cotangents, kept = dict(seeds), {}
    heap = [(-target.index, target) for target in seeds if target.op is not None]
    again = any(isinstance(g, Tensor) for g in seeds.values())
    kind: Any = Tensor if again else _ndarray
    heapify(heap)
    row = heappop(heap)[1] if heap else None
    while row is not None:
        after: Tensor | None = None
        g = cotangents.pop(row)
        if keep and row in keep:
            kept[row] = g
        op: Any = row.op
        out: Any = row if again else row._data
        d: Any = None
        if op.lane == 2:
            x, y = row.inputs
            a, b = (x, y) if again else (x._data, y._data)
            if x.index > row.index or y.index > row.index:
                check_fresh(row, live)
            if y._tracked and (live is None or y in live):
                d = op.rules[1](g, out, a, b)
                if d.__class__ is not kind or d.shape != b.shape or d.dtype is not b.dtype:
                    d = fit(d, row, 1, again)
                p = cotangents.get(y)
                if p is None:
                    cotangents[y] = d
                    if y.op is not None:
                        after = y
                elif not again and getrefcount(p) == _PRIVATE and p.base is None:
                    try:
                        p += d
                    except ValueError:  # a rule made it read-only
                        cotangents[y] = p + d
                else:
                    cotangents[y] = p + d if again else np.asarray(p + d)
                d = None
            if x._tracked and (live is None or x in live):
                d = op.rules[0](g, out, a, b)
                if d.__class__ is not kind or d.shape != a.shape or d.dtype is not a.dtype:
                    d = fit(d, row, 0, again)
        elif op.lane == 1:
            (x,) = row.inputs
            a = x if again else x._data
            if x.index > row.index:
                check_fresh(row, live)
            rule, attributes = op.rules[0], row.attributes
            d = rule(g, out, a, **attributes) if attributes else rule(g, out, a)
            if d.__class__ is not kind or d.shape != a.shape or d.dtype is not a.dtype:
                d = fit(d, row, 0, again)
        else:
            for _, x, d in contributions(row, g, live):
                accumulate(cotangents, heap, x, d)
            d = None
        if d is not None:
            p = cotangents.get(x)
            if p is None:
                cotangents[x] = d
                if x.op is not None:
                    if after is None:
                        after = x
                    else:
                        heappush(heap, (-x.index, x))
            elif not again and getrefcount(p) == _PRIVATE and p.base is None:
                try:
                    p += d
                except ValueError:
                    cotangents[x] = p + d
            else:
                cotangents[x] = p + d if again else np.asarray(p + d)
        if after is None:
            row = heappop(heap)[1] if heap else None
        else:
            row = heappushpop(heap, (-after.index, after))[1] if heap else after
    cotangents.update(kept)
    return cotangents


def accumulate(cotangents: dict[Tensor, Any], heap: list[Any], x: Tensor, d: Any) -> None:
    """Add a contribution to what has arrived at an input so far, never in place."""
    p = cotangents.get(x)
    if p is None:
        cotangents[x] = d
        if x.op is not None:
            heappush(heap, (-x.index, x))
    else:
        cotangents[x] = p + d if isinstance(d, Tensor) else np.asarray(p + d)


def steps(cotangents: dict[Tensor, Array], target: Tensor) -> Iterator[Step]:
    """Yield the sweep a row at a time; what has not been passed on stays in ``cotangents``."""
    heap = [(-target.index, target)] if target.op is not None else []
    while heap:
        row = heappop(heap)[1]
        g = cotangents.pop(row)
        sent = contributions(row, g, None)
        yield Step(row, g, sent)
        for _, x, d in sent:
            accumulate(cotangents, heap, x, d)


def contributions(row: Tensor, g: Any, live: Collection[Tensor] | None) -> Sequence[Contribution]:
    """Ask a row's rule for the cotangent of each input that wants one; the general lane."""
    op: Any = row.op
    inputs = row.inputs
    wanted = [x._tracked and (live is None or x in live) for x in inputs]
    if any(x.index > row.index for x in inputs):
        check_fresh(row, live)
    again = isinstance(g, Tensor)
    values = inputs if again else [x._data for x in inputs]
    out = row if again else row._data
    attributes = row.attributes or {}
    if op.joint is None:
        pairs = zip(op.rules[::-1], wanted[::-1], strict=True)  # the order of the fast lane
        answers = [f(g, out, *values, **attributes) if want and f else None for f, want in pairs]
        answers.reverse()
    else:
        extras = {"saved": None if again else row._saved, "needs": wanted}
        answers = op.joint(g, out, *values, **attributes, **{k: extras[k] for k in op.wants})
        if not isinstance(answers, (tuple, list)) or len(answers) != len(inputs):
            raise catalogue.wrong_number_of_cotangents(row, answers)
    sent = enumerate(zip(inputs, answers, wanted, strict=True))
    kept = [(k, x, d) for k, (x, d, want) in sent if want and (op.joint or op.rules[k])]
    return [Contribution(k, x, fit(d, row, k, again)) for k, x, d in kept]


def fit(d: Any, row: Tensor, position: int, again: bool) -> Any:
    """Make what a rule returned a cotangent of its input: an array of its shape and type."""
    x = row.inputs[position]._data
    op: Any = row.op
    if not isinstance(d, Tensor):
        d = d if d is not None else catalogue.returned_none(row, position)
        d = asarray(d) if again else numbers(d)
    elif not again:
        d = d._data
    if d.shape != x.shape:
        end = d.shape[max(d.ndim - x.ndim, 0) :]
        odd = end != x.shape and any(n not in (1, m) for n, m in zip(x.shape, end, strict=False))
        if not op.broadcasts or odd or d.ndim < x.ndim:
            raise catalogue.wrong_shape_of_cotangent(row, position, d.shape)
        d = unbroadcast(d, x.shape)
    if d.dtype.kind == "c":
        differentiable(d)
    return d if d.dtype == x.dtype else d.astype(x.dtype)


def check_fresh(row: Tensor, live: Collection[Tensor] | None) -> None:
    """Raise when a rule is about to read a leaf whose data changed after the row was made."""
    op: Any = row.op
    wanted = [x._tracked and (live is None or x in live) for x in row.inputs]
    read = set().union(*[op.reads(k) for k, want in enumerate(wanted) if want])
    for k, x in enumerate(row.inputs):
        if x.op is None and x.index > row.index and op.inputs[min(k, op.arity - 1)] in read:
            raise catalogue.changed_since(row, k)


def leading_to(targets: Collection[Tensor], sources: Collection[Tensor]) -> set[Tensor]:
    """Return all that lies on a path from ``sources`` to ``targets``, ends included.

    Rows cannot depend on younger rows or variables of transforms, so the search stops there, and
    inner gradients of a long computation stay cheap. Leaves of the user have any age.
    """
    oldest = min((s.index if s.op is not None or s._origin else 0 for s in sources), default=0)
    seen, rows, elsewhere = set(targets), [], False
    stack = [target for target in targets if target.op is not None]
    while stack:
        row = stack.pop()
        rows.append(row)
        for x in row.inputs:
            if x._tracked and x not in seen:
                seen.add(x)
                if x.op is not None and x.index >= oldest:
                    stack.append(x)
                elif x not in sources:
                    elsewhere = True
    if not elsewhere:
        return seen
    live = seen.intersection(sources)
    for row in sorted(rows, key=attrgetter("index")):
        if not live.isdisjoint(row.inputs):
            live.add(row)
    return live


def seed_for(target: Tensor, gradient: Operand = None) -> Array:
    """Return the cotangent to start from: ones for a single number, else what was given."""
    if not isinstance(target, Tensor):
        raise catalogue.not_a_target(target)
    if gradient is None and target.size != 1:
        raise catalogue.needs_one_number(target.shape, target.size, target.site)
    if gradient is None:
        return np.ones_like(target._data)
    seed = gradient._data if isinstance(gradient, Tensor) else numbers(gradient)
    if seed.shape != target.shape:
        raise catalogue.wrong_shape_of_seed(seed.shape, target.shape)
    return seed.astype(target.dtype, copy=False)


def backward(target: Tensor, gradient: Operand = None) -> None:
    """Add the gradient of ``target`` into ``.grad`` of the leaves; ``Tensor.backward``."""
    seed = seed_for(target, gradient)
    reach["connected"](target)
    try:
        cotangents = sweep({target: seed})
    except (TypeError, ValueError) as error:
        raise catalogue.noted(error)  # noqa: B904 - the same error
    while cotangents:
        leaf, g = cotangents.popitem()
        old = leaf._grad
        if old is None:
            leaf._grad = own(g, getrefcount(g))
        elif getrefcount(old) == _PRIVATE:
            np.add(old, g, old)
        else:
            leaf._grad = np.asarray(old + g)


def own(g: Array, count: int) -> Array:
    """Return a cotangent itself if its caller counts no other holder, else a copy."""
    return g if count <= _PRIVATE and g.base is None and g.flags.writeable else g.copy()
