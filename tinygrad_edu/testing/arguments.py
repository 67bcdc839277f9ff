"""What users pass to the checks, refused with a reason where it cannot be used."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arrays import numbers
from ..errors import ArgumentError, ShapeError
from ..types import Array, Shape

__all__ = ["callables", "flat_cotangent", "known_choice"]


def known_choice(unresolved: Any) -> None:
    """Refuse any word but the two that say what an unresolved verdict does."""
    if unresolved not in ("raise", "allow"):
        raise ArgumentError(
            f'unresolved is "raise" or "allow", not {unresolved!r:.60}', fix='unresolved="allow"'
        )


def callables(f: Any, vjp: Any, count: int) -> None:
    """Refuse what cannot be called as the check will call it."""
    for name, function in (("f", f), ("vjp", vjp)):
        if not callable(function):
            raise ArgumentError(
                f"{name} is {function!r:.60}, not a function",
                fix="check_vjp(np.sin, lambda g, x: (g * np.cos(x),), x)",
            )
    try:
        signature = inspect.signature(vjp)
    except (ValueError, TypeError):  # not every callable tells
        return
    try:
        signature.bind(*range(count + 1))
    except TypeError:
        given = ", ".join(["g", *[f"x{k}" for k in range(count)]])
        raise ArgumentError(
            f"vjp{signature} cannot be called with the cotangent and {count} inputs",
            fix=f"def vjp({given}): ...",
        ) from None


def flat_cotangent(cotangent: Any, like: Any) -> Array:
    """Join a user's cotangent, which has the form of the function's answer."""
    parts, forms = ([a] if not isinstance(a, tuple) else list(a) for a in (cotangent, like))
    parts = [numbers(part).astype(float) for part in parts]
    given, wanted = [part.shape for part in parts], [form.shape for form in forms]
    if given != wanted:
        raise ShapeError(
            f"the cotangent has shape {_shapes(given)}, and the function returns {_shapes(wanted)}",
            fix="cotangent=np.ones_like(f(x))",
        )
    g = np.concatenate([part.ravel() for part in parts])
    if not np.isfinite(g).all() or (g.size and not g.any()):
        raise ArgumentError(
            f"the cotangent is {'zero' if not g.any() else 'not finite'}",
            why="then right and wrong gradients look alike",
            fix="cotangent=None   # generic numbers of both signs",
        )
    return g


def _shapes(shapes: Sequence[Shape]) -> str:
    return " and ".join(map(str, shapes))
