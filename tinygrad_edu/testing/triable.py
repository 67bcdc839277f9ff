"""Whether an operation can be tried where its registration says, asked before anything is tried."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..registry import Operation, registry

__all__ = ["must_be_triable", "operation_of", "operations_of"]

_SAMPLES = "samples=lambda rng: ((rng.normal(size=3),), {})   # inputs, settings"


def operation_of(thing: Any) -> Operation:
    """Return the operation that is meant.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> operation_of(tg.tanh)
    <Operation tanh>
    """
    found = thing if isinstance(thing, Operation) else getattr(thing, "op", None)
    if isinstance(found, Operation):
        return found
    if not isinstance(thing, str):
        fix = "decorate it with @tg.operation(...)"
        raise ArgumentError(f"{thing!r:.60} is not an operation", fix=fix)
    close = difflib.get_close_matches(thing, registry) or ["tanh"]
    name = max(close, key=lambda one: sorted(one) == sorted(thing))  # of equals, letters swapped
    raise ArgumentError(
        f"{thing!r:.60} is text, not an operation",
        fix=f"tg.{name}" if "." not in name else name.rpartition(".")[2],
    )


def operations_of(things: Any) -> list[Operation]:
    """Return the operations that are meant by a sequence of them.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> operations_of([tg.tanh])
    [<Operation tanh>]
    """
    if isinstance(things, Sequence) and not isinstance(things, str):
        return [operation_of(thing) for thing in things]
    raise ArgumentError(
        f"the score is of a sequence of operations, got {things!r:.60}",
        fix="mutation_score([tg.tanh])",
    )


def must_be_triable(op: Operation) -> None:
    """Raise ``ArgumentError`` where the points of an operation could not be drawn."""
    if not op.domain and op.samples is None:
        raise ArgumentError(
            f"`{op.name}` does not say where to try it",
            op=op.name,
            why="without operands nothing can be tested",
            fix="domain=tg.Real(-3, 3)   # in @tg.operation, or samples=",
        )
    if op.domain:
        _check_domain(op)
    else:
        _check_samples(op)


def _check_domain(op: Operation) -> None:
    if not all(np.isfinite([real.low, real.high]).all() for real in op.domain):
        raise ArgumentError(
            f"the domain of `{op.name}` has an infinite end, and points are drawn evenly",
            op=op.name,
            fix="domain=tg.Real(-3, 3)",
        )
    if op.variadic or len(op.domain) != op.arity:
        inputs = "any number of" if op.variadic else str(op.arity)
        each = ", ".join(["tg.Real()"] * op.arity)
        fix = f"domain=({each})" if op.arity > 1 else f"domain={each}"
        raise ArgumentError(
            f"`{op.name}` takes {inputs} inputs and has {len(op.domain)} intervals to draw from",
            op=op.name,
            fix=_SAMPLES if op.variadic else fix,
        )


def _check_samples(op: Operation) -> None:
    def wrong(what: str, fix: str = _SAMPLES) -> ArgumentError:
        return ArgumentError(f"samples of `{op.name}` {what}", op=op.name, fix=fix)

    samples = op.samples
    if not callable(samples):
        raise wrong(f"is {samples!r:.60}, and cannot be called with a generator")
    try:
        drawn = samples(np.random.default_rng(0))
    except Exception as error:
        raise wrong(f"raised {type(error).__name__}: {error}") from error
    if not isinstance(drawn, (tuple, list)) or len(drawn) != 2 or not isinstance(drawn[1], dict):
        raise wrong(f"returned {type(drawn).__name__}, not inputs and settings")
    inputs, settings = drawn
    if not isinstance(inputs, (tuple, list)):
        raise wrong(f"returned {type(inputs).__name__} for inputs, not a tuple of arrays")
    if any(np.asarray(x).dtype.kind not in "fiub" for x in inputs):
        raise wrong(f"returned an input that holds no real numbers: {inputs!r:.60}")
    kinds = {np.asarray(x).dtype for x in inputs}
    floats = {kind for kind in kinds if kind.kind == "f"}
    if floats - {np.dtype(float)} or (op.differentiable and not floats):
        odd = min(kinds - {np.dtype(float)}, key=str)
        raise wrong(
            f"returned {odd} numbers; gradients are compared with differences, in float64",
            "rng.normal(size=3)   # float64; other types are tried from it",
        )
    forms = [op.signature.parameters[name] for name in op.inputs]
    least = len([each for each in forms if each.default is each.empty])  # the rest may be left out
    if not op.variadic and not least <= len(inputs) <= op.arity:
        raise wrong(f"returned {len(inputs)} inputs, and it takes {op.arity}")
    for name in settings:
        if name not in op.defaults:
            close = difflib.get_close_matches(str(name), op.defaults, n=1)
            known = ", ".join(op.defaults) or "none"
            fix = f"{{{close[0]!r}: ...}}" if close else _SAMPLES
            raise wrong(f"returned the setting {name!r}; it has {known}", fix)
