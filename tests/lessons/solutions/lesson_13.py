"""Solutions and typical mistakes of lesson 13."""

import math

import numpy as np


def updates(epochs, n, batch_size):
    return epochs * math.ceil(n / batch_size)


def batches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[k : k + batch_size] for k in range(0, n, batch_size)]


def epoch_loss(losses, sizes):
    return np.dot(losses, sizes) / np.sum(sizes)


def once_per_epoch(epochs, n, batch_size):
    return epochs


def rounded_down(epochs, n, batch_size):
    return epochs * (n // batch_size)


def rounded_at_the_end(epochs, n, batch_size):
    return math.ceil(epochs * n / batch_size)


def without_the_rest(n, batch_size, rng):
    return list(rng.permutation(n)[: n // batch_size * batch_size].reshape(-1, batch_size))


def drawn_anew(n, batch_size, rng):
    sizes = [min(batch_size, n - k) for k in range(0, n, batch_size)]
    return [rng.permutation(n)[:size] for size in sizes]


def one_order(n, batch_size, rng):
    order = np.random.default_rng(0).permutation(n)
    return [order[k : k + batch_size] for k in range(0, n, batch_size)]


def plain_mean(losses, sizes):
    return np.mean(losses)


def summed(losses, sizes):
    return np.dot(losses, sizes) / len(losses)


SOLUTIONS = (updates, batches, epoch_loss)
WRONG = (
    (
        (once_per_epoch, "not once per epoch"),
        (rounded_down, "round up"),
        (rounded_at_the_end, "before you multiply"),
    ),
    (
        (without_the_rest, "last one has 2"),
        (drawn_anew, "each sample comes once"),
        (one_order, "new order"),
    ),
    ((plain_mean, "by their size"), (summed, "mean of their means")),
)
