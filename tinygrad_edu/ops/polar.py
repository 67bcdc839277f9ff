"""Lengths and angles of points in the plane, element by element.

References: DLMF 4.23 and 4.24.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import reals
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Operand
from .arithmetic import multiply
from .axes import held
from .comparison import where
from .shape import astype

__all__ = ["hypot", "atan2", "arctan2", "deg2rad", "rad2deg"]

_NO_DIRECTION = "the origin has no direction; 0 leaves a point there at rest, where 0/0 is NaN"


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
    and 4.24.9.

    Examples
    --------
    >>> atan2([1.0, -1.0], [-1.0, 1.0]).round(3)
    array([ 2.356, -0.785])
    """


def _over_square(leg: Any, r: Any) -> Any:
    return _over_length(_over_length(leg, r), r)


def _angle(x: Operand) -> Any:
    """As floats of the type that NumPy takes for whole numbers of this one; complex is refused."""
    x = held(x)
    if x.dtype.kind in "iub":
        return astype(x, np.deg2rad(np.zeros((), x.dtype)).dtype)
    reals(x)
    return x


def deg2rad(x: Operand, /) -> Tensor:
    r"""Degrees as radians.

    .. math:: z = \pi x / 180

    Parameters
    ----------
    x : array_like
        Any shape. Source: ISO 80000-3:2019, item 3-5.

    Examples
    --------
    >>> deg2rad([180.0, 90.0]).round(3)
    array([3.142, 1.571])
    """
    return multiply(_angle(x), math.pi / 180.0)


def rad2deg(x: Operand, /) -> Tensor:
    r"""Radians as degrees.

    .. math:: z = 180 x / \pi

    Parameters
    ----------
    x : array_like
        Any shape. Source: ISO 80000-3:2019, item 3-5.

    Examples
    --------
    >>> rad2deg([np.pi, 1.0]).round(3)
    array([180.   ,  57.296])
    """
    return multiply(_angle(x), 180.0 / math.pi)


arctan2 = atan2
