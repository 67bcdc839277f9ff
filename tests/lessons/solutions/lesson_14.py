"""Solutions and typical mistakes of lesson 14."""

import math

import numpy as np


def log_uniform(u, low, high):
    return low * (high / low) ** u


def trials_needed(share, chance):
    return max(1, math.ceil(math.log(1 - chance) / math.log(1 - share) - 1e-12))


def honest(validation, test):
    return test[int(np.argmax(validation))]


def evenly(u, low, high):
    return low + u * (high - low)


def power_of_ten(u, low, high):
    return 10 ** (u * 4 - 4)


def chances_added(share, chance):
    return math.ceil(round(chance / share, 9))


def rounded_down(share, chance):
    return max(1, math.floor(math.log(1 - chance) / math.log(1 - share)))


def best_on_test(validation, test):
    return max(test)


def best_on_validation(validation, test):
    return max(validation)


SOLUTIONS = (log_uniform, trials_needed, honest)
WRONG = (
    ((evenly, "magnitudes"), (power_of_ten, "any two ends")),
    ((chances_added, "do not add up"), (rounded_down, "58 are not enough")),
    ((best_on_test, "test part has chosen"), (best_on_validation, "too good")),
)
