"""Fetching: the pinned bytes or nothing, from any mirror, gone on with, kept, and explained."""

from __future__ import annotations

import gzip
import hashlib
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.data import Dataset, fetch, fetching
from tinygrad_edu.data.download import NotFetched, Pinned, bring
from tinygrad_edu.errors import ArgumentError, DataError, FileError

pytestmark = pytest.mark.once  # what no version of Python changes

CONTENT = bytes(np.random.default_rng(0).integers(0, 256, 700_000, np.uint8))
FILE = Pinned("numbers.bin", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


class Server(BaseHTTPRequestHandler):
    """Answers as the first part of the path says, and remembers the ranges that were asked for."""

    ranges: list[str | None]

    def do_GET(self) -> None:
        way = self.path.split("/")[1]
        asked = self.headers.get("Range")
        self.ranges.append(asked)
        start = int(asked[6:-1]) if asked and way != "forgetful" else 0
        if way == "forbidden":
            self.send_error(403)
            return
        self.send_response(206 if start else 200)
        content = CONTENT[::-1] if way == "other" else CONTENT + CONTENT * (way == "longer")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = 300_000 if way == "stops" else len(content)
        self.wfile.write(content[start:end])

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Server.ranges = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_fetched_once(server: str, tmp_path: Path) -> None:
    for _ in range(2):
        path = bring(FILE, [server + "/whole"], tmp_path / "deep" / "folder")
        assert path.read_bytes() == CONTENT
    assert Server.ranges == [None]
    assert names(path.parent) == ["numbers.bin"]


@pytest.mark.parametrize("first", ["forbidden", "other", "longer", "gone"])
def test_the_next_mirror_is_asked(first: str, server: str, tmp_path: Path) -> None:
    mirrors = [f"{server}/{first}" if first != "gone" else "http://127.0.0.1:9", server + "/whole"]
    assert bring(FILE, mirrors, tmp_path).read_bytes() == CONTENT
    assert names(tmp_path) == ["numbers.bin"]


@pytest.mark.parametrize("then", ["whole", "forgetful"])
def test_a_download_that_stopped_goes_on(then: str, server: str, tmp_path: Path) -> None:
    with pytest.raises(NotFetched) as caught:
        bring(FILE, [server + "/stops"], tmp_path)
    assert "300,000 of 700,000" in str(caught.value) or "IncompleteRead" in str(caught.value)
    assert names(tmp_path) == ["numbers.bin.part"]
    have = (tmp_path / "numbers.bin.part").stat().st_size
    assert have > 0
    assert bring(FILE, [f"{server}/{then}"], tmp_path).read_bytes() == CONTENT
    assert Server.ranges == [None, f"bytes={have}-"]


def test_a_file_mirror_goes_on_too(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / FILE.name).write_bytes(CONTENT)
    (tmp_path / "numbers.bin.part").write_bytes(CONTENT[:123_456])
    assert bring(FILE, [(tmp_path / "mirror").as_uri()], tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("part", [b"x" * 1000, CONTENT + b"x", b"x" * len(CONTENT)])
def test_a_part_of_something_else_is_not_believed(part: bytes, server: str, tmp_path: Path) -> None:
    (tmp_path / "numbers.bin.part").write_bytes(part)
    mirrors = [server + "/whole"] * 2  # the first try finds out
    assert bring(FILE, mirrors, tmp_path).read_bytes() == CONTENT


def test_a_damaged_file_in_the_cache_is_fetched_again(server: str, tmp_path: Path) -> None:
    (tmp_path / FILE.name).write_bytes(CONTENT[:-1] + b"x")
    assert bring(FILE, [server + "/whole"], tmp_path).read_bytes() == CONTENT


def test_a_part_in_use_is_left_alone(server: str, tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    with (tmp_path / "numbers.bin.part").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert bring(FILE, [server + "/whole"], tmp_path).read_bytes() == CONTENT
    assert (tmp_path / "numbers.bin.part").stat().st_size == 0


@pytest.mark.parametrize("address", ["ftp://there", "/etc", "numbers", ""])
def test_other_addresses_are_not_followed(address: str, tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match="is no address"):
        bring(FILE, [address], tmp_path)
    assert names(tmp_path) == []


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        bring(FILE, [], tmp_path / "file" / "folder")


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


@pytest.fixture
def small_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that serves a small MNIST, pinned in place of the real one."""
    rng = np.random.default_rng(0)
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    pinned = []
    for file, shape, most in zip(
        fetching._SETS["mnist"].files,
        [(6, 28, 28), (6,), (3, 28, 28), (3,)],
        [256, 10, 256, 10],
        strict=True,
    ):
        content = idx(rng.integers(0, most, shape, np.uint8))
        (mirror / file.name).write_bytes(content)
        pinned.append(Pinned(file.name, len(content), hashlib.sha256(content).hexdigest()))
    real = fetching._SETS["mnist"]
    small = fetching._Set(
        tuple(pinned), ("http://127.0.0.1:9/none",), real.label_names, real.description,
        real.licence, real.instead,
    )  # fmt: skip
    monkeypatch.setitem(fetching._SETS, "mnist", small)
    return mirror


def test_fetched_images_are_two_named_parts(
    small_mnist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYGRAD_EDU_DATA", str(tmp_path / "cache"))
    train, test = fetch("mnist", mirrors=[small_mnist.as_uri()])
    assert isinstance(train, Dataset)
    assert (train.features.shape, train.features.dtype) == ((6, 28, 28), np.float32)
    assert (test.features.shape, test.targets.dtype) == ((3, 28, 28), np.int64)
    assert (train.part, test.part) == ("train", "test")
    assert 0 <= train.features.min() < train.features.max() <= 1
    for path in small_mnist.iterdir():
        path.unlink()
    again, _ = fetch("mnist")  # offline now
    np.testing.assert_array_equal(again.features, train.features)
    assert names(tmp_path / "cache" / "mnist") == sorted(
        file.name for file in fetching._SETS["mnist"].files
    )
    with pytest.raises(DataError, match="the test part"):
        tg.data.StandardScaler().fit(test)


@pytest.mark.parametrize("variable", ["TINYGRAD_EDU_DATA", "XDG_CACHE_HOME", "HOME"])
def test_the_cache_folder_is_the_users_choice(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TINYGRAD_EDU_DATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    below = {"TINYGRAD_EDU_DATA": ".", "XDG_CACHE_HOME": "tinygrad_edu"}
    wanted = tmp_path / below.get(variable, ".cache/tinygrad_edu")
    if variable != "HOME" or os.name == "posix":
        assert fetching._cache(None) == wanted
    assert fetching._cache("here") == Path("here")


def test_offline_the_message_says_what_to_do(small_mnist: Path, tmp_path: Path) -> None:
    mirror = (tmp_path / "nothing").as_uri()
    with pytest.raises(DataError, match="TG-D01: could not fetch train-images") as caught:
        fetch("mnist", mirrors=[mirror], folder=tmp_path / "cache")
    error = caught.value
    assert error.code == "TG-D01"
    assert mirror in error.notes[0]
    assert "http://127.0.0.1:9/none: " in error.notes[1]
    first = fetching._SETS["mnist"].files[0]
    assert str(tmp_path / "cache" / "mnist") in error.notes[2]
    assert first.sha256 in error.notes[2]
    assert error.fix is not None
    assert len(eval(error.fix, {"tg": tg})) == 10_000
    # What the message proposes works: the files put there by hand are found.
    for file in fetching._SETS["mnist"].files:
        place = tmp_path / "cache" / "mnist" / file.name
        place.write_bytes((small_mnist / file.name).read_bytes())
    assert len(fetch("mnist", folder=tmp_path / "cache").train) == 6


def test_names_and_mirrors_are_checked() -> None:
    with pytest.raises(DataError, match="did you mean 'cifar10'"):
        fetch("CIFAR-10")
    with pytest.raises(DataError, match="no data set 'x' can be fetched"):
        fetch("x")
    with pytest.raises(ArgumentError, match="is one text"):
        fetch("mnist", mirrors="file:///data")


def test_every_pin_is_a_size_and_a_checksum() -> None:
    pins = [file for source in fetching._SETS.values() for file in source.files]
    assert len({file.sha256 for file in pins}) == len(pins) == 9
    assert all(len(bytes.fromhex(file.sha256)) == 32 and file.size > 0 for file in pins)
    mirrors = [mirror for source in fetching._SETS.values() for mirror in source.mirrors]
    assert all(mirror.startswith(("https://", "http://")) for mirror in mirrors)
    assert not any(mirror.endswith("/") for mirror in mirrors)
