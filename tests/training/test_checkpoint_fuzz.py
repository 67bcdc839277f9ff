"""Changed checkpoints: an error of the library's own and a model as before, or a run that goes on.

Over 6000 in the thorough group, for two kinds of runs and of changes; a hundred by default.
"""

from __future__ import annotations

import copy
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.data.test_files_fuzz import changed
from tests.training.a_run import Counting
from tests.training.test_resume import Cut, same
from tinygrad_edu import nn, training

pytestmark = pytest.mark.once  # what no version of Python changes

RNG = np.random.default_rng(0)
X, Y = np.float32(RNG.normal(size=(12, 3))), np.arange(12) % 2


def goes_on(path: Path, *, at: int | None = None, resume: bool = True) -> Any:
    """A run with momentum, a schedule that waits, dropout, early stopping, and a callback."""
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Dropout(0.2, rng=1),
                          nn.Linear(4, 2, rng=2))  # fmt: skip
    optimizer = nn.optim.Adam(model, lr=0.01)
    before = model.state_dict()
    callbacks = [Counting(), training.BestWeights("loss"), training.Monitor(every=2, notes=False)]
    try:
        training.fit(
            model, (X, Y), nn.CrossEntropyLoss(), optimizer, epochs=3, batch_size=4,
            schedule=nn.optim.schedules.ReduceLROnPlateau(optimizer, patience=1), rng=3,
            callbacks=[*callbacks, *([] if at is None else [Cut(at)])], progress=False,
            checkpoint=path, checkpoint_every=1, resume=resume,
        )  # fmt: skip
    except tg.errors.LoadError:
        same(model.state_dict(), before)
        assert optimizer.steps == 0
        raise
    return model


def game_goes_on(path: Path, *, at: int | None = None, resume: bool = True) -> Any:
    """Two players."""
    maker, judge = nn.Linear(2, 2, rng=0), nn.Linear(2, 1, rng=1)
    optimizers = (nn.optim.Adam(maker, lr=0.01), nn.optim.SGD(judge, lr=0.01, momentum=0.9))
    training.fit_gan(
        maker, judge, X[:, :2], optimizers, noise=2, epochs=3, batch_size=4, checkpoint=path,
        checkpoint_every=1, progress=False, resume=resume, rng=0,
        callbacks=[] if at is None else [Cut(at)],
    )  # fmt: skip
    return maker


RUNS: dict[str, Callable[..., Any]] = {"fit": goes_on, "fit_gan": game_goes_on}
JUNK: list[Any] = [
    None, True, -1, 0, 3, 10**30, -0.5, float("nan"), float("inf"), 1e308, "", "x", [], [1], {},
    {"a": 1}, (), np.zeros(0), np.zeros((2, 2)), np.array(5), np.array(7.0, np.float32),
    np.full(3, np.nan), np.arange(4), np.array([True]),
]  # fmt: skip


def places(nest: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = nest.items() if isinstance(nest, dict) else enumerate(nest)
    found = []
    for name, part in parts:
        found.append((*way, name))
        if isinstance(part, (dict, list)):
            found += places(part, (*way, name))
    return found


def altered(state: Any, rng: np.random.Generator) -> Any:
    """A state with one or two of its parts lost, replaced or exchanged."""
    made = copy.deepcopy(state)
    for _ in range(rng.integers(1, 3)):
        ways = places(made)
        way, other = (ways[int(rng.integers(len(ways)))] for _ in range(2))
        holder, source = made, made
        for name in way[:-1]:
            holder = holder[name]
        match int(rng.integers(4)):
            case 0 if isinstance(holder, dict):
                del holder[way[-1]]
            case 1:
                for name in other:
                    source = source[name]
                holder[way[-1]] = copy.deepcopy(source)
            case 2 if isinstance(holder[way[-1]], np.ndarray):
                array = holder[way[-1]]
                holder[way[-1]] = (array.astype(np.float16), array[None], array * np.nan)[
                    int(rng.integers(3))
                ]
            case _:
                holder[way[-1]] = JUNK[int(rng.integers(len(JUNK)))]
    return made


def survive(kind: str, folder: Path, seeds: range, of: str) -> None:
    goes, path = RUNS[kind], folder / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        goes(path, at=5, resume=False)
    whole, state = path.read_bytes(), tg.load(path)
    goes(path)  # what is loaded late is loaded now
    refused = 0
    tracemalloc.start()
    try:
        for seed in seeds:
            rng = np.random.default_rng(seed)
            if of == "bytes":
                path.write_bytes(changed(whole, rng))
            else:
                tg.save(altered(state, rng), path)
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            try:
                goes(path)
            except tg.errors.TinygradError:
                refused += 1
            except Exception as error:
                raise AssertionError(f"seed {seed}") from error
            used = tracemalloc.get_traced_memory()[1] - before
            assert used < 8_000_000, (seed, used)
    finally:
        tracemalloc.stop()
    assert refused > len(seeds) / 10


@pytest.mark.parametrize("of", ["bytes", "parts"])
@pytest.mark.parametrize("kind", RUNS)
def test_a_changed_checkpoint_is_refused_or_goes_on(kind: str, of: str, tmp_path: Path) -> None:
    survive(kind, tmp_path, range(25), of)


@pytest.mark.thorough
@pytest.mark.parametrize("of", ["bytes", "parts"])
@pytest.mark.parametrize("kind", RUNS)
def test_thousands_of_changed_checkpoints_are_refused_or_go_on(
    kind: str, of: str, tmp_path: Path
) -> None:
    survive(kind, tmp_path, range(100, 2100 if of == "bytes" else 1300), of)


def archive() -> bytes:
    file = io.BytesIO()
    np.savez(file, model=np.zeros(3))
    return file.getvalue()


FOREIGN = {
    "nothing": b"", "text": b"epoch,loss\n1,0.5\n", "pickle": b"\x80\x04N.", "arrays": archive(),
    "zeros": bytes(5000), "picture": b"\x89PNG\r\n\x1a\n" + bytes(99),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    path.write_bytes(FOREIGN[name])
    with pytest.raises(tg.errors.LoadError):
        goes_on(path)
    assert path.read_bytes() == FOREIGN[name]


def test_the_state_of_another_kind_of_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    game_goes_on(path, resume=False)
    with pytest.raises(tg.errors.LoadError):
        goes_on(path)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.npz").mkdir()
    with pytest.raises(tg.errors.TinygradError):
        goes_on(tmp_path / "run.npz")
