"""A loss that is no number: where it came from, found without running from the start.

The last state in memory is put back, and its steps are done again, with the same bits, until one
gives what is not finite. That step alone runs under anomaly mode, which names operation and line.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..errors import AnomalyError
from ..nn.optim import gradient_norm
from ..testing import anomaly
from . import catalogue
from .state import restored, taken

if TYPE_CHECKING:
    from .run import Run

__all__ = ["explain"]


def explain(run: Run) -> Exception:
    """Return the error for a step whose loss is not finite; the run is then before that step.

    Parameters
    ----------
    run : Run
        With the state of a few steps before in ``kept``.
    """
    loss, failed = run.last_loss, run.step + 1
    assert run.kept is not None
    restored(run, run.kept)
    begun, before = run.step, run.kept
    norms: list[float] = []
    for group in run.groups():
        before = taken(run)
        value = run.one_step(group)
        if not math.isfinite(value) or not _finite(run) or run.step + 1 > failed:
            break
        norms.append(gradient_norm([p.grad for p in run.parameters]))
        run.batch += len(group)
        run.step += 1
    restored(run, before)
    where = (
        f"step {run.step + 1}, epoch {run.epoch + 1}, batch {run.batch + 1}: done again from step "
        f"{begun}; the model is as it was before that step"
    )
    try:
        with anomaly.detect_anomaly():
            for group in run.groups():
                run.one_step(group)
                break
    except AnomalyError as error:
        restored(run, before)
        error.notes = (*error.notes, where)
        return error
    restored(run, before)
    return catalogue.diverged(failed, loss, [where, *_facts(norms)], run.lr)


def _finite(run: Run) -> bool:
    return all(bool(np.isfinite(parameter.data).all()) for parameter in run.model.parameters())


def _facts(norms: list[float]) -> list[str]:
    if len(norms) < 2:
        return []
    shown = ", ".join(f"{norm:.3g}" for norm in norms[-6:])
    return [f"length of the gradient in the last steps: {shown}"]
