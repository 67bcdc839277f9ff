"""What a floating-point number is and what it has: finite, NaN, a sign, a neighbour."""

from __future__ import annotations

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Operand
from .arithmetic import sign

__all__ = ["isfinite", "isinf", "isnan", "signbit", "copysign", "nextafter"]


@operation(np.isfinite, domain=Real())
def isfinite(x: Operand, /) -> Tensor:
    r"""Whether each element is neither infinite nor NaN.

    .. math:: z = [|x| < \infty]

    Parameters
    ----------
    x : array_like
        Any shape. Source: IEEE 754-2019, section 5.7.2.

    Examples
    --------
    >>> isfinite([1.0, float("inf")])
    array([ True, False])
    """


@operation(np.isinf, domain=Real())
def isinf(x: Operand, /) -> Tensor:
    r"""Whether each element is infinite, of either sign.

    .. math:: z = [|x| = \infty]

    Parameters
    ----------
    x : array_like
        Any shape. Source: IEEE 754-2019, section 5.7.2.

    Examples
    --------
    >>> isinf([1.0, -float("inf")])
    array([False,  True])
    """


@operation(np.isnan, domain=Real())
def isnan(x: Operand, /) -> Tensor:
    r"""Whether each element is not a number: the one value that differs from itself.

    .. math:: z = [x \ne x]

    Parameters
    ----------
    x : array_like
        Any shape. Source: IEEE 754-2019, section 5.7.2.

    Examples
    --------
    >>> isnan([1.0, float("nan")])
    array([False,  True])
    """


@operation(np.signbit, domain=Real())
def signbit(x: Operand, /) -> Tensor:
    r"""Whether each element has a minus sign; -0.0 has one.

    .. math:: z = [x < 0] \vee [x = -0]

    Parameters
    ----------
    x : array_like
        Any shape. Source: IEEE 754-2019, section 5.7.2.

    Examples
    --------
    >>> signbit([1.0, -0.0])
    array([False,  True])
    """


@operation(
    np.copysign,
    rule=(lambda g, out, x1, x2: g * (sign(x1) * sign(out)), None),
    domain=(Real(exclude=(0.0,)), Real()),
    kinks=Kink(
        "x = 0",
        "0",
        "the middle of the slopes -1 and 1, as for abs",
        at=([0.0, 0.0], [1.0, -1.0]),
        gives=([0.0, 0.0], None),
        torch=([0.0, 0.0], [0.0, 0.0]),
        jax=([1.0, -1.0], [0.0, 0.0]),
    ),
)
def copysign(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Size of the first, with the sign of the second, element by element.

    .. math:: z = |x| \operatorname{sign} y, \qquad
              \bar x = \bar z \operatorname{sign}(x) \operatorname{sign}(z)

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast. The sign of -0.0 is minus.

    Notes
    -----
    Piecewise constant in the second argument, so without a derivative there. Source: IEEE 754-2019,
    section 5.5.1.

    Examples
    --------
    >>> copysign([1.0, 2.0], [-3.0, 0.0])
    array([-1.,  2.])
    """


@operation(np.nextafter, domain=(Real(), Real()))
def nextafter(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Neighbour of the first among the numbers of its type, on the way to the second.

    .. math:: z = \min \{ v : v > x \} \text{ where } x < y, \quad
              \max \{ v : v < x \} \text{ where } x > y, \quad y \text{ else}

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Notes
    -----
    It counts representable numbers, of which there are finitely many: without a derivative.
    Source: IEEE 754-2019, section 5.3.1.

    Examples
    --------
    >>> nextafter([1.0], 2.0) - 1.0
    array([2.22044605e-16])
    """
