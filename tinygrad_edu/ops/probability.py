"""Probabilities from scores, along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import floats
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Operand, Shape
from .exponential import exp
from .rows import dots, totals

__all__ = ["log_softmax", "softmax"]


def _shifted(x: Array, axis: int) -> Array:
    """The scores less the largest of their row, in memory of its own."""
    x = floats(x)
    return np.asarray(x - np.maximum.reduce(x, axis=axis, keepdims=True))


def _log_softmax(x: Array, *, axis: int = -1) -> Array:
    shifted = _shifted(x, axis)
    return np.subtract(shifted, np.log(totals(np.exp(shifted), axis)), shifted)


def _log_softmax_rule(g: Any, out: Any, x: Any, axis: int) -> Any:
    found = exp(out)
    found *= -totals(g, axis)
    found += g
    return found


def _rows(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    rows: list[tuple[Shape, int]] = [
        ((3, 4), 0), ((3, 4), 1), ((3, 4), -1), ((3, 4), -2), ((3,), 0), ((4,), -1), ((2, 3, 2), 1),
        ((2, 2, 3), -1), ((3, 2, 2), -3), ((3, 1), 1), ((1, 3), 1),
    ]  # fmt: skip
    shape, axis = rows[int(rng.integers(len(rows)))]
    return (rng.normal(size=shape),), {"axis": axis}


@operation(
    _log_softmax,
    rule=_log_softmax_rule,
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


def _softmax(x: Array, *, axis: int = -1) -> Array:
    powers = _shifted(x, axis)
    np.exp(powers, powers)
    powers /= totals(powers, axis)
    return powers


def _softmax_rule(g: Any, out: Any, x: Any, axis: int) -> Any:
    found = g - dots(g, out, axis)
    found *= out
    return found


@operation(_softmax, rule=_softmax_rule, samples=_rows)
def softmax(x: Operand, /, *, axis: int = -1) -> Tensor:
    r"""Positive numbers that sum to one along an axis, in the proportions of ``exp(x)``.

    .. math:: z_i = \frac{e^{x_i}}{\sum_j e^{x_j}}, \qquad
              \bar x_i = z_i \bigl(\bar z_i - \textstyle\sum_j \bar z_j z_j\bigr)

    Parameters
    ----------
    x : array_like, shape (..., classes, ...)
        Scores.
    axis : int
        The axis of the classes.

    Notes
    -----
    A primitive for speed: a third of the time of its small operations. The maximum of each row is
    subtracted first. For a loss use ``softmax_cross_entropy`` on the scores. Source: Bridle 1990,
    equation 3.

    Examples
    --------
    >>> softmax([0.0, 0.0])
    array([0.5, 0.5])
    """
