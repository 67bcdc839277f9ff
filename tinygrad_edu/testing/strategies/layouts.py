"""The same values laid out in memory in other ways, which no operation may notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...types import Array
from ..drawing import st

__all__ = ["LAYOUTS", "layouts"]

Draw = st.DrawFn


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
    "C": _rows,
    "F": _columns,
    "strided": _strided,
    "reversed": _reversed,
    "rotated": _rotated,
    "read-only": _read_only,
}


@st.composite
def layouts(draw: Draw, x: Array | st.SearchStrategy[Array]) -> Array:
    """Draw an array with the values of another and a layout of its own; shrinks to C order.

    Parameters
    ----------
    x : ndarray, or a strategy of them
        The values. It is copied, never changed.

    Returns
    -------
    ndarray
        Same shape, dtype and values; in C or Fortran order, with gaps, reversed, with the axes
        rotated, or read-only.

    Examples
    --------
    >>> from hypothesis import find
    >>> x = np.arange(4.0).reshape(2, 2)
    >>> find(layouts(x), lambda y: y.strides != x.strides).strides
    (8, 16)
    """
    values = draw(x) if isinstance(x, st.SearchStrategy) else x
    return LAYOUTS[draw(st.sampled_from(list(LAYOUTS)))](values)
