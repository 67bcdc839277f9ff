"""Recurrent networks one number at a time: a neuron, its gates, a step, a sample."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .loops import Array


def sigma(s: float) -> float:
    return 1.0 / (1.0 + math.exp(-s))


def weighted(weight: Array, row: int, values: Any, bias: float) -> float:
    return sum(float(w) * float(v) for w, v in zip(weight[row], values, strict=True)) + float(bias)


def rnn_tanh(x: Array, h: Array, w: Array, u: Array, b: Array, d: Array) -> Array:
    out = np.zeros((len(x), *h.shape))
    for n in range(h.shape[0]):
        state = list(h[n])
        for t in range(len(x)):
            s = [weighted(w, k, x[t, n], b[k]) for k in range(len(state))]
            state = [math.tanh(s[k] + weighted(u, k, state, d[k])) for k in range(len(state))]
            out[t, n] = state
    return out


def lstm(x: Array, h: Array, c: Array, w: Array, u: Array, b: Array, d: Array) -> Array:
    samples, size = h.shape
    out = np.zeros((2, len(x), samples, size))
    for n in range(samples):
        state, cell = list(h[n]), list(c[n])
        for t in range(len(x)):
            s = [
                weighted(w, k, x[t, n], b[k]) + weighted(u, k, state, d[k]) for k in range(4 * size)
            ]
            for k in range(size):
                cell[k] *= sigma(s[size + k])
                cell[k] += sigma(s[k]) * math.tanh(s[2 * size + k])
            state = [sigma(s[3 * size + k]) * math.tanh(cell[k]) for k in range(size)]
            out[0, t, n], out[1, t, n] = state, cell
    return out


def gru(x: Array, h: Array, w: Array, u: Array, b: Array, d: Array) -> Array:
    samples, size = h.shape
    out = np.zeros((len(x), samples, size))
    for n in range(samples):
        state = list(h[n])
        for t in range(len(x)):
            s = [weighted(w, k, x[t, n], b[k]) for k in range(3 * size)]
            m = [weighted(u, k, state, d[k]) for k in range(3 * size)]
            for k in range(size):
                reset, update = sigma(s[k] + m[k]), sigma(s[size + k] + m[size + k])
                fresh = math.tanh(s[2 * size + k] + reset * m[2 * size + k])
                state[k] = update * state[k] + (1.0 - update) * fresh
            out[t, n] = state
    return out


REFERENCES: dict[str, Callable[..., Array]] = {"rnn_tanh": rnn_tanh, "lstm": lstm, "gru": gru}
