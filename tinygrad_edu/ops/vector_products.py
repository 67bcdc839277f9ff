"""Products of vectors along an axis, and the diagonal of a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..arrays import numbers
from ..autodiff.tensor import Tensor
from ..types import Operand, Shape
from .arithmetic import multiply
from .contraction import einsum
from .joining import stack
from .reduction import sum
from .shape import astype, permute_dims, reshape

__all__ = ["vecdot", "outer", "cross", "trace"]


def outer(x1: Operand, x2: Operand, /) -> Tensor:
    r"""All products of an element of the first with one of the second.

    .. math:: z_{ij} = x_i y_j, \qquad \bar x_i = \sum_j \bar z_{ij} y_j

    Parameters
    ----------
    x1, x2 : array_like
        Any shapes; more than one axis is read as one.

    Returns
    -------
    Tensor
        Shape (elements of ``x1``, elements of ``x2``). Source: Giles 2008, section 2.2.2.

    Examples
    --------
    >>> outer([1.0, 2.0], [3.0, 4.0])
    array([[3., 4.],
           [6., 8.]])
    """
    return multiply(reshape(x1, (-1, 1)), reshape(x2, -1))


def vecdot(x1: Operand, x2: Operand, /, *, axis: int = -1) -> Tensor:
    r"""Dot products of the vectors along an axis.

    .. math:: z_i = \sum_k x_{ik} y_{ik}, \qquad \bar x_{ik} = \bar z_i\,y_{ik}

    Parameters
    ----------
    x1, x2 : array_like
        Of one size along ``axis``; the other axes broadcast.
    axis : int
        The vectors' axis.

    Returns
    -------
    Tensor
        Without that axis. Source: Giles 2008, section 2.2.2.

    Examples
    --------
    >>> vecdot([[1.0, 2.0], [0.0, 1.0]], [3.0, 4.0])
    array([11.,  4.])
    """
    first, second = _to_the_end(x1, axis, "vecdot"), _to_the_end(x2, axis, "vecdot")
    if first.shape[-1] != second.shape[-1]:
        raise sizes_differ("vecdot", first.shape[-1], second.shape[-1], first, second)
    return einsum("...i,...i->...", first, second)


def cross(x1: Operand, x2: Operand, /, *, axis: int = -1) -> Tensor:
    r"""Cross products of vectors in space.

    .. math:: z = x \times y, \qquad \bar x = y \times \bar z, \quad \bar y = \bar z \times x

    Parameters
    ----------
    x1, x2 : array_like
        Of size 3 along ``axis``; the other axes broadcast.
    axis : int
        The axis of the components.

    Notes
    -----
    Source: Petersen and Pedersen 2012, section 10.

    Examples
    --------
    >>> cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    array([0., 0., 1.])
    """
    first, second = _to_the_end(x1, axis, "cross"), _to_the_end(x2, axis, "cross")
    if not first.shape[-1] == second.shape[-1] == 3:
        raise errors.ShapeError(
            f"a cross product is of 3 components, got {first.shape[-1]} and {second.shape[-1]}",
            code="TG-S14",
            shapes=(first.shape, second.shape),
            op="cross",
            why="only in space is one direction perpendicular to two others",
            fix="tg.cross(x, y, axis=0)   # the axis that has x, y and z",
        )
    x, y = ([v[..., k] for k in range(3)] for v in (first, second))
    parts = [x[i] * y[j] - x[j] * y[i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return stack(parts, axis=axis)


def trace(
    x: Operand, /, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None
) -> Tensor:
    r"""Sum of the elements on a diagonal.

    .. math:: z = \sum_i x_{i, i + k}, \qquad \bar x_{ij} = \bar z\,[j = i + k]

    Parameters
    ----------
    x : array_like
        At least two axes.
    offset : int
        ``k``: 0 for the main diagonal, above it positive, below it negative.
    axis1, axis2 : int
        Rows and columns.
    dtype : dtype, optional
        Converted to this type before the sum.

    Notes
    -----
    Source: Giles 2008, section 2.3.1.

    Examples
    --------
    >>> trace([[1.0, 2.0], [3.0, 4.0]])
    array(5.)
    """
    x = operand(x)
    rows, columns = axis_number(axis1, x.shape, "trace"), axis_number(axis2, x.shape, "trace")
    if rows == columns:
        raise errors.ArgumentError(
            f"`trace`: axis1 and axis2 are both {rows}",
            op="trace",
            why="a diagonal runs along two axes",
            fix="tg.trace(x, axis1=0, axis2=1)",
        )
    rest = [k for k in range(x.ndim) if k not in (rows, columns)]
    on = diagonal_of(permute_dims(x, (*rest, rows, columns)), offset)
    return sum(on if dtype is None else astype(on, dtype), axis=-1)


def diagonal_of(x: Any, offset: Any) -> Any:
    """A diagonal of the last two axes, as the last axis."""
    if not isinstance(offset, (int, np.integer)):
        raise errors.ArgumentError(
            f"an offset is a whole number, got {offset!r:.40}",
            fix="offset=1   # above the main one",
        )
    rows, columns = max(-offset, 0), max(offset, 0)
    n = max(min(x.shape[-2] - rows, x.shape[-1] - columns), 0)
    part = x[..., rows : rows + n, columns : columns + n]
    return einsum("...ii->...i", part)


def _to_the_end(x: Any, axis: Any, name: str) -> Any:
    """The operand with an axis moved to the end."""
    x = operand(x)
    k = axis_number(axis, x.shape, name)
    return permute_dims(x, (*range(k), *range(k + 1, x.ndim), k))


def axis_number(axis: Any, shape: Shape, name: str) -> int:
    """An axis counted from 0, checked."""
    if isinstance(axis, (int, np.integer)) and -len(shape) <= axis < len(shape):
        return int(axis) % len(shape)
    raise errors.IndexingError(
        f"`{name}`: {axis!r:.40} is no axis of shape {shape}",
        code="TG-S08",
        shapes=(shape,),
        op=name,
        why="it has to be one that the array has",
        fix="axis=-1   # the last" if shape else "x.reshape(1)   # with one axis",
    )


def sizes_differ(name: str, first: Any, second: Any, x: Any, y: Any) -> Exception:
    """Axes to be summed over that do not match."""
    return errors.ShapeError(
        f"`{name}` sums over axes of sizes {first} and {second}",
        code="TG-S14",
        shapes=(x.shape, y.shape),
        op=name,
        why="each element along the one is multiplied by its counterpart along the other",
        fix="axes of equal size   # or transpose one operand",
    )


def operand(x: Any) -> Any:
    """A Tensor or an array, which have a shape."""
    return x if isinstance(x, Tensor) else numbers(x)
