"""A run with every kind of state, for tests that cut it short; as a program it is one to kill."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, training
from tinygrad_edu.data import DataLoader

EPOCHS, STEPS = 4, 4 * 7


class Counting(training.Callback):
    """A callback with a state, and a stream of its own."""

    def __init__(self) -> None:
        self.count = 0
        self.rng = np.random.default_rng(5)

    def on_gradients(self, run: training.Run) -> None:
        for parameter in run.parameters:  # noise on the gradients, as private training adds
            parameter.grad += 1e-3 * self.rng.normal(size=parameter.shape).astype(np.float32)

    def on_step(self, run: training.Run) -> None:
        self.count += 1

    def state(self) -> dict[str, Any]:
        return {"count": self.count, "rng": self.rng.bit_generator.state}

    def load(self, saved: dict[str, Any]) -> None:
        self.count = int(saved["count"])
        self.rng.bit_generator.state = saved["rng"]


class Augmented:
    """Batches with noise from a stream of their own and from the run's."""

    def __init__(self, loader: DataLoader) -> None:
        self.loader = loader
        self.noise = np.random.default_rng(9)

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Any:
        for x, y in self.loader:
            ambient = tg.random.normal(x.shape).data
            yield np.float32(x + 0.01 * self.noise.normal(size=x.shape) + 0.01 * ambient), y


def trained(
    checkpoint: Any = None, *, resume: bool = False, callbacks: Any = (), **options: Any
) -> tuple[Any, ...]:
    """Train a network with dropout, batch norm, momentum and a schedule; return all that it is."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(55, 3))
    y = (x.sum(axis=1) > 0).astype(int)
    model = nn.Sequential(
        nn.Linear(3, 8, rng=1), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3),
        nn.Dropout(0.1, rng=3), nn.Linear(8, 2, rng=2),
    )  # fmt: skip
    optimizer = nn.optim.Adam(model, lr=0.02)
    own = Counting()
    history = training.fit(
        model,
        Augmented(DataLoader(x, y, batch_size=8, shuffle=True, rng=4)),
        nn.CrossEntropyLoss(),
        optimizer,
        epochs=EPOCHS,
        validation=(x, y),
        schedule=nn.optim.schedules.ExponentialLR(optimizer, gamma=0.9),
        callbacks=[own, *callbacks],
        checkpoint=checkpoint,
        checkpoint_every=None if checkpoint is None else 2,
        resume=resume,
        progress=False,
        rng=6,
        **options,
    )
    return model.state_dict(), optimizer.state_dict(), history.rows, own.count


if __name__ == "__main__":

    class Slow(training.Callback):
        """Says where it is, so that it can be killed there."""

        def on_step(self, run: training.Run) -> None:
            print(run.step, flush=True)

    trained(sys.argv[1], resume=True, callbacks=[Slow()])
