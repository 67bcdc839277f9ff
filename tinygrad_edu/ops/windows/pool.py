"""Pooling: what stands for a neighbourhood, in one and two dimensions."""

from __future__ import annotations

from typing import Any

from ...autodiff.tensor import Tensor
from ...types import Operand, Shape
from .average import average
from .geometry import per_axis, shape_of, sizes_of
from .largest import largest

__all__ = ["avg_pool1d", "avg_pool2d", "max_pool1d", "max_pool2d"]


def max_pool1d(
    x: Operand,
    kernel_size: int | Shape,
    stride: int | Shape | None = None,
    padding: int | Shape = 0,
    dilation: int | Shape = 1,
    ceil_mode: bool = False,
) -> Tensor:
    r"""Largest number of each window of signals.

    .. math:: z_{nci} = \max_k x_{n,c,\,si + dk - p}, \qquad
              \bar x_{ncj} = \sum_i \bar z_{nci}\,[j = j_{\max}(i)]

    Parameters
    ----------
    x : array_like, shape (batch, channels, length) or (channels, length)
        Signals.
    kernel_size : int
        Length of a window.
    stride : int, optional
        Steps ``s`` between windows; by default they touch.
    padding, dilation : int
        Places ``p`` at both ends that are never the largest; steps ``d`` inside a window.
    ceil_mode : bool
        Also a last window of which a part is outside.

    Returns
    -------
    Tensor
        Shape (batch, channels, count).

    Raises
    ------
    ShapeError
        When no window fits.

    Notes
    -----
    Of equal numbers the first gets the whole gradient. Source: Dumoulin and Visin 2016, chapter 3.

    Examples
    --------
    >>> max_pool1d([[1.0, 3.0, 2.0, 5.0]], 2)
    array([[3., 5.]])
    """
    kernel = _kernel("max_pool1d", x, kernel_size, 1)
    return largest(
        x,
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
    )


def max_pool2d(
    x: Operand,
    kernel_size: int | Shape,
    stride: int | Shape | None = None,
    padding: int | Shape = 0,
    dilation: int | Shape = 1,
    ceil_mode: bool = False,
) -> Tensor:
    r"""Largest number of each window of images.

    .. math:: z_{ncij} = \max_{kl} x_{n,c,\,si + dk - p,\,sj + dl - p}, \qquad
              \bar x_{nchv} = \sum_{ij} \bar z_{ncij}\,[(h, v) = \text{place}_{\max}(i, j)]

    Parameters
    ----------
    x : array_like, shape (batch, channels, height, width) or (channels, height, width)
        Images.
    kernel_size : int or pair of int
        Height and width of a window.
    stride : int or pair of int, optional
        Steps ``s`` between windows; by default they touch.
    padding, dilation : int or pair of int
        Places ``p`` at each end that are never the largest; steps ``d`` inside a window.
    ceil_mode : bool
        Also last windows of which a part is outside.

    Returns
    -------
    Tensor
        Shape (batch, channels, rows, columns).

    Raises
    ------
    ShapeError
        When no window fits.

    Notes
    -----
    Of equal numbers the first, row by row, gets the whole gradient.
    Source: Dumoulin and Visin 2016, chapter 3.

    Examples
    --------
    >>> max_pool2d([[[1.0, 3.0], [2.0, 5.0]]], 2)
    array([[[5.]]])
    """
    kernel = _kernel("max_pool2d", x, kernel_size, 2)
    return largest(
        x,
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
    )


def avg_pool1d(
    x: Operand,
    kernel_size: int | Shape,
    stride: int | Shape | None = None,
    padding: int | Shape = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    r"""Mean of each window of signals.

    .. math:: z_{nci} = \frac{1}{m_i} \sum_k x_{n,c,\,si + k - p}, \qquad
              \bar x_{ncj} = \sum_{si + k - p = j} \bar z_{nci} / m_i

    Parameters
    ----------
    x : array_like, shape (batch, channels, length) or (channels, length)
        Signals.
    kernel_size : int
        Length of a window.
    stride : int, optional
        Steps ``s`` between windows; by default they touch.
    padding : int
        Zeros ``p`` at both ends.
    ceil_mode : bool
        Also a last window of which a part is outside.
    count_include_pad : bool
        Whether the numbers ``m`` of a window count zeros of the padding.

    Returns
    -------
    Tensor
        Shape (batch, channels, count).

    Raises
    ------
    ShapeError
        When no window fits.

    Notes
    -----
    The time grows with the length of a window. Differences of running sums would not, but each has
    the rounding error of all numbers before it, so that a window of small numbers behind large ones
    would lose all digits, and behind an infinity be NaN. Source: Dumoulin and Visin 2016,
    chapter 3.

    Examples
    --------
    >>> avg_pool1d([[1.0, 3.0, 2.0, 5.0]], 2)
    array([[2. , 3.5]])
    """
    kernel = _kernel("avg_pool1d", x, kernel_size, 1)
    rest: dict[str, Any] = {
        "padding": padding,
        "ceil_mode": ceil_mode,
        "count_include_pad": count_include_pad,
    }
    return average(x, kernel=kernel, stride=stride, **rest)


def avg_pool2d(
    x: Operand,
    kernel_size: int | Shape,
    stride: int | Shape | None = None,
    padding: int | Shape = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    r"""Mean of each window of images.

    .. math:: z_{ncij} = \frac{1}{m_{ij}} \sum_{kl} x_{n,c,\,si + k - p,\,sj + l - p}, \qquad
              \bar x_{nchv} = \sum_{si + k - p = h,\; sj + l - p = v} \bar z_{ncij} / m_{ij}

    Parameters
    ----------
    x : array_like, shape (batch, channels, height, width) or (channels, height, width)
        Images.
    kernel_size : int or pair of int
        Height and width of a window.
    stride : int or pair of int, optional
        Steps ``s`` between windows; by default they touch.
    padding : int or pair of int
        Zeros ``p`` at each end.
    ceil_mode : bool
        Also last windows of which a part is outside.
    count_include_pad : bool
        Whether the numbers ``m`` of a window count zeros of the padding.
    divisor_override : int, optional
        What every window's sum is divided by in place of ``m``.

    Returns
    -------
    Tensor
        Shape (batch, channels, rows, columns).

    Raises
    ------
    ShapeError
        When no window fits.

    Notes
    -----
    Source: Dumoulin and Visin 2016, chapter 3.

    Examples
    --------
    >>> avg_pool2d([[[1.0, 3.0], [2.0, 6.0]]], 2)
    array([[[3.]]])
    """
    kernel = _kernel("avg_pool2d", x, kernel_size, 2)
    rest: dict[str, Any] = {
        "padding": padding,
        "ceil_mode": ceil_mode,
        "count_include_pad": count_include_pad,
        "divisor": divisor_override,
    }
    return average(x, kernel=kernel, stride=stride, **rest)


def _kernel(name: str, x: Operand, kernel_size: int | Shape, axes: int) -> Shape:
    sizes_of(name, shape_of(x), axes)
    return per_axis(name, "kernel_size", kernel_size, axes, 1)
