"""Checks of the exercises of lesson 14."""

import math

from tinygrad_edu.lessons import require


def rate(answer):
    """A rate, evenly over the decades."""
    require(abs(answer(0.0) - 1e-4) < 1e-12, "u = 0 is the smallest rate, 1e-4")
    require(abs(answer(1.0) - 1e-1) < 1e-9, "u = 1 is the largest rate, 1e-1")
    middle = answer(0.5)
    require(abs(middle - 0.05005) > 1e-5, "this is even on the plain scale: nine tenths of all "
            "draws would lie above 0.01")  # fmt: skip
    for u in (0.1, 1 / 3, 0.5, 0.9):
        want = math.exp(math.log(1e-4) + u * math.log(1e3))
        require(abs(answer(u) / want - 1) < 1e-9, "even steps of u multiply the rate by a constant")


def trials(answer):
    """How many random trials are enough."""
    require(answer(0.5, 0.5) == 1, "one trial hits the better half with probability 0.5")
    for share, sure in ((0.05, 0.95), (0.01, 0.9), (0.3, 0.999), (0.5, 0.99)):
        want = next(n for n in range(1, 2000) if 1 - (1 - share) ** n >= sure)
        got = answer(share, sure)
        require(got != math.ceil(sure / share), "chances of several trials do not simply add up")
        require(got == int(got), "a number of trials is whole")
        require(got > want - 1, "one trial less is not sure enough: round up")
        require(got == want, "all n trials miss with probability (1 - share)^n")


def bill(answer):
    """The bill of successive halving."""
    require(answer(9, 9, 3) != 9 * 9, "only one setting gets the whole budget")
    require(answer(9, 9, 3) != 9 + 3 + 1, "a setting that goes on gets more epochs each round")
    require(answer(9, 9, 3) == 27, "add up all rounds, from the first with all settings")
    for count, budget, factor in ((27, 27, 3), (16, 8, 2), (81, 162, 3), (1, 5, 2)):
        total, left, each = 0, 1, budget
        while left <= count:
            total, left, each = total + left * each, left * factor, each / factor
        require(answer(count, budget, factor) == total, "every round costs the same: how many "
                "rounds are there?")  # fmt: skip


EXERCISES = (rate, trials, bill)
