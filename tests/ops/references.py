"""The value of every operation computed another way: one element at a time, in plain Python.

Each takes the inputs and the settings of the operation whose name it stands under. Nothing here
calls the library; NumPy lays arrays out and names indices, it does not compute.
"""

from __future__ import annotations

import itertools
import math
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


# One element at a time, in plain Python.
SCALAR: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "floor_divide": lambda x, y: math.floor(x / y),
    "remainder": lambda x, y: x - y * math.floor(x / y),
    "negative": lambda x: -x,
    "positive": lambda x: x,
    "sign": lambda x: (x > 0) - (x < 0),
    "abs": lambda x: x if x >= 0 else -x,
    "power": lambda x, y: (-1 if x < 0 and y % 2 else 1) * math.exp(y * math.log(abs(x))),
    "square": lambda x: x * x,
    "sqrt": math.sqrt,
    "reciprocal": lambda x: 1 / x,
    "maximum": lambda x, y: y if y > x else x,
    "minimum": lambda x, y: y if y < x else x,
    "exp": math.exp,
    "expm1": math.expm1,
    "log": math.log,
    "log1p": math.log1p,
    "log2": math.log2,
    "log10": math.log10,
    "logaddexp": lambda x, y: math.log(math.exp(x) + math.exp(y)),
    "tanh": lambda x: (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "relu": lambda x: x if x > 0 else 0.0,
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "isfinite": math.isfinite,
    "where": lambda condition, x, y: x if condition else y,
}


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def variance(values: list[float], correction: float = 0) -> float:
    return math.fsum((v - mean(values)) ** 2 for v in values) / (len(values) - correction)


# A list of the elements that fall together, and the settings beside axis and keepdims.
REDUCE: dict[str, Callable[..., Any]] = {
    "sum": math.fsum,
    "mean": mean,
    "max": lambda values: sorted(values)[-1],
    "min": lambda values: sorted(values)[0],
    "var": variance,
    "std": lambda values, correction=0: math.sqrt(variance(values, correction)),
    "any": lambda values: any(v != 0 for v in values),
    "all": lambda values: all(v != 0 for v in values),
    "argmax": lambda values: values.index(sorted(values)[-1]),
    "argmin": lambda values: values.index(sorted(values)[0]),
}


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


def log_softmax(x: Array, axis: int = -1) -> Array:
    return x - loops(math.log, reduced(math.fsum, loops(math.exp, x), axis, True))


def cross_entropy(scores: Array, targets: Array) -> Array:
    terms = loops(lambda t, z: -t * z, targets, log_softmax(scores))
    return reduced(math.fsum, terms, -1)


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


def rearranged(x: Array, shape: tuple[int, ...]) -> Array:
    """The same elements in the same order, dealt out to another shape."""
    out = np.zeros(shape)
    for source, target in zip(places(x.shape), places(shape), strict=True):
        out[target] = x[source]
    return out


def reshaped(x: Array, shape: Any) -> Array:
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


def reference_of(name: str) -> Callable[..., Array] | None:
    """The reference of an operation of the library, by its name."""
    if name in SCALAR:
        return lambda *inputs: loops(SCALAR[name], *inputs)
    if name in REDUCE:
        return lambda x, **settings: reduced(REDUCE[name], x, **settings)
    return REFERENCES.get(name)


REFERENCES: dict[str, Callable[..., Array]] = {
    "matmul": product,
    "linear": linear,
    "log_softmax": log_softmax,
    "softmax_cross_entropy": cross_entropy,
    "getitem": getitem,
    "scatter_add": scatter_add,
    "put": put,
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
