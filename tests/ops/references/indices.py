"""Reading and writing elements one at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .loops import Array, broadcast_place, places


def numbered(shape: tuple[int, ...], key: Any) -> Array:
    """The position in memory of each element that an index names."""
    return np.arange(math.prod(shape)).reshape(shape)[key]


def getitem(x: Array, key: Any) -> Array:
    number = numbered(x.shape, key)
    return np.array([x.flat[n] for n in number.flat]).reshape(number.shape)


def scatter_add(x: Array, shape: tuple[int, ...], key: Any) -> Array:
    number, out = numbered(shape, key), [0.0] * math.prod(shape)
    for place in places(number.shape):
        out[number[place]] += float(x[broadcast_place(place, x.shape)])
    return np.array(out).reshape(shape)


def put(x: Array, values: Array, key: Any) -> Array:
    number, out = numbered(x.shape, key), list(x.flat)
    values = values.reshape(values.shape[max(values.ndim - number.ndim, 0) :])
    for place in places(number.shape):
        out[number[place]] = values[broadcast_place(place, values.shape)]
    return np.array(out).reshape(x.shape)


REFERENCES: dict[str, Callable[..., Array]] = {
    "getitem": getitem,
    "scatter_add": scatter_add,
    "put": put,
}
