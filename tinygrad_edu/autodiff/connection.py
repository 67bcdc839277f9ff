"""Why is there no gradient? A search from the target for the first broken link.

It follows rows through their inputs and, across the gaps, the weak links that ``detach``,
``no_grad`` and operations without a rule leave on what they return.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import catalogue
from .operation import registry
from .tensor import Tensor


class Gap(NamedTuple):
    """One place at which gradients stop: ``detach``, ``no_grad`` or an operation's name."""

    reason: str
    at: Tensor


def connected(target: Tensor) -> None:
    """Raise unless ``target`` is on the record.

    Raises
    ------
    DTypeError, NotDifferentiable, UnconnectedError
        With the reason.
    """
    if not target.requires_grad:
        found = gaps(target, None)
        raise catalogue.nothing_to_differentiate(target, found[0] if found else None)


def gaps(target: Tensor, source: Tensor | None) -> list[Gap]:
    """Return the gaps on the first path from ``target`` to ``source``, nearest the target first.

    With ``source`` None, the first gap met on any path.
    """
    came_from: dict[Tensor, tuple[Tensor | None, Gap | None]] = {target: (None, None)}
    queue = [target]
    for tensor in queue:  # breadth first: the list grows while it is read
        if tensor is source:
            return _walk(came_from, tensor)
        gap = None
        links: Sequence[Any] = tensor.inputs
        if not links and tensor._origin is not None and tensor._origin.reason:
            gap = _gap(tensor)
            links = [link() for link in tensor._origin.sources]
            if source is None and gap is not None:
                return [gap]
        for link in links:
            if link is not None and link not in came_from:
                came_from[link] = (tensor, gap)
                queue.append(link)
    return []


def _gap(tensor: Tensor) -> Gap | None:
    """The gap at an unrecorded value, unless its inputs simply needed no gradient."""
    origin: Any = tensor._origin
    op = registry.get(origin.reason)
    cut = op is None or not op.differentiable or tensor.dtype.kind != "f"
    return Gap(origin.reason, tensor) if cut else None


def _walk(came_from: dict[Any, Any], tensor: Tensor | None) -> list[Gap]:
    found = []
    while tensor is not None:
        tensor, gap = came_from[tensor]
        if gap is not None:
            found.append(gap)
    return found[::-1]


def unconnected(target: Tensor, source: Tensor, label: str, tapes: Sequence[Any] = ()) -> Exception:
    """Return the error that says why ``source`` has no gradient from ``target``."""
    found = gaps(target, source)
    conversions = [
        (how, site)
        for tape in tapes
        for tensor, how, site in tape.conversions
        if tensor() is not None and (tensor() is source or gaps_free(tensor(), source))
    ]
    return catalogue.unconnected(target, source, label, found, conversions, leaves(target))


def gaps_free(target: Tensor, source: Tensor) -> bool:
    """Whether recorded rows alone lead from ``source`` to ``target``."""
    return any(row is source for row in ancestors(target))


def ancestors(target: Tensor) -> list[Tensor]:
    """Return every tensor that recorded rows lead from, ``target`` first."""
    seen = {target}
    order = [target]
    for tensor in order:
        for x in tensor.inputs:
            if x not in seen:
                seen.add(x)
                order.append(x)
    return order


def leaves(target: Tensor) -> list[Tensor]:
    """Return the leaves that ``target`` has a gradient for."""
    return [x for x in ancestors(target) if x.op is None and x.requires_grad]
