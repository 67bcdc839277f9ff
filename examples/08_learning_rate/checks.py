"""Checks of the exercises of lesson 8."""

import numpy as np

from tinygrad_edu.lessons import require


def largest_rate(answer):
    """The rate where descent stops to converge."""
    require(
        not np.isclose(answer(np.diag([4.0, 4.0])), 0.25),
        "1/c arrives in one step; the edge is further out, where |1 - lr c| reaches 1",
    )
    require(np.isclose(answer(np.diag([4.0, 4.0])), 0.5), "on one parabola it is lr c = 2")
    require(
        np.isclose(answer(np.diag([1.0, 10.0, 0.1])), 0.2),
        "the steepest direction decides for all of them",
    )
    require(
        np.isclose(answer(np.array([[2.0, 1.0], [1.0, 2.0]])), 2 / 3),
        "directions need not lie along a weight: curvatures are eigenvalues, not the diagonal",
    )


def steps_needed(answer):
    """How many steps until it is near enough."""
    for curvature, lr, share in ((1.0, 0.1, 0.01), (4.0, 0.05, 1e-6), (0.5, 0.3, 0.5)):
        steps = answer(curvature, lr, share)
        require(float(steps).is_integer(), "half a step cannot be taken: a whole number")
        shrink = abs(1 - lr * curvature)
        require(shrink**steps <= share, "that many steps are not yet enough")
        require(shrink ** (steps - 1) > share, "fewer steps would do")
    try:
        steps = answer(1.0, 1.8, 0.01)
    except ValueError:
        steps = np.nan
    require(
        steps == 21, "above 1/c the weight changes sides: what counts is the distance, |1 - lr c|"
    )


def update_ratio(answer):
    """The size of an update beside the size of the weights."""
    w, g = np.array([[3.0, 0.0], [0.0, 4.0]]), np.array([[0.0, -6.0], [8.0, 0.0]])
    found = answer(w, g, 0.01)
    require(np.ndim(found) == 0, "one number for the whole matrix: lengths, not element by element")
    require(not np.isclose(found, 2.0), "the update is the rate times the gradient")
    require(found >= 0, "a length is never negative")
    require(np.isclose(found, 0.02), "length of the update by length of the weights")
    w, g = -2 * np.eye(3), np.array([[1.0, 0, 0], [0, 0, 0], [0, 0, 0]])
    require(
        np.isclose(answer(w, g, 0.1), 0.1 / 12**0.5),
        "the length of a matrix is the root of the sum of all squares",
    )


EXERCISES = (largest_rate, steps_needed, update_ratio)
