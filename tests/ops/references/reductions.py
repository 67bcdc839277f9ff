"""Operations along axes: the same on a list of the elements that fall together."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def variance(values: list[float], correction: float = 0) -> float:
    return math.fsum((v - mean(values)) ** 2 for v in values) / (len(values) - correction)


# A list of the elements that fall together, and the settings beside axis and keepdims.
REDUCE: dict[str, Callable[..., Any]] = {
    "sum": lambda values, dtype=None: math.fsum(values),
    "mean": mean,
    "prod": lambda values, dtype=None: math.prod(values),
    "logsumexp": lambda values: (
        values[0] + math.log(math.fsum(math.exp(v - values[0]) for v in values))
    ),
    "count_nonzero": lambda values: [v != 0 for v in values].count(True),
    "max": lambda values: sorted(values)[-1],
    "min": lambda values: sorted(values)[0],
    "var": variance,
    "std": lambda values, correction=0: math.sqrt(variance(values, correction)),
    "any": lambda values: any(v != 0 for v in values),
    "all": lambda values: all(v != 0 for v in values),
    "argmax": lambda values: values.index(sorted(values)[-1]),
    "argmin": lambda values: values.index(sorted(values)[0]),
}
