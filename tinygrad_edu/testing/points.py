"""Numbers of a domain to check an operation at: generic ones, and those where mistakes hide.

Plain NumPy. All values follow from a seeded generator, so that an array of thousands of numbers
costs next to nothing and is the same again from its seed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..domain import Real
from ..errors import ArgumentError
from ..types import Array, Shape

__all__ = ["generic", "inside", "signed", "special"]

ORDINARY = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5)
TINY = 1e-6


def inside(values: Any, domain: Real) -> Array:
    """Say for each value whether it lies in a domain, open ends and excluded points left out.

    Examples
    --------
    >>> inside([0.0, 1.0, 2.0, 3.0], Real(0.0, 2.0, open_left=True, exclude=(1.0,)))
    array([False, False,  True, False])
    """
    x = np.asarray(values)
    after = x > domain.low if domain.open_left else x >= domain.low
    before = x < domain.high if domain.open_right else x <= domain.high
    return np.asarray(after & before & ~np.isin(x, domain.exclude))


def special(domain: Real, dtype: DTypeLike = np.float64) -> tuple[float, ...]:
    """Return the points of a domain worth repeating: round numbers first, then the awkward ones.

    Parameters
    ----------
    domain : Real
        Where the operation is defined.
    dtype : float dtype
        The type of number that must hold them.

    Returns
    -------
    tuple of float
        Round numbers, then 0, plus and minus a millionth, just inside either end, and the closed
        ends. In this order, an example that fails anywhere shrinks to a round number, so that an
        end or a zero in a failing example means that the end or the zero is needed.

    Examples
    --------
    >>> special(Real(0.0, 2.0, open_left=True))
    (1.0, 0.5, 1.5, 1e-06, 2e-06, 1.999998, 2.0)
    """
    low, high = _span(domain, dtype)
    width = high - low
    kind: Any = np.dtype(dtype).type
    quarters = [low + width * part for part in (0.5, 0.25, 0.75)]
    least = [max(TINY * width, 4.0 * float(abs(np.spacing(kind(end))))) for end in (low, high)]
    awkward = [0.0, TINY, -TINY, low + least[0], high - least[1], low, high]
    round_ones = [point for point in (*ORDINARY, *quarters) if point not in awkward]
    held = [float(kind(point)) + 0.0 for point in (*round_ones, *awkward)]
    return tuple(dict.fromkeys(point for point in held if inside(point, domain)))


def generic(
    domain: Real, shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    """Draw numbers of no special place: all different, off the ends and off the excluded points.

    Parameters
    ----------
    domain : Real
        Where to draw. Of an infinite interval, a part six wide is used.
    shape : tuple of int
        The result's.
    rng : Generator
        Where the randomness comes from.
    dtype : float dtype
        The result's.

    Returns
    -------
    ndarray
        At least a hundredth of the interval from its ends and from every excluded point. The
        interval is cut into as many cells as numbers are drawn and each number has a cell to
        itself, so that two are never closer than about half a cell: there are no accidental ties.
        They have few decimals, the last of them odd, so that they print short and still miss
        0, 1 and every other round number.

    Examples
    --------
    >>> generic(Real(0.0, 1.0), (3,), np.random.default_rng(0))
    array([0.6795, 0.1563, 0.4991])
    """
    low, high = _span(domain, dtype)
    starts, lengths = _free(domain, low, high)
    count, total = math.prod(shape), float(lengths.sum())
    if not count or not total:
        return np.full(shape, low, dtype)
    cells = (rng.permutation(count) + rng.random() + rng.random(count) / 2) / count % 1.0
    reached = np.cumsum(lengths)
    part = np.minimum(np.searchsorted(reached, cells * total, "right"), len(starts) - 1)
    values = starts[part] + (cells * total - (reached - lengths)[part])
    return _short(values, total / count / 1000).reshape(shape).astype(dtype)


def signed(shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float64) -> Array:
    """Draw cotangents: both signs, sizes from 0.5 to 1.5 that all differ, none near zero.

    A cotangent of ones hides a rule that sums it, one of positive numbers a rule that takes its
    absolute value, and a zero whatever it is multiplied with.

    Examples
    --------
    >>> signed((4,), np.random.default_rng(1))
    array([-0.6615, -0.8285,  1.0871,  1.3817])
    """
    sizes = generic(Real(0.5, 1.5), (math.prod(shape),), rng, dtype)
    signs = rng.choice([-1.0, 1.0], sizes.size)
    if sizes.size > 1 and abs(signs.sum()) == sizes.size:
        signs[rng.integers(sizes.size)] *= -1.0
    return np.asarray(sizes * signs, dtype).reshape(shape)


def _span(domain: Real, dtype: DTypeLike) -> tuple[float, float]:
    """The finite part of an interval to draw from, checked."""
    low, high = float(domain.low), float(domain.high)
    if math.isinf(low) and math.isinf(high):
        low, high = -3.0, 3.0
    elif math.isinf(low) or math.isinf(high):
        low, high = (high - 6.0, high) if math.isinf(low) else (low, low + 6.0)
    if np.dtype(dtype).kind != "f":
        raise ArgumentError(f"numbers of a domain are real, got dtype {dtype}", fix="dtype=float")
    kind: Any = np.dtype(dtype).type
    if low < high and abs(np.spacing(kind(max(abs(low), abs(high))))) > (high - low) / 100:
        raise ArgumentError(
            f"{domain} is too narrow for {np.dtype(dtype).name}",
            why="its neighbouring numbers are further apart than a hundredth of the interval",
            fix="dtype=np.float64",
        )
    return low, high


def _free(domain: Real, low: float, high: float) -> tuple[Array, Array]:
    """Starts and lengths of the pieces that remain without the ends and the excluded points."""
    margin = (high - low) / 100
    starts, stops = [low + margin], []
    for point in sorted(domain.exclude):
        if low - margin < point < high + margin:
            stops.append(max(point - margin, low + margin))
            starts.append(min(point + margin, high - margin))
    stops.append(high - margin)
    return np.array(starts), np.maximum(np.array(stops) - np.array(starts), 0.0)


def _short(values: Array, step: float) -> Array:
    """Round to decimals no coarser than a step, downwards to an odd last digit."""
    digits = -math.floor(math.log10(step))
    scale = 10.0 ** abs(digits)
    whole = np.floor(values * scale if digits > 0 else values / scale)
    whole += whole % 2 == 0
    return np.asarray(whole / scale if digits > 0 else whole * scale)
