"""``Table``: rows of named numbers."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

import numpy as np

from ..storage.replacing import replacing
from ..types import Array
from . import catalogue

__all__ = ["Table", "written"]

SHOWN = 20


class Table:
    """Rows of named numbers, to be read by columns.

    Attributes
    ----------
    rows : list of dict
        A row may lack columns that others have.

    Examples
    --------
    >>> table = Table([{"n": 10, "loss": 0.5}, {"n": 20, "loss": 0.25}])
    >>> table["loss"]
    array([0.5 , 0.25])
    >>> print(table)
        n    loss
       10     0.5
       20    0.25
    """

    def __init__(self, rows: list[dict[str, Any]] | None = None) -> None:
        self.rows: list[dict[str, Any]] = list(rows or [])

    @property
    def columns(self) -> list[str]:
        """The names of all numbers, in the order in which they came."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def __getitem__(self, name: str) -> Array:
        """Return a column, with NaN where a row lacks it."""
        if name not in self.columns:
            raise catalogue.unknown_column(name, self.columns)
        return np.array([row.get(name, math.nan) for row in self.rows])

    def __len__(self) -> int:
        return len(self.rows)

    def to_csv(self, path: str | Path) -> Path:
        """Write a table with a line for each row, atomically."""
        text = io.StringIO()
        table = csv.DictWriter(text, self.columns, lineterminator="\n")
        table.writeheader()
        table.writerows(self.rows)
        return written(path, text.getvalue())

    def __repr__(self) -> str:
        names = self.columns
        if not names:
            return f"{type(self).__name__} without rows"
        shown = self.rows if len(self.rows) <= SHOWN else [*self.rows[:5], {}, *self.rows[-10:]]
        cells = [[_cell(row, name) for name in names] for row in shown]
        widths = [max(5, *map(len, column)) for column in zip(names, *cells, strict=True)]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in [names, *cells]
        )


def _cell(row: dict[str, Any], name: str) -> str:
    if not row:
        return "..."
    value = row.get(name, "")
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def written(path: str | Path, text: str) -> Path:
    """Write a text, whole or not at all."""
    place = Path(path)
    with replacing(place) as file:
        file.write(text.encode())
    return place
