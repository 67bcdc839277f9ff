"""Turning what users pass into arrays, with an answer when it cannot be done (floor 0)."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from .errors import ArgumentError, DTypeError, ShapeError
from .structure import flatten
from .types import Array, Shape

__all__ = [
    "assign",
    "differentiable",
    "floats",
    "number_type",
    "numbers",
    "reals",
    "unbroadcast",
    "where_it_fits",
]


def numbers(data: Any, dtype: Any = None) -> Array:
    """Return ``data`` as an array of numbers, without a copy where possible.

    Parameters
    ----------
    data : array_like
        An array, a number, or nested sequences of equal length.
    dtype : dtype, optional
        The type to convert to.

    Raises
    ------
    DTypeError
        For text, objects and other things that are no numbers.
    ShapeError
        For nested sequences of different lengths.

    Examples
    --------
    >>> numbers([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    if type(data) is np.ndarray and dtype is None and data.dtype.kind in "fiubc":
        return data  # nearly always: spare the questions
    nested = flatten(data)[0] if isinstance(data, (list, tuple)) else ()
    if any(getattr(leaf, "_tracked", False) for leaf in nested):
        raise ArgumentError(
            "a list of Tensors is not a Tensor: as an array it would lose the gradient",
            fix="tg.stack([a, b])   # or tg.concat, for parts of different lengths",
        )
    try:
        array = np.asarray(data, dtype=dtype)
    except (ValueError, TypeError) as error:
        if "inhomogeneous" in str(error):
            raise ShapeError(
                "nested sequences of different lengths do not form an array",
                fix="[tg.Tensor(row) for row in rows]   # or pad the short ones",
            ) from None
        raise DTypeError(f"{type(data).__name__} does not hold numbers: {error}") from None
    if array.dtype.kind not in "fiubc":
        raise DTypeError(
            f"{data!r:.60} is not a number or an array of numbers (dtype {array.dtype})",
            code="TG-S10",
            shapes=(array.shape,),
            fix="np.unique(x, return_inverse=True)[1]   # class numbers, if these are labels"
            if array.dtype.kind in "US"
            else "np.asarray(x.tolist(), dtype=float)   # if each item is a number",
        )
    return array if type(array) is np.ndarray else np.asarray(array)


def floats(x: Any) -> Array:
    """Return real numbers as floats: floats in their own type, all others as float64.

    For forwards that work in place or negate: whole numbers have no room for the result, and
    unsigned ones wrap around.

    Raises
    ------
    DTypeError
        For complex numbers.

    Examples
    --------
    >>> -floats(np.array([3], np.uint8))
    array([-3.])
    """
    array: Array = reals(np.asarray(x))
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def reals(x: Any) -> Any:
    """Return an array as it is, unless its numbers are complex.

    Raises
    ------
    DTypeError
        For complex numbers.

    Examples
    --------
    >>> reals(np.array([3]))
    array([3])
    """
    if x.dtype.kind == "c":
        raise DTypeError(
            f"this function is of real numbers, and these are {x.dtype}", fix="tg.real(x)"
        )
    return x


def number_type(dtype: Any) -> Any:
    """Return a type of number, or None as it is; text and objects are refused.

    Raises
    ------
    DTypeError
        For what is no type, or a type of something else.

    Examples
    --------
    >>> number_type("float32")
    dtype('float32')
    """
    if dtype is None:
        return None
    try:
        found = np.dtype(dtype)
    except TypeError as error:
        raise DTypeError(f"{dtype!r:.60} is not a type of number: {error}") from None
    if found.kind not in "fiubc":
        raise DTypeError(f"{found} is not a type of number", fix="dtype=tg.float64")
    return found


def assign(into: Array, data: Any) -> None:
    """Write numbers into an array of the same shape, rounding but never truncating them.

    Raises
    ------
    ShapeError
        When the shapes differ: nothing is broadcast.
    DTypeError
        When the type cannot hold them, such as fractions in whole numbers.

    Examples
    --------
    >>> held = np.zeros(2)
    >>> assign(held, [1, 2])
    >>> held
    array([1., 2.])
    """
    array = numbers(getattr(data, "_data", data))
    if array.shape != into.shape:
        raise ShapeError(
            f"new numbers have shape {array.shape}, the tensor {into.shape}",
            code="TG-S11",
            shapes=(array.shape, into.shape),
            why="rows already recorded, optimizers and layers rely on its shape",
            fix=f"new.reshape({into.shape})   # or make a new tensor"
            if array.size == into.size
            else "w = tg.Tensor(new, requires_grad=True)   # a tensor of its own",
        )
    if not np.can_cast(array.dtype, into.dtype, "same_kind"):
        raise DTypeError(
            f"numbers of type {array.dtype} do not fit a tensor of {into.dtype}",
            fix=f"new.astype({into.dtype.name!r})   # or make a new tensor",
        )
    np.copyto(into, array, casting="same_kind")


def _floating(array: Array, shown: str) -> str:
    """The same numbers as one would write them to have a gradient."""
    if array.dtype.kind == "c":
        return "tg.real(x)   # and tg.imag(x), as two real tensors"
    if array.ndim == 0 and array.dtype.kind in "iu":
        return f"{float(array)!r}"
    if array.ndim == 1 and array.size <= 4 and array.dtype.kind in "iub":
        return f"tg.Tensor({shown}, requires_grad=True)"
    return "x.astype(np.float64)"


def differentiable(array: Array) -> None:
    """Raise unless numbers of this type have derivatives here.

    Raises
    ------
    DTypeError
        For integers, booleans, complex numbers, and floats of more than 64 bits.

    Examples
    --------
    >>> differentiable(np.zeros(2))
    """
    if array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        return
    shown = (
        np.array2string(array.ravel()[:4].astype(float), separator=", ")
        if (array.dtype.kind in "iub")
        else "x"
    )
    raise DTypeError(
        f"a gradient needs real numbers, this is {array.dtype}",
        code="TG-G09",
        shapes=(array.shape,),
        why="a derivative compares nearby values, and whole numbers have none in between"
        if array.dtype.kind in "iub"
        else "only float16, float32 and float64 differentiate",
        fix=_floating(array, shown),
    )


def unbroadcast(g: Any, shape: Shape) -> Any:
    r"""Sum a cotangent over the axes along which its input was repeated.

    .. math:: \bar x_i = \sum_{j\ \text{copies}\ i} \bar z_j

    Parameters
    ----------
    g : array or Tensor
        Of a shape that ``shape`` broadcasts to.
    shape : tuple of int
        The input's.

    Examples
    --------
    >>> unbroadcast(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    """
    extra = g.ndim - len(shape)
    axes = tuple(range(extra))
    if g.shape[extra:] != shape:
        axes += tuple([k + extra for k, n in enumerate(shape) if n == 1 != g.shape[k + extra]])
    if axes:  # the ufunc's own reduction spares a call; NumPy sums to a scalar
        g = np.asarray(np.add.reduce(g, axes)) if isinstance(g, np.ndarray) else g.sum(axis=axes)
    return g if g.shape == shape else g.reshape(shape)


def where_it_fits(small: Shape, large: Shape) -> str | None:
    """The index that gives an array new axes so that it broadcasts, as ``"[:, None]"``.

    Examples
    --------
    >>> where_it_fits((4,), (4, 3))
    '[:, None]'
    """
    for kept in combinations(range(len(large)), len(small)):
        if all(n in (1, large[k]) or large[k] == 1 for n, k in zip(small, kept, strict=True)):
            return f"[{', '.join(':' if k in kept else 'None' for k in range(len(large)))}]"
    return None
