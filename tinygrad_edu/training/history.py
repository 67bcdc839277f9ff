"""``History``: what a run came to, a row for each epoch."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from ..storage.replacing import replacing
from ..types import Array
from . import catalogue

__all__ = ["History"]

SHOWN = 20


class History:
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
        self.rows: list[dict[str, Any]] = list(rows or [])
        self.stopped: str | None = None
        self.seconds: list[float] = []

    @property
    def columns(self) -> list[str]:
        """The names of all numbers, in the order in which they came."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def __getitem__(self, name: str) -> Array:
        """Return a column, with NaN where an epoch lacks it."""
        if name not in self.columns:
            raise catalogue.unknown_column(name, self.columns)
        return np.array([row.get(name, math.nan) for row in self.rows])

    def __len__(self) -> int:
        return len(self.rows)

    def best(self, name: str = "val_loss", mode: str = "min") -> dict[str, Any]:
        """Return the row in which a column is smallest, or largest with ``mode="max"``."""
        values = self[name]
        return self.rows[int(np.nanargmin(values) if mode == "min" else np.nanargmax(values))]

    def to_csv(self, path: str | Path) -> Path:
        """Write a table with a line for each epoch, atomically."""
        text = io.StringIO()
        table = csv.DictWriter(text, self.columns, lineterminator="\n")
        table.writeheader()
        table.writerows(self.rows)
        return _written(path, text.getvalue())

    def to_json(self, path: str | Path) -> Path:
        """Write the rows as JSON, atomically; numbers that are not finite become ``null``."""
        rows = [{name: _finite(value) for name, value in row.items()} for row in self.rows]
        return _written(path, json.dumps({"stopped": self.stopped, "rows": rows}, indent=1) + "\n")

    def __repr__(self) -> str:
        names = self.columns
        if not names:
            return "History of no epoch"
        shown = self.rows if len(self.rows) <= SHOWN else [*self.rows[:5], {}, *self.rows[-10:]]
        cells = [[_cell(row, name) for name in names] for row in shown]
        widths = [max(5, *map(len, column)) for column in zip(names, *cells, strict=True)]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in [names, *cells]
        ]
        return "\n".join(lines + ([f"stopped: {self.stopped}"] if self.stopped else []))


def _cell(row: dict[str, Any], name: str) -> str:
    if not row:
        return "..."
    value = row.get(name, "")
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _written(path: str | Path, text: str) -> Path:
    place = Path(path)
    with replacing(place) as file:
        file.write(text.encode())
    return place
