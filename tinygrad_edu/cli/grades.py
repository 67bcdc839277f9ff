"""``python -m tinygrad_edu grade``: what is to be said of students' answers (floor 6)."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence

from ..errors import ArgumentError
from ..lessons.grading import Grade, grade
from .arguments import Parser, UsageError

__all__ = ["grades"]


def grades(arguments: Sequence[str]) -> int:
    """Judge one exercise in one file or several.

    Parameters
    ----------
    arguments : sequence of str
        What stands behind ``grade``.

    Returns
    -------
    int
        The exit status: 0 when every answer is right, else 1.

    Raises
    ------
    UsageError
        For an exercise or a file that does not exist.
    """
    given = _parser().parse_args(arguments)
    found = []
    for file in given.files:
        try:
            found.append(grade(file, given.exercise, limit=given.limit))
        except ArgumentError as error:
            raise UsageError(error.what) from None
        if not given.json:
            _tell(found[-1], len(given.files))
    if given.json:
        print(json.dumps([each._asdict() for each in found], indent=2))
    elif len(found) > 1:
        print(f"{sum(each.status == 'right' for each in found)} of {len(found)} right")
    return int(any(each.status != "right" for each in found))


def _parser() -> Parser:
    parser = Parser(
        prog="python -m tinygrad_edu grade",
        description="Check an answer to an exercise of a lesson. The file runs in a process of its "
        "own, in short mode, with bounds on time, memory and files; what it prints has no part in "
        "the verdict. Exit status 0: every answer is right; 1: one is not; 2: there is no such "
        "file or exercise.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE",
        help="Python, in which the answer has the name that the exercise gives it; a copy of the "
        "lesson is fine")  # fmt: skip
    add("--exercise", required=True, metavar="6.2", help="the lesson and the number in it")
    add("--limit", type=_seconds, default=30.0, metavar="SECONDS", help="for each file (30)")
    add("--json", action="store_true", help="a list with file, exercise, status, said, line")
    return parser


def _tell(found: Grade, count: int) -> None:
    if count > 1:
        print(f"{found.file}  {found}", flush=True)
        return
    print(found)
    if found.status not in ("right", "open") and found.printed.strip():
        lines = found.printed.strip().splitlines()
        print("the file printed:", *lines[-8:], sep="\n  ")


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return number
