"""Numbers that do not look at the shape: constants and plain distributions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import errors
from ...seeding import generator
from ...types import Array, Rng, Shape

__all__ = ["constant", "normal", "ones", "truncated_normal", "uniform", "zeros"]


def zeros(shape: Shape, *, rng: Rng = None, dtype: Any = np.float32) -> Array:
    """Return zeros, for biases; of weights they would keep all units of a layer equal.

    Examples
    --------
    >>> zeros((2,))
    array([0., 0.], dtype=float32)
    """
    return np.zeros(shape, dtype)


def ones(shape: Shape, *, rng: Rng = None, dtype: Any = np.float32) -> Array:
    """Return ones, for scales such as those of a normalization.

    Examples
    --------
    >>> ones((2,))
    array([1., 1.], dtype=float32)
    """
    return np.ones(shape, dtype)


def constant(
    shape: Shape, value: float = 1.0, *, rng: Rng = None, dtype: Any = np.float32
) -> Array:
    """Return one number everywhere.

    Examples
    --------
    >>> constant((2,), 0.5)
    array([0.5, 0.5], dtype=float32)
    """
    return np.full(shape, value, dtype)


def uniform(
    shape: Shape,
    low: float = -1.0,
    high: float = 1.0,
    *,
    rng: Rng = None,
    dtype: Any = np.float32,
) -> Array:
    r"""Return draws from the uniform distribution on [low, high).

    .. math:: \sigma^2 = (b - a)^2 / 12

    Raises
    ------
    ArgumentError
        When ``low`` is above ``high``.

    Examples
    --------
    >>> bool((uniform((9,), 0.0, 2.0, rng=0) >= 0).all())
    True
    """
    if not low <= high:
        raise errors.ArgumentError(
            f"bounds come in order, got low={low!r}, high={high!r}", fix="low=-1.0, high=1.0"
        )
    return np.asarray(generator(rng).uniform(low, high, shape)).astype(dtype)


def normal(
    shape: Shape, mean: float = 0.0, std: float = 1.0, *, rng: Rng = None, dtype: Any = np.float32
) -> Array:
    """Return draws from the normal distribution.

    Raises
    ------
    ArgumentError
        When ``std`` is below 0.

    Examples
    --------
    >>> normal((2, 3), rng=0).shape
    (2, 3)
    """
    _check_deviation(std)
    return np.asarray(generator(rng).normal(mean, std, shape)).astype(dtype)


def truncated_normal(
    shape: Shape,
    mean: float = 0.0,
    std: float = 1.0,
    low: float = -2.0,
    high: float = 2.0,
    *,
    rng: Rng = None,
    dtype: Any = np.float32,
) -> Array:
    """Return draws from the normal distribution, those beyond the bounds drawn again.

    Parameters
    ----------
    shape : tuple of int
        Of the result.
    mean, std : float
        Of the distribution before it is cut; cut at two it has 0.88 of the deviation left.
    low, high : float
        Bounds in standard deviations from the mean. (PyTorch's are absolute, so that for a small
        ``std`` its defaults cut nothing.)
    rng, dtype
        See the head of the module.

    Raises
    ------
    ArgumentError
        When ``std`` is below 0, or less than a thousandth of the distribution lies between the
        bounds.

    Examples
    --------
    >>> bool((abs(truncated_normal((100,), std=0.1, rng=0)) <= 0.2).all())
    True
    """
    _check_deviation(std)
    inside = (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2))) / 2
    if not inside >= 1e-3:
        raise errors.ArgumentError(
            f"between low={low} and high={high} standard deviations lies {max(inside, 0.0):.1e} "
            "of the normal distribution",
            why="draws are repeated until they lie inside",
            fix="low=-2.0, high=2.0",
        )
    draw = generator(rng)
    values = np.asarray(draw.standard_normal(shape))
    while (outside := (values < low) | (values > high)).any():
        values[outside] = draw.standard_normal(int(np.count_nonzero(outside)))
    return (mean + std * values).astype(dtype)


def _check_deviation(std: Any) -> None:
    if not std >= 0:
        raise errors.ArgumentError(
            f"a standard deviation is at least 0, got {std!r}", fix="std=1.0"
        )
