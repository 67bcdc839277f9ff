"""Logs: a line for each epoch, in a file that others can follow.

What is in the file is what is in the history. A run that goes on begins by writing the file anew
from its history, whole or not at all: an epoch that was logged and then lost with the process is
not there twice, and a line that was cut off is mended.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...storage.replacing import replacing
from ..callback import Callback
from ..run import Run

__all__ = ["CSVLog", "JSONLog"]

Row = dict[str, Any]


class _Log(Callback):
    """A text file with a line for each row of the history."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def on_start(self, run: Run) -> None:
        """Write what is in the history already."""
        self._write_all(run.history.rows)

    def on_epoch(self, run: Run) -> None:
        """Add the line of an epoch."""
        rows = run.history.rows
        if not self._fits(rows):
            self._write_all(rows)
            return
        with open(self.path, "a", encoding="utf-8", newline="") as file:
            file.write(self._text(rows[-1:]))

    def _write_all(self, rows: Sequence[Row]) -> None:
        with replacing(self.path) as file:
            file.write((self._head(rows) + self._text(rows)).encode())

    def _fits(self, rows: Sequence[Row]) -> bool:
        """Whether the last row can be added to a file of those before."""
        return True

    def _head(self, rows: Sequence[Row]) -> str:
        return ""

    def _text(self, rows: Sequence[Row]) -> str:
        raise NotImplementedError


class CSVLog(_Log):
    """Write the history as a table, a line for each epoch, as the run goes.

    Parameters
    ----------
    path : path
        A file of an earlier run is replaced; one of the run that goes on is continued.

    Examples
    --------
    >>> from tinygrad_edu import nn, training
    >>> path, model = getfixture("tmp_path") / "log.csv", nn.Linear(1, 1)
    >>> _ = training.fit(model, ([[1.0]], [[1.0]]), nn.MSELoss(), nn.optim.SGD(model, lr=0.5),
    ...     epochs=2, callbacks=[CSVLog(path)], progress=False)
    >>> [line.split(",")[0] for line in path.read_text().splitlines()]
    ['epoch', '1', '2']
    """

    def _fits(self, rows: Sequence[Row]) -> bool:
        return len(rows) > 1 and _columns(rows) == _columns(rows[:-1])

    def _head(self, rows: Sequence[Row]) -> str:
        self._names = _columns(rows)
        return self._lines([self._names]) if rows else ""

    def _text(self, rows: Sequence[Row]) -> str:
        return self._lines([[row.get(name, "") for name in self._names] for row in rows])

    @staticmethod
    def _lines(cells: Sequence[Sequence[Any]]) -> str:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(cells)
        return text.getvalue()


class JSONLog(_Log):
    """Write the history as JSON lines, one object for each epoch, as the run goes.

    Parameters
    ----------
    path : path
        Its name often ends with ``.jsonl``. A file of an earlier run is replaced; one of the run
        that goes on is continued. A number that is not finite is ``null``.

    Examples
    --------
    >>> import json
    >>> from tinygrad_edu import nn, training
    >>> path, model = getfixture("tmp_path") / "log.jsonl", nn.Linear(1, 1)
    >>> _ = training.fit(model, ([[1.0]], [[1.0]]), nn.MSELoss(), nn.optim.SGD(model, lr=0.5),
    ...     epochs=2, callbacks=[JSONLog(path)], progress=False)
    >>> [json.loads(line)["epoch"] for line in path.read_text().splitlines()]
    [1, 2]
    """

    def _text(self, rows: Sequence[Row]) -> str:
        return "".join(json.dumps(_finite(row), allow_nan=False) + "\n" for row in rows)


def _columns(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _finite(row: Row) -> Row:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
