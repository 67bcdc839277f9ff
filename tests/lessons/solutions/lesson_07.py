"""Right and typical wrong answers to the exercises of lesson 7."""

import numpy as np

import tinygrad_edu as tg


def descent_step(loss, w, lr):
    return w - lr * tg.grad(loss)(w)


def uphill(loss, w, lr):
    return w + lr * tg.grad(loss)(w)


def in_place(loss, w, lr):
    w -= lr * tg.grad(loss)(w)
    return w


def of_length_one(loss, w, lr):
    g = tg.grad(loss)(w)
    return w - lr * g / np.linalg.norm(g)


def nesterov(w, g, kept, t, lr, mu=0.9):
    v = mu * kept.get("v", 0) + g
    return w - lr * (g + mu * v), {"v": v}


def heavy_ball(w, g, kept, t, lr, mu=0.9):
    v = mu * kept.get("v", 0) + g
    return w - lr * v, {"v": v}


def old_speed(w, g, kept, t, lr, mu=0.9):
    old = kept.get("v", g)
    return w - lr * (g + mu * old), {"v": mu * kept.get("v", 0) + g}


def fixed(w, g, kept, t, lr, mu=0.9):
    v = 0.9 * kept.get("v", 0) + g
    return w - lr * (g + 0.9 * v), {"v": v}


def first_step(g, lr):
    return -lr * np.sign(g)


def like_sgd(g, lr):
    return -lr * g


def uncorrected(g, lr):
    return -lr * 0.1 * g / np.sqrt(0.001 * g**2)


def upwards(g, lr):
    return lr * np.sign(g)


SOLUTIONS = (descent_step, nesterov, first_step)
WRONG = (
    ((uphill, "points uphill"), (in_place, "changed in place"), (of_length_one, "how far it goes")),
    ((heavy_ball, "plain momentum"), (old_speed, "new speed"), (fixed, "mu is a setting")),
    ((like_sgd, "that is SGD"), (uncorrected, "start at 0"), (upwards, "against the slope")),
)
