"""Everything that decides how a run goes on: taken out as numbers, and put back.

Weights, buffers, optimizer, schedule, callbacks, history, the position in the epoch, and every
stream of random numbers. The streams of the loader are kept as they were when the epoch
began: who goes on draws the order again, and passes over the batches that were seen.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import catalogue
from .batches import streams

if TYPE_CHECKING:
    from .run import Run

__all__ = ["drawn_from", "restored", "stream_states", "taken", "untouched", "wind", "wind_back"]

PARTS = (
    "model", "optimizer", "schedule", "callbacks", "history", "position", "loader", "own",
)  # fmt: skip


def stream_states(root: Any, apart: Iterable[Any] = ()) -> dict[str, Any]:
    """Return the states of all generators that an object holds, by the way to them."""
    found = streams(root, apart)
    return {path: copy.deepcopy(rng.bit_generator.state) for path, rng in found.items()}


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
        "callbacks": [
            {"kind": type(callback).__name__, "state": copy.deepcopy(callback.state())}
            for callback in run.callbacks
        ],
        "history": {
            "rows": list(run.history.rows),  # rows that are written do not change
            "seconds": list(run.history.seconds),
            "stopped": run.history.stopped,
        },
        "position": {
            "epoch": run.epoch, "batch": run.batch, "step": run.step, "sums": dict(run.sums),
        },
        "loader": run.loader_states,
        "own": drawn_from(run),
    }  # fmt: skip


def restored(run: Run, saved: Mapping[str, Any], path: Any = "the state") -> None:
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
    wind(run.data, saved["loader"]["data"], path)
    wind_back(run, saved["own"], path)
    run.model.load_state_dict(saved["model"])
    run.optimizer.load_state_dict(saved["optimizer"])
    if run.schedule is not None and saved["schedule"] is not None:
        run.schedule.load_state_dict(saved["schedule"])
    for callback, kept in zip(run.callbacks, saved["callbacks"], strict=False):
        if kept["kind"] != type(callback).__name__:
            raise catalogue.other_callbacks(path, saved["callbacks"], run.callbacks)
        callback.load(copy.deepcopy(kept["state"]))
    # Now that callbacks have what they make of their states.
    wind(run.callbacks, saved["own"]["callbacks"], path, _apart(run))
    history = saved["history"]
    run.history.rows[:] = [dict(row) for row in history["rows"]]
    run.history.seconds[:] = history["seconds"]
    run.history.stopped = history["stopped"]
    position = saved["position"]
    run.epoch, run.batch, run.step = position["epoch"], position["batch"], position["step"]
    run.sums = dict(position["sums"])
    run.loader_states = copy.deepcopy(saved["loader"])


@contextmanager
def untouched(run: Run) -> Iterator[None]:
    """Try something inside; afterwards weights, optimizer, gradients and streams are as before.

    Parameters
    ----------
    run : Run
        Under way, and at the beginning of an epoch.
    """
    parameters = list({id(p): p for p in [*run.model.parameters(), *run.parameters]}.values())
    gradients = [parameter.grad for parameter in parameters]
    steps = run.optimizer.steps
    run.note_epoch()
    before = taken(run)
    try:
        yield
    finally:
        restored(run, before)
        run.optimizer.steps = steps
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient


def drawn_from(run: Run) -> dict[str, Any]:
    """Return the states of the generators that a run draws from, those of its data apart."""
    return {
        "model": stream_states(run.model),
        "validation": stream_states(run.validation),
        "drawing": stream_states(run.drawing),
        "callbacks": stream_states(run.callbacks, _apart(run)),
        "run": run.stream.bit_generator.state,
    }


def wind_back(run: Run, states: dict[str, Any], path: Any = "the state") -> None:
    """Set the generators of ``drawn_from``, those of callbacks apart, to the states they had.

    Parameters
    ----------
    run : Run
        Under way.
    states : dict
        What ``drawn_from`` returned.
    path : path
        For messages.
    """
    wind(run.model, states["model"], path)
    wind(run.validation, states["validation"], path)
    wind(run.drawing, states["drawing"], path)
    run.stream.bit_generator.state = states["run"]


def _apart(run: Run) -> list[Any]:
    """Return what callbacks may know of a run: its streams are not theirs."""
    return [
        run, run.model, run.data, run.validation, run.optimizer, run.schedule, run.stream,
        *run.drawing.values(), *run.model.modules(),
    ]  # fmt: skip


def wind(
    root: Any, states: dict[str, Any], path: Any = "the state", apart: Iterable[Any] = ()
) -> None:
    """Set all generators that an object holds to the states that they had."""
    found = streams(root, apart)
    if set(found) != set(states):
        raise catalogue.other_streams(str(path), states, found)
    for way, rng in found.items():
        try:
            rng.bit_generator.state = states[way]
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise catalogue.other_streams(str(path), [way], []) from error
