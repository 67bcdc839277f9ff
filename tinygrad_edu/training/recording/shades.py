"""``ShadesRecorder``: the activations of a network for one input, epoch by epoch."""

from __future__ import annotations

from typing import Any

from ...graph.network import read_network
from ..run import Run
from .frames import Frames

__all__ = ["ShadesRecorder"]


class ShadesRecorder(Frames):
    """Keep the diagram that ``tg.draw_network`` draws, epoch by epoch.

    Parameters
    ----------
    x : array_like, shape (features,) or (samples, ...)
        What the network is shown.
    sample : int
        Whose activations to keep.
    frames : int, at least 2
        How many epochs to keep, evenly spaced.

    Attributes
    ----------
    frames : list of dict
        ``"at"``, the epoch; ``"loss"``, that of the history or None; ``"network"``, the layers with
        weights and activations.

    Examples
    --------
    >>> from tinygrad_edu import nn, training
    >>> model = nn.MLP((2, 3, 1), activation="tanh", rng=0)
    >>> recorder = ShadesRecorder([1.0, -1.0])
    >>> history = training.fit(model, ([[1.0, -1.0]], [[1.0]]), nn.MSELoss(),
    ...     nn.optim.SGD(model, lr=0.1), epochs=2, callbacks=[recorder], progress=False)
    >>> [len(column.values) for column in recorder.frames[-1]["network"].columns]
    [2, 3, 1]
    """

    def __init__(self, x: Any, *, sample: int = 0, frames: int = 41) -> None:
        super().__init__(frames)
        self.x, self.sample = x, sample

    def on_start(self, run: Run) -> None:
        """Keep the network as it begins."""
        super().on_start(run)
        if run.step == 0:
            self.keep(0, lambda: self._frame(run))

    def on_epoch(self, run: Run) -> None:
        """Keep an epoch."""
        self.keep(run.epoch, lambda: self._frame(run))

    def on_end(self, run: Run) -> None:
        """Keep the last epoch."""
        self.close(run, run.epoch, lambda: self._frame(run))

    def _frame(self, run: Run) -> dict[str, Any]:
        rows = run.history.rows
        network = read_network(run.model, self.x, self.sample)
        return {"loss": rows[-1]["loss"] if rows else None, "network": network}

    def state(self) -> dict[str, Any]:
        """Return nothing: a resumed run begins with the epoch at which it goes on."""
        return {}

    def load(self, saved: dict[str, Any]) -> None:
        """Begin with the epoch at which the run goes on."""
        self._forget()
