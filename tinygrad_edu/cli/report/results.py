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

__all__ = ["Results"]


@dataclass(frozen=True)
class Results:
    """What the test came to, and how the run went.

    Attributes
    ----------
    samples : Samples
        Both parts of the data.
    scores : array, shape (test samples, classes)
        What the network answered, before softmax.
    history : sequence of tuple
        Epoch, loss and training accuracy.
    config : mapping
        As in ``config.json``.
    picture : str
        The graph of the loss as SVG.
    """

    samples: Samples
    scores: Array
    history: Sequence[tuple[Any, ...]]
    config: Mapping[str, Any]
    picture: str

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return self.samples.source.label_names

    @property
    def labels(self) -> Array:
        """The true classes of the test samples."""
        return self.samples.test_labels

    @cached_property
    def predicted(self) -> Array:
        """The likeliest classes."""
        best: Array = self.scores.argmax(axis=1)
        return best

    @cached_property
    def chances(self) -> Array:
        """The probabilities of the classes, by softmax."""
        raised = self.scores.astype(np.float64) - self.scores.max(axis=1, keepdims=True)
        powers = np.exp(raised)
        shares: Array = powers / powers.sum(axis=1, keepdims=True)
        return shares

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
