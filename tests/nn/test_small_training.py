"""The parts together: small networks learn, and the same seed gives the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F


def spirals(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two arms, 100 points each, that no line can separate."""
    labels = np.arange(200) % 2
    radius = rng.uniform(0.1, 1, 200)
    angle = 5 * radius + np.pi * labels
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    return points.astype(np.float32), labels


def train(optimizer: Any, steps: int, **settings: Any) -> tuple[nn.Module, list[float]]:
    x, y = spirals(np.random.default_rng(0))
    model = nn.MLP([2, 32, 32, 2], "tanh")
    opt = optimizer(model, **settings)
    losses = []
    for _ in range(steps):
        opt.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return model, losses


@pytest.mark.parametrize(
    "optimizer, settings",
    [(nn.optim.Adam, {"lr": 0.02}), (nn.optim.SGD, {"lr": 0.3, "momentum": 0.9})],
    ids=["adam", "sgd"],
)
def test_two_spirals_are_learned(optimizer: Any, settings: dict[str, Any]) -> None:
    with tg.seed(0):
        model, losses = train(optimizer, 300, **settings)
    assert losses[0] > 0.5
    assert losses[-1] < 0.05
    x, y = spirals(np.random.default_rng(1))
    with tg.no_grad():
        assert np.mean(np.argmax(model(x).data, axis=1) == y) > 0.97


def test_training_is_repeatable_to_the_bit() -> None:
    def run() -> tuple[bytes, list[float]]:
        with tg.seed(3):
            model, losses = train(nn.optim.Adam, 5, lr=0.01)
        return b"".join(array.tobytes() for array in model.state_dict().values()), losses

    assert run() == run()


def test_regression_by_the_tape_finds_the_line() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 3))
    y = x @ np.array([[1.0], [-2.0], [0.5]]) + 3.0
    model = nn.Linear(3, 1, dtype=np.float64, rng=0)
    opt = nn.optim.SGD(model, lr=0.1)
    for _ in range(300):
        with tg.Tape() as tape:
            loss = F.mse_loss(model(x), y)
        opt.step(tape.gradient(loss, model))
    np.testing.assert_allclose(model.weight.data, [[1.0, -2.0, 0.5]], atol=1e-6)
    np.testing.assert_allclose(model.bias.data, [3.0], atol=1e-6)
