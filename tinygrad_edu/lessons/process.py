"""Lessons and answers in a process of their own, which finds this package again (floor 5)."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from .lesson import MODE

__all__ = ["environment", "run"]

PACKAGE = Path(__file__).resolve().parents[1]


def environment(mode: str) -> dict[str, str]:
    """Return the variables of such a process.

    A package that is not installed is found by its folder; that of an installed one stays off the
    path, where its neighbours would hide modules of Python.
    """
    found = {**os.environ, MODE: mode, "PYTHONIOENCODING": "utf-8:backslashreplace"}
    for library in (
        "OPENBLAS",
        "OMP",
    ):  # on small matrices threads wait for each other, up to ten-fold
        found.setdefault(f"{library}_NUM_THREADS", "1")
    home = PACKAGE.parent
    if str(home) not in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        found["PYTHONPATH"] = os.pathsep.join(filter(None, [str(home), found.get("PYTHONPATH")]))
    return found


def run(script: Path, mode: str, *, folder: Path | None = None) -> int:
    """Run a lesson, and return its exit status.

    Parameters
    ----------
    script : Path
        Its ``lesson.py``.
    mode : str
        Of ``Lesson.mode``.
    folder : Path, optional
        Where its ``runs`` go, by default here.
    """
    with subprocess.Popen(
        [sys.executable, str(script.resolve())], env=environment(mode), cwd=folder
    ) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # which the lesson gets, too: let it write its page
            try:
                process.wait(10)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                process.kill()
            raise
