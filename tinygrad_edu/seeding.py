"""Where randomness comes from: an explicit ``rng=``, else the innermost ``seed`` (floor 0)."""

from __future__ import annotations

import contextvars
import operator
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import numpy as np

from .errors import ArgumentError
from .types import Rng

__all__ = ["drawing_from", "generator", "seed"]

_called: list[np.random.Generator] = []  # the generator of the last plain call, if any
_entered: contextvars.ContextVar[np.random.Generator | None] = contextvars.ContextVar(
    "tinygrad_edu.seed", default=None
)


class seed:  # noqa: N801 - used as a verb, like numpy.random.seed
    """Make everything random repeatable from here on, or inside a ``with`` block.

    Parameters
    ----------
    number : int, at least 0
        The same number gives the same bits, on one machine with the same versions.

    Notes
    -----
    A plain call counts for the whole process until the next call. As a ``with`` block it counts
    for the block and the current thread or task only, and afterwards everything is as before.
    An explicit ``rng=`` always wins.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> with tg.seed(1):
    ...     first = tg.nn.Linear(2, 2).weight.data
    >>> with tg.seed(1):
    ...     bool((first == tg.nn.Linear(2, 2).weight.data).all())
    True
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._generator = _from_number(number)
        self._before = list(_called)
        self._tokens: list[contextvars.Token[np.random.Generator | None]] = []
        _called[:] = [self._generator]

    def __enter__(self) -> np.random.Generator:
        _called[:] = self._before  # a block leaves the process-wide choice alone
        fresh = _from_number(self._number)  # entered again, the block repeats its numbers
        self._tokens.append(_entered.set(fresh))
        return fresh

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _entered.reset(self._tokens.pop())


def generator(rng: Rng = None) -> np.random.Generator:
    """Return the generator to draw from.

    Parameters
    ----------
    rng : Generator, int or None
        A generator is used as it is, a number seeds a new one; ``None`` takes the generator of
        the innermost ``tg.seed``, else a fresh one from the operating system's entropy.

    Examples
    --------
    >>> int(generator(0).integers(100)) == int(generator(0).integers(100))
    True
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is not None:
        return _from_number(rng)
    return _entered.get() or (_called[0] if _called else np.random.default_rng())


@contextmanager
def drawing_from(rng: np.random.Generator) -> Iterator[None]:
    """Let everything that is given no ``rng=`` draw from a generator, in this thread only.

    Parameters
    ----------
    rng : Generator
        Used as it is; it goes on where it stands.

    Examples
    --------
    >>> with drawing_from(np.random.default_rng(0)):
    ...     int(generator().integers(100)) == int(generator(0).integers(100))
    True
    """
    token = _entered.set(rng)
    try:
        yield
    finally:
        _entered.reset(token)


def _from_number(number: Any) -> np.random.Generator:
    try:
        whole = operator.index(number)
    except TypeError:
        whole = -1
    if whole < 0 or isinstance(number, bool):
        raise ArgumentError(
            f"a seed is a whole number of at least 0 or a NumPy Generator, got {number!r}",
            fix="rng=0",
        )
    return np.random.default_rng(whole)
