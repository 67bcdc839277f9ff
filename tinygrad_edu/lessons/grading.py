"""A student's answer, judged in a process that may be stopped at any time (floor 5)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ArgumentError
from .exercises import exercises
from .process import environment
from .series import folder_of

__all__ = ["Grade", "grade"]

MEMORY = 4 * 2**30  # bytes of addresses; NumPy's own take a quarter of it
TAIL = 2000  # characters


class Grade(NamedTuple):
    """What is to be said of one file.

    Attributes
    ----------
    file : str
        As it was named.
    exercise : str
        As in ``"6.2"``.
    status : str
        ``"right"``, ``"wrong"``, ``"open"``, ``"raised"``, ``"timeout"``, ``"missing"`` (there is
        no such name in the file) or ``"syntax"``.
    said : str
        The hint, or what happened.
    line : int or None
        Of the file, where that can be said.
    printed : str
        The end of what the file printed; it has no part in the verdict.
    """

    file: str
    exercise: str
    status: str
    said: str = ""
    line: int | None = None
    printed: str = ""

    def __str__(self) -> str:
        place = f" (line {self.line})" if self.line else ""
        return f"{self.exercise} {self.status}{': ' if self.said else ''}{self.said}{place}"


def grade(file: str | Path, exercise: str, *, limit: float = 30.0) -> Grade:
    """Judge the answer in a student's file.

    Parameters
    ----------
    file : str or Path
        Python; the answer has the name that the exercise gives it.
    exercise : str
        Lesson and number, as in ``"6.2"``.
    limit : float
        Seconds.

    Returns
    -------
    Grade
        The verdict.

    Raises
    ------
    ArgumentError
        For an exercise or a file that does not exist.

    Notes
    -----
    The file runs in a process and a folder of its own, in short mode, with bounds on time, memory
    and what it writes; all it has started ends with it.  The verdict comes through a file that
    only the judge knows, signed with a number drawn for this run, so that nothing printed is taken
    for one.  This is a guard against accidents and simple tricks, and no prison: a hostile program
    may do whatever the account may that runs it.
    """
    home, name = _named(exercise)
    path = Path(file).resolve()
    if not path.is_file():
        raise ArgumentError(f"there is no file {file}", fix="grade answers.py --exercise 6.2")
    with tempfile.TemporaryDirectory(prefix="grade-", ignore_cleanup_errors=True) as folder:
        place, seal = Path(folder, "verdict.json"), os.urandom(16).hex()
        request = {
            "file": str(path), "home": str(home), "exercise": exercise, "name": name,
            "place": str(place), "seal": seal, "memory": MEMORY, "seconds": limit,
        }  # fmt: skip
        status, printed = _tried(request, Path(folder), limit)
        said = _verdict(place, seal)
    if said is None:
        said = _silence(status, limit)
    return Grade(str(file), exercise, printed=printed, **said)


def _named(exercise: str) -> tuple[Path, str]:
    """The lesson's folder and the name that the answer must have."""
    found = re.fullmatch(r"(\w+)\.(\d+)", exercise.strip())
    if found is None:
        raise ArgumentError(
            f"{exercise!r} is no exercise: it is a lesson and a number in it", fix="--exercise 6.2"
        )
    home = folder_of(found[1])
    checks = exercises(home)
    if not 1 <= int(found[2]) <= len(checks):
        names = ", ".join(f"{found[1]}.{k + 1} {each.__name__}" for k, each in enumerate(checks))
        raise ArgumentError(f"there is no exercise {exercise}; lesson {found[1]} has {names}")
    return home, checks[int(found[2]) - 1].__name__


def _tried(request: dict[str, Any], folder: Path, limit: float) -> tuple[int | None, str]:
    """Run the trial; return its exit status, None if it was stopped, and what it printed."""
    work = folder / "work"
    work.mkdir()
    said = folder / "printed.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.trial"], cwd=work, stdin=subprocess.PIPE,
            stdout=output, stderr=output, start_new_session=True,
            env=environment("short"),
        )  # fmt: skip
        try:
            with suppress(BrokenPipeError):
                process.communicate(json.dumps(request).encode(), timeout=limit)
            status: int | None = process.returncode
        except subprocess.TimeoutExpired:
            status = None
        finally:
            _stop(process)
    with said.open("rb") as output:
        output.seek(max(0, said.stat().st_size - 4 * TAIL))
        return status, output.read().decode("utf-8", "replace")[-TAIL:]


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it started."""
    if sys.platform == "win32":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, check=False)
    else:
        # Its children may outlive it; the group has its number for as long as one of them lives.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _verdict(place: Path, seal: str) -> dict[str, Any] | None:
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
        if told.pop("seal") != seal:
            return None
        return {"status": str(told["status"]), "said": str(told["said"]), "line": told["line"]}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None


def _silence(status: int | None, limit: float) -> dict[str, Any]:
    """What is to be said where there is no verdict."""
    if status is None:
        said = f"no answer after {limit:g} s; is there a loop that does not end?"
        return {"status": "timeout", "said": said}
    if status < 0:
        with suppress(ValueError):
            name = signal.Signals(-status).name
            return {"status": "raised", "said": f"the program was ended by the system ({name})"}
    return {"status": "raised", "said": f"the program ended itself (exit status {status})"}
