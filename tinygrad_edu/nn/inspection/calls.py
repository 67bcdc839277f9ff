"""One forward pass, with every call of a module in it."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from ... import errors
from ...autodiff.record import Tape
from ...autodiff.tensor import Tensor
from ..module import Module
from ..path import ModuleCall, listed_calls

__all__ = ["Run", "copied", "run", "tensors"]


class Run(NamedTuple):
    """A call of a model: the calls that it made, its own first, and the rows.

    Paths of ``calls`` are those below the model, ``""`` for itself; on the tape they begin with
    ``root``.
    """

    calls: list[ModuleCall]
    tape: Tape
    root: str


def run(model: Module, inputs: tuple[Any, ...], options: dict[str, Any]) -> Run:
    """Call a model as it is, in its mode, and say what happened."""
    check(model)
    with Tape() as tape, listed_calls() as calls:
        model(*inputs, **options)
    root = calls[0].path
    for call in calls:
        call.path = call.path[len(root) + 1 :]
    return Run(calls, tape, root)


def check(model: Any) -> None:
    """Refuse what is no module, and so leaves no path."""
    if not isinstance(model, Module):
        raise errors.ArgumentError(
            f"a Module is looked into, got {model!r:.60}",
            why="only calls of modules leave a path",
            fix="nn.Sequential(nn.Linear(2, 3), nn.Tanh())",
        )


def copied(model: Module) -> Module:
    """Return a copy to try things on; nothing done to it reaches the model."""
    check(model)
    # A value that ``forward`` kept would bring its graph along; its numbers are enough.
    kept = [t for module in model.modules() for t in tensors(vars(module)) if t.op is not None]
    return copy.deepcopy(model, {id(tensor): tensor.detach() for tensor in kept})


def tensors(result: Any) -> list[Tensor]:
    """Return the Tensors in what a ``forward`` returned."""
    if isinstance(result, Tensor):
        return [result]
    if isinstance(result, dict):
        result = list(result.values())
    parts = result if isinstance(result, (tuple, list)) else ()
    return [found for part in parts for found in tensors(part)]
