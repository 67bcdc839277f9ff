"""Solutions of lesson 6, and answers that are wrong in typical ways."""

import numpy as np


def tanh_slope(z):
    return 1 - np.tanh(z) ** 2


def shared(w, x, t):
    h = np.tanh(w * x)
    return 2 * (w * h - t) * (h + w * (1 - h**2) * x)


def sweep(rows):
    slopes = [0.0] * len(rows)
    slopes[-1] = 1.0
    for k in reversed(range(len(rows))):
        for j, slope in rows[k]:
            slopes[j] += slopes[k] * slope
    return slopes


def overwriting(rows):
    slopes = [0.0] * len(rows)
    slopes[-1] = 1.0
    for k in reversed(range(len(rows))):
        for j, slope in rows[k]:
            slopes[j] = slopes[k] * slope
    return slopes


def forward(rows):
    slopes = [0.0] * len(rows)
    slopes[-1] = 1.0
    for k in range(len(rows)):
        for j, slope in rows[k]:
            slopes[j] += slopes[k] * slope
    return slopes


def recursive(rows):
    slopes = [0.0] * len(rows)
    slopes[-1] = 1.0

    def send(k):
        for j, slope in rows[k]:
            slopes[j] += slopes[k] * slope
            send(j)

    send(len(rows) - 1)
    return slopes


def path_by_path(rows):
    slopes = [0.0] * len(rows)

    def send(k, arrived):
        slopes[k] += arrived
        for j, slope in rows[k]:
            send(j, arrived * slope)

    send(len(rows) - 1, 1.0)
    return slopes


def one_way(w, x, t):
    h = np.tanh(w * x)
    return 2 * (w * h - t) * w * (1 - h**2) * x


SOLUTIONS = (tanh_slope, shared, sweep)
WRONG = (
    (
        (lambda z: 1 - np.tanh(z), "1 - h^2"),
        (lambda z: 1 - z**2, "of h"),
        (np.tanh, "steepest"),
    ),
    (
        (one_way, "two ways"),
        (lambda w, x, t: 2 * (w * np.tanh(w * x) - t) * np.tanh(w * x), "two ways"),
        (lambda w, x, t: shared(w, x, t) / 2, "a 2 in it"),
    ),
    (
        (overwriting, "add up"),
        (forward, "which row can go first"),
        (recursive, "everything has arrived"),
        (path_by_path, "one visit"),
    ),
)
