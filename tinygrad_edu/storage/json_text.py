"""JSON from a file, read so that nothing in it is ambiguous."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from .faults import Damaged

__all__ = ["parsed", "written"]


def written(value: Any) -> bytes:
    """Return JSON in ASCII: the same bytes for the same value.

    >>> written({"rate": 0.1})
    b'{"rate":0.1}'
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def parsed(text: bytes) -> dict[str, Any]:
    """Return the object that a JSON text describes.

    Raises
    ------
    Damaged
        For everything else, a name that stands twice in one object included.

    Examples
    --------
    >>> parsed(b'{"rate": 0.1}')
    {'rate': 0.1}
    """
    try:
        value = json.loads(
            text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number
        )
    except (ValueError, RecursionError) as error:
        raise Damaged(f"its description cannot be read: {error!s:.200}") from None
    if not isinstance(value, dict):
        raise Damaged(f"its description is a {type(value).__name__}, not an object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands twice")
    return made


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")
