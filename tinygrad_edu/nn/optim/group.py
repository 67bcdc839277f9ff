"""What an optimizer is given: parameters in all their forms, and gradients to match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np

from ... import errors
from ...arrays import differentiable, numbers
from ...autodiff.tensor import Tensor
from ...types import Array
from .. import catalogue
from ..tree import Tree

__all__ = ["gradients_for", "named", "parameter_groups", "unshared"]

Named = list[tuple[str | None, Tensor]]


def parameter_groups(params: Any, defaults: dict[str, Any]) -> list[dict[str, Any]]:
    """Return groups, each a dict of ``params``, their ``names`` and every hyperparameter.

    Parameters
    ----------
    params : Module, Tensor, iterable, or list of dict
        As ``Optimizer`` documents.
    defaults : dict
        Hyperparameters where a group has none of its own.

    Raises
    ------
    ModuleError
        When there are no parameters.
    ArgumentError
        For what cannot be optimized, or a parameter that is there twice.
    """
    if not isinstance(params, (Tree, Tensor, Mapping)):
        params = list(params) if isinstance(params, Iterable) else [params]
    several = isinstance(params, list) and params and all(isinstance(p, dict) for p in params)
    groups = [_group(group, defaults) for group in (params if several else [{"params": params}])]
    unshared(groups)
    return groups


def unshared(groups: list[dict[str, Any]]) -> None:
    """Raise if a parameter is there twice.

    Raises
    ------
    ArgumentError
        With its name, or else its shape.
    """
    seen: set[int] = set()
    for group in groups:
        for name, parameter in zip(group["names"], group["params"], strict=True):
            if id(parameter) in seen:
                raise errors.ArgumentError(
                    f"{name or 'a parameter of shape ' + str(parameter.shape)} is given twice",
                    why="each step would update it twice",
                    fix="model.parameters()   # lists a shared parameter once",
                )
            seen.add(id(parameter))


def _group(given: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    settings = {name: value for name, value in given.items() if name not in ("params", "names")}
    for name in settings:
        if name not in defaults:
            near = get_close_matches(name, defaults, 1)
            raise errors.ArgumentError(
                f"a parameter group has no setting {name!r}"
                + (f"; did you mean {near[0]!r}?" if near else ""),
                fix=f'{{"params": ..., "{near[0] if near else next(iter(defaults))}": ...}}',
            )
    if "params" not in given:
        raise errors.ArgumentError(
            "a parameter group has no 'params'", fix='{"params": model.parameters(), "lr": 0.01}'
        )
    pairs = named(given["params"])
    if not pairs:
        raise catalogue.no_parameters(given["params"])
    return {
        "params": [parameter for _, parameter in pairs],
        "names": [name for name, _ in pairs],
        **defaults,
        **settings,
    }


def named(params: Any) -> Named:
    """Return pairs of name, or None, and parameter."""
    if isinstance(params, Tree):
        return list(params.named_parameters())
    if isinstance(params, Tensor):
        params = [params]
    pairs: Named = []
    for item in params.items() if isinstance(params, Mapping) else params:
        name, parameter = item if isinstance(item, tuple) and len(item) == 2 else (None, item)
        if not isinstance(parameter, Tensor) or parameter.op is not None or parameter.index < 0:
            what = (
                "the result of an operation" if isinstance(parameter, Tensor)
                else f"a {type(parameter).__name__}"
            )  # fmt: skip
            raise errors.ArgumentError(
                f"an optimizer trains Parameters, got {what}",
                why="a step writes new numbers into the object that it was given",
                fix="nn.optim.SGD([w], lr=0.1)   # with w = nn.Parameter(...)",
            )
        differentiable(parameter.data)
        pairs.append((name, parameter))
    return pairs


def gradients_for(given: Any, pairs: Named) -> list[Array | None]:
    """Return the gradient of each parameter as an array, or None where there is none.

    Parameters
    ----------
    given : None, Tensor, array, list, tuple or dict
        None stands for ``.grad``; a dict has the parameters' names.
    pairs : list of (name, parameter)
        In order.

    Raises
    ------
    ArgumentError, ShapeError
        When gradients do not belong to these parameters.
    """
    if given is None:
        return [parameter.grad for _, parameter in pairs]
    if isinstance(given, Mapping):
        given = _by_name(given, [name for name, _ in pairs])
    elif isinstance(given, (Tensor, np.ndarray)) and len(pairs) == 1:
        given = [given]
    elif not isinstance(given, (list, tuple)):
        given = list(given) if isinstance(given, Iterable) else [given]
    if len(given) != len(pairs):
        raise errors.ArgumentError(
            f"{len(given)} gradients are given for {len(pairs)} parameters",
            why="they are matched by order",
            fix="opt.step(tape.gradient(loss, model.parameters()))   # as opt got them",
        )
    return [
        None if g is None else _checked(g, name, parameter)
        for g, (name, parameter) in zip(given, pairs, strict=True)
    ]


def _by_name(given: Mapping[Any, Any], names: list[str | None]) -> list[Any]:
    for key in given:
        if names.count(key) > 1:
            raise errors.ArgumentError(
                f"{names.count(key)} parameters are called {key!r}: whose gradient is this?",
                why="the groups come from different models",
                fix="opt.step([...])   # gradients in the order of the parameters",
            )
        if key not in names:
            near = get_close_matches(str(key), [name for name in names if name], 1)
            raise errors.ArgumentError(
                f"there is a gradient for {key!r}, but no parameter of this name"
                + (f"; did you mean {near[0]!r}?" if near else ""),
                why="only parameters given as a Module, a dict or pairs have names",
                fix="nn.optim.SGD(model, lr=0.1)   # or model.named_parameters()",
            )
    return [given.get(name) for name in names]


def _checked(g: Any, name: str | None, parameter: Tensor) -> Array:
    array: Array = g.data if isinstance(g, Tensor) else numbers(g)
    if array.dtype.kind not in "fiu":
        raise errors.DTypeError(
            f"the gradient of {name or 'a parameter'} is {array.dtype}, a step needs real numbers",
            fix="g.real   # or compute the loss from real numbers",
        )
    if array.shape != parameter.shape:
        raise errors.ShapeError(
            f"the gradient of {name or 'a parameter'} has shape {array.shape}, the parameter "
            f"{parameter.shape}",
            shapes=(array.shape, parameter.shape),
            why="a gradient has one number for each number of its parameter",
            fix="tape.gradient(loss, model.parameters())   # the order of opt's parameters",
        )
    return array
