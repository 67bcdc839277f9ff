"""Solutions of lesson 3, and answers that are wrong in typical ways."""

import numpy as np


def leaky(z, slope):
    return np.where(z > 0, z, slope * z)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_slope(z):
    s = (1 + np.tanh(z / 2)) / 2
    return s * (1 - s)


def softmax(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


SOLUTIONS = (leaky, sigmoid_slope, softmax)
WRONG = (
    (
        (lambda z, slope: np.maximum(z, 0), "sleeps"),
        (lambda z, slope: np.maximum(z, slope * z), "above 1"),
        (lambda z, slope: slope * z, "above zero"),
    ),
    (
        (sigmoid, "itself"),
        (lambda z: 1 - np.tanh(z) ** 2, "slope of tanh"),
        (lambda z: np.exp(z) / (1 + np.exp(z)) ** 2, "overflows"),
    ),
    (
        (lambda s: np.exp(s) / np.exp(s).sum(), "1000"),
        (lambda s: np.exp(s - 1000) / np.exp(s - 1000).sum(), "sum to one"),
        (lambda s: np.exp(s - max(s.max(), 0)) / np.exp(s - max(s.max(), 0)).sum(), "-1000"),
        (sigmoid, "sum to one"),
    ),
)
