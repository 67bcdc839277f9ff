"""How good are predicted classes?  Everything here is a way to read the confusion matrix.

Floor 0.  ``y_true`` and ``y_pred`` are always arrays of shape (samples,) that hold class labels:
integers, booleans or text.  Scores such as logits are refused, because comparing them with labels
gives a plausible number that means nothing.  All formulas: M. Sokolova, G. Lapalme, *A systematic
analysis of performance measures for classification tasks*, Information Processing and Management
45, 2009, tables 2 and 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from ..types import Array

__all__ = [
    "accuracy_score",
    "classification_report",
    "confusion_matrix",
    "precision_recall_fscore_support",
]


def accuracy_score(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    r"""Return the fraction of the predictions that are right.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} [\hat y_i = y_i]

    Parameters
    ----------
    y_true, y_pred : array-like, shape (samples,)
        True and predicted labels.

    Returns
    -------
    float
        In 0..1.

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
    true, predicted = _label_pair(y_true, y_pred)
    return float(np.mean(true == predicted))


def confusion_matrix(
    y_true: ArrayLike, y_pred: ArrayLike, *, labels: ArrayLike | None = None
) -> NDArray[np.int64]:
    r"""Count how often each true class was predicted as each class.

    .. math:: C_{jk} = \sum_i [y_i = \ell_j] \, [\hat y_i = \ell_k]

    Parameters
    ----------
    y_true, y_pred : array-like, shape (samples,)
        True and predicted labels.
    labels : array-like, shape (classes,), optional
        The classes :math:`\ell`, in the order of the rows and columns; samples of other classes
        are not counted.  By default every label that occurs, sorted.

    Returns
    -------
    int64 array, shape (classes, classes)
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
    true, predicted, classes = _positions(y_true, y_pred, labels)
    both_asked = (true < classes) & (predicted < classes)
    pairs = true[both_asked] * classes + predicted[both_asked]
    counts = np.bincount(pairs, minlength=classes * classes).astype(np.int64)
    return counts.reshape(classes, classes)


def precision_recall_fscore_support(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    zero_division: float = 0.0,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    r"""Return precision, recall, F1 and support of every class.

    .. math:: P_c = \frac{C_{cc}}{\sum_j C_{jc}}, \qquad R_c = \frac{C_{cc}}{\sum_k C_{ck}}, \qquad
              F_c = \frac{2 \, C_{cc}}{\sum_j C_{jc} + \sum_k C_{ck}}, \qquad
              S_c = \sum_k C_{ck}

    with the confusion matrix :math:`C` of all samples.  :math:`F_c` is the harmonic mean of
    precision and recall, written so that it exists when one of them does not.

    Parameters
    ----------
    y_true, y_pred : array-like, shape (samples,)
        True and predicted labels.
    labels : array-like, shape (classes,), optional
        The classes to report, in this order.  Samples of other classes still count against
        them: a wrong answer stays wrong.  By default every label that occurs, sorted.
    zero_division : float
        The value of 0 / 0: of the precision of a class that was never predicted, the recall of
        one that never occurs, the F1 of one that does neither.

    Returns
    -------
    precision, recall, f1 : float64 arrays, shape (classes,)
        In 0..1.
    support : int64 array, shape (classes,)
        How many samples truly belong to the class.

    Raises
    ------
    ShapeError, ArgumentError
        As `confusion_matrix`.

    Examples
    --------
    >>> precision, recall, f1, support = precision_recall_fscore_support([0, 0, 1], [0, 1, 1])
    >>> precision, recall, support
    (array([1. , 0.5]), array([0.5, 1. ]), array([2, 1]))

    References
    ----------
    See the head of the module; F1: C. J. van Rijsbergen, *Information Retrieval*, 1979, chapter 7.
    """
    true, predicted, classes = _positions(y_true, y_pred, labels)
    right = _occurrences(true[true == predicted], classes)
    claimed = _occurrences(predicted, classes)
    support = _occurrences(true, classes)
    precision = _ratio(right, claimed, zero_division)
    recall = _ratio(right, support, zero_division)
    f1 = _ratio(2 * right, claimed + support, zero_division)
    return precision, recall, f1, support


def classification_report(
    y_true: ArrayLike, y_pred: ArrayLike, *, label_names: Sequence[str] | None = None
) -> str:
    r"""Return a table of precision, recall, F1 and support per class, as plain text.

    .. math:: \text{macro average} = \frac{1}{K} \sum_{c=1}^{K} (P_c, R_c, F_c)

    Every one of the :math:`K` classes that occur counts equally in the average, however rare.

    Parameters
    ----------
    y_true, y_pred : array-like, shape (samples,)
        True and predicted labels.
    label_names : sequence of str, optional
        One name for every label that occurs, in sorted order; or, for labels counted from 0,
        the names of all classes (``Dataset.label_names``), of which some may not occur.

    Returns
    -------
    str
        Lines of equal width, without a newline at the end.

    Raises
    ------
    ShapeError, ArgumentError
        As `accuracy_score`; also when ``label_names`` does not fit the labels.

    Examples
    --------
    >>> print(classification_report([0, 0, 1, 1], [0, 1, 1, 1], label_names=["cat", "dog"]))
                   precision    recall        f1   support
    cat                1.000     0.500     0.667         2
    dog                0.667     1.000     0.800         2
    accuracy                               0.750         4
    macro average      0.833     0.750     0.733         4

    References
    ----------
    See the head of the module.
    """
    present = np.unique(np.concatenate(_label_pair(y_true, y_pred)))
    names = _row_names(present, label_names)
    precision, recall, f1, support = precision_recall_fscore_support(y_true, y_pred)
    samples = int(support.sum())
    accuracy = accuracy_score(y_true, y_pred)
    width = max(len(name) for name in (*names, "macro average"))

    def line(name: str, *cells: str) -> str:
        return f"{name:<{width}} " + "".join(f"{cell:>10}" for cell in cells)

    def scores(values: Sequence[float]) -> list[str]:
        return [f"{value:.3f}" for value in values]

    per_class = zip(names, precision, recall, f1, support, strict=True)
    means = [float(np.mean(score)) for score in (precision, recall, f1)]
    return "\n".join(
        [
            line("", "precision", "recall", "f1", "support"),
            *(line(name, *scores(values), str(count)) for name, *values, count in per_class),
            line("accuracy", "", "", *scores([accuracy]), str(samples)),
            line("macro average", *scores(means), str(samples)),
        ]
    )


class _Positions(NamedTuple):
    """Samples as positions in a list of classes: ``classes`` asked for, then the other ones."""

    true: NDArray[np.intp]
    predicted: NDArray[np.intp]
    classes: int


def _positions(y_true: ArrayLike, y_pred: ArrayLike, labels: ArrayLike | None) -> _Positions:
    """Replace every label by its position, shape (samples,), counting those in ``labels`` first."""
    true, predicted = _label_pair(y_true, y_pred)
    present, codes = np.unique(np.concatenate([true, predicted]), return_inverse=True)
    asked = present if labels is None else _asked(labels, like=present)
    classes = np.concatenate([asked, np.setdiff1d(present, asked)])
    sorter = np.argsort(classes)
    position = sorter[np.searchsorted(classes, present, sorter=sorter)]
    return _Positions(position[codes[: true.size]], position[codes[true.size :]], asked.size)


def _occurrences(positions: NDArray[np.intp], classes: int) -> NDArray[np.int64]:
    return np.bincount(positions, minlength=classes)[:classes].astype(np.int64)


def _ratio(
    numerator: NDArray[np.int64], denominator: NDArray[np.int64], zero_division: float
) -> NDArray[np.float64]:
    undefined = np.full(numerator.shape, zero_division, dtype=np.float64)
    return np.divide(numerator, denominator, out=undefined, where=denominator != 0)


def _label_pair(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Array, Array]:
    """Check that both hold one class label for each of the same samples."""
    true, predicted = np.asarray(y_true), np.asarray(y_pred)
    if true.shape != predicted.shape or true.ndim != 1 or true.size == 0:
        raise ShapeError(
            f"y_true has shape {true.shape} and y_pred {predicted.shape}; both must be (samples,)",
            shapes=[true.shape, predicted.shape],
            why="every sample, of which there must be one at least, has one true label and one "
            "prediction",
            fix=_shape_fix(true, predicted),
        )
    _check_labels(true, "y_true")
    _check_labels(predicted, "y_pred")
    numbers = "y_true" if _is_text(predicted) else "y_pred"
    _check_same_kind(true, predicted, fix=f"np.asarray(label_names)[{numbers}]")
    return true, predicted


def _shape_fix(true: Array, predicted: Array) -> str | None:
    for name, array in (("y_true", true), ("y_pred", predicted)):
        if array.ndim == 2:
            return f"{name}.ravel()" if array.shape[1] == 1 else f"{name}.argmax(axis=1)"
    common = min(true.size, predicted.size)
    return f"y_true[:{common}], y_pred[:{common}]" if common else None


def _asked(labels: ArrayLike, *, like: Array) -> Array:
    asked = np.asarray(labels)
    if asked.ndim != 1 or asked.size == 0 or len(np.unique(asked)) < asked.size:
        raise ArgumentError(
            f"labels={asked.tolist()!r} is not a list of different classes",
            why="every class has one row and one column",
            fix="confusion_matrix(y_true, y_pred, labels=np.unique(y_true))",
        )
    _check_labels(asked, "labels")
    _check_same_kind(like, asked, fix="labels=np.unique(y_true)")
    return asked


def _is_text(array: Array) -> bool:
    return array.dtype.kind in "UT"


def _check_labels(array: Array, name: str) -> None:
    """Refuse what cannot be a class label: scores, missing values, objects."""
    if _is_text(array) or array.dtype.kind in "iub":
        return
    if array.dtype.kind == "f" and np.array_equal(array, np.round(array)):
        return
    floating = array.dtype.kind == "f"
    raise ArgumentError(
        f"{name} has dtype {array.dtype} and holds {array.ravel()[:3].tolist()}...: not labels",
        why="class labels are integers, booleans or text; a score is not a class",
        fix=f"({name} > 0.5).astype(int)" if floating else f"{name}.astype(str)",
    )


def _check_same_kind(first: Array, second: Array, *, fix: str) -> None:
    if _is_text(first) != _is_text(second):
        text, numbers = (first, second) if _is_text(first) else (second, first)
        raise ArgumentError(
            f"labels of two kinds: {str(text[0])!r} is text, {numbers[0].item()!r} a number",
            why="a label equals only labels of its own kind",
            fix=fix,
        )


def _row_names(present: Array, label_names: Sequence[str] | None) -> list[str]:
    """Name of every label that occurs, by position or, when classes are missing, by number."""
    if label_names is None:
        return [str(label) for label in present]
    if len(label_names) == len(present):
        return [str(name) for name in label_names]
    counted_from_zero = not _is_text(present) and present[0] >= 0 and present[-1] < len(label_names)
    if counted_from_zero:
        return [str(label_names[int(label)]) for label in present]
    raise ArgumentError(
        f"{len(label_names)} label_names for {len(present)} labels: {present[:10].tolist()}",
        why="the report has one line for every label that occurs in y_true or y_pred",
        fix=f"classification_report(y_true, y_pred, label_names={[str(p) for p in present[:10]]})",
    )
