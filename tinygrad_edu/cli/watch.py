"""What the main job notes while ``fit`` trains: the measure, the folder, the progress (floor 6)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import training
from ..autodiff import Tensor
from ..types import Array
from .progress import Progress
from .run_folder import held_interrupts
from .tasks import Task

__all__ = ["Watch"]


class Watch(training.Callback):
    """The loss, which also adds up the measure, and what follows each batch and epoch.

    Parameters
    ----------
    task : Task
        Whose loss and measure.
    column : str
        What the measure is called in the history.
    shown : Progress
        Told of every batch and epoch.
    save : callable
        Brings the run folder up to date, given the history.
    """

    def __init__(
        self,
        task: Task,
        column: str,
        shown: Progress,
        save: Callable[[training.History], None],
    ) -> None:
        self._task, self._column, self._shown, self._save = task, column, shown, save
        self._credits, self._seen = 0.0, 0
        self.bad_loss: float | None = None

    def loss(self, outputs: Tensor, targets: Array) -> Any:
        """Return the loss of a batch; what it adds to the measure is kept."""
        loss = self._task.loss(outputs, targets)
        if self.bad_loss is None and not math.isfinite(loss.item()):
            self.bad_loss = loss.item()
        self._credits += float(self._task.credits(outputs.data, targets).sum())
        self._seen += len(targets)
        return loss

    def on_step(self, run: training.Run) -> None:
        """Move the bar."""
        self._shown.batch()

    def on_epoch(self, run: training.Run) -> None:
        """Write the measure into the row of the epoch, and the folder after it."""
        row = run.history.rows[-1]
        row[self._column] = self._credits / self._seen
        self._credits, self._seen = 0.0, 0
        with held_interrupts():
            self._save(run.history)
        self._shown.epoch(row["epoch"], row["loss"], row[self._column])
