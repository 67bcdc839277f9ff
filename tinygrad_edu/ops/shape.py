"""Rearranging: the same numbers under other indices. Every rule is the inverse rearrangement.

References: Array API 2024.12 for the meanings; Horn and Johnson 2013, section 0.9.5: the transpose
of a permutation is its inverse.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import numpy as np

from .. import errors
from ..arrays import number_type
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..namespace import check_device
from ..source import here
from ..types import Array, Operand, Shape
from .axes import held, not_of_length_one, position, positions

__all__ = [
    "astype",
    "expand_dims",
    "matrix_transpose",
    "moveaxis",
    "permute_dims",
    "reshape",
    "squeeze",
    "swapaxes",
]


def _reshaped(x: Array, shape: Any, *, copy: bool | None = None) -> Array:
    found = np.reshape(x, shape)
    if copy is False and x.size and not np.may_share_memory(found, x):
        raise errors.ArgumentError(
            f"reshape(copy=False) of {x.shape} to {found.shape}, but this needs a copy",
            why="the values do not lie in memory in this order",
            fix="tg.reshape(x, shape)",
        )
    return found.copy() if copy else found


def _explain_reshape(x: Array, shape: Any, copy: bool | None) -> Exception:
    site = here()
    name = site.terms[0] if site and site.terms else "x"
    lengths = list(shape) if isinstance(shape, (tuple, list)) else [shape]
    fix = f"{name}.reshape(-1)   # -> ({x.size},)"
    if x.ndim > 1 and x.size:  # of no values, -1 could stand for anything
        rest = x.size // x.shape[0]
        fix = f"{name}.reshape({x.shape[0]}, -1)   # -> ({x.shape[0]}, {rest}), the first axis kept"
    return errors.ShapeError(
        f"cannot reshape {x.shape} = {x.size} values to {shape}",
        code="TG-S07",
        shapes=(x.shape,),
        op="reshape",
        why="-1 stands for whatever is left, and can do so once"
        if lengths.count(-1) > 1
        else "reshaping rearranges all values, it neither drops nor invents any",
        fix=fix,
    )


@operation(
    _reshaped,
    rule=lambda g, out, x, shape, copy: reshape(g, x.shape),
    view=True,
    samples=lambda rng: (
        (rng.normal(size=(2, 3)),),
        {"shape": ((3, -1), 6, -1, (6,), (1, 2, 3), (2, 3))[int(rng.integers(6))]},
    ),
    explain=_explain_reshape,
)
def reshape(x: Operand, /, shape: int | Shape, *, copy: bool | None = None) -> Tensor:
    r"""The same values in the same order under another shape.

    .. math:: z = \operatorname{vec}^{-1}(\operatorname{vec} x), \qquad
              \bar x = \operatorname{vec}^{-1}(\operatorname{vec} \bar z)

    Parameters
    ----------
    x : array_like
        Any shape.
    shape : int or tuple of int
        The new lengths; one may be -1, for whatever is left.
    copy : bool, optional
        True never shares memory with ``x``, and False refuses to copy. Source: Array API 2024.12,
        ``reshape``.

    Examples
    --------
    >>> reshape([1.0, 2.0, 3.0, 4.0], (2, 2))
    array([[1., 2.],
           [3., 4.]])
    """


def _reshape_method(x: Tensor, *shape: Any, copy: bool | None = None) -> Tensor:
    return reshape(x, shape[0] if len(shape) == 1 else shape, copy=copy)


def _permute(x: Array, axes: Shape | None = None) -> Array:
    return x.transpose(axes)


@operation(
    _permute,
    rule=lambda g, out, x, axes: permute_dims(
        g, None if axes is None else tuple(np.argsort([k % g.ndim for k in axes]).tolist())
    ),
    view=True,
    samples=lambda rng: (
        (rng.normal(size=(2, 3, 4)),),
        {"axes": (2, 0, -2) if rng.integers(2) else None},
    ),
)
def permute_dims(x: Operand, /, axes: Shape | None = None) -> Tensor:
    r"""The axes in another order; reversed by default.

    .. math:: z_{i_{\pi(1)} \dots i_{\pi(n)}} = x_{i_1 \dots i_n}, \qquad
              \bar x = \pi^{-1}(\bar z)

    Parameters
    ----------
    x : array_like
        Any shape.
    axes : tuple of int, optional
        For each axis of the result, the axis of ``x`` that it is. Source: Array API 2024.12,
        ``permute_dims``.

    Examples
    --------
    >>> permute_dims([[1.0, 2.0, 3.0]]).shape
    (3, 1)
    """


def _explain_transpose(x: Array) -> Exception:
    site = here()
    name = site.terms[0] if site and site.terms else "x"
    return errors.ShapeError(
        f"a matrix transpose needs at least two axes, this has shape {x.shape}",
        code="TG-S13",
        shapes=(x.shape,),
        op="matrix_transpose",
        fix=f"{name}.reshape(-1, 1)   # a column",
    )


@operation(
    attrgetter("mT"),
    rule=lambda g, out, x: g.mT,
    view=True,
    samples=lambda rng: (
        (rng.normal(size=((2, 3, 4), (2, 3), (2, 2), (2, 3, 3), (1, 2))[int(rng.integers(5))]),),
        {},
    ),
    explain=_explain_transpose,
)
def matrix_transpose(x: Operand, /) -> Tensor:
    r"""The last two axes exchanged: a stack of matrices transposed.

    .. math:: z_{\dots ij} = x_{\dots ji}, \qquad \bar x_{\dots ji} = \bar z_{\dots ij}

    Parameters
    ----------
    x : array_like, shape (..., rows, columns)
        At least two axes. Source: Array API 2024.12, ``matrix_transpose``.

    Examples
    --------
    >>> matrix_transpose(np.zeros((5, 2, 3))).shape
    (5, 3, 2)
    """


def _squeezed(x: Array, axis: int | Shape | None = None) -> Array:
    return np.squeeze(x, axis)


@operation(
    _squeezed,
    rule=lambda g, out, x, axis: reshape(g, x.shape),
    view=True,
    samples=lambda rng: (
        (rng.normal(size=(2, 1, 3, 1)),),
        {"axis": (1, -1, -3, None, (1,), (1, 3), (-1, 1), ())[int(rng.integers(8))]},
    ),
    explain=not_of_length_one,
)
def squeeze(x: Operand, /, axis: int | Shape | None = None) -> Tensor:
    r"""Without the named axes of length one, or all of them.

    .. math:: z_{ij} = x_{i1j}, \qquad \bar x_{i1j} = \bar z_{ij}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int or tuple of int, optional
        Axes of length one; by default every such axis. Source: Array API 2024.12, ``squeeze``.

    Examples
    --------
    >>> squeeze([[1.0, 2.0]], 0)
    array([1., 2.])
    """


@operation(
    np.expand_dims,
    rule=lambda g, out, x, axis: reshape(g, x.shape),
    view=True,
    samples=lambda rng: (
        (rng.normal(size=(2, 3)),),
        {"axis": (0, 1, 2, -1, -2, (0,), (0, 2), (-1, 1), ())[int(rng.integers(9))]},
    ),
)
def expand_dims(x: Operand, /, axis: int | Shape = 0) -> Tensor:
    r"""With a new axis of length one.

    .. math:: z_{i1j} = x_{ij}, \qquad \bar x_{ij} = \bar z_{i1j}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int or tuple of int
        Where the new axis stands in the result. Source: Array API 2024.12, ``expand_dims``.

    Examples
    --------
    >>> expand_dims([1.0, 2.0], 0).shape
    (1, 2)
    """


@operation(
    lambda x, dtype: x.astype(number_type(dtype)),
    rule=lambda g, out, x, dtype: _astype(g, x.dtype),
    samples=lambda rng: ((rng.normal(size=(2, 3)),), {"dtype": np.float64}),
)
def _astype(x: Operand, /, dtype: Any) -> Tensor:
    r"""The same values in another type of number.

    .. math:: z = x, \qquad \bar x = \bar z

    Examples
    --------
    >>> _astype([1.9], np.int64)
    array([1])
    """


def astype(x: Operand, /, dtype: Any, *, copy: bool = True, device: Any = None) -> Tensor:
    r"""The same values in another type of number; to a whole-number type gradients stop.

    .. math:: z = x, \qquad \bar x = \bar z

    Parameters
    ----------
    x : array_like
        Any shape.
    dtype : dtype
        The type to convert to. The cotangent is converted back.
    copy : bool
        If false, what already has the type is returned as it is.
    device : str, optional
        Only ``"cpu"``.

    Examples
    --------
    >>> astype([1.9], np.int64)
    array([1])
    """
    check_device(device)
    if not copy and getattr(x, "dtype", None) == dtype:
        return x
    return _astype(x, dtype)


def moveaxis(x: Operand, source: int | Shape, destination: int | Shape, /) -> Tensor:
    r"""Axes moved to other places; the rest keep their order.

    .. math:: z_{i_{\pi(1)} \dots i_{\pi(n)}} = x_{i_1 \dots i_n}, \qquad
              \bar x = \pi^{-1}(\bar z)

    Parameters
    ----------
    x : array_like
        Any shape.
    source, destination : int or tuple of int
        Which axes, and where each stands in the result. Source: Array API 2024.12, ``moveaxis``.

    Examples
    --------
    >>> moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    x = held(x)
    moved, places = [positions(axis, x.ndim, "moveaxis") for axis in (source, destination)]
    if len(moved) != len(places):
        raise errors.ArgumentError(
            f"`moveaxis`: {len(moved)} axes cannot be moved to {len(places)} places",
            shapes=(x.shape,),
            op="moveaxis",
            fix=f"tg.moveaxis(x, {moved}, {tuple(range(len(moved)))})",
        )
    order = [k for k in range(x.ndim) if k not in moved]
    for place, axis in sorted(zip(places, moved, strict=True)):
        order.insert(place, axis)
    return permute_dims(x, tuple(order))


def swapaxes(x: Operand, axis1: int, axis2: int, /) -> Tensor:
    r"""Two axes exchanged.

    .. math:: z_{\dots j \dots i \dots} = x_{\dots i \dots j \dots}, \qquad
              \bar x_{\dots i \dots j \dots} = \bar z_{\dots j \dots i \dots}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis1, axis2 : int
        Which. Source: NumPy 2.4, ``swapaxes``.

    Examples
    --------
    >>> swapaxes(np.zeros((2, 3, 4)), 0, 2).shape
    (4, 3, 2)
    """
    x = held(x)
    order = list(range(x.ndim))
    first, second = [position(axis, x.ndim, "swapaxes") for axis in (axis1, axis2)]
    order[first], order[second] = second, first
    return permute_dims(x, tuple(order))


Tensor.astype = astype  # type: ignore
Tensor.reshape = _reshape_method  # type: ignore
Tensor.T = property(permute_dims, doc="The axes in reverse order.")  # type: ignore
Tensor.mT = property(matrix_transpose, doc="The last two axes exchanged.")  # type: ignore
