"""Correct: gathering, masking and moving elements, and inputs that do not matter."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.domain import Real

from .entry import Array, Arrays, right
from .reductions import softmax
from .shapes import ANY, FULL, LONG, MATRIX, PAIRED

PLACES = np.array([0, 2, 2, 1, 0])
MASK = np.array([True, False, True, True, False, True])


def gather_vjp(g: Array, x: Array) -> Arrays:
    """Elements taken twice receive twice."""
    out = np.zeros_like(x)
    np.add.at(out, PLACES, g)
    return (out,)


def segment_sums(x: Array) -> Array:
    """Odd and even places, apart."""
    return np.array([x[::2].sum(), x[1::2].sum()])


def segment_vjp(g: Array, x: Array) -> Arrays:
    """The cotangent of the segment."""
    return (g[np.arange(x.size) % 2],)


def masked_softmax(x: Array) -> Array:
    """Shares among the places that are not masked."""
    return softmax(np.where(MASK[: x.size], x, -np.inf))


def masked_softmax_vjp(g: Array, x: Array) -> Arrays:
    """As without a mask: masked shares are zero."""
    p = masked_softmax(x)
    return (p * (g - (g * p).sum()),)


def slice_vjp(g: Array, x: Array) -> Arrays:
    """Zeros beside what was taken."""
    out = np.zeros_like(x)
    out[1::2] = g
    return (out,)


right("gather", lambda x: x[PLACES], gather_vjp, (((3,),), ((4,),), ((3, 2),)), Real())
right("slice", lambda x: x[1::2], slice_vjp, (*LONG, ((1,),)), Real(), tags="ignores")
right(
    "where_mask",
    lambda x, y: np.where(MASK[: x.size], x, y),
    lambda g, x, y: (g * MASK[: x.size], g * ~MASK[: x.size]),
    (((3,), (3,)), ((6,), (6,)), ((1,), (1,))),
    Real(),
    tags="ignores",
)
right(
    "concatenate",
    lambda x, y: np.concatenate([x, y]),
    lambda g, x, y: (g[: x.size].copy(), g[x.size :].copy()),
    (((3,), (2,)), ((1,), (1,)), ((0,), (2,))),
    Real(),
)
right("transpose", lambda x: x.T.copy(), lambda g, x: (g.T.copy(),), MATRIX, Real())
right("flip", lambda x: x[..., ::-1] * 1.0, lambda g, x: (g[..., ::-1].copy(),), FULL, Real())
right("roll", lambda x: np.roll(x, 1), lambda g, x: (np.roll(g, -1),), LONG, Real())
right("tril", np.tril, lambda g, x: (np.tril(g),), MATRIX, Real(), tags="ignores")
right(
    "repeat_rows",
    lambda x: np.broadcast_to(x, (3, *x.shape)).copy(),
    lambda g, x: (g.sum(0),),
    ANY,
    Real(),
)
right("segment_sums", segment_sums, segment_vjp, LONG, Real())
right("masked_softmax", masked_softmax, masked_softmax_vjp, LONG, Real(), tags="ignores")
right(
    "first_only",
    lambda x, y: np.sin(x) + 0 * y,
    lambda g, x, y: (g * np.cos(x), np.zeros_like(y)),
    PAIRED,
    Real(),
    tags="ignores",
)
right(
    "constant",
    lambda x: np.full(2, 0.7),
    lambda g, x: (np.zeros_like(x),),
    ANY,
    Real(),
    tags="ignores",
)
