"""Nested dicts, lists, tuples, numbers and arrays as JSON and arrays by name, and back.

JSON's own values stand for themselves. Everything else is an object that says what it is:
``{"tuple": [...]}``, ``{"dict": [[key, value], ...]}``, ``{"float": "nan"}``, ``{"array": name}``.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..types import Array
from . import catalogue
from .faults import Damaged

__all__ = ["NESTED", "Pack", "Unpack", "pack", "unpack"]

# What is nested deeper is a mistake, or meant to exhaust the stack.
NESTED = 100
_INTEGER_BITS = 1024

Pack = Callable[[Any, str, int], Any]
Unpack = Callable[[dict[str, Any], int], Any]


def pack(
    value: Any,
    arrays: dict[str, Array],
    path: str = "",
    depth: int = 0,
    other: Pack | None = None,
) -> Any:
    """Return a nested value as JSON, and put its arrays into ``arrays`` under their paths.

    Parameters
    ----------
    value : any
        Dicts with keys of text or whole numbers, lists, tuples, numbers, text, None, arrays,
        Tensors.
    arrays : dict
        What was found so far.
    path : str
        How to get to the value, for names and messages.
    depth : int
        How deep it is nested.
    other : callable, optional
        Asked first about everything that is no container of Python and no number: gives JSON, or
        ``NotImplemented``.

    Raises
    ------
    ArgumentError
        For anything else, or what contains itself.

    Examples
    --------
    >>> arrays = {}
    >>> pack({"rates": (0.1, 0.9), "mean": np.zeros(2)}, arrays)
    {'dict': [['rates', {'tuple': [0.1, 0.9]}], ['mean', {'array': 'mean'}]]}
    >>> list(arrays)
    ['mean']
    """
    if depth > NESTED:
        raise catalogue.too_deep(path)
    if isinstance(value, np.generic):
        value = value.item()
    if _is_plain(value):
        return value
    if type(value) is float:
        return {"float": str(value)}
    if type(value) in (list, tuple):
        parts = [
            pack(part, arrays, _join(path, k), depth + 1, other) for k, part in enumerate(value)
        ]
        return parts if type(value) is list else {"tuple": parts}
    if isinstance(value, Mapping):
        if wrong := [key for key in value if type(key) not in (str, int)]:
            raise catalogue.unwritable_key(wrong[0], path)
        return {
            "dict": [
                [key, pack(part, arrays, _join(path, key), depth + 1, other)]
                for key, part in value.items()
            ]
        }
    answer = NotImplemented if other is None else other(value, path, depth)
    if answer is not NotImplemented:
        return answer
    if hasattr(value, "__array__"):
        name = path
        while name in arrays:  # {"a": {"b": x}, "a.b": y}
            name += "_"
        arrays[name] = value
        return {"array": name}
    raise catalogue.unwritable(value, path)


def _is_plain(value: Any) -> bool:
    """Whether JSON can say a value as it is."""
    if type(value) is int:
        return value.bit_length() <= _INTEGER_BITS
    return (
        value is None
        or type(value) in (bool, str)
        or (type(value) is float and math.isfinite(value))
    )


def unpack(
    tree: Any, arrays: Mapping[str, Array], depth: int = 0, other: Unpack | None = None
) -> Any:
    """Return the value that ``pack`` was given; arrays and Tensors as arrays.

    Parameters
    ----------
    tree : any
        JSON values from a file.
    arrays : mapping of str to array
        From the same file.
    depth : int
        How deep it is nested.
    other : callable, optional
        Gives the value of an object that is none of these.

    Raises
    ------
    Damaged
        For JSON that ``pack`` cannot have made.

    Examples
    --------
    >>> unpack({"dict": [["rates", {"tuple": [0.1, 0.9]}]]}, {})
    {'rates': (0.1, 0.9)}
    """
    if depth > NESTED:
        raise Damaged("its description is nested too deep")
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return tree
    if isinstance(tree, list):
        return [unpack(part, arrays, depth + 1, other) for part in tree]
    tag, content = next(iter(tree.items())) if len(tree) == 1 else ("", None)
    if tag == "tuple" and isinstance(content, list):
        return tuple([unpack(part, arrays, depth + 1, other) for part in content])
    if tag == "dict" and isinstance(content, list):
        return _dict(content, arrays, depth, other)
    if tag == "float" and content in ("nan", "inf", "-inf"):
        return float(content)
    if tag == "array" and isinstance(content, str) and content in arrays:
        return arrays[content]
    if other is not None:
        return other(tree, depth)
    raise Damaged(f"its description has an unknown part: {reprlib.repr(tree)}")


def _dict(
    pairs: list[Any], arrays: Mapping[str, Array], depth: int, other: Unpack | None
) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2 or type(pair[0]) not in (str, int):
            raise Damaged("its description has a dict without keys")
        if pair[0] in made:
            raise Damaged(f"its description has {pair[0]!r:.80} twice")
        made[pair[0]] = unpack(pair[1], arrays, depth + 1, other)
    return made


def _join(path: str, name: Any) -> str:
    return f"{path}.{name}" if path else str(name)
