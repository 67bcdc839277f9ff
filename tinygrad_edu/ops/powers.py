"""Powers and roots, element by element.

References: Griewank and Walther 2008, chapter 3, table 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Array, Operand
from .comparison import where
from .exponential import log

__all__ = ["power", "pow", "square", "sqrt", "cbrt", "reciprocal"]


# The exponents that people write, and those of their slopes. NumPy's power takes eleven to
# thirteen times as long as a product, for float32 on some machines 45 times.
_SHORT: dict[float, Callable[[Array], Array]] = {
    1: np.copy,
    2: np.square,
    3: lambda x: x * x * x,
    0.5: np.sqrt,
    -0.5: lambda x: np.reciprocal(np.sqrt(x)),
    -1: np.reciprocal,
    -2: lambda x: np.square(np.reciprocal(x)),
}


def _power(x: Array, y: Any) -> Array:
    """Power, by products and roots for short exponents where the type stays."""
    number = y.__class__ in (float, int)
    exponent = y if number else y[()] if y.ndim == 0 else None
    if (
        exponent is not None
        and isinstance(x, np.ndarray)
        and x.dtype.kind == "f"
        and (number or y.dtype is x.dtype or np.result_type(x, y) == x.dtype)
        and (short := _SHORT.get(exponent)) is not None
    ):
        return short(x)
    return np.power(x, y)


def _power_base(g: Any, out: Any, x: Any, y: Any) -> Any:
    if y.ndim == 0 and not getattr(y, "requires_grad", False):
        exponent = float(getattr(y, "_data", y))  # one number, and a constant: known now
        if exponent == 2:
            return g * (x + x)
        return g * (exponent * power(x, exponent - 1.0)) if exponent else g * 0.0
    flat = (x == 0) * (y == 0)  # 0 times infinity: elsewhere the formula holds, to every order
    return g * (y * power(where(flat, 1.0, x), y - 1.0))


def _power_exponent(g: Any, out: Any, x: Any, y: Any) -> Any:
    return g * out * log(where(x == 0, 1.0, x))


def _whole_exponents(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Bases of both signs; the exponents are constants, as their derivative would be complex."""
    shape, several = [((), ()), ((3,), ()), ((2, 3), (2, 3)), ((2, 1), (3,))][int(rng.integers(4))]
    base = rng.uniform(0.5, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
    return (base, np.asarray(rng.integers(-2, 4, several), np.int8)), {}


@operation(
    _power,
    rule=(_power_base, _power_exponent),
    broadcasts=True,
    domain=(Real(0.2, 3.0), Real(-2.0, 4.0)),
    samples=_whole_exponents,
    kinks=(
        Kink(
            "y = 0",
            "0 with respect to x",
            "x**0 is the constant 1, at x = 0 too",
            at=([0.0, 2.0], [0.0, 0.0]),
            gives=([0.0, 0.0], None),
            torch=([0.0, 0.0], None),
            jax=([np.nan, 0.0], None),
        ),
        Kink(
            "x = 0",
            "0 with respect to y",
            "the limit for every y > 0",
            at=([0.0, 0.0, 0.0], [0.0, 1.0, 2.0]),
            gives=([0.0, 1.0, 0.0], [0.0, 0.0, 0.0]),
            torch=([0.0, 1.0, 0.0], [0.0, 0.0, 0.0]),
            jax=([np.nan, 1.0, 0.0], [0.0, 0.0, 0.0]),
        ),
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
    Single exponents 1, 2, 3, 0.5 and their opposites but for -3 are computed by products and
    roots, which differ from the C library's power in the last bits, and for 0.5 and -0.5 at minus
    infinity and minus zero. ``pow`` is the same. Source: Griewank and Walther 2008, table 3.3.

    Examples
    --------
    >>> power([1.0, 2.0], 3.0)
    array([1., 8.])
    """


def squared(x: Any) -> Any:
    """``x * x``, and infinity where that overflows, without a warning: the slopes are 0 there."""
    with np.errstate(over="ignore"):
        return x * x


@operation(np.square, rule=lambda g, out, x: g * (x + x), domain=Real())
def square(x: Operand, /) -> Tensor:
    r"""Square, element by element.

    .. math:: z = x^2, \qquad \bar x = 2 \bar z x

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    Source: Griewank and Walther 2008, table 3.3.

    Examples
    --------
    >>> square([1.0, -2.0])
    array([1., 4.])
    """


@operation(
    np.sqrt,
    rule=lambda g, out, x: g / (out + out),
    domain=Real(0.1, 4.0),
    kinks=Kink(
        "x = 0",
        "infinite",
        "the slope grows without bound; shift x by an epsilon",
        at=(0.0,),
        gives=(np.inf,),
        torch=(np.inf,),
        jax=(np.inf,),
    ),
)
def sqrt(x: Operand, /) -> Tensor:
    r"""Square root, element by element.

    .. math:: z = \sqrt x, \qquad \bar x = \bar z / (2 z)

    Parameters
    ----------
    x : array_like
        Any shape, at least 0.

    Notes
    -----
    Source: Griewank and Walther 2008, table 3.3.

    Examples
    --------
    >>> sqrt([4.0, 9.0])
    array([2., 3.])
    """


@operation(
    np.cbrt,
    rule=lambda g, out, x: g / (3.0 * out * out),
    domain=Real(0.1, 4.0),
    samples=lambda rng: ((rng.uniform(0.1, 4.0, (2, 3)) * [-1.0, 1.0, -1.0],), {}),
    kinks=Kink(
        "x = 0",
        "infinite",
        "the slope grows without bound",
        at=(0.0,),
        gives=(np.inf,),
        jax=(np.inf,),
    ),
)
def cbrt(x: Operand, /) -> Tensor:
    r"""Cube root with the sign of the element.

    .. math:: z = \sqrt[3]{x}, \qquad \bar x = \bar z / (3 z^2)

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    Source: DLMF 4.2.26.

    Examples
    --------
    >>> cbrt([8.0, -27.0])
    array([ 2., -3.])
    """


@operation(np.reciprocal, rule=lambda g, out, x: -g * out * out, domain=Real(exclude=(0.0,)))
def reciprocal(x: Operand, /) -> Tensor:
    r"""One divided by each element.

    .. math:: z = 1 / x, \qquad \bar x = -\bar z z^2

    Parameters
    ----------
    x : array_like
        Any shape, floating and not 0.

    Notes
    -----
    Source: Griewank and Walther 2008, table 3.3.

    Examples
    --------
    >>> reciprocal([2.0, 4.0])
    array([0.5 , 0.25])
    """


pow = power
