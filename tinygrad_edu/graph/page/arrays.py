"""Arrays as a page shows them: all numbers of a small one, a histogram of a large one (floor 3)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...types import Array
from ..flags import rms

__all__ = ["Arrays"]

TABLE, BINS = 64, 24
EXACT = 20_000  # numbers; a page with more than that writes each with four digits


class Arrays:
    """The arrays of a page, each written once however many tensors share it.

    Parameters
    ----------
    exact : bool
        Write numbers so that they read back as they are; otherwise with four digits.

    Examples
    --------
    >>> arrays = Arrays(exact=True)
    >>> x = np.array([[1.0, np.nan]])
    >>> arrays.enter(x), arrays.enter(x), arrays.enter(None)
    (0, 0, None)
    >>> arrays.entries[0]["rows"], arrays.entries[0]["shape"]
    ([[1.0, 'nan']], '1×2')
    """

    def __init__(self, *, exact: bool) -> None:
        self.exact = exact
        self.entries: list[dict[str, Any]] = []
        self._known: dict[int, int] = {}
        self._kept: list[Array] = []

    def enter(self, array: Array | None) -> int | None:
        """Return the place of an array among the entries."""
        if array is None:
            return None
        if id(array) not in self._known:
            self._known[id(array)] = len(self.entries)
            self._kept.append(array)  # so that its id stays its own
            self.entries.append(self._entry(array))
        return self._known[id(array)]

    def _entry(self, array: Array) -> dict[str, Any]:
        entry: dict[str, Any] = {"shape": "×".join(map(str, array.shape)), "size": array.size}
        if array.size == 0:
            return entry
        if array.size <= TABLE:
            wide = [n for n in array.shape if n > 1] or [1]
            rows = array.reshape(-1, wide[-1] if array.ndim > 2 else (*wide, *array.shape)[-1])
            entry["rows"] = [[self._number(x) for x in row] for row in rows]
        if array.dtype.kind not in "fiu":
            return entry
        reals = array.astype(np.float64).reshape(-1)
        entry["rms"] = _short(rms(array))
        finite = reals[np.isfinite(reals)]
        entry["odd"] = int(reals.size - finite.size)
        if array.size > 1 and finite.size:
            entry |= _statistics(finite)
            if array.size > TABLE:
                entry["bins"] = _bins(finite)
        return entry

    def _number(self, x: Any) -> float | int | str:
        """A number as JSON has it; what that lacks, as text."""
        kind = np.asarray(x).dtype.kind
        if kind == "f":
            if not np.isfinite(x):
                return str(x)
            # The shortest text that reads back in the array's own type.
            return float(str(x)) if self.exact else float(f"{x:.4g}")
        if kind in "iu" and abs(int(x)) < 2**53:
            return int(x)
        return str(x)


def _statistics(finite: Array) -> dict[str, Any]:
    largest = float(np.abs(finite).max()) or 1.0
    scaled = finite / largest  # so that squares neither overflow nor vanish
    return {
        "min": _short(finite.min()),
        "mean": _short(float(scaled.mean()) * largest),
        "max": _short(finite.max()),
        "std": _short(float(scaled.std()) * largest),
        "zeros": _short(np.mean(finite == 0)),
    }


def _bins(finite: Array) -> list[int]:
    """How many numbers fall into each of equal parts between the least and the greatest."""
    low, high = float(finite.min()), float(finite.max())
    width = high / BINS - low / BINS
    if not width:
        return [0] * (BINS // 2) + [finite.size] + [0] * (BINS - BINS // 2 - 1)
    places = np.minimum((finite / width - low / width).astype(np.int64), BINS - 1)
    counts: list[int] = np.bincount(places, minlength=BINS).tolist()
    return counts


def _short(x: Any) -> float | str:
    return float(f"{float(x):.4g}") if np.isfinite(x) else str(float(x))
