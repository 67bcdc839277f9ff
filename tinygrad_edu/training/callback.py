"""``Callback``: what is called while a model is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import catalogue

if TYPE_CHECKING:
    from .run import Run

__all__ = ["Callback"]

EVENTS = ("on_start", "on_epoch_start", "on_gradients", "on_step", "on_epoch", "on_end")


class Callback:
    """The base of what listens to a run: write the methods that you need.

    Notes
    -----
    ``on_start`` and ``on_end`` are called once, ``on_epoch_start`` and ``on_epoch`` around an
    epoch (the second when its row is in ``run.history``), ``on_step`` after each step of the
    optimizer. ``on_gradients`` comes between backward and step, and is the place to change
    gradients: when a step is replayed to find a value that is not finite, only it is called again.
    ``state`` and ``load`` go into checkpoints, and so does the state of a generator that is an
    attribute since ``__init__``.

    Examples
    --------
    >>> from tinygrad_edu import nn, training
    >>> class Steps(training.Callback):
    ...     count = 0
    ...     def on_step(self, run):
    ...         self.count += 1
    >>> model, steps = nn.Linear(1, 1), Steps()
    >>> _ = training.fit(model, ([[0.0], [1.0]], [[1.0], [3.0]]), nn.MSELoss(),
    ...     nn.optim.SGD(model, lr=0.1), epochs=5, callbacks=[steps], progress=False)
    >>> steps.count
    5
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in vars(cls):
            if name.startswith("on_") and name not in EVENTS:
                raise catalogue.unknown_event(cls.__name__, name, EVENTS)

    def on_start(self, run: Run) -> None:
        """Do something before the first epoch."""

    def on_epoch_start(self, run: Run) -> None:
        """Do something before the first batch of an epoch, or of what is left of one."""

    def on_gradients(self, run: Run) -> None:
        """Look at gradients, or change them, before the optimizer reads them."""

    def on_step(self, run: Run) -> None:
        """Do something after a step; ``run.step`` of them are done, ``run.last_loss`` is known."""

    def on_epoch(self, run: Run) -> None:
        """Do something when an epoch is over; ``run.history.rows[-1]`` is its row."""

    def on_end(self, run: Run) -> None:
        """Do something at the end, whatever the reason was."""

    def state(self) -> dict[str, Any]:
        """Return what a run that goes on later needs to know: nested numbers, text and arrays."""
        return {}

    def load(self, saved: dict[str, Any]) -> None:
        """Take over what ``state`` returned."""
