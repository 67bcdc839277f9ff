"""The errors of optimizers, schedules and clipping: one function per situation, each with a fix."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import errors
from ...types import Array, Shape


def nothing_to_step(kind: str, count: int) -> str:
    """M02: no parameter of an optimizer has a gradient."""
    return (
        f"{kind}.step() changes nothing: of its {count} parameters none has a gradient. Call "
        "loss.backward() first. If you did, the optimizer was made from another model than the one "
        "that is trained: make it after the model. Said once for this optimizer."
    )


def not_a_state() -> Exception:
    return errors.LoadError(
        "the state of an optimizer is a dict of 'state' and 'param_groups'",
        why="a group is a dict of settings and of 'params', the positions of its parameters",
        fix="opt.load_state_dict(other.state_dict())",
    )


def other_groups(saved: list[int], own: list[int]) -> Exception:
    return errors.LoadError(
        f"the saved groups have {saved} parameters, this optimizer's {own}",
        why="state belongs to parameters by position",
        fix="build the optimizer from the same model, in the same groups",
    )


def no_such_position(key: Any, count: int) -> Exception:
    return errors.LoadError(
        f"there is a state of parameter {key!r}, but the parameters are 0 to {count - 1}",
        why="state belongs to parameters by position",
        fix="opt.load_state_dict(other.state_dict())",
    )


def no_number(kind: str, where: str, value: object) -> Exception:
    return errors.LoadError(
        f"the state of {kind} has {where} = {value!r:.60}",
        why="numbers are expected there, and a count of steps is at least 0",
        fix="opt.load_state_dict(other.state_dict())",
    )


def state_does_not_fit(kind: str, name: str, k: int, given: Shape, expected: Shape) -> Exception:
    if not expected and given:
        return errors.LoadError(
            f"{kind} keeps no {name} with a number for each number of parameter {k}",
            shapes=(given,),
            why="the state is that of another kind of optimizer",
            fix=f"{kind}(model).load_state_dict(...)   # with what a {kind} saved",
        )
    return errors.LoadError(
        f"{name} of parameter {k} has shape {given}, expected {expected}",
        shapes=(given, expected),
        why="each number of a parameter has its own",
        fix="build the optimizer from a model of the same sizes",
    )


def norm_not_finite(norm: float, gradients: dict[str, Any]) -> Exception:
    notes = []
    for name, gradient in gradients.items():
        array = np.asarray(getattr(gradient, "_data", gradient))
        bad = ~np.isfinite(array)
        if bad.any():
            index = tuple(int(k) for k in np.argwhere(bad)[0])
            notes.append(
                f"{name} {array.shape}: {int(bad.sum())} of {bad.size} numbers, the first is "
                f"{array[index]} at {index}"
            )
    return errors.AnomalyError(
        f"the norm of the gradients is {norm}, so it cannot be brought to a limit",
        value=norm,
        notes=notes or ("every number is finite, but the norm is too large for its type",),
        why="a step would make NaN of every parameter, or do nothing",
        fix="opt.zero_grad()   # leave this batch out; tg.detect_anomaly() finds where it began",
    )


def update_while_swapped() -> Exception:
    return errors.ModuleError(
        "update() inside swap() would average the mean with itself",
        why="inside the block the model holds the means, not what is trained",
        fix="ema.update()   # after the block",
    )


def swapped_twice() -> Exception:
    return errors.ModuleError(
        "the means are in place already: swap() inside swap()",
        why="the inner block would take the means for the parameters",
        fix="with ema.swap():   # once, around all that predicts",
    )


def not_an_average() -> Exception:
    return errors.LoadError(
        "the state of an average has a whole number 'n_averaged', and arrays",
        why="the first update copies, later ones average",
        fix="ema.load_state_dict(other.state_dict())",
    )


def other_averages(names: list[str]) -> Exception:
    return errors.LoadError(
        f"these names are in the saved average or in this one, not in both: {', '.join(names)}",
        why="each mean belongs to the parameter of its name",
        fix="build the average from the same model",
    )


def average_does_not_fit(name: str, given: Array, own: Array) -> Exception:
    return errors.LoadError(
        f"the mean of {name} is {given.dtype} of shape {given.shape}, the model has {own.dtype} "
        f"of shape {own.shape}",
        shapes=(given.shape, own.shape),
        why="a mean has one number for each number of its parameter",
        fix="build the average from a model of the same sizes",
    )
