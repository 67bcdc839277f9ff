"""Cross-entropies of scores, each one row that computes on the scores what it can exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..arrays import floats
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Operand
from .arithmetic import add, multiply, negative, subtract
from .exponential import exp
from .indexing import scatter_add
from .probability import log_softmax
from .reduction import sum
from .smooth import both_ways, sigmoid, softplus

__all__ = ["softmax_cross_entropy", "bce_with_logits"]


def _explain(scores: Array, targets: Array) -> Exception | None:
    if scores.ndim and targets.shape == scores.shape[:-1] and targets.dtype.kind in "iu":
        wrong = targets[(targets < 0) | (targets >= scores.shape[-1])]
        return errors.ArgumentError(
            f"class number {wrong.flat[0]}, and there are {scores.shape[-1]} classes",
            op="softmax_cross_entropy",
            why="classes are counted from 0",
            fix="np.unique(labels, return_inverse=True)[1]   # 0, 1, ... for any labels",
        )
    return errors.ShapeError(
        f"scores have shape {scores.shape}, target probabilities {targets.shape}",
        code="TG-S03",
        shapes=(scores.shape, targets.shape),
        op="softmax_cross_entropy",
        why="each score needs the probability of its own class; they do not broadcast",
        fix="np.eye(classes)[labels]   # probabilities from class numbers",
    )


def _places(labels: Array, classes: int) -> tuple[Array, Array]:
    """Where the score of each sample's own class stands, with all samples in one axis."""
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError("class number")
    return np.arange(labels.size), labels.ravel()


def _cross_entropy(scores: Array, targets: Array) -> tuple[Array, Any]:
    scores, targets = floats(scores), np.asarray(targets)
    if not scores.ndim:
        raise ValueError("scores")
    shape, classes = scores.shape[:-1], scores.shape[-1]
    shifted = scores - np.maximum.reduce(scores, axis=-1, keepdims=True)
    if targets.shape == shape and targets.dtype.kind in "iu":
        places = _places(targets, classes)
        own = shifted.reshape(-1, classes)[places].reshape(shape)
        powers = np.exp(shifted, shifted)
        total = powers @ np.ones(classes, powers.dtype)
        return np.log(total) - own, (powers, 1.0 / total)
    if targets.shape != scores.shape:
        raise ValueError("targets")
    powers = np.exp(shifted)
    total = powers @ np.ones(classes, powers.dtype)
    logs = np.subtract(shifted, np.log(total)[..., None], shifted)
    # A class of probability 0 costs nothing, even with a score of minus infinity.
    known = logs if np.isfinite(logs).all() else np.where(targets == 0, 0.0, logs)
    return -np.vecdot(targets, known), (powers, np.sum(targets, axis=-1) / total)


def _cross_entropy_rule(
    g: Any, out: Any, scores: Any, targets: Any, saved: Any, needs: Any
) -> tuple[Any, Any]:
    whole = targets.ndim < scores.ndim  # class numbers
    if saved is None:
        powers, share = exp(log_softmax(scores)), 1.0 if whole else sum(targets, axis=-1)
    else:
        powers, share = saved
    column = (*g.shape, 1)
    if not needs[0]:
        return None, -g.reshape(column) * log_softmax(scores)
    found = powers * (g * share).reshape(column)
    if whole:
        found = _less_own(found, g, getattr(targets, "_data", targets))
    else:
        found -= targets * g.reshape(column)
    return found, -g.reshape(column) * log_softmax(scores) if needs[1] else None


def _less_own(found: Any, g: Any, labels: Array) -> Any:
    """Take each sample's cotangent off at the place of its own class."""
    classes = found.shape[-1]
    places = np.arange(labels.size), labels.ravel()
    if isinstance(found, np.ndarray):
        found.reshape(labels.size, classes)[places] -= g.ravel()
        return found
    own = scatter_add(g.reshape(labels.size), (labels.size, classes), places)
    return found - own.reshape(found.shape)


def _scores(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    leading, classes = [((), 4), ((1,), 3), ((3,), 4), ((2, 2), 3), ((2,), 1)][int(rng.integers(5))]
    scores = rng.normal(size=(*leading, classes))
    if rng.integers(3) == 0:
        return (scores, np.asarray(rng.integers(classes, size=leading))), {}
    # Rows that do not sum to one, so that a rule which takes that for granted is found out.
    return (scores, rng.dirichlet(np.ones(classes), leading) * rng.uniform(0.5, 2.0)), {}


@operation(_cross_entropy, rule=_cross_entropy_rule, saves=True, samples=_scores, explain=_explain)
def softmax_cross_entropy(scores: Operand, targets: Operand, /) -> Tensor:
    r"""Cross-entropy between targets and the softmax of scores, one per row.

    .. math:: z = -\sum_k t_k \ln \operatorname{softmax}(x)_k, \qquad
              \bar x_k = \bar z\,\bigl(\operatorname{softmax}(x)_k \textstyle\sum_j t_j - t_k\bigr),
              \quad \bar t_k = -\bar z \ln \operatorname{softmax}(x)_k

    Parameters
    ----------
    scores : array_like, shape (..., classes)
        Logits.
    targets : array_like, shape (..., classes) or (...)
        Probabilities or one-hot rows :math:`t`; or whole numbers, the class of each row.

    Returns
    -------
    Tensor
        Shape (...).

    Raises
    ------
    ShapeError, ArgumentError
        When the shapes do not fit, or there is no such class.

    Notes
    -----
    A primitive for stability and speed: the gradient is a difference of probabilities, with no
    division by a small one, and of class numbers no one-hot rows are made. Source: Bishop 2006,
    equation 4.109.

    Examples
    --------
    >>> softmax_cross_entropy([[0.0, 0.0]], [[1.0, 0.0]]).round(3)
    array([0.693])
    >>> softmax_cross_entropy([[0.0, 0.0]], [0]).round(3)
    array([0.693])
    """


def _explain_bce(logits: Array, targets: Array) -> Exception | None:
    if logits.shape == targets.shape:
        return None
    return errors.ShapeError(
        f"logits have shape {logits.shape}, targets {targets.shape}",
        code="TG-S03",
        shapes=(logits.shape, targets.shape),
        op="bce_with_logits",
        why="each logit has its own target; they do not broadcast",
        fix=f"targets.reshape({logits.shape})"
        if logits.size == targets.size
        else f"targets of shape {logits.shape}",
    )


def _bce(logits: Array, targets: Array) -> tuple[Array, Array]:
    logits, targets = floats(logits), floats(targets)
    if logits.shape != targets.shape:
        raise ValueError("targets")
    small = np.exp(-np.abs(logits))
    above = np.maximum(logits, np.zeros((), logits.dtype)) - logits * targets
    return above + np.log1p(small), small


def _bce_rule(g: Any, out: Any, logits: Any, targets: Any, saved: Any, needs: Any) -> Any:
    if not needs[0]:
        return None, -g * logits
    # Not the logistic function less the target, which cancels where both are near 1.
    sides = (sigmoid(logits), sigmoid(-logits)) if saved is None else both_ways(logits, saved)
    found = (1.0 - targets) * sides[0]
    found -= targets * sides[1]
    found *= g
    return found, -g * logits if needs[1] else None


def _bce_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape = [(), (1,), (4,), (2, 3)][int(rng.integers(4))]
    return (rng.normal(size=shape) * 2, np.asarray(rng.random(shape))), {}


@operation(_bce, rule=_bce_rule, saves=True, samples=_bce_samples, explain=_explain_bce)
def _bce_with_logits(logits: Operand, targets: Operand, /) -> Tensor:
    r"""Binary cross-entropy of logits, without weights.

    .. math:: z = \max(x, 0) - x t + \ln(1 + e^{-|x|}), \qquad
              \bar x = \bar z\,(\sigma(x) - t), \quad \bar t = -\bar z x

    Examples
    --------
    >>> _bce_with_logits([0.0], [1.0]).round(3)
    array([0.693])
    """


def bce_with_logits(
    logits: Operand,
    targets: Operand,
    /,
    *,
    weight: Operand | None = None,
    pos_weight: Operand | None = None,
) -> Tensor:
    r"""Cross-entropy between probabilities and the logistic function of logits, each on its own.

    .. math:: z = -w\,\bigl(p\,t \ln \sigma(x) + (1 - t) \ln(1 - \sigma(x))\bigr), \qquad
              \bar x = \bar z\,w\,\bigl((1 - t)\,\sigma(x) - p\,t\,\sigma(-x)\bigr)

    Parameters
    ----------
    logits : array_like
        Any shape.
    targets : array_like, shape of ``logits``
        :math:`t`, the probability of yes; 0 or 1 for labels.
    weight : array_like, optional
        :math:`w`, how much each loss counts; broadcasts.
    pos_weight : array_like, optional
        :math:`p`, how much a yes counts; broadcasts, so that the last axis may hold classes.

    Returns
    -------
    Tensor
        Shape of ``logits``: the losses, neither added nor averaged.

    Raises
    ------
    ShapeError
        When the shapes differ: targets do not broadcast.

    Notes
    -----
    A primitive for stability and speed, computed as :math:`\max(x, 0) - x t + \ln(1 + e^{-|x|})`:
    no logarithm of 0, and a confident right answer keeps the digits of its small gradient. With
    ``pos_weight`` composed of ``softplus``, as exact. Source: Bishop 2006, equation 4.90.

    Examples
    --------
    >>> bce_with_logits([0.0, 50.0, -50.0], [1.0, 1.0, 1.0]).round(3)
    array([ 0.693,  0.   , 50.   ])
    """
    losses = _bce_with_logits(logits, targets)
    if pos_weight is not None:
        yes = multiply(multiply(targets, pos_weight), softplus(negative(logits), threshold=np.inf))
        no = multiply(subtract(1.0, targets), softplus(logits, threshold=np.inf))
        losses = add(yes, no)
    return losses if weight is None else multiply(losses, weight)
