"""What a tape keeps in memory, and why: what ``tape.memory()`` answers (floor 3)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ..autodiff import Operation, Tape, Tensor
from ..structure import flatten
from ..types import Array

__all__ = ["count", "kept", "memory"]


def memory(tape: Tape) -> dict[str, int]:
    """Count the bytes that a tape's rows hold, each piece of memory once.

    Parameters
    ----------
    tape : Tape
        Inside its block or after it.

    Returns
    -------
    dict
        ``"values"``: bytes of the rows' values. ``"keep"``: bytes that backward will read, which
        are values of rows and of leaves, and what a forward saved for its rule.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> with Tape() as tape:
    ...     y = (x * x).sum()
    >>> memory(tape)  # the sum reads no value, the product reads x
    {'values': 32, 'keep': 24}
    """
    reads = cache(Operation.reads)  # found by looking at a rule's code: once per rule, not per row
    values: dict[int, int] = {}
    keep: dict[int, int] = {}
    for row in tape:
        count(row.data, values)
        for _, array in kept(row, reads):
            count(array, keep)
    return {"values": sum(values.values()), "keep": sum(keep.values())}


def kept(row: Tensor, reads: Any) -> list[tuple[str, Array]]:
    """Return, by name, the arrays that the rules of a row will look at.

    Parameters
    ----------
    row : Tensor
        Only rules of inputs that want a gradient count.
    reads : callable
        ``Operation.reads``, or what remembers its answers.
    """
    op: Any = row.op
    names: set[str] = set()
    for position, x in enumerate(row.inputs):
        if x.requires_grad:
            names |= reads(op, position)
    arrays = [("out", row.data)] if "out" in names else []
    if "saved" in names:
        parts = flatten(row._saved)[0]
        arrays += [("saved", part) for part in parts if isinstance(part, np.ndarray)]
    last = op.arity - 1  # a name like *arrays stands for all that follow
    called = [(op.inputs[min(k, last)], x) for k, x in enumerate(row.inputs)]
    return arrays + [(name, x.data) for name, x in called if name in names]


def count(array: Array, found: dict[int, int]) -> None:
    """Enter the memory behind an array, which views of it share.

    Parameters
    ----------
    array : ndarray
        Any array or view.
    found : dict
        Bytes by the identity of the memory; entered here.
    """
    while isinstance(array.base, np.ndarray):
        array = array.base
    found[id(array)] = array.nbytes
