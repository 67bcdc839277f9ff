"""Everything that decides how a run goes on: taken out as numbers, and put back.

Weights, buffers, optimizer, schedule, callbacks, history, the position in the epoch, and every
stream of random numbers. The streams of the loader are kept as they were when the epoch
began: who goes on draws the order again, and passes over the batches that were seen.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from . import catalogue
from .batches import streams

if TYPE_CHECKING:
    from .run import Run

__all__ = ["restored", "stream_states", "taken"]

PARTS = (
    "model", "optimizer", "schedule", "callbacks", "history", "position", "loader", "own",
)  # fmt: skip


def stream_states(root: Any) -> dict[str, Any]:
    """Return the states of all generators that an object holds, by the way to them."""
    return {path: copy.deepcopy(rng.bit_generator.state) for path, rng in streams(root).items()}


def taken(run: Run) -> dict[str, Any]:
    """Return the state of a run between two steps, sharing nothing with it.

    Parameters
    ----------
    run : Run
        Between a step of its optimizer and the next batch.
    """
    return {
        "model": run.model.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "schedule": None if run.schedule is None else copy.deepcopy(run.schedule.state_dict()),
        "callbacks": [copy.deepcopy(callback.state()) for callback in run.callbacks],
        "history": {
            "rows": list(run.history.rows),  # rows that are written do not change
            "seconds": list(run.history.seconds),
            "stopped": run.history.stopped,
        },
        "position": {
            "epoch": run.epoch, "batch": run.batch, "step": run.step, "sums": dict(run.sums),
        },
        "loader": run.loader_states,
        "own": {
            "model": stream_states(run.model),
            "validation": stream_states(run.validation),
            "run": run.stream.bit_generator.state,
        },
    }  # fmt: skip


def restored(run: Run, saved: dict[str, Any], path: Any = "the state") -> None:
    """Put a state back: after that, the run goes on as the one did from which it was taken.

    Parameters
    ----------
    run : Run
        With a model, optimizer, schedule, callbacks and data made like those of the other.
    saved : dict
        What ``taken`` returned.
    path : path
        For messages.

    Raises
    ------
    LoadError
        When it is no state of a run like this one.
    """
    if missing := [part for part in PARTS if part not in saved]:
        raise catalogue.not_a_checkpoint(path, missing)
    _wind(run.model, saved["own"]["model"], path)
    _wind(run.validation, saved["own"]["validation"], path)
    run.model.load_state_dict(saved["model"])
    run.optimizer.load_state_dict(saved["optimizer"])
    if run.schedule is not None and saved["schedule"] is not None:
        run.schedule.load_state_dict(saved["schedule"])
    for callback, state in zip(run.callbacks, saved["callbacks"], strict=False):
        callback.load(copy.deepcopy(state))
    history = saved["history"]
    run.history.rows[:] = [dict(row) for row in history["rows"]]
    run.history.seconds[:] = history["seconds"]
    run.history.stopped = history["stopped"]
    position = saved["position"]
    run.epoch, run.batch, run.step = position["epoch"], position["batch"], position["step"]
    run.sums = dict(position["sums"])
    run.stream.bit_generator.state = saved["own"]["run"]
    run.loader_states = copy.deepcopy(saved["loader"])
    _wind(run.data, run.loader_states["data"], path)


def _wind(root: Any, states: dict[str, Any], path: Any) -> None:
    """Set generators to the states that they had."""
    found = streams(root)
    if set(found) != set(states):
        raise catalogue.other_streams(str(path), states, found)
    for way, rng in found.items():
        try:
            rng.bit_generator.state = states[way]
        except (ValueError, TypeError, KeyError) as error:
            raise catalogue.other_streams(str(path), [way], []) from error
