"""Right and typical wrong answers to the exercises of lesson 8."""

import math

import numpy as np


def largest_rate(hessian):
    return 2 / np.linalg.eigvalsh(hessian).max()


def one_step(hessian):
    return 1 / np.linalg.eigvalsh(hessian).max()


def of_diagonal(hessian):
    return 2 / np.diag(hessian).max()


def of_mean(hessian):
    return 2 / np.linalg.eigvalsh(hessian).mean()


def steps_needed(curvature, lr, share):
    return math.ceil(math.log(share) / math.log(abs(1 - lr * curvature)))


def rounded_down(curvature, lr, share):
    return math.floor(math.log(share) / math.log(abs(1 - lr * curvature)))


def without_sides(curvature, lr, share):
    return math.ceil(math.log(share) / math.log(1 - lr * curvature))


def fractional(curvature, lr, share):
    return math.log(share) / math.log(abs(1 - lr * curvature))


def update_ratio(weights, gradient, lr):
    return lr * np.linalg.norm(gradient) / np.linalg.norm(weights)


def without_rate(weights, gradient, lr):
    return np.linalg.norm(gradient) / np.linalg.norm(weights)


def largest_stretch(weights, gradient, lr):
    return lr * np.linalg.norm(gradient, 2) / np.linalg.norm(weights, 2)


def each(weights, gradient, lr):
    return lr * np.abs(gradient) / (np.abs(weights) + 1e-12)


SOLUTIONS = (largest_rate, steps_needed, update_ratio)
WRONG = (
    ((one_step, "one step"), (of_diagonal, "eigenvalues"), (of_mean, "steepest direction")),
    ((rounded_down, "not yet enough"), (without_sides, "changes sides"), (fractional, "whole")),
    ((without_rate, "rate times"), (largest_stretch, "root of the sum"), (each, "one number")),
)
