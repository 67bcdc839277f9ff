"""Thousands of files that were changed by chance: an error that says so, or what was saved.

Four things are watched at every one: the type of an error, the memory that was taken, whether what
was loaded is what was saved, and, by the interpreter's own audit events, that nothing was executed,
imported, started or written.
"""

from __future__ import annotations

import io
import json
import random
import struct
import sys
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.storage.hostile import manifest, npz, safetensors, zipped
from tinygrad_edu import nn

# What this holds does not depend on the version of Python.
pytestmark = pytest.mark.once

pytest.importorskip("safetensors")

ran: list[int] = []
FORBIDDEN = ("exec", "pickle.find_class", "os.", "subprocess.", "socket.", "ctypes.", "shutil.")
READING = ("os.scandir", "os.listdir")
# What happened that should not; None while nobody watches.
noted: list[list[str] | None] = [None]


def _watch(event: str, details: tuple[Any, ...]) -> None:
    watching = noted[0]
    if watching is None:
        return
    if event == "open":
        _, mode, flags = details
        if (mode and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & 3):
            watching.append(f"open {details}")
    elif event == "import" or (event.startswith(FORBIDDEN) and event not in READING):
        watching.append(f"{event} {details!r:.200}")


class Trap:
    """Runs when it is unpickled."""

    def __reduce__(self) -> Any:
        return ran.append, (1,)


def model() -> nn.Sequential:
    with tg.seed(0):
        made = nn.Sequential(
            nn.Linear(3, 4), nn.Dropout(0.25), nn.Sequential(nn.Tanh(), nn.Linear(4, 2))
        )
    made.extend([nn.Tanh(), made[2]])
    made[0].bias.requires_grad = False
    made[0].constant = tg.Tensor([1.0], name="fixed")
    made[0].kinds = {"a": [(1, None), {"b": float("nan")}]}
    return made.eval()


def repacked(data: bytes) -> bytes:
    """The same members, deflated."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()}, compress=True)


def corpus(folder: Path) -> dict[str, tuple[bytes, Any]]:
    """Files to start from, and what they hold."""
    adam = nn.optim.Adam(model(), lr=0.1)
    adam.step([np.ones(p.shape, p.dtype) for p in model().parameters()])
    targets = {
        "model": model(),
        "weights": model().state_dict(),
        "state": {"optimizer": adam.state_dict(), "epoch": 3, "best": float("inf")},
        "types": {
            "z": np.zeros((0, 3)), "b": np.array([True, False]), "i": np.arange(4, dtype=np.int8),
            "f": np.float16([[1.5]]), "s": np.array(2.0),
        },
    }  # fmt: skip
    files = {}
    for name, target in targets.items():
        for suffix in (".npz", ".safetensors"):
            path = tg.save(target, folder / f"{name}{suffix}")
            files[path.name] = path.read_bytes(), target
        files[f"{name}.packed"] = repacked(files[f"{name}.npz"][0]), target
    buffer = io.BytesIO()
    np.savez(buffer, w=np.ones(3), trap=np.array([Trap()], object))
    files["trap.npz"] = buffer.getvalue(), None
    return files


NUMBERS = (
    0,
    1,
    0x7F,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFFFFFF,
    0xFFFFFFFF,
    1 << 32,
    (1 << 63) - 1,
    1 << 63,
)
WORDS = (
    b"'|O'", b"'<f8'", b"True", b"(0,)", b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\7", b"\x93NUMPY",
    b"{", b"}", b"[", b"]", b'"', b",", b"null", b"1e999", b"-1", b"data.pkl", b".npy", b"../",
    b"\x80\4c", b"cos\nsystem\n", b"\0", b"99999999999999999999", b"manifest.json", b'"module"',
)  # fmt: skip


def overwritten(data: bytearray, rng: random.Random, other: bytes) -> None:
    place = rng.randrange(len(data))
    new = rng.choice([rng.randbytes(1), rng.randbytes(4), rng.choice(WORDS)])
    data[place : place + len(new)] = new


def numbered(data: bytearray, rng: random.Random, other: bytes) -> None:
    form = rng.choice(["<B", "<H", "<L", "<Q"])
    if len(data) < 8:
        return
    number = rng.choice(NUMBERS) + rng.choice([-1, 0, 1])
    limit = 1 << 8 * struct.calcsize(form)
    # Mostly where the numbers are: at the ends, and behind the marks of a zip file.
    place = rng.choice([rng.randrange(len(data)), rng.randrange(8), -1 - rng.randrange(22)])
    marks = [k for mark in (b"PK\1\2", b"PK\3\4") if (k := data.find(mark)) >= 0]
    if marks and rng.random() < 0.5:
        place = rng.choice(marks) + rng.randrange(46)
    place = min(place % len(data), len(data) - 8)
    struct.pack_into(form, data, place, number % limit)


def flipped(data: bytearray, rng: random.Random, other: bytes) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def inserted(data: bytearray, rng: random.Random, other: bytes) -> None:
    place = rng.randrange(len(data))
    data[place:place] = rng.choice([rng.choice(WORDS), rng.randbytes(rng.randrange(1, 40))])


def removed(data: bytearray, rng: random.Random, other: bytes) -> None:
    place = rng.randrange(len(data))
    del data[place : place + rng.randrange(1, 60)]


def cut(data: bytearray, rng: random.Random, other: bytes) -> None:
    del data[rng.randrange(1, len(data)) :]


def repeated(data: bytearray, rng: random.Random, other: bytes) -> None:
    place, size = rng.randrange(len(data)), rng.randrange(1, 200)
    data[place:place] = data[place : place + size]


def spliced(data: bytearray, rng: random.Random, other: bytes) -> None:
    data[rng.randrange(len(data)) :] = other[rng.randrange(len(other)) :]


CHANGES: list[Callable[[bytearray, random.Random, bytes], None]] = [
    overwritten, overwritten, numbered, numbered, numbered, flipped, flipped, inserted, removed,
    cut, repeated, spliced,
]  # fmt: skip


def mutated(data: bytes, rng: random.Random, other: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if made:
            rng.choice(CHANGES)(made, rng, other)
    return bytes(made)


ATOMS = (
    None, True, 0, -1, 1 << 70, 0.5, "", "0.weight", "Linear", "eval", "__class__", "forward", [],
    {}, {"array": "0.weight"}, {"same": ""}, {"same": "0"}, {"function": "relu"},
    {"function": "exec"},
    {"tuple": [1]}, {"dict": [["a", 1]]}, {"float": "nan"}, {"dtype": "float32"},
    {"module": "Tanh", "path": "x", "attributes": {}},
    {"parameter": "0.weight", "name": None, "trained": True}, {"buffer": "0.bias", "name": None},
)  # fmt: skip


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every container in a tree of JSON with each of its keys."""
    found = []
    pairs = tree.items() if isinstance(tree, dict) else ()
    for key, value in enumerate(tree) if isinstance(tree, list) else pairs:
        found += [(tree, key), *places(value)]
    return found


def rewritten(tree: Any, rng: random.Random) -> Any:
    """Another description, in which parts were exchanged: no accident, but somebody's work."""
    made = json.loads(json.dumps({"tree": tree}))
    for _ in range(rng.choice([1, 1, 2, 3])):
        spots = places(made)
        holder, key = rng.choice(spots)
        other, name = rng.choice(spots)
        value = json.loads(json.dumps(rng.choice([rng.choice(ATOMS), other[name]])))
        how = rng.randrange(4)
        if how == 0 and holder is not made:
            del holder[key]
        elif how == 1 and isinstance(holder, dict) and holder is not made:
            holder[
                rng.choice(["forward", "training", "module", "p", "weight", "3", "__dict__"])
            ] = value
        elif isinstance(holder, list) and how == 2:
            holder.insert(key, value)
        else:
            holder[key] = value
    return made["tree"]


def same(saved: Any, loaded: Any) -> bool:
    if isinstance(saved, nn.Module):
        return (
            isinstance(loaded, nn.Module)
            and repr(saved) == repr(loaded)
            and same(saved.state_dict(), loaded.state_dict())
        )
    if isinstance(saved, np.ndarray):
        return (
            isinstance(loaded, np.ndarray)
            and (saved.shape, saved.dtype) == (loaded.shape, loaded.dtype)
            and saved.tobytes() == loaded.tobytes()
        )
    if isinstance(saved, dict):
        return (
            isinstance(loaded, dict)
            and saved.keys() == loaded.keys()
            and all(same(saved[key], loaded[key]) for key in saved)
        )
    if isinstance(saved, (list, tuple)):
        return len(saved) == len(loaded) and all(map(same, saved, loaded))
    return type(saved) is type(loaded) and saved == loaded


class Watched:
    """Loads files, and notes what should not happen."""

    def __init__(self, folder: Path, files: dict[str, tuple[bytes, Any]]) -> None:
        self.path, self.outcomes = folder / "changed", Counter[str]()
        self.load_freely(files)
        tracemalloc.start()

    def load_freely(self, files: dict[str, tuple[bytes, Any]]) -> None:
        """What is imported late, and the text of sources, is there before anything is watched."""
        for data, target in files.values():
            self.path.write_bytes(data)
            if target is None:
                with pytest.raises(tg.errors.LoadError):
                    tg.load(self.path)
            else:
                assert same(target, tg.load(self.path))
        for data in (b"", b"PK", b"\x93NUMPY"):
            self.path.write_bytes(data)
            with pytest.raises(tg.errors.LoadError):
                tg.load(self.path)

    def load(self, data: bytes) -> Any:
        """What a file holds, or None after an error of the right kind."""
        self.path.write_bytes(data)
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        loaded, error = None, None
        noted[0] = seen = []
        try:
            loaded = tg.load(self.path)
        except tg.errors.LoadError as raised:
            error = raised
        finally:
            noted[0] = None
        self.outcomes[error.code or "" if error else "loaded"] += 1
        assert error is None or error.fix
        taken = tracemalloc.get_traced_memory()[1] - before
        # A zip file may claim what it is allowed to; nothing here is larger than its file.
        assert taken < (1 << 20) + 40 * len(data), f"{taken} bytes for a file of {len(data)}"
        assert not seen, seen
        assert not ran, "a pickle was unpacked"
        return loaded


@pytest.fixture(scope="module")
def audited() -> None:
    sys.addaudithook(_watch)  # stays; without a list to note in, it does nothing


def changed_bytes(folder: Path, count: int, seed: int) -> Counter[str]:
    files = corpus(folder)
    watched = Watched(folder, files)
    rng = random.Random(seed)
    try:
        for _ in range(count):
            name = rng.choice(list(files))
            other = files[rng.choice(list(files))][0]
            loaded = watched.load(mutated(files[name][0], rng, other))
            if loaded is None:
                continue
            # That format has no checksum. Without a manifest, or if the key of the manifest is what
            # was changed, there are other names and other numbers.
            unsigned = (
                name.endswith(".safetensors")
                and isinstance(loaded, dict)
                and all(isinstance(array, np.ndarray) for array in loaded.values())
            )
            assert unsigned or any(same(target, loaded) for _, target in files.values()), name
    finally:
        tracemalloc.stop()
    return watched.outcomes


def changed_descriptions(folder: Path, count: int, seed: int) -> Counter[str]:
    files = corpus(folder)
    path = folder / "model.npz"
    contents = tg.nn.saving.storage.read(path)  # type: ignore[attr-defined]
    watched = Watched(folder, files)
    rng = random.Random(seed)
    try:
        for k in range(count):
            text = manifest(contents.arrays, rewritten(contents.tree, rng))
            data = npz(contents.arrays, text)
            if k % 3 == 0:
                data = in_safetensors(contents.arrays, text)
            loaded = watched.load(data)
            if loaded is not None:
                assert isinstance(loaded, nn.Module)
                assert loaded.state_dict().keys() <= contents.arrays.keys()
                loaded.train().eval()
    finally:
        tracemalloc.stop()
    return watched.outcomes


def in_safetensors(arrays: dict[str, np.ndarray], text: bytes) -> bytes:
    header: dict[str, Any] = {"__metadata__": {"tinygrad_edu": text.decode()}}
    data = b""
    for name, array in arrays.items():
        end = len(data) + array.nbytes
        kind = {"float32": "F32", "float64": "F64"}[array.dtype.name]
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [len(data), end]}
        data += array.tobytes()
    return safetensors(header, data)


def test_a_file_changed_by_chance_is_refused_or_loaded_as_it_was(
    tmp_path: Path, audited: None
) -> None:
    outcomes = changed_bytes(tmp_path, 400, seed=0)
    assert outcomes.keys() >= {"loaded", "TG-F03", "TG-F04", "TG-F05"}


def test_a_description_changed_on_purpose_is_refused_or_a_model(
    tmp_path: Path, audited: None
) -> None:
    assert changed_descriptions(tmp_path, 100, seed=0).keys() >= {"loaded", "TG-F04"}


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(4))
def test_many_files_changed_by_chance(tmp_path: Path, audited: None, seed: int) -> None:
    print(changed_bytes(tmp_path, 5000, seed=1 + seed))


@pytest.mark.thorough
def test_many_descriptions_changed_on_purpose(tmp_path: Path, audited: None) -> None:
    print(changed_descriptions(tmp_path, 5000, seed=1))
