"""Files of arrays: what goes in comes out, others can read it, and the same bytes each time."""

from __future__ import annotations

import os
import pickle
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

import tinygrad_edu as tg
from tinygrad_edu import storage
from tinygrad_edu.storage.numbers_only import TYPES

pytestmark = pytest.mark.once  # what no version of Python changes

SUFFIXES = (".npz", ".safetensors")
both = pytest.mark.parametrize("suffix", SUFFIXES)

names = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20).filter(
    lambda name: name != "__metadata__"
)
types = st.builds(
    lambda order, kind: np.dtype(order + kind), st.sampled_from("<>"), st.sampled_from(TYPES)
)


@st.composite
def arrays(draw: Any) -> np.ndarray:
    """Of every type that files hold; rows, columns, every second number, no numbers, one number."""
    array = draw(hnp.arrays(draw(types), hnp.array_shapes(min_dims=0, min_side=0, max_side=3)))
    way = draw(st.sampled_from(["rows", "columns", "turned", "thinned"]))
    if way == "columns":
        return np.asfortranarray(array)
    if way == "turned":
        return array.T
    return array[..., ::2] if way == "thinned" and array.ndim else array


def same(given: np.ndarray, found: np.ndarray) -> None:
    assert found.dtype == given.dtype.newbyteorder("=")
    assert found.dtype.isnative
    assert found.shape == given.shape
    assert found.tobytes() == np.asarray(given, found.dtype).tobytes()
    assert found.flags.writeable


@both
@settings(max_examples=30)
@given(contents=st.dictionaries(names, arrays(), max_size=4))
def test_arrays_come_back_as_they_were(suffix: str, contents: dict[str, np.ndarray]) -> None:
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
        contents = {k: a for k, a in contents.items() if a.dtype.itemsize < 16}
    with tempfile.TemporaryDirectory() as folder:
        path = storage.write(Path(folder, "arrays" + suffix), contents)
        found = storage.read(path)
        assert (found.kind, found.tree) == ("", None)
        assert sorted(found.arrays) == sorted(contents)
        for name, array in contents.items():
            same(array, found.arrays[name])
        if suffix == ".npz":
            assert list(found.arrays) == list(contents)
            with np.load(path, allow_pickle=False) as others:
                assert others.files == list(contents)
                for name, array in contents.items():
                    np.testing.assert_array_equal(others[name], array)


@settings(max_examples=30)
@given(
    contents=st.dictionaries(names, arrays(), max_size=4),
    how=st.sampled_from([np.savez, np.savez_compressed]),
)
def test_what_numpy_wrote_is_read(contents: dict[str, np.ndarray], how: Any) -> None:
    contents.pop("file", None)  # the name of an argument
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "arrays.npz")
        how(path, **contents)
        found = storage.read(path).arrays
    assert list(found) == list(contents)
    for name, array in contents.items():
        same(array, found[name])


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), arrays().map(np.array)
)
nests = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.one_of(st.text(), st.integers()), inner, max_size=3),
    ),
    max_leaves=10,
)


def equal(given: Any, found: Any) -> bool:
    if isinstance(given, np.ndarray):
        same(given, found)
        return True
    if type(given) is not type(found):
        return False
    if isinstance(given, dict):
        return list(given) == list(found) and all(equal(given[key], found[key]) for key in given)
    if isinstance(given, (list, tuple)):
        return len(given) == len(found) and all(map(equal, given, found))
    return bool(given == found) or (given != given and found != found)


@settings(max_examples=50)
@given(nest=nests)
def test_a_nest_comes_back_with_its_types(nest: Any) -> None:
    held: dict[str, np.ndarray] = {}
    tree = storage.pack(nest, held)
    found = {name: np.asarray(a, a.dtype.newbyteorder("=")) for name, a in held.items()}
    assert equal(nest, storage.unpack(tree, found))


def test_numbers_of_numpy_become_pythons() -> None:
    tree = storage.pack({"a": np.float32(0.5), "b": np.int64(3), "c": np.bool_(True)}, {})
    assert storage.unpack(tree, {}) == {"a": 0.5, "b": 3, "c": True}


def test_two_arrays_at_paths_that_read_alike_stay_two() -> None:
    held: dict[str, np.ndarray] = {}
    nest = {"a": {"b": np.array([1.0])}, "a.b": np.array([2.0]), "a.b_": np.array([3.0])}
    assert equal(nest, storage.unpack(storage.pack(nest, held), held))
    assert len(held) == 3


@both
def test_the_same_contents_are_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
    code = (
        "import sys, numpy as np\n"
        "from tinygrad_edu import storage\n"
        "arrays = {name: np.arange(5.0) for name in 'zyxwabc'}\n"
        "storage.write(sys.argv[1], arrays, 'state', {'dict': [['a', 1]]})\n"
    )
    seen = set()
    for seed in "12":
        path = tmp_path / seed / f"file{suffix}"
        path.parent.mkdir()
        subprocess.run(
            [sys.executable, "-c", code, str(path)],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}"},
            cwd=Path(tg.__file__).parent.parent,
        )
        seen.add(path.read_bytes())
    assert len(seen) == 1


@both
def test_a_name_ending_does_not_decide_how_a_file_is_read(tmp_path: Path, suffix: str) -> None:
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
    path = storage.write(tmp_path / f"file{suffix}", {"w": [1.0]})
    assert storage.read(path.rename(tmp_path / "renamed.bin")).arrays == {"w": np.array([1.0])}


def test_a_file_gets_the_rights_that_files_get(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    path = storage.write(tmp_path / "new.npz", {})
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
    path.chmod(0o640)
    storage.write(path, {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.npz", tmp_path / "link.npz"
    storage.write(real, {"w": [1.0]})
    link.symlink_to(real)
    storage.write(link, {"w": [2.0]})
    assert link.is_symlink()
    assert storage.read(real).arrays["w"] == 2.0


# What cannot be written


@pytest.mark.parametrize(
    "call, kind, said",
    [
        (lambda p: storage.write(p / "a.txt", {}), tg.errors.ArgumentError, "'.txt'"),
        (lambda p: storage.write(p / "a", {}), tg.errors.ArgumentError, "'no suffix'"),
        (lambda p: storage.write(3, {}), tg.errors.ArgumentError, "got int"),
        (lambda p: storage.write("a\0.npz", {}), tg.errors.ArgumentError, "no path"),
        (lambda p: storage.write({"w": 1}, "a.npz"), tg.errors.ArgumentError, "second"),
        (lambda p: storage.write(p / "a.npz", {3: [1.0]}), tg.errors.ArgumentError, "3 cannot"),
        (lambda p: storage.write(p / "a.npz", {"\ud800": [1.0]}), tg.errors.ArgumentError, "name"),
        (lambda p: storage.write(p / "a.npz", {"\0": [1.0]}), tg.errors.ArgumentError, "name"),
        (lambda p: storage.write(p / "a.npz", {"n" * 1001: []}), tg.errors.ArgumentError, "1000"),
        (lambda p: storage.write(p / "a.npz", {"w": "text"}), tg.errors.DTypeError, "number"),
        (lambda p: storage.write(p / "a.npz", {"w": [None]}), tg.errors.DTypeError, "number"),
        (lambda p: storage.write(p / "no" / "a.npz", {}), tg.errors.FileError, "no folder"),
        (lambda p: storage.pack({"a": object()}, {}), tg.errors.ArgumentError, "a is a object"),
        (lambda p: storage.pack({None: 1}, {}), tg.errors.ArgumentError, "key None"),
        (lambda p: storage.pack({"a": 1 << 2000}, {}), tg.errors.ArgumentError, "a is a int"),
        (lambda p: storage.pack({"a": {1, 2}}, {}), tg.errors.ArgumentError, "a is a set"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused_and_nothing_is_left(
    tmp_path: Path, call: Any, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        call(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(np.longdouble(0).dtype.itemsize == 8, reason="has no longer numbers")
def test_numbers_of_one_machine_are_refused(tmp_path: Path) -> None:
    with pytest.raises(tg.errors.DTypeError, match="machine") as caught:
        storage.write(tmp_path / "a.npz", {"w": np.zeros(2, np.longdouble)})
    assert caught.value.fix == "x.astype(np.float64)"


def test_complex128_needs_npz(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    with pytest.raises(tg.errors.DTypeError, match="cannot hold"):
        storage.write(tmp_path / "a.safetensors", {"w": [1j]})
    assert list(tmp_path.iterdir()) == []


def test_a_nest_that_contains_itself_is_refused() -> None:
    nest: list[Any] = []
    nest.append(nest)
    with pytest.raises(tg.errors.ArgumentError, match="deeper"):
        storage.pack({"nest": nest}, {})


def test_more_than_two_gibibytes_do_not_go_into_an_npz(tmp_path: Path) -> None:
    large = np.broadcast_to(np.float32(0.0), (1 << 29,))
    with pytest.raises(tg.errors.ArgumentError, match="2 GiB") as caught:
        # As stored, it would be copied; what is asked here is only the sum.
        storage.container._fits(tmp_path / "a.npz", {"w": large})
    assert ".safetensors" in caught.value.fix


def test_more_arrays_than_can_be_read_again_are_not_written(tmp_path: Path) -> None:
    one = np.zeros(())
    with pytest.raises(tg.errors.ArgumentError, match="40000 arrays"):
        storage.write(tmp_path / "a.npz", {f"w{k}": one for k in range(40_000)})
    path = storage.write(tmp_path / "a.npz", {f"w{k}": one for k in range(1000)})
    assert len(storage.read(path).arrays) == 1000


def test_a_long_list_of_numbers_is_asked_for_as_an_array(tmp_path: Path) -> None:
    history = [k / 7 for k in range(150_000)]
    with pytest.raises(tg.errors.ArgumentError, match="plain numbers") as caught:
        storage.write(tmp_path / "a.npz", {}, "state", history)
    np_asarray = eval(caught.value.fix, {"np": np, "history": history})
    assert storage.pack({"history": np_asarray}, {}) == {
        "dict": [["history", {"array": "history"}]]
    }


def test_without_its_package_a_safetensors_file_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    for call in (
        lambda: storage.write(tmp_path / "a.safetensors", {"w": [1.0]}),
        lambda: storage.read(tmp_path / "b"),
    ):
        (tmp_path / "b").write_bytes(b"\x02" + bytes(7) + b"{}")
        with pytest.raises(tg.errors.MissingDependency, match="not installed") as caught:
            call()
        assert caught.value.fix == 'pip install "tinygrad_edu[io]"'
        assert caught.value.code == "TG-F07"
    assert [each.name for each in tmp_path.iterdir()] == ["b"]


def test_errors_of_files_travel_between_processes(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        storage.read(tmp_path / "none.npz")
    assert isinstance(caught.value, tg.errors.FileError)
    assert (
        str(pickle.loads(pickle.dumps(caught.value))).splitlines()[0]
        == str(caught.value).splitlines()[0]
    )
