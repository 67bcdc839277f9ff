"""What pages say in words (floor 5)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["of_training"]

SOLVED, JUMPED, WORSE, FLAT = 0.98, 1.5, 1.2, 0.02


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
