"""Whole numbers near an element. All are piecewise constant, so none has a derivative.

A rule of zeros would hide that nothing is learned through them. Asked for a gradient, they say why
there is none; ``unconnected="zero"`` gives the zeros. To pass it straight through (Bengio, Leonard,
Courville 2013), write ``x + tg.stop_gradient(tg.round(x) - x)``.
"""

from __future__ import annotations

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Real
from ..types import Operand

__all__ = ["floor", "ceil", "trunc", "round"]


@operation(np.floor, domain=Real())
def floor(x: Operand, /) -> Tensor:
    r"""Largest whole number not above each element; piecewise constant, so without a derivative.

    .. math:: z = \lfloor x \rfloor

    Parameters
    ----------
    x : array_like
        Any shape; whole numbers stay of their type. Source: Graham, Knuth, Patashnik 1994, 3.1.

    Examples
    --------
    >>> floor([-0.5, 1.5])
    array([-1.,  1.])
    """


@operation(np.ceil, domain=Real())
def ceil(x: Operand, /) -> Tensor:
    r"""Smallest whole number not below each element; piecewise constant, so without a derivative.

    .. math:: z = \lceil x \rceil

    Parameters
    ----------
    x : array_like
        Any shape; whole numbers stay of their type. Source: Graham, Knuth, Patashnik 1994, 3.1.

    Examples
    --------
    >>> ceil([-0.5, 1.5])
    array([-0.,  2.])
    """


@operation(np.trunc, domain=Real())
def trunc(x: Operand, /) -> Tensor:
    r"""Whole part of each element, towards 0; piecewise constant, so without a derivative.

    .. math:: z = \operatorname{sign}(x) \lfloor |x| \rfloor

    Parameters
    ----------
    x : array_like
        Any shape; whole numbers stay of their type. Source: IEEE 754-2019, section 5.9.

    Examples
    --------
    >>> trunc([-1.5, 1.5])
    array([-1.,  1.])
    """


@operation(
    np.round,
    samples=lambda rng: ((rng.normal(size=(2, 3)) * 9.0,), {"decimals": int(rng.integers(-1, 3))}),
)
def round(x: Operand, /, decimals: int = 0) -> Tensor:
    r"""Nearest number with so many decimals, the even one of two; without a derivative.

    .. math:: z = 10^{-d} \operatorname{rint}(10^d x)

    Parameters
    ----------
    x : array_like
        Any shape.
    decimals : int
        Digits behind the point; below 0, zeros before it.

    Notes
    -----
    Piecewise constant. Source: IEEE 754-2019, section 5.9, roundTiesToEven.

    Examples
    --------
    >>> round([0.5, 1.5, 2.6])
    array([0., 2., 3.])
    """
