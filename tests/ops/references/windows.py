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


REFERENCES: dict[str, Callable[..., Array]] = {
    "convolution": convolution,
    "transposed_convolution": transposed_convolution,
    "kernel_gradient": kernel_gradient,
}
