"""Normalization inside each sample, which needs no batch: layer, group and root mean square."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ... import errors, ops
from ...autodiff.tensor import Parameter, Tensor
from ...types import Operand, Shape
from ..module import Module
from ..note import note_type
from ..settings import real, size
from . import catalogue
from .features import grouped, rms_norm

__all__ = ["GroupNorm", "LayerNorm", "RMSNorm"]


class LayerNorm(Module):
    r"""The features of each sample brought to mean 0 and variance 1, then scaled and shifted.

    .. math:: z = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} w + b

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The last axes, over which mean and variance are taken.
    eps : float, at least 0
        :math:`\varepsilon`.
    elementwise_affine : bool
        Learn :math:`w` and :math:`b`.
    bias : bool
        Learn :math:`b`, if ``elementwise_affine``.
    dtype : dtype
        Of the parameters.

    Attributes
    ----------
    weight, bias : Parameter, shape normalized_shape, or None
        1 and 0 at first.

    Raises
    ------
    ShapeError
        When the input does not end in ``normalized_shape``.

    Notes
    -----
    Training and evaluation are the same. Source: Ba, Kiros, Hinton 2016, equations 3 and 4.

    Examples
    --------
    >>> LayerNorm(2, dtype=np.float64)([[1.0, 3.0], [5.0, 9.0]]).numpy().round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    def __init__(
        self,
        normalized_shape: int | Iterable[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        self.normalized_shape = _sizes(normalized_shape)
        self.eps = real("eps", eps, 0.0, "1e-5")
        self.elementwise_affine = elementwise_affine
        shape = self.normalized_shape
        self.weight = Parameter(np.ones(shape, dtype)) if elementwise_affine else None
        self.bias = Parameter(np.zeros(shape, dtype)) if elementwise_affine and bias else None

    def forward(self, x: Operand) -> Tensor:
        """Normalize shape (..., *normalized_shape)."""
        _check_features(self, x)
        return ops.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(Module):
    r"""The features of each sample divided by the root of their mean square, then scaled.

    .. math:: z = \frac{x\,w}{\sqrt{\operatorname{mean}(x^2) + \varepsilon}}

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The last axes, over which the mean is taken.
    eps : float, at least 0, optional
        :math:`\varepsilon`; by default the distance from 1 to the next number of the input's type.
    elementwise_affine : bool
        Learn :math:`w`.
    dtype : dtype
        Of the parameters.

    Attributes
    ----------
    weight : Parameter, shape normalized_shape, or None
        1 at first.

    Raises
    ------
    ShapeError
        When the input does not end in ``normalized_shape``.

    Notes
    -----
    Source: Zhang and Sennrich 2019, equation 4.

    Examples
    --------
    >>> RMSNorm(4, dtype=np.float64)([3.0, 4.0, 0.0, 0.0]).numpy().round(3)
    array([1.2, 1.6, 0. , 0. ])
    """

    def __init__(
        self,
        normalized_shape: int | Iterable[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        self.normalized_shape = _sizes(normalized_shape)
        self.eps = None if eps is None else real("eps", eps, 0.0, "1e-5")
        self.elementwise_affine = elementwise_affine
        ones = np.ones(self.normalized_shape, dtype)
        self.weight = Parameter(ones) if elementwise_affine else None

    def forward(self, x: Operand) -> Tensor:
        """Normalize shape (..., *normalized_shape)."""
        _check_features(self, x)
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(Module):
    r"""Groups of channels of each sample brought to mean 0 and variance 1.

    .. math:: z = \frac{x - \mu_g}{\sqrt{\sigma_g^2 + \varepsilon}} w_c + b_c

    Parameters
    ----------
    num_groups, num_channels : int, at least 1
        Neighbouring channels belong together; the groups are of equal size.
    eps : float, at least 0
        :math:`\varepsilon`.
    affine : bool
        Learn :math:`w` and :math:`b`.
    bias : bool
        Learn :math:`b`, if ``affine``.
    dtype : dtype
        Of the parameters.

    Attributes
    ----------
    weight, bias : Parameter, shape (num_channels,), or None
        1 and 0 at first.

    Raises
    ------
    ArgumentError, ShapeError
        When the groups do not divide the channels, for another number of channels, or when a
        group has a single value.

    Notes
    -----
    Training and evaluation are the same. Source: Wu and He 2018, equation 7.

    Examples
    --------
    >>> GroupNorm(2, 4)(np.ones((3, 4, 5, 5), np.float32)).shape
    (3, 4, 5, 5)
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        self.num_groups = size("num_groups", num_groups, 1, "2")
        self.num_channels = size("num_channels", num_channels, 1, "16")
        if self.num_channels % self.num_groups:
            raise catalogue.groups_do_not_divide("GroupNorm", self.num_channels, self.num_groups)
        self.eps = real("eps", eps, 0.0, "1e-5")
        self.affine = affine
        self.weight = Parameter(np.ones(self.num_channels, dtype)) if affine else None
        self.bias = Parameter(np.zeros(self.num_channels, dtype)) if affine and bias else None

    def forward(self, x: Operand) -> Tensor:
        """Normalize shape (samples, channels, ...)."""
        if x.ndim > 1 and x.shape[1] != self.num_channels:
            fix = f"nn.GroupNorm({self.num_groups}, {x.shape[1]})"
            raise catalogue.wrong_channels(self, x.shape, 1, self.num_channels, fix)
        if self.weight is not None:
            note_type(self, x, self.weight)
        return grouped(self, x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


def _sizes(given: Any) -> Shape:
    """The lengths of the last axes as a tuple."""
    parts = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    if not parts:
        raise errors.ArgumentError(
            "normalized_shape has no axis", why="there is nothing to take a mean over", fix="(64,)"
        )
    return tuple([size("normalized_shape", part, 1, "64") for part in parts])


def _check_features(layer: LayerNorm | RMSNorm, x: Any) -> None:
    wanted = layer.normalized_shape
    if x.shape[-len(wanted) :] != wanted:
        raise catalogue.wrong_features(layer, x.shape, wanted)
    if layer.weight is not None:
        note_type(layer, x, layer.weight)
