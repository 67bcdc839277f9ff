"""Keep some rows apart, to test on what the model has never seen.  Floor 0."""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from ..seeding import generator
from ..types import Array, Rng
from .datasets import Dataset
from .marks import mark
from .rows import aligned_arrays
from .strata import largest_remainders

__all__ = ["train_test_split"]


def train_test_split(
    *arrays: ArrayLike | Dataset,
    test_size: float = 0.25,
    stratify: ArrayLike | None = None,
    shuffle: bool = True,
    rng: Rng = None,
) -> list[Array]:
    r"""Divide the rows into a training part and a test part, the same way in every array.

    .. math:: |t_c - n_c \, t / n| < 1, \qquad \sum_c t_c = t

    With ``stratify``, class :math:`c` with :math:`n_c` of the :math:`n` rows gives :math:`t_c`
    of the :math:`t` test rows: its quota rounded down, and the rows still missing go to the
    largest remainders (equal remainders in random order, or in label order without ``shuffle``).

    Parameters
    ----------
    *arrays : array-likes, each of shape (samples, ...), or a Dataset
        A `Dataset` counts as its features and its targets.
    test_size : float in (0, 1), or int in 1..samples - 1
        The fraction of the rows in the test part, rounded up; or their number.
    stratify : array-like, shape (samples,), optional
        Class labels whose proportions both parts shall keep.
    shuffle : bool
        If false, the rows keep their order and the test part takes the last ones (the last of
        each class with ``stratify``).
    rng : Generator or int, optional
        Source of the order; the same seed gives the same split.

    Returns
    -------
    list of arrays
        Train and test part of the first array, of the second, and so on: always copies.  What is
        learned from data, such as a `StandardScaler`, knows the test parts and refuses them.

    Raises
    ------
    ArgumentError
        No arrays; a part would be empty; a class has a single member.
    ShapeError
        The numbers of rows differ.

    Examples
    --------
    >>> x, y = [[1], [2], [3], [4]], ["a", "a", "b", "b"]
    >>> x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=2, stratify=y, rng=0)
    >>> [str(label) for label in sorted(y_test)]
    ['a', 'b']

    References
    ----------
    Stratification: R. Kohavi, IJCAI 1995, section 2.  Largest remainders: A. Hamilton's method
    of apportionment, 1792.  Argument names: scikit-learn.
    """
    rows = aligned_arrays(arrays)
    samples = len(rows[0])
    test_rows = _test_rows(test_size, samples)
    random = generator(rng) if shuffle else None
    order = np.arange(samples) if random is None else random.permutation(samples)
    in_test = np.zeros(samples, dtype=bool)
    if stratify is None:
        in_test[samples - test_rows :] = True
    else:
        classes, counts = _classes(stratify, samples)
        # Sorting is stable: within a class, positions keep their place in the (shuffled) order.
        members = np.split(np.argsort(classes[order], kind="stable"), np.cumsum(counts)[:-1])
        ties = np.arange(len(counts)) if random is None else random.permutation(len(counts))
        quotas = largest_remainders(counts, test_rows, ties)
        for positions, take in zip(members, quotas, strict=True):
            in_test[positions[len(positions) - take :]] = True
    train, test = order[~in_test], order[in_test]
    parts = [part for array in rows for part in (array[train], array[test])]
    for part in parts[1::2]:
        mark(part, "test")
    return parts


def _test_rows(test_size: float, samples: int) -> int:
    """Number of test rows, so that both parts have at least one."""
    rows = 0
    if isinstance(test_size, Integral) and not isinstance(test_size, bool):
        rows = int(test_size)
    elif isinstance(test_size, Real) and 0 < test_size < 1:
        # The decimal that was typed, exactly: 7 % of 100 rows are 7, but 0.07 * 100 exceeds 7.
        rows = math.ceil(Fraction(str(test_size)) * samples)
    if not 0 < rows < samples:
        raise ArgumentError(
            f"test_size={test_size!r} cannot split {samples} rows into two non-empty parts",
            why="it is a fraction strictly between 0 and 1, which is rounded up to whole rows, "
            "or a number of rows as an int that leaves some for training",
            fix="train_test_split(x, y, test_size=0.25)" if samples > 1 else "x_train = x",
        )
    return rows


def _classes(stratify: ArrayLike, samples: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Class number of every row, shape (samples,), and size of every class, shape (classes,)."""
    labels = np.asarray(stratify)
    if labels.shape != (samples,):
        raise ShapeError(
            f"stratify has shape {labels.shape}, the arrays have {samples} rows",
            shapes=[labels.shape],
            why="it gives every row one class label",
            fix="train_test_split(x, y, stratify=y)",
        )
    names, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        lonely = names[counts.argmin()]
        raise ArgumentError(
            f"class {lonely} of stratify has a single member",
            why="one row cannot be in both parts, so its proportion cannot be kept",
            fix="train_test_split(x, y)",
        )
    return classes, counts
