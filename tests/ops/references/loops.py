"""Loops over elements in plain Python, out of which the references are made."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Array = np.ndarray


def places(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return itertools.product(*[range(n) for n in shape])


def broadcast_place(place: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The element of a smaller array that stands at a place of the broadcast one."""
    tail = place[len(place) - len(shape) :]
    return tuple(0 if n == 1 else i for i, n in zip(tail, shape, strict=True))


def loops(f: Callable[..., Any], *arrays: Array) -> Array:
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    values = [f(*[x[broadcast_place(place, x.shape)].item() for x in arrays])
              for place in places(shape)]  # fmt: skip
    return np.array(values, dtype=None if values else float).reshape(shape)


def reduced(
    f: Callable[..., Any], x: Array, axis: Any = None, keepdims: bool = False, **settings: Any
) -> Array:
    """Gather what falls into each place of the result, then reduce the list."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    gone = {k % x.ndim for k in axes}
    groups: dict[tuple[int, ...], list[float]] = {}
    for place in places(x.shape):
        key = tuple(0 if k in gone else i for k, i in enumerate(place))
        groups.setdefault(key, []).append(float(x[place]))
    kept = tuple(1 if k in gone else n for k, n in enumerate(x.shape))
    out = np.array([f(groups[key], **settings) for key in places(kept)]).reshape(kept)
    return out if keepdims else out.reshape([n for k, n in enumerate(x.shape) if k not in gone])
