"""Films: as many pictures as they say, the same bytes each time, and refusals in words."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, plots, training

pytest.importorskip("matplotlib")
from PIL import Image, ImageSequence

ROWS = [{"epoch": k, "loss": 1 / k, "val_loss": 0.1 + 1 / k} for k in range(1, 6)]


def pictures(gif: bytes) -> list[Any]:
    film = Image.open(io.BytesIO(gif))
    return [np.asarray(frame.convert("RGB")).copy() for frame in ImageSequence.Iterator(film)]


@pytest.fixture
def recorder() -> training.ShadesRecorder:
    model = nn.MLP((2, 3, 1), activation="tanh", rng=0)
    recorder = training.ShadesRecorder([1.0, -1.0])
    training.fit(
        model, ([[1.0, -1.0]], [[1.0]]), nn.MSELoss(), nn.optim.SGD(model, lr=0.1), epochs=3,
        callbacks=[recorder], progress=False,
    )  # fmt: skip
    return recorder


def test_a_history_grows_from_picture_to_picture() -> None:
    film = plots.animated_history(ROWS)
    assert film.frames == 5
    shown = []
    for k in range(5):
        film._draw(k)
        axes = film.figure.axes[0]
        shown.append([len(line.get_xdata()) for line in axes.get_lines()])
        assert axes.get_title(loc="left").startswith(f"Epoch {k + 1}: loss {1 / (k + 1):.3g}")
    assert shown == [[k + 1, k + 1, 1, 1] for k in range(5)]


def test_films_are_the_same_bytes_each_time(recorder: training.ShadesRecorder) -> None:
    for make in (lambda: plots.animated_history(ROWS), lambda: plots.network_shades(recorder)):
        first, second = (make().render(dpi=50) for _ in range(2))
        assert first == second
        seen = pictures(first)
        assert len(seen) >= 4
        assert any((a != b).any() for a, b in pairwise(seen))


def test_history_animates_itself(tmp_path: Any) -> None:
    place = training.History(ROWS).animate(tmp_path / "train.gif", ["loss"], seconds=1)
    assert place.read_bytes().startswith(b"GIF89a")
    assert place.stat().st_size < 200_000


def test_shades_say_epoch_and_loss_above_the_network(recorder: training.ShadesRecorder) -> None:
    film = plots.network_shades(recorder)
    assert film.frames == 4
    assert recorder.frames[0]["network"].notes == ()  # what was recorded is not changed


def test_pictures_by_epoch_are_a_film_too() -> None:
    model = nn.MLP((2, 3, 1), activation="tanh", rng=0)
    film = {epoch: tg.draw_network(model, np.full(2, epoch, np.float32)) for epoch in (0, 10)}
    assert plots.network_shades(film).frames == 2


def test_what_cannot_be_a_film_is_refused(recorder: Any, tmp_path: Any) -> None:
    errors = tg.errors.ArgumentError
    with pytest.raises(errors, match="no column"):
        plots.animated_history(ROWS, ["accuracy"])
    with pytest.raises(errors, match="seconds=0"):
        plots.animated_history(ROWS, seconds=0)
    with pytest.raises(errors, match="written as"):
        plots.animated_history(ROWS).save(tmp_path / "train.mp4")
    with pytest.raises(errors, match="no networks recorded"):
        plots.network_shades(training.ShadesRecorder([1.0]))
    with pytest.raises(errors, match="theme"):
        plots.network_shades(recorder, theme="pink")
