"""What is asked of the network: the class of a sample, or a number (floor 6)."""

from __future__ import annotations

import numpy as np

from .. import nn
from ..autodiff import Tensor
from ..metrics import (
    accuracy_score,
    classification_report,
    mean_absolute_error,
    r2_score,
    report,
    root_mean_squared_error,
)
from ..types import Array
from .samples import Samples

__all__ = ["Classification", "Regression", "Task", "probabilities", "task_of"]


class Task:
    """How the network's outputs are meant, trained, scored and told.

    Parameters
    ----------
    samples : Samples
        What is to be learned.

    Attributes
    ----------
    name : str
        As ``--task`` has it.
    measure : str
        What is shown after every epoch: the mean of `credits` over the samples.
    outputs : int
        Units of the last layer.
    figures : dict of str to array
        What ``model.npz`` needs to have beside the weights.
    """

    name: str
    measure: str
    outputs: int

    def __init__(self, samples: Samples) -> None:
        self.samples = samples
        self.figures: dict[str, Array] = {}

    def targets(self) -> Array:
        """Return what the training part is trained towards."""
        raise NotImplementedError

    def loss(self, outputs: Tensor, targets: Array) -> Tensor:
        """Return the mean loss of a batch."""
        raise NotImplementedError

    def credits(self, outputs: Array, targets: Array) -> Array:
        """Return what each sample of a batch adds to the measure, shape (samples,)."""
        raise NotImplementedError

    def results(self, outputs: Array) -> dict[str, float]:
        """Return the figures of the test part under the names that ``config.json`` has."""
        raise NotImplementedError

    def verdict(self, outputs: Array) -> str:
        """Return what is printed of the test part, several lines."""
        raise NotImplementedError


class Classification(Task):
    """One output for each class; the largest is the answer."""

    name, measure = "classification", "accuracy"

    def __init__(self, samples: Samples) -> None:
        super().__init__(samples)
        self.outputs = len(samples.source.label_names)

    def targets(self) -> Array:
        return self.samples.train_targets

    def loss(self, outputs: Tensor, targets: Array) -> Tensor:
        return nn.functional.cross_entropy(outputs, targets)

    def credits(self, outputs: Array, targets: Array) -> Array:
        return np.asarray(outputs.argmax(axis=1) == targets)

    def results(self, outputs: Array) -> dict[str, float]:
        labels = self.samples.test_targets
        found = {"test_accuracy": accuracy_score(labels, outputs.argmax(axis=1))}
        if self.outputs == 2:
            binary = report(labels, probabilities(outputs)[:, 1])
            found |= {"test_auc": binary.auc, "test_ks": binary.ks}
        return found

    def verdict(self, outputs: Array) -> str:
        found = self.results(outputs)
        names, labels = self.samples.source.label_names, self.samples.test_targets
        lines = [str(classification_report(labels, outputs.argmax(axis=1), label_names=names))]
        if "test_auc" in found:
            lines.append(f"test AUC {found['test_auc']:.4f}  KS {found['test_ks']:.4f}")
        return "\n".join([*lines, f"test accuracy {found['test_accuracy']:.3f}"])


class Regression(Task):
    """One output: the number, in deviations of the training part from its mean."""

    name, measure, outputs = "regression", "R2", 1

    def __init__(self, samples: Samples) -> None:
        super().__init__(samples)
        seen = samples.train_targets.astype(np.float64)
        self.mean, self.scale = float(seen.mean()), float(seen.std()) or 1.0
        self.figures = {
            "standardisation.target_mean": np.array(self.mean, np.float32),
            "standardisation.target_scale": np.array(self.scale, np.float32),
        }

    def targets(self) -> Array:
        apart = (self.samples.train_targets - self.mean) / self.scale
        return apart.astype(np.float32)[:, None]

    def loss(self, outputs: Tensor, targets: Array) -> Tensor:
        return nn.functional.mse_loss(outputs, targets)

    def credits(self, outputs: Array, targets: Array) -> Array:
        # The targets have variance 1, so the mean of this is R2.
        return 1.0 - ((outputs - targets)[:, 0].astype(np.float64)) ** 2

    def predicted(self, outputs: Array) -> Array:
        """Return the numbers in their own unit, shape (samples,)."""
        return np.asarray(outputs[:, 0].astype(np.float64) * self.scale + self.mean)

    def results(self, outputs: Array) -> dict[str, float]:
        truth, said = self.samples.test_targets, self.predicted(outputs)
        return {
            "test_rmse": root_mean_squared_error(truth, said),
            "test_mae": mean_absolute_error(truth, said),
            "test_r2": r2_score(truth, said),
        }

    def verdict(self, outputs: Array) -> str:
        rmse, mae, r2 = self.results(outputs).values()
        guess = float(np.sqrt(np.mean((self.samples.test_targets - self.mean) ** 2)))
        return (
            f"always saying the mean, {self.mean:.4g}, would be off by {guess:.4g} (RMSE)\n"
            f"test RMSE {rmse:.4g}  MAE {mae:.4g}  R2 {r2:.3f}"
        )


def task_of(samples: Samples) -> Task:
    """Return what the samples ask for."""
    return Classification(samples) if samples.source.label_names else Regression(samples)


def probabilities(outputs: Array) -> Array:
    """Return the probabilities of the classes, by softmax, shape (samples, classes)."""
    powers = np.exp(outputs.astype(np.float64) - outputs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
