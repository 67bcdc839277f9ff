"""``FieldRecorder``: what each unit of a classifier says of every place of the plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor
from ...errors import ArgumentError, ShapeError
from ...graph.network import Network, read_network
from ...types import Array
from ..evaluation import evaluate, predict
from ..run import Run
from .frames import Frames

__all__ = ["FieldRecorder"]


class FieldRecorder(Frames):
    r"""Keep the fields of all units of a classifier of two features, epoch by epoch.

    .. math:: F_u(p) = a_u(p) \text{ for the places } p \text{ of a grid}

    Parameters
    ----------
    x : array_like, shape (samples, 2)
        The samples that the replay shows; usually those of ``fit``.
    y : array_like
        Their targets, as the loss takes them: classes, a column of labels, or one-hot rows.
    settings : mapping of str to str or number, optional
        What is special about this run, such as ``{"learning rate": 0.1}``. In a replay of several
        runs they are the knobs.
    frames : int, at least 2
        How many epochs to keep, evenly spaced: those in between are dropped.
    points : int, even, at least 8
        Places in each direction, at which the output is kept; hidden units have half as many.

    Attributes
    ----------
    frames : list of dict
        ``"at"``, the epoch; ``"loss"`` and ``"accuracy"`` on these samples, ``"told"``,
        the class that each is given; ``"fields"``, the
        hidden layers as arrays (units, points / 2, points / 2); ``"output"``, an array (outputs,
        points, points); ``"weights"`` and ``"biases"``.
    network : Network or None
        The layers as they were last.

    Examples
    --------
    >>> from tinygrad_edu import data, nn, training
    >>> x, y = data.xor(40, rng=0)
    >>> model = nn.MLP((2, 3, 2), activation="tanh", rng=0)
    >>> recorder = FieldRecorder(x, y, points=8)
    >>> history = training.fit(model, (x, y), nn.CrossEntropyLoss(),
    ...     nn.optim.SGD(model, lr=0.1), epochs=2, callbacks=[recorder], progress=False, rng=0)
    >>> [frame["at"] for frame in recorder.frames], recorder.frames[0]["fields"][0].shape
    ([0, 1, 2], (3, 4, 4))

    Notes
    -----
    After: Smilkov, Carter 2016, *TensorFlow Playground* (playground.tensorflow.org).
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        *,
        settings: Mapping[str, str | float] | None = None,
        frames: int = 41,
        points: int = 40,
    ) -> None:
        if not isinstance(points, int) or points < 8 or points % 2:
            raise ArgumentError(
                f"points={points!r} is not an even number of at least 8",
                why="hidden units have half as many places as the output",
                fix="points=40",
            )
        super().__init__(frames)
        self.x = np.asarray(x.data if isinstance(x, Tensor) else x)
        self.y = np.asarray(y.data if isinstance(y, Tensor) else y)
        if self.x.ndim != 2 or self.x.shape[1] != 2 or len(self.x) != len(self.y):
            raise ShapeError(
                f"a plane has two features, and x has shape {self.x.shape}, y {self.y.shape}",
                shapes=[self.x.shape, self.y.shape],
                fix="FieldRecorder(x[:, :2], y)",
            )
        self.settings = dict(settings or {})
        self.classes = _classes(self.y)
        self.network: Network | None = None
        low, high = self.x.min(axis=0), self.x.max(axis=0)
        margin = 0.12 * (high - low) + 1e-6
        self.region = np.stack([low - margin, high + margin], axis=1).astype(np.float64)
        middles = (np.arange(points) + 0.5) / points
        across, up = (a + (b - a) * middles for a, b in self.region)
        self._grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
        self._side = points

    def on_start(self, run: Run) -> None:
        """Keep the model as it begins."""
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
        self.network = network = read_network(run.model, self._grid, sample=None)
        *hidden, last = network.columns[1:]
        squares = (self._side // 2, 2, self._side // 2, 2)
        told = self._told(predict(run.model, self.x))
        return {
            "loss": evaluate(run.model, (self.x, self.y), run.loss)["loss"],
            "accuracy": float(np.mean(told == self.classes)),
            "told": told,
            "fields": [
                column.values.T.reshape(-1, *squares).mean(axis=(2, 4)).astype(np.float32)
                for column in hidden
            ],
            "output": last.values.T.reshape(-1, self._side, self._side).astype(np.float32),
            "weights": [np.asarray(column.weight, np.float32) for column in network.columns[1:]],
            "biases": [
                np.zeros(len(column.weight)) if column.bias is None else column.bias.copy()
                for column in network.columns[1:]
                if column.weight is not None
            ],
        }

    def _told(self, answers: Array) -> Array:
        """The class that each sample is given. Of a single output, half is between two classes if
        it is a probability, else 0."""
        scores = answers.reshape(len(answers), -1)
        if scores.shape[1] > 1:
            return np.asarray(scores.argmax(axis=1))
        ends = self.network.columns[-1].functions[-1:] if self.network else ()
        return np.asarray((scores[:, 0] > (0.5 if ends == ("sigmoid",) else 0.0)).astype(int))


def _classes(y: Array) -> Array:
    """Classes from 0, of labels in any of the forms that losses take."""
    if y.ndim > 1 and y.shape[-1] > 1:
        return np.asarray(y.reshape(len(y), -1).argmax(axis=1))
    flat = y.reshape(len(y))
    if not np.isfinite(flat).all() or (flat != np.round(flat)).any():
        raise ArgumentError(
            "y has labels that are no whole numbers",
            why="a replay shows which samples are told right",
            fix="y = (y > 0.5).astype(int)",
        )
    return np.asarray(np.maximum(flat, 0).astype(int))
