"""Numbers, arrays and tensors of a domain, and cotangents.

Hypothesis draws and shrinks a shape, a seed and a palette of one to three values; the elements
come from NumPy's generator with that seed. So an array of any size costs a handful of choices.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from ...autodiff import Tensor
from ...domain import Real
from ...errors import ArgumentError
from ...types import Array, Shape
from .. import points
from ..drawing import st
from .shapes import broadcastable_shapes, shapes

__all__ = [
    "arrays", "broadcastable_arrays", "broadcastable_tensors", "cotangents", "elements",
    "filled", "seeds", "tensors",
]  # fmt: skip

Draw = st.DrawFn
Shapes: TypeAlias = Shape | st.SearchStrategy[Shape]
Domains: TypeAlias = Real | Sequence[Real]

ANYWHERE = Real()

# Of wider ranges Hypothesis prefers the small numbers, and would repeat them.
seeds = st.integers(0, 2**16 - 1)


def elements(domain: Real = ANYWHERE, dtype: DTypeLike = np.float64) -> st.SearchStrategy[float]:
    """Draw one number of a domain: half of the time a special point of it, else any.

    Parameters
    ----------
    domain : Real
        Where the number may lie.
    dtype : float dtype
        The type of number that must hold it.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(elements(Real(-2.0, 2.0)), lambda x: x < 0.5)
    -1.0
    """

    def drawn(seed: int) -> float:
        return float(points.generic(domain, (), np.random.default_rng(seed), dtype))

    return st.one_of(st.sampled_from(points.special(domain, dtype)), seeds.map(drawn))


@st.composite
def filled(
    draw: Draw, wanted: Sequence[Shape], domains: Domains, dtype: DTypeLike = np.float64
) -> tuple[Array, ...]:
    """Draw arrays of given shapes, one after the other from one seed.

    Parameters
    ----------
    wanted : sequence of shapes
        One per array.
    domains : Real, or a sequence of them
        One for all or one per array.
    dtype : float dtype
        Of all arrays.

    Returns
    -------
    tuple of ndarray
        Each of repeated special points or, as often, of generic numbers that all differ.
    """
    each = [domains] * len(wanted) if isinstance(domains, Real) else list(domains)
    if len(each) != len(wanted):
        raise ArgumentError(
            f"{len(wanted)} arrays were asked for, with {len(each)} domains",
            fix=f"elements=[Real()] * {len(wanted)}",
        )
    # Hypothesis takes the shorter list of choices for the simpler one, and of equally long ones the
    # first that is smaller. So every array takes equally many, and the seed comes last.
    styles = [draw(_styles(domain, np.dtype(dtype))) for domain in each]
    rng = np.random.default_rng(draw(seeds))
    return tuple(
        [
            points.generic(domain, shape, rng, dtype)
            if palette is None
            else _painted(palette, shape, rng, dtype)
            for shape, domain, palette in zip(wanted, each, styles, strict=True)
        ]
    )


@functools.cache
def _styles(domain: Real, dtype: DTypeLike) -> st.SearchStrategy[list[float] | None]:
    """Draw a palette of one to three special points; as often None, for generic numbers."""
    known = points.special(domain, dtype)
    bits = (len(known) - 1).bit_length()

    def palette(size: int, fields: int) -> list[float] | None:
        picks = [(fields >> bits * k) % 2**bits % len(known) for k in range(size)]
        return [known[pick] for pick in dict.fromkeys(picks)] or None

    # One number for three picks: Hypothesis copies parts of an example that were drawn alike over
    # each other and counts the copies as examples, most of which would have the same shape.
    sizes = st.sampled_from([1, 2, 3, 0, 0, 0])
    return st.builds(palette, sizes, st.integers(0, 2 ** (3 * bits) - 1))


def _painted(
    palette: list[float], shape: Shape, rng: np.random.Generator, dtype: DTypeLike
) -> Array:
    """Fill a shape from a palette; each value occurs where there is room."""
    count, kinds = math.prod(shape), len(palette)
    picks = np.concatenate(
        [np.arange(kinds)[:count], rng.integers(kinds, size=max(count - kinds, 0))]
    )
    return np.array([palette[k] for k in rng.permutation(picks)], dtype).reshape(shape)


@st.composite
def arrays(
    draw: Draw,
    shape: Shapes | None = None,
    elements: Real = ANYWHERE,
    dtype: DTypeLike = np.float64,
) -> Array:
    """Draw an array: half are made of one to three special points, so that values tie.

    Parameters
    ----------
    shape : tuple of int, or a strategy of them
        By default any of ``shapes()``.
    elements : Real
        The domain of the elements.
    dtype : float dtype
        The array's.

    Returns
    -------
    ndarray
        A fresh one. It shrinks to a small shape of one round number.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(arrays((2,), Real(0.0, 4.0)), lambda x: x.sum() > 2)
    array([2., 2.])
    """
    (x,) = draw(filled([_decided(draw, shape)], elements, dtype))
    return x


def tensors(
    shape: Shapes | None = None,
    elements: Real = ANYWHERE,
    dtype: DTypeLike = np.float64,
    *,
    requires_grad: bool = True,
) -> st.SearchStrategy[Tensor]:
    """Draw a Tensor; as ``arrays``.

    Parameters
    ----------
    shape, elements, dtype
        As of ``arrays``.
    requires_grad : bool
        Whether gradients are recorded.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(tensors((2,)), lambda x: x.requires_grad)
    Tensor([1., 1.], dtype=float64, requires_grad=True)
    """
    drawn = arrays(shape, elements, dtype)
    return drawn.map(lambda x: Tensor(x, requires_grad=requires_grad))


@st.composite
def broadcastable_arrays(
    draw: Draw,
    count: int,
    elements: Domains = ANYWHERE,
    dtype: DTypeLike = np.float64,
    *,
    max_dims: int = 3,
    min_side: int = 0,
    max_side: int = 4,
) -> tuple[Array, ...]:
    """Draw arrays whose shapes broadcast with each other.

    Parameters
    ----------
    count : int, at least 1
        How many.
    elements : Real, or a sequence of them
        One domain for all, or one for each array.
    dtype : float dtype
        Of all arrays.
    max_dims, min_side, max_side : int
        As of ``broadcastable_shapes``.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(broadcastable_arrays(2, [Real(), Real(5.0, 9.0)]), lambda pair: True)
    (array(1.), array(7.))
    """
    limits = {"max_dims": max_dims, "min_side": min_side, "max_side": max_side}
    return draw(filled(draw(broadcastable_shapes(count, **limits)), elements, dtype))


def broadcastable_tensors(
    count: int,
    elements: Domains = ANYWHERE,
    dtype: DTypeLike = np.float64,
    *,
    requires_grad: bool = True,
    max_dims: int = 3,
    min_side: int = 0,
    max_side: int = 4,
) -> st.SearchStrategy[tuple[Tensor, ...]]:
    """Draw Tensors whose shapes broadcast with each other; as ``broadcastable_arrays``.

    Parameters
    ----------
    count, elements, dtype, max_dims, min_side, max_side
        As of ``broadcastable_arrays``.
    requires_grad : bool
        Whether gradients are recorded.

    Examples
    --------
    >>> from hypothesis import find
    >>> x, y = find(broadcastable_tensors(2, max_dims=1), lambda pair: True)
    >>> (x * y).requires_grad
    True
    """
    limits = {"max_dims": max_dims, "min_side": min_side, "max_side": max_side}
    drawn = broadcastable_arrays(count, elements, dtype, **limits)
    return drawn.map(lambda xs: tuple([Tensor(x, requires_grad=requires_grad) for x in xs]))


@st.composite
def cotangents(draw: Draw, shape: Shapes | None = None, dtype: DTypeLike = np.float64) -> Array:
    """Draw a cotangent: both signs, sizes from 0.5 to 1.5 that all differ.

    Parameters
    ----------
    shape : tuple of int, or a strategy of them
        By default any of ``shapes()``.
    dtype : float dtype
        The array's.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(cotangents((3,)), lambda g: True).round(1)
    array([ 1.2,  0.7, -1. ])
    """
    return points.signed(_decided(draw, shape), np.random.default_rng(draw(seeds)), dtype)


def _decided(draw: Draw, shape: Shapes | None) -> Shape:
    if shape is None:
        return draw(shapes())
    return draw(shape) if isinstance(shape, st.SearchStrategy) else shape
