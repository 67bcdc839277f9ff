"""Several arrays made into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import errors
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..source import here
from ..types import Array, Operand, Shape
from .shape import expand_dims, reshape

__all__ = ["concat", "stack"]


def _concatenate(*arrays: Array, axis: int = 0, sizes: Sequence[int] = ()) -> Array:
    return np.concatenate(arrays, axis=axis)


def _explain_concat(*arrays: Array, axis: int, sizes: Sequence[int]) -> Exception | None:
    site = here()
    name = site.function if site and site.function in ("concat", "stack") else "concat"
    parts = site.terms[0] if site and site.function == name and site.terms else "parts"
    if not all(_has_axis(array.shape, axis) for array in arrays if array.ndim):
        return None
    shapes = [array.shape for array in arrays]
    return errors.ShapeError(
        f"`{name}` needs shapes that are equal{'' if name == 'stack' else f' but for axis {axis}'}",
        code="TG-S09",
        shapes=shapes,
        op=name,
        notes=[f"part {k}  {shape}" for k, shape in enumerate(shapes)],
        why="the result is one block of numbers",
        fix=f"tg.concat([tg.reshape(part, -1) for part in {parts}])   # all values in one row",
    )


def _has_axis(shape: Shape, axis: Any) -> bool:
    return isinstance(axis, (int, np.integer)) and bool(-len(shape) <= axis < len(shape))


def _concat_rule(
    g: Any, out: Any, *arrays: Any, axis: int, sizes: Sequence[int]
) -> tuple[Any, ...]:
    parts, start = [], 0
    before = (slice(None),) * (axis % g.ndim)
    for size in sizes:
        parts.append(g[(*before, slice(start, start + size))])
        start += size
    return tuple(parts)


def _concat_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    axis = int(rng.integers(-2, 2))
    sizes = ((2, 4), (3,), (2, 1, 3), (0, 2))[int(rng.integers(4))]
    shapes = [(n, 3) if axis % 2 == 0 else (3, n) for n in sizes]
    return tuple([rng.normal(size=shape) for shape in shapes]), {"axis": axis, "sizes": sizes}


@operation(_concatenate, rule=_concat_rule, samples=_concat_samples, explain=_explain_concat)
def _concat(*arrays: Operand, axis: int = 0, sizes: Sequence[int] = ()) -> Tensor:
    r"""Arrays one after the other along an axis that they have, of these sizes.

    .. math:: z = (x \mid y), \qquad (\bar x \mid \bar y) = \bar z

    Examples
    --------
    >>> _concat([1.0], [2.0], sizes=(1, 1))
    array([1., 2.])
    """


def _joined(parts: Sequence[Any], axis: int) -> Tensor:
    shapes = [np.shape(getattr(part, "_data", part)) for part in parts]
    sizes = tuple([shape[axis] if _has_axis(shape, axis) else 1 for shape in shapes])
    return _concat(*parts, axis=axis, sizes=sizes)


def concat(arrays: Sequence[Operand], /, *, axis: int | None = 0) -> Tensor:
    r"""Arrays one after the other along an axis that they have.

    .. math:: z = (x \mid y), \qquad (\bar x \mid \bar y) = \bar z

    Parameters
    ----------
    arrays : sequence of array_like
        Equal shapes but for ``axis``.
    axis : int or None
        Along which; with None all are flattened first.

    Examples
    --------
    >>> concat([[1.0, 2.0], [3.0]])
    array([1., 2., 3.])
    """
    parts = _nonempty(arrays, "concat")
    if axis is None:
        return _joined([reshape(part, -1) for part in parts], 0)
    return _joined(parts, axis)


def stack(arrays: Sequence[Operand], /, *, axis: int = 0) -> Tensor:
    r"""Arrays of one shape side by side along a new axis.

    .. math:: z_{ki} = x^{(k)}_i, \qquad \bar x^{(k)}_i = \bar z_{ki}

    Parameters
    ----------
    arrays : sequence of array_like
        Equal shapes.
    axis : int
        Where the new axis stands in the result.

    Examples
    --------
    >>> stack([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.],
           [3., 4.]])
    """
    return _joined([expand_dims(x, axis) for x in _nonempty(arrays, "stack")], axis)


def _nonempty(arrays: Sequence[Operand], name: str) -> list[Operand]:
    parts = list(arrays)
    if not parts:
        raise errors.ArgumentError(
            f"`{name}` needs at least one array, the list is empty",
            op=name,
            fix=f"tg.{name}([x])   # parts of the result, at least one",
        )
    return parts
