"""Short runs of every kind, recorded."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np

from tests.training.test_resume import Cut
from tinygrad_edu import data, nn, training

__all__ = ["classifier", "classifiers", "game"]


def classifier(
    rate: float = 0.1,
    width: int = 3,
    *,
    outputs: int = 2,
    epochs: int = 6,
    cut: int = 0,
    **settings: Any,
) -> training.FieldRecorder:
    """A run on XOR; it may be cut off, by an error, in an epoch."""
    x, y = data.xor(40, rng=0)
    target = y if outputs > 1 else y[:, None].astype(np.float32)
    loss = nn.CrossEntropyLoss() if outputs > 1 else nn.BCEWithLogitsLoss()
    model = nn.MLP((2, width, outputs), activation="tanh", rng=0)
    recorder = training.FieldRecorder(x, target, points=12, **settings)
    optimizer = nn.optim.SGD(model, lr=rate)
    with suppress(KeyboardInterrupt):
        training.fit(
            model, (x, target), loss, optimizer, epochs=epochs, batch_size=8,
            callbacks=[recorder, Cut(5 * cut)], progress=False, rng=0,
        )  # fmt: skip
    return recorder


@cache
def classifiers() -> list[training.FieldRecorder]:
    """Four runs with two settings, one of them not like the others."""
    return [
        classifier(rate, width, settings={"learning rate": rate, "width": width})
        for rate in (0.01, 1.0)
        for width in (2, 5)
    ]


@cache
def game(loss: str = "nonsaturating", epochs: int = 3) -> training.GANRecorder:
    """A game on a ring of four clouds."""
    real = data.ring_of_gaussians(128, modes=4, rng=0).features
    generator = nn.MLP((2, 16, 2), activation="relu", rng=0)
    critic = nn.MLP((2, 16, 1), activation="relu", rng=1)
    recorder = training.GANRecorder(real, count=32, points=12)
    optimizers = nn.optim.Adam(generator, lr=1e-2), nn.optim.Adam(critic, lr=1e-2)
    training.fit_gan(
        generator, critic, real, optimizers, noise=2, loss=loss, epochs=epochs, batch_size=16,
        callbacks=[recorder], progress=False, rng=0,
    )  # fmt: skip
    return recorder
