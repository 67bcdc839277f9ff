"""Correct: functions with kinks and jumps, element by element, each with a legal value there."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.domain import Real

from .entry import Array, Arrays, right
from .shapes import ANY, BROADCAST, PAIRED, sum_to


def share(a: Array, b: Array) -> Array:
    """One where a wins, one half where it ties with b, nothing where it loses."""
    return (a > b) + 0.5 * (a == b)


def safe_sqrt(x: Array) -> Array:
    """Square root right of zero and zero elsewhere, written with two `where`s."""
    return np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0)


def safe_sqrt_vjp(g: Array, x: Array) -> Arrays:
    """The slope of the branch that was taken."""
    return (np.where(x > 0, g * 0.5 / np.sqrt(np.where(x > 0, x, 1.0)), 0.0),)


def spline(x: Array) -> Array:
    """Cubic B-spline: pieces that agree up to the second derivative."""
    a = np.abs(x)
    return np.where(a < 1, 2 / 3 - a**2 + a**3 / 2, np.where(a < 2, (2 - a) ** 3 / 6, 0.0))


def spline_vjp(g: Array, x: Array) -> Arrays:
    """Derivative, piece by piece."""
    a = np.abs(x)
    slope = np.where(a < 1, -2 * a + 1.5 * a**2, np.where(a < 2, -((2 - a) ** 2) / 2, 0.0))
    return (g * slope * np.sign(x),)


right("relu", lambda x: np.maximum(x, 0.0), lambda g, x: (g * (x > 0),), ANY, Real(), tags="kink")
right(
    "leaky_relu",
    lambda x: np.where(x > 0, x, 0.1 * x),
    lambda g, x: (g * np.where(x > 0, 1.0, 0.1),),
    ANY,
    Real(),
    tags="kink",
)
right(
    "relu6",
    lambda x: np.clip(x, 0.0, 6.0),
    lambda g, x: (g * ((x > 0) & (x < 6)),),
    ANY,
    Real(-2, 8),
    marks=(6.0,),
    tags="kink",
)
right("abs", np.abs, lambda g, x: (g * np.sign(x),), ANY, Real(), tags="kink")
right(
    "clip",
    lambda x: np.clip(x, -1.0, 1.0),
    lambda g, x: (g * ((x >= -1) & (x <= 1)),),
    ANY,
    Real(),
    tags="kink",
)
right(
    "hardsigmoid",
    lambda x: np.clip(x + 3, 0.0, 6.0) / 6,
    lambda g, x: (g * ((x > -3) & (x < 3)) / 6,),
    ANY,
    Real(-5, 5),
    marks=(-3.0, 3.0),
    tags="kink hard",
)
right(
    "hardswish",
    lambda x: x * np.clip(x + 3, 0.0, 6.0) / 6,
    lambda g, x: (g * np.where(x <= -3, 0.0, np.where(x >= 3, 1.0, x / 3 + 0.5)),),
    ANY,
    Real(-5, 5),
    marks=(-3.0, 3.0),
    tags="kink",
)
right(
    "elu",
    lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0.0))),
    lambda g, x: (g * np.exp(np.minimum(x, 0.0)),),
    ANY,
    Real(),
    tags="kink hard",
)
right(
    "selu",
    lambda x: 1.05 * np.where(x > 0, x, 1.67 * np.expm1(np.minimum(x, 0.0))),
    lambda g, x: (1.05 * g * np.where(x > 0, 1.0, 1.67 * np.exp(np.minimum(x, 0.0))),),
    ANY,
    Real(),
    tags="kink",
)
right(
    "huber",
    lambda x: np.where(np.abs(x) <= 1, 0.5 * x * x, np.abs(x) - 0.5),
    lambda g, x: (g * np.clip(x, -1.0, 1.0),),
    ANY,
    Real(),
    tags="kink hard",
)
right(
    "x_abs_x", lambda x: x * np.abs(x), lambda g, x: (2 * g * np.abs(x),), ANY, Real(), tags="hard"
)
right(
    "relu_squared",
    lambda x: np.maximum(x, 0.0) ** 2,
    lambda g, x: (2 * g * np.maximum(x, 0.0),),
    ANY,
    Real(),
    tags="hard",
)
right("cubic_spline", spline, spline_vjp, ANY, Real(), marks=(2.0, -2.0), tags="hard")
right(
    "abs_power_3_2",
    lambda x: np.abs(x) ** 1.5,
    lambda g, x: (1.5 * g * np.sign(x) * np.sqrt(np.abs(x)),),
    ANY,
    Real(),
    tags="hard",
)
right(
    "soft_threshold",
    lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0.0),
    lambda g, x: (g * (np.abs(x) > 0.5),),
    ANY,
    Real(),
    marks=(0.5, -0.5),
    tags="kink",
)
right(
    "piecewise_linear",
    lambda x: np.interp(x, [-2.0, -1.0, 0.0, 2.0], [1.0, -1.0, 0.5, 0.0]),
    lambda g, x: (
        g * np.select([x < -2, x < -1, x < 0, x < 2], [0.0, -2.0, 1.5, -0.25], default=0.0),
    ),
    ANY,
    Real(),
    marks=(-2.0, 2.0),
    tags="kink",
)
right(
    "triangle_wave",
    lambda x: np.abs(x - 2 * np.round(x / 2)),
    lambda g, x: (g * np.sign(x - 2 * np.round(x / 2)),),
    ANY,
    Real(-5, 5),
    marks=(2.0, 3.0, -2.0),
    tags="kink",
)
right("floor", np.floor, lambda g, x: (0.0 * g,), ANY, Real(), marks=(2.0, -2.0), tags="jump hard")
right("round", np.round, lambda g, x: (0.0 * g,), ANY, Real(), marks=(0.5, 1.5), tags="jump hard")
right("sign", np.sign, lambda g, x: (0.0 * g,), ANY, Real(), tags="jump hard")
right("step", lambda x: np.heaviside(x, 0.5), lambda g, x: (0.0 * g,), ANY, Real(), tags="jump")
right(
    "fraction", lambda x: x - np.floor(x), lambda g, x: (g.copy(),), ANY, Real(), tags="jump hard"
)
right(
    "remainder",
    np.remainder,
    lambda g, x, y: (g.copy(), -g * np.floor(x / y)),
    PAIRED,
    Real(-4, 4),
    Real(0.4, 2),
    marks=(0.5, 1.5, 2.0),
    tags="jump hard",
)
right(
    "where_gt",
    lambda a, b: np.where(a > 0, a * b, a + b),
    lambda g, a, b: (g * np.where(a > 0, b, 1.0), g * np.where(a > 0, a, 1.0)),
    PAIRED,
    Real(),
    tags="jump hard",
)
right("safe_sqrt_where", safe_sqrt, safe_sqrt_vjp, ANY, Real(), tags="singular hard")
right(
    "maximum",
    np.maximum,
    lambda g, x, y: (sum_to(g * share(x, y), x.shape), sum_to(g * share(y, x), y.shape)),
    BROADCAST,
    Real(),
    tags="kink broadcast",
)
right(
    "minimum",
    np.minimum,
    lambda g, x, y: (sum_to(g * share(y, x), x.shape), sum_to(g * share(x, y), y.shape)),
    BROADCAST,
    Real(),
    tags="kink broadcast",
)
right(
    "hinge",
    lambda x, y: np.maximum(0.0, 1 - x * y),
    lambda g, x, y: (-g * y * (x * y < 1), -g * x * (x * y < 1)),
    PAIRED,
    Real(),
    tags="kink",
)
right(
    "abs_difference",
    lambda x, y: np.abs(x - y),
    lambda g, x, y: (g * np.sign(x - y), -g * np.sign(x - y)),
    PAIRED,
    Real(),
    tags="kink",
)
