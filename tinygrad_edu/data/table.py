"""A table of named columns, each of numbers or of categories, with gaps.  Floor 0."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ArgumentError, DataError
from ..types import Array

__all__ = ["Column", "Table"]

Kind = Literal["numeric", "categorical"]


@dataclass(frozen=True, eq=False)
class Column:
    """One column: what it is called, of which kind it is, and its cells.

    Attributes
    ----------
    name : str
        From the header.
    kind : "numeric" or "categorical"
        Numbers, or names of categories.
    values : array, shape (rows,)
        float64 with NaN for a missing number, or text with ``""`` for a missing name.
    """

    name: str
    kind: Kind
    values: Array

    @property
    def missing(self) -> Array:
        """Which cells are empty, bool, shape (rows,)."""
        if self.kind == "numeric":
            return np.isnan(self.values)
        return np.asarray(self.values == "")

    def summary(self) -> str:
        """One line: its kind, how many cells are missing, and what the others are like."""
        gaps, present = int(self.missing.sum()), self.values[~self.missing]
        said = f"{gaps} missing" if gaps else "complete"
        if self.kind == "numeric":
            if len(present):
                mean = float((present / len(present)).sum())  # in this order no sum overflows
                said += f", {present.min():g} to {present.max():g}, mean {mean:g}"
            return f"{self.name}: numeric, {said}"
        names, counts = np.unique(present, return_counts=True)
        order = np.argsort(-counts, kind="stable")[:3]
        often = ", ".join(f"{names[k]} ({counts[k]})" for k in order)
        more = ", ..." if len(names) > 3 else ""
        return f"{self.name}: categorical, {said}, {len(names)} values: {often}{more}"


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Columns of equally many rows; one of them may be what is to be predicted.

    Attributes
    ----------
    columns : tuple of Column
        The features, in the order of the file.
    target : Column or None
        What is to be predicted.
    name : str
        Where it comes from.
    dropped : int
        Rows that were left out because their target is missing.
    part : str
        What its rows are for, if that was decided: ``"train"``, ``"validation"`` or ``"test"``.

    Examples
    --------
    >>> import io
    >>> from tinygrad_edu.data import read_csv
    >>> table = read_csv(io.BytesIO(b"age,pet\\n3,cat\\n,owl\\n"), target="pet")
    >>> table
    Table('the file': 2 rows, target pet)
      age: numeric, 1 missing, 3 to 3, mean 3
      pet: categorical, complete, 2 values: cat (1), owl (1)
    """

    columns: tuple[Column, ...]
    target: Column | None = None
    name: str = ""
    dropped: int = field(default=0, kw_only=True)
    part: str = field(default="", kw_only=True)

    def __len__(self) -> int:
        return len(self.target.values if self.target is not None else self.columns[0].values)

    def __getitem__(self, name: str) -> Column:
        for column in (*self.columns, *([self.target] if self.target else [])):
            if column.name == name:
                return column
        raise unknown_column(name, tuple(column.name for column in self.columns))

    @property
    def strata(self) -> Array | None:
        """What parts of it should have in the same proportions: the classes of the target."""
        return self.target.values if self.target and self.target.kind == "categorical" else None

    def take(self, rows: ArrayLike, *, part: str = "") -> Table:
        """Return some of its rows as a table of their own.

        Parameters
        ----------
        rows : int array, shape (samples,), or bool array, shape (len(self),)
            Which ones, in order.
        part : str
            What they are for.
        """
        chosen = np.asarray(rows)
        columns, target = (
            tuple(Column(each.name, each.kind, each.values[chosen]) for each in group)
            for group in (self.columns, (self.target,) if self.target else ())
        )
        return Table(columns, target[0] if target else None, self.name, part=part)

    def summary(self) -> str:
        """What was found in each column, one line each, missing values and lost rows named."""
        lines = [column.summary() for column in self.columns]
        if self.target is not None:
            lines.append(self.target.summary())
        if self.dropped:
            lines.append(f"{self.dropped} rows left out: their {self._target_name()} is missing")
        return "\n".join(lines)

    def _target_name(self) -> str:
        return self.target.name if self.target is not None else "target"

    def __repr__(self) -> str:
        target = f", target {self._target_name()}" if self.target is not None else ""
        part = f" {self.part}" if self.part else ""
        head = f"Table({self.name!r}{part}: {len(self)} rows{target})"
        return "\n  ".join([head, *self.summary().splitlines()])


def unknown_column(name: object, names: tuple[str, ...]) -> Exception:
    """The error of a column that a table does not have."""
    alike = {each.lower(): each for each in names}
    close = [alike[each] for each in get_close_matches(str(name).lower(), alike, n=1)]
    shown = ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
    return DataError(
        f"no column is called {name!r}" + (f"; did you mean {close[0]!r}?" if close else ""),
        why=f"the columns are {shown}",
        fix=f'target="{close[0] if close else names[-1]}"' if names else None,
    )


def checked_kinds(kinds: object, names: tuple[str, ...]) -> dict[str, Kind]:
    """What a caller says about columns: known names and kinds only."""
    given = dict(kinds) if isinstance(kinds, dict) else {} if kinds is None else None
    if given is None or not set(given.values()) <= {"numeric", "categorical"}:
        raise ArgumentError(
            f"kinds={kinds!r:.60} does not say which columns are numeric or categorical",
            fix='kinds={"zip code": "categorical"}',
        )
    for name in given:
        if name not in names:
            raise unknown_column(name, names)
    return given
