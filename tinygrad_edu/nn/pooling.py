"""Pooling layers: what stands for each neighbourhood of signals and images. They hold nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import errors
from ..autodiff.tensor import Tensor
from ..ops import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from ..ops.windows.geometry import per_axis, pool_windows
from ..types import Operand, Shape
from . import catalogue_windows as catalogue
from .module import Module

__all__ = ["AvgPool1d", "AvgPool2d", "MaxPool1d", "MaxPool2d"]


def _pooled(layer: Module, x: Operand, pool: Callable[..., Tensor], *settings: Any) -> Tensor:
    """Apply an operation whose refusal names the layer."""
    try:
        return pool(x, *settings)
    except errors.ShapeError as error:
        raise catalogue.window_does_not_fit(layer, x.shape, error) from None


class _MaxPool(Module):
    """What the layers of largest numbers have in common."""

    axes: int

    def __init__(
        self,
        kernel_size: int | Shape,
        stride: int | Shape | None = None,
        padding: int | Shape = 0,
        dilation: int | Shape = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        if return_indices:
            raise errors.ArgumentError(
                f"{type(self).__name__} does not return indices",
                why="its gradient remembers by itself which numbers were the largest",
                fix="return_indices=False   # tg.unfold(x, ...).argmax(axis) tells the places",
            )
        _check_windows(type(self).__name__, self.axes, kernel_size, stride, padding, dilation)
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = False
        self.ceil_mode = bool(ceil_mode)

    def forward(self, x: Operand) -> Tensor:
        """Map shape (batch, channels, ...) to (batch, channels, ...), or without the batch."""
        pool = max_pool1d if self.axes == 1 else max_pool2d
        settings = self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode
        return _pooled(self, x, pool, *settings)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        return ", ".join([f"{name}={getattr(self, name)}" for name in names])


class MaxPool1d(_MaxPool):
    r"""Largest number of each window of signals.

    .. math:: z_{nci} = \max_k x_{n,c,\,si + dk - p}

    Parameters
    ----------
    kernel_size : int
        Length of a window.
    stride : int, optional
        Steps ``s`` between windows; by default they touch.
    padding, dilation : int
        Places ``p`` at both ends that are never the largest, half a window at most; steps ``d``
        inside a window.
    return_indices : False
        There is nothing else.
    ceil_mode : bool
        Also a last window of which a part is outside.

    Raises
    ------
    ShapeError
        When called with signals shorter than a window.

    Notes
    -----
    Of equal numbers the first gets the whole gradient. Source: Dumoulin and Visin 2016, chapter 3.

    Examples
    --------
    >>> MaxPool1d(2)([[[1.0, 3.0, 2.0, 5.0]]])
    Tensor([[[3., 5.]]], dtype=float64)
    """

    axes = 1


class MaxPool2d(_MaxPool):
    r"""Largest number of each window of images.

    .. math:: z_{ncij} = \max_{kl} x_{n,c,\,si + dk - p,\,sj + dl - p}

    Parameters
    ----------
    kernel_size : int or pair of int
        Height and width of a window.
    stride : int or pair of int, optional
        Steps ``s`` between windows; by default they touch.
    padding, dilation : int or pair of int
        Places ``p`` at each end that are never the largest, half a window at most; steps ``d``
        inside a window.
    return_indices : False
        There is nothing else.
    ceil_mode : bool
        Also last windows of which a part is outside.

    Raises
    ------
    ShapeError
        When called with images smaller than a window.

    Notes
    -----
    Of equal numbers the first, row by row, gets the whole gradient.
    Source: Dumoulin and Visin 2016, chapter 3.

    Examples
    --------
    >>> MaxPool2d(2)([[[[1.0, 3.0], [2.0, 5.0]]]])
    Tensor([[[[5.]]]], dtype=float64)
    """

    axes = 2


class AvgPool1d(Module):
    r"""Mean of each window of signals.

    .. math:: z_{nci} = \frac{1}{m_i} \sum_k x_{n,c,\,si + k - p}

    Parameters
    ----------
    kernel_size : int
        Length of a window.
    stride : int, optional
        Steps ``s`` between windows; by default they touch.
    padding : int
        Zeros ``p`` at both ends, half a window at most.
    ceil_mode : bool
        Also a last window of which a part is outside.
    count_include_pad : bool
        Whether the numbers ``m`` of a window count zeros of the padding.

    Raises
    ------
    ShapeError
        When called with signals shorter than a window.

    Notes
    -----
    Source: Dumoulin and Visin 2016, chapter 3.

    Examples
    --------
    >>> AvgPool1d(2)([[[1.0, 3.0, 2.0, 5.0]]])
    Tensor([[[2. , 3.5]]], dtype=float64)
    """

    axes = 1

    def __init__(
        self,
        kernel_size: int | Shape,
        stride: int | Shape | None = None,
        padding: int | Shape = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        _check_windows("AvgPool1d", 1, kernel_size, stride, padding, 1)
        self.kernel_size = per_axis("AvgPool1d", "kernel_size", kernel_size, 1, 1)
        stride = self.kernel_size if stride is None else stride
        self.stride = per_axis("AvgPool1d", "stride", stride, 1, 1)
        self.padding = per_axis("AvgPool1d", "padding", padding, 1, 0)
        self.ceil_mode = bool(ceil_mode)
        self.count_include_pad = bool(count_include_pad)

    def forward(self, x: Operand) -> Tensor:
        """Map shape (batch, channels, length) to (batch, channels, count), or without the batch."""
        settings = self.kernel_size, self.stride, self.padding
        return _pooled(self, x, avg_pool1d, *settings, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(Module):
    r"""Mean of each window of images.

    .. math:: z_{ncij} = \frac{1}{m_{ij}} \sum_{kl} x_{n,c,\,si + k - p,\,sj + l - p}

    Parameters
    ----------
    kernel_size : int or pair of int
        Height and width of a window.
    stride : int or pair of int, optional
        Steps ``s`` between windows; by default they touch.
    padding : int or pair of int
        Zeros ``p`` at each end, half a window at most.
    ceil_mode : bool
        Also last windows of which a part is outside.
    count_include_pad : bool
        Whether the numbers ``m`` of a window count zeros of the padding.
    divisor_override : int, optional
        What every window's sum is divided by in place of ``m``.

    Raises
    ------
    ShapeError
        When called with images smaller than a window.

    Notes
    -----
    Source: LeCun et al. 1998, section II.B; Dumoulin and Visin 2016, chapter 3.

    Examples
    --------
    >>> AvgPool2d(2)([[[[1.0, 3.0], [2.0, 6.0]]]])
    Tensor([[[[3.]]]], dtype=float64)
    """

    axes = 2

    def __init__(
        self,
        kernel_size: int | Shape,
        stride: int | Shape | None = None,
        padding: int | Shape = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        _check_windows("AvgPool2d", 2, kernel_size, stride, padding, 1)
        if divisor_override is not None:
            per_axis("AvgPool2d", "divisor_override", divisor_override, 1, 1)
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = bool(ceil_mode)
        self.count_include_pad = bool(count_include_pad)
        self.divisor_override = divisor_override

    def forward(self, x: Operand) -> Tensor:
        """Map shape (batch, channels, height, width) to a smaller one, or without the batch."""
        settings = self.kernel_size, self.stride, self.padding, self.ceil_mode
        counted = self.count_include_pad, self.divisor_override
        return _pooled(self, x, avg_pool2d, *settings, *counted)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


def _check_windows(
    name: str, axes: int, kernel_size: Any, stride: Any, padding: Any, dilation: Any
) -> None:
    """Say now, not at the first call, what is wrong: place windows on a size that fits."""
    kernel = per_axis(name, "kernel_size", kernel_size, axes, 1)
    steps = per_axis(name, "dilation", dilation, axes, 1)
    size = tuple([d * (k - 1) + 1 for d, k in zip(steps, kernel, strict=True)])
    pool_windows(name.removesuffix(f"{axes}d"), size, kernel, stride, padding, steps, False)
