"""Where a generated test tries an operation, and the slopes of its forward there.

An operation with a ``domain`` is tried element by element, in shapes that broadcast, are empty or
have no axes, at generic points and at the values where functions are special: 0, 1, -1, 2, ties,
the ends of the domain. One with ``samples`` is tried at draws, and at the same draws rounded,
which have ties, zeros and ones. Slopes are taken from values alone, so they are the same for an
operation and for its wrong twins, and are computed once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..registry import Operation
from ..types import Array, Shape

__all__ = ["Case", "Points", "Slopes", "cases_of", "plain", "signed"]

EPS = float(np.finfo(np.float64).eps)
_SHAPES: tuple[tuple[Shape, Shape], ...] = (
    ((2, 3), (2, 3)), ((3, 1), (1, 4)), ((), ()), ((3,), ()), ((), (3,)), ((0,), (1,)),
    ((2, 1, 2), (3, 1)), ((1,), (1,)), ((2, 0), (1, 1)),
)  # fmt: skip
_SPECIAL = (0.0, 1.0, -1.0, 2.0, 3.0, 0.5, -2.0)
_DRAWS = 16


@dataclass(frozen=True)
class Case:
    """One point to try an operation at.

    Attributes
    ----------
    inputs, settings
        What it is called with.
    wanted : tuple of int
        The inputs whose gradient is asked for; the others are constants.
    cotangent : Array
        Shape of the value; of both signs, no element small.
    special : bool
        Whether it was put where functions may bend.
    step : float
        How far the inputs may be moved inside the domain.
    """

    inputs: tuple[Array, ...]
    settings: dict[str, Any]
    wanted: tuple[int, ...]
    cotangent: Array
    special: bool
    step: float

    def __str__(self) -> str:
        shown = ", ".join(np.array2string(x, precision=4, separator=", ") for x in self.inputs)
        return f"inputs {shown}" + (f", settings {self.settings}" if self.settings else "")


@dataclass(frozen=True)
class Slopes:
    """The derivative of the weighted sum of the value with respect to one input.

    ``error`` bounds what the differences may be off by; ``bent`` says where the slopes from the
    left and from the right disagree however small the step.
    """

    value: Array
    error: Array
    bent: Array


def signed(rng: np.random.Generator, shape: Shape) -> Array:
    """Weights of both signs, none of them small: no element of a gradient goes unseen."""
    return np.asarray(rng.uniform(0.5, 1.0, shape) * rng.choice([-1.0, 1.0], shape))


def plain(op: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Array:
    """Return the value of the forward alone."""
    answer = op.forward(*inputs, **{**op.defaults, **settings})
    return np.asarray(answer[0] if op.saves else answer)


def cases_of(op: Operation, rng: np.random.Generator) -> list[Case]:
    """Return the points at which an operation is tried.

    Parameters
    ----------
    op : Operation
        With a ``domain`` or ``samples``.
    rng : Generator
        Draws the points.

    Examples
    --------
    >>> from tinygrad_edu.registry import registry
    >>> [case.inputs[0].shape for case in cases_of(registry["exp"], np.random.default_rng(0))][:3]
    [(2, 3), (3, 1), ()]
    """
    points = _in_domain(op, rng) if op.domain else _samples(op, rng)
    found = []
    for inputs, settings, special, step in points:
        floats = [k for k, x in enumerate(inputs) if x.dtype.kind == "f" and _ruled(op, k)]
        cotangent = signed(rng, plain(op, inputs, settings).shape)
        for x in (*inputs, cotangent):
            x.flags.writeable = False  # a rule that writes must not spoil the next one's point
        subsets = [tuple(floats), *([(k,) for k in floats] if len(floats) > 1 else [])]
        found += [Case(inputs, settings, wanted, cotangent, special, step) for wanted in subsets]
    return sorted(found, key=lambda case: case.special)


def _ruled(op: Operation, position: int) -> bool:
    return op.joint is not None or (bool(op.rules) and op.rules[position] is not None)


Point = tuple[tuple[Array, ...], dict[str, Any], bool, float]


def _in_domain(op: Operation, rng: np.random.Generator) -> Iterator[Point]:
    arity = len(op.domain)
    step = min(real.high - real.low for real in op.domain) / 250
    shapes = dict.fromkeys(pair[:arity] for pair in _SHAPES)
    for shape in shapes:
        drawn = [real.sample(s, rng) for real, s in zip(op.domain, shape, strict=True)]
        yield tuple(drawn), {}, False, step
    palettes = [
        [v for v in _SPECIAL if real.low < v < real.high and v not in real.exclude]
        + [real.low + 2 * step, real.high - 2 * step]
        for real in op.domain
    ]
    pairs = np.array(list(itertools.product(*palettes))).T
    yield tuple(np.array(row) for row in pairs), {}, True, step
    if arity == 2:
        for value in palettes[1]:
            yield (op.domain[0].sample((2,), rng), np.array(value)), {}, True, step
        for value in palettes[0]:
            yield (np.array(value), op.domain[1].sample((2,), rng)), {}, True, step


def _samples(op: Operation, rng: np.random.Generator) -> Iterator[Point]:
    """Draws, each form of shapes and settings at most three times, and the same draws rounded."""
    seen: dict[str, int] = {}
    for _ in range(4 * _DRAWS):
        inputs, settings = op.samples(rng) if op.samples else ((), {})
        arrays = tuple(np.asarray(x) for x in inputs)
        form = repr(([(x.shape, x.dtype.kind) for x in arrays], settings))
        seen[form] = seen.get(form, 0) + 1
        if seen[form] > 2 or len(seen) > _DRAWS:
            continue
        yield arrays, settings, False, 0.02
        if seen[form] == 1:
            rounded = tuple(np.asarray(np.round(x)) if x.dtype.kind == "f" else x for x in arrays)
            yield rounded, settings, True, 0.02


def slopes(op: Operation, case: Case) -> dict[int, Slopes]:
    """Return the slopes of a forward at a case, for each wanted input.

    Central differences at halved steps, extrapolated (Ridders 1982), one element at a time.

    Examples
    --------
    >>> from tinygrad_edu.registry import registry
    >>> case = Case((np.array(3.0),), {}, (0,), np.array(1.0), False, 0.02)
    >>> float(slopes(registry["square"], case)[0].value.round(6))
    6.0
    """
    found = {}
    for k in case.wanted:
        x = np.asarray(case.inputs[k], float)
        answer = Slopes(np.zeros(x.shape), np.zeros(x.shape), np.zeros(x.shape, bool))
        for place in np.ndindex(x.shape):

            def along(t: float, k: int = k, x: Array = x, place: Any = place) -> float:
                moved = x.copy()
                moved[place] += t
                inputs = (*case.inputs[:k], moved, *case.inputs[k + 1 :])
                return float((case.cotangent * plain(op, inputs, case.settings)).sum())

            answer.value[place], answer.error[place], answer.bent[place] = slope(along, case.step)
        found[k] = answer
    return found


def slope(f: Callable[[float], float], step: float) -> tuple[float, float, bool]:
    """Return the derivative of ``f`` at 0, a bound on its error, and whether ``f`` bends there.

    Differences across a kink agree with each other, on its middle slope: false convergence. But
    there, forward and backward slope differ by as much at half the step; of a smooth function by
    half. Only values are compared, so that no rule can hide behind this.

    Examples
    --------
    >>> slope(abs, 0.1)[2], slope(np.sin, 0.1)[2]
    (True, False)
    """
    rows: list[list[float]] = []
    best, error, middle = np.nan, np.inf, f(0.0)
    largest, bend, bent = abs(middle), np.inf, False
    for k in range(7):
        h = step * 0.5**k
        high, low = f(h), f(-h)
        largest = max(largest, abs(high), abs(low))
        before, bend = bend, abs(high - 2 * middle + low) / h
        bent |= bend > 0.75 * before + 64 * EPS * (1 + largest) / h
        row = [(high - low) / (2 * h)]
        for j in range(k):
            row.append(row[j] + (row[j] - rows[-1][j]) / (4.0 ** (j + 1) - 1))
            off = max(abs(row[j + 1] - row[j]), abs(row[j + 1] - rows[-1][j]))
            if off < error:
                best, error = row[j + 1], off
        rows.append(row)
    return best, 10 * error + 64 * EPS * (1 + largest) / (step * 0.5**6), bool(bent)


class Points:
    """The cases of an operation, with slopes that are computed when first asked for."""

    def __init__(self, op: Operation, rng: np.random.Generator) -> None:
        self.op = op
        self.cases = cases_of(op, rng)
        self._slopes: list[dict[int, Slopes]] = []

    def with_slopes(self) -> Iterator[tuple[Case, dict[int, Slopes]]]:
        """Yield each case with the slopes of the forward there."""
        for k, case in enumerate(self.cases):
            if k == len(self._slopes):
                with np.errstate(all="ignore"):
                    self._slopes.append(slopes(self.op, case))
            yield case, self._slopes[k]
