"""How far a run is: a bar on a terminal or in a notebook, else a line for each epoch."""

from __future__ import annotations

import sys
import time
from typing import Any

__all__ = ["Lines", "progress"]


class Nothing:
    """Says nothing."""

    def step(self, batches: int, loss: float) -> None:
        """Note that some batches are done."""

    def epoch(self, row: dict[str, Any]) -> None:
        """Show what an epoch came to."""

    def close(self) -> None:
        """Leave the terminal as other output expects it."""


class Lines(Nothing):
    """A line for each epoch, with the time that is left."""

    def __init__(self, done: int, epochs: int) -> None:
        self._done, self._epochs, self._began = done, epochs, time.perf_counter()

    def epoch(self, row: dict[str, Any]) -> None:
        """Print the row of an epoch, and how long the rest will take."""
        here = row["epoch"] - self._done
        left = (time.perf_counter() - self._began) / here * (self._epochs - row["epoch"])
        width = len(str(self._epochs))
        head = f"epoch {row['epoch']:>{width}}/{self._epochs}"
        print(f"{head}  {_results(row)}  {_duration(left)} left", flush=True)


class Bar(Nothing):
    """One line that tqdm rewrites."""

    def __init__(self, tqdm: Any, done: int, epochs: int, batches: int | None) -> None:
        total = None if batches is None else epochs * batches
        self._bar = tqdm(total=total, initial=done * (batches or 0), unit="batch")
        self._epochs = epochs

    def step(self, batches: int, loss: float) -> None:
        """Move the bar."""
        self._bar.update(batches)

    def epoch(self, row: dict[str, Any]) -> None:
        """Write what the epoch came to behind the bar."""
        self._bar.set_description(f"epoch {row['epoch']}/{self._epochs}", refresh=False)
        self._bar.set_postfix_str(_results(row))

    def close(self) -> None:
        """Leave the line as it is."""
        self._bar.close()


def progress(wanted: bool, done: int, epochs: int, batches: int | None) -> Nothing:
    """Return what shows a run.

    Parameters
    ----------
    wanted : bool
        False shows nothing.
    done, epochs : int
        Epochs that are over, and in all.
    batches : int or None
        In an epoch, where that is known.
    """
    if not wanted:
        return Nothing()
    if sys.stderr.isatty() or "ipykernel" in sys.modules:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            pass
        else:
            return Bar(tqdm, done, epochs, batches)
    return Lines(done, epochs)


def _results(row: dict[str, Any]) -> str:
    return "  ".join(f"{name} {value:.4g}" for name, value in row.items() if name != "epoch")


def _duration(seconds: float) -> str:
    """Examples: ``8 s``, ``2 min 5 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
