r"""Numeric derivatives that know how wrong they may be, one error bar per output element.

Central differences at steps that shrink by four are extrapolated to step zero,

.. math:: T_{k,0} = \frac{f(x + h_k v) - f(x - h_k v)}{2 h_k}, \qquad
          T_{k,j} = \frac{4^{2j}\, T_{k,j-1} - T_{k-1,j-1}}{4^{2j} - 1},

and the entry whose two neighbours in the table agree best is the answer (Richardson 1911, Ridders
1982). One neighbour would not do: where the slope jumps in its derivative it agrees by chance. The
bar holds both disagreements and the rounding noise of ``f``, measured, divided by the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..types import Array

__all__ = ["Estimate", "Ladder", "rounding_noise"]

EPS = float(np.finfo(float).eps)
TINY = 1e-300
RATIO, COLUMNS = 4.0, 3
QUICK, LEVELS = 5, 19  # levels for well-behaved functions, and for all others
STAIR = 2.0**-22  # relative size that a float32's stair does not reach
BEYOND = 16  # times the usual first step, to tell an output that no step could move
FAR = 9  # a far smaller step, which a converged value has to explain


@dataclass
class Estimate:
    """Derivatives along directions: ``value`` and ``error``, (directions, outputs).

    ``level`` is where each was read, and ``noise`` what ``f`` was taken to be uncertain by.
    """

    value: Array
    error: Array
    level: Array
    noise: Array


class Ladder:
    """Values of ``f`` on both sides of a point, at shrinking steps along several directions.

    Parameters
    ----------
    f : callable
        Vector to vector; not-a-number outside its domain.
    point, base : arrays, (inputs,) and (outputs,)
        Where, and the value there.
    directions : array, (directions, inputs)
    start : array, (directions,)
        The largest step of each.
    noise : array, (directions, outputs)
        Uncertainty of one value of ``f``.
    """

    def __init__(
        self,
        f: Callable[[Array], Array],
        point: Array,
        base: Array,
        directions: Array,
        start: Array,
        noise: Array,
    ) -> None:
        self.f, self.point, self.base, self.directions = f, point, base, directions
        self.start, self.noise = start, noise
        self.scatter = noise  # with what the smallest steps show, once they were looked at
        m, p = noise.shape
        self.plus, self.minus = np.full((2, LEVELS, m, p), np.nan)
        self.up, self.down = np.full((2, LEVELS, m), np.nan)
        self._size = np.where(directions != 0, np.abs(point), 0).max(1, initial=0)
        self.usual, self._reach = start, np.zeros(noise.shape)
        self._single = np.where(
            np.count_nonzero(directions, axis=1) == 1, np.abs(directions).argmax(1), -1
        )

    def measure(self, rows: Iterable[int], levels: Iterable[int]) -> None:
        """Evaluate both sides; along one element, the step is what rounding left of it."""
        levels, x = list(levels), self.point
        for d in rows:
            v, i = self.directions[d], self._single[d]
            for k in levels:
                h = self.start[d] * RATIO**-k
                above, below = x + h * v, x - h * v
                self.up[k, d] = h if i < 0 else (above[i] - x[i]) / v[i]
                self.down[k, d] = h if i < 0 else (x[i] - below[i]) / v[i]
                self.plus[k, d], self.minus[k, d] = self.f(above), self.f(below)

    def quotients(self, side: int = 0) -> Array:
        """Return the difference quotients: central, or to the right (1) or the left (-1)."""
        up, down = self.up[..., None], self.down[..., None]
        central, right, left = (
            (self.plus - self.minus, up + down),
            (self.plus - self.base, up),
            (self.base - self.minus, down),
        )
        rise, run = (central, right, left)[side]
        return np.asarray(rise / run)

    def estimate(self, side: int = 0, start: Any = 0) -> Estimate:
        """Return the entries of the extrapolation table that their neighbours confirm best."""
        columns, errors = _table(self.quotients(side), 1 if side else 2)
        sizes = np.fmax(np.abs(self.plus), np.abs(self.minus))
        noise = np.fmax(self.scatter, EPS * np.where(np.isfinite(sizes), sizes, 0))
        # f rounds x inside, and may be far steeper out there than at the point.
        rises = np.fmax(np.abs(self.plus - self.base), np.abs(self.minus - self.base))
        inside = EPS * self._size[:, None] * rises / self.up[..., None]
        noise = noise + np.where(np.isfinite(inside), inside, 0)
        errors = (
            errors + (8 if side else 4) * noise / self.up[..., None] + 8 * EPS * np.abs(columns)
        )
        # An output that never moves is known to a rounding, however noisy it is elsewhere.
        still = ((self.plus == self.base) & (self.minus == self.base)) | np.isnan(self.up)[
            ..., None
        ]
        rounding = EPS * np.abs(self.base) / np.fmax(self.start[:, None], self._reach)
        errors = np.where(still.all(0), rounding, errors)
        levels = np.arange(LEVELS)[:, None, None]
        usable = np.isfinite(columns) & np.isfinite(errors) & (levels >= start)
        errors = np.where(usable, errors, np.inf).reshape(-1, *self.noise.shape)
        best = errors.argmin(0)[None]
        error = np.take_along_axis(errors, best, 0)[0]
        value = np.take_along_axis(columns.reshape(errors.shape), best, 0)[0]
        return Estimate(np.where(np.isfinite(error), value, np.nan), error, best[0] % LEVELS, noise)

    def quick(self, target: float = 1e-9) -> tuple[Estimate, Array]:
        """Return an estimate from few levels, and for which directions it can be believed.

        Extrapolation can converge to a wrong value when all steps are larger than a feature of
        ``f``, so one far smaller step must agree.
        """
        rows = range(len(self.directions))
        self.measure(rows, range(QUICK))
        found = self.estimate()
        slack = 64 * self.noise / self.start[:, None] + TINY
        good = (found.error <= target * np.abs(found.value) + slack).all(1)
        self.measure(np.flatnonzero(good), [FAR])
        far, step = self.quotients()[FAR], self.up[FAR][:, None]
        slack = 8 * np.fmax(self.noise, found.noise[FAR]) / step
        slack = slack + 4 * found.error + 1e-6 * np.abs(found.value)
        return found, good & (np.abs(far - found.value) <= slack).all(1)

    def thorough(self, rows: Array) -> Estimate:
        """Return an estimate from all levels, given up where a deeper plateau contradicts it."""
        self.measure(rows, [k for k in range(LEVELS) if np.isnan(self.up[k, rows]).any()])
        for d in rows:
            far = BEYOND * max(self.start[d], self.usual[d])
            step = far * self.directions[d]
            ends = self.f(self.point + step), self.f(self.point - step)
            self._reach[d] = np.where((ends[0] == self.base) & (ends[1] == self.base), far, 0)
        found = self.settled()
        # What the smallest steps scatter by is noise that nothing else has shown.
        scatter = np.abs(self.quotients() - found.value) * self.up[..., None]
        below = np.arange(LEVELS)[:, None, None] > found.level
        scatter = np.where(np.isfinite(scatter) & below, scatter, 0)
        seen = np.minimum(np.median(scatter, 0), np.abs(found.value) * self.start[:, None])
        hidden = (seen > 4 * self.noise) & ~self.jumps()
        if hidden.any():
            self.scatter = np.where(hidden, np.fmax(self.noise, scatter.max(0)), self.noise)
            found = self.settled()
        return found

    def settled(self, side: int = 0) -> Estimate:
        """Return the estimate that no deeper plateau contradicts."""
        found, start = self.estimate(side), np.zeros(self.noise.shape, int)
        for _ in range(4):
            deeper = self._contradiction(found, side)
            if not (deeper > start).any():
                break
            start = np.maximum(start, deeper)
            found = self.estimate(side, start)
        return found

    def unsettled(self) -> bool:
        """Whether ``f`` still varies at the smallest steps as it does at the largest."""
        heights = np.nan_to_num(np.abs(self.plus - self.minus))
        moving = (heights[-3:] > 1e-3 * heights.max(0)) & (heights[-3:] > 100 * self.noise)
        return bool((moving.any(0) & ~self.jumps()).any())

    def quantum(self) -> Array:
        """Return the height of a hidden float32's stairs, where ``f`` is seen to stand on one.

        It stands still at small steps, where the slope known from large ones would move it.
        """
        q = self.quotients()
        three = np.stack([q[:-2], q[1:-1], q[2:]])
        agree = (np.ptp(three, axis=0) <= 0.2 * np.abs(q[:-2])) & (q[:-2] != 0)
        first = agree.argmax(0)
        slope = np.abs(np.take_along_axis(q, first[None], 0)[0])
        deeper = np.arange(LEVELS)[:, None, None] > first
        rises = np.stack([np.abs(self.plus - self.base), np.abs(self.minus - self.base)])
        expected = slope * self.up[..., None]
        stands = ((rises == 0) & (expected > 100 * self.noise) & deeper & agree.any(0)).any((0, 1))
        smallest = np.where(rises > 0, rises, np.inf).min((0, 1), initial=np.inf)
        return np.where(stands & np.isfinite(smallest), smallest, 0)

    def hides(self, stairs: Any) -> bool:
        """Whether stairs are as low as a float32 inside ``f`` would make them."""
        sizes = np.nan_to_num(np.fmax(np.abs(self.plus), np.abs(self.minus)), posinf=0).max(0)
        return bool((stairs <= STAIR * np.maximum(1, sizes)).all())

    def stands(self) -> Array:
        """Return where ``f`` is constant around the point, wider than any rounding makes it."""
        still = (self.plus == self.base) & (self.minus == self.base)
        wide = (self.up >= STAIR * np.maximum(1, self._size))[..., None]
        below = np.logical_and.accumulate(still[::-1])[::-1]  # and at all smaller steps
        return np.asarray((below & wide).any(0))

    def jumps(self) -> Array:
        """Return where ``f`` itself jumps: both sides settle, on values that stay apart."""
        above, below = self.plus[-4:], self.minus[-4:]
        height = np.abs(above[-1] - below[-1])
        scatter = np.ptp(above, axis=0) + np.ptp(below, axis=0)
        size = np.fmax(np.abs(above[-1]), np.abs(below[-1]))
        largest = np.fmax.reduce(np.abs(self.plus - self.minus), axis=0)
        threshold = np.fmax(20 * scatter, np.fmin(0.05 * largest, STAIR * size))
        threshold = np.fmax(threshold, 100 * EPS * size)
        return np.asarray(height > threshold)

    def _contradiction(self, found: Estimate, side: int) -> Array:
        """Return the level of the deepest plateau that the estimate cannot explain, else 0."""
        q = self.quotients(side)
        low, high = (
            np.fmin(np.fmin(q[:-2], q[1:-1]), q[2:]),
            np.fmax(np.fmax(q[:-2], q[1:-1]), q[2:]),
        )
        size, spread = np.fmax(np.abs(low), np.abs(high)), high - low
        noise = 10 * np.fmax(self.noise, found.noise)[:-2] / self.up[:-2, :, None]
        deeper = np.arange(LEVELS - 2)[:, None, None] > found.level
        flat = np.isfinite(q[:-2] + q[1:-1] + q[2:]) & (size > 0) & (spread <= 1e-3 * size)
        slack = noise + 4 * found.error + 2 * spread + 1e-6 * np.abs(q[:-2])
        odd = flat & deeper & (noise < 0.01 * size) & (np.abs(q[:-2] - found.value) > slack)
        return np.where(odd.any(0), LEVELS - 3 - odd[::-1].argmax(0), 0)


def _table(quotients: Array, power: int) -> tuple[Array, Array]:
    """Return the columns of the extrapolation table, and how far neighbours are from each."""
    columns, errors = [quotients], [_above(quotients, quotients) / 2]
    for j in range(1, COLUMNS + 1):
        last, weight = columns[-1], RATIO ** (power * j)
        column = np.full_like(last, np.nan)
        column[1:] = (weight * last[1:] - last[:-1]) / (weight - 1)
        columns.append(column)
        errors.append(np.maximum(_above(column, last), np.abs(column - last)))
    return np.stack(columns), np.stack(errors)


def _above(column: Array, before: Array) -> Array:
    """Return the distance to the entry one level up, or to the column before it at the top."""
    distance = np.full_like(column, np.nan)
    above = np.where(np.isnan(column[:-1]), before[:-1], column[:-1])
    distance[1:] = np.abs(column[1:] - above)
    return distance


def rounding_noise(
    f: Callable[[Array], Array], point: Array, base: Array, rng: np.random.Generator
) -> Array:
    """Return how uncertain one value of ``f`` is, per output: what third differences leave.

    The points lie a few hundred roundings apart, where any smooth function is a straight line,
    and on one side at a time, so that no jump is taken for noise.
    """
    noise = EPS * np.abs(base) + 5e-324
    for spacing in (2e-14, 1e-13):
        step = spacing * np.abs(point) * rng.choice([-1.0, 1.0], point.shape)
        for side in (1, -1):
            values = np.array([f(point + side * k * step) for k in range(1, 5)])
            third = np.abs(np.diff(values, 3, axis=0)).max(0, initial=0) / np.sqrt(20.0)
            noise = np.fmax(noise, np.where(np.isfinite(third), third, 0))
    return noise
