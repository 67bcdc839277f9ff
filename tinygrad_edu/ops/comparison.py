"""Comparisons and choice, element by element. Truth values have no derivative.

References: Array API 2024.12 for the meanings; Knuth 1992, "Two notes on notation", for brackets.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Real
from ..types import Array, Operand

__all__ = [
    "equal",
    "not_equal",
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "where",
    "heaviside",
]

_BOTH = (Real(), Real())


@operation(np.equal, domain=_BOTH)
def equal(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Whether two are equal, element by element.

    .. math:: z = [x = y]

    Notes
    -----
    Source: IEEE 754-2019, section 5.11.

    Examples
    --------
    >>> equal([1.0, 2.0], 2.0)
    array([False,  True])
    """


@operation(np.not_equal, domain=_BOTH)
def not_equal(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Whether two differ, element by element.

    .. math:: z = [x \ne y]

    Notes
    -----
    Source: IEEE 754-2019, section 5.11.

    Examples
    --------
    >>> not_equal([1.0, 2.0], 2.0)
    array([ True, False])
    """


@operation(np.less, domain=_BOTH, method="__lt__")
def less(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Whether the first is smaller, element by element.

    .. math:: z = [x < y]

    Notes
    -----
    Source: IEEE 754-2019, section 5.11.

    Examples
    --------
    >>> less([1.0, 2.0], 2.0)
    array([ True, False])
    """


@operation(np.less_equal, domain=_BOTH, method="__le__")
def less_equal(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Whether the first is smaller or equal, element by element.

    .. math:: z = [x \le y]

    Notes
    -----
    Source: IEEE 754-2019, section 5.11.

    Examples
    --------
    >>> less_equal([1.0, 3.0], 2.0)
    array([ True, False])
    """


@operation(np.greater, domain=_BOTH, method="__gt__")
def greater(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Whether the first is larger, element by element.

    .. math:: z = [x > y]

    Notes
    -----
    Source: IEEE 754-2019, section 5.11.

    Examples
    --------
    >>> greater([1.0, 3.0], 2.0)
    array([False,  True])
    """


@operation(np.greater_equal, domain=_BOTH, method="__ge__")
def greater_equal(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Whether the first is larger or equal, element by element.

    .. math:: z = [x \ge y]

    Notes
    -----
    Source: IEEE 754-2019, section 5.11.

    Examples
    --------
    >>> greater_equal([1.0, 2.0], 2.0)
    array([False,  True])
    """


def _where_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shapes = [
        ((2, 3), (3,), (2, 1)), ((2, 3), (2, 3), (2, 3)), ((2, 3), (), (2, 3)), ((), (), ()),
        ((), (3,), (3,)), ((2, 1), (2, 1), (2, 1)), ((2, 1), (1, 3), ()), ((1,), (1,), (1,)),
    ]  # fmt: skip
    condition, left, right = shapes[int(rng.integers(len(shapes)))]
    return (rng.random(condition) < 0.5, rng.normal(size=left), rng.normal(size=right)), {}


def _where(condition: Array, x1: Array, x2: Array) -> Array:
    return np.where(condition, x1, x2)  # which on its own would also take one argument


@operation(
    _where,
    rule=(
        None,
        lambda g, out, condition, x1, x2: where(condition, g, 0.0),
        lambda g, out, condition, x1, x2: where(condition, 0.0, g),
    ),
    broadcasts=True,
    samples=_where_samples,
)
def where(condition: Operand, x1: Operand, x2: Operand, /) -> Tensor:
    r"""The second argument where the condition holds, else the third.

    .. math:: z = c\,x + (1 - c)\,y, \qquad \bar x = c\,\bar z, \quad \bar y = (1 - c)\,\bar z

    Parameters
    ----------
    condition : array_like of bool
        Any shape that broadcasts with the others.
    x1, x2 : array_like
        Shapes that broadcast.

    Notes
    -----
    Both branches are computed before the choice. If the one not taken has an infinite derivative,
    0 times infinity is NaN: clean its argument first, ``sqrt(where(x > 0, x, 1))``. Source:
    Griewank and Walther 2008, chapter 14.

    Examples
    --------
    >>> where([True, False], 1.0, [5.0, 6.0])
    array([1., 6.])
    """


@operation(
    np.heaviside,
    rule=(None, lambda g, out, x1, x2: where(x1 == 0, g, 0.0)),
    domain=(Real(), Real()),
    samples=lambda rng: ((rng.integers(-1, 2, (3, 4)) * 1.0, rng.normal(size=4)), {}),
)
def heaviside(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Step from 0 to 1 at 0, where it takes the second argument.

    .. math:: z = [x > 0] + [x = 0]\, y, \qquad \bar y = [x = 0]\, \bar z

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast.

    Notes
    -----
    Piecewise constant in the first argument, so without a derivative there. Source: DLMF 1.16.13.

    Examples
    --------
    >>> heaviside([-2.0, 0.0, 3.0], 0.5)
    array([0. , 0.5, 1. ])
    """


_COMPARABLE = (Tensor, np.ndarray, np.generic, int, float, complex, list, tuple)


def _eq(x: Tensor, other: Any) -> Any:
    """Element by element with numbers; against anything else Python decides, as ``== None``."""
    return equal(x, other) if isinstance(other, _COMPARABLE) else NotImplemented


def _ne(x: Tensor, other: Any) -> Any:
    return not_equal(x, other) if isinstance(other, _COMPARABLE) else NotImplemented


Tensor.__eq__ = _eq  # type: ignore
Tensor.__ne__ = _ne  # type: ignore
