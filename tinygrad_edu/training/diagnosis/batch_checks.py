"""Checks of the batch itself: scales, shapes, labels, and which target belongs to which sample."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...nn import BatchNorm1d, BatchNorm2d, Embedding, LayerNorm, Module
from ...nn.inspection.calls import run
from ...seeding import seed
from ...types import Array
from .report import Finding
from .situation import Situation
from .trial import array_of

__all__ = ["BATCH_CHECKS"]

# Standardised inputs have root mean square 1, pictures at most 1; beyond this, first layers with
# weights for inputs of size 1 give sums that saturate or explode.
LARGE, UNEVEN, TINY = 20.0, 1e3, 1e-3
_BITS = 255.0


def input_scale(s: Situation) -> Finding | None:
    """D02: inputs of another size than the weights were made for."""
    checked = [x for x in s.inputs if (array := _numbers(s, x)) is not None and array.size]
    if not checked or _first_normalizes(s):
        return None
    for x in checked:
        array = np.asarray(_numbers(s, x), dtype=np.float64)
        if not np.isfinite(array).all():
            bad = int((~np.isfinite(array)).sum())
            return _scale(
                "fail", f"{bad} of {array.size} input numbers are not finite", "np.isfinite(x)"
            )
        size, low, high = float(np.sqrt(np.mean(array**2))), float(array.min()), float(array.max())
        ranged = f"inputs are {low:.3g} to {high:.3g}, root mean square {size:.3g}"
        if size > LARGE:
            fix = "x / 255" if low >= 0 and LARGE < high <= _BITS else "(x - x.mean(0)) / x.std(0)"
            return _scale("suspect", f"{ranged}; weights are made for inputs of size about 1", fix)
        if 0 < size < TINY:
            return _scale("suspect", f"{ranged}: next to nothing", "(x - x.mean(0)) / x.std(0)")
        if array.ndim == 2 and len(array) > 1:
            spreads = array.std(axis=0)
            columns = np.sqrt(np.mean(array**2, axis=0))
            used = spreads[spreads > 0]
            if used.size > 1 and (used.max() > UNEVEN * used.min() or columns.max() > 5 * LARGE):
                message = (
                    f"columns have standard deviations from {used.min():.3g} to {used.max():.3g}"
                )
                return _scale("suspect", message, "(x - x.mean(0)) / x.std(0)")
    return _scale("ok", "inputs have a size for which weights are made")


def _scale(verdict: str, message: str, fix: str = "") -> Finding:
    return Finding("input scale", verdict, message, fix)


def _numbers(s: Situation, x: Any) -> Array | None:
    """An input as numbers, unless it holds indices."""
    array = array_of(x)
    if array is None or array.dtype.kind == "f":
        return array
    looked_up = any(isinstance(module, Embedding) for module in s.model.modules())
    return array if array.dtype.kind in "iu" and not looked_up else None


def _first_normalizes(s: Situation) -> bool:
    trial = s.trial()
    with seed(0):
        calls = run(trial.model, trial.inputs, {}).calls
    leaves = [call.module for call in calls if not list(_children(call.module))]
    return bool(leaves) and isinstance(leaves[0], (BatchNorm1d, BatchNorm2d, LayerNorm))


def _children(module: Any) -> Any:
    return module.children() if isinstance(module, Module) else ()


def inputs_vary(s: Situation) -> Finding | None:
    """One sample many times, as from a loader that returns its first."""
    if s.samples < 3:
        return None
    batches = [x for x in map(array_of, s.inputs) if x is not None]
    batches = [x for x in batches if x.ndim and len(x) == s.samples]
    if not batches:
        return None
    same = all(bool((x == x[:1]).all()) for x in batches)
    if same and s.y is not None and not bool((s.y == s.y[:1]).all()):
        message = f"all {s.samples} inputs of the batch are equal, and their targets are not"
        return Finding("inputs vary", "fail", message, "x[indices], y[indices]")
    return Finding("inputs vary", "ok", "inputs differ from each other")


def labels(s: Situation) -> Finding | None:
    """Class numbers that no class has, and batches with one class only."""
    y = s.y
    if y is None or not y.size:
        return None
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        bad = int((~np.isfinite(y)).sum())
        return Finding(
            "labels", "fail", f"{bad} of {y.size} targets are not finite", "np.isfinite(y)"
        )
    if s.class_axis is None:
        return None
    low, high, count = int(y.min()), int(y.max()), s.classes
    if high >= count:
        message = f"a label is {high}, and there are {count} classes, 0 to {count - 1}"
        return Finding("labels", "fail", message, f"nn.Linear(..., {high + 1})   # or y - {low}")
    if low < 0 and _counts_negative(s, y):
        message = f"a label is {low}; the loss reads it as a class, counted from the end"
        return Finding("labels", "fail", message, "y - y.min()")
    if y.ndim == 1 and y.size >= 16 and low == high:
        message = f"all {y.size} labels of the batch are {low}: the data may be sorted by class"
        return Finding("labels", "suspect", message, "DataLoader(x, y, shuffle=True)")
    return Finding("labels", "ok", f"labels are {low} to {high}, of {count} classes")


def _counts_negative(s: Situation, y: Array) -> bool:
    """Whether the loss looks at samples with a label below 0."""
    assert s.p is not None
    assert s.class_axis is not None
    other = np.array(s.p, dtype=np.float64)
    mask = np.expand_dims(y < 0, s.class_axis)
    raised = np.random.default_rng(0).normal(size=other.shape)
    return s.loss_of(other) != s.loss_of(np.where(mask, other + raised, other))


def pairing(s: Situation) -> Finding | None:
    """L01: a loss that compares every prediction with every target, by broadcasting."""
    p, y = s.p, s.y
    if p is None or y is None or s.samples < 3 or (y == y[:1]).all():
        return None
    shapes = f"prediction {p.shape}, target {y.shape}"
    draw = np.random.default_rng(0)
    inside = p.min() > 0 and p.max() <= 1
    other = p * draw.uniform(0.5, 1, p.shape) if inside else p + draw.normal(size=p.shape)
    values = [
        s.loss_of(other),
        s.loss_of(other, np.roll(y, 1, axis=0)),
        s.loss_of(other, y[::-1].copy()),
    ]
    if not all(math.isfinite(value) for value in values):
        return None
    broad = _broadcast(p.shape, y.shape)
    same = np.ptp(values) <= 1e-5 * max(abs(values[0]), 1e-12)
    if not same:
        return Finding("target shape", "ok", f"{shapes}: each sample has its own target")
    if broad is not None and math.prod(broad) > max(p.size, y.size):
        message = f"{shapes} broadcast to {broad}: every prediction is compared with every target"
        return Finding("target shape", "fail", message, f"target.reshape({p.shape})")
    message = f"{shapes}: the loss stays the same when targets are given to other samples"
    return Finding("target shape", "fail", message, "loss(prediction, target)   # row by row")


def _broadcast(*shapes: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def target_scale(s: Situation) -> Finding | None:
    """Targets far from what a layer gives at the start, or can give at all."""
    p, y = s.p, s.y
    if p is None or y is None or not s.alike or y.dtype.kind == "b" or not y.size:
        return None
    name = s.output.op.name if s.output is not None and s.output.op is not None else ""
    low, high = _RANGES.get(name, (-math.inf, math.inf))
    least, most = float(y.min()), float(y.max())
    if least < low - 1e-6 or most > high + 1e-6:
        message = (
            f"targets are {least:.3g} to {most:.3g}, and the model ends in {name}, which gives "
            f"{low:g} to {high:g}"
        )
        return Finding("target scale", "fail", message, "y / abs(y).max()   # or no such end")
    size = float(np.sqrt(np.mean(np.square(y, dtype=np.float64))))
    if size > 5 * LARGE:
        message = f"targets have root mean square {size:.3g}; the outputs start at about 1"
        return Finding("target scale", "suspect", message, "(y - y.mean()) / y.std()")
    return Finding("target scale", "ok", f"targets are {least:.3g} to {most:.3g}")


_RANGES = {
    "tanh": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "relu": (0.0, math.inf),
}


def target_in_input(s: Situation) -> Finding | None:
    """The answer among the features."""
    x, y = s.x, s.y
    if x is None or y is None or x.ndim != 2 or x.shape[1] < 2 or len(x) < 8 or y.size != len(x):
        return None
    flat = y.reshape(-1, 1)
    if len(np.unique(flat)) < 2 or len(flat) != len(x):
        return None
    same = np.flatnonzero((x == flat).all(axis=0))
    if same.size:
        message = f"column {same[0]} of the input is the target"
        return Finding("target among inputs", "fail", message, f"np.delete(x, {same[0]}, axis=1)")
    return Finding("target among inputs", "ok", "no column of the input is the target")


BATCH_CHECKS = (input_scale, inputs_vary, labels, pairing, target_scale, target_in_input)
