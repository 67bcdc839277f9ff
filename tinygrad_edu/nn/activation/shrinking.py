"""Units that set small numbers to 0."""

from __future__ import annotations

from ...autodiff.tensor import Tensor
from ...ops import abs, clip, greater, subtract, tanh, where
from ...types import Operand
from ..module import Module
from ..settings import real

__all__ = ["Hardshrink", "Softshrink", "Tanhshrink", "hardshrink", "softshrink", "tanhshrink"]


class Softshrink(Module):
    r"""The argument, drawn to 0 by a constant: the step of an L1 penalty.

    .. math:: z = \operatorname{sign}(x) \max(|x| - \lambda, 0)

    Parameters
    ----------
    lambd : float, at least 0
        :math:`\lambda`, half the width of what is set to 0.

    Notes
    -----
    Source: Donoho and Johnstone 1994, equation 6.

    Examples
    --------
    >>> Softshrink()([-2.0, 0.25, 2.0])
    Tensor([-1.5,  0. ,  1.5], dtype=float64)
    """

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = real("lambd", lambd, 0.0)

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return softshrink(x, self.lambd)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return str(self.lambd)


class Hardshrink(Module):
    r"""The argument, or 0 where it is small.

    .. math:: z = x \text{ if } |x| > \lambda, \text{ else } 0

    Parameters
    ----------
    lambd : float, at least 0
        :math:`\lambda`, half the width of what is set to 0.

    Notes
    -----
    Source: Donoho and Johnstone 1994, equation 5.

    Examples
    --------
    >>> Hardshrink()([-2.0, 0.25, 2.0])
    Tensor([-2.,  0.,  2.], dtype=float64)
    """

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = real("lambd", lambd, 0.0)

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return hardshrink(x, self.lambd)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return str(self.lambd)


class Tanhshrink(Module):
    r"""The argument less its hyperbolic tangent.

    .. math:: z = x - \tanh x

    Notes
    -----
    Near 0 the difference has few digits. Source: DLMF 4.28.

    Examples
    --------
    >>> Tanhshrink()([0.0, 1000.0])
    Tensor([  0., 999.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return tanhshrink(x)


def softshrink(x: Operand, lambd: float = 0.5) -> Tensor:
    r"""The argument, drawn to 0 by a constant, element by element.

    .. math:: z = \operatorname{sign}(x) \max(|x| - \lambda, 0)

    Parameters
    ----------
    x : array_like
        Any shape.
    lambd : float, at least 0
        :math:`\lambda`, half the width of what is set to 0.

    Notes
    -----
    At :math:`\pm\lambda` the derivative is 0, that of the middle.
    Source: Donoho and Johnstone 1994, equation 6.

    Examples
    --------
    >>> softshrink([-2.0, 0.25, 2.0])
    array([-1.5,  0. ,  1.5])
    """
    return subtract(x, clip(x, -lambd, lambd))


def hardshrink(x: Operand, lambd: float = 0.5) -> Tensor:
    r"""The argument, or 0 where it is small, element by element.

    .. math:: z = x \text{ if } |x| > \lambda, \text{ else } 0

    Parameters
    ----------
    x : array_like
        Any shape.
    lambd : float, at least 0
        :math:`\lambda`, half the width of what is set to 0.

    Notes
    -----
    At :math:`\pm\lambda` the derivative is 0, that of the middle.
    Source: Donoho and Johnstone 1994, equation 5.

    Examples
    --------
    >>> hardshrink([-2.0, 0.25, 2.0])
    array([-2.,  0.,  2.])
    """
    return where(greater(abs(x), lambd), x, 0)


def tanhshrink(x: Operand) -> Tensor:
    r"""The argument less its hyperbolic tangent, element by element.

    .. math:: z = x - \tanh x

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    Near 0 the difference has few digits. Source: DLMF 4.28.

    Examples
    --------
    >>> tanhshrink([0.0, 1000.0])
    array([  0., 999.])
    """
    return subtract(x, tanh(x))
