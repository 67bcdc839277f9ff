"""Go on from a file: all of it fits, or nothing of the run has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import LoadError
from . import catalogue
from .state import PARTS, restored, taken

if TYPE_CHECKING:
    from .run import Run

__all__ = ["resumed"]


def resumed(run: Run, saved: Any, path: Any = "the state") -> None:
    """Put a state back that may be damaged, or of another run.

    Parameters
    ----------
    run : Run
        Under way, and at its beginning.
    saved : dict
        What a checkpoint holds.
    path : path
        For messages.

    Raises
    ------
    LoadError
        When it is no state of a run like this one; this one is then as before.
    """
    if not isinstance(saved, Mapping) or (missing := [p for p in PARTS if p not in saved]):
        raise catalogue.not_a_checkpoint(path, PARTS if not isinstance(saved, Mapping) else missing)
    run.note_epoch()
    before, steps = taken(run), vars(run.optimizer).get("steps")
    try:
        if wrong := _wrong(run, saved):
            raise catalogue.odd_checkpoint(path, wrong)
        # Not looked at before an epoch is gone on with, so it is tried here.
        run.stream.bit_generator.state = saved["loader"]["run"]
        restored(run, saved, path)
    except Exception as error:
        restored(run, before)
        if steps is not None:
            run.optimizer.steps = steps
        if isinstance(error, LoadError):
            raise
        said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        raise catalogue.odd_checkpoint(path, said) from error


def _wrong(run: Run, saved: Mapping[str, Any]) -> str | None:
    """Return which part of the counts contradicts another, or what they may be."""
    position, history = saved["position"], saved["history"]
    epoch, batch, step = (position[name] for name in ("epoch", "batch", "step"))
    sums, rows = position["sums"], history["rows"]
    if not all(type(count) is int and count >= 0 for count in (epoch, batch, step)):
        return f"its position is epoch {epoch!r}, batch {batch!r}, step {step!r}"
    if hasattr(run.data, "__len__") and batch > len(run.data):
        return f"it is at batch {batch}, and an epoch here has {len(run.data)}"
    if not isinstance(sums, dict) or not all(_number(value) for value in sums.values()):
        return "the sums of its epoch are no numbers"
    if bool(batch) != bool(sums) or (batch and not ({"loss", "samples"} <= set(sums))):
        return f"at batch {batch} it has sums of {', '.join(map(str, sums)) or 'nothing'}"
    if batch and not sums["samples"] > 0:
        return "its epoch has no samples"
    numbered = isinstance(rows, list) and [
        row.get("epoch") if isinstance(row, dict) else None for row in rows
    ]
    if numbered != list(range(1, epoch + 1)):
        return f"after epoch {epoch} its history is not of the epochs 1 to {epoch}"
    if not all(_number(value) for row in rows for value in row.values()):
        return "its history holds what is no number"
    seconds = history["seconds"]
    if not isinstance(seconds, list) or len(seconds) != epoch or not all(map(_number, seconds)):
        return "the times of its epochs are no numbers"
    if not isinstance(history["stopped"], (str, type(None))):
        return f"it was stopped by {history['stopped']!r:.40}"
    return None


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
