"""Files that are something else, broken, or made to harm: a clear error, and nothing happens."""

from __future__ import annotations

import io
import json
import os
import pickle
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.storage.hostile import manifest, npy, npz, safetensors, tensor, zipped
from tinygrad_edu import storage
from tinygrad_edu.storage.faults import Damaged
from tinygrad_edu.storage.zip_directory import Stream, members

# What this holds does not depend on the version of Python.
pytestmark = pytest.mark.once

ONE = np.array([1.0])
EIGHT = ONE.tobytes()
GOOD = npy("'<f8'", "(1,)", EIGHT)
ran: list[int] = []


class Trap:
    """Runs when it is unpickled."""

    def __reduce__(self) -> Any:
        return ran.append, (1,)


def saved(how: Callable[..., None], *given: Any) -> bytes:
    buffer = io.BytesIO()
    how(buffer, *given)
    return buffer.getvalue()


TRAP = np.array([Trap()], object)


def changed(data: bytes, mark: bytes, offset: int, form: str, value: int) -> bytes:
    """A number overwritten, counted from the last place of a mark."""
    made = bytearray(data)
    struct.pack_into(form, made, data.rindex(mark) + offset, value)
    return bytes(made)


ZIP = zipped({"w.npy": GOOD})
PACKED = zipped({"w.npy": npy("'|u1'", "(900,)", np.random.default_rng(0).bytes(900))}, True)
DIRECTORY, END, LOCAL = b"PK\1\2", b"PK\5\6", b"PK\3\4"
TWO = zipped({"a.npy": GOOD, "b.npy": GOOD})
# One compressed block that two members claim.
OVERLAP = changed(TWO, DIRECTORY, 42, "<L", 0).replace(b"b.npy", b"a.npy")
NEWER = manifest({"w": ONE}, 1, format=2, package="0.9")
OTHER = manifest({"w": 2 * ONE}, 1)
HEADER = {"w": tensor("F64", [1], 0, 8)}

# Code, a part of the message, the bytes.
FILES: dict[str, tuple[str, str, bytes]] = {
    "empty": ("F03", "is empty", b""),
    "text": ("F03", "something else", b"epoch,loss\n"),
    "one array": ("F03", "single array", GOOD),
    "pickle": ("F03", "a pickle", pickle.dumps(Trap(), 4)),
    "old pickle": ("F03", "a pickle", pickle.dumps(Trap(), 2)),
    "PyTorch": ("F03", "torch.save", zipped({"archive/data.pkl": pickle.dumps(Trap())})),
    "HDF5": ("F03", "HDF5", b"\x89HDF\r\n\x1a\n" + bytes(100)),
    "gzip": ("F03", "gzip", b"\x1f\x8b\x08" + bytes(100)),
    "another zip": ("F05", "'word/document.xml'", zipped({"word/document.xml": b"<x/>"})),
    "zip cut off": ("F04", "does not end", ZIP[:-5]),
    "zip of two bytes": ("F04", "2 bytes", b"PK"),
    "zip with a comment": ("F04", "does not end", ZIP + b"more"),
    "zip after something": ("F04", "length", b"PK__" + ZIP),
    "zip without its middle": ("F04", "length", ZIP[:40] + ZIP[60:]),
    "zip that counts one less": (
        "F04", "more than it counts",
        changed(changed(TWO, END, 8, "<H", 1), END, 10, "<H", 1),
    ),
    "zip that counts one more": (
        "F04", "ends too early",
        changed(changed(TWO, END, 8, "<H", 3), END, 10, "<H", 3),
    ),
    "zip on two disks": ("F04", "end", changed(ZIP, END, 4, "<H", 1)),
    "zip for large files": (
        "F05", "more than 2 GiB", ZIP[:-22] + b"PK\6\7" + bytes(16) + ZIP[-22:],
    ),
    "long directory": (
        "F05", "directory has", zipped({f"{k:01000}.npy": b"" for k in range(4200)}),
    ),
    "directory of another kind": ("F04", "directory is broken", ZIP.replace(DIRECTORY, b"PK__")),
    "member behind the end": ("F04", "behind", changed(ZIP, DIRECTORY, 42, "<L", 1 << 30)),
    "member elsewhere": ("F04", "not where", changed(ZIP, DIRECTORY, 42, "<L", 3)),
    "other name in front": ("F04", "not where", ZIP.replace(b"w.npy", b"v.npy", 1)),
    "encrypted": ("F05", "encrypted", changed(ZIP, DIRECTORY, 8, "<H", 1)),
    "strange flags": ("F05", "np.savez", changed(ZIP, DIRECTORY, 8, "<H", 0x40)),
    "strange method": ("F05", "method 12", changed(ZIP, DIRECTORY, 10, "<H", 12)),
    "two sizes": ("F04", "two sizes", changed(ZIP, DIRECTORY, 20, "<L", 3)),
    "no text": (
        "F04", "no text", changed(ZIP, DIRECTORY, 8, "<H", 0x800).replace(b"w.npy", b"\xff.npy"),
    ),
    "same place": ("F04", "on top", OVERLAP),
    "wrong sum": ("F04", "checksum", changed(ZIP, DIRECTORY, 16, "<L", 7)),
    "unpacks to nonsense": (
        "F04", "cannot be unpacked",
        changed(zipped({"w.npy": b"\x07" * 100}), DIRECTORY, 10, "<H", 8),
    ),
    "unpacks to less": (
        "F04", "too early",
        changed(zipped({"w.npy": npy("'|u1'", "(900,)", bytes(800))}, compress=True),
                DIRECTORY, 24, "<L", 70 + 900),
    ),
    "packed bytes cut off": ("F04", "too early", changed(PACKED, DIRECTORY, 20, "<L", 40)),
    "bomb": ("F05", "unpack to", zipped({"w.npy": bytes(80 << 20)}, compress=True)),
    "no array": ("F04", "as an array", zipped({"w.npy": b"not one" * 5})),
    "array cut off": ("F04", "ends too early", zipped({"w.npy": GOOD[:7]})),
    "fourth version": ("F04", "as an array", zipped({"w.npy": b"\x93NUMPY\4\0" + GOOD[8:]})),
    "long header": (
        "F05", "header of", zipped({"w.npy": npy("'<f8'", "(1,)" + " " * 5000, EIGHT)}),
    ),
    "header of 4 GiB": (
        "F05", "header of", zipped({"w.npy": b"\x93NUMPY\2\0" + b"\xff" * 4 + GOOD}),
    ),
    "no header": ("F04", "no readable", zipped({"w.npy": b"\x93NUMPY\1\0\4\0{}} "})),
    "objects": ("F05", "Python objects", saved(np.savez, TRAP)),
    "objects unpacked": ("F05", "Python objects", zipped({"w.npy": npy("'|O'", "(1,)", EIGHT)})),
    "code": ("F05", "plain numbers", zipped({"w.npy": npy("__import__('os')", "()", b"")})),
    "records": (
        "F05", "plain numbers", saved(np.savez, np.zeros(2, [("a", "f4"), ("b", "i4")])),
    ),
    "text in an array": ("F05", "plain numbers", saved(np.savez, np.array(["a"]))),
    "times": ("F05", "plain numbers", saved(np.savez, np.zeros(1, "M8[s]"))),
    "long numbers": ("F05", "plain numbers", zipped({"w.npy": npy("'<f16'", "(1,)", bytes(16))})),
    "more than there is": ("F04", "and has 0", zipped({"w.npy": npy("'<f8'", "(1,)", b"")})),
    "less than there is": ("F04", "and has 8", zipped({"w.npy": npy("'<f8'", "(0,)", EIGHT)})),
    "huge": ("F04", "and has 8", zipped({"w.npy": npy("'<f8'", "(99999999999999, 9999)", EIGHT)})),
    "huge and empty": (
        "F04", "no possible shape",
        zipped({"w.npy": npy("'<f8'", "(0, 999999999999999999, 999999999999999999)", b"")}),
    ),
    "beyond any address": (
        "F04", "impossible shape", zipped({"w.npy": npy("'<f8'", f"({'9' * 30},)", EIGHT)}),
    ),
    "negative": ("F05", "plain numbers", zipped({"w.npy": npy("'<f8'", "(-1,)", EIGHT)})),
    "65 axes": ("F04", "impossible", zipped({"w.npy": npy("'<f8'", "(" + "1," * 65 + ")", EIGHT)})),
    "strange truths": ("F04", "neither", zipped({"w.npy": npy("'|b1'", "(2,)", b"\1\2")})),
    "name twice": ("F05", "'w.npy' twice", zipped([("w.npy", GOOD), ("w.npy", GOOD)])),
    "manifest of nothing": ("F04", "which version", zipped({"manifest.json": b"{}"})),
    "manifest of text": ("F04", "description", zipped({"manifest.json": b"\xff"})),
    "manifest of a list": ("F04", "a list", zipped({"manifest.json": b"[1]"})),
    "manifest too deep": ("F04", "description", zipped({"manifest.json": b"[" * 100_000})),
    "manifest twice the same": ("F04", "twice", zipped({"manifest.json": b'{"a": 1, "a": 2}'})),
    "manifest not a number": ("F04", "NaN", zipped({"manifest.json": b'{"a": NaN}'})),
    "manifest infinite": (
        "F04", "cannot be read",
        zipped({"manifest.json": b'{"format": 1, "package": "0", "tree": 1e999}'}),
    ),
    "manifest too long": ("F05", "manifest has", zipped({"manifest.json": b" " * (5 << 20)})),
    "manifest changed": (
        "F04", "checksum", npz({"w": ONE}, manifest({"w": ONE}, 1).replace(b"model", b"state")),
    ),
    "manifest with more": ("F04", "parts", npz({"w": ONE}, manifest({"w": ONE}, 1, more=1))),
    "manifest of no kind": ("F04", "describes", npz({"w": ONE}, manifest({"w": ONE}, 1, kind=3))),
    "manifest of others": ("F04", "not those", npz({"w": ONE}, manifest({"v": ONE}, 1))),
    "manifest of other numbers": ("F04", "not those", npz({"w": ONE}, OTHER)),
    "from the future": ("F06", "0.9", npz({"w": ONE}, NEWER)),
    "format of no kind": ("F04", "which version", npz({}, manifest({}, 1, format=True))),
    "format below one": ("F04", "which version", npz({}, manifest({}, 1, format=0))),
}  # fmt: skip

SAFE: dict[str, tuple[str, str, bytes]] = {
    "safe cut off": ("F04", "", safetensors(HEADER, EIGHT)[:-1]),
    "safe and more": ("F04", "", safetensors(HEADER, EIGHT + b"more")),
    "safe header cut off": ("F04", "follow", safetensors(HEADER, EIGHT)[:20]),
    "safe length": ("F04", "follow", safetensors(HEADER, EIGHT, 1 << 62)),
    "safe long header": ("F05", "header has", safetensors(b"{" + b" " * (5 << 20) + b"}")),
    "safe list": ("F04", "description", safetensors(b"{]")),
    "safe deep": ("F04", "description", safetensors(b'{"a":' + b"[" * 100_000)),
    "safe twice": (
        "F04", "twice",
        safetensors(b'{"w":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"w":1}', b"a"),
    ),
    "safe overlap": (
        "F04", "", safetensors({**HEADER, "v": tensor("F64", [1], 0, 8)}, EIGHT),
    ),
    "safe hole": ("F04", "", safetensors({"w": tensor("F64", [1], 8, 16)}, EIGHT * 2)),
    "safe backwards": ("F04", "", safetensors({"w": tensor("F64", [1], 8, 0)}, EIGHT)),
    "safe behind": ("F04", "", safetensors({"w": tensor("F64", [1], 0, 1 << 40)}, EIGHT)),
    "safe other size": ("F04", "", safetensors({"w": tensor("F64", [2], 0, 8)}, EIGHT)),
    "safe huge": ("F04", "impossible", safetensors({"w": tensor("F64", [1 << 63, 0], 0, 0)})),
    "safe large": ("F04", "", safetensors({"w": tensor("F64", [1 << 40, 1 << 40], 0, 8)}, EIGHT)),
    "safe huge and empty": (
        "F04", "impossible", safetensors({"w": tensor("F64", [0, 1 << 47, 1 << 47], 0, 0)}),
    ),
    "safe negative": ("F04", "impossible", safetensors({"w": tensor("F64", [-1], 0, 8)}, EIGHT)),
    "safe axes": ("F04", "impossible", safetensors({"w": tensor("F64", [1] * 65, 0, 8)}, EIGHT)),
    "safe entry": ("F04", "neither type", safetensors({"w": 3})),
    "safe type": ("F05", "BF16", safetensors({"w": tensor("BF16", [1], 0, 2)}, b"ab")),
    "safe tiny type": ("F05", "F4", safetensors({"w": tensor("F4", [2], 0, 1)}, b"a")),
    "safe truths": ("F04", "neither", safetensors({"w": tensor("BOOL", [2], 0, 2)}, b"\1\2")),
    "safe notes": ("F04", "", safetensors({"__metadata__": {"a": 3}})),
    "safe manifest": ("F04", "description", safetensors({"__metadata__": {"tinygrad_edu": "é"}})),
    "safe future": (
        "F06", "0.9",
        safetensors({"__metadata__": {
            "tinygrad_edu": manifest({}, 1, format=2, package="0.9").decode()}}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", [*FILES, *SAFE])
def test_the_error_says_what_was_found(tmp_path: Path, name: str) -> None:
    if name in SAFE:
        pytest.importorskip("safetensors")
    code, said, data = {**FILES, **SAFE}[name]
    path = tmp_path / "file.npz"
    path.write_bytes(data)
    with pytest.raises(tg.errors.LoadError) as caught:
        storage.read(path)
    error = caught.value
    assert error.code == f"TG-{code}"
    assert str(path) in error.what
    assert said in error.what
    assert error.fix
    assert error.__context__ is None or error.__suppress_context__
    assert ran == []


def test_each_of_the_good_ones_is_read(tmp_path: Path) -> None:
    for data in (ZIP, TWO, zipped({"w.npy": GOOD}, compress=True), npz({"w": ONE})):
        (tmp_path / "good").write_bytes(data)
        assert all(array == ONE for array in storage.read(tmp_path / "good").arrays.values())
    for version in (2, 3):
        (tmp_path / "good").write_bytes(
            zipped({"w.npy": npy("'>f8'", "(1,1)", ONE.byteswap().tobytes(), version=version)})
        )
        assert storage.read(tmp_path / "good").arrays == {"w": np.array([[1.0]])}


def test_a_good_safetensors_file_is_read(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    (tmp_path / "good").write_bytes(safetensors({**HEADER, "__metadata__": {"by": "x"}}, EIGHT))
    assert storage.read(tmp_path / "good").arrays == {"w": ONE}


@pytest.mark.parametrize("rest", range(0, len(ZIP), 7))
def test_a_file_that_shrinks_while_it_is_read_is_refused(rest: int) -> None:
    with pytest.raises(Damaged):
        for member in members(io.BytesIO(ZIP[:rest]), len(ZIP)):
            stream = Stream(io.BytesIO(ZIP[:rest]), member)
            stream.read(member.size)


def test_an_array_called_as_in_a_file_of_pytorch_is_an_array(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(zipped({"data.pkl.npy": GOOD, "archive/data.pkl.npy": GOOD}))
    assert list(storage.read(tmp_path / "good").arrays) == ["data.pkl", "archive/data.pkl"]


@pytest.mark.parametrize("depth", [150, 300, 600, 900, 990])
def test_a_description_of_any_depth_is_refused(tmp_path: Path, depth: int) -> None:
    tree: Any = 1
    for _ in range(depth):
        tree = {"x": tree}
    for make in (lambda: {"dict": [["a", tree]]}, lambda: tree):
        try:
            text = manifest({}, make(), kind="state")
        except RecursionError:
            continue
        (tmp_path / "file").write_bytes(npz({}, text))
        with pytest.raises(tg.errors.LoadError):
            tg.load(tmp_path / "file")


def test_a_folder_that_cannot_be_listed_is_no_other_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*arguments: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", denied)
    with pytest.raises(tg.errors.MissingFile):
        storage.read(tmp_path / "none.npz")
    with pytest.raises(tg.errors.FileError, match="is a folder"):
        storage.read(tmp_path)


def test_a_name_that_is_a_path_is_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    names = ["../escaped", "/etc/passwd", "C:\\file", "a/b", "..", ""]
    (folder / "x.npz").write_bytes(zipped({f"{name}.npy": GOOD for name in names}))
    assert list(storage.read(folder / "x.npz").arrays) == names
    assert [each.name for each in tmp_path.iterdir()] == ["inner"]
    assert [each.name for each in folder.iterdir()] == ["x.npz"]


@pytest.mark.parametrize(
    "name", ["bomb", "huge", "header of 4 GiB", "manifest too long", "safe huge"]
)
def test_no_memory_is_taken_for_what_is_not_there(tmp_path: Path, name: str) -> None:
    if name in SAFE:
        pytest.importorskip("safetensors")
    path = tmp_path / "file"
    path.write_bytes({**FILES, **SAFE}[name][2])
    with pytest.raises(tg.errors.LoadError):
        storage.read(path)
    tracemalloc.start()
    with pytest.raises(tg.errors.LoadError):
        storage.read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_what_unpacks_to_more_than_it_says_is_not_unpacked_further(tmp_path: Path) -> None:
    inside = npy("'|u1'", "(1000,)", b"") + bytes(100 << 20)
    data = zipped({"w.npy": inside}, compress=True)
    said = len(inside) - (100 << 20) + 1000
    path = tmp_path / "file"
    path.write_bytes(changed(data, DIRECTORY, 24, "<L", said))
    tracemalloc.start()
    with pytest.raises(tg.errors.LoadError, match="checksum"):
        storage.read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20


# Where there is no file


def test_a_file_that_is_not_there_is_told_from_one_with_a_similar_name(tmp_path: Path) -> None:
    storage.write(tmp_path / "model.npz", {"w": ONE})
    with pytest.raises(FileNotFoundError) as caught:
        storage.read(tmp_path / "modle.npz")
    assert caught.value.code == "TG-F01"
    assert eval(caught.value.fix, {"tg": tg}) == {"w": ONE}


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(tg.errors.MissingFile, match="and no folder"):
        storage.read(tmp_path / "none" / "model.npz")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(tg.errors.MissingFile):
        storage.read(tmp_path / "file" / "model.npz")


def test_a_relative_path_says_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tg.errors.MissingFile) as caught:
        storage.read("model.npz")
    assert caught.value.notes == (f"it was looked for in {tmp_path}",)


def test_a_folder_names_the_file_in_it(tmp_path: Path) -> None:
    storage.write(tmp_path / "model.npz", {"w": ONE})
    with pytest.raises(tg.errors.FileError, match="is a folder") as caught:
        storage.read(tmp_path)
    assert eval(caught.value.fix, {"tg": tg}) == {"w": ONE}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npz")
    assert stat.S_ISFIFO((tmp_path / "pipe.npz").stat().st_mode)
    with pytest.raises(tg.errors.FileError, match="device or pipe"):
        storage.read(tmp_path / "pipe.npz")


@pytest.mark.parametrize("path", [None, 3, b"bytes.npz", {"w": 1}, "a\0b", "\ud800.npz"])
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(tg.errors.ArgumentError, match="path"):
        storage.read(path)


def test_what_the_system_does_not_let_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*arguments: Any, **options: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    path = storage.write(tmp_path / "model.npz", {"w": ONE})
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(tg.errors.FileError, match="Permission denied") as caught:
        storage.read(path)
    assert caught.value.errno == 13


def test_a_disk_that_fails_while_it_is_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*arguments: Any) -> Any:
        raise OSError(5, "Input/output error")

    path = storage.write(tmp_path / "model.npz", {"w": ONE})
    monkeypatch.setattr(storage.npz_file, "members", failing)
    with pytest.raises(tg.errors.FileError, match="Input/output"):
        storage.read(path)


def test_the_fix_for_a_large_but_honest_archive_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "zeros.npz"
    np.savez_compressed(path, w=np.zeros(9 << 20))
    with pytest.raises(tg.errors.LoadError, match="unpack to") as caught:
        storage.read(path)
    code = caught.value.fix.partition("   #")[0]
    assert list(eval(code, {"np": np, "path": path})) == ["w"]


def test_a_manifest_can_be_read_by_people(tmp_path: Path) -> None:
    path = storage.write(tmp_path / "x.npz", {"w": ONE}, "state", {"rate": 0.5})
    with zipfile.ZipFile(path) as archive:
        told = json.loads(archive.read("manifest.json"))
    assert (told["format"], told["kind"], told["tree"]) == (1, "state", {"rate": 0.5})
    assert told["package"] == tg.__version__
    assert told["arrays"]["w"][:2] == ["float64", [1]]
