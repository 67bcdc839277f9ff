"""The softmax family from its definition."""

from __future__ import annotations

import math
from collections.abc import Callable

from .loops import Array, loops, reduced


def log_softmax(x: Array, axis: int = -1) -> Array:
    return x - loops(math.log, reduced(math.fsum, loops(math.exp, x), axis, True))


REFERENCES: dict[str, Callable[..., Array]] = {
    "log_softmax": log_softmax,
    "softmax": lambda x, axis=-1: loops(math.exp, log_softmax(x, axis)),
}
