"""The derivative of a function of one number from its values alone, with an error bar."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

EPS = float(np.finfo(np.float64).eps)


class Rough(Exception):
    """The function bends or jumps within the steps, so that differences say nothing."""


def slope(f: Callable[[float], float], step: float) -> tuple[float, float]:
    """Derivative of ``f`` at 0 and its error: central differences, extrapolated (Ridders 1982).

    Differences across a kink agree with each other, on its middle slope: false convergence. But
    there, forward and backward slope differ by as much at half the step; of a smooth function by
    half. Only values are compared, so no rule can hide behind this.
    """
    table: list[list[float]] = []
    # Numbers of order one are rounded on the way, even where their difference is small.
    best, error, largest, bend = 0.0, np.inf, 1.0, np.inf
    middle = f(0.0)
    for k in range(7):
        h = step * 0.5**k
        high, low = f(h), f(-h)
        largest = max(largest, abs(high), abs(low))
        before, bend = bend, abs(high - 2 * middle + low) / h
        if bend > 0.75 * before + 64 * EPS * largest / h:
            raise Rough
        row = [(high - low) / (2 * h)]
        for j in range(k):
            row.append(row[j] + (row[j] - table[-1][j]) / (4.0 ** (j + 1) - 1))
            off = max(abs(row[j + 1] - row[j]), abs(row[j + 1] - table[-1][j]))
            if off < error:
                best, error = row[j + 1], off
        table.append(row)
    return best, 10 * error + 64 * EPS * largest / (step * 0.5**6)
