"""Checks of the exercises of lesson 14."""

import numpy as np

from tinygrad_edu.lessons import require


def log_uniform(answer):
    """A number of any magnitude."""
    require(
        np.isclose(answer(0.0, 1e-4, 1.0), 1e-4) and np.isclose(answer(1.0, 1e-4, 1.0), 1.0),
        "u = 0 is the lower end, u = 1 the upper one",
    )
    require(
        np.isclose(answer(0.5, 1e-4, 1.0), 1e-2),
        "half way between 0.0001 and 1 lies 0.01: half of the magnitudes, not of the distance",
    )
    for u, low, high in np.random.default_rng(1).uniform(0.01, 1, size=(20, 3)):
        low, high = low / 10, high + 1
        require(
            np.isclose(np.log(answer(u, low, high) / low), u * np.log(high / low)),
            "the logarithm must grow evenly with u, between any two ends",
        )


def trials_needed(answer):
    """How many trials."""
    require(answer(0.5, 0.5) == 1, "half of all are good: one trial has a chance of 1/2")
    require(
        answer(0.05, 0.95) != 19,
        "trials may hit the good part twice, so chances do not add up: ask with which chance all "
        "of them miss",
    )
    require(
        answer(0.05, 0.95) == 59,
        "n trials all miss with chance (1 - share)**n; round the number up: 58 are not enough",
    )
    rng = np.random.default_rng(2)
    for share, chance in rng.uniform(0.02, 0.98, size=(30, 2)):
        n = answer(float(share), float(chance))
        require(n == int(n), "a number of trials is whole")
        require(1 - (1 - share) ** n >= chance - 1e-12, f"{n} trials are not enough here")
        require(1 - (1 - share) ** (n - 1) < chance, "fewer trials would do here")


def honest(answer):
    """What to report."""
    validation, test = [0.91, 0.97, 0.95], [0.96, 0.94, 0.93]
    found = answer(validation, test)
    require(
        found != 0.96,
        "that trial is the best on the test part: then the test part has chosen, and its number "
        "is as lucky as any maximum",
    )
    require(
        found != 0.97,
        "the validation accuracy of the winner is the largest of several: it is too good",
    )
    require(found == 0.94, "validation chooses the trial, test judges this one trial")
    rng = np.random.default_rng(3)
    for _ in range(10):
        validation, test = rng.permutation(20) / 20, rng.permutation(20) / 20
        right = test[int(np.argmax(validation))]
        require(answer(validation.tolist(), test.tolist()) == right, "another trial was chosen")


EXERCISES = (log_uniform, trials_needed, honest)
