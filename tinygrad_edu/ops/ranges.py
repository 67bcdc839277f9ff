"""Tensors made from numbers by a pattern: ranges, the identity, indicators of classes.

References: Array API 2024.12, creation functions; Bishop 2006, section 2.2, for ``one_hot``.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..arrays import number_type, numbers
from ..autodiff.tensor import Tensor
from ..errors import ArgumentError, DTypeError, IndexingError, SignatureError
from ..mode import is_grad_enabled
from ..types import Operand
from .creation import _new

__all__ = ["arange", "linspace", "eye", "one_hot"]


def arange(
    start: float,
    /,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""Evenly spaced numbers from a start, up to and without a stop.

    .. math:: z_i = a + i h, \qquad i < (b - a) / h

    Parameters
    ----------
    start : number
        The first; with no ``stop``, the stop, and the first is 0.
    stop : number, optional
        Not reached.
    step : number, not 0
        From one to the next.
    dtype : dtype, optional
        By default int64, and float64 if any of the numbers is a float.
    device : str, optional
        Only ``"cpu"``.
    requires_grad : bool
        Whether gradients flow into it.

    Notes
    -----
    With a fractional step the length depends on rounding: ``linspace`` does not.

    Examples
    --------
    >>> arange(1, 7, 2)
    Tensor([1, 3, 5], dtype=int64)
    """
    first, last = (0, start) if stop is None else (start, stop)
    given = [_number(x, "arange") for x in (first, last, step)]
    if given[2] == 0:
        raise ArgumentError("arange with a step of 0 never ends", fix="tg.arange(0, 10, 1)")
    if not all(np.isfinite(x) for x in given):
        raise ArgumentError(f"arange needs finite numbers, got {given}", fix="tg.arange(0, 10, 1)")
    return _new(np.arange(*given, dtype=number_type(dtype)), device, requires_grad)


def linspace(
    start: float,
    stop: float,
    /,
    num: int,
    *,
    dtype: Any = None,
    device: Any = None,
    endpoint: bool = True,
    requires_grad: bool = False,
) -> Tensor:
    r"""A count of evenly spaced numbers from a start to a stop.

    .. math:: z_i = a + i \frac{b - a}{n - 1}, \qquad i < n

    Parameters
    ----------
    start, stop : number
        The ends.
    num : int, at least 0
        How many.
    dtype : dtype, optional
        By default float64.
    device : str, optional
        Only ``"cpu"``.
    endpoint : bool
        Whether ``stop`` is the last number; else the distance is ``(stop - start) / num``.
    requires_grad : bool
        Whether gradients flow into it.

    Examples
    --------
    >>> linspace(0, 1, 5)
    Tensor([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float64)
    """
    first, last = _number(start, "linspace"), _number(stop, "linspace")
    count = _count(num, "num")
    array = np.linspace(first, last, count, endpoint=bool(endpoint), dtype=number_type(dtype))
    return _new(array, device, requires_grad)


def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""Ones on a diagonal, zeros elsewhere: the identity matrix.

    .. math:: z_{ij} = [j - i = k]

    Parameters
    ----------
    n_rows : int, at least 0
        Rows.
    n_cols : int, optional
        Columns; by default as many as rows.
    k : int
        Which diagonal: above the main one if positive.
    dtype : dtype, optional
        By default float64.
    device : str, optional
        Only ``"cpu"``.
    requires_grad : bool
        Whether gradients flow into it.

    Examples
    --------
    >>> eye(2)
    Tensor([[1., 0.],
            [0., 1.]], dtype=float64)
    """
    rows = _count(n_rows, "n_rows")
    columns = rows if n_cols is None else _count(n_cols, "n_cols")
    # A diagonal beyond the matrix has no element; NumPy overflows far beyond it.
    diagonal = max(-rows, min(columns, int(k)))
    return _new(
        np.eye(rows, columns, diagonal, number_type(dtype) or np.float64), device, requires_grad
    )


def one_hot(
    x: Operand, /, num_classes: int | None = None, *, axis: int = -1, dtype: Any = None
) -> Tensor:
    r"""For each class number, a row with a 1 at its place; no derivative.

    .. math:: z_{ij} = [x_i = j]

    Parameters
    ----------
    x : array_like of int
        Class numbers, any shape.
    num_classes : int, optional
        How many classes there are; by default one more than the largest number.
    axis : int
        Where the axis of the classes stands in the result.
    dtype : dtype, optional
        By default float64.

    Raises
    ------
    DTypeError
        When the class numbers are not whole.
    IndexingError
        When one is outside ``0 ... num_classes - 1``.

    Examples
    --------
    >>> one_hot([0, 2])
    Tensor([[1., 0., 0.],
            [0., 0., 1.]], dtype=float64)
    """
    labels = x._data if isinstance(x, Tensor) else numbers(x)
    if labels.dtype.kind not in "iu" and labels.size:
        raise DTypeError(
            f"class numbers are whole numbers, these are {labels.dtype}",
            fix="tg.one_hot(x.astype(int))",
        )
    low, high = (int(labels.min()), int(labels.max())) if labels.size else (0, -1)
    count = high + 1 if num_classes is None else _count(num_classes, "num_classes")
    if low < 0 or high >= count:
        wrong = low if low < 0 else high
        raise IndexingError(
            f"class number {wrong} is outside 0 ... {count - 1}", fix=f"tg.one_hot(x, {high + 1})"
        )
    rows = labels[..., None] == np.arange(count, dtype=labels.dtype if labels.size else None)
    if not -rows.ndim <= axis < rows.ndim:
        raise IndexingError(f"axis {axis} of a result with {rows.ndim} axes", fix="axis=-1")
    array = np.moveaxis(rows, -1, axis).astype(number_type(dtype) or np.float64)
    return _new(array, None, False)


def _number(value: Any, name: str) -> Any:
    """A Python number, as NumPy's own promotion wants it."""
    if isinstance(value, Tensor) and value.requires_grad and is_grad_enabled():
        raise SignatureError(
            f"{name} makes constants, of numbers without a gradient",
            op=name,
            why="the gradient of the Tensor that was given would be lost",
            fix=f"first + (last - first) * tg.{name}(0, 1, 5)   # or .detach(), to stop it"
            if name == "linspace"
            else f"first + step * tg.{name}(5)   # or .detach(), to stop it",
        )
    found = numbers(value._data if isinstance(value, Tensor) else value)
    if found.ndim:
        raise ArgumentError(
            f"{name} takes numbers, got an array of shape {found.shape}", fix=f"tg.{name}(0, 10, 5)"
        )
    return found.item()


def _count(value: Any, name: str) -> int:
    try:
        found = operator.index(value)
    except TypeError:
        found = -1
    if found < 0:
        raise ArgumentError(
            f"{name} is a whole number of at least 0, got {value!r:.40}", fix=f"{name}=3"
        )
    return found
