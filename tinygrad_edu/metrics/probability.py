"""Are predicted probabilities true?  Floor 0.

The logarithmic and the quadratic score are proper: their expectation is best for the true
probability (L. J. Savage, Journal of the American Statistical Association 66, 1971).
"""

from __future__ import annotations

import operator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from ..types import Array
from .labels import Floats, choice, columns, distinct, one_per_sample, weights
from .scores import Label, in_range, positives, probabilities

__all__ = ["CalibrationCurve", "brier_score_loss", "calibration_curve", "log_loss"]


class CalibrationCurve(NamedTuple):
    """Of each bin that is not empty: how many are positive, and how many were predicted to be."""

    prob_true: Floats
    prob_pred: Floats


def log_loss(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    normalize: bool = True,
    sample_weight: ArrayLike | None = None,
    labels: ArrayLike | None = None,
) -> float:
    r"""Return the mean negative log-likelihood: the cross-entropy of labels and predictions.

    .. math:: -\frac{1}{n} \sum_{i=1}^{n} \ln p_{i y_i}

    Parameters
    ----------
    y_true : array-like, shape (samples,)
        True labels.
    y_proba : array-like, shape (samples, classes), or (samples,)
        Probabilities of the sorted classes; or of the greater one of two classes.
    normalize : bool
        False gives the sum instead of the mean.
    sample_weight : array-like, shape (samples,), optional
        How often each sample counts.
    labels : array-like, shape (classes,), optional
        All classes, sorted; needed if some do not occur in ``y_true``.

    Raises
    ------
    ShapeError, ArgumentError
        Values outside 0..1, rows that do not sum to 1, unknown labels, labels of one class only.

    Notes
    -----
    As in scikit-learn, probabilities are held a rounding error (the machine epsilon of their
    type) away from 0 and 1, so that one wrong certainty costs 36 and not infinity.

    Examples
    --------
    >>> round(log_loss([1, 0, 0, 1], [0.9, 0.1, 0.2, 0.65]), 4)
    0.2162

    References
    ----------
    I. J. Good, *Rational decisions*, Journal of the Royal Statistical Society B 14, 1952.
    """
    true = one_per_sample(y_true)
    weight = weights(sample_weight, true.size)
    given = np.asarray(y_proba)
    margin = np.finfo(given.dtype if given.dtype.kind == "f" else np.float64).eps
    if given.ndim == 2 and given.shape[1] > 1:
        chance = _rows(given, true.size)
        column = columns(true, labels, given.shape[1])
    else:
        p = probabilities(given, true.size, "y_proba")
        chance = np.stack([1 - p, p], axis=1)
        column = _column_of_two(true, labels)
    own = np.take_along_axis(chance, column[:, np.newaxis], axis=1)[:, 0]
    loss = -np.log(np.clip(own, margin, 1 - margin))
    if normalize:
        return float(np.average(loss, weights=weight))
    return float(loss.sum() if weight is None else loss @ weight)


def _rows(given: Array, samples: int) -> Floats:
    """Check that every row is a distribution over the classes."""
    if len(given) != samples:
        raise ShapeError(
            f"y_proba has {len(given)} rows for {samples} samples",
            shapes=[(samples,), given.shape],
            fix=f"y_proba[:{samples}]" if len(given) > samples else f"y_true[:{len(given)}]",
        )
    if given.dtype.kind not in "iubf" or not np.isfinite(given).all():
        raise ArgumentError(
            "y_proba holds values that are not finite numbers",
            why="a distribution over the classes has a number for each",
            fix="keep = np.isfinite(y_proba).all(axis=1); y_true[keep], y_proba[keep]",
        )
    in_range(given, "y_proba")
    total = given.sum(axis=1)
    margin = np.sqrt(np.finfo(given.dtype if given.dtype.kind == "f" else np.float64).eps)
    if not np.allclose(total, 1, rtol=margin):
        worst = int(np.argmax(np.abs(total - 1)))
        raise ArgumentError(
            f"row {worst} of y_proba sums to {total[worst]:.6g}",
            why="the probabilities of all classes sum to 1",
            fix="y_proba / y_proba.sum(axis=1, keepdims=True)",
        )
    return given.astype(np.float64)


def _column_of_two(true: Array, labels: ArrayLike | None) -> NDArray[np.intp]:
    present = np.unique(true) if labels is None else distinct(labels, like=true)
    if present.size == 1:
        raise ArgumentError(
            f"all labels are {present[0].item()!r}",
            why="it remains unsaid whether that is the class whose probabilities y_proba holds",
            fix="labels=[0, 1]",
        )
    if present.size > 2:
        raise ShapeError(
            f"y_proba has one probability a sample for {present.size} classes",
            shapes=[true.shape],
            why="with more than two classes every one has a probability",
            fix="y_proba of shape (samples, classes)",
        )
    return columns(true, labels, 2)


def brier_score_loss(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    pos_label: Label | None = None,
    labels: ArrayLike | None = None,
    scale_by_half: bool | str = "auto",
) -> float:
    r"""Return the mean squared distance of probabilities from what happened.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} (p_i - [y_i = 1])^2
              \quad \text{or} \quad
              \frac{1}{n} \sum_{i=1}^{n} \sum_c (p_{ic} - [y_i = c])^2

    Parameters
    ----------
    y_true : array-like, shape (samples,)
        True labels.
    y_proba : array-like, shape (samples,), or (samples, classes)
        Probabilities of the positive class, or of all sorted classes.
    sample_weight : array-like, shape (samples,), optional
        How often each sample counts.
    pos_label : int or str, optional
        The positive class, for shape (samples,).  By default 1, if the labels are 0 and 1 or -1
        and 1, else the greater one of two numbers.
    labels : array-like, shape (classes,), optional
        All classes, sorted, for shape (samples, classes), if some do not occur.
    scale_by_half : bool or "auto"
        Halve the second formula; by default for two classes, for which both formulas then agree.

    Returns
    -------
    float
        0 is perfect; 0.25 is what one half everywhere gets for two classes.

    Raises
    ------
    ShapeError, ArgumentError
        As `log_loss`.

    Examples
    --------
    >>> brier_score_loss([0, 1, 1, 0], [0.25, 1.0, 0.75, 0.0])
    0.03125

    References
    ----------
    G. W. Brier, *Verification of forecasts expressed in terms of probability*, Monthly Weather
    Review 78, 1950, equation 2.
    """
    choice(scale_by_half, ("auto", True, False), "scale_by_half")
    true, given = one_per_sample(y_true), np.asarray(y_proba)
    weight = weights(sample_weight, true.size)
    if given.ndim == 2 and given.shape[1] > 1:
        chance = _rows(given, true.size)
        happened = columns(true, labels, given.shape[1])[:, np.newaxis]
        squares = ((chance - (np.arange(given.shape[1]) == happened)) ** 2).sum(axis=1)
    else:
        p = probabilities(given, true.size, "y_proba")
        numbers = true.dtype.kind not in "UT"
        is_positive = positives(true, pos_label, else_greatest=numbers, both=False)
        squares = 2 * (p - is_positive) ** 2
    halve = given.ndim < 2 or given.shape[1] < 3 if scale_by_half == "auto" else scale_by_half
    return float(np.average(squares, weights=weight)) * (0.5 if halve else 1.0)


def calibration_curve(
    y_true: ArrayLike,
    y_prob: ArrayLike,
    *,
    pos_label: Label | None = None,
    n_bins: int = 5,
    strategy: str = "uniform",
) -> CalibrationCurve:
    r"""Compare, bin by bin, how often the class occurs with how often it was predicted to.

    .. math:: \mathrm{true}_b = \frac{1}{|B_b|} \sum_{i \in B_b} [y_i = 1], \qquad
              \mathrm{pred}_b = \frac{1}{|B_b|} \sum_{i \in B_b} p_i

    Parameters
    ----------
    y_true, y_prob : array-like, shape (samples,)
        True labels of two classes; probabilities of the positive one.
    pos_label : int or str, optional
        As `roc_curve`.
    n_bins : int, at least 1
        How many bins; a bin includes its upper edge, the first one both.
    strategy : {"uniform", "quantile"}
        Bins of equal width, or of about equally many samples.

    Returns
    -------
    CalibrationCurve
        ``prob_true, prob_pred``, of shape (bins that are not empty,).

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`, but samples of one kind will do; values outside 0..1; three classes.

    Examples
    --------
    >>> calibration_curve([0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9], n_bins=2).prob_pred
    array([0.15, 0.8 ])

    References
    ----------
    M. H. DeGroot, S. E. Fienberg, *The comparison and evaluation of forecasters*, The Statistician
    32, 1983.
    """
    choice(strategy, ("uniform", "quantile"), "strategy")
    if isinstance(n_bins, bool) or not hasattr(n_bins, "__index__") or operator.index(n_bins) < 1:
        raise ArgumentError(f"n_bins={n_bins!r}; there is at least one bin", fix="n_bins=5")
    true = one_per_sample(y_true)
    chance = probabilities(y_prob, true.size, "y_prob")
    if np.unique(true).size > 2:
        raise ArgumentError(
            f"y_true has {np.unique(true).size} classes",
            why="the curve is that of one class and its opposite",
            fix="y_true == 1",
        )
    is_positive = positives(true, pos_label, both=False)
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    if strategy == "quantile":
        edges = np.percentile(chance, edges * 100)
    bin_of = np.searchsorted(edges[1:-1], chance)
    samples = np.bincount(bin_of, minlength=n_bins)
    filled = samples > 0
    happened = np.bincount(bin_of, weights=is_positive, minlength=n_bins)
    predicted = np.bincount(bin_of, weights=chance, minlength=n_bins)
    return CalibrationCurve(happened[filled] / samples[filled], predicted[filled] / samples[filled])
