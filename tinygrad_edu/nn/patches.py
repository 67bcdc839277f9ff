"""Windows of images as columns, and back: ``Unfold`` and ``Fold``."""

from __future__ import annotations

from typing import Any

from .. import errors
from ..autodiff.tensor import Tensor
from ..ops import fold, unfold
from ..ops.windows.geometry import per_axis
from ..types import Operand, Shape
from . import catalogue_windows as catalogue
from .module import Module

__all__ = ["Fold", "Unfold"]


class Unfold(Module):
    r"""All windows of images, each as a column.

    .. math:: z_{n,ck,i} = x_{n,c,\,si + dk - p}

    Parameters
    ----------
    kernel_size : int or pair of int
        The window.
    dilation, padding, stride : int or pair of int
        Steps ``d`` inside a window, zeros ``p`` at each end, steps ``s`` between windows.

    Notes
    -----
    Source: Chellapilla, Puri and Simard 2006, section 3.1.

    Examples
    --------
    >>> Unfold(2)([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
    Tensor([[1., 2.],
            [2., 3.],
            [4., 5.],
            [5., 6.]], dtype=float64)
    """

    def __init__(
        self,
        kernel_size: int | Shape,
        dilation: int | Shape = 1,
        padding: int | Shape = 0,
        stride: int | Shape = 1,
    ) -> None:
        _check("Unfold", kernel_size, dilation, padding, stride)
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, x: Operand) -> Tensor:
        """Map shape (batch, channels, height, width) to (batch, channels * places, windows)."""
        try:
            return unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)
        except errors.ShapeError as error:
            raise catalogue.located(self, error) from None

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        names = ("kernel_size", "dilation", "padding", "stride")
        return ", ".join([f"{name}={getattr(self, name)}" for name in names])


class Fold(Module):
    r"""Images out of columns, one a window, summed where windows overlap.

    .. math:: z_{ncj} = \sum_{si + dk - p = j} x_{n,ck,i}

    Parameters
    ----------
    output_size : int or pair of int
        Height and width of the images.
    kernel_size, dilation, padding, stride : int or pair of int
        As for ``Unfold``.

    Raises
    ------
    ShapeError
        When there are not as many windows on such an image.

    Notes
    -----
    The transpose of ``Unfold``, not its inverse. Source: Chellapilla, Puri and Simard 2006,
    section 3.1.

    Examples
    --------
    >>> Fold((2, 3), 2)([[1.0, 1.0]] * 4)
    Tensor([[[1., 2., 1.],
             [1., 2., 1.]]], dtype=float64)
    """

    def __init__(
        self,
        output_size: int | Shape,
        kernel_size: int | Shape,
        dilation: int | Shape = 1,
        padding: int | Shape = 0,
        stride: int | Shape = 1,
    ) -> None:
        per_axis("Fold", "output_size", output_size, 2, 1)
        _check("Fold", kernel_size, dilation, padding, stride)
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, x: Operand) -> Tensor:
        """Map shape (batch, channels * places, windows) to (batch, channels, *output_size)."""
        settings = self.kernel_size, self.dilation, self.padding, self.stride
        try:
            return fold(x, self.output_size, *settings)
        except errors.ShapeError as error:
            raise catalogue.located(self, error) from None

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        names = ("output_size", "kernel_size", "dilation", "padding", "stride")
        return ", ".join([f"{name}={getattr(self, name)}" for name in names])


def _check(name: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> None:
    least = {"kernel_size": 1, "dilation": 1, "padding": 0, "stride": 1}
    given = (kernel_size, dilation, padding, stride)
    for (setting, low), value in zip(least.items(), given, strict=True):
        per_axis(name, setting, value, 2, low)
