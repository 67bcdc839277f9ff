"""Models of a run, saved as it goes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ...nn.saving import save
from .. import catalogue
from ..callback import Callback
from ..run import Run

__all__ = ["SavedModels"]


class SavedModels(Callback):
    """Save the weights every few epochs.

    Parameters
    ----------
    path : path with ``{epoch}`` in it
        Such as ``"runs/model-{epoch:03}.npz"``.
    every : int, at least 1
        How many epochs lie between two files.
    keep : int, at least 1, optional
        How many files stay: older ones that this run wrote are removed.

    Notes
    -----
    These are weights to look at, or to use. To go on with a run, ``fit(checkpoint=...)`` keeps
    everything that it needs.

    Examples
    --------
    >>> from tinygrad_edu import nn, training
    >>> folder, model = getfixture("tmp_path"), nn.Linear(1, 1)
    >>> _ = training.fit(model, ([[1.0]], [[1.0]]), nn.MSELoss(), nn.optim.SGD(model), epochs=4,
    ...     callbacks=[SavedModels(folder / "{epoch}.npz", every=2)], progress=False)
    >>> sorted(path.name for path in folder.iterdir())
    ['2.npz', '4.npz']
    """

    def __init__(
        self, path: str | os.PathLike[str], *, every: int = 1, keep: int | None = None
    ) -> None:
        for name, value in (("every", every), ("keep", 1 if keep is None else keep)):
            if not isinstance(value, int) or value < 1:
                raise catalogue.bad_count(name, value, 1)
        self.path, self.every, self.keep = os.fspath(path), every, keep
        if self._place(1) == self._place(2):
            raise catalogue.no_epoch_in_path(self.path)
        self.saved: list[int] = []

    def _place(self, epoch: int) -> Path:
        return Path(self.path.format(epoch=epoch))

    def on_start(self, run: Run) -> None:
        """Begin anew with a new run."""
        if run.step == 0:
            self.saved = []

    def on_epoch(self, run: Run) -> None:
        """Save an epoch whose turn it is."""
        if run.epoch % self.every:
            return
        save(run.model.state_dict(), self._place(run.epoch))
        self.saved.append(run.epoch)
        while self.keep is not None and len(self.saved) > self.keep:
            self._place(self.saved.pop(0)).unlink(missing_ok=True)

    def state(self) -> dict[str, Any]:
        """Return which epochs have a file."""
        return {"saved": self.saved}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from there."""
        self.saved = [int(epoch) for epoch in saved["saved"]]
