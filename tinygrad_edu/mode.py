"""Whether, and how closely, operations are being recorded right now.

One ``ContextVar`` holds one immutable state, so a thread or task that evaluates under ``no_grad``
never disturbs another that trains, and an operation asks one question: is anyone watching?
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from contextlib import nullcontext
from contextvars import ContextVar
from typing import Any, NoReturn, ParamSpec, Protocol, TypeVar

from .errors import ArgumentError

P = ParamSpec("P")
R = TypeVar("R")


# Stands for a module's path in rows that a gradient consists of; no attribute is called so.
BACKWARDS = "(gradient)"


class Watch(Protocol):
    """Who looks at every value, and takes the sweep over, while anomaly mode is on."""

    def saw(self, result: Any, op: Any, inputs: Any, attributes: Any) -> None:
        """Look at what an operation returned; raise if it went wrong there."""

    def sweep(self, seeds: Any, live: Any, keep: Any) -> dict[Any, Any]:
        """Do what the engine's sweep does, and look at each step."""


class State:
    """What is in force: recording or not, the tapes, the module being called, who watches.

    ``observed``: rows must also note where they were made. ``bare``: recording, and nothing else.
    """

    __slots__ = ("bare", "enabled", "observed", "outer", "path", "tapes", "watch")

    def __init__(
        self,
        enabled: bool = True,
        tapes: tuple[Any, ...] = (),
        path: str = "",
        watch: Watch | None = None,
    ) -> None:
        self.enabled, self.tapes, self.path, self.watch = enabled, tapes, path, watch
        self.observed = bool(tapes) or watch is not None or config.call_sites
        self.bare = enabled and not self.observed
        self.outer: State | None = None  # what holds again after the block


class Config:
    """Settings of the process, as ``tg.config``."""

    _call_sites = False

    @property
    def call_sites(self) -> bool:
        """Keep the user's line for every operation, not only under a tape (about 1 us each).

        Blocks already entered keep what they had.
        """
        return self._call_sites

    @call_sites.setter
    def call_sites(self, wanted: bool) -> None:
        self._call_sites = _DEFAULT.observed = bool(wanted)
        _DEFAULT.bare = not wanted


config = Config()


class _Escapes(threading.local):
    """How often a tracked value became plain numbers in this thread."""

    count = 0


escapes = _Escapes()
_DEFAULT = State()
_state: ContextVar[State] = ContextVar("tinygrad_edu.mode", default=_DEFAULT)
current = _state.get  # the hot path: one call of C


class _Entered(type):
    """Python enters a class that lacks its ``()`` through this, so that it can say so."""

    def __enter__(cls) -> NoReturn:
        raise ArgumentError(
            f"`with {cls.__name__}:` enters the class, not a block",
            why="each block is an object of its own",
            fix=f"with tg.{cls.__name__}():",
        )

    def __exit__(cls, *exception: object) -> None:
        """Nothing was entered."""


class Block(metaclass=_Entered):
    """A ``with`` block, or decorator, in which some fields of the state differ."""

    def __init__(self, **changes: Any) -> None:
        self._changes = changes

    def __enter__(self) -> Any:
        now, new = current(), self._changes.get
        state = State(
            new("enabled", now.enabled),
            new("tapes", now.tapes),
            new("path", now.path),
            new("watch", now.watch),
        )
        state.outer = now
        _state.set(state)
        return self

    def __exit__(self, *exception: Any) -> None:
        _state.set(current().outer or _DEFAULT)

    def __new__(cls, function: Any = None, **changes: Any) -> Any:
        block = super().__new__(cls)
        if callable(function):  # @tg.no_grad as well as @tg.no_grad()
            block.__init__()  # type: ignore[misc]
            return block(function)
        return block

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        if isinstance(function, type):
            raise ArgumentError(
                f"{function.__name__} is a class, and a decorator covers one function",
                fix="decorate its methods",
            )
        if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
            raise ArgumentError(
                f"{function.__name__} runs piece by piece, and a decorator covers only its call",
                fix="put the `with` block inside it",
            )

        @functools.wraps(function)
        def inside(*args: P.args, **kwargs: P.kwargs) -> R:
            with self:
                return function(*args, **kwargs)

        return inside


class no_grad(Block):  # noqa: N801 - PyTorch's name
    """Compute without recording, in a ``with`` block or a decorated function.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Parameter([1.0, 2.0])
    >>> with tg.no_grad():
    ...     (w * 2).requires_grad
    False
    """

    def __init__(self) -> None:
        super().__init__(enabled=False)


class enable_grad(Block):  # noqa: N801 - PyTorch's name
    """Record again inside ``no_grad``."""

    def __init__(self) -> None:
        super().__init__(enabled=True)


def backwards() -> Any:
    """The block in which a gradient's own computation is recorded.

    Where somebody looks on, its rows have a path of their own, with a number from the second
    gradient of the innermost tape on.
    """
    state = current()
    if state.bare:
        return nullcontext()
    path = f"{state.path}.{BACKWARDS}" if state.path else BACKWARDS
    for tape in state.tapes[-1:]:
        tape.sweeps += 1
        path += f"#{tape.sweeps}" if tape.sweeps > 1 else ""
    return Block(enabled=True, path=path)


def is_grad_enabled() -> bool:
    """Return whether operations on tensors that require gradients are being recorded."""
    return current().enabled
