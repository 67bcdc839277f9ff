"""Pooling to an output of one size, whatever that of the input. These layers hold nothing."""

from __future__ import annotations

from typing import Any

from .. import errors
from ..autodiff.tensor import Tensor
from ..ops import adaptive_avg_pool1d, adaptive_avg_pool2d
from ..ops.windows.geometry import per_axis
from ..types import Operand
from . import catalogue_windows as catalogue
from .module import Module

__all__ = ["AdaptiveAvgPool1d", "AdaptiveAvgPool2d"]


class _Adaptive(Module):
    """What the layers with an output of one size have in common."""

    axes: int

    def __init__(self, output_size: int | tuple[int | None, ...] | None) -> None:
        each = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * self.axes
        known = [1 if n is None else n for n in each]
        per_axis(type(self).__name__, "output_size", known, self.axes, 1)
        self.output_size = output_size

    def forward(self, x: Operand) -> Tensor:
        """Map shape (batch, channels, ...) to (batch, channels, *output_size), or without batch."""
        pool = adaptive_avg_pool1d if self.axes == 1 else adaptive_avg_pool2d
        size: Any = (None,) * self.axes if self.output_size is None else self.output_size
        try:
            return pool(x, size)
        except errors.ShapeError as error:
            raise catalogue.located(self, error) from None

    def extra_repr(self) -> str:
        """Return the size as PyTorch shows it."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_Adaptive):
    r"""Mean of each of as many parts of signals as are wanted.

    .. math:: z_{nci} = \frac{1}{b_i - a_i} \sum_{j = a_i}^{b_i - 1} x_{ncj}, \qquad
              a_i = \lfloor iL/m \rfloor, \; b_i = \lceil (i + 1)L/m \rceil

    Parameters
    ----------
    output_size : int
        How many parts, ``m``; they overlap where ``m`` does not divide the length.

    Notes
    -----
    Source: He, Zhang, Ren and Sun 2015 (spatial pyramid pooling), section 2.2.

    Examples
    --------
    >>> AdaptiveAvgPool1d(2)([[[1.0, 3.0, 5.0]]])
    Tensor([[[2., 4.]]], dtype=float64)
    """

    axes = 1


class AdaptiveAvgPool2d(_Adaptive):
    r"""Mean of each of as many parts of images as are wanted.

    .. math:: z_{ncij} = \frac{1}{(b_i - a_i)(b'_j - a'_j)}
              \sum_{h = a_i}^{b_i - 1} \sum_{v = a'_j}^{b'_j - 1} x_{nchv}, \qquad
              a_i = \lfloor iH/m \rfloor, \; b_i = \lceil (i + 1)H/m \rceil

    Parameters
    ----------
    output_size : int or pair of int
        How many rows and columns of parts, None for those of the input; they overlap where these do
        not divide the size.

    Notes
    -----
    ``AdaptiveAvgPool2d(1)`` is the mean of each channel. Source: He, Zhang, Ren and Sun 2015
    (spatial pyramid pooling), section 2.2; Lin, Chen and Yan 2014, section 3.2.

    Examples
    --------
    >>> AdaptiveAvgPool2d(1)([[[[1.0, 3.0], [5.0, 7.0]]]])
    Tensor([[[[4.]]]], dtype=float64)
    """

    axes = 2
