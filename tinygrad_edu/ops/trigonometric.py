"""Circular functions and their inverses, element by element, in radians.

References: DLMF 4.21 and 4.24 for the derivatives, unless a docstring names another.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Array, Operand
from .arithmetic import multiply
from .comparison import where
from .powers import sqrt

__all__ = [
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "hypot", "sinc", "deg2rad", "rad2deg",
    "arcsin", "arccos", "arctan", "arctan2",
]  # fmt: skip

_NO_DIRECTION = "the origin has no direction; 0 leaves a point there at rest, where 0/0 is NaN"


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
    rule=lambda g, out, x: g / sqrt((1.0 - x) * (1.0 + x)),
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
    Source: DLMF 4.24.13.

    Examples
    --------
    >>> asin([0.0, 1.0]).round(3)
    array([0.   , 1.571])
    """


@operation(
    np.arccos,
    rule=lambda g, out, x: -g / sqrt((1.0 - x) * (1.0 + x)),
    domain=Real(-0.95, 0.95),
    kinks=_ends(-1.0),
)
def acos(x: Operand, /) -> Tensor:
    r"""Angle in [0, pi] whose cosine is given; also ``arccos``.

    .. math:: z = \arccos x, \qquad \bar x = -\bar z / \sqrt{(1 - x)(1 + x)}

    Parameters
    ----------
    x : array_like
        Any shape, in [-1, 1]; elsewhere NaN. Source: DLMF 4.24.14.

    Examples
    --------
    >>> acos([1.0, 0.0]).round(3)
    array([0.   , 1.571])
    """


@operation(np.arctan, rule=lambda g, out, x: g / (1.0 + x * x), domain=Real(-4.0, 4.0))
def atan(x: Operand, /) -> Tensor:
    r"""Angle in [-pi/2, pi/2] whose tangent is given; also ``arctan``.

    .. math:: z = \arctan x, \qquad \bar x = \bar z / (1 + x^2)

    Parameters
    ----------
    x : array_like
        Any shape. Source: DLMF 4.24.15.

    Examples
    --------
    >>> atan([0.0, 1.0]).round(3)
    array([0.   , 0.785])
    """


def _over_length(leg: Any, r: Any) -> Any:
    """A leg in units of the length; 0 at the origin."""
    return leg / where(r == 0, 1.0, r)


@operation(
    np.hypot,
    rule=(
        lambda g, out, x1, x2: g * _over_length(x1, out),
        lambda g, out, x1, x2: g * _over_length(x2, out),
    ),
    domain=(Real(), Real()),
    kinks=Kink(
        "x = y = 0",
        "0 and 0",
        _NO_DIRECTION,
        at=(0.0, 0.0),
        gives=(0.0, 0.0),
        torch=(np.nan, np.nan),
        jax=(0.5, 0.5),
    ),
)
def hypot(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Length of the vector with two given legs, without overflow of their squares.

    .. math:: z = \sqrt{x^2 + y^2}, \qquad \bar x = \bar z\, x / z, \quad \bar y = \bar z\, y / z

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Notes
    -----
    At the origin the derivative is 0, the middle of the subdifferential (Clarke 1983, section
    2.1). Source: Moler and Morrison 1983, section 1.

    Examples
    --------
    >>> hypot([3.0, 5e300], [4.0, 12e300])
    array([5.0e+000, 1.3e+301])
    """


def _left_half(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Points off the cut and left of the height axis or on it; the domain has the right half."""
    height = rng.uniform(0.3, 3.0, (2, 3)) * rng.choice([-1.0, 1.0], (2, 3))
    return (height, -rng.uniform(0.3, 3.0, (2, 3)) * [0.0, 1.0, 1.0]), {}


@operation(
    np.arctan2,
    rule=(
        lambda g, out, x1, x2: g * _over_square(x2, hypot(x1, x2)),
        lambda g, out, x1, x2: -g * _over_square(x1, hypot(x1, x2)),
    ),
    domain=(Real(), Real(0.3, 3.0)),
    samples=_left_half,
    kinks=Kink(
        "x = y = 0",
        "0 and 0",
        _NO_DIRECTION,
        at=(0.0, 0.0),
        gives=(0.0, 0.0),
        torch=(0.0, 0.0),
        jax=(np.nan, np.nan),
    ),
)
def atan2(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Angle in [-pi, pi] of a point given its height and its width; also ``arctan2``.

    .. math:: z = \operatorname{atan2}(y, x), \qquad
              \bar y = \bar z \frac{x}{x^2 + y^2}, \quad \bar x = -\bar z \frac{y}{x^2 + y^2}

    Parameters
    ----------
    x1 : array_like
        Height y.
    x2 : array_like
        Width x, in a shape that broadcasts with that of ``x1``.

    Notes
    -----
    The angle jumps by a full turn across the left half of the width axis; its derivative does not.
    Divided twice by the length, nothing overflows that the gradient does not. Source: DLMF 4.23.36
    and 4.24.15.

    Examples
    --------
    >>> atan2([1.0, -1.0], [-1.0, 1.0]).round(3)
    array([ 2.356, -0.785])
    """


def _over_square(leg: Any, r: Any) -> Any:
    return _over_length(_over_length(leg, r), r)


def _sinc(x: Array, *, order: int = 0) -> Array:
    """Derivatives of sin(z)/z at z = pi x, with respect to x.

    From z s = sin z follows z s_n + n s_(n-1) = sin(z + n pi/2). Near 0 that cancels, and the
    power series does not.
    """
    kind = x.dtype if x.dtype.kind == "f" else np.dtype(float)
    z = math.pi * x.astype(np.float64)
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


def deg2rad(x: Operand, /) -> Tensor:
    r"""Degrees as radians.

    .. math:: z = \pi x / 180

    Parameters
    ----------
    x : array_like
        Any shape. Source: DLMF 4.2.

    Examples
    --------
    >>> deg2rad([180.0, 90.0]).round(3)
    array([3.142, 1.571])
    """
    return multiply(x, math.pi / 180.0)


def rad2deg(x: Operand, /) -> Tensor:
    r"""Radians as degrees.

    .. math:: z = 180 x / \pi

    Parameters
    ----------
    x : array_like
        Any shape.

    Examples
    --------
    >>> rad2deg([np.pi, 1.0]).round(3)
    array([180.   ,  57.296])
    """
    return multiply(x, 180.0 / math.pi)


arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
