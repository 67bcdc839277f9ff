"""Tables in CSV files: what each column is, is read from its cells.  Floor 0."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from ..errors import ArgumentError, DataError
from ..types import Array
from .idx_file import opened, read_up_to
from .table import Column, Kind, Table, checked_kinds, unknown_column

__all__ = ["read_csv"]

MISSING = (
    "", "?", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NAN", "NULL", "null", "None", "<NA>",
)  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DELIMITERS = ",;\t|"
_MOST_COLUMNS = 10_000
# A column of numbers with a few other cells is more likely to have typing errors than categories.
_MOSTLY, _ENOUGH = 0.9, 10


def read_csv(
    source: Any,
    target: str | None = None,
    *,
    kinds: Mapping[str, Kind] | None = None,
    delimiter: str | None = None,
    decimal: str = ".",
    missing: Collection[str] = MISSING,
    encoding: str = "utf-8-sig",
    max_bytes: int = 200_000_000,
) -> Table:
    """Read a table with a header line, and tell numbers from categories.

    Parameters
    ----------
    source : path or binary file
        Where it is; compressed by gzip or not.
    target : str, optional
        The column that is to be predicted. Rows where it is missing are left out and counted.
    kinds : dict of column to "numeric" or "categorical", optional
        What is known about columns; of the others, those are numeric in which all cells that are
        not missing are numbers.
    delimiter : str, optional
        What stands between cells; by default the one of ``, ; tab |`` that the header has most.
    decimal : "." or ","
        What stands before the decimals of a number.
    missing : collection of str
        What stands for a cell that is not known, spaces around it aside.
    encoding : str
        How the text is stored; a byte order mark at the beginning is allowed.
    max_bytes : int
        The largest file that is read.

    Returns
    -------
    Table
        ``print(table)`` says what was found, and what is missing.

    Raises
    ------
    MissingFile, FileError
        There is no such file, or it cannot be read.
    DataError
        It is not such a table; the message names line and column.
    ArgumentError
        A setting has no meaning.

    Notes
    -----
    Cells may be quoted, as in RFC 4180; spaces around a cell do not count. Empty lines are passed
    over. Nothing is executed, and no number is made of text like ``1_000`` or ``infinity``.

    Examples
    --------
    >>> table = read_csv(io.BytesIO(b'size,colour\\n1.5,"red, dark"\\nNA,blue\\n'))
    >>> table["size"].values, table["colour"].values.tolist()
    (array([1.5, nan]), ['red, dark', 'blue'])

    References
    ----------
    Y. Shafranovich, RFC 4180, 2005.
    """
    if decimal not in (".", ","):
        raise ArgumentError(f"decimal={decimal!r} is neither '.' nor ','", fix='decimal=","')
    found = read_cells(source, delimiter=delimiter, encoding=encoding, max_bytes=max_bytes)
    return typed(found, target, kinds, decimal, missing)


class Cells(NamedTuple):
    """The text of a file: names of columns, and below each as many cells as there are rows."""

    name: str
    header: tuple[str, ...]
    lines: list[int]
    columns: list[list[str]]


def read_cells(
    source: Any,
    *,
    delimiter: str | None = None,
    encoding: str = "utf-8-sig",
    max_bytes: int = 200_000_000,
) -> Cells:
    """Read what ``read_csv`` reads, and leave every cell as the text that it is."""
    _check_settings(delimiter, encoding)
    with opened(source) as (stream, name):
        text = _decoded(stream, name, encoding, max_bytes)
    rows = _rows(text, name, delimiter or _delimiter(text))
    header = _header(next(rows, None), name)
    return Cells(name, header, *_cells(rows, header, name))


def typed(
    found: Cells,
    target: str | None = None,
    kinds: Mapping[str, Kind] | None = None,
    decimal: str = ".",
    missing: Collection[str] = MISSING,
) -> Table:
    """Tell numbers from categories, and the target from the rest."""
    name, header, lines, cells = found
    given = checked_kinds(kinds, header)
    if target is not None and target not in header:
        raise unknown_column(target, header)
    gaps = frozenset(missing)
    columns = [
        _column(title, texts, given.get(title), lines, gaps, decimal, name)
        for title, texts in zip(header, cells, strict=True)
    ]
    if target is None:
        return Table(tuple(columns), None, name)
    goal = columns.pop(header.index(target))
    if goal.missing.all():
        raise DataError(f"every cell of the target {target!r} in {name} is missing")
    whole = Table(tuple(columns), goal, name)
    if not goal.missing.any():
        return whole
    kept = whole.take(~goal.missing)
    return Table(kept.columns, kept.target, name, dropped=int(goal.missing.sum()))


def _check_settings(delimiter: str | None, encoding: str) -> None:
    one = isinstance(delimiter, str) and len(delimiter) == 1 and delimiter not in '\r\n"\0'
    if delimiter is not None and not one:
        raise ArgumentError(f"delimiter={delimiter!r} is not one character", fix='delimiter=";"')
    try:
        known = codecs.lookup(encoding)
        "a".encode(known.name)
    except (LookupError, TypeError, ValueError) as unknown:
        raise ArgumentError(
            f"encoding={encoding!r} is not known as one of text", fix='encoding="cp1252"'
        ) from unknown


def _decoded(stream: BinaryIO, name: str, encoding: str, max_bytes: int) -> str:
    try:
        data = read_up_to(stream, max_bytes + 1)
    except (EOFError, OSError, zlib.error) as broken:
        raise DataError(f"{name} is damaged: {broken}", why="its compression has no end") from None
    if len(data) > max_bytes:
        raise DataError(
            f"{name} has more than {max_bytes:,} bytes",
            why="a table is held in memory, ten times as large or more",
            fix=f'read_csv("{name}", max_bytes={10 * max_bytes})',
        )
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        line = data[:at].count(b"\n") + 1
        wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        raise DataError(
            f"line {line} of {name} is not {encoding}: byte {data[at : at + 1]!r}",
            why="the file stores its letters in another way",
            fix=f'read_csv("{name}", encoding="{"utf-16" if wide else "cp1252"}")',
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise DataError(f"line {line} of {name} has a zero byte: it is not text")
    return text


def _delimiter(text: str) -> str:
    """The likeliest of the usual ones, by the header outside of quotes."""
    header = re.sub(r'"[^"]*"', "", text.lstrip().split("\n", 1)[0])
    return max(_DELIMITERS, key=header.count)


def _rows(text: str, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row that has any."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if len(row) > 1 or (row and not row[0].isspace()):
                yield line, [cell.strip() for cell in row]
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"line {line} of {name} is not CSV: {error}",
            why='a cell that begins with " ends with ", and a quote within it is written twice',
        ) from None


def _header(first: tuple[int, list[str]] | None, name: str) -> tuple[str, ...]:
    if first is None:
        raise DataError(f"{name} is empty", why="the first line has to name the columns")
    line, header = first
    if len(header) > _MOST_COLUMNS:
        raise DataError(f"line {line} of {name} names more than {_MOST_COLUMNS} columns")
    for position, title in enumerate(header):
        if not title or title in header[:position]:
            what = f"the name {title!r} a second time" if title else "no name"
            raise DataError(
                f"line {line} of {name} has {what} for column {position + 1}",
                why="the first line has to name every column, each in its own way",
                fix=",".join(t or f"column{k + 1}" for k, t in enumerate(header[:20])),
            )
    return tuple(header)


def _cells(
    rows: Iterator[tuple[int, list[str]]], header: tuple[str, ...], name: str
) -> tuple[list[int], list[list[str]]]:
    """The line numbers of all rows, and the cells column by column."""
    lines: list[int] = []
    columns: list[list[str]] = [[] for _ in header]
    seen: dict[str, str] = {}  # categories repeat: each text is kept once
    for line, row in rows:
        if len(row) != len(header):
            raise DataError(
                f"line {line} of {name} has {len(row)} cells, the header names {len(header)}",
                why="a cell is missing, or one holds the delimiter without quotes",
                fix='"Smith, John",42   # quotes around a cell with a comma',
            )
        lines.append(line)
        for column, cell in zip(columns, row, strict=True):
            column.append(seen.setdefault(cell, cell))
    if not lines:
        raise DataError(f"{name} has a header and no rows")
    return lines, columns


def _column(
    title: str,
    cells: list[str],
    kind: Kind | None,
    lines: list[int],
    gaps: frozenset[str],
    decimal: str,
    name: str,
) -> Column:
    """One column, numeric if every cell that is not missing is a number, or as it was told."""
    if kind == "categorical":
        return Column(title, kind, _texts(cells, gaps))
    numbers, odd, known = np.full(len(cells), np.nan), [], 0
    for k, cell in enumerate(cells):
        if cell in gaps:
            continue
        known += 1
        plain = cell.replace(",", ".") if decimal == "," and "." not in cell else cell
        if _NUMBER.fullmatch(plain) and (decimal == "." or "." not in cell):
            numbers[k] = float(plain)
            if not np.isfinite(numbers[k]):
                raise _no_number(title, lines[k], name, cell, "it is too large")
        else:
            odd.append(k)
            if kind == "numeric":
                raise _no_number(title, lines[k], name, cell, "the column was said to be numeric")
    if odd and known >= _ENOUGH and known - len(odd) >= _MOSTLY * known:
        why = f"all but {len(odd)} of the {known} cells of the column are numbers"
        raise _no_number(title, lines[odd[0]], name, cells[odd[0]], why)
    if odd or (kind is None and not known):
        return Column(title, "categorical", _texts(cells, gaps))
    return Column(title, "numeric", numbers)


def _texts(cells: list[str], gaps: frozenset[str]) -> Array:
    # As objects: fixed widths would give every cell the room of the longest.
    return np.array(["" if cell in gaps else cell for cell in cells], dtype=object)


def _no_number(title: str, line: int, name: str, cell: str, why: str) -> DataError:
    return DataError(
        f"line {line} of {name}, column {title!r}: {cell!r:.60} is not a number",
        why=f"{why}; say that it is missing, or that the column holds categories",
        fix=f"tg.data.read_csv({name!r}, missing=('', 'NA', {cell!r:.60}))"
        f"   # or kinds={{{title!r}: 'categorical'}}",
    )
