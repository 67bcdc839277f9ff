"""A copy of everything that takes part in training, to try things on.

Every forward pass of a trial draws the same random numbers, so that the loss of a model with
dropout can be compared between two steps. Nothing done to the copy reaches the original.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor, asarray
from ...mode import enable_grad, no_grad
from ...nn import Module
from ...nn.inspection.calls import copied
from ...nn.optim import Optimizer
from ...seeding import seed
from ...types import Array
from ..batches import streams

__all__ = ["Chained", "Trial", "array_of", "optimizer_for"]

Named = dict[str, Any]


class Chained(Module):
    """A model fed by a generator, as in the generator's turn of two players."""

    def __init__(self, generator: Module, model: Module) -> None:
        self.generator, self.model = generator, model

    def forward(self, *inputs: Any) -> Any:
        """Give the model what the generator makes."""
        return self.model(self.generator(*inputs))


class Trial:
    """Copies of a model, its loss and its optimizer.

    Parameters
    ----------
    model : Module
        Copied; put into training mode, as ``fit`` does, unless ``modes`` says to keep them.
    inputs, target
        A batch.
    loss : callable
        Of prediction and target; copied if it is a Module.
    optimizer : Optimizer, optional
        Copied with its state and settings.
    modes : bool
        Keep the modes of the submodules as they are.
    """

    def __init__(
        self,
        model: Module,
        inputs: tuple[Any, ...],
        target: Any,
        loss: Any,
        optimizer: Optimizer | None = None,
        *,
        modes: bool = False,
    ) -> None:
        self.model, self.inputs, self.target = copied(model), inputs, target
        self.loss = copied(loss) if isinstance(loss, Module) else loss
        if not modes:
            self.model.train()
        self.parameters: Named = dict(self.model.named_parameters())
        for parameter in self.parameters.values():
            parameter.grad = None
        twins = {
            id(old): self.parameters[name] for name, old in model.named_parameters()
        }  # fmt: skip
        if isinstance(loss, Module):
            pairs = zip(loss.named_parameters(), self.loss.named_parameters(), strict=True)
            twins |= {id(old): new for (_, old), (_, new) in pairs}
        self.optimizer = None if optimizer is None else optimizer_for(optimizer, twins)
        self._streams = [
            (rng, copy.deepcopy(rng.bit_generator.state))
            for rng in streams([self.model, self.loss]).values()
        ]  # fmt: skip

    @contextmanager
    def same_draws(self, number: int = 0) -> Iterator[None]:
        """Draw the same random numbers in every such block; others for another number."""
        for rng, state in self._streams:
            rng.bit_generator.state = state
            if number:
                rng.random(number)
        with seed(number):
            yield

    def predict(self, *inputs: Any, number: int = 0) -> Any:
        """Return what the model answers, without a graph; by default to the batch."""
        with self.same_draws(number), no_grad():
            return self.model(*(inputs or self.inputs))

    def one_loss(self) -> Tensor:
        """Return the loss of the batch."""
        with self.same_draws(), enable_grad():
            return asarray(self.loss(self.model(*self.inputs), self.target))

    def backward(self) -> float:
        """Set fresh gradients; return the loss."""
        for parameter in self.parameters.values():
            parameter.grad = None
        loss = self.one_loss()
        if loss.requires_grad:
            loss.backward()
        return float(loss.item())

    def step(self) -> float:
        """Do one step of the optimizer; return the loss before it."""
        value = self.backward()
        if self.optimizer is not None and any(
            p.grad is not None for group in self.optimizer.param_groups for p in group["params"]
        ):
            self.optimizer.step()
        return value

    def weights(self) -> dict[str, Array]:
        """Return copies of the parameters, in double precision."""
        return {
            name: np.array(p.data, dtype=np.float64) for name, p in self.parameters.items()
        }  # fmt: skip


def optimizer_for(optimizer: Optimizer, twins: dict[int, Any]) -> Optimizer:
    """Return a copy of an optimizer, with its state, for the copies of its parameters.

    Parameters
    ----------
    optimizer : Optimizer
        Not changed.
    twins : dict
        The copy of each parameter, by the identity of the original. Others are copied here.
    """
    groups = []
    for group in optimizer.param_groups:
        own = [twins.get(id(p)) for p in group["params"]]
        params = [
            copy.deepcopy(p) if twin is None else twin
            for p, twin in zip(group["params"], own, strict=True)
        ]
        settings = {name: group[name] for name in group if name not in ("params", "names")}
        groups.append({**settings, "names": list(group["names"]), "params": params})
    result = copy.copy(optimizer)
    result.__dict__.pop("step", None)
    result.param_groups = groups
    result._arenas = []
    result._noted = True
    result._lay(optimizer._states())
    return result


def array_of(value: Any) -> Array | None:
    """Return the numbers of a Tensor or array; None of anything else."""
    if isinstance(value, Tensor):
        return value.data
    if isinstance(value, (np.ndarray, list, float, int)):
        array = np.asarray(value)
        return array if array.dtype.kind in "fiub" else None
    return None
