"""A file is written as a whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import storage

pytestmark = pytest.mark.once  # what no version of Python changes

SUFFIXES = (".npz", ".safetensors")
OLD = {"a": np.arange(4.0), "b": np.arange(5.0)}

# A process that ends, as if the power failed, when it comes to a certain call.
KILLED = """
import os, signal, sys
import numpy as np
from tinygrad_edu import storage

path, place, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
room, name = {
    "array": (np.lib.format, "write_array"),
    "disk": (os, "fsync"),
    "name": (os, "replace"),
}[place]
real, calls = getattr(room, name), []

def until_now(*arguments, **options):
    calls.append(1)
    if len(calls) == number:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)

setattr(room, name, until_now)
storage.write(path, {"a": np.zeros(100_000), "b": np.zeros(100_000)})
"""


def old_file(folder: Path, suffix: str) -> Path:
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
    return storage.write(folder / f"weights{suffix}", OLD)


def is_old(path: Path) -> None:
    found = storage.read(path).arrays
    assert sorted(found) == sorted(OLD)
    for name, array in OLD.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
@pytest.mark.parametrize(
    "suffix, place, number",
    [
        (".npz", "array", 1),
        (".npz", "array", 2),
        *[(suffix, place, 1) for suffix in SUFFIXES for place in ("disk", "name")],
    ],
)
def test_a_process_killed_while_it_writes_leaves_the_old_file(
    tmp_path: Path, suffix: str, place: str, number: int
) -> None:
    path = old_file(tmp_path, suffix)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), place, str(number)],
        check=False,
        cwd=Path(tg.__file__).parent.parent,
    )
    assert ended.returncode == -signal.SIGKILL
    is_old(path)
    # What was begun lies beside it, hidden; the next writer is not in its way.
    assert [each.name[0] for each in tmp_path.iterdir() if each != path] == ["."]
    storage.write(path, {"a": [7.0]})
    assert storage.read(path).arrays == {"a": np.array([7.0])}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", ["fsync", "replace", "open"])
def test_a_system_that_refuses_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, name: str
) -> None:
    path = old_file(tmp_path, suffix)

    def full(*arguments: Any, **options: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, name, full)
        with pytest.raises(tg.errors.FileError, match="No space left") as caught:
            storage.write(path, {"a": np.zeros(3)})
    assert isinstance(caught.value, OSError)
    assert caught.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == [path]
    is_old(path)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, MemoryError, ValueError])
def test_an_interrupt_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    path = old_file(tmp_path, ".npz")
    real = np.lib.format.write_array

    def stopped(file: Any, array: np.ndarray, **options: Any) -> None:
        if array.size == 1:
            raise kind
        real(file, array, **options)

    monkeypatch.setattr(np.lib.format, "write_array", stopped)
    with pytest.raises(kind):
        storage.write(path, {"a": np.zeros(3), "b": np.zeros(1)})
    assert list(tmp_path.iterdir()) == [path]
    is_old(path)


def test_a_folder_where_nothing_may_be_written_is_named(tmp_path: Path) -> None:
    place = tmp_path / "weights.npz"
    place.mkdir()
    with pytest.raises(tg.errors.FileError, match="is a folder") as caught:
        storage.write(place, OLD)
    assert caught.value.code == "TG-F02"
    assert list(tmp_path.iterdir()) == [place]
