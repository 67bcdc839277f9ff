"""Running results, an element at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .loops import Array, places


def running(combine: Callable[[float, float], float], first: float) -> Callable[..., Array]:
    """A function that goes along each line of an array and keeps every result on the way."""

    def of(
        x: Array, axis: int | None = None, dtype: Any = None, include_initial: bool = False
    ) -> Array:
        axis = 0 if axis is None else axis % x.ndim
        size = x.shape[axis] + include_initial
        out = np.zeros([size if k == axis else n for k, n in enumerate(x.shape)])
        for place in places(tuple(1 if k == axis else n for k, n in enumerate(x.shape))):
            line = [*place[:axis], slice(None), *place[axis + 1 :]]
            total, results = first, [first] * include_initial
            for value in x[tuple(line)]:
                total = combine(total, float(value))
                results.append(total)
            out[tuple(line)] = results
        return out

    return of


def recurrence(a: Array, b: Array) -> Array:
    out = np.array(b, dtype=float)
    for k in range(1, len(b)):
        for place in places(b.shape[1:]):
            out[(k, *place)] = a[(k - 1, *place)] * out[(k - 1, *place)] + b[(k, *place)]
    return out


REFERENCES: dict[str, Callable[..., Array]] = {
    "cumulative_sum": running(lambda total, value: total + value, 0.0),
    "cumulative_prod": running(lambda total, value: total * value, 1.0),
    "recurrence": recurrence,
}
