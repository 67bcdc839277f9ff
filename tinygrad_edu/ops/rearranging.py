"""Turned, shifted, repeated: the same numbers in another order or several times."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Axis, Operand, Shape
from .axes import held, position, positions, whole
from .indexing import getitem
from .reduction import broadcast_to
from .shape import reshape, swapaxes

__all__ = [
    "broadcast_arrays",
    "flip",
    "meshgrid",
    "ravel",
    "repeat",
    "roll",
    "rot90",
    "tile",
]

_BACKWARDS = slice(None, None, -1)


def flip(x: Operand, /, *, axis: Axis = None) -> Tensor:
    r"""In reverse order along axes.

    .. math:: z_i = x_{n - 1 - i}, \qquad \bar x_i = \bar z_{n - 1 - i}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int, tuple of int or None
        Which axes; all by default. Source: Array API 2024.12, ``flip``.

    Examples
    --------
    >>> flip([1.0, 2.0, 3.0])
    array([3., 2., 1.])
    """
    x = held(x)
    turned = range(x.ndim) if axis is None else positions(axis, x.ndim, "flip")
    return getitem(x, tuple([_BACKWARDS if k in turned else slice(None) for k in range(x.ndim)]))


def ravel(x: Operand, /) -> Tensor:
    r"""All elements in one row, the last axis running fastest.

    .. math:: z = \operatorname{vec} x, \qquad \bar x = \operatorname{vec}^{-1} \bar z

    Parameters
    ----------
    x : array_like
        Any shape. Source: NumPy 2.4, ``ravel``.

    Examples
    --------
    >>> ravel([[1.0, 2.0], [3.0, 4.0]])
    array([1., 2., 3., 4.])
    """
    return reshape(x, -1)


def rot90(x: Operand, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Tensor:
    r"""Turned by quarters in the plane of two axes, from the first towards the second.

    .. math:: z_{ij} = x_{j, n - 1 - i}, \qquad \bar x_{ij} = \bar z_{n - 1 - j, i}

    Parameters
    ----------
    x : array_like
        At least two axes.
    k : int
        How many quarters; negative turns back.
    axes : tuple of two int
        The plane. Source: NumPy 2.4, ``rot90``.

    Examples
    --------
    >>> rot90([[1.0, 2.0], [3.0, 4.0]])
    array([[2., 4.],
           [1., 3.]])
    """
    x = held(x)
    plane = positions(axes, x.ndim, "rot90")
    if len(plane) != 2:
        raise errors.ArgumentError(
            f"`rot90` turns in the plane of two axes, got {axes!r:.60}",
            op="rot90",
            fix="axes=(0, 1)",
        )
    quarters = whole(k, "rot90", "k") % 4
    if quarters % 2 == 0:
        return flip(x, axis=plane) if quarters else flip(x, axis=())
    first, second = plane
    turned = swapaxes(x, first, second)
    return flip(turned, axis=first if quarters == 1 else second)


def _rolled(x: Array, /, shift: int | Shape, *, axis: Axis = None) -> Array:
    places = [whole(one, "roll", "shift") for one in np.ravel(shift).tolist()]
    return np.roll(x, places if np.ndim(shift) else places[0], axis)


def _opposite(shift: Any) -> Any:
    return tuple([-one for one in shift]) if isinstance(shift, (tuple, list)) else -shift


def _roll_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    forms: list[tuple[Shape, Any, Axis]] = [
        ((4,), 1, None), ((3,), -2, 0), ((2, 3), 2, None), ((2, 3), 1, -1), ((3, 2), 1, 0),
        ((2, 3), (1, 2), (0, 1)), ((3, 4), (1, -1), (-1, 0)), ((3,), 7, -1), ((), 1, None),
        ((3, 2), 2, (0, 1)), ((5,), (1, 1), 0), ((0, 2), 1, 1),
    ]  # fmt: skip
    shape, shift, axis = forms[int(rng.integers(len(forms)))]
    return (rng.normal(size=shape),), {"shift": shift, "axis": axis}


@operation(
    _rolled,
    rule=lambda g, out, x, shift, axis: roll(g, _opposite(shift), axis=axis),
    samples=_roll_samples,
)
def roll(x: Operand, /, shift: int | Shape, *, axis: Axis = None) -> Tensor:
    r"""Shifted along axes; what leaves at one end comes in at the other.

    .. math:: z_i = x_{(i - s) \bmod n}, \qquad \bar x_i = \bar z_{(i + s) \bmod n}

    Parameters
    ----------
    x : array_like
        Any shape.
    shift : int or tuple of int
        By how many places, one for all axes or one for each.
    axis : int, tuple of int or None
        Along which; by default all elements are shifted as one row.

    Notes
    -----
    An operation of its own for speed: its adjoint is a shift back. Value and gradient of 1000
    numbers take 42 us, out of two slices and a join 63. Source: Array API 2024.12, ``roll``.

    Examples
    --------
    >>> roll([1.0, 2.0, 3.0], 1)
    array([3., 1., 2.])
    """


def tile(x: Operand, repetitions: int | Shape, /) -> Tensor:
    r"""The whole array side by side with itself.

    .. math:: z_i = x_{i \bmod n}, \qquad \bar x_i = \sum_k \bar z_{i + kn}

    Parameters
    ----------
    x : array_like
        Any shape.
    repetitions : int or tuple of int
        How often along each axis, counted from the last; further ones make new axes in front.
        Source: Array API 2024.12, ``tile``.

    Examples
    --------
    >>> tile([1.0, 2.0], 2)
    array([1., 2., 1., 2.])
    """
    x = held(x)
    times = _times(repetitions, "tile")
    times = (1,) * (x.ndim - len(times)) + times
    shape = (1,) * (len(times) - x.ndim) + x.shape
    apart = reshape(x, tuple([m for n in shape for m in (1, n)]))
    whole = broadcast_to(apart, tuple([m for pair in zip(times, shape, strict=True) for m in pair]))
    return reshape(whole, tuple([t * n for t, n in zip(times, shape, strict=True)]))


def _times(given: Any, name: str) -> tuple[int, ...]:
    several = given if isinstance(given, (tuple, list, np.ndarray)) else [given]
    times = tuple([whole(one, name, "repetitions", f"tg.{name}(x, 2)") for one in several])
    if any(one < 0 for one in times):
        raise errors.ArgumentError(
            f"`{name}`: nothing can be repeated {min(times)} times", op=name, fix=f"tg.{name}(x, 2)"
        )
    return times


def repeat(x: Operand, repeats: Any, /, *, axis: int | None = None) -> Tensor:
    r"""Each element several times in a row.

    .. math:: z_k = x_{i(k)}, \qquad \bar x_j = \sum_{k:\, i(k) = j} \bar z_k

    Parameters
    ----------
    x : array_like
        Any shape.
    repeats : int, or array_like of int, shape (n,) or (1,)
        How often, one number for all or one for each element along the axis.
    axis : int or None
        Along which; by default all elements in one row. Source: Array API 2024.12, ``repeat``.

    Examples
    --------
    >>> repeat([1.0, 2.0], [1, 3])
    array([1., 2., 2., 2.])
    """
    x = held(x)
    if axis is None:
        x, axis = reshape(x, -1), 0
    axis = position(axis, x.ndim, "repeat")
    times = np.atleast_1d(held(repeats)._data if isinstance(repeats, Tensor) else held(repeats))
    wrong = times.dtype.kind not in "iu" or times.ndim > 1 or times.size not in (1, x.shape[axis])
    if wrong or (times < 0).any():
        raise errors.ArgumentError(
            f"`repeat`: {repeats!r:.60} is not how often to repeat {x.shape[axis]} elements",
            shapes=(x.shape, times.shape),
            op="repeat",
            why="it is a count from 0 on, one for all or one for each",
            fix="tg.repeat(x, 2)",
        )
    if times.size != 1:
        rows = np.repeat(np.arange(x.shape[axis]), times)
        return getitem(x, (*[slice(None)] * axis, rows))
    before, after = x.shape[: axis + 1], x.shape[axis + 1 :]
    often = int(times[0])
    spread = broadcast_to(reshape(x, (*before, 1, *after)), (*before, often, *after))
    return reshape(spread, (*x.shape[:axis], x.shape[axis] * often, *after))


def broadcast_arrays(*arrays: Operand) -> list[Tensor]:
    r"""Each repeated to the shape that all broadcast to.

    .. math:: z^{(k)}_{ij} = x^{(k)}_j, \qquad \bar x^{(k)}_j = \sum_i \bar z^{(k)}_{ij}

    Parameters
    ----------
    *arrays : array_like
        Shapes that broadcast.

    Returns
    -------
    list of Tensor
        One for each. Source: Array API 2024.12, ``broadcast_arrays``.

    Examples
    --------
    >>> [part.shape for part in broadcast_arrays([1.0, 2.0], [[1.0], [2.0], [3.0]])]
    [(3, 2), (3, 2)]
    """
    parts = [held(x) for x in arrays]
    shapes = [x.shape for x in parts]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise errors.ShapeError(
            f"`broadcast_arrays`: {' and '.join(map(str, shapes))} do not broadcast",
            code="TG-S02",
            shapes=shapes,
            op="broadcast_arrays",
            why="sizes on one axis must be equal, or one of them 1",
            fix="x[:, None]   # a new axis of length one, where the sizes differ",
        ) from None
    return [broadcast_to(x, shape) for x in parts]


def meshgrid(*arrays: Operand, indexing: str = "xy") -> list[Tensor]:
    r"""The coordinates of a grid from those along each axis.

    .. math:: z^{(k)}_{i_1 \dots i_n} = x^{(k)}_{i_k}, \qquad
              \bar x^{(k)}_{j} = \sum_{i:\, i_k = j} \bar z^{(k)}_{i_1 \dots i_n}

    Parameters
    ----------
    *arrays : array_like, shape (n,) each
        The coordinates along each axis.
    indexing : {"xy", "ij"}
        ``"ij"``: the first array runs along the first axis. ``"xy"``: the first two exchanged, so
        that the first runs along the columns, as in a picture.

    Returns
    -------
    list of Tensor
        One for each array, all of one shape. Source: Array API 2024.12, ``meshgrid``.

    Examples
    --------
    >>> meshgrid([1.0, 2.0], [3.0, 4.0, 5.0])[0]
    array([[1., 2.],
           [1., 2.],
           [1., 2.]])
    """
    if indexing not in ("xy", "ij"):
        raise errors.ArgumentError(
            f"`meshgrid`: indexing is 'xy' or 'ij', got {indexing!r:.60}",
            op="meshgrid",
            fix='indexing="ij"',
        )
    parts = [held(x) for x in arrays]
    for x in parts:
        if x.ndim > 1:
            raise errors.ShapeError(
                f"`meshgrid` takes the coordinates along each axis, got shape {x.shape}",
                shapes=[part.shape for part in parts],
                op="meshgrid",
                fix="x.reshape(-1)   # one row of coordinates",
            )
    places = list(range(len(parts)))
    if indexing == "xy" and len(parts) > 1:
        places[:2] = [1, 0]
    rows = [
        reshape(x, tuple([-1 if k == place else 1 for k in range(len(parts))]))
        for x, place in zip(parts, places, strict=True)
    ]
    return broadcast_arrays(*rows)
