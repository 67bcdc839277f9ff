"""Units without a corner."""

from __future__ import annotations

from ...autodiff.tensor import Tensor
from ...ops import log_sigmoid, sigmoid, softplus, softsign, tanh
from ...types import Operand
from ..module import Module
from ..settings import real

__all__ = ["LogSigmoid", "Sigmoid", "Softplus", "Softsign", "Tanh"]


class Tanh(Module):
    r"""Hyperbolic tangent, values in (-1, 1).

    .. math:: z = \tanh x

    Source: DLMF 4.28.

    Examples
    --------
    >>> Tanh()([0.0])
    Tensor([0.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return tanh(x)


class Sigmoid(Module):
    r"""Logistic function, values in (0, 1).

    .. math:: z = 1 / (1 + e^{-x})

    Source: Goodfellow, Bengio, Courville 2016, equation 3.30.

    Examples
    --------
    >>> Sigmoid()([0.0])
    Tensor([0.5], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return sigmoid(x)


class LogSigmoid(Module):
    r"""Logarithm of the logistic function.

    .. math:: z = -\ln(1 + e^{-x})

    Notes
    -----
    Neither overflows on the left nor loses digits on the right.
    Source: Goodfellow, Bengio, Courville 2016, section 3.10.

    Examples
    --------
    >>> LogSigmoid()([-1000.0, 1000.0])
    Tensor([-1000.,    -0.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return log_sigmoid(x)


class Softplus(Module):
    r"""A smooth ``ReLU``.

    .. math:: z = \tfrac1\beta \ln(1 + e^{\beta x})

    Parameters
    ----------
    beta : float
        Above 0; how sharply it bends.
    threshold : float
        Where ``beta * x`` is above it, the result is ``x``; ``math.inf`` keeps the curve.

    Raises
    ------
    ArgumentError
        When ``beta`` is not above 0.

    Notes
    -----
    Source: Dugas et al. 2001, section 3.

    Examples
    --------
    >>> Softplus()([-1000.0, 1000.0])
    Tensor([   0., 1000.], dtype=float64)
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = real("beta", beta), real("threshold", threshold)
        softplus(0.0, beta, threshold)  # says now, rather than at the first call, what is wrong

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return softplus(x, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Softsign(Module):
    r"""The argument over one plus its absolute value, values in (-1, 1).

    .. math:: z = x / (1 + |x|)

    Notes
    -----
    Source: Bergstra et al. 2009, section 2.

    Examples
    --------
    >>> Softsign()([-1.0, 0.0, 3.0])
    Tensor([-0.5 ,  0.  ,  0.75], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return softsign(x)
