"""``Run``: one training run, step by step."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from ..nn import Module
from ..nn.optim import Optimizer, clip_grad_norm
from ..nn.optim.schedules import ReduceLROnPlateau
from ..seeding import generator, seed
from ..types import Array, Rng
from . import catalogue
from .batches import samples_in, taken_apart
from .callback import Callback
from .evaluation import evaluate
from .history import History
from .replay import explain
from .resuming import resumed
from .state import drawn_from, stream_states, taken, wind, wind_back

__all__ = ["Run"]

# So often a state is kept in memory, from which a step can be done again: a copy of the weights.
KEPT_EVERY = 100


class Run:
    """A model, what trains it, and how far it is; callbacks get it with every event.

    Attributes
    ----------
    model, loss, optimizer, schedule, data, validation
        As given to ``fit``.
    history : History
        A row for each epoch that is over.
    epoch, batch, step : int
        Epochs that are over, batches of the one that is not, and steps of the optimizer in all.
    last_loss : float
        Of the last batch.
    samples : tuple
        The last batch itself: inputs and, last, the target.
    """

    def __init__(
        self,
        model: Module,
        data: Any,
        loss: Callable[..., Any],
        optimizer: Optimizer,
        *,
        validation: Any = None,
        metrics: dict[str, Callable[[Array, Array], Any]] | None = None,
        callbacks: Sequence[Callback] = (),
        schedule: Any = None,
        schedule_every: str = "epoch",
        clip_grad_norm: float | None = None,
        accumulate: int = 1,
        rng: Rng = None,
    ) -> None:
        if isinstance(schedule, ReduceLROnPlateau) and schedule_every == "step":
            raise catalogue.plateau_by_step()
        self.model, self.data, self.loss, self.optimizer = model, data, loss, optimizer
        self.validation, self.metrics = validation, dict(metrics or {})
        self.callbacks, self.schedule = list(callbacks), schedule
        self.schedule_every, self.longest, self.accumulate = (
            schedule_every, clip_grad_norm, accumulate,
        )  # fmt: skip
        self.history = History()
        self.epoch = self.batch = self.step = 0
        self.last_loss = math.nan
        self.samples: Any = None
        self.sums: dict[str, float] = {}
        # Further numbers of the last step, whose means over an epoch go into its row.
        self.parts: dict[str, float] = {}
        self.loader_states: dict[str, Any] = {}
        # What layers draw while training, when they have no stream of their own.
        self._number = int(generator(rng).integers(2**63))
        self.stream: Any = None
        self.kept: dict[str, Any] | None = None
        self._kept_at = 0
        self._every_step: list[Callable[[Run], object]] = []

    def stop(self, reason: str) -> None:
        """End the run after this step; the reason is in ``history.stopped``."""
        self.history.stopped = reason

    def every_step(self, act: Callable[[Run], object]) -> None:
        """Have something done after each step, when all callbacks have been told."""
        self._every_step.append(act)

    @property
    def drawing(self) -> dict[str, Any]:
        """What may hold streams of random numbers, beside the model and the data."""
        return {"loss": self.loss, "metrics": self.metrics}

    @property
    def parameters(self) -> list[Any]:
        """What the optimizer trains, in its order."""
        return [part for group in self.optimizer.param_groups for part in group["params"]]

    @property
    def lr(self) -> float:
        """The learning rate of the first group."""
        return float(self.optimizer.param_groups[0]["lr"])

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Train mode and the run's own random numbers inside; the modes come back afterwards."""
        modes = [(module, module.training) for module in self.model.modules()]
        with seed(self._number) as self.stream:
            self.model.train()
            try:
                yield
            finally:
                for module, mode in modes:
                    module.training = mode

    def tell(self, event: str) -> None:
        """Call a method of all callbacks."""
        for callback in self.callbacks:
            getattr(callback, event)(self)

    def one_epoch(self, shown: Any) -> bool:
        """Go through what is left of an epoch, validate, and write its row; False if stopped."""
        began = time.perf_counter()
        self.tell("on_epoch_start")
        for group in self.groups():
            if self.batch == 0 or self.step >= self._kept_at + KEPT_EVERY or self.kept is None:
                self.kept, self._kept_at = taken(self), self.step
            if not math.isfinite(loss := self.one_step(group)):
                raise explain(self)
            self._count(group, loss)
            self.tell("on_step")
            for act in self._every_step:
                act(self)
            shown.step(len(group), loss)
            if self.history.stopped is not None:
                return False
        if not self.sums:
            raise catalogue.no_samples()
        self._close(time.perf_counter() - began)
        return True

    def groups(self) -> Iterator[list[Any]]:
        """Yield the batches of each step from the position on; a new epoch draws a new order."""
        if self.batch == 0:
            self.note_epoch()
            batches = iter(self.data)
        else:
            batches = self._seen_again()
        while group := list(islice(batches, self.accumulate)):
            yield group

    def _seen_again(self) -> Iterator[Any]:
        """Draw the batches that were seen again, from the streams as they were."""
        now = drawn_from(self)
        self.stream.bit_generator.state = self.loader_states["run"]
        wind(self.data, self.loader_states["data"])
        batches: Iterator[Any] = iter(self.data)
        for _ in range(self.batch):
            if next(batches, None) is None:
                raise catalogue.odd_checkpoint(
                    "the checkpoint", f"it is at batch {self.batch}, and an epoch here has fewer"
                )
        # A generator that the loader shares with the model is where both had brought it.
        wind_back(self, now)
        return batches

    def note_epoch(self) -> None:
        """Note from which random numbers the order of this epoch is drawn."""
        self.loader_states = {
            "data": stream_states(self.data), "run": self.stream.bit_generator.state,
        }  # fmt: skip

    def one_step(self, group: list[Any]) -> float:
        """Follow the gradient of the mean loss over a group of batches; return that loss."""
        self.optimizer.zero_grad()
        total, count = 0.0, sum([samples_in(batch) for batch in group])
        for batch in group:
            self.samples = batch
            inputs, target = taken_apart(batch)
            loss = self.loss(self.model(*inputs), target)
            if loss.shape != ():
                raise catalogue.not_one_number(loss.shape)
            if not loss.requires_grad:
                raise catalogue.loss_without_graph()
            share = 1.0 if len(group) == 1 else samples_in(batch) / count
            total += loss.item() * share
            (loss if share == 1.0 else loss * share).backward()
        self.last_loss = total
        if math.isfinite(total):
            self.tell("on_gradients")
            if self.longest is not None:
                clip_grad_norm(self.parameters, self.longest)
            self.optimizer.step()
            if self.schedule is not None and self.schedule_every == "step":
                self.schedule.step()
        return total

    def _count(self, group: list[Any], loss: float) -> None:
        count = sum([samples_in(batch) for batch in group])
        self.batch += len(group)
        self.step += 1
        self.sums["samples"] = self.sums.get("samples", 0.0) + count
        for name, value in {"loss": loss, **self.parts}.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * count

    def _close(self, seconds: float) -> None:
        samples = self.sums["samples"]
        row: dict[str, Any] = {"epoch": self.epoch + 1}
        row |= {name: self.sums[name] / samples for name in self.sums if name != "samples"}
        row["lr"] = self.lr
        if self.validation is not None:
            found = evaluate(self.model, self.validation, self.loss, metrics=self.metrics)
            row |= {f"val_{name}": value for name, value in found.items()}
        self.history.rows.append(row)
        self.history.seconds.append(seconds)
        self.epoch, self.batch, self.sums = self.epoch + 1, 0, {}
        self.note_epoch()
        if self.schedule is not None and self.schedule_every == "epoch":
            if isinstance(self.schedule, ReduceLROnPlateau):
                self.schedule.step(row.get("val_loss", row["loss"]))
            else:
                self.schedule.step()
        self.tell("on_epoch")

    def state(self) -> dict[str, Any]:
        """Return everything that decides how the run goes on, between two steps."""
        return taken(self)

    def load(self, saved: dict[str, Any], path: Any = "the state") -> None:
        """Go on as the run from which the state was taken; see ``resuming.resumed``."""
        resumed(self, saved, path)
