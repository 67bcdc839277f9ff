"""Activation functions without a corner, element by element."""

from __future__ import annotations

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Real
from ..types import Array, Operand

__all__ = ["sigmoid"]


def _sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))  # never overflows
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


@operation(_sigmoid, rule=lambda g, out, x: g * out * (1.0 - out), domain=Real(-6.0, 6.0))
def sigmoid(x: Operand, /) -> Tensor:
    r"""Logistic function, element by element.

    .. math:: z = \frac{1}{1 + e^{-x}} = \frac{e^x}{1 + e^x},
              \qquad \bar x = \bar z\, z (1 - z)

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    Tensor
        Shape of ``x``, values in [0, 1].

    Notes
    -----
    The first form is used right of 0 and the second left of it, so nothing overflows and small
    values keep all their digits. Source: Goodfellow, Bengio, Courville 2016, section 3.10.

    Examples
    --------
    >>> sigmoid([0.0, 1000.0, -1000.0])
    array([0.5, 1. , 0. ])
    """
