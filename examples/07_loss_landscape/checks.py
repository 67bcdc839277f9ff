"""Checks of the exercises of lesson 7."""

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.lessons import require


def bowl(w):
    return (w * w * [1.0, 3.0]).sum() + w[0]


def descent_step(answer):
    """One step of gradient descent."""
    w = np.array([2.0, -1.0])
    new = np.asarray(answer(bowl, w, 0.1), float)
    require(
        np.array_equal(w, [2.0, -1.0]), "the old weights were changed in place: return new ones"
    )
    require(new.shape == (2,), "there is one new number for each weight")
    require(not np.allclose(new, w), "nothing moved: the step is the rate times the gradient")
    require(bowl(new) < bowl(w), "the loss rose: the gradient points uphill")
    require(
        np.allclose(new, [1.5, -0.4]), "how far it goes is the rate times the gradient, no more"
    )
    far = np.asarray(answer(bowl, w, 0.3), float)
    require(np.allclose(far, [0.5, 0.8]), "the step grows with the rate, even where it overshoots")
    other = np.asarray(answer(lambda w: tg.exp(w).sum(), np.zeros(3), 0.5), float)
    require(np.allclose(other, -0.5), "it must take the gradient of the loss that it is given")


def nesterov(answer):
    """Momentum that looks ahead."""
    w, kept = np.array([1.0, -2.0]), {}
    g = np.array([0.5, 4.0])
    new, kept = answer(w, g, kept, 1, 0.1)
    require("v" in kept, "the speed has to be handed on, as {'v': v}")
    require(np.allclose(kept["v"], g), "from rest, the speed after one step is the gradient")
    require(
        not np.allclose(new, w - 0.1 * g),
        "that is plain momentum: the step is to look one update ahead of the speed",
    )
    require(np.allclose(new, w - 0.19 * g), "from rest, the step is the gradient and mu times it")
    again = np.array([-1.0, 1.0])
    newer, kept = answer(new, again, kept, 2, 0.1)
    require(
        np.allclose(kept["v"], 0.9 * g + again), "the new speed is mu times the old one, plus g"
    )
    require(
        np.allclose(newer, new - 0.1 * (again + 0.9 * (0.9 * g + again))),
        "look ahead with the new speed, not with the one from before this gradient",
    )
    other, _ = answer(w, g, {}, 1, 0.1, 0.5)
    require(np.allclose(other, w - 0.15 * g), "mu is a setting: do not write 0.9 in")


def first_step(answer):
    """How far Adam goes at first."""
    g = np.array([3.0, -0.02, 700.0])
    step = np.asarray(answer(g, 0.01), float)
    require(step.shape == (3,), "there is one number for each weight")
    require(step[0] < 0 < step[1], "against the slope: a positive one makes the weight smaller")
    require(not np.allclose(step, -0.01 * g), "that is SGD: Adam divides by the size of the slope")
    require(
        not np.allclose(np.abs(step), 0.01 * 0.1 / 0.001**0.5),
        "v and s start at 0, and Adam makes up for it: divide by 1 - a**t and 1 - b**t",
    )
    require(
        np.allclose(np.abs(step), 0.01),
        "v is the slope now, and s its square: what is v / sqrt(s)?",
    )


EXERCISES = (descent_step, nesterov, first_step)
