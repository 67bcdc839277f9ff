"""Data sets that give one sample by its number, and parts of them.  Floor 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError, ShapeError
from ..types import Array
from .datasets import Dataset
from .rows import aligned_arrays, whole_rows

__all__ = ["Subset", "TensorDataset", "gather", "is_indexed"]


class TensorDataset:
    """Arrays whose rows belong together, as a data set with a length and numbered samples.

    Parameters
    ----------
    *arrays : array-likes, each of shape (samples, ...), or a Dataset
        Kept as they are, not copied.

    Attributes
    ----------
    arrays : tuple of arrays
        What was given.

    Raises
    ------
    ArgumentError
        There is no array.
    ShapeError
        The numbers of rows differ.

    Examples
    --------
    >>> samples = TensorDataset([[0.5], [1.5], [2.5]], [0, 1, 0])
    >>> len(samples)
    3
    >>> samples[1]
    (array([1.5]), np.int64(1))
    """

    def __init__(self, *arrays: ArrayLike | Dataset) -> None:
        self.arrays = tuple(aligned_arrays(arrays))

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, row: Any) -> tuple[Any, ...]:
        return tuple(array[row] for array in self.arrays)

    def take(self, rows: NDArray[np.intp]) -> tuple[Array, ...]:
        """Return copies of some rows of every array, in the order asked for."""
        return tuple(array[rows] for array in self.arrays)

    def __repr__(self) -> str:
        return f"TensorDataset({', '.join(str(array.shape) for array in self.arrays)})"


class Subset:
    """Some samples of a data set, under new numbers from 0.

    Parameters
    ----------
    dataset : TensorDataset, Dataset, or object with ``len(d)`` and ``d[k]``
        Where the samples are; a `Dataset` counts as its features and its targets.
    rows : array-like of int, shape (samples,)
        Their numbers there; one may stand several times.
    part : str
        What the samples are for, such as ``"train"`` or ``"test"``.

    Raises
    ------
    ArgumentError
        A number is not that of a sample.

    Examples
    --------
    >>> Subset(TensorDataset([10, 11, 12, 13]), [3, 0])[0]
    (np.int64(13),)
    """

    def __init__(self, dataset: Any, rows: ArrayLike, *, part: str = "") -> None:
        self.dataset = TensorDataset(dataset) if isinstance(dataset, Dataset) else dataset
        self.rows = whole_rows(rows, len(self.dataset))
        self.part = part

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> Any:
        return self.dataset[int(self.rows[row])]

    def take(self, rows: NDArray[np.intp]) -> tuple[Array, ...]:
        """Return copies of some of these samples, stacked array by array."""
        return gather(self.dataset, self.rows[rows])

    def __repr__(self) -> str:
        part = f", part={self.part!r}" if self.part else ""
        return f"Subset({len(self)} of {len(self.dataset)} samples{part})"


def is_indexed(value: Any) -> bool:
    """Return whether something is a data set with numbered samples, and not one array of them.

    Parameters
    ----------
    value : object
        Lists and what NumPy understands by itself are arrays.

    Examples
    --------
    >>> is_indexed(TensorDataset([1, 2])), is_indexed([1, 2])
    (True, False)
    """
    return (
        hasattr(value, "__getitem__")
        and hasattr(value, "__len__")
        and not hasattr(value, "__array__")
        and not isinstance(value, (Sequence, Mapping, Dataset))
    )


def gather(dataset: Any, rows: NDArray[np.intp]) -> tuple[Array, ...]:
    """Return samples of a data set stacked array by array.

    Parameters
    ----------
    dataset : TensorDataset, Subset, or object with ``d[k]``
        ``d[k]`` is a sample: a tuple of array-likes, or one array-like.
    rows : int array, shape (samples,)
        Which ones, in order.

    Raises
    ------
    DataError
        Two samples do not have equally many parts, or parts of different shapes.

    Examples
    --------
    >>> gather(TensorDataset([10, 11, 12], [0, 1, 0]), np.array([2, 0]))
    (array([12, 10]), array([0, 0]))
    """
    if isinstance(dataset, (TensorDataset, Subset)):
        return dataset.take(rows)
    samples = [_as_tuple(dataset[int(row)]) for row in rows]
    if len({len(sample) for sample in samples}) != 1:
        raise DataError(
            f"samples have different numbers of parts: {sorted({len(s) for s in samples})}",
            why="a batch stacks the first parts, the second parts, and so on",
            fix="return x, y   # the same from every dataset[k]",
        )
    return tuple(_stacked(parts, k, rows) for k, parts in enumerate(zip(*samples, strict=True)))


def _as_tuple(sample: Any) -> tuple[Any, ...]:
    return tuple(sample) if isinstance(sample, (tuple, list)) else (sample,)


def _stacked(parts: tuple[Any, ...], position: int, rows: NDArray[np.intp]) -> Array:
    arrays = [np.asarray(part) for part in parts]
    shapes = [array.shape for array in arrays]
    for row, shape in zip(rows, shapes, strict=True):
        if shape != shapes[0]:
            raise ShapeError(
                f"part {position} of sample {rows[0]} has shape {shapes[0]}, "
                f"that of sample {row} {shape}",
                shapes=[shapes[0], shape],
                why="a batch is one array, so its samples have one shape",
                fix="np.resize(image, (28, 28))   # or pad, in dataset[k]",
            )
    return np.stack(arrays)
