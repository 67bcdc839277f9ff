"""Solutions of lesson 18, and answers that are wrong in typical ways."""

import numpy as np


def causal_mask(steps):
    return np.tril(np.ones((steps, steps), bool))


def bits_per_character(p):
    return -np.log2(p).mean()


def attend(q, k, v):
    scores = np.where(causal_mask(len(q)), q @ k.T / q.shape[1] ** 0.5, -np.inf)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) @ v


def sees_all(q, k, v):
    powers = np.exp(q @ k.T / q.shape[1] ** 0.5)
    return powers / powers.sum(axis=1, keepdims=True) @ v


def not_scaled(q, k, v):
    return attend(q * q.shape[1] ** 0.5, k, v)


def zeroed_after_the_softmax(q, k, v):
    powers = np.exp(q @ k.T / q.shape[1] ** 0.5)
    return powers / powers.sum(axis=1, keepdims=True) * causal_mask(len(q)) @ v


SOLUTIONS = (causal_mask, bits_per_character, attend)
WRONG = (
    (
        (lambda steps: causal_mask(steps).T, "cheat"),
        (lambda steps: np.tri(steps, k=-1, dtype=bool), "its own character"),
        (np.tri, "truth values"),
        (lambda steps: np.eye(steps, dtype=bool), "all that came before"),
    ),
    (
        (lambda p: -np.log(p).mean(), "nats"),
        (lambda p: -np.log2(p.mean()), "not inside"),
        (lambda p: -np.log2(p).sum(), "for each character"),
        (lambda p: np.log2(p).mean(), "negative"),
    ),
    (
        (sees_all, "sees itself only"),
        (not_scaled, "grow with d"),
        (zeroed_after_the_softmax, "sees itself only"),
        (lambda q, k, v: attend(k, q, v), "whose query"),
    ),
)
