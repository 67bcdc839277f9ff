"""Precision, recall and F1 of every class as a table to print.  Floor 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ArgumentError
from ..types import Array
from .classification import accuracy_score
from .labels import is_text, label_pair
from .precision import precision_recall_fscore_support

__all__ = ["classification_report"]


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
    M. Sokolova, G. Lapalme, Information Processing and Management 45, 2009, table 3.
    """
    present = np.unique(np.concatenate(label_pair(y_true, y_pred)))
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


def _row_names(present: Array, label_names: Sequence[str] | None) -> list[str]:
    """Name of every label that occurs, by position or, when classes are missing, by number."""
    if label_names is None:
        return [str(label) for label in present]
    if len(label_names) == len(present):
        return [str(name) for name in label_names]
    counted_from_zero = not is_text(present) and present[0] >= 0 and present[-1] < len(label_names)
    if counted_from_zero:
        return [str(label_names[int(label)]) for label in present]
    raise ArgumentError(
        f"{len(label_names)} label_names for {len(present)} labels: {present[:10].tolist()}",
        why="the report has one line for every label that occurs in y_true or y_pred",
        fix=f"classification_report(y_true, y_pred, label_names={[str(p) for p in present[:10]]})",
    )
