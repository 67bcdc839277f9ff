"""Sums of products over axes of tensors, and the product of all elements with all."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import errors
from ..autodiff.tensor import Tensor
from ..types import Operand
from .arithmetic import multiply
from .axes import held, positions
from .products import matmul
from .shape import permute_dims, reshape
from .vector_products import sizes_differ

__all__ = ["dot", "inner", "tensordot", "kron"]


def tensordot(x1: Operand, x2: Operand, /, axes: int | tuple[Any, Any] = 2) -> Tensor:
    r"""Sum of products over several axes.

    .. math:: z_{ij} = \sum_k x_{ik} y_{kj}, \qquad \bar x_{ik} = \sum_j \bar z_{ij} y_{kj}

    Parameters
    ----------
    x1, x2 : array_like
        Any shapes.
    axes : int or pair of (int or sequence of int)
        How many of the last axes of ``x1`` and the first of ``x2``, in order; or which ones of
        each, in pairs.

    Returns
    -------
    Tensor
        The axes left of ``x1``, then those of ``x2``. Source: Giles 2008, section 2.2.2.

    Raises
    ------
    ShapeError
        When paired axes differ in size.

    Examples
    --------
    >>> tensordot(np.ones((2, 3, 4)), np.ones((4, 3, 5)), axes=((1, 2), (1, 0))).shape
    (2, 5)
    """
    x, y = held(x1), held(x2)
    left, right = _paired(axes, x, y)
    sizes = [x.shape[k] for k in left], [y.shape[k] for k in right]
    if sizes[0] != sizes[1]:
        raise sizes_differ("tensordot", sizes[0], sizes[1], x, y)
    rows = [k for k in range(x.ndim) if k not in left]
    columns = [k for k in range(y.ndim) if k not in right]
    shapes = [x.shape[k] for k in rows], [y.shape[k] for k in columns]
    count = math.prod(sizes[0])
    first = reshape(permute_dims(x, (*rows, *left)), (math.prod(shapes[0]), count))
    second = reshape(permute_dims(y, (*right, *columns)), (count, math.prod(shapes[1])))
    return reshape(matmul(first, second), (*shapes[0], *shapes[1]))


def _paired(axes: Any, x: Any, y: Any) -> tuple[list[int], list[int]]:
    """The axes to sum over, of each operand, counted from 0."""
    if isinstance(axes, (int, np.integer)) and 0 <= axes <= min(x.ndim, y.ndim):
        return list(range(x.ndim - int(axes), x.ndim)), list(range(int(axes)))
    pair = axes if isinstance(axes, (tuple, list)) and len(axes) == 2 else (None,)
    each = [list(a) if isinstance(a, (tuple, list)) else [a] for a in pair]
    if len(each) != 2 or len(each[0]) != len(each[1]):
        raise errors.ArgumentError(
            f"`tensordot`: axes {axes!r:.60} for shapes {x.shape} and {y.shape}",
            code="TG-S14",
            shapes=(x.shape, y.shape),
            op="tensordot",
            why="axes are summed over in pairs, one of each operand",
            fix="tg.tensordot(np.ones((2, 3)), np.ones((3, 4)), axes=((1,), (0,)))   # for example",
        )
    left, right = each
    return (
        list(positions(left, x.ndim, "tensordot")),
        list(positions(right, y.ndim, "tensordot")),
    )


def dot(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Sum of products over the last axis of the first and the last but one of the second.

    .. math:: z = \sum_k x_k y_k, \qquad \bar x = \bar z\,y, \quad \bar y = \bar z\,x

    Parameters
    ----------
    x1, x2 : array_like
        Vectors, matrices, or more axes; of a number it is the multiple. A vector has one axis to
        sum over. Leading axes do not broadcast: the result has those of both.

    Notes
    -----
    NumPy's ``dot``. For stacks of matrices use ``matmul``, for stacks of vectors ``vecdot``.
    Source: Giles 2008, section 2.2.2.

    Examples
    --------
    >>> dot([1.0, 2.0], [3.0, 4.0])
    array(11.)
    """
    first, second = held(x1).ndim, held(x2).ndim
    if not first or not second:
        return multiply(x1, x2)
    if first <= 2 >= second:
        return matmul(x1, x2)
    return tensordot(x1, x2, axes=(-1, -1 if second == 1 else -2))


def inner(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Sum of products over the last axes of both.

    .. math:: z_{ij} = \sum_k x_{ik} y_{jk}, \qquad \bar x_{ik} = \sum_j \bar z_{ij} y_{jk}

    Parameters
    ----------
    x1, x2 : array_like
        Last axes of one size; of a number it is the multiple.

    Returns
    -------
    Tensor
        The other axes of ``x1``, then those of ``x2``. Source: Giles 2008, section 2.2.2.

    Examples
    --------
    >>> inner([[1.0, 2.0], [0.0, 1.0]], [3.0, 4.0])
    array([11.,  4.])
    """
    if not held(x1).ndim or not held(x2).ndim:
        return multiply(x1, x2)
    return tensordot(x1, x2, axes=(-1, -1))


def kron(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Kronecker product: every element of the first, times all of the second.

    .. math:: z_{(ik)(jl)} = x_{ij} y_{kl}, \qquad
              \bar x_{ij} = \sum_{kl} \bar z_{(ik)(jl)} y_{kl}

    Parameters
    ----------
    x1, x2 : array_like
        Any shapes; the one with fewer axes gets leading axes of length one.

    Returns
    -------
    Tensor
        Each axis as long as those of both multiplied. Source: Van Loan 2000, section 1.

    Examples
    --------
    >>> kron([1.0, 10.0], [1.0, 2.0])
    array([ 1.,  2., 10., 20.])
    """
    x, y = held(x1), held(x2)
    ndim = max(x.ndim, y.ndim)
    shapes = [(1,) * (ndim - each.ndim) + each.shape for each in (x, y)]
    first = reshape(x, tuple([n for size in shapes[0] for n in (size, 1)]))
    second = reshape(y, tuple([n for size in shapes[1] for n in (1, size)]))
    sizes = tuple([n * m for n, m in zip(*shapes, strict=True)])
    return reshape(multiply(first, second), sizes)
