"""What a run is fed with: batches, each a tuple of inputs and, last, the target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..autodiff.tensor import Tensor
from ..data import DataLoader
from ..types import Rng
from . import catalogue

_NO_STREAMS = (type, np.ndarray, ModuleType, FunctionType)

__all__ = ["batches_of", "samples_in", "streams", "taken_apart"]


def batches_of(data: Any, batch_size: int, *, shuffle: bool = False, rng: Rng = None) -> Any:
    """Return what can be gone through once an epoch.

    Parameters
    ----------
    data : DataLoader, tuple of array_like, or iterable of batches
        A tuple ``(x, y)`` is cut into batches; the rest is taken as it is.
    batch_size, shuffle, rng
        For tuples.

    Raises
    ------
    ArgumentError
        For what can be gone through only once, or not at all.
    """
    if isinstance(data, tuple):
        return DataLoader(*data, batch_size=batch_size, shuffle=shuffle, rng=rng)
    if not isinstance(data, Iterable) or isinstance(data, (Tensor, np.ndarray, str, bytes, dict)):
        raise catalogue.no_batches(data)
    if isinstance(data, Iterator):
        raise catalogue.used_up(data)
    return data


def taken_apart(batch: Any) -> tuple[tuple[Any, ...], Any]:
    """Return the inputs and the target of a batch."""
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        raise catalogue.not_a_batch(batch)
    return tuple(batch[:-1]), batch[-1]


def samples_in(batch: Any) -> int:
    """Return how many samples a batch has: the length of its target."""
    target = batch[-1]
    return len(target) if np.ndim(target) else 1


def streams(root: Any) -> dict[str, np.random.Generator]:
    """Return all generators that an object holds, by the way to them.

    Parameters
    ----------
    root : object
        A loader, model or callback. Attributes, lists, tuples and dicts are gone through; arrays,
        classes and functions are not.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> list(streams(nn.Sequential(nn.Linear(1, 1), nn.Dropout(rng=0))))
    ['.1.rng']
    """
    found: dict[str, np.random.Generator] = {}
    seen: set[int] = set()
    stack = [("", root)]
    while stack:
        path, value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, np.random.Generator):
            found[path] = value
        elif isinstance(value, (list, tuple)):
            stack += [(f"{path}[{k}]", part) for k, part in enumerate(value)]
        elif isinstance(value, dict):
            stack += [(f"{path}[{name!r}]", part) for name, part in value.items()]
        elif hasattr(value, "__dict__") and not isinstance(value, (*_NO_STREAMS, Tensor)):
            stack += [(f"{path}.{name}", part) for name, part in vars(value).items()]
    return dict(sorted(found.items()))
