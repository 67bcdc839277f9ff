"""NumPy's protocols: ``np.sin(t)`` and ``array @ t`` record; what would lose a gradient raises."""

from __future__ import annotations

from inspect import Parameter, signature
from typing import Any

import numpy as np

from .. import catalogue, errors
from ..autodiff.tensor import Tensor
from ..source import here
from ..structure import flatten, map_leaves
from ..types import reach

# NumPy functions whose operation goes by the Array API's name.
_ALIASES = {
    "concatenate": "concat",
    "cumprod": "cumulative_prod",
    "cumsum": "cumulative_sum",
    "transpose": "permute_dims",
    "abs": "abs",
    "absolute": "abs",
    "true_divide": "divide",
    "amax": "max",
    "amin": "min",
    "fabs": "abs",
    "rint": "round",
    "around": "round",
    "fix": "trunc",
    "degrees": "rad2deg",
    "radians": "deg2rad",
    "conjugate": "conj",
    "invert": "bitwise_invert",
    "left_shift": "bitwise_left_shift",
    "right_shift": "bitwise_right_shift",
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
        "allclose",
        "isclose",
        "array_equal",
        "array_equiv",
        "zeros_like",
        "ones_like",
        "empty_like",
        "may_share_memory",
        "shares_memory",
        "array_repr",
        "array_str",
        "array2string",
    ]
)
# Settings that go by the Array API's name; those that change the way but not the answer.
_RENAMED = {"ddof": "correction", "a_min": "min", "a_max": "max"}
_IDLE = frozenset(["copy", "kind", "optimize", "stable"])
# Without an axis, NumPy takes the elements of these in one row.
_IN_A_ROW = frozenset(["argsort", "cumprod", "cumsum", "sort"])
# What to write in place of functions that go by another name here.
_INSTEAD = {
    "unique": "tg.unique_values({0})   # or tg.unique_all, with positions and counts",
    "fmod": "{0} - tg.trunc({0} / {1}) * {1}",
    "divmod": "{0} // {1}, {0} % {1}",
    "modf": "{0} - tg.trunc({0}), tg.trunc({0})",
    "float_power": "{0} ** {1}",
    "ldexp": "{0} * 2.0 ** {1}",
}


def ufunc(function: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer a NumPy ufunc that met a Tensor."""
    if kwargs.get("out") is not None:
        raise catalogue.array_in_place(function.__name__, inputs)
    if (over := _METHODS.get((method, function.__name__))) is not None:
        kwargs.setdefault("axis", 0)
        if not _takes(_public(over), inputs, kwargs):
            raise _unsupported(function, method, inputs, kwargs)
        return _public(over)(*inputs, **kwargs)
    if method == "__call__" and function.__name__ in _HARMLESS:
        return function(*_numbers(inputs), **kwargs)
    operation = _public(_ALIASES.get(function.__name__, function.__name__))
    if method != "__call__" or operation is None or kwargs:
        raise _unsupported(function, method, inputs, kwargs)
    return operation(*inputs)


def _numbers(values: Any) -> Any:
    return map_leaves(lambda value: value.data if isinstance(value, Tensor) else value, values)


_METHODS = {
    ("reduce", "add"): "sum",
    ("reduce", "multiply"): "prod",
    ("reduce", "maximum"): "max",
    ("reduce", "minimum"): "min",
    ("accumulate", "add"): "cumulative_sum",
    ("accumulate", "multiply"): "cumulative_prod",
}


def function(called: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer a NumPy function that met a Tensor."""
    name = called.__name__
    if name in _HARMLESS:
        return called(*_numbers(args), **_numbers(kwargs))
    operation = _public(_ALIASES.get(name, name), _room(called))
    translated = operation and _translated(called, operation, args, kwargs)
    if not translated:
        raise _unsupported(called, "__call__", args, kwargs)
    return operation(*translated[0], **translated[1])


def _room(called: Any) -> str:
    """Where a function of NumPy lives: the main namespace is the room without a name."""
    return str(getattr(called, "__module__", "numpy")).partition("numpy")[2].lstrip(".")


def _translated(
    called: Any, operation: Any, args: Any, kwargs: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]] | None:
    """The arguments as our operation calls them, or None where it has none of that meaning.

    Ours has keyword-only settings by the Array API's names. What stands at its default says
    nothing, and is left out.
    """
    try:
        bound = signature(called).bind(*args, **kwargs)
    except (TypeError, ValueError):  # a function in C without a signature
        return (list(args), kwargs) if _takes(operation, args, kwargs) else None
    theirs, given = bound.signature.parameters, dict(bound.arguments)
    if called.__name__ in _IN_A_ROW and given.get("axis", theirs["axis"].default) is None:
        first = next(iter(given))
        given.update({first: _public("ravel")(given[first]), "axis": 0})
    ours = signature(operation).parameters
    inputs: list[Any] = []
    settings: dict[str, Any] = {}
    for name, value in given.items():
        known, kind, default = _RENAMED.get(name, name), theirs[name].kind, theirs[name].default
        if kind is Parameter.VAR_POSITIONAL:
            inputs += value
        elif kind is Parameter.VAR_KEYWORD:
            settings.update(value)
        elif known in ours and ours[known].kind is not Parameter.POSITIONAL_ONLY:
            settings[known] = value
        elif default is Parameter.empty or kind is Parameter.POSITIONAL_ONLY:
            inputs.append(value)
        elif name not in _IDLE and (isinstance(value, np.ndarray) or value != default):
            return None
    return (inputs, settings) if _takes(operation, inputs, settings) else None


def _takes(operation: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    """Whether an operation has the arguments that NumPy's function of that name was given."""
    try:
        signature(operation).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _public(name: str, room: str = "") -> Any:
    from .. import ops

    place = vars(vars(ops)[room]) if room in vars(ops) else {} if room else vars(ops)
    found = place.get(name) if name in place.get("__all__", ()) else None
    return found if callable(found) else None


def _unsupported(called: Any, method: str, args: Any, kwargs: dict[str, Any]) -> Exception:
    site, name = here(), called.__name__
    written = site.terms if site and len(site.terms) == len(args) else "xyzuvw"[: len(args)]
    plain = [_untracked(text, value) for text, value in zip(written, args, strict=False)]
    plain += [f"{key}={_setting(key, value)}" for key, value in kwargs.items()]
    room = getattr(called, "__module__", "numpy").replace("numpy", "np", 1)
    path = f"{room}.{name}" if method == "__call__" else f"np.{name}.{method}"
    fix = f"{path}({', '.join(plain)})   # on the plain numbers, if no gradient is needed"
    operation, ours = _ALIASES.get(name, name), _room(called)
    found = _public(operation, ours) if method == "__call__" and kwargs.keys() <= {"out"} else None
    if found is not None and _takes(found, args, {}):
        fix = f"tg.{ours}{'.' * bool(ours)}{operation}({', '.join(written)})"
    elif name in _INSTEAD and sum(f"{{{k}}}" in _INSTEAD[name] for k in range(3)) <= len(written):
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


def _setting(name: str, value: Any) -> str:
    """How to write a setting: plain values and types as such, all else by its name."""
    if isinstance(value, (type, np.dtype)):
        found = value.__name__ if isinstance(value, type) else value.name
        return f"np.{found}" if hasattr(np, found) else found
    parts = value if isinstance(value, (tuple, list)) else [value]
    if all(part is None or isinstance(part, (bool, int, float, str)) for part in parts):
        return f"{value!r}"
    return f"{name}.data" if isinstance(value, Tensor) else name


reach["ufunc"] = ufunc
reach["function"] = function
