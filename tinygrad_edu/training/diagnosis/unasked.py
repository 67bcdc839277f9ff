"""What a run says unasked, once: only what costs next to nothing to see, and is hardly ever meant.

More is seen by a ``Monitor``, and before a run by ``preflight``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import nn
from ...types import Array
from .batch_checks import LARGE
from .monitor import Monitor
from .notes import note
from .trial import array_of

if TYPE_CHECKING:
    from ..run import Run

__all__ = ["Unasked"]

# So many steps say how large the loss is at the beginning; a loss a hundred times as large, of
# weights ten times as large, is no noise.
FIRST, LOSS_GROWS, WEIGHTS_GROW = 10, 100.0, 10.0
# What hands numbers on as they are, and what takes them by a weight of its own.
_THROUGH = (nn.Flatten, nn.Unflatten, nn.Identity, nn.Dropout, nn.Dropout2d)
_WEIGHS = (nn.Linear, nn.Conv1d, nn.Conv2d)
_MODAL = (
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.BatchNorm1d, nn.BatchNorm2d, nn.RReLU,
)  # fmt: skip
_ENDS = {nn.Tanh: (-1.0, 1.0, "tanh"), nn.Sigmoid: (0.0, 1.0, "sigmoid")}


class Unasked:
    """Looks at a run after its steps and epochs, and warns with a ``TrainNote``.

    Parameters
    ----------
    run : Run
        Before its first step.
    """

    def __init__(self, run: Run) -> None:
        self._said: set[str] = set()
        self._first: list[float] = []
        self._modal = any(isinstance(module, _MODAL) for module in run.model.modules())
        # A monitor says the same with its numbers.
        watched = any(isinstance(callback, Monitor) for callback in run.callbacks)
        self._game = hasattr(run, "noise")  # its losses may well grow
        self._size = math.nan if watched or self._game else _size(run)

    def step(self, run: Run) -> None:
        """Look at the first batch, and at the mode that callbacks leave."""
        if not self._first:
            self._say("scale", _range(run) if self._game else _scale(run))
        if len(self._first) < FIRST:
            self._first.append(abs(run.last_loss))
        self.modes(run, "on_step")

    def epoch(self, run: Run) -> None:
        """Look at the loss of an epoch, and at the mode that callbacks leave."""
        self.modes(run, "on_epoch")
        loss, least = abs(run.history.rows[-1]["loss"]), max(self._first, default=math.inf)
        if loss > LOSS_GROWS * least and (grown := _size(run) / self._size) > WEIGHTS_GROW:
            said = (
                f"epoch {run.epoch}: the loss is {loss:.3g}, in the first steps it was at most "
                f"{least:.3g}, and the weights are {grown:.3g} times as large. "
                f"Write lr={run.lr / 10:g} (now {run.lr:g}), or clip_grad_norm=1.0."
            )
            self._say("grows", said)

    def modes(self, run: Run, event: str) -> None:
        """M05, the other way round: a callback predicts, and leaves the model so."""
        if self._modal and not run.model.training:
            said = (
                f"after {event} the model is in evaluation mode: it trains on without dropout and "
                "with the statistics that batch normalisation has. "
                "Write `with run.model.evaluating():` around what a callback predicts."
            )
            self._say("mode", said)

    def _say(self, kind: str, said: str | None) -> None:
        if said is not None and kind not in self._said:
            self._said.add(kind)
            note(said)


def _scale(run: Run) -> str | None:
    """D02: inputs of another size than the weights of the first layer were made for."""
    layers = [layer for layer in _in_a_row(run.model) if not isinstance(layer, _THROUGH)]
    x = array_of(run.samples[0]) if len(run.samples) == 2 else None
    if not layers or not isinstance(layers[0], _WEIGHS) or x is None or not x.size:
        return None
    size = math.sqrt(float(np.mean(np.square(x, dtype=np.float64))))
    if not LARGE < size < math.inf:
        return None
    low, high = float(x.min()), float(x.max())
    fix = "x / 255" if low >= 0 and high <= 255 and x.ndim > 2 else "StandardScaler().fit(x_train)"
    return (
        f"inputs are {low:.3g} to {high:.3g}, and weights are made for inputs of size about 1. "
        f"Write {fix}."
    )


def _range(run: Any) -> str | None:
    """D02 of two players: samples that the generator can never make."""
    layers, real = _in_a_row(run.model.generator), array_of(run.samples[0])
    ends = _ENDS.get(type(layers[-1])) if layers else None
    if ends is None or real is None or not real.size:
        return None
    low, high, name = ends
    least, most = float(real.min()), float(real.max())
    if least >= low - 1e-6 and most <= high + 1e-6:
        return None
    fix = (
        "x / 127.5 - 1" if least >= 0 and 1 < most <= 255 else f"MinMaxScaler(({low:g}, {high:g}))"
    )
    return (
        f"samples are {least:.3g} to {most:.3g}, and the generator ends in {name}, which gives "
        f"{low:g} to {high:g}. Write {fix}."
    )


def _in_a_row(model: Any) -> list[Any]:
    """Return the layers of a model that applies some of the library in order, else none."""
    if type(model) in (nn.Sequential, nn.MLP):
        parts = [_in_a_row(part) for part in model]
        return [layer for part in parts for layer in part] if all(parts) else []
    return [model] if type(model).__module__.startswith("tinygrad_edu.nn.") else []


def _size(run: Run) -> float:
    flat: list[Array] = [p.data.ravel() for p in run.model.parameters()]
    return math.sqrt(sum(float(np.sum(np.square(p, dtype=np.float64))) for p in flat)) or math.nan
