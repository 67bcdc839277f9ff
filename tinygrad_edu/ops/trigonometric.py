"""Circular functions and their inverses, element by element, in radians.

References: DLMF 4.21 and 4.24 for the derivatives, unless a docstring names another.
"""

from __future__ import annotations

import math

import numpy as np

from ..arrays import floats
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Array, Operand
from .powers import squared

__all__ = ["sin", "cos", "tan", "asin", "acos", "atan", "sinc", "arcsin", "arccos", "arctan"]


def _ends(sign: float) -> Kink:
    infinite = sign * np.inf
    return Kink(
        "|x| = 1",
        "minus infinite" if sign < 0 else "infinite",
        "the slope grows without bound",
        at=([1.0, -1.0],),
        gives=([infinite, infinite],),
        torch=([infinite, infinite],),
        jax=([infinite, infinite],),
    )


def _inside_power(x: Array, *, power: float = 0.5) -> Array:
    inside = (1.0 - x) * (1.0 + x)
    return np.asarray(1.0 / np.sqrt(inside) if power == 0.5 else inside**-power)


@operation(
    _inside_power,
    rule=lambda g, out, x, power: g * (2.0 * power) * x * inside_power(x, power=power + 1.0),
    domain=Real(-0.9, 0.9),
    samples=lambda rng: ((rng.uniform(-0.9, 0.9, 3),), {"power": (0.5, 1.0)[rng.integers(2)]}),
)
def inside_power(x: Operand, /, *, power: float = 0.5) -> Tensor:
    r"""The slopes of asin and atanh: a family closed under differentiation.

    .. math:: z = \bigl((1 - x)(1 + x)\bigr)^{-p}, \qquad
              \bar x = 2 p x \bar z\, \bigl((1 - x)(1 + x)\bigr)^{-p - 1}

    Notes
    -----
    A primitive for stability: the difference of the slopes of both factors loses a small ``x``.

    Examples
    --------
    >>> inside_power([0.0, 0.6])
    array([1.  , 1.25])
    """


@operation(np.sin, rule=lambda g, out, x: g * cos(x), domain=Real(-4.0, 4.0))
def sin(x: Operand, /) -> Tensor:
    r"""Sine, element by element.

    .. math:: z = \sin x, \qquad \bar x = \bar z \cos x

    Parameters
    ----------
    x : array_like
        Any shape, in radians. Source: DLMF 4.20.1.

    Examples
    --------
    >>> sin([0.0, 1.0]).round(3)
    array([0.   , 0.841])
    """


@operation(np.cos, rule=lambda g, out, x: -g * sin(x), domain=Real(-4.0, 4.0))
def cos(x: Operand, /) -> Tensor:
    r"""Cosine, element by element.

    .. math:: z = \cos x, \qquad \bar x = -\bar z \sin x

    Parameters
    ----------
    x : array_like
        Any shape, in radians. Source: DLMF 4.20.2.

    Examples
    --------
    >>> cos([0.0, 1.0]).round(3)
    array([1.  , 0.54])
    """


@operation(np.tan, rule=lambda g, out, x: g + g * out * out, domain=Real(-1.2, 1.2))
def tan(x: Operand, /) -> Tensor:
    r"""Tangent, element by element.

    .. math:: z = \tan x, \qquad \bar x = \bar z + \bar z z^2

    Parameters
    ----------
    x : array_like
        Any shape, in radians. No float64 is an exact pole. Source: DLMF 4.20.3.

    Examples
    --------
    >>> tan([0.0, 1.0]).round(3)
    array([0.   , 1.557])
    """


@operation(
    np.arcsin,
    rule=lambda g, out, x: g * inside_power(x),
    domain=Real(-0.95, 0.95),
    kinks=_ends(1.0),
)
def asin(x: Operand, /) -> Tensor:
    r"""Angle in [-pi/2, pi/2] whose sine is given; also ``arcsin``.

    .. math:: z = \arcsin x, \qquad \bar x = \bar z / \sqrt{(1 - x)(1 + x)}

    Parameters
    ----------
    x : array_like
        Any shape, in [-1, 1]; elsewhere NaN.

    Notes
    -----
    The product of two differences keeps digits near the ends that ``1 - x**2`` would cancel.
    Source: DLMF 4.24.7.

    Examples
    --------
    >>> asin([0.0, 1.0]).round(3)
    array([0.   , 1.571])
    """


@operation(
    np.arccos,
    rule=lambda g, out, x: -g * inside_power(x),
    domain=Real(-0.95, 0.95),
    kinks=_ends(-1.0),
)
def acos(x: Operand, /) -> Tensor:
    r"""Angle in [0, pi] whose cosine is given; also ``arccos``.

    .. math:: z = \arccos x, \qquad \bar x = -\bar z / \sqrt{(1 - x)(1 + x)}

    Parameters
    ----------
    x : array_like
        Any shape, in [-1, 1]; elsewhere NaN. Source: DLMF 4.24.8.

    Examples
    --------
    >>> acos([1.0, 0.0]).round(3)
    array([0.   , 1.571])
    """


@operation(np.arctan, rule=lambda g, out, x: g / (1.0 + squared(x)), domain=Real(-4.0, 4.0))
def atan(x: Operand, /) -> Tensor:
    r"""Angle in [-pi/2, pi/2] whose tangent is given; also ``arctan``.

    .. math:: z = \arctan x, \qquad \bar x = \bar z / (1 + x^2)

    Parameters
    ----------
    x : array_like
        Any shape. Source: DLMF 4.24.9.

    Examples
    --------
    >>> atan([0.0, 1.0]).round(3)
    array([0.   , 0.785])
    """


def _sinc(x: Array, *, order: int = 0) -> Array:
    """Derivatives of sin(z)/z at z = pi x, with respect to x.

    From z s = sin z follows z s_n + n s_(n-1) = sin(z + n pi/2). Near 0 that cancels, and the
    power series does not.
    """
    kind = x.dtype if x.dtype.kind == "f" else np.dtype(float)
    z = math.pi * floats(x).astype(np.float64)
    near = np.abs(z) < 2.0 + order / 3.0
    far, s = np.where(near, 4.0, z), np.zeros(x.shape)
    for n in range(order + 1):
        s = ((np.sin, np.cos)[n % 2](far) * (-1.0) ** (n // 2) - n * s) / far
    z = np.where(near, z, 0.0)
    first = order + order % 2  # the lowest even power that is left after differentiating
    term = (-1.0) ** (first // 2) / (first + 1) * z ** (first - order)
    series = np.zeros(x.shape)
    for k in range(first, first + 40, 2):
        series += term
        term = term * (-z * z * (k + 1) / ((k + 3) * (k + 1 - order) * (k + 2 - order)))
    return np.asarray(math.pi**order * np.where(near, series, s), kind)


@operation(
    _sinc,
    rule=lambda g, out, x, order: g * _sinc_derivative(x, order=order + 1),
    samples=lambda rng: ((rng.uniform(-3.0, 3.0, (2, 3)),), {"order": int(rng.integers(1, 5))}),
)
def _sinc_derivative(x: Operand, /, *, order: int = 0) -> Tensor:
    r"""Derivative of ``sinc`` of any order: a family closed under differentiation.

    .. math:: z = \pi^n \int_0^1 t^n \cos(\pi x t + n \pi / 2)\,dt, \qquad
              \bar x = \bar z\,\operatorname{sinc}^{(n + 1)}(x)
    """


@operation(_sinc, rule=lambda g, out, x: g * _sinc_derivative(x, order=1), domain=Real(-3.0, 3.0))
def sinc(x: Operand, /) -> Tensor:
    r"""Sine of pi x over pi x, element by element; 1 at 0.

    .. math:: z = \frac{\sin \pi x}{\pi x}, \qquad \bar x = \bar z\,\operatorname{sinc}'(x)

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    A primitive for stability: near 0 the difference in :math:`(\cos \pi x - z)/x` cancels, so all
    derivatives are power series there, and exact at 0: 0, then :math:`-\pi^2/3`. Source: DLMF
    10.49.3, 10.51.2.

    Examples
    --------
    >>> sinc([0.0, 0.5]).round(3)
    array([1.   , 0.637])
    """


arcsin, arccos, arctan = asin, acos, atan
