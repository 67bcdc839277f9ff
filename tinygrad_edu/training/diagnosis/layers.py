"""``inspect``: what each layer does with a batch, with a verdict in words."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...nn import Module
from ...nn.inspection import LayerStart, init_report
from ...nn.inspection.table import aligned
from ...nn.optim import Optimizer
from ..batches import put_back, taken_apart
from .trial import Trial

__all__ = ["Inspection", "LayerHealth", "inspect"]

# Parts of a layer beyond which little learns; gradients and updates so far from what is usual (an
# update of about 0.001 of the weight) that noise of a batch cannot be the reason.
MOST, VANISHES, FAST, SLOW = 0.5, 1e-5, 0.3, 1e-7
EXPLODES = 1e3


@dataclass(frozen=True)
class LayerHealth:
    """One layer in one forward and backward pass.

    Attributes
    ----------
    path, kind : str
        Where it is, and what.
    mean, std : float
        Of all numbers that it gave.
    saturated, dead : float
        Which part of the numbers is flat, and of the units dead; NaN where that has no meaning.
    gradient : float
        Root mean square of the loss's gradient with respect to what it gave.
    update : float
        The size of an update by that of the weights; without an optimizer NaN.
    verdict : str
        ``"healthy"``, or what is wrong in words.
    """

    path: str
    kind: str
    mean: float
    std: float
    saturated: float
    dead: float
    gradient: float
    update: float
    verdict: str


@dataclass(frozen=True)
class Inspection:
    """What ``inspect`` returns; ``print`` shows a table."""

    layers: tuple[LayerHealth, ...]

    @property
    def healthy(self) -> bool:
        """Whether every layer is."""
        return all(layer.verdict == "healthy" for layer in self.layers)

    def __str__(self) -> str:
        header = ["layer", "kind", "mean", "std", "saturated", "dead", "gradient", "update"]
        rows = [
            [
                row.path, row.kind, f"{row.mean:.2g}", f"{row.std:.2g}", _part(row.saturated),
                _part(row.dead), f"{row.gradient:.2g}",
                "" if math.isnan(row.update) else f"{row.update:.1e}", row.verdict,
            ]
            for row in self.layers
        ]  # fmt: skip
        return "\n".join(aligned([*header, "verdict"], rows, left=(0, 1, 8)))


def _part(share: float) -> str:
    return "" if math.isnan(share) else f"{share:.0%}"


def inspect(
    model: Module,
    batch: Any,
    loss: Callable[..., Any] | None = None,
    optimizer: Optimizer | None = None,
) -> Inspection:
    """Measure values, gradients and updates in each layer of a model on a batch.

    Parameters
    ----------
    model : Module
        A copy of it is called, in its mode; nothing of it changes.
    batch : tuple
        Inputs and, last, the target.
    loss : callable, optional
        Of prediction and target. Without it each output counts with a random weight.
    optimizer : Optimizer, optional
        A copy of it makes a step, for the size of the updates.

    Returns
    -------
    Inspection
        ``print`` it, or read ``.layers`` and ``.healthy``.

    Notes
    -----
    Verdicts speak of what learns next to nothing: more than half of a layer saturated or dead,
    values a thousand times the input's, a gradient of 0.00001 of the largest, updates above 0.3
    or below 0.0000001 of the weights. Source: Glorot and Bengio 2010; on updates, Karpathy 2022,
    "makemore", part 3.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    >>> model = nn.MLP([4, 8, 2], activation="tanh", rng=0)
    >>> inspect(model, (x, np.arange(64) % 2), nn.CrossEntropyLoss()).healthy
    True
    >>> model[0].weight.data = 100 * model[0].weight.data
    >>> inspect(model, (x, np.arange(64) % 2), nn.CrossEntropyLoss()).layers[1].verdict[:9]
    'saturated'
    """
    inputs, target = taken_apart(batch)
    with warnings.catch_warnings(), np.errstate(all="ignore"), put_back(loss):
        warnings.simplefilter("ignore")
        told = None if loss is None else lambda output: loss(output, target)
        rows = init_report(model, *inputs, loss=told).layers
        updates = (
            {} if loss is None or optimizer is None else _updates(model, batch, loss, optimizer)
        )
    scale = max([float(np.std(x)) for x in inputs if np.asarray(x).dtype.kind == "f"] + [1.0])
    largest = max([row.gradient for row in rows if math.isfinite(row.gradient)], default=math.nan)
    return Inspection(tuple([_judged(row, updates, scale, largest) for row in rows]))


def _updates(model: Module, batch: Any, loss: Any, optimizer: Optimizer) -> dict[str, float]:
    inputs, target = taken_apart(batch)
    trial = Trial(model, inputs, target, loss, optimizer, modes=True)
    before = trial.weights()
    trial.step()
    after = trial.weights()
    found: dict[str, float] = {}
    for name, was in before.items():
        if was.ndim > 1 and np.any(was):
            path = name.rpartition(".")[0]
            share = float(np.linalg.norm(after[name] - was) / np.linalg.norm(was))
            found[path] = max(found.get(path, 0.0), share)
    return found


def _judged(
    row: LayerStart, updates: dict[str, float], scale: float, largest: float
) -> LayerHealth:
    update = updates.get(row.path.partition("#")[0], math.nan)
    return LayerHealth(
        row.path, row.kind, row.mean, row.std, row.saturated, row.dead, row.gradient, update,
        _verdict(row, update, scale, largest),
    )  # fmt: skip


def _verdict(row: LayerStart, update: float, scale: float, largest: float) -> str:
    if not math.isfinite(row.mean) or not math.isfinite(row.std):
        return "not finite"
    if row.saturated > MOST:
        return f"saturated: {row.saturated:.0%} of it has nearly no slope"
    if row.dead > MOST:
        return f"dead: {row.dead:.0%} of the units have slope 0 for every sample"
    if row.std > EXPLODES * scale:
        return f"exploding: the spread is {row.std / scale:.2g} times the input's"
    if row.gradient < VANISHES * largest:
        return f"vanishing gradient: {row.gradient / largest:.2g} of the largest"
    if update > FAST:
        return f"too fast: an update is {update:.2g} of the weights"
    if update < SLOW:
        return f"too slow: an update is {update:.2g} of the weights"
    return "healthy"
