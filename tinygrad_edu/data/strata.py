"""Classes and their fair shares, for everything that keeps proportions.  Floor 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ShapeError

__all__ = ["class_numbers", "largest_remainders"]


def class_numbers(labels: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the class number of every row, shape (samples,), and every class's size."""
    array = np.asarray(labels)
    if array.ndim != 1:
        raise ShapeError(
            f"labels have shape {array.shape}: one class label per row is needed",
            shapes=[array.shape],
            fix="y.argmax(axis=1)" if array.ndim == 2 else "np.ravel(y)",
        )
    _, classes, counts = np.unique(array, return_inverse=True, return_counts=True)
    return classes, counts


def largest_remainders(
    counts: NDArray[np.intp], rows: int, ties: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return how many of ``rows`` rows every class gets, shape (classes,).

    Parameters
    ----------
    counts : int array, shape (classes,)
        The sizes of the classes.
    rows : int, at most ``counts.sum()``
        How many are shared out.
    ties : int array, shape (classes,)
        The order of classes with equal remainders.

    References
    ----------
    A. Hamilton's method of apportionment, 1792.

    Examples
    --------
    >>> largest_remainders(np.array([6, 3, 1]), 5, np.arange(3)).tolist()
    [3, 2, 0]
    """
    quotas, remainders = np.divmod(counts * rows, counts.sum())
    missing = rows - quotas.sum()
    quotas[np.lexsort((ties, -remainders))[:missing]] += 1
    return quotas
