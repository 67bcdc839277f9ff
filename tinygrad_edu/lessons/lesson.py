"""``begin`` and the object that accompanies a lesson (floor 5)."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from ..errors import ArgumentError
from .executed import markdown
from .exercises import Check, Verdict, exercises, judged, picked
from .page import page
from .record import Picture, Record
from .saving import saved
from .series import folder_of

__all__ = ["MODE", "MODES", "Lesson", "begin"]

T = TypeVar("T")
MODE = "TINYGRAD_EDU_LESSON"
MODES = ("short", "normal", "full")


class Lesson:
    """A lesson that runs.

    Attributes
    ----------
    number : int
        Of the series.
    mode : {"short", "normal", "full"}
        ``"short"`` is for tests: fewer steps, and still every claim.
    folder : Path
        Where everything goes that the lesson writes.
    """

    def __init__(self, number: int, mode: str, home: Path, record: Record) -> None:
        self.number = number
        self.mode = mode
        self.folder = Path("runs", home.name)
        self._home, self._record = home, record
        self._checks: tuple[Check, ...] | None = None

    def choose(self, *, short: T, normal: T, full: T | None = None) -> T:
        """Return the value of this mode; the full mode takes the normal one if it has none."""
        if self.mode == "full" and full is not None:
            return full
        return short if self.mode == "short" else normal

    def show(self, picture: Any, name: str, caption: str = "") -> Path:
        """Save a picture, and file it under the cell that shows it.

        Parameters
        ----------
        picture : Graph, Plot, matplotlib Figure, animation, page or Path
            What has ``save``, or ``savefig``, or a file that exists.
        name : str
            Of the file, in the lesson's folder, without its suffix, unless you choose one.
        caption : str
            One line that says what to see.

        Returns
        -------
        Path
            Of the file.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = saved(picture, self.folder, name)
        self._record.add(Picture(path.name, caption))
        self._record.aside(f"picture {path}")
        if self._record.path is None and (shell := sys.modules.get("IPython.display")):
            shell.display(picture)
        return path

    def check(self, exercise: int, answer: Any) -> Verdict:
        """Print at once what is to be said of an answer.

        Parameters
        ----------
        exercise : int
            From 1.
        answer : Any
            As the exercise asks for it; ``None`` and ``...`` are answers nobody has begun.

        Raises
        ------
        ArgumentError
            When the lesson has no such exercise.
        """
        if self._checks is None:
            self._checks = exercises(self._home)
        check = picked(self._checks, exercise, self.number)
        verdict = judged(f"{self.number}.{exercise}", check, answer)
        self._record.add(verdict)
        self._record.aside(str(verdict))
        return verdict

    def __repr__(self) -> str:
        return f"<Lesson {self.number}, {self.mode}: {self.folder}>"

    def _end(self) -> None:
        """Write the page, and the same as Markdown."""
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / "lesson.html"
        place.write_text(page(self._record, self.folder, self.mode), encoding="utf-8")
        place.with_suffix(".md").write_text(markdown(self._record), encoding="utf-8")
        self._record.aside(f"page {place}")


def begin(number: int) -> Lesson:
    """Begin a lesson: read its mode, and note from now on what it prints and shows.

    Parameters
    ----------
    number : int
        Of the series, ``python -m tinygrad_edu lessons`` lists it.

    Returns
    -------
    Lesson
        With ``mode``, ``choose``, ``folder``, ``show`` and ``check``.

    Raises
    ------
    ArgumentError
        For a lesson that does not exist, and a mode that does not.

    Notes
    -----
    The mode comes from the command line (``python lesson.py --short``), else from the variable
    ``TINYGRAD_EDU_LESSON``.  In a notebook nothing is filed: it shows everything itself.
    """
    home = folder_of(number)
    frame = _script(sys._getframe(1))
    path = frame.f_globals.get("__file__")
    record = Record(Path(path) if path else None, frame)
    lesson = Lesson(number, _mode(path), home, record)
    if path:
        record.start()
        _at_end(record, lesson._end)
    return lesson


def _script(frame: FrameType) -> FrameType:
    """The frame of the module that runs the lesson, so that its line says which cell runs."""
    found: FrameType | None = frame
    while found is not None and found.f_code.co_name != "<module>":
        found = found.f_back
    return found or frame


def _mode(path: str | None) -> str:
    flags = {f"--{mode}": mode for mode in MODES}
    given = sys.argv[1:] if path and Path(sys.argv[0]).resolve() == Path(path).resolve() else []
    for word in given:
        if word not in flags:
            raise ArgumentError(
                f"a lesson takes {', '.join(flags)}, and not {word!r}",
                fix=f"python {Path(sys.argv[0]).name} --short",
            )
    asked = flags[given[-1]] if given else os.environ.get(MODE, "normal")
    if asked not in MODES:
        raise ArgumentError(f"{MODE}={asked!r} is none of {', '.join(MODES)}", fix=f"{MODE}=short")
    return asked


def _at_end(record: Record, end: Callable[[], None]) -> None:
    """Write the page when the script ends, after an error too, which then stands in the page."""
    before = sys.excepthook

    def note(kind: Any, error: BaseException, trace: Any) -> None:
        record.failed(error)
        before(kind, error, trace)

    sys.excepthook = note
    atexit.register(end)
