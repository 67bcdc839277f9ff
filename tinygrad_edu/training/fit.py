"""``fit``: train a model, and be able to go on after anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ..catalogue import unknown_choice
from ..nn import Module
from ..nn.optim import Optimizer
from ..nn.saving import load, save
from ..types import Array, Rng
from . import catalogue
from .batches import batches_of
from .callback import Callback
from .diagnosis.unasked import Unasked
from .evaluation import evaluate
from .history import History
from .progress import progress as shown_progress
from .run import Run
from .state import untouched

__all__ = ["fit", "trained"]


def fit(
    model: Module,
    data: Any,
    loss: Callable[..., Any],
    optimizer: Optimizer,
    *,
    epochs: int = 1,
    batch_size: int = 32,
    validation: Any = None,
    metrics: dict[str, Callable[[Array, Array], Any]] | None = None,
    callbacks: Sequence[Callback] = (),
    schedule: Any = None,
    schedule_every: str = "epoch",
    clip_grad_norm: float | None = None,
    accumulate: int = 1,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
    progress: bool = True,
    dry_run: bool = False,
    rng: Rng = None,
) -> History:
    r"""Train a model on data, and return the history of it.

    .. math:: \theta \leftarrow \theta - \text{step}\big(\nabla_\theta \tfrac1b \textstyle\sum_i
              \ell(f_\theta(x_i), y_i)\big)

    Parameters
    ----------
    model : Module
        Trained in place. Its modes (training or not) are as before afterwards.
    data : DataLoader, tuple of array_like, or iterable of batches
        A batch is ``(*inputs, target)``. ``(x, y)`` is cut into batches of ``batch_size`` in a new
        order every epoch.
    loss : callable
        ``loss(prediction, target)``, the mean over a batch: a module or a function.
    optimizer : Optimizer
        Of the model's parameters.
    epochs : int, at least 0
        How often to go through the data, in all: a run that is resumed does the rest.
    validation : like ``data``, optional
        Looked at after each epoch, in evaluation mode.
    metrics : dict of callable, optional
        ``metric(target, prediction)`` of all validation data, as arrays.
    callbacks : sequence of Callback
        Called in this order.
    schedule : LRScheduler, optional
        Stepped after each epoch, or each step of the optimizer (``schedule_every="step"``). One
        that waits for a plateau is given the validation loss, else the training loss.
    clip_grad_norm : float, optional
        No gradient is longer than this, all parameters together.
    accumulate : int, at least 1
        Batches for one step: as if they were one, though batch normalisation sees each alone.
    checkpoint : path, optional
        Where the whole state goes after every epoch, and every ``checkpoint_every`` steps.
    resume : bool
        Go on from the checkpoint if there is one: with the same bits as if never interrupted.
    progress : bool
        Show a bar or lines.
    dry_run : bool
        Try one step and one look at the validation data, and put everything back: says early what
        does not fit.
    rng : Generator or int, optional
        For the order of ``(x, y)`` and for layers without a stream of their own.

    Returns
    -------
    History
        A row for each epoch.

    Raises
    ------
    AnomalyError
        When the loss is not finite: with the operation and the line that made the first such
        value. The model is then as it was before that step.
    DivergedError
        When no operation is to blame, because the steps were too large.

    Notes
    -----
    A run that goes on has the same bits if all that is random draws from ``tg.seed``, or from
    generators that the model, data, loss, metrics and callbacks hold or enclose: these are wound to
    where they stood. A callback's other state is what its ``state`` returns.

    It warns with a ``TrainNote``, once, of inputs hundreds of times too large, of a loss that grew
    a hundredfold with the weights, and of a callback that leaves the model in evaluation mode.

    Every hundred steps a copy of the state is kept in memory; a step that fails is found again
    from there. Source of the loop: Goodfellow, Bengio, Courville 2016, algorithm 8.1.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> model = nn.Linear(1, 1, rng=0)
    >>> history = fit(model, (x, 2 * x + 1), nn.MSELoss(), nn.optim.SGD(model, lr=0.3),
    ...     epochs=30, rng=0, progress=False)
    >>> bool(history["loss"][-1] < 1e-3)
    True
    """
    _check(schedule_every, epochs=(epochs, 0), accumulate=(accumulate, 1))
    if checkpoint_every is not None:
        _check(schedule_every, checkpoint_every=(checkpoint_every, 1))
    if resume and checkpoint is None:
        raise catalogue.resume_without_checkpoint()
    run = Run(
        model, batches_of(data, batch_size, shuffle=True, rng=rng), loss, optimizer,
        validation=None if validation is None else batches_of(validation, 256),
        metrics=metrics, callbacks=callbacks, schedule=schedule, schedule_every=schedule_every,
        clip_grad_norm=clip_grad_norm, accumulate=accumulate, rng=rng,
    )  # fmt: skip
    with run.under_way(), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if dry_run:
            return _tried(run)
        if resume and Path(str(checkpoint)).exists():
            run.load(load(checkpoint), checkpoint)
        return trained(run, epochs, checkpoint, checkpoint_every, progress)


def _check(schedule_every: str, **counts: tuple[Any, int]) -> None:
    for name, (value, least) in counts.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise catalogue.bad_count(name, value, least)
    if schedule_every not in ("epoch", "step"):
        raise unknown_choice("schedule_every", schedule_every, ("epoch", "step"))


def trained(run: Run, epochs: int, checkpoint: Any, every: int | None, progress: bool) -> History:
    """Go through the epochs that are left.

    Parameters
    ----------
    run : Run
        Under way.
    epochs, checkpoint, every, progress
        As for ``fit``.
    """
    if checkpoint is not None and every is not None:
        run.every_step(lambda run: run.step % every or save(run.state(), checkpoint))
    unasked = Unasked(run)
    run.every_step(unasked.step)
    length = len(run.data) if hasattr(run.data, "__len__") else None
    shown = shown_progress(progress, run.epoch, epochs, length)
    try:
        run.tell("on_start")
        while run.epoch < epochs and run.history.stopped is None:
            if run.one_epoch(shown):
                unasked.epoch(run)
                shown.epoch(run.history.rows[-1])
                if checkpoint is not None:
                    save(run.state(), checkpoint)
        run.tell("on_end")
    finally:
        shown.close()
    return run.history


def _tried(run: Run) -> History:
    """One step and one look at the validation data, after which everything is as before."""
    with untouched(run):
        for group in run.groups():
            run.one_step(group)
            Unasked(run).step(run)
            break
        else:
            raise catalogue.no_samples()
        if run.validation is not None:
            evaluate(run.model, list(islice(run.validation, 1)), run.loss, metrics=run.metrics)
    return run.history
