"""Axes as callers name them: counted from either end, alone, in a tuple, or not at all."""

from __future__ import annotations

import math
from collections.abc import Iterable
from operator import index
from typing import Any

import numpy as np

from .. import errors
from ..arrays import numbers
from ..autodiff.tensor import Tensor
from ..source import here
from ..types import Array, Axis, Operand, Shape

__all__ = [
    "axes_of",
    "count",
    "held",
    "kept",
    "not_of_length_one",
    "position",
    "positions",
    "reduction_samples",
    "whole",
]


def held(x: Operand) -> Any:
    """What is no Tensor as an array, so that either has a shape."""
    return x if isinstance(x, Tensor) else numbers(x)


def whole(value: Any, name: str, setting: str, fix: str = "") -> int:
    """A whole number, whoever's; ``fix`` is the edit where the setting has no keyword."""
    try:
        return index(value)
    except TypeError:
        raise errors.ArgumentError(
            f"`{name}`: {setting} is a whole number, got {value!r:.60}",
            op=name,
            why="it counts elements or axes",
            fix=fix or f"{setting}=1",
        ) from None


def position(axis: Any, ndim: int, name: str) -> int:
    """An axis counted from 0, of ``ndim`` axes, or the error that says which there are."""
    number = whole(axis, name, "axis")
    if not -ndim <= number < ndim:
        site = here()
        x = site.terms[0] if site and site.terms else "x"
        valid = f"axes go from {-ndim} to {ndim - 1}" if ndim else "it has no axes"
        raise errors.IndexingError(
            f"`{name}`: axis {number} is out of bounds for an array of dimension {ndim}",
            code="TG-S08",
            op=name,
            why="it has to be one that the array has",
            fix=f"{x}.ndim   # {valid}",
        )
    return number % ndim


def positions(axis: Any, ndim: int, name: str) -> tuple[int, ...]:
    """One axis or several, as different numbers from 0."""
    several = axis if isinstance(axis, Iterable) and not isinstance(axis, (str, Tensor)) else [axis]
    found = tuple([position(one, ndim, name) for one in several])
    if len(set(found)) < len(found):
        raise errors.ArgumentError(
            f"`{name}`: {axis!r:.60} names one axis twice", op=name, fix=f"axis={found[0]}"
        )
    return found


def not_of_length_one(x: Array, axis: Any) -> Exception:
    """What to say to someone who would leave out an axis of several elements, or a missing one."""
    site = here()
    name = site.terms[0] if site and site.terms else "x"
    ones = [k for k, n in enumerate(x.shape) if n == 1]
    kind = errors.IndexingError if _beyond(axis, x.ndim) else errors.ShapeError
    return kind(
        f"`squeeze`: {x.shape} has no axis {axis!r:.60} of length one",
        code="TG-S08" if kind is errors.IndexingError else "TG-S09",
        shapes=(x.shape,),
        op="squeeze",
        why="an axis with several elements, or none, cannot be left out without losing them",
        fix=f"tg.squeeze({name}, axis={ones[0]})"
        if ones
        else f"tg.squeeze({name})   # all axes of length one: here none",
    )


def _beyond(axis: Any, ndim: int) -> bool:
    several = axis if isinstance(axis, tuple) else (axis,)
    return any(isinstance(k, int) and not -ndim <= k < ndim for k in several)


def axes_of(shape: Shape, axis: Axis) -> tuple[int, ...]:
    """The axes of a reduction; of a single number NumPy takes 0 and -1 for none."""
    if axis is None or not shape:
        return tuple(range(len(shape)))
    return tuple(np.lib.array_utils.normalize_axis_tuple(axis, len(shape)))


def kept(value: Any, shape: Shape, axis: Axis) -> Any:
    """Give a reduced value its axes of length one back."""
    axes = axes_of(shape, axis)
    return value.reshape(tuple([1 if k in axes else n for k, n in enumerate(shape)]))


def count(shape: Shape, axis: Axis) -> int:
    """How many elements fall together."""
    return math.prod([shape[k] for k in axes_of(shape, axis)])


_REDUCED: tuple[tuple[Shape, Axis, bool], ...] = (
    ((), None, False), ((), (), True), ((4,), 0, False), ((3,), -1, True), ((1,), None, False),
    ((2, 3), (), False), ((3, 2), (1,), False), ((1, 3), 0, False), ((2, 1), 1, True),
    ((2, 3, 2), None, False), ((2, 3, 2), None, True), ((2, 3, 2), 0, False),
    ((2, 3, 2), 0, True), ((2, 2, 3), 1, False), ((2, 3, 2), 2, True), ((2, 3, 2), -1, False),
    ((3, 2, 2), -2, True), ((2, 3, 2), (0, 2), False), ((2, 3, 2), (0, 2), True),
    ((2, 2, 3), (2, 0), False), ((2, 3, 2), (0, -2), True), ((2, 2, 2), (0, 1, 2), False),
    ((2, 1, 3, 2), (-1, 1), False), ((2, 1, 3, 2), 2, False),
)  # fmt: skip


def reduction_samples(rng: np.random.Generator) -> tuple[tuple[Array, ...], dict[str, Any]]:
    """Draw an operand of a reduction, with axes in one of their forms."""
    shape, axis, keepdims = _REDUCED[int(rng.integers(len(_REDUCED)))]
    return (rng.normal(size=shape),), {"axis": axis, "keepdims": keepdims}
