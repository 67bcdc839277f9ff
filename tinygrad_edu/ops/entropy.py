"""Cross-entropies of scores, each one row."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Operand
from .exponential import exp
from .probability import _log_softmax, log_softmax
from .reduction import sum

__all__ = ["softmax_cross_entropy"]


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
