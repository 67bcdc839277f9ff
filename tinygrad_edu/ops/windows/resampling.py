"""Signals and images of another size, as one small matrix for each axis.

Along an axis every number of the result is a weighted mean of a few numbers, so that the map is a
matrix. It is small beside the images and multiplied fast; of a signal of many thousand numbers
that is enlarged by no whole factor it may be large.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import errors
from ...arrays import numbers
from ...autodiff.tensor import Tensor
from ...types import Array, Operand, Shape
from ..fused import linear
from ..reduction import broadcast_to
from ..shape import expand_dims, permute_dims, reshape
from .geometry import per_axis, shape_of, sizes_of, wrong_axes

__all__ = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "upsample"]


def adaptive_avg_pool1d(x: Operand, output_size: int | Shape) -> Tensor:
    r"""Mean of each of as many parts of signals as are wanted.

    .. math:: z_{nci} = \frac{1}{b_i - a_i} \sum_{j = a_i}^{b_i - 1} x_{ncj}, \qquad
              \bar x_{ncj} = \sum_{a_i \le j < b_i} \frac{\bar z_{nci}}{b_i - a_i}, \qquad
              a_i = \lfloor iL/m \rfloor, \; b_i = \lceil (i + 1)L/m \rceil

    Parameters
    ----------
    x : array_like, shape (batch, channels, length) or (channels, length)
        Signals of length ``L``.
    output_size : int
        How many parts, ``m``; they overlap where ``m`` does not divide the length.

    Returns
    -------
    Tensor
        Shape (batch, channels, output_size).

    Raises
    ------
    ShapeError
        When ``x`` has another number of axes.

    Notes
    -----
    Source: He, Zhang, Ren and Sun 2015 (spatial pyramid pooling), section 2.2.

    Examples
    --------
    >>> adaptive_avg_pool1d([[1.0, 3.0, 5.0]], 2)
    array([[2., 4.]])
    """
    return _adaptive("adaptive_avg_pool1d", x, output_size, 1)


def adaptive_avg_pool2d(x: Operand, output_size: int | Shape) -> Tensor:
    r"""Mean of each of as many parts of images as are wanted.

    .. math:: z_{ncij} = \sum_{hv} A_{ih} B_{jv}\, x_{nchv}, \qquad
              \bar x_{nchv} = \sum_{ij} A_{ih} B_{jv}\, \bar z_{ncij}, \qquad
              A_{ih} = \frac{[a_i \le h < b_i]}{b_i - a_i}, \;
              a_i = \lfloor iH/m \rfloor, \; b_i = \lceil (i + 1)H/m \rceil

    Parameters
    ----------
    x : array_like, shape (batch, channels, height, width) or (channels, height, width)
        Images.
    output_size : int or pair of int
        How many rows and columns of parts, None for those of ``x``; they overlap where these do not
        divide the size.

    Returns
    -------
    Tensor
        Shape (batch, channels, *output_size).

    Raises
    ------
    ShapeError
        When ``x`` has another number of axes.

    Notes
    -----
    Source: He, Zhang, Ren and Sun 2015 (spatial pyramid pooling), section 2.2.

    Examples
    --------
    >>> adaptive_avg_pool2d([[[1.0, 3.0], [5.0, 7.0]]], 1)
    array([[[4.]]])
    """
    return _adaptive("adaptive_avg_pool2d", x, output_size, 2)


def _adaptive(name: str, x: Operand, output_size: Any, axes: int) -> Tensor:
    sizes = _not_empty(name, sizes_of(name, shape_of(x), axes))
    if isinstance(output_size, (tuple, list)):
        output_size = [sizes[k % axes] if n is None else n for k, n in enumerate(output_size)]
    wanted = per_axis(name, "output_size", output_size, axes, 1)
    for a, (size, count) in enumerate(zip(sizes, wanted, strict=True)):
        matrix = np.zeros((count, size))
        for i in range(count):
            start, end = i * size // count, -(-(i + 1) * size // count)
            matrix[i, start:end] = 1.0 / (end - start)
        x = _times(x, matrix, a - axes)
    return x


def _not_empty(name: str, sizes: Shape) -> Shape:
    if 0 in sizes:
        raise errors.ShapeError(
            f"`{name}`: there is nothing to read along axes of {sizes}",
            code="TG-S06",
            shapes=(sizes,),
            op=name,
            why="every number of the result is a mean of numbers",
            fix="x[..., None]   # if the last axis was meant to have length one",
        )
    return sizes


def _times(x: Operand, matrix: Array, axis: int) -> Tensor:
    """Multiply a matrix with an axis, counted from the end."""
    kind = numbers(getattr(x, "_data", x)).dtype
    matrix = matrix.astype(kind if kind.kind == "f" else float)
    if axis == -1:
        return linear(x, matrix)
    order = list(range(len(shape_of(x))))
    order[axis], order[-1] = order[-1], order[axis]
    return permute_dims(linear(permute_dims(x, tuple(order)), matrix), tuple(order))


def upsample(
    x: Operand,
    size: int | Shape | None = None,
    scale_factor: float | tuple[float, ...] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Tensor:
    r"""Signals or images enlarged, or made smaller, by repetition or interpolation.

    .. math:: z_{ncij} = \sum_{hv} A_{ih} B_{jv}\, x_{nchv}, \qquad
              \bar x_{nchv} = \sum_{ij} A_{ih} B_{jv}\, \bar z_{ncij}

    Parameters
    ----------
    x : array_like, shape (batch, channels, height, width) or (batch, channels, length)
        Images or signals.
    size : int or tuple of int, optional
        Of the result; or give a factor.
    scale_factor : float or tuple of float, optional
        How many times larger; a size is rounded down.
    mode : "nearest", "linear" or "bilinear"
        The number at ``floor(i / factor)``; or the weighted mean of the two next to it, of signals
        or along both axes of images.
    align_corners : bool, optional
        Whether the first and last numbers, rather than the edges around them, are the same places
        before and after. Of an interpolation only.
    recompute_scale_factor : bool, optional
        Place the numbers by the sizes, as without a factor, rather than by the factor.

    Returns
    -------
    Tensor
        Shape (batch, channels, *size).

    Raises
    ------
    ArgumentError
        When neither or both of size and factor are given, or the mode is unknown.

    Notes
    -----
    Source: Odena, Dumoulin and Olah 2016; Press et al. 2007, section 3.6.1.

    Examples
    --------
    >>> upsample([[[1.0, 2.0]]], scale_factor=2)
    array([[[1., 1., 2., 2.]]])
    """
    shape = shape_of(x)
    axes = 2 if len(shape) == 4 else 1
    if len(shape) != axes + 2:
        raise wrong_axes("upsample", shape, 2, single=False)
    sizes = _not_empty("upsample", shape[2:])
    wanted, steps = _enlarged(sizes, size, scale_factor, bool(align_corners))
    if recompute_scale_factor and not align_corners:
        steps = list(zip(sizes, wanted, strict=True))
    modes = ("nearest", "linear" if axes == 1 else "bilinear")
    if mode not in modes:
        raise errors.ArgumentError(
            f"`upsample`: mode is {modes[0]!r} or {modes[1]!r} for x {shape}, got {mode!r:.60}",
            op="upsample",
            fix=f"mode={modes[1]!r}",
        )
    if mode == "nearest" and align_corners:
        raise errors.ArgumentError(
            "`upsample`: align_corners has no meaning with mode='nearest'",
            op="upsample",
            why="a number is repeated, not placed",
            fix=f"mode={modes[1]!r}",
        )
    for a, (old, new, step) in enumerate(zip(sizes, wanted, steps, strict=True)):
        if mode != "nearest":
            x = _times(x, _interpolation(old, new, step, bool(align_corners)), a - axes)
        elif new % old == 0 and step[0] * new == old * step[1]:
            x = _repeated(x, new // old, len(shape) - axes + a)
        else:
            places = np.minimum((np.arange(new) * step[0] / step[1]).astype(int), old - 1)
            x = _times(x, np.eye(old)[places], a - axes)
    return x


def _enlarged(
    sizes: Shape, size: Any, factor: Any, align: bool
) -> tuple[Shape, list[tuple[float, float]]]:
    """The wanted sizes, and as a fraction how far apart two new numbers are in the old ones."""
    if (size is None) == (factor is None):
        raise errors.ArgumentError(
            f"`upsample`: give size or scale_factor, got {size!r:.40} and {factor!r:.40}",
            op="upsample",
            why="each follows from the other",
            fix="scale_factor=2",
        )
    axes = len(sizes)
    steps: list[tuple[float, float]]
    if size is not None:
        wanted = per_axis("upsample", "size", size, axes, 1)
        steps = list(zip(sizes, wanted, strict=True))
    else:
        factors = _factors(sizes, factor)
        wanted = tuple(map(_grown, sizes, factors))
        steps = [(1.0, f) for f in factors]
    if align:
        pairs = zip(sizes, wanted, strict=True)
        steps = [(n - 1, m - 1) if m > 1 else (0.0, 1.0) for n, m in pairs]
    return wanted, steps


def _factors(sizes: Shape, factor: Any) -> tuple[float, ...]:
    factors = tuple(factor) if isinstance(factor, (tuple, list)) else (factor,) * len(sizes)
    real = [isinstance(f, (int, float, np.number)) and 0 < f < math.inf for f in factors]
    if len(factors) != len(sizes) or not all(real) or min(map(_grown, sizes, factors)) < 1:
        raise errors.ArgumentError(
            f"`upsample`: {sizes} cannot be made {factor!r:.60} times larger",
            op="upsample",
            why="there is one positive factor for each axis, and at least one number is left",
            fix="scale_factor=2",
        )
    return factors


def _grown(size: int, factor: Any) -> int:
    return math.floor(size * factor)


def _interpolation(old: int, new: int, step: tuple[float, float], align: bool) -> Array:
    """The weights of the two numbers next to each new place."""
    shift = 0.0 if align else 0.5  # a number stands in the middle of its place
    places = (np.arange(new) + shift) * step[0] / step[1] - shift
    places = np.clip(places, 0.0, old - 1)
    left = np.minimum(places.astype(int), max(old - 2, 0))
    matrix = np.zeros((new, old))
    matrix[np.arange(new), left] = 1.0 - (places - left)
    matrix[np.arange(new), np.minimum(left + 1, old - 1)] += places - left
    return matrix


def _repeated(x: Operand, times: int, axis: int) -> Tensor:
    shape = shape_of(x)
    if times == 1:
        return reshape(x, shape)
    long = (*shape[: axis + 1], times, *shape[axis + 1 :])
    joined = (*shape[:axis], shape[axis] * times, *shape[axis + 1 :])
    return reshape(broadcast_to(expand_dims(x, axis + 1), long), joined)
