"""A data set made ready for a perceptron: flat rows, split, standardised (floor 6)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..data import Dataset, load, train_test_split
from ..types import Array, Rng

__all__ = ["Samples", "prepared"]

TEST_SIZE = 0.2


class Samples(NamedTuple):
    """The two parts of a data set, and what turned raw features into theirs.

    Attributes
    ----------
    source : Dataset
        Where they come from.
    train_features, test_features : float32 arrays, shape (samples, features)
        ``(raw - mean) / scale``.
    train_labels, test_labels : int64 arrays, shape (samples,)
        Classes counted from 0.
    mean, scale : float32 arrays, shape (features,)
        Of the training part alone; 0 and 1 for images, whose pixels have one scale already.
    """

    source: Dataset
    train_features: Array
    test_features: Array
    train_labels: Array
    test_labels: Array
    mean: Array
    scale: Array


def prepared(name: str, rng: Rng) -> Samples:
    """Load a data set and keep a fifth of each class for the test.

    Parameters
    ----------
    name : str
        A data set with classes.
    rng : Generator or int
        Decides the split.

    Examples
    --------
    >>> samples = prepared("iris", 0)
    >>> samples.train_features.shape, samples.test_features.shape
    ((120, 4), (30, 4))
    >>> bool(abs(samples.train_features.mean(axis=0)).max() < 1e-5)
    True
    """
    source = load(name)
    assert isinstance(source, Dataset)
    flat = source.features.reshape(len(source), -1)
    train, test, train_labels, test_labels = train_test_split(
        flat, source.targets, test_size=TEST_SIZE, stratify=source.targets, rng=rng
    )
    mean, scale = np.zeros(flat.shape[1]), np.ones(flat.shape[1])
    if source.feature_names:  # a table: every column has a unit of its own
        mean, scale = train.mean(axis=0, dtype=np.float64), train.std(axis=0, dtype=np.float64)
        scale[scale == 0] = 1.0  # a column that never changes stays at 0
    mean, scale = mean.astype(np.float32), scale.astype(np.float32)
    return Samples(
        source,
        (train - mean) / scale,
        (test - mean) / scale,
        train_labels,
        test_labels,
        mean,
        scale,
    )
