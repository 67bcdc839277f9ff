"""Normalization inside each sample, where ``tg`` has no operation with PyTorch's arguments."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import ops
from ...autodiff.tensor import Tensor
from ...ops.linalg.norm import vector_norm
from ...ops.normalization import value_of
from ...types import Operand, Shape
from ..settings import size
from . import catalogue

__all__ = ["group_norm", "grouped", "normalize", "rms_norm"]


def group_norm(
    x: Operand,
    num_groups: int,
    weight: Operand | None = None,
    bias: Operand | None = None,
    eps: float = 1e-5,
) -> Tensor:
    r"""Groups of channels of each sample brought to mean 0 and variance 1.

    .. math:: z = \frac{x - \mu_g}{\sqrt{\sigma_g^2 + \varepsilon}} w_c + b_c

    Parameters
    ----------
    x : array_like, shape (samples, channels, ...)
        Any number of further axes.
    num_groups : int
        How many groups of equal size; neighbouring channels belong together.
    weight, bias : array_like, shape (channels,), optional
        :math:`w, b`, for each channel.
    eps : float
        :math:`\varepsilon`, at least 0.

    Raises
    ------
    ShapeError, ArgumentError
        When the groups do not divide the channels, one has a single value, or parameters have
        another shape.

    Notes
    -----
    Source: Wu and He 2018, equation 7.

    Examples
    --------
    >>> group_norm([[1.0, 3.0, 10.0, 30.0]], 2).round(3)
    array([[-1.,  1., -1.,  1.]])
    """
    size("num_groups", num_groups, 1, "2")
    return grouped("group_norm", value_of(x), num_groups, weight, bias, eps)


def grouped(owner: Any, x: Any, groups: int, weight: Any, bias: Any, eps: float) -> Tensor:
    """What ``group_norm`` does, with ``owner`` to name in errors."""
    if x.ndim < 2:
        raise catalogue.wrong_axes(owner, x.shape, ("(samples, channels, ...)",), "x[None]")
    samples, channels, *places = x.shape
    if channels % groups:
        raise catalogue.groups_do_not_divide(owner, channels, groups)
    each = channels // groups * math.prod(places)
    if each == 1:
        raise catalogue.one_value(owner, x.shape, "group", "num_groups=1")
    folded = ops.reshape(x, (samples, groups, each))
    out = ops.reshape(ops.layer_norm(folded, each, eps=eps), x.shape)
    for parameter, combined in ((weight, ops.multiply), (bias, ops.add)):
        if parameter is not None:
            value = value_of(parameter)
            if value.shape != (channels,):
                fix = f"np.ones({channels})"
                raise catalogue.wrong_channels(owner, value.shape or (1,), 0, channels, fix)
            out = combined(out, ops.reshape(value, (channels, *[1] * len(places))))
    return out


def rms_norm(
    x: Operand,
    normalized_shape: int | Shape,
    weight: Operand | None = None,
    eps: float | None = None,
) -> Tensor:
    r"""Each sample's features divided by the root of their mean square, then scaled.

    .. math:: z = \frac{x\,w}{\sqrt{\operatorname{mean}(x^2) + \varepsilon}}

    Parameters
    ----------
    x : array_like, shape (..., *normalized_shape)
        Any number of leading axes.
    normalized_shape : int or tuple of int
        The lengths of the axes that the mean is taken over.
    weight : array_like, shape normalized_shape, optional
        :math:`w`.
    eps : float, optional
        :math:`\varepsilon`; by default the distance from 1 to the next number of the type of ``x``.

    Raises
    ------
    ShapeError, ArgumentError
        As ``tg.rms_norm``.

    Notes
    -----
    Source: Zhang and Sennrich 2019, equation 4.

    Examples
    --------
    >>> rms_norm([3.0, 4.0, 0.0, 0.0], 4).round(3)
    array([1.2, 1.6, 0. , 0. ])
    """
    x = value_of(x)
    if eps is None:
        eps = float(np.finfo(x.dtype if x.dtype.kind == "f" else np.float64).eps)
    return ops.rms_norm(x, normalized_shape, weight, eps)


def normalize(
    x: Operand, p: float = 2.0, dim: int | tuple[int, ...] = 1, eps: float = 1e-12
) -> Tensor:
    r"""Vectors divided by their length.

    .. math:: z = \frac{x}{\max(\lVert x \rVert_p, \varepsilon)}

    Parameters
    ----------
    x : array_like, any shape
        The vectors lie along ``dim``.
    p : float
        Which length: 2 the Euclidean, 1 the sum of absolute values.
    dim : int or tuple of int
        The axis, or axes, of the vectors.
    eps : float
        :math:`\varepsilon`, so that a vector of zeros stays one.

    Notes
    -----
    Source: Salimans and Kingma 2016, section 2, who give weights a length of their own.

    Examples
    --------
    >>> normalize([[3.0, 4.0], [0.0, 0.0]])
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    length = vector_norm(x, axis=dim, keepdims=True, ord=p)
    return ops.divide(x, ops.maximum(length, eps))
