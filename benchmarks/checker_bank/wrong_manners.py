"""Wrong: the right numbers given badly. Memory, aliasing, layout, precision, and g mistreated.

Every fault here must be seen at a single point, without another gradient to compare with.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .entry import RIGHT, Array, Arrays, Function, Pair, spoil, wrong

Manner = Callable[[Function, Function], Pair]


def some(*xs: Array) -> bool:
    """Say whether there is anything to see: the gradient of the first input has elements."""
    return xs[0].size > 0


def ill_mannered(
    name: str, manner: Manner, tags: str = "", shows: Callable[..., bool] = some
) -> None:
    """Enter the true pair of a function, made anew by `manner` for every trial."""
    truth = RIGHT[name.partition(":")[0]]
    wrong(
        name, build=lambda: manner(*truth.pair()), input=None, tags=f"behaviour {tags}", shows=shows
    )


def changes_x(f: Function, vjp: Function) -> Pair:
    """Use the input as room to work in."""

    def spoiled(g: Array, *xs: Array) -> Arrays:
        out = vjp(g, *xs)
        xs[0][...] *= 1.5
        xs[0][...] += 0.25
        return out

    return f, spoiled


def changes_g(f: Function, vjp: Function) -> Pair:
    """Use the cotangent as room to work in."""

    def spoiled(g: Array, *xs: Array) -> Arrays:
        out = vjp(g, *xs)
        g *= 0.5
        return out

    return f, spoiled


def shares_buffer(f: Function, vjp: Function) -> Pair:
    """Return the same array at every call."""
    kept: dict[tuple[int, ...], Array] = {}

    def spoiled(g: Array, *xs: Array) -> Arrays:
        first, *rest = vjp(g, *xs)
        out = kept.setdefault(np.shape(first), np.array(first))
        out[...] = first
        return (out, *rest)

    return f, spoiled


def accumulates(f: Function, vjp: Function) -> Pair:
    """Add to what the last call returned, as if nobody had set it to zero."""
    kept: dict[tuple[int, ...], Array] = {}

    def spoiled(g: Array, *xs: Array) -> Arrays:
        first, *rest = vjp(g, *xs)
        kept[np.shape(first)] = kept.get(np.shape(first), 0.0) + first
        return (kept[np.shape(first)].copy(), *rest)

    return f, spoiled


def answers_late(f: Function, vjp: Function) -> Pair:
    """Return what the call before should have returned."""
    kept: dict[tuple[int, ...], Arrays] = {}

    def spoiled(g: Array, *xs: Array) -> Arrays:
        now = tuple(np.array(a) for a in vjp(g, *xs))
        before, kept[np.shape(g)] = kept.get(np.shape(g), now), now
        return before

    return f, spoiled


def remembers_first(f: Function, vjp: Function) -> Pair:
    """Keep the first cotangent of a shape and use it ever after."""
    kept: dict[tuple[int, ...], Array] = {}

    def spoiled(g: Array, *xs: Array) -> Arrays:
        return vjp(kept.setdefault(np.shape(g), np.array(g)), *xs)

    return f, spoiled


def saved_by_forward(f: Function, vjp: Function) -> Pair:
    """Use the inputs of the last call of `f`, wherever that was."""
    saved: list[Arrays] = []

    def forward(*xs: Array) -> Array:
        saved[:] = [tuple(np.array(x) for x in xs)]
        return f(*xs)

    def spoiled(g: Array, *xs: Array) -> Arrays:
        return vjp(g, *(saved[0] if saved else xs))

    return forward, spoiled


def redraws(f: Function, vjp: Function) -> Pair:
    """Draw a new mask at every call."""
    rng = np.random.default_rng(0)

    def spoiled(g: Array, *xs: Array) -> Arrays:
        return tuple(a * rng.choice([0.5, 1.5], np.shape(a)) for a in vjp(g, *xs))

    return f, spoiled


def reads_memory_order(f: Function, vjp: Function) -> Pair:
    """Read the input as it lies in memory."""

    def spoiled(g: Array, *xs: Array) -> Arrays:
        laid = tuple(x.ravel(order="K").reshape(x.shape) for x in xs)
        return vjp(g, *laid)

    return f, spoiled


def reads_base(f: Function, vjp: Function) -> Pair:
    """Take the memory that a view was cut from for the view."""

    def under(x: Array) -> Array:
        whole = x if x.base is None or not isinstance(x.base, np.ndarray) else x.base
        return whole.ravel()[: x.size].reshape(x.shape)

    def spoiled(g: Array, *xs: Array) -> Arrays:
        return vjp(g, *(under(x) for x in xs))

    return f, spoiled


def reads_cotangent_order(f: Function, vjp: Function) -> Pair:
    """Read the cotangent as it lies in memory."""

    def spoiled(g: Array, *xs: Array) -> Arrays:
        return vjp(np.asarray(g).ravel(order="K").reshape(np.shape(g)), *xs)

    return f, spoiled


def needs_writable_x(f: Function, vjp: Function) -> Pair:
    """Move the input by nothing, in place."""

    def spoiled(g: Array, *xs: Array) -> Arrays:
        xs[0][...] = xs[0] + 0.0
        return vjp(g, *xs)

    return f, spoiled


def needs_writable_g(f: Function, vjp: Function) -> Pair:
    """Double the cotangent in place and halve it again."""

    def spoiled(g: Array, *xs: Array) -> Arrays:
        g *= 2.0
        out = tuple(np.array(a) / 2 for a in vjp(g, *xs))
        g /= 2.0
        return out

    return f, spoiled


def looks_at_identity(f: Function, vjp: Function) -> Pair:
    """Treat two inputs that are one object as one input."""

    def spoiled(g: Array, x: Array, y: Array) -> Arrays:
        a, b = vjp(g, x, y)
        return (a + b, 0 * b) if x is y else (a, b)

    return f, spoiled


ill_mannered("exp: changes x", changes_x)
ill_mannered("matmul: changes x", changes_x, shows=lambda a, b: a.size > 0 and b.size > 0)
ill_mannered("relu: changes g", changes_g)
ill_mannered("softmax: changes g", changes_g)
ill_mannered("tanh: shared output buffer", shares_buffer)
ill_mannered(
    "matmul: shared output buffer", shares_buffer, shows=lambda a, b: a.size > 0 and bool(np.any(b))
)
ill_mannered("square: accumulates", accumulates, shows=lambda x: bool(np.any(x)))
ill_mannered("softplus: answers late", answers_late)
ill_mannered("linear: remembers the first cotangent", remembers_first)
ill_mannered("sin: uses what forward saved", saved_by_forward)
ill_mannered("linear: uses what forward saved", saved_by_forward)
ill_mannered("identity: draws a new mask", redraws)
for _name in ("squares", "layer_norm"):
    ill_mannered(
        f"{_name}: reads memory order",
        reads_memory_order,
        "layout",
        lambda *xs: (
            xs[0].ndim == 2 and min(xs[0].shape) > 1 and np.unique(xs[0]).size == xs[0].size
        ),
    )
ill_mannered(
    "cube: reads the base of a view", reads_base, "layout", lambda x: np.unique(np.abs(x)).size > 1
)
ill_mannered(
    "tril: reads the cotangent's memory order",
    reads_cotangent_order,
    "layout",
    lambda x: min(x.shape) > 1,
)
ill_mannered("log: needs a writable x", needs_writable_x, "layout")
ill_mannered("abs: needs a writable g", needs_writable_g, "layout")
ill_mannered(
    "dot: one object twice",
    looks_at_identity,
    "aliasing",
    lambda x, y: bool(np.any(x)) or bool(np.any(y)),
)

# The cotangent mistreated: not the transpose of a linear map.
spoil("exp: size of g", lambda a, g, x: np.abs(g) * np.exp(x), tags="behaviour linear illegal")
spoil("sum: ignores g", lambda a, g, x: np.ones_like(x), tags="behaviour linear illegal")
spoil(
    "tanh: mean of g",
    lambda a, g, x: g.mean() * (1 - np.tanh(x) ** 2) if g.size else a,
    tags="behaviour linear illegal",
)
spoil(
    "sigmoid: g cut off",
    lambda a, g, x: a * np.clip(g, -1, 1) / np.where(g == 0, 1.0, g),
    tags="behaviour linear illegal",
)
spoil(
    "multiply_add: g squared",
    lambda a, g, x, y, z: a * np.abs(g).mean() if g.size else a,
    tags="behaviour linear illegal",
)
spoil("square: weight decay", lambda a, g, x: a + 0.01 * x, tags="behaviour linear")
spoil(
    "linear: one sign of g",
    lambda a, g, x, w, b: np.maximum(g, 0.0).sum(0),
    input=2,
    tags="behaviour linear illegal",
)

# Precision lost inside.
for _name in ("exp", "softmax", "matmul"):
    spoil(
        f"{_name}: float32 inside the gradient",
        lambda a, g, *xs: a.astype(np.float32).astype(float),
        tags="subtle float32",
    )
