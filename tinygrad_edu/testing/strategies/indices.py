"""Indices: everything that may stand between the brackets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ...types import Shape
from ..drawing import st
from .values import seeds

__all__ = ["indices"]

Draw = st.DrawFn


@st.composite
def indices(
    draw: Draw, shape: Shape, kinds: Sequence[str] = ("basic", "advanced", "boolean")
) -> Any:
    """Draw an index that fits an array.

    Parameters
    ----------
    shape : tuple of int
        The array's.
    kinds : sequence of str
        ``"basic"``: numbers from either end, slices forward and backward, ``None`` and
        ``Ellipsis``. ``"advanced"``: arrays of numbers, in which some occur more than once, along
        one axis or several, beside slices. ``"boolean"``: a mask over the leading axes.

    Returns
    -------
    int, slice, None, Ellipsis, ndarray, or a tuple of them
        Never out of bounds. An array without axes has no advanced index, one with an axis of
        length 0 has there only an empty one.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(indices((3,), ["advanced"]), lambda index: np.zeros(3)[index].size > 1)
    (array([0, 0]),)
    """
    unknown = set(kinds) - set(_KINDS)
    if unknown or not kinds:
        raise ArgumentError(f"no such kind of index: {sorted(unknown)}", fix=f"kinds={[*_KINDS]}")
    return draw(_KINDS[draw(st.sampled_from(list(kinds)))](shape))


@st.composite
def _basic(draw: Draw, shape: Shape) -> Any:
    parts: list[Any] = []
    for length in shape[: draw(st.integers(0, len(shape)))]:
        if draw(st.integers(0, 4)) == 4:
            parts.append(None)
        one = length and draw(st.booleans())
        parts.append(draw(st.integers(-length, length - 1) if one else st.slices(length)))
    if draw(st.booleans()):
        rest = len(shape) - sum(part is not None for part in parts)
        parts.append(...)
        if rest and draw(st.booleans()):  # the last axis named from behind
            parts.append(draw(st.slices(shape[-1])))
    bare = len(parts) == 1 and draw(st.booleans())
    return parts[0] if bare else tuple(parts)


@st.composite
def _advanced(draw: Draw, shape: Shape) -> Any:
    if not shape:
        return draw(_basic(shape))
    ndim = len(shape)
    named = draw(st.sets(st.integers(0, ndim - 1), min_size=1))
    empty = any(shape[axis] == 0 for axis in named)
    whole = (0,) if empty else tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)))
    rng = np.random.default_rng(draw(seeds))
    parts: list[Any] = []
    for axis in range(max(named) + 1):
        if axis not in named:
            parts.append(draw(st.sampled_from([slice(None), slice(None, None, -1)])))
            continue
        # Of at most two places many elements are read more than once.
        places = [0] if empty else draw(st.lists(_places(shape[axis]), min_size=1, max_size=2))
        size = whole if len(named) == 1 or draw(st.booleans()) else whole[-1:]
        parts.append(np.asarray(rng.choice(places, size), np.intp))
    return tuple(parts)


def _places(length: int) -> st.SearchStrategy[int]:
    return st.integers(-length, length - 1)


@st.composite
def _boolean(draw: Draw, shape: Shape) -> Any:
    over = draw(st.integers(0, len(shape)))
    rng = np.random.default_rng(draw(seeds))
    share = draw(st.sampled_from([0.5, 0.0, 1.0]))
    return np.asarray(rng.random(shape[:over]) < share)


_KINDS = {"basic": _basic, "advanced": _advanced, "boolean": _boolean}
