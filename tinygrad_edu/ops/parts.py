"""Real and imaginary part and conjugate: what code for the Array API asks of any number.

Of real numbers they are trivial and differentiate; of complex ones they give values only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import numbers
from ..autodiff.tensor import Tensor, constant
from ..types import Array, Operand
from .comparison import where

__all__ = ["real", "imag", "conj"]


def real(x: Operand, /) -> Tensor:
    r"""Real part, element by element.

    .. math:: z = \operatorname{Re} x, \qquad \bar x = \bar z \text{ of real } x

    Parameters
    ----------
    x : array_like
        Any shape. Real numbers are returned as they are.

    Notes
    -----
    Source: DLMF 1.9.2.

    Examples
    --------
    >>> real([1 + 2j, 3.0])
    array([1., 3.])
    """
    return _of_complex(np.real, x, lambda same: same)


def imag(x: Operand, /) -> Tensor:
    r"""Imaginary part, element by element.

    .. math:: z = \operatorname{Im} x, \qquad \bar x = 0 \text{ of real } x

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    Source: DLMF 1.9.2.

    Examples
    --------
    >>> imag([1 + 2j, 3.0])
    array([2., 0.])
    """
    return _of_complex(np.imag, x, _nothing)


def conj(x: Operand, /) -> Tensor:
    r"""Complex conjugate, element by element.

    .. math:: z = \operatorname{Re} x - i \operatorname{Im} x, \qquad
              \bar x = \bar z \text{ of real } x

    Parameters
    ----------
    x : array_like
        Any shape. Real numbers are returned as they are.

    Notes
    -----
    Source: DLMF 1.9.11.

    Examples
    --------
    >>> conj([1 + 2j, 3.0])
    array([1.-2.j, 3.-0.j])
    """
    return _of_complex(np.conj, x, lambda same: same)


def _nothing(x: Any) -> Any:
    """Zeros that are connected to ``x``, whatever it is: 0 times infinity would be NaN."""
    return where(np.False_, x, np.zeros((), x.dtype))


def _of_complex(forward: Any, x: Operand, otherwise: Any) -> Any:
    value: Array = x._data if isinstance(x, Tensor) else numbers(x)
    if value.dtype.kind != "c":
        return otherwise(x if isinstance(x, Tensor) else value)
    found = np.array(forward(value))  # not a view of numbers that may change
    return constant(found) if isinstance(x, Tensor) else found
