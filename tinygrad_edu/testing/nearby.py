r"""What a gradient may be where there is none: kinks, jumps and infinite slopes.

At a kink every element of the generalised gradient is a right answer. Along a direction it holds
the slopes to both sides, and all derivatives nearby,

.. math:: \partial f(x)\,v \supseteq [\,f'(x; -v),\, f'(x; v)\,], \qquad
          \partial f(x) = \operatorname{co}\,\{\lim \nabla f(x_i) : x_i \to x\},

so the slopes are tried first and derivatives sampled around the point after them (Clarke 1983,
theorem 2.5.1; Burke, Lewis and Overton 2005). Slopes alone would not do: at a tie of three, a
median moves along no single input, yet each unit vector is a generalised gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..types import Array
from .differences import EPS, Estimate, Ladder

__all__ = ["Hull", "hull", "slopes"]

SAMPLES, RADII = 48, (1e-4, 1e-6, 1e-8)
_BATCH = 8


@dataclass
class Hull:
    """Derivatives that a generalised gradient may take, (directions, outputs).

    ``error`` is how uncertain the two ends are; ``kinked`` marks where they truly differ.
    """

    low: Array
    high: Array
    error: Array
    kinked: Array

    @classmethod
    def smooth(cls, found: Estimate) -> Hull:
        """Return the one derivative where there is one."""
        return cls(found.value, found.value, found.error, np.zeros(found.value.shape, bool))

    @classmethod
    def nothing(cls, ladder: Ladder) -> Hull:
        """Return a slope of zero, to a rounding of the value."""
        error = EPS * np.abs(ladder.base) / ladder.start[:, None]
        flat = np.zeros(error.shape)
        return cls(flat, flat, error, np.zeros(error.shape, bool))

    def where(self, here: Array, other: Hull) -> Hull:
        """Return this range at some outputs, another at the rest."""
        return Hull(
            np.where(here, self.low, other.low),
            np.where(here, self.high, other.high),
            np.where(here, self.error, other.error),
            here & self.kinked | ~here & other.kinked,
        )

    def joined(self, other: Hull) -> Hull:
        """Return the range that holds both."""
        return Hull(
            np.fmin(self.low, other.low),
            np.fmax(self.high, other.high),
            np.fmax(self.error, other.error),
            self.kinked | other.kinked,
        )


def slopes(ladder: Ladder, smooth: Estimate) -> Hull:
    """Return the slopes to both sides where they differ, the derivative where they do not.

    A side on which ``f`` is not defined is left out; a slope that grows without bound is infinite.
    """
    right, right_error = _unbounded(ladder, 1)
    left, left_error = _unbounded(ladder, -1)
    # At the end of a domain the other side speaks for both.
    here, there = np.isnan(right), np.isnan(left)
    right, left = np.where(here, left, right), np.where(there, right, left)
    bar = np.where(here, 0, right_error) + np.where(there, 0, left_error)
    size = np.fmax(np.abs(right), np.abs(left))
    differ = np.abs(right - left) > 4 * bar + 1e-3 * np.where(np.isfinite(size), size, 0)
    # The central difference at a kink is the mean of both; else a side did not converge.
    middle = np.abs(smooth.value - (right + left) / 2)
    differ &= ~(middle > 4 * (bar + smooth.error) + 1e-3 * np.abs(right - left))
    differ |= np.isinf(right) & (right == left)
    edge = ~np.isfinite(smooth.value) | ~np.isfinite(smooth.error)
    use = (differ | edge) & (np.isinf(size) | (4 * bar <= 0.01 * size) | (bar <= EPS))
    found = Hull(np.fmin(right, left), np.fmax(right, left), bar, differ)
    return found.where(use, Hull.smooth(smooth))


def _unbounded(ladder: Ladder, side: int) -> tuple[Array, Array]:
    """Return a side's slopes, infinite where the quotients keep growing but not like a jump's."""
    found = ladder.settled(side)
    q, steps = ladder.quotients(side)[-7:], ladder.up[-7:, :, None]
    growth = np.abs(q[1:]) / np.abs(q[:-1])
    noise = np.fmax(ladder.noise, EPS * np.abs(ladder.base))
    steady = (growth > 1.02) & (growth < 3.6) & (np.sign(q[1:]) == np.sign(q[:-1]))
    grows = steady.all(0) & (np.abs(q) * steps > 20 * noise).all(0)
    return np.where(grows, np.copysign(np.inf, q[-1]), found.value), np.where(grows, 0, found.error)


def hull(
    f: Callable[[Array], Array],
    point: Array,
    scale: Array,
    direction: Array,
    noise: Array,
    rng: np.random.Generator,
    enough: Callable[[Hull], bool],
) -> Hull:
    """Return the range of the derivatives along a direction around a point, per output.

    Parameters
    ----------
    scale : array, (inputs,)
        The size of each input, which the radii multiply.
    enough : callable
        Sampling stops as soon as it says so: more samples only widen the range.

    Notes
    -----
    A range that does not shrink with the radius is a kink; one that does is curvature, and one
    that grows is noise. Half of the points are pushed to either side along the direction, so that
    no side is missed by chance, and a difference that another step contradicts straddles a jump.
    """
    low, high = np.full((2, len(RADII), noise.size), np.nan)
    push = direction / (np.abs(direction).max(initial=0) or 1.0)
    # A difference finer than the ring is around any element that moves.
    finest = scale[direction != 0].min(initial=np.inf)
    noises = noise / (np.array(RADII)[:, None] / 100 * finest)
    for count in range(SAMPLES):
        for i, radius in enumerate(RADII):
            offset = rng.uniform(-1, 1, point.shape) + (3, -3, 0, 0)[count % 4] * push
            z, h = point + radius * scale * offset, radius / 100 * finest
            slope, size = _steady(f, z, direction, h, 16 * noise / h)
            noises[i] = np.fmax(noises[i], EPS * size / h)
            low[i], high[i] = np.fmin(low[i], slope), np.fmax(high[i], slope)
        if count % _BATCH == _BATCH - 1:
            found = _range(low, high, noises)
            if enough(found):
                break
    return found


def _steady(
    f: Callable[[Array], Array], z: Array, v: Array, h: float, slack: Array
) -> tuple[Array, Array]:
    """Return the derivative where two steps agree on it, else not-a-number; and the size of f."""
    above, below = f(z + h * v), f(z - h * v)
    coarse = (above - below) / (2 * h)
    fine = (f(z + h / 4 * v) - f(z - h / 4 * v)) / (h / 2)
    size = np.fmax(np.abs(coarse), np.abs(fine))
    slope = np.where(np.abs(coarse - fine) <= 0.2 * size + slack, coarse, np.nan)
    return slope, np.fmax(np.abs(above), np.abs(below))


def _range(low: Array, high: Array, noise: Array) -> Hull:
    """Join the rings; a kink is as wide in the next ring inwards, unless noise hides that one."""
    width, size = high - low, np.fmax(np.abs(low[1]), np.abs(high[1]))
    kinked = (width[1] > 16 * noise[1]) & (width[1] > 1e-3 * size)
    for outer, inner in ((0, 1), (1, 2)):
        same = (width[inner] > 0.3 * width[outer]) & (width[inner] < 3.5 * width[outer])
        kinked &= same | (16 * noise[inner] > 0.3 * width[outer])
    error = noise[1] + 2.5e-4 * size  # the samples are near, not here
    low, high = np.fmin(*low[:2]), np.fmax(*high[:2])
    return Hull(low[None], high[None], error[None], kinked[None])
