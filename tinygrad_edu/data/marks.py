"""Which arrays are test data, so that nothing learns from them by mistake.  Floor 0.

A plain array cannot carry a note.  ``train_test_split`` therefore writes down, here, which arrays
it handed out for the test; the notes vanish with the arrays.  Views are recognised, copies are not.
"""

from __future__ import annotations

import weakref
from functools import partial
from typing import Any

import numpy as np

from ..errors import DataError
from ..types import Array

__all__ = ["mark", "part_of", "refuse_test"]

_PARTS: dict[int, tuple[weakref.ref[Array], str]] = {}


def mark(array: Array, part: str) -> None:
    """Write down what an array that was just made is for.

    Parameters
    ----------
    array : ndarray
        Its own, not a view of somebody else's.
    part : str
        ``"test"`` or ``"validation"``.
    """
    # What indexing makes may itself be a view, of an array that nobody else has.
    for each in (array, array.base):
        if isinstance(each, np.ndarray):
            _PARTS[id(each)] = weakref.ref(each, partial(_forget, id(each))), part


def _forget(key: int, _: Any) -> None:
    _PARTS.pop(key, None)


def part_of(value: Any) -> str:
    """Return what data is for: ``"train"``, ``"validation"``, ``"test"``, or ``""`` if not known.

    Parameters
    ----------
    value : Dataset, Subset, Table, array or anything else
        A view of a part belongs to that part.

    Examples
    --------
    >>> from tinygrad_edu.data import train_test_split
    >>> train, test = train_test_split(np.zeros((4, 2)), rng=0)
    >>> part_of(test[:, :1]), part_of(train)
    ('test', '')
    """
    if isinstance(part := getattr(value, "part", ""), str) and part:
        return part
    while isinstance(value, np.ndarray):
        note = _PARTS.get(id(value))
        if note is not None and note[0]() is value:
            return note[1]
        value = value.base
    return ""


def refuse_test(value: Any, learner: str) -> None:
    """Refuse to learn from data that was set apart.

    Parameters
    ----------
    value : Dataset, Subset, Table, array or anything else
        What is to be learned from.
    learner : str
        Who would learn, for the message.

    Raises
    ------
    DataError
        It is a validation or test part.
    """
    if (part := part_of(value)) in ("test", "validation"):
        raise DataError(
            f"{learner} would learn from the {part} part",
            why="what is chosen with a look at rows that shall test it looks better than it is; "
            "learn from the training part, and apply it to both",
            fix=f"{learner}.fit(x_train).transform(x_test)",
        )
