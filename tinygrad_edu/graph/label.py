"""Words for numbers, shapes and names: what every reader of the record writes (floor 3)."""

from __future__ import annotations

import ast
import math
from typing import Any

import numpy as np

from ..autodiff import Tensor
from ..types import Array

__all__ = [
    "cut",
    "number",
    "printable",
    "settings",
    "uniform",
    "value",
    "visible",
    "written_inputs",
]

SMALL_VECTOR = 4
LONGEST_NAME = 40
LONGEST_SETTING = 24
LOOKED_AT = 1 << 16  # numbers


def number(x: Any) -> str:
    """Write one number with three significant digits; whole numbers and truth values in full.

    Parameters
    ----------
    x : Python number
        As ``ndarray.item()`` returns it.

    Examples
    --------
    >>> [number(x) for x in (0.5, 2.0, 1234.5, 6.125e-8, 40000.0, 17, True)]
    ['0.5', '2', '1234', '6.12e-8', '4e4', '17', 'True']
    """
    if not isinstance(x, float):
        return f"{x:.3g}" if isinstance(x, complex) else str(x)
    size = abs(x)
    if not np.isfinite(x) or size == 0:
        return f"{x:.0f}"
    if 1e-3 <= size < 9999.5:
        return f"{x:.0f}" if size >= 100 else f"{x:.3g}"
    digits, _, exponent = f"{x:.2e}".partition("e")
    return f"{digits.rstrip('0').rstrip('.')}e{int(exponent)}"


def value(array: Array) -> str:
    """Write an array on part of a line: its numbers if they are few, else mean ± deviation.

    Parameters
    ----------
    array : array of real numbers, any shape
        Numbers that are not finite are counted, for no mean would show them.

    Examples
    --------
    >>> value(np.array([1.0, 2.5])), value(np.arange(9.0)), value(np.array([np.nan] * 5))
    ('[1 2.5]', '4 ± 2.58', '5 nan of 5')
    """
    if array.size == 0:
        return "empty"
    if array.size == 1:
        return number(array.item())
    if array.ndim == 1 and array.size <= SMALL_VECTOR:
        return f"[{' '.join(number(x) for x in array.tolist())}]"
    reals = array.astype(np.float64).reshape(-1)
    largest = float(np.abs(reals).max()) or 1.0
    if not math.isfinite(largest):
        nans, infinities = int(np.isnan(reals).sum()), int(np.isinf(reals).sum())
        counts = [f"{nans} nan"] * (nans > 0) + [f"{infinities} inf"] * (infinities > 0)
        return f"{', '.join(counts)} of {array.size}"
    reals /= largest  # so that squares neither overflow nor vanish
    mean = float(reals.sum()) / reals.size
    reals -= mean
    deviation = math.sqrt(float(reals @ reals) / reals.size)
    return f"{number(mean * largest)} ± {number(deviation * largest)}"


def uniform(array: Array) -> bool:
    """Return whether an array is one number over and over, such as a state of zeros.

    Examples
    --------
    >>> uniform(np.zeros(3)), uniform(np.arange(3)), uniform(np.array(5.0))
    (True, False, True)
    """
    return 0 < array.size <= LOOKED_AT and bool((array == array.flat[0]).all())


def printable(name: object) -> str:
    """Write a user's name on one line: what does not print, escaped; what is too long, cut.

    Examples
    --------
    >>> print(printable("two" + chr(10) + "lines"), len(printable("x" * 99)))
    two\\nlines 40
    """
    text = str(name)
    return visible(text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 3] + "...")


def visible(text: str) -> str:
    """Escape what would not print as one line: control characters, surrogates, marks of direction.

    Examples
    --------
    >>> print(visible(chr(0) + "tab" + chr(9) + "é"))
    \\x00tab\\té
    """
    if text.isprintable():
        return text
    return "".join([c if c.isprintable() else ascii(c)[1:-1] for c in text])


def written_inputs(row: Tensor) -> tuple[str, ...]:
    """Return how the user wrote each input of a row, or nothing where that cannot be known.

    Only a line that *is* the operation counts: in ``self.layer(x)`` the arguments are the layer's,
    not those of the operations inside.
    """
    if row.site is None or row.op is None:
        return ()
    try:
        node = ast.parse(row.site.expression, mode="eval").body
    except (SyntaxError, ValueError):
        return ()
    if isinstance(node, ast.Call):
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name != row.op.name:
            return ()
    operands = row.site.operands
    if len(operands) != len(row.inputs):
        return ()
    return tuple(text if text.replace(".", "").isidentifier() else "" for text in operands)


def settings(row: Tensor) -> tuple[str, ...]:
    """Return the settings of a row that differ from their defaults and are short.

    Parameters
    ----------
    row : Tensor
        A row.

    Returns
    -------
    tuple of str
        As ``("axis=0",)``.
    """
    defaults = row.op.defaults if row.op is not None else {}
    if row.op is not None and row.op.name == "getitem":
        return (_key((row.attributes or {}).get("key")),)
    plain = {
        name: value
        for name, value in (row.attributes or {}).items()
        if isinstance(value, (bool, int, float, str, tuple)) and name in defaults
    }
    shown = [f"{k}={printable(repr(v))}" for k, v in plain.items() if _differs(v, defaults[k])]
    return tuple([text for text in shown if len(text) <= LONGEST_SETTING])


def _key(key: object) -> str:
    """What stands in the brackets of an index, as NumPy has it."""
    parts = key if isinstance(key, tuple) else (key,)
    return f"[{', '.join([_part(part) for part in parts])}]"


def _part(key: object) -> str:
    if isinstance(key, slice):
        ends = ["" if x is None else str(x) for x in (key.start, key.stop, key.step)]
        return ":".join(ends if ends[2] else ends[:2])
    if isinstance(key, np.ndarray):
        return str(key) if key.ndim == 0 else "…"
    return "…" if key is Ellipsis else str(key)


def _differs(value: object, default: object) -> bool:
    # Kinds first: a tuple may hold arrays, whose comparison has no one answer.
    return type(value) is not type(default) or repr(value) != repr(default)


def cut(text: str, longest: int = 28) -> str:
    """Return text with its middle left out where it is too long to be drawn.

    Examples
    --------
    >>> cut("encoder.layers.0.attention.weight", 16)
    'encoder…n.weight'
    """
    if len(text) <= longest:
        return text
    first = (longest - 1) // 2
    return f"{text[:first]}…{text[first + 1 - longest :]}"
