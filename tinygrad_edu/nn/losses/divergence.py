"""The loss between two distributions."""

from __future__ import annotations

import math
from typing import Any

from ...autodiff.tensor import Tensor
from ...ops import divide, equal, exp, log, multiply, subtract, sum, where
from ...types import Array, Operand
from . import catalogue
from .labels import note_no_logs
from .reduction import Reduced, alike, check_reduction, reduced

__all__ = ["KLDivLoss", "kl_div"]


def kl_div(
    log_probabilities: Operand,
    target: Operand,
    *,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    r"""Kullback-Leibler divergence of a prediction from a target, term by term.

    .. math:: \ell_i = t_i (\ln t_i - x_i)

    Parameters
    ----------
    log_probabilities : array_like, any shape
        :math:`x`: logarithms of predicted probabilities, as ``log_softmax`` returns them.
    target : array_like, shape of ``log_probabilities``, at least 0
        :math:`t`: probabilities; with ``log_target`` their logarithms.
    reduction : {"mean", "sum", "none", "batchmean"}
        ``"batchmean"`` divides the sum by the length of the first axis, and is the divergence of
        distributions in rows; ``"mean"``, the default as in PyTorch, divides by all terms.
    log_target : bool
        The target is given by its logarithms.

    Returns
    -------
    Tensor
        Shape (), or that of the arguments for ``"none"``.

    Raises
    ------
    ShapeError, ArgumentError
        When the shapes differ, or a probability is negative.

    Notes
    -----
    Where the target is 0, the term and its derivatives are 0, whatever the prediction. Source:
    Kullback and Leibler 1951, section 2.

    Examples
    --------
    >>> kl_div([[-0.25, -1.5]], [[1.0, 0.0]], reduction="batchmean")
    array(0.25)
    """
    check_reduction(reduction, "batchmean")
    x, t = alike("kl_div", log_probabilities, target)
    note_no_logs("kl_div", x)
    if log_target:
        never = equal(t, -math.inf)
        logs, weights = where(never, 0.0, t), exp(t)
    else:
        array: Array = getattr(t, "_data", t)
        if array.size and array.min() < 0:
            raise catalogue.negative_target("kl_div", array)
        never = equal(t, 0)
        logs, weights = log(where(never, 1.0, t)), t
    terms = multiply(weights, subtract(logs, where(never, 0.0, x)))
    if reduction == "batchmean":
        return divide(sum(terms), _rows(x))
    return reduced(terms, reduction)


def _rows(x: Any) -> int:
    return len(x) if x.ndim else 1


class KLDivLoss(Reduced):
    r"""Kullback-Leibler divergence as a module; see ``functional.kl_div``.

    .. math:: \ell_i = t_i (\ln t_i - x_i)

    Parameters
    ----------
    reduction : {"mean", "sum", "none", "batchmean"}
        What to do with the terms; ``"batchmean"`` is the divergence of distributions in rows.
    log_target : bool
        The target is given by its logarithms.

    Examples
    --------
    >>> KLDivLoss(reduction="sum")([-0.25, -1.5], [1.0, 0.0])
    Tensor(0.25, dtype=float64)
    """

    def __init__(self, *, reduction: str = "mean", log_target: bool = False) -> None:
        self._settle(reduction, "batchmean")
        self.log_target = log_target

    def forward(self, log_probabilities: Operand, target: Operand) -> Tensor:
        """Compare logarithms of probabilities with probabilities, any equal shape."""
        return kl_div(
            log_probabilities, target, reduction=self.reduction, log_target=self.log_target
        )
