"""Products of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..source import here
from ..types import Array, Operand
from .shape import expand_dims, matrix_transpose, reshape

__all__ = ["matmul"]


def _explain(x1: Array, x2: Array) -> Exception | None:
    site = here()
    written = site.terms if site else ()
    left, right = written if len(written) == 2 else ("x", "W")
    if not x1.ndim or not x2.ndim:
        return errors.ShapeError(
            f"a matrix product needs at least one axis, got {x1.shape} and {x2.shape}",
            code="TG-S01",
            shapes=(x1.shape, x2.shape),
            op="matmul",
            why="a matrix product sums over an axis of each operand",
            fix=f"{left} * {right}",
        )
    inner = x2.shape[-2] if x2.ndim > 1 else x2.shape[0]
    if x1.shape[-1] == inner:
        return None
    shape = (*x2.shape[:-2], x1.shape[-1], *x2.shape[-1:][: x2.ndim - 1])
    if x2.ndim > 1 and x1.shape[-1] == x2.shape[-1]:
        fix = f"{left} @ {right}.mT   # or build it as {(x1.shape[-1], inner)}"
    elif x1.ndim > 1 and x1.shape[-2] == inner:
        fix = f"{left}.mT @ {right}"
    else:
        name = right if right.replace(".", "").isidentifier() else "W"
        fix = (
            f"{name} = tg.Parameter(np.random.default_rng(0).normal(size={shape}))   "
            f"# rows of {name}: columns of {left}"
        )
    return errors.ShapeError(
        f"{left} @ {right} needs equal inner sizes, got {x1.shape[-1]} and {inner}",
        code="TG-S01",
        shapes=(x1.shape, x2.shape),
        op="matmul",
        site=site,
        notes=(f"{left}  {x1.shape}", f"{right}  {x2.shape}"),
        why="each entry of the product sums over the columns of one and the rows of the other",
        fix=fix,
    )


def _left(g: Any, out: Any, x: Any, y: Any) -> Any:
    if y.ndim == 1:
        return expand_dims(g, -1) * y
    if x.ndim == 1:
        return matmul(expand_dims(g, -2), matrix_transpose(y))
    return times_transposed(g, y)


def _right(g: Any, out: Any, x: Any, y: Any) -> Any:
    if x.ndim == 1:
        return expand_dims(x, -1) * expand_dims(g, -2) if y.ndim > 1 else x * g
    if y.ndim == 1:
        return reshape(matmul(matrix_transpose(x), expand_dims(g, -1)), (*g.shape[:-1], *y.shape))
    return transposed_times(x, g)


_STACKS = (
    ((2, 3), (4, 3)), ((2, 1, 3, 2), (3, 3, 2)), ((2, 2), (2, 2)), ((1, 3), (1, 3)),
    ((3, 3), (3, 3)), ((2, 2, 3), (2, 3)), ((2, 2), (3, 1, 2)),
    ((1, 1), (1, 1)), ((1, 2, 3), (2, 1, 3)),
)  # fmt: skip


def _rows(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    left, right = _STACKS[int(rng.integers(len(_STACKS)))]
    return (rng.normal(size=left), rng.normal(size=right)), {}


def _columns(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    (x, y), _ = _rows(rng)
    return (np.swapaxes(x, -1, -2).copy(), np.swapaxes(y, -1, -2).copy()), {}


def _matrices(x: Array) -> Array:
    if x.ndim < 2:  # NumPy would make a row or column of it, of which the rules know nothing
        raise ValueError(f"a matrix or a stack of them is needed, not shape {x.shape}")
    return x


# The two products that gradients of a product are. As rows of their own they save the row of a
# transpose each: a twentieth of a Hessian-vector product. With `matmul` they are a closed family.
@operation(
    lambda x, y: np.matmul(_matrices(x), y.mT),
    rule=(lambda g, out, x, y: g @ y, lambda g, out, x, y: transposed_times(g, x)),
    broadcasts=True,
    samples=_rows,
)
def times_transposed(x: Operand, y: Operand, /) -> Tensor:
    r"""Product of a matrix with the transpose of another.

    .. math:: Z = X Y^{\mathsf T}, \qquad
              \bar X = \bar Z Y, \quad \bar Y = \bar Z^{\mathsf T} X
    """


@operation(
    lambda x, y: np.matmul(x.mT, _matrices(y)),
    rule=(lambda g, out, x, y: times_transposed(y, g), lambda g, out, x, y: x @ g),
    broadcasts=True,
    samples=_columns,
)
def transposed_times(x: Operand, y: Operand, /) -> Tensor:
    r"""Product of the transpose of a matrix with another.

    .. math:: Z = X^{\mathsf T} Y, \qquad
              \bar X = Y \bar Z^{\mathsf T}, \quad \bar Y = X \bar Z
    """


_SHAPES = (
    ((2, 1, 3, 4), (3, 4, 2)), ((3, 2), (2, 4)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)),
    ((4, 2, 3), (3,)), ((3,), (4, 3, 2)), ((2, 3, 2), (2, 2, 3)), ((2, 2, 3), (3, 2)),
    ((2, 3), (2, 3, 2)), ((1, 1), (1, 1)), ((1,), (1,)), ((2, 3), (3, 3)), ((2, 2), (2, 2)),
    ((1, 3), (3, 1)),
)  # fmt: skip


def _samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    left, right = _SHAPES[int(rng.integers(len(_SHAPES)))]
    return (rng.normal(size=left), rng.normal(size=right)), {}


@operation(
    np.matmul,
    rule=(_left, _right),
    samples=_samples,
    explain=_explain,
    method="__matmul__",
)
def matmul(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Product of matrices, or of stacks of them.

    .. math:: Z = X Y, \qquad \bar X = \bar Z Y^{\mathsf T}, \quad \bar Y = X^{\mathsf T} \bar Z

    Parameters
    ----------
    x1 : array_like, shape (..., rows, inner) or (inner,)
        Leading axes broadcast.
    x2 : array_like, shape (..., inner, columns) or (inner,)
        Leading axes broadcast.

    Returns
    -------
    Tensor
        Shape (..., rows, columns), without the axis that a vector operand does not have.

    Raises
    ------
    ShapeError
        When the inner sizes differ.

    Notes
    -----
    Source: Giles 2008, section 2.2.2.

    Examples
    --------
    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]])
    array([[11.]])
    """
