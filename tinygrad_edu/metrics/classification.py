"""How often are predicted classes right?  Everything here reads the confusion matrix.  Floor 0.

All formulas: M. Sokolova, G. Lapalme, *A systematic analysis of performance measures for
classification tasks*, Information Processing and Management 45, 2009, tables 2 and 3.  Every
function takes ``sample_weight``, shape (samples,): how often each sample counts.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from .labels import (
    Floats,
    choice,
    columns,
    label_pair,
    occurrences,
    one_per_sample,
    positions,
    weights,
)

__all__ = [
    "accuracy_score",
    "balanced_accuracy_score",
    "confusion_matrix",
    "top_k_accuracy_score",
]


def accuracy_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    normalize: bool = True,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Return the fraction of the predictions that are right.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} [\hat y_i = y_i]

    Parameters
    ----------
    y_true, y_pred : array-like, shape (samples,)
        True and predicted labels.
    normalize : bool
        False gives the number of right predictions instead.
    sample_weight : array-like, shape (samples,), optional
        How often each sample counts.

    Returns
    -------
    float
        In 0..1, if normalized.

    Raises
    ------
    ShapeError
        The shapes differ, are not (samples,), or there are no samples.
    ArgumentError
        The values are not class labels.

    Examples
    --------
    >>> accuracy_score([0, 1, 2, 2], [0, 1, 1, 2])
    0.75

    References
    ----------
    See the head of the module.
    """
    true, predicted = label_pair(y_true, y_pred)
    return _share(true == predicted, normalize, sample_weight)


def balanced_accuracy_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    adjusted: bool = False,
) -> float:
    r"""Return the mean recall of the classes that occur: a rare class counts like a frequent one.

    .. math:: b = \frac{1}{K} \sum_{c=1}^{K} \frac{C_{cc}}{\sum_k C_{ck}}, \qquad
              b_\text{adjusted} = \frac{b - 1/K}{1 - 1/K}

    Parameters
    ----------
    y_true, y_pred : array-like, shape (samples,)
        True and predicted labels.
    sample_weight : array-like, shape (samples,), optional
        How often each sample counts.
    adjusted : bool
        Put the expectation of a guess at 0; 1 stays 1.

    Raises
    ------
    ShapeError, ArgumentError
        As `accuracy_score`; also when one class alone is to be adjusted.

    Examples
    --------
    >>> balanced_accuracy_score([0, 0, 0, 1], [0, 0, 0, 0])
    0.5

    References
    ----------
    K. H. Brodersen et al., *The balanced accuracy and its posterior distribution*, ICPR 2010,
    equation 1.
    """
    matrix = confusion_matrix(y_true, y_pred, sample_weight=sample_weight)
    support = matrix.sum(axis=1)
    recall = np.diagonal(matrix)[support > 0] / support[support > 0]
    score = float(recall.mean())
    if not adjusted:
        return score
    if recall.size == 1:
        raise ArgumentError(
            "adjusted=True with one class in y_true",
            why="a guess among one class is always right, so nothing is left above chance",
            fix="adjusted=False",
        )
    chance = 1 / recall.size
    return float((score - chance) / (1 - chance))


def confusion_matrix(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    normalize: str | None = None,
) -> NDArray[Any]:
    r"""Count how often each true class was predicted as each class.

    .. math:: C_{jk} = \sum_i [y_i = \ell_j] \, [\hat y_i = \ell_k]

    Parameters
    ----------
    y_true, y_pred : array-like, shape (samples,)
        True and predicted labels.
    labels : array-like, shape (classes,), optional
        The classes :math:`\ell`, in the order of the rows and columns; samples of other classes
        are not counted.  By default every label that occurs, sorted.
    sample_weight : array-like, shape (samples,), optional
        How often each sample counts.
    normalize : {"true", "pred", "all"}, optional
        Divide by the sums of the rows, of the columns, or by the sum; 0 / 0 is 0.

    Returns
    -------
    int64 array (float64 if weighted or normalized), shape (classes, classes)
        Rows are true classes, columns predicted ones; the diagonal counts the right answers.

    Raises
    ------
    ShapeError, ArgumentError
        As `accuracy_score`; also when ``labels`` is empty or repeats a label.

    Examples
    --------
    >>> confusion_matrix(["cat", "cat", "dog"], ["cat", "dog", "dog"])
    array([[1, 1],
           [0, 1]])

    References
    ----------
    See the head of the module.
    """
    choice(normalize, (None, "true", "pred", "all"), "normalize")
    true, predicted, classes = positions(y_true, y_pred, labels)
    weight = weights(sample_weight, true.size)
    counted = (true < classes) & (predicted < classes)
    pairs = true[counted] * classes + predicted[counted]
    each = None if weight is None else weight[counted]
    matrix = occurrences(pairs, classes * classes, each).reshape(classes, classes)
    if normalize is None:
        return matrix
    axis = {"true": 1, "pred": 0}.get(normalize)
    total = matrix.sum(axis=axis, keepdims=True)
    shares: Floats = np.divide(matrix, total, out=np.zeros(matrix.shape), where=total > 0)
    return shares


def top_k_accuracy_score(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    k: int = 2,
    normalize: bool = True,
    sample_weight: ArrayLike | None = None,
    labels: ArrayLike | None = None,
) -> float:
    r"""Return how often the true class is among the ``k`` classes of the highest scores.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} \bigl[ \, |\{c : s_{ic} > s_{iy_i}\}| +
              |\{c > y_i : s_{ic} = s_{iy_i}\}| < k \, \bigr]

    Parameters
    ----------
    y_true : array-like, shape (samples,)
        True labels.
    y_score : array-like, shape (samples, classes)
        Scores; column :math:`j` belongs to the :math:`j`-th of the sorted classes.
    k : int, at least 1
        How many guesses are allowed.
    normalize, sample_weight
        As `accuracy_score`.
    labels : array-like, shape (classes,), optional
        All classes, sorted; needed if some do not occur in ``y_true``.

    Raises
    ------
    ShapeError, ArgumentError
        Scores that are not finite or not one per class; unknown labels; ``k`` below 1.

    Notes
    -----
    Of equal scores the class with the greater label goes first, as in scikit-learn.  There,
    scores of shape (samples,) are compared with 0.5 or 0, whichever seems to fit; here they are
    refused.

    Examples
    --------
    >>> top_k_accuracy_score([0, 1, 2], [[0.5, 0.3, 0.2], [0.4, 0.3, 0.3], [0.5, 0.4, 0.1]])
    0.3333333333333333

    References
    ----------
    O. Russakovsky et al., *ImageNet large scale visual recognition challenge*, IJCV 115, 2015,
    section 4.1.
    """
    true, score = one_per_sample(y_true), np.asarray(y_score)
    if score.ndim != 2 or len(score) != true.size:
        raise ShapeError(
            f"y_score has shape {score.shape}; it must be ({true.size}, classes)",
            shapes=[true.shape, score.shape],
            why="every sample has one score for every class",
            fix="np.stack([1 - y_score, y_score], axis=1)" if score.ndim == 1 else None,
        )
    if score.dtype.kind not in "iubf" or not np.isfinite(score).all():
        raise ArgumentError(
            "y_score holds values that are not finite numbers",
            why="a NaN is neither higher nor lower than another score",
            fix="np.nan_to_num(y_score, nan=-1e9)",
        )
    if isinstance(k, bool) or not hasattr(k, "__index__") or operator.index(k) < 1:
        raise ArgumentError(f"k={k!r} guesses; it is a whole number of at least 1", fix="k=2")
    column = columns(true, labels, score.shape[1])[:, np.newaxis]
    own = np.take_along_axis(score, column, axis=1)
    later = np.arange(score.shape[1]) > column
    ahead = (score > own).sum(axis=1) + ((score == own) & later).sum(axis=1)
    return _share(ahead < k, normalize, sample_weight)


def _share(hit: NDArray[np.bool_], normalize: bool, sample_weight: ArrayLike | None) -> float:
    weight = weights(sample_weight, hit.size)
    if normalize:
        return float(np.average(hit, weights=weight))
    return float(hit.sum() if weight is None else hit @ weight)
