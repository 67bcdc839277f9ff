"""Products by three loops."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .loops import Array, broadcast_place, places


def product(x: Array, y: Array) -> Array:
    """A matrix product by three loops."""
    rows, columns = np.atleast_2d(x), y.reshape(-1, 1) if y.ndim == 1 else y
    batch = np.broadcast_shapes(rows.shape[:-2], columns.shape[:-2])
    out = np.zeros((*batch, rows.shape[-2], columns.shape[-1]))
    for *b, i, j in places(out.shape):
        first = rows[broadcast_place(tuple(b), rows.shape[:-2])]
        second = columns[broadcast_place(tuple(b), columns.shape[:-2])]
        out[(*b, i, j)] = sum(first[i, k] * second[k, j] for k in range(rows.shape[-1]))
    gone = [-2] * (x.ndim == 1) + [-1] * (y.ndim == 1)
    return out.squeeze(axis=tuple(gone)) if gone else out


def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    out = np.zeros((*x.shape[:-1], len(weight)))
    for place in places(out.shape):
        row = weight[place[-1]]
        out[place] = sum(x[(*place[:-1], k)] * row[k] for k in range(len(row)))
        out[place] += 0.0 if bias is None else bias[place[-1]]
    return out


def turned(x: Array) -> Array:
    return (
        np.array([[row[k] for row in x] for k in range(x.shape[-1])])
        if x.ndim == 2
        else (np.array([turned(part) for part in x]))
    )


REFERENCES: dict[str, Callable[..., Array]] = {
    "matmul": product,
    "times_transposed": lambda x, y: product(x, turned(y)),
    "transposed_times": lambda x, y: product(turned(x), y),
    "linear": linear,
}
