"""Marks of the arrays that a row's rule will read, so that a change of one is noticed.

Nothing stops a user from writing through an array that he still holds: one that became an operand
without a copy, or the ``.data`` of a leaf. The rule would then compute with other numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ...registry import Operation
from ...structure import flatten
from ...types import Array

__all__ = ["Change", "Marks", "changed", "marked"]

# Bytes of an array that are kept whole, so that an error can name the element that changed. Of
# larger ones 64 bits are kept, which miss a change once in 2**64.
KEPT = 1 << 16

Place = tuple[str, int]


class Marks(NamedTuple):
    """What a row's arrays were when it was made, and which row's gradient it is a step of."""

    arrays: dict[Place, bytes | int]
    serves: Any = None


class Change(NamedTuple):
    """An array that is no longer what it was: by what name the rule reads it, and where."""

    name: str
    position: int
    where: tuple[int, ...] | None
    before: Any
    now: Any


def mark(array: Array) -> bytes | int:
    """Return the bytes of a small array, a hash of those of a large one.

    Examples
    --------
    >>> mark(np.zeros(1)), type(mark(np.zeros(100_000)))
    (b'\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00', <class 'int'>)
    """
    content = array.tobytes()
    return content if len(content) <= KEPT else hash(content)


def marked(row: Any, names: set[str], serves: Any) -> Marks:
    """Mark what the rules of a new row will read.

    Parameters
    ----------
    row : Tensor
        As just recorded.
    names : set of str
        What its rules read: names of inputs and settings, ``"out"``, ``"saved"``.
    serves
        The row whose gradient this one is a step of, if it is one.
    """
    return Marks({place: mark(array) for place, array in _read(row, names)}, serves)


def changed(row: Any, names: set[str]) -> Change | None:
    """Return the first change among the arrays that are about to be read, if there is one."""
    marks = row._origin.marks.arrays
    for place, array in _read(row, names):
        before = marks.get(place)
        if before is not None and mark(array) != before:
            return _change(place, array, before)
    return None


def _read(row: Any, names: set[str]) -> Iterator[tuple[Place, Array]]:
    """The arrays of a row that go by these names, each with a place of its own."""
    op: Operation = row.op
    for k, x in enumerate(row.inputs):
        name = op.inputs[min(k, op.arity - 1)]
        if name in names:
            yield (name, k), x._data
    if "out" in names:
        yield ("out", 0), row._data
    rest = {**(row.attributes or {}), "saved": row._saved}
    for name in rest.keys() & names:
        leaves = flatten(rest[name])[0]
        yield from (((name, k), x) for k, x in enumerate(leaves) if isinstance(x, np.ndarray))


def _change(place: Place, array: Array, before: bytes | int) -> Change:
    if isinstance(before, int) or len(before) != array.nbytes:
        return Change(*place, None, None, None)
    old = np.frombuffer(before, np.uint8).reshape(array.size, array.itemsize)
    new = np.frombuffer(array.tobytes(), np.uint8).reshape(old.shape)
    first = int(np.argmax((old != new).any(axis=1)))
    index = tuple(int(i) for i in np.unravel_index(first, array.shape))
    kept = np.frombuffer(before, array.dtype).reshape(array.shape)
    return Change(*place, index, kept[index].item(), array[index].item())
