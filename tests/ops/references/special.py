"""Special functions by the C library, and by integrals where it has none."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from .loops import Array, loops


def integral(f: Callable[[float], float]) -> float:
    """From 0 to infinity, of what decays as exp(-t): t = exp(u - exp(-u)), and a plain sum."""
    step, terms = 1 / 32, []
    for k in range(-4 * 32, 5 * 32):
        u = k * step
        t = math.exp(u - math.exp(-u))
        terms.append(f(t) * t * (1 + math.exp(-u)) * step)
    return math.fsum(terms)


def polygamma(x: float, n: int) -> float:
    """Binet's and Gauss's integrals, right of 1; the recurrence leads there."""
    steps = Fraction(0)
    while x < 1.0:
        steps += math.factorial(n) * (-1) ** (n + 1) / Fraction(x) ** (n + 1)
        x += 1.0

    def kernel(t: float) -> float:
        if n:
            return (-1) ** (n + 1) * t**n * math.exp(-x * t) / -math.expm1(-t)
        difference = 1 / t + 1 / math.expm1(-t) if t > 1e-3 else -0.5 - t / 12 + t**3 / 720
        return difference * math.exp(-x * t)

    return math.fsum([float(steps), integral(kernel), 0.0 if n else math.log(x)])


def bessel_i(x: float, order: int = 0) -> float:
    """Bessel's integral: of a periodic function, the plain mean over equal steps is exact."""
    turns = [2 * math.pi * k / 256 for k in range(256)]
    return math.fsum(math.exp(x * math.cos(t)) * math.cos(order * t) for t in turns) / 256


SCALAR: dict[str, Callable[..., float]] = {
    "erf": math.erf,
    "erfc": math.erfc,
    "i0": bessel_i,
    "lgamma": math.lgamma,
    "digamma": lambda x: polygamma(x, 0),
}


def _polygamma(x: Array, n: int) -> Array:
    return loops(lambda v: polygamma(v, n), x)


REFERENCES: dict[str, Callable[..., Array]] = {
    "polygamma": _polygamma,
    "bessel_i": lambda x, order: loops(lambda v: bessel_i(v, order), x),
}
