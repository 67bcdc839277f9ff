"""Probabilities from scores, along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Operand, Shape
from .exponential import exp
from .reduction import sum

__all__ = ["log_softmax", "softmax"]


def _log_softmax(x: Array, *, axis: int = -1) -> Array:
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True))


def _rows(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    rows: list[tuple[Shape, int]] = [
        ((3, 4), 0), ((3, 4), 1), ((3, 4), -1), ((3, 4), -2), ((3,), 0), ((4,), -1), ((2, 3, 2), 1),
        ((2, 2, 3), -1), ((3, 2, 2), -3), ((3, 1), 1), ((1, 3), 1),
    ]  # fmt: skip
    shape, axis = rows[int(rng.integers(len(rows)))]
    return (rng.normal(size=shape),), {"axis": axis}


@operation(
    _log_softmax,
    rule=lambda g, out, x, axis: g - exp(out) * sum(g, axis=axis, keepdims=True),
    samples=_rows,
)
def log_softmax(x: Operand, /, *, axis: int = -1) -> Tensor:
    r"""Logarithm of the softmax along an axis.

    .. math:: z_i = x_i - \ln \sum_j e^{x_j}, \qquad
              \bar x_i = \bar z_i - e^{z_i} \sum_j \bar z_j

    Parameters
    ----------
    x : array_like, shape (..., classes, ...)
        Scores, also called logits.
    axis : int
        The axis of the classes.

    Notes
    -----
    The maximum of each row is subtracted first, so no exponential overflows and a row far below
    another loses nothing. Source: Goodfellow, Bengio, Courville 2016, section 6.2.2.3.

    Examples
    --------
    >>> log_softmax([1000.0, 1000.0]).round(3)
    array([-0.693, -0.693])
    """


def softmax(x: Operand, /, *, axis: int = -1) -> Tensor:
    r"""Positive numbers that sum to one along an axis, in the proportions of ``exp(x)``.

    .. math:: z_i = \frac{e^{x_i}}{\sum_j e^{x_j}}

    Parameters
    ----------
    x : array_like, shape (..., classes, ...)
        Scores.
    axis : int
        The axis of the classes.

    Notes
    -----
    Composed as ``exp(log_softmax(x))``; for a loss use ``softmax_cross_entropy`` on the scores.
    Source: Bishop 2006, equation 4.104.

    Examples
    --------
    >>> softmax([0.0, 0.0])
    array([0.5, 0.5])
    """
    return exp(log_softmax(x, axis=axis))
