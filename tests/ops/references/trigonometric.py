"""Circular and hyperbolic functions of one number, by the C library and by their definitions."""

from __future__ import annotations

import math
from collections.abc import Callable

from .loops import Array, loops


def sinc_derivative(x: float, order: int) -> float:
    """The mean of derivatives of cos(pi x t) over t in [0, 1], by Gauss-Legendre in pieces."""
    nodes = [(0.0, 128 / 225)]
    for root, sign in ((10 / 7, -1), (10 / 7, 1)):
        place = math.sqrt(5 + sign * 2 * math.sqrt(root)) / 3
        weight = (322 - sign * 13 * math.sqrt(70)) / 900
        nodes += [(place, weight), (-place, weight)]
    pieces, terms = 64, []
    for k in range(pieces):
        for place, weight in nodes:
            t = (k + (place + 1) / 2) / pieces
            wave = math.cos(math.pi * x * t + order * math.pi / 2)
            terms.append(weight / 2 / pieces * (math.pi * t) ** order * wave)
    return math.fsum(terms)


SCALAR: dict[str, Callable[..., float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "atan2": math.atan2,
    "hypot": lambda x, y: math.sqrt(x * x + y * y),
    "sinc": lambda x: math.sin(math.pi * x) / (math.pi * x) if x else 1.0,
    "sinh": lambda x: (math.exp(x) - math.exp(-x)) / 2,
    "cosh": lambda x: (math.exp(x) + math.exp(-x)) / 2,
    "tanh_slope": lambda x, z: x * (1 - z) * (1 + z),
    "tanh": lambda x: (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x)),
    "asinh": lambda x: math.log(x + math.sqrt(x * x + 1)),
    "acosh": lambda x: math.log(x + math.sqrt(x * x - 1)),
    "atanh": lambda x: math.log((1 + x) / (1 - x)) / 2,
}


def _sinc_derivative(x: Array, order: int) -> Array:
    return loops(lambda v: sinc_derivative(v, order), x)


def _inside_power(x: Array, power: float) -> Array:
    """By the angle whose sine it is."""
    return loops(lambda v: math.cos(math.asin(v)) ** (-2.0 * power), x)


REFERENCES: dict[str, Callable[..., Array]] = {
    "sinc_derivative": _sinc_derivative,
    "inside_power": _inside_power,
}
