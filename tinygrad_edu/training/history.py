"""``History``: what a run came to, a row for each epoch."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..types import reach
from .table import Table, written

__all__ = ["History"]


class History(Table):
    """The numbers of a run: loss, metrics and learning rate of each epoch.

    Attributes
    ----------
    rows : list of dict
        ``"epoch"`` counts from 1; ``"loss"`` is the mean over the training samples, each seen
        before its own step; metrics by their names; those of the validation data have ``val_``
        in front; ``"lr"`` is the learning rate of the last step.
    stopped : str or None
        Why the run ended before its last epoch.
    seconds : list of float
        How long each epoch took here. It is no part of the rows: these repeat bit for bit.

    Examples
    --------
    >>> history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
    >>> history["loss"]
    array([0.5 , 0.25])
    >>> print(history)
    epoch    loss
        1     0.5
        2    0.25
    """

    def __init__(self, rows: list[dict[str, Any]] | None = None) -> None:
        super().__init__(rows)
        self.stopped: str | None = None
        self.seconds: list[float] = []

    def best(self, name: str = "val_loss", mode: str = "min") -> dict[str, Any]:
        """Return the row in which a column is smallest, or largest with ``mode="max"``."""
        values = self[name]
        return self.rows[int(np.nanargmin(values) if mode == "min" else np.nanargmax(values))]

    def to_json(self, path: str | Path) -> Path:
        """Write the rows as JSON, atomically; numbers that are not finite become ``null``."""
        rows = [{name: _finite(value) for name, value in row.items()} for row in self.rows]
        return written(path, json.dumps({"stopped": self.stopped, "rows": rows}, indent=1) + "\n")

    def animate(
        self, path: str | Path, columns: Sequence[str] | None = None, *, seconds: float = 6.0
    ) -> Path:
        """Write the history as an animated plot, and return its path.

        Parameters
        ----------
        path : str or Path
            With the suffix ``.gif``.
        columns : sequence of str, optional
            By default all whose name says loss.
        seconds : float
            How long it takes, before the last picture stands still.

        Raises
        ------
        MissingDependency
            Without Matplotlib; says how to install it.
        """
        film = reach["plot"]("animated_history", self, columns, seconds=seconds)
        return Path(film.save(path))

    def __repr__(self) -> str:
        if not self.columns:
            return "History of no epoch"
        return super().__repr__() + (f"\nstopped: {self.stopped}" if self.stopped else "")


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
