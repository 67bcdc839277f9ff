"""A CSV file of numbers and words, and the rows of numbers that a network takes (floor 6).

What a column is, its categories and what stands for a missing number are learned from the training
part, kept in ``config.json``, and used again for new rows.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..types import Array
from .arguments import UsageError

__all__ = ["Column", "Table", "columns_of", "encoded", "encoded_names", "learned", "read_table"]

MISSING = frozenset({"", "?", "na", "n/a", "nan", "null", "none"})
MOST_CATEGORIES = 50


class Table(NamedTuple):
    """The text of a file: names of columns, and rows of as many cells.

    Attributes
    ----------
    path : Path
        Where it lies.
    names : tuple of str
        The first line.
    rows : list of list of str
        All others that are not empty.
    lines : list of int
        The line of the file on which each row ends.
    """

    path: Path
    names: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def column(self, name: str) -> list[str]:
        """Return the cells of a column.

        Raises
        ------
        UsageError
            When there is none of this name; says which is meant.
        """
        if name not in self.names:
            close = get_close_matches(name, self.names, n=1)
            few = ", ".join(self.names[:12]) + (", ..." if len(self.names) > 12 else "")
            hint = f"did you mean {close[0]!r}?" if close else f"it has {few}"
            raise UsageError(f"{self.path.name} has no column {name!r}; {hint}")
        place = self.names.index(name)
        return [row[place] for row in self.rows]


class Column(NamedTuple):
    """What was learned of one column.

    Attributes
    ----------
    name : str
        In the first line of the file.
    categories : tuple of str or None
        The words that occur, one input each; None for a column of numbers, which is one input.
    fill : float
        What stands for a missing number: the mean of the others.
    """

    name: str
    categories: tuple[str, ...] | None
    fill: float

    @property
    def inputs(self) -> list[str]:
        """The names of the inputs that it becomes: of words, one for each."""
        if self.categories is None:
            return [self.name]
        return [f"{self.name} = {word}" for word in self.categories]


def read_table(path: str | Path) -> Table:
    """Read a file with a line of column names.

    Cells are parted by commas, semicolons or tabs, whichever the first line has most of.

    Raises
    ------
    UsageError
        For a file that cannot be read, or is no table; names the line.
    """
    place = Path(path)
    try:
        text = place.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {place}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{place} is not text in UTF-8: byte {error.start}") from None
    head = text.partition("\n")[0]
    reader = csv.reader(text.splitlines(keepends=True), delimiter=max(",;\t", key=head.count))
    rows, lines = [], []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append([cell.strip() for cell in row])
                lines.append(reader.line_num)
    except csv.Error as error:
        raise UsageError(f"{place}, line {reader.line_num}: {error}") from None
    if len(rows) < 2:
        raise UsageError(f"{place} has no rows below a line of column names")
    names = rows[0]
    for number, row in zip(lines, rows, strict=True):
        if len(row) != len(names):
            raise UsageError(
                f"{place}, line {number}: {len(row)} cells, and the first line names {len(names)}"
            )
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise UsageError(f"{place} has two columns called {twice[0]!r}; rename one")
    return Table(place, tuple(names), rows[1:], lines[1:])


def missing(cell: str) -> bool:
    """Tell whether a cell stands for no value.

    Examples
    --------
    >>> missing("NA"), missing("0")
    (True, False)
    """
    return cell.lower() in MISSING


def number(cell: str) -> float | None:
    """Return the finite number that a cell is, or None.

    Examples
    --------
    >>> number("1e3"), number("blue"), number("inf")
    (1000.0, None, None)
    """
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def learned(table: Table, target: str, train: Sequence[int]) -> tuple[list[Column], list[str]]:
    """Return what the training rows say of each column, and sentences about what is left out.

    Parameters
    ----------
    table : Table
        All rows; whether a column is numbers is told from all, everything else from ``train``.
    target : str
        The column that is no input.
    train : sequence of int
        Rows of the training part.

    Raises
    ------
    UsageError
        When no column is left to learn from.
    """
    columns, notes = [], []
    for name in table.names:
        if name == target:
            continue
        cells = table.column(name)
        seen = [cells[k] for k in train if not missing(cells[k])]
        gaps = sum(missing(cell) for cell in cells)
        words = sorted(set(seen))
        if not seen or len(words) == 1:
            notes.append(f"column {name!r} is left out: it never changes")
            continue
        numeric = all(missing(cell) or number(cell) is not None for cell in cells)
        if not numeric and len(words) > MOST_CATEGORIES:
            notes.append(f"column {name!r} is left out: {len(words)} different words")
            continue
        if gaps:
            filled = "the mean stands for them" if numeric else "no category stands for them"
            notes.append(f"column {name!r} lacks {gaps} of {len(cells)} values; {filled}")
        fill = float(np.mean([float(cell) for cell in seen])) if numeric else 0.0
        columns.append(Column(name, None if numeric else tuple(words), fill))
    if not columns:
        raise UsageError(f"{table.path.name} has no column to predict {target!r} from")
    return columns, notes


def encoded_names(columns: Sequence[Column]) -> list[str]:
    """Return the names of the inputs: of words, one for each.

    Examples
    --------
    >>> encoded_names([Column("age", None, 30.0), Column("sex", ("f", "m"), 0.0)])
    ['age', 'sex = f', 'sex = m']
    """
    return [name for column in columns for name in column.inputs]


def encoded(columns: Sequence[Column], table: Table) -> tuple[Array, list[str]]:
    """Return rows of numbers, and sentences about words that were never seen.

    Parameters
    ----------
    columns : sequence of Column
        What was learned; columns of the table that are not among them are passed over.
    table : Table
        What to encode.

    Returns
    -------
    float64 array, shape (rows, inputs)
        Numbers as they are, and 0 or 1 for each word.
    list of str
        What was not understood, and taken as no category.

    Raises
    ------
    UsageError
        For a column that is not there, or a word where a number belongs; names column and line.
    """
    parts: list[Array] = []
    notes = []
    for name, words, fill in columns:
        cells = table.column(name)
        if words is None:
            parts.append(np.array(_numbers(table, name, cells, fill))[:, None])
            continue
        new = sorted({cell for cell in cells if cell not in words and not missing(cell)})
        if new:
            shown = ", ".join(map(repr, new[:3])) + (", ..." if len(new) > 3 else "")
            notes.append(f"column {name!r} has words that training never saw: {shown}")
        parts.append(np.array([[cell == word for word in words] for cell in cells], dtype=float))
    return np.concatenate(parts, axis=1), notes


def _numbers(table: Table, name: str, cells: Sequence[str], fill: float) -> list[float]:
    values = []
    for line, cell in zip(table.lines, cells, strict=True):
        value = fill if missing(cell) else number(cell)
        if value is None:
            raise UsageError(
                f"{table.path.name}, line {line}, column {name!r}: {cell!r} is not a number"
            )
        values.append(value)
    return values


def columns_of(saved: Sequence[dict[str, Any]]) -> list[Column]:
    """Return columns from ``config.json``."""
    return [
        Column(
            str(each["name"]),
            None if each["categories"] is None else tuple(map(str, each["categories"])),
            float(each["fill"]),
        )
        for each in saved
    ]
