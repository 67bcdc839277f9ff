"""Units that let their argument through, more or less."""

from __future__ import annotations

from ... import errors
from ...autodiff.tensor import Tensor
from ...ops import gelu, glu as _glu, mish, silu
from ...types import Operand, Shape
from ..module import Module
from ..path import written_path
from ..settings import whole

__all__ = ["GELU", "GLU", "Mish", "SiLU", "glu"]


class SiLU(Module):
    r"""The argument times its logistic function; also called swish.

    .. math:: z = x\,\sigma(x)

    Notes
    -----
    Source: Elfwing, Uchibe, Doya 2018, equation 3.

    Examples
    --------
    >>> SiLU()([-1000.0, 0.0, 1000.0])
    Tensor([  -0.,    0., 1000.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return silu(x)


class GELU(Module):
    r"""Gaussian error linear unit: the argument times the part of a normal distribution below it.

    .. math:: z = x\,\Phi(x)

    Parameters
    ----------
    approximate : {"none", "tanh"}
        The function itself, or one that is off by 5e-4 at most and several times as fast.

    Raises
    ------
    ArgumentError
        For another approximation.

    Notes
    -----
    Source: Hendrycks and Gimpel 2016, section 2.

    Examples
    --------
    >>> GELU()([-1000.0, 0.0, 1000.0])
    Tensor([  -0.,    0., 1000.], dtype=float64)
    """

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate
        gelu(0.0, approximate)  # says now, rather than at the first call, what is wrong

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return gelu(x, self.approximate)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return f"approximate={self.approximate!r}"


class Mish(Module):
    r"""A smooth unit with a dip left of 0.

    .. math:: z = x \tanh \ln(1 + e^x)

    Notes
    -----
    Source: Misra 2020, equation 1.

    Examples
    --------
    >>> Mish()([0.0, 1000.0])
    Tensor([   0., 1000.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it element by element, any shape."""
        return mish(x)


class GLU(Module):
    r"""Gated linear unit: one half of an axis, let through by the other half.

    .. math:: z = a\,\sigma(b), \qquad x = (a \mid b)

    Parameters
    ----------
    dim : int
        The axis that is halved.

    Raises
    ------
    ShapeError
        When the input has no such axis, or of odd length.

    Notes
    -----
    Source: Dauphin et al. 2017, equation 1.

    Examples
    --------
    >>> GLU()([[1.0, 2.0, 0.0, 1000.0]])
    Tensor([[0.5, 2. ]], dtype=float64)
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = whole("dim", dim)

    def forward(self, x: Operand) -> Tensor:
        """Halve the axis, any shape."""
        if not -x.ndim <= self.dim < x.ndim or x.shape[self.dim] % 2:
            raise self._no_halves(x.shape)
        return glu(x, self.dim)

    def _no_halves(self, shape: Shape) -> Exception:
        even = [k for k, n in enumerate(shape) if n % 2 == 0]
        return errors.ShapeError(
            f"{written_path(self)} = GLU(dim={self.dim}) cannot halve this axis of an input of "
            f"shape {shape}",
            shapes=(shape,),
            op="glu",
            why="one half is gated by the other, so the layer before has twice as many outputs",
            fix=f"nn.GLU(dim={even[-1]})" if even else "tg.concat([x, x], axis=-1)   # for example",
        )

    def extra_repr(self) -> str:
        """Return the axis as PyTorch shows it."""
        return f"dim={self.dim}"


def glu(x: Operand, dim: int = -1) -> Tensor:
    r"""Gated linear unit: one half of an axis, let through by the other half.

    .. math:: z = a\,\sigma(b), \qquad x = (a \mid b)

    Parameters
    ----------
    x : array_like
        With an even length along ``dim``.
    dim : int
        The axis that is halved.

    Notes
    -----
    Source: Dauphin et al. 2017, equation 1.

    Examples
    --------
    >>> glu([[1.0, 2.0, 0.0, 1000.0]])
    array([[0.5, 2. ]])
    """
    return _glu(x, axis=dim)
