"""Losses between numbers: how far predictions are from targets."""

from __future__ import annotations

from typing import Any

from ...autodiff.tensor import Tensor
from ...ops import abs, divide, less, multiply, sign, square, subtract, where
from ...types import Operand
from ..settings import real
from .reduction import Reduced, above_zero, alike, reduced

__all__ = [
    "HuberLoss", "L1Loss", "MSELoss", "SmoothL1Loss", "huber_loss", "l1_loss", "mse_loss",
    "smooth_l1_loss",
]  # fmt: skip


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
    left, right = alike("mse_loss", prediction, target)
    return reduced(square(subtract(left, right)), reduction)


def l1_loss(prediction: Operand, target: Operand, *, reduction: str = "mean") -> Tensor:
    r"""Mean absolute error.

    .. math:: \ell = \frac1n \sum_i |\hat y_i - y_i|

    Parameters
    ----------
    prediction, target : array_like, any equal shape
        Gradients flow to both.
    reduction : {"mean", "sum", "none"}
        What to do with the distances.

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
    Of an exact prediction the slope is 0, as of ``abs``. The least loss is at the median, that of
    ``mse_loss`` at the mean. Source: Hastie, Tibshirani, Friedman 2009, section 10.6.

    Examples
    --------
    >>> l1_loss([1.0, 3.0], [1.0, 1.0])
    array(1.)
    """
    left, right = alike("l1_loss", prediction, target)
    return reduced(abs(subtract(left, right)), reduction)


def huber_loss(
    prediction: Operand, target: Operand, reduction: str = "mean", delta: float = 1.0
) -> Tensor:
    r"""Squares of small errors, and distances of large ones.

    .. math:: \ell_i = \begin{cases} \frac12 d_i^2 & |d_i| < \delta \\
              \delta\,(|d_i| - \frac12 \delta) & \text{otherwise} \end{cases}
              \qquad d_i = \hat y_i - y_i

    Parameters
    ----------
    prediction, target : array_like, any equal shape
        Gradients flow to both.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.
    delta : float, above 0
        Where squares end; no slope is steeper.

    Returns
    -------
    Tensor
        Shape (), or that of the arguments for ``"none"``.

    Raises
    ------
    ShapeError, ArgumentError
        When the shapes differ, or ``delta`` is not positive.

    Notes
    -----
    An error of just ``delta`` counts as large: the slope is the same from both sides, and the
    curvature 0. Computed as :math:`c\,(d - c/2)` with :math:`c` the error cut at ``delta``, so that
    large errors are not squared. Source: Huber 1964, section 4.

    Examples
    --------
    >>> huber_loss([0.5, 3.0], [0.0, 0.0], reduction="none")
    array([0.125, 2.5  ])
    """
    above_zero("delta", delta)
    left, right = alike("huber_loss", prediction, target)
    distance = subtract(left, right)
    near = _cut(distance, delta)
    return reduced(multiply(near, subtract(distance, multiply(near, 0.5))), reduction)


def smooth_l1_loss(
    prediction: Operand, target: Operand, *, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    r"""Distances, with squares in place of the kink: ``huber_loss`` divided by ``beta``.

    .. math:: \ell_i = \begin{cases} \frac12 d_i^2 / \beta & |d_i| < \beta \\
              |d_i| - \frac12 \beta & \text{otherwise} \end{cases} \qquad d_i = \hat y_i - y_i

    Parameters
    ----------
    prediction, target : array_like, any equal shape
        Gradients flow to both.
    reduction : {"mean", "sum", "none"}
        What to do with the losses.
    beta : float, at least 0
        Where squares end; with 0 it is ``l1_loss``.

    Returns
    -------
    Tensor
        Shape (), or that of the arguments for ``"none"``.

    Raises
    ------
    ShapeError, ArgumentError
        When the shapes differ, or ``beta`` is negative.

    Notes
    -----
    An error of just ``beta`` counts as large. Source: Girshick 2015, equation 3.

    Examples
    --------
    >>> smooth_l1_loss([0.5, 3.0], [0.0, 0.0], reduction="none", beta=2.0)
    array([0.0625, 2.    ])
    """
    real("beta", beta, 0.0, "1.0")
    left, right = alike("smooth_l1_loss", prediction, target)
    distance = subtract(left, right)
    if beta == 0:
        return reduced(abs(distance), reduction)
    near = _cut(distance, beta)
    rest = subtract(distance, multiply(near, 0.5))
    return reduced(multiply(divide(near, beta), rest), reduction)


def _cut(distance: Any, bound: float) -> Any:
    """A distance, or the bound with its sign. ``clip`` would keep the curvature at the bound."""
    return where(less(abs(distance), bound), distance, multiply(sign(distance), bound))


class MSELoss(Reduced):
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
        self._settle(reduction)

    def forward(self, prediction: Operand, target: Operand) -> Tensor:
        """Compare two of any equal shape."""
        return mse_loss(prediction, target, reduction=self.reduction)


class L1Loss(Reduced):
    r"""Mean absolute error as a module; see ``functional.l1_loss``.

    .. math:: \ell = \frac1n \sum_i |\hat y_i - y_i|

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What to do with the distances.

    Examples
    --------
    >>> L1Loss()([1.0, 3.0], [1.0, 1.0])
    Tensor(1., dtype=float64)
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        self._settle(reduction)

    def forward(self, prediction: Operand, target: Operand) -> Tensor:
        """Compare two of any equal shape."""
        return l1_loss(prediction, target, reduction=self.reduction)


class HuberLoss(Reduced):
    r"""Squares of small errors and distances of large ones, as a module.

    See ``functional.huber_loss``.

    .. math:: \ell_i = \begin{cases} \frac12 d_i^2 & |d_i| < \delta \\
              \delta\,(|d_i| - \frac12 \delta) & \text{otherwise} \end{cases}

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What to do with the losses.
    delta : float, above 0
        Where squares end.

    Examples
    --------
    >>> HuberLoss("sum", delta=0.5)([3.0], [0.0])
    Tensor(1.375, dtype=float64)
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        above_zero("delta", delta)
        self._settle(reduction)
        self.delta = delta

    def forward(self, prediction: Operand, target: Operand) -> Tensor:
        """Compare two of any equal shape."""
        return huber_loss(prediction, target, reduction=self.reduction, delta=self.delta)


class SmoothL1Loss(Reduced):
    r"""Distances with squares in place of the kink, as a module; see ``functional.smooth_l1_loss``.

    .. math:: \ell_i = \begin{cases} \frac12 d_i^2 / \beta & |d_i| < \beta \\
              |d_i| - \frac12 \beta & \text{otherwise} \end{cases}

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What to do with the losses.
    beta : float, at least 0
        Where squares end.

    Examples
    --------
    >>> SmoothL1Loss()([3.0], [0.0])
    Tensor(2.5, dtype=float64)
    """

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        real("beta", beta, 0.0, "1.0")
        self._settle(reduction)
        self.beta = beta

    def forward(self, prediction: Operand, target: Operand) -> Tensor:
        """Compare two of any equal shape."""
        return smooth_l1_loss(prediction, target, reduction=self.reduction, beta=self.beta)
