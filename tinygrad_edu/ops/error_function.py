"""The error function and its complement, element by element.

Reference: Cody 1969, "Rational Chebyshev approximations for the error function", Mathematics of
Computation 23: three intervals, each with a quotient of polynomials.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import floats
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Real
from ..types import Array, Operand
from .exponential import exp
from .powers import squared

__all__ = ["erf", "erfc"]

_SLOPE = 2.0 / math.sqrt(math.pi)
_INNER, _OUTER = 0.46875, 4.0
_FARTHEST = 30.0  # beyond it the complement underflows in every type

# Highest power first: erf(x)/x in x*x near 0.
_NEAR = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2,
     3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2,
     1.28261652607737228e3, 2.84423683343917062e3),
)  # fmt: skip
# erfc(x) exp(x*x) in x, up to 4.
_MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0,
     6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2,
     1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2,
     5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3,
     4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)  # fmt: skip
# (1/sqrt(pi) - x erfc(x) exp(x*x)) x*x in 1/(x*x).
_FAR = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
     1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242e0, 1.87295284992346725e0,
     5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3),
)  # fmt: skip

Polynomials = tuple[tuple[float, ...], tuple[float, ...]]


def _quotient(polynomials: Polynomials, x: Array) -> Array:
    """Two polynomials by Horner's scheme, the first over the second."""
    values = []
    for highest, *others in polynomials:
        value = highest * x
        for coefficient in others[:-1]:
            value += coefficient
            value *= x
        values.append(value + others[-1])
    return values[0] / values[1]


def _near(x: Array) -> Array:
    return x * _quotient(_NEAR, x * x)


def _complement(y: Array) -> Array:
    """The complement right of the inner interval; NaN stays."""
    y = np.minimum(y, _FARTHEST)
    out = np.asarray(_quotient(_MIDDLE, np.minimum(y, _OUTER)))
    far = y > _OUTER
    if far.any():
        inverse = 1.0 / (y[far] * y[far])
        tail = inverse * _quotient(_FAR, inverse)
        out[far] = (1.0 / math.sqrt(math.pi) - tail) / y[far]
    # The square in two parts, the first without rounding: exp would magnify its error.
    coarse = np.trunc(y * 16.0) / 16.0
    return out * np.exp(-coarse * coarse) * np.exp(-(y - coarse) * (y + coarse))


def _doubles(x: Array) -> tuple[Array, Any]:
    """The numbers in the type to compute in, and that of the result."""
    kind = x.dtype if x.dtype.kind == "f" else np.dtype(float)
    return floats(x).astype(np.float64, copy=False), kind


def _erf(x: Array) -> Array:
    x, kind = _doubles(x)
    y, out = np.abs(x), np.empty_like(x)
    inner = y <= _INNER
    outer = ~inner
    out[inner] = _near(x[inner])
    out[outer] = np.copysign(1.0 - _complement(y[outer]), x[outer])
    return out.astype(kind, copy=False)


def _erfc(x: Array) -> Array:
    x, kind = _doubles(x)
    y, out = np.abs(x), np.empty_like(x)
    inner = y <= _INNER
    outer = ~inner
    out[inner] = 1.0 - _near(x[inner])
    right = _complement(y[outer])
    out[outer] = np.where(x[outer] < 0, 2.0 - right, right)
    return out.astype(kind, copy=False)


@operation(_erf, rule=lambda g, out, x: g * (_SLOPE * exp(-squared(x))), domain=Real(-3.5, 3.5))
def erf(x: Operand, /) -> Tensor:
    r"""Error function, element by element.

    .. math:: z = \frac{2}{\sqrt\pi} \int_0^x e^{-t^2}\,dt, \qquad
              \bar x = \bar z\, \frac{2}{\sqrt\pi} e^{-x^2}

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    Tensor
        Shape of ``x``, values in [-1, 1].

    Notes
    -----
    A primitive, as NumPy has none; right to four units in the last place. Source: Cody 1969.

    Examples
    --------
    >>> erf([0.0, 1.0]).round(3)
    array([0.   , 0.843])
    """


@operation(_erfc, rule=lambda g, out, x: -g * (_SLOPE * exp(-squared(x))), domain=Real(-3.0, 5.0))
def erfc(x: Operand, /) -> Tensor:
    r"""One minus the error function, exact where that is close to one.

    .. math:: z = \frac{2}{\sqrt\pi} \int_x^\infty e^{-t^2}\,dt, \qquad
              \bar x = -\bar z\, \frac{2}{\sqrt\pi} e^{-x^2}

    Parameters
    ----------
    x : array_like
        Any shape; above 26.5 a float64 underflows.

    Returns
    -------
    Tensor
        Shape of ``x``, values in [0, 2].

    Notes
    -----
    A primitive for stability: ``1 - erf(6)`` is 0, this is 2e-17, right to seven units in the last
    place. Source: Cody 1969.

    Examples
    --------
    >>> erfc([0.0, 6.0])
    array([1.00000000e+00, 2.15197367e-17])
    """
