"""Rows that belong together, and their numbers: the checks that all share.  Floor 0."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from ..types import Array
from .datasets import Dataset

__all__ = ["aligned_arrays", "positive", "whole_rows"]


def aligned_arrays(arrays: tuple[ArrayLike | Dataset, ...]) -> list[Array]:
    """Return the arguments as arrays with equally many rows; a `Dataset` counts as its two arrays.

    Parameters
    ----------
    arrays : tuple of array-likes, each of shape (samples, ...), and of data sets
        Row ``i`` of every array describes sample ``i``.

    Returns
    -------
    list of arrays, each of shape (samples, ...)
        Not copied: whoever keeps or hands out rows does that.

    Raises
    ------
    ArgumentError
        There is no array.
    ShapeError
        An array has no rows to count, or the numbers of rows differ.

    Examples
    --------
    >>> [array.shape for array in aligned_arrays(([[1, 2], [3, 4]], [0, 1]))]
    [(2, 2), (2,)]
    """
    rows: list[Array] = []
    for given in arrays:
        rows.extend(given if isinstance(given, Dataset) else [np.asarray(given)])
    if not rows:
        raise ArgumentError(
            "no arrays were given",
            why="there are no rows to draw from",
            fix="features, targets = tg.data.load('digits')",
        )
    for position, array in enumerate(rows):
        if array.ndim == 0:
            raise ShapeError(
                f"array {position} has shape (): a single value has no rows",
                shapes=[()],
                why="the first axis counts the samples",
                fix="np.atleast_1d(array)",
            )
    lengths = [len(array) for array in rows]
    if len(set(lengths)) > 1:
        shapes = [array.shape for array in rows]
        raise ShapeError(
            f"the arrays have {', '.join(map(str, lengths))} rows: "
            f"their shapes are {', '.join(map(str, shapes))}",
            shapes=shapes,
            why="row i of every array must describe the same sample",
            fix=f"x[:{min(lengths)}], y[:{min(lengths)}]",
        )
    return rows


def whole_rows(rows: ArrayLike, samples: int) -> NDArray[np.intp]:
    """Return row numbers as a flat array of integers from 0 to ``samples - 1``."""
    numbers = np.asarray(rows)
    if numbers.size == 0:
        numbers = numbers.astype(np.intp)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise ArgumentError(
            f"row numbers are a flat array of integers, got {numbers.dtype} "
            f"of shape {numbers.shape}",
            fix="np.flatnonzero(mask)" if numbers.dtype.kind == "b" else "[0, 2, 5]",
        )
    outside = numbers[(numbers < -samples) | (numbers >= samples)]
    if outside.size:
        raise ArgumentError(
            f"row {outside[0]} does not exist: there are {samples} samples, 0 to {samples - 1}",
            fix=f"rows[rows < {samples}]",
        )
    return (numbers % max(samples, 1)).astype(np.intp)


def positive(name: str, value: Any, least: int = 1) -> int:
    """Return a whole number of at least ``least``, else say which argument is wrong."""
    if isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least:
        return int(value)
    kind = "a positive int" if least == 1 else f"an int of at least {least}"
    raise ArgumentError(f"{name}={value!r} is not {kind}", fix=f"{name}={max(least, 2)}")
