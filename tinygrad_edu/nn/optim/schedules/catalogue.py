"""The errors of schedules: one function per situation, each with the edit that mends it."""

from __future__ import annotations

from typing import Any

from .... import errors
from ..ranges import is_number


def not_an_optimizer(given: Any, kind: str) -> Exception:
    return errors.ArgumentError(
        f"{kind} changes the learning rates of an optimizer, got {type(given).__name__}",
        why="an optimizer has parameter groups, each with its lr",
        fix="nn.optim.SGD(model, lr=0.1)   # as the first argument",
    )


def not_one_a_group(name: str, given: Any, count: int) -> Exception:
    what = "1 parameter group" if count == 1 else f"{count} parameter groups"
    one = next((x for x in given if is_number(x)), 0.1)
    if any(callable(x) for x in given):
        one = "lambda step: 0.95**step"
    return errors.ArgumentError(
        f"{name} has {len(given)} values, the optimizer has {what}",
        why="a list has one value for each group, a single value is for all",
        fix=f"{name}={one}   # for all",
    )


def schedule_before_optimizer(kind: str) -> Exception:
    return errors.ModuleError(
        f"{kind}.step() came before the first opt.step()",
        why="the first learning rate of the schedule would not be used; to look at its curve, "
        "call the pure function `rate`",
        fix="opt.step(); schedule.step()",
    )


def nothing_to_go_on_from(kind: str, last_epoch: int) -> Exception:
    return errors.ArgumentError(
        f"{kind} is to go on after step {last_epoch}, but the optimizer knows no initial_lr",
        why="a schedule leaves it in each parameter group, and opt.state_dict() saves it",
        fix="last_epoch=-1   # or opt.load_state_dict(saved) before",
    )


def not_a_schedule_state(kind: str, found: str) -> Exception:
    return errors.LoadError(
        f"this is no state of {kind}: {found}",
        why="it would go on from nowhere",
        fix="schedule.load_state_dict(other.state_dict())   # of the same kind",
    )


def not_a_factor(given: Any) -> Exception:
    return errors.ArgumentError(
        f"lr_lambda is a function of the step, got {given!r:.40}",
        why="it is called after each step, and gives a factor",
        fix="lr_lambda=lambda step: 0.95**step",
    )


def milestones_out_of_order(given: Any, low: int) -> Exception:
    listed = given if isinstance(given, list) else []
    right = sorted({m for m in listed if isinstance(m, int) and m >= low}) or [30, 80]
    return errors.ArgumentError(
        f"milestones are whole numbers that grow, from {low} on, got {given!r:.60}",
        why="each stands for a step, and the next one comes later",
        fix=f"milestones={right}",
    )


def wrong_number_of_milestones(schedules: int, milestones: list[int]) -> Exception:
    wanted = schedules - 1
    last = milestones[-1] if milestones else 0
    more = [last + 10 * k for k in range(1, schedules)]
    return errors.ArgumentError(
        f"{schedules} schedules need {wanted} milestones, got {milestones}",
        why="a milestone stands between a schedule and the next",
        fix=f"milestones={[*milestones, *more][:wanted]}",
    )


def sequence_from_the_middle(last_epoch: Any) -> Exception:
    return errors.ArgumentError(
        f"SequentialLR starts from its beginning, got last_epoch={last_epoch!r}",
        why="where its schedules stood is more than one number",
        fix="last_epoch=-1   # then schedule.load_state_dict(saved)",
    )


def no_schedules(kind: str) -> Exception:
    return errors.ArgumentError(
        f"{kind} needs a list of at least one schedule",
        fix="[nn.optim.schedules.ExponentialLR(opt, gamma=0.9)]",
    )


def not_composable(kind: str, k: int, given: Any) -> Exception:
    what = type(given).__name__
    why, fix = "it is no schedule", "nn.optim.schedules.ExponentialLR(opt, gamma=0.9)"
    if what == "ReduceLROnPlateau":
        why, fix = "it needs a figure at each step", "schedule.step(); plateau.step(loss)"
    return errors.ArgumentError(
        f"schedule {k} of {kind} is a {what}, which cannot be a part", why=why, fix=fix
    )


def other_optimizer(kind: str, k: int) -> Exception:
    return errors.ArgumentError(
        f"schedule {k} of {kind} belongs to another optimizer",
        why="all of them change the same learning rates",
        fix="nn.optim.schedules.ExponentialLR(opt, gamma=0.9)   # with one opt for all",
    )


def no_momentum(optimizer: str, kind: str) -> Exception:
    return errors.ArgumentError(
        f"{kind} is to cycle the momentum, and {optimizer} has none",
        why="it has neither a setting 'momentum' nor 'betas'",
        fix="cycle_momentum=False",
    )


def no_total() -> Exception:
    return errors.ArgumentError(
        "OneCycleLR needs total_steps, or else epochs and steps_per_epoch",
        why="it has to know when to turn, and when to be done",
        fix="epochs=10, steps_per_epoch=100",
    )


def cycle_is_over(total: int, max_lr: float) -> Exception:
    return errors.ArgumentError(
        f"OneCycleLR is over after its {total} steps",
        why="its curve ends there; mostly steps were counted in epochs, and are made in batches",
        fix=f"OneCycleLR(opt, max_lr={max_lr:g}, epochs=10, steps_per_epoch={total})",
    )


def no_metric(given: Any) -> Exception:
    found = "got none" if given is None else f"got {given!r:.40}"
    return errors.ArgumentError(
        f"ReduceLROnPlateau judges one number, {found}",
        why="it lowers the learning rate when that figure stops improving",
        fix="schedule.step(loss)",
    )
