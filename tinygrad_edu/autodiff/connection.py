"""Why is there no gradient? A search from the target for the first broken link, across the weak
links that ``detach``, ``no_grad`` and operations without a rule leave on what they return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import reasons
from ..arrays import differentiable
from .tensor import Tensor, constant


class Gap(NamedTuple):
    """A place at which gradients stop: ``detach``, ``no_grad`` or an operation's name."""

    reason: str
    at: Tensor


def connected(target: Tensor) -> None:
    """Raise, with the reason, unless ``target`` is on the record."""
    if not target.requires_grad:
        found = gaps(target, None)
        raise reasons.nothing_to_differentiate(target, found[0] if found else None)
    differentiable(target._data)


def gaps(target: Tensor, source: Tensor | None) -> list[Gap]:
    """Return the gaps on a shortest path to ``source``, or with None the first on any path."""
    came_from: dict[Tensor, tuple[Tensor | None, Gap | None]] = {target: (None, None)}
    queue = [target]
    for tensor in queue:  # breadth first: the list grows while it is read
        if tensor is source:
            return _walk(came_from, tensor)
        gap = None
        links: Sequence[Tensor | None] = tensor.inputs
        if not links and tensor._origin is not None and not tensor.requires_grad:
            gap = Gap(tensor._origin.reason, tensor) if tensor._origin.sources else None
            links = linked(tensor)
            if source is None and gap is not None:
                return [gap]
        for k, link in enumerate(links):
            if link is not None and link not in came_from:
                op = tensor.op if link._tracked and tensor.op and not tensor.op.joint else None
                silent = op is not None and op.rules[k] is None
                came_from[link] = (tensor, Gap(op.name, tensor) if op and silent else gap)
                queue.append(link)
    return []


def linked(tensor: Tensor) -> list[Tensor | None]:
    """What an unrecorded value was computed from; where that is gone, stand-ins for its cuts."""
    origin: Any = tensor._origin
    links = [link() for link in origin.sources]
    for cut in origin.before:
        if cut.sources is not origin.sources:
            links.append(constant(np.broadcast_to(np.zeros((), cut.form[1]), cut.form[0])))
            links[-1]._origin = cut
    return links


def _walk(came_from: dict[Any, tuple[Tensor | None, Gap | None]], tensor: Any) -> list[Gap]:
    found = []
    while tensor is not None:
        tensor, gap = came_from[tensor]
        if gap is not None:
            found.append(gap)
    return found[::-1]


def unconnected(target: Tensor, source: Tensor, label: str, tapes: Sequence[Any]) -> Exception:
    """Return the error that says why ``source`` has no gradient from ``target``."""
    conversions = [
        (how, site)
        for tape in tapes
        for link, how, site in tape.conversions
        if (tensor := link()) is not None and source in ancestors(tensor)
    ]
    leaves = [x for x in ancestors(target) if x.op is None and x.requires_grad]
    return reasons.unconnected(target, source, label, gaps(target, source), conversions, leaves)


def ancestors(target: Tensor) -> dict[Tensor, None]:
    """Return every tensor that recorded rows lead from to ``target``, itself first."""
    seen = {target: None}
    queue = [target]
    for tensor in queue:
        for x in tensor.inputs:
            if x not in seen:
                seen[x] = None
                queue.append(x)
    return seen
