"""The file of a search: a line for the search, and one for each trial that is over."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ...storage.faults import Damaged
from ...storage.json_text import parsed, written
from ...storage.replacing import replacing
from . import catalogue
from .dimensions import Settings, label
from .trial import Budget, Job, Outcome

__all__ = ["Journal"]

LONGEST = 1 << 20  # bytes of a line: a file without line ends is not read whole


class Journal:
    """What is known already, and where to write what comes.

    Parameters
    ----------
    path : path, optional
        None keeps nothing.
    header : dict
        What makes this search this one; ``"seed"`` may be None, which takes the file's.
    resume : bool
        Go on with the file if it is there.

    Notes
    -----
    An objective is a function of trial, budget and seed, so a line is right whatever search of this
    space it was written by: one with more trials goes on where one with fewer ended. A line that
    was cut by a crash is dropped if it is the last.
    """

    def __init__(self, path: Any, header: dict[str, Any], resume: bool) -> None:
        self.path = None if path is None else Path(path)
        self.header = {"format": "tinygrad_edu search", "version": 1, **header}
        self._known: dict[tuple[int, Budget], tuple[Settings, Outcome]] = {}
        self._end = 0
        if self.path is None:
            if resume:
                raise catalogue.resume_without_path()
        elif not self.path.parent.is_dir():
            raise catalogue.no_folder(self.path)
        elif self.path.exists():
            if not resume:
                raise catalogue.already_there(self.path)
            self._read(self.path)

    @property
    def seed(self) -> int | None:
        """The seed that the file has, or was given."""
        seed: int | None = self.header["seed"]
        return seed

    def begin(self, seed: int) -> None:
        """Write the head of a new file, or cut a line off that was not finished."""
        self.header["seed"] = seed
        if self.path is None:
            return
        if not self._end:
            with replacing(self.path) as file:
                file.write(written(self.header) + b"\n")
        elif self.path.stat().st_size > self._end:
            os.truncate(self.path, self._end)

    def known(self, job: Job) -> Outcome | None:
        """Return what came of a job, if it is over."""
        if (job.trial, job.budget) not in self._known:
            return None
        settings, outcome = self._known[job.trial, job.budget]
        if settings != _labels(job.settings):
            said = f"trial {job.trial} has {settings} there, and {_labels(job.settings)} here"
            raise catalogue.other_search(self.path, [said])
        return outcome

    def write(self, job: Job, outcome: Outcome) -> None:
        """Add a line, and wait until the disk has it."""
        if self.path is None:
            return
        line: dict[str, Any] = {
            "trial": job.trial, "budget": job.budget, "settings": _labels(job.settings),
            "scores": {name: _exact(score) for name, score in outcome.scores.items()},
            "failed": outcome.failed, "seconds": round(outcome.seconds, 4),
        }  # fmt: skip
        with open(self.path, "ab") as file:
            file.write(written(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self, path: Path) -> None:
        if not path.is_file():
            raise catalogue.not_a_journal(path, "it is a folder or a device")
        with open(path, "rb") as file:
            self._check(path, file.readline(LONGEST))
            self._end = file.tell()
            broken = ""
            while line := file.readline(LONGEST):
                if broken:
                    raise catalogue.not_a_journal(path, broken)
                try:
                    self._take(line)
                    self._end = file.tell()
                except (Damaged, KeyError, TypeError, ValueError, OverflowError) as error:
                    broken = f"the line at byte {self._end} cannot be read ({error!s:.80})"

    def _check(self, path: Path, line: bytes) -> None:
        try:
            found = parsed(line) if line.endswith(b"\n") else {}
        except Damaged:
            found = {}
        if found.get("format") != self.header["format"]:
            raise catalogue.not_a_journal(path, "its first line is not the head of one")
        if self.header["seed"] is None and isinstance(found.get("seed"), int):
            self.header["seed"] = found["seed"]
        wanted = json.loads(written(self.header))
        differs = [
            f"{name}: {found.get(name)} there, {wanted.get(name)} here"
            for name in dict.fromkeys([*wanted, *found])
            if found.get(name) != wanted.get(name)
        ]
        if differs:
            raise catalogue.other_search(path, differs)

    def _take(self, line: bytes) -> None:
        if not line.endswith(b"\n"):
            raise Damaged("it has no end")
        row = parsed(line)
        trial, budget, failed = row["trial"], row["budget"], row["failed"]
        if type(trial) is not int or type(budget) not in (int, float):
            raise Damaged("no trial and budget")
        if not isinstance(row["settings"], dict) or not isinstance(failed, (str, type(None))):
            raise Damaged("no settings, or a strange reason")
        scores = {str(name): float(score) for name, score in row["scores"].items()}
        if bool(scores) == (failed is not None):
            raise Damaged("either a score or a reason")
        outcome = Outcome(scores, failed, float(row["seconds"]))
        self._known[trial, budget] = (row["settings"], outcome)


def _labels(settings: Settings) -> Settings:
    return {name: label(value) for name, value in settings.items()}


def _exact(score: float) -> float | str:
    """A number as JSON has it: those that are not finite as text, which ``float`` reads again."""
    return score if abs(score) < float("inf") else str(score)
