"""NumPy's protocols: ``np.sin(t)`` and ``array @ t`` record; what would lose a gradient raises."""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np

from .. import catalogue, errors
from ..arraylike import reach
from ..autodiff.tensor import Tensor
from ..source import here
from ..structure import flatten, map_leaves

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
# Answers of shape, type or truth: no gradient is at stake, so they are given on the plain numbers.
_HARMLESS = frozenset(
    [
        "shape",
        "ndim",
        "size",
        "result_type",
        "can_cast",
        "iscomplexobj",
        "isnan",
        "isinf",
        "signbit",
        "allclose",
        "isclose",
        "array_equal",
        "array_equiv",
        "zeros_like",
        "ones_like",
        "empty_like",
        "full_like",
        "count_nonzero",
        "argsort",
        "nonzero",
        "searchsorted",
        "may_share_memory",
        "shares_memory",
        "array_repr",
        "array_str",
        "array2string",
    ]
)
# What to write in place of functions that go by another name here.
_INSTEAD = {
    "vstack": "tg.concat([tg.reshape(part, (-1, part.shape[-1])) for part in {0}])",
    "hstack": "tg.concat({0}, axis=-1)",
    "clip": "tg.minimum(tg.maximum({0}, {1}), {2})",
}


def ufunc(function: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer a NumPy ufunc that met a Tensor."""
    if kwargs.get("out") is not None:
        raise catalogue.array_in_place(function.__name__, inputs)
    if method == "reduce" and function.__name__ in _REDUCTIONS:
        kwargs.setdefault("axis", 0)
        return _public(_REDUCTIONS[function.__name__])(*inputs, **kwargs)
    if method == "__call__" and function.__name__ in _HARMLESS:
        return function(*_numbers(inputs), **kwargs)
    operation = _public(_ALIASES.get(function.__name__, function.__name__))
    if method != "__call__" or operation is None or kwargs:
        raise _unsupported(function, method, inputs, kwargs)
    return operation(*inputs)


def _numbers(values: Any) -> Any:
    return map_leaves(lambda value: value.data if isinstance(value, Tensor) else value, values)


_REDUCTIONS = {"add": "sum", "maximum": "max", "minimum": "min"}


def function(called: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer a NumPy function that met a Tensor."""
    name = called.__name__
    if name in _HARMLESS:
        return called(*_numbers(args), **_numbers(kwargs))
    operation = _public(_ALIASES.get(name, name))
    if "ddof" in kwargs:
        kwargs["correction"] = kwargs.pop("ddof")
    if name == "einsum":
        kwargs.pop("optimize", None)  # ours chooses an order by itself
    if operation is None or not _takes(operation, args, kwargs):
        raise _unsupported(called, "__call__", args, kwargs)
    return operation(*args, **kwargs)


def _takes(operation: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    """Whether an operation has the arguments that NumPy's function of that name was given."""
    try:
        signature(operation).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _public(name: str) -> Any:
    from .. import ops

    found = getattr(ops, name, None) if name in vars(ops)["__all__"] else None
    return found if callable(found) else None


def _unsupported(called: Any, method: str, args: Any, kwargs: dict[str, Any]) -> Exception:
    site, name = here(), called.__name__
    written = site.terms if site and len(site.terms) == len(args) else "xyzuvw"[: len(args)]
    plain = [_untracked(text, value) for text, value in zip(written, args, strict=False)]
    plain += [f"{key}={value!r}" for key, value in kwargs.items()]
    room = getattr(called, "__module__", "numpy").replace("numpy", "np", 1)
    path = f"{room}.{name}" if method == "__call__" else f"np.{name}.{method}"
    fix = f"{path}({', '.join(plain)})   # on the plain numbers, if no gradient is needed"
    operation = _ALIASES.get(name, name)
    if method == "__call__" and _public(operation) is not None and kwargs.keys() <= {"out"}:
        fix = f"tg.{operation}({', '.join(written)})"
    elif name in _INSTEAD and len(written) > _INSTEAD[name].count("{") - 1:
        fix = _INSTEAD[name].format(*written)
    extra = "".join(f"(..., {key}=)" for key in kwargs) if method == "__call__" else f".{method}"
    return errors.InteropError(
        f"np.{name}{extra} of a Tensor would lose the gradient",
        code="TG-P01",
        shapes=[value.shape for value in flatten(list(args))[0] if isinstance(value, Tensor)],
        op=name,
        site=site,
        why="NumPy would compute on plain numbers, and no row would be recorded",
        fix=fix,
    )


def _untracked(text: str, value: Any) -> str:
    """How to write an argument without its gradient."""
    if isinstance(value, Tensor):
        return f"{text}.data"
    listed = isinstance(value, (list, tuple)) and any(isinstance(part, Tensor) for part in value)
    return f"[tg.asarray(part).data for part in {text}]" if listed else text


reach["ufunc"] = ufunc
reach["function"] = function
