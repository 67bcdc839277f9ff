"""The layers and functions of one forward pass, and what can be measured at each."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from ...autodiff.record import Tape
from ...autodiff.tensor import Parameter, Tensor
from ...mode import enable_grad
from ...types import Array
from ..tree import Tree, walk
from .calls import Run, tensors

__all__ = ["Step", "equal_units", "flat_parts", "own_parameters", "size", "spread", "steps_of"]

# Functions that become flat on both sides, with their largest slope; and on the left only.
_SATURATING = {"tanh": 1.0, "sigmoid": 0.25, "softsign": 1.0, "hardtanh": 1.0}
_RECTIFYING = {"relu", "hardtanh"}
_FEWEST = 10  # values a unit: by chance a unit of random sign is dead once in a thousand


class Step(NamedTuple):
    """A layer that calls no other, or an activation function called by one that does.

    ``row`` is where a known activation function was applied, if one was.
    """

    path: str
    kind: str
    output: Tensor
    row: Tensor | None
    module: Tree | None


def steps_of(done: Run) -> list[Step]:
    """Return the steps of a forward pass in order."""
    paths = [call.path for call in done.calls]
    outer = {path[:k] for path in paths for k, sign in enumerate(path) if sign == "."}
    outer |= {""} if len(paths) > 1 else set()
    steps = []
    for call in done.calls:
        floating = [part for part in tensors(call.output) if part.dtype.kind == "f"]
        if call.path not in outer and floating and floating[0].op is not None:
            out = floating[0]
            direct = _flattening(out) and any(out.inputs[0] is x for x in call.inputs)
            kind = type(call.module).__name__
            steps.append(Step(call.path, kind, out, out if direct else None, call.module))
    leaves = {f"{done.root}.{path}".rstrip(".") for path in paths if path not in outer}
    for row in done.tape:
        if row.op is not None and row.module not in leaves and _flattening(row):
            path = row.module[len(done.root) + 1 :]
            steps.append(Step(path, row.op.name, row, row, None))
    return sorted(steps, key=lambda step: step.output.index)


def _flattening(row: Tensor) -> bool:
    return row.op is not None and (row.op.name in _SATURATING or row.op.name in _RECTIFYING)


def flat_parts(step: Step) -> tuple[float, float]:
    """Return which part of a step's numbers is saturated, and which of its units are dead."""
    row = step.row
    if row is None or row.op is None or not row.size:
        return math.nan, math.nan
    settings = row.attributes or {}
    x = Tensor(row.inputs[0].data, requires_grad=True)
    with enable_grad(), Tape() as tape:
        again = row.op.call(x, **settings)
    slope = tape.gradient(again, x, output_gradient=np.ones(x.shape, x.dtype)).data
    one_sided = row.op.name == "relu" or settings.get("min_val", -1.0) >= 0
    if not one_sided:
        return float(np.mean(slope < 0.1 * _SATURATING[row.op.name])), math.nan
    # Units are features, or the channels of images.
    axis = 1 if slope.ndim > 3 else slope.ndim - 1
    others = tuple([k for k in range(slope.ndim) if k != axis])
    if slope.size < _FEWEST * slope.shape[axis]:
        return math.nan, math.nan
    return math.nan, float(np.mean((slope == 0).all(axis=others)))


def own_parameters(module: Tree | None) -> list[Parameter]:
    """Return the parameters that a module holds itself."""
    parts = [] if module is None else [part for _, part in walk(module, deep=False)]
    return [part for part in parts if isinstance(part, Parameter)]


def equal_units(module: Tree | None) -> tuple[int, int]:
    """Return how many units a module's weight has, and how many equal another.

    Of several weights, the one with the most equal units counts.
    """
    found = (0, 0)
    for weight in own_parameters(module):
        if weight.ndim > 1 and weight.size:
            counts = Counter([row.tobytes() for row in weight.data])
            equal = int(np.sum([n for n in counts.values() if n > 1], dtype=int))
            found = max(found, (len(weight), equal), key=lambda pair: pair[1])
    return found


def spread(values: Tensor) -> float:
    """Return the standard deviation of all numbers, in double precision."""
    return float(np.std(values.data, dtype=np.float64)) if values.size else math.nan


def size(*arrays: Any) -> float:
    """Return the root mean square of all numbers; NaN of none."""
    given: list[Array] = [a for a in arrays if a is not None and a.size]
    if not given:
        return math.nan
    every = np.concatenate([np.ravel(a).astype(np.float64) for a in given])
    return float(np.sqrt(np.mean(np.square(every))))
