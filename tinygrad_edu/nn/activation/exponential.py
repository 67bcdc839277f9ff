"""Units that end in an exponential on the left."""

from __future__ import annotations

from ...autodiff.tensor import Tensor
from ...ops import celu, elu, selu
from ...types import Operand
from ..module import Module
from ..settings import real

__all__ = ["CELU", "ELU", "SELU"]


class ELU(Module):
    r"""Exponential linear unit.

    .. math:: z = x \text{ if } x > 0, \text{ else } \alpha\,(e^x - 1)

    Parameters
    ----------
    alpha : float
        How far down it goes.

    Notes
    -----
    Source: Clevert, Unterthiner, Hochreiter 2016, section 3.

    Examples
    --------
    >>> ELU()([-1000.0, 0.0, 2.0])
    Tensor([-1.,  0.,  2.], dtype=float64)
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = real("alpha", alpha)
        elu(0.0, alpha)  # says now, rather than at the first call, what is wrong

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return elu(x, self.alpha)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return f"alpha={self.alpha}"


class SELU(Module):
    r"""Exponential linear unit with constants that keep mean 0 and variance 1.

    .. math:: z = \lambda\,(x \text{ if } x > 0, \text{ else } \alpha\,(e^x - 1))

    Notes
    -----
    After layers with ``nn.init.lecun_normal`` weights. Source: Klambauer et al. 2017, equation 2.

    Examples
    --------
    >>> SELU()([-1000.0, 0.0, 1.0])
    Tensor([-1.75809934,  0.        ,  1.05070099], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return selu(x)


class CELU(Module):
    r"""Exponential linear unit whose slope is continuous for every ``alpha``.

    .. math:: z = \max(x, 0) + \min(\alpha\,(e^{x/\alpha} - 1), 0)

    Parameters
    ----------
    alpha : float
        How far down it goes; not 0.

    Notes
    -----
    Source: Barron 2017, equation 2.

    Examples
    --------
    >>> CELU(2.0)([-1000.0, 0.0, 2.0])
    Tensor([-2.,  0.,  2.], dtype=float64)
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = real("alpha", alpha)
        celu(0.0, alpha)  # says now, rather than at the first call, what is wrong

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return celu(x, self.alpha)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return f"alpha={self.alpha}"
