"""Checks of the exercises of lesson 3."""

import warnings

import numpy as np

from tinygrad_edu.lessons import require


def _quiet(answer, *given):
    """The numbers of an answer; what overflows shows in them."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        got = answer(*given)
    return np.asarray(getattr(got, "data", got), dtype=float)


def leaky(answer):
    """Leaky relu."""
    z = np.random.default_rng(0).normal(size=12)
    for slope in (0.01, 0.3):
        got = _quiet(answer, z.copy(), slope)
        require(got.shape == z.shape, "every element has a value of its own")
        require(np.abs(got - np.maximum(z, 0)).max() > 1e-9, "this one sleeps below zero")
        require(np.abs(got[z > 0] - z[z > 0]).max() < 1e-9, "above zero nothing happens to z")
        require(
            np.abs(got[z < 0] - slope * z[z < 0]).max() < 1e-9, "below zero it is a gentle line"
        )
    steep = _quiet(answer, z.copy(), 2.0)
    require(
        np.abs(steep - np.where(z > 0, z, 2.0 * z)).max() < 1e-9,
        "the larger of z and slope * z is not it when slope is above 1",
    )


def sigmoid_slope(answer):
    """The slope of sigmoid."""
    z = np.linspace(-3, 3, 13)
    s = 1 / (1 + np.exp(-z))
    got = _quiet(answer, z)
    require(got.shape == z.shape, "every element has a slope of its own")
    require(np.abs(got - s).max() > 1e-9, "this is sigmoid itself; how fast does it grow?")
    require(np.abs(got - (1 - np.tanh(z) ** 2)).max() > 1e-9, "that is the slope of tanh")
    require(got.max() < 0.26, "the slope of sigmoid is at most 1/4, at 0")
    require(np.abs(got - s * (1 - s)).max() < 1e-9, "write the slope with the value of sigmoid")
    far = _quiet(answer, np.array([-1000.0, 1000.0]))
    require(np.isfinite(far), "at -1000 or 1000 something overflows; use the value, not e^z")
    require(np.abs(far) < 1e-9, "far out sigmoid is flat")


def softmax(answer):
    """Softmax that does not overflow."""
    rng = np.random.default_rng(1)
    for classes in (2, 10):
        scores = rng.normal(size=classes)
        right = np.exp(scores) / np.exp(scores).sum()
        got = _quiet(answer, scores.copy())
        require(got.shape == scores.shape, "each score becomes a probability")
        require(abs(got.sum() - 1) < 1e-9, "probabilities sum to one")
        require(np.abs(got - right).max() < 1e-9, "each share is of the exponentials")
    large = _quiet(answer, np.array([1000.0, 1001.0, 0.0]))
    require(np.isfinite(large), "with scores of 1000 something overflows; only differences count")
    small = _quiet(answer, np.array([-1000.0, -1001.0]))
    require(np.isfinite(small), "all scores of -1000 give 0/0; subtract what makes one of them 0")
    require(np.abs(small[0] - 1 / (1 + np.exp(-1))) < 1e-9, "a shift of all scores changes nothing")


EXERCISES = (leaky, sigmoid_slope, softmax)
