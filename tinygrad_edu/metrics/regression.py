"""How far are predicted numbers from true ones?  Floor 0.

``y_true`` and ``y_pred`` have the same shape, (samples,) or (samples, outputs).  Everything takes
``sample_weight``, shape (samples,): how often each sample counts; and ``multioutput``, what to do
with several outputs: ``"uniform_average"``, ``"raw_values"`` (one value each) or weights, shape
(outputs,), of an average.  Errors are those of `mean_absolute_error`, where nothing else is said.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ArgumentError, ShapeError
from .labels import Floats, weights

__all__ = [
    "adjusted_r2",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "r2_score",
    "root_mean_squared_error",
    "root_mean_squared_log_error",
]

Multioutput: TypeAlias = str | ArrayLike


def mean_absolute_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: Multioutput = "uniform_average",
) -> Any:
    r"""Return the mean distance of predictions from the truth, in its unit.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} |y_i - \hat y_i|

    Raises
    ------
    ShapeError
        Shapes that differ (none is stretched to fit another), or no samples.
    ArgumentError
        Values that are not finite numbers.

    Examples
    --------
    >>> mean_absolute_error([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    0.5

    References
    ----------
    C. J. Willmott, K. Matsuura, Climate Research 30, 2005, equation 1.
    """
    return _mean(lambda y, p: np.abs(y - p), y_true, y_pred, sample_weight, multioutput)


def mean_squared_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: Multioutput = "uniform_average",
) -> Any:
    r"""Return the mean squared distance of predictions from the truth.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} (y_i - \hat y_i)^2

    Examples
    --------
    >>> mean_squared_error([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    0.375

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd edition
    2009, equation 2.47.
    """
    return _mean(lambda y, p: (y - p) ** 2, y_true, y_pred, sample_weight, multioutput)


def root_mean_squared_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: Multioutput = "uniform_average",
) -> Any:
    r"""Return the root of the mean squared error, in the unit of the truth.

    .. math:: \sqrt{\frac{1}{n} \sum_{i=1}^{n} (y_i - \hat y_i)^2}

    The root is taken for every output, before the average.

    Examples
    --------
    >>> root_mean_squared_error([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    0.6123724356957945

    References
    ----------
    C. J. Willmott, K. Matsuura, Climate Research 30, 2005, equation 2.
    """
    each = mean_squared_error(y_true, y_pred, sample_weight=sample_weight, multioutput="raw_values")
    return _over_outputs(np.sqrt(each), multioutput)


def root_mean_squared_log_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: Multioutput = "uniform_average",
) -> Any:
    r"""Return the root mean squared distance of logarithms: of ratios, for large numbers.

    .. math:: \sqrt{\frac{1}{n} \sum_{i=1}^{n} \bigl(\ln(1 + y_i) - \ln(1 + \hat y_i)\bigr)^2}

    Raises
    ------
    ShapeError, ArgumentError
        As `mean_absolute_error`; also values of -1 or less, which have no such logarithm.

    Examples
    --------
    >>> round(root_mean_squared_log_error([3, 5, 2.5, 7], [2.5, 5, 4, 8]), 4)
    0.1993

    References
    ----------
    C. Tofallis, *A better measure of relative prediction accuracy for model selection and model
    estimation*, Journal of the Operational Research Society 66, 2015.
    """
    true, predicted = _pair(y_true, y_pred)
    for name, values in (("y_true", true), ("y_pred", predicted)):
        if values.min() <= -1:
            raise ArgumentError(
                f"{name} holds {values.min():.6g}",
                why="ln(1 + y) exists above -1 only",
                fix="root_mean_squared_error(y_true, y_pred)"
                if name == "y_true"
                else "np.maximum(y_pred, 0)",
            )
    return root_mean_squared_error(
        np.log1p(true), np.log1p(predicted), sample_weight=sample_weight, multioutput=multioutput
    )


def mean_absolute_percentage_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: Multioutput = "uniform_average",
) -> Any:
    r"""Return the mean distance relative to the truth, as a fraction: 0.05 is five per cent.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} \left| \frac{y_i - \hat y_i}{y_i} \right|

    Raises
    ------
    ShapeError, ArgumentError
        As `mean_absolute_error`; also a truth of 0.  scikit-learn divides by a rounding error
        then, and returns a number of the order of 1e15.

    Examples
    --------
    >>> mean_absolute_percentage_error([4, -2, 5], [3, -2, 6])
    0.15

    References
    ----------
    R. J. Hyndman, A. B. Koehler, *Another look at measures of forecast accuracy*, International
    Journal of Forecasting 22, 2006, section 2.2.
    """
    true, _ = _pair(y_true, y_pred)
    if not true.all():
        raise ArgumentError(
            f"y_true holds {int((true == 0).sum())} zeros",
            why="an error relative to 0 is infinite, however small it is",
            fix="mean_absolute_error(y_true, y_pred)",
        )
    return _mean(lambda y, p: np.abs((y - p) / y), y_true, y_pred, sample_weight, multioutput)


def r2_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: Multioutput = "uniform_average",
    force_finite: bool = True,
) -> Any:
    r"""Return which part of the variance is explained: 1 all, 0 none, negative worse than a mean.

    .. math:: R^2 = 1 - \frac{\sum_i (y_i - \hat y_i)^2}{\sum_i (y_i - \bar y)^2}

    Parameters
    ----------
    force_finite : bool
        Where the truth is constant, give 1 for a perfect prediction and 0 for any other, as
        scikit-learn does; false gives NaN and minus infinity, what the formula says.

    Raises
    ------
    ShapeError, ArgumentError
        As `mean_absolute_error`; also fewer than two samples, which have no variance.

    Examples
    --------
    >>> round(r2_score([3, -0.5, 2, 7], [2.5, 0.0, 2, 8]), 4)
    0.9486

    References
    ----------
    T. O. Kvalseth, *Cautionary note about R2*, The American Statistician 39, 1985, equation 1.
    """
    true, predicted = _pair(y_true, y_pred)
    weight = weights(sample_weight, len(true))
    if len(true) < 2:
        raise ArgumentError(
            "R2 of one sample",
            why="one sample has no variance to explain",
            fix="mean_squared_error(y_true, y_pred)",
        )
    share = (np.ones(len(true)) if weight is None else weight)[:, np.newaxis]
    residual = (share * (true - predicted) ** 2).sum(axis=0)
    spread = (share * (true - np.average(true, axis=0, weights=weight)) ** 2).sum(axis=0)
    counted = true[share[:, 0] > 0]
    spread[(counted == counted[0]).all(axis=0)] = 0.0  # the mean of equal numbers is rounded
    score = np.where(residual == 0, 1.0, 0.0 if force_finite else -np.inf)
    if not force_finite:
        score[residual == 0] = np.nan
    np.subtract(1, residual / np.where(spread == 0, 1, spread), out=score, where=spread != 0)
    return _over_outputs(score, multioutput)


def adjusted_r2(
    y_true: ArrayLike, y_pred: ArrayLike, *, features: int, sample_weight: ArrayLike | None = None
) -> float:
    r"""Return R2 corrected for what any further features would explain by chance.

    .. math:: \bar R^2 = 1 - (1 - R^2) \, \frac{n - 1}{n - p - 1}

    Parameters
    ----------
    features : int, 0..samples - 2
        The number :math:`p` of features of the model, without the constant.

    Raises
    ------
    ShapeError, ArgumentError
        As `r2_score`; also as many features as samples.

    Examples
    --------
    >>> round(adjusted_r2([3, -0.5, 2, 7], [2.5, 0.0, 2, 8], features=1), 4)
    0.9229

    References
    ----------
    H. Theil, *Economic Forecasts and Policy*, 2nd edition 1961, section 6.4.
    """
    score = float(r2_score(y_true, y_pred, sample_weight=sample_weight))
    samples = len(_pair(y_true, y_pred)[0])
    count = operator.index(features) if hasattr(features, "__index__") else -1
    if not 0 <= count <= samples - 2 or isinstance(features, bool):
        raise ArgumentError(
            f"features={features!r} for {samples} samples",
            why="n - p - 1 samples are left to judge by; there has to be one",
            fix=f"features={max(0, samples - 2)}",
        )
    return 1 - (1 - score) * (samples - 1) / (samples - count - 1)


def _mean(
    error: Callable[[Floats, Floats], Floats],
    y_true: ArrayLike,
    y_pred: ArrayLike,
    sample_weight: ArrayLike | None,
    multioutput: Multioutput,
) -> Any:
    true, predicted = _pair(y_true, y_pred)
    weight = weights(sample_weight, len(true))
    return _over_outputs(np.average(error(true, predicted), axis=0, weights=weight), multioutput)


def _pair(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Floats, Floats]:
    """Check both, and return them as floats of shape (samples, outputs)."""
    true, predicted = np.asarray(y_true), np.asarray(y_pred)
    if true.shape != predicted.shape or true.ndim not in (1, 2) or true.size == 0:
        column = {true.shape, predicted.shape} == {(true.size,), (true.size, 1)}
        raise ShapeError(
            f"y_true has shape {true.shape} and y_pred {predicted.shape}",
            shapes=[true.shape, predicted.shape],
            why="both are (samples,) or both (samples, outputs); stretched to fit, every "
            "prediction would be compared with every truth",
            fix="y_true.ravel(), y_pred.ravel()" if column else None,
        )
    for name, values in (("y_true", true), ("y_pred", predicted)):
        if values.dtype.kind not in "iubf" or not np.isfinite(values).all():
            raise ArgumentError(
                f"{name} of dtype {values.dtype} holds values that are not finite numbers",
                why="no distance from them is known",
                fix=f"keep = np.isfinite({name}); y_true[keep], y_pred[keep]",
            )
    both = (true.reshape(len(true), -1), predicted.reshape(len(true), -1))
    return both[0].astype(np.float64), both[1].astype(np.float64)


def _over_outputs(each: Floats, multioutput: Multioutput) -> Any:
    if isinstance(multioutput, str):
        if multioutput == "raw_values":
            return each
        if multioutput == "uniform_average":
            return float(np.mean(each))
    share = None if isinstance(multioutput, str) else weights(multioutput, each.size)
    if share is None:
        raise ArgumentError(
            f"multioutput={multioutput!r} is no weights, 'uniform_average' or 'raw_values'",
            fix="multioutput='uniform_average'",
        )
    return float(np.average(each, weights=share))
