"""Answers to the exercises of lesson 16, right and wrong."""

import numpy as np


def loss_of_d(real, fake):
    return np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean()


def best_answer(p, q):
    return p / (p + q)


def slope_of_g(s):
    return -1 / (1 + np.exp(s))


SOLUTIONS = (loss_of_d, best_answer, slope_of_g)

WRONG = (
    (
        (lambda real, fake: np.log(1 + np.exp(-real)).mean() + np.log(1 + np.exp(fake)).mean(),
         "overflows"),
        (lambda real, fake: np.logaddexp(0, real).mean() + np.logaddexp(0, -fake).mean(),
         "pay little"),
        (lambda real, fake: np.logaddexp(0, np.concatenate([-real, fake])).mean(), "own mean"),
        (lambda real, fake: np.logaddexp(0, -real) + np.logaddexp(0, fake), "one number"),
    ),
    (
        (lambda p, q: p / q, "guess"),
        (lambda p, q: p**2 / (p**2 + q**2), "derivative"),
    ),
    (
        (lambda s: 1 / (1 + np.exp(s)), "sign"),
        (lambda s: -1 / (1 + np.exp(-s)), "pulled hardest"),
    ),
)  # fmt: skip
