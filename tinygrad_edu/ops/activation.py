"""Activation functions, and the softmax family with its fused loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Array, Operand, Shape
from .exponential import exp
from .reduction import sum

__all__ = ["tanh", "sigmoid", "relu", "log_softmax", "softmax", "softmax_cross_entropy"]


@operation(np.tanh, rule=lambda g, out, x: g - g * out * out, domain=Real(-4.0, 4.0))
def tanh(x: Operand, /) -> Tensor:
    r"""Hyperbolic tangent, element by element.

    .. math:: z = \tanh x, \qquad \bar x = \bar z - \bar z z^2

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    Tensor
        Shape of ``x``, values in (-1, 1).

    Notes
    -----
    The rule reuses the output, so large ``x`` cannot overflow. Three array operations take a
    third less time than the usual product with ``1 - z**2``. Source: DLMF 4.34.8.

    Examples
    --------
    >>> tanh([0.0, 1000.0])
    array([0., 1.])
    """


def _sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))  # never overflows
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


@operation(_sigmoid, rule=lambda g, out, x: g * out * (1.0 - out), domain=Real(-6.0, 6.0))
def sigmoid(x: Operand, /) -> Tensor:
    r"""Logistic function, element by element.

    .. math:: z = \frac{1}{1 + e^{-x}} = \frac{e^x}{1 + e^x},
              \qquad \bar x = \bar z\, z (1 - z)

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    Tensor
        Shape of ``x``, values in [0, 1].

    Notes
    -----
    The first form is used right of 0 and the second left of it, so nothing overflows and small
    values keep all their digits. Source: Goodfellow, Bengio, Courville 2016, section 3.10.

    Examples
    --------
    >>> sigmoid([0.0, 1000.0, -1000.0])
    array([0.5, 1. , 0. ])
    """


def _relu(x: Array) -> Array:
    return np.maximum(x, np.zeros((), x.dtype))


@operation(
    _relu,
    rule=lambda g, out, x: g * (out > 0),
    domain=Real(-3.0, 3.0, exclude=(0.0,)),
    kinks=Kink(
        "x = 0",
        "0",
        "an idle unit stays idle; the choice of every large framework",
        at=(0.0,),
        gives=(0.0,),
    ),
)
def relu(x: Operand, /) -> Tensor:
    r"""Rectified linear unit, element by element.

    .. math:: z = \max(x, 0), \qquad \bar x = \bar z\,[z > 0]

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    At 0 the derivative is 0. Source: Nair and Hinton 2010, section 2.

    Examples
    --------
    >>> relu([-1.0, 2.0])
    array([0., 2.])
    """


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

    Examples
    --------
    >>> softmax([0.0, 0.0])
    array([0.5, 0.5])
    """
    return exp(log_softmax(x, axis=axis))


def _cross_entropy(scores: Array, targets: Array) -> tuple[Array, Array]:
    if scores.shape != targets.shape or not scores.ndim:
        raise errors.ShapeError(
            f"scores have shape {scores.shape}, target probabilities {targets.shape}",
            code="TG-S03",
            shapes=(scores.shape, targets.shape),
            op="softmax_cross_entropy",
            why="each score needs the probability of its own class; they do not broadcast",
            fix="np.eye(classes)[labels]   # probabilities from class numbers",
        )
    logs = _log_softmax(scores)
    # A class of probability 0 costs nothing, even with a score of minus infinity.
    used = np.where(targets == 0, np.zeros((), logs.dtype), logs)
    return -np.sum(targets * used, axis=-1), logs


def _cross_entropy_rule(
    g: Any, out: Any, scores: Any, targets: Any, saved: Any, needs: Any
) -> tuple[Any, Any]:
    logs = log_softmax(scores) if saved is None else saved
    g = g.reshape((*g.shape, 1))
    total = sum(targets, axis=-1, keepdims=True)
    return (
        g * (exp(logs) * total - targets) if needs[0] else None,
        -g * logs if needs[1] else None,
    )


def _scores(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    leading, classes = [((), 4), ((1,), 3), ((3,), 4), ((2, 2), 3), ((2,), 1)][int(rng.integers(5))]
    # Rows that do not sum to one, so that a rule which takes that for granted is found out.
    targets = rng.dirichlet(np.ones(classes), leading) * rng.uniform(0.5, 2.0)
    return (rng.normal(size=(*leading, classes)), targets), {}


@operation(_cross_entropy, rule=_cross_entropy_rule, saves=True, samples=_scores)
def softmax_cross_entropy(scores: Operand, targets: Operand, /) -> Tensor:
    r"""Cross-entropy between target probabilities and the softmax of scores, one per row.

    .. math:: z = -\sum_k t_k \ln \operatorname{softmax}(x)_k, \qquad
              \bar x_k = \bar z\,\bigl(\operatorname{softmax}(x)_k \textstyle\sum_j t_j - t_k\bigr)

    Parameters
    ----------
    scores : array_like, shape (..., classes)
        Logits.
    targets : array_like, shape (..., classes)
        Probabilities or one-hot rows.

    Returns
    -------
    Tensor
        Shape (...).

    Notes
    -----
    A primitive for stability and speed: the gradient is a difference of probabilities, with no
    division by a small one. Source: Bishop 2006, equation 4.109.

    Examples
    --------
    >>> softmax_cross_entropy([[0.0, 0.0]], [[1.0, 0.0]]).round(3)
    array([0.693])
    """
