"""Convolution of arrays as products of matrices: Chellapilla, Puri and Simard 2006, section 3.1.

The arrays here are (batch, height, width, channels), kernels (outputs, channels, height, width).
A window becomes a row of a matrix, and products with that matrix leave their result in the layout
of the arrays. Which memory is copied in runs as long as possible is what decides the speed:

- with many channels a window's row of places is one run, all of its channels included,
- with few (a grey image has one) it is a run of windows that read with the same tap; and windows
  are copied along the width only, for those of a line are then a matrix between other lines'.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...types import Array
from .geometry import Windows

__all__ = ["correlate", "kernel_gradient", "scatter"]

_FEW = 4  # channels; with more the two layouts were measured equal, then the other way round
# Bytes made at a time, measured: what was just copied is still in a core's cache when it is
# multiplied, and the products are still long enough to be fast.
_BLOCK, _SCATTER_BLOCK = 1 << 20, 1 << 19
# Multiplications up to which OpenBLAS multiplies matrices where they are, twice as fast here as
# after copying them into its own layout.
_SMALL = 1_000_000
_LONG = 16  # windows, for which a product of their own is faster than copying the result


def _padded(x: Array, frame: Windows, few: bool) -> Array:
    """What the windows read, padding included; many channels side by side."""
    height, width = frame.span
    top, left = frame.before
    inside = x[:, : height - top, : width - left]
    if (height, width) == inside.shape[1:3] and (few or x.strides[3] == x.itemsize):
        return inside
    out = np.zeros((len(x), height, width, x.shape[3]), x.dtype)
    out[:, top : top + inside.shape[1], left : left + inside.shape[2]] = inside
    return out


def _windows(x: Array, frame: Windows, values: Array) -> Iterator[tuple[Array, Array]]:
    """Windows as rows of matrices, a block at a time; and what of ``values`` belongs to them.

    In a row the places come before the channels. A block is (matrices, windows, width), or where
    matrices overlap (lines, images, windows, width). Its values are a view, (., ., ., outputs).
    """
    if x.shape[3] > _FEW:
        return _columns(_padded(x, frame, False), frame, values)
    if frame.kernel[1] == frame.counts[1] == 1:  # a signal: let it be the one line of an image
        x, values = x.swapaxes(1, 2), values.swapaxes(1, 2)
        frame = Windows(*[field[::-1] for field in frame])
    if frame.dilation[0] > 1:
        return _columns(_padded(x, frame, False), frame, values)
    return _lines(_padded(x, frame, True), frame, values)


def _lines(x: Array, frame: Windows, values: Array) -> Iterator[tuple[Array, Array]]:
    """Copies along the width; in them the windows of a line are a matrix that overlaps the next."""
    batch, row, column, channel = x.strides
    (rows, columns), (down, right), dx = frame.counts, frame.stride, frame.dilation[1]
    shape = (frame.span[0], frame.kernel[1], x.shape[3], len(x), columns)
    taps = as_strided(x, shape, (row, dx * column, channel, batch, right * column))
    width = math.prod(frame.kernel) * x.shape[3]
    bytes_each = frame.span[0] * frame.kernel[1] * x.shape[3] * columns * x.itemsize
    small = _SMALL // max(columns * width * values.shape[3], 1)
    images = max(1, min(_BLOCK // bytes_each, small))
    for n in range(0, len(x), images):
        block = taps[:, :, :, n : n + images].copy(order="C")
        line, _, tap, image, step = block.strides
        lines = (rows, block.shape[3], columns, width)
        made = as_strided(block, lines, (down * line, image, step, tap))
        yield made, values[n : n + images].swapaxes(0, 1)


def _columns(x: Array, frame: Windows, values: Array) -> Iterator[tuple[Array, Array]]:
    """Each window copied."""
    batch, row, column, channel = x.strides
    (rows, columns), (down, right), (dy, dx) = frame.counts, frame.stride, frame.dilation
    shape = (len(x), rows, columns, *frame.kernel, x.shape[3])
    strides = (batch, down * row, right * column, dy * row, dx * column, channel)
    windows = as_strided(x, shape, strides)
    width = math.prod(shape[3:])
    lines = max(1, _BLOCK // max(columns * width * x.itemsize, 1))
    images = max(1, lines // rows)
    small = rows * columns * width * values.shape[3] <= _SMALL
    for n in range(0, len(x), images):
        for r in range(0, rows, lines):
            block = windows[n : n + images, r : r + lines]
            matrices = len(block) if small else 1
            yield block.reshape(matrices, -1, width), values[n : n + images, r : r + lines]


def correlate(x: Array, kernel: Array, frame: Windows) -> Array:
    """Return the product of every window with every kernel, (batch, rows, columns, outputs)."""
    matrix = np.ascontiguousarray(kernel.transpose(2, 3, 1, 0).reshape(-1, len(kernel)))
    out = np.empty((len(x), *frame.counts, len(kernel)), np.result_type(x, kernel))
    for windows, values in _windows(x, frame, out):
        if windows.ndim == 4 and windows.shape[2] < _LONG:
            joined = windows.reshape(len(windows), -1, len(matrix))
            values[...] = (joined @ matrix).reshape(values.shape)
        else:
            np.matmul(windows, matrix, out=values.reshape(*windows.shape[:-1], len(kernel)))
    return out


def kernel_gradient(x: Array, g: Array, frame: Windows) -> Array:
    """Return the sum of all windows, each times what arrived at its outputs."""
    outputs, channels = g.shape[3], x.shape[3]
    total = np.zeros((math.prod(frame.kernel) * channels, outputs), np.result_type(x, g))
    for windows, values in _windows(x, frame, g):
        lines = len(windows) if windows.ndim == 4 else 1
        joined = windows.reshape(lines, -1, len(total))
        for part in joined.swapaxes(1, 2) @ values.reshape(*joined.shape[:2], outputs):
            total += part
    return total.reshape(*frame.kernel, channels, outputs).transpose(3, 2, 0, 1)


def scatter(g: Array, kernel: Array, frame: Windows) -> Array:
    """Return the sum of kernels laid down at every window, (batch, height, width, channels)."""
    if frame == frame._replace(kernel=frame.size, dilation=(1, 1), before=(0, 0), counts=(1, 1)):
        return _whole(g, kernel)
    whole = all(k % s == 0 for k, s in zip(frame.kernel, frame.stride, strict=True))
    if whole and set(frame.dilation) == {1}:
        return _scatter_cells(g, kernel, frame)
    channels = kernel.shape[1]
    flat = g.reshape(-1, len(kernel))
    out = np.zeros((len(g), *frame.size, channels), np.result_type(g, kernel))
    for i, (rows, high) in enumerate(frame.taps(0)):
        for j, (columns, wide) in enumerate(frame.taps(1)):
            part = (flat @ kernel[:, :, i, j]).reshape(*g.shape[:3], channels)
            out[:, high, wide] += part[:, rows, columns]
    return out


def _whole(g: Array, kernel: Array) -> Array:
    """As ``scatter``, where the one window is all of the array: one product of matrices."""
    outputs, channels, *size = kernel.shape
    matrix = kernel.transpose(0, 2, 3, 1).reshape(outputs, math.prod(size) * channels)
    return (g.reshape(len(g), outputs) @ matrix).reshape(len(g), *size, channels)


def _scatter_cells(g: Array, kernel: Array, frame: Windows) -> Array:
    """As ``scatter``, where the result is cells of the size of a step and a kernel is some of them.

    A kernel of 4 x 4 with steps of 2 is 2 x 2 cells, so that four additions are enough, not
    sixteen; with steps of 1 a cell is one place.
    """
    (rows, columns), (down, right), (top, left) = frame.counts, frame.stride, frame.before
    height, width = frame.size
    outputs, channels = kernel.shape[:2]
    high, wide = frame.kernel[0] // down, frame.kernel[1] // right
    cells = kernel.reshape(outputs, channels, high, down, wide, right).transpose(2, 3, 4, 0, 5, 1)
    # A line of a cell is a product of its own: what it adds lies side by side in the result.
    matrices = cells.reshape(high, down, wide, outputs, right * channels)
    grid_rows = max(rows + high - 1, -(-(top + height) // down))
    grid_columns = max(columns + wide - 1, -(-(left + width) // right))
    shape = (len(g), grid_rows, down, grid_columns, right * channels)
    out = np.zeros(shape, np.result_type(g, kernel))
    image = (math.prod(shape[1:]) + math.prod(g.shape[1:])) * out.itemsize
    images = max(1, _SCATTER_BLOCK // max(image, 1))
    for n in range(0, len(g), images):
        block, into = g[n : n + images], out[n : n + images]
        flat, parts = block.reshape(-1, outputs), (*block.shape[:3], right * channels)
        for i, line, j in product(range(high), range(down), range(wide)):
            part = (flat @ matrices[i, line, j]).reshape(parts)
            into[:, i : i + rows, line, j : j + columns] += part
    out = out.reshape(len(g), grid_rows * down, grid_columns * right, channels)
    return out[:, top : top + height, left : left + width]
