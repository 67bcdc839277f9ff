"""Activation functions made of straight pieces and exponential tails, element by element."""

from __future__ import annotations

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Array, Operand

__all__ = ["relu"]


def _relu(x: Array) -> Array:
    return np.maximum(x, np.zeros((), x.dtype))


@operation(
    _relu,
    rule=lambda g, out, x: g * (out > 0),
    domain=Real(-3.0, 3.0, exclude=(0.0,)),
    kinks=Kink(
        "x = 0",
        "0",
        "an idle unit stays idle; the choice of every large framework",
        at=(0.0,),
        gives=(0.0,),
    ),
)
def relu(x: Operand, /) -> Tensor:
    r"""Rectified linear unit, element by element.

    .. math:: z = \max(x, 0), \qquad \bar x = \bar z\,[z > 0]

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    At 0 the derivative is 0. Source: Nair and Hinton 2010, section 2.

    Examples
    --------
    >>> relu([-1.0, 2.0])
    array([0., 2.])
    """
