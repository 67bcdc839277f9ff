"""What the checks of a preflight share: a first forward and backward pass, probes of the loss.

What a loss takes is found by asking it, so that one's own function is understood like a loss of
this library: probes are predictions of which the right answer is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ...autodiff.record import Tape
from ...autodiff.tensor import Tensor, asarray
from ...mode import no_grad
from ...nn import Module
from ...nn.optim import Optimizer
from ...seeding import seed
from ...types import Array
from .trial import Trial, array_of

__all__ = ["STEPS", "Situation", "Trajectory"]

STEPS = 20  # so far a copy is trained with the optimizer that is to be used
_SURE = 1e-6  # the chance that an all but certain prediction leaves to each other class


@dataclass
class Trajectory:
    """Some steps on the same batch, with the same draws: losses, gradients and movements."""

    losses: list[float] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    nonzero: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    first_gradients: dict[str, Array] = field(default_factory=dict)
    before: dict[str, Array] = field(default_factory=dict)
    after_one: dict[str, Array] = field(default_factory=dict)
    after: dict[str, Array] = field(default_factory=dict)


@dataclass
class Situation:
    """A model, a batch, a loss and perhaps an optimizer, none of which is touched."""

    model: Module
    inputs: tuple[Any, ...]
    target: Any
    loss: Any
    optimizer: Optimizer | None
    trained: dict[str, Any]  # the parameters that this loss is to train, by name

    def trial(self, optimizer: Optimizer | None = None, *, modes: bool = False) -> Trial:
        """Return copies of all, to try things on."""
        return Trial(self.model, self.inputs, self.target, self.loss, optimizer, modes=modes)

    @cached_property
    def y(self) -> Array | None:
        """The target as an array, if it is one."""
        return array_of(self.target)

    @cached_property
    def x(self) -> Array | None:
        """The first input as an array, if it is one."""
        return array_of(self.inputs[0])

    @cached_property
    def samples(self) -> int:
        """How many samples the batch has: the length of its target."""
        return len(self.y) if self.y is not None and self.y.ndim else 0

    @cached_property
    def output(self) -> Tensor | None:
        """The prediction in training mode with its graph, if it is one Tensor."""
        trial = self.trial()
        with trial.same_draws(), Tape():
            output = trial.model(*trial.inputs)
        return output if isinstance(output, Tensor) else None

    @cached_property
    def p(self) -> Array | None:
        """The prediction as an array, if it is one."""
        return None if self.output is None else self.output.data

    @cached_property
    def trajectory(self) -> Trajectory:
        """Steps of a copy with the optimizer as given, or with small steps along the gradient."""
        from ...nn.optim import Adam

        optimizer = self.optimizer
        if optimizer is None or not self.holds_ours(optimizer):
            ours = [p for p in self.trained.values() if p.requires_grad]
            twin = self.trial()
            names = [name for name, p in self.trained.items() if p.requires_grad]
            twin.optimizer = Adam([twin.parameters[n] for n in names], lr=1e-3) if ours else None
        else:
            twin = self.trial(optimizer)
        return travelled(twin, STEPS)

    def holds_ours(self, optimizer: Optimizer) -> bool:
        """Whether an optimizer holds any parameter that is to be trained."""
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        return any(id(p) in held for p in self.trained.values())

    def loss_of(self, prediction: Any, target: Any = None) -> float:
        """Return the loss of any prediction; NaN where it refuses."""
        target = self.target if target is None else target
        kind = np.float32 if self.p is None else self.p.dtype
        try:
            with no_grad(), seed(0), np.errstate(all="ignore"):
                value = self.loss(Tensor(np.asarray(prediction), dtype=kind), target)
            return float(asarray(value).item())
        except Exception:
            return math.nan

    @cached_property
    def class_axis(self) -> int | None:
        """The axis of the prediction that has the classes, if the target are class numbers."""
        p, y = self.p, self.y
        if p is None or y is None or y.dtype.kind not in "iu" or p.ndim != y.ndim + 1:
            return None
        if p.ndim == 1:
            return None
        if p.shape[:1] + p.shape[2:] == y.shape:
            return 1
        return p.ndim - 1 if p.shape[:-1] == y.shape else None

    @property
    def classes(self) -> int:
        """How many classes the prediction has."""
        return 0 if self.p is None or self.class_axis is None else self.p.shape[self.class_axis]

    @cached_property
    def alike(self) -> bool:
        """Whether prediction and target have one shape, of numbers to be compared."""
        return self.p is not None and self.y is not None and self.p.shape == self.y.shape

    @cached_property
    def takes_logits(self) -> bool:
        """Whether the loss is a binary cross-entropy of logits: ln 2 at zero, nothing when sure."""
        if not self.alike or self.y is None or not np.isin(self.y, (0, 1)).all():
            return False
        start = self.loss_of(np.zeros(self.y.shape))
        sure = self.loss_of(np.where(self.y > 0.5, 30.0, -30.0))
        return math.isclose(start, math.log(2), rel_tol=1e-4) and 0 <= sure < 1e-4

    @cached_property
    def uninformed(self) -> float:
        """The loss of the best prediction that is the same for all samples; NaN if not known."""
        return _least([self.loss_of(guess) for guess in self._same_for_all()])

    @cached_property
    def perfect(self) -> float:
        """The loss of a prediction that is (all but) right; NaN if not known."""
        return _least([self.loss_of(guess) for guess in self._right()])

    def _same_for_all(self) -> list[Array]:
        if self.class_axis is not None and self.y is not None and self.p is not None:
            counts = np.bincount(
                np.clip(self.y, 0, self.classes - 1).ravel(), minlength=self.classes
            )
            shares = np.maximum(counts / counts.sum(), _SURE)
            shape = [1] * self.p.ndim
            shape[self.class_axis] = self.classes
            rows = np.broadcast_to(shares.reshape(shape), self.p.shape)
            return self._as_taken(rows)
        if self.alike and self.y is not None:
            y = self.y.astype(np.float64)
            mean = np.broadcast_to(y.mean(axis=0), y.shape)
            return [mean, np.broadcast_to(np.median(y, axis=0), y.shape), *_logits(mean)]
        return []

    def _as_taken(self, rows: Array) -> list[Array]:
        """Probabilities of classes, as they are or as logarithms: a loss is not below 0."""
        return [guess for guess in (np.log(rows), rows) if not self.loss_of(guess) < 0]

    def _right(self) -> list[Array]:
        if self.class_axis is not None and self.y is not None and self.p is not None:
            rows = np.full(self.p.shape, _SURE)
            places = np.expand_dims(np.clip(self.y, 0, self.classes - 1), self.class_axis)
            np.put_along_axis(rows, places, 1 - _SURE * (self.classes - 1), axis=self.class_axis)
            return self._as_taken(rows)
        if self.alike and self.y is not None:
            y = self.y.astype(np.float64)
            return [y, *_logits(y)]
        return []


def travelled(trial: Trial, steps: int) -> Trajectory:
    """Train a trial for some steps, or until its loss is not finite, and note what happens."""
    path = Trajectory(before=trial.weights())
    with np.errstate(all="ignore"):
        for k in range(steps):
            value = trial.step()
            path.losses.append(value)
            for name, parameter in trial.parameters.items():
                if parameter.grad is not None:
                    path.reached.add(name)
                    if np.any(parameter.grad):
                        path.nonzero.add(name)
                    if k == 0:
                        path.first_gradients[name] = parameter.grad.astype(np.float64)
            if k == 0:
                path.after_one = trial.weights()
            if not math.isfinite(value):
                break
        else:
            path.losses.append(trial.one_loss().item())
    path.after = trial.weights()
    path.moved = {
        name for name, was in path.before.items() if not np.array_equal(was, path.after[name])
    }  # fmt: skip
    return path


def _logits(shares: Array) -> list[Array]:
    if shares.size and shares.min() >= 0 and shares.max() <= 1:
        inside = np.clip(shares, _SURE, 1 - _SURE)
        return [np.log(inside / (1 - inside)), inside]
    return []


def _least(values: list[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return min(known, default=math.nan)
