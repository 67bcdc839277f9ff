"""What metrics accept as class labels, and samples counted by class.  Floor 0.

``y_true`` and ``y_pred`` are arrays of shape (samples,) that hold class labels: integers, booleans
or text.  Scores such as logits are refused, because comparing them with labels gives a plausible
number that means nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from ..types import Array

Floats = NDArray[np.float64]


class Positions(NamedTuple):
    """Samples as positions in a list of classes: ``classes`` asked for, then the other ones."""

    true: NDArray[np.intp]
    predicted: NDArray[np.intp]
    classes: int


def positions(y_true: ArrayLike, y_pred: ArrayLike, labels: ArrayLike | None) -> Positions:
    """Replace every label by its position, shape (samples,), counting those in ``labels`` first."""
    true, predicted = label_pair(y_true, y_pred)
    present, codes = np.unique(np.concatenate([true, predicted]), return_inverse=True)
    asked = present if labels is None else distinct(labels, like=present)
    classes = np.concatenate([asked, np.setdiff1d(present, asked)])
    sorter = np.argsort(classes)
    position = sorter[np.searchsorted(classes, present, sorter=sorter)]
    return Positions(position[codes[: true.size]], position[codes[true.size :]], asked.size)


def occurrences(
    position: NDArray[np.intp], classes: int, weight: Floats | None = None
) -> NDArray[Any]:
    """How many samples, or how much weight, is at each of the first ``classes`` positions."""
    counts = np.bincount(position, weights=weight, minlength=classes)[:classes]
    return counts.astype(np.int64) if weight is None else counts


def label_pair(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Array, Array]:
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
    check_labels(true, "y_true")
    check_labels(predicted, "y_pred")
    numbers = "y_true" if is_text(predicted) else "y_pred"
    check_same_kind(true, predicted, fix=f"np.asarray(label_names)[{numbers}]")
    return true, predicted


def _shape_fix(true: Array, predicted: Array) -> str | None:
    for name, array in (("y_true", true), ("y_pred", predicted)):
        if array.ndim == 2:
            return f"{name}.ravel()" if array.shape[1] == 1 else f"{name}.argmax(axis=1)"
    common = min(true.size, predicted.size)
    return f"y_true[:{common}], y_pred[:{common}]" if common else None


def one_per_sample(y_true: ArrayLike, name: str = "y_true") -> Array:
    """Check that there is a class label for each of at least one sample, shape (samples,)."""
    true = np.asarray(y_true)
    if true.ndim != 1 or true.size == 0:
        column = true.ndim == 2 and true.shape[1] == 1
        raise ShapeError(
            f"{name} has shape {true.shape}; it must be (samples,)",
            shapes=[true.shape],
            why="every sample, of which there must be one at least, has one true label",
            fix=f"{name}.ravel()"
            if column
            else f"{name}.argmax(axis=1)"
            if true.ndim == 2
            else None,
        )
    check_labels(true, name)
    return true


def distinct(labels: ArrayLike, *, like: Array) -> Array:
    """Check that ``labels`` lists different classes of the kind that ``like`` has."""
    asked = np.asarray(labels)
    if asked.ndim != 1 or asked.size == 0 or len(np.unique(asked)) < asked.size:
        raise ArgumentError(
            f"labels={asked.tolist()!r} is not a list of different classes",
            why="every class has one row and one column",
            fix="confusion_matrix(y_true, y_pred, labels=np.unique(y_true))",
        )
    check_labels(asked, "labels")
    check_same_kind(like, asked, fix="labels=np.unique(y_true)")
    return asked


def columns(y_true: Array, labels: ArrayLike | None, columns: int) -> NDArray[np.intp]:
    """Return the column of each sample's class, shape (samples,), in scores with one per class."""
    classes = np.unique(y_true) if labels is None else distinct(labels, like=y_true)
    if classes.size != columns:
        raise ArgumentError(
            f"{classes.size} classes {classes[:10].tolist()} for scores with {columns} columns",
            why="column j holds the scores of class j"
            if labels is not None
            else "a class that does not occur in y_true has a column too",
            fix=f"labels=np.arange({columns})",
        )
    if (classes[1:] < classes[:-1]).any():
        raise ArgumentError(
            f"labels={classes[:10].tolist()} are not in rising order",
            why="columns of scores stand in the order of the sorted classes, here as in "
            "scikit-learn",
            fix="labels=np.sort(labels), y_score[:, np.argsort(labels)]",
        )
    unknown = np.setdiff1d(y_true, classes)
    if unknown.size:
        raise ArgumentError(
            f"y_true holds {unknown[:5].tolist()}, which labels={classes[:10].tolist()} lacks",
            why="a sample of an unknown class has no column of scores",
            fix="labels=np.unique(y_true)",
        )
    return np.searchsorted(classes, y_true)


def is_text(array: Array) -> bool:
    return array.dtype.kind in "UT"


def check_labels(array: Array, name: str) -> None:
    """Refuse what cannot be a class label: scores, missing values, objects."""
    if is_text(array) or array.dtype.kind in "iub":
        return
    whole = array.dtype.kind == "f" and np.isfinite(array).all()
    if whole and np.array_equal(array, np.round(array)):
        return
    floating = array.dtype.kind == "f"
    raise ArgumentError(
        f"{name} has dtype {array.dtype} and holds {array.ravel()[:3].tolist()}...: not labels",
        why="class labels are integers, booleans or text; a score is not a class",
        fix=f"({name} > 0.5).astype(int)" if floating else f"{name}.astype(str)",
    )


def check_same_kind(first: Array, second: Array, *, fix: str) -> None:
    if is_text(first) != is_text(second):
        text, numbers = (first, second) if is_text(first) else (second, first)
        raise ArgumentError(
            f"labels of two kinds: {str(text[0])!r} is text, {numbers[0].item()!r} a number",
            why="a label equals only labels of its own kind",
            fix=fix,
        )


def weights(sample_weight: ArrayLike | None, samples: int) -> Floats | None:
    """Check one weight for each sample: finite, not negative, not all zero."""
    if sample_weight is None:
        return None
    given = np.asarray(sample_weight)
    if given.shape != (samples,):
        raise ShapeError(
            f"sample_weight has shape {given.shape}; it must be ({samples},)",
            shapes=[given.shape, (samples,)],
            why="every sample has one weight",
            fix=f"sample_weight=np.ones({samples})",
        )
    if given.dtype.kind not in "iubf" or not (np.isfinite(given) & (given >= 0)).all():
        raise ArgumentError(
            f"sample_weight holds {_first_bad(given)!r}; weights are finite numbers of at least 0",
            why="a weight says how often a sample counts",
            fix=f"sample_weight=np.ones({samples})",
        )
    if not given.any():
        raise ArgumentError(
            "all of sample_weight is 0",
            why="no sample counts, so there is nothing to measure",
            fix="sample_weight=None",
        )
    return given.astype(np.float64)


def _first_bad(given: Array) -> object:
    if given.dtype.kind not in "iubf":
        return given.ravel()[0]
    return float(given[~(np.isfinite(given) & (given >= 0))][0])


def choice(value: object, allowed: tuple[object, ...], name: str) -> None:
    """Refuse a setting that is none of those there are."""
    if not any(value is option or value == option for option in allowed):
        raise ArgumentError(
            f"{name}={value!r} is none of {', '.join(map(repr, allowed))}",
            fix=f"{name}={allowed[0]!r}",
        )
