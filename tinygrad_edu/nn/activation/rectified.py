"""Rectifiers: units of straight pieces."""

from __future__ import annotations

from ...autodiff.tensor import Tensor
from ...ops import greater, hardsigmoid, hardswish, hardtanh, relu, relu6, where
from ...types import Operand
from ..module import Module
from ..settings import real

__all__ = ["Hardsigmoid", "Hardswish", "Hardtanh", "ReLU", "ReLU6", "Threshold", "threshold"]


class ReLU(Module):
    r"""Rectified linear unit.

    .. math:: z = \max(x, 0)

    Source: Nair and Hinton 2010, section 2.

    Examples
    --------
    >>> ReLU()([-1.0, 2.0])
    Tensor([0., 2.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return relu(x)


class ReLU6(Module):
    r"""Rectified linear unit that stops at 6.

    .. math:: z = \min(\max(x, 0), 6)

    Notes
    -----
    Source: Krizhevsky 2010.

    Examples
    --------
    >>> ReLU6()([-1.0, 2.0, 8.0])
    Tensor([0., 2., 6.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return relu6(x)


class Hardtanh(Module):
    r"""The argument, held between two bounds.

    .. math:: z = \min(\max(x, l), h)

    Parameters
    ----------
    min_val, max_val : float
        The bounds :math:`l < h`.

    Raises
    ------
    ArgumentError
        When ``min_val`` is not below ``max_val``.

    Notes
    -----
    Source: Collobert et al. 2011, section 3.3.1.

    Examples
    --------
    >>> Hardtanh()([-3.0, 0.5, 3.0])
    Tensor([-1. ,  0.5,  1. ], dtype=float64)
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        self.min_val, self.max_val = real("min_val", min_val), real("max_val", max_val)
        hardtanh(0.0, min_val, max_val)  # says now, rather than at the first call, what is wrong

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return hardtanh(x, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return f"min_val={self.min_val}, max_val={self.max_val}"


class Hardsigmoid(Module):
    r"""The logistic function in three straight pieces.

    .. math:: z = \tfrac16 \min(\max(x + 3, 0), 6)

    Notes
    -----
    Source: Howard et al. 2019, section 5.2.

    Examples
    --------
    >>> Hardsigmoid()([-5.0, 0.0, 5.0])
    Tensor([0. , 0.5, 1. ], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return hardsigmoid(x)


class Hardswish(Module):
    r"""``SiLU`` with the logistic function in straight pieces.

    .. math:: z = \tfrac16 x \min(\max(x + 3, 0), 6)

    Notes
    -----
    Source: Howard et al. 2019, section 5.2.

    Examples
    --------
    >>> Hardswish()([-5.0, 0.0, 5.0])
    Tensor([0., 0., 5.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return hardswish(x)


class Threshold(Module):
    r"""The argument above a threshold, and a constant up to it.

    .. math:: z = x \text{ if } x > t, \text{ else } v

    Parameters
    ----------
    threshold, value : float
        :math:`t` and :math:`v`.

    Notes
    -----
    Source: Glorot, Bordes, Bengio 2011, section 3.

    Examples
    --------
    >>> Threshold(1.0, -5.0)([0.5, 1.0, 2.0])
    Tensor([-5., -5.,  2.], dtype=float64)
    """

    def __init__(self, threshold: float, value: float) -> None:
        self.threshold, self.value = real("threshold", threshold), real("value", value)

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return threshold(x, self.threshold, self.value)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return f"threshold={self.threshold}, value={self.value}"


def threshold(x: Operand, threshold: float, value: float) -> Tensor:
    r"""The argument above a threshold, and a constant up to it, element by element.

    .. math:: z = x \text{ if } x > t, \text{ else } v

    Parameters
    ----------
    x : array_like
        Any shape.
    threshold, value : float
        :math:`t` and :math:`v`.

    Notes
    -----
    At the threshold the derivative is 0, that of the constant. Source: Glorot, Bordes, Bengio
    2011, section 3.

    Examples
    --------
    >>> threshold([0.5, 1.0, 2.0], 1.0, -5.0)
    array([-5., -5.,  2.])
    """
    return where(greater(x, threshold), x, value)
