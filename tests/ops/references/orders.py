"""Sorted, searched and compared, by what Python does with lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .loops import Array, places


def argsort(x: Array, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    axis %= x.ndim
    out = np.zeros(x.shape, int)
    for place in places(tuple(1 if k == axis else n for k, n in enumerate(x.shape))):
        line = (*place[:axis], slice(None), *place[axis + 1 :])
        values = x[line].tolist()
        out[line] = sorted(range(len(values)), key=lambda i: values[i], reverse=descending)
    return out


def searchsorted(row: Array, wanted: Array, side: str, sorter: Any = None) -> Array:
    out = np.zeros(wanted.shape, int)
    for place in places(wanted.shape):
        y = wanted[place]
        out[place] = sum(1 for v in row if v < y or (side == "right" and v == y))
    return out


def different(x: Array) -> list[float]:
    return sorted(set(x.flat))


def rolled(x: Array, shift: Any, axis: Any) -> Array:
    if axis is None:
        flat = list(x.flat)
        return np.array([flat[(i - shift) % len(flat)] for i in range(len(flat))]).reshape(x.shape)
    axes, shifts = [value if isinstance(value, tuple) else (value,) for value in (axis, shift)]
    axes, shifts = (
        axes * (len(shifts) if len(axes) == 1 else 1),
        shifts * (len(axes) if len(shifts) == 1 else 1),
    )
    out = np.zeros(x.shape)
    for place in places(x.shape):
        moved = list(place)
        for k, by in zip(axes, shifts, strict=True):
            moved[k] = (moved[k] + by) % x.shape[k]
        out[tuple(moved)] = x[place]
    return out


def nonzero(x: Array) -> list[tuple[int, ...]]:
    return [place for place in places(x.shape) if x[place] != 0]


REFERENCES: dict[str, Callable[..., Array]] = {
    "argsort": argsort,
    "searchsorted": searchsorted,
    "roll": rolled,
    "unique_values": lambda x: np.array(different(x)),
    "unique_indices": lambda x: np.array([list(x.flat).index(v) for v in different(x)]),
    "unique_inverse": lambda x: np.array([different(x).index(v) for v in x.flat]).reshape(x.shape),
    "unique_counts": lambda x: np.array([list(x.flat).count(v) for v in different(x)]),
    "argwhere": lambda x: np.array(nonzero(x)).reshape(-1, x.ndim),
    "nonzero": lambda x: np.array(nonzero(x)).reshape(-1, x.ndim).T,
}
