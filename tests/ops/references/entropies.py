"""Cross-entropies from their definitions."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .loops import Array, loops, places, reduced
from .softmax import log_softmax


def cross_entropy(scores: Array, targets: Array) -> Array:
    if targets.ndim < scores.ndim:
        hot = np.zeros(scores.shape)
        for place in places(targets.shape):
            hot[(*place, targets[place])] = 1.0
        targets = hot
    terms = loops(lambda t, z: -t * z, targets, log_softmax(scores))
    return reduced(math.fsum, terms, -1)


def binary(x: float, t: float) -> float:
    yes = 1 / (1 + math.exp(-x))
    return -t * math.log(yes) - (1 - t) * math.log(1 - yes)


REFERENCES: dict[str, Callable[..., Array]] = {"softmax_cross_entropy": cross_entropy}
SCALAR: dict[str, Callable[..., float]] = {"bce_with_logits": binary}
