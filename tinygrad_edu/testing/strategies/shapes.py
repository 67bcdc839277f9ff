"""Shapes and axes."""

from __future__ import annotations

import functools

from ...types import Axis, Shape
from ..drawing import st

__all__ = ["axes", "broadcastable_shapes", "shapes", "sides"]

Draw = st.DrawFn


@functools.cache
def sides(*, min_side: int = 0, max_side: int = 4) -> st.SearchStrategy[int]:
    """Draw the length of an axis; shrinks to 1, for 0 is a special case and 1 is not.

    Parameters
    ----------
    min_side, max_side : int, at least 0
        Shortest and longest. A length of 0 is half as likely as any other.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(sides(), lambda length: True)
    1
    """
    lengths = list(range(max(min_side, 1), max_side + 1))
    return st.sampled_from([*lengths, *lengths, *([0] if min_side == 0 else [])])


@functools.cache
def shapes(
    *, min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4
) -> st.SearchStrategy[Shape]:
    """Draw the shape of an array, 0-d and empty ones included; shrinks to few axes of length 1.

    Parameters
    ----------
    min_dims, max_dims : int, at least 0
        Fewest and most axes.
    min_side, max_side : int, at least 0
        Shortest and longest axis.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(shapes(), lambda shape: len(shape) == 2)
    (1, 1)
    """
    side = sides(min_side=min_side, max_side=max_side)
    return st.lists(side, min_size=min_dims, max_size=max_dims).map(tuple)


@st.composite
def broadcastable_shapes(
    draw: Draw, count: int, *, max_dims: int = 3, min_side: int = 0, max_side: int = 4
) -> tuple[Shape, ...]:
    """Draw shapes that broadcast with each other; shrinks to equal ones.

    Parameters
    ----------
    count : int, at least 1
        How many.
    max_dims : int, at least 0
        Most axes.
    min_side, max_side : int, at least 0
        Shortest and longest axis; axes of length 1 always occur.

    Returns
    -------
    tuple of shapes
        Each has the axes of one common shape, some of length 1 instead, leading ones left out.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(broadcastable_shapes(2), lambda pair: pair[0] != pair[1])
    ((1,), ())
    """
    whole = draw(shapes(max_dims=max_dims, min_side=min_side, max_side=max_side))
    drawn = []
    for _ in range(count):
        # As many choices for every shape, so that a shorter one can take the place of a longer.
        absent = draw(st.sampled_from([0, 0, 0, *range(1, max_dims + 1)]))
        single = draw(st.integers(0, 2**max_dims - 1))  # bit by bit, from the last axis
        kept = whole[min(absent, len(whole)) :]
        ones = [single >> place & 1 for place in reversed(range(len(kept)))]
        drawn.append(tuple([1 if one else n for one, n in zip(ones, kept, strict=True)]))
    return tuple(drawn)


@st.composite
def axes(draw: Draw, ndim: int) -> Axis:
    """Draw what ``axis=`` may be for a number of axes: None, a number, or a tuple of them.

    Parameters
    ----------
    ndim : int, at least 0
        How many axes the array has. Without any, only None and ``()`` are left.

    Returns
    -------
    int, tuple of int or None
        Counted from either end; the tuples name each axis at most once, in any order.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(axes(3), lambda axis: isinstance(axis, tuple) and len(axis) == 2)
    (0, 1)
    """
    form = draw(st.sampled_from(["all", "one", "several"] if ndim else ["all", "several"]))
    if form == "all":
        return None
    if form == "one":
        axis: int = draw(st.sampled_from([*range(ndim), *range(-ndim, 0)]))
        return axis
    named = draw(st.lists(st.integers(0, ndim - 1), unique=True)) if ndim else []
    return tuple([axis - ndim if draw(st.booleans()) else axis for axis in named])
