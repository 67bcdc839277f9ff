"""One number for how well a score puts positives above negatives.  Floor 0.

All three of AUC, Gini and the shares of concordant and discordant pairs count the :math:`P N`
pairs of one positive and one negative sample: those whose positive has the higher score
(concordant, :math:`C`), the lower (discordant, :math:`D`) or the same one (tied, :math:`T`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ArgumentError, ShapeError
from ..types import Array
from .labels import Floats, choice, columns, occurrences, one_per_sample, weights
from .scores import Above, Label, above, positives

__all__ = [
    "Pairs",
    "average_precision_score",
    "concordant_discordant",
    "gini",
    "roc_auc_score",
]


class Pairs(NamedTuple):
    """Pairs of one positive and one negative sample, by how the score orders them."""

    concordant: int
    discordant: int
    tied: int

    @property
    def total(self) -> int:
        """All pairs."""
        return self.concordant + self.discordant + self.tied

    @property
    def auc(self) -> float:
        """The share of concordant pairs, ties counting half."""
        return (2 * self.concordant + self.tied) / (2 * self.total)

    @property
    def gini(self) -> float:
        """The share of concordant minus that of discordant pairs, Somers' D."""
        return (self.concordant - self.discordant) / self.total


def concordant_discordant(
    y_true: ArrayLike, y_score: ArrayLike, *, pos_label: Label | None = None
) -> Pairs:
    r"""Count the pairs that a score puts in the right order, in the wrong one, and in none.

    .. math:: C = |\{(i, j) : y_i = 1, y_j = 0, s_i > s_j\}|, \qquad
              D = |\{(i, j) : y_i = 1, y_j = 0, s_i < s_j\}|, \qquad T = P N - C - D

    Parameters
    ----------
    y_true, y_score : array-like, shape (samples,)
        True labels; scores, higher for the positive class.
    pos_label : int or str, optional
        The positive class; by default 1, if the labels are 0 and 1 or -1 and 1.

    Returns
    -------
    Pairs
        ``concordant, discordant, tied`` as whole numbers; also ``.total .auc .gini``.

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`.

    Examples
    --------
    >>> concordant_discordant([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    Pairs(concordant=3, discordant=0, tied=1)

    References
    ----------
    R. H. Somers, *A new asymmetric measure of association for ordinal variables*, American
    Sociological Review 27, 1962.
    """
    counts = above(y_true, y_score, pos_label)
    positive, negative = (_levels(each).astype(np.int64) for each in counts[1:])
    below = np.cumsum(negative[::-1])[::-1] - negative
    concordant, tied = int(positive @ below), int(positive @ negative)
    total = int(positive.sum()) * int(negative.sum())
    return Pairs(concordant, total - concordant - tied, tied)


def _levels(cumulative: Floats) -> Floats:
    """How many are at each threshold, from how many are at or above it."""
    return np.diff(cumulative, prepend=0.0)


def roc_auc_score(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    average: str | None = "macro",
    sample_weight: ArrayLike | None = None,
    multi_class: str = "raise",
    labels: ArrayLike | None = None,
    pos_label: Label | None = None,
) -> Any:
    r"""Return the area under the ROC curve: how often a positive is above a negative.

    .. math:: \mathrm{AUC} = \frac{C + T / 2}{P N}

    Parameters
    ----------
    y_true : array-like, shape (samples,)
        True labels.
    y_score : array-like, shape (samples,), or (samples, classes)
        Any scores, for two classes; probabilities, for more.
    average : {"macro", "weighted", None}
        Over classes: the mean, the mean by the frequency of the class, or one value each.
    sample_weight : array-like, shape (samples,), optional
        How often each sample counts.
    multi_class : {"raise", "ovr"}
        With more than two classes: ``"ovr"`` tells every class from all others.
    labels : array-like, shape (classes,), optional
        All classes, sorted, if some do not occur.
    pos_label : int or str, optional
        The positive one of two classes; by default the greater one, as in scikit-learn.

    Returns
    -------
    float, or float64 array of shape (classes,)
        0.5 for a score that knows nothing.

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`; rows that do not sum to 1; a class that does not occur.

    Examples
    --------
    >>> roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75

    References
    ----------
    J. A. Hanley, B. J. McNeil, *The meaning and use of the area under a ROC curve*, Radiology
    143, 1982.
    """
    choice(average, ("macro", "weighted", None), "average")
    choice(multi_class, ("raise", "ovr"), "multi_class")
    true, score = one_per_sample(y_true), np.asarray(y_score)
    if score.ndim != 2:
        is_positive = positives(true, pos_label, else_greatest=True)
        return _area(above(is_positive, score, True, sample_weight))
    _check_ovr(score, multi_class)
    return _one_against_rest(true, score, labels, average, sample_weight, _area)


def _area(counts: Above) -> float:
    positive, negative = _levels(counts.positives), _levels(counts.negatives)
    below = counts.negatives[-1] - counts.negatives
    pairs = counts.positives[-1] * counts.negatives[-1]
    return float(positive @ (below + negative / 2) / pairs)


def average_precision_score(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    average: str | None = "macro",
    pos_label: Label = 1,
    sample_weight: ArrayLike | None = None,
) -> Any:
    r"""Return the mean of the precision over the recall, as a sum of steps.

    .. math:: \mathrm{AP} = \sum_t (R_t - R_{t^+}) \, P_t

    where :math:`t` are the scores that occur and :math:`t^+` is the next higher one.  Straight
    lines between points would be too optimistic.

    Parameters
    ----------
    y_true : array-like, shape (samples,)
        True labels.
    y_score : array-like, shape (samples,), or (samples, classes)
        Any scores; with a column for every class, each is told from all others.
    average : {"macro", "weighted", None}
        Over classes, as `roc_auc_score`.
    pos_label : int or str
        The positive one of two classes.
    sample_weight : array-like, shape (samples,), optional
        How often each sample counts.

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`; a class that does not occur.

    Examples
    --------
    >>> average_precision_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.8333333333333333

    References
    ----------
    M. Zhu, *Recall, precision and average precision*, University of Waterloo 2004, equation 3.
    """
    choice(average, ("macro", "weighted", None), "average")
    true, score = one_per_sample(y_true), np.asarray(y_score)
    if score.ndim != 2:
        return _steps(above(true, score, pos_label, sample_weight))
    return _one_against_rest(true, score, None, average, sample_weight, _steps)


def _steps(counts: Above) -> float:
    precision = counts.positives / (counts.positives + counts.negatives)
    return float(_levels(counts.positives) @ precision / counts.positives[-1])


def gini(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    pos_label: Label | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Return the Gini coefficient of a score: Somers' D, the accuracy ratio.

    .. math:: G = \frac{C - D}{P N} = 2 \, \mathrm{AUC} - 1

    Parameters
    ----------
    y_true, y_score, pos_label, sample_weight
        As `roc_curve`.

    Returns
    -------
    float
        In -1..1: 1 if every positive is above every negative, 0 for a guess.

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`.

    Examples
    --------
    >>> gini([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.5

    References
    ----------
    D. J. Hand, R. J. Till, *A simple generalisation of the area under the ROC curve*, Machine
    Learning 45, 2001, section 2.
    """
    return 2 * _area(above(y_true, y_score, pos_label, sample_weight)) - 1


def _check_ovr(score: Array, multi_class: str) -> None:
    if score.shape[1] == 2:
        raise ShapeError(
            f"y_score has shape {score.shape}, a column for each of two classes",
            shapes=[score.shape],
            why="with two classes one score says it all: that of the positive one",
            fix="y_score[:, 1]",
        )
    if multi_class == "raise":
        raise ArgumentError(
            f"y_score has {score.shape[1]} columns, and multi_class is not said",
            why="an area is that of one class against others",
            fix="multi_class='ovr'",
        )
    if not np.allclose(score.sum(axis=1), 1):
        raise ArgumentError(
            "rows of y_score do not sum to 1",
            why="a column of scores that are no probabilities orders samples of different rows "
            "by what the other classes do not say",
            fix="np.exp(y_score) / np.exp(y_score).sum(axis=1, keepdims=True)",
        )


def _one_against_rest(
    true: Array,
    score: Array,
    labels: ArrayLike | None,
    average: str | None,
    sample_weight: ArrayLike | None,
    measure: Callable[[Above], float],
) -> Any:
    """Measure every class against all others, then average."""
    if len(score) != true.size:
        raise ShapeError(
            f"y_score has {len(score)} rows for {true.size} samples",
            shapes=[true.shape, score.shape],
            fix=f"y_score[:{true.size}]" if len(score) > true.size else f"y_true[:{len(score)}]",
        )
    column, classes = columns(true, labels, score.shape[1]), score.shape[1]
    weight = weights(sample_weight, true.size)
    support = occurrences(column, classes, weight)
    if not support.all():
        missing = int(np.argmin(support))
        raise ArgumentError(
            f"no sample of the class of column {missing} is in y_true",
            why="a class that does not occur cannot be told from the others",
            fix="train_test_split(x, y, stratify=y)",
        )
    each = np.array(
        [measure(above(column == c, score[:, c], True, weight)) for c in range(classes)]
    )
    if average is None:
        return each
    return float(np.average(each, weights=support if average == "weighted" else None))
