r"""New Tensors from shapes, numbers and arrays of others. What they are made from has no derivative
here, but for ``asarray`` and ``full`` of a Tensor.

A Tensor, not an array, because code written for the Array API finds the namespace through it.
``requires_grad=True`` makes the new Tensor a leaf to differentiate for.

References: Array API 2024.12, creation functions.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..arrays import differentiable, number_type, numbers
from ..autodiff.tensor import Tensor, asarray as wrapped
from ..errors import ArgumentError, ShapeError
from ..namespace import check_device
from ..types import Array, Operand, Shape
from .reduction import broadcast_to
from .shape import astype

__all__ = [
    "asarray",
    "from_dlpack",
    "zeros",
    "ones",
    "full",
    "empty",
    "zeros_like",
    "ones_like",
    "full_like",
    "empty_like",
]


def _sizes(shape: Any) -> Shape:
    try:
        found = tuple(map(operator.index, shape if np.iterable(shape) else (shape,)))
    except TypeError:
        found = (-1,)
    if any(n < 0 for n in found):
        raise ShapeError(
            f"a shape is a whole number of at least 0 or a tuple of them, got {shape!r:.60}",
            fix="tg.zeros((2, 3))",
        )
    return found


def _new(array: Array, device: Any, requires_grad: bool) -> Tensor:
    check_device(device)
    if requires_grad:
        differentiable(array)
    return wrapped(array, requires_grad=requires_grad)


def asarray(
    obj: Operand,
    /,
    *,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""A Tensor that shares memory with what it is made of, where it can; a Tensor as it is.

    .. math:: z = x, \qquad \bar x = \bar z

    Parameters
    ----------
    obj : array_like
        A Tensor, an array, a number, nested sequences of numbers, or what has a buffer.
    dtype : dtype, optional
        Converted to this type; a Tensor stays on the record.
    device : str, optional
        Only ``"cpu"``.
    copy : bool, optional
        True always copies, False never does, and None where it is needed.
    requires_grad : bool
        Of new Tensors: whether gradients flow into them.

    Raises
    ------
    ArgumentError
        When ``copy=False`` cannot be kept.

    Examples
    --------
    >>> asarray([1, 2])
    Tensor([1, 2], dtype=int64)
    """
    check_device(device)
    dtype = number_type(dtype)
    held = obj._data if isinstance(obj, Tensor) else obj
    if copy is False:
        _must_share(held, dtype)
    if isinstance(obj, Tensor) and (obj.requires_grad or not requires_grad):
        alike = dtype is None or dtype == obj.dtype
        return obj if alike and not copy else astype(obj, obj.dtype if dtype is None else dtype)
    array = numbers(held, dtype)
    return _new(array.copy() if copy or held is not obj else array, device, requires_grad)


def _must_share(held: Any, dtype: Any) -> None:
    try:
        np.asarray(held, dtype=dtype, copy=False)
    except ValueError:
        raise ArgumentError(
            "asarray(copy=False), but this needs a copy",
            why="only the memory of an array of the same type can be shared",
            fix="tg.asarray(x)",
        ) from None


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Tensor:
    r"""A Tensor from an array of another library, by the DLPack protocol.

    .. math:: z = x

    Parameters
    ----------
    x : object with ``__dlpack__``
        In main memory. A Tensor that requires a gradient is refused: it would lose it.
    device : str, optional
        Only ``"cpu"``.
    copy : bool, optional
        True copies; by default memory is shared.

    Examples
    --------
    >>> from_dlpack(np.arange(3.0))
    Tensor([0., 1., 2.], dtype=float64)
    """
    array = np.from_dlpack(x)
    return _new(array.copy() if copy else array, device, False)


def zeros(
    shape: int | Shape, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    r"""Zeros.

    .. math:: z_i = 0

    Parameters
    ----------
    shape : int or tuple of int
        At least 0 each.
    dtype : dtype, optional
        By default float64.
    device : str, optional
        Only ``"cpu"``.
    requires_grad : bool
        Whether gradients flow into it.

    Examples
    --------
    >>> zeros(2)
    Tensor([0., 0.], dtype=float64)
    """
    return _new(np.zeros(_sizes(shape), number_type(dtype)), device, requires_grad)


def ones(
    shape: int | Shape, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    r"""Ones.

    .. math:: z_i = 1

    Parameters are those of ``zeros``.

    Examples
    --------
    >>> ones(2)
    Tensor([1., 1.], dtype=float64)
    """
    return _new(np.ones(_sizes(shape), number_type(dtype)), device, requires_grad)


def empty(
    shape: int | Shape, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    r"""Numbers that do not matter: zeros here, so that no run depends on old memory.

    .. math:: z_i = 0

    Parameters are those of ``zeros``.

    Examples
    --------
    >>> empty((2, 3)).shape
    (2, 3)
    """
    return zeros(shape, dtype=dtype, device=device, requires_grad=requires_grad)


def full(
    shape: int | Shape,
    fill_value: Operand,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""One number everywhere.

    .. math:: z_i = v, \qquad \bar v = \sum_i \bar z_i

    Parameters
    ----------
    shape : int or tuple of int
        At least 0 each.
    fill_value : number or Tensor of one number
        A Tensor gets the gradient.
    dtype : dtype, optional
        By default that of the number.
    device : str, optional
        Only ``"cpu"``.
    requires_grad : bool
        Whether gradients flow into it.

    Examples
    --------
    >>> full(2, 7)
    Tensor([7, 7], dtype=int64)
    """
    sizes, dtype = _sizes(shape), number_type(dtype)
    if isinstance(fill_value, Tensor) and fill_value.requires_grad:
        check_device(device)
        return broadcast_to(asarray(fill_value, dtype=dtype), sizes)
    value = numbers(fill_value)
    if value.ndim:
        raise ShapeError(
            f"full repeats one number, got an array of shape {value.shape}",
            shapes=(value.shape,),
            fix="tg.broadcast_to(value, shape)",
        )
    # A Python number meets the type as such: NumPy refuses 300 as uint8, but not as an array.
    held = value if isinstance(fill_value, Tensor) else fill_value
    return _new(np.full(sizes, held, dtype), device, requires_grad)


def zeros_like(
    x: Operand, /, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    r"""Zeros in the shape and type of another; no derivative.

    .. math:: z_i = 0

    Parameters
    ----------
    x : array_like
        Any shape.
    dtype : dtype, optional
        By default that of ``x``.
    device : str, optional
        Only ``"cpu"``.
    requires_grad : bool
        Whether gradients flow into it.

    Examples
    --------
    >>> zeros_like(np.ones((1, 2)))
    Tensor([[0., 0.]], dtype=float64)
    """
    shape, kind = _alike(x, dtype)
    return zeros(shape, dtype=kind, device=device, requires_grad=requires_grad)


def ones_like(
    x: Operand, /, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    r"""Ones in the shape and type of another; no derivative.

    .. math:: z_i = 1

    Parameters are those of ``zeros_like``.

    Examples
    --------
    >>> ones_like(np.zeros((1, 2)))
    Tensor([[1., 1.]], dtype=float64)
    """
    shape, kind = _alike(x, dtype)
    return ones(shape, dtype=kind, device=device, requires_grad=requires_grad)


def empty_like(
    x: Operand, /, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    r"""Numbers that do not matter, in the shape and type of another: zeros here.

    .. math:: z_i = 0

    Parameters are those of ``zeros_like``.

    Examples
    --------
    >>> empty_like(np.zeros((1, 2))).shape
    (1, 2)
    """
    return zeros_like(x, dtype=dtype, device=device, requires_grad=requires_grad)


def full_like(
    x: Operand,
    /,
    fill_value: Operand,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""One number everywhere, in the shape and type of another, which has no derivative.

    .. math:: z_i = v, \qquad \bar v = \sum_i \bar z_i

    Parameters are those of ``full`` and ``zeros_like``.

    Examples
    --------
    >>> full_like(np.zeros(2), 7)
    Tensor([7., 7.], dtype=float64)
    """
    shape, kind = _alike(x, dtype)
    return full(shape, fill_value, dtype=kind, device=device, requires_grad=requires_grad)


def _alike(x: Operand, dtype: Any) -> tuple[Shape, Any]:
    array = x._data if isinstance(x, Tensor) else numbers(x)
    return array.shape, array.dtype if dtype is None else dtype
