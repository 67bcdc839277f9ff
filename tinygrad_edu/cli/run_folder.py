"""The folder that a run leaves: made once, never shared with another run, whole at any time.

Floor 6. Every file is written beside its place and then renamed, so a reader finds the old one or
the new one and never a part.
"""

from __future__ import annotations

import csv
import io
import json
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any, Self

import numpy as np

from ..graph import Graph
from ..storage.replacing import replacing
from ..types import Array
from .arguments import UsageError

__all__ = ["CHECKPOINT", "RunFolder", "held_interrupts", "write"]

MODEL, HISTORY, CONFIG = "model.npz", "history.csv", "config.json"
CHECKPOINT, REPORT = "checkpoint.npz", "report.html"
GRAPHS = ("graph.svg", "graph.dot", "backprop.html")


class RunFolder:
    """A folder of its own for one run, that can be written to.

    Parameters
    ----------
    wanted : Path or None
        Where. By default ``runs/<data>-<date>-<time>``. A number is added to the name where
        another run lies already.
    data : str
        The data set, for that name.

    Raises
    ------
    UsageError
        When there can be no such folder, or nothing can be written there.
    """

    def __init__(self, wanted: Path | None, data: str) -> None:
        place = wanted or Path("runs", f"{data}-{time.strftime('%Y%m%d-%H%M%S')}")
        try:
            self.path = _made(place, reuse=wanted is not None)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            reason = error.strerror or error
            raise UsageError(f"cannot write to the run folder {place}: {reason}") from None

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the folder of a run that goes on, as it is."""
        made = cls.__new__(cls)
        made.path = path
        return made

    def history(self) -> list[tuple[Any, ...]]:
        """Read ``history.csv`` back."""
        with open(self.path / HISTORY, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))[1:]
        return [(int(epoch), *map(float, rest)) for epoch, *rest in rows]

    def save_report(self, page: str) -> None:
        """Write ``report.html``."""
        write(self.path / REPORT, page.encode())

    def save_model(self, arrays: Mapping[str, Array]) -> None:
        """Write ``model.npz``, which ``np.load`` reads without pickle."""
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]  # an option of savez is a bool
        write(self.path / MODEL, buffer.getvalue())

    def save_history(self, columns: Sequence[str], rows: Sequence[Sequence[float]]) -> None:
        """Write ``history.csv``, one row per epoch."""
        buffer = io.StringIO()
        table = csv.writer(buffer, lineterminator="\n")
        table.writerow(columns)
        table.writerows(rows)
        write(self.path / HISTORY, buffer.getvalue().encode())

    def save_graph(self, graph: Graph) -> None:
        """Write ``graph.svg`` to look at, ``graph.dot`` for other programs, and ``backprop.html``,
        in which one steps through the gradients."""
        for name in GRAPHS:
            content = graph.render(name.partition(".")[2])
            write(self.path / name, content if isinstance(content, bytes) else content.encode())

    def save_config(self, config: Mapping[str, Any]) -> None:
        """Write ``config.json``."""
        text = json.dumps(config, indent=2, allow_nan=False) + "\n"
        write(self.path / CONFIG, text.encode())


def _made(wanted: Path, *, reuse: bool) -> Path:
    """Make the folder; one that exists is used only on request and if no run lies in it."""
    place = wanted if wanted.name not in ("", "..") else wanted.resolve()
    for number in count(1):
        path = place if number == 1 else Path(f"{place}-{number}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            if not path.is_dir():
                raise UsageError(f"{path} is a file; --out names a folder") from None
            names = (MODEL, HISTORY, CONFIG, CHECKPOINT, REPORT, *GRAPHS)
            if not reuse or any((path / name).exists() for name in names):
                continue
        return path
    raise AssertionError("counting has no end")


def write(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all.

    Parameters
    ----------
    path : Path
        In a folder that exists. A file of this name is replaced.
    content : bytes
        What it will hold.

    Notes
    -----
    There is no ``fsync``: it would cost a slow disk more time than the training takes, and only
    protects from the machine itself going down.
    """
    with replacing(path, durable=False) as file:
        file.write(content)


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait for the end of a block in which several files change together."""
    arrived: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        arrived.append(number)

    try:
        before = signal.signal(signal.SIGINT, note)
    except ValueError:  # not the main thread: no signal arrives here
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if arrived:
        signal.raise_signal(signal.SIGINT)
