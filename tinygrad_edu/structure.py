"""Nested tuples, lists and dicts of values: take the leaves out, put others in (floor 0)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .errors import ArgumentError

__all__ = ["flatten", "leaves_like", "map_leaves"]


def flatten(nested: Any) -> tuple[list[Any], Callable[[Iterator[Any]], Any]]:
    """Return the leaves in order, and a function that rebuilds the nest from an iterator.

    Parameters
    ----------
    nested : any nest of tuple, list and dict
        Everything else is a leaf, ``None`` too. Dicts keep their order of insertion.

    Examples
    --------
    >>> leaves, rebuild = flatten({"w": 1, "b": [2, (3,)]})
    >>> leaves, rebuild(iter("xyz"))
    ([1, 2, 3], {'w': 'x', 'b': ['y', ('z',)]})
    """
    leaves: list[Any] = []
    _collect(nested, leaves)
    return leaves, lambda values: _rebuilt(nested, values)


def map_leaves(function: Callable[[Any], Any], nested: Any) -> Any:
    """Return the nest with ``function`` applied to every leaf.

    Examples
    --------
    >>> map_leaves(lambda n: n + 1, [1, {"a": 2}])
    [2, {'a': 3}]
    """
    leaves, rebuild = flatten(nested)
    return rebuild(map(function, leaves))


def leaves_like(nested: Any, like: Any) -> list[Any]:
    """Return the leaves of ``nested`` in the order of ``like``: parts of dicts are paired by key.

    Raises
    ------
    ArgumentError
        When the two nests are not of one structure.

    Examples
    --------
    >>> leaves_like({"b": 2, "a": 1}, {"a": "x", "b": "y"})
    [1, 2]
    """
    leaves: list[Any] = []
    _pair(nested, like, leaves)
    return leaves


def _pair(nested: Any, like: Any, leaves: list[Any]) -> None:
    if isinstance(like, dict):
        if not isinstance(nested, dict) or nested.keys() != like.keys():
            raise _odd(nested, f"a dict with the keys {list(like)}")
        for key, part in like.items():
            _pair(nested[key], part, leaves)
    elif isinstance(like, (tuple, list)):
        if not isinstance(nested, (tuple, list)) or len(nested) != len(like):
            raise _odd(nested, f"{len(like)} parts")
        for part, other in zip(nested, like, strict=True):
            _pair(part, other, leaves)
    else:
        leaves.append(nested)


def _odd(nested: Any, expected: str) -> ArgumentError:
    given = (
        f"a dict with the keys {list(nested)}"
        if isinstance(nested, dict)
        else (
            f"{len(nested)} parts" if isinstance(nested, (tuple, list)) else type(nested).__name__
        )
    )
    return ArgumentError(
        f"got {given} where the function has {expected}",
        why="each part needs a direction, or a weight, of its own",
        fix="give it the same structure of tuples, lists and dicts",
    )


def _collect(nested: Any, leaves: list[Any]) -> None:
    if isinstance(nested, (tuple, list)):
        for part in nested:
            _collect(part, leaves)
    elif isinstance(nested, dict):
        for part in nested.values():
            _collect(part, leaves)
    else:
        leaves.append(nested)


def _rebuilt(nested: Any, values: Iterator[Any]) -> Any:
    if not isinstance(nested, (list, tuple, dict)):
        return next(values)
    if isinstance(nested, dict):
        twin = nested.copy()  # of any kind of dict, whatever its constructor takes
        for key, part in nested.items():
            twin[key] = _rebuilt(part, values)
        return twin
    parts = [_rebuilt(part, values) for part in nested]
    if nested.__class__ is list:
        return parts
    return type(nested)(*parts) if hasattr(nested, "_fields") else type(nested)(parts)
