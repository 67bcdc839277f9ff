"""Triangles and diagonals of matrices, alone or in stacks."""

from __future__ import annotations

import numpy as np

from .. import errors
from ..autodiff.tensor import Tensor
from ..types import Array, Operand
from .axes import held, positions, whole
from .comparison import where
from .indexing import getitem, scatter_add
from .shape import moveaxis, reshape

__all__ = ["diag", "diagonal", "tril", "triu"]


def _masked(x: Operand, keep: Array) -> Tensor:
    # Not a product with the mask: that would make NaN of an infinity that is cut off.
    return where(keep, x, np.zeros((), x.dtype))


def _distance(x: Operand) -> Array:
    """How far above the main diagonal each place lies."""
    rows, columns = x.shape[-2:]
    return np.arange(columns) - np.arange(rows)[:, None]


def _matrix(x: Operand, name: str) -> Operand:
    x = held(x)
    if x.ndim < 2:
        raise errors.ShapeError(
            f"`{name}` needs a matrix or a stack of them, got shape {x.shape}",
            code="TG-S13",
            shapes=(x.shape,),
            op=name,
            why="a triangle or diagonal lies in the plane of two axes",
            fix="x.reshape(1, -1)   # a row",
        )
    return x


def tril(x: Operand, /, *, k: int = 0) -> Tensor:
    r"""Lower triangle of the last two axes, 0 above it.

    .. math:: z_{ij} = x_{ij} [j - i \le k], \qquad \bar x_{ij} = \bar z_{ij} [j - i \le k]

    Parameters
    ----------
    x : array_like, shape (..., rows, columns)
        A matrix or a stack of them.
    k : int
        The last diagonal that is kept: 0 the main one, above it positive. Source: Array API
        2024.12, ``tril``.

    Examples
    --------
    >>> tril([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 0.],
           [3., 4.]])
    """
    x = _matrix(x, "tril")
    return _masked(x, _distance(x) <= whole(k, "tril", "k"))


def triu(x: Operand, /, *, k: int = 0) -> Tensor:
    r"""Upper triangle of the last two axes, 0 below it.

    .. math:: z_{ij} = x_{ij} [j - i \ge k], \qquad \bar x_{ij} = \bar z_{ij} [j - i \ge k]

    Parameters
    ----------
    x : array_like, shape (..., rows, columns)
        A matrix or a stack of them.
    k : int
        The first diagonal that is kept: 0 the main one, above it positive. Source: Array API
        2024.12, ``triu``.

    Examples
    --------
    >>> triu([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.],
           [0., 4.]])
    """
    x = _matrix(x, "triu")
    return _masked(x, _distance(x) >= whole(k, "triu", "k"))


def _places(rows: int, columns: int, offset: int) -> slice:
    """Where a diagonal lies in a matrix laid out in one row: every ``columns + 1`` elements."""
    i, j = max(-offset, 0), max(offset, 0)
    length = max(min(rows - i, columns - j), 0)
    start = i * columns + j if length else 0
    return slice(start, start + length * (columns + 1) - columns * (length > 0), columns + 1)


def diagonal(x: Operand, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    r"""Elements on a diagonal of the plane of two axes, as the last axis.

    .. math:: z_k = x_{k, k + o}, \qquad \bar x_{ij} = \bar z_i [j - i = o]

    Parameters
    ----------
    x : array_like
        At least two axes.
    offset : int
        Which: 0 the main diagonal, above it positive.
    axis1, axis2 : int
        Rows and columns of the plane.

    Notes
    -----
    Laid out in one row, a diagonal is a slice, so neither value nor gradient needs lists of
    indices. Source: NumPy 2.4, ``diagonal``.

    Examples
    --------
    >>> diagonal([[1.0, 2.0], [3.0, 4.0]])
    array([1., 4.])
    """
    x = _matrix(x, "diagonal")
    plane = positions((axis1, axis2), x.ndim, "diagonal")
    x = moveaxis(x, plane, (-2, -1))
    rows, columns = x.shape[-2:]
    flat = reshape(x, (*x.shape[:-2], rows * columns))
    return getitem(flat, (..., _places(rows, columns, whole(offset, "diagonal", "offset"))))


def diag(x: Operand, /, k: int = 0) -> Tensor:
    r"""Square matrix with a vector on a diagonal, or the diagonal of a matrix.

    .. math:: z_{ij} = x_i [j - i = k], \qquad \bar x_i = \bar z_{i, i + k}

    Parameters
    ----------
    x : array_like, shape (n,) or (rows, columns)
        The diagonal, or the matrix to take it from.
    k : int
        Which diagonal: 0 the main one, above it positive. Source: NumPy 2.4, ``diag``.

    Examples
    --------
    >>> diag([1.0, 2.0])
    array([[1., 0.],
           [0., 2.]])
    """
    x = held(x)
    if x.ndim == 2:
        return diagonal(x, offset=k)
    if x.ndim != 1:
        raise errors.ShapeError(
            f"`diag` takes a vector or a matrix, got shape {x.shape}",
            code="TG-S13",
            shapes=(x.shape,),
            op="diag",
            why="of one axis it makes a matrix, of two it takes the diagonal",
            fix="tg.diagonal(x, axis1=-2, axis2=-1)   # of a stack of matrices"
            if x.ndim
            else "x.reshape(1)   # a vector",
        )
    size = x.shape[0] + abs(whole(k, "diag", "k"))
    return reshape(scatter_add(x, (size * size,), _places(size, size, k)), (size, size))
