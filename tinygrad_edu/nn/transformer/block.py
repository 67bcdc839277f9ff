"""What encoder and decoder share: the network for each position, and copies of a layer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ...catalogue import unknown_choice
from ...ops import gelu, relu
from ..container import ModuleList
from ..module import Module

__all__ = ["activation_of", "copies"]

_FUNCTIONS: dict[str, Callable[[Any], Any]] = {"relu": relu, "gelu": gelu}


def activation_of(given: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the function between the two linear maps.

    Parameters
    ----------
    given : {"relu", "gelu"}, or callable
        A function of a Tensor, or a module, stands for itself.

    Raises
    ------
    ArgumentError
        For another name.
    """
    if isinstance(given, str) and given in _FUNCTIONS:
        return _FUNCTIONS[given]
    if isinstance(given, str) or not callable(given) or isinstance(given, type):
        raise unknown_choice("activation", given, tuple(_FUNCTIONS))
    return given


def copies(layer: Module, count: int) -> ModuleList:
    """Return layers with parameters of their own, equal at first, as in PyTorch.

    Generators are shared, not copied: dropout in each layer makes other choices.
    """
    generators = [getattr(part, "rng", None) for part in layer.modules()]
    return ModuleList(
        [copy.deepcopy(layer, {id(rng): rng for rng in generators}) for _ in range(count)]
    )
