"""Solutions of lesson 11, and answers that are wrong in typical ways."""

import numpy as np


def replaced(x, i, new):
    twin = x.astype(np.result_type(x, new))
    twin[i] = new
    return twin


def bound(rates, lipschitz, n):
    return 2 * lipschitz**2 / n * sum(rates)


def aimed(x, slope, size):
    return x + size * np.sign(slope)


def _in_place(x, i, new):
    x[i] = new
    return x


def _cut(x, i, new):
    twin = x.copy()
    twin[i] = new
    return twin


SOLUTIONS = (replaced, bound, aimed)
WRONG = (
    (
        (_in_place, "old data changed"),
        (_cut, "whole numbers"),
        (lambda x, i, new: np.insert(np.delete(x, i, 0), 0, new, 0), "sample i"),
    ),
    (
        (lambda rates, lipschitz, n: lipschitz**2 / n * sum(rates), "factor"),
        (lambda rates, lipschitz, n: 2 * lipschitz / n * sum(rates), "bound of the weights"),
        (lambda rates, lipschitz, n: 2 * lipschitz**2 * rates[0] * len(rates) / n, "differ from"),
    ),
    (
        (lambda x, slope, size: x - size * np.sign(slope), "helped"),
        (lambda x, slope, size: x + size * slope, "largest move"),
        (lambda x, slope, size: x + size * slope / np.abs(slope).max(), "whole room"),
        (lambda x, slope, size: x + np.where(slope < 0, -size, size), "nothing to gain"),
    ),
)
