"""Solutions of lesson 10, and answers that are wrong in typical ways."""

import numpy as np


def scaled(train, test):
    mean, scale = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / scale, (test - mean) / scale


def one_hot(labels, classes):
    return np.eye(classes)[labels]


def split(n, share, rng):
    order = rng.permutation(n)
    count = round(share * n)
    return order[count:], order[:count]


def _leaking(train, test):
    both = np.concatenate([train, test])
    return tuple((part - both.mean(0)) / both.std(0) for part in (train, test))


def _twice(n, share, rng):
    return rng.permutation(n)[round(share * n) :], rng.permutation(n)[: round(share * n)]


def _by_numpy(n, share, rng):
    return split(n, share, np.random.default_rng())


SOLUTIONS = (scaled, one_hot, split)
WRONG = (
    (
        (_leaking, "leak"),
        (
            lambda a, b: tuple((part - part.mean(0)) / part.std(0) for part in (a, b)),
            "its own mean",
        ),
        (lambda a, b: tuple((part - a.mean()) / a.std() for part in (a, b)), "axis=0"),
    ),
    (
        (lambda labels, classes: np.eye(labels.max() + 1)[labels], "unseen"),
        (lambda labels, classes: np.eye(classes)[labels - 1], "counted from 0"),
    ),
    (
        (
            lambda n, share, rng: (np.arange(round(share * n), n), np.arange(round(share * n))),
            "sorted",
        ),
        (_twice, "both parts"),
        (_by_numpy, "use `rng`"),
    ),
)
