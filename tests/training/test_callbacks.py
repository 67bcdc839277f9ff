"""Callbacks: what they do, and that a run cut short with them ends with the same bits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.training.a_run import EPOCHS, trained
from tests.training.test_resume import Cut, same
from tinygrad_edu import nn, training


class Told(training.Callback):
    """Makes a column of the history what a test wants; stands before what reads it."""

    def __init__(self, *values: float) -> None:
        self.values = values
        self.weights: list[Any] = []

    def on_epoch(self, run: training.Run) -> None:
        run.history.rows[-1]["told"] = self.values[run.epoch - 1]
        self.weights.append(run.model.state_dict())


def fitted(*callbacks: training.Callback, epochs: int = 9) -> tuple[nn.Module, training.History]:
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.BatchNorm1d(2), nn.Linear(2, 1, rng=1))
    x = np.random.default_rng(0).normal(size=(8, 2))
    history = training.fit(
        model, (x, x[:, :1]), nn.MSELoss(), nn.optim.SGD(model, lr=0.01), epochs=epochs,
        callbacks=callbacks, progress=False, rng=0,
    )  # fmt: skip
    return model, history


@pytest.mark.parametrize(
    "values, options, epochs, best",
    [
        ((3, 2, 2, 1, 5, 5, 5, 5, 5), {"patience": 2}, 6, 4),
        ((3, 2, 2, 1, 5, 5, 5, 5, 5), {"patience": 2, "mode": "max"}, 3, 1),
        ((3, 2.9, 2.8, 2.7, 2.6, 0, 0, 0, 0), {"patience": 3, "min_delta": 0.25}, 9, 6),
        ((3, 3, 3, 3, 3, 3, 3, 3, 3), {"patience": 9}, 9, 1),
        ((np.nan, 2, np.nan, np.nan, 1, 1, 1, 1, 1), {"patience": 2}, 4, 2),
        ((np.nan,) * 9, {"patience": 3}, 3, 0),
    ],
)
def test_a_run_stops_when_its_best_epoch_is_long_ago(
    values: Any, options: Any, epochs: int, best: int
) -> None:
    told, early = Told(*values), training.EarlyStopping("told", **options)
    model, history = fitted(told, early)
    assert (len(history), early.best_epoch) == (epochs, best)
    assert (history.stopped is None) == (
        epochs == 9 and best > 0 and epochs - best < early.patience
    )
    same(model.state_dict(), told.weights[best - 1])  # the last ones where there is no best


def test_without_restoring_the_last_weights_stay() -> None:
    told = Told(1, 2, 3, 4)
    model, history = fitted(
        told, training.EarlyStopping("told", patience=2, restore_best=False), epochs=4
    )
    same(model.state_dict(), told.weights[2])
    assert history.stopped == "told was not better than 1 of epoch 1 for 2 epochs"


def test_the_best_weights_come_back_and_lie_in_a_file(tmp_path: Path) -> None:
    told = Told(2, 1, 3)
    path = tmp_path / "best.npz"
    model, history = fitted(told, training.BestWeights("told", path=path), epochs=3)
    assert len(history) == 3
    same(model.state_dict(), told.weights[1])
    same(tg.load(path), told.weights[1])


def test_a_callback_begins_anew_with_a_new_run() -> None:
    best = training.BestWeights("told")
    fitted(Told(1, 1), best, epochs=2)
    model, _ = fitted(told := Told(7, 5), best, epochs=2)
    assert best.best == 5
    same(model.state_dict(), told.weights[1])


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="val_loss"):
        fitted(training.EarlyStopping())


def test_settings_outside_their_range_are_refused(tmp_path: Path) -> None:
    for make, match in (
        (lambda: training.EarlyStopping(patience=0), "patience=0"),
        (lambda: training.EarlyStopping(mode="least"), "mode='least'"),
        (lambda: training.BestWeights(min_delta=-1.0), "min_delta"),
        (lambda: training.SavedModels(tmp_path / "model.npz"), "same for all epochs"),
        (lambda: training.SavedModels("{epoch}.npz", keep=0), "keep=0"),
    ):
        with pytest.raises(tg.errors.ArgumentError, match=match):
            make()


def test_only_the_last_saved_models_are_kept(tmp_path: Path) -> None:
    told = Told(*range(7))
    fitted(told, training.SavedModels(tmp_path / "{epoch:02}.npz", every=2, keep=2), epochs=7)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["04.npz", "06.npz"]
    same(tg.load(tmp_path / "04.npz"), told.weights[3])


def callbacks(folder: Path) -> list[training.Callback]:
    return [
        training.EarlyStopping("val_loss", patience=1, min_delta=0.02, path=folder / "e.npz"),
        training.BestWeights("loss", mode="max", path=folder / "best.npz"),
        training.SavedModels(folder / "model-{epoch}.npz", every=1, keep=2),
        training.CSVLog(folder / "log.csv"),
        training.JSONLog(folder / "log.jsonl"),
    ]


def files(folder: Path) -> dict[str, Any]:
    texts = {path.name: path.read_text() for path in sorted(folder.glob("log*"))}
    return {**texts, **{path.name: tg.load(path) for path in sorted(folder.glob("*[!g].npz"))}}


class CutAtEpoch(training.Callback):
    """Ends a run after an epoch is logged, and before it is in a checkpoint."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_epoch(self, run: training.Run) -> None:
        if run.epoch == self.epoch:
            raise KeyboardInterrupt


@pytest.mark.parametrize("cut", [Cut(1), Cut(8), Cut(13), CutAtEpoch(1), CutAtEpoch(2), Cut(20)])
def test_a_run_cut_with_all_callbacks_ends_with_the_same_bits_and_files(
    cut: training.Callback, tmp_path: Path
) -> None:
    whole, parts, other = (tmp_path / name for name in ("whole", "parts", "other"))
    for folder in (whole, parts, other):
        folder.mkdir()
    expected = trained(callbacks=callbacks(whole))
    assert 1 < len(expected[2]) <= EPOCHS
    checkpoint = other / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        trained(checkpoint, callbacks=[*callbacks(parts), cut])
    same(trained(checkpoint, resume=True, callbacks=callbacks(parts)), expected)
    same(files(parts), files(whole))


def test_a_torn_line_of_a_log_is_mended(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "run.npz", callbacks=[training.JSONLog(log), Cut(16)])
    log.write_text(log.read_text() + '{"epoch": 3, "lo')
    rows = trained(tmp_path / "run.npz", resume=True, callbacks=[training.JSONLog(log)])[2]
    assert [json.loads(line) for line in log.read_text().splitlines()] == rows


def test_columns_that_come_later_get_into_the_head_of_the_table(tmp_path: Path) -> None:
    class Late(training.Callback):
        def on_epoch(self, run: training.Run) -> None:
            if run.epoch > 1:
                run.history.rows[-1]["late"] = float("nan")

    fitted(
        Late(), training.CSVLog(tmp_path / "a.csv"), training.JSONLog(tmp_path / "a.jsonl"),
        epochs=3,
    )  # fmt: skip
    lines = [line.split(",") for line in (tmp_path / "a.csv").read_text().splitlines()]
    assert [line[-1] for line in lines] == ["late", "", "nan", "nan"]
    assert json.loads((tmp_path / "a.jsonl").read_text().splitlines()[2])["late"] is None
