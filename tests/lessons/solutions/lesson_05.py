"""Solutions of lesson 5, and answers that are wrong in typical ways."""

import numpy as np


def huber_of(error, delta):
    size = np.abs(error)
    return np.where(size <= delta, error**2 / 2, delta * (size - delta / 2))


def cross_entropy(scores, k):
    scores = scores - scores.max()
    return np.log(np.exp(scores).sum()) - scores[k]


def softmax(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def pull(scores, k):
    slope = softmax(scores)
    slope[k] -= 1
    return slope


def only_the_right_class(scores, k):
    slope = np.zeros_like(scores)
    slope[k] = softmax(scores)[k] - 1
    return slope


SOLUTIONS = (huber_of, cross_entropy, pull)
WRONG = (
    (
        (lambda e, d: np.where(abs(e) <= d, e**2 / 2, d * abs(e)), "jumps"),
        (lambda e, d: np.where(abs(e) <= d, e**2, d * (abs(e) - d / 2)), "half the square"),
        (lambda e, d: huber_of(e, d).mean(), "not yet their mean"),
        (lambda e, d: np.where(e <= d, e**2 / 2, d * (e - d / 2)), "as bad as"),
    ),
    (
        (lambda s, k: -np.log(softmax(s)[k]), "avoid its logarithm"),
        (lambda s, k: np.log(np.exp(s).sum()) - s[k], "e^2000"),
        (lambda s, k: -np.log(softmax(s)), "only the right class"),
        (lambda s, k: np.log(softmax(s)[k]), "never negative"),
    ),
    (
        (lambda s, k: softmax(s), "right class"),
        (only_the_right_class, "pulled too"),
        (lambda s, k: -pull(s, k), "uphill"),
    ),
)
