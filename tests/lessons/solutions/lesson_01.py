"""Solutions of lesson 1, and answers that are wrong in typical ways."""

import numpy as np


def neuron(x, w, b):
    return np.tanh(w @ x + b)


def bias_through(x, w):
    return -(w @ x)


def learn(x, w, b, target, rate):
    a = np.tanh(w @ x + b)
    pull = 2 * (a - target) * (1 - a**2)
    return w - rate * pull * x, b - rate * pull


def uphill(x, w, b, target, rate):
    a = np.tanh(w @ x + b)
    pull = 2 * (a - target) * (1 - a**2)
    return w + rate * pull * x, b + rate * pull


def without_a_link(x, w, b, target, rate):
    pull = 2 * (np.tanh(w @ x + b) - target)
    return w - rate * pull * x, b - rate * pull


def with_a_fixed_bias(x, w, b, target, rate):
    return learn(x, w, b, target, rate)[0], b


SOLUTIONS = (neuron, bias_through, learn)
WRONG = (
    (
        (lambda x, w, b: w @ x + b, "not been squeezed"),
        (lambda x, w, b: np.tanh(w @ x) + b, "before the squeeze"),
        (lambda x, w, b: np.tanh(w * x + b), "added up"),
    ),
    (
        (lambda x, w: w @ x, "sign"),
        (lambda x, w: -x.sum(), "is 0"),
    ),
    (
        (uphill, "uphill"),
        (without_a_link, "da/dz"),
        (with_a_fixed_bias, "the bias learns too"),
    ),
)
