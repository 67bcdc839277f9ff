"""The curves of receiver operating characteristic and of precision and recall.  Floor 0.

With the threshold :math:`t`, samples with a score of at least :math:`t` are taken for positive.
:math:`TP(t)` of the :math:`P` positives and :math:`FP(t)` of the :math:`N` negatives are.  Points
exist for the scores that occur, so that samples with equal scores are never told apart.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from .labels import Floats
from .scores import Label, above

__all__ = ["PrecisionRecallCurve", "RocCurve", "auc", "precision_recall_curve", "roc_curve"]


class RocCurve(NamedTuple):
    """Points of `roc_curve`: rates, and the thresholds that give them."""

    fpr: Floats
    tpr: Floats
    thresholds: Floats


class PrecisionRecallCurve(NamedTuple):
    """Points of `precision_recall_curve`, and the thresholds of all but the last one."""

    precision: Floats
    recall: Floats
    thresholds: Floats


def roc_curve(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    pos_label: Label | None = None,
    sample_weight: ArrayLike | None = None,
    drop_intermediate: bool = True,
) -> RocCurve:
    r"""Return the true positive rate over the false positive rate, for every threshold.

    .. math:: \mathrm{fpr}(t) = FP(t) / N, \qquad \mathrm{tpr}(t) = TP(t) / P

    Parameters
    ----------
    y_true : array-like, shape (samples,)
        True labels.
    y_score : array-like, shape (samples,)
        Any finite scores; higher means more like the positive class.
    pos_label : int or str, optional
        The positive class; all others are negative.  By default 1, if the labels are 0 and 1 or
        -1 and 1.
    sample_weight : array-like, shape (samples,), optional
        How often each sample counts.
    drop_intermediate : bool
        Leave out points that do not change the line, as scikit-learn does.

    Returns
    -------
    RocCurve
        ``fpr, tpr, thresholds``, each of shape (points,), from the threshold infinity, where
        nothing is taken for positive, down.

    Raises
    ------
    ShapeError, ArgumentError
        Lengths that differ, scores that are not finite, samples of one kind only, a positive
        class that does not occur or does not go without saying.

    Examples
    --------
    >>> fpr, tpr, thresholds = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> fpr, tpr
    (array([0. , 0. , 0.5, 0.5, 1. ]), array([0. , 0.5, 0.5, 1. , 1. ]))

    References
    ----------
    T. Fawcett, *An introduction to ROC analysis*, Pattern Recognition Letters 27, 2006,
    algorithm 1.
    """
    counts = above(y_true, y_score, pos_label, sample_weight)
    thresholds, tp, fp = counts
    if drop_intermediate and tp.size > 2:
        corner = np.ones(tp.size, dtype=bool)
        corner[1:-1] = (np.diff(fp, 2) != 0) | (np.diff(tp, 2) != 0)
        thresholds, tp, fp = thresholds[corner], tp[corner], fp[corner]
    return RocCurve(
        np.append(0.0, fp) / fp[-1], np.append(0.0, tp) / tp[-1], np.append(np.inf, thresholds)
    )


def precision_recall_curve(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    pos_label: Label | None = None,
    sample_weight: ArrayLike | None = None,
    drop_intermediate: bool = False,
) -> PrecisionRecallCurve:
    r"""Return precision over recall, for every threshold.

    .. math:: \mathrm{precision}(t) = \frac{TP(t)}{TP(t) + FP(t)}, \qquad
              \mathrm{recall}(t) = TP(t) / P

    Parameters
    ----------
    y_true, y_score, pos_label, sample_weight
        As `roc_curve`.
    drop_intermediate : bool
        Of points of equal recall keep only the first and the last.

    Returns
    -------
    PrecisionRecallCurve
        ``precision, recall``, shape (thresholds + 1,), and the rising ``thresholds``.  The last
        point is (1, 0) and has no threshold.

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`.

    Examples
    --------
    >>> precision, recall, thresholds = precision_recall_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> recall, thresholds
    (array([1. , 1. , 0.5, 0.5, 0. ]), array([0.1 , 0.35, 0.4 , 0.8 ]))

    References
    ----------
    J. Davis, M. Goadrich, *The relationship between precision-recall and ROC curves*, ICML 2006,
    section 2.
    """
    counts = above(y_true, y_score, pos_label, sample_weight)
    thresholds, tp, fp = counts
    if drop_intermediate and tp.size > 2:
        kept = np.ones(tp.size, dtype=bool)
        step = np.diff(tp) != 0
        kept[1:-1] = step[:-1] | step[1:]
        thresholds, tp, fp = thresholds[kept], tp[kept], fp[kept]
    precision, recall = tp / (tp + fp), tp / tp[-1]
    return PrecisionRecallCurve(
        np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), thresholds[::-1]
    )


def auc(x: ArrayLike, y: ArrayLike) -> float:
    r"""Return the area under the straight lines between given points.

    .. math:: \sum_{i=1}^{n-1} (x_{i+1} - x_i) \, \frac{y_i + y_{i+1}}{2}

    Parameters
    ----------
    x, y : array-like, shape (points,)
        At least two points; ``x`` all rising or all falling, not strictly.

    Returns
    -------
    float
        Positive above the axis in both directions.

    Raises
    ------
    ShapeError, ArgumentError
        Fewer than two points, values that are not finite, ``x`` that turns back.

    Examples
    --------
    >>> fpr, tpr, _ = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> auc(fpr, tpr)
    0.75

    References
    ----------
    Trapezoidal rule: T. Fawcett, Pattern Recognition Letters 27, 2006, algorithm 2.
    """
    across, up = _points(x, y)
    step = np.diff(across)
    if (step < 0).any() and (step > 0).any():
        raise ArgumentError(
            "x goes up and down",
            why="an area is swept in one direction only",
            fix="order = np.argsort(x); auc(x[order], y[order])",
        )
    sign = -1.0 if (step < 0).any() else 1.0
    return sign * float(np.sum(step * (up[1:] + up[:-1]) / 2))


def _points(x: ArrayLike, y: ArrayLike) -> tuple[Floats, NDArray[np.float64]]:
    across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if across.ndim != 1 or across.shape != up.shape or across.size < 2:
        common = min(across.size, up.size)
        raise ShapeError(
            f"x has shape {across.shape} and y {up.shape}; both must be (points,), of 2 or more",
            shapes=[across.shape, up.shape],
            why="an area lies under the line between two points at least",
            fix=f"x[:{common}], y[:{common}]" if common >= 2 else None,
        )
    if not (np.isfinite(across).all() and np.isfinite(up).all()):
        raise ArgumentError(
            "x or y holds a NaN or an infinity",
            why="no area lies under such a line",
            fix="keep = np.isfinite(x) & np.isfinite(y); x, y = x[keep], y[keep]",
        )
    return across, up
