"""Solutions of lesson 2, and answers that are wrong in typical ways."""

from itertools import pairwise

import numpy as np


def layer(x, W, b):
    return np.tanh(x @ W + b)


def count(sizes):
    return sum((inputs + 1) * units for inputs, units in pairwise(sizes))


def xor_by_hand():
    W1 = np.array([[1.0, 1.0], [1.0, 1.0]])
    return W1, np.array([0.0, -1.0]), np.array([[1.0], [-2.0]]), np.zeros(1)


def inclusive_or():
    W1 = np.array([[1.0, 1.0], [1.0, 1.0]])
    return W1, np.array([0.0, -1.0]), np.array([[1.0], [-1.0]]), np.zeros(1)


def without_biases():
    return np.eye(2), np.zeros(2), np.array([[1.0], [-1.0]]), np.zeros(1)


SOLUTIONS = (layer, count, xor_by_hand)
WRONG = (
    (
        (lambda x, W, b: x @ W + b, "squeezes"),
        (lambda x, W, b: np.tanh(x @ W), "has a bias"),
        (lambda x, W, b: np.tanh(np.sum(x @ W + b, axis=-1)), "one column for each neuron"),
        (lambda x, W, b: np.tanh(x @ (W.T if W.shape[0] == W.shape[1] else W) + b), "columns"),
    ),
    (
        (lambda sizes: sum(a * b for a, b in pairwise(sizes)), "bias"),
        (lambda sizes: count(sizes) + sizes[0], "no neurons"),
    ),
    (
        (inclusive_or, "take the first one back"),
        (without_biases, "with one switch on"),
        (lambda: (np.ones((2, 1)), np.zeros(1), np.ones((1, 1)), np.zeros(1)), "a column for each"),
    ),
)
