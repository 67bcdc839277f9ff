"""CIFAR-10 in its binary version: no pickle, and nothing is unpacked to disk.  Floor 0."""

from __future__ import annotations

import os
import tarfile
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import DataError
from ..types import Array
from .idx_file import opened, read_up_to

__all__ = ["read_cifar10", "read_cifar10_archive"]

_PIXELS = 3 * 32 * 32
_RECORD = 1 + _PIXELS
_MOST_RECORDS, _MOST_MEMBERS = 10_000, 100


def read_cifar10(source: Any) -> tuple[Array, Array]:
    """Read one batch of CIFAR-10's binary version.

    Parameters
    ----------
    source : path or binary file
        Of 3073 bytes per image: the label, then the red, green and blue pixels row by row.

    Returns
    -------
    images : uint8 array, shape (samples, 3, 32, 32)
    labels : uint8 array, shape (samples,)

    Raises
    ------
    DataError
        The file is not a whole number of such images, at most 10,000, with labels 0 to 9.

    Examples
    --------
    >>> import io
    >>> images, labels = read_cifar10(io.BytesIO(bytes([7]) + bytes(3072)))
    >>> images.shape, labels
    ((1, 3, 32, 32), array([7], dtype=uint8))

    References
    ----------
    A. Krizhevsky, *Learning multiple layers of features from tiny images*, 2009.
    """
    with opened(source) as (stream, name):
        try:
            data = read_up_to(stream, _MOST_RECORDS * _RECORD + 1)
        except (EOFError, OSError, zlib.error) as broken:
            raise DataError(f"{name} is damaged: {broken}") from None
    return _records(data, name)


def _records(data: bytes, name: str) -> tuple[Array, Array]:
    if not data or len(data) % _RECORD or len(data) > _MOST_RECORDS * _RECORD:
        raise DataError(
            f"{name} has {len(data)} bytes, no whole number of 1 to {_MOST_RECORDS} images "
            f"of {_RECORD}",
            why="it was cut off, or is the Python version instead of the binary one",
            fix='tg.data.fetch("cifar10")   # fetch it again',
        )
    records = np.frombuffer(data, np.uint8).reshape(-1, _RECORD)
    labels = records[:, 0].copy()
    if labels.max() > 9:
        row = int((labels > 9).argmax())
        raise DataError(
            f"image {row} of {name} has the label {labels[row]}, and there are 0 to 9",
            why="the file is damaged, or is CIFAR-100",
        )
    return records[:, 1:].reshape(-1, 3, 32, 32).copy(), labels


def read_cifar10_archive(path: str | os.PathLike[str]) -> dict[str, tuple[Array, Array]]:
    """Read the train and the test part from ``cifar-10-binary.tar.gz``, in memory.

    Parameters
    ----------
    path : path
        The archive, as it was fetched.

    Returns
    -------
    dict
        ``"train"`` and ``"test"``: images and labels as of `read_cifar10`.

    Raises
    ------
    DataError
        It is no such archive, or lacks a batch.
    """
    name = os.fspath(path)
    batches: dict[str, tuple[Array, Array]] = {}
    try:
        # As a stream: members are met in order, and nothing is sought for.
        with tarfile.open(name, mode="r|gz") as archive:
            for member, data in _batches(archive):
                batches[member] = _records(data, f"{member} in {name}")
    except (tarfile.TarError, EOFError, OSError, zlib.error) as broken:
        raise DataError(f"{name} is damaged: {broken}") from None
    wanted = [f"data_batch_{k}.bin" for k in range(1, 6)]
    absent = [each for each in (*wanted, "test_batch.bin") if each not in batches]
    if absent:
        raise DataError(
            f"{name} has no {', '.join(absent)}",
            why="it is another archive, or the Python version",
            fix='tg.data.fetch("cifar10")   # fetch it again',
        )
    images, labels = (np.concatenate([batches[k][i] for k in wanted]) for i in (0, 1))
    return {"train": (images, labels), "test": batches["test_batch.bin"]}


def _batches(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for count, member in enumerate(archive):
        if count >= _MOST_MEMBERS:
            raise DataError(f"{archive.name!r} has more than {_MOST_MEMBERS} members")
        base = member.name.rpartition("/")[2]
        if (member.isreg() and base.endswith("_batch.bin")) or base.startswith("data_batch_"):
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is not None:
                yield base, read_up_to(stream, _MOST_RECORDS * _RECORD + 1)  # type: ignore[arg-type]
