"""Several splits of one data set: every row is tested once.  Floor 0."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from ..seeding import generator
from ..types import Rng
from .rows import positive
from .strata import class_numbers

__all__ = ["Fold", "k_fold"]


class Fold(NamedTuple):
    """One split of the rows.

    Attributes
    ----------
    train, test : int array, shape (samples,)
        Row numbers, ascending; together every row once.
    """

    train: NDArray[np.intp]
    test: NDArray[np.intp]


def k_fold(
    rows: Any,
    folds: int = 5,
    *,
    stratify: ArrayLike | None = None,
    shuffle: bool = True,
    rng: Rng = None,
) -> list[Fold]:
    r"""Divide the rows into folds, each of which is the test part once.

    .. math:: \lfloor n / k \rfloor \le |T_j| \le \lceil n / k \rceil, \qquad
              \lfloor n_c / k \rfloor \le |T_j \cap C_c| \le \lceil n_c / k \rceil

    for the test part :math:`T_j` of each of :math:`k` folds of :math:`n` rows; the second, for
    the :math:`n_c` rows of each class, with ``stratify``.

    Parameters
    ----------
    rows : int, array or data set
        Their number, or what has as many.
    folds : int, at least 2
        How many.
    stratify : array-like, shape (rows,), optional
        Class labels whose proportions every fold shall keep.
    shuffle : bool
        If false, each fold tests a block of neighbours (of each class with ``stratify``).
    rng : Generator or int, optional
        Source of the order; the same seed gives the same folds.

    Returns
    -------
    list of Fold
        ``x[fold.train]`` and ``x[fold.test]`` are the parts.

    Raises
    ------
    ArgumentError
        Fewer rows, or fewer of a class, than folds.
    ShapeError
        ``stratify`` does not give every row one label.

    Notes
    -----
    Without ``shuffle`` the folds are those of scikit-learn's ``KFold`` and ``StratifiedKFold``.

    Examples
    --------
    >>> [fold.test.tolist() for fold in k_fold(5, 2, shuffle=False)]
    [[0, 1, 2], [3, 4]]
    >>> [fold.test.tolist() for fold in k_fold(6, 2, stratify=list("aaaabb"), shuffle=False)]
    [[0, 1, 4], [2, 3, 5]]

    References
    ----------
    M. Stone, *Cross-validatory choice and assessment of statistical predictions*, 1974; stratified:
    R. Kohavi, IJCAI 1995, section 2.
    """
    samples = int(rows) if isinstance(rows, (int, np.integer)) else len(rows)
    folds = positive("folds", folds, least=2)
    if samples < folds:
        raise ArgumentError(
            f"{samples} rows cannot fill {folds} folds",
            why="every fold tests at least one row",
            fix=f"k_fold(x, {samples})" if samples > 1 else None,
        )
    random = generator(rng) if shuffle else None
    if stratify is None:
        number = np.repeat(np.arange(folds), _block_sizes(samples, folds))
        if random is not None:
            number = random.permutation(number)
    else:
        number = _stratified(stratify, samples, folds, random)
    return [Fold(np.flatnonzero(number != j), np.flatnonzero(number == j)) for j in range(folds)]


def _block_sizes(samples: int, folds: int) -> NDArray[np.intp]:
    return samples // folds + (np.arange(folds) < samples % folds)


def _stratified(
    stratify: ArrayLike, samples: int, folds: int, random: np.random.Generator | None
) -> NDArray[np.intp]:
    """The number of the fold that tests each row, shape (samples,)."""
    labels = np.asarray(stratify)
    if labels.shape != (samples,):
        raise ShapeError(
            f"stratify has shape {labels.shape}, there are {samples} rows",
            shapes=[labels.shape],
            why="it gives every row one class label",
            fix="k_fold(x, stratify=y)",
        )
    classes, counts = class_numbers(labels)
    if counts.min() < folds:
        rarest = int(counts.argmin())
        raise ArgumentError(
            f"class {labels[classes == rarest][0]} has {counts[rarest]} rows for {folds} folds",
            why="every fold has to test each class",
            fix=f"k_fold(x, {counts[rarest]}, stratify=y)"
            if counts[rarest] > 1
            else "k_fold(x, shuffle=True)",
        )
    # Rows sorted by class are dealt like cards, so that no fold gets more than its share of a
    # class or in all. The classes come in order of appearance.
    firsts = [int(np.flatnonzero(classes == label)[0]) for label in range(len(counts))]
    number = np.empty(samples, dtype=np.intp)
    dealt = 0
    for label in np.argsort(firsts):
        members = np.flatnonzero(classes == label)
        hands = np.sort((dealt + np.arange(len(members))) % folds)
        number[members] = hands if random is None else random.permutation(hands)
        dealt += len(members)
    return number
