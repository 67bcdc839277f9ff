"""A data set made ready for a network: split, encoded, standardised (floor 6)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..data import (
    Column,
    Dataset,
    StandardScaler,
    Table,
    TableEncoder,
    load,
    read_csv,
    train_test_split,
)
from ..data.encoding import target_classes
from ..errors import TinygradError
from ..types import Array, Rng
from .arguments import UsageError

__all__ = ["Samples", "prepared", "prepared_table", "refused", "unseen_words"]

TEST_SIZE = 0.2
MOST_CATEGORIES = 50


class Samples(NamedTuple):
    """The two parts of a data set, and what turned raw features into theirs.

    Attributes
    ----------
    source : Dataset
        Where they come from.
    train_features, test_features : float32 arrays, shape (samples, features)
        ``(raw - mean) / scale``.
    train_targets, test_targets : int64 or float32 arrays, shape (samples,)
        Classes counted from 0, or the numbers of a regression in their own unit.
    test_rows : int64 array, shape (samples,)
        Where the test samples stand in the source.
    mean, scale : float32 arrays, shape (features,)
        Of the training part alone; 0 and 1 for pixels, gaps and words, which have one scale
        already.
    encoder : TableEncoder or None
        What makes numbers of a table's columns; None for images.
    notes : tuple of str
        What has to be said about the table.
    """

    source: Dataset
    train_features: Array
    test_features: Array
    train_targets: Array
    test_targets: Array
    test_rows: Array
    mean: Array
    scale: Array
    encoder: TableEncoder | None = None
    notes: tuple[str, ...] = ()


def prepared(name: str, rng: Rng) -> Samples:
    """Load a data set and keep a fifth, of classes a fifth of each, for the test.

    Parameters
    ----------
    name : str
        A data set of the package.
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
    train, test = _parts(source.targets, bool(source.label_names), rng)
    encoder = None
    if source.feature_names:  # so that rows of a file can be answered for
        named = zip(source.feature_names, flat.T.astype(np.float64), strict=True)
        table = Table(tuple(Column(title, "numeric", values) for title, values in named))
        encoder = TableEncoder().fit(table.take(train))
    return _standardised(source, flat, train, test, encoder)


def prepared_table(path: str | Path, target: str, task: Any, rng: Rng) -> Samples:
    """Read a CSV file and keep a fifth, of classes a fifth of each, for the test.

    Parameters
    ----------
    path : str or Path
        Of the file.
    target : str
        The column to predict; rows where it is missing are left out.
    task : "classification", "regression" or None
        What the target is; by default words and at most 20 different whole numbers are classes.
    rng : Generator or int
        Decides the split.

    Raises
    ------
    UsageError
        When the file or the column does not serve; says why.
    """
    try:
        table = read_csv(path, target)
        assert table.target is not None
        words = target_classes(table.target, task)
    except TinygradError as error:
        raise refused(error) from None
    notes = []
    if table.dropped:
        of = table.dropped + len(table)
        notes.append(f"{table.dropped} of {of} rows are left out: they have no {target!r}")
    _check(table.target, words)
    train, test = _parts(table.target.values, bool(words), rng)
    table, said = _useful(table, train)
    encoder = TableEncoder(task="classification" if words else "regression")
    try:
        encoder.fit(table.take(train, part="train"))
        features, targets = encoder.transform(table), encoder.targets(table)
    except TinygradError as error:
        raise refused(error) from None
    source = Dataset(
        name=Path(path).stem,
        features=features,
        targets=targets,
        feature_names=encoder.feature_names,
        label_names=words,
        description=f"{Path(path).name}, sha256 {fingerprint(path)}",
        licence="",
    )
    made = _standardised(source, features, train, test, encoder)
    return made._replace(notes=(*notes, *said, *unseen_words(encoder, table)))


def refused(error: TinygradError) -> UsageError:
    """Return what a room below says of a file as one sentence."""
    said = error.what + ("" if error.what.endswith("?") else ";") + f" {error.why}"
    return UsageError(said if error.why else error.what)


def fingerprint(path: str | Path) -> str:
    """Return the start of a file's sha256, which changes when the file does."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


def unseen_words(encoder: TableEncoder, table: Table) -> list[str]:
    """Return a sentence for each column with words that the training part has not."""
    notes = []
    for learned in encoder.state_dict()["columns"]:
        if "categories" not in learned:
            continue
        words = {str(word) for word in table[learned["name"]].values} - {"", "nan"}
        new = sorted(words - set(learned["categories"]))
        if new:
            shown = ", ".join(map(repr, new[:3])) + (", ..." if len(new) > 3 else "")
            notes.append(f"column {learned['name']!r} has words that training never saw: {shown}")
    return notes


def _check(target: Column, words: Sequence[str]) -> None:
    values, counts = np.unique(target.values, return_counts=True)
    if len(values) < 2:
        raise UsageError(f"column {target.name!r} holds one value only: nothing can be learnt")
    if words and counts.min() < 3:
        rare, count = words[int(counts.argmin())], counts.min()
        numbers = ", or say --task regression" if target.kind == "numeric" else ""
        raise UsageError(
            f"column {target.name!r}: class {rare!r} has {count} rows, and training and test need "
            f"3 at least; leave its rows out, or join it with another class{numbers}"
        )
    if not words and len(target.values) < 10:
        raise UsageError(f"{len(target.values)} rows are too few to learn numbers from")


def _parts(targets: Array, classes: bool, rng: Rng) -> tuple[Array, Array]:
    rows = np.arange(len(targets))
    strata = targets if classes else None
    train, test = train_test_split(rows, test_size=TEST_SIZE, stratify=strata, rng=rng)
    return train, test


def _useful(table: Table, train: Array) -> tuple[Table, list[str]]:
    """Leave out columns from which nothing can be learnt, and say what was found in the rest."""
    kept, notes = [], []
    for column in table.columns:
        seen = column.values[train][~column.missing[train]]
        kinds = len(set(seen.tolist()))
        if kinds < 2:
            notes.append(f"column {column.name!r} is left out: it never changes")
            continue
        if column.kind == "categorical" and kinds > MOST_CATEGORIES:
            notes.append(f"column {column.name!r} is left out: {kinds} different words")
            continue
        if gaps := int(column.missing.sum()):
            filled = "the median stands for them" if column.kind == "numeric" else \
                "no category stands for them"  # fmt: skip
            notes.append(f"column {column.name!r} lacks {gaps} of {len(table)} values; {filled}")
        kept.append(column)
    if not kept:
        assert table.target is not None
        raise UsageError(f"{table.name} has no column to predict {table.target.name!r} from")
    return Table(tuple(kept), table.target, table.name), notes


def _standardised(
    source: Dataset, flat: Array, train: Array, test: Array, encoder: TableEncoder | None
) -> Samples:
    """Bring columns of numbers to mean 0 and deviation 1 over the training part."""
    kinds = encoder.kinds if encoder is not None else {}
    numeric = [k for k, name in enumerate(source.feature_names) if kinds.get(name) == "numeric"]
    mean, scale = np.zeros(flat.shape[1], np.float32), np.ones(flat.shape[1], np.float32)
    if numeric:
        scaler = StandardScaler().fit(flat[train][:, numeric])
        mean[numeric], scale[numeric] = scaler.mean_, scaler.scale_
    return Samples(
        source,
        (flat[train] - mean) / scale,
        (flat[test] - mean) / scale,
        source.targets[train],
        source.targets[test],
        test,
        mean,
        scale,
        encoder,
    )
