"""Recorders: what they keep is what the model said then, and a run is the same with them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.explorables.runs import classifier, game
from tests.training.test_resume import Cut
from tinygrad_edu import data, nn, training


def fitted(*callbacks: training.Callback, epochs: int = 5, **settings: Any) -> nn.Module:
    x, y = data.xor(24, rng=0)
    model = nn.Sequential(
        nn.Linear(2, 4, rng=0), nn.Tanh(), nn.Dropout(0.2), nn.Linear(4, 2, rng=1)
    )
    training.fit(
        model, (x, y), nn.CrossEntropyLoss(), nn.optim.Adam(model, lr=0.1), epochs=epochs,
        batch_size=8, callbacks=callbacks, progress=False, rng=0, **settings,
    )  # fmt: skip
    return model


@pytest.fixture
def recorder() -> training.FieldRecorder:
    return training.FieldRecorder(*data.xor(24, rng=0), points=8)


def test_fields_are_what_the_units_say_of_each_place(recorder: training.FieldRecorder) -> None:
    model: Any = fitted(recorder).eval()
    last = recorder.frames[-1]
    (low, high), (left, right) = recorder.region[1], recorder.region[0]
    rows, columns = np.meshgrid(np.arange(8), np.arange(8), indexing="ij")
    for row, column in zip(rows.ravel(), columns.ravel(), strict=True):
        x = left + (right - left) * (column + 0.5) / 8
        y = low + (high - low) * (row + 0.5) / 8
        point = np.array([x, y], np.float32)
        assert last["output"][:, row, column] == pytest.approx(model(point).data, abs=1e-5)
    # A place of a hidden unit is the mean of four.
    places = [(left + (right - left) * (c + 0.5) / 8, low + (high - low) * (r + 0.5) / 8)
              for r in (2, 3) for c in (6, 7)]  # fmt: skip
    mean = np.mean([np.tanh(model[0](np.array(p, np.float32)).data) for p in places], axis=0)
    assert last["fields"][0][:, 1, 3] == pytest.approx(mean, abs=1e-5)
    assert last["weights"][0] == pytest.approx(model[0].weight.data)
    assert last["biases"][1] == pytest.approx(model[3].bias.data)


def test_a_recorder_changes_nothing_in_a_run(recorder: training.FieldRecorder) -> None:
    without, with_it = fitted(), fitted(recorder, training.ShadesRecorder([1.0, 0.0]))
    for name, value in without.state_dict().items():
        np.testing.assert_array_equal(value, with_it.state_dict()[name])


def test_frames_are_evenly_spaced_however_long_the_run_is() -> None:
    for epochs in (1, 7, 8, 9, 30, 100):
        recorder = training.FieldRecorder(*data.xor(24, rng=0), points=8, frames=8)
        fitted(recorder, epochs=epochs)
        at = [frame["at"] for frame in recorder.frames]
        assert (at[0], at[-1]) == (0, epochs)
        assert len(at) <= 9
        assert len({b - a for a, b in pairwise(at[:-1])}) <= 1
        assert recorder.ended


def test_a_run_that_is_cut_off_is_not_ended() -> None:
    cut = classifier(cut=3)
    assert not cut.ended
    assert [frame["at"] for frame in cut.frames] == [0, 1, 2]


def test_a_resumed_run_has_the_frames_of_before(tmp_path: Any) -> None:
    whole = training.FieldRecorder(*data.xor(24, rng=0), points=8)
    fitted(whole)
    place = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        parts = training.FieldRecorder(*data.xor(24, rng=0), points=8)
        fitted(parts, Cut(8), checkpoint=place)
    again = training.FieldRecorder(*data.xor(24, rng=0), points=8)
    fitted(again, Cut(10**9), checkpoint=place, resume=True)
    assert [frame["at"] for frame in again.frames] == [frame["at"] for frame in whole.frames]
    for one, other in zip(again.frames, whole.frames, strict=True):
        np.testing.assert_array_equal(one["output"], other["output"])


@pytest.mark.parametrize("form", ["classes", "column", "signs", "one-hot"])
def test_classes_are_read_from_every_form_of_target(form: str) -> None:
    x, y = data.xor(24, rng=0)
    forms = {
        "classes": y, "column": y[:, None].astype(float), "signs": 2 * y - 1,
        "one-hot": np.eye(2)[y],
    }  # fmt: skip
    np.testing.assert_array_equal(training.FieldRecorder(x, forms[form]).classes, y)


def test_bad_arguments_are_refused() -> None:
    x, y = data.xor(24, rng=0)
    with pytest.raises(tg.errors.ShapeError, match="two features"):
        training.FieldRecorder(np.ones((4, 3)), np.ones(4))
    with pytest.raises(tg.errors.ArgumentError, match="whole numbers"):
        training.FieldRecorder(x, y + 0.5)
    with pytest.raises(tg.errors.ArgumentError, match="even number"):
        training.FieldRecorder(x, y, points=9)
    with pytest.raises(tg.errors.ArgumentError, match="frames=1"):
        training.FieldRecorder(x, y, frames=1)
    with pytest.raises(tg.errors.ShapeError, match="real points"):
        training.GANRecorder(np.ones((4, 2)))
    with pytest.raises(tg.errors.ArgumentError, match="two players"):
        fitted(training.GANRecorder(np.ones((8, 2))))


# The game


def test_a_frame_of_a_game_is_one_step_in_five_parts() -> None:
    recorder = game()
    *steps, end = recorder.frames
    assert end["end"]
    assert end["at"] == 24
    for k, frame in enumerate(steps):
        assert frame["at"] == k
        assert [len(frame[name]) for name in ("made", "field", "scores")] == [2, 2, 2]
        before, after, weak, strong = frame["losses"]
        assert after < before  # the discriminator's step pays on the whole
        assert np.isfinite([weak, strong]).all()
        # What was made at the end of a step is there when the next begins.
        following = recorder.frames[k + 1]
        np.testing.assert_array_equal(frame["made"][1], following["made"][0])
        np.testing.assert_array_equal(frame["field"][1], following["field"][0])


def test_pulls_go_where_the_generator_loses_less() -> None:
    recorder = game()
    frame = recorder.frames[5]
    assert frame["pulls"].shape == (32, 2)
    # Uphill on the discriminator's map, whose numbers lie at the middles of its places.
    (left, right), (low, high) = recorder.region
    field, side = frame["field"][1], len(frame["field"][1])
    rising, right_of = np.gradient(field, (high - low) / side, (right - left) / side)
    x = np.clip((frame["made"][0][:, 0] - left) / (right - left) * side, 0, side - 1).astype(int)
    y = np.clip((frame["made"][0][:, 1] - low) / (high - low) * side, 0, side - 1).astype(int)
    slope = np.stack([right_of[y, x], rising[y, x]], axis=1)
    assert np.mean((slope * frame["pulls"]).sum(axis=1) > 0) > 0.9


def test_shades_are_the_networks_of_draw_network() -> None:
    recorder = training.ShadesRecorder([1.0, -1.0])
    model: Any = fitted(recorder)
    last = recorder.frames[-1]["network"]
    assert last.columns[-1].values == pytest.approx(
        model.eval()(np.array([1.0, -1.0], np.float32)).data, abs=1e-6
    )
    assert recorder.frames[0]["loss"] is None
    assert recorder.frames[-1]["loss"] > 0
