"""Checks of the exercises of lesson 19."""

import numpy as np

from tinygrad_edu.lessons import require


def ry(answer):
    """A gate as a matrix."""
    turn = np.asarray(answer(np.pi), dtype=float)
    require(turn.shape == (2, 2), "two numbers go in and two come out: a 2 x 2 array")
    require(np.abs(turn @ turn.T - np.eye(2)).max() < 1e-9, "a gate keeps the length of the state")
    require(abs(abs(turn[1, 0]) - 1) < 1e-9, "a turn by pi takes a qubit from 0 to 1: half angles")
    require(turn[1, 0] > 0, "that turns backwards; the first column is what becomes of (1, 0)")
    for angle in (0.0, 0.7, -2.0):
        p = np.asarray(answer(angle), dtype=float)[:, 0] ** 2
        require(abs(p[1] - (1 - np.cos(angle)) / 2) < 1e-9, "the chance of 1 is not yet right")
    two = np.asarray(answer(0.4)) @ np.asarray(answer(0.5))
    require(np.abs(two - answer(0.9)).max() < 1e-9, "two turns add their angles; mind signs")


def cz(answer):
    """A CZ."""
    ones = np.ones(8)
    before = ones.copy()
    signs = np.asarray(answer(ones, 0, 1), dtype=float)
    require(np.array_equal(ones, before), "leave the state that is given as it is: change a copy")
    require(signs.shape == (8,), "the state of three qubits has eight numbers, before and after")
    require(np.abs(signs).max() == np.abs(signs).min() == 1, "only signs change")
    require((signs < 0).sum() > 0, "no sign has changed")
    require((signs < 0).sum() == 2, "the sign flips where both qubits are 1 only")
    require(signs[7] < 0, "in the pattern 111 every qubit is 1")
    require(signs[6] < 0, "qubit 0 is the leftmost bit: where is it 1, and qubit 1 too?")
    state = np.random.default_rng(3).normal(size=32)
    for i, j in ((0, 4), (3, 1), (2, 3)):
        bits = np.array(list(np.ndindex((2,) * 5)))
        right = np.where(bits[:, i] & bits[:, j], -state, state)
        require(np.allclose(answer(state, i, j), right), f"wrong for qubits {i} and {j} of five")


def shift_slope(answer):
    """The gradient without a tape."""
    rng = np.random.default_rng(5)
    angles, phase = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    asked = []

    def chance(given):
        given = np.asarray(given, dtype=float)
        asked.append(given - angles)
        return float(np.prod((1 - np.cos(given - phase)) / 2))

    parts = (1 - np.cos(angles - phase)) / 2
    right = np.sin(angles - phase) / 2 * np.prod(parts) / parts
    found = np.asarray(answer(chance, angles.copy()), dtype=float)
    require(found.shape == (2, 3), "one slope for each angle, in the shape of the angles")
    moved = [shift for shift in asked if np.abs(shift).max() > 1e-12]
    require(len(moved) > 0, "ask f beside the angles, not only at them")
    require(max((np.abs(shift) > 1e-12).sum() for shift in moved) == 1, "move one angle at a time")
    far = np.array([np.abs(shift).max() for shift in moved])
    require(far.min() > 0.1, "a small difference is only near the slope: the rule shifts far")
    require(np.abs(far - np.pi / 2).max() < 1e-9, "the shift is a quarter of a turn")
    require(not np.allclose(found, 2 * right, atol=1e-9), "twice the slope: mind the factor")
    require(not np.allclose(found, -right, atol=1e-9), "the slope's sign: which run comes first?")
    require(np.allclose(found, right, atol=1e-9), "the shifts are right, the slopes are not")


EXERCISES = (ry, cz, shift_slope)
