"""Losses of comparisons: which of two is larger, or nearer."""

from __future__ import annotations

from typing import Any

from ...autodiff.tensor import Tensor
from ...ops import add, minimum, multiply, subtract
from ...ops.linalg.norm import vector_norm
from ...types import Operand
from ..settings import real
from . import catalogue
from .labels import sides
from .reduction import Reduced, above_zero, floating, pair, positive_part, reduced, value

__all__ = ["MarginRankingLoss", "TripletMarginLoss", "margin_ranking_loss", "triplet_margin_loss"]


def margin_ranking_loss(
    input1: Operand,
    input2: Operand,
    target: Operand,
    margin: float = 0.0,
    *,
    reduction: str = "mean",
) -> Tensor:
    r"""Hinge loss of two scores of which the target says the larger one.

    .. math:: \ell_i = \max\bigl(0, m - y_i (a_i - b_i)\bigr)

    Parameters
    ----------
    input1, input2 : array_like, any equal shape
        :math:`a` and :math:`b`.
    target : array_like, the same shape
        :math:`y`: 1 where the first should be larger, -1 where the second should.
    margin : float
        :math:`m`, by how much.
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
    At the margin the slope is still that of the losing side, as in PyTorch: equal scores move
    apart. Source: Herbrich, Graepel, Obermayer 2000.

    Examples
    --------
    >>> margin_ranking_loss([3.0, 1.0], [1.0, 2.0], [1, 1], reduction="none")
    array([0., 1.])
    """
    name = "margin_ranking_loss"
    real("margin", margin)
    a, b = pair(name, ("input1", "input2"), input1, input2)
    y = value(target)
    if y.shape != a.shape:
        raise catalogue.shapes_differ(name, a.shape, y.shape)
    apart = multiply(sides(name, y, floating(a)), subtract(a, b))
    return reduced(positive_part(subtract(margin, apart)), reduction)


def triplet_margin_loss(
    anchor: Operand,
    positive: Operand,
    negative: Operand,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Tensor:
    r"""How much a vector is nearer to one of its kind than to another, less than a margin.

    .. math:: \ell_n = \max\bigl(0, d(a_n, p_n) - d(a_n, q_n) + m\bigr), \qquad
              d(x, y) = \Bigl(\sum_k |x_k - y_k + \epsilon|^p\Bigr)^{1/p}

    Parameters
    ----------
    anchor, positive, negative : array_like, equal shapes (..., features)
        Vectors :math:`a`, those of their kind, and others :math:`q`.
    margin : float, above 0
        :math:`m`.
    p : float
        Order of the norm.
    eps : float
        :math:`\epsilon`, which keeps the distance of equal vectors from its kink at 0.
    swap : bool
        Take for :math:`d(a, q)` the smaller of it and :math:`d(p, q)`.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Returns
    -------
    Tensor
        Shape (), or (...) for ``"none"``.

    Raises
    ------
    ShapeError, ArgumentError
        When shapes differ, or the margin is not positive.

    Notes
    -----
    At the margin the slope is still that of a triplet inside it, as in PyTorch. Sources: Schroff,
    Kalenichenko, Philbin 2015, section 3.1; swap: Balntas et al. 2016.

    Examples
    --------
    >>> triplet_margin_loss([[0.0, 0.0]], [[0.0, 3.0]], [[4.0, 0.0]], margin=2.0, eps=0.0)
    array(1.)
    """
    above_zero("margin", margin)
    real("p", p), real("eps", eps)
    name = "triplet_margin_loss"
    a, near = pair(name, ("anchor", "positive"), anchor, positive, vectors=True)
    _, far = pair(name, ("anchor", "negative"), anchor, negative, vectors=True)
    to_far = _distance(a, far, p, eps)
    if swap:
        to_far = minimum(to_far, _distance(near, far, p, eps))
    nearer = subtract(_distance(a, near, p, eps), to_far)
    return reduced(positive_part(add(nearer, margin)), reduction)


def _distance(x: Any, y: Any, p: float, eps: float) -> Any:
    return vector_norm(add(subtract(x, y), eps), axis=-1, ord=p)


class MarginRankingLoss(Reduced):
    r"""Hinge loss of two scores, one of them to be larger; see ``functional.margin_ranking_loss``.

    .. math:: \ell_i = \max\bigl(0, m - y_i (a_i - b_i)\bigr)

    Parameters
    ----------
    margin : float
        By how much one should be larger.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Examples
    --------
    >>> MarginRankingLoss()([1.0], [2.0], [1])
    Tensor(1., dtype=float64)
    """

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        self._settle(reduction)
        self.margin = real("margin", margin)

    def forward(self, input1: Operand, input2: Operand, target: Operand) -> Tensor:
        """Compare two with the sign of their difference, any equal shape."""
        return margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)


class TripletMarginLoss(Reduced):
    r"""Distances to one of a kind and to another, as a module; ``functional.triplet_margin_loss``.

    .. math:: \ell_n = \max\bigl(0, d(a_n, p_n) - d(a_n, q_n) + m\bigr)

    Parameters
    ----------
    margin : float, above 0
        By how much the first should be smaller.
    p : float
        Order of the norm.
    eps : float
        Added to each difference of coordinates.
    swap : bool
        Count the distance between the two others where it is the smaller.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Examples
    --------
    >>> TripletMarginLoss(eps=0.0)([[0.0]], [[3.0]], [[4.0]])
    Tensor(0., dtype=float64)
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        *,
        reduction: str = "mean",
    ) -> None:
        self._settle(reduction)
        above_zero("margin", margin)
        self.margin, self.p, self.eps = margin, real("p", p), real("eps", eps)
        self.swap = bool(swap)

    def forward(self, anchor: Operand, positive: Operand, negative: Operand) -> Tensor:
        """Compare three batches of vectors, equal shapes (..., features)."""
        return triplet_margin_loss(
            anchor,
            positive,
            negative,
            self.margin,
            self.p,
            self.eps,
            self.swap,
            reduction=self.reduction,
        )
