"""Order: sorted elements keep their gradients, positions have none."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import errors
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Operand
from .axes import held, position, whole
from .indexing import getitem
from .taking import take_along_axis

__all__ = ["argsort", "searchsorted", "sort", "topk"]


class TopK(NamedTuple):
    """The largest or smallest elements, and where they stood."""

    values: Any
    indices: Any


def _order(x: Array, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    if not -x.ndim <= axis < x.ndim:  # of a single number NumPy takes 0
        raise np.exceptions.AxisError(axis, x.ndim)
    for name, given in (("descending", descending), ("stable", stable)):
        if not isinstance(given, (bool, np.bool_)):
            raise errors.ArgumentError(
                f"{name} is True or False, got {given!r:.60}", op="argsort", fix=f"{name}=True"
            )
    kind: Any = "stable" if stable else None
    if not descending:
        return np.argsort(x, axis=axis, kind=kind)
    # Sorted from behind and read backwards: of equal elements the first stays the first.
    order = np.argsort(np.flip(x, axis), axis=axis, kind=kind)
    return x.shape[axis] - 1 - np.flip(order, axis)


def _order_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape, axis = [((4,), -1), ((2, 3), 0), ((3, 2), 1), ((2, 2, 3), -2)][int(rng.integers(4))]
    return (rng.normal(size=shape),), {"axis": axis, "descending": bool(rng.integers(2))}


@operation(_order, samples=_order_samples)
def argsort(
    x: Operand, /, *, axis: int = -1, descending: bool = False, stable: bool = True
) -> Tensor:
    r"""Positions that would sort along an axis; no derivative.

    .. math:: x_{z_0} \le x_{z_1} \le \dots

    Parameters
    ----------
    x : array_like
        At least one axis.
    axis : int
        Along which.
    descending : bool
        The largest first.
    stable : bool
        Equal elements keep their order. Source: Array API 2024.12, ``argsort``.

    Examples
    --------
    >>> argsort([3.0, 1.0, 2.0])
    array([1, 2, 0])
    """


def sort(x: Operand, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    r"""In order along an axis.

    .. math:: z_k = x_{\pi(k)}, \qquad \bar x_{\pi(k)} = \bar z_k

    Parameters
    ----------
    x : array_like
        At least one axis; NaN stands above all numbers.
    axis : int
        Along which.
    descending : bool
        The largest first.
    stable : bool
        Equal elements keep their order.

    Notes
    -----
    The permutation :math:`\pi` is constant but where elements are equal. There the values bend,
    and each element gets the gradient of the place that it stands at: the first of equals that of
    the first place. Source: Array API 2024.12, ``sort``; Blondel et al. 2020, section 2 for the
    derivative.

    Examples
    --------
    >>> sort([3.0, 1.0, 2.0])
    array([1., 2., 3.])
    """
    order = argsort(x, axis=axis, descending=descending, stable=stable)
    return take_along_axis(x, order, axis=axis)


def topk(x: Operand, k: int, /, *, axis: int = -1, largest: bool = True) -> TopK:
    r"""The ``k`` largest or smallest elements along an axis, the most extreme first.

    .. math:: z_j = x_{\pi(j)}, \qquad \bar x_{\pi(j)} = \bar z_j, \quad j < k

    Parameters
    ----------
    x : array_like
        At least one axis.
    k : int
        How many, from 0 to the length of the axis.
    axis : int
        Along which.
    largest : bool
        Whether the largest or the smallest.

    Returns
    -------
    TopK
        ``values`` and ``indices``; of equal elements those that come first.

    Raises
    ------
    ArgumentError
        Where the axis has fewer elements.

    Notes
    -----
    The gradient goes to the chosen elements, and all others get 0. Source: Array API 2025.12,
    ``top_k``.

    Examples
    --------
    >>> topk([3.0, 1.0, 2.0], 2).values
    array([3., 2.])
    """
    x = held(x)
    axis = position(axis, x.ndim, "topk")
    number = whole(k, "topk", "k", "tg.topk(x, 1)")
    if not 0 <= number <= x.shape[axis]:
        raise errors.ArgumentError(
            f"`topk`: {number} of {x.shape[axis]} elements on axis {axis} cannot be chosen",
            shapes=(x.shape,),
            op="topk",
            fix=f"tg.topk(x, {x.shape[axis]}, axis={axis})   # all of them",
        )
    order = argsort(x, axis=axis, descending=largest)
    indices = getitem(order, (*[slice(None)] * axis, slice(0, number)))
    return TopK(take_along_axis(x, indices, axis=axis), indices)


def _searched(x1: Array, x2: Array, *, side: Any = "left", sorter: Any = None) -> Array:
    order = None if sorter is None else np.asarray(sorter)  # a Tensor would call us again
    return np.asarray(np.searchsorted(x1, x2, side=side, sorter=order))


@operation(
    _searched,
    samples=lambda rng: (
        (np.sort(rng.normal(size=4)), rng.normal(size=((3,), (), (2, 2))[int(rng.integers(3))])),
        {"side": ("left", "right")[int(rng.integers(2))]},
    ),
)
def searchsorted(x1: Operand, x2: Operand, /, *, side: str = "left", sorter: Any = None) -> Tensor:
    r"""Where elements belong in a sorted row; no derivative.

    .. math:: z = \#\{i : x_i < y\}

    Parameters
    ----------
    x1 : array_like, shape (n,)
        In ascending order.
    x2 : array_like
        What to find a place for, any shape.
    side : {"left", "right"}
        Before or behind equal elements.
    sorter : array_like of int, shape (n,), optional
        Positions that sort ``x1``. Source: Array API 2024.12, ``searchsorted``.

    Examples
    --------
    >>> searchsorted([1.0, 2.0, 3.0], [2.0, 9.0])
    array([1, 3])
    """
