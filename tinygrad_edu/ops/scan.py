r"""Running sums and products, differences of neighbours, and the product over axes.

A product's gradient is made of products of the other elements, taken from both sides: nothing is
divided, so it is exact where elements are 0, and so are all further derivatives.

References: Blelloch 1990 for scans of linear recurrences; Griewank and Walther 2008, section 3.3
for the adjoint of a product.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Axis, Operand, Shape
from .arithmetic import subtract
from .axes import axes_of, count, held, kept, position, reduction_samples, whole
from .comparison import not_equal
from .indexing import getitem
from .joining import concat
from .reduction import broadcast_to
from .shape import moveaxis, permute_dims

__all__ = ["cumulative_prod", "cumulative_sum", "diff", "prod"]

_multiply: Any = np.multiply  # its stub does not know a keepdims that is not a literal
_NARROW = 64  # columns up to which log2(n) passes over all rows beat n steps: 1.1 to 350 ms for
# 100,000 rows of one, 0.4 to 1.0 ms for 1000 rows of 64, but 2 ms each for 1000 rows of 256


def _recur(a: Array, b: Array) -> Array:
    n = len(b) if b.ndim else 0
    if not b.ndim or a.shape != (max(n - 1, 0), *b.shape[1:]):
        raise ValueError(f"{b.shape} needs one factor between each two rows, got {a.shape}")
    out = b.astype(np.result_type(a, b))
    if out[:1].size <= _NARROW:
        doubled, spans = out.copy(), a.astype(out.dtype)
        step = 1
        with np.errstate(over="ignore", invalid="ignore"):
            while step < n:
                # Rows `step` and more apart, over the product of the factors between them.
                doubled[step:] += spans * doubled[:-step]
                spans = spans[step:] * spans[: max(len(spans) - step, 0)]
                step *= 2
        if np.isfinite(doubled).all():  # else a product overflowed that perhaps nothing needs
            return doubled
    for k in range(1, n):
        out[k] += a[k - 1] * out[k - 1]
    return out


def _recurrence_rule(g: Any, out: Any, a: Any, b: Any) -> tuple[Any, Any]:
    back = _recurrence(a[::-1], g[::-1])[::-1]
    return back[1:] * out[:-1], back


def _recurrence_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    size = ((1,), (2,), (4,), (3, 2), (5, 1), (2, 1, 2), (0,))[int(rng.integers(7))]
    return (rng.normal(size=(max(size[0] - 1, 0), *size[1:])), rng.normal(size=size)), {}


@operation(_recur, rule=_recurrence_rule, samples=_recurrence_samples)
def _recurrence(a: Operand, b: Operand, /) -> Tensor:
    r"""Solution of a linear recurrence along the first axis.

    .. math:: z_0 = b_0, \quad z_k = a_{k-1} z_{k-1} + b_k, \qquad
              \bar b_k = \bar z_k + a_k \bar b_{k+1}, \quad \bar a_k = \bar b_{k+1} z_k

    Parameters
    ----------
    a : array_like, shape (n - 1, ...)
        Factors from each row to the next.
    b : array_like, shape (n, ...)
        What is added.

    Notes
    -----
    It is closed under differentiation: the adjoint is the recurrence run backwards. It cannot be
    expressed by sums and products of arrays without a division. Source: Blelloch 1990, section
    1.4.1.

    Examples
    --------
    >>> _recurrence([2.0, 2.0], [1.0, 1.0, 1.0])
    array([1., 3., 7.])
    """


_BACKWARDS = slice(None, None, -1)
_NEIGHBOURS = slice(1, None), slice(None, -1)


def _accumulated(
    running: Any, first: int, x: Array, axis: int | None, dtype: Any, include_initial: bool
) -> Array:
    if axis is None and x.ndim != 1:
        raise errors.ArgumentError(
            f"a running result over {x.ndim} axes needs to know along which",
            shapes=(x.shape,),
            why="the elements of several axes have no one order",
            fix="axis=0   # or x.reshape(-1), in the order of memory",
        )
    if axis is not None and not -x.ndim <= axis < x.ndim:  # of a single number NumPy takes 0
        raise np.exceptions.AxisError(axis, x.ndim)
    out = np.asarray(running(x, axis=axis, dtype=dtype))
    if not include_initial:
        return out
    axis = 0 if axis is None else axis
    start = np.full([1 if k == axis % x.ndim else n for k, n in enumerate(x.shape)], first)
    return np.concatenate([start.astype(out.dtype), out], axis=axis)


def _cumulative_sum(
    x: Array, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    return _accumulated(np.cumsum, 0, x, axis, dtype, include_initial)


def _line(x: Any, axis: int | None, part: slice) -> Any:
    """A part of each line along an axis; without one there is a single line."""
    return x[(*[slice(None)] * ((axis or 0) % x.ndim), part)]


def _cumulative_sum_rule(
    g: Any, out: Any, x: Any, axis: int | None, dtype: Any, include_initial: bool
) -> Any:
    g = _line(g, axis, slice(1, None)) if include_initial else g
    return _line(cumulative_sum(_line(g, axis, _BACKWARDS), axis=axis), axis, _BACKWARDS)


_LINES: tuple[tuple[Shape, int | None], ...] = (
    ((4,), None), ((3,), -1), ((1,), 0), ((2, 3), 0), ((3, 2), 1), ((2, 3), -2), ((2, 2, 3), 1),
    ((2, 3), -1), ((0,), None),
)  # fmt: skip


def _scan_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape, axis = _LINES[int(rng.integers(len(_LINES)))]
    return (rng.normal(size=shape),), {"axis": axis, "include_initial": bool(rng.integers(2))}


@operation(_cumulative_sum, rule=_cumulative_sum_rule, samples=_scan_samples)
def cumulative_sum(
    x: Operand,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Tensor:
    r"""Sums of all elements so far, along an axis.

    .. math:: z_k = \sum_{i \le k} x_i, \qquad \bar x_i = \sum_{k \ge i} \bar z_k

    Parameters
    ----------
    x : array_like
        At least one axis.
    axis : int, optional
        Along which; may be left out where there is only one.
    dtype : dtype, optional
        Type to add up in; whole numbers and truth values are added as int64 by default.
    include_initial : bool
        Begin with 0, the sum of nothing, which makes the result longer by one.

    Raises
    ------
    ArgumentError
        Where there are several axes and none is named.

    Notes
    -----
    An operation of its own for speed: expressed by other operations, a running sum takes as many
    as there are elements, or their square in memory. Source: Array API 2024.12,
    ``cumulative_sum``.

    Examples
    --------
    >>> cumulative_sum([1.0, 2.0, 3.0])
    array([1., 3., 6.])
    """


def diff(
    x: Operand, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None
) -> Tensor:
    r"""Differences of neighbours along an axis; of truth values, whether they differ.

    .. math:: z_k = x_{k+1} - x_k, \qquad \bar x_k = \bar z_{k-1} - \bar z_k

    Parameters
    ----------
    x : array_like
        At least one axis.
    axis : int
        Along which.
    n : int
        How many times differences are taken, from 0 on.
    prepend, append : array_like, optional
        Put before and behind first; a single number is a slice of it. Source: Array API 2024.12,
        ``diff``.

    Examples
    --------
    >>> diff([1.0, 4.0, 9.0])
    array([3., 5.])
    """
    x = held(x)
    axis, times = position(axis, x.ndim, "diff"), whole(n, "diff", "n")
    if times < 0:
        raise errors.ArgumentError(f"`diff`: {n} times cannot be taken", op="diff", fix="n=1")
    if not times:
        return x
    slab = tuple([1 if k == axis else size for k, size in enumerate(x.shape)])
    ends = [None if end is None else held(end) for end in (prepend, append)]
    ends = [broadcast_to(end, slab) if end is not None and not end.ndim else end for end in ends]
    parts = [part for part in (ends[0], x, ends[1]) if part is not None]
    x = concat(parts, axis=axis) if len(parts) > 1 else x
    between = not_equal if x.dtype.kind == "b" else subtract
    for _ in range(times):
        x = between(*[getitem(x, (*[slice(None)] * axis, part)) for part in _NEIGHBOURS])
    return x


def _cumulative_prod(
    x: Array, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    return _accumulated(np.cumprod, 1, x, axis, dtype, include_initial)


def _cumulative_prod_rule(
    g: Any, out: Any, x: Any, axis: int | None, dtype: Any, include_initial: bool
) -> Any:
    axis = 0 if axis is None else axis
    g, out, x = [moveaxis(value, axis, 0) for value in (g, out, x)]
    before = out[:-1]
    if include_initial:
        g = g[1:]
    else:
        before = concat([np.ones(x[:1].shape, x.dtype), before])
    after = _recurrence(x[:0:-1], g[::-1])[::-1]
    return moveaxis(before * after, 0, axis)


@operation(_cumulative_prod, rule=_cumulative_prod_rule, samples=_scan_samples)
def cumulative_prod(
    x: Operand,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Tensor:
    r"""Products of all elements so far, along an axis.

    .. math:: z_k = \prod_{i \le k} x_i, \qquad
              \bar x_i = \prod_{j < i} x_j \sum_{k \ge i} \bar z_k \prod_{i < j \le k} x_j

    Parameters
    ----------
    x : array_like
        At least one axis.
    axis : int, optional
        Along which; may be left out where there is only one.
    dtype : dtype, optional
        Type to multiply in; whole numbers and truth values are multiplied as int64 by default.
    include_initial : bool
        Begin with 1, the product of nothing, which makes the result longer by one.

    Raises
    ------
    ArgumentError
        Where there are several axes and none is named.

    Notes
    -----
    An operation of its own because it cannot be expressed: the usual gradient, a running sum
    divided by ``x``, has no value where an element is 0. Here the sum over later products is a
    linear recurrence, :math:`s_i = \bar z_i + x_{i+1} s_{i+1}`, run backwards. Source: Array API
    2024.12, ``cumulative_prod``; Blelloch 1990, section 1.4.1 for the recurrence.

    Examples
    --------
    >>> cumulative_prod([2.0, 0.0, 3.0])
    array([2., 0., 0.])
    """


def _prod(x: Array, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
    return _multiply.reduce(x, axis=axis, dtype=dtype, keepdims=keepdims)


def _prod_rule(g: Any, out: Any, x: Any, axis: Axis, dtype: Any, keepdims: bool) -> Any:
    if not x.size:
        return x  # nothing to give, and no shape to fold
    axes = axes_of(x.shape, axis)
    order = (*axes, *[k for k in range(x.ndim) if k not in axes])
    turned = permute_dims(x, order)
    rows = turned.reshape((count(x.shape, axis), *turned.shape[len(axes) :]))
    before = cumulative_prod(rows[:-1], axis=0, include_initial=True)
    after = cumulative_prod(rows[:0:-1], axis=0, include_initial=True)[::-1]
    others = (before * after).reshape(turned.shape)
    return kept(g, x.shape, axis) * permute_dims(others, tuple(np.argsort(order).tolist()))


@operation(_prod, rule=_prod_rule, samples=reduction_samples)
def prod(x: Operand, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    r"""Product over axes.

    .. math:: z = \prod_i x_i, \qquad \bar x_i = \bar z \prod_{j \ne i} x_j

    Parameters
    ----------
    x : array_like
        Any shape; of no elements the product is 1.
    axis : int, tuple of int or None
        Axes to multiply over; all by default.
    dtype : dtype, optional
        Type to multiply in; whole numbers and truth values are multiplied as int64 by default.
    keepdims : bool
        Leave the axes in with length one.

    Notes
    -----
    The product of the others is that of those before times that of those after, not ``z / x``:
    exact with any number of zeros, to every order. An operation of its own for speed: as a chain
    of multiplications it takes one for each element. Source: Griewank and Walther 2008, section
    3.3.

    Examples
    --------
    >>> prod([2.0, 3.0, 4.0])
    array(24.)
    """
