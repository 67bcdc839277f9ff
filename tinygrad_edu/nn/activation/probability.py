"""Scores as probabilities: the softmax layers."""

from __future__ import annotations

from ... import errors
from ...autodiff.tensor import Tensor
from ...ops import log_softmax, negative, softmax
from ...types import Operand
from ..module import Module
from ..path import written_path
from ..settings import whole

__all__ = ["LogSoftmax", "Softmax", "Softmax2d", "Softmin", "softmin"]


class _OverClasses(Module):
    """What the softmax layers share: the axis of the classes."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = whole("dim", dim)

    def extra_repr(self) -> str:
        """Return the axis as PyTorch shows it."""
        return f"dim={self.dim}"


class Softmax(_OverClasses):
    r"""Positive numbers that sum to one along an axis.

    .. math:: z_i = e^{x_i} / \textstyle\sum_j e^{x_j}

    Parameters
    ----------
    dim : int
        The axis of the classes.

    Notes
    -----
    Not in front of ``CrossEntropyLoss``, which takes scores. Source: Bridle 1990, equation 3.

    Examples
    --------
    >>> Softmax(0)([1.0, 1.0])
    Tensor([0.5, 0.5], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it along the axis, any shape."""
        return softmax(x, axis=self.dim)


class LogSoftmax(_OverClasses):
    r"""Logarithm of the softmax along an axis, without under- or overflow.

    .. math:: z_i = x_i - \ln \textstyle\sum_j e^{x_j}

    Parameters
    ----------
    dim : int
        The axis of the classes.

    Notes
    -----
    Source: Goodfellow, Bengio, Courville 2016, section 6.2.2.3.

    Examples
    --------
    >>> LogSoftmax(0)([1000.0, 0.0])
    Tensor([    0., -1000.], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it along the axis, any shape."""
        return log_softmax(x, axis=self.dim)


class Softmin(_OverClasses):
    r"""The softmax of the scores with the other sign: the smallest has the largest share.

    .. math:: z_i = e^{-x_i} / \textstyle\sum_j e^{-x_j}

    Parameters
    ----------
    dim : int
        The axis of the classes.

    Notes
    -----
    Source: Goodfellow, Bengio, Courville 2016, section 6.2.2.3, of energies.

    Examples
    --------
    >>> Softmin(0)([1.0, 1.0])
    Tensor([0.5, 0.5], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Apply it along the axis, any shape."""
        return softmin(x, self.dim)


class Softmax2d(Module):
    r"""The softmax over the channels, at every place of images.

    .. math:: z_{nchw} = e^{x_{nchw}} / \textstyle\sum_k e^{x_{nkhw}}

    Raises
    ------
    ShapeError
        For an input of another shape than (batch, channels, height, width), or without the batch.

    Notes
    -----
    Source: Bridle 1990, equation 3.

    Examples
    --------
    >>> Softmax2d()([[[0.0]], [[0.0]]])[0]
    Tensor([[0.5]], dtype=float64)
    """

    def forward(self, x: Operand) -> Tensor:
        """Map shape (batch, channels, height, width) or (channels, height, width) to the same."""
        if x.ndim not in (3, 4):
            raise errors.ShapeError(
                f"{written_path(self)} = Softmax2d() got an input of shape {x.shape}, "
                "expected (batch, channels, height, width), or without the batch",
                shapes=(x.shape,),
                why="the axis before the last two holds the classes",
                fix="nn.Softmax(dim=-1)   # over the last axis",
            )
        return softmax(x, axis=-3)


def softmin(x: Operand, dim: int = -1) -> Tensor:
    r"""The softmax of the scores with the other sign.

    .. math:: z_i = e^{-x_i} / \textstyle\sum_j e^{-x_j}

    Parameters
    ----------
    x : array_like, any shape
        Scores.
    dim : int
        The axis of the classes.

    Notes
    -----
    Source: Goodfellow, Bengio, Courville 2016, section 6.2.2.3.

    Examples
    --------
    >>> softmin([1.0, 1.0], dim=0)
    array([0.5, 0.5])
    """
    return softmax(negative(x), axis=dim)
