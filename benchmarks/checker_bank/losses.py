"""Correct: losses, from predictions and targets to one number."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.domain import Real

from .entry import Array, Arrays, right
from .pointwise import sigmoid
from .reductions import logsumexp, softmax
from .shapes import PAIRED, Shapes

LOGITS: Shapes = (((2, 3),), ((3, 2),), ((1, 4),), ((3, 1),))
BOTH: Shapes = PAIRED[1:4]


def labels(x: Array) -> Array:
    """A class for every row."""
    return np.arange(len(x))[::-1] % x.shape[1]


def cross_entropy(x: Array) -> Array:
    """Mean of minus the logarithm of the true class's share."""
    return np.mean(logsumexp(x) - x[np.arange(len(x)), labels(x)])


def cross_entropy_vjp(g: Array, x: Array) -> Arrays:
    """Shares less the truth, over the number of rows."""
    p = softmax(x)
    p[np.arange(len(x)), labels(x)] -= 1
    return (g * p / len(x),)


def smooth_l1(x: Array, y: Array) -> Array:
    """Squares when near, distances when far."""
    d = np.abs(x - y)
    return np.where(d < 1, 0.5 * d * d, d - 0.5).mean()


def smooth_l1_vjp(g: Array, x: Array, y: Array) -> Arrays:
    """The distance, cut off at one."""
    d = g * np.clip(x - y, -1.0, 1.0) / x.size
    return d, -d


def squared_error_vjp(g: Array, x: Array, y: Array) -> Arrays:
    """Two n-ths of the difference."""
    d = 2 * g * (x - y) / x.size
    return d, -d


def logistic_loss_vjp(g: Array, x: Array, y: Array) -> Arrays:
    """Probability less the label; the label's own derivative is minus the logit."""
    return g * (sigmoid(x) - y) / x.size, -g * x / x.size


def divergence_vjp(g: Array, x: Array, y: Array) -> Arrays:
    """Derivatives of the sum of p log(p / q)."""
    return g * (np.log(x / y) + 1), -g * x / y


def gaussian_vjp(g: Array, x: Array, v: Array) -> Arrays:
    """Derivatives in the residual and in the variance."""
    return g * x / v, g * 0.5 * (1 / v - x * x / v**2)


right("cross_entropy", cross_entropy, cross_entropy_vjp, LOGITS, Real(-5, 5))
right("squared_error", lambda x, y: ((x - y) ** 2).mean(), squared_error_vjp, BOTH, Real())
right(
    "absolute_error",
    lambda x, y: np.abs(x - y).mean(),
    lambda g, x, y: (g * np.sign(x - y) / x.size, -g * np.sign(x - y) / x.size),
    BOTH,
    Real(),
    tags="kink",
)
right("smooth_l1", smooth_l1, smooth_l1_vjp, BOTH, Real(), tags="kink")
right(
    "logistic_loss",
    lambda x, y: (np.logaddexp(0.0, x) - x * y).mean(),
    logistic_loss_vjp,
    BOTH,
    Real(-6, 6),
    Real(0, 1),
)
right(
    "divergence",
    lambda p, q: (p * np.log(p / q)).sum(),
    divergence_vjp,
    BOTH,
    Real(0.01, 1),
)
right(
    "gaussian_nll",
    lambda x, v: (0.5 * (np.log(v) + x * x / v)).sum(),
    gaussian_vjp,
    BOTH,
    Real(),
    Real(0.1, 2),
)
