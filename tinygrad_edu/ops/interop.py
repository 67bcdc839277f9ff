"""NumPy's protocols: ``np.sin(t)`` and ``array @ t`` record; what would lose a gradient raises."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import catalogue, errors
from ..arraylike import reach
from ..registry import registry
from ..source import here

# NumPy functions whose operation goes by the Array API's name.
_ALIASES = {
    "concatenate": "concat",
    "transpose": "permute_dims",
    "abs": "abs",
    "absolute": "abs",
    "true_divide": "divide",
    "amax": "max",
    "amin": "min",
}
# Answered from shape and type alone: no gradient is at stake.
_HARMLESS = frozenset({"shape", "ndim", "size", "result_type", "can_cast", "iscomplexobj"})


def ufunc(function: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer a NumPy ufunc that met a Tensor."""
    if kwargs.get("out") is not None:
        raise catalogue.array_in_place(function.__name__)
    if method == "reduce" and function.__name__ in _REDUCTIONS:
        kwargs.setdefault("axis", 0)
        return _public(_REDUCTIONS[function.__name__])(*inputs, **kwargs)
    operation = _public(_ALIASES.get(function.__name__, function.__name__))
    if method != "__call__" or operation is None or kwargs:
        raise _unsupported(f"np.{function.__name__}", method, kwargs)
    return operation(*inputs)


_REDUCTIONS = {"add": "sum", "maximum": "max", "minimum": "min"}


def function(called: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer a NumPy function that met a Tensor."""
    name = called.__name__
    if name in _HARMLESS:
        return called(*[getattr(x, "_data", x) for x in args], **kwargs)
    operation = _public(_ALIASES.get(name, name))
    if operation is None or kwargs.get("out") is not None:
        raise _unsupported(f"np.{name}", "__call__", kwargs)
    if "ddof" in kwargs:
        kwargs["correction"] = kwargs.pop("ddof")
    return operation(*args, **kwargs)


def _public(name: str) -> Any:
    from .. import ops

    found = getattr(ops, name, None) if name in ops.__all__ else None
    return found if callable(found) else None


def _unsupported(name: str, method: str, kwargs: dict[str, Any]) -> Exception:
    short = name.removeprefix("np.")
    known = _public(_ALIASES.get(short, short)) is not None
    option = next((f"(..., {key}=)" for key in kwargs), "")
    extra = option if method == "__call__" else f".{method}"
    site = here()
    x = site.operands[0] if site and site.operands else "x"
    return errors.InteropError(
        f"{name}{extra} of a Tensor would lose the gradient",
        code="TG-P01",
        op=short,
        why="NumPy would compute on plain numbers, and no row would be recorded",
        fix=f"tg.{_ALIASES.get(short, short)}({x})"
        if known
        else f"{name}({x}.data)   # if no gradient is needed",
    )


def names() -> list[str]:
    """The names of all registered operations of the library."""
    return [name for name in registry if "." not in name]


reach["ufunc"] = ufunc
reach["function"] = function
