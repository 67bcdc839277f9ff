"""Solutions of lesson 14, and answers that are wrong in typical ways."""

import math


def rate(u):
    return 10 ** (-4 + 3 * u)


def trials(share, sure):
    return max(1, math.ceil(round(math.log(1 - sure) / math.log(1 - share), 9)))


def bill(count, budget, factor):
    rounds = 1
    while factor**rounds <= count:
        rounds += 1
    return rounds * budget


SOLUTIONS = (rate, trials, bill)
WRONG = (
    (
        (lambda u: 1e-4 + u * (1e-1 - 1e-4), "plain scale"),
        (lambda u: 10 ** (-1 - 3 * u), "u = 0"),
        (lambda u: 1e-4 + (1e-1 - 1e-4) * u**3, "multiply"),
    ),
    (
        (lambda share, sure: math.ceil(sure / share), "add up"),
        (
            lambda share, sure: max(1, math.floor(math.log(1 - sure) / math.log(1 - share))),
            "round up",
        ),
        (lambda share, sure: max(1, math.ceil(math.log(1 - sure) / -share)), "better half"),
    ),
    (
        (lambda count, budget, factor: count * budget, "whole budget"),
        (lambda count, budget, factor: count + count // factor + 1, "more epochs"),
        (lambda count, budget, factor: 3 * budget, "how many"),
    ),
)
