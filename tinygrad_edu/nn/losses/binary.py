"""Losses of yes-or-no questions: each number is a prediction of its own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor
from ...ops import (
    add,
    astype,
    bce_with_logits,
    greater_equal,
    less_equal,
    log,
    log1p,
    multiply,
    negative,
    softplus,
    subtract,
    where,
)
from ...types import Array, Operand
from . import catalogue
from .labels import check_weight, counted_weights, held_weight, note_sigmoid, sides
from .reduction import Reduced, alike, floating, reduced, value

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "SoftMarginLoss", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "soft_margin_loss",
]  # fmt: skip

_LOWEST = -100.0


def binary_cross_entropy(
    prediction: Operand,
    target: Operand,
    weight: Operand | None = None,
    *,
    reduction: str = "mean",
) -> Tensor:
    r"""Cross-entropy between probabilities of yes and what is true, each on its own.

    .. math:: \ell_i = -w_i \bigl(t_i \ln p_i + (1 - t_i) \ln(1 - p_i)\bigr)

    Parameters
    ----------
    prediction : array_like, any shape, 0 to 1
        :math:`p`. ``binary_cross_entropy_with_logits`` takes logits, and is exact for extreme ones.
    target : array_like, shape of ``prediction``, 0 to 1
        :math:`t`: 0 or 1, or a probability.
    weight : array_like that broadcasts to the target, or "balanced", optional
        :math:`w`. ``"balanced"``: as :math:`n / 2 n_c` with the :math:`n_c` entries of yes or no
        in the same column, counted along the first axis in each call.
    reduction : {"mean", "sum", "none"}
        What to do with the losses. The mean is over all, whatever the weights.

    Returns
    -------
    Tensor
        Shape (), or that of the target for ``"none"``.

    Raises
    ------
    ShapeError, ArgumentError
        When shapes differ, or a prediction or target is outside 0 to 1.

    Notes
    -----
    Logarithms are not below -100, as in PyTorch: a certain and wrong prediction costs 100. There,
    the slope is that of the limited logarithm, 0; elsewhere it is exact.
    Source: Bishop 2006, equation 4.90.

    Examples
    --------
    >>> binary_cross_entropy([0.5, 1.0], [1.0, 0.0], reduction="none").round(3)
    array([  0.693, 100.   ])
    """
    name = "binary_cross_entropy"
    p, t = alike(name, prediction, target)
    _between(name, "prediction", p, f"{name}_with_logits(prediction, target)   # of raw scores")
    yes, no, t = _sides_of(name, p, t)
    losses = negative(add(multiply(t, yes), multiply(subtract(1.0, t), no)))
    if weight is not None:
        losses = multiply(losses, _element_weights(name, weight, t))
    return reduced(losses, reduction)


def binary_cross_entropy_with_logits(
    logits: Operand,
    target: Operand,
    weight: Operand | None = None,
    *,
    reduction: str = "mean",
    pos_weight: Operand | None = None,
) -> Tensor:
    r"""Cross-entropy between the logistic function of logits and what is true, each on its own.

    .. math:: \ell_i = -w_i \bigl(q\, t_i \ln \sigma(x_i) + (1 - t_i) \ln(1 - \sigma(x_i))\bigr)

    Parameters
    ----------
    logits : array_like, any shape
        :math:`x`: raw outputs, no sigmoid.
    target : array_like, shape of ``logits``, 0 to 1
        :math:`t`: 0 or 1, or a probability.
    weight : array_like that broadcasts to the target, or "balanced", optional
        :math:`w`. ``"balanced"``: as :math:`n / 2 n_c` with the :math:`n_c` entries of yes or no
        in the same column, counted along the first axis in each call.
    reduction : {"mean", "sum", "none"}
        What to do with the losses. The mean is over all, whatever the weights.
    pos_weight : array_like that broadcasts to the target, optional
        :math:`q`, how much a yes counts: usually the number of no over that of yes in the training
        set, ``(1 - t).sum(0) / t.sum(0)``.

    Returns
    -------
    Tensor
        Shape (), or that of the target for ``"none"``.

    Raises
    ------
    ShapeError, ArgumentError
        When shapes differ, or a target is outside 0 to 1.

    Notes
    -----
    Exact for logits of any size, in value and derivatives. Source: Bishop 2006, equation 4.90.

    Examples
    --------
    >>> binary_cross_entropy_with_logits([0.0, -100.0], [1.0, 1.0], reduction="none").round(3)
    array([  0.693, 100.   ])
    """
    name = "binary_cross_entropy_with_logits"
    x, t = alike(name, logits, target)
    t = _targets(name, t, x)
    note_sigmoid(name, logits)
    if pos_weight is not None:
        _no_word(pos_weight)
        pos_weight = _element_weights(name, pos_weight, t, "pos_weight")
    losses = bce_with_logits(x, t, pos_weight=pos_weight)
    if weight is not None:
        losses = multiply(losses, _element_weights(name, weight, t))
    return reduced(losses, reduction)


def soft_margin_loss(scores: Operand, target: Operand, *, reduction: str = "mean") -> Tensor:
    r"""Logistic loss of scores whose sign is the answer.

    .. math:: \ell_i = \ln(1 + e^{-y_i x_i})

    Parameters
    ----------
    scores : array_like, any shape
        :math:`x`.
    target : array_like, shape of ``scores``
        :math:`y`: 1 or -1.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Returns
    -------
    Tensor
        Shape (), or that of the scores for ``"none"``.

    Raises
    ------
    ShapeError, ArgumentError
        When shapes differ, or a target is neither 1 nor -1.

    Notes
    -----
    ``binary_cross_entropy_with_logits`` with other names for the answers; exact for scores of any
    size. Source: Bishop 2006, section 7.1.2.

    Examples
    --------
    >>> soft_margin_loss([0.0, -100.0], [-1, 1], reduction="none").round(3)
    array([  0.693, 100.   ])
    """
    x, y = alike("soft_margin_loss", scores, target)
    y = sides("soft_margin_loss", y, floating(x))
    return reduced(softplus(negative(multiply(y, x)), threshold=math.inf), reduction)


def _sides_of(loss: str, p: Any, t: Any) -> tuple[Any, Any, Any]:
    """Logarithms of the probabilities of yes and of no, and the targets in their type."""
    # Conditions that NaN does not meet, so that it stays visible.
    never, surely = less_equal(p, math.exp(_LOWEST)), greater_equal(p, 1.0)
    yes = where(never, _LOWEST, log(where(never, 1.0, p)))
    no = where(surely, _LOWEST, log1p(negative(where(surely, 0.0, p))))
    return yes, no, _targets(loss, t, p)


def _targets(loss: str, t: Any, prediction: Any) -> Any:
    given = getattr(t, "_data", t)
    low = given.size and given.dtype.kind in "fi" and given.min() < 0
    fix = "(target + 1) / 2   # if they are -1 and 1" if low else "target - 1   # if from 1 on"
    _between(loss, "target", t, fix)
    return t if t.dtype.kind == "f" else astype(t, floating(prediction))


def _between(loss: str, name: str, given: Any, fix: str) -> None:
    array: Array = getattr(given, "_data", given)
    if array.size and (array.min() < 0 or array.max() > 1):  # NaN passes on, to be found as such
        raise catalogue.not_probabilities(loss, name, array, fix)


def _element_weights(loss: str, weight: Any, t: Any, name: str = "weight") -> Any:
    check_weight(weight)
    if isinstance(weight, str):
        return _balance(getattr(t, "_data", t))
    weights = value(weight)
    try:
        fits = np.broadcast_shapes(weights.shape, t.shape) == t.shape
    except ValueError:
        fits = False
    if not fits:
        raise catalogue.weights_enlarge(loss, name, weights.shape, t.shape)
    return weights.astype(t.dtype)


def _no_word(pos_weight: Any) -> None:
    if isinstance(pos_weight, str):
        raise catalogue.word_for_pos_weight(pos_weight)


def _balance(t: Array) -> Array:
    """The weight of each entry with which, in its column, yes and no count alike."""
    rows = t if t.ndim else t.reshape(1)
    yes = rows.sum(0)
    of_yes, of_no = counted_weights(np.stack([yes, len(rows) - yes]))
    weights: Array = (rows * of_yes + (1 - rows) * of_no).reshape(t.shape)
    return weights.astype(t.dtype)


class BCELoss(Reduced):
    r"""Cross-entropy of probabilities of yes, as a module; see ``functional.binary_cross_entropy``.

    .. math:: \ell_i = -w_i \bigl(t_i \ln p_i + (1 - t_i) \ln(1 - p_i)\bigr)

    Parameters
    ----------
    weight : array_like that broadcasts to the target, or "balanced", optional
        How much each loss counts; an array is kept as a buffer.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Examples
    --------
    >>> BCELoss()([0.5], [1.0]).item() == float(np.log(2.0))
    True
    """

    def __init__(self, weight: Operand | None = None, *, reduction: str = "mean") -> None:
        self._settle(reduction)
        self.weight = held_weight(weight)

    def forward(self, prediction: Operand, target: Operand) -> Tensor:
        """Compare probabilities with targets, any equal shape."""
        return binary_cross_entropy(prediction, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(Reduced):
    r"""Cross-entropy of logits, as a module; see ``functional.binary_cross_entropy_with_logits``.

    .. math:: \ell_i = -w_i \bigl(q\, t_i \ln \sigma(x_i) + (1 - t_i) \ln(1 - \sigma(x_i))\bigr)

    Parameters
    ----------
    weight : array_like that broadcasts to the target, or "balanced", optional
        How much each loss counts; an array is kept as a buffer.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.
    pos_weight : array_like that broadcasts to the target, optional
        How much a yes counts; kept as a buffer.

    Examples
    --------
    >>> BCEWithLogitsLoss(pos_weight=[2.0])([0.0], [1.0]).item() == float(2 * np.log(2.0))
    True
    """

    def __init__(
        self,
        weight: Operand | None = None,
        *,
        reduction: str = "mean",
        pos_weight: Operand | None = None,
    ) -> None:
        self._settle(reduction)
        _no_word(pos_weight)
        self.weight, self.pos_weight = held_weight(weight), held_weight(pos_weight)

    def forward(self, logits: Operand, target: Operand) -> Tensor:
        """Compare logits with targets, any equal shape."""
        return binary_cross_entropy_with_logits(
            logits, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class SoftMarginLoss(Reduced):
    r"""Logistic loss of scores whose sign is the answer; see ``functional.soft_margin_loss``.

    .. math:: \ell_i = \ln(1 + e^{-y_i x_i})

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Examples
    --------
    >>> SoftMarginLoss()([0.0], [1]).item() == float(np.log(2.0))
    True
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        self._settle(reduction)

    def forward(self, scores: Operand, target: Operand) -> Tensor:
        """Compare scores with targets of 1 and -1, any equal shape."""
        return soft_margin_loss(scores, target, reduction=self.reduction)
