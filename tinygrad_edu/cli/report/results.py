"""A finished run as the report sees it (floor 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...metrics import BinaryReport, confusion_matrix, report
from ...types import Array
from ..samples import Samples
from ..tasks import Regression, Task, probabilities

__all__ = ["Classes", "Finished", "Numbers"]


@dataclass(frozen=True)
class Finished:
    """What the network answered to the test part, and how the run went.

    Attributes
    ----------
    task : Task
        What was asked, with both parts of the data.
    outputs : array, shape (test samples, outputs)
        What the network answered.
    history : sequence of tuple
        Epoch, loss and measure.
    config : mapping
        As in ``config.json``.
    picture : str
        The graph of the loss as SVG.
    """

    task: Task
    outputs: Array
    history: Sequence[tuple[Any, ...]]
    config: Mapping[str, Any]
    picture: str

    @property
    def samples(self) -> Samples:
        """Both parts of the data."""
        return self.task.samples


class Classes(Finished):
    """A run that tells classes apart."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return self.samples.source.label_names

    @property
    def labels(self) -> Array:
        """The true classes of the test samples."""
        return self.samples.test_targets

    @cached_property
    def predicted(self) -> Array:
        """The likeliest classes."""
        best: Array = self.outputs.argmax(axis=1)
        return best

    @cached_property
    def chances(self) -> Array:
        """The probabilities of the classes, by softmax."""
        return probabilities(self.outputs)

    @cached_property
    def losses(self) -> Array:
        """The cross-entropy of each test sample."""
        true = self.chances[np.arange(len(self.labels)), self.labels]
        return -np.log(np.maximum(true, np.finfo(np.float64).tiny))

    @cached_property
    def confusion(self) -> Array:
        """How often each class (row) was taken for each (column)."""
        return confusion_matrix(self.labels, self.predicted, labels=range(len(self.names)))

    @cached_property
    def binary(self) -> BinaryReport | None:
        """Of two classes, how well the scores of the second part them."""
        return report(self.labels, self.chances[:, 1]) if len(self.names) == 2 else None

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float((self.predicted == self.labels).mean())


class Numbers(Finished):
    """A run that predicts a number."""

    @property
    def truth(self) -> Array:
        """The true numbers of the test samples."""
        return self.samples.test_targets.astype(np.float64)

    @cached_property
    def predicted(self) -> Array:
        """What was answered, in the same unit."""
        assert isinstance(self.task, Regression)
        return self.task.predicted(self.outputs)

    @property
    def errors(self) -> Array:
        """How much the answers are too large."""
        off: Array = self.predicted - self.truth
        return off

    @cached_property
    def guess(self) -> float:
        """The root mean square error of always saying the training part's mean."""
        mean = float(self.samples.train_targets.mean(dtype=np.float64))
        return float(np.sqrt(np.mean((self.truth - mean) ** 2)))
