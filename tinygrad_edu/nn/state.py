"""A module's arrays by name: read them out, put them back, give them another type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..arrays import differentiable, numbers
from ..autodiff.tensor import Tensor, next_index
from ..types import Array
from . import catalogue
from .tree import Tree, walk

__all__ = ["IncompatibleKeys", "convert", "leaves", "read", "rebind", "stamp", "write"]


class IncompatibleKeys(NamedTuple):
    """The names that ``load_state_dict`` found on one side only; PyTorch's name."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def leaves(module: Tree) -> dict[str, Tensor]:
    """Return parameters and buffers by path; a shared one under each of its paths, as PyTorch."""
    return {path: part for path, part in walk(module, repeats=True) if isinstance(part, Tensor)}


def read(module: Tree) -> dict[str, Array]:
    """Return copies of a module's parameters and buffers by path."""
    return {path: leaf.data.copy() for path, leaf in leaves(module).items()}


def write(module: Tree, arrays: Mapping[str, Any], strict: bool) -> IncompatibleKeys:
    """Write arrays into a module's parameters and buffers: all of them, or after an error none.

    Parameters
    ----------
    module : Module
        Whose leaves get new data.
    arrays : mapping of str to array_like
        By path.
    strict : bool
        Refuse names that are on one side only.

    Raises
    ------
    LoadError
        For names, shapes or types that do not fit.
    """
    if not isinstance(arrays, Mapping):
        raise catalogue.not_a_state(arrays)
    own = leaves(module)
    given = {name: numbers(getattr(arrays[name], "_data", arrays[name])) for name in arrays}
    missing = [name for name in own if name not in given]
    unexpected = [name for name in given if name not in own]
    both = [name for name in own if name in given]
    differ = [name for name in both if not _fits(given[name], own[name])]
    if differ or (strict and (missing or unexpected)):
        raise catalogue.does_not_fit(given, own, differ, missing, unexpected)
    for name in both:
        own[name].data = given[name]
    return IncompatibleKeys(missing, unexpected)


def _fits(array: Array, leaf: Tensor) -> bool:
    return array.shape == leaf.shape and np.can_cast(array.dtype, leaf.dtype, "same_kind")


def convert(module: Tree, dtype: Any) -> None:
    """Give the floating parameters and buffers of a module another floating type."""
    kind = np.dtype(dtype)
    differentiable(np.empty(0, kind))
    for leaf in {id(leaf): leaf for leaf in leaves(module).values()}.values():
        if leaf.dtype.kind == "f" and leaf.dtype != kind:
            gradient = leaf.grad
            rebind(leaf, leaf.data.astype(kind))
            leaf.grad = None if gradient is None else gradient.astype(kind)
            stamp(leaf)


def rebind(leaf: Tensor, storage: Array) -> None:
    """Let a leaf keep its numbers in another array from now on.

    Parameters
    ----------
    leaf : Tensor
        Not the result of an operation.
    storage : array
        Holds the same numbers already, maybe in another type.

    Notes
    -----
    ``Tensor.data = ...`` copies into the storage that is there; ``astype`` and the flat arrays of
    optimizers need another one. An optimizer notices by identity, and lays its arrays out again.
    """
    leaf._data = storage


def stamp(leaf: Tensor) -> None:
    """Say that a leaf's numbers changed: a backward that still needs the old ones raises."""
    leaf.index = next_index()
