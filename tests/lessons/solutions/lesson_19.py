"""Solutions of lesson 19, and answers that are wrong in typical ways."""

import numpy as np


def ry(angle):
    c, s = np.cos(angle / 2), np.sin(angle / 2)
    return np.array([[c, -s], [s, c]])


def cz(state, i, j):
    bits = np.array(list(np.ndindex((2,) * int(np.log2(len(state))))))
    return np.where(bits[:, i] & bits[:, j], -state, state)


def shift_slope(f, angles):
    slope = np.zeros(angles.shape)
    for place in np.ndindex(angles.shape):
        shift = np.zeros(angles.shape)
        shift[place] = np.pi / 2
        slope[place] = (f(angles + shift) - f(angles - shift)) / 2
    return slope


def flips_where_one_is_1(state, i, j):
    bits = np.array(list(np.ndindex((2,) * int(np.log2(len(state))))))
    return np.where(bits[:, i] | bits[:, j], -state, state)


def counts_from_the_right(state, i, j):
    numbers = np.arange(len(state))
    return np.where((numbers >> i) & (numbers >> j) & 1, -state, state)


def in_place(state, i, j):
    state *= cz(np.ones(len(state)), i, j)
    return state


def small_difference(f, angles, h=1e-5):
    shifts = h * np.eye(angles.size).reshape(-1, *angles.shape)
    return np.reshape([(f(angles + s) - f(angles - s)) / (2 * h) for s in shifts], angles.shape)


def all_at_once(f, angles):
    return (f(angles + np.pi / 2) - f(angles - np.pi / 2)) / 2 + np.zeros(angles.shape)


SOLUTIONS = (ry, cz, shift_slope)
WRONG = (
    (
        (lambda angle: ry(2 * angle), "half angles"),
        (lambda angle: ry(angle).T, "backwards"),
        (lambda angle: np.abs(ry(angle)), "mind signs"),
    ),
    (
        (flips_where_one_is_1, "both qubits are 1"),
        (counts_from_the_right, "leftmost"),
        (in_place, "a copy"),
    ),
    (
        (small_difference, "small difference"),
        (lambda f, angles: 2 * shift_slope(f, angles), "the factor"),
        (lambda f, angles: -shift_slope(f, angles), "sign"),
        (all_at_once, "one angle at a time"),
    ),
)
