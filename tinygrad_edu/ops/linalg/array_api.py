"""Products and diagonals under the signatures that the Array API gives them in ``linalg``."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...autodiff.tensor import Tensor
from ...types import Operand
from .. import diagonals, vector_products
from ..axes import held
from ..products import matmul
from ..shape import matrix_transpose
from ..tensor_products import tensordot
from ..vector_products import cross, vecdot
from .checks import not_a_matrix, written

__all__ = [
    "cross",
    "diagonal",
    "matmul",
    "matrix_transpose",
    "outer",
    "tensordot",
    "trace",
    "vecdot",
]


def diagonal(x: Operand, /, *, offset: int = 0) -> Tensor:
    r"""Elements on a diagonal of the last two axes.

    .. math:: z_i = x_{i, i + k}, \qquad \bar x_{ij} = \bar z_i\,[j = i + k]

    Parameters
    ----------
    x : array_like, shape (..., m, n)
        Leading axes are a stack of matrices.
    offset : int
        ``k``: 0 for the main diagonal, above it positive, below it negative.

    Returns
    -------
    Tensor
        The diagonal as the last axis. Source: Giles 2008, section 2.1.

    Examples
    --------
    >>> diagonal([[1.0, 2.0], [3.0, 4.0]])
    array([1., 4.])
    """
    return diagonals.diagonal(_matrix("diagonal", x), offset, -2, -1)


def trace(x: Operand, /, *, offset: int = 0, dtype: Any = None) -> Tensor:
    r"""Sum of the elements on a diagonal of the last two axes.

    .. math:: z = \sum_i x_{i, i + k}, \qquad \bar x_{ij} = \bar z\,[j = i + k]

    Parameters
    ----------
    x : array_like, shape (..., m, n)
        Leading axes are a stack of matrices.
    offset : int
        ``k``: 0 for the main diagonal, above it positive, below it negative.
    dtype : dtype, optional
        Converted to this type before the sum.

    Returns
    -------
    Tensor
        Shape (...). Source: Giles 2008, section 2.1.

    Examples
    --------
    >>> trace([[1.0, 2.0], [3.0, 4.0]])
    array(5.)
    """
    return vector_products.trace(_matrix("trace", x), offset, -2, -1, dtype)


def outer(x1: Operand, x2: Operand, /) -> Tensor:
    r"""All products of an element of one vector with one of another.

    .. math:: z_{ij} = x_i y_j, \qquad \bar x_i = \sum_j \bar z_{ij} y_j

    Parameters
    ----------
    x1, x2 : array_like, one axis
        The vectors.

    Returns
    -------
    Tensor
        Shape (size of ``x1``, size of ``x2``). Source: Giles 2008, section 2.2.2.

    Examples
    --------
    >>> outer([1.0, 2.0], [3.0, 4.0])
    array([[3., 4.],
           [6., 8.]])
    """
    x, y = held(x1), held(x2)
    if x.ndim != 1 or y.ndim != 1:
        raise errors.ShapeError(
            f"`linalg.outer` is of two vectors, got shapes {x.shape} and {y.shape}",
            code="TG-S15",
            shapes=(x.shape, y.shape),
            op="outer",
            why="more axes could mean the outer products of a stack, or one of all elements",
            fix=f"tg.outer({written()}, {written(1, 'y')})   # of all elements",
        )
    return vector_products.outer(x, y)


def _matrix(name: str, x: Operand) -> Any:
    x = held(x)
    if (found := not_a_matrix(name, x)) is not None:
        raise found
    return x
