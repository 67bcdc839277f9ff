"""The best epoch of a run: keep its weights, and stop when it is long ago."""

from __future__ import annotations

import math
import os
from typing import Any

from ...catalogue import unknown_choice
from ...nn.saving import save
from .. import catalogue
from ..callback import Callback
from ..run import Run

__all__ = ["BestWeights", "EarlyStopping"]


class BestWeights(Callback):
    r"""Keep the weights of the best epoch, and put them back at the end of the run.

    .. math:: e^* = \min \{ e : m_e < m_{e'} - \delta \text{ for the best } e' < e \}

    Parameters
    ----------
    monitor : str
        A column of the history, such as ``"loss"`` or ``"val_accuracy"``.
    mode : {"min", "max"}
        Whether less is better, or more.
    min_delta : float, at least 0
        By how much an epoch must be better to count. One that is no number never counts.
    restore_best : bool
        Put the weights and buffers of the best epoch into the model when the run ends.
    path : path, optional
        Where ``model.state_dict()`` of the best epoch is written, each time there is a new one.

    Attributes
    ----------
    best : float or None
        The best value so far.
    best_epoch : int
        Its epoch, counted from 1; 0 before the first.

    Examples
    --------
    >>> from tinygrad_edu import nn, training
    >>> model, best = nn.Linear(1, 1, rng=0), BestWeights("loss")
    >>> _ = training.fit(model, ([[1.0]], [[1.0]]), nn.MSELoss(), nn.optim.SGD(model, lr=0.1),
    ...     epochs=3, callbacks=[best], progress=False)
    >>> best.best_epoch
    3
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        *,
        mode: str = "min",
        min_delta: float = 0.0,
        restore_best: bool = True,
        path: str | os.PathLike[str] | None = None,
    ) -> None:
        if mode not in ("min", "max"):
            raise unknown_choice("mode", mode, ("min", "max"))
        if not 0 <= min_delta < math.inf:
            raise catalogue.bad_range("min_delta", min_delta, "a number of at least 0", "0.001")
        self.monitor, self.mode, self.min_delta = monitor, mode, min_delta
        self.restore_best, self.path = restore_best, path
        self._forget()

    def _forget(self) -> None:
        self.best: float | None = None
        self.best_epoch = 0
        self._weights: dict[str, Any] | None = None

    def on_start(self, run: Run) -> None:
        """Begin anew with a new run."""
        if run.step == 0:
            self._forget()

    def on_epoch(self, run: Run) -> None:
        """Keep the weights of an epoch that is better than all before."""
        row = run.history.rows[-1]
        if self.monitor not in row:
            raise catalogue.unknown_column(self.monitor, row)
        value = float(row[self.monitor])
        if not self._better(value):
            return
        self.best, self.best_epoch = value, row["epoch"]
        if self.restore_best:
            self._weights = run.model.state_dict()
        if self.path is not None:
            save(run.model.state_dict(), self.path)

    def _better(self, value: float) -> bool:
        if self.best is None or math.isnan(value):
            return not math.isnan(value)
        ahead = self.best - value if self.mode == "min" else value - self.best
        return ahead > self.min_delta

    def on_end(self, run: Run) -> None:
        """Put the best weights back."""
        if self._weights is not None:
            run.model.load_state_dict(self._weights)

    def state(self) -> dict[str, Any]:
        """Return the best value, its epoch and its weights."""
        return {"best": self.best, "best_epoch": self.best_epoch, "weights": self._weights}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from there."""
        best, weights = saved["best"], saved["weights"]
        self.best, self.best_epoch = None if best is None else float(best), int(saved["best_epoch"])
        self._weights = None if weights is None else dict(weights)


class EarlyStopping(BestWeights):
    r"""Stop a run when its best epoch is ``patience`` epochs ago.

    .. math:: e - e^* \ge p

    Parameters
    ----------
    monitor : str
        A column of the history.
    patience : int, at least 1
        :math:`p`: how many epochs without a better one are waited for.
    mode, min_delta, restore_best, path
        As for ``BestWeights``.

    Notes
    -----
    Source: Prechelt 1998, *Early stopping, but when?*, section 2; Goodfellow, Bengio, Courville
    2016, algorithm 7.1. The data that stop a run have chosen the model: judge it with others.

    Examples
    --------
    >>> from tinygrad_edu import nn, training
    >>> model = nn.Linear(1, 1, rng=0)
    >>> history = training.fit(model, ([[1.0]], [[1.0]]), nn.MSELoss(),
    ...     nn.optim.SGD(model, lr=1.0), epochs=99, progress=False,
    ...     callbacks=[EarlyStopping("loss", patience=2)])
    >>> history.stopped
    'loss was not better than 1.408 of epoch 1 for 2 epochs'
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        *,
        patience: int = 10,
        mode: str = "min",
        min_delta: float = 0.0,
        restore_best: bool = True,
        path: str | os.PathLike[str] | None = None,
    ) -> None:
        if not isinstance(patience, int) or patience < 1:
            raise catalogue.bad_count("patience", patience, 1)
        super().__init__(
            monitor, mode=mode, min_delta=min_delta, restore_best=restore_best, path=path
        )
        self.patience = patience

    def on_epoch(self, run: Run) -> None:
        """Look whether the best epoch is long ago."""
        super().on_epoch(run)
        if run.epoch - self.best_epoch >= self.patience:
            best = "any number" if self.best is None else f"{self.best:.4g} of epoch "
            best += f"{self.best_epoch}" if self.best_epoch else ""
            run.stop(f"{self.monitor} was not better than {best} for {self.patience} epochs")
