"""The exponential family and logarithms, element by element.

References: DLMF chapter 4 for the derivatives; Higham 2002, section 1.14 for ``expm1``, ``log1p``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Operand
from .comparison import where

__all__ = [
    "exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "logaddexp", "logaddexp2",
]  # fmt: skip

_LN2 = float(np.log(2.0))
_LN10 = float(np.log(10.0))
_POSITIVE = Real(0.1, 4.0)
_AT_ZERO = Kink(
    "x = 0",
    "infinite",
    "the slope grows without bound",
    at=(0.0,),
    gives=(np.inf,),
    torch=(np.inf,),
    jax=(np.inf,),
)


_NOTHING = Kink(
    "x = y = minus infinity",
    "0 and 0",
    "the sum of two nothings, as of probabilities of 0: whatever their shares, nothing arrives",
    at=(-np.inf, -np.inf),
    gives=(0.0, 0.0),
    torch=(np.nan, np.nan),
    jax=(np.nan, np.nan),
)


_ALONE = Kink(
    "one of both is minus infinity",
    "1 to the other",
    "the sum is the other",
    at=([-np.inf, 0.0], [0.0, -np.inf]),
    gives=([0.0, 1.0], [1.0, 0.0]),
    torch=([0.0, 1.0], [1.0, 0.0]),
    jax=([0.0, 1.0], [1.0, 0.0]),
)


def _lead(x: Any, y: Any) -> Any:
    """How far ``y`` is above ``x``; a probability of 0 is infinitely far below, even of another."""
    return where(x == -np.inf, np.inf, y) - x


@operation(np.exp, rule=lambda g, out, x: g * out, domain=Real())
def exp(x: Operand, /) -> Tensor:
    r"""Exponential, element by element.

    .. math:: z = e^x, \qquad \bar x = \bar z\, z

    Parameters
    ----------
    x : array_like
        Any shape; above 709 a float64 overflows.

    Notes
    -----
    Source: DLMF 4.2.19 and 4.7.7.

    Examples
    --------
    >>> exp([0.0, 1.0]).round(3)
    array([1.   , 2.718])
    """


@operation(np.exp2, rule=lambda g, out, x: g * (_LN2 * out), domain=Real())
def exp2(x: Operand, /) -> Tensor:
    r"""Power of 2, element by element.

    .. math:: z = 2^x, \qquad \bar x = \bar z\, z \ln 2

    Parameters
    ----------
    x : array_like
        Any shape; from 1024 a float64 overflows.

    Notes
    -----
    Source: DLMF 4.7.9.

    Examples
    --------
    >>> exp2([0.0, 3.0])
    array([1., 8.])
    """


@operation(np.expm1, rule=lambda g, out, x: g * (out + 1.0), domain=Real())
def expm1(x: Operand, /) -> Tensor:
    r"""Exponential minus one, exact for small arguments.

    .. math:: z = e^x - 1, \qquad \bar x = \bar z\,(z + 1)

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    Source: Higham 2002, section 1.14.1.

    Examples
    --------
    >>> expm1([0.0, 1e-20])
    array([0.e+00, 1.e-20])
    """


@operation(np.log, rule=lambda g, out, x: g / x, domain=_POSITIVE, kinks=_AT_ZERO)
def log(x: Operand, /) -> Tensor:
    r"""Natural logarithm, element by element.

    .. math:: z = \ln x, \qquad \bar x = \bar z / x

    Parameters
    ----------
    x : array_like
        Any shape, above 0; minus infinity at 0 and NaN below, as in NumPy.

    Notes
    -----
    Source: DLMF 4.2.2 and 4.7.1.

    Examples
    --------
    >>> log([1.0, 10.0]).round(3)
    array([0.   , 2.303])
    """


@operation(np.log1p, rule=lambda g, out, x: g / (x + 1.0), domain=Real(-0.8, 4.0))
def log1p(x: Operand, /) -> Tensor:
    r"""Logarithm of one plus the argument, exact for small arguments.

    .. math:: z = \ln(1 + x), \qquad \bar x = \bar z / (1 + x)

    Parameters
    ----------
    x : array_like
        Any shape, above -1.

    Notes
    -----
    Source: Higham 2002, section 1.14.1.

    Examples
    --------
    >>> log1p([0.0, 1e-20])
    array([0.e+00, 1.e-20])
    """


@operation(np.log2, rule=lambda g, out, x: g / (x * _LN2), domain=_POSITIVE, kinks=_AT_ZERO)
def log2(x: Operand, /) -> Tensor:
    r"""Logarithm to base 2, element by element.

    .. math:: z = \log_2 x, \qquad \bar x = \bar z / (x \ln 2)

    Parameters
    ----------
    x : array_like
        Any shape, above 0.

    Notes
    -----
    Source: DLMF 4.2.10.

    Examples
    --------
    >>> log2([1.0, 8.0])
    array([0., 3.])
    """


@operation(np.log10, rule=lambda g, out, x: g / (x * _LN10), domain=_POSITIVE, kinks=_AT_ZERO)
def log10(x: Operand, /) -> Tensor:
    r"""Logarithm to base 10, element by element.

    .. math:: z = \log_{10} x, \qquad \bar x = \bar z / (x \ln 10)

    Parameters
    ----------
    x : array_like
        Any shape, above 0.

    Notes
    -----
    Source: DLMF 4.2.10.

    Examples
    --------
    >>> log10([1.0, 1000.0])
    array([0., 3.])
    """


@operation(
    np.logaddexp,
    rule=(
        lambda g, out, x1, x2: g * exp(-logaddexp(0.0, _lead(x1, x2))),
        lambda g, out, x1, x2: g * exp(-logaddexp(0.0, _lead(x2, x1))),
    ),
    domain=(Real(), Real()),
    kinks=(_NOTHING, _ALONE),
)
def logaddexp(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Logarithm of the sum of two exponentials, without overflow.

    .. math:: z = \ln(e^x + e^y), \qquad
              \bar x = \frac{\bar z}{1 + e^{y - x}}, \quad
              \bar y = \frac{\bar z}{1 + e^{x - y}}

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Notes
    -----
    The shares are read off the difference, as :math:`e^{-\ln(1 + e^{y - x})}`, which neither
    overflows nor loses digits: of large numbers, :math:`z` has no room for the :math:`\ln 2` in
    :math:`e^{x - z}`. Source: Blanchard, Higham, Higham 2021, equation 1.1.

    Examples
    --------
    >>> logaddexp([1000.0], 1000.0).round(3)
    array([1000.693])
    """


@operation(
    np.logaddexp2,
    rule=(
        lambda g, out, x1, x2: g * exp2(-logaddexp2(0.0, _lead(x1, x2))),
        lambda g, out, x1, x2: g * exp2(-logaddexp2(0.0, _lead(x2, x1))),
    ),
    domain=(Real(), Real()),
    kinks=(_NOTHING, _ALONE),
)
def logaddexp2(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Logarithm to base 2 of the sum of two powers of 2, without overflow.

    .. math:: z = \log_2(2^x + 2^y), \qquad
              \bar x = \frac{\bar z}{1 + 2^{y - x}}, \quad
              \bar y = \frac{\bar z}{1 + 2^{x - y}}

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Notes
    -----
    Source: Blanchard, Higham, Higham 2021, equation 1.1, to base 2.

    Examples
    --------
    >>> logaddexp2([1000.0], 1000.0)
    array([1001.])
    """
