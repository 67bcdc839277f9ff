"""Checks of the exercises of lesson 5."""

import warnings

import numpy as np

from tinygrad_edu.lessons import require


def _quiet(answer, *given):
    """The numbers of an answer; what overflows shows in them."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        got = answer(*given)
    return np.asarray(getattr(got, "data", got), dtype=float)


def _softmax(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def huber_of(answer):
    """Huber's loss of each error."""
    for delta in (1.0, 2.5):
        e = np.array([-4.0, -delta, -0.3, 0.0, 0.7, 3.0])
        near, far = e**2 / 2, delta * (np.abs(e) - delta / 2)
        inside = np.abs(e) <= delta
        got = _quiet(answer, e.copy(), delta)
        require(got.shape == e.shape, "one value for each error, not yet their mean")
        require(_quiet(answer, -e, delta) == got, "an error of -4 is as bad as one of 4")
        require(np.abs(got[inside] - e[inside] ** 2).max() > 1e-9, "near zero, half the square")
        require(np.abs(got[inside] - near[inside]).max() < 1e-9, "near zero it is a parabola")
        jump = np.abs(got[~inside] - delta * np.abs(e[~inside])).max()
        require(jump > 1e-9, "the line must meet the parabola at delta; yours jumps there")
        require(np.abs(got[~inside] - far[~inside]).max() < 1e-9, "far away it is a straight line")


def cross_entropy(answer):
    """Cross entropy from scores."""
    rng = np.random.default_rng(0)
    for classes in (2, 5):
        s, k = rng.normal(size=classes), classes - 1
        right = -np.log(_softmax(s)[k])
        got = _quiet(answer, s.copy(), k)
        require(got.shape == (), "one row of scores has one loss: only the right class is asked")
        require(abs(got + right) > 1e-9, "a surprise is never negative: the logarithm of p is")
        require(abs(got - _softmax(s)[k]) > 1e-9, "this is the probability; how surprising is it?")
        require(abs(got - right) < 1e-9, "softmax first, then the logarithm of one probability")
    same = _quiet(answer, np.array([2000.0, 2000.0]), 0)
    require(np.isfinite(same), "e^2000 overflows; lesson 3 has the trick")
    far = _quiet(answer, np.array([1000.0, 0.0]), 1)
    require(np.isfinite(far), "a probability of 1e-435 is 0 to a computer: avoid its logarithm")
    require(abs(far - 1000.0) < 1e-6, "for scores of 1000 and 0 the surprise is 1000")


def pull(answer):
    """The slope of cross entropy."""
    rng = np.random.default_rng(1)
    for classes in (2, 4):
        s, k = rng.normal(size=classes), 1
        p = _softmax(s)
        right = p - np.eye(classes)[k]
        got = _quiet(answer, s.copy(), k)
        require(got.shape == s.shape, "every score is pulled")
        require(np.abs(got + right).max() > 1e-9, "this points downhill; a slope points uphill")
        require(np.abs(got - p).max() > 1e-9, "what about the right class?")
        only = np.where(np.arange(classes) == k, right, 0)
        require(np.abs(got - only).max() > 1e-9, "the other classes are pulled too")
        require(np.abs(got - right).max() < 1e-9, "as sigma(z) - t: what is said minus the truth")


EXERCISES = (huber_of, cross_entropy, pull)
