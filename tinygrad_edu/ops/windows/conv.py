"""Convolutional layers without their parameters, in one and two dimensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import errors
from ...autodiff.tensor import Tensor
from ...types import Operand, Shape
from ..shape import expand_dims, reshape, squeeze
from .convolution import convolution, transposed_convolution
from .geometry import Padding, per_axis, shape_of, sizes_of

__all__ = ["conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"]


def conv1d(
    x: Operand,
    weight: Operand,
    bias: Operand = None,
    stride: int | Shape = 1,
    padding: Padding = 0,
    dilation: int | Shape = 1,
    groups: int = 1,
) -> Tensor:
    r"""Products of kernels with all windows of signals.

    .. math:: z_{noi} = b_o + \sum_{ck} w_{ock}\, x_{n,c,\,si + dk - p}, \qquad
              \bar w_{ock} = \sum_{ni} \bar z_{noi}\, x_{n,c,\,si + dk - p}

    Parameters
    ----------
    x : array_like, shape (batch, channels, length) or (channels, length)
        Signals.
    weight : array_like, shape (outputs, channels / groups, kernel)
        One kernel for each output channel.
    bias : array_like, shape (outputs,), optional
        Added to each output channel.
    stride, dilation, groups : int
        Steps ``s`` between windows and ``d`` inside them; parts of the channels that do not see
        each other.
    padding : int, "same" or "valid"
        Zeros ``p`` at both ends.

    Returns
    -------
    Tensor
        Shape (batch, outputs, count), ``count = (length + 2p - d(kernel - 1) - 1) // s + 1``.

    Raises
    ------
    ShapeError
        When the channels differ, or no window fits.

    Notes
    -----
    The kernel is not turned round, as in every library of neural networks: a cross-correlation.
    Source: Dumoulin and Visin 2016, chapter 2.

    Examples
    --------
    >>> conv1d([[[1.0, 2.0, 4.0]]], [[[-1.0, 1.0]]])
    array([[[1., 2.]]])
    """
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return _batched("conv1d", 1, convolution, x, weight, bias, settings)


def conv2d(
    x: Operand,
    weight: Operand,
    bias: Operand = None,
    stride: int | Shape = 1,
    padding: Padding = 0,
    dilation: int | Shape = 1,
    groups: int = 1,
) -> Tensor:
    r"""Products of kernels with all windows of images.

    .. math:: z_{noij} = b_o + \sum_{ckl} w_{ockl}\, x_{n,c,\,si + dk - p,\,sj + dl - p}, \qquad
              \bar w_{ockl} = \sum_{nij} \bar z_{noij}\, x_{n,c,\,si + dk - p,\,sj + dl - p}

    Parameters
    ----------
    x : array_like, shape (batch, channels, height, width) or (channels, height, width)
        Images.
    weight : array_like, shape (outputs, channels / groups, kernel_height, kernel_width)
        One kernel for each output channel.
    bias : array_like, shape (outputs,), optional
        Added to each output channel.
    stride, dilation : int or pair of int
        Steps ``s`` between windows and ``d`` inside them.
    padding : int, pair of int, "same" or "valid"
        Zeros ``p`` at both ends; "same" gives a result of the size of ``x``.
    groups : int
        Parts of the channels that do not see each other.

    Returns
    -------
    Tensor
        Shape (batch, outputs, rows, columns),
        ``rows = (height + 2p - d(kernel_height - 1) - 1) // s + 1``.

    Raises
    ------
    ShapeError
        When the channels differ, or no window fits.

    Notes
    -----
    The kernel is not turned round, as in every library of neural networks: a cross-correlation.
    Source: Dumoulin and Visin 2016, chapter 2.

    Examples
    --------
    >>> conv2d([[[[1.0, 2.0], [3.0, 4.0]]]], [[[[1.0, 10.0]]]])
    array([[[[21.],
             [43.]]]])
    """
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return _batched("conv2d", 2, convolution, x, weight, bias, settings)


def conv_transpose1d(
    x: Operand,
    weight: Operand,
    bias: Operand = None,
    stride: int | Shape = 1,
    padding: int | Shape = 0,
    output_padding: int | Shape = 0,
    groups: int = 1,
    dilation: int | Shape = 1,
) -> Tensor:
    r"""Kernels laid down at the windows of longer signals, and summed.

    .. math:: z_{ncj} = b_c + \sum_{si + dk - p = j} x_{noi}\, w_{ock}, \qquad
              \bar x_{noi} = \sum_{ck} w_{ock}\, \bar z_{n,c,\,si + dk - p}

    Parameters
    ----------
    x : array_like, shape (batch, channels, length) or (channels, length)
        A number for each window.
    weight : array_like, shape (channels, outputs / groups, kernel)
        What is laid down.
    bias : array_like, shape (outputs,), optional
        Added to each output channel.
    stride, padding, dilation, groups : int
        Of the convolution that this is the transpose of.
    output_padding : int
        Places added at the end that no window need reach, less than the stride.

    Returns
    -------
    Tensor
        Shape (batch, outputs, size),
        ``size = (length - 1) s - 2p + d(kernel - 1) + output_padding + 1``.

    Raises
    ------
    ShapeError
        When the channels differ, or nothing is left of the result.

    Notes
    -----
    The transpose of ``conv1d`` as a linear map. Source: Dumoulin and Visin 2016, chapter 4.

    Examples
    --------
    >>> conv_transpose1d([[[1.0, 10.0]]], [[[1.0, 2.0]]])
    array([[[ 1., 12., 20.]]])
    """
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    size = _transposed_size(1, x, weight, output_padding, settings)
    settings["size"] = size
    return _batched("conv_transpose1d", 1, transposed_convolution, x, weight, bias, settings)


def conv_transpose2d(
    x: Operand,
    weight: Operand,
    bias: Operand = None,
    stride: int | Shape = 1,
    padding: int | Shape = 0,
    output_padding: int | Shape = 0,
    groups: int = 1,
    dilation: int | Shape = 1,
) -> Tensor:
    r"""Kernels laid down at the windows of larger images, and summed.

    .. math:: z_{nchv} = b_c + \sum_{si + dk - p = h,\; sj + dl - p = v} x_{noij}\, w_{ockl}, \qquad
              \bar x_{noij} = \sum_{ckl} w_{ockl}\, \bar z_{n,c,\,si + dk - p,\,sj + dl - p}

    Parameters
    ----------
    x : array_like, shape (batch, channels, rows, columns) or (channels, rows, columns)
        A number for each window.
    weight : array_like, shape (channels, outputs / groups, kernel_height, kernel_width)
        What is laid down.
    bias : array_like, shape (outputs,), optional
        Added to each output channel.
    stride, padding, dilation : int or pair of int
        Of the convolution that this is the transpose of.
    output_padding : int or pair of int
        Places added at the end that no window need reach, less than the stride.
    groups : int
        Parts of the channels that do not see each other.

    Returns
    -------
    Tensor
        Shape (batch, outputs, height, width),
        ``height = (rows - 1) s - 2p + d(kernel_height - 1) + output_padding + 1``.

    Raises
    ------
    ShapeError
        When the channels differ, or nothing is left of the result.

    Notes
    -----
    The transpose of ``conv2d`` as a linear map. A kernel that is no multiple of the stride lays
    down more at some places than at others, which shows as a checkerboard. Source: Dumoulin and
    Visin 2016, chapter 4; Odena, Dumoulin and Olah 2016.

    Examples
    --------
    >>> conv_transpose2d([[[[1.0, 10.0]]]], [[[[1.0, 2.0]]]], stride=(1, 2))
    array([[[[ 1.,  2., 10., 20.]]]])
    """
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    size = _transposed_size(2, x, weight, output_padding, settings)
    settings["size"] = size
    return _batched("conv_transpose2d", 2, transposed_convolution, x, weight, bias, settings)


def _transposed_size(
    axes: int, x: Operand, weight: Operand, output_padding: Any, settings: dict[str, Any]
) -> Shape:
    """The size of a result, given what is added to the least that has as many windows."""
    name = f"conv_transpose{axes}d"
    count = sizes_of(name, shape_of(x), axes)
    kernel = _kernel_of(name, weight, axes)
    stride, dilation = [
        per_axis(name, what, settings[what], axes, 1) for what in ("stride", "dilation")
    ]
    padding = per_axis(name, "padding", settings["padding"], axes, 0)
    added = per_axis(name, "output_padding", output_padding, axes, 0)
    if any(a >= s for a, s in zip(added, stride, strict=True)):
        raise errors.ArgumentError(
            f"`{name}`: output_padding {output_padding} is not less than the stride {stride}",
            op=name,
            why="with so many places more there would be another window",
            fix=f"output_padding={min(stride) - 1}",
        )
    rows = zip(count, stride, padding, dilation, kernel, added, strict=True)
    size = tuple([(n - 1) * s - 2 * p + d * (k - 1) + a + 1 for n, s, p, d, k, a in rows])
    if min(size) < 1:
        raise errors.ShapeError(
            f"`{name}`: of {count} windows nothing is left, size {size}, with padding {padding}",
            code="TG-S06",
            shapes=(count, kernel),
            op=name,
            why="padding is cut off from both ends of the result",
            fix="padding=0",
        )
    return size


def _kernel_of(name: str, weight: Operand, axes: int) -> Shape:
    shape = shape_of(weight)
    if len(shape) != axes + 2:
        names = ", ".join(("kernel",) if axes == 1 else ("kernel_height", "kernel_width"))
        given, made = ("channels", "outputs") if "transp" in name else ("outputs", "channels")
        raise errors.ShapeError(
            f"`{name}`: weight has shape {shape}, expected ({given}, {made} / groups, {names})",
            code="TG-S05",
            shapes=(shape,),
            op=name,
            why="there is a kernel for each pair of channels",
            fix=f"weight.reshape(1, 1, *weight.shape[-{axes}:])   # for one channel",
        )
    return shape[2:]


def _batched(
    name: str,
    axes: int,
    part: Callable[..., Tensor],
    x: Operand,
    weight: Operand,
    bias: Operand,
    settings: dict[str, Any],
) -> Tensor:
    """Apply a map of batches to a batch, or to one element without that axis."""
    single = len(sizes_of(name, shape_of(x), axes)) + 1 == len(shape_of(x))
    _kernel_of(name, weight, axes)
    batch = expand_dims(x, 0) if single else x
    if bias is None:
        out = part(batch, weight, **settings)
    elif part is convolution:
        out = part(batch, weight, bias, **settings)
    else:
        out = part(batch, weight, **settings) + reshape(bias, (-1, *(1,) * axes))
    return squeeze(out, 0) if single else out
