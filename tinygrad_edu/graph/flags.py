"""What the size of a gradient says: vanishing, exploding, blocked, not a number (floor 3)."""

from __future__ import annotations

import math

import numpy as np

from ..types import Array

__all__ = ["FLAGS", "flag", "line_width", "rms"]

VANISHING, EXPLODING = 1e-7, 1e2
FLAGS = {
    "vanishing": "#2563eb",
    "exploding": "#dc2626",
    "nan": "#c026d3",
    "blocked": "#475569",
}


def rms(array: Array) -> float:
    """Return the root of the mean square; of an empty array 0.

    Examples
    --------
    >>> rms(np.array([3e200, -3e200]))  # squares would overflow
    3e+200
    """
    if array.size == 0:
        return 0.0
    if array.size == 1:
        return abs(float(array.reshape(-1)[0]))
    reals = array.astype(np.float64).reshape(-1)
    largest = float(np.abs(reals).max())
    if largest == 0 or not math.isfinite(largest):
        return largest
    reals /= largest
    return largest * math.sqrt(float(reals @ reals) / reals.size)


def flag(size: float | None) -> str:
    """Return what is wrong with a gradient of this size: a key of ``FLAGS``, or ``""``."""
    if size is None:
        return ""
    if not math.isfinite(size):
        return "nan"
    if size == 0:
        return "blocked"
    return "vanishing" if size < VANISHING else "exploding" if size > EXPLODING else ""


def line_width(size: float) -> float:
    """Return the width of a line through which a gradient of this size flows, in pixels."""
    power = math.log10(size) if size and math.isfinite(size) else -8.0
    return round(min(max(2.6 + power * 0.45, 1.1), 5.0), 2)
