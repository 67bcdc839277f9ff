"""Where the lessons lie, and what each says of itself in its first cell (floor 5)."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from ..errors import ArgumentError
from .cells import cells_of

__all__ = ["Entry", "entry", "folder_of", "series"]

PACKAGE = Path(__file__).resolve().parents[1]
NAME = re.compile(r"(\d\d)_\w+")
TITLE = re.compile(r"# (\d+)\. (.+)")
TIME = re.compile(r"\*\*Time:\*\* (.+?)\. \*\*")
LEARN = re.compile(r"\*\*You learn:\*\* (.+)", re.S)


class Entry(NamedTuple):
    """A lesson of the series.

    Attributes
    ----------
    number : int
        From 1.
    title : str
        Its name.
    time : str
        How long its normal mode takes, on two processors.
    learn : str
        What one learns.
    folder : Path
        Where ``lesson.py`` and ``checks.py`` lie.
    """

    number: int
    title: str
    time: str
    learn: str
    folder: Path


def folders() -> dict[int, Path]:
    """Return the folder of each lesson: inside the installed package, or ``examples`` beside it in
    a checkout."""
    for place in (PACKAGE / "series", PACKAGE.parent / "examples"):
        found = {
            int(match[1]): path
            for path in sorted(place.glob("[0-9][0-9]_*"))
            if (match := NAME.fullmatch(path.name)) and (path / "lesson.py").is_file()
        }
        if found:
            return found
    return {}


def folder_of(wanted: int | str) -> Path:
    """Return the folder of a lesson.

    Parameters
    ----------
    wanted : int or str
        Its number, the name of its folder, or a word of that name.

    Raises
    ------
    ArgumentError
        When there is none; says which there are.
    """
    known = folders()
    text = str(wanted).strip().lower()
    if text.isascii() and text.isdecimal() and int(text) in known:
        return known[int(text)]
    names = {path.name: path for path in known.values()}
    parted = {name[3:]: path for name, path in names.items()} | names
    if text in parted:
        return parted[text]
    if len(parts := [path for name, path in names.items() if text in name.split("_")[1:]]) == 1:
        return parts[0]
    raise _unknown(wanted, known, parted)


def entry(folder: Path) -> Entry:
    """Read what a lesson says of itself.

    Raises
    ------
    ArgumentError
        When its first cell has not the form that the list of lessons reads.
    """
    path = folder / "lesson.py"
    head = cells_of(path.read_text(encoding="utf-8"))[0].text
    title, time, learn = TITLE.match(head), TIME.search(head), LEARN.search(head)
    if not (title and time and learn):
        raise ArgumentError(
            f"the first cell of {path} has not title, time and what is learned",
            fix="# # 6. Backpropagation by hand, then **Time:** 4 s. **You learn:** ...",
        )
    said = " ".join(learn[1].split("\n\n")[0].split()).removesuffix(".")
    return Entry(int(title[1]), title[2].strip(), time[1], said, folder)


def series() -> list[Entry]:
    """Return all lessons, in order."""
    return [entry(folder) for _, folder in sorted(folders().items())]


def _unknown(wanted: int | str, known: dict[int, Path], names: dict[str, Path]) -> ArgumentError:
    if not known:
        return ArgumentError(
            f"there is no lesson {wanted}: this copy of the package has no lessons beside it",
            fix="pip install tinygrad_edu",
        )
    close = get_close_matches(str(wanted).lower(), names, n=1)
    hint = f"; did you mean {names[close[0]].name}?" if close else ""
    ends = f"{min(known)} to {max(known)}" if len(known) > 1 else str(min(known))
    return ArgumentError(
        f"there is no lesson {wanted}{hint or f'; there are {ends}'}",
        fix="python -m tinygrad_edu lessons",
    )
