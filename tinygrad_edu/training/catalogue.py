"""The errors of this room: one function per situation, each with the edit that mends it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from .. import errors


def unknown_event(kind: str, name: str, events: Sequence[str]) -> Exception:
    near = get_close_matches(name, events, 1, 0.5)
    return errors.ArgumentError(
        f"{kind} has a method {name!r}, and a run has no such event",
        why=f"it would never be called; the events are {', '.join(events)}",
        fix=f"def {near[0] if near else 'on_step'}(self, run):",
    )


def nothing_to_watch(without_samples: bool) -> Exception:
    if without_samples:
        return errors.ArgumentError(
            "GANMonitor() was given no real samples",
            why="during a run, generated samples are compared with real ones",
            fix="training.GANMonitor(real=x)",
        )
    return errors.ArgumentError(
        "a GANMonitor watches two players, and this run has one model",
        why="it compares generated samples with real ones",
        fix="training.Monitor()",
    )


def plateau_by_step() -> Exception:
    return errors.ArgumentError(
        "ReduceLROnPlateau waits for epochs that bring nothing, not for steps",
        why="it is given the validation loss, which is known after an epoch; the loss of one batch "
        "wavers, and the rate would fall for that alone",
        fix='schedule_every="epoch"   # or nn.optim.schedules.ExponentialLR for each step',
    )


def unknown_column(name: str, columns: Iterable[str]) -> Exception:
    names = list(columns)
    near = get_close_matches(name, names, 1, 0.5)
    fix = f'history["{near[0]}"]' if near else "fit(..., validation=(x, y), metrics={...})"
    return errors.ArgumentError(
        f"there is no column {name!r}, only {', '.join(names) or 'a table without rows'}",
        why="a column is what was asked to be measured",
        fix=fix,
    )


def no_batches(data: Any) -> Exception:
    return errors.ArgumentError(
        f"a {type(data).__name__} cannot be gone through in batches",
        why="training takes inputs with their targets",
        fix="(x, y)   # or tg.data.DataLoader(x, y, batch_size=32, shuffle=True)",
    )


def used_up(data: Any) -> Exception:
    return errors.ArgumentError(
        f"a {type(data).__name__} can be gone through only once",
        why="every epoch goes through the batches again",
        fix="list(batches)",
    )


def not_a_batch(batch: Any) -> Exception:
    return errors.ArgumentError(
        f"a batch is a tuple of inputs and, last, the target; got {type(batch).__name__}",
        why="the loss compares a prediction with its target",
        fix="(x, y)",
    )


def no_samples() -> Exception:
    return errors.ArgumentError(
        "the data has no batch",
        why="with drop_last, fewer samples than one batch make none",
        fix="DataLoader(x, y, batch_size=8)",
    )


def not_one_number(shape: tuple[int, ...]) -> Exception:
    return errors.ShapeError(
        f"the loss has shape {shape}; a step follows the gradient of one number",
        shapes=(shape,),
        why='reduction="none" keeps one number for each sample',
        fix='nn.MSELoss(reduction="mean")',
    )


def loss_without_graph() -> Exception:
    return errors.GradientError(
        "the loss depends on no parameter, so there is nothing to follow",
        why="all parameters are frozen, or the loss was computed with plain arrays",
        fix="model.unfreeze()",
    )


def not_a_checkpoint(path: Any, missing: Sequence[str]) -> Exception:
    return errors.LoadError(
        f"{path} is no checkpoint of a run: {', '.join(missing)} is missing",
        why="weights alone do not say where the run was",
        fix="fit(..., checkpoint=path)   # writes one",
    )


def odd_checkpoint(path: Any, what: str) -> Exception:
    return errors.LoadError(
        f"{path} is no checkpoint of this run: {what}",
        why="it is damaged, or of a run with another model, optimizer or data; nothing was loaded",
        fix="fit(..., resume=False)   # begins anew, and writes a new one",
    )


def other_streams(path: str, found: Iterable[str], expected: Iterable[str]) -> Exception:
    return errors.LoadError(
        f"the checkpoint has generators {sorted(found)}, the run {sorted(expected)}",
        why="a run that goes on draws from the same streams as before",
        fix="build model, data and callbacks as for the first part of the run",
    )


def other_callbacks(path: Any, saved: Sequence[Any], given: Sequence[Any]) -> Exception:
    kinds = [kept["kind"] for kept in saved]
    return errors.LoadError(
        f"{path} is of a run with callbacks {kinds}, this one has "
        f"{[type(callback).__name__ for callback in given]}",
        why="each callback goes on from its own state; they are told apart by their order",
        fix=f"callbacks=[{', '.join(kind + '(...)' for kind in kinds)}]   # new ones at the end",
    )


def resume_without_checkpoint() -> Exception:
    return errors.ArgumentError(
        "resume=True needs to know from which checkpoint",
        fix='fit(..., checkpoint="run.npz", resume=True)',
    )


def bad_count(name: str, value: Any, least: int) -> Exception:
    return errors.ArgumentError(
        f"{name}={value!r} is not a whole number of at least {least}", fix=f"{name}={least}"
    )


def bad_range(name: str, value: Any, needed: str, example: str) -> Exception:
    return errors.ArgumentError(f"{name}={value!r} is not {needed}", fix=f"{name}={example}")


def no_game() -> Exception:
    return errors.ArgumentError(
        "a GANRecorder watches two players, and this run trains one model",
        fix="training.fit_gan(generator, discriminator, ..., callbacks=[recorder])",
    )


def no_epoch_in_path(path: str) -> Exception:
    stem, dot, end = path.rpartition(".")
    return errors.ArgumentError(
        f"the path {path!r} is the same for all epochs",
        why="each file would replace the one before",
        fix=repr(f"{stem}-{{epoch}}{dot}{end}" if dot else path + "-{epoch}.npz"),
    )


def flat(low: float, high: float, first: float, least: float) -> Exception:
    return errors.ArgumentError(
        f"the loss falls at no rate between {low:g} and {high:g}: from {first:.4g} to {least:.4g} "
        "at best, no more than it wavers by itself",
        why="frozen parameters, an optimizer of another model, zero gradients, or labels that say "
        "nothing of the inputs look like this",
        fix="training.preflight(model, batch, loss)   # says which; or more steps",
    )


def diverged_at_once(low: float, rate: float) -> Exception:
    return errors.ArgumentError(
        f"the loss grows from the first rates on: it is past all use at {rate:.3g}, and never fell",
        why="the useful rates are below the range that was tried",
        fix=f"lr_find(..., low={low / 1e4:g}, high={low:g})",
    )


def diverged(step: int, loss: float, facts: Sequence[str], lr: float) -> Exception:
    """N04: not finite, and no single operation to blame."""
    return errors.DivergedError(
        f"step {step}: the loss is {loss:g}",
        code="TG-N04",
        notes=tuple(facts),
        why="the steps were too large: each made the next gradient larger",
        fix=f"lr={lr / 10:g}" + "   # or clip_grad_norm=1.0" if math.isfinite(lr) else "lr=0.001",
    )
