"""What a wrong gradient looks like, in a learner's words.

Looked for on generic values of the failing shapes, not on the failing values: those are often
zeros and ones, where a transposed gradient cannot be told from a right one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..types import Array
from .differences import Ladder, rounding_noise
from .pair import Pair
from .patterns import pattern
from .report import Finding, Report

__all__ = ["diagnose"]

MOST = 128  # elements for which the whole gradient is worth a numeric one
CLOSE = 1e-5


def diagnose(pair: Pair, g: Array, report: Report, rng: np.random.Generator) -> str | None:
    """Return a sentence about the likely mistake, ``None`` when nothing fits."""
    first = report.first
    if first is None or first.kind in ("arity", "mutation", "buffer", "repeatable", "symmetry"):
        return None
    if first.kind == "shape":
        return _about_shape(pair, first.input)
    if first.kind == "value" and (text := _slightly(first)):
        return text
    if pair.point.size > MOST or first.kind in ("linear", "layout", "aliasing", "convention"):
        return None
    points = _generic_points(pair, rng)
    for z in points:
        base = pair.value(z)
        if not np.isfinite(base).all():
            continue
        analytic, numeric = pair.pulled(g, z), _numeric(pair, z, base, g, rng)
        if not np.isfinite(numeric).all():
            continue
        if _close(analytic, numeric):
            return _only_here(pair, g, z, report, rng)
        elsewhere = _Elsewhere(pair, g, points, rng)
        return _in_input(pair, g, z, base, analytic, numeric, report, elsewhere)
    return None


def _slightly(first: Finding) -> str | None:
    """A difference too small for any pattern."""
    if first.analytic is None or not first.numeric:
        return None
    off = abs(first.analytic / first.numeric - 1)
    if off > 1e-4:
        return None
    cause = "a float32 in the gradient" if off < 3e-7 else "a constant with too few digits"
    return f"off by {off:.1e} of its value: {cause}"


def _generic_points(pair: Pair, rng: np.random.Generator) -> Iterator[Array]:
    """Points near the failing one with no ties, zeros or ends in them, if ``f`` allows it."""
    sizes = np.maximum(np.abs(pair.point), 1.0)
    for width in (0.3, 0.1, 0.01, 1e-3):
        for _ in range(3):
            sign = rng.choice([-1.0, 1.0], pair.point.shape)
            yield pair.point + width * sizes * sign * rng.uniform(0.3, 1, pair.point.shape)
    yield pair.point


def _numeric(pair: Pair, z: Array, base: Array, g: Array, rng: np.random.Generator) -> Array:
    noise = rounding_noise(pair.value, z, base, rng)
    n = z.size
    start = np.exp2(np.floor(np.log2(0.05 * np.maximum(np.abs(z), 1.0))))
    ladder = Ladder(pair.value, z, base, np.eye(n), start, np.broadcast_to(noise, (n, noise.size)))
    found, trusted = ladder.quick()
    if not trusted.all():
        found = ladder.thorough(np.flatnonzero(~trusted))
    return np.where(found.error.max(1, initial=0) < np.inf, found.value @ g, np.nan)


class _Elsewhere:
    """Another generic point: a ratio of two numbers is a factor only if it is the same there."""

    def __init__(
        self, pair: Pair, g: Array, points: Iterator[Array], rng: np.random.Generator
    ) -> None:
        self.pair, self.g, self.points, self.rng = pair, g, points, rng

    def has_factor(self, part: Any, analytic: Array, numeric: Array) -> bool:
        """Whether one element of the gradient is wrong by the same factor at another point."""
        for z in self.points:
            base = self.pair.value(z)
            found = _numeric(self.pair, z, base, self.g, self.rng)[part]
            if np.isfinite(base).all() and np.isfinite(found).all() and numeric.all():
                factor = float(analytic.flat[0] / numeric.flat[0])
                return _close(self.pair.pulled(self.g, z)[part], factor * found)
        return False


def _close(a: Array, b: Array) -> bool:
    size = float(np.abs(b).max(initial=0))
    return bool(np.allclose(a, b, rtol=CLOSE, atol=CLOSE * size))


def _about_shape(pair: Pair, k: int | None) -> str | None:
    if k is None:
        return None
    shape = pair.given[k].shape
    if len(pair.given) > 1 or pair.base.size > pair.given[k].size:
        return (
            f"a forgotten sum over the axes along which {pair.names[k]} was broadcast; "
            f"unbroadcast(gradient, {shape}) adds them up"
        )
    return f"the gradient must have the shape of its input, {shape}: reshape or transpose it back"


def _only_here(
    pair: Pair, g: Array, generic: Array, report: Report, rng: np.random.Generator
) -> str:
    """The gradient is right at generic points, so the mistake needs these special values."""
    first = report.first
    assert first is not None
    if first.kind == "nan":
        return (
            "not finite only at special values, right elsewhere: inf * 0 or 0 / 0 in a branch "
            "that is not taken; choose the argument before the function, where(x > 0, x, 1)"
        )
    values = pair.point if first.input is None else pair.given[first.input]
    ties = values.size > len(np.unique(values))
    if ties and first.what.startswith("all"):
        return (
            "where values tie, each gets the full gradient: the shares must add up to one "
            "(equal shares, or the first takes all)"
        )
    if ties and not _wrong_alone(pair, g, generic, report, rng):
        return "right for values that differ, wrong where they tie: look at how ties are shared"
    if first.kind == "kink":
        return "right elsewhere, but at this kink no slope on any side has that value"
    return (
        "right everywhere around and wrong at this very point: a special case is wrong, or kinks "
        "cancel inside (relu(x) - relu(-x) at 0), which no chain rule can see; "
        "at_kink= declares the value"
    )


def _wrong_alone(
    pair: Pair, g: Array, generic: Array, report: Report, rng: np.random.Generator
) -> bool:
    """Whether the element found is still wrong when all others are generic."""
    first = report.first
    if first is None or first.input is None or first.index is None:
        return False
    k = pair.moving.index(first.input)
    element = int(pair.cuts[k]) + int(
        np.ravel_multi_index(first.index or (0,), pair.shapes[k] or (1,))
    )
    z = generic.copy()
    z[element] = pair.point[element]
    base = pair.value(z)
    if not np.isfinite(base).all():
        return False
    numeric, claim = _numeric(pair, z, base, g, rng)[element], pair.pulled(g, z)[element]
    return not _close(np.array([claim]), np.array([numeric]))


def _in_input(
    pair: Pair,
    g: Array,
    z: Array,
    base: Array,
    analytic: Array,
    numeric: Array,
    report: Report,
    elsewhere: _Elsewhere,
) -> str | None:
    """Name the pattern in the input that was found wrong, else in the first that shows one."""
    first = report.first
    assert first is not None
    parts = [pair.spread(k) for k in range(len(pair.shapes))]
    wrong = [k for k, part in enumerate(parts) if not _close(analytic[part], numeric[part])]
    wrong.sort(key=lambda k: pair.moving[k] != first.input)
    ones = None
    for k in wrong:
        a = analytic[parts[k]].reshape(pair.shapes[k])
        n = numeric[parts[k]].reshape(pair.shapes[k])
        where = f" in {pair.names[pair.moving[k]]}" if len(parts) > 1 else ""
        swapped = [
            f"the gradient of {pair.names[pair.moving[j]]}{where}"
            for j, part in enumerate(parts)
            if j != k and numeric[part].size == a.size and _close(a.ravel(), numeric[part])
        ]
        if a.size == 1 and swapped:  # any two numbers have some ratio
            return swapped[0]
        text = pattern(a, n, z[parts[k]].reshape(pair.shapes[k]))
        if text and (a.size > 1 or not a.any() or elsewhere.has_factor(parts[k], a, n)):
            return text + where
        if swapped:
            return swapped[0]
        ones = pair.pulled(np.ones_like(g), z) if ones is None else ones
        if _close(a.ravel(), ones[parts[k]]) and not _close(g, np.ones_like(g)):
            return f"the incoming cotangent is ignored{where}: multiply by g"
        if base.size == a.size and _close(a.ravel() * g, numeric[parts[k]]):
            return f"the incoming cotangent is missing{where}: multiply by g"
        if text := _turned(pair, g, z, n.ravel(), k):
            return text
    return None


def _turned(pair: Pair, g: Array, z: Array, numeric: Array, k: int) -> str | None:
    """A rule of input k that would be right if another input were turned around."""
    named = [pair.names[position] for position in pair.moving]
    for j, shape in enumerate(pair.shapes):
        if j == k or not shape or min(shape) < 2:
            continue
        now = z[pair.spread(j)].reshape(shape)
        ways = {"reversed along its axes, as a kernel is": np.flip(now)}
        if now.ndim > 2:  # channels come before the axes of a kernel
            flipped = np.flip(now, tuple(range(2, now.ndim)))
            ways["reversed along its last axes, as a kernel is"] = flipped
        if now.ndim > 1 and shape[-1] == shape[-2]:
            ways["transposed"] = np.swapaxes(now, -1, -2)
        for how, turned in ways.items():
            moved = z.copy()
            moved[pair.spread(j)] = turned.ravel()
            if _close(pair.pulled(g, moved)[pair.spread(k)], numeric):
                return f"the gradient of {named[k]} needs {named[j]} {how}"
    return None
