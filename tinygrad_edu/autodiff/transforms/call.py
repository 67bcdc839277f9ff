"""One call of a function with some arguments turned into variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from contextvars import ContextVar
from typing import Any

import numpy as np

from ... import catalogue, reasons
from ...arrays import numbers
from ...mode import current, enable_grad, escapes
from ...source import Origin
from ...structure import flatten, map_leaves
from ..connection import gaps
from ..operation import operation
from ..record import pulled
from ..tensor import Tensor, asarray, next_index

Function = Callable[..., Any]

_VARIABLE = Origin(None, reason="variable")
_depth: ContextVar[int] = ContextVar("tinygrad_edu.transforms", default=0)


@operation(rule=lambda g, out, x: g, view=True, samples=lambda rng: ((rng.random((2, 3)),), {}))
def variable(x: Any, /) -> Tensor:
    r"""The same value as a variable of its own, so that a transform can tell it apart.

    .. math:: z = x, \qquad \bar x = \bar z
    """
    return x  # type: ignore[no-any-return]


class Call:
    """One call of ``f`` with some arguments turned into variables."""

    def __init__(self, f: Function, args: tuple[Any, ...], argnums: Any, kwargs: Any) -> None:
        if not callable(f):
            raise catalogue.not_a_function(f)
        self.start, before = next_index(), escapes.count
        self.nested = _depth.get() > 0
        single = type(argnums) is int or not isinstance(argnums, Sequence)
        chosen = _positions(argnums, single, len(args))
        leaves, rebuild = flatten([args[k] for k in chosen])
        self.plain = not any(isinstance(leaf, Tensor) for leaf in leaves)
        self.recording = current().enabled
        self.variables = [fresh_variable(leaf, self.recording) for leaf in leaves]
        filled = list(args)
        for k, value in zip(chosen, rebuild(iter(self.variables)), strict=True):
            filled[k] = value
        self._single, self._rebuild = single, rebuild
        token = _depth.set(_depth.get() + 1)
        try:
            with nullcontext() if self.recording else enable_grad():
                self.result = f(*filled, **kwargs)
        finally:
            _depth.reset(token)
        self.escaped = escapes.count > before

    def answer(self, values: Sequence[Any], again: bool) -> Any:
        """Give one value per variable the structure and kind of the chosen arguments."""
        parts = self._rebuild(iter([self._like_the_arguments(value, again) for value in values]))
        return parts[0] if self._single else tuple(parts)

    def again(self, targets: Sequence[Tensor]) -> bool:
        """Whether the gradient must be recorded: an outer computation may differentiate it."""
        if not self.recording:
            return False
        if any(x.op is not None for x in self.variables):
            return True
        return (self.nested or not self.plain) and bool(
            outside(targets, self.variables, self.start)
        )

    def pull(self, targets: Sequence[Any], seeds: Sequence[Any], again: bool) -> list[Any]:
        """Return the cotangent of every variable, from all targets in one sweep."""
        weights: dict[Tensor, Any] = {}
        for target, weight in zip(targets, seeds, strict=True):
            if target._tracked:
                weights[target] = weight + weights[target] if target in weights else weight
            else:
                self.check_gaps(target)
        answers = pulled(weights, self.variables, again)
        return [
            np.zeros_like(x._data) if g is None else g
            for g, x in zip(answers, self.variables, strict=True)
        ]

    def check_gaps(self, target: Tensor) -> None:
        """A transform of a constant is zero, but a gradient lost on the way is an error."""
        found = [gap for gap in gaps(target, None) if gap.reason != "stop_gradient"]
        if found and self.variables:
            raise reasons.unconnected(target, self.variables[0], "the argument", found, [], [])
        if self.escaped and not target._tracked:
            raise reasons.returned_plain_number(target)

    def out(self, values: Any, again: bool) -> Any:
        """Give results the kind of number that the arguments had."""
        return map_leaves(lambda value: self._like_the_arguments(value, again), values)

    def _like_the_arguments(self, value: Any, again: bool) -> Any:
        if not isinstance(value, Tensor):
            tensor = isinstance(value, np.ndarray) and (again or not self.plain)
            return asarray(value) if tensor else value
        return value if again else value._data.copy() if self.plain else value.detach()


def _positions(argnums: Any, single: bool, count: int) -> list[int]:
    """Return the arguments to differentiate as numbers from 0, each once."""
    asked = [argnums] if single else argnums
    chosen = [k % count for k in asked if type(k) is int and -count <= k < count]
    if len(set(chosen)) < len(asked):
        raise catalogue.no_such_argument(argnums, count)
    return chosen


def fresh_variable(leaf: Any, recording: bool) -> Tensor:
    if isinstance(leaf, Tensor) and leaf.requires_grad and recording:
        return variable(leaf)
    array = leaf._data if isinstance(leaf, Tensor) else numbers(leaf)
    made = Tensor.__new__(Tensor)._fill(array, True)
    made.index = next_index()
    made._origin = _VARIABLE
    return made


def outside(targets: Sequence[Tensor], inside: Sequence[Tensor], start: int) -> list[Tensor]:
    """Return the tracked tensors older than ``start`` that the targets were computed from."""
    seen = set(inside)
    found = []
    stack = [target for target in targets if target not in seen]
    while stack:
        tensor = stack.pop()
        if tensor in seen or not tensor.requires_grad:
            continue
        seen.add(tensor)
        if tensor.op is None or tensor.index < start:
            found.append(tensor)
        else:
            stack.extend(tensor.inputs)
    return sorted(found, key=lambda tensor: tensor.index)


def tensor_result(result: Any) -> Tensor:
    if not isinstance(result, Tensor):
        raise reasons.returned_plain_number(result)
    return result
