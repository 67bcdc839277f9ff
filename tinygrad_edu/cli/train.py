"""The main job itself: data, model, epochs, verdict (floor 6)."""

from __future__ import annotations

import math
import platform
import time
from typing import Any

import numpy as np

from .. import nn
from .._version import __version__
from ..autodiff import Tape
from ..data import DataLoader
from ..graph import Graph, draw
from ..metrics import accuracy_score, classification_report
from ..mode import no_grad
from .arguments import Settings
from .progress import Progress, progress
from .run_folder import RunFolder, held_interrupts
from .samples import Samples, prepared

__all__ = ["DivergedError", "Run"]

HISTORY = ("epoch", "loss", "training_accuracy")
DRAWN_SAMPLES = 4


class DivergedError(Exception):
    """The loss is no longer a number."""


class Run:
    """One training run, and the folder that always shows how far it is.

    Training sees the training part only; the test part is looked at once, at the end.

    Parameters
    ----------
    settings : Settings
        All that decides the result; equal settings but for ``out`` give equal bits.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder: RunFolder | None = None
        self.history: list[tuple[int, float, float]] = []

    def start(self) -> None:
        """Load the data, build the model, and make the folder complete before the first epoch.

        Raises
        ------
        UsageError
            When there can be no folder.
        """
        self._began = time.perf_counter()
        # Three streams, so that a longer training does not get another split.
        splits, weights, orders = np.random.default_rng(self.settings.seed).spawn(3)
        self.samples = prepared(self.settings.data, splits)
        self.model = classifier(self.sizes, weights)
        self.optimizer = nn.optim.Adam(self.model, lr=self.settings.learning_rate)
        self.loader = DataLoader(
            self.samples.train_features,
            self.samples.train_labels,
            batch_size=self.settings.batch_size,
            shuffle=True,
            rng=orders,
        )
        with held_interrupts():
            self.folder = RunFolder(self.settings.out, self.settings.data)
            self._save("running")
            self.folder.save_graph(loss_graph(self.model, self.samples))
        print(self._headline(), flush=True)

    def train(self) -> None:
        """Go through all epochs; after each, the folder holds the model and the history.

        Raises
        ------
        DivergedError
            When the loss is not finite; the folder keeps the epoch before.
        """
        # Too large steps overflow before the loss shows it; it is reported in our own words.
        with (
            progress(self.settings.epochs, len(self.loader)) as shown,
            np.errstate(over="ignore", invalid="ignore"),
        ):
            for number in range(1, self.settings.epochs + 1):
                loss, accuracy = self._epoch(shown)
                if not math.isfinite(loss):
                    self._save("diverged", model=False)
                    raise DivergedError(
                        f"the loss is {loss} in epoch {number}; try an --lr below "
                        f"{self.settings.learning_rate:g}"
                    )
                with held_interrupts():
                    self.history.append((number, loss, accuracy))
                    self._save("running")
                shown.epoch(number, loss, accuracy)

    def finish(self) -> None:
        """Test the model, print the verdict and where everything lies."""
        assert self.folder is not None
        with no_grad(), self.model.evaluating():
            scores = self.model(self.samples.test_features).data
        labels, predicted = self.samples.test_labels, scores.argmax(axis=1)
        accuracy = accuracy_score(labels, predicted)
        with held_interrupts():
            self._save("finished", test_accuracy=accuracy)
        names = self.samples.source.label_names
        print(classification_report(labels, predicted, label_names=names))
        print(f"test accuracy {accuracy:.3f}")
        print(f"run folder {self.folder.path}", flush=True)

    def interrupted(self) -> str:
        """Note in the folder that the run was cut short; return what there is, as one clause."""
        if self.folder is None:
            return "nothing was written"
        if len(self.history) < self.settings.epochs:
            self._save("interrupted", model=False)
        epochs = len(self.history)
        return f"{self.folder.path} holds the model after {epochs} epoch{'s' * (epochs != 1)}"

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, units of the hidden layers, classes."""
        inputs = self.samples.train_features.shape[1]
        return (inputs, *self.settings.model, len(self.samples.source.label_names))

    def _epoch(self, shown: Progress) -> tuple[float, float]:
        """Mean loss and accuracy over the batches, each seen before its own step."""
        total, right = 0.0, 0
        for features, labels in self.loader:
            scores = self.model(features)
            loss = nn.functional.cross_entropy(scores, labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(labels)
            right += int((scores.data.argmax(axis=1) == labels).sum())
            shown.batch()
        samples = len(self.samples.train_labels)
        return total / samples, right / samples

    def _save(self, status: str, *, model: bool = True, **metrics: float) -> None:
        """Bring the folder up to date; without ``model``, all but the weights."""
        assert self.folder is not None
        if model:
            scaling = {"mean": self.samples.mean, "scale": self.samples.scale}
            arrays = {f"standardisation.{name}": array for name, array in scaling.items()}
            self.folder.save_model({**self.model.state_dict(), **arrays})
        self.folder.save_history(HISTORY, self.history)
        self.folder.save_config(self._config(status, metrics))

    def _config(self, status: str, metrics: dict[str, float]) -> dict[str, Any]:
        source, settings = self.samples.source, self.settings
        if self.history:
            metrics = {**dict(zip(HISTORY[1:], self.history[-1][1:], strict=True)), **metrics}
        return {
            "status": status,
            "settings": {
                "data": settings.data,
                "model": list(settings.model),
                "epochs": settings.epochs,
                "lr": settings.learning_rate,
                "batch_size": settings.batch_size,
                "seed": settings.seed,
            },
            "epochs_done": len(self.history),
            "metrics": metrics,
            "seconds": round(time.perf_counter() - self._began, 3),
            "architecture": {"sizes": list(self.sizes), "activation": "relu", "optimizer": "Adam"},
            "samples": {
                "training": len(self.samples.train_labels),
                "test": len(self.samples.test_labels),
            },
            "label_names": list(source.label_names),
            "feature_names": list(source.feature_names),
            "data_licence": source.licence,
            "versions": {
                "tinygrad_edu": __version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
        }

    def _headline(self) -> str:
        samples, sizes = self.samples, self.sizes
        weights = sum(parameter.size for parameter in self.model.parameters())
        return (
            f"{self.settings.data}: {len(samples.train_labels)} training and "
            f"{len(samples.test_labels)} test samples, {sizes[-1]} classes\n"
            f"perceptron {'-'.join(map(str, sizes))}: {weights} parameters"
        )


def classifier(sizes: tuple[int, ...], rng: np.random.Generator) -> nn.Module:
    """Return a multilayer perceptron with ReLU, whose weights are drawn as He et al. 2015 do."""
    model = nn.MLP(sizes, activation="relu", init="he_normal", dtype=np.float32, rng=rng)
    for path, parameter in model.named_parameters():
        parameter.name = path  # what pictures and messages call it
    return model


def loss_graph(model: nn.Module, samples: Samples) -> Graph:
    """Return the picture of the loss of a few samples, with the modules' paths."""
    features, labels = samples.train_features[:DRAWN_SAMPLES], samples.train_labels[:DRAWN_SAMPLES]
    with Tape():  # which is what keeps the paths
        loss = nn.functional.cross_entropy(model(features), labels)
    names = {"features": features, "labels": labels}
    return draw(loss, names=names, title=f"loss on {samples.source.name}")
