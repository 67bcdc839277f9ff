"""The types of number that files hold."""

from __future__ import annotations

import numpy as np

from ..arrays import numbers
from ..errors import DTypeError
from ..types import Array
from .faults import Damaged

__all__ = ["TYPES", "as_bytes", "as_stored", "settled"]

# As NumPy writes them into a file.
TYPES = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")


def as_stored(value: object, name: str) -> Array:
    """Return an array as it goes into a file: in rows, the lowest byte first.

    Raises
    ------
    DTypeError
        For types that other machines do not have, and for what is no number.
    """
    array = numbers(getattr(value, "_data", value))
    if array.dtype.str.lstrip("<>|=") not in TYPES:
        raise DTypeError(
            f"{name!r:.80} is {array.dtype}, which differs from machine to machine",
            why="files hold numbers of up to 64 bits, complex ones of up to 128",
            fix="x.astype(np.float64)" if array.dtype.kind == "f" else "x.astype(np.complex128)",
        )
    return _in_rows(array)


def as_bytes(array: Array) -> memoryview:
    """Return the bytes of an array as they lie in a file."""
    return _in_rows(array).reshape(-1).view(np.uint8).data


def _in_rows(array: Array) -> Array:
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def settled(array: Array, name: str) -> Array:
    """Return an array from a file in the machine's own order of bytes.

    Raises
    ------
    Damaged
        For a truth value that is neither 0 nor 1: NumPy would compute nonsense with it.
    """
    if array.dtype == np.bool_ and array.size and array.view(np.uint8).max() > 1:
        raise Damaged(f"{name!r:.80} holds truth values that are neither true nor false")
    return np.asarray(array, array.dtype.newbyteorder("="))
