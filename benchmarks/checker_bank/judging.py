"""When a fault can be seen: compare a gradient with the true one at the same inputs.

A difference counts when it is larger than rounding, larger than what differences of `f` in double
precision could ever resolve, and not merely another legal value at a kink.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .entry import Array, Arrays, Function, Right, Wrong

Element = tuple[int, tuple[int, ...]]  # which input, which place in it
EVERY = 48  # samples of nearby points; a few more are pushed along each direction
NOISE = 1e3 * float(np.finfo(float).eps)


@dataclass(frozen=True)
class Fault:
    """Whether a fault shows at some inputs, and in which elements of which inputs."""

    shows: bool
    elements: frozenset[Element] = frozenset()

    def names(self, index: int | None, place: tuple[int, ...] | None) -> tuple[bool, bool]:
        """Say whether a report named a wrong input, and a wrong element of it."""
        return any(i == index for i, _ in self.elements), (index, place) in self.elements


def value(f: Function, xs: Arrays) -> Array:
    """Call on copies, without warnings."""
    with np.errstate(all="ignore"):
        return np.asarray(f(*[x.copy() for x in xs]))


def gradients(vjp: Function, g: Array, xs: Arrays) -> Arrays:
    """Call on copies, without warnings; keep copies of the answer."""
    with np.errstate(all="ignore"):
        return tuple(np.array(a) for a in vjp(g.copy(), *[x.copy() for x in xs]))


def cotangent(y: Array, rng: np.random.Generator) -> Array:
    """Draw a cotangent of either sign, nowhere small."""
    return np.asarray(rng.uniform(0.5, 2.0, y.shape) * rng.choice([-1.0, 1.0], y.shape))


def judge(entry: Wrong, xs: Arrays) -> Fault:
    """Say whether and where the fault of an entry shows at these inputs."""
    if entry.shows is not None:
        return Fault(bool(entry.shows(*xs)))
    y = value(entry.right.f, xs)
    if not np.isfinite(y).all() or not y.size:
        return Fault(False)
    rng = np.random.default_rng(0)
    found: set[Element] = set()
    for _ in range(3):
        g = cotangent(y, rng)
        truth = gradients(entry.right.vjp, g, xs)
        try:
            claim = gradients(entry.pair()[1], g, xs)
        except Exception:  # whatever it is, a gradient that raises is wrong
            return Fault(True)
        if [a.shape for a in claim] != [x.shape for x in xs]:
            return Fault(True)
        found |= differing(truth, claim, float(np.abs(g * y).max()), xs)
    if not found:
        return Fault(False)
    if "illegal" not in entry.tags and legal(entry.right, entry.pair()[1], xs, found):
        return Fault(False)
    return Fault(True, frozenset(found))


def differing(truth: Arrays, claim: Arrays, height: float, xs: Arrays) -> set[Element]:
    """Return the elements in which two gradients differ by more than could be rounding."""
    found: set[Element] = set()
    for i, (a, b, x) in enumerate(zip(truth, claim, xs, strict=True)):
        finite = np.isfinite(a)
        width = max(1.0, float(np.abs(x).max(initial=0.0)))
        share = 1e-8 if x.dtype == np.float64 else 5e-3
        floor = 1e-3 * share * float(np.abs(a[finite]).max(initial=0.0)) + NOISE * height / width
        with np.errstate(invalid="ignore"):
            near = np.abs(a - b) <= share * np.maximum(np.abs(a), np.abs(b)) + floor
        found |= {(i, tuple(map(int, place))) for place in np.argwhere(finite & ~near)}
    return found


def legal(right: Right, claim: Function, xs: Arrays, suspects: set[Element]) -> bool:
    """Say whether a gradient is only another generalised one at a kink.

    For every output alone, and along every suspected element, each input, all of them together and
    some random directions, the claimed slope must lie between the slopes nearby; and these must
    differ somewhere, or the point is no kink.
    """
    lines = directions(xs, suspects)
    kink = False
    for g, low, high in hulls(right, xs, lines):
        slack = 1e-6 * (np.abs(low) + np.abs(high)) + 1e-300
        here = lines @ join(gradients(claim, g, xs))
        if not ((here >= low - slack) & (here <= high + slack)).all():
            return False
        kink = kink or bool((high - low > 1e3 * slack).any())
    return kink


def hulls(right: Right, xs: Arrays, lines: Array) -> Iterator[tuple[Array, Array, Array]]:
    """Yield for every output its cotangent, and the least and greatest slopes nearby, by line.

    Nothing is yielded for an output that is steep beyond all bounds everywhere nearby.
    """
    y = value(right.f, xs)
    points = nearby(right, xs, lines)
    for k in range(y.size):
        g = np.zeros(y.shape)
        g.flat[k] = 1.0
        slopes = np.array([join(gradients(right.vjp, g, p)) for p in points])
        slopes = slopes[np.isfinite(slopes).all(1)] @ lines.T
        if len(slopes):
            yield g, slopes.min(0), slopes.max(0)


def directions(xs: Arrays, elements: Iterable[Element]) -> Array:
    """One row a direction, over all inputs laid end to end."""
    offsets = np.cumsum([0, *(x.size for x in xs)])
    places = np.arange(offsets[-1])
    rows = [*np.random.default_rng(1).normal(size=(8, offsets[-1])), np.ones(offsets[-1])]
    rows += [1.0 * ((places >= low) & (places < high)) for low, high in itertools.pairwise(offsets)]
    for i, place in elements:
        rows.append(1.0 * (places == offsets[i] + flat_place(place, xs[i])))
    return np.array(rows)


def flat_place(place: tuple[int, ...], x: Array) -> int:
    """Return where an element stands when the array is laid out in a row."""
    return int(np.ravel_multi_index(place, x.shape)) if place else 0


def nearby(right: Right, xs: Arrays, lines: Array) -> list[Arrays]:
    """Points a few hundred roundings away: some to any side, some pushed along the directions."""
    rng = np.random.default_rng(2)
    pushes = [np.zeros(lines.shape[1])] * EVERY
    for line in lines:
        unit = line / max(float(np.abs(line).max(initial=0.0)), 1e-300)
        pushes += [sign * 3 * unit for sign in (-1, 1) for _ in range(4)]
    points = []
    for push in pushes:
        step = rng.uniform(-1, 1, push.shape) + push
        moved, start = [], 0
        for x, real in zip(xs, right.domain.values, strict=True):
            width = float(np.abs(x).max(initial=0.0)) or real.high - real.low
            part = step[start : start + x.size].reshape(x.shape)
            moved.append(np.asarray(x + 500 * float(np.finfo(x.dtype).eps) * width * part, x.dtype))
            start += x.size
        points.append(tuple(moved))
    return points


def join(parts: Arrays) -> Array:
    """Lay gradients end to end."""
    return np.concatenate([np.asarray(a, float).ravel() for a in parts])
