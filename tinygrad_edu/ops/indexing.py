"""Reading and replacing parts of an array: slices, masks, index arrays with repeats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Operand, Shape
from .reduction import broadcast_to

__all__ = ["getitem", "scatter_add", "put"]


def _basic(key: Any) -> bool:
    """Whether a key names each element at most once by its form alone."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(part is None or part is ... or isinstance(part, (slice, int)) for part in parts)


def _plain_key(key: Any) -> Any:
    """A key of its own: Tensors and lists as arrays, arrays copied, since backward reads it."""
    if isinstance(key, tuple):
        return tuple(_plain_key(part) for part in key)
    if isinstance(key, Tensor):
        key = key._data
    if isinstance(key, list) and not key:
        return np.zeros(0, np.intp)
    return np.array(key) if isinstance(key, (list, np.ndarray)) else key


def _samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    repeats, columns = np.array([0, 1, 0]), np.array([2, -1, -3])
    keys = [
        1, -1, (1, -2), (slice(None), 2), (..., None, slice(0, 2)), (..., 1), slice(None, None, -1),
        (slice(None), slice(0, 3, 2)), (), ..., None, slice(0, 0), repeats, -repeats,
        (repeats, columns), (slice(None), columns), (repeats, slice(1, None)), (repeats, 1),
        np.array([[0, 1], [1, -1]]), np.array([True, False]), np.eye(2, 3) > 0,
    ]  # fmt: skip
    return (rng.normal(size=(2, 3)),), {"key": keys[int(rng.integers(len(keys)))]}


@operation(
    lambda x, key: x[key],
    rule=lambda g, out, x, key: _scatter_add(g, x.shape, key),
    view=True,
    samples=_samples,
)
def _getitem(x: Operand, /, key: Any) -> Tensor:
    r"""The part of an array that an index names, which must not change afterwards.

    .. math:: z_k = x_{i(k)}, \qquad \bar x_j = \sum_{k:\, i(k) = j} \bar z_k

    Examples
    --------
    >>> _getitem(np.array([1.0, 2.0, 3.0]), np.array([0, 0, 2]))
    array([1., 1., 3.])
    """


def getitem(x: Operand, /, key: Any) -> Tensor:
    r"""The part of an array that an index names; ``x[key]``.

    .. math:: z_k = x_{i(k)}, \qquad \bar x_j = \sum_{k:\, i(k) = j} \bar z_k

    Parameters
    ----------
    x : array_like
        Any shape.
    key : int, slice, None, Ellipsis, array of int or bool, or a tuple of them
        As in NumPy; an element may be named more than once. Source: Array API 2024.12, section
        "Indexing".

    Examples
    --------
    >>> getitem(np.array([1.0, 2.0, 3.0]), [0, 0, 2])
    array([1., 1., 3.])
    """
    return _getitem(x, _plain_key(key))


def _added_up(g: Array, shape: Shape, key: Any) -> Array:
    out = np.zeros(shape, g.dtype)
    if _basic(key):
        out[key] = g
        return out
    rows = isinstance(key, np.ndarray) and key.dtype.kind in "iu" and out.ndim > 1
    if not rows and out.size > 16 * g.size:  # to number all elements would take longer
        np.add.at(out, key, g)
        return out
    # NumPy adds into one row of elements five times faster than into several axes.
    if rows:
        beyond = key[(key < -len(out)) | (key >= len(out))]
        if beyond.size:
            raise IndexError(f"index {beyond[0]} is out of bounds for axis 0 with size {len(out)}")
        width = math.prod(out.shape[1:])
        starts = key.astype(np.intp) * width
        places = np.add.outer(starts, np.arange(width).reshape(out.shape[1:]))
    else:
        places = np.arange(out.size).reshape(out.shape)[key]
    np.add.at(out.reshape(-1), places.ravel(), np.broadcast_to(g, places.shape).ravel())
    return out


def _scatter_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    repeats = np.array([0, 1, 0])
    choices: list[Any] = [
        (repeats, (3, 2)), (repeats, (3, 1)), (repeats, (2,)), (-repeats, (3, 2)),
        (slice(1, None), (1, 2)), ((slice(None), slice(0, 1)), (2, 1)), (1, (2,)), (..., (2, 2)),
        ((), (2,)), ((slice(None), -1), (2,)), ((repeats, -repeats), (3,)), (0, ()),
        (np.array([True, False]), (1, 2)),
    ]  # fmt: skip
    key, size = choices[int(rng.integers(len(choices)))]
    return (rng.normal(size=size),), {"shape": (2, 2), "key": key}


@operation(
    _added_up,
    rule=lambda g, out, x, shape, key: _getitem(g, key),
    broadcasts=True,
    samples=_scatter_samples,
)
def _scatter_add(x: Operand, /, shape: Shape, key: Any) -> Tensor:
    r"""Zeros with values added where an index says, which must not change afterwards.

    .. math:: z_j = \sum_{k:\, i(k) = j} x_k, \qquad \bar x_k = \bar z_{i(k)}

    Examples
    --------
    >>> _scatter_add([1.0, 5.0], (3,), np.array([2, 2]))
    array([0., 0., 6.])
    """


def scatter_add(x: Operand, /, shape: Shape, key: Any) -> Tensor:
    r"""Zeros of a shape, with values added where an index says; the transpose of indexing.

    .. math:: z_j = \sum_{k:\, i(k) = j} x_k, \qquad \bar x_k = \bar z_{i(k)}

    Parameters
    ----------
    x : array_like
        The values, of a shape that broadcasts to that of ``zeros(shape)[key]``.
    shape : tuple of int
        The result's.
    key : index
        As for ``getitem``.

    Notes
    -----
    It cannot be expressed otherwise; speed decides how it is done. ``np.add.at`` over several
    axes takes 1.6 ms for the gradient of 1024 rows of 128 out of 65 (an embedding), numbered as
    one row of elements 0.3 ms, for any number of rows. ``np.bincount`` is as fast but sums and
    allocates in float64; a product with a matrix of zeros and ones takes 0.2 ms for 65 rows, but
    45 ms for 5000; sorting and ``np.add.reduceat`` lies between. Source: Griewank and Walther
    2008, section 3.2.

    Examples
    --------
    >>> scatter_add([1.0, 5.0], (3,), np.array([2, 2]))
    array([0., 0., 6.])
    """
    return _scatter_add(x, shape, _plain_key(key))


def _replaced(x: Array, values: Array, key: Any) -> Array:
    out = x.astype(np.result_type(x, values))
    out[key] = values
    return out


def _last(key: Any, shape: Shape) -> Any:
    """Which of the named elements is the last to name its place, so that its value stays."""
    if _basic(key):
        return 1.0
    places = np.arange(int(np.prod(shape))).reshape(shape)[key]
    winner = np.full(int(np.prod(shape)), -1)
    order = np.arange(places.size)
    winner[places.ravel()] = order
    return (winner[places.ravel()] == order).reshape(places.shape).astype(np.int8)


def _named(g: Any, values: Any) -> Any:
    """Give the cotangent the leading axes of length one that an assignment passes over."""
    extra = values.ndim - g.ndim
    return g.reshape((1,) * extra + g.shape) if extra > 0 else g


def _put_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    choices: list[Any] = [
        (1, 3),
        (np.array([0, 1, 0]), (3, 3)),
        ((slice(None), 1), 2),
        ((slice(None), [0, 2]), (2, 1)),
        (..., (1, 2, 3)),
        (..., (1, 1, 2, 3)),
        (-1, ()),
        ((), (2, 3)),
        (slice(None, None, -1), (2, 3)),
        ((np.array([0, 1, 0]), np.array([2, -1, -3])), (3,)),
        (np.eye(2, 3) > 0, (2,)),
        (np.array([True, False]), (1, 3)),
    ]
    key, size = choices[int(rng.integers(len(choices)))]
    return (rng.normal(size=(2, 3)), rng.normal(size=size)), {"key": key}


@operation(
    _replaced,
    rule=(
        lambda g, out, x, values, key: _put(g, 0.0, key),
        lambda g, out, x, values, key: _named(_getitem(g, key) * _last(key, x.shape), values),
    ),
    broadcasts=True,
    samples=_put_samples,
)
def _put(x: Operand, values: Operand, /, key: Any) -> Tensor:
    r"""A copy with the elements replaced that an index names, which must not change afterwards.

    .. math:: z_j = v_k \text{ where } i(k) = j, \text{ else } x_j, \qquad
              \bar v_k = \bar z_{i(k)}, \quad \bar x_j = \bar z_j [j \notin i]

    Examples
    --------
    >>> _put([1.0, 2.0, 3.0], 9.0, 1)
    array([1., 9., 3.])
    """


def put(x: Operand, values: Operand, /, key: Any) -> Tensor:
    r"""A copy with the named elements replaced; ``x.at[key].set(values)``.

    .. math:: z_j = v_k \text{ where } i(k) = j, \text{ else } x_j, \qquad
              \bar v_k = \bar z_{i(k)}, \quad \bar x_j = \bar z_j [j \notin i]

    Parameters
    ----------
    x : array_like
        Any shape.
    values : array_like
        Of a shape that broadcasts to ``x[key]``. Of several values for one element the last
        stays, and only it gets a gradient.
    key : index
        As for ``getitem``. Source: NumPy 2.4, section "Assigning values to indexed arrays".

    Examples
    --------
    >>> put([1.0, 2.0, 3.0], 9.0, 1)
    array([1., 9., 3.])
    """
    return _put(x, values, _plain_key(key))


class _Place:
    """``x.at[key]``: ways to make a changed copy."""

    def __init__(self, x: Tensor, key: Any) -> None:
        self._x, self._key = x, _plain_key(key)

    def set(self, values: Operand) -> Tensor:
        """Return a copy with these elements replaced."""
        return _put(self._x, values, self._key)

    def add(self, values: Operand) -> Tensor:
        """Return a copy with values added to these elements, repeats added up."""
        x, shape = self._x, self._x._data[self._key].shape
        if isinstance(values, (int, float)):
            values = np.asarray(values, np.result_type(x.dtype, values))
        return x + _scatter_add(broadcast_to(values, shape), x.shape, self._key)

    def multiply(self, values: Operand) -> Tensor:
        """Return a copy with these elements multiplied, of repeats the last counts."""
        return _put(self._x, _getitem(self._x, self._key) * values, self._key)


class _At:
    def __init__(self, x: Tensor) -> None:
        self._x = x

    def __getitem__(self, key: Any) -> _Place:
        return _Place(self._x, key)


Tensor.__getitem__ = lambda x, key: _getitem(x, _plain_key(key))  # type: ignore
Tensor.at = property(_At, doc="``x.at[key].set(v)``: a changed copy.")  # type: ignore
