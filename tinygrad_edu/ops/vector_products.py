"""Products of vectors along an axis, and the diagonal of a matrix."""

from __future__ import annotations

from typing import Any

from .. import errors
from ..autodiff.tensor import Tensor
from ..source import here
from ..types import Operand
from .arithmetic import multiply
from .axes import held
from .contraction import einsum
from .diagonals import diagonal
from .joining import stack
from .parts import conj
from .reduction import sum
from .shape import moveaxis, reshape

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
    r"""Dot products of the vectors along an axis, of complex ones with the first conjugated.

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
    first, second = moveaxis(held(x1), axis, -1), moveaxis(held(x2), axis, -1)
    if first.shape[-1] != second.shape[-1]:
        raise sizes_differ("vecdot", first.shape[-1], second.shape[-1], first, second)
    return einsum("...i,...i->...", conj(first), second)


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
    Source: DLMF, section 1.6(i).

    Examples
    --------
    >>> cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    array([0., 0., 1.])
    """
    first, second = moveaxis(held(x1), axis, -1), moveaxis(held(x2), axis, -1)
    if not first.shape[-1] == second.shape[-1] == 3:
        raise errors.ShapeError(
            f"a cross product is of 3 components, got {first.shape[-1]} and {second.shape[-1]}",
            code="TG-S14",
            shapes=(first.shape, second.shape),
            op="cross",
            why="only in space is one direction perpendicular to two others",
            fix="tg.cross(np.ones((2, 3)), np.ones(3))   # for example; axis= names another one",
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
    Source: Giles 2008, section 2.1.

    Examples
    --------
    >>> trace([[1.0, 2.0], [3.0, 4.0]])
    array(5.)
    """
    return sum(diagonal(x, offset, axis1, axis2), axis=-1, dtype=dtype)


def sizes_differ(name: str, first: Any, second: Any, x: Any, y: Any) -> Exception:
    """Axes to be summed over that do not match."""
    site = here()
    left, right = site.terms[:2] if site and len(site.terms) > 1 else ("x", "y")
    return errors.ShapeError(
        f"`{name}` sums over axes of sizes {first} and {second}",
        code="TG-S14",
        shapes=(x.shape, y.shape),
        op=name,
        why="each element along the one is multiplied by its counterpart along the other",
        fix=f"tg.tensordot({left}, {right}, axes=0)   # all products, nothing summed",
    )
