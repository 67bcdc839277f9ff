"""Arithmetic, powers and extrema, element by element with NumPy's broadcasting.

``g`` is the cotangent of the result, "z-bar". Where operands broadcast, the engine sums their
cotangents back; no rule mentions it. References: Griewank and Walther 2008, chapter 3, table 3.3,
unless a docstring names another.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Array, Operand
from .comparison import where
from .exponential import log

_AWAY_FROM_ZERO = Real(-3.0, 3.0, exclude=(0.0,))


@operation(
    np.add,
    rule=(lambda g, out, x1, x2: g, lambda g, out, x1, x2: g),
    domain=(Real(), Real()),
    method="__add__",
)
def add(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Sum, element by element.

    .. math:: z = x + y, \qquad \bar x = \bar z, \quad \bar y = \bar z

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Returns
    -------
    Tensor
        The broadcast shape.

    Examples
    --------
    >>> add(1.0, [1.0, 2.0])
    array([2., 3.])
    """


@operation(
    np.subtract,
    rule=(lambda g, out, x1, x2: g, lambda g, out, x1, x2: -g),
    domain=(Real(), Real()),
    method="__sub__",
)
def subtract(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Difference, element by element.

    .. math:: z = x - y, \qquad \bar x = \bar z, \quad \bar y = -\bar z

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Examples
    --------
    >>> subtract([3.0, 5.0], 1.0)
    array([2., 4.])
    """


@operation(
    np.multiply,
    rule=(lambda g, out, x1, x2: g * x2, lambda g, out, x1, x2: g * x1),
    domain=(Real(), Real()),
    method="__mul__",
)
def multiply(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Product, element by element.

    .. math:: z = x y, \qquad \bar x = \bar z\, y, \quad \bar y = \bar z\, x

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Examples
    --------
    >>> multiply([1.0, 2.0], 3.0)
    array([3., 6.])
    """


@operation(
    np.divide,
    rule=(lambda g, out, x1, x2: g / x2, lambda g, out, x1, x2: -g * out / x2),
    domain=(Real(), _AWAY_FROM_ZERO),
    method="__truediv__",
)
def divide(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Quotient, element by element.

    .. math:: z = x / y, \qquad \bar x = \bar z / y, \quad \bar y = -\bar z\, z / y

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast. Where ``x2`` is 0 the value is infinite or NaN, as in NumPy.

    Notes
    -----
    The second rule reuses the quotient: one division less than :math:`-x/y^2`, and no overflow
    of the square.

    Examples
    --------
    >>> divide([3.0, 5.0], 2.0)
    array([1.5, 2.5])
    """


@operation(
    np.floor_divide,
    domain=(Real(), _AWAY_FROM_ZERO),
    method="__floordiv__",
)
def floor_divide(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Largest whole number not above the quotient; piecewise constant, so without a derivative.

    .. math:: z = \lfloor x / y \rfloor

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Examples
    --------
    >>> floor_divide([-1.0, 5.0], 2.0)
    array([-1.,  2.])
    """


@operation(
    np.remainder,
    rule=(
        lambda g, out, x1, x2: g,
        lambda g, out, x1, x2: -g * floor_divide(x1, x2),
    ),
    domain=(Real(2.1, 2.9), Real(0.7, 0.9)),
    kinks=Kink("x a multiple of y", "the derivative from the right", "that is where z is read"),
    method="__mod__",
)
def remainder(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Remainder with the sign of the divisor.

    .. math:: z = x - y \lfloor x / y \rfloor, \qquad
              \bar x = \bar z, \quad \bar y = -\bar z \lfloor x / y \rfloor

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Examples
    --------
    >>> remainder([-1.0, 5.0], 3.0)
    array([2., 2.])
    """


@operation(np.negative, rule=lambda g, out, x: -g, domain=Real(), method="__neg__")
def negative(x: Operand, /) -> Tensor:
    r"""Negation, element by element.

    .. math:: z = -x, \qquad \bar x = -\bar z

    Parameters
    ----------
    x : array_like
        Any shape.

    Examples
    --------
    >>> negative([1.0, -2.0])
    array([-1.,  2.])
    """


@operation(np.positive, rule=lambda g, out, x: g, domain=Real(), method="__pos__")
def positive(x: Operand, /) -> Tensor:
    r"""The same numbers as a new row.

    .. math:: z = x, \qquad \bar x = \bar z

    Parameters
    ----------
    x : array_like
        Any shape.

    Examples
    --------
    >>> positive([1.0, -2.0])
    array([ 1., -2.])
    """


@operation(np.sign, domain=_AWAY_FROM_ZERO)
def sign(x: Operand, /) -> Tensor:
    r"""Sign, element by element; piecewise constant, so without a derivative.

    .. math:: z = [x > 0] - [x < 0]

    Parameters
    ----------
    x : array_like
        Any shape.

    Examples
    --------
    >>> sign([-2.0, 0.0, 3.0])
    array([-1.,  0.,  1.])
    """


@operation(
    np.absolute,
    rule=lambda g, out, x: g * sign(x),
    domain=_AWAY_FROM_ZERO,
    kinks=Kink("x = 0", "0", "the middle of the slopes -1 and 1; keeps a zero weight at rest"),
    method="__abs__",
)
def abs(x: Operand, /) -> Tensor:
    r"""Absolute value, element by element.

    .. math:: z = |x|, \qquad \bar x = \bar z\, \operatorname{sign}(x)

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    At 0 the derivative is 0, the middle of the subdifferential (Clarke 1983, section 2.1).

    Examples
    --------
    >>> abs([-2.0, 3.0])
    array([2., 3.])
    """


def _power(x: Array, y: Any) -> Array:
    """Power with the exponents that people write done by products: ``x**3`` costs 45 of them."""
    exponent = y if y.__class__ in (float, int) else y[()] if y.ndim == 0 else None
    if (
        exponent is not None
        and isinstance(x, np.ndarray)
        and x.dtype.kind == "f"
        and np.result_type(x, y) == x.dtype
    ):
        if exponent == 2:
            return x * x
        if exponent == 3:
            return x * x * x
        if exponent == 0.5:
            return np.sqrt(x)
        if exponent == -1:
            return np.reciprocal(x)
        if exponent == 1:
            return x.copy()
    return np.power(x, y)


def _power_base(g: Any, out: Any, x: Any, y: Any) -> Any:
    if y.ndim == 0:
        return g * (y * power(x, y - 1.0)) if y != 0 else g * 0.0
    flat = y == 0
    return where(flat, g * 0.0, g * (y * power(x, where(flat, 1.0, y - 1.0))))


def _power_exponent(g: Any, out: Any, x: Any, y: Any) -> Any:
    return g * out * log(where(x == 0, 1.0, x))


@operation(
    _power,
    rule=(_power_base, _power_exponent),
    broadcasts=True,
    domain=(Real(0.2, 3.0), Real(-2.0, 3.0)),
    kinks=(
        Kink("y = 0", "0 with respect to x", "x**0 is the constant 1, at x = 0 too"),
        Kink("x = 0", "0 with respect to y", "the limit for every y > 0"),
    ),
    method="__pow__",
)
def power(x1: Operand, x2: Operand, /) -> Tensor:
    r"""First argument to the power of the second, element by element.

    .. math:: z = x^y, \qquad \bar x = \bar z\, y\, x^{y-1}, \quad \bar y = \bar z\, z \ln x

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast. A negative base needs a whole exponent.

    Notes
    -----
    Single exponents 2, 3, 0.5, 1 and -1 are computed by products and roots, which differ from
    the C library's power in the last bit, and at minus infinity and minus zero for 0.5.

    Examples
    --------
    >>> power([1.0, 2.0], 3.0)
    array([1., 8.])
    """


@operation(np.square, rule=lambda g, out, x: g * (x + x), domain=Real())
def square(x: Operand, /) -> Tensor:
    r"""Square, element by element.

    .. math:: z = x^2, \qquad \bar x = 2 \bar z x

    Parameters
    ----------
    x : array_like
        Any shape.

    Examples
    --------
    >>> square([1.0, -2.0])
    array([1., 4.])
    """


@operation(
    np.sqrt,
    rule=lambda g, out, x: g / (out + out),
    domain=Real(0.1, 4.0),
    kinks=Kink("x = 0", "infinite", "the slope grows without bound; shift x by an epsilon"),
)
def sqrt(x: Operand, /) -> Tensor:
    r"""Square root, element by element.

    .. math:: z = \sqrt x, \qquad \bar x = \bar z / (2 z)

    Parameters
    ----------
    x : array_like
        Any shape, at least 0.

    Examples
    --------
    >>> sqrt([4.0, 9.0])
    array([2., 3.])
    """


@operation(np.reciprocal, rule=lambda g, out, x: -g * out * out, domain=_AWAY_FROM_ZERO)
def reciprocal(x: Operand, /) -> Tensor:
    r"""One divided by each element.

    .. math:: z = 1 / x, \qquad \bar x = -\bar z z^2

    Parameters
    ----------
    x : array_like
        Any shape, floating and not 0.

    Examples
    --------
    >>> reciprocal([2.0, 4.0])
    array([0.5 , 0.25])
    """


def _part(x: Any, y: Any) -> Any:
    """1 where ``x`` is the larger, one half where both are equal, else 0; in the type of ``x``."""
    return ((x > y).astype(x.dtype) + (x >= y).astype(x.dtype)) * 0.5


@operation(
    np.maximum,
    rule=(
        lambda g, out, x1, x2: g * _part(x1, x2),
        lambda g, out, x1, x2: g * _part(x2, x1),
    ),
    domain=(Real(), Real()),
    kinks=Kink("x = y", "one half each", "the middle; then d max(x, x)/dx is 1"),
)
def maximum(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Larger of two, element by element; NaN wins.

    .. math:: z = \max(x, y), \qquad \bar x = \bar z\,([x > y] + \tfrac12 [x = y])

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

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
    kinks=Kink("x = y", "one half each", "the middle; then d min(x, x)/dx is 1"),
)
def minimum(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Smaller of two, element by element; NaN wins.

    .. math:: z = \min(x, y), \qquad \bar x = \bar z\,([x < y] + \tfrac12 [x = y])

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Examples
    --------
    >>> minimum([1.0, 5.0], 3.0)
    array([1., 3.])
    """
