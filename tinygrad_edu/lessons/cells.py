"""A script in percent cells, as text (floor 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Cell", "cells_of", "cell_at"]

MARKER = re.compile(r"# ?%%(?P<rest>.*)")


class Cell(NamedTuple):
    """A part of a script.

    Attributes
    ----------
    line : int
        Of its first line after the marker, counted from 1.
    prose : bool
        Whether it is Markdown and not code.
    text : str
        Without the marks of comment, if prose; without empty lines around.
    """

    line: int
    prose: bool
    text: str


def cells_of(source: str) -> list[Cell]:
    """Return the cells of a script that are not empty.

    Parameters
    ----------
    source : str
        Python, in which ``# %%`` begins a cell of code and ``# %% [markdown]`` one of prose.

    Examples
    --------
    >>> for cell in cells_of("# %% [markdown]\\n# # Sums\\n#\\n# Of 2.\\n\\n# %%\\nprint(2)\\n"):
    ...     cell
    Cell(line=2, prose=True, text='# Sums\\n\\nOf 2.')
    Cell(line=7, prose=False, text='print(2)')
    """
    found, kept, line, prose = [], [], 1, False
    lines = source.splitlines()
    for number, text in enumerate([*lines, "# %%"], 1):
        if (marker := MARKER.fullmatch(text)) is None:
            kept.append(text)
            continue
        cell = _cell(kept, line, prose)
        if cell.text:
            found.append(cell)
        kept, line, prose = [], number + 1, "[markdown]" in marker["rest"]
    return found


def cell_at(cells: Iterable[Cell], line: int) -> int:
    """Return the index of the cell in which a line stands, -1 if it is before all."""
    return max((k for k, cell in enumerate(cells) if cell.line <= line), default=-1)


def _cell(lines: list[str], line: int, prose: bool) -> Cell:
    if prose:
        lines = [re.sub(r"^# ?", "", text) for text in lines]
    while lines and not lines[0].strip():
        lines, line = lines[1:], line + 1
    return Cell(line, prose, "\n".join(lines).rstrip())
