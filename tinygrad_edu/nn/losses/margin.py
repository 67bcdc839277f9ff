"""Losses of support vector machines: a right answer should win by a margin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import errors
from ...autodiff.tensor import Tensor
from ...ops import (
    add,
    divide,
    max,
    moveaxis,
    multiply,
    relu,
    square,
    subtract,
    sum,
    take,
    take_along_axis,
    where,
)
from ...types import Array, Operand
from ..settings import real
from . import catalogue
from .labels import class_numbers, class_weights, held_weight, one_hot, sides
from .reduction import Reduced, floating, reduced, value

__all__ = ["HingeLoss", "MultiMarginLoss", "hinge_loss", "multi_margin_loss"]


def hinge_loss(
    scores: Operand, labels: Operand, *, margin: float = 1.0, reduction: str = "mean"
) -> Tensor:
    r"""Hinge loss: of two classes by the sign of a score, of several by the strongest rival.

    .. math:: \ell_n = \max(0, m - y_n x_n) \qquad \text{or} \qquad
              \ell_n = \max\bigl(0, m + \max_{c \ne y_n} x_{nc} - x_{n y_n}\bigr)

    Parameters
    ----------
    scores : array_like
        :math:`x`: any shape for two classes; (samples, classes), (samples, classes, ...) or
        (classes,) for several.
    labels : array_like
        :math:`y`: 1 or -1 in the shape of ``scores``, or class numbers in that shape without the
        classes.
    margin : float
        :math:`m`, by how much a right answer should win.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Returns
    -------
    Tensor
        Shape (), or that of the labels for ``"none"``.

    Raises
    ------
    ShapeError, ArgumentError, DTypeError
        When labels do not fit the scores, or are other than 1 and -1, or out of range.

    Notes
    -----
    PyTorch has no loss of this name; values are those of scikit-learn's ``hinge_loss``. At the
    margin the slope is 0: such an answer is good enough, as in Pegasos. Equally strong rivals share
    it. Sources: Cortes and Vapnik 1995; several classes: Crammer and Singer 2001.

    Examples
    --------
    >>> hinge_loss([0.5, 2.0], [1, -1], reduction="none")
    array([0.5, 3. ])
    >>> hinge_loss([[2.0, 1.5, 0.0]], [0])
    array(0.5)
    """
    real("margin", margin)
    x, y = value(scores), value(labels)
    if x.shape == y.shape:
        wins = multiply(sides("hinge_loss", y, floating(x)), x)
        return reduced(relu(subtract(margin, wins)), reduction)
    numbers, _ = class_numbers("hinge_loss", y, x.shape)
    x, own, place = _own_and_others(x, numbers)
    if x.shape[-1] == 1:
        raise catalogue.one_class("hinge_loss", np.shape(scores), y.shape)
    rival = max(where(place, -math.inf, x), axis=-1)
    return reduced(relu(add(subtract(rival, own), margin)), reduction)


def multi_margin_loss(
    scores: Operand,
    labels: Operand,
    p: int = 1,
    margin: float = 1.0,
    weight: Operand | None = None,
    *,
    reduction: str = "mean",
) -> Tensor:
    r"""Hinge losses against all rivals of a class, added and divided by the number of classes.

    .. math:: \ell_n = \frac{w_{y_n}}{C} \sum_{c \ne y_n}
              \max\bigl(0, m + x_{nc} - x_{n y_n}\bigr)^p

    Parameters
    ----------
    scores : array_like, shape (samples, classes) or (classes,)
        :math:`x`.
    labels : array_like of int, shape (samples,) or ()
        Class numbers.
    p : {1, 2}
        The power.
    margin : float
        :math:`m`, by how much a right answer should win.
    weight : array_like, shape (classes,), or "balanced", optional
        :math:`w`, how much each class counts. ``"balanced"``: ``balanced_weights`` of the labels
        of this call.
    reduction : {"mean", "sum", "none"}
        What to do with the losses. The mean is over samples, whatever the weights.

    Returns
    -------
    Tensor
        Shape (), or that of the labels for ``"none"``.

    Raises
    ------
    ShapeError, ArgumentError, DTypeError
        When labels do not fit, are out of range or have a fraction; for other powers.

    Notes
    -----
    At the margin the slope is 0, as in PyTorch. Source: Weston and Watkins 1999.

    Examples
    --------
    >>> multi_margin_loss([[2.0, 1.5, 1.5, 0.0]], [0])
    array(0.25)
    """
    _check_power(p)
    real("margin", margin)
    x = value(scores)
    if x.ndim > 2:
        raise catalogue.too_many_axes("multi_margin_loss", x.shape)
    y, _ = class_numbers("multi_margin_loss", value(labels), x.shape)
    x, own, place = _own_and_others(x, y)
    short = relu(add(subtract(x, own[..., None]), margin))
    short = where(place, 0.0, short if p == 1 else square(short))
    losses = divide(sum(short, axis=-1), x.shape[-1])
    if weight is not None:
        classes = x.shape[-1]
        weights = class_weights(
            weight, lambda: np.bincount(y.ravel(), minlength=classes), classes, losses.dtype
        )
        losses = multiply(losses, take(weights, y))
    return reduced(losses, reduction)


def _own_and_others(x: Any, labels: Array) -> tuple[Any, Any, Array]:
    """The scores with classes last, that of each label, and where it stands."""
    x = moveaxis(x, 1, -1) if x.ndim > 2 else x
    own = take_along_axis(x, labels[..., None], axis=-1)[..., 0]
    return x, own, one_hot(labels, x.shape[-1], bool)


def _check_power(p: int) -> None:
    if p not in (1, 2):
        raise errors.ArgumentError(f"p is 1 or 2, got {p!r}", fix="p=1")


class HingeLoss(Reduced):
    r"""Hinge loss of two classes or several, as a module; see ``functional.hinge_loss``.

    .. math:: \ell_n = \max(0, m - y_n x_n) \qquad \text{or} \qquad
              \ell_n = \max\bigl(0, m + \max_{c \ne y_n} x_{nc} - x_{n y_n}\bigr)

    Parameters
    ----------
    margin : float
        By how much a right answer should win.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Examples
    --------
    >>> HingeLoss()([0.5], [1])
    Tensor(0.5, dtype=float64)
    """

    def __init__(self, margin: float = 1.0, *, reduction: str = "mean") -> None:
        self._settle(reduction)
        self.margin = real("margin", margin)

    def forward(self, scores: Operand, labels: Operand) -> Tensor:
        """Compare scores with signs of their shape, or with class numbers."""
        return hinge_loss(scores, labels, margin=self.margin, reduction=self.reduction)


class MultiMarginLoss(Reduced):
    r"""Hinge losses against all rivals of a class; see ``functional.multi_margin_loss``.

    .. math:: \ell_n = \frac{w_{y_n}}{C} \sum_{c \ne y_n}
              \max\bigl(0, m + x_{nc} - x_{n y_n}\bigr)^p

    Parameters
    ----------
    p : {1, 2}
        The power.
    margin : float
        By how much a right answer should win.
    weight : array_like, shape (classes,), or "balanced", optional
        How much each class counts; an array is kept as a buffer.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Examples
    --------
    >>> MultiMarginLoss()([[2.0, 1.5]], [0])
    Tensor(0.25, dtype=float64)
    """

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Operand | None = None,
        *,
        reduction: str = "mean",
    ) -> None:
        self._settle(reduction)
        _check_power(p)
        self.p, self.margin, self.weight = p, real("margin", margin), held_weight(weight)

    def forward(self, scores: Operand, labels: Operand) -> Tensor:
        """Compare scores, shape (samples, classes), with labels, shape (samples,)."""
        return multi_margin_loss(
            scores, labels, self.p, self.margin, self.weight, reduction=self.reduction
        )
