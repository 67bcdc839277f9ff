"""Normalization one sample, or one channel, at a time."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .loops import Array, places


def standardized(values: list[float], eps: float) -> list[float]:
    mean = math.fsum(values) / len(values)
    var = math.fsum((v - mean) ** 2 for v in values) / len(values)
    return [(v - mean) / math.sqrt(var + eps) for v in values]


def layer_norm(
    x: Array, weight: Array | None = None, bias: Array | None = None, *, eps: float
) -> Array:
    out = np.zeros(x.shape)
    for sample in places(x.shape[:-1]):
        for k, number in enumerate(standardized([float(v) for v in x[sample]], eps)):
            scaled = number * (1.0 if weight is None else weight[k])
            out[(*sample, k)] = scaled + (0.0 if bias is None else bias[k])
    return out


def batch_norm(
    x: Array, weight: Array | None = None, bias: Array | None = None, *, eps: float
) -> Array:
    out = np.zeros(x.shape)
    for c in range(x.shape[1]):
        inner = [(i, c, k) for i in range(x.shape[0]) for k in range(x.shape[2])]
        numbers = standardized([float(x[place]) for place in inner], eps)
        for place, number in zip(inner, numbers, strict=True):
            scaled = number * (1.0 if weight is None else weight[c])
            out[place] = scaled + (0.0 if bias is None else bias[c])
    return out


REFERENCES: dict[str, Callable[..., Array]] = {"layer_norm": layer_norm, "batch_norm": batch_norm}
