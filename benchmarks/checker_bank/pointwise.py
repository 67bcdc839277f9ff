"""Correct: smooth functions, element by element, with broadcasting where there are two inputs."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.domain import Real

from .entry import Array, Arrays, right
from .shapes import ANY, BROADCAST, PAIRED, sum_to

GELU = np.sqrt(2 / np.pi)


def sigmoid(x: Array) -> Array:
    """Logistic function, without overflow."""
    return np.exp(-np.logaddexp(0.0, -x))


def gelu(x: Array) -> Array:
    """The tanh form of the Gaussian error linear unit."""
    return 0.5 * x * (1 + np.tanh(GELU * (x + 0.044715 * x**3)))


def gelu_vjp(g: Array, x: Array) -> Arrays:
    """Product rule on x times its gate."""
    t = np.tanh(GELU * (x + 0.044715 * x**3))
    slope = GELU * (1 + 3 * 0.044715 * x**2)
    return (g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope),)


def power_vjp(g: Array, x: Array, y: Array) -> Arrays:
    """Derivatives in the base and in the exponent."""
    return sum_to(g * y * x ** (y - 1), x.shape), sum_to(g * x**y * np.log(x), y.shape)


def fused_vjp(g: Array, a: Array, b: Array, c: Array) -> Arrays:
    """Derivatives of a b + c, with broadcasting."""
    return sum_to(g * b, a.shape), sum_to(g * a, b.shape), sum_to(g, c.shape)


right("identity", lambda x: x + 0.0, lambda g, x: (g.copy(),), ANY, Real())
right("square", lambda x: x * x, lambda g, x: (2 * g * x,), ANY, Real())
right("cube", lambda x: x**3, lambda g, x: (3 * g * x**2,), ANY, Real())
right("exp", np.exp, lambda g, x: (g * np.exp(x),), ANY, Real())
right("expm1", np.expm1, lambda g, x: (g * np.exp(x),), ANY, Real())
right("log", np.log, lambda g, x: (g / x,), ANY, Real(0, 4, open_left=True), tags="hard")
right("log1p", np.log1p, lambda g, x: (g / (1 + x),), ANY, Real(-0.9, 4))
right("sqrt", np.sqrt, lambda g, x: (g * 0.5 / np.sqrt(x),), ANY, Real(0, 4), tags="hard singular")
right("sin", np.sin, lambda g, x: (g * np.cos(x),), ANY, Real(-6, 6), marks=(np.pi / 2, np.pi))
right("tan", np.tan, lambda g, x: (g / np.cos(x) ** 2,), ANY, Real(-1.4, 1.4))
right("tanh", np.tanh, lambda g, x: (g * (1 - np.tanh(x) ** 2),), ANY, Real(-4, 4))
right(
    "sigmoid",
    sigmoid,
    lambda g, x: (g * sigmoid(x) * sigmoid(-x),),
    ANY,
    Real(-20, 20),
    tags="saturates",
)
right("softplus", lambda x: np.logaddexp(0.0, x), lambda g, x: (g * sigmoid(x),), ANY, Real(-9, 9))
right(
    "silu",
    lambda x: x * sigmoid(x),
    lambda g, x: (g * (sigmoid(x) + x * sigmoid(x) * sigmoid(-x)),),
    ANY,
    Real(-6, 6),
)
right("gelu", gelu, gelu_vjp, ANY, Real(-4, 4))
right("gauss", lambda x: np.exp(-x * x), lambda g, x: (-2 * g * x * np.exp(-x * x),), ANY, Real())
right("reciprocal", lambda x: 1 / x, lambda g, x: (-g / x**2,), ANY, Real(0.1, 4))
right(
    "x_to_the_x",
    lambda x: x**x,
    lambda g, x: (g * x**x * (np.log(x) + 1),),
    ANY,
    Real(0, 3, open_left=True),
    tags="hard",
)
right("arctan", np.arctan, lambda g, x: (g / (1 + x * x),), ANY, Real(-4, 4))
right("arcsinh", np.arcsinh, lambda g, x: (g / np.sqrt(1 + x * x),), ANY, Real(-4, 4))
right("one_minus_cos", lambda x: 1 - np.cos(x), lambda g, x: (g * np.sin(x),), ANY, Real())
right(
    "add",
    np.add,
    lambda g, x, y: (sum_to(g, x.shape), sum_to(g, y.shape)),
    BROADCAST,
    Real(),
    tags="broadcast",
)
right(
    "multiply",
    np.multiply,
    lambda g, x, y: (sum_to(g * y, x.shape), sum_to(g * x, y.shape)),
    BROADCAST,
    Real(),
    tags="broadcast",
)
right(
    "divide",
    np.divide,
    lambda g, x, y: (sum_to(g / y, x.shape), sum_to(-g * x / y**2, y.shape)),
    BROADCAST,
    Real(),
    Real(0.3, 3),
    tags="broadcast",
)
right("power", np.power, power_vjp, BROADCAST, Real(0.1, 3), Real(-2, 3), tags="broadcast")
right(
    "logaddexp",
    np.logaddexp,
    lambda g, x, y: (sum_to(g * sigmoid(x - y), x.shape), sum_to(g * sigmoid(y - x), y.shape)),
    BROADCAST,
    Real(-6, 6),
    tags="broadcast",
)
right(
    "arctan2",
    np.arctan2,
    lambda g, y, x: (g * x / (x * x + y * y), -g * y / (x * x + y * y)),
    PAIRED,
    Real(),
    Real(0.2, 3),
)
right(
    "multiply_add",
    lambda a, b, c: a * b + c,
    fused_vjp,
    (((3,), (3,), (3,)), ((2, 2), (2,), ()), ((2, 1), (1, 2), (2, 2)), ((), (), ())),
    Real(),
    tags="broadcast",
)
right(
    "interpolate",
    lambda a, b, t: a + t * (b - a),
    lambda g, a, b, t: (
        sum_to(g * (1 - t), a.shape),
        sum_to(g * t, b.shape),
        sum_to(g * (b - a), t.shape),
    ),
    (((3,), (3,), ()), ((2, 2), (2, 2), (2, 1)), ((1,), (1,), (1,))),
    Real(),
    Real(),
    Real(0, 1),
    tags="broadcast",
)
