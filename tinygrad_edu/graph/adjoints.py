"""The gradients of a picture: one sweep of its own, which leaves ``.grad`` alone (floor 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..autodiff import Tape, Tensor
from ..autodiff.backward import contributions, seed_for
from ..errors import InPlaceError
from ..mode import no_grad
from ..types import Array, Operand
from .label import printable

__all__ = ["Adjoints", "adjoints"]


class Adjoints(NamedTuple):
    """What arrived at each tensor, and what each row sent to its inputs by position.

    ``remark`` says what these are the gradients of, or why there are none.
    """

    arrived: dict[Tensor, Array]
    sent: dict[tuple[Tensor, int], Array]
    remark: str


def adjoints(
    target: Any, roots: Sequence[Tensor], rows: Sequence[Tensor], weights: Operand = None
) -> Adjoints:
    """Return the adjoint of everything that leads to the roots.

    Parameters
    ----------
    target : Any
        What the user asked to see. A Tape that was asked for a gradient shows that one.
    roots : sequence of Tensor
        The ends of the graph. Of several single numbers, the gradients are those of their sum.
    rows : sequence of Tensor
        All rows under the roots, in the order in which they were made.
    weights : array_like, shape of the root, optional
        The cotangent to start from; needed where the root is not a single number.

    Returns
    -------
    Adjoints
        Empty, with the reason, where there is nothing to differentiate: the picture of a graph
        must not fail with its gradients.
    """
    try:
        seeds, remark = _seeds(target, roots, weights)
    except ValueError as error:
        if weights is not None:  # the user's, so the user should hear of it
            raise
        seeds, remark = {}, _first_line(error)
    if not seeds:
        return Adjoints({}, {}, remark)
    arrived: dict[Tensor, Any] = dict(seeds)
    sent: dict[tuple[Tensor, int], Array] = {}
    try:
        with no_grad(), np.errstate(all="ignore"):
            for row in reversed(rows):
                if (g := arrived.get(row)) is None:
                    continue
                for position, x, d in contributions(row, g, None):
                    sent[row, position] = d
                    arrived[x] = np.asarray(arrived[x] + d) if x in arrived else d
    except InPlaceError:
        return Adjoints({}, {}, "no gradients: parameters changed since the forward pass")
    except Exception as error:  # a broken rule is a reason to draw the graph, not to fail at it
        return Adjoints({}, {}, f"no gradients: {type(error).__name__}: {_first_line(error)}")
    return Adjoints(arrived, sent, remark)


def _seeds(
    target: Any, roots: Sequence[Tensor], weights: Operand
) -> tuple[dict[Tensor, Array], str]:
    """Where the sweep starts, and with what."""
    if isinstance(target, Tape):
        if target.asked is not None and target.asked[0].requires_grad:
            return dict([target.asked]), ""
        roots = roots[-1:]
    tracked = [root for root in roots if root.requires_grad and root.dtype.kind == "f"]
    if not tracked:
        return {}, "no gradients: nothing here requires one"
    if weights is not None:
        return {tracked[-1]: seed_for(tracked[-1], weights)}, ""
    if odd := [root for root in tracked if root.size != 1]:
        count = f"the result has {odd[0].size} numbers"
        return {}, f"no gradients: {count}, so say how to weigh them with output_gradient="
    note = f"gradients of the sum of {len(tracked)} results" if len(tracked) > 1 else ""
    return {root: seed_for(root) for root in tracked}, note


def _first_line(error: Exception) -> str:
    return printable(str(error).partition("\n")[0])
