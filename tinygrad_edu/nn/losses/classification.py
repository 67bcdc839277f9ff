"""Losses of a choice between classes, from scores or from logarithms of probabilities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor
from ...ops import (
    divide,
    multiply,
    negative,
    permute_dims,
    softmax_cross_entropy,
    squeeze,
    sum,
    take,
    take_along_axis,
    where,
)
from ...types import Array, Operand
from ..settings import probability
from .labels import (
    class_numbers,
    class_weights,
    held_weight,
    note_positive_logs,
    note_softmax,
    one_hot,
)
from .reduction import Reduced, floating, reduced, value

__all__ = ["CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss"]


def cross_entropy(
    scores: Operand,
    labels: Operand,
    weight: Operand | None = None,
    *,
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
    weight : array_like, shape (classes,), or "balanced", optional
        :math:`w`, how much each class counts. ``"balanced"``: ``balanced_weights`` of the labels
        of this call that count; of probabilities, their sums stand for numbers of labels.
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
    x, y = value(scores), value(labels)
    shape = x.shape
    probability("label_smoothing", label_smoothing)
    numbered, counted = y.shape != shape or not shape, None
    if numbered:
        y, counted = class_numbers("cross_entropy", y, shape, ignore_index)
    if x.ndim > 2:  # classes last, as in the operation
        order = (0, *range(2, x.ndim), 1)
        x, y = permute_dims(x, order), y if numbered else permute_dims(y, order)
    note_softmax("cross_entropy", scores, x)
    kind = floating(x)
    classes = x.shape[-1]
    weights = None
    if weight is not None:
        weights = class_weights(
            weight, lambda: _counts(y, counted, classes, numbered), classes, kind
        )
    if not numbered:
        return reduced(_against(x, y, weights, label_smoothing), reduction)
    if label_smoothing:
        losses = _against(x, one_hot(y, classes, kind), weights, label_smoothing)
    else:
        losses = softmax_cross_entropy(x, y)
        losses = losses if weights is None else multiply(losses, take(weights, y))
    return _over_counted(losses, y, counted, weights, reduction)


def _against(x: Any, targets: Any, weights: Any, smoothing: float) -> Tensor:
    """Cross-entropies of scores and probabilities, both with the classes last."""
    if smoothing:
        targets = targets * (1.0 - smoothing) + smoothing / x.shape[-1]
    return softmax_cross_entropy(x, targets if weights is None else targets * weights)


def _over_counted(
    losses: Any, labels: Array, counted: Array | None, weights: Any, reduction: str
) -> Tensor:
    """Leave out samples that do not count; their mean is over the weights of the others."""
    if counted is not None:
        losses = where(counted, losses, 0.0)
    if reduction == "mean" and weights is not None:
        return _weighted_mean(losses, take(weights, labels), counted)
    if reduction == "mean" and counted is not None:
        return divide(sum(losses), float(np.sum(counted)) or math.nan)  # NaN as in PyTorch
    return reduced(losses, reduction)


def _weighted_mean(losses: Any, own: Any, counted: Array | None) -> Tensor:
    total: Any = sum(own if counted is None else where(counted, own, 0.0))
    return divide(sum(losses), where(total == 0, math.nan, total))


def _counts(y: Any, counted: Array | None, classes: int, numbered: bool = True) -> Array:
    """How many labels each class has; of probabilities, how much of them."""
    if numbered:
        return np.bincount(np.ravel(y if counted is None else y[counted]), minlength=classes)
    shares: Array = getattr(y, "_data", y)
    return np.asarray(shares.reshape(-1, classes).sum(axis=0))


def nll_loss(
    log_probabilities: Operand,
    labels: Operand,
    weight: Operand | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    r"""Negative log-likelihood of labels, from logarithms of probabilities.

    .. math:: \ell_n = -w_{y_n} \ln p_{n y_n}

    Parameters
    ----------
    log_probabilities : array_like, shape (samples, classes), (samples, classes, ...) or (classes,)
        What ``log_softmax`` returns. ``cross_entropy`` takes scores and does both.
    labels : array_like of int
        Class numbers: the shape of ``log_probabilities`` without the classes.
    weight : array_like, shape (classes,), or "balanced", optional
        :math:`w`, how much each class counts. ``"balanced"``: ``balanced_weights`` of the labels
        of this call that count.
    ignore_index : int
        Samples with this class number do not count.
    reduction : {"mean", "sum", "none"}
        The mean is weighted, :math:`\sum_n \ell_n / \sum_n w_{y_n}`. Of no sample that counts
        it is NaN.

    Returns
    -------
    Tensor
        Shape (), or for ``"none"`` that of ``labels``.

    Raises
    ------
    ShapeError, ArgumentError, DTypeError
        When labels do not fit, are out of range, or have a fraction.

    Notes
    -----
    Source: Bishop 2006, equation 4.108.

    Examples
    --------
    >>> nll_loss([[-0.5, -1.0], [-2.0, -0.25]], [0, 1])
    array(0.375)
    """
    x = value(log_probabilities)
    y, counted = class_numbers("nll_loss", value(labels), x.shape, ignore_index)
    note_positive_logs("nll_loss", x)
    axis = int(x.ndim > 1)
    places = np.expand_dims(y, axis)
    losses = negative(squeeze(take_along_axis(x, places, axis=axis), axis=axis))
    weights = None
    if weight is not None:
        classes, kind = x.shape[axis], losses.dtype
        weights = class_weights(weight, lambda: _counts(y, counted, classes), classes, kind)
        losses = multiply(losses, take(weights, y))
    return _over_counted(losses, y, counted, weights, reduction)


class CrossEntropyLoss(Reduced):
    r"""Cross-entropy of scores as a module; see ``functional.cross_entropy``.

    .. math:: \ell_n = -\ln \operatorname{softmax}(x_n)_{y_n}

    Parameters
    ----------
    weight : array_like, shape (classes,), or "balanced", optional
        How much each class counts; an array is kept as a buffer.
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
        self._settle(reduction)
        probability("label_smoothing", label_smoothing)
        self.weight = held_weight(weight)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

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


class NLLLoss(Reduced):
    r"""Negative log-likelihood of labels as a module; see ``functional.nll_loss``.

    .. math:: \ell_n = -w_{y_n} \ln p_{n y_n}

    Parameters
    ----------
    weight : array_like, shape (classes,), or "balanced", optional
        How much each class counts; an array is kept as a buffer.
    ignore_index : int
        Samples with this class number do not count.
    reduction : {"mean", "sum", "none"}
        What to do with the losses of the samples.

    Examples
    --------
    >>> NLLLoss()([[-0.5, -1.0]], [1])
    Tensor(1., dtype=float64)
    """

    def __init__(
        self,
        weight: Operand | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
    ) -> None:
        self._settle(reduction)
        self.weight = held_weight(weight)
        self.ignore_index = ignore_index

    def forward(self, log_probabilities: Operand, labels: Operand) -> Tensor:
        """Compare logarithms, shape (samples, classes), with labels, shape (samples,)."""
        return nll_loss(
            log_probabilities,
            labels,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )
