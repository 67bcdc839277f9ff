"""Checks of the exercises of lesson 13."""

import math

import numpy as np

from tinygrad_edu.lessons import require


def updates(answer):
    """Counting updates."""
    require(answer(1, 100, 100) == 1, "one batch holds all the data: one epoch is one update")
    require(answer(3, 100, 10) != 3, "weights are updated after each batch, not once per epoch")
    require(answer(3, 100, 10) == 30, "ten batches in an epoch, and three epochs")
    require(answer(1, 101, 10) == 11, "the last batch is smaller, but it makes an update: round up")
    require(
        answer(2, 101, 10) == 22,
        "every epoch ends with its own small batch: round up before you multiply by the epochs",
    )
    for epochs, n, size in np.random.default_rng(1).integers(1, 500, size=(50, 3)).tolist():
        right = epochs * math.ceil(n / size)
        require(answer(epochs, n, size) == right, f"{epochs} epochs of {n} in batches of {size}")


def batches(answer):
    """Cutting an epoch into batches."""
    found = [np.asarray(part) for part in answer(10, 4, np.random.default_rng(0))]
    require(
        sum(map(len, found)) == 10,
        "an epoch sees all 10 samples: with batches of 4 the last one has 2",
    )
    seen = np.concatenate(found)
    require(
        sorted(seen.tolist()) == list(range(10)),
        "each sample comes once in an epoch: one permutation for all batches, none drawn twice",
    )
    require([len(part) for part in found] == [4, 4, 2], "full batches first, the rest last")
    rng = np.random.default_rng(3)
    first, second = (np.concatenate(list(answer(50, 8, rng))) for _ in range(2))
    require(
        not np.array_equal(first, np.arange(50)), "the order must be random, or batches never mix"
    )
    require(
        not np.array_equal(first, second),
        "each epoch draws a new order: take it from the rng that is given",
    )


def epoch_loss(answer):
    """The loss of an epoch."""
    require(abs(answer([2.0, 4.0], [10, 10]) - 3) < 1e-9, "equal batches: the mean of their means")
    require(
        abs(answer([1.0, 9.0], [99, 1]) - 1.08) < 1e-9,
        "one sample with loss 9 must not weigh as much as 99 others: batches count by their size",
    )
    rng = np.random.default_rng(2)
    each = rng.exponential(size=77)
    parts = [each[k : k + 16] for k in range(0, 77, 16)]
    found = answer([part.mean() for part in parts], [len(part) for part in parts])
    require(abs(found - each.mean()) < 1e-9, "it must be the mean over all 77 samples")


EXERCISES = (updates, batches, epoch_loss)
