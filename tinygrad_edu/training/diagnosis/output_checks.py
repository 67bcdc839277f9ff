"""Checks of what the model answers, and of what the loss makes of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...nn import Module
from ...types import Array
from .report import Finding
from .situation import Situation
from .trial import array_of

__all__ = ["OUTPUT_CHECKS"]

# An untrained model may be somewhat worse than one that knows nothing: random scores of variance v
# add about v/2 to a cross-entropy. So many times as bad is another matter.
SURE, FAR = 4.0, 30.0
# In float32, sums over a batch in another order differ in the seventh digit.
ROUNDING = 1e-4


def softmax_twice(s: Situation) -> Finding | None:
    """L03: probabilities where scores are expected, and probabilities where logarithms are."""
    p = s.p
    if p is None or s.y is None or not p.size:
        return None
    name = s.output.op.name if s.output is not None and s.output.op is not None else ""
    axis = s.class_axis
    if axis is None and s.alike and p.ndim > 1 and _simplex(s.y, 1):
        axis = 1
    if axis is not None and p.shape[axis] > 1 and _simplex(p, axis):
        moved = s.loss_of(p + 1.0)
        if math.isclose(moved, s.loss_of(p), rel_tol=1e-4):
            count = p.shape[axis]
            message = (
                "the model gives probabilities, and the loss takes the softmax of them again: with "
                f"{count} classes it stays above {math.log1p((count - 1) / math.e):.3f}"
            )
            return Finding("double softmax", "fail", message, "drop the softmax at the model's end")
        if s.loss_of(p) < 0:
            message = "the loss of probabilities is negative: it takes their logarithms"
            return Finding("double softmax", "fail", message, "nn.CrossEntropyLoss()   # of scores")
    if s.takes_logits and (name == "sigmoid" or _stays_between(s)):
        message = (
            "the model gives probabilities, and the loss takes the sigmoid of them again: the "
        )
        message += "loss of a no stays above ln 2 = 0.693"
        return Finding("double softmax", "fail", message, "drop the sigmoid at the model's end")
    if name in ("relu", "sigmoid") and (s.takes_logits or s.class_axis is not None):
        message = f"the scores are cut off by {name}: the model cannot be sure of a no"
        return Finding("double softmax", "suspect", message, f"drop the {name} at the model's end")
    return Finding("double softmax", "ok", "the loss gets what it takes")


def _simplex(rows: Array, axis: int) -> bool:
    inside = rows.min() >= 0 and rows.max() <= 1
    return bool(inside and np.allclose(rows.sum(axis=axis), 1, atol=1e-4))


def _stays_between(s: Situation) -> bool:
    """Whether outputs are between 0 and 1 for inputs of any size."""
    if s.x is None or s.x.dtype.kind != "f" or s.p is None or s.p.min() < 0 or s.p.max() > 1:
        return False
    trial = s.trial()
    rest = tuple(s.inputs[1:])
    for factor in (-10.0, 10.0):
        far = array_of(trial.predict((s.x * factor).astype(s.x.dtype), *rest))
        if far is None or far.min() < 0 or far.max() > 1:
            return False
    return bool(np.ptp(s.p) > 0)


def loss_at_start(s: Situation) -> Finding | None:
    """The loss before training, against that of a model that knows nothing."""
    start = s.trial().one_loss()
    if start.shape != ():
        message = f"the loss has shape {start.shape}; a step follows the gradient of one number"
        return Finding("loss at start", "fail", message, "loss.mean()")
    value = start.item()
    if not math.isfinite(value):
        fix = "tg.testing.anomaly.detect_anomaly()"
        return Finding("loss at start", "fail", f"the loss is {value:g}", fix)
    theory, words, limit = _theory(s)
    if not math.isfinite(theory) or theory <= 0:
        return Finding("loss at start", "ok", f"the loss starts at {value:.4g}")
    compared = f"the loss starts at {value:.4g}; {words} is {theory:.4g}"
    if value > limit * theory:
        fix = "nn.init.apply(model, 'xavier')   # and inputs of size about 1"
        return Finding("loss at start", "suspect", f"{compared}: the model is sure, and wrong", fix)
    return Finding("loss at start", "ok", compared)


def _theory(s: Situation) -> tuple[float, str, float]:
    if s.class_axis is not None and s.p is not None:
        even = s.loss_of(np.full(s.p.shape, -math.log(s.classes)))
        return even, f"ln {s.classes}, knowing nothing of {s.classes} classes,", SURE
    if s.takes_logits:
        return math.log(2), "ln 2, knowing nothing of two classes,", SURE
    if s.alike and s.y is not None and math.isfinite(s.uninformed):
        zero = s.loss_of(np.zeros(s.y.shape))
        theory = max(s.uninformed, zero) if math.isfinite(zero) else s.uninformed
        return theory, "that of a constant (of the squared error, the variance)", FAR
    return math.nan, "", FAR


def loss_direction(s: Situation) -> Finding | None:
    """A loss that prefers wrong answers, as one with the wrong sign."""
    if not (math.isfinite(s.perfect) and math.isfinite(s.uninformed)):
        return None
    if s.class_axis is None and s.y is not None and np.ptp(s.y) == 0:
        return None
    right = f"right answers have loss {s.perfect:.3g}, a constant one {s.uninformed:.3g}"
    if s.perfect > s.uninformed * (1 + ROUNDING) + 1e-9 and s.perfect > s.uninformed + 1e-6:
        message = f"{right}: the loss prefers wrong answers"
        return Finding("loss direction", "fail", message, "-loss   # it is to become smaller")
    return Finding("loss direction", "ok", right)


def samples_leak(s: Situation) -> Finding | None:
    """Answers for a sample that depend on the others of its batch."""
    if s.samples < 2 or s.p is None or not s.p.ndim or len(s.p) != s.samples:
        return None
    for mode in ("evaluation", "training"):
        trial = s.trial()
        trial.model.train(mode == "training")
        if mode == "training" and _mixes_by_nature(trial.model):
            continue
        shares = [_leak(s, trial, axis) for axis in (0, 1)]
        known = [share for share in shares if math.isfinite(share)]
        if known and min(known) > ROUNDING:
            message = (
                f"in {mode} mode the answer for the first sample changes by {min(known):.2g} of "
                "its size when the other samples of the batch do"
            )
            fix = "x.mean(axis=-1)   # over features, not over axis 0"
            return Finding("samples leak", "fail", message, fix)
    return Finding("samples leak", "ok", "the answer for a sample does not depend on the others")


def _mixes_by_nature(model: Module) -> bool:
    return any("BatchNorm" in type(module).__name__ for module in model.modules())


def _leak(s: Situation, trial: Any, axis: int) -> float:
    """How far the first answer moves when the others change; NaN if no input has the axis."""
    changed, found = [], False
    for x in s.inputs:
        array = array_of(x)
        if array is None or array.ndim <= axis or array.shape[axis] != s.samples:
            changed.append(x)
            continue
        others = np.flip(np.take(array, range(1, s.samples), axis=axis), axis=axis)
        if array.dtype.kind == "f":
            others = (-1.5 * others + 0.5).astype(array.dtype)
        else:
            others = np.roll(others, 1, axis=-1)
        first = np.take(array, [0], axis=axis)
        changed.append(np.concatenate([first, others], axis=axis))
        found = True
    if not found:
        return math.nan
    before, after = array_of(trial.predict()), array_of(trial.predict(*changed))
    if before is None or after is None or before.shape != after.shape:
        return math.nan
    scale = float(np.abs(before).max())
    return float(np.abs(before[0] - after[0]).max()) / scale if scale > 0 else 0.0


def sees_the_future(s: Situation) -> Finding | None:
    """A model of sequences whose prediction of the next token may look at it."""
    x, y, p = s.x, s.y, s.p
    if x is None or y is None or p is None or x.shape != y.shape or x.ndim != 2:
        return None
    if x.dtype.kind not in "iu" or x.shape[1] < 3 or p.shape[:2] != x.shape:
        return None
    if not np.array_equal(x[:, 1:], y[:, :-1]):
        return None
    trial = s.trial()
    trial.model.eval()
    later = x.copy()
    later[:, -1] = x[:, 0]
    before, after = array_of(trial.predict()), array_of(trial.predict(later, *s.inputs[1:]))
    if before is None or after is None:
        return None
    moved = float(np.abs(before[:, :-1] - after[:, :-1]).max())
    if moved > ROUNDING * max(float(np.abs(before).max()), 1e-12):
        message = f"a change of the last token moves earlier predictions by {moved:.2g}"
        return Finding("sees the future", "fail", message, "is_causal=True   # a causal mask")
    return Finding("sees the future", "ok", "predictions depend on earlier tokens only")


def modes(s: Situation) -> Finding | None:
    """Layers in evaluation mode before training, and randomness that evaluation does not stop."""
    kept = {module.training for module in s.model.modules()}
    trial = s.trial()
    trained = array_of(trial.predict())
    trial.model.eval()
    first, again = array_of(trial.predict()), array_of(trial.predict(number=1))
    if trained is None or first is None or again is None:
        return None
    if not np.array_equal(first, again, equal_nan=True):
        message = "in evaluation mode two answers to the same input differ: something still draws"
        return Finding("modes", "fail", message, "tg.nn.functional.dropout(x, p, self.training)")
    if False in kept and not np.allclose(trained, first, rtol=1e-4, atol=1e-6):
        part = "all" if kept == {False} else "some"
        message = f"{part} layers are in evaluation mode: dropout or batch norm would not train"
        return Finding("modes", "suspect", message, "model.train()")
    return Finding("modes", "ok", "the model is in the mode for training, and evaluation repeats")


OUTPUT_CHECKS = (
    softmax_twice, loss_at_start, loss_direction, samples_leak, sees_the_future, modes,
)  # fmt: skip
