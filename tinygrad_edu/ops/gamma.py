"""The logarithm of the gamma function and its derivatives, element by element.

Every derivative is a polygamma function again, so the family is closed under differentiation.
Computed in float64, whatever the type: near 1 and 2 by a power series, far right by asymptotic
series, in between by the recurrence, left of 0 by reflection.
"""

from __future__ import annotations

import functools
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

__all__ = ["lgamma", "digamma", "polygamma"]

_EULER = 0.5772156649015329
# Riemann's zeta minus 1, at 2, 3, 4, ...
_ZETA = (
    0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993,
    0.01734306198444914, 0.008349277381922827, 0.00407735619794434, 0.0020083928260822143,
    0.0009945751278180853, 0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915,
    6.124813505870483e-05, 3.058823630702049e-05, 1.528225940865187e-05, 7.637197637899763e-06,
    3.81729326499984e-06, 1.908212716553939e-06, 9.539620338727962e-07, 4.769329867878064e-07,
    2.38450502727733e-07, 1.1921992596531106e-07, 5.960818905125948e-08, 2.980350351465228e-08,
    1.4901554828365043e-08, 7.45071178983543e-09, 3.725334024788457e-09,
)  # fmt: skip
# Bernoulli's numbers at 2, 4, 6, ...
_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
    -174611 / 330,
)  # fmt: skip
_LGAMMA_FROM, _DIGAMMA_FROM, _POLYGAMMA_FROM = 8.0, 10.0, 12.0  # where asymptotic series serve


def _around_two(z: Array) -> Array:
    """The logarithm of the gamma function of 2 + z, for z up to one half."""
    total = np.zeros_like(z)
    for k in range(len(_ZETA) + 1, 1, -1):
        total = (total + (-1) ** k * _ZETA[k - 2] / k) * z
    return (total + (1.0 - _EULER)) * z


def _far_right(y: Array) -> Array:
    """Stirling's series; written so that nothing overflows before the value does."""
    total = np.zeros_like(y)
    for k in range(9, 0, -1):
        total = total / (y * y) + _BERNOULLI[k - 1] / (2 * k * (2 * k - 1))
    return (y - 0.5) * (np.log(y) - 1.0) + 0.5 * (math.log(2.0 * math.pi) - 1.0) + total / y


def _right(y: Array) -> Array:
    """The logarithm of the gamma function for y from 0."""
    near = np.minimum(y, _LGAMMA_FROM)
    product = np.ones_like(y)
    for _ in range(6):  # gamma(y) = (y - 1) gamma(y - 1)
        above = near > 2.5
        near = near - above
        product = np.where(above, product * near, product)
    # gamma(y) = gamma(y + 1) / y; the logarithm of y itself is exact around 1
    below = np.where(near < 1.5, near, 1.0)
    lowest = near < 0.5
    z = np.where(near < 1.5, near - 1.0 + lowest, near - 2.0)
    middle = (
        _around_two(z) + np.log(product) - np.log(below) - np.log1p(np.where(lowest, near, 0.0))
    )
    return np.where(y < _LGAMMA_FROM, middle, _far_right(np.maximum(y, _LGAMMA_FROM)))


def _cotangent(x: Array) -> Array:
    """The cotangent of pi x: infinite at whole numbers, and exact in all its digits."""
    rest = x - np.rint(x)
    steep = np.abs(rest) < 0.25
    turned = np.tan(math.pi * np.where(steep, rest, np.copysign(0.5, rest) - rest))
    return np.where(steep, 1.0 / turned, turned)


def _float64(forward: Any) -> Any:
    """Compute in float64, silently at poles, and give back the type that came."""

    @functools.wraps(forward)
    def wrapped(x: Array, **settings: Any) -> Array:
        x = np.asarray(x)
        kind = x.dtype if x.dtype.kind == "f" else np.dtype(float)
        with np.errstate(all="ignore"):
            return np.asarray(forward(floats(x).astype(np.float64), **settings), kind)

    return wrapped


@_float64
def _lgamma(x: Array) -> Array:
    y = np.abs(x)
    right = _right(y)
    # gamma(x) gamma(-x) = -pi / (x sin(pi x))
    sine = np.abs(np.sin(math.pi * (x - np.rint(x))))
    left = math.log(math.pi) - np.log(y) - np.log(sine) - right
    return np.where(np.isinf(x), np.inf, np.where(x < 0, left, right))


@_float64
def _digamma(x: Array) -> Array:
    y = np.where(x < 0, 1.0 - x, x)
    total = np.zeros_like(y)
    for _ in range(int(_DIGAMMA_FROM)):  # psi(y) = psi(y + 1) - 1 / y
        low = y < _DIGAMMA_FROM
        total = np.where(low, total - 1.0 / y, total)
        y = y + low
    series = np.zeros_like(y)
    for k in range(8, 0, -1):
        series = (series + _BERNOULLI[k - 1] / (2 * k)) / (y * y)
    right = total + (np.log(y) - 0.5 / y - series)
    cotangent = _cotangent(x)
    left = np.where(np.isinf(cotangent), np.nan, right - math.pi * cotangent)
    return np.where(x < 0, left, right)


def _cotangent_derivative(cotangent: Array, n: int) -> Array:
    """The n-th derivative of cot as a polynomial in cot, whose derivative is -(1 + cot**2)."""
    polynomial = [0, 1]  # by powers, in whole numbers
    for _ in range(n):
        slope = [k * c for k, c in enumerate(polynomial)][1:]
        polynomial = [-a - b for a, b in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    total = np.full_like(cotangent, polynomial[-1])
    for coefficient in reversed(polynomial[:-1]):
        total = total * cotangent + float(coefficient)
    return total


@_float64
def _psi(x: Array, *, n: int = 0) -> Array:
    """The n-th derivative of digamma, n! times Hurwitz's zeta of n + 1, by Euler and Maclaurin."""
    try:
        order = operator.index(n)
    except TypeError:
        order = -1
    if order < 0:
        raise errors.ArgumentError(
            f"the order of a polygamma function is a whole number from 0, got {n!r:.60}",
            op="polygamma",
            fix="tg.polygamma(1, x)   # the first derivative of digamma",
        )
    if order == 0:
        return _digamma(x)
    s, start = order + 1, order + _POLYGAMMA_FROM
    y = np.where(x < 0, 1.0 - x, x)
    total = np.zeros_like(y)
    for _ in range(int(start)):
        low = y < start
        total = np.where(low, total + y**-s, total)
        y = y + low
    series, rising = 1.0 / order + 0.5 / y, float(s)
    for k in range(1, 11):
        series += _BERNOULLI[k - 1] / math.factorial(2 * k) * rising * y ** (-2.0 * k)
        rising *= (s + 2 * k - 1) * (s + 2 * k)
    total += series * y**-order
    right = (-1) ** s * math.factorial(order) * total
    cotangent = _cotangent(x)
    left = (-1) ** order * right - math.pi**s * _cotangent_derivative(cotangent, order)
    if order % 2 == 0:
        left = np.where(np.isinf(cotangent), np.nan, left)
    return np.where(x < 0, left, right)


def _both_sides(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Right of 0, and a fifth or more from the poles on the left."""
    left = rng.integers(-4, 0, 3) + rng.uniform(0.2, 0.8, 3)
    return (np.stack([rng.uniform(0.3, 12.0, 3), left]),), {}


def _orders(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return _both_sides(rng)[0], {"n": int(rng.integers(1, 4))}


@operation(
    _lgamma, rule=lambda g, out, x: g * digamma(x), domain=Real(0.2, 6.0), samples=_both_sides
)
def lgamma(x: Operand, /) -> Tensor:
    r"""Logarithm of the absolute value of the gamma function, element by element.

    .. math:: z = \ln |\Gamma(x)|, \qquad \bar x = \bar z\, \psi(x)

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    Tensor
        Shape of ``x``; infinite at 0, at negative whole numbers and at both infinities.

    Notes
    -----
    A primitive, as NumPy has none. Right of 0 it keeps its relative accuracy, also where it is 0;
    left of 0 an error of 2e-15 remains where it is. Source: Abramowitz and Stegun 1964, 6.1.33,
    6.1.41 and 6.1.17.

    Examples
    --------
    >>> lgamma([1.0, 5.0]).round(3)
    array([0.   , 3.178])
    """


@operation(
    _digamma,
    rule=lambda g, out, x: g * _polygamma(x, n=1),
    domain=Real(0.2, 6.0),
    samples=_both_sides,
)
def digamma(x: Operand, /) -> Tensor:
    r"""Logarithmic derivative of the gamma function, element by element.

    .. math:: z = \psi(x) = \frac{d}{dx} \ln \Gamma(x), \qquad \bar x = \bar z\, \psi'(x)

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    Tensor
        Shape of ``x``; infinite at 0, with the other sign than that of the zero, and NaN at
        negative whole numbers, where it comes from both infinities.

    Notes
    -----
    A primitive, as NumPy has none. Right to 2e-15, or where it is larger to four units in the last
    place. Source: Abramowitz and Stegun 1964, 6.3.5, 6.3.7 and 6.3.18.

    Examples
    --------
    >>> digamma([1.0, 2.0]).round(3)
    array([-0.577,  0.423])
    """


@operation(
    _psi,
    rule=lambda g, out, x, n: g * _polygamma(x, n=n + 1),
    domain=Real(0.2, 6.0),
    samples=_orders,
)
def _polygamma(x: Operand, /, *, n: int = 0) -> Tensor:
    r"""The n-th derivative of ``digamma``, the order behind the argument as settings are.

    .. math:: z = \psi^{(n)}(x) = (-1)^{n + 1} n! \sum_{k \ge 0} (x + k)^{-n - 1}, \qquad
              \bar x = \bar z\, \psi^{(n + 1)}(x)

    >>> _polygamma([1.0], n=1).round(3)
    array([1.645])
    """


def polygamma(n: int, x: Operand, /) -> Tensor:
    r"""Derivative of ``digamma`` of order n, element by element.

    .. math:: z = \psi^{(n)}(x), \qquad \bar x = \bar z\, \psi^{(n + 1)}(x)

    Parameters
    ----------
    n : int
        From 0, which is ``digamma`` itself.
    x : array_like
        Any shape.

    Returns
    -------
    Tensor
        Shape of ``x``. At negative whole numbers it is infinite for odd orders, and NaN for even
        ones, where it comes from both infinities.

    Raises
    ------
    ArgumentError
        For an order that is no whole number, or below 0.

    Notes
    -----
    Source: Abramowitz and Stegun 1964, 6.4.7 and 6.4.10; summed as in 23.1.30.

    Examples
    --------
    >>> polygamma(1, [1.0, 2.0]).round(3)
    array([1.645, 0.645])
    """
    return _polygamma(x, n=n)
