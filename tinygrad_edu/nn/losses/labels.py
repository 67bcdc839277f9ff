"""Class numbers and class weights, checked; and notes on scores that look like something else."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...arrays import numbers
from ...autodiff.tensor import Tensor
from ...types import Array, Operand, Shape
from ..note import note
from ..tree import Buffer
from . import catalogue

__all__ = [
    "balanced_weights", "check_weight", "class_numbers", "class_weights", "counted_weights",
    "held_weight", "note_no_logs", "note_positive_logs", "note_sigmoid", "note_softmax", "one_hot",
    "sides",
]  # fmt: skip


def class_numbers(
    loss: str, labels: Any, scores: Shape, ignore_index: int | None = None
) -> tuple[Array, Array | None]:
    """Return the labels as integers, and which of them count: None for all, the others are 0.

    Parameters
    ----------
    loss : str
        Its name, for messages.
    labels : Tensor or array
        Shape of ``scores`` without the classes, which are its second axis, or its only one.
    scores : tuple of int
        The shape of the scores.
    ignore_index : int, optional
        The label of samples that do not count.
    """
    given: Array = labels.data if isinstance(labels, Tensor) else labels
    if not scores:
        raise catalogue.labels_do_not_fit(loss, scores, given.shape, ())
    expected = scores[:1] * (len(scores) > 1) + scores[2:]
    if given.dtype.kind == "f":
        raise catalogue.float_labels(loss, given, scores)
    if given.shape != expected:
        raise catalogue.labels_do_not_fit(loss, scores, given.shape, expected)
    classes = scores[int(len(scores) > 1)]
    low, high = (int(given.min()), int(given.max())) if given.size else (0, -1)
    ignored = ignore_index is not None and low <= ignore_index <= high
    if low >= 0 and high < classes and not ignored:
        return given.astype(np.intp, copy=False), None
    counted = given != ignore_index if ignored else np.ones(given.shape, bool)
    bad = counted & ((given < 0) | (given >= classes))
    if bad.any():
        raise catalogue.label_out_of_range(loss, given, bad, scores, ignore_index is not None)
    return np.where(counted, given, 0).astype(np.intp), counted


def one_hot(labels: Array, classes: int, kind: Any) -> Array:
    """Return rows with a single 1, at the place of each class number."""
    rows = np.zeros((*labels.shape, classes), kind)
    np.put_along_axis(rows, labels[..., None], 1, axis=-1)
    return rows


def balanced_weights(labels: Operand, classes: int | None = None) -> Array:
    r"""Weights of classes with which every class counts as much as any other.

    .. math:: w_c = \frac{n}{k\, n_c}

    Parameters
    ----------
    labels : array_like of int
        Class numbers, :math:`n` of them in any shape, :math:`n_c` of class :math:`c`.
    classes : int, optional
        How many weights; by default as many as the largest class number asks for.

    Returns
    -------
    ndarray, shape (classes,)
        For the ``weight`` of a loss. A class without a label has weight 0, and is not among
        the :math:`k` that share the total.

    Raises
    ------
    ArgumentError, DTypeError
        When a label is negative, too large or has a fraction.

    Notes
    -----
    ``weight="balanced"`` in a loss counts the labels of each call. Small batches count badly: take
    the labels of the whole training set, once, with this function. Source: scikit-learn,
    ``compute_class_weight``, after King and Zeng 2001.

    Examples
    --------
    >>> balanced_weights([0, 0, 0, 1])
    array([0.66666667, 2.        ])
    """
    given: Array = labels.data if isinstance(labels, Tensor) else numbers(labels)
    whole = given.dtype.kind in "iu"
    if classes is None:
        classes = int(given.max()) + 1 if whole and given.size else 0
    if not whole or (given.size and not 0 <= given.min() <= given.max() < classes):
        raise catalogue.not_class_numbers(given, classes)
    return counted_weights(np.bincount(given.reshape(-1), minlength=classes))


def counted_weights(counts: Array) -> Array:
    """Return the weights that balance classes of these sizes, along the first axis."""
    present = counts > 0
    each = np.sum(counts, axis=0) / np.maximum(np.count_nonzero(present, axis=0), 1)
    weights: Array = np.where(present, each / np.where(present, counts, 1), 0.0)
    return weights


def class_weights(weight: Operand, counts: Callable[[], Array], classes: int, kind: Any) -> Any:
    """Return one weight for each class: the given ones, or those that balance ``counts()``."""
    if isinstance(weight, str):
        check_weight(weight)
        return counted_weights(counts()).astype(kind)
    weights = weight if isinstance(weight, Tensor) else numbers(weight)
    if weights.shape != (classes,):
        raise catalogue.weights_do_not_fit(weights.shape, classes)
    check_weight(weights)
    return weights.astype(kind)


def check_weight(weight: Operand | None) -> None:
    """Raise where a weight is an unknown word or has negative numbers."""
    if isinstance(weight, str):
        if weight != "balanced":
            raise catalogue.unknown_weight(weight)
    elif weight is not None:
        array: Array = weight.data if isinstance(weight, Tensor) else numbers(weight)
        if array.size and not array.min() >= 0:
            raise catalogue.negative_weight(array)


def held_weight(weight: Operand | None) -> Any:
    """Return a weight as a module keeps it: a word as it is, numbers as a buffer."""
    check_weight(weight)
    return weight if weight is None or isinstance(weight, str) else Buffer(weight)


def sides(loss: str, target: Any, kind: Any) -> Any:
    """Return targets of 1 and -1 in a floating type; anything else is refused."""
    given: Array = target.data if isinstance(target, Tensor) else target
    if given.dtype.kind in "fiu" and (np.abs(given) == 1).all():
        return target.astype(kind)
    if given.dtype.kind == "b":
        given = given.astype(np.intp)
    raise catalogue.not_a_side(loss, given)


def note_softmax(loss: str, scores: Any, rows: Any) -> None:
    """L03: note that a loss that takes scores itself was given probabilities of classes.

    Parameters
    ----------
    loss : str
        Its name.
    scores : Tensor or array
        What it was given; the operation that made it is told by the record, where there is one.
    rows : Tensor or array
        The same with the classes last. They are probabilities when every row adds up to one, with
        all parts strictly between 0 and 1.
    """
    made = _made_by(scores, "softmax")
    if made or _rows_of_one(getattr(rows, "_data", rows)):
        classes = rows.shape[-1]
        note(
            f"TG-L03: {loss} got {'the result of softmax' if made else 'rows that add up to 1'}: "
            "these look like probabilities, and it takes scores. Drop the softmax: training would "
            f"seem to work, but with {classes} classes the loss cannot go below "
            f"ln(1 + {classes - 1}/e) = {math.log1p((classes - 1) / math.e):.3f}."
        )


def note_sigmoid(loss: str, scores: Any) -> None:
    """L03: note that a loss that takes logits was given what ``sigmoid`` returned."""
    if _made_by(scores, "sigmoid"):
        note(
            f"TG-L03: {loss} got the result of sigmoid, and it takes logits. Drop the sigmoid, or "
            "use binary_cross_entropy: the loss of a no cannot go below ln 2 = 0.693."
        )


def _made_by(scores: Any, name: str) -> bool:
    return getattr(getattr(scores, "op", None), "name", None) == name


def _rows_of_one(scores: Array) -> bool:
    """Whether the rows, along the last axis, are probabilities; most are told by the first."""
    if scores.dtype.kind != "f" or scores.shape[-1] < 2 or not scores.size:
        return False
    first = scores[(0,) * (scores.ndim - 1)]
    if not 0 < first[0] < 1 or not abs(first.sum() - 1) < 1e-5:
        return False
    rows = scores.reshape(-1, scores.shape[-1])
    return bool(((rows > 0) & (rows < 1)).all() and (np.abs(rows.sum(-1) - 1) < 1e-5).all())


def note_positive_logs(loss: str, logs: Any) -> None:
    """L03: note that what should be logarithms of chances of classes has numbers above 0."""
    array: Array = getattr(logs, "_data", logs)
    if array.size and array.max() > 1e-3:
        note(
            f"TG-L03: {loss} got {array.max():g} for the logarithm of a probability, which is "
            "never above 0. Give it log_softmax(scores), or the scores to cross_entropy."
        )


def note_no_logs(loss: str, logs: Any) -> None:
    """L03: note that what should be logarithms is probabilities; those of densities may be any."""
    if _made_by(logs, "softmax") or (logs.ndim and _rows_of_one(getattr(logs, "_data", logs))):
        note(
            f"TG-L03: {loss} got rows of probabilities, and it takes their logarithms. "
            "Give it log_softmax(scores)."
        )
