"""A check written out as code that runs as pasted."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..types import Array
from .pair import Pair

__all__ = ["array_code", "as_code"]

LONGEST = 64  # numbers that one may be asked to paste


def as_code(
    pair: Pair, g: Array, name: str, call: str = "check_vjp(f, vjp, {xs}, cotangent=g)"
) -> str:
    """Return the lines that make the inputs and check again; empty when they would be too long."""
    if sum(x.size for x in pair.given) + g.size > 2 * LONGEST:
        return ""
    names = [f"x{k}" for k in range(len(pair.given))]
    lines = [f"{n} = {array_code(x)}" for n, x in zip(names, pair.given, strict=True)]
    cotangent = pair.cotangent(g)
    parts = cotangent if isinstance(cotangent, tuple) else (cotangent,)
    codes = [array_code(part) for part in parts]
    lines.append(f"g = {codes[0] if pair.single else '(' + ', '.join(codes) + ',)'}")
    return "\n".join([*lines, call.format(name=name, xs=", ".join(names))])


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
