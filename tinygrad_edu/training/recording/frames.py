"""``Frames``: what all recorders share, so many pictures of a run and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import catalogue
from ..callback import Callback
from ..run import Run

__all__ = ["Frames"]


class Frames(Callback):
    """The base of recorders: keeps frames, evenly spaced, however long the run turns out to be.

    Parameters
    ----------
    most : int, at least 2
        How many frames to keep. When there are more, every second one is dropped, and from then
        on only half as many are taken.

    Attributes
    ----------
    frames : list of dict
        In their order; ``"at"`` is the epoch or step.
    ended : bool
        Whether the run came to its end. One that an error cut off did not.
    stopped : str or None
        Why the run ended before its last epoch, if a callback ended it.
    """

    def __init__(self, most: int) -> None:
        if not isinstance(most, int) or isinstance(most, bool) or most < 2:
            raise catalogue.bad_count("frames", most, 2)
        self.most = most
        self._forget()

    def _forget(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.ended, self._stride = False, 1
        self.stopped: str | None = None

    def keep(self, at: int, take: Callable[[], dict[str, Any]]) -> None:
        """Take a frame if this is a place for one."""
        if at % self._stride:
            return
        self.frames.append({"at": at, **take()})
        while len(self.frames) > self.most:
            self._stride *= 2
            self.frames = [frame for frame in self.frames if frame["at"] % self._stride == 0]

    def close(self, run: Run, at: int, take: Callable[[], dict[str, Any]]) -> None:
        """Take the last frame, and note that the run is over."""
        if not self.frames or self.frames[-1]["at"] != at:
            self.frames.append({"at": at, **take()})
        self.ended, self.stopped = True, run.history.stopped

    def on_start(self, run: Run) -> None:
        """Begin anew with a new run."""
        if run.step == 0:
            self._forget()

    def state(self) -> dict[str, Any]:
        """Return the frames, so that a run that goes on has the earlier ones too."""
        return {"frames": self.frames, "stride": self._stride}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from there."""
        self.frames, self._stride = list(saved["frames"]), int(saved["stride"])
        self.ended, self.stopped = False, None
