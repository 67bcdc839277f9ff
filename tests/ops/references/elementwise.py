"""Operations element by element: the same in plain Python, on one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .loops import Array, loops

# One element at a time, in plain Python.
SCALAR: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "floor_divide": lambda x, y: math.floor(x / y),
    "remainder": lambda x, y: x - y * math.floor(x / y),
    "negative": lambda x: -x,
    "positive": lambda x: x,
    "sign": lambda x: (x > 0) - (x < 0),
    "abs": lambda x: x if x >= 0 else -x,
    "power": lambda x, y: (-1 if x < 0 and y % 2 else 1) * math.exp(y * math.log(abs(x))),
    "square": lambda x: x * x,
    "sqrt": math.sqrt,
    "cbrt": lambda x: math.copysign(math.exp(math.log(abs(x)) / 3), x),
    "reciprocal": lambda x: 1 / x,
    "maximum": lambda x, y: y if y > x else x,
    "minimum": lambda x, y: y if y < x else x,
    "exp": math.exp,
    "exp2": lambda x: math.exp(x * math.log(2.0)),
    "expm1": math.expm1,
    "log": math.log,
    "log1p": math.log1p,
    "log2": math.log2,
    "log10": math.log10,
    "logaddexp": lambda x, y: math.log(math.exp(x) + math.exp(y)),
    "logaddexp2": lambda x, y: math.log(2**x + 2**y) / math.log(2.0),
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "heaviside": lambda x, y: y if x == 0 else float(x > 0),
    "isfinite": math.isfinite,
    "isinf": math.isinf,
    "isnan": math.isnan,
    "signbit": lambda x: math.copysign(1, x) < 0,
    "copysign": math.copysign,
    "nextafter": math.nextafter,
    "fmax": lambda x, y: y if y > x else x,
    "fmin": lambda x, y: y if y < x else x,
    "clip": lambda x, low, high: sorted([x, low, high])[1] if low <= high else high,
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": int,
    "logical_and": lambda x, y: bool(x and y),
    "logical_or": lambda x, y: bool(x or y),
    "logical_xor": lambda x, y: bool(x) != bool(y),
    "logical_not": lambda x: not x,
    "bitwise_and": lambda x, y: x & y,
    "bitwise_or": lambda x, y: x | y,
    "bitwise_xor": lambda x, y: x ^ y,
    "bitwise_invert": lambda x: not x if isinstance(x, bool) else -x - 1,
    "bitwise_left_shift": lambda x, y: x * 2**y,
    "bitwise_right_shift": lambda x, y: x // 2**y,
    "where": lambda condition, x, y: x if condition else y,
}


def rounded(x: Array, decimals: int) -> Array:
    return loops(lambda v: round(v, decimals), x)


def without_nan(x: Array, nan: float, posinf: Any, neginf: Any) -> Array:
    return loops(lambda v: v if math.isfinite(v) else nan, x)


REFERENCES: dict[str, Callable[..., Array]] = {"round": rounded, "nan_to_num": without_nan}
