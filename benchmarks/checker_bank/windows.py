"""Correct: convolutions and pooling, by plain loops."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.domain import Real

from .entry import Array, Arrays, right
from .shapes import LONG


def conv1d(x: Array, w: Array) -> Array:
    """Slide w along x, not flipped, where it fits."""
    return np.array([x[k : k + w.size] @ w for k in range(x.size - w.size + 1)])


def conv1d_vjp(g: Array, x: Array, w: Array) -> Arrays:
    """Each window gives its share back."""
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for k in range(g.size):
        dx[k : k + w.size] += g[k] * w
        dw += g[k] * x[k : k + w.size]
    return dx, dw


def strided(x: Array, w: Array) -> Array:
    """Pad by one on both sides, then every second window."""
    return conv1d(np.pad(x, 1), w)[::2]


def strided_vjp(g: Array, x: Array, w: Array) -> Arrays:
    """Put the cotangent where its windows were, then drop the padding."""
    full = np.zeros(x.size + 2 - w.size + 1)
    full[::2] = g
    dx, dw = conv1d_vjp(full, np.pad(x, 1), w)
    return dx[1:-1], dw


def conv2d(x: Array, w: Array) -> Array:
    """Channels in, channels out: x (c, h, w), w (o, c, i, j)."""
    _, rows, columns = x.shape
    o, _, i, j = w.shape
    out = np.zeros((o, rows - i + 1, columns - j + 1), np.result_type(x, w))
    for r in range(out.shape[1]):
        for c in range(out.shape[2]):
            out[:, r, c] = (w * x[:, r : r + i, c : c + j]).sum((1, 2, 3))
    return out


def conv2d_vjp(g: Array, x: Array, w: Array) -> Arrays:
    """Each window gives its share back."""
    _, _, i, j = w.shape
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for r in range(g.shape[1]):
        for c in range(g.shape[2]):
            top = g[:, r, c][:, None, None, None]
            dx[:, r : r + i, c : c + j] += (top * w).sum(0)
            dw += top * x[:, r : r + i, c : c + j]
    return dx, dw


def max_pool_vjp(g: Array, x: Array) -> Arrays:
    """Windows of three, one apart: the first largest of each takes all."""
    out = np.zeros_like(x)
    for k in range(g.size):
        out[k + np.argmax(x[k : k + 3])] += g[k]
    return (out,)


def blocks(x: Array) -> Array:
    """Two-by-two blocks as rows of four."""
    h, w = x.shape
    return x.reshape(h // 2, 2, w // 2, 2).swapaxes(1, 2).reshape(h // 2, w // 2, 4)


def max_pool2d_vjp(g: Array, x: Array) -> Arrays:
    """The first largest of each block takes all."""
    rows = blocks(x)
    chosen = np.arange(4) == rows.argmax(-1)[..., None]
    h, w = g.shape
    spread = (chosen * g[..., None]).reshape(h, w, 2, 2).swapaxes(1, 2)
    return (spread.reshape(x.shape),)


def average_vjp(g: Array, x: Array) -> Arrays:
    """A third to each of the three."""
    return (np.convolve(g, np.ones(3)) / 3,)


right(
    "conv1d",
    conv1d,
    conv1d_vjp,
    (((5,), (2,)), ((4,), (3,)), ((3,), (1,)), ((3,), (3,))),
    Real(),
)
right("conv1d_strided", strided, strided_vjp, (((5,), (3,)), ((4,), (3,)), ((3,), (2,))), Real())
right(
    "conv2d",
    conv2d,
    conv2d_vjp,
    (((1, 3, 3), (1, 1, 2, 2)), ((2, 2, 2), (1, 2, 1, 2)), ((1, 2, 2), (2, 1, 1, 1))),
    Real(),
)
right(
    "max_pool1d",
    lambda x: np.array([x[k : k + 3].max() for k in range(x.size - 2)]),
    max_pool_vjp,
    LONG,
    Real(),
    tags="kink ties",
)
right(
    "max_pool2d",
    lambda x: blocks(x).max(-1),
    max_pool2d_vjp,
    (((2, 2),), ((2, 4),), ((4, 2),)),
    Real(),
    tags="kink ties hard",
)
right(
    "average_pool1d",
    lambda x: np.array([x[k : k + 3].mean() for k in range(x.size - 2)]),
    average_vjp,
    LONG,
    Real(),
)
right(
    "upsample",
    lambda x: np.repeat(x, 2, axis=-1),
    lambda g, x: (g.reshape(*x.shape, 2).sum(-1),),
    (((1,),), ((3,),), ((2, 3),), ((0,),)),
    Real(),
)
