"""The paths on which a gradient travels from a target to a source (floor 3).

Without recursion, and linear in rows wherever paths are not written out one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from ..autodiff import Tensor
from ..autodiff.backward import contributions
from ..autodiff.connection import linked
from ..errors import TinygradError

__all__ = ["Hop", "carrying", "count_paths", "every_path", "shortest", "touching"]


class Hop(NamedTuple):
    """One step of a path, against the computation: which input of which row."""

    row: Tensor
    position: int


def carrying(row: Tensor) -> list[tuple[int, Tensor]]:
    """Return the inputs to which a row's rules send a gradient, with their positions.

    Parameters
    ----------
    row : Tensor
        A row, or a leaf, which has none.
    """
    op: Any = row.op
    if op is None:
        return []
    tracked = [(k, x) for k, x in enumerate(row.inputs) if x.requires_grad]
    if op.joint is None:
        return [(k, x) for k, x in tracked if op.rules[k] is not None]
    try:  # one rule for all inputs: what it leaves out is known when it is asked
        sent = {k for k, _, _ in contributions(row, np.zeros_like(row.data), None)}
    except TinygradError:
        return tracked
    return [(k, x) for k, x in tracked if k in sent]


def touching(tensor: Tensor) -> list[tuple[int, Tensor]]:
    """Return all that a value was computed from, across ``detach`` and what was not recorded.

    Parameters
    ----------
    tensor : Tensor
        Any; what its links lead to may be gone by now, and then is left out.
    """
    links: Iterable[Any] = tensor.inputs
    if not tensor.inputs and tensor._origin is not None and not tensor.requires_grad:
        links = linked(tensor)
    return [(k, x) for k, x in enumerate(links) if x is not None]


def shortest(
    target: Tensor, source: Tensor, links: Callable[[Tensor], list[tuple[int, Tensor]]]
) -> list[Tensor]:
    """Return a shortest path, source first; empty where there is none.

    Parameters
    ----------
    target, source : Tensor
        Its ends.
    links : callable
        ``carrying`` or ``touching``.
    """
    came_from: dict[Tensor, Tensor | None] = {target: None}
    queue = [target]
    for tensor in queue:  # breadth first: the list grows while it is read
        if tensor is source:
            break
        for _, x in links(tensor):
            if x not in came_from:
                came_from[x] = tensor
                queue.append(x)
    path, step = [], source if source in came_from else None
    while step is not None:
        path.append(step)
        step = came_from[step]
    return path


def count_paths(target: Tensor, source: Tensor) -> tuple[int, dict[Tensor, int]]:
    """Return how many paths there are, and from each tensor on one of them, how many lead on.

    Parameters
    ----------
    target, source : Tensor
        Their ends. A row that reads a tensor twice makes two paths.

    Examples
    --------
    >>> x = Tensor(1.0, requires_grad=True)
    >>> y = x
    >>> for _ in range(60):
    ...     y = y + y
    >>> count_paths(y, x)[0] == 2**60
    True
    """
    links: dict[Tensor, list[Tensor]] = {}
    stack = [target]
    while stack:
        tensor = stack.pop()
        if tensor in links or tensor is source:
            continue
        links[tensor] = [x for _, x in carrying(tensor)]
        stack += links[tensor]
    ways = {source: 1} if source.requires_grad else {}
    for row in sorted((t for t in links if t.op is not None), key=attrgetter("index")):
        if found := sum(ways.get(x, 0) for x in links[row]):
            ways[row] = found
    return ways.get(target, 0), ways


def every_path(
    target: Tensor, source: Tensor, ways: dict[Tensor, int]
) -> Iterator[tuple[Hop, ...]]:
    """Yield each path, from the target back.

    Parameters
    ----------
    target, source : Tensor
        Their ends.
    ways : dict
        From ``count_paths``; only what leads on is entered, so no step is in vain.
    """
    stack: list[tuple[Tensor, tuple[Hop, ...]]] = [(target, ())]
    while stack:
        tensor, hops = stack.pop()
        if tensor is source:
            yield hops
            continue
        onward = [(k, x) for k, x in carrying(tensor) if x in ways]
        stack += [(x, (*hops, Hop(tensor, k))) for k, x in reversed(onward)]
