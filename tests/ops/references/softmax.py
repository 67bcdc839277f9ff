"""The softmax family from its definition."""

from __future__ import annotations

import math
from collections.abc import Callable

from .loops import Array, loops, reduced


def log_softmax(x: Array, axis: int = -1) -> Array:
    return x - loops(math.log, reduced(math.fsum, loops(math.exp, x), axis, True))


def cross_entropy(scores: Array, targets: Array) -> Array:
    terms = loops(lambda t, z: -t * z, targets, log_softmax(scores))
    return reduced(math.fsum, terms, -1)


REFERENCES: dict[str, Callable[..., Array]] = {
    "log_softmax": log_softmax,
    "softmax_cross_entropy": cross_entropy,
}
