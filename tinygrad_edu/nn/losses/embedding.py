"""Losses of pairs that belong together or do not."""

from __future__ import annotations

from ...autodiff.tensor import Tensor
from ...ops import add, divide, equal, multiply, sqrt, subtract, sum, where
from ...types import Operand
from ..settings import real
from . import catalogue
from .labels import sides
from .reduction import Reduced, alike, floating, pair, positive_part, reduced, value

__all__ = [
    "CosineEmbeddingLoss", "HingeEmbeddingLoss", "cosine_embedding_loss", "hinge_embedding_loss",
]  # fmt: skip


def hinge_embedding_loss(
    distance: Operand, target: Operand, margin: float = 1.0, *, reduction: str = "mean"
) -> Tensor:
    r"""Distances of pairs that belong together, and what others lack to a margin.

    .. math:: \ell_i = \begin{cases} x_i & y_i = 1 \\ \max(0, m - x_i) & y_i = -1 \end{cases}

    Parameters
    ----------
    distance : array_like, any shape
        :math:`x`.
    target : array_like, shape of ``distance``
        :math:`y`: 1 for a pair that belongs together, -1 for one that does not.
    margin : float
        :math:`m`, how far apart others should be.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Returns
    -------
    Tensor
        Shape (), or that of the distances for ``"none"``.

    Raises
    ------
    ShapeError, ArgumentError
        When shapes differ, or a target is neither 1 nor -1.

    Notes
    -----
    At the margin the slope is still -1, as in PyTorch. Source: Hadsell, Chopra, LeCun 2006, section
    2.1, without the squares.

    Examples
    --------
    >>> hinge_embedding_loss([0.2, 0.2], [1, -1], reduction="none")
    array([0.2, 0.8])
    """
    name = "hinge_embedding_loss"
    real("margin", margin)
    x, y = alike(name, distance, target)
    together = equal(sides(name, y, floating(x)), 1)
    return reduced(where(together, x, positive_part(subtract(margin, x))), reduction)


def cosine_embedding_loss(
    input1: Operand,
    input2: Operand,
    target: Operand,
    margin: float = 0.0,
    *,
    reduction: str = "mean",
) -> Tensor:
    r"""Angles of pairs of vectors: small where they belong together, else beyond a margin.

    .. math:: \ell_n = \begin{cases} 1 - \cos(a_n, b_n) & y_n = 1 \\
              \max(0, \cos(a_n, b_n) - m) & y_n = -1 \end{cases} \qquad
              \cos(a, b) = \frac{a \cdot b}{\sqrt{|a|^2 + \epsilon} \sqrt{|b|^2 + \epsilon}}

    Parameters
    ----------
    input1, input2 : array_like, equal shapes (..., features)
        :math:`a` and :math:`b`.
    target : array_like, shape (...)
        :math:`y`: 1 for a pair that belongs together, -1 for one that does not.
    margin : float, -1 to 1
        :math:`m`, the cosine up to which others are far enough apart.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Returns
    -------
    Tensor
        Shape (), or that of the target for ``"none"``.

    Raises
    ------
    ShapeError, ArgumentError
        When shapes do not fit, or a target is neither 1 nor -1.

    Notes
    -----
    :math:`\epsilon = 10^{-12}`, so that the vector 0 has a cosine of 0. At the margin the slope is
    still that beyond it, as in PyTorch. Source: PyTorch, ``cosine_embedding_loss``.

    Examples
    --------
    >>> cosine_embedding_loss([[1.0, 0.0]], [[0.0, 2.0]], [1])
    array(1.)
    """
    name = "cosine_embedding_loss"
    real("margin", margin)
    a, b = pair(name, ("input1", "input2"), input1, input2, vectors=True)
    y = value(target)
    if y.shape != a.shape[:-1]:
        raise catalogue.targets_of_vectors(name, a.shape, y.shape)
    lengths = [sqrt(add(sum(multiply(v, v), axis=-1), 1e-12)) for v in (a, b)]
    cosine = divide(sum(multiply(a, b), axis=-1), multiply(*lengths))
    together = equal(sides(name, y, floating(a)), 1)
    apart = positive_part(subtract(cosine, margin))
    return reduced(where(together, subtract(1.0, cosine), apart), reduction)


class HingeEmbeddingLoss(Reduced):
    r"""Distances of pairs, or their lack to a margin; see ``functional.hinge_embedding_loss``.

    .. math:: \ell_i = \begin{cases} x_i & y_i = 1 \\ \max(0, m - x_i) & y_i = -1 \end{cases}

    Parameters
    ----------
    margin : float
        How far apart others should be.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Examples
    --------
    >>> HingeEmbeddingLoss()([0.25], [-1])
    Tensor(0.75, dtype=float64)
    """

    def __init__(self, margin: float = 1.0, *, reduction: str = "mean") -> None:
        self._settle(reduction)
        self.margin = real("margin", margin)

    def forward(self, distance: Operand, target: Operand) -> Tensor:
        """Compare distances with targets of 1 and -1, any equal shape."""
        return hinge_embedding_loss(distance, target, self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(Reduced):
    r"""Angles of pairs of vectors, as a module; see ``functional.cosine_embedding_loss``.

    .. math:: \ell_n = \begin{cases} 1 - \cos(a_n, b_n) & y_n = 1 \\
              \max(0, \cos(a_n, b_n) - m) & y_n = -1 \end{cases}

    Parameters
    ----------
    margin : float, -1 to 1
        The cosine up to which others are far enough apart.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.

    Examples
    --------
    >>> CosineEmbeddingLoss()([[1.0, 0.0]], [[0.0, 2.0]], [1])
    Tensor(1., dtype=float64)
    """

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        self._settle(reduction)
        self.margin = real("margin", margin)

    def forward(self, input1: Operand, input2: Operand, target: Operand) -> Tensor:
        """Compare vectors, shape (..., features), with targets, shape (...)."""
        return cosine_embedding_loss(input1, input2, target, self.margin, reduction=self.reduction)
