"""IDX and CIFAR-10 files: what was written comes back, and nothing else is believed."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from tinygrad_edu.data import read_cifar10, read_idx
from tinygrad_edu.data.cifar_file import read_cifar10_archive
from tinygrad_edu.errors import DataError, MissingFile

pytestmark = pytest.mark.once  # what no version of Python changes

CODES = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}


def idx(array: np.ndarray) -> bytes:
    """Written from the description of the format, without the code that reads it."""
    code = CODES[array.dtype.str[1:]]
    sizes = b"".join(n.to_bytes(4, "big") for n in array.shape)
    return bytes([0, 0, code, array.ndim]) + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()  # noqa: E501  # fmt: skip


drawn = st.sampled_from(sorted(CODES)).flatmap(
    lambda kind: arrays(
        np.dtype(kind), st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)
    )
)


@given(array=drawn, packed=st.booleans())
def test_a_written_array_comes_back(array: np.ndarray, packed: bool) -> None:
    content = idx(array)
    found = read_idx(io.BytesIO(gzip.compress(content) if packed else content))
    assert found.dtype == array.dtype
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, array)
    found[...] = 0  # it can be written to


@given(array=drawn, cut=st.integers(0, 400), more=st.binary(max_size=3))
def test_a_file_of_another_length_is_refused(array: np.ndarray, cut: int, more: bytes) -> None:
    content = idx(array)
    changed = content[: max(len(content) - cut, 0)] + more
    if len(changed) != len(content):
        with pytest.raises(DataError):
            read_idx(io.BytesIO(changed))


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "begins with b''"),
        (b"\0\1\x08\1", "begins with"),
        (b"\0\0\x0a\1", "begins with"),
        (b"\0\0\x08\0", "announces 0 axes"),
        (b"\0\0\x08\x09", "announces 9 axes"),
        (b"\0\0\x08\2\0\0\0\1", "ends within its header"),
        (b"\0\0\x08\1\0\0\0\3ab", "only 2 of the 3 bytes"),
        (b"\0\0\x08\1\0\0\0\1ab", "more than the 1 bytes"),
        (b"\0\0\x0e\2" + b"\xff" * 8, "announces 147573952520956936200 bytes"),
        (b"\0\0\x08\4" + bytes(4) + b"\xff" * 12, "announces"),
        (gzip.compress(b"\0\0\x08\1\0\0\0\1a")[:-9], "is damaged"),
        (b"\x1f\x8bxx", "is damaged"),
    ],
)
def test_what_is_no_idx_file_is_named(content: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_idx(io.BytesIO(content))
    with pytest.raises(MissingFile):
        read_idx("no such file.gz")


@pytest.mark.parametrize("announced", [16, 1 << 29])
def test_memory_follows_what_is_there_and_not_what_is_announced(announced: int) -> None:
    header = b"\0\0\x08\1" + announced.to_bytes(4, "big")
    bomb = gzip.compress(header + bytes(30_000_000 if announced == 16 else 4000))
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            read_idx(io.BytesIO(bomb))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def record(label: int, seed: int) -> tuple[bytes, np.ndarray]:
    pixels = np.random.default_rng(seed).integers(0, 256, (3, 32, 32), np.uint8)
    return bytes([label]) + pixels.tobytes(), pixels


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as file:
        for name, content in members.items():
            info = tarfile.TarInfo("cifar-10-batches-bin/" + name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return path


def whole() -> dict[str, bytes]:
    names = [*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin"]
    batches = {name: record(k, k)[0] + record(9 - k, 10 + k)[0] for k, name in enumerate(names)}
    return {"readme.html": b"<html>", "batches.meta.txt": b"airplane\n", **batches}


def test_an_archive_gives_its_images_with_their_labels(tmp_path: Path) -> None:
    members = dict(reversed(whole().items()))  # in any order
    parts = read_cifar10_archive(archive(tmp_path / "a.tar.gz", members))
    images, labels = parts["train"]
    assert (images.shape, images.dtype) == ((10, 3, 32, 32), np.uint8)
    assert labels.tolist() == [0, 9, 1, 8, 2, 7, 3, 6, 4, 5]
    np.testing.assert_array_equal(images[2], record(1, 1)[1])
    assert parts["test"][1].tolist() == [5, 4]
    np.testing.assert_array_equal(parts["test"][0][1], record(4, 15)[1])


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "has 0 bytes"),
        (bytes(3072), "has 3072 bytes"),
        (bytes(3073 * 10_001), "no whole number of 1 to 10000"),
        (record(3, 0)[0] + record(10, 0)[0], "image 1 of the file has the label 10"),
    ],
)
def test_what_is_no_batch_is_named(content: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_cifar10(io.BytesIO(content))


def test_a_broken_or_other_archive_is_named(tmp_path: Path) -> None:
    members: dict[str, Any] = whole()
    del members["data_batch_3.bin"]
    with pytest.raises(DataError, match=r"has no data_batch_3\.bin"):
        read_cifar10_archive(archive(tmp_path / "a.tar.gz", members))
    path = archive(tmp_path / "b.tar.gz", whole())
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(DataError, match="is damaged"):
        read_cifar10_archive(path)
    many = {f"{k}.txt": b"" for k in range(101)}
    with pytest.raises(DataError, match="more than 100 members"):
        read_cifar10_archive(archive(tmp_path / "c.tar.gz", many))
