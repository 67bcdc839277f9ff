"""Checks of the exercises of lesson 20, by the checker that the lesson is about."""

import numpy as np

from tinygrad_edu.lessons import require
from tinygrad_edu.testing import check_vjp


def _checked(f, answer, *xs):
    """Ask for a gradient that passes, and say what a wrong one looks like."""
    report = check_vjp(f, answer, *xs, raises=False)
    said = report.diagnosis or str(report).split("\n")[0].partition("fail: ")[2]
    require(report.verdict == "pass", f"the checker says: {said}")


def leaky_vjp(answer):
    """A backward pass for leaky ReLU."""

    def leaky(x):
        return np.where(x > 0, x, 0.1 * x)

    x = np.array([0.5, -1.0, 2.0, -3.0, 1.5])
    returned = answer(np.ones(5), x.copy())
    require(isinstance(returned, tuple), "return a tuple, (gradient,): there is one for each input")
    _checked(leaky, answer, x)
    _checked(leaky, answer, np.array([[0.3, 0.0], [-0.2, 4.0]]))


def layer_vjp(answer):
    """A layer with a bias."""
    rng = np.random.default_rng(1)

    def layer(x, w, b):
        return x @ w + b

    for rows, features, outputs in ((4, 3, 2), (3, 3, 3)):
        arrays = rng.normal(size=(rows, features)), rng.normal(size=(features, outputs))
        _checked(layer, answer, *arrays, rng.normal(size=outputs))


def softmax_vjp(answer):
    """Softmax."""

    def softmax(x):
        powers = np.exp(x - x.max())
        return powers / powers.sum()

    x = np.array([0.3, -1.2, 2.0])
    found = answer(np.ones(3), x.copy())
    require(isinstance(found, tuple), "return a tuple, (gradient,): there is one for each input")
    require(
        np.abs(found[0]).max() < 1e-9,
        "the shares always add up to 1, so for g = (1, 1, 1) the gradient is 0: moving one x makes "
        "its share larger and all the others smaller",
    )
    g = np.array([1.0, 0.0, 0.0])
    powers = np.exp(x - x.max())
    share = powers / powers.sum()
    require(
        abs(answer(g, x.copy())[0][0] - share[0] * (1 - share[0])) < 1e-9,
        "for g = (1, 0, 0) the first number is s (1 - s): what is taken away from g is a mean of g "
        "in which large shares count more",
    )
    _checked(softmax, answer, x)
    _checked(softmax, answer, np.array([5.0, 5.0, -1.0, 0.5]))


EXERCISES = (leaky_vjp, layer_vjp, softmax_vjp)
