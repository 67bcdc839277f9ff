"""Checks of the exercises of lesson 2."""

from itertools import pairwise

import numpy as np

from tinygrad_edu.lessons import require


def _numbers(answer):
    return np.asarray(getattr(answer, "data", answer), dtype=float)


def layer(answer):
    """A layer of neurons."""
    rng = np.random.default_rng(0)
    for shape, units in (((3,), 2), ((5, 3), 4), ((4, 4), 4)):
        x, W, b = (
            rng.normal(size=shape),
            rng.normal(size=(shape[-1], units)),
            rng.normal(size=units),
        )
        got, z = _numbers(answer(x, W, b)), x @ W + b
        require(got.shape == z.shape, "one row for each sample, one column for each neuron")
        require(np.abs(got - z).max() > 1e-9, "these are the sums; the layer squeezes them")
        require(np.abs(got - np.tanh(x @ W)).max() > 1e-9, "every neuron has a bias")
        require(np.abs(got - np.tanh(z)).max() < 1e-9, "the columns of W are the neurons")


def count(answer):
    """The number of parameters."""
    for sizes in ([2, 4, 1], [64, 16, 10], [3, 1], [5, 4, 3, 2]):
        got = answer(sizes)
        weights = sum(a * b for a, b in pairwise(sizes))
        require(got != weights, "these are the weights; which neurons have a bias?")
        require(
            got != weights + sum(sizes),
            "the inputs are no neurons: they are given, and nothing is learned there",
        )
        require(got == weights + sum(sizes[1:]), "draw [2, 4, 1] and count lines, then biases")


def xor_by_hand(answer):
    """Weights for exclusive or."""
    parts = answer()
    require(isinstance(parts, tuple) and len(parts) == 4, "the answer is (W1, b1, W2, b2)")
    W1, b1, W2, b2 = (_numbers(part) for part in parts)
    require(W1.shape == (2, 2), "W1 has a row for each switch and a column for each hidden neuron")
    require(b1.shape in ((), (1,), (2,)), "b1 has one number for each hidden neuron")
    require(W2.size == 2, "W2 has one weight for each hidden neuron")
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = (np.maximum(x @ W1 + b1, 0) @ W2.ravel() + b2).ravel()
    require(abs(y[0]) < 1e-6, f"with both switches off it says {y[0]:.3g}: look at the biases")
    require(
        np.abs(y[1:3] - 1).max() < 1e-6,
        f"with one switch on it says {y[1]:.3g} and {y[2]:.3g}, and should say 1",
    )
    require(
        abs(y[3]) < 1e-6,
        f"with both on it says {y[3]:.3g}: here the second neuron has to take the first one back",
    )


EXERCISES = (layer, count, xor_by_hand)
