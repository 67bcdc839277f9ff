"""How much of what is claimed is right, and how much of what is there is found?  Floor 0.

With the confusion matrix :math:`C`, :math:`t_c = C_{cc}` samples of class :math:`c` are found,
:math:`p_c = \\sum_j C_{jc}` claimed and :math:`s_c = \\sum_k C_{ck}` there.  ``average`` joins the
classes:

========== =======================================================================================
None       one value per class
"binary"   the value of ``pos_label``
"micro"    that of the sums :math:`\\sum t_c, \\sum p_c, \\sum s_c`
"macro"    the mean over classes
"weighted" the mean with weights :math:`s_c`
========== =======================================================================================

Formulas: M. Sokolova, G. Lapalme, Information Processing and Management 45, 2009, tables 2 and 3;
F: C. J. van Rijsbergen, *Information Retrieval*, 1979, chapter 7.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError
from ..types import Array
from .labels import (
    Floats,
    check_same_kind,
    choice,
    is_text,
    label_pair,
    occurrences,
    positions,
    weights,
)

__all__ = [
    "f1_score",
    "fbeta_score",
    "precision_recall_fscore_support",
    "precision_score",
    "recall_score",
]

Label: TypeAlias = int | str | bool
AVERAGES = (None, "binary", "micro", "macro", "weighted")


def precision_recall_fscore_support(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    beta: float = 1.0,
    labels: ArrayLike | None = None,
    pos_label: Label = 1,
    average: str | None = None,
    sample_weight: ArrayLike | None = None,
    zero_division: float = 0.0,
) -> tuple[Any, Any, Any, Any]:
    r"""Return precision, recall, F score and support of every class, or their averages.

    .. math:: P_c = \frac{t_c}{p_c}, \qquad R_c = \frac{t_c}{s_c}, \qquad
              F_c = \frac{(1 + \beta^2) \, t_c}{p_c + \beta^2 s_c}

    :math:`F_c` is the harmonic mean of precision and recall (with weights 1 and
    :math:`\beta^2`), written so that it exists when one of them does not.

    Parameters
    ----------
    y_true, y_pred : array-like, shape (samples,)
        True and predicted labels.
    beta : float, at least 0
        How many times as important recall is as precision; infinity gives recall.
    labels : array-like, shape (classes,), optional
        The classes to report, in this order.  Samples of other classes still count against
        them: a wrong answer stays wrong.  By default every label that occurs, sorted.
    pos_label : int or str
        The class that ``average="binary"`` reports.
    average : {None, "binary", "micro", "macro", "weighted"}
        See the head of the module.
    sample_weight : array-like, shape (samples,), optional
        How often each sample counts.
    zero_division : float
        The value of 0 / 0: of the precision of a class that was never predicted, the recall of
        one that never occurs, the F of one that does neither.  NaN leaves it out of averages.

    Returns
    -------
    precision, recall, f : float64 arrays, shape (classes,), or floats if averaged
        In 0..1.
    support : int64 array, shape (classes,), or None if averaged
        How many samples truly belong to the class; their weight, if weighted.

    Raises
    ------
    ShapeError, ArgumentError
        As `confusion_matrix`; ``average="binary"`` for more than two classes, or with a
        ``pos_label`` that does not occur.

    Examples
    --------
    >>> precision, recall, f1, support = precision_recall_fscore_support([0, 0, 1], [0, 1, 1])
    >>> precision, recall, support
    (array([1. , 0.5]), array([0.5, 1. ]), array([2, 1]))

    References
    ----------
    See the head of the module.
    """
    choice(average, AVERAGES, "average")
    if isinstance(beta, str) or not beta >= 0:
        raise ArgumentError(f"beta={beta!r}; it is a number of at least 0", fix="beta=1.0")
    if average == "binary":
        labels = _positive_only(*label_pair(y_true, y_pred), labels, pos_label)
    found = _found(y_true, y_pred, labels, sample_weight)
    if average == "micro":
        found = _Found(*(each.sum(keepdims=True) for each in found))
    square = float(beta) ** 2
    precision = _ratio(found.right, found.claimed, zero_division)
    recall = _ratio(found.right, found.support, zero_division)
    if np.isinf(square):
        f = recall
    else:
        joint = found.claimed + square * found.support
        f = _ratio((1 + square) * found.right, joint, zero_division)
    if average is None:
        return precision, recall, f, found.support
    weight = found.support if average == "weighted" else np.ones(len(found.support))
    return _mean(precision, weight), _mean(recall, weight), _mean(f, weight), None


class _Found(NamedTuple):
    right: NDArray[Any]
    claimed: NDArray[Any]
    support: NDArray[Any]


def _found(
    y_true: ArrayLike, y_pred: ArrayLike, labels: ArrayLike | None, sample_weight: ArrayLike | None
) -> _Found:
    true, predicted, classes = positions(y_true, y_pred, labels)
    weight = weights(sample_weight, true.size)
    hit = true == predicted
    return _Found(
        occurrences(true[hit], classes, None if weight is None else weight[hit]),
        occurrences(predicted, classes, weight),
        occurrences(true, classes, weight),
    )


def _ratio(numerator: Array, denominator: Array, zero_division: float) -> Floats:
    undefined = np.full(numerator.shape, zero_division, dtype=np.float64)
    return np.divide(numerator, denominator, out=undefined, where=denominator != 0)


def _mean(score: Floats, weight: Array) -> float:
    defined = ~np.isnan(score)
    score, weight = score[defined], weight[defined]
    if score.size == 0:
        return float("nan")
    return float(np.average(score, weights=weight if weight.any() else None))


def _positive_only(
    true: Array, predicted: Array, labels: ArrayLike | None, pos_label: Label
) -> Array:
    """Check that there are two classes of which one is ``pos_label``."""
    present = np.unique(np.concatenate([true, predicted]))
    if present.size > 2:
        raise ArgumentError(
            f"average='binary' for {present.size} classes {present[:10].tolist()}",
            why="with more than two classes none is the positive one",
            fix="average='macro'",
        )
    if labels is not None:
        raise ArgumentError(
            "labels= and average='binary' together",
            why="a binary score is that of pos_label alone",
            fix="average='macro', labels=labels",
        )
    positive = np.asarray([pos_label])
    check_same_kind(present, positive, fix=f"pos_label={present[-1].item()!r}")
    usual = not is_text(present) and set(present.tolist()) <= {-1, 0} and pos_label == 1
    if pos_label not in present.tolist() and not usual:
        raise ArgumentError(
            f"pos_label={pos_label!r} is none of the labels {present.tolist()}",
            why="a score of a class that does not occur would be 0 / 0",
            fix=f"pos_label={present[-1].item()!r}",
        )
    return positive


def _one(which: int, y_true: ArrayLike, y_pred: ArrayLike, **settings: Any) -> Any:
    return precision_recall_fscore_support(y_true, y_pred, **settings)[which]


def precision_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    pos_label: Label = 1,
    average: str | None = "binary",
    sample_weight: ArrayLike | None = None,
    zero_division: float = 0.0,
) -> Any:
    r"""Return how much of what was claimed to be positive is so.

    .. math:: P_c = \frac{t_c}{p_c}

    Parameters, errors: as `precision_recall_fscore_support`.

    Examples
    --------
    >>> precision_score([0, 1, 1, 0], [0, 1, 1, 1])
    0.6666666666666666

    References
    ----------
    See the head of the module.
    """
    return _one(
        0, y_true, y_pred, labels=labels, pos_label=pos_label, average=average,
        sample_weight=sample_weight, zero_division=zero_division,
    )  # fmt: skip


def recall_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    pos_label: Label = 1,
    average: str | None = "binary",
    sample_weight: ArrayLike | None = None,
    zero_division: float = 0.0,
) -> Any:
    r"""Return how much of what is positive was found.

    .. math:: R_c = \frac{t_c}{s_c}

    Parameters, errors: as `precision_recall_fscore_support`.

    Examples
    --------
    >>> recall_score([0, 1, 1, 0], [0, 1, 0, 1])
    0.5

    References
    ----------
    See the head of the module.
    """
    return _one(
        1, y_true, y_pred, labels=labels, pos_label=pos_label, average=average,
        sample_weight=sample_weight, zero_division=zero_division,
    )  # fmt: skip


def f1_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    pos_label: Label = 1,
    average: str | None = "binary",
    sample_weight: ArrayLike | None = None,
    zero_division: float = 0.0,
) -> Any:
    r"""Return the harmonic mean of precision and recall.

    .. math:: F_c = \frac{2}{1 / P_c + 1 / R_c} = \frac{2 t_c}{p_c + s_c}

    Parameters, errors: as `precision_recall_fscore_support`.

    Examples
    --------
    >>> f1_score([0, 1, 1, 0], [0, 1, 1, 1])
    0.8

    References
    ----------
    See the head of the module.
    """
    return fbeta_score(
        y_true, y_pred, beta=1.0, labels=labels, pos_label=pos_label, average=average,
        sample_weight=sample_weight, zero_division=zero_division,
    )  # fmt: skip


def fbeta_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    beta: float,
    labels: ArrayLike | None = None,
    pos_label: Label = 1,
    average: str | None = "binary",
    sample_weight: ArrayLike | None = None,
    zero_division: float = 0.0,
) -> Any:
    r"""Return the mean of precision and recall that holds recall ``beta`` times as important.

    .. math:: F_c = \frac{1 + \beta^2}{1 / P_c + \beta^2 / R_c} =
              \frac{(1 + \beta^2) \, t_c}{p_c + \beta^2 s_c}

    Parameters, errors: as `precision_recall_fscore_support`.

    Examples
    --------
    >>> fbeta_score([0, 1, 1, 0], [0, 1, 0, 0], beta=2)
    0.5555555555555556

    References
    ----------
    See the head of the module.
    """
    return _one(
        2, y_true, y_pred, beta=beta, labels=labels, pos_label=pos_label, average=average,
        sample_weight=sample_weight, zero_division=zero_division,
    )  # fmt: skip
