"""A data set made ready for a network: split, standardised (floor 6)."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..data import Dataset, load, train_test_split
from ..types import Array, Rng
from .arguments import UsageError
from .table import Column, Table, encoded, encoded_names, learned, missing, number, read_table

__all__ = ["Samples", "prepared", "prepared_table"]

TEST_SIZE = 0.2
MOST_NUMBERS = 20  # different ones that may still be the names of classes


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
    test_rows : int64 array, shape (samples,)
        Where the test samples stand in the source.
    mean, scale : float32 arrays, shape (features,)
        Of the training part alone; 0 and 1 for images, whose pixels have one scale already.
    columns : tuple of Column
        What a table's columns are; none for images.
    notes : tuple of str
        What has to be said about the table.
    """

    source: Dataset
    train_features: Array
    test_features: Array
    train_labels: Array
    test_labels: Array
    test_rows: Array
    mean: Array
    scale: Array
    columns: tuple[Column, ...] = ()
    notes: tuple[str, ...] = ()


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
    train, test = _parts(source.targets, rng)
    names = source.feature_names
    means = flat[train].mean(axis=0, dtype=np.float64) if names else ()
    columns = [Column(n, None, float(mean)) for n, mean in zip(names, means, strict=True)]
    return _standardised(source, flat, train, test, np.full(flat.shape[1], bool(names)), columns)


def prepared_table(path: str | Path, target: str, rng: Rng) -> Samples:
    """Read a CSV file and keep a fifth of each class for the test.

    Parameters
    ----------
    path : str or Path
        Of the file.
    target : str
        The column with the classes; rows where it is missing are left out.
    rng : Generator or int
        Decides the split.

    Raises
    ------
    UsageError
        When the file or the column does not serve; says why.
    """
    table = read_table(path)
    labels = table.column(target)
    known = [k for k, label in enumerate(labels) if not missing(label)]
    notes = []
    if len(known) < len(labels):
        gone = len(labels) - len(known)
        notes.append(f"{gone} of {len(labels)} rows are left out: they have no {target!r}")
    table = Table(
        table.path, table.names,
        [table.rows[k] for k in known], [table.lines[k] for k in known],
    )  # fmt: skip
    words, targets = _classes(table, target)
    train, test = _parts(targets, rng)
    columns, said = learned(table, target, [int(k) for k in train])
    raw, new = encoded(columns, table)
    source = Dataset(
        name=table.path.stem,
        features=raw.astype(np.float32),
        targets=targets,
        feature_names=tuple(encoded_names(columns)),
        label_names=tuple(words),
        description=f"{table.path.name}, sha256 {fingerprint(path)}",
        licence="",
    )
    numeric = np.array([part.categories is None for part in columns for _ in part.inputs])
    made = _standardised(source, source.features, train, test, numeric, columns)
    return made._replace(notes=(*notes, *said, *new))


def fingerprint(path: str | Path) -> str:
    """Return the start of a file's sha256, which changes when the file does."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


def _parts(targets: Array, rng: Rng) -> tuple[Array, Array]:
    rows = np.arange(len(targets))
    train, test = train_test_split(rows, test_size=TEST_SIZE, stratify=targets, rng=rng)
    return train, test


def _standardised(
    source: Dataset, flat: Array, train: Array, test: Array, scaled: Array, columns: list[Column]
) -> Samples:
    """Bring the inputs that are ``scaled`` to mean 0 and deviation 1 over the training part."""
    seen = flat[train].astype(np.float64)
    mean, scale = np.where(scaled, seen.mean(axis=0), 0.0), np.where(scaled, seen.std(axis=0), 1.0)
    scale[scale == 0] = 1.0  # a column that never changes stays at 0
    mean, scale = mean.astype(np.float32), scale.astype(np.float32)
    return Samples(
        source,
        (flat[train] - mean) / scale,
        (flat[test] - mean) / scale,
        source.targets[train],
        source.targets[test],
        test,
        mean,
        scale,
        tuple(columns),
    )


def _classes(table: Table, target: str) -> tuple[list[str], Array]:
    """The names of the classes in order, and the class of each row."""
    cells = table.column(target)
    counts = Counter(cells)
    numbers = {cell: number(cell) for cell in counts}
    numeric = None not in numbers.values()
    if len(counts) < 2:
        raise UsageError(f"column {target!r} holds one class only: nothing can be learnt")
    if numeric and len(counts) > MOST_NUMBERS:
        raise UsageError(
            f"column {target!r} holds {len(counts)} different numbers, and this job tells classes "
            f"apart; put them into groups, or train with tg.training.fit and nn.MSELoss"
        )
    rare = [cell for cell, count in counts.items() if count < 3]
    if rare:
        raise UsageError(
            f"column {target!r}: class {rare[0]!r} has {counts[rare[0]]} rows, and training and "
            "test need 3 at least; leave its rows out, or join it with another class"
        )
    words = sorted(counts, key=lambda cell: (numbers[cell] or 0.0, cell))
    return words, np.array([words.index(cell) for cell in cells], dtype=np.int64)
