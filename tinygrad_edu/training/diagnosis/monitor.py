"""``Monitor``: a callback that looks at gradients, updates and units during a run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...types import Array
from ..batches import samples_in
from ..callback import Callback
from .layers import inspect
from .notes import note

if TYPE_CHECKING:
    from ..run import Run

__all__ = ["Monitor"]

# Beyond these it is no noise: a gradient 100 times its usual length, 1e-5 of the largest in
# size, updates 300 times as large and 10,000 times as small as the usual 0.001 of the weights.
GROWS, VANISHES, FAST, SLOW = 100.0, 1e-5, 0.3, 1e-7
FLAT = 1e-4  # of the loss: less change than that in all looks
ENOUGH = 16  # samples: in fewer, a unit often happens to be off for all
LOOKS, MANY = 8, 40  # looks before a loss without noise, or with it, is said to be flat


class Monitor(Callback):
    """Look at a run every few steps, keep what is seen, and say once what is wrong.

    Parameters
    ----------
    every : int
        Steps between two looks. The first step is looked at too.
    batch : tuple or False, optional
        Inputs and target on which layers are inspected, for saturated and dead units; by default
        the run's own, if it has 16 samples. ``False`` leaves layers alone.
    notes : bool
        Warn with a ``TrainNote`` too, not only keep the words in ``.notes``.

    Attributes
    ----------
    steps, loss, gradient : list
        Of each look: the step, the loss, the length of the gradient.
    ratios : dict of str to list
        Of each parameter: the size of its update by its own.
    layers : list
        What ``inspect`` returned.
    notes : list of str
        What was wrong, in words, each said once.

    Notes
    -----
    Nothing of the run changes, not a bit of its random numbers: layers are inspected on copies. A
    look copies the parameters once. Measured on steps of 0.4 ms (64-128-128-10, batches of 32), a
    run took 15 % longer with ``every=50``, and 2 % without inspecting layers; longer steps, less.

    Examples
    --------
    >>> from tinygrad_edu import nn, training
    >>> model = nn.Linear(1, 1, rng=0)
    >>> seen = Monitor(every=2, notes=False)
    >>> _ = training.fit(model, ([[0.0], [1.0]], [[1.0], [3.0]]), nn.MSELoss(),
    ...     nn.optim.SGD(model, lr=0.1), epochs=5, callbacks=[seen], progress=False, rng=0)
    >>> seen.steps, sorted(seen.ratios), seen.notes
    ([1, 3, 5], ['bias', 'weight'], [])
    """

    def __init__(self, every: int = 50, batch: Any = None, notes: bool = True) -> None:
        self.every, self.batch, self._warns = max(int(every), 1), batch, notes
        self.steps: list[int] = []
        self.loss: list[float] = []
        self.gradient: list[float] = []
        self.ratios: dict[str, list[float]] = {}
        self.layers: list[Any] = []
        self.notes: list[str] = []
        self._said: set[str] = set()
        self._before: dict[str, Array] = {}
        self._sizes: dict[str, float] = {}
        self._still: dict[str, int] = {}

    def on_gradients(self, run: Run) -> None:
        """Keep the parameters and the sizes of their gradients, if this step is looked at."""
        if run.step % self.every:
            return
        self._before, self._sizes = {}, {}
        for name, parameter in run.model.named_parameters():
            self._before[name] = parameter.data.copy()
            if parameter.grad is not None:
                flat = parameter.grad.astype(np.float64, copy=False).ravel()
                self._sizes[name] = math.sqrt(float(flat @ flat))

    def on_step(self, run: Run) -> None:
        """Compare with what was kept."""
        if not self._before:
            return
        before, self._before = self._before, {}
        self.steps.append(run.step)
        self.loss.append(run.last_loss)
        self.gradient.append(math.sqrt(sum(size**2 for size in self._sizes.values())))
        for name, parameter in run.model.named_parameters():
            was = before[name]
            size = float(np.linalg.norm(was))
            moved = float(np.linalg.norm(parameter.data - was))
            self.ratios.setdefault(name, []).append(moved / size if size else math.nan)
            trained = parameter.requires_grad
            self._still[name] = self._still.get(name, 0) + 1 if moved == 0 and trained else 0
        self._judge(run, before)
        batch = run.samples if self.batch is None else self.batch
        if batch and len(batch) > 1 and (self.batch or samples_in(batch) >= ENOUGH):
            seen = inspect(run.model, batch, run.loss)
            self.layers.append(seen)
            for layer in seen.layers:
                if layer.verdict.startswith(("saturated", "dead", "exploding", "not finite")):
                    self._note(f"layer {layer.path}", f"{layer.path}: {layer.verdict}")

    def _judge(self, run: Run, before: dict[str, Array]) -> None:
        held = {id(parameter) for parameter in run.parameters}
        named = dict(run.model.named_parameters())
        lost = [name for name in self._sizes if id(named[name]) not in held]
        if lost and len(lost) == len(self._sizes):
            self._note(
                "optimizer",
                f"none of the {len(held)} parameters of the optimizer is the model's, while "
                f"{len(lost)} others received gradients. "
                f"Write {type(run.optimizer).__name__}(model, lr={run.lr:g}) after the model.",
            )
        still = [n for n, count in self._still.items() if count >= 3]
        if still:
            self._note("still", f"{', '.join(still[:4])} did not change in any of 3 looks.")
        self._judge_sizes(run, before)
        self._judge_loss()

    def _judge_sizes(self, run: Run, before: dict[str, Array]) -> None:
        length = self.gradient[-1]
        usual = float(np.median(self.gradient[:-1])) if len(self.gradient) > 2 else math.nan
        if length > GROWS * usual and self.loss[-1] > 2 * min(self.loss):
            self._note(
                "exploding",
                f"the length of the gradient is {length:.3g}, usually {usual:.3g}, and the loss "
                f"rises. Write lr={run.lr / 2:g} (now {run.lr:g}), or clip_grad_norm=1.0.",
            )
        weights = {n: r[-1] for n, r in self.ratios.items() if before[n].ndim > 1 and r[-1] >= 0}
        if len(self.steps) > 1 and weights:
            peaks = {name: float(np.nanmax(self.ratios[name])) for name in weights}
            name = max(peaks, key=peaks.__getitem__)
            rose = self.loss[-1] > 2 * abs(self.loss[0])
            stays = len(self.steps) > 4 and self.loss[-1] > 0.5 * self.loss[0]
            stays = stays and float(np.nanmedian(self.ratios[name])) > FAST
            if peaks[name] > FAST and (rose or stays):
                self._note(
                    "fast",
                    f"updates of {name} are up to {peaks[name]:.2g} of its size, usual is 0.001. "
                    f"Write lr={run.lr / 10:g} (now {run.lr:g}).",
                )
            if max(weights.values()) < SLOW and self.loss[-1] > 0.5 * self.loss[0]:
                self._note(
                    "slow",
                    f"updates are at most {max(weights.values()):.1g} of the weights: next to "
                    f"nothing moves. Write lr={run.lr * 100:g} (now {run.lr:g}).",
                )
        self._judge_vanishing(before)

    def _judge_vanishing(self, before: dict[str, Array]) -> None:
        sizes = {
            name: size / math.sqrt(before[name].size)
            for name, size in self._sizes.items()
            if before[name].ndim > 1
        }
        if len(sizes) < 2 or not max(sizes.values()) > 0:
            return
        name = min(sizes, key=sizes.__getitem__)
        share = sizes[name] / max(sizes.values())
        if share < VANISHES:
            self._note(
                "vanishing",
                f"the gradient of {name} is {share:.1g} of the largest: it vanishes on the way. "
                "Use a normalisation, x + layer(x), or nn.ReLU() with init='he'.",
            )

    def _judge_loss(self) -> None:
        seen = np.array(self.loss)
        if len(seen) not in (LOOKS, MANY) or not np.isfinite(seen).all():
            return
        early, late = np.array_split(seen, 2)
        noise = math.sqrt((early.var() + late.var()) / len(late))
        still = np.ptp(seen) <= FLAT * abs(seen[0])
        if still or (len(seen) == MANY and early.mean() - late.mean() < 2 * noise):
            self._note(
                "flat",
                f"the loss is flat: {early.mean():.4g}, then {late.mean():.4g} until step "
                f"{self.steps[-1]}. Look at training.preflight(model, batch, loss, optimizer).",
            )

    def _note(self, kind: str, words: str) -> None:
        if kind in self._said:
            return
        self._said.add(kind)
        said = f"step {self.steps[-1]}: {words}"
        self.notes.append(said)
        if self._warns:
            note(said)

    def state(self) -> dict[str, Any]:
        """Return what was seen, for a run that goes on later; inspected layers stay behind."""
        return {
            "steps": list(self.steps), "loss": list(self.loss), "gradient": list(self.gradient),
            "ratios": {name: list(column) for name, column in self.ratios.items()},
            "notes": list(self.notes), "said": sorted(self._said), "still": dict(self._still),
        }  # fmt: skip

    def load(self, saved: dict[str, Any]) -> None:
        """Take over what another monitor saw."""
        self.steps = [int(step) for step in saved["steps"]]
        self.loss, self.gradient = _numbers(saved["loss"]), _numbers(saved["gradient"])
        self.ratios = {str(name): _numbers(column) for name, column in saved["ratios"].items()}
        self.notes, self._said = list(map(str, saved["notes"])), set(map(str, saved["said"]))
        self._still = {str(name): int(count) for name, count in saved["still"].items()}
        self._before = {}


def _numbers(values: Any) -> list[float]:
    return [float(value) for value in values]
