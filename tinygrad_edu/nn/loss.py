"""Losses: how wrong a prediction is, as one number to make small.

Each is a function, and a module that holds its settings. Shapes must match: nothing broadcasts.
``reduction`` is ``"mean"``, ``"sum"`` or ``"none"``, which keeps one loss for each sample.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import errors
from ..arrays import numbers
from ..autodiff.tensor import Tensor
from ..catalogue import unknown_choice
from ..ops import divide, mean, permute_dims, softmax_cross_entropy, square, subtract, sum
from ..types import Array, Operand, Shape
from . import catalogue
from .module import Module
from .tree import Buffer

__all__ = ["CrossEntropyLoss", "MSELoss", "cross_entropy", "mse_loss"]

_REDUCTIONS = ("mean", "sum", "none")


def mse_loss(prediction: Operand, target: Operand, *, reduction: str = "mean") -> Tensor:
    r"""Mean squared error.

    .. math:: \ell = \frac1n \sum_i (\hat y_i - y_i)^2

    Parameters
    ----------
    prediction, target : array_like, any equal shape
        Gradients flow to both.
    reduction : {"mean", "sum", "none"}
        What to do with the squares.

    Returns
    -------
    Tensor
        Shape (), or that of the arguments for ``"none"``.

    Raises
    ------
    ShapeError
        When the shapes differ.

    Notes
    -----
    Source: Bishop 2006, section 1.5.5.

    Examples
    --------
    >>> mse_loss([1.0, 3.0], [1.0, 1.0])
    array(2.)
    """
    left, right = _value(prediction), _value(target)
    if left.shape != right.shape:
        raise catalogue.shapes_differ("mse_loss", left.shape, right.shape)
    return _reduced(square(subtract(left, right)), reduction)


def cross_entropy(
    scores: Operand,
    labels: Operand,
    *,
    weight: Operand | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    r"""Cross-entropy between labels and the softmax of scores.

    .. math:: \ell_n = -\sum_c w_c t_{nc} \ln \operatorname{softmax}(x_n)_c, \qquad
              t_{nc} = (1 - \varepsilon) [c = y_n] + \varepsilon / C

    Parameters
    ----------
    scores : array_like, shape (samples, classes), (samples, classes, ...) or (classes,)
        Logits: raw outputs, no softmax.
    labels : array_like
        Class numbers: integers of the shape of ``scores`` without the classes. Or one-hot rows or
        probabilities :math:`t`: the shape of ``scores``.
    weight : array_like, shape (classes,), optional
        :math:`w`, how much each class counts.
    ignore_index : int
        Samples with this class number do not count.
    reduction : {"mean", "sum", "none"}
        The mean over class numbers is weighted, :math:`\sum_n \ell_n / \sum_n w_{y_n}`, over
        probabilities it is not; PyTorch does the same. Of no sample that counts it is NaN.
    label_smoothing : float, 0 to 1
        :math:`\varepsilon`, the part of each label that is spread over all classes.

    Returns
    -------
    Tensor
        Shape (), or for ``"none"`` that of ``scores`` without the classes.

    Raises
    ------
    ShapeError, ArgumentError, DTypeError
        When labels do not fit the scores, are out of range, or are class numbers with a fraction.

    Notes
    -----
    Sources: Bishop 2006, equation 4.108; smoothing: Szegedy et al. 2016, section 7.

    Examples
    --------
    >>> cross_entropy([[2.0, 0.0], [0.0, 0.0]], [0, 1])
    array(0.4100376)
    """
    x, y = _value(scores), _value(labels)
    shape = x.shape
    if not shape:
        raise catalogue.labels_do_not_fit(shape, y.shape, ())
    if not 0 <= label_smoothing <= 1:
        raise errors.ArgumentError(f"label_smoothing is 0 to 1, got {label_smoothing!r}")
    if x.ndim > 2:  # classes last, as in the operation
        order = (0, *range(2, x.ndim), 1)
        if y.shape == x.shape:
            y = permute_dims(y, order)
        x = permute_dims(x, order)
    kind = x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)
    weights = None if weight is None else _class_weights(weight, x.shape[-1]).astype(kind)
    counted, total = None, float(y.size // (x.shape[-1] or 1))
    if y.shape != x.shape:
        labels, counted = _class_numbers(y, ignore_index, shape)
        if weights is None and not label_smoothing and counted.all():
            return _reduced(softmax_cross_entropy(x, labels), reduction)
        y = _one_hot(labels, counted, x.shape, kind)
        total = float(np.sum(y if weights is None else y * weights))
    targets = y * (1.0 - label_smoothing) + label_smoothing / x.shape[-1] if label_smoothing else y
    targets = targets if weights is None else targets * weights
    if counted is not None and label_smoothing:
        targets = targets * counted[..., None]
    losses = softmax_cross_entropy(x, targets)
    if reduction != "mean" or total == losses.size:
        return _reduced(losses, reduction)
    return divide(sum(losses), total or math.nan)  # of nothing, NaN as in PyTorch


def _class_numbers(y: Any, ignore_index: int, scores: Shape) -> tuple[Array, Array]:
    """The labels as checked integers, and which of them count."""
    labels: Array = y.data if isinstance(y, Tensor) else y
    classes = scores[_class_axis(scores)]
    expected = scores[:1] * (len(scores) > 1) + scores[2:]
    if labels.dtype.kind == "f":
        raise catalogue.float_labels(labels, scores)
    if labels.shape != expected:
        raise catalogue.labels_do_not_fit(scores, labels.shape, expected)
    counted = labels != ignore_index
    bad = counted & ((labels < 0) | (labels >= classes))
    if bad.any():
        raise catalogue.label_out_of_range(labels, bad, scores, classes)
    return labels.astype(np.intp), counted


def _class_axis(scores: Shape) -> int:
    return 1 if len(scores) > 1 else 0


def _one_hot(labels: Array, counted: Array, shape: Shape, kind: np.dtype[Any]) -> Array:
    """A row with a 1 for each label that counts, and of zeros for the others."""
    rows = np.zeros(shape, kind)
    np.put_along_axis(rows, np.where(counted, labels, 0)[..., None], counted[..., None], axis=-1)
    return rows


def _class_weights(weight: Operand, classes: int) -> Array:
    weights: Array = weight.data if isinstance(weight, Tensor) else numbers(weight)
    if weights.shape != (classes,):
        raise errors.ShapeError(
            f"weight has shape {weights.shape}, and there are {classes} classes",
            shapes=(weights.shape, (classes,)),
            why="each class has one weight",
            fix=f"np.ones({classes})",
        )
    return weights


def _value(x: Operand) -> Any:
    return x if isinstance(x, Tensor) else numbers(x)


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    if reduction == "mean":
        return mean(losses)
    if reduction == "sum":
        return sum(losses)
    if reduction != "none":
        raise unknown_choice("reduction", reduction, _REDUCTIONS)
    return losses


class MSELoss(Module):
    r"""Mean squared error as a module; see ``functional.mse_loss``.

    .. math:: \ell = \frac1n \sum_i (\hat y_i - y_i)^2

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What to do with the squares.

    Examples
    --------
    >>> MSELoss()([1.0, 3.0], [1.0, 1.0])
    Tensor(2., dtype=float64)
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        if reduction not in _REDUCTIONS:
            raise unknown_choice("reduction", reduction, _REDUCTIONS)
        self.reduction = reduction

    def forward(self, prediction: Operand, target: Operand) -> Tensor:
        """Compare two of any equal shape."""
        return mse_loss(prediction, target, reduction=self.reduction)


class CrossEntropyLoss(Module):
    r"""Cross-entropy of scores as a module; see ``functional.cross_entropy``.

    .. math:: \ell_n = -\ln \operatorname{softmax}(x_n)_{y_n}

    Parameters
    ----------
    weight : array_like, shape (classes,), optional
        How much each class counts; kept as a buffer.
    ignore_index : int
        Samples with this class number do not count.
    reduction : {"mean", "sum", "none"}
        What to do with the losses of the samples.
    label_smoothing : float, 0 to 1
        The part of each label that is spread over all classes.

    Examples
    --------
    >>> CrossEntropyLoss()([[0.0, 0.0]], [1]).item() == float(np.log(2.0))
    True
    """

    def __init__(
        self,
        weight: Operand | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        if reduction not in _REDUCTIONS:
            raise unknown_choice("reduction", reduction, _REDUCTIONS)
        self.weight = None if weight is None else Buffer(weight)
        self.ignore_index, self.reduction = ignore_index, reduction
        self.label_smoothing = label_smoothing

    def forward(self, scores: Operand, labels: Operand) -> Tensor:
        """Compare scores, shape (samples, classes), with labels, shape (samples,)."""
        return cross_entropy(
            scores,
            labels,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )
