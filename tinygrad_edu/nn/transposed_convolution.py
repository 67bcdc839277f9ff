"""Layers that make signals and images larger: transposes of convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..autodiff.tensor import Tensor
from ..ops import conv_transpose1d, conv_transpose2d
from ..ops.windows.geometry import per_axis
from ..types import Operand, Rng, Shape
from . import catalogue_windows as catalogue
from .convolution import Convolutional

__all__ = ["ConvTranspose1d", "ConvTranspose2d"]


class _Transposed(Convolutional):
    """What the two transposes have in common."""

    transposed = True
    padding: Shape

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Shape,
        stride: int | Shape = 1,
        padding: int | Shape = 0,
        output_padding: int | Shape = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Shape = 1,
        padding_mode: str = "zeros",
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        if padding_mode != "zeros":
            raise errors.ArgumentError(
                f"{type(self).__name__} has no padding_mode={padding_mode!r:.40}, only 'zeros'",
                why="its padding is cut off from the output, and nothing is put in its place",
                fix='padding_mode="zeros"',
            )
        self._build(
            in_channels,
            out_channels,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            output_padding=output_padding,
            groups=groups,
            bias=bias,
            dtype=dtype,
            rng=rng,
        )
        self.padding_mode = padding_mode
        self._check_output_padding()

    def _check_output_padding(self) -> None:
        if any(n >= s for n, s in zip(self.output_padding, self.stride, strict=True)):
            raise errors.ArgumentError(
                f"output_padding {self.output_padding} is not less than the stride {self.stride}",
                why="with so many places more there would be another window",
                fix=f"output_padding={min(self.stride) - 1}",
            )

    def forward(self, x: Operand, output_size: int | Shape | None = None) -> Tensor:
        """Map shape (batch, in_channels, ...) to (batch, out_channels, ...), or without batch.

        Parameters
        ----------
        x : array_like
            A number for each window and channel.
        output_size : int or sequence of int, optional
            The size wanted, where a stride leaves a choice; in place of ``output_padding``.
        """
        self._check(x)
        more = self.output_padding if output_size is None else self._missing(x.shape, output_size)
        transpose = conv_transpose1d if self.axes == 1 else conv_transpose2d
        settings = self.stride, self.padding, more, self.groups, self.dilation
        try:
            return transpose(x, self.weight, self.bias, *settings)
        except errors.ShapeError as error:
            raise catalogue.located(self, error) from None

    def _missing(self, shape: Shape, output_size: Any) -> Shape:
        """What has to be added to the least size for the wanted one."""
        wanted = output_size
        if isinstance(wanted, (tuple, list)) and len(wanted) == len(shape):
            wanted = wanted[-self.axes :]
        wanted = per_axis(type(self).__name__, "output_size", wanted, self.axes, 1)
        rows = zip(shape[-self.axes :], self.stride, self.padding, self._reach(), strict=True)
        least = tuple([(n - 1) * s - 2 * p + reach for n, s, p, reach in rows])
        most = tuple([n + s - 1 for n, s in zip(least, self.stride, strict=True)])
        if not all(a <= n <= b for a, n, b in zip(least, wanted, most, strict=True)):
            raise catalogue.no_such_size(self, output_size, least, most)
        return tuple([n - a for n, a in zip(wanted, least, strict=True)])


class ConvTranspose1d(_Transposed):
    r"""Learned kernels laid down at the windows of longer signals, and summed.

    .. math:: z_{ncj} = b_c + \sum_{si + dk - p = j} x_{noi}\, w_{ock}

    Parameters
    ----------
    in_channels, out_channels : int, at least 1
        Channels of input and output.
    kernel_size : int
        Length of what is laid down.
    stride, dilation : int
        Steps ``s`` between kernels and ``d`` inside them.
    padding : int
        Places ``p`` cut off at both ends of the output.
    output_padding : int
        Places added at its end, less than the stride.
    groups : int
        Parts of the channels that do not see each other; divides both numbers of channels.
    bias : bool
        Add :math:`b`.
    padding_mode : {"zeros"}
        There is no other.
    dtype : dtype
        Of the parameters.
    rng : Generator or int, optional
        Where the initial values come from; by default the innermost ``tg.seed``.

    Attributes
    ----------
    weight : Parameter, shape (in_channels, out_channels / groups, kernel_size)
        Uniform in :math:`\pm 1/\sqrt{\text{weights of an input}}` at first.
    bias : Parameter, shape (out_channels,), or None
        The same.

    Raises
    ------
    ShapeError
        When called with other channels, or nothing is left of the output.

    Notes
    -----
    The transpose of ``Conv1d`` as a linear map. Source: Dumoulin and Visin 2016, chapter 4.

    Examples
    --------
    >>> ConvTranspose1d(8, 2, 4, stride=2, padding=1)(np.zeros((5, 8, 7), np.float32)).shape
    (5, 2, 14)
    """

    axes = 1


class ConvTranspose2d(_Transposed):
    r"""Learned kernels laid down at the windows of larger images, and summed.

    .. math:: z_{nchv} = b_c + \sum_{si + dk - p = h,\; sj + dl - p = v} x_{noij}\, w_{ockl}

    Parameters
    ----------
    in_channels, out_channels : int, at least 1
        Channels of input and output.
    kernel_size : int or pair of int
        Height and width of what is laid down.
    stride, dilation : int or pair of int
        Steps ``s`` between kernels and ``d`` inside them.
    padding : int or pair of int
        Places ``p`` cut off at each end of the output.
    output_padding : int or pair of int
        Places added at its end, less than the stride.
    groups : int
        Parts of the channels that do not see each other; divides both numbers of channels.
    bias : bool
        Add :math:`b`.
    padding_mode : {"zeros"}
        There is no other.
    dtype : dtype
        Of the parameters.
    rng : Generator or int, optional
        Where the initial values come from; by default the innermost ``tg.seed``.

    Attributes
    ----------
    weight : Parameter, shape (in_channels, out_channels / groups, kernel_height, kernel_width)
        Uniform in :math:`\pm 1/\sqrt{\text{weights of an input}}` at first.
    bias : Parameter, shape (out_channels,), or None
        The same.

    Raises
    ------
    ShapeError
        When called with other channels, or nothing is left of the output.

    Notes
    -----
    The transpose of ``Conv2d`` as a linear map. A kernel that is no multiple of the stride lays
    down more at some places than at others, which shows as a checkerboard. Source: Dumoulin and
    Visin 2016, chapter 4; Radford, Metz, Chintala 2016, section 3.

    Examples
    --------
    >>> ConvTranspose2d(8, 3, 4, stride=2, padding=1)(np.zeros((5, 8, 7, 7), np.float32)).shape
    (5, 3, 14, 14)
    """

    axes = 2
