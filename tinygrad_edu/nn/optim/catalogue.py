"""The errors of optimizers, schedules and clipping: one function per situation, each with a fix."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...types import Shape


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
