"""Windows one place at a time: which place a tap reads is worked out anew for each number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .loops import Array, places


def each(value: Any, axes: int) -> tuple[int, ...]:
    return (value,) * axes if isinstance(value, int) else tuple(value)


def readings(
    size: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
    """Each window, tap, and the place that it reads, in the order of windows; padding left out."""
    axes = len(size)
    stride, dilation = each(stride, axes), each(dilation, axes)
    if padding == "same":
        padding = [d * (k - 1) / 2 for d, k in zip(dilation, kernel, strict=True)]
    elif padding == "valid":
        padding = 0
    padding = each(padding, axes)
    left, right = [int(p // 1) for p in padding], [int(-(-p // 1)) for p in padding]
    windows = []
    for a in range(axes):
        here = 0
        last = size[a] + right[a] - 1  # of the padded axis
        while True:
            end = here * stride[a] - left[a] + dilation[a] * (kernel[a] - 1)
            short = ceil_mode and end - last < stride[a] and here * stride[a] < size[a] + left[a]
            if end > last and not short:
                break
            here += 1
        windows.append(here)
    for window in places(tuple(windows)):
        for tap in places(kernel):
            rows = zip(window, tap, stride, dilation, left, strict=True)
            place = tuple(s * i + d * k - p for i, k, s, d, p in rows)
            if all(0 <= j < n for j, n in zip(place, size, strict=True)):
                yield window, tap, place


def convolution(
    x: Array, weight: Array, bias: Array | None = None, *, groups: int = 1, **frame: Any
) -> Array:
    found = list(readings(x.shape[2:], weight.shape[2:], **frame))
    out: dict[tuple[int, ...], float] = {}
    inner, outer = weight.shape[1], len(weight) // groups
    for n in range(len(x)):
        for o in range(len(weight)):
            for window, tap, place in found:
                value = sum(
                    x[(n, o // outer * inner + c, *place)] * weight[(o, c, *tap)]
                    for c in range(inner)
                )
                key = (n, o, *window)
                out[key] = out.get(key, 0.0 if bias is None else bias[o]) + value
    shape = tuple(max(column) + 1 for column in zip(*out, strict=True))
    return np.array([out.get(key, 0.0 if bias is None else bias[key[1]]) for key in places(shape)]
                    ).reshape(shape)  # fmt: skip


def transposed_convolution(
    g: Array, weight: Array, size: tuple[int, ...], *, groups: int = 1, **frame: Any
) -> Array:
    inner, outer = weight.shape[1], len(weight) // groups
    out = np.zeros((len(g), inner * groups, *size))
    for window, tap, place in readings(size, weight.shape[2:], **frame):
        for n, o, c in places((len(g), len(weight), inner)):
            out[(n, o // outer * inner + c, *place)] += g[(n, o, *window)] * weight[(o, c, *tap)]
    return out


def kernel_gradient(
    x: Array, g: Array, kernel: tuple[int, ...], *, groups: int = 1, **frame: Any
) -> Array:
    inner, outer = x.shape[1] // groups, g.shape[1] // groups
    out = np.zeros((g.shape[1], inner, *kernel))
    for window, tap, place in readings(x.shape[2:], kernel, **frame):
        for n, o, c in places((len(x), g.shape[1], inner)):
            out[(o, c, *tap)] += x[(n, o // outer * inner + c, *place)] * g[(n, o, *window)]
    return out


def split(x: Array, kernel: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The leading axes of an array, and those that windows move along."""
    return x.shape[: x.ndim - len(kernel)], x.shape[x.ndim - len(kernel) :]


def largest_places(
    x: Array, kernel: tuple[int, ...], stride: Any, **frame: Any
) -> dict[tuple[int, ...], tuple[int, ...]]:
    """For each element of the result the place of its first maximum."""
    leading, size = split(x, kernel)
    found: dict[tuple[int, ...], tuple[int, ...]] = {}
    for lead in places(leading):
        for window, _, place in readings(size, kernel, stride or kernel, **frame):
            key = (*lead, *window)
            if key not in found or x[(*lead, *place)] > x[found[key]]:
                found[key] = (*lead, *place)
    return found


def gathered(values: dict[tuple[int, ...], float]) -> Array:
    shape = tuple(max(column) + 1 for column in zip(*values, strict=True))
    return np.array([values[key] for key in places(shape)]).reshape(shape)


def largest(x: Array, kernel: tuple[int, ...], **frame: Any) -> Array:
    return gathered({k: x[place] for k, place in largest_places(x, kernel, **frame).items()})


def to_largest(g: Array, x: Array, peaks: Array, kernel: tuple[int, ...], **frame: Any) -> Array:
    out = np.zeros(x.shape)
    for key, place in largest_places(x, kernel, **frame).items():
        out[place] += g[key]
    return out


def of_largest(
    values: Array, x: Array, peaks: Array, kernel: tuple[int, ...], **frame: Any
) -> Array:
    return gathered({k: values[place] for k, place in largest_places(x, kernel, **frame).items()})


def mean_weights(
    size: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor: int | None = None,
) -> dict[tuple[tuple[int, ...], tuple[int, ...]], float]:
    """The weight of each place in each window's mean, by counting the places around the array."""
    pads = each(padding, len(size))
    found = list(readings(size, kernel, stride or kernel, padding, ceil_mode=ceil_mode))
    counts: dict[tuple[int, ...], int] = {}
    if count_include_pad:
        wide = tuple(n + 2 * p for n, p in zip(size, pads, strict=True))
        inside = readings(wide, kernel, stride or kernel, 0, ceil_mode=ceil_mode)
    else:
        inside = iter(found)
    for window, _, _ in inside:
        counts[window] = counts.get(window, 0) + 1
    return {(window, place): 1 / (divisor or counts[window]) for window, _, place in found}


def average(x: Array, kernel: tuple[int, ...], **frame: Any) -> Array:
    leading, size = split(x, kernel)
    out: dict[tuple[int, ...], float] = {}
    for (window, place), weight in mean_weights(size, kernel, **frame).items():
        for lead in places(leading):
            key = (*lead, *window)
            out[key] = out.get(key, 0.0) + weight * x[(*lead, *place)]
    return gathered(out)


def spread(g: Array, size: tuple[int, ...], kernel: tuple[int, ...], **frame: Any) -> Array:
    leading, _ = split(g, kernel)
    out = np.zeros((*leading, *size))
    for (window, place), weight in mean_weights(size, kernel, **frame).items():
        for lead in places(leading):
            out[(*lead, *place)] += weight * g[(*lead, *window)]
    return out


def patches(
    size: tuple[int, ...], kernel_size: Any, **frame: Any
) -> tuple[int, list[tuple[int, int, tuple[int, ...]]]]:
    """How many places a window has, and for each reading its row, column and place."""
    kernel = each(kernel_size, 2)
    found = list(readings(size, kernel, **frame))
    taps, windows = list(places(kernel)), sorted({window for window, _, _ in found})
    rows = [(taps.index(tap), windows.index(window), place) for window, tap, place in found]
    return len(taps), rows


def unfold(x: Array, kernel_size: Any, **frame: Any) -> Array:
    taps, rows = patches(x.shape[-2:], kernel_size, **frame)
    columns = max(column for _, column, _ in rows) + 1
    out = np.zeros((*x.shape[:-3], x.shape[-3] * taps, columns))
    for lead in places(x.shape[:-2]):
        for tap, column, place in rows:
            out[(*lead[:-1], lead[-1] * taps + tap, column)] = x[(*lead, *place)]
    return out


def fold(x: Array, output_size: Any, kernel_size: Any, **frame: Any) -> Array:
    size = each(output_size, 2)
    taps, rows = patches(size, kernel_size, **frame)
    out = np.zeros((*x.shape[:-2], x.shape[-2] // taps, *size))
    for lead in places(out.shape[:-2]):
        for tap, column, place in rows:
            out[(*lead, *place)] += x[(*lead[:-1], lead[-1] * taps + tap, column)]
    return out


REFERENCES: dict[str, Callable[..., Array]] = {
    "convolution": convolution,
    "transposed_convolution": transposed_convolution,
    "kernel_gradient": kernel_gradient,
    "largest": largest,
    "to_largest": to_largest,
    "of_largest": of_largest,
    "average": average,
    "spread": spread,
    "unfold": unfold,
    "fold": fold,
}
