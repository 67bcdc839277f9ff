"""Sums, means and extrema over axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink
from ..types import Array, Axis, Operand, Shape
from .axes import axes_of, count, kept, reduction_samples
from .comparison import where
from .exponential import exp

__all__ = ["broadcast_to", "sum", "mean", "max", "min", "logsumexp"]

_add: Any = np.add  # its stub does not know a keepdims that is not a literal


def _spread(g: Any, shape: Shape, axis: Axis) -> Any:
    """Repeat a reduced cotangent along the reduced axes."""
    g = g if axis is None else kept(g, shape, axis)
    return _broadcast(g, shape) if isinstance(g, np.ndarray) else broadcast_to(g, shape=shape)


def _share(shape: Shape, axis: Axis) -> float:
    """One element's part of a mean; a factor, since the count itself may overflow float16."""
    return 1.0 / (count(shape, axis) or 1)


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
        The result's. Source: Array API 2024.12, section "Broadcasting".

    Examples
    --------
    >>> broadcast_to([1.0, 2.0], (2, 2))
    array([[1., 2.],
           [1., 2.]])
    """


def _sum(x: Array, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
    return _add.reduce(x, axis=axis, dtype=dtype, keepdims=keepdims)


@operation(
    _sum,
    rule=lambda g, out, x, axis, dtype, keepdims: _spread(g, x.shape, axis),
    samples=reduction_samples,
    method="sum",
)
def sum(x: Operand, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    r"""Sum over axes.

    .. math:: z = \sum_i x_i, \qquad \bar x_i = \bar z

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int, tuple of int or None
        Axes to sum over; all by default.
    dtype : dtype, optional
        Type to add up in; whole numbers and truth values are added as int64 by default.
    keepdims : bool
        Leave the axes in with length one.

    Notes
    -----
    Along a contiguous axis NumPy adds in pairs, so the rounding error grows as the logarithm of
    the count (Higham 2002, section 4.2). Source: Array API 2024.12, ``sum``.

    Examples
    --------
    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array([4., 6.])
    """


def _mean(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    if x.dtype == np.float16:
        return np.mean(x, axis=axis, keepdims=keepdims)
    total = _add.reduce(x, axis=axis, keepdims=keepdims)
    return np.true_divide(total, count(x.shape, axis))


@operation(
    _mean,
    rule=lambda g, out, x, axis, keepdims: _spread(g * _share(x.shape, axis), x.shape, axis),
    samples=reduction_samples,
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
        Leave the axes in with length one. Source: Array API 2024.12, ``mean``.

    Examples
    --------
    >>> mean([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array([2., 3.])
    """


def _extremum_rule(g: Any, out: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    chosen = (x == kept(out, x.shape, axis)).astype(x.dtype)
    total: Any = sum(chosen, axis=axis, keepdims=True)
    return kept(g, x.shape, axis) * (chosen / (total + (total == 0.0)))  # NaN equals no element


_NOT_A_NUMBER = Kink(
    "one element is NaN",
    "0",
    "so is the result, which equals no element",
    at=([1.0, np.nan],),
    gives=([0.0, 0.0],),
    torch=([0.0, 1.0],),
    jax=([np.nan, np.nan],),
)
_TIES = ("several elements tie", "equal shares", "the middle; the order must not matter")
_TIED = ([3.0, 1.0, 3.0, 1.0, 1.0],)
_LARGEST = ([1 / 2, 0.0, 1 / 2, 0.0, 0.0],)
_SMALLEST = ([0.0, 1 / 3, 0.0, 1 / 3, 1 / 3],)


def _max(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    return np.max(x, axis=axis, keepdims=keepdims)


@operation(
    _max,
    rule=_extremum_rule,
    samples=reduction_samples,
    kinks=(
        Kink(*_TIES, at=_TIED, gives=_LARGEST, torch=_LARGEST, jax=_LARGEST),
        _NOT_A_NUMBER,
    ),
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
        Leave the axes in with length one. Source: Array API 2024.12, ``max``.

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
    samples=reduction_samples,
    kinks=(
        Kink(*_TIES, at=_TIED, gives=_SMALLEST, torch=_SMALLEST, jax=_SMALLEST),
        _NOT_A_NUMBER,
    ),
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
        Leave the axes in with length one. Source: Array API 2024.12, ``min``.

    Examples
    --------
    >>> min([[1.0, 4.0], [3.0, 2.0]], axis=0)
    array([1., 2.])
    """


def _peak(x: Array, axes: tuple[int, ...]) -> Array:
    """What to take off before the exponential: the largest element, if any is above nothing."""
    most = np.max(x, axis=axes, keepdims=True, initial=-np.inf)
    return np.where(most > -np.inf, most, np.zeros((), most.dtype))


def _logsumexp(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    axes = axes_of(x.shape, axis)
    x = x if x.dtype.kind in "fc" else x.astype(float)
    most = _peak(x, axes)
    most = np.where(most == np.inf, np.zeros((), most.dtype), most)
    # Of a sum of nothing it is minus infinity, beside an infinity nothing else counts.
    with np.errstate(divide="ignore", over="ignore"):
        out = np.asarray(np.log(_add.reduce(np.exp(x - most), axis=axes, keepdims=True)) + most)
    return out if keepdims else out.reshape([n for k, n in enumerate(x.shape) if k not in axes])


def _logsumexp_rule(g: Any, out: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    # A constant: what is taken off drops out of the quotient.
    axes, values = axes_of(x.shape, axis), x._data if isinstance(x, Tensor) else x
    most, endless = _peak(values, axes), values == np.inf
    with np.errstate(invalid="ignore"):  # a difference of infinities, which is replaced
        lower = x - most
    powers = exp(where(endless, 0.0, lower) if endless.any() else lower)
    total: Any = sum(powers, axis=axes, keepdims=True)
    return kept(g, x.shape, axis) * (powers / where(total == 0.0, 1.0, total))


def _steep_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Where some have all axes left in, with rows so far apart that their powers vanish."""
    (x,), settings = reduction_samples(rng)
    if x.ndim and settings["keepdims"]:
        x = x + 800.0 * (1 - np.arange(len(x))).reshape([-1] + [1] * (x.ndim - 1))
    return (x,), settings


@operation(
    _logsumexp,
    rule=_logsumexp_rule,
    samples=_steep_samples,
    kinks=(
        Kink(
            "all elements minus infinity",
            "0",
            "the sum of no probabilities is 0, and stays 0 however it is divided",
            at=([-np.inf, -np.inf],),
            gives=([0.0, 0.0],),
            torch=([np.nan, np.nan],),
            jax=([np.nan, np.nan],),
        ),
        Kink(
            "some elements infinite",
            "equal shares for those",
            "beside them all others are nothing",
            at=([np.inf, 0.0, np.inf],),
            gives=([0.5, 0.0, 0.5],),
            torch=([np.nan, 0.0, np.nan],),
            jax=([np.nan, 0.0, np.nan],),
        ),
    ),
)
def logsumexp(x: Operand, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    r"""Logarithm of the sum of exponentials over axes, without overflow.

    .. math:: z = \ln \sum_i e^{x_i}, \qquad \bar x_i = \bar z\, \frac{e^{x_i}}{\sum_j e^{x_j}}

    Parameters
    ----------
    x : array_like
        Any shape; minus infinity stands for a probability of 0, and of no elements the result is
        minus infinity.
    axis : int, tuple of int or None
        Axes to reduce; all by default.
    keepdims : bool
        Leave the axes in with length one.

    Notes
    -----
    An operation of its own for stability: the largest element is taken out first, in the gradient
    too, and there the powers are divided by their sum, which is more accurate than
    :math:`e^{x_i - z}`. Source: Blanchard, Higham and Higham 2021, algorithm 4.1.

    Examples
    --------
    >>> logsumexp([1000.0, 1000.0])
    array(1000.69314718)
    """
