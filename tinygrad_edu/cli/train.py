"""The main job itself: data, model, epochs, verdict (floor 6)."""

from __future__ import annotations

import platform
import time
from typing import Any

import numpy as np

from .. import errors, nn, training
from .._version import __version__
from ..autodiff import Tape
from ..data import DataLoader
from ..errors import AnomalyError
from ..graph import Graph, draw
from .arguments import Settings, UsageError, settings_of
from .network import convolutional, perceptron
from .progress import progress
from .report import report
from .run_folder import CHECKPOINT, RunFolder, held_interrupts
from .samples import prepared, prepared_table
from .tasks import Task, task_of
from .watch import Watch

__all__ = ["DivergedError", "Run"]

DRAWN_SAMPLES = 4
VERSIONS = {
    "tinygrad_edu": __version__,
    "numpy": np.__version__,
    "python": platform.python_version(),
}


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
        self.history: list[tuple[Any, ...]] = []
        self.done = 0

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
        if self.settings.target is None:
            self.samples = prepared(self.settings.data, splits)
        else:
            asked = (self.settings.target, self.settings.task)
            self.samples = prepared_table(self.settings.data, *asked, splits)
        self.task = task_of(self.samples)
        self.columns = ("epoch", "loss", f"training_{self.task.measure.lower()}")
        image = self.samples.source.features.shape[1:]
        self.model = (
            convolutional(image, self.sizes, weights)
            if self.settings.kind == "cnn"
            else perceptron(self.sizes, weights)
        )
        self.optimizer = nn.optim.Adam(self.model, lr=self.settings.learning_rate)
        self.loader = DataLoader(
            self.samples.train_features,
            self.task.targets(),
            batch_size=self.settings.batch_size,
            shuffle=True,
            rng=orders,
        )
        self.graph = loss_graph(self.model, self.task)
        with held_interrupts():
            if self.settings.resume:
                self._go_on()
            else:
                self.folder = RunFolder(self.settings.out, self.settings.name)
                self._save("running")
                self.folder.save_graph(self.graph)
        print(self._headline(), flush=True)

    def train(self) -> None:
        """Go through all epochs; after each, the folder holds the model and the history.

        Raises
        ------
        DivergedError
            When the loss is not finite; the folder keeps the epoch before.
        """
        assert self.folder is not None
        settings = self.settings
        name = f"training {self.task.measure}"
        with progress(settings.epochs, len(self.loader), self.done, name) as shown:
            watch = Watch(self.task, self.columns[-1], shown, self._epoch_done)
            try:
                training.fit(
                    self.model, self.loader, watch.loss, self.optimizer,
                    epochs=settings.epochs, callbacks=[watch], progress=False, rng=settings.seed,
                    checkpoint=self.folder.path / CHECKPOINT, resume=settings.resume,
                )  # fmt: skip
            except (AnomalyError, errors.DivergedError):
                self._save("diverged", model=False)
                raise DivergedError(
                    f"the loss is {watch.bad_loss} in epoch {len(self.history) + 1}; try an --lr "
                    f"below {settings.learning_rate:g}"
                ) from None

    def finish(self) -> None:
        """Test the model, write the report, print the verdict and where everything lies."""
        assert self.folder is not None
        outputs = training.predict(self.model, self.samples.test_features)
        measured = self.task.results(outputs)
        config = self._config("finished", measured)
        page = report(self.task, outputs, self.history, config, self.graph.svg)
        with held_interrupts():
            self.folder.save_report(page)
            self._save("finished", measured)
        print(self.task.verdict(outputs))
        print(f"run folder {self.folder.path}", flush=True)

    def _go_on(self) -> None:
        """Take over the folder of a run that was cut short."""
        assert self.settings.out is not None
        _, config = settings_of(self.settings.out)
        if config.get("data_description") != self.samples.source.description:
            raise UsageError(f"{self.settings.data} has changed since {self.settings.out} began")
        self.folder = RunFolder.of(self.settings.out)
        self.history = self.folder.history()
        self.done = len(self.history)

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
        """Inputs, units of the hidden layers, outputs."""
        inputs = self.samples.train_features.shape[1]
        return (inputs, *self.settings.model, self.task.outputs)

    def _epoch_done(self, history: training.History) -> None:
        self.history = [tuple(row[name] for name in self.columns) for row in history.rows]
        self._save("running")

    def _save(
        self, status: str, metrics: dict[str, float] | None = None, *, model: bool = True
    ) -> None:
        """Bring the folder up to date; without ``model``, all but the weights."""
        assert self.folder is not None
        if model:
            scaling = {"mean": self.samples.mean, "scale": self.samples.scale}
            arrays = {f"standardisation.{name}": array for name, array in scaling.items()}
            self.folder.save_model({**self.model.state_dict(), **arrays, **self.task.figures})
        self.folder.save_history(self.columns, self.history)
        self.folder.save_config(self._config(status, metrics or {}))

    def _config(self, status: str, metrics: dict[str, float]) -> dict[str, Any]:
        source, settings = self.samples.source, self.settings
        if self.history:
            metrics = {**dict(zip(self.columns[1:], self.history[-1][1:], strict=True)), **metrics}
        return {
            "status": status,
            "settings": {
                "data": settings.data,
                **({"target": settings.target} if settings.target is not None else {}),
                "task": self.task.name,
                "model": "cnn" if settings.kind == "cnn" else list(settings.model),
                "epochs": settings.epochs,
                "lr": settings.learning_rate,
                "batch_size": settings.batch_size,
                "seed": settings.seed,
            },
            "epochs_done": len(self.history),
            "metrics": metrics,
            "seconds": round(time.perf_counter() - self._began, 3),
            "architecture": {
                "sizes": list(self.sizes),
                **({"image": source.features.shape[1:]} if settings.kind == "cnn" else {}),
                "activation": "relu",
                "optimizer": "Adam",
            },
            "samples": {
                "training": len(self.samples.train_targets),
                "test": len(self.samples.test_targets),
            },
            "label_names": list(source.label_names),
            "feature_names": list(source.feature_names),
            "encoder": self.samples.encoder.state_dict() if self.samples.encoder else None,
            "notes": list(self.samples.notes),
            "data_description": source.description,
            "data_licence": source.licence,
            "versions": VERSIONS,
        }

    def _headline(self) -> str:
        samples, sizes = self.samples, self.sizes
        weights = sum(parameter.size for parameter in self.model.parameters())
        kind = "convolutional network" if self.settings.kind == "cnn" else "perceptron"
        lines = [
            f"{self.settings.name}: {len(samples.train_targets)} training and "
            f"{len(samples.test_targets)} test samples, "
            + (f"{sizes[-1]} classes" if samples.source.label_names else "a number to predict"),
            *samples.notes,
            f"{kind} {'-'.join(map(str, sizes))}: {weights} parameters",
        ]
        if self.settings.resume:
            lines.append(f"going on after {self.done} of {self.settings.epochs} epochs")
        return "\n".join(lines)


def loss_graph(model: nn.Module, task: Task) -> Graph:
    """Return the picture of the loss of a few samples, with the modules' paths."""
    features, targets = task.samples.train_features[:DRAWN_SAMPLES], task.targets()[:DRAWN_SAMPLES]
    with Tape():  # which is what keeps the paths
        loss = task.loss(model(features), targets)
    names = {"features": features, "labels" if task.outputs > 1 else "targets": targets}
    return draw(loss, names=names, title=f"loss on {task.samples.source.name}")
