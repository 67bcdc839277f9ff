"""PNG and PDF: our own layout by Matplotlib, else Graphviz's of the DOT text (floor 3)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

from ..errors import MissingDependency
from .canvas import painted

__all__ = ["exported", "program"]

SECONDS = 60


def exported(svg: Callable[[], str], dot: Callable[[], str], format: str) -> bytes:
    """Return a picture as PNG or PDF, by the first of the ways that are installed.

    Parameters
    ----------
    svg, dot : callable
        Give the picture's text; asked for what is needed.
    format : {"png", "pdf"}
        What to write.

    Raises
    ------
    MissingDependency
        When there is no way, or Graphviz refuses or takes longer than a minute; says what to
        install, and what needs nothing.
    """
    try:
        return painted(svg(), format)
    except ImportError:
        pass
    if (found := program(format)) is None:
        raise _nothing(format)
    command = [str(found), "-Kdot", f"-T{format}"]
    try:
        answer = subprocess.run(
            command, input=dot().encode(), capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(found, type(error).__name__) from None
    if answer.returncode or not answer.stdout:
        raise _failed(found, answer.stderr.decode(errors="replace").strip()[:200])
    return answer.stdout


def program(format: str) -> Path | None:
    """Return a Graphviz that can write a format, or None.

    On PATH, in this Python's folder of scripts and beside its executable, since a notebook's
    kernel often runs without its environment's PATH. ``TINYGRAD_EDU_DOT`` names another.
    """
    names = ["dot"] if format == "pdf" else ["dot", "graphviz-pure"]  # the latter has no PDF
    if chosen := os.environ.get("TINYGRAD_EDU_DOT"):
        names.insert(0, chosen)
    folders = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    for name in names:
        for place in (None, *folders):
            if found := shutil.which(name, path=place):
                return Path(found)
    return None


def _nothing(format: str) -> MissingDependency:
    notes = [
        "Graphviz can draw it too: its program `dot` (apt, brew or choco install graphviz; "
        "pip install graphviz does not bring it)"
        + (', or pip install "tinygrad_edu[viz]"' if format == "png" else "")
    ]
    return MissingDependency(
        f"{format.upper()} needs Matplotlib or Graphviz, and neither was found",
        code="TG-V01",
        notes=notes,
        why='SVG and HTML need nothing: graph.save("graph.svg"); the DOT text is in graph.dot',
        fix='pip install "tinygrad_edu[plots]"',
    )


def _failed(found: Path, said: str) -> MissingDependency:
    return MissingDependency(
        f"{found.name} did not draw the graph: {said}",
        why="the DOT text is in graph.dot, and the picture in graph.svg",
        fix='graph.save("graph.svg")',
    )
