"""Correct: maxima, medians and sorts, where equal values make kinks with many faces."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinygrad_edu.domain import Real

from .entry import Array, Arrays, right
from .shapes import LONG, MATRIX, PAIRED, VECTOR


def shared_by_ties(pick: Callable[..., Array]) -> Callable[..., Arrays]:
    """Give each of the equally good elements the same share of the cotangent."""

    def vjp(g: Array, x: Array) -> Arrays:
        best = x == pick(x, axis=-1, keepdims=True)
        return (np.expand_dims(g, -1) * best / best.sum(axis=-1, keepdims=True),)

    return vjp


def first_of_ties(pick: Callable[..., Array]) -> Callable[..., Arrays]:
    """Give all of the cotangent to the first of the best elements."""

    def vjp(g: Array, x: Array) -> Arrays:
        place = np.expand_dims(pick(x, axis=-1), -1)
        out = np.zeros_like(x)
        np.put_along_axis(out, place, np.expand_dims(g, -1), axis=-1)
        return (out,)

    return vjp


def median_vjp(g: Array, x: Array) -> Arrays:
    """The middle element of a stable sort, or the two middle ones."""
    order = np.argsort(x, kind="stable")
    low, high = order[(x.size - 1) // 2], order[x.size // 2]
    out = np.zeros_like(x)
    out[low] += g / 2
    out[high] += g / 2
    return (out,)


def sort_vjp(g: Array, x: Array) -> Arrays:
    """Carry every cotangent back to where its value came from."""
    out = np.zeros_like(x)
    np.put_along_axis(out, np.argsort(x, axis=-1, kind="stable"), g, axis=-1)
    return (out,)


def top_two(x: Array) -> Array:
    """Sum of the two largest values."""
    return np.sort(x)[-2:].sum()


def top_two_vjp(g: Array, x: Array) -> Arrays:
    """One for the two elements that were summed."""
    out = np.zeros_like(x)
    out[np.argsort(x, kind="stable")[-2:]] = g
    return (out,)


def spread_vjp(g: Array, x: Array) -> Arrays:
    """Up at the first largest, down at the first smallest."""
    out = np.zeros_like(x)
    out[np.argmax(x)] += g
    out[np.argmin(x)] -= g
    return (out,)


def running_max_vjp(g: Array, x: Array) -> Arrays:
    """Every step is credited to the first element that reached the height."""
    out, best = np.zeros_like(x), 0
    for k in range(x.size):
        best = k if x[k] > x[best] else best
        out[best] += g[k]
    return (out,)


def largest_size_vjp(g: Array, x: Array) -> Arrays:
    """Sign of the first element of the largest size."""
    out = np.zeros_like(x)
    k = np.argmax(np.abs(x))
    out[k] = g * np.sign(x[k])
    return (out,)


def margin(x: Array) -> Array:
    """Hinge over classes; the first is the true one."""
    return np.maximum(0.0, 1 + x[1:] - x[0]).sum()


def margin_vjp(g: Array, x: Array) -> Arrays:
    """Every violated margin pushes its class down and the true one up."""
    over = g * (1 + x[1:] - x[0] > 0)
    return (np.append(-over.sum(), over),)


def l1_spread(x: Array) -> Array:
    """Sum of all distances between pairs."""
    return np.abs(x[:, None] - x[None, :]).sum() / 2


right("max", lambda x: np.max(x, axis=-1), shared_by_ties(np.max), LONG, Real(), tags="kink ties")
right("max_first", lambda x: x.max(-1), first_of_ties(np.argmax), MATRIX, Real(), tags="kink ties")
right("min", lambda x: np.min(x, axis=-1), shared_by_ties(np.min), MATRIX, Real(), tags="kink ties")
right(
    "max_of_four",
    lambda x: np.max(x, axis=-1),
    first_of_ties(np.argmax),
    (((4,),), ((2, 4),)),
    Real(0, 1),
    tags="kink ties hard",
)
right("median", np.median, median_vjp, VECTOR, Real(), tags="kink ties hard")
right(
    "sort",
    lambda x: np.sort(x, axis=-1),
    sort_vjp,
    (((1,),), ((3,),), ((5,),), ((2, 3),), ((0,),)),
    Real(),
    tags="kink ties hard",
)
right("top_two", top_two, top_two_vjp, LONG, Real(), tags="kink ties")
right("spread", lambda x: x.max() - x.min(), spread_vjp, LONG, Real(), tags="kink ties hard")
right("running_max", np.maximum.accumulate, running_max_vjp, LONG, Real(), tags="kink ties")
right(
    "largest_size", lambda x: np.abs(x).max(), largest_size_vjp, LONG, Real(), tags="kink ties hard"
)
right("class_margin", margin, margin_vjp, LONG, Real(), tags="kink")
right(
    "l1_spread",
    l1_spread,
    lambda g, x: (g * np.sign(x[:, None] - x[None, :]).sum(1),),
    LONG,
    Real(),
    tags="kink ties hard",
)
right(
    "maxout",
    lambda a, b: np.maximum(np.maximum(a, b), a + b),
    lambda g, a, b: (g * np.where(b > 0, a >= 0, a >= b), g * ((b > 0) | (a < b))),
    PAIRED,
    Real(),
    tags="kink ties hard",
)
