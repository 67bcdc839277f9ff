"""Checks that train a copy: can it learn this batch, is the step of a fitting size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...nn.optim import Adam
from ...types import Array
from .report import Finding
from .situation import Situation, travelled
from .trial import array_of

__all__ = ["LEARNING_CHECKS"]

FEW, LONGEST = 16, 200  # samples to be learnt by heart, and steps for each learning rate
RATES = (0.01, 0.001)
LEARNT = 0.97  # of the loss that a constant answer has; a model blind to its input needs all
FALLS = 0.01  # at least, where it is not known what a constant answer has
RISES = 1.2  # the loss of a fixed batch, without noise, falls; a step too long lets it rise
LONG, SHORT = 1.0, 1e-7  # first update relative to the weights; about 0.001 is usual


def learning_rate(s: Situation) -> Finding | None:
    """N04: steps so long that the loss rises, or so short that nothing moves."""
    if s.optimizer is None or not s.holds_ours(s.optimizer):
        return None
    path, start = s.trajectory, s.trajectory.losses[0]
    lr = float(s.optimizer.param_groups[0]["lr"])
    share = _update(s)
    said = f"with lr={lr:g} the loss of this batch goes from {start:.4g} to {path.losses[-1]:.4g}"
    said += f" in {len(path.losses) - 1} steps, first update/weight {share:.1e}"
    if not path.nonzero or not math.isfinite(start):
        return None
    highest = max(path.losses, key=lambda v: math.inf if math.isnan(v) else v)
    wild = not math.isfinite(highest) or highest - start > (RISES - 1) * max(abs(start), 1e-6)
    blind = share > LONG and path.losses[-1] > 0.5 * start
    if wild or blind:
        slow = _slower(s)
        if blind or (math.isfinite(slow[-1]) and max(slow) - start <= (RISES - 1) * abs(start)):
            message = f"{said}, at most {highest:.4g}: the steps are too long"
            return Finding("learning rate", "fail", message, f"lr={lr / 100:g}")
    if lr > 0 and _travelled(s) < SHORT * (len(path.losses) - 1):
        return Finding(
            "learning rate", "suspect", f"{said}: next to nothing moves", f"lr={_usual(s)}"
        )
    if lr == 0:
        return Finding("learning rate", "fail", "lr is 0: nothing moves", f"lr={_usual(s)}")
    return Finding("learning rate", "ok", said)


def _slower(s: Situation) -> list[float]:
    twin = s.trial(s.optimizer)
    assert twin.optimizer is not None
    for group in twin.optimizer.param_groups:
        group["lr"] = group["lr"] / 100
    return travelled(twin, len(s.trajectory.losses) - 1 or 1).losses


def _update(s: Situation) -> float:
    """The median, over weights that are not 0, of the size of the first update by theirs."""
    path, shares = s.trajectory, []
    for name, was in path.before.items():
        if name in s.trained and was.ndim > 1 and was.any() and name in path.nonzero:
            moved = np.linalg.norm(path.after_one[name] - was) / np.linalg.norm(was)
            shares.append(float(moved))
    return float(np.median(shares)) if shares else math.nan


def _travelled(s: Situation) -> float:
    """The largest way of a weight in all steps, relative to it; without limit from 0."""
    path = s.trajectory
    matrices = any(p.ndim > 1 for p in s.trained.values())
    ways = [
        float(np.linalg.norm(path.after[name] - path.before[name]))
        / max(float(np.linalg.norm(path.before[name])), 1e-12)
        for name in path.nonzero & set(s.trained)
        if path.before[name].ndim > 1 or not matrices
    ]
    return max(ways, default=0.0)


def _usual(s: Situation) -> str:
    return "0.1" if type(s.optimizer).__name__ == "SGD" else "0.001"


def overfits(s: Situation) -> Finding | None:
    """A model that cannot learn a few samples by heart will not learn many."""
    small = _fewer(s)
    ours = [name for name, p in small.trained.items() if p.requires_grad]
    if not ours:
        return None
    best, goal, start = math.inf, -math.inf, math.nan
    for rate in RATES:
        trial = small.trial()
        trial.optimizer = Adam([trial.parameters[name] for name in ours], lr=rate)
        start = trial.one_loss().item()
        goal = _goal(small, start)
        if not math.isfinite(start):
            return None
        with np.errstate(all="ignore"):
            for _ in range(LONGEST):
                best = min(best, trial.step())
                if best < goal:
                    break
        if best < goal:
            message = f"{small.samples} samples are learnt: loss {start:.4g} to {best:.4g}"
            return Finding("overfits one batch", "ok", message)
    floor = small.uninformed
    constant = f"; a constant answer has {floor:.4g}" if math.isfinite(floor) else ""
    message = (
        f"{small.samples} samples are not learnt in {len(RATES)} times {LONGEST} steps: loss "
        f"{start:.4g} to {best:.4g}{constant}"
    )
    fix = "nn.init_report(model, x)   # and look at the other findings first"
    return Finding("overfits one batch", "fail", message, fix)


def _goal(small: Situation, start: float) -> float:
    """Below this loss the model has learnt something from its inputs."""
    constant, perfect = small.uninformed, small.perfect
    gap = constant - perfect
    if math.isfinite(gap) and gap > 1e-3 * max(abs(constant), 1e-6):
        return perfect + LEARNT * gap
    if abs(start) < 1e-6:
        return math.inf
    return start - FALLS * abs(start)


def _fewer(s: Situation) -> Situation:
    """The first few samples, where every input has its samples along axis 0."""
    if s.samples <= FEW or s.y is None:
        return s
    arrays = [x for x in map(array_of, s.inputs) if x is not None]
    if len(arrays) < len(s.inputs) or any(len(x) != s.samples for x in arrays if x.ndim):
        return s
    chosen = _spread_out(s.y)
    inputs = tuple([x[chosen] if x.ndim else x for x in arrays])
    small = Situation(s.model, inputs, s.y[chosen], s.loss, s.optimizer, s.trained)
    try:
        value = small.trial().one_loss().item()
    except Exception:
        return s
    return small if math.isfinite(value) else s


def _spread_out(y: Array) -> Array:
    """Samples from all over the targets, so that there is something to tell apart."""
    if y.ndim == 1 or y.size == len(y):
        order = np.argsort(y.ravel(), kind="stable")
        return np.sort(order[np.linspace(0, len(y) - 1, FEW).astype(int)])
    return np.arange(FEW)


NEIGHBOURS, ENOUGH, SHUFFLES = 3, 48, 99


def labels_belong(s: Situation) -> Finding | None:
    """Labels that have nothing to do with their inputs, where the inputs have a structure.

    Compared by neighbours: if inputs lie in clusters or on curves, those near each other should
    have similar labels more often than after shuffling. Of inputs without structure nothing can be
    said, and nothing is.
    """
    x, y = s.x, s.y
    if x is None or y is None or x.dtype.kind != "f" or len(x) != s.samples or s.samples < ENOUGH:
        return None
    if y.size != len(x) or len(np.unique(y)) < 2 or not np.isfinite(x).all():
        return None
    draw = np.random.default_rng(0)
    rows = x.reshape(len(x), -1).astype(np.float64)[:512]
    rows = (rows - rows.mean(axis=0)) / np.where(rows.std(axis=0) > 0, rows.std(axis=0), 1)
    near = _neighbours(rows)
    shuffled = [
        _nearness(np.stack([draw.permutation(column) for column in rows.T], axis=1))
        for _ in range(9)
    ]
    structured = (np.mean(shuffled) - _nearness(rows)) / max(float(np.std(shuffled)), 1e-3)
    if rows.shape[1] < 2 or structured < 6:
        return None
    answers = y.ravel()[:512]
    chance = [_agreement(near, draw.permutation(answers)) for _ in range(SHUFFLES)]
    score = (_agreement(near, answers) - np.mean(chance)) / max(float(np.std(chance)), 1e-12)
    said = f"labels of neighbours agree by {score:.1f} standard deviations more than shuffled ones"
    if score < 2:
        message = f"{said}, though the inputs have a structure: do labels belong to these inputs?"
        fix = "x[order], y[order]   # one order for both"
        return Finding("labels belong", "suspect", message, fix)
    return Finding("labels belong", "ok", said)


def _distances(rows: Array) -> Array:
    squares = np.sum(rows**2, axis=1)
    found = squares[:, None] + squares - 2 * rows @ rows.T
    np.fill_diagonal(found, np.inf)
    clear: Array = np.maximum(found, 0)
    return clear


def _neighbours(rows: Array) -> Array:
    near: Array = np.argpartition(_distances(rows), NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    return near


def _nearness(rows: Array) -> float:
    return float(np.mean(np.log(np.sqrt(_distances(rows).min(axis=1)) + 1e-9)))


def _agreement(near: Array, y: Array) -> float:
    if y.dtype.kind in "iub" or len(np.unique(y)) == 2:
        return float(np.mean(y[near] == y[:, None]))
    ranks = np.argsort(np.argsort(y, kind="stable"), kind="stable")
    return -float(np.mean(np.abs(ranks[near] - ranks[:, None])))


LEARNING_CHECKS: tuple[Any, ...] = (learning_rate, overfits, labels_belong)
