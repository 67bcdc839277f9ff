"""``python -m tinygrad_edu lessons`` and ``lesson``: the series, and one of it (floor 6)."""

from __future__ import annotations

import shutil
import textwrap
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from ..errors import ArgumentError, MissingDependency
from ..lessons.process import run
from ..lessons.series import folder_of, series
from .arguments import Parser, UsageError
from .run_folder import write
from .thumbnails import readme

__all__ = ["lesson", "lessons"]


def lessons(arguments: Sequence[str]) -> int:
    """List the lessons, or write their page with a picture of each.

    Parameters
    ----------
    arguments : sequence of str
        What stands behind ``lessons``.

    Returns
    -------
    int
        The exit status: 0, or 1 when a lesson failed.
    """
    parser = Parser(
        prog="python -m tinygrad_edu lessons",
        description="The lessons, with the time each takes and what is learned.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--readme", action="store_true",
        help="in a checkout, write examples/README.md, with a picture of each lesson from the "
        "folder runs; what has not run there runs first",
    )  # fmt: skip
    if parser.parse_args(arguments).readme:
        return readme()
    found = series()
    if not found:
        raise UsageError("this copy of the package has no lessons beside it")
    titles = max(len(each.title) for each in found)
    times = max(len(each.time) for each in found)
    width = max(40, shutil.get_terminal_size().columns - titles - times - 8)
    for each in found:
        lines = textwrap.wrap(each.learn.replace("*", "").replace("`", ""), width)
        print(f"{each.number:>2}  {each.title:<{titles}}  {each.time:>{times}}  {lines[0]}")
        for line in lines[1:]:
            print(" " * (titles + times + 8) + line)
    print("\npython -m tinygrad_edu lesson 1   runs the first and opens its page")
    return 0


def lesson(arguments: Sequence[str]) -> int:
    """Run a lesson and open its page, or take it along as a file.

    Parameters
    ----------
    arguments : sequence of str
        What stands behind ``lesson``.

    Returns
    -------
    int
        The exit status: 0, or 1 when the lesson failed.

    Raises
    ------
    UsageError
        For a lesson that does not exist, and arguments that do not go together.
    """
    given = _parser().parse_args(arguments)
    try:
        home = folder_of(given.lesson)
    except ArgumentError as error:
        raise UsageError(error.what) from None
    if given.copy is not None or given.notebook is not None:
        if given.short or given.full:
            raise UsageError("--copy and --notebook take the lesson along and do not run it")
        _taken(home, given.copy, given.notebook)
        return 0
    page = Path("runs", home.name, "lesson.html")
    status = run(home / "lesson.py", "short" if given.short else "full" if given.full else "normal")
    if page.is_file() and not given.no_open:
        webbrowser.open(page.resolve().as_uri())
    return int(status != 0)


def _parser() -> Parser:
    parser = Parser(
        prog="python -m tinygrad_edu lesson",
        description="Run a lesson here. What it prints and draws becomes runs/NAME/lesson.html, "
        "which is opened. To do its exercises, take a copy: `lesson 6 --copy .`, edit "
        "06_backprop_by_hand.py, and run it with python, or ask `grade`.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("lesson", metavar="NUMBER", help="as `lessons` lists it, or a word of its name")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--short", action="store_true", help="fewer steps: a look in seconds")
    mode.add_argument("--full", action="store_true", help="the long run, where there is one")
    add("--no-open", action="store_true", help="leave the browser closed")
    add("--notebook", type=Path, metavar="FILE.ipynb", help="write it as a notebook")
    add("--copy", type=Path, metavar="FOLDER", help="copy the lesson there, to be edited")
    return parser


def _taken(home: Path, folder: Path | None, notebook: Path | None) -> None:
    if folder is not None:
        place = folder / f"{home.name}.py"
        if place.exists():
            raise UsageError(f"{place} exists; nothing was overwritten")
        folder.mkdir(parents=True, exist_ok=True)
        write(place, (home / "lesson.py").read_bytes())
        print(f"{place}: edit it, and run it with python, or ask")
        number = int(home.name.partition("_")[0])
        print(f"  python -m tinygrad_edu grade {place} --exercise {number}.1")
    if notebook is not None:
        if notebook.suffix != ".ipynb":
            raise UsageError(f"{notebook} is no name of a notebook: it ends in .ipynb")
        if notebook.exists():
            raise UsageError(f"{notebook} exists; nothing was overwritten")
        write(notebook, _as_notebook(home / "lesson.py").encode())
        print(f"{notebook}: open it with jupyter")


def _as_notebook(script: Path) -> str:
    try:
        import jupytext
    except ImportError:
        raise MissingDependency(
            "a notebook needs jupytext, which is not installed; "
            'pip install "tinygrad_edu[notebooks]"',
            fix='pip install "tinygrad_edu[notebooks]"',
        ) from None
    made = jupytext.reads(script.read_text(encoding="utf-8"), fmt="py:percent")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made.metadata["kernelspec"] = kernel
    text: str = jupytext.writes(made, fmt="ipynb")
    return text
