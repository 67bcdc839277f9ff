"""Convolution of arrays as products of matrices: Chellapilla, Puri and Simard 2006, section 3.1.

The arrays here are (batch, height, width, channels): what a window reads in a row is then one run
of memory, and a product of matrices leaves its result in the same order. Kernels are
(outputs, channels, height, width), as everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...types import Array
from .geometry import Windows

__all__ = ["correlate", "kernel_gradient", "scatter"]

_CACHE = 1 << 18  # bytes of columns made at a time: they and the product stay in a core's cache


def _padded(x: Array, frame: Windows) -> Array:
    """What the windows read, padding included, channels side by side."""
    height, width = frame.span
    top, left = frame.before
    if not (top or left) and height <= x.shape[1] and width <= x.shape[2]:
        return x[:, :height, :width]
    out = np.zeros((len(x), height, width, x.shape[3]), x.dtype)
    inside = x[:, : height - top, : width - left]
    out[:, top : top + inside.shape[1], left : left + inside.shape[2]] = inside
    return out


def _windows(x: Array, frame: Windows) -> Array:
    """A view (batch, rows, columns, kernel rows, kernel columns, channels) of all windows."""
    x = _padded(x, frame)
    batch, rows, columns, channels = x.strides
    (down, right), (dy, dx) = frame.stride, frame.dilation
    shape = (len(x), *frame.counts, *frame.kernel, x.shape[3])
    strides = (batch, down * rows, right * columns, dy * rows, dx * columns, channels)
    return as_strided(x, shape, strides)


def _blocks(windows: Array) -> Iterator[tuple[slice, Array]]:
    """Rows of a matrix, a window each, a few images at a time; and where these windows stand."""
    images, rows, columns, *window = windows.shape
    size = rows * columns * math.prod(window)
    step = max(1, _CACHE // max(size * windows.itemsize, 1))
    for start in range(0, images, step):
        block = windows[start : start + step]
        places = len(block) * rows * columns
        first = start * rows * columns
        yield slice(first, first + places), block.reshape(places, math.prod(window))


def correlate(x: Array, kernel: Array, frame: Windows) -> Array:
    """Return the product of every window with every kernel, (batch, rows, columns, outputs)."""
    outputs = len(kernel)
    matrix = kernel.transpose(2, 3, 1, 0).reshape(-1, outputs)
    out = np.empty((len(x), *frame.counts, outputs), np.result_type(x, kernel))
    flat = out.reshape(-1, outputs)
    for places, columns in _blocks(_windows(x, frame)):
        np.matmul(columns, matrix, out=flat[places])
    return out


def kernel_gradient(x: Array, g: Array, frame: Windows) -> Array:
    """Return the sum of all windows, each times what arrived at its outputs."""
    outputs, channels = g.shape[3], x.shape[3]
    flat = g.reshape(-1, outputs)
    total = np.zeros((math.prod(frame.kernel) * channels, outputs), np.result_type(x, g))
    for places, columns in _blocks(_windows(x, frame)):
        total += columns.T @ flat[places]
    return total.reshape(*frame.kernel, channels, outputs).transpose(3, 2, 0, 1)


def scatter(g: Array, kernel: Array, frame: Windows) -> Array:
    """Return the sum of kernels laid down at every window, (batch, height, width, channels)."""
    channels = kernel.shape[1]
    flat = g.reshape(-1, len(kernel))
    out = np.zeros((len(g), *frame.size, channels), np.result_type(g, kernel))
    for i, (rows, high) in enumerate(frame.taps(0)):
        for j, (columns, wide) in enumerate(frame.taps(1)):
            part = (flat @ kernel[:, :, i, j]).reshape(*g.shape[:3], channels)
            out[:, high, wide] += part[:, rows, columns]
    return out
