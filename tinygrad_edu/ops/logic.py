"""Truth of each element, and what connects two truths. Truth has no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Operand

__all__ = ["logical_and", "logical_or", "logical_xor", "logical_not"]


def _truths(rng: np.random.Generator, *shapes: tuple[int, ...]) -> tuple[Any, dict[str, Any]]:
    """Numbers as well as booleans, a third of them 0."""
    drawn = tuple([rng.integers(-1, 2, shape).astype(float) for shape in shapes])
    return drawn if rng.random() < 0.5 else tuple([x != 0 for x in drawn]), {}


def _two(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    left, right = [((9,), (9,)), ((3, 1), (1, 3)), ((), (3,))][int(rng.integers(3))]
    return _truths(rng, left, right)


@operation(np.logical_and, samples=_two)
def logical_and(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Whether both are not zero, element by element.

    .. math:: z = [x \ne 0] \wedge [y \ne 0]

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast. Source: Iverson 1962, section 1.4.

    Examples
    --------
    >>> logical_and([True, True], [True, False])
    array([ True, False])
    """


@operation(np.logical_or, samples=_two)
def logical_or(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Whether at least one is not zero, element by element.

    .. math:: z = [x \ne 0] \vee [y \ne 0]

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast. Source: Iverson 1962, section 1.4.

    Examples
    --------
    >>> logical_or([True, False], [False, False])
    array([ True, False])
    """


@operation(np.logical_xor, samples=_two)
def logical_xor(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Whether exactly one is not zero, element by element.

    .. math:: z = [x \ne 0] \oplus [y \ne 0]

    Parameters
    ----------
    x1, x2 : array_like
        Shapes that broadcast. Source: Iverson 1962, section 1.4.

    Examples
    --------
    >>> logical_xor([True, True], [True, False])
    array([False,  True])
    """


@operation(np.logical_not, samples=lambda rng: _truths(rng, (9,)))
def logical_not(x: Operand, /) -> Tensor:
    r"""Whether it is zero, element by element.

    .. math:: z = [x = 0]

    Parameters
    ----------
    x : array_like
        Any shape. Source: Iverson 1962, section 1.4.

    Examples
    --------
    >>> logical_not([True, False])
    array([False,  True])
    """
