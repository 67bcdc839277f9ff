"""Solutions and typical mistakes of lesson 21."""

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn


@tg.operation(rule=lambda g, out, x: -2 * g * x * out**2, domain=tg.Real(-3, 3))
def bump(x):
    """Bump: z = 1 / (1 + x^2)."""
    return 1 / (1 + x * x)


class Affine(nn.Module):
    def __init__(self, features):
        self.weight = nn.Parameter(np.ones(features))
        self.bias = nn.Parameter(np.zeros(features))

    def forward(self, x):
        return x * self.weight + self.bias


def rms_update(parameter, gradient, state, lr, beta):
    v = beta * state.get("v", 0.0) + (1 - beta) * gradient**2
    return parameter - lr * gradient / (np.sqrt(v) + 1e-8), {"v": v}


def plain_function(x):
    return 1 / (1 + x * x)


def wrong_sign():
    @tg.operation(rule=lambda g, out, x: 2 * g * x * out**2, domain=tg.Real(-3, 3))
    def bump(x):
        """Bump: z = 1 / (1 + x^2)."""
        return 1 / (1 + x * x)

    return bump


def without_inner_slope():
    @tg.operation(rule=lambda g, out, x: -g * out**2 * tg.sign(x), domain=tg.Real(-3, 3))
    def bump(x):
        """Bump: z = 1 / (1 + x^2)."""
        return 1 / (1 + x * x)

    return bump


def for_arrays_only():
    def rule(g, out, x):
        return -2 * g * x / (1 + np.asarray(tg.stop_gradient(x)) ** 2) ** 2

    @tg.operation(rule=rule, domain=tg.Real(-3, 3))
    def bump(x):
        """Bump: z = 1 / (1 + x^2)."""
        return 1 / (1 + x * x)

    return bump


class PlainArrays(nn.Module):
    def __init__(self, features):
        self.weight, self.bias = np.ones(features), np.zeros(features)

    def forward(self, x):
        return x * self.weight + self.bias


class CutOff(Affine):
    def forward(self, x):
        return x * self.weight.data + self.bias


class Summed(Affine):
    def forward(self, x):
        return (x * self.weight).sum(axis=-1, keepdims=True) + self.bias


def no_root(parameter, gradient, state, lr, beta):
    v = beta * state.get("v", 0.0) + (1 - beta) * gradient**2
    return parameter - lr * gradient / (v + 1e-8), {"v": v}


def forgetful(parameter, gradient, state, lr, beta):
    v = beta * state.get("v", 0.0) + (1 - beta) * gradient**2
    return parameter - lr * gradient / (np.sqrt(v) + 1e-8), state


def in_place(parameter, gradient, state, lr, beta):
    v = beta * state.get("v", 0.0) + (1 - beta) * gradient**2
    parameter -= lr * gradient / (np.sqrt(v) + 1e-8)
    return parameter, {"v": v}


SOLUTIONS = (bump, Affine, rms_update)
WRONG = (
    (
        (plain_function, "decorate it"),
        (wrong_sign(), "negative there"),
        (without_inner_slope(), "times the slope of u"),
        (for_arrays_only(), "check_op says"),
    ),
    (
        (PlainArrays, "nn.Parameter"),
        (CutOff, "cut off"),
        (Summed, "changes nothing"),
    ),
    ((no_root, "move as far"), (forgetful, "come back in the state"), (in_place, "pure")),
)
