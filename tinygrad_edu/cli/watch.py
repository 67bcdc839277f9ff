"""What the main job notes while ``fit`` trains: accuracy, the folder, the progress (floor 6)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import nn, training
from ..autodiff import Tensor
from ..types import Array
from .progress import Progress
from .run_folder import held_interrupts

__all__ = ["Watch"]


class Watch(training.Callback):
    """The loss, which also counts right answers, and what follows each batch and epoch.

    Parameters
    ----------
    shown : Progress
        Told of every batch and epoch.
    save : callable
        Brings the run folder up to date, given the history.
    """

    def __init__(self, shown: Progress, save: Callable[[training.History], None]) -> None:
        self._shown, self._save = shown, save
        self._right = self._seen = 0
        self.bad_loss: float | None = None

    def loss(self, scores: Tensor, labels: Array) -> Any:
        """Return the cross-entropy of a batch; its right answers are counted."""
        loss = nn.functional.cross_entropy(scores, labels)
        if self.bad_loss is None and not math.isfinite(loss.item()):
            self.bad_loss = loss.item()
        self._right += int((scores.data.argmax(axis=1) == labels).sum())
        self._seen += len(labels)
        return loss

    def on_step(self, run: training.Run) -> None:
        """Move the bar."""
        self._shown.batch()

    def on_epoch(self, run: training.Run) -> None:
        """Write the accuracy into the row of the epoch, and the folder after it."""
        row = run.history.rows[-1]
        row["training_accuracy"] = self._right / self._seen
        self._right = self._seen = 0
        with held_interrupts():
            self._save(run.history)
        self._shown.epoch(row["epoch"], row["loss"], row["training_accuracy"])
