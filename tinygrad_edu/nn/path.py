"""Where a module is being called: ``Net.cell#2``, for rows on a tape and for messages.

Rows carry the path of the module that made them while someone observes: class name of the
outermost module, then the attributes that lead inwards, each with the number of the call from the
second on. Messages need no record: the frames of the calls are still on the stack.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from ..mode import Block, current
from ..source import outside
from .tree import Tree

__all__ = ["ModuleCall", "listed_calls", "observed_call", "written_path"]


class _Call:
    """One call of a module while someone observes: the names and the call counts below it."""

    __slots__ = ("counts", "module", "names")

    def __init__(self, module: Tree) -> None:
        self.module = module
        self.names: dict[int, str] | None = None
        self.counts: dict[str, int] = {}

    def name_of(self, module: Tree) -> str:
        if self.names is None:
            self.names = _names_below(self.module)
        return self.names.get(id(module)) or type(module).__name__


class ModuleCall:
    """One call of a module, for who lists them: its path, what went in and what came out."""

    __slots__ = ("inputs", "module", "output", "path")

    def __init__(self, path: str, module: Tree, inputs: Any) -> None:
        self.path, self.module, self.inputs = path, module, inputs
        self.output: Any = None


_inside: ContextVar[_Call | None] = ContextVar("tinygrad_edu.nn.call", default=None)
_list: ContextVar[list[ModuleCall] | None] = ContextVar("tinygrad_edu.nn.calls", default=None)
# How often outermost modules were called under a tape; goes with the tape.
_outermost: WeakKeyDictionary[Any, dict[str, int]] = WeakKeyDictionary()


def observed_call(module: Any, inputs: Any, options: dict[str, Any]) -> Any:
    """Run a module's ``forward`` so that the rows it makes carry its path.

    Parameters
    ----------
    module : Module
        The one to run.
    inputs, options
        Arguments of its ``forward``.
    """
    state, outer = current(), _inside.get()
    if outer is not None:
        name, counts, prefix = outer.name_of(module), outer.counts, f"{state.path}."
    else:
        tape = state.tapes[-1] if state.tapes else None
        counts = {} if tape is None else _outermost.setdefault(tape, {})
        name, prefix = type(module).__name__, ""
    counts[name] = number = counts.get(name, 0) + 1
    call = ModuleCall(f"{prefix}{name}" + (f"#{number}" if number > 1 else ""), module, inputs)
    if (calls := _list.get()) is not None:
        calls.append(call)
    token = _inside.set(_Call(module))
    try:
        with Block(path=call.path):
            call.output = module.forward(*inputs, **options)
        return call.output
    finally:
        _inside.reset(token)


@contextmanager
def listed_calls() -> Iterator[list[ModuleCall]]:
    """List the calls of modules in a ``with`` block that is observed, as under a tape.

    They come in the order in which they began, so that a module stands before those that it calls.
    """
    calls: list[ModuleCall] = []
    token = _list.set(calls)
    try:
        yield calls
    finally:
        _list.reset(token)


def written_path(module: Tree) -> str:
    """Return how the user would write the way to a module that is being called.

    The outermost module goes by the caller's variable if there is one, else by its class.

    Parameters
    ----------
    module : Module
        Usually the innermost that is being called; else just its class is known.
    """
    calls = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        called = frame.f_locals.get("self")
        if frame.f_code.co_qualname == "Module.__call__" and isinstance(called, Tree):
            calls.append((called, frame.f_back))
        frame = frame.f_back
    if not calls or calls[0][0] is not module:
        return type(module).__name__
    outer, caller = calls.pop()
    path = _variable(outer, outside(caller)) or type(outer).__name__
    for inner, _ in reversed(calls):
        path = f"{path}.{_names_below(outer).get(id(inner)) or type(inner).__name__}"
        outer = inner
    return path


def _names_below(module: Tree) -> dict[int, str]:
    return {id(part): path for path, part in module.named_modules()}


def _variable(value: object, frame: FrameType | None) -> str | None:
    """The name by which a frame knows a value, private names and ``self`` aside."""
    if frame is None:
        return None
    for names in (frame.f_locals, frame.f_globals):
        for name, held in names.items():
            if held is value and name != "self" and not name.startswith("_"):
                return name
    return None
