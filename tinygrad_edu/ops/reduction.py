"""Sums, means and extrema over axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink
from ..types import Array, Axis, Operand, Shape
from .comparison import where

__all__ = ["broadcast_to", "sum", "mean", "max", "min", "var", "std"]

_add: Any = np.add  # its stub does not know a keepdims that is not a literal


def _axes(shape: Shape, axis: Axis) -> tuple[int, ...]:
    """The axes as numbers from 0, checked; of a single number NumPy takes 0 and -1 for none."""
    if axis is None or not shape:
        return tuple(range(len(shape)))
    return tuple(np.lib.array_utils.normalize_axis_tuple(axis, len(shape)))


def _kept(value: Any, shape: Shape, axis: Axis) -> Any:
    """Give a reduced value its axes of length one back."""
    axes = _axes(shape, axis)
    return value.reshape(tuple([1 if k in axes else n for k, n in enumerate(shape)]))


def _spread(g: Any, shape: Shape, axis: Axis) -> Any:
    """Repeat a reduced cotangent along the reduced axes."""
    g = g if axis is None else _kept(g, shape, axis)
    return _broadcast(g, shape) if isinstance(g, np.ndarray) else broadcast_to(g, shape)


def _count(shape: Shape, axis: Axis) -> int:
    return math.prod([shape[k] for k in _axes(shape, axis)])


def _share(shape: Shape, axis: Axis) -> float:
    """One element's part of a mean; a factor, since the count itself may overflow float16."""
    return 1.0 / (_count(shape, axis) or 1)


_REDUCED: tuple[tuple[Shape, Axis, bool], ...] = (
    ((), None, False), ((), (), True), ((4,), 0, False), ((3,), -1, True), ((1,), None, False),
    ((2, 3), (), False), ((3, 2), (1,), False), ((1, 3), 0, False), ((2, 1), 1, True),
    ((2, 3, 2), None, False), ((2, 3, 2), None, True), ((2, 3, 2), 0, False),
    ((2, 3, 2), 0, True), ((2, 2, 3), 1, False), ((2, 3, 2), 2, True), ((2, 3, 2), -1, False),
    ((3, 2, 2), -2, True), ((2, 3, 2), (0, 2), False), ((2, 3, 2), (0, 2), True),
    ((2, 2, 3), (2, 0), False), ((2, 3, 2), (0, -2), True), ((2, 2, 2), (0, 1, 2), False),
    ((2, 1, 3, 2), (-1, 1), False), ((2, 1, 3, 2), 2, False),
)  # fmt: skip


def _samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape, axis, keepdims = _REDUCED[int(rng.integers(len(_REDUCED)))]
    return (rng.normal(size=shape),), {"axis": axis, "keepdims": keepdims}


def _broadcast_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    pairs = [((3, 1), (2, 3, 4)), ((), (2, 2)), ((2, 3), (2, 3)), ((), ()), ((3,), (2, 3)),
             ((1, 1), (2, 1)), ((1, 3, 1), (2, 1, 3, 2))]  # fmt: skip
    size, shape = pairs[int(rng.integers(len(pairs)))]
    return (rng.normal(size=size),), {"shape": shape}


def _broadcast(x: Array, shape: Shape) -> Array:
    if x.ndim > len(shape):
        raise ValueError(f"{x.shape} has more axes than {tuple(shape)}")
    # np.broadcast_to spends 8 us in Python; an own array may also be summed into in place.
    out = np.empty(shape, x.dtype)
    out[...] = x
    return out


@operation(
    _broadcast,
    rule=lambda g, out, x, shape: g,
    broadcasts=True,
    samples=_broadcast_samples,
)
def broadcast_to(x: Operand, /, shape: Shape) -> Tensor:
    r"""Repeat along axes of length one, and along new leading axes.

    .. math:: z_{ij} = x_j, \qquad \bar x_j = \sum_i \bar z_{ij}

    Parameters
    ----------
    x : array_like
        Of a shape that broadcasts to ``shape``.
    shape : tuple of int
        The result's.

    Examples
    --------
    >>> broadcast_to([1.0, 2.0], (2, 2))
    array([[1., 2.],
           [1., 2.]])
    """


def _sum(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    return _add.reduce(x, axis=axis, keepdims=keepdims)


@operation(
    _sum,
    rule=lambda g, out, x, axis, keepdims: _spread(g, x.shape, axis),
    samples=_samples,
    method="sum",
)
def sum(x: Operand, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    r"""Sum over axes.

    .. math:: z = \sum_i x_i, \qquad \bar x_i = \bar z

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int, tuple of int or None
        Axes to sum over; all by default.
    keepdims : bool
        Leave the axes in with length one.

    Examples
    --------
    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array([4., 6.])
    """


def _mean(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    if x.dtype == np.float16:
        return np.mean(x, axis=axis, keepdims=keepdims)
    total = _add.reduce(x, axis=axis, keepdims=keepdims)
    return np.true_divide(total, _count(x.shape, axis))


@operation(
    _mean,
    rule=lambda g, out, x, axis, keepdims: _spread(g * _share(x.shape, axis), x.shape, axis),
    samples=_samples,
    method="mean",
)
def mean(x: Operand, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    r"""Arithmetic mean over axes.

    .. math:: z = \frac1n \sum_i x_i, \qquad \bar x_i = \frac{\bar z}{n}

    Parameters
    ----------
    x : array_like
        Any shape; of no elements the mean is NaN.
    axis : int, tuple of int or None
        Axes to average over; all by default.
    keepdims : bool
        Leave the axes in with length one.

    Examples
    --------
    >>> mean([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array([2., 3.])
    """


def _extremum_rule(g: Any, out: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    chosen = (x == _kept(out, x.shape, axis)).astype(x.dtype)
    return _kept(g, x.shape, axis) * (chosen / sum(chosen, axis=axis, keepdims=True))


_TIES = ("several elements tie", "equal shares", "the middle; the order must not matter")
_TIED = ([3.0, 1.0, 3.0, 1.0, 1.0],)


def _max(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    return np.max(x, axis=axis, keepdims=keepdims)


@operation(
    _max,
    rule=_extremum_rule,
    samples=_samples,
    kinks=Kink(*_TIES, at=_TIED, gives=([1 / 2, 0.0, 1 / 2, 0.0, 0.0],)),
    method="max",
)
def max(x: Operand, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    r"""Largest element over axes.

    .. math:: z = \max_i x_i, \qquad \bar x_i = \bar z\,\frac{[x_i = z]}{\sum_j [x_j = z]}

    Parameters
    ----------
    x : array_like
        Any shape with at least one element along the axes.
    axis : int, tuple of int or None
        Axes to reduce; all by default.
    keepdims : bool
        Leave the axes in with length one.

    Examples
    --------
    >>> max([[1.0, 4.0], [3.0, 2.0]], axis=0)
    array([3., 4.])
    """


def _min(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    return np.min(x, axis=axis, keepdims=keepdims)


@operation(
    _min,
    rule=_extremum_rule,
    samples=_samples,
    kinks=Kink(*_TIES, at=_TIED, gives=([0.0, 1 / 3, 0.0, 1 / 3, 1 / 3],)),
    method="min",
)
def min(x: Operand, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    r"""Smallest element over axes.

    .. math:: z = \min_i x_i, \qquad \bar x_i = \bar z\,\frac{[x_i = z]}{\sum_j [x_j = z]}

    Parameters
    ----------
    x : array_like
        Any shape with at least one element along the axes.
    axis : int, tuple of int or None
        Axes to reduce; all by default.
    keepdims : bool
        Leave the axes in with length one.

    Examples
    --------
    >>> min([[1.0, 4.0], [3.0, 2.0]], axis=0)
    array([1., 2.])
    """


def _var(x: Array, *, axis: Axis = None, correction: float = 0, keepdims: bool = False) -> Array:
    return np.var(x, axis=axis, ddof=correction, keepdims=keepdims)


def _var_rule(g: Any, out: Any, x: Any, axis: Axis, correction: float, keepdims: bool) -> Any:
    centred = x - mean(x, axis=axis, keepdims=True)
    return _kept(g, x.shape, axis) * centred * 2.0 / (_count(x.shape, axis) - correction)


def _var_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    inputs, attributes = _samples(rng)
    count = _count(inputs[0].shape, attributes["axis"])
    # By the count, so that there are as many forms as of the other reductions.
    return inputs, {**attributes, "correction": {2: 1, 3: 1.5, 6: -1}.get(count, 0)}


@operation(_var, rule=_var_rule, samples=_var_samples, method="var")
def var(
    x: Operand, /, *, axis: Axis = None, correction: float = 0, keepdims: bool = False
) -> Tensor:
    r"""Variance over axes.

    .. math:: z = \frac{1}{n - c} \sum_i (x_i - \mu)^2, \qquad
              \bar x_i = \bar z\,\frac{2 (x_i - \mu)}{n - c}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int, tuple of int or None
        Axes to reduce; all by default.
    correction : float
        ``c``: 0 for the variance of these numbers, 1 for Bessel's unbiased estimate.
    keepdims : bool
        Leave the axes in with length one.

    Notes
    -----
    The mean's own dependence on ``x`` drops out, since deviations from it sum to 0.

    Examples
    --------
    >>> var([1.0, 3.0])
    array(1.)
    """


def _std(x: Array, *, axis: Axis = None, correction: float = 0, keepdims: bool = False) -> Array:
    return np.std(x, axis=axis, ddof=correction, keepdims=keepdims)


def _std_rule(g: Any, out: Any, x: Any, axis: Axis, correction: float, keepdims: bool) -> Any:
    if not x.size:
        return x  # nothing to give; `max` would refuse
    # Of equal elements, not of deviation 0: their mean may round, and leave a little.
    flat = max(x, axis=axis, keepdims=True) == min(x, axis=axis, keepdims=True)
    slope = where(flat, 0.0, 0.5 / where(flat, 1.0, _kept(out, x.shape, axis)))
    g = _kept(g, x.shape, axis) * slope
    return _var_rule(g, out, x, axis, correction, keepdims)


@operation(
    _std,
    rule=_std_rule,
    samples=_var_samples,
    kinks=Kink(
        "all elements equal",
        "0",
        "the lowest point of a cone, the middle of its slopes",
        at=([0.1, 0.1, 0.1],),  # whose mean rounds
        gives=([0.0, 0.0, 0.0],),
    ),
    method="std",
)
def std(
    x: Operand, /, *, axis: Axis = None, correction: float = 0, keepdims: bool = False
) -> Tensor:
    r"""Standard deviation over axes.

    .. math:: z = \sqrt{\tfrac{1}{n - c} \sum_i (x_i - \mu)^2}, \qquad
              \bar x_i = \bar z\,\frac{x_i - \mu}{(n - c) z}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int, tuple of int or None
        Axes to reduce; all by default.
    correction : float
        ``c``: 0 for the deviation of these numbers, 1 for the usual estimate.
    keepdims : bool
        Leave the axes in with length one.

    Examples
    --------
    >>> std([1.0, 3.0])
    array(1.)
    """
