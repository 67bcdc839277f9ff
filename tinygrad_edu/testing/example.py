"""A check written out as code that runs as pasted."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..types import Array
from .pair import Pair

__all__ = ["array_code", "as_code", "called"]

LONGEST = 64  # numbers that one may be asked to paste


def as_code(pair: Pair, g: Array, call: str, count: int | None = None) -> str:
    """Return the lines that make the inputs and check again; empty when they would be too long.

    Parameters
    ----------
    call : str
        The last line, in which ``{xs}`` stands for the inputs.
    count : int, optional
        How many of the inputs the caller gave; the rest are a module's own.
    """
    given = pair.given[:count]
    if sum(x.size for x in given) + g.size > 2 * LONGEST:
        return ""
    names = [f"x{k}" for k in range(len(given))]
    lines = [f"{n} = {array_code(x)}" for n, x in zip(names, given, strict=True)]
    cotangent = pair.cotangent(g)
    parts = cotangent if isinstance(cotangent, tuple) else (cotangent,)
    codes = [array_code(part) for part in parts]
    lines.append(f"g = {codes[0] if pair.single else '(' + ', '.join(codes) + ',)'}")
    return "\n".join([*lines, call.format(xs=", ".join(names))])


def called(function: Any, otherwise: str) -> str:
    """Return what code can call a function by: ``np.sin``, its own name, or a stand-in.

    Examples
    --------
    >>> called(np.sin, "f"), called(lambda x: x, "f")
    ('np.sin', 'f')
    """
    name = str(getattr(function, "__name__", otherwise))
    if getattr(np, name, None) is function:
        return f"np.{name}"
    if str(getattr(function, "__module__", "")).startswith("tinygrad_edu.ops."):
        return f"tg.{name}"
    return name if name.isidentifier() else otherwise


def array_code(x: Any) -> str:
    """Return NumPy code for an array, to the last bit.

    Examples
    --------
    >>> array_code(np.array([1.5, np.inf], np.float32))
    'np.array([1.5, np.inf], np.float32)'
    """
    x = np.asarray(x)
    kind = "" if x.dtype == float else f", np.{x.dtype}"
    if not x.size:
        return f"np.zeros({x.shape}{kind})"
    values = re.sub(r"\b(inf|nan)\b", r"np.\1", repr(x.tolist()))
    return f"np.array({values}{kind})"
