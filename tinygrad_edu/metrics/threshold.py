"""Where to draw the line between the classes.  Floor 0."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ArgumentError
from .labels import choice
from .scores import Label, above

__all__ = ["BestThreshold", "best_threshold"]


class BestThreshold(NamedTuple):
    """A threshold, to be used as ``y_score >= threshold``, and what it reaches."""

    threshold: float
    value: float
    criterion: str


def best_threshold(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    criterion: str = "f1",
    pos_label: Label | None = None,
    false_positive_cost: float = 1.0,
    false_negative_cost: float = 1.0,
) -> BestThreshold:
    r"""Return the threshold with the best F1, the best Youden index or the least cost.

    .. math:: F_1(t) = \frac{2 \, TP}{TP + FP + P}, \qquad
              J(t) = \frac{TP}{P} - \frac{FP}{N}, \qquad
              c(t) = \frac{c_{FP} \, FP + c_{FN} \, (P - TP)}{n}

    Parameters
    ----------
    y_true, y_score, pos_label
        As `roc_curve`.
    criterion : {"f1", "youden", "cost"}
        The greatest :math:`F_1`, the greatest :math:`J`, or the least :math:`c`.
    false_positive_cost, false_negative_cost : float, at least 0
        :math:`c_{FP}` and :math:`c_{FN}`, for ``"cost"``.

    Returns
    -------
    BestThreshold
        ``threshold, value, criterion``. A sample is taken for positive if its score is at least
        the threshold: a score that occurs, or infinity where taking none is best.  Of equally
        good thresholds it is the highest.

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`; an unknown criterion, costs below 0 or both 0.

    Notes
    -----
    A threshold chosen on the samples that it is then judged by looks better than it is: choose it
    on validation samples.

    Examples
    --------
    >>> best_threshold([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    BestThreshold(threshold=0.35, value=0.8, criterion='f1')

    References
    ----------
    W. J. Youden, *Index for rating diagnostic tests*, Cancer 3, 1950.  C. Elkan, *The foundations
    of cost-sensitive learning*, IJCAI 2001, section 1.
    """
    choice(criterion, ("f1", "youden", "cost"), "criterion")
    costs = np.array([false_positive_cost, false_negative_cost], dtype=np.float64)
    if not (np.isfinite(costs).all() and (costs >= 0).all() and costs.any()):
        raise ArgumentError(
            f"false_positive_cost={false_positive_cost!r}, "
            f"false_negative_cost={false_negative_cost!r}",
            why="costs are finite and at least 0, and one of them is more",
            fix="false_positive_cost=1.0, false_negative_cost=1.0",
        )
    counts = above(y_true, y_score, pos_label)
    thresholds = np.append(np.inf, counts.thresholds)
    tp, fp = np.append(0.0, counts.positives), np.append(0.0, counts.negatives)
    if criterion == "f1":
        value = 2 * tp / (tp + fp + tp[-1])
    elif criterion == "youden":
        # Over a common denominator, so that what is equal is so to the last bit.
        value = (tp * fp[-1] - fp * tp[-1]) / (tp[-1] * fp[-1])
    else:
        value = (costs[0] * fp + costs[1] * (tp[-1] - tp)) / (tp[-1] + fp[-1])
    best = int(np.argmin(value) if criterion == "cost" else np.argmax(value))
    return BestThreshold(float(thresholds[best]), float(value[best]), criterion)
