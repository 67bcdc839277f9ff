"""Modified Bessel functions of the first kind, of whole orders: closed under differentiation."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from .. import errors
from ..arrays import floats
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Real
from ..types import Array, Operand

__all__ = ["i0"]


def _series(y: Array, order: int) -> Array:
    """The power series; all its terms are positive, and small from half of e times y on."""
    terms = 20 + int(1.5 * np.fmax.reduce(y, axis=None, initial=0.0))
    term = (0.5 * y) ** order / math.factorial(order)
    total = term
    for k in range(1, terms):
        term = term * (0.25 * y * y / (k * (k + order)))
        total = total + term
    return total


def _far(y: Array, order: int) -> Array:
    """The asymptotic series; the exponential in two halves, so that it overflows with the value."""
    term = np.ones_like(y)
    total = term
    for k in range(1, 25):
        term = term * (((2 * k - 1) ** 2 - 4 * order**2) / (8.0 * k * y))
        total = total + term
    half = np.exp(0.5 * y)
    return half * (total / np.sqrt(2.0 * math.pi * y)) * half


def _bessel(x: Array, *, order: int = 0) -> Array:
    try:
        order = abs(operator.index(order))
    except TypeError:
        raise errors.ArgumentError(
            f"the order of a Bessel function is a whole number, got {order!r:.60}",
            op="bessel",
            fix="tg.i0(x)   # order 0; its derivatives have the others",
        ) from None
    x = np.asarray(x)
    kind = x.dtype if x.dtype.kind == "f" else np.dtype(float)
    y = np.abs(floats(x).astype(np.float64))
    edge = 30 + order * order
    value = _series(np.minimum(y, edge), order)
    if (y > edge).any():
        with np.errstate(over="ignore"):
            value = np.where(y > edge, _far(np.clip(y, edge, 1e4), order), value)
    return np.asarray(np.where(x < 0, (-1) ** order * value, value), kind)


def _orders(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return (rng.uniform(-3.0, 3.0, (2, 2)),), {"order": int(rng.integers(0, 4))}


@operation(
    _bessel,
    rule=lambda g, out, x, order: (
        g * 0.5 * (_bessel_i(x, order=order - 1) + _bessel_i(x, order=order + 1))
    ),
    samples=_orders,
)
def _bessel_i(x: Operand, /, *, order: int = 0) -> Tensor:
    r"""Modified Bessel function of the first kind, of a whole order.

    .. math:: z = I_n(x), \qquad \bar x = \tfrac12 \bar z\, (I_{n - 1}(x) + I_{n + 1}(x))

    >>> _bessel_i([0.0, 1.0], order=1).round(3)
    array([0.   , 0.565])
    """


@operation(_bessel, rule=lambda g, out, x: g * _bessel_i(x, order=1), domain=Real())
def i0(x: Operand, /) -> Tensor:
    r"""Modified Bessel function of the first kind of order 0, element by element.

    .. math:: z = I_0(x) = \frac1\pi \int_0^\pi e^{x \cos t}\,dt, \qquad \bar x = \bar z\, I_1(x)

    Parameters
    ----------
    x : array_like
        Any shape; beyond 713 a float64 overflows.

    Notes
    -----
    The window of Kaiser and the density on the circle of von Mises are made of it. Computed by its
    power series up to 30 and by the asymptotic one beyond. Source: DLMF 10.25.2, 10.40.1, 10.29.1.

    Examples
    --------
    >>> i0([0.0, 1.0]).round(3)
    array([1.   , 1.266])
    """
