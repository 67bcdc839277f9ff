"""Operations element by element: the same in plain Python, on one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

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
    "reciprocal": lambda x: 1 / x,
    "maximum": lambda x, y: y if y > x else x,
    "minimum": lambda x, y: y if y < x else x,
    "exp": math.exp,
    "expm1": math.expm1,
    "log": math.log,
    "log1p": math.log1p,
    "log2": math.log2,
    "log10": math.log10,
    "logaddexp": lambda x, y: math.log(math.exp(x) + math.exp(y)),
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "isfinite": math.isfinite,
    "where": lambda condition, x, y: x if condition else y,
}
