"""The errors of this room: one function per situation, each with the edit that mends it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from .. import errors
from ..autodiff.tensor import Tensor
from ..types import Array, Shape
from .tree import Tree


def call_overridden(kind: type) -> Exception:
    return errors.ModuleError(
        f"{kind.__name__} defines __call__",
        why="Module.__call__ wraps arrays, notes the path for messages and pictures, and then "
        "calls forward",
        fix="def forward(self, x):",
    )


def no_forward(kind: type) -> Exception:
    near = get_close_matches("forward", [name for name in vars(kind) if name[0] != "_"], 1)
    return errors.ModuleError(
        f"{kind.__name__} has no `forward`" + (f", but `{near[0]}`" if near else ""),
        why="calling a module runs its `forward`",
        fix="def forward(self, x):",
    )


def not_a_module(value: Any, place: str) -> Exception:
    kind = value.__name__ if isinstance(value, type) else type(value).__name__
    found = f"the class {kind}, not an instance" if isinstance(value, type) else f"a {kind}"
    return errors.ModuleError(
        f"{place} holds modules, got {found}",
        why="only modules are found when parameters are listed, saved and drawn",
        fix=f"{kind}()" if isinstance(value, type) else "nn.Tanh()   # rather than tg.tanh",
    )


def name_taken(name: str, kind: type) -> Exception:
    return errors.ModuleError(
        f"{name!r} cannot name a layer of {kind.__name__}: it is empty, has a dot or is a method",
        why="the name becomes an attribute and a part of the path in state_dict",
        fix=f'"{name.replace(".", "_")}_layer"',
    )


def wrong_width(layer: Any, path: str, shape: Shape) -> Exception:
    """S04: the last axis is not what a Linear layer takes."""
    wanted, outputs = layer.in_features, layer.out_features
    flat = [k for k in range(1, len(shape)) if math.prod(shape[k:]) == wanted]
    if flat:
        start = "" if flat[0] == 1 else f"start_dim={flat[0]}"
        product = "*".join(map(str, shape[flat[0] :]))
        fix = f"nn.Flatten({start})   # before this layer: {product} = {wanted}"
    elif len(shape) == 2 and shape[0] == wanted:
        fix = "x.T   # samples are rows"
    elif not shape or (len(shape) == 1 and wanted == 1):
        fix = "x.reshape(-1, 1)   # one feature a sample"
    else:
        fix = f"nn.Linear({shape[-1]}, {outputs})"
    given = f"{shape[-1]} features" if shape else "no axis"
    return errors.ShapeError(
        f"{path} = Linear({wanted} -> {outputs}): the input has {given}, expected {wanted}",
        code="TG-S04",
        shapes=(shape, layer.weight.shape),
        op="linear",
        notes=(f"input   {shape}", f"weight  {layer.weight.shape}"),
        why="each output sums all features, and each has a weight of its own",
        fix=fix,
    )


def not_a_state(value: Any) -> Exception:
    return errors.LoadError(
        f"load_state_dict takes arrays by name, got {type(value).__name__}",
        why="each array goes to the parameter of that name",
        fix="model.load_state_dict(other.state_dict())   # if it is a model"
        if hasattr(value, "state_dict")
        else 'model.load_state_dict(tg.load("model.npz"))',
    )


def does_not_fit(
    given: dict[str, Array],
    own: dict[str, Tensor],
    differ: list[str],
    missing: list[str],
    unexpected: list[str],
) -> Exception:
    """M06: names, shapes or types of a state dict are not the model's."""
    notes = [
        f"{name}: given {given[name].shape} {given[name].dtype}, the model has "
        f"{own[name].shape} {own[name].dtype}"
        for name in differ
    ]
    if missing:
        notes.append("missing: " + ", ".join(missing))
    fix = "model.load_state_dict(arrays, strict=False)   # load what matches"
    for name in unexpected:
        near = get_close_matches(name, missing, 1)
        notes.append(f"unexpected: {name}" + (f" (did you mean {near[0]}?)" if near else ""))
        if near:
            fix = f'arrays["{near[0]}"] = arrays.pop("{name}")'
    if differ:
        fix = "build the model with the sizes of the saved one"
        if given[differ[0]].shape == own[differ[0]].shape[::-1]:
            fix = f'arrays["{differ[0]}"] = arrays["{differ[0]}"].T'
    matching = len(set(given) & set(own)) - len(differ)
    return errors.LoadError(
        f"{len(given)} arrays are given, the model has {len(own)}: {matching} match, "
        f"{len(differ)} differ, {len(missing)} missing, {len(unexpected)} unexpected",
        code="TG-M06",
        shapes=[given[name].shape for name in differ],
        notes=notes,
        why="nothing was loaded: half a model would predict nonsense without a word",
        fix=fix,
    )


def no_parameters(owner: Any) -> Exception:
    """M01: an optimizer, or an initialisation, has nothing to work on."""
    if not isinstance(owner, Tree):
        return errors.ModuleError(
            "there are no parameters: the collection is empty",
            code="TG-M01",
            why="an iterator that was used up before also is empty",
            fix="model.parameters()   # a list, which can be read twice",
        )
    kind = type(owner)
    seen = [f"`{name}`: {_skipped(value)}" for name, value in vars(owner).items()]
    seen += [
        f"`{name}`: an attribute of the class; set it in __init__, on self"
        for name, value in vars(kind).items()
        if isinstance(value, (Tensor, Tree))
    ]
    methods = [name for name, value in vars(kind).items() if callable(value) and name != "__init__"]
    near = get_close_matches("__init__", methods, 1, 0.7)
    if near and "__init__" not in vars(kind):
        seen.append(f"no `__init__` ran, but there is `{near[0]}`: misspelt?")
    return errors.ModuleError(
        f"{kind.__name__} has no parameters",
        code="TG-M01",
        notes=seen or ("it has no attributes at all: did its __init__ run?",),
        why="parameters are what the attributes hold: Parameters, Modules, and lists, tuples and "
        "dicts of them",
        fix="self.layer = nn.Linear(2, 1)   # in __init__",
    )


def _skipped(value: Any) -> str:
    """Why an attribute gave no parameters."""
    if isinstance(value, Tree):
        return f"{type(value).__name__}, a module without parameters"
    if isinstance(value, type):
        return f"the class {value.__name__}, not an instance: {value.__name__}(...)"
    if isinstance(value, (Tensor, np.ndarray)):
        return f"{type(value).__name__}, not a Parameter: nn.Parameter(...)"
    if isinstance(value, (list, tuple, dict)):
        inside = _kinds(list(value.values() if isinstance(value, dict) else value))
        return f"{type(value).__name__} of {inside}, none with parameters"
    if isinstance(value, (set, frozenset)):
        return f"{type(value).__name__} of {_kinds(list(value))}: no order; use a list"
    return f"{type(value).__name__}, no Module or Parameter"


def _kinds(values: Sequence[Any]) -> str:
    names = sorted({type(value).__name__ for value in values})
    return f"{len(values)} {'/'.join(names)}" if values else "nothing"
