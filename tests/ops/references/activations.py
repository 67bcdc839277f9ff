"""Activation functions from their definitions, on one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def exponential_linear(x: float, scale: float, height: float, rate: float) -> float:
    return scale * x if x > 0 else height * (math.exp(rate * x) - 1)


def softplus(x: float, beta: float, threshold: float) -> float:
    return x if beta * x > threshold else math.log(1 + math.exp(beta * x)) / beta


def hardtanh(x: float, min_val: float, max_val: float) -> float:
    return min_val if x < min_val else max_val if x > max_val else x


SCALAR: dict[str, Callable[..., Any]] = {
    "sigmoid": logistic,
    "logistic": logistic,
    "relu": lambda x: x if x > 0 else 0.0,
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": exponential_linear,
    "hardtanh": hardtanh,
    "softplus": softplus,
    "silu": lambda x: x * logistic(x),
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "gelu_tanh": lambda x: x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2,
    "softsign": lambda x: x / (1 + x if x > 0 else 1 - x),
}
