"""Elements chosen along an axis by their positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..autodiff.tensor import Tensor
from ..types import Array, Operand
from .axes import held, position
from .indexing import getitem
from .shape import reshape

__all__ = ["take", "take_along_axis"]


def _indices(given: Any, name: str) -> Array:
    array: Array = given._data if isinstance(given, Tensor) else held(given)
    if array.dtype.kind not in "iu" and array.size:
        raise errors.IndexingError(
            f"`{name}`: indices are whole numbers, got {array.dtype}",
            code="TG-S08",
            shapes=(array.shape,),
            op=name,
            why="they name elements",
            fix="x[mask]   # for truth values"
            if array.dtype.kind == "b"
            else "indices.astype(int)",
        )
    return array.astype(np.intp)  # of its own, since backward reads it


def take(x: Operand, indices: Any, /, *, axis: int | None = None) -> Tensor:
    r"""Parts at positions along an axis, which may repeat.

    .. math:: z_k = x_{i(k)}, \qquad \bar x_j = \sum_{k:\, i(k) = j} \bar z_k

    Parameters
    ----------
    x : array_like
        Any shape.
    indices : array_like of int
        Any shape, which takes the place of the axis; negative ones count from the end.
    axis : int or None
        Along which; by default all elements in one row. Source: Array API 2024.12, ``take``.

    Examples
    --------
    >>> take([1.0, 2.0, 3.0], [2, 0, 2])
    array([3., 1., 3.])
    """
    x = held(x)
    if axis is None:
        x, axis = reshape(x, -1), 0
    axis = position(axis, x.ndim, "take")
    return getitem(x, (*[slice(None)] * axis, _indices(indices, "take")))


def take_along_axis(x: Operand, indices: Any, /, *, axis: int = -1) -> Tensor:
    r"""One element of each line for each index in it.

    .. math:: z_{jk} = x_{j, i(j, k)}, \qquad \bar x_{jl} = \sum_{k:\, i(j, k) = l} \bar z_{jk}

    Parameters
    ----------
    x : array_like
        At least one axis.
    indices : array_like of int
        As many axes as ``x``; of sizes that broadcast with it on all but ``axis``.
    axis : int
        Along which. Source: Array API 2024.12, ``take_along_axis``.

    Examples
    --------
    >>> take_along_axis([[3.0, 1.0], [2.0, 4.0]], [[1], [0]])
    array([[1.],
           [2.]])
    """
    x, places = held(x), _indices(indices, "take_along_axis")
    axis = position(axis, x.ndim, "take_along_axis")
    pairs = enumerate(zip(x.shape, places.shape, strict=False))
    if places.ndim != x.ndim or not all(n == m or 1 in (n, m) for k, (n, m) in pairs if k != axis):
        raise errors.ShapeError(
            f"`take_along_axis`: indices of shape {places.shape} do not fit {x.shape} along {axis}",
            code="TG-S09",
            shapes=(x.shape, places.shape),
            op="take_along_axis",
            why="each line along the axis needs its own indices",
            fix=f"tg.take(x, indices, axis={axis})   # the same positions of every line",
        )
    key = [np.arange(n).reshape([-1 if j == k else 1 for j in range(x.ndim)])
           for k, n in enumerate(x.shape)]  # fmt: skip
    key[axis] = places
    return getitem(x, tuple(key))
