"""Files changed by chance: an error of the library's own, or data that fits; memory stays bounded.

A few hundred by default, 24,000 in the thorough group.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.data import TableEncoder, read_cifar10, read_csv, read_idx
from tinygrad_edu.data.cifar_file import read_cifar10_archive
from tinygrad_edu.errors import TinygradError

pytestmark = pytest.mark.once  # what no version of Python changes

CSV = (
    b'name,"age, years",score,kind\r\n"Smith, John",31,0.5,a\r\n"say ""hi""",,1e3,b\r\n'
    b"\xc3\xa9va,NA,-.25,a\r\n\r\nlast,44,7,?\r\n"
)
IDX = bytes([0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 4]) + bytes(range(80))
DOUBLES = bytes([0, 0, 14, 1, 0, 0, 0, 9]) + np.arange(9.0).astype(">f8").tobytes()
CIFAR = bytes([3]) + bytes(3072) + bytes([9]) + bytes(range(256)) * 12
SPECIAL = [
    b'"',
    b",",
    b";",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xfe\xff",
    b"\x1f\x8b",
    b"1e999",
    b"--",
]


def packed_archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        for name in [*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin"]:
            info = tarfile.TarInfo("cifar-10-batches-bin/" + name)
            info.size = 3073
            file.addfile(info, io.BytesIO(CIFAR[:3073]))
    return buffer.getvalue()


def changed(content: bytes, rng: np.random.Generator) -> bytes:
    """One to four small accidents: bytes flipped, cut, doubled, swapped, or put in."""
    data = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        at, length = int(rng.integers(len(data) + 1)), int(rng.integers(1, 12))
        match int(rng.integers(7)):
            case 0:
                data[at : at + 1] = bytes(rng.integers(0, 256, 1, np.uint8))
            case 1:
                del data[at : at + length]
            case 2:
                data = data[:at]
            case 3:
                data[at:at] = data[at : at + 10 * length]
            case 4:
                data[at:at] = SPECIAL[int(rng.integers(len(SPECIAL)))]
            case 5:
                data[at : at + length] = bytes([int(rng.choice([0, 127, 255]))]) * length
            case _:
                near = int(rng.integers(min(len(data), 16) + 1))  # headers more often
                data[near : near + 1] = bytes(rng.integers(0, 256, 1, np.uint8))
    return bytes(data)


def as_table(content: bytes) -> None:
    table = read_csv(io.BytesIO(content), target="kind")
    assert all(len(column.values) == len(table) for column in table.columns)
    assert repr(table)
    made = TableEncoder().fit(table).dataset(table)
    assert made.features.shape == (len(table), len(made.feature_names))
    assert np.isfinite(made.features).all()


def as_array(content: bytes) -> None:
    assert read_idx(io.BytesIO(content)).nbytes <= len(content)


def as_packed_array(content: bytes) -> None:
    read_idx(io.BytesIO(content))


def as_batch(content: bytes) -> None:
    images, labels = read_cifar10(io.BytesIO(content))
    assert images.nbytes + labels.nbytes == len(content)
    assert labels.max() <= 9


KINDS: dict[str, tuple[bytes, Callable[[bytes], None]]] = {
    "csv": (CSV, as_table),
    "csv packed": (gzip.compress(CSV), as_table),
    "idx": (IDX, as_array),
    "idx of doubles": (DOUBLES, as_array),
    "idx packed": (gzip.compress(IDX), as_packed_array),
    "cifar": (CIFAR, as_batch),
}


def survive(content: bytes, read: Callable[[bytes], Any], seeds: range) -> None:
    tracemalloc.start()
    try:
        refused = 0
        for seed in seeds:
            bad = changed(content, np.random.default_rng(seed))
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            try:
                read(bad)
            except TinygradError as error:
                refused += len(str(error)) > 0
            used = tracemalloc.get_traced_memory()[1] - before
            assert used < 4_000_000, (seed, used)
        assert refused > len(seeds) / 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_changed_files_are_read_or_refused(kind: str) -> None:
    survive(*KINDS[kind], range(60))


@pytest.mark.thorough
@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_changed_files_are_read_or_refused(kind: str) -> None:
    survive(*KINDS[kind], range(4_000))


def survive_archives(tmp_path: Path, seeds: range) -> None:
    path = tmp_path / "a.tar.gz"

    def as_archive(content: bytes) -> None:
        path.write_bytes(gzip.compress(content, 1) if content[:1] != b"\x1f" else content)
        parts = read_cifar10_archive(path)
        assert all(images.shape == (len(y), 3, 32, 32) for images, y in parts.values())

    survive(packed_archive(), as_archive, seeds)


def test_changed_archives_are_read_or_refused(tmp_path: Path) -> None:
    survive_archives(tmp_path, range(40))


@pytest.mark.thorough
def test_thousands_of_changed_archives_are_read_or_refused(tmp_path: Path) -> None:
    survive_archives(tmp_path, range(2_000))
