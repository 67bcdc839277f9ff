"""How sure is a metric, and what is it owed to?  Answers by drawing samples anew.  Floor 0."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from ..seeding import generator
from ..types import Array, Rng
from .labels import Floats

__all__ = [
    "BootstrapInterval",
    "PermutationImportance",
    "bootstrap_interval",
    "permutation_importance",
]


class PermutationImportance(NamedTuple):
    """What each feature is worth to a model, from `permutation_importance`."""

    importances_mean: Floats
    importances_std: Floats
    importances: Floats
    baseline: float


class BootstrapInterval(NamedTuple):
    """An interval for a metric, its value on the samples themselves, and on every resample."""

    low: float
    high: float
    estimate: float
    resamples: Floats


def permutation_importance(
    predict: Callable[[Array], Any],
    x: ArrayLike,
    y: ArrayLike,
    metric: Callable[[Array, Any], float],
    *,
    n_repeats: int = 5,
    rng: Rng = None,
) -> PermutationImportance:
    r"""Return by how much a metric falls when the values of one feature are shuffled.

    .. math:: I_{jr} = m(y, f(x)) - m(y, f(x^{(j, r)}))

    where :math:`x^{(j, r)}` has column :math:`j` in its :math:`r`-th random order.

    Parameters
    ----------
    predict : callable
        ``predict(x)`` for an array of the shape of ``x``; it is not trained again.
    x : array-like, shape (samples, features, ...)
        Features; further axes move with theirs.
    y : array-like, shape (samples, ...)
        True labels or values.
    metric : callable
        ``metric(y, predict(x))``, higher is better; for a loss, ``lambda y, p: -loss(y, p)``.
    n_repeats : int, at least 1
        How many shuffles of each feature.
    rng : Generator or int, optional
        Source of the orders.

    Returns
    -------
    PermutationImportance
        ``importances``, shape (features, repeats), their ``importances_mean`` and
        ``importances_std``, shape (features,), and the ``baseline`` :math:`m(y, f(x))`.

    Raises
    ------
    ShapeError, ArgumentError
        ``x`` without features, another number of samples in ``y``, a metric that is not finite.

    Notes
    -----
    Of two features that say the same, each looks unimportant: the other one is still there.

    Examples
    --------
    >>> x = np.array([[0, 5], [1, 5], [2, 5], [3, 5]])
    >>> found = permutation_importance(
    ...     lambda x: x[:, 0], x, [0, 1, 2, 3], lambda y, p: -np.mean((y - p) ** 2), rng=0)
    >>> bool(found.importances_mean[0] > 0), float(found.importances_mean[1])
    (True, 0.0)

    References
    ----------
    L. Breiman, *Random forests*, Machine Learning 45, 2001, section 10.
    """
    features, target = np.asarray(x), np.asarray(y)
    if features.ndim < 2 or 0 in features.shape or target.shape[:1] != features.shape[:1]:
        raise ShapeError(
            f"x has shape {features.shape} and y {target.shape}",
            shapes=[features.shape, target.shape],
            why="x is (samples, features), and y has one value for each of these samples",
            fix="x[:, np.newaxis]" if features.ndim == 1 else None,
        )
    repeats, random = _whole(n_repeats, "n_repeats"), generator(rng)
    baseline = _value(metric, target, predict(features.copy()))
    importances = np.empty((features.shape[1], repeats))
    for feature in range(features.shape[1]):
        for repeat in range(repeats):
            shuffled = features.copy()
            shuffled[:, feature] = shuffled[random.permutation(len(features)), feature]
            importances[feature, repeat] = baseline - _value(metric, target, predict(shuffled))
    return PermutationImportance(
        importances.mean(axis=1), importances.std(axis=1), importances, baseline
    )


def bootstrap_interval(
    metric: Callable[..., float],
    *arrays: ArrayLike,
    confidence_level: float = 0.95,
    n_resamples: int = 1000,
    stratify: ArrayLike | None = None,
    rng: Rng = None,
) -> BootstrapInterval:
    r"""Return an interval for a metric of samples like these, by the percentile method.

    .. math:: \left[ q_{\alpha / 2}, \; q_{1 - \alpha / 2} \right], \qquad
              q \text{ quantiles of } m(z^{*1}), \dots, m(z^{*B})

    where every :math:`z^*` has as many samples as there are, drawn with replacement.

    Parameters
    ----------
    metric : callable
        ``metric(*arrays)``, one number: every function of this room that returns one.
    *arrays : array-likes, each of shape (samples, ...)
        ``y_true, y_pred`` or ``y_true, y_score``: rows that belong together are drawn together.
    confidence_level : float in (0, 1)
        :math:`1 - \alpha`.
    n_resamples : int, at least 1
        :math:`B`; the ends of the interval need a thousand.
    stratify : array-like, shape (samples,), optional
        Class labels; every class is drawn as often as it occurs.
    rng : Generator or int, optional
        Source of the draws.

    Returns
    -------
    BootstrapInterval
        ``low, high, estimate`` (the metric of the samples themselves) and ``resamples``, shape
        (n_resamples,).

    Raises
    ------
    ShapeError, ArgumentError
        Lengths that differ; settings out of range; a resample that the metric refuses or gives no
        finite number for, such as one without positives: none is left out in silence.

    Examples
    --------
    >>> low, high, estimate, _ = bootstrap_interval(np.mean, [1.0, 2.0, 3.0, 4.0], rng=0)
    >>> bool(low < estimate < high), float(estimate)
    (True, 2.5)

    References
    ----------
    B. Efron, R. J. Tibshirani, *An Introduction to the Bootstrap*, 1993, section 13.3.
    """
    rows = [np.asarray(array) for array in arrays]
    lengths = {each.shape[:1] for each in rows}
    if len(lengths) != 1 or lengths <= {(), (0,)}:
        raise ShapeError(
            f"arrays of shapes {', '.join(str(each.shape) for each in rows) or '(none)'}",
            shapes=[each.shape for each in rows],
            why="rows are drawn, the same ones from every array",
            fix="bootstrap_interval(accuracy_score, y_true, y_pred)",
        )
    if not 0 < confidence_level < 1:
        raise ArgumentError(
            f"confidence_level={confidence_level!r} is not between 0 and 1",
            fix="confidence_level=0.95",
        )
    estimate = _value(metric, *rows)
    draw = _drawer(len(rows[0]), stratify, generator(rng))
    values = np.empty(_whole(n_resamples, "n_resamples"))
    for number in range(values.size):
        values[number] = _of_resample(metric, rows, draw(), number)
    tail = (1 - confidence_level) / 2
    low, high = np.percentile(values, [100 * tail, 100 * (1 - tail)])
    return BootstrapInterval(float(low), float(high), estimate, values)


def _drawer(
    samples: int, stratify: ArrayLike | None, random: np.random.Generator
) -> Callable[[], NDArray[np.int64]]:
    """A function that draws rows with replacement, of every class as many as it has."""
    if stratify is None:
        return lambda: random.integers(0, samples, samples)
    labels = np.asarray(stratify)
    if labels.shape != (samples,):
        raise ShapeError(
            f"stratify has shape {labels.shape} for {samples} samples",
            shapes=[labels.shape, (samples,)],
            why="every sample belongs to one class",
            fix="stratify=y_true",
        )
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return lambda: np.concatenate([random.choice(rows, rows.size) for rows in members])


def _of_resample(
    metric: Callable[..., float], rows: list[Array], drawn: NDArray[np.int64], number: int
) -> float:
    try:
        return _value(metric, *(each[drawn] for each in rows))
    except ArgumentError as error:
        raise ArgumentError(
            f"the metric has no value on resample {number}: {error.what}",
            why="leaving out the resamples it refuses would shift the interval",
            fix="stratify=y_true",
        ) from error


def _value(metric: Callable[..., float], *arguments: Any) -> float:
    value = np.asarray(metric(*arguments))
    if value.size != 1 or value.dtype.kind not in "iubf" or not np.isfinite(value).all():
        raise ArgumentError(
            f"the metric returned {value.tolist()!r}",
            why="one finite number is needed",
            fix="metric=lambda y, p: float(np.mean(y == p))",
        )
    return float(value.reshape(()))


def _whole(number: Any, name: str) -> int:
    if isinstance(number, bool) or not hasattr(number, "__index__") or operator.index(number) < 1:
        raise ArgumentError(
            f"{name}={number!r}; it is a whole number of at least 1", fix=f"{name}=5"
        )
    return operator.index(number)
