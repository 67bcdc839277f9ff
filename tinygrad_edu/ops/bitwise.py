"""The bits of whole numbers and truth values, with Python's operators for them; no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Operand

__all__ = [
    "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_invert", "bitwise_left_shift",
    "bitwise_right_shift",
]  # fmt: skip


def _explain(*inputs: Array) -> Exception | None:
    """Fractions have no bits to speak of; who has them usually means truth."""
    fractions = [x for x in inputs if x.dtype.kind not in "iub"]
    if not fractions:
        return None
    return errors.DTypeError(
        f"bits are those of whole numbers or truth values, got {fractions[0].dtype}",
        code="TG-S10",
        shapes=[x.shape for x in inputs],
        why="the bits of a fraction are its exponent and mantissa, not its value",
        fix="tg.logical_and(x > 0, y > 0)   # if truth is meant; x.astype(int) if whole numbers",
    )


def _pair(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    left, right = [((9,), (9,)), ((3, 1), (1, 3)), ((), (3,))][int(rng.integers(3))]
    if rng.random() < 0.3:
        return (rng.random(left) < 0.5, rng.random(right) < 0.5), {}
    return (rng.integers(-99, 99, left), rng.integers(-99, 99, right)), {}


def _shift(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape = [(9,), (3, 3), ()][int(rng.integers(3))]
    return (rng.integers(-99, 99, shape), rng.integers(0, 9, shape[:1])), {}


@operation(np.bitwise_and, samples=_pair, explain=_explain, method="__and__")
def bitwise_and(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Bits that both have, element by element; ``x1 & x2``.

    .. math:: z = \sum_k 2^k [x_k = 1 \wedge y_k = 1]

    Parameters
    ----------
    x1, x2 : array_like of int or bool
        Shapes that broadcast. Source: Knuth 2011, section 7.1.3.

    Examples
    --------
    >>> bitwise_and([6, 5], 3)
    array([2, 1])
    """


@operation(np.bitwise_or, samples=_pair, explain=_explain, method="__or__")
def bitwise_or(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Bits that at least one has, element by element; ``x1 | x2``.

    .. math:: z = \sum_k 2^k [x_k = 1 \vee y_k = 1]

    Parameters
    ----------
    x1, x2 : array_like of int or bool
        Shapes that broadcast. Source: Knuth 2011, section 7.1.3.

    Examples
    --------
    >>> bitwise_or([6, 5], 3)
    array([7, 7])
    """


@operation(np.bitwise_xor, samples=_pair, explain=_explain, method="__xor__")
def bitwise_xor(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Bits that exactly one has, element by element; ``x1 ^ x2``.

    .. math:: z = \sum_k 2^k [x_k \ne y_k]

    Parameters
    ----------
    x1, x2 : array_like of int or bool
        Shapes that broadcast. Source: Knuth 2011, section 7.1.3.

    Examples
    --------
    >>> bitwise_xor([6, 5], 3)
    array([5, 6])
    """


@operation(
    np.bitwise_invert,
    samples=lambda rng: (_pair(rng)[0][:1], {}),
    explain=_explain,
    method="__invert__",
)
def bitwise_invert(x: Operand, /) -> Tensor:
    r"""All bits turned over, the sign's too; of a truth value the other one; ``~x``.

    .. math:: z = -x - 1

    Parameters
    ----------
    x : array_like of int or bool
        Any shape. Source: Knuth 2011, section 7.1.3.

    Examples
    --------
    >>> bitwise_invert([0, 5]), bitwise_invert([True])
    (array([-1, -6]), array([False]))
    """


@operation(np.bitwise_left_shift, samples=_shift, explain=_explain, method="__lshift__")
def bitwise_left_shift(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Bits moved to the left, element by element; ``x1 << x2``.

    .. math:: z = 2^y x

    Parameters
    ----------
    x1 : array_like of int
        What is moved; what leaves the type at its left end is lost.
    x2 : array_like of int
        By how many places, at least 0; shapes broadcast.

    Notes
    -----
    Source: Knuth 2011, section 7.1.3.

    Examples
    --------
    >>> bitwise_left_shift([1, -3], 2)
    array([  4, -12])
    """


@operation(np.bitwise_right_shift, samples=_shift, explain=_explain, method="__rshift__")
def bitwise_right_shift(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Bits moved to the right, keeping the sign, element by element; ``x1 >> x2``.

    .. math:: z = \lfloor 2^{-y} x \rfloor

    Parameters
    ----------
    x1 : array_like of int
        What is moved.
    x2 : array_like of int
        By how many places, at least 0; shapes broadcast.

    Notes
    -----
    Source: Knuth 2011, section 7.1.3.

    Examples
    --------
    >>> bitwise_right_shift([5, -5], 1)
    array([ 2, -3])
    """
