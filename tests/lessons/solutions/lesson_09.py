"""Right and typical wrong answers to the exercises of lesson 9."""

import numpy as np


def penalised_gradient(x, y, w, strength):
    return 2 * x.T @ (x @ w - y) / len(y) + 2 * strength * w


def penalty_alone(x, y, w, strength):
    return 2 * strength * w if strength else 2 * x.T @ (x @ w - y) / len(y)


def without_two(x, y, w, strength):
    return 2 * x.T @ (x @ w - y) / len(y) + strength * w


def over_samples(x, y, w, strength):
    return 2 * (x.T @ (x @ w - y) + strength * w) / len(y)


def soft_threshold(w, threshold):
    return np.sign(w) * np.maximum(np.abs(w) - threshold, 0)


def hard(w, threshold):
    return np.where(np.abs(w) <= threshold, 0, w)


def one_sided(w, threshold):
    return np.maximum(w - threshold, 0)


def past_zero(w, threshold):
    return w - threshold * np.sign(w)


def ridge_with_bias(x, y, strength):
    a, t = x - x.mean(axis=0), y - y.mean()
    w = np.linalg.solve(a.T @ a / len(y) + strength * np.eye(x.shape[1]), a.T @ t / len(y))
    return w, y.mean() - x.mean(axis=0) @ w


def bias_penalised(x, y, strength):
    a = np.column_stack([x, np.ones(len(y))])
    w = np.linalg.solve(a.T @ a / len(y) + strength * np.eye(a.shape[1]), a.T @ y / len(y))
    return w[:-1], w[-1]


def of_the_sum(x, y, strength):
    return ridge_with_bias(x, y, strength / len(y))


def free(x, y, strength):
    return ridge_with_bias(x, y, 0.0)


SOLUTIONS = (penalised_gradient, soft_threshold, ridge_with_bias)
WRONG = (
    ((penalty_alone, "added"), (without_two, "slope of"), (over_samples, "over weights")),
    ((hard, "large weights"), (one_sided, "negative weight"), (past_zero, "within")),
    ((bias_penalised, "free bias"), (of_the_sum, "mean over"), (free, "every slope")),
)
