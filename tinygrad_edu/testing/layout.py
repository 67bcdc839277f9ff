"""The same values laid out in memory in other ways, which no gradient may notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..types import Array

__all__ = ["LAYOUTS", "laid_out"]


def _rows(x: Array) -> Array:
    return x.copy(order="C")


def _columns(x: Array) -> Array:
    return x.copy(order="F")


def _strided(x: Array) -> Array:
    """Every other place of a larger array, with NaN in between: whoever strays reads that."""
    gaps = np.nan if x.dtype.kind in "fc" else 1
    larger = np.full([2 * length + 1 for length in x.shape], gaps, x.dtype)
    between: Any = (..., *[slice(1, None, 2)] * x.ndim)
    larger[between] = x
    return np.asarray(larger[between])


def _reversed(x: Array) -> Array:
    backwards: Any = (..., *[slice(None, None, -1)] * x.ndim)
    return np.asarray(x[backwards].copy(order="C")[backwards])


def _rotated(x: Array) -> Array:
    """The first axis is the one whose neighbours lie closest, the others follow in order."""
    return np.moveaxis(np.moveaxis(x, 0, -1).copy(order="C"), -1, 0) if x.ndim else x.copy()


def _read_only(x: Array) -> Array:
    view = x.copy(order="C").view()
    view.flags.writeable = False
    return view


# A 0-d array has one layout; it stays 0-d in all, which np.ascontiguousarray would not leave so.
LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "C order": _rows,
    "Fortran order": _columns,
    "strided": _strided,
    "reversed": _reversed,
    "rotated": _rotated,
    "read-only": _read_only,
}


def laid_out(x: Array, layout: str) -> Array:
    """Return a copy of an array in one of ``LAYOUTS``: same shape, dtype and values.

    Examples
    --------
    >>> laid_out(np.zeros((2, 3)), "Fortran order").strides
    (8, 16)
    """
    return LAYOUTS[layout](x)
