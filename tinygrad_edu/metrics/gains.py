"""How much is gained by serving the samples of the highest scores first?  Floor 0.

Of :math:`n` samples :math:`P` are positive.  Those with a score of at least :math:`t` are a share
:math:`d(t)` of all, the depth, and hold a share :math:`g(t)` of the positives, the gain.  Curves
have a point for every score that occurs, since samples with equal scores cannot be told apart;
the straight line between two points is what a random order of the samples between them gives on
average.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .labels import Floats
from .scores import Label, above

__all__ = [
    "GainCurve",
    "KSCurve",
    "LiftCurve",
    "gain_curve",
    "ks_curve",
    "ks_statistic",
    "lift_curve",
]


class GainCurve(NamedTuple):
    """Points of `gain_curve`, and the thresholds that give them."""

    depth: Floats
    gain: Floats
    thresholds: Floats


class LiftCurve(NamedTuple):
    """Points of `lift_curve`, and the thresholds that give them."""

    depth: Floats
    lift: Floats
    thresholds: Floats


class KSCurve(NamedTuple):
    """Shares of either class at or below every score that occurs, from `ks_curve`."""

    thresholds: Floats
    positive: Floats
    negative: Floats

    @property
    def difference(self) -> Floats:
        """How far the negatives are ahead: their share minus that of the positives."""
        return self.negative - self.positive

    @property
    def statistic(self) -> float:
        """The greatest distance of the two curves."""
        return float(np.abs(self.difference).max())

    @property
    def threshold(self) -> float:
        """The lowest score at which the distance is greatest."""
        return float(self.thresholds[np.argmax(np.abs(self.difference))])


def gain_curve(
    y_true: ArrayLike, y_score: ArrayLike, *, pos_label: Label | None = None
) -> GainCurve:
    r"""Return the share of the positives found over the share of the samples served.

    .. math:: d(t) = |\{i : s_i \ge t\}| / n, \qquad g(t) = |\{i : s_i \ge t, y_i = 1\}| / P

    Parameters
    ----------
    y_true, y_score : array-like, shape (samples,)
        True labels; scores, higher for the positive class.
    pos_label : int or str, optional
        The positive class; by default 1, if the labels are 0 and 1 or -1 and 1.

    Returns
    -------
    GainCurve
        ``depth, gain, thresholds``, each of shape (points,), from (0, 0), whose threshold is
        infinity, to (1, 1).

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`.

    Examples
    --------
    >>> depth, gain, thresholds = gain_curve([1, 0, 1, 0], [0.9, 0.6, 0.6, 0.2])
    >>> depth, gain
    (array([0.  , 0.25, 0.75, 1.  ]), array([0. , 0.5, 1. , 1. ]))

    References
    ----------
    I. H. Witten, E. Frank, *Data Mining*, 2nd edition 2005, section 5.7 (lift charts).
    """
    thresholds, positive, negative = above(y_true, y_score, pos_label)
    served = positive + negative
    return GainCurve(
        np.append(0.0, served) / served[-1],
        np.append(0.0, positive) / positive[-1],
        np.append(np.inf, thresholds),
    )


def lift_curve(
    y_true: ArrayLike, y_score: ArrayLike, *, pos_label: Label | None = None
) -> LiftCurve:
    r"""Return how many times as frequent positives are among the samples served as among all.

    .. math:: \ell(t) = \frac{g(t)}{d(t)} = \frac{TP(t) / (TP(t) + FP(t))}{P / n}

    Parameters
    ----------
    y_true, y_score, pos_label
        As `gain_curve`.

    Returns
    -------
    LiftCurve
        ``depth, lift, thresholds``, each of shape (scores that occur,); nothing served has no
        lift.  The last lift is 1; none is above :math:`n / P`.

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`.

    Examples
    --------
    >>> lift_curve([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.2]).lift
    array([2.        , 1.33333333, 1.        ])

    References
    ----------
    I. H. Witten, E. Frank, *Data Mining*, 2nd edition 2005, section 5.7.
    """
    thresholds, positive, negative = above(y_true, y_score, pos_label)
    served = positive + negative
    base = positive[-1] / served[-1]
    return LiftCurve(served / served[-1], positive / served / base, thresholds)


def ks_curve(y_true: ArrayLike, y_score: ArrayLike, *, pos_label: Label | None = None) -> KSCurve:
    r"""Return the distribution functions of the scores of both classes.

    .. math:: F_1(s) = |\{i : s_i \le s, y_i = 1\}| / P, \qquad
              F_0(s) = |\{i : s_i \le s, y_i = 0\}| / N

    Parameters
    ----------
    y_true, y_score, pos_label
        As `gain_curve`.

    Returns
    -------
    KSCurve
        ``thresholds`` rising, ``positive`` and ``negative``, each of shape (scores that occur,);
        also ``.difference``, ``.statistic`` and ``.threshold``, where they are farthest apart.

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`.

    Examples
    --------
    >>> curve = ks_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> curve.negative - curve.positive
    array([0.5, 0. , 0.5, 0. ])

    References
    ----------
    N. V. Smirnov, *Table for estimating the goodness of fit of empirical distributions*, Annals
    of Mathematical Statistics 19, 1948.
    """
    thresholds, positive, negative = above(y_true, y_score, pos_label)

    def at_or_below(at_or_above: Floats) -> Floats:
        higher = np.append(0.0, at_or_above[:-1])
        share: Floats = (at_or_above[-1] - higher) / at_or_above[-1]
        return share[::-1]

    return KSCurve(thresholds[::-1], at_or_below(positive), at_or_below(negative))


def ks_statistic(y_true: ArrayLike, y_score: ArrayLike, *, pos_label: Label | None = None) -> float:
    r"""Return the Kolmogorov-Smirnov distance of the scores of both classes.

    .. math:: \mathrm{KS} = \max_s |F_0(s) - F_1(s)| = \max_t |\mathrm{tpr}(t) - \mathrm{fpr}(t)|

    Parameters
    ----------
    y_true, y_score, pos_label
        As `gain_curve`.

    Returns
    -------
    float
        In 0..1.  It does not tell which class has the higher scores: `ks_curve` does.

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`.

    Examples
    --------
    >>> ks_statistic([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.5

    References
    ----------
    As `ks_curve`.
    """
    return ks_curve(y_true, y_score, pos_label=pos_label).statistic
