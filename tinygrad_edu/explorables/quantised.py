"""Arrays as a few bytes: what a picture needs of them, and no more (floor 5)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..types import Array

__all__ = ["Blob", "finite", "largest"]

BAD = -128  # stands for what is not finite


class Blob:
    """Bytes of many arrays, one after the other; each is found by its place."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._size = 0

    def add(self, content: bytes) -> list[int]:
        """Add bytes, and return where they begin and how many they are."""
        self.parts.append(content)
        self._size += len(content)
        return [self._size - len(content), len(content)]

    def film(self, frames: Any, scales: Any, levels: int = 100) -> list[int]:
        """Add pictures of one shape that change slowly: a byte a place, as differences.

        Parameters
        ----------
        frames : array_like, shape (frames, ...)
            What is shown.
        scales : array_like, broadcast with ``frames``
            What is shown as full strength.
        levels : int, at most 127
            How many steps there are from zero to full strength.

        Examples
        --------
        >>> blob = Blob()
        >>> blob.film([[0.0, 1.0], [0.5, 1.0]], 1.0, 10)
        [0, 4]
        >>> list(blob.parts[0])
        [0, 10, 5, 0]
        """
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            parts = np.asarray(frames, np.float64) / np.maximum(scales, 1e-30)
        parts = np.asarray(parts)
        steps = np.where(np.isfinite(parts), np.clip(parts, -1, 1), 0)
        whole = np.round(steps * levels).astype(np.int8)
        whole[~np.isfinite(parts)] = BAD
        flat = whole.reshape(len(whole), -1).view(np.uint8)
        return self.add(np.diff(flat, axis=0, prepend=np.uint8(0)).tobytes())

    def numbers(self, values: Any) -> list[int]:
        """Add single-precision numbers."""
        return self.add(np.asarray(values, "<f4").tobytes())


def finite(value: float, digits: int = 5) -> float | None:
    """Return a number as JSON may hold it: rounded, and None for what is not finite.

    Examples
    --------
    >>> finite(0.123456789), finite(float("nan"))
    (0.12346, None)
    """
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None


def largest(values: Array, axes: tuple[int, ...]) -> Array:
    """Return the largest size of what is finite over some axes, which stay with length 1."""
    sizes = np.abs(np.where(np.isfinite(values), values, 0))
    return np.asarray(np.maximum(sizes.max(axis=axes, keepdims=True, initial=0), 1e-12))
