"""What a run is fed with: batches, each a tuple of inputs and, last, the target."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..autodiff.tensor import Tensor
from ..data import DataLoader
from ..types import Rng
from . import catalogue

_PLAIN = {int, float, bool, str, np.float64, np.ndarray, type(None)}
_NO_STREAMS = (type, np.ndarray, ModuleType)

__all__ = ["batches_of", "put_back", "samples_in", "streams", "taken_apart"]


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


def streams(root: Any, apart: Iterable[Any] = ()) -> dict[str, np.random.Generator]:
    """Return all generators that an object holds, by the way to them.

    Parameters
    ----------
    root : object
        A loader, model, loss or callback. Attributes, lists, tuples and dicts are gone through,
        and of functions what they enclose, their defaults, and generators that they name; arrays
        and classes are not.
    apart : iterable of objects
        Not gone through either.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> list(streams(nn.Sequential(nn.Linear(1, 1), nn.Dropout(rng=0))))
    ['.1.rng']
    """
    found: dict[str, np.random.Generator] = {}
    seen = {id(value) for value in apart}
    stack = [("", root)]
    while stack:
        path, value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, np.random.Generator):
            found[path] = value
        elif isinstance(value, (list, tuple)):
            stack += [
                (f"{path}[{k}]", part) for k, part in enumerate(value) if type(part) not in _PLAIN
            ]
        elif isinstance(value, dict):
            stack += [(f"{path}[{name!r}]", part) for name, part in value.items()]
        elif isinstance(value, FunctionType):
            stack += [(f"{path}.{name}", part) for name, part in _enclosed(value)]
        elif isinstance(value, MethodType):
            stack.append((f"{path}.{value.__name__}", value.__self__))
        elif isinstance(value, partial):
            stack.append((f"{path}()", [value.func, value.args, value.keywords]))
        elif hasattr(value, "__dict__") and not isinstance(value, (*_NO_STREAMS, Tensor)):
            stack += [(f"{path}.{name}", part) for name, part in vars(value).items()]
    return dict(sorted(found.items()))


def _enclosed(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield what a function can draw from, by its names for it."""
    code = function.__code__
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    yield "__defaults__", [function.__defaults__ or (), function.__kwdefaults__ or {}]
    for name in code.co_names:
        if isinstance(value := function.__globals__.get(name), np.random.Generator):
            yield name, value


@contextmanager
def put_back(root: Any) -> Iterator[None]:
    """Have all generators that an object holds stand where they stood, after the block.

    Parameters
    ----------
    root : object
        As for ``streams``.
    """
    before = [(rng, copy.deepcopy(rng.bit_generator.state)) for rng in streams(root).values()]
    try:
        yield
    finally:
        for rng, state in before:
            rng.bit_generator.state = state
