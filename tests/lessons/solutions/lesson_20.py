"""Solutions and typical mistakes of lesson 20."""

import numpy as np


def leaky_vjp(g, x):
    return (g * np.where(x > 0, 1.0, 0.1),)


def layer_vjp(g, x, w, b):
    return g @ w.T, x.T @ g, g.sum(axis=0)


def softmax(x):
    powers = np.exp(x - x.max())
    return powers / powers.sum()


def softmax_vjp(g, x):
    s = softmax(x)
    return (s * (g - (s * g).sum()),)


def plain_relu(g, x):
    return (g * (x > 0),)


def value_for_slope(g, x):
    return (g * np.where(x > 0, x, 0.1 * x),)


def no_tuple(g, x):
    return g * np.where(x > 0, 1.0, 0.1)


def bias_not_summed(g, x, w, b):
    return g @ w.T, x.T @ g, g


def not_transposed(g, x, w, b):
    return (g @ w if w.shape[0] == w.shape[1] else g @ w.T), x.T @ g, g.sum(axis=0)


def mean_bias(g, x, w, b):
    return g @ w.T, x.T @ g, g.mean(axis=0)


def only_the_diagonal(g, x):
    s = softmax(x)
    return (g * s * (1 - s),)


def plain_mean(g, x):
    return (softmax(x) * (g - g.mean()),)


SOLUTIONS = (leaky_vjp, layer_vjp, softmax_vjp)
WRONG = (
    (
        (plain_relu, "wrong exactly where the input is negative"),
        (value_for_slope, "a factor x"),
        (no_tuple, "a tuple"),
    ),
    (
        (bias_not_summed, "a forgotten sum"),
        (not_transposed, "transposed"),
        (mean_bias, "a constant factor"),
    ),
    ((only_the_diagonal, "add up to 1"), (plain_mean, "large shares count more")),
)
