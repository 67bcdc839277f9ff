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


def _windows(x: Array, frame: Windows) -> Iterator[tuple[slice, Array]]:
    """Stacks of matrices with a window in each row, a block at a time; and which windows these are.

    A row's places come before its channels.
    """
    width = math.prod(frame.kernel) * x.shape[3]
    if frame.kernel[1] == frame.counts[1] == 1:  # a signal: let it be the one line of an image
        x, frame = x.swapaxes(1, 2), Windows(*[field[::-1] for field in frame])
    if x.shape[3] <= _FEW and frame.dilation[0] == 1:
        return _lines(_padded(x, frame, True), frame, width)
    return _columns(_padded(x, frame, False), frame, width)


def _lines(x: Array, frame: Windows, width: int) -> Iterator[tuple[slice, Array]]:
    """The windows of a line are a matrix, whose rows and columns ``x`` has once for each tap."""
    batch, row, column, channel = x.strides
    (rows, columns), right, dx = frame.counts, frame.stride[1], frame.dilation[1]
    shape = (len(x), frame.span[0], frame.kernel[1], x.shape[3], columns)
    taps = as_strided(x, shape, (batch, row, dx * column, channel, right * column))
    images = max(1, _BLOCK // max(math.prod(shape[1:]) * x.itemsize, 1))
    for n in range(0, len(x), images):
        block = taps[n : n + images].copy(order="C")
        image, line, _, tap, step = block.strides
        lines = (len(block), rows, columns, width)
        strides = (image, frame.stride[0] * line, step, tap)
        first = n * rows * columns
        yield slice(first, first + math.prod(lines[:3])), as_strided(block, lines, strides)


def _columns(x: Array, frame: Windows, width: int) -> Iterator[tuple[slice, Array]]:
    """The windows, copied one after the other."""
    batch, row, column, channel = x.strides
    (rows, columns), (down, right), (dy, dx) = frame.counts, frame.stride, frame.dilation
    shape = (len(x), rows, columns, *frame.kernel, x.shape[3])
    strides = (batch, down * row, right * column, dy * row, dx * column, channel)
    windows = as_strided(x, shape, strides)
    lines = max(1, _BLOCK // max(columns * width * x.itemsize, 1))
    images = max(1, lines // rows)
    for n in range(0, len(x), images):
        for r in range(0, rows, lines):
            block = windows[n : n + images, r : r + lines]
            first, count = (n * rows + r) * columns, math.prod(block.shape[:3])
            yield slice(first, first + count), block.reshape(len(block), -1, width)


def correlate(x: Array, kernel: Array, frame: Windows) -> Array:
    """Return the product of every window with every kernel, (batch, rows, columns, outputs)."""
    outputs = len(kernel)
    matrix = np.ascontiguousarray(kernel.transpose(2, 3, 1, 0).reshape(-1, outputs))
    flat = np.empty((len(x) * math.prod(frame.counts), outputs), np.result_type(x, kernel))
    for windows, block in _windows(x, frame):
        if math.prod(block.shape[-2:]) * outputs > _SMALL:
            block = block.reshape(-1, len(matrix))
        np.matmul(block, matrix, out=flat[windows].reshape(*block.shape[:-1], outputs))
    return flat.reshape(len(x), *frame.counts, outputs)


def kernel_gradient(x: Array, g: Array, frame: Windows) -> Array:
    """Return the sum of all windows, each times what arrived at its outputs."""
    outputs, channels = g.shape[3], x.shape[3]
    flat = g.reshape(-1, outputs)
    total = np.zeros((math.prod(frame.kernel) * channels, outputs), np.result_type(x, g))
    for windows, block in _windows(x, frame):
        if block.flags.c_contiguous:
            total += block.reshape(-1, len(total)).T @ flat[windows]
        else:
            parts = block.swapaxes(-1, -2) @ flat[windows].reshape(*block.shape[:-1], outputs)
            total += parts.reshape(-1, *total.shape).sum(0)
    return total.reshape(*frame.kernel, channels, outputs).transpose(3, 2, 0, 1)


def scatter(g: Array, kernel: Array, frame: Windows) -> Array:
    """Return the sum of kernels laid down at every window, (batch, height, width, channels)."""
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


def _scatter_cells(g: Array, kernel: Array, frame: Windows) -> Array:
    """As ``scatter``, where the result is cells of the size of a step and a kernel is some of them.

    A kernel of 4 x 4 with steps of 2 is 2 x 2 cells, so that four additions are enough, not
    sixteen; with steps of 1 a cell is one place.
    """
    (rows, columns), (down, right), (top, left) = frame.counts, frame.stride, frame.before
    height, width = frame.size
    outputs, channels = kernel.shape[:2]
    high, wide = frame.kernel[0] // down, frame.kernel[1] // right
    cells = kernel.reshape(outputs, channels, high, down, wide, right).transpose(2, 4, 0, 3, 5, 1)
    matrices = cells.reshape(high, wide, outputs, down * right * channels)
    grid_rows = max(rows + high - 1, -(-(top + height) // down))
    grid_columns = max(columns + wide - 1, -(-(left + width) // right))
    shape = (len(g), grid_rows, down, grid_columns, right, channels)
    out = np.zeros(shape, np.result_type(g, kernel))
    image = (math.prod(shape[1:]) + math.prod(g.shape[1:])) * out.itemsize
    images = max(1, _SCATTER_BLOCK // max(image, 1))
    for n in range(0, len(g), images):
        block, into = g[n : n + images], out[n : n + images]
        flat = block.reshape(-1, outputs)
        for i, j in product(range(high), range(wide)):
            part = (flat @ matrices[i, j]).reshape(len(block), rows, columns, down, right, channels)
            into[:, i : i + rows, :, j : j + columns] += part.transpose(0, 1, 3, 2, 4, 5)
    out = out.reshape(len(g), grid_rows * down, grid_columns * right, channels)
    return out[:, top : top + height, left : left + width]
