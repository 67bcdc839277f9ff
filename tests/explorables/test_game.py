"""The game as a file: parts of a step, modes counted by hand, and words for who wins."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.explorables.runs import classifier, game
from tests.explorables.test_training_replay import film, opened
from tinygrad_edu.explorables import gan_replay
from tinygrad_edu.explorables.verdicts import of_game

CORNERS = np.array([[2.0, 0.0], [0.0, 2.0], [-2.0, 0.0], [0.0, -2.0]])


def test_numbers_of_a_page_are_those_of_the_game() -> None:
    recorder = game()
    page = gan_replay(recorder, modes=CORNERS)
    data, numbers = opened(page)
    assert data["steps"] == 24
    assert data["at"] == list(range(25))
    assert data["reach"] == pytest.approx(np.sqrt(8) / 4, abs=1e-3)
    maps = film(numbers, data["field"], data["fields"]).reshape(-1, 12, 12)
    assert len(maps) == 2 * 24 + 1
    score = recorder.frames[7]["field"][1]
    np.testing.assert_allclose(maps[15] / 100, np.tanh(score / 2), atol=0.0051)
    start, length = data["made"]
    made = np.frombuffer(numbers[start : start + length], "<f4").reshape(-1, 32, 2)
    np.testing.assert_allclose(made[15], recorder.frames[7]["made"][1], rtol=1e-6)
    assert data["losses"][7] == pytest.approx(recorder.frames[7]["losses"], rel=1e-3)
    assert page.html == gan_replay(recorder, modes=CORNERS).html
    assert len(page.html) < 200_000


@pytest.mark.parametrize("loss", ["hinge", "wasserstein", "least_squares"])
def test_other_games_are_shown_too(loss: str) -> None:
    data, _ = opened(gan_replay(game(loss, 1)))
    assert not data["logistic"]
    assert data["modes"] == []
    assert "modes" not in data["said"][0][0]


def told(points: Any, real: Any, fake: Any, kind: str = "nonsaturating") -> Any:
    recorder: Any = SimpleNamespace(kind=kind)
    frame = {"made": [np.asarray(points)], "scores": [(np.asarray(real), np.asarray(fake))]}
    return of_game(recorder, frame, 0, CORNERS, 0.5)


def test_who_wins_and_which_modes_are_covered_is_counted() -> None:
    near = np.repeat(CORNERS, 4, axis=0) + 0.2
    said = told(near, [1.0, 2.0], [-1.0, -2.0])
    assert (said["who"], said["count"], said["covered"]) == ("discriminator wins", 4, [1] * 4)
    assert said["words"].startswith("The discriminator wins: it tells 100% of real")
    said = told(CORNERS[[1] * 16], [1.0, -1.0], [1.0, -1.0])
    assert (said["who"], said["count"], said["covered"]) == ("fooled", 1, [0, 1, 0, 0])
    assert said["modes"].startswith("Mode collapse: 1 of 4 modes")
    assert told(near, [1.0, 1.0, -1.0], [-1.0])["who"] == "balanced"
    assert told(near, [np.nan], [0.0])["who"] == "diverged"
    # Far from everything is no collapse.
    assert told(near + 9, [1.0], [-1.0])["modes"].startswith("0 of 4 modes")
    # A probability's border is a half.
    assert told(near, [0.9], [0.1], "least_squares")["who"] == "discriminator wins"


def test_what_is_no_game_is_refused() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="no GANRecorder"):
        gan_replay(classifier())
    with pytest.raises(tg.errors.ArgumentError, match="recorded nothing"):
        gan_replay(tg.training.GANRecorder(np.ones((8, 2))))
    with pytest.raises(tg.errors.ShapeError, match="no points of the plane"):
        gan_replay(game(), modes=[1.0, 2.0])
