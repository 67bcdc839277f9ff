"""What the package says of itself to code written for the Array API, version 2024.12 (floor 0).

Constants, questions about types of number, and the inspection object. The functions on arrays are
the operations; a Tensor leads to all of them by ``__array_namespace__``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from . import datatypes
from .errors import ArgumentError, DTypeError

__all__ = [
    "__array_api_version__",
    "__array_namespace_info__",
    "can_cast",
    "e",
    "finfo",
    "iinfo",
    "inf",
    "isdtype",
    "nan",
    "newaxis",
    "pi",
    "result_type",
]

__array_api_version__ = "2024.12"
_VERSIONS = ("2021.12", "2022.12", "2023.12", __array_api_version__)

e, inf, nan, pi = np.e, np.inf, np.nan, np.pi
newaxis = None

# Of every type that a Tensor can hold, its kinds as the Array API calls them.
_KINDS = {
    "bool": "b",
    "signed integer": "i",
    "unsigned integer": "u",
    "integral": "iu",
    "real floating": "f",
    "complex floating": "c",
    "numeric": "iufc",
}
# float16 computes and differentiates here, but the standard does not know it.
_STANDARD = [name for name in datatypes.__all__ if name != "float16"]


def check_version(version: str | None) -> None:
    """Refuse a version of the Array API that the package does not offer.

    >>> check_version("2024.12")
    """
    if version is not None and version not in _VERSIONS:
        raise ArgumentError(
            f"version {version!r} of the Array API is not offered, only {', '.join(_VERSIONS)}",
            fix=f'x.__array_namespace__(api_version="{__array_api_version__}")',
        )


def check_device(device: Any) -> None:
    """Refuse a device other than the only one.

    >>> check_device("cpu")
    """
    if device not in (None, "cpu"):
        raise ArgumentError(
            f"there is no device {device!r}: every Tensor lives in main memory", fix='device="cpu"'
        )


def _type(given: Any) -> np.dtype[Any]:
    """The data type that is given, or that an array or Tensor has."""
    try:
        found: np.dtype[Any] = np.dtype(
            given if isinstance(given, type) else getattr(given, "dtype", given)
        )
    except TypeError as error:
        raise DTypeError(f"{given!r:.60} is not a type of number: {error}") from None
    return found


class FloatLimits(NamedTuple):
    """What floating-point numbers of one type can hold, as Python numbers."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype[Any]


class IntegerLimits(NamedTuple):
    """What whole numbers of one type can hold, as Python numbers."""

    bits: int
    max: int
    min: int
    dtype: np.dtype[Any]


def finfo(type: Any, /) -> FloatLimits:
    """What floating-point numbers of one type can hold, as Python numbers.

    Parameters
    ----------
    type : dtype, array or Tensor
        A floating type, or an array of one; of a complex type, its two parts are meant.

    Returns
    -------
    FloatLimits
        ``bits``; ``eps``, the distance from 1 to the next larger number; ``max`` and ``min``, the
        largest and the most negative number; ``smallest_normal``, the smallest positive number of
        full precision; and ``dtype``.

    Raises
    ------
    DTypeError
        For whole numbers and booleans.

    Examples
    --------
    >>> finfo(datatypes.float32).eps == 2.0**-23
    True
    """
    dtype = _type(type)
    if dtype.kind not in "fc":
        fix = f"tg.iinfo(tg.{dtype.name})" if dtype.kind in "iu" else "tg.finfo(tg.float64)"
        raise DTypeError(f"finfo describes floating-point numbers, not {dtype}", fix=fix)
    found = np.finfo(dtype)
    eps, largest, lowest = float(found.eps), float(found.max), float(found.min)
    smallest = float(found.smallest_normal)
    return FloatLimits(int(found.bits), eps, largest, lowest, smallest, found.dtype)


def iinfo(type: Any, /) -> IntegerLimits:
    """What whole numbers of one type can hold, as Python numbers.

    Parameters
    ----------
    type : dtype, array or Tensor
        A whole-number type, or an array of one.

    Returns
    -------
    IntegerLimits
        ``bits``; ``max`` and ``min``, the largest and the smallest number; and ``dtype``.

    Raises
    ------
    DTypeError
        For floating-point numbers and booleans.

    Examples
    --------
    >>> iinfo(datatypes.int8).max
    127
    """
    dtype = _type(type)
    if dtype.kind not in "iu":
        fix = f"tg.finfo(tg.{dtype.name})" if dtype.kind == "f" else "tg.iinfo(tg.int64)"
        raise DTypeError(f"iinfo describes whole numbers, not {dtype}", fix=fix)
    found = np.iinfo(dtype)
    return IntegerLimits(int(found.bits), int(found.max), int(found.min), dtype)


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a type of number is of a kind.

    Parameters
    ----------
    dtype : dtype
        The type.
    kind : str, dtype or tuple of them
        ``"bool"``, ``"signed integer"``, ``"unsigned integer"``, ``"integral"``,
        ``"real floating"``, ``"complex floating"``, ``"numeric"`` or a type. Of a tuple, any one.

    Raises
    ------
    ArgumentError
        For a kind of another name.

    Examples
    --------
    >>> isdtype(datatypes.float32, ("bool", "real floating"))
    True
    """
    found = _type(dtype)
    for each in kind if isinstance(kind, tuple) else (kind,):
        if isinstance(each, str) and each not in _KINDS:
            known = ", ".join(map(repr, _KINDS))
            raise ArgumentError(
                f"kind {each!r} is not known, only {known}", fix='tg.isdtype(x.dtype, "numeric")'
            )
        if found.kind in _KINDS[each] if isinstance(each, str) else found == _type(each):
            return True
    return False


def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """Return the type of number that an operation on these would give, by NumPy's promotion.

    Parameters
    ----------
    *arrays_and_dtypes : array, Tensor, dtype or number
        At least one; a Python number only decides the kind.

    Raises
    ------
    DTypeError
        Where NumPy has no common type.

    Examples
    --------
    >>> result_type(datatypes.int32, datatypes.float32, 1.0)
    dtype('float64')
    """
    try:
        return np.result_type(*[getattr(x, "_data", x) for x in arrays_and_dtypes])
    except (TypeError, ValueError) as error:
        raise DTypeError(f"no type of number holds them all: {error}") from None


def can_cast(from_: Any, to: Any, /) -> bool:
    """Whether every number of one type, or of an array, has a place in another type.

    Parameters
    ----------
    from_ : dtype, array or Tensor
        What would be converted.
    to : dtype
        To this.

    Examples
    --------
    >>> can_cast(datatypes.int32, datatypes.float64)
    True
    """
    return bool(np.can_cast(_type(from_), _type(to)))


class Info:
    """What ``tg.__array_namespace_info__()`` answers: capabilities, devices, types of number."""

    def capabilities(self) -> dict[str, Any]:
        """Return what arrays can do; NumPy allows 64 axes."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> str:
        """Return the only device."""
        return "cpu"

    def devices(self) -> list[str]:
        """Return all devices."""
        return ["cpu"]

    def default_dtypes(self, *, device: Any = None) -> dict[str, np.dtype[Any]]:
        """Return the type of number that is made, by kind, where none is given."""
        check_device(device)
        whole = np.dtype(np.intp)
        return {
            "real floating": np.dtype(np.float64),
            "complex floating": np.dtype(np.complex128),
            "integral": whole,
            "indexing": whole,
        }

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, np.dtype[Any]]:
        """Return the standard's types of number that exist here, by name."""
        check_device(device)
        all_types = {name: np.dtype(getattr(datatypes, name)) for name in _STANDARD}
        return {name: t for name, t in all_types.items() if kind is None or isdtype(t, kind)}


def __array_namespace_info__() -> Info:  # noqa: N807 - the Array API's name
    """Return what the package offers of the Array API.

    >>> __array_namespace_info__().devices()
    ['cpu']
    """
    return Info()
