"""Correct: functions on which differences are hard to take.

Very large and very small numbers, narrow features, cancellation, float32 on the surface or inside.
"""

from __future__ import annotations

import numpy as np

from tinygrad_edu.domain import Real

from .entry import Array, Arrays, right
from .reductions import variance_vjp
from .shapes import ANY, FULL, PAIRED, VECTOR

WAVE = 1e8


def through_float32(x: Array) -> Array:
    """Compute in float32 and say nothing."""
    return np.tanh(np.asarray(x, np.float32)).astype(np.float64)


def smooth_step(x: Array) -> Array:
    """A step of height one and width 1e-4."""
    return np.tanh(1e4 * x)


def narrow(x: Array) -> Array:
    """A bump of width 1e-3 on a slope."""
    return x + np.exp(-((x / 1e-3) ** 2))


def narrow_vjp(g: Array, x: Array) -> Arrays:
    """The slope, and the bump's own."""
    return (g * (1 - 2 * x / 1e-6 * np.exp(-((x / 1e-3) ** 2))),)


def steep_vjp(g: Array, x: Array) -> Arrays:
    """1 - tanh squared, without cancellation."""
    return (g * 1e4 / np.cosh(np.minimum(np.abs(1e4 * x), 300.0)) ** 2,)


def tanh32_vjp(g: Array, x: Array) -> Arrays:
    """The derivative of what was meant, in float64."""
    return (g * (1 - np.tanh(x) ** 2),)


right(
    "sin_1e8",
    lambda x: np.sin(WAVE * x),
    lambda g, x: (g * WAVE * np.cos(WAVE * x),),
    ANY,
    Real(-1, 1),
    tags="hard scale",
)
right(
    "sin_far_out",
    np.sin,
    lambda g, x: (g * np.cos(x),),
    ANY,
    Real(99990, 100010),
    marks=(1e5,),
    tags="hard scale",
)
right("f32_inside", through_float32, tanh32_vjp, ANY, Real(), tags="hard float32 noisy")
right(
    "lost_digits",
    lambda x: (x + 1e8) - 1e8,
    lambda g, x: (g.copy(),),
    ANY,
    Real(),
    tags="hard noisy",
)
right(
    "tiny_output",
    lambda x: 1e-12 * np.tanh(x),
    lambda g, x: (1e-12 * g * (1 - np.tanh(x) ** 2),),
    ANY,
    Real(),
    tags="scale",
)
right(
    "huge_output",
    lambda x: 1e12 * np.sin(x),
    lambda g, x: (1e12 * g * np.cos(x),),
    ANY,
    Real(),
    tags="scale",
)
right(
    "tiny_input",
    lambda x: np.sin(1e12 * x),
    lambda g, x: (1e12 * g * np.cos(1e12 * x),),
    ANY,
    Real(-1e-12, 1e-12),
    tags="hard scale",
)
right("huge_input", np.log, lambda g, x: (g / x,), ANY, Real(1e11, 1e12), tags="scale")
right(
    "square_tiny",
    lambda x: x * x,
    lambda g, x: (2 * g * x,),
    ANY,
    Real(-1e-12, 1e-12),
    tags="hard scale",
)
right(
    "square_huge", lambda x: x * x, lambda g, x: (2 * g * x,), ANY, Real(-1e12, 1e12), tags="scale"
)
right(
    "mixed_scales",
    lambda x, y: 1e6 * x + 1e-6 * np.sin(y),
    lambda g, x, y: (1e6 * g, 1e-6 * g * np.cos(y)),
    PAIRED,
    Real(),
    tags="hard scale noisy",
)
right(
    "bilinear_near_0",
    lambda x, y: x * y,
    lambda g, x, y: (g * y, g * x),
    PAIRED,
    Real(-1e-6, 1e-6),
    tags="hard scale",
)
right(
    "exp_steep",
    lambda x: np.exp(20 * x),
    lambda g, x: (20 * g * np.exp(20 * x),),
    ANY,
    Real(-2, 2),
    tags="scale",
)
right("smooth_step", smooth_step, steep_vjp, ANY, Real(-1e-3, 1e-3), tags="hard scale")
right(
    "narrow_bump",
    narrow,
    narrow_vjp,
    ANY,
    Real(-1, 1),
    marks=(1e-3, 5e-4, -2e-3),
    tags="hard scale",
)
right(
    "relu_tiny",
    lambda x: np.maximum(x, 0.0),
    lambda g, x: (g * (x > 0),),
    ANY,
    Real(-1e-12, 1e-12),
    tags="hard kink scale",
)
right("log_tiny", np.log, lambda g, x: (g / x,), ANY, Real(1e-12, 1e-6), tags="hard scale")
right(
    "var_offset_1e6",
    np.var,
    variance_vjp,
    VECTOR,
    Real(999999, 1000001),
    marks=(1e6,),
    tags="hard scale noisy",
)
right(
    "exp_float32",
    np.exp,
    lambda g, x: (np.asarray(g, np.float32) * np.exp(x),),
    ANY,
    Real(),
    dtype=np.float32,
    tags="float32",
)
right(
    "relu_float32",
    lambda x: np.maximum(x, np.float32(0)),
    lambda g, x: (np.asarray(g, np.float32) * (x > 0),),
    ANY,
    Real(),
    dtype=np.float32,
    tags="float32 kink",
)
right(
    "matmul_float32",
    np.matmul,
    lambda g, a, b: (np.asarray(g, np.float32) @ b.T, a.T @ np.asarray(g, np.float32)),
    (((2, 3), (3, 2)), ((1, 2), (2, 1))),
    Real(),
    dtype=np.float32,
    tags="float32",
)
right(
    "var_float32",
    np.var,
    lambda g, x: variance_vjp(np.asarray(g, np.float32), x),
    FULL,
    Real(),
    dtype=np.float32,
    tags="float32",
)
