"""``tg.random``: Tensors drawn at random, from an explicit generator.

Everything takes ``rng=``: a NumPy Generator, or a number that seeds one; without it, the generator
of the innermost ``tg.seed``. What is drawn has no derivative; for a gradient with respect to a
location and a scale, compute from the draw: ``mean + std * tg.random.normal(shape)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import differentiable, numbers
from .autodiff.tensor import Tensor, asarray
from .errors import ArgumentError, DTypeError, ShapeError
from .seeding import generator
from .types import Array, Operand, Rng, Shape

__all__ = ["bernoulli", "categorical", "choice", "integers", "normal", "permutation", "uniform"]


def uniform(
    shape: int | Shape = (),
    *,
    low: float = 0.0,
    high: float = 1.0,
    dtype: Any = None,
    requires_grad: bool = False,
    rng: Rng = None,
) -> Tensor:
    r"""Numbers of equal chance between two bounds.

    .. math:: z_i = a + (b - a) u_i, \qquad u_i \sim U[0, 1)

    Parameters
    ----------
    shape : int or tuple of int
        The result's.
    low, high : float, low <= high
        The bounds; the upper is not reached but by rounding.
    dtype : dtype, optional
        A floating type, by default float64.
    requires_grad : bool
        Whether gradients flow into the result.
    rng : Generator or int, optional
        Where the choices come from.

    Examples
    --------
    >>> uniform(3, rng=0).numpy().round(2)
    array([0.64, 0.27, 0.04])
    """
    if not low <= high:
        raise ArgumentError(
            f"bounds in order are needed, got low={low!r}, high={high!r}",
            fix="tg.random.uniform(3, low=-1.0, high=1.0)",
        )
    drawn = low + (high - low) * generator(rng).random(_shape(shape))
    return _floating(drawn, dtype, requires_grad)


def normal(
    shape: int | Shape = (),
    *,
    mean: float = 0.0,
    std: float = 1.0,
    dtype: Any = None,
    requires_grad: bool = False,
    rng: Rng = None,
) -> Tensor:
    r"""Numbers of the normal distribution.

    .. math:: z_i = \mu + \sigma n_i, \qquad n_i \sim N(0, 1)

    Parameters
    ----------
    shape : int or tuple of int
        The result's.
    mean, std : float, std at least 0
        Its centre and its standard deviation.
    dtype : dtype, optional
        A floating type, by default float64.
    requires_grad : bool
        Whether gradients flow into the result.
    rng : Generator or int, optional
        Where the choices come from.

    Examples
    --------
    >>> normal(3, rng=0).numpy().round(2)
    array([ 0.13, -0.13,  0.64])
    """
    if not std >= 0:
        raise ArgumentError(f"a standard deviation is at least 0, got {std!r}", fix="std=1.0")
    drawn = mean + std * generator(rng).standard_normal(_shape(shape))
    return _floating(drawn, dtype, requires_grad)


def integers(
    low: int,
    high: int | None = None,
    /,
    shape: int | Shape = (),
    *,
    dtype: Any = None,
    rng: Rng = None,
) -> Tensor:
    r"""Whole numbers of equal chance, the upper bound excluded.

    .. math:: P(z_i = k) = \frac{1}{b - a}, \qquad a \le k < b

    Parameters
    ----------
    low, high : int, low < high
        The bounds; a single one is the upper, and the lower is 0.
    shape : int or tuple of int
        The result's.
    dtype : dtype, optional
        By default int64.
    rng : Generator or int, optional
        Where the choices come from.

    Examples
    --------
    >>> integers(10, shape=4, rng=0)
    Tensor([8, 6, 5, 2], dtype=int64)
    """
    first, last = (0, low) if high is None else (low, high)
    if not first < last:
        raise ArgumentError(
            f"no whole number is in {first!r} <= k < {last!r}",
            fix="tg.random.integers(0, 10, shape=3)",
        )
    drawn = generator(rng).integers(first, last, _shape(shape))
    return asarray(np.asarray(drawn), dtype=dtype)


def bernoulli(p: Operand = 0.5, shape: int | Shape | None = None, *, rng: Rng = None) -> Tensor:
    r"""Truth values, each true with a probability.

    .. math:: P(z_i) = p_i

    Parameters
    ----------
    p : array_like, 0 to 1
        The probabilities.
    shape : int or tuple of int, optional
        The result's, to which ``p`` broadcasts; by default that of ``p``.
    rng : Generator or int, optional
        Where the choices come from.

    Examples
    --------
    >>> bernoulli(0.5, 4, rng=0)
    Tensor([False,  True,  True,  True], dtype=bool)
    """
    chance = _plain(p)
    if not ((chance >= 0) & (chance <= 1)).all():
        raise ArgumentError(f"p holds probabilities, 0 to 1, got {p!r:.60}", fix="p=0.5")
    wanted = chance.shape if shape is None else _shape(shape)
    return asarray(np.asarray(generator(rng).random(wanted) < chance))


def categorical(
    logits: Operand, /, shape: int | Shape = (), *, axis: int = -1, rng: Rng = None
) -> Tensor:
    r"""Class numbers, drawn by scores along an axis.

    .. math:: P(z = k) = e^{x_k} / \textstyle\sum_j e^{x_j}

    Parameters
    ----------
    logits : array_like
        Scores of the classes along an axis; minus infinity is never drawn.
    shape : int or tuple of int
        How many draws of each: the leading axes of the result, before those of ``logits`` that
        remain.
    axis : int
        The axis of the classes.
    rng : Generator or int, optional
        Where the choices come from.

    Notes
    -----
    The largest score after adding noise of the Gumbel distribution, which needs no normalisation.
    Source: Gumbel 1954; Maddison et al. 2014, section 2.

    Examples
    --------
    >>> categorical([0.0, 50.0, 0.0], 4, rng=0)
    Tensor([1, 1, 1, 1], dtype=int64)
    """
    scores = np.moveaxis(_plain(logits), axis, -1)
    if not scores.size or not np.isfinite(scores.max(axis=-1)).all():
        raise ArgumentError(
            "categorical needs at least one class of finite score in every row",
            shapes=(scores.shape,),
        )
    noise = generator(rng).gumbel(size=(*_shape(shape), *scores.shape))
    return asarray(np.asarray((scores + noise).argmax(axis=-1)))


def permutation(x: Operand, /, *, axis: int = 0, rng: Rng = None) -> Tensor:
    r"""An array with its rows in random order, or the numbers below a count in random order.

    .. math:: z_i = x_{\pi(i)}

    Parameters
    ----------
    x : int or array_like
        A count, or what is reordered. Its gradient is not recorded: index with the permutation
        of a count for that, ``x[tg.random.permutation(len(x))]``.
    axis : int
        Along which rows are exchanged.
    rng : Generator or int, optional
        Where the choices come from.

    Examples
    --------
    >>> permutation(4, rng=0)
    Tensor([2, 0, 1, 3], dtype=int64)
    """
    array = _plain(x)
    if array.ndim == 0 and (array.dtype.kind not in "iu" or array < 0):
        raise ArgumentError(
            f"a count is a whole number of at least 0, got {x!r:.40}",
            fix="tg.random.permutation(10)",
        )
    drawn = generator(rng).permutation(int(array) if array.ndim == 0 else array, axis=axis)
    return asarray(np.asarray(drawn))


def choice(
    x: Operand,
    /,
    shape: int | Shape = (),
    *,
    replace: bool = True,
    p: Operand = None,
    axis: int = 0,
    rng: Rng = None,
) -> Tensor:
    r"""Rows of an array, or numbers below a count, drawn with or without putting them back.

    .. math:: P(z = x_i) = p_i

    Parameters
    ----------
    x : int or array_like
        A count, or what is drawn from. Its gradient is not recorded: draw from the count of its
        rows and index for that.
    shape : int or tuple of int
        How many are drawn.
    replace : bool
        Whether one may be drawn again.
    p : array_like, sum 1, optional
        The probabilities; equal by default.
    axis : int
        Along which rows are drawn.
    rng : Generator or int, optional
        Where the choices come from.

    Examples
    --------
    >>> choice(10, 3, replace=False, rng=0)
    Tensor([5, 9, 6], dtype=int64)
    """
    array, chances = _plain(x), None if p is None else _plain(p)
    try:
        drawn = generator(rng).choice(
            int(array) if array.ndim == 0 else array, _shape(shape), replace, chances, axis
        )
    except (ValueError, IndexError) as error:
        raise ArgumentError(
            f"choice: {error}", shapes=(array.shape,), fix="tg.random.choice(10, 3)"
        ) from None
    return asarray(np.asarray(drawn))


def _plain(x: Operand) -> Array:
    """The numbers of an argument whose gradient would be lost: refused if it has one."""
    return np.asarray(x) if isinstance(x, Tensor) else numbers(x)


def _shape(shape: int | Shape) -> Shape:
    sizes = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    if not all(isinstance(n, (int, np.integer)) and n >= 0 for n in sizes):
        raise ShapeError(
            f"a shape has whole numbers of at least 0, got {shape!r:.60}",
            fix="tg.random.normal((2, 3))",
        )
    return sizes


def _floating(drawn: Any, dtype: Any, requires_grad: bool) -> Tensor:
    array = np.asarray(drawn, dtype)
    if array.dtype.kind != "f":
        raise DTypeError(
            f"numbers of this distribution are no {array.dtype}", fix="dtype=tg.float32"
        )
    if requires_grad:
        differentiable(array)
    return asarray(array, requires_grad=requires_grad)
