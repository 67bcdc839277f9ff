"""Rearranging elements one at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .loops import Array, broadcast_place, loops, places


def rearranged(x: Array, shape: tuple[int, ...]) -> Array:
    """The same elements in the same order, dealt out to another shape."""
    out = np.zeros(shape)
    for source, target in zip(places(x.shape), places(shape), strict=True):
        out[target] = x[source]
    return out


def reshaped(x: Array, shape: Any, copy: bool | None = None) -> Array:
    shape = tuple(numbers(shape))
    known = math.prod(n for n in shape if n != -1)
    return rearranged(x, tuple(x.size // known if n == -1 else n for n in shape))


def numbers(axis: Any) -> list[int]:
    return [axis] if isinstance(axis, int) else list(axis)


def squeezed(x: Array, axis: Any) -> Array:
    axes = [k for k, n in enumerate(x.shape) if n == 1] if axis is None else numbers(axis)
    gone = {k % x.ndim for k in axes}
    return rearranged(x, tuple(n for k, n in enumerate(x.shape) if k not in gone))


def expanded(x: Array, axis: Any) -> Array:
    ndim = x.ndim + len(numbers(axis))
    new, old = {k % ndim for k in numbers(axis)}, iter(x.shape)
    return rearranged(x, tuple(1 if k in new else next(old) for k in range(ndim)))


def permuted(x: Array, axes: tuple[int, ...] | None = None) -> Array:
    order = [k % x.ndim for k in axes] if axes is not None else list(range(x.ndim))[::-1]
    out = np.zeros([x.shape[k] for k in order])
    for place in places(x.shape):
        out[tuple(place[k] for k in order)] = x[place]
    return out


def spread(x: Array, shape: tuple[int, ...]) -> Array:
    out = np.zeros(shape)
    for place in places(shape):
        out[place] = x[broadcast_place(place, x.shape)]
    return out


def joined(*arrays: Array, axis: int = 0, sizes: Any = ()) -> Array:
    axis %= arrays[0].ndim
    shape = list(arrays[0].shape)
    shape[axis] = sum(x.shape[axis] for x in arrays)
    out, start = np.zeros(shape), 0
    for x in arrays:
        for place in places(x.shape):
            out[(*place[:axis], place[axis] + start, *place[axis + 1 :])] = x[place]
        start += x.shape[axis]
    return out


REFERENCES: dict[str, Callable[..., Array]] = {
    "reshape": reshaped,
    "permute_dims": permuted,
    "matrix_transpose": lambda x: permuted(x, (*range(x.ndim - 2), -1, -2)),
    "squeeze": squeezed,
    "expand_dims": expanded,
    "broadcast_to": spread,
    "concat": joined,
    "astype": lambda x, dtype: loops(float, x),
    "variable": lambda x: loops(float, x),
}
