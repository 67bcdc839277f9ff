"""Rearranging: the same numbers under other indices. Every rule is the inverse rearrangement."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from .. import errors
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..source import here
from ..types import Array, Operand, Shape


def _explain_reshape(x: Array, shape: Any) -> Exception:
    site = here()
    name = site.terms[0] if site and site.terms else "x"
    batch = f"{name}.reshape({x.shape[0]}, -1)" if x.ndim > 1 else f"{name}.reshape(-1)"
    return errors.ShapeError(
        f"cannot reshape {x.shape} = {x.size} values to {shape}",
        code="TG-S07",
        shapes=(x.shape,),
        op="reshape",
        why="reshaping rearranges all values, it neither drops nor invents any",
        fix=f"{batch}   # -1 stands for whatever is left",
    )


@operation(
    np.reshape,
    rule=lambda g, out, x, shape: reshape(g, x.shape),
    view=True,
    samples=lambda rng: (
        (rng.normal(size=(2, 3)),),
        {"shape": ((3, -1), 6, -1, (6,), (1, 2, 3), (2, 3))[int(rng.integers(6))]},
    ),
    explain=_explain_reshape,
)
def reshape(x: Operand, /, shape: int | Shape) -> Tensor:
    r"""The same values in the same order under another shape.

    .. math:: z = \operatorname{vec}^{-1}(\operatorname{vec} x), \qquad
              \bar x = \operatorname{vec}^{-1}(\operatorname{vec} \bar z)

    Parameters
    ----------
    x : array_like
        Any shape.
    shape : int or tuple of int
        The new lengths; one may be -1, for whatever is left.

    Examples
    --------
    >>> reshape([1.0, 2.0, 3.0, 4.0], (2, 2))
    array([[1., 2.],
           [3., 4.]])
    """


def _reshape_method(x: Tensor, *shape: Any) -> Tensor:
    return reshape(x, shape[0] if len(shape) == 1 else shape)


def _permute(x: Array, axes: Shape | None = None) -> Array:
    return x.transpose(axes)


@operation(
    _permute,
    rule=lambda g, out, x, axes: permute_dims(
        g, None if axes is None else tuple(np.argsort([k % g.ndim for k in axes]).tolist())
    ),
    view=True,
    samples=lambda rng: (
        (rng.normal(size=(2, 3, 4)),),
        {"axes": (2, 0, -2) if rng.integers(2) else None},
    ),
)
def permute_dims(x: Operand, /, axes: Shape | None = None) -> Tensor:
    r"""The axes in another order; reversed by default.

    .. math:: z_{i_{\pi(1)} \dots i_{\pi(n)}} = x_{i_1 \dots i_n}, \qquad
              \bar x = \pi^{-1}(\bar z)

    Parameters
    ----------
    x : array_like
        Any shape.
    axes : tuple of int, optional
        For each axis of the result, the axis of ``x`` that it is.

    Examples
    --------
    >>> permute_dims([[1.0, 2.0, 3.0]]).shape
    (3, 1)
    """


def _explain_transpose(x: Array) -> Exception:
    site = here()
    name = site.terms[0] if site and site.terms else "x"
    return errors.ShapeError(
        f"a matrix transpose needs at least two axes, this has shape {x.shape}",
        code="TG-S13",
        shapes=(x.shape,),
        op="matrix_transpose",
        fix=f"{name}.reshape(-1, 1)   # a column",
    )


@operation(
    attrgetter("mT"),
    rule=lambda g, out, x: g.mT,
    view=True,
    samples=lambda rng: (
        (rng.normal(size=((2, 3, 4), (2, 3), (2, 2), (2, 3, 3), (1, 2))[int(rng.integers(5))]),),
        {},
    ),
    explain=_explain_transpose,
)
def matrix_transpose(x: Operand, /) -> Tensor:
    r"""The last two axes exchanged: a stack of matrices transposed.

    .. math:: z_{\dots ij} = x_{\dots ji}, \qquad \bar x_{\dots ji} = \bar z_{\dots ij}

    Parameters
    ----------
    x : array_like, shape (..., rows, columns)
        At least two axes.

    Examples
    --------
    >>> matrix_transpose(np.zeros((5, 2, 3))).shape
    (5, 3, 2)
    """


def _squeezed(x: Array, axis: int | Shape | None = None) -> Array:
    return np.squeeze(x, axis)


@operation(
    _squeezed,
    rule=lambda g, out, x, axis: reshape(g, x.shape),
    view=True,
    samples=lambda rng: (
        (rng.normal(size=(2, 1, 3, 1)),),
        {"axis": (1, -1, -3, None, (1,), (1, 3), (-1, 1), ())[int(rng.integers(8))]},
    ),
)
def squeeze(x: Operand, /, axis: int | Shape | None = None) -> Tensor:
    r"""Without the named axes of length one, or all of them.

    .. math:: z_{ij} = x_{i1j}, \qquad \bar x_{i1j} = \bar z_{ij}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int or tuple of int, optional
        Axes of length one; by default every such axis.

    Examples
    --------
    >>> squeeze([[1.0, 2.0]], 0)
    array([1., 2.])
    """


@operation(
    np.expand_dims,
    rule=lambda g, out, x, axis: reshape(g, x.shape),
    view=True,
    samples=lambda rng: (
        (rng.normal(size=(2, 3)),),
        {"axis": (0, 1, 2, -1, -2, (0,), (0, 2), (-1, 1), ())[int(rng.integers(9))]},
    ),
)
def expand_dims(x: Operand, /, axis: int | Shape) -> Tensor:
    r"""With a new axis of length one.

    .. math:: z_{i1j} = x_{ij}, \qquad \bar x_{ij} = \bar z_{i1j}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int or tuple of int
        Where the new axis stands in the result.

    Examples
    --------
    >>> expand_dims([1.0, 2.0], 0).shape
    (1, 2)
    """


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


@operation(
    lambda x, dtype: x.astype(dtype),
    rule=lambda g, out, x, dtype: astype(g, x.dtype),
    samples=lambda rng: ((rng.normal(size=(2, 3)),), {"dtype": np.float64}),
    method="astype",
)
def astype(x: Operand, /, dtype: Any) -> Tensor:
    r"""The same values in another type of number; to a whole-number type gradients stop.

    .. math:: z = x, \qquad \bar x = \bar z

    Parameters
    ----------
    x : array_like
        Any shape.
    dtype : dtype
        The type to convert to. The cotangent is converted back.

    Examples
    --------
    >>> astype([1.9], np.int64)
    array([1])
    """


Tensor.reshape = _reshape_method  # type: ignore
Tensor.T = property(permute_dims, doc="The axes in reverse order.")  # type: ignore
Tensor.mT = property(matrix_transpose, doc="The last two axes exchanged.")  # type: ignore
