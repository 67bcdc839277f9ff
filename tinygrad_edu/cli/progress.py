"""How far the training is: a bar on a terminal, else a line per epoch (floor 6)."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import Any, Self

__all__ = ["Progress", "progress"]


class Progress:
    """A line for every epoch with loss, measure and the time left.

    Parameters
    ----------
    epochs, batches : int, at least 1
        How many there will be, and batches per epoch.
    done : int
        Epochs that an earlier run has done.
    measure : str
        What is shown beside the loss.
    """

    def __init__(
        self, epochs: int, batches: int, done: int = 0, measure: str = "training accuracy"
    ) -> None:
        self._measure = measure
        self._epochs, self._done = epochs, done
        self._batches = batches
        self._started = time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def batch(self) -> None:
        """Note that one more batch is done."""

    def epoch(self, number: int, loss: float, value: float) -> None:
        """Show what an epoch came to; ``number`` counts from 1, ``value`` is of the measure."""
        so_far = time.perf_counter() - self._started
        left = so_far / (number - self._done) * (self._epochs - number)
        counter = f"epoch {number:>{len(str(self._epochs))}}/{self._epochs}"
        print(f"{counter}  {self._results(loss, value)}  {_duration(left)} left", flush=True)

    def close(self) -> None:
        """Leave the terminal as other output expects it."""

    def _results(self, loss: float, value: float) -> str:
        return f"loss {loss:.4f}  {self._measure} {value:.3f}"


class _Bar(Progress):
    """One line that tqdm rewrites; it works out the time left by itself."""

    def __init__(self, epochs: int, batches: int, done: int, measure: str, tqdm: Any) -> None:
        super().__init__(epochs, batches, done, measure)
        # Left to itself, tqdm shows nothing on a terminal that does not know its size.
        columns, lines = shutil.get_terminal_size()
        self._bar = tqdm(
            total=epochs * batches,
            initial=done * batches,
            bar_format="{l_bar}{bar}| {remaining} left{postfix}",
            ncols=columns,
            nrows=lines,
            file=sys.stderr,
        )

    def batch(self) -> None:
        self._bar.update()

    def epoch(self, number: int, loss: float, value: float) -> None:
        self._bar.set_description(f"epoch {number}/{self._epochs}", refresh=False)
        self._bar.set_postfix_str(self._results(loss, value))

    def close(self) -> None:
        self._bar.close()


def progress(
    epochs: int, batches: int, done: int = 0, measure: str = "training accuracy"
) -> Progress:
    """Return the kind that fits: a bar if tqdm is installed and somebody watches a terminal."""
    if sys.stderr.isatty():
        try:
            from tqdm import tqdm
        except ImportError:
            pass
        else:
            return _Bar(epochs, batches, done, measure, tqdm)
    return Progress(epochs, batches, done, measure)


def _duration(seconds: float) -> str:
    """Examples: ``8 s``, ``2 min 5 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
