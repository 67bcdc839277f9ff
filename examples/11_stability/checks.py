"""Checks of the exercises of lesson 11."""

import numpy as np

from tinygrad_edu.lessons import require


def replaced(answer):
    """A twin's data."""
    rng = np.random.default_rng(0)
    for i in (0, 3, -1):
        x, new = rng.normal(size=(5, 2)), rng.normal(size=2)
        before = x.copy()
        got = np.asarray(answer(x, i, new))
        require((x == before).all(), "the old data changed too: the first twin needs them (.copy)")
        require(got.shape == x.shape, "twins have equally many samples")
        require((got[i] == new).all(), "sample i is not the new one")
        require((np.delete(got, i, 0) == np.delete(x, i, 0)).all(), "only sample i may differ")
    whole = np.array([[1, 2], [3, 4]])
    require((np.asarray(answer(whole, 0, np.array([0.5, 1.5])))[0] == [0.5, 1.5]).all(),
            "whole numbers: half of the new sample was cut off when it was written in")  # fmt: skip


def bound(answer):
    """The most by which the losses of twins differ."""
    got = answer([0.5] * 10, 1.0, 100)
    require(abs(got - 0.05) > 1e-12, "two samples differ, the old and the new: a factor is missing")
    require(abs(got - 0.1) < 1e-12, "add up all rates, divide by the samples")
    require(abs(answer([0.1, 0.3], 1.0, 8) - 0.1) < 1e-12, "rates may differ from step to step")
    require(abs(answer([0.1, 0.3], 2.0, 8) - 0.2) > 1e-12, "that is the bound of the weights: "
            "losses change L times as fast")  # fmt: skip
    require(abs(answer([0.1, 0.3], 2.0, 8) - 0.4) < 1e-12, "look at the power of L")


def aimed(answer):
    """An input moved against the network."""
    rng = np.random.default_rng(1)
    x, slope = rng.normal(size=(4, 6)), rng.normal(size=(4, 6))
    got = np.asarray(answer(x, slope, 0.1))
    require(got.shape == x.shape, "a moved input is an input")
    gain = ((got - x) * slope).sum()
    require(gain > 0, "this way the loss falls: you helped the network")
    require(np.abs(np.abs(got - x).max() - 0.1) < 1e-9, "the largest move of a pixel is not `size`")
    require(np.abs(np.abs(got - x) - 0.1).max() < 1e-9, "every pixel may move by `size`, however "
            "small its slope: use the whole room")  # fmt: skip
    flat = np.array([[0.0, 1.0]])
    require((np.asarray(answer(flat, flat, 0.5)) == [[0.0, 1.5]]).all(), "where the slope is 0 "
            "there is nothing to gain")  # fmt: skip


EXERCISES = (replaced, bound, aimed)
