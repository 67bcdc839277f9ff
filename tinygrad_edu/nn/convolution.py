"""Convolutional layers: what ``Conv1d`` and ``Conv2d`` share with their transposes, and these two.

A base here is abstract: it has settings and parameters, and no ``forward`` that works alone.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import errors
from ..autodiff.tensor import Parameter, Tensor
from ..catalogue import unknown_choice
from ..ops import conv1d, conv2d, pad
from ..ops.windows.channels import check_groups
from ..ops.windows.geometry import Padding, per_axis, windows_on
from ..seeding import generator
from ..types import Operand, Rng, Shape
from . import catalogue_windows as catalogue, init
from .margin import MARGINS
from .module import Module
from .note import note_type
from .settings import size

__all__ = ["Conv1d", "Conv2d", "Convolutional"]

_MODES = ("zeros", "reflect", "replicate", "circular")


class Convolutional(Module):
    """A layer with a kernel for each pair of channels; what all four have in common."""

    axes: int
    transposed = False
    kernel_size: Shape
    stride: Shape
    padding: str | Shape
    dilation: Shape

    def _build(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int | Shape,
        stride: int | Shape,
        padding: Padding,
        dilation: int | Shape,
        output_padding: int | Shape = 0,
        groups: int,
        bias: bool,
        dtype: Any,
        rng: Rng,
    ) -> None:
        """Check the settings, keep them, and draw the parameters."""
        name, axes = type(self).__name__, self.axes
        self.in_channels = size("in_channels", in_channels, 1, "3")
        self.out_channels = size("out_channels", out_channels, 1, "8")
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, axes, 1)
        self.stride = per_axis(name, "stride", stride, axes, 1)
        self.dilation = per_axis(name, "dilation", dilation, axes, 1)
        if self.transposed or not isinstance(padding, str):
            padding = per_axis(name, "padding", padding, axes, 0)
        self.padding = padding
        self.output_padding = per_axis(name, "output_padding", output_padding, axes, 0)
        # Once on a size that fits, so that what is wrong is said now, not at the first call.
        settings: dict[str, Any] = {"stride": self.stride, "dilation": self.dilation}
        windows_on(name, self._reach(), self.kernel_size, padding=padding, **settings)
        check_groups(name, groups, self.in_channels, self.out_channels)
        self.groups = groups
        ends = (self.out_channels, self.in_channels)
        first, second = ends[::-1] if self.transposed else ends
        shape = (first, second // groups, *self.kernel_size)
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        draw = generator(rng)
        self.weight = Parameter(init.uniform(shape, -bound, bound, rng=draw, dtype=dtype))
        self.bias: Parameter | None = None
        if bias:
            shape = (self.out_channels,)
            self.bias = Parameter(init.uniform(shape, -bound, bound, rng=draw, dtype=dtype))

    def _reach(self) -> Shape:
        """How many places a kernel spans along each axis."""
        pairs = zip(self.dilation, self.kernel_size, strict=True)
        return tuple([d * (k - 1) + 1 for d, k in pairs])

    def _check(self, x: Operand) -> None:
        axes = self.axes
        if x.ndim not in (axes + 1, axes + 2) or x.shape[-axes - 1] != self.in_channels:
            raise catalogue.channels_differ(self, x.shape, axes)
        note_type(self, x, self.weight)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        words = [
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}"
        ]
        none, one = (0,) * self.axes, (1,) * self.axes
        for name, default in (("padding", none), ("dilation", one), ("output_padding", none)):
            if getattr(self, name) != default:
                words.append(f"{name}={getattr(self, name)}")
        words += [f"groups={self.groups}"] * (self.groups != 1)
        words += ["bias=False"] * (self.bias is None)
        mode = getattr(self, "padding_mode", "zeros")
        return ", ".join(words + [f"padding_mode={mode}"] * (mode != "zeros"))


class _Convolution(Convolutional):
    """What the layers that are no transposes have in common."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Shape,
        stride: int | Shape = 1,
        padding: Padding = 0,
        dilation: int | Shape = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        if padding_mode not in _MODES:
            raise unknown_choice("padding_mode", padding_mode, _MODES)
        self._build(
            in_channels,
            out_channels,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            bias=bias,
            dtype=dtype,
            rng=rng,
        )
        self.padding_mode = padding_mode

    def forward(self, x: Operand) -> Tensor:
        """Map shape (batch, in_channels, ...) to (batch, out_channels, ...), or without batch."""
        self._check(x)
        convolve = conv1d if self.axes == 1 else conv2d
        settings: dict[str, Any] = {
            "stride": self.stride, "dilation": self.dilation, "groups": self.groups
        }  # fmt: skip
        try:
            if self.padding_mode == "zeros":
                return convolve(x, self.weight, self.bias, padding=self.padding, **settings)
            return convolve(self._with_margin(x), self.weight, self.bias, **settings)
        except errors.ShapeError as error:
            raise catalogue.window_does_not_fit(self, x.shape, error) from None

    def _with_margin(self, x: Operand) -> Tensor:
        widths = [(0, 0)] * x.ndim
        for a, reach in enumerate(self._reach()):
            if self.padding == "same":  # of an odd number, the larger part comes last
                widths[a - self.axes] = ((reach - 1) // 2, reach // 2)
            elif not isinstance(self.padding, str):
                widths[a - self.axes] = (self.padding[a], self.padding[a])
        return pad(x, widths, mode=MARGINS[self.padding_mode])


class Conv1d(_Convolution):
    r"""Products of learned kernels with all windows of signals.

    .. math:: z_{noi} = b_o + \sum_{ck} w_{ock}\, x_{n,c,\,si + dk - p}

    Parameters
    ----------
    in_channels, out_channels : int, at least 1
        Channels of input and output.
    kernel_size : int
        Length of a window.
    stride, dilation : int
        Steps ``s`` between windows and ``d`` inside them.
    padding : int, "same" or "valid"
        Places ``p`` added at both ends.
    groups : int
        Parts of the channels that do not see each other; divides both numbers of channels.
    bias : bool
        Add :math:`b`.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What is added: zeros, or the signal mirrored at its last number, its last number, or the
        signal again from its other end.
    dtype : dtype
        Of the parameters.
    rng : Generator or int, optional
        Where the initial values come from; by default the innermost ``tg.seed``.

    Attributes
    ----------
    weight : Parameter, shape (out_channels, in_channels / groups, kernel_size)
        Uniform in :math:`\pm 1/\sqrt{\text{weights of an output}}` at first.
    bias : Parameter, shape (out_channels,), or None
        The same.

    Raises
    ------
    ShapeError
        When called with other channels, or a signal shorter than the kernel.

    Notes
    -----
    The kernel is not turned round. Source: LeCun et al. 1998, section II.A; Dumoulin and Visin
    2016, chapter 2.

    Examples
    --------
    >>> Conv1d(2, 8, 3, padding="same")(np.zeros((5, 2, 10), np.float32)).shape
    (5, 8, 10)
    """

    axes = 1


class Conv2d(_Convolution):
    r"""Products of learned kernels with all windows of images.

    .. math:: z_{noij} = b_o + \sum_{ckl} w_{ockl}\, x_{n,c,\,si + dk - p,\,sj + dl - p}

    Parameters
    ----------
    in_channels, out_channels : int, at least 1
        Channels of input and output.
    kernel_size : int or pair of int
        Height and width of a window.
    stride, dilation : int or pair of int
        Steps ``s`` between windows and ``d`` inside them.
    padding : int, pair of int, "same" or "valid"
        Places ``p`` added at each end; "same" gives an output of the size of the input.
    groups : int
        Parts of the channels that do not see each other; divides both numbers of channels.
    bias : bool
        Add :math:`b`.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What is added: zeros, or the image mirrored at its last pixels, its last pixels, or the
        image again from its other end.
    dtype : dtype
        Of the parameters. A float32 layer fed float64 computes in float64, and notes it once.
    rng : Generator or int, optional
        Where the initial values come from; by default the innermost ``tg.seed``.

    Attributes
    ----------
    weight : Parameter, shape (out_channels, in_channels / groups, kernel_height, kernel_width)
        Uniform in :math:`\pm 1/\sqrt{\text{weights of an output}}` at first.
    bias : Parameter, shape (out_channels,), or None
        The same.

    Raises
    ------
    ShapeError
        When called with other channels, or images smaller than the kernel.

    Notes
    -----
    The kernel is not turned round. Source: LeCun et al. 1998, section II.A; Dumoulin and Visin
    2016, chapter 2.

    Examples
    --------
    >>> Conv2d(3, 8, 3, stride=2, padding=1)(np.zeros((5, 3, 32, 32), np.float32)).shape
    (5, 8, 16, 16)
    """

    axes = 2
