"""Checks of the exercises of lesson 1."""

import numpy as np

from tinygrad_edu.lessons import require


def _numbers(answer):
    return np.asarray(getattr(answer, "data", answer), dtype=float)


def neuron(answer):
    """The answer of a neuron."""
    rng = np.random.default_rng(0)
    for length in (1, 2, 5):
        x, w, b = rng.normal(size=length), rng.normal(size=length), rng.normal()
        z = (w * x).sum() + b
        got = _numbers(answer(x, w, b))
        require(got.shape == (), "one sample gives one number: the products are added up")
        require(abs(got - z) > 1e-9, "this is the sum z; it has not been squeezed yet")
        require(abs(got - np.tanh(z - b)) > 1e-9, "the bias is missing from the sum")
        require(
            abs(got - np.tanh(z - b) - b) > 1e-9,
            "the bias belongs to the sum, so it is added before the squeeze",
        )
        require(abs(got - np.tanh(z)) < 1e-9, "compare with the two formulas at the top")


def bias_through(answer):
    """The bias that puts the line through a point."""
    rng = np.random.default_rng(1)
    for length in (2, 2, 3):
        x, w = rng.normal(size=length), rng.normal(size=length)
        got = _numbers(answer(x, w))
        require(got.shape == (), "a neuron has one bias, whatever the length of x")
        require(abs(got - (w * x).sum()) > 1e-9, "with this bias z doubles: look at its sign")
        require(abs((w * x).sum() + got) < 1e-9, "on the line the whole sum z, bias included, is 0")


def learn(answer):
    """One step downhill."""
    rng = np.random.default_rng(2)
    for length in (1, 3):
        x, w, b, target = rng.normal(size=length), rng.normal(size=length), rng.normal(), 0.3
        a = np.tanh((w * x).sum() + b)
        pull = 2 * (a - target) * (1 - a**2)
        w2, b2 = answer(x, w.copy(), b, target, 0.1)
        went = (_numbers(w2) - w) / 0.1
        require(went.shape == w.shape, "every weight has its own new value: w keeps its shape")
        require(np.abs(went - pull * x).max() > 1e-6, "the gradient points uphill, and so did you")
        require(np.abs(went + 2 * (a - target) * x).max() > 1e-6, "the link da/dz is missing")
        require(np.abs(went + pull).max() > 1e-6 or length == 1, "dz/dw is not 1: what is it?")
        require(np.abs(went + pull * x / 2).max() > 1e-6, "the slope of a square has a 2 in it")
        require(np.abs(went + pull * x).max() < 1e-6, "w <- w - rate * dL/dw: check each link")
        require(abs((_numbers(b2) - b) / 0.1) > 1e-6, "the bias learns too")
        require(abs((_numbers(b2) - b) / 0.1 + pull) < 1e-6, "for the bias the last link is 1")


EXERCISES = (neuron, bias_through, learn)
