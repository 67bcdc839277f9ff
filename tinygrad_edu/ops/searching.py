"""Questions about all elements along an axis whose answers have no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Axis, Operand

__all__ = ["all", "any", "argmax", "argmin", "count_nonzero"]


def _rows(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape, axis = [((2, 3), 1), ((3, 2, 2), -2), ((3,), None), ((2, 2), 0)][int(rng.integers(4))]
    return (rng.normal(size=shape),), {"axis": axis, "keepdims": bool(rng.integers(2))}


@operation(np.argmax, samples=_rows)
def argmax(x: Operand, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    r"""Position of the largest element along an axis, the first of ties; no derivative.

    .. math:: z = \operatorname*{arg\,max}_i x_i

    Parameters
    ----------
    x : array_like
        Any shape with at least one element.
    axis : int or None
        Along which; all elements by default.
    keepdims : bool
        Leave the axes in with length one. Source: Array API 2024.12, ``argmax``.

    Examples
    --------
    >>> argmax([1.0, 3.0, 2.0])
    array(1)
    """


@operation(np.argmin, samples=_rows)
def argmin(x: Operand, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    r"""Position of the smallest element along an axis, the first of ties; no derivative.

    .. math:: z = \operatorname*{arg\,min}_i x_i

    Parameters
    ----------
    x : array_like
        Any shape with at least one element.
    axis : int or None
        Along which; all elements by default.
    keepdims : bool
        Leave the axes in with length one. Source: Array API 2024.12, ``argmin``.

    Examples
    --------
    >>> argmin([1.0, 3.0, 0.0])
    array(2)
    """


@operation(np.any, samples=_rows, method="any")
def any(x: Operand, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    r"""Whether any element along the axes is not zero; no derivative.

    .. math:: z = \bigvee_i [x_i \ne 0]

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int, tuple of int or None
        Axes to ask along; all elements by default.
    keepdims : bool
        Leave the axes in with length one. Source: Array API 2024.12, ``any``.

    Examples
    --------
    >>> any([0.0, 1.0])
    array(True)
    """


@operation(np.all, samples=_rows, method="all")
def all(x: Operand, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    r"""Whether every element along the axes is not zero; no derivative.

    .. math:: z = \bigwedge_i [x_i \ne 0]

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int, tuple of int or None
        Axes to ask along; all elements by default.
    keepdims : bool
        Leave the axes in with length one. Source: Array API 2024.12, ``all``.

    Examples
    --------
    >>> all([0.0, 1.0])
    array(False)
    """


@operation(
    lambda x, *, axis=None, keepdims=False: np.asarray(
        np.count_nonzero(x, axis=axis, keepdims=keepdims)
    ),
    samples=_rows,
)
def count_nonzero(x: Operand, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    r"""How many elements along the axes are not zero; no derivative.

    .. math:: z = \#\{i : x_i \ne 0\}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int, tuple of int or None
        Axes to count along; all by default.
    keepdims : bool
        Leave the axes in with length one. Source: Array API 2024.12, ``count_nonzero``.

    Examples
    --------
    >>> count_nonzero([[0.0, 1.0], [2.0, 3.0]], axis=0)
    array([1, 2])
    """
