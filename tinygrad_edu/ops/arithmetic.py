"""Arithmetic, element by element with NumPy's broadcasting.

``g`` is the cotangent of the result, "z-bar". Where operands broadcast, the engine sums their
cotangents back; no rule mentions it. References: Griewank and Walther 2008, chapter 3, table 3.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Operand, Shape

__all__ = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "floor_divide",
    "remainder",
    "negative",
    "positive",
    "sign",
    "abs",
]

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

    Notes
    -----
    Source: Griewank and Walther 2008, table 3.3.

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

    Notes
    -----
    Source: Griewank and Walther 2008, table 3.3.

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

    Notes
    -----
    Source: Griewank and Walther 2008, table 3.3.

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
    The second rule reuses the quotient: one division less than :math:`-x/y^2`, and no overflow of
    the square. Source: Griewank and Walther 2008, table 3.3.

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

    Notes
    -----
    Source: Knuth 1997, section 1.2.4.

    Examples
    --------
    >>> floor_divide([-1.0, 5.0], 2.0)
    array([-1.,  2.])
    """


def _off_the_jumps(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Quotients of both signs a fifth or more from a whole number, divisors of both signs."""
    shape: Shape = [(4,), (2, 3), ()][int(rng.integers(3))]
    divisor = np.asarray(rng.uniform(1.0, 2.0, shape) * rng.choice([-1.0, 1.0], shape))
    quotient = rng.integers(-5, 5, shape) + rng.uniform(0.2, 0.8, shape)
    return (quotient * divisor, divisor), {}


@operation(
    np.remainder,
    rule=(
        lambda g, out, x1, x2: g,
        lambda g, out, x1, x2: -g * floor_divide(x1, x2),
    ),
    domain=(Real(2.3, 2.6), Real(0.9, 1.1)),
    samples=_off_the_jumps,
    kinks=Kink(
        "x a multiple of y",
        "the derivative from the right",
        "that is where z is read",
        at=([6.0, -6.0], [3.0, 3.0]),
        gives=([1.0, 1.0], [-2.0, 2.0]),
        torch=([1.0, 1.0], [-2.0, 2.0]),
        jax=([1.0, 1.0], [-2.0, 2.0]),
    ),
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

    Notes
    -----
    Source: Knuth 1997, section 1.2.4.

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

    Notes
    -----
    Source: Griewank and Walther 2008, table 3.3.

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

    Notes
    -----
    Source: Griewank and Walther 2008, table 3.3.

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

    Notes
    -----
    Source: DLMF, Common Notations and Definitions.

    Examples
    --------
    >>> sign([-2.0, 0.0, 3.0])
    array([-1.,  0.,  1.])
    """


@operation(
    np.absolute,
    rule=lambda g, out, x: g * sign(x),
    domain=_AWAY_FROM_ZERO,
    kinks=Kink(
        "x = 0",
        "0",
        "the middle of the slopes -1 and 1; keeps a zero weight at rest",
        at=(0.0,),
        gives=(0.0,),
        torch=(0.0,),
        jax=(1.0,),
    ),
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
    At 0 the derivative is 0, the middle of the subdifferential (Clarke 1983, section 2.1). Source:
    Griewank and Walther 2008, table 3.3.

    Examples
    --------
    >>> abs([-2.0, 3.0])
    array([2., 3.])
    """
