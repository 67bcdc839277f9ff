"""Several arrays made into one, and one into several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import errors
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..source import here
from ..types import Array, Operand, Shape
from .axes import held, position, whole
from .indexing import getitem
from .shape import expand_dims, reshape

__all__ = ["concat", "hstack", "split", "stack", "unstack", "vstack"]


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
        Along which; with None all are flattened first. Source: Array API 2024.12, ``concat``.

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
        Where the new axis stands in the result. Source: Array API 2024.12, ``stack``.

    Examples
    --------
    >>> stack([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.],
           [3., 4.]])
    """
    return _joined([expand_dims(x, axis) for x in _nonempty(arrays, "stack")], axis)


def _nonempty(arrays: Sequence[Operand], name: str) -> list[Operand]:
    parts = list(arrays) if isinstance(arrays, (Iterable, Tensor)) else []
    if not parts:
        raise errors.ArgumentError(
            f"`{name}` needs a list of at least one array, got {arrays!r:.60}",
            op=name,
            fix=f"tg.{name}([x])   # parts of the result, at least one",
        )
    return parts


def vstack(arrays: Sequence[Operand], /) -> Tensor:
    r"""Arrays one above the other; a vector is a row.

    .. math:: z = (x \mid y), \qquad (\bar x \mid \bar y) = \bar z

    Parameters
    ----------
    arrays : sequence of array_like
        Equal shapes but for the first axis. Source: NumPy 2.4, ``vstack``.

    Examples
    --------
    >>> vstack([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.],
           [3., 4.]])
    """
    parts = [held(x) for x in _nonempty(arrays, "vstack")]
    return concat([x if x.ndim > 1 else reshape(x, (1, -1)) for x in parts])


def hstack(arrays: Sequence[Operand], /) -> Tensor:
    r"""Arrays side by side: along the second axis, vectors along the first.

    .. math:: z = (x \mid y), \qquad (\bar x \mid \bar y) = \bar z

    Parameters
    ----------
    arrays : sequence of array_like
        Equal shapes but for that axis. Source: NumPy 2.4, ``hstack``.

    Examples
    --------
    >>> hstack([[1.0, 2.0], [3.0]])
    array([1., 2., 3.])
    """
    parts = [held(x) for x in _nonempty(arrays, "hstack")]
    rows = [x if x.ndim else reshape(x, (1,)) for x in parts]
    return concat(rows, axis=0 if rows[0].ndim == 1 else 1)


_CUT = "tg.split(x, 1)   # how many equal parts; or [1], the places to cut before"


def split(
    x: Operand, indices_or_sections: int | Sequence[int], /, *, axis: int = 0
) -> list[Tensor]:
    r"""Cut into parts along an axis.

    .. math:: (y \mid z) = x, \qquad \bar x = (\bar y \mid \bar z)

    Parameters
    ----------
    x : array_like
        At least one axis.
    indices_or_sections : int or sequence of int
        How many equal parts, or before which places to cut.
    axis : int
        Along which.

    Returns
    -------
    list of Tensor
        The parts in order. Source: NumPy 2.4, ``split``.

    Raises
    ------
    ArgumentError
        Where equal parts are impossible.

    Examples
    --------
    >>> split([1.0, 2.0, 3.0], [1])
    [array([1.]), array([2., 3.])]
    """
    x = held(x)
    axis = position(axis, x.ndim, "split")
    size = x.shape[axis]
    if isinstance(indices_or_sections, (Sequence, np.ndarray, Tensor)):
        cuts = [whole(cut, "split", "a place to cut", _CUT) for cut in indices_or_sections]
    else:
        parts = whole(indices_or_sections, "split", "indices_or_sections", _CUT)
        if parts < 1 or size % parts:
            raise errors.ArgumentError(
                f"`split`: {size} elements do not make {parts} equal parts",
                shapes=(x.shape,),
                op="split",
                why="one of them would be shorter than the others",
                fix=f"tg.split(x, [{size // 2}], axis={axis})   # the places to cut before",
            )
        cuts = list(range(size // parts, size, size // parts)) if size else [0] * (parts - 1)
    ends = zip([None, *cuts], [*cuts, None], strict=True)
    return [getitem(x, (*[slice(None)] * axis, slice(start, end))) for start, end in ends]


def unstack(x: Operand, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    r"""The parts along an axis, without it.

    .. math:: y^{(k)}_i = x_{ki}, \qquad \bar x_{ki} = \bar y^{(k)}_i

    Parameters
    ----------
    x : array_like
        At least one axis.
    axis : int
        Which. Source: Array API 2024.12, ``unstack``.

    Examples
    --------
    >>> unstack([[1.0, 2.0], [3.0, 4.0]])
    (array([1., 2.]), array([3., 4.]))
    """
    x = held(x)
    axis = position(axis, x.ndim, "unstack")
    return tuple([getitem(x, (*[slice(None)] * axis, k)) for k in range(x.shape[axis])])
