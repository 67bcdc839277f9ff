"""What pages say in words (floor 5)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["of_game", "of_training"]

SOLVED, JUMPED, WORSE, FLAT = 0.98, 1.5, 1.2, 0.02
COVERED, WINS, FOOLED = 0.2, 0.9, 0.6


def of_training(run: Any, k: int) -> list[str]:
    """Return how a run stands at a frame: a state in a word, and a sentence.

    Parameters
    ----------
    run : FieldRecorder
        What was recorded.
    k : int
        Which of its frames.
    """
    losses = [frame["loss"] for frame in run.frames[: k + 1]]
    loss, right = losses[-1], run.frames[k]["accuracy"]
    often = float(np.bincount(run.classes).max()) / len(run.classes)
    share = f"{right:.0%} of the samples right"
    if not math.isfinite(loss):
        return ["diverged", "The loss is no number any more: the steps were too large."]
    last = k == len(run.frames) - 1
    if last and not run.ended:
        return ["diverged", f"The run was cut off after this epoch, with {share}."]
    if k == 0:
        return ["untrained", f"Before the first step: {share}, by chance."]
    best = min(losses[:-1])
    if loss > WORSE * losses[0]:
        words = f"The loss is {loss / losses[0]:.2g} times what it was at first: steps too large."
        return ["worse", words]
    if right >= SOLVED:
        return ["solved", f"The classes are told apart: {share}."]
    if loss > JUMPED * best:
        return ["jumping", f"The loss is {loss / best:.2g} times its best so far; {share}."]
    if right <= often + 0.02:
        return ["stuck", f"Hardly better than always naming one class: {share}."]
    if last and loss > (1 - FLAT) * losses[0]:
        return ["stuck", f"The loss has hardly moved; {share}."]
    if last and len(losses) > 8 and losses[3 * k // 4] - loss < FLAT * losses[0]:
        return ["settled", f"The last quarter of the training changed little: {share}."]
    return ["learning", f"The loss falls: {share}."]


def of_game(recorder: Any, frame: Any, part: int, modes: Any, reach: float) -> dict[str, Any]:
    """Return how two players stand, before or after a step.

    Parameters
    ----------
    recorder : GANRecorder
        What was recorded.
    frame : dict
        One of its frames.
    part : {0, 1}
        Before the step, or after it.
    modes : array, shape (modes, 2)
        Where the data is, or nothing.
    reach : float
        How far a mode goes.
    """
    real, fake = frame["scores"][min(part, len(frame["scores"]) - 1)]
    border = {"least_squares": 0.5, "wasserstein": float(np.mean([real.mean(), fake.mean()]))}
    limit = border.get(recorder.kind, 0.0)
    right = float(np.mean([(real > limit).mean(), (fake <= limit).mean()]))
    share = f"it tells {right:.0%} of real and generated points right"
    if not (np.isfinite(real).all() and np.isfinite(fake).all()):
        who, words = "diverged", "The scores are no numbers any more."
    elif right >= WINS:
        who, words = "discriminator wins", f"The discriminator wins: {share}."
    elif right <= FOOLED:
        who, words = "fooled", f"The discriminator is fooled: {share}, little more than a coin."
    else:
        who, words = "balanced", f"Neither wins: the discriminator{share[2:]}."
    found = {"who": who, "words": words, "right": round(right, 3)}
    if len(modes):
        found |= _coverage(frame["made"][part], modes, reach)
    return found


def _coverage(points: Any, modes: Any, reach: float) -> dict[str, Any]:
    """How many modes have their points."""
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.linalg.norm(points[:, None] - modes, axis=-1) <= reach
    covered = near.mean(axis=0) >= COVERED / len(modes)
    count, close = int(covered.sum()), float(near.any(axis=1).mean())
    words = f"{count} of {len(modes)} modes are covered; {close:.0%} of the points lie in one."
    if close >= 0.5 and count <= len(modes) / 2:
        words = f"Mode collapse: {words}"
    return {"covered": covered.astype(int).tolist(), "modes": words, "count": count}
