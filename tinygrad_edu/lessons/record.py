"""What a lesson printed and showed, with the line that did it (floor 5)."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, TextIO

from .cells import Cell, cell_at, cells_of
from .exercises import Verdict

__all__ = ["Failure", "Item", "Picture", "Printed", "Record"]

MOST = 100_000  # characters of a page; a loop that prints for ever must not fill the memory


class Printed(NamedTuple):
    """Text that went to the output."""

    text: str


class Picture(NamedTuple):
    """A file in the lesson's folder, and the line that says what to see."""

    file: str
    caption: str


class Failure(NamedTuple):
    """The error with which the lesson ended."""

    text: str


Item = Printed | Picture | Verdict | Failure


class Record:
    """The output of a lesson by the line of the script that made it.

    Parameters
    ----------
    path : Path or None
        The script.  None in a notebook.
    frame : frame
        Of the script: the line at which it is says which cell runs, also while a function of an
        earlier cell prints.
    """

    def __init__(self, path: Path | None, frame: FrameType) -> None:
        self.path = path
        self.cells: list[Cell] = cells_of(path.read_text(encoding="utf-8")) if path else []
        self.items: list[tuple[int, Item]] = []
        self._frame, self._quiet, self._length = frame, False, 0

    def start(self) -> None:
        """Read along what is printed from now on."""
        sys.stdout = _Along(sys.stdout, self)

    def add(self, item: Item) -> None:
        """File something under the line that runs."""
        self.items.append((self._frame.f_lineno, item))

    def printed(self, text: str) -> None:
        """File what went to the output."""
        if self._quiet or self._length > MOST:
            return
        self._length += len(text)
        line = self._frame.f_lineno
        if self.items:
            before, last = self.items[-1]
            same = cell_at(self.cells, before) == cell_at(self.cells, line)
            if isinstance(last, Printed) and same:
                text = last.text + text
                self.items.pop()
        self.items.append((line, Printed(text)))

    def aside(self, text: str) -> None:
        """Print what the page shows in another way."""
        self._quiet = True
        try:
            print(text, flush=True)
        finally:
            self._quiet = False

    def failed(self, error: BaseException) -> None:
        """File the error that ended the script."""
        self.add(Failure("".join(traceback.format_exception(error)).rstrip()))

    def by_cell(self) -> list[tuple[Cell, list[Item]]]:
        """Return each cell with what came of it, in the order of the script."""
        found: list[list[Item]] = [[] for _ in self.cells]
        for line, item in self.items:
            found[max(cell_at(self.cells, line), 0)].append(item)
        return list(zip(self.cells, found, strict=True))


class _Along:
    """The output, read along; everything else is that of the stream itself."""

    def __init__(self, stream: TextIO, record: Record) -> None:
        self._stream, self._record = stream, record

    def write(self, text: str) -> int:
        self._record.printed(text)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
