"""The larger and the smaller of two, element by element.

References: Clarke 1983, proposition 2.3.12, for the slopes where both are equal.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Operand

__all__ = ["maximum", "minimum", "fmax", "fmin"]


def _part(x: Any, y: Any) -> Any:
    """1 where ``x`` is the larger, one half where both are equal, else 0; in the type of ``x``."""
    return ((x > y).astype(x.dtype) + (x >= y).astype(x.dtype)) * 0.5


def _over(x: Any, y: Any, wins: Any) -> Any:
    """1 where ``x`` wins or ``y`` is NaN, one half where both are equal, else 0."""
    return (wins | (y != y)).astype(x.dtype) + (x == y).astype(x.dtype) * 0.5


_NOT_A_NUMBER = Kink(
    "one is NaN",
    "0 and 0",
    "so is the result, which is neither the larger nor the smaller",
    at=([np.nan, 2.0], [3.0, np.nan]),
    gives=([0.0, 0.0], [0.0, 0.0]),
    torch=([1.0, 1.0], [1.0, 1.0]),
    jax=([0.0, 0.0], [0.0, 0.0]),
)


@operation(
    np.maximum,
    rule=(
        lambda g, out, x1, x2: g * _part(x1, x2),
        lambda g, out, x1, x2: g * _part(x2, x1),
    ),
    domain=(Real(), Real()),
    kinks=(
        Kink(
            "x = y",
            "one half each",
            "the middle; then d max(x, x)/dx is 1",
            at=(2.0, 2.0),
            gives=(0.5, 0.5),
            torch=(0.5, 0.5),
            jax=(0.5, 0.5),
        ),
        _NOT_A_NUMBER,
    ),
)
def maximum(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Larger of two, element by element; NaN wins.

    .. math:: z = \max(x, y), \qquad \bar x = \bar z\,([x > y] + \tfrac12 [x = y])

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Notes
    -----
    Source: Clarke 1983, section 2.1, for ties.

    Examples
    --------
    >>> maximum([1.0, 5.0], 3.0)
    array([3., 5.])
    """


@operation(
    np.minimum,
    rule=(
        lambda g, out, x1, x2: g * _part(x2, x1),
        lambda g, out, x1, x2: g * _part(x1, x2),
    ),
    domain=(Real(), Real()),
    kinks=(
        Kink(
            "x = y",
            "one half each",
            "the middle; then d min(x, x)/dx is 1",
            at=(2.0, 2.0),
            gives=(0.5, 0.5),
            torch=(0.5, 0.5),
            jax=(0.5, 0.5),
        ),
        _NOT_A_NUMBER,
    ),
)
def minimum(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Smaller of two, element by element; NaN wins.

    .. math:: z = \min(x, y), \qquad \bar x = \bar z\,([x < y] + \tfrac12 [x = y])

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Notes
    -----
    Source: Clarke 1983, section 2.1, for ties.

    Examples
    --------
    >>> minimum([1.0, 5.0], 3.0)
    array([1., 3.])
    """


@operation(
    np.fmax,
    rule=(
        lambda g, out, x1, x2: g * _over(x1, x2, x1 > x2),
        lambda g, out, x1, x2: g * _over(x2, x1, x2 > x1),
    ),
    domain=(Real(), Real()),
    kinks=(
        Kink(
            "x = y",
            "one half each",
            "the middle; then d fmax(x, x)/dx is 1",
            at=(2.0, 2.0),
            gives=(0.5, 0.5),
            torch=(1.0, 0.0),
            jax=(0.0, 1.0),
        ),
        Kink(
            "one is NaN",
            "1 to the other",
            "the other is the value",
            at=([np.nan, 2.0], [3.0, np.nan]),
            gives=([0.0, 1.0], [1.0, 0.0]),
            torch=([0.0, 1.0], [1.0, 0.0]),
            jax=([0.0, 1.0], [1.0, 0.0]),
        ),
    ),
)
def fmax(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Larger of two, element by element; a number wins over NaN.

    .. math:: z = \max(x, y), \qquad \bar x = \bar z\,([x > y] + \tfrac12 [x = y])

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Notes
    -----
    Source: C99, section 7.12.12.2; Clarke 1983, section 2.1 for ties.

    Examples
    --------
    >>> fmax([1.0, float("nan")], 3.0)
    array([3., 3.])
    """


@operation(
    np.fmin,
    rule=(
        lambda g, out, x1, x2: g * _over(x1, x2, x1 < x2),
        lambda g, out, x1, x2: g * _over(x2, x1, x2 < x1),
    ),
    domain=(Real(), Real()),
    kinks=(
        Kink(
            "x = y",
            "one half each",
            "the middle; then d fmin(x, x)/dx is 1",
            at=(2.0, 2.0),
            gives=(0.5, 0.5),
            torch=(1.0, 0.0),
            jax=(0.0, 1.0),
        ),
        Kink(
            "one is NaN",
            "1 to the other",
            "the other is the value",
            at=([np.nan, 2.0], [3.0, np.nan]),
            gives=([0.0, 1.0], [1.0, 0.0]),
            torch=([0.0, 1.0], [1.0, 0.0]),
            jax=([0.0, 1.0], [1.0, 0.0]),
        ),
    ),
)
def fmin(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Smaller of two, element by element; a number wins over NaN.

    .. math:: z = \min(x, y), \qquad \bar x = \bar z\,([x < y] + \tfrac12 [x = y])

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Notes
    -----
    Source: C99, section 7.12.12.3; Clarke 1983, section 2.1 for ties.

    Examples
    --------
    >>> fmin([1.0, float("nan")], 3.0)
    array([1., 3.])
    """
