"""What the slope along many elements together says of each of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..types import Array
from .compare import Comparer, Comparison

__all__ = ["consistent", "narrowed"]


def consistent(each: Comparison, direction: Array, single: Sequence[Comparison]) -> bool:
    """Whether a sum's slope can be one, given those of its elements; a steep one may drown it."""
    ends = np.array([[one.low, one.high] for one in single]).T * direction
    low, high = np.nansum(ends.min(0)), np.nansum(ends.max(0))
    slack = 0.01 * (abs(each.low) + abs(each.high)) + 4 * each.error
    return bool(each.high >= low - slack and each.low <= high + slack)


def narrowed(comparer: Comparer, direction: Array, known: Array) -> int:
    """Halve the elements nobody looked at until one is left whose sum is wrong."""
    support = np.setdiff1d(np.flatnonzero(direction), known)
    while len(support) > 1:
        half = support[: len(support) // 2]
        masked = np.zeros_like(direction)
        masked[half] = direction[half]
        (each,) = comparer.compare(masked[None])
        support = half if each.verdict == "fail" else support[len(support) // 2 :]
    return int(support[0])
