"""What ``fit`` says unasked: the trouble, once, and nothing of sound runs."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from tests.training.sound_models import SOUND, blobs
from tinygrad_edu import nn, training
from tinygrad_edu.training import TrainNote, fit, fit_gan

pytestmark = pytest.mark.once  # what no version of Python changes


def said(run: Any) -> list[str]:
    """The notes of a run, and nothing but notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    assert all(issubclass(warning.category, TrainNote) for warning in caught)
    return [str(warning.message) for warning in caught]


def trained(model: Any, data: Any, loss: Any = None, lr: float = 1e-6, **options: Any) -> list[str]:
    settings = {"epochs": 3, "batch_size": 16, "progress": False, "rng": 0, **options}
    optimizer = settings.pop("optimizer", None) or nn.optim.SGD(model, lr=lr)
    return said(lambda: fit(model, data, loss or nn.CrossEntropyLoss(), optimizer, **settings))


def pictures() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (32, 1, 6, 6)).astype(np.uint8), rng.integers(0, 3, 32)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_bytes_of_pictures_are_told_to_be_divided(dtype: Any) -> None:
    x, y = pictures()
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 3, rng=0))
    notes = trained(model, (x.astype(dtype), y))
    assert len(notes) == 1
    assert "inputs are 0 to 255" in notes[0]
    assert "Write x / 255." in notes[0]


def test_columns_of_other_units_are_told_to_be_scaled() -> None:
    x, y = blobs(0)
    notes = trained(nn.MLP([4, 8, 3], rng=0), (x * [1, 900, 1, 1], y))
    assert len(notes) == 1
    assert "StandardScaler" in notes[0]


def test_a_dry_run_says_it_too() -> None:
    x, y = pictures()
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 3, rng=0))
    assert len(trained(model, (x, y), dry_run=True)) == 1


class Own(nn.Module):
    def __init__(self) -> None:
        self.inner = nn.Linear(36, 3, rng=0)

    def forward(self, x: Any) -> Any:
        return self.inner(x.reshape(len(x), 36) / 255)


@pytest.mark.parametrize(
    "make",
    [
        Own,
        lambda: nn.Sequential(Own(), nn.ReLU()),
        lambda: nn.Sequential(nn.Flatten(), nn.BatchNorm1d(36), nn.Linear(36, 3, rng=0)),
        lambda: nn.Sequential(nn.Flatten(), nn.LayerNorm(36), nn.Linear(36, 3, rng=0)),
    ],
)
def test_models_that_scale_themselves_hear_nothing(make: Any) -> None:
    x, y = pictures()
    assert trained(make(), (x.astype(np.float32), y)) == []


def test_numbers_of_symbols_are_no_sizes() -> None:
    model = nn.Sequential(nn.Embedding(500, 4, rng=0), nn.Flatten(), nn.Linear(8, 3, rng=0))
    x = np.random.default_rng(0).integers(400, 500, (32, 2))
    assert trained(model, (x, np.arange(32) % 3)) == []


def test_a_loss_that_grew_with_the_weights_is_said_once() -> None:
    x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    model = nn.Linear(1, 1, rng=0)
    notes = trained(model, (x, 3 * x), nn.MSELoss(), lr=1.15, epochs=9)
    assert len(notes) == 1
    assert "times as large" in notes[0]
    assert "lr=0.115 (now 1.15)" in notes[0]
    fresh, monitor = nn.Linear(1, 1, rng=0), training.Monitor(every=1, notes=False)
    assert trained(fresh, (x, 3 * x), nn.MSELoss(), lr=1.15, epochs=9, callbacks=[monitor]) == []


def test_a_loss_that_begins_near_zero_may_grow() -> None:
    x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    model = nn.init.apply(nn.Linear(1, 1, rng=0), "zeros")
    loss = lambda p, t: ((p - t) ** 2).mean() * 1e-9 + p.mean() ** 2  # noqa: E731
    assert trained(model, (x, 3 * x), loss, lr=0.1) == []


class Predicts(training.Callback):
    def __init__(self, event: str) -> None:
        setattr(self, event, self.look)

    def look(self, run: Any) -> None:
        run.model.eval()


@pytest.mark.parametrize("event", ["on_epoch", "on_step"])
def test_a_callback_that_leaves_the_model_in_evaluation_mode_is_told(event: str) -> None:
    dropped = nn.MLP([4, 8, 3], dropout=0.2, rng=0)
    notes = trained(dropped, blobs(0), callbacks=[Predicts(event)])
    assert len(notes) == 1
    assert f"after {event} the model is in evaluation mode" in notes[0]
    assert trained(nn.MLP([4, 8, 3], rng=0), blobs(0), callbacks=[Predicts(event)]) == []


def game(real: Any, end: Any) -> list[str]:
    maker = nn.Sequential(nn.Linear(2, 4, rng=0), *end)
    judge = nn.Linear(4, 1, rng=1)
    optimizers = (nn.optim.SGD(maker, lr=1e-6), nn.optim.SGD(judge, lr=1e-6))
    return said(lambda: fit_gan(maker, judge, real, optimizers, noise=2, progress=False, rng=0))


def test_samples_that_a_generator_cannot_make_are_said() -> None:
    real = np.random.default_rng(0).integers(0, 256, (40, 4)).astype(np.float32)
    notes = game(real, [nn.Tanh()])
    assert len(notes) == 1
    assert "ends in tanh, which gives -1 to 1. Write x / 127.5 - 1." in notes[0]
    assert "MinMaxScaler((0, 1))" in game(real - 300, [nn.Sigmoid()])[0]
    assert game(real / 127.5 - 1, [nn.Tanh()]) == []
    assert game(real, []) == []


PLAIN = [name for name in SOUND if name not in ("generator", "own_step")]


def run_of(name: str, seed: int) -> list[str]:
    (model, batch, loss, optimizer), _ = SOUND[name](seed)
    epochs = max(1, 80 // max(1, len(batch[1]) // 16))
    return trained(model, batch, loss, optimizer=optimizer, epochs=epochs)


@pytest.mark.parametrize("name", PLAIN)
def test_nothing_is_said_of_a_sound_run(name: str) -> None:
    assert run_of(name, 0) == []


@pytest.mark.thorough
@pytest.mark.parametrize("name", PLAIN)
def test_nothing_is_said_of_a_sound_run_for_any_seed(name: str) -> None:
    assert [seed for seed in range(1, 21) if run_of(name, seed)] == []
