"""Inverses, solutions of linear equations, powers and products of chains."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ... import errors
from ...autodiff.operation import operation
from ...autodiff.tensor import Tensor
from ...types import Array, Operand
from ..axes import held
from ..comparison import where
from ..products import matmul
from ..shape import expand_dims, reshape
from .checks import not_square, single_at_least, singular, written

__all__ = ["inv", "matrix_power", "multi_dot", "solve"]


def invertible(rng: np.random.Generator, *shape: int) -> Array:
    """Matrices that are well conditioned, also when rounded to whole numbers."""
    n, m = shape[-2:] if len(shape) > 1 else (shape[0], 1)
    base = np.tri(n, m) - 2.0 * np.tri(n, m, -1) + 2.0 * np.eye(n, m)
    return base.reshape(shape[-2:]) + rng.uniform(-0.4, 0.4, shape)


def _explain_inv(x: Array) -> Exception:
    return not_square("inv", x) or singular("inv", x, f"tg.linalg.pinv({written()})")


def _inv_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shapes = ((2, 2), (3, 3), (1, 1), (2, 2, 2), (1, 2, 2, 2))
    return (invertible(rng, *shapes[int(rng.integers(len(shapes)))]),), {}


@operation(
    single_at_least(np.linalg.inv),
    rule=lambda g, out, x: -(out.mT @ g @ out.mT),
    samples=_inv_samples,
    explain=_explain_inv,
)
def inv(x: Operand, /) -> Tensor:
    r"""Inverse of a square matrix.

    .. math:: Z = X^{-1}, \qquad \bar X = -Z^{\mathsf T} \bar Z Z^{\mathsf T}

    Parameters
    ----------
    x : array_like, shape (..., n, n)
        Leading axes are a stack of matrices.

    Raises
    ------
    LinAlgError
        When a matrix is singular.

    Notes
    -----
    A primitive, as elimination with exchanges of rows is not expressible by others. To solve
    equations, ``solve`` is faster and loses fewer digits.
    Source: Giles 2008, section 2.2.3.

    Examples
    --------
    >>> inv([[2.0, 0.0], [0.0, 4.0]])
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """


def _explain_solve(x1: Array, x2: Array) -> Exception:
    if (found := not_square("solve", x1)) is not None:
        return found
    n = x1.shape[-1]
    rows = x2.shape[0] if x2.ndim == 1 else x2.shape[-2] if x2.ndim else None
    if rows == n and x2.ndim != 1 and (x1.ndim > 2 < x2.ndim):
        rows = n if _broadcast(x1, x2) else None
    if rows == n:
        return singular("solve", x1, f"tg.linalg.lstsq({written()}, {written(1, 'b')}).solution")
    return errors.ShapeError(
        f"`solve`: {n} equations, and right-hand sides of shape {x2.shape}",
        code="TG-S15",
        shapes=(x1.shape, x2.shape),
        op="solve",
        why="each row of the matrix has one number, or one row of numbers, on the right",
        fix=f"tg.linalg.solve({written()}, np.ones({n}))   # for example",
    )


def _broadcast(x1: Array, x2: Array) -> bool:
    try:
        np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    except ValueError:
        return False
    return True


def _solve_rule(g: Any, out: Any, x1: Any, x2: Any, needs: Any) -> tuple[Any, ...]:
    vector = x2.ndim == 1
    g, z = (expand_dims(g, -1), expand_dims(out, -1)) if vector else (g, out)
    right = solve(x1.mT, g)
    left = -(right @ z.mT) if needs[0] else None
    return left, right[..., 0] if vector else right


def _solve_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    pairs: list[Any] = [
        ((2, 2), (2,)), ((3, 3), (3, 2)), ((2, 2), (2, 2)), ((1, 1), (1,)), ((2, 2, 2), (2,)),
        ((2, 2, 2), (2, 2, 1)), ((2, 2), (3, 2, 1)), ((3, 1, 2, 2), (2, 2, 1)),
    ]  # fmt: skip
    left, right = pairs[int(rng.integers(len(pairs)))]
    return (invertible(rng, *left), invertible(rng, *right)), {}


@operation(
    single_at_least(np.linalg.solve),
    rule=_solve_rule,
    broadcasts=True,
    samples=_solve_samples,
    explain=_explain_solve,
)
def solve(x1: Operand, x2: Operand, /) -> Tensor:
    r"""Solution of linear equations: what ``x1`` has to be multiplied by to give ``x2``.

    .. math:: Z = A^{-1} B, \qquad
              \bar B = A^{-\mathsf T} \bar Z, \quad \bar A = -\bar B Z^{\mathsf T}

    Parameters
    ----------
    x1 : array_like, shape (..., n, n)
        The coefficients, one row an equation. Leading axes broadcast.
    x2 : array_like, shape (n,) or (..., n, columns)
        The right-hand sides. With exactly one axis it is a vector, the same for every matrix.

    Returns
    -------
    Tensor
        Shape (..., n) or (..., n, columns).

    Raises
    ------
    LinAlgError
        When a matrix is singular.
    ShapeError
        When the sizes do not fit.

    Notes
    -----
    A primitive for stability: the inverse is never formed, in the rule neither.
    Source: Giles 2008, section 2.3.1.

    Examples
    --------
    >>> solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0])
    array([1. , 0.5])
    """


def matrix_power(x: Operand, n: int, /) -> Tensor:
    r"""A square matrix multiplied by itself, or by its inverse, several times.

    .. math:: Z = X^n, \qquad
              \bar X = \sum_{k=1}^{n} (X^{\mathsf T})^{k-1} \bar Z (X^{\mathsf T})^{n-k}

    Parameters
    ----------
    x : array_like, shape (..., n, n)
        Leading axes are a stack of matrices.
    n : int
        How often; 0 gives the identity, a negative power that of the inverse.

    Raises
    ------
    LinAlgError
        When the power is negative and a matrix singular.

    Notes
    -----
    By squaring, in about ``log2(n)`` products. Source: Giles 2008, section 2.2.2.

    Examples
    --------
    >>> matrix_power([[1.0, 1.0], [0.0, 1.0]], 5)
    array([[1., 5.],
           [0., 1.]])
    """
    x = held(x)
    if (found := not_square("matrix_power", x)) is not None:
        raise found
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool):
        raise errors.ArgumentError(
            f"`matrix_power` takes a whole number, got {n!r:.40}",
            op="matrix_power",
            why="a matrix is multiplied by itself so many times",
            fix=f"tg.linalg.matrix_power({written()}, 2)",
        )
    base = inv(x) if n < 0 else x
    if n == 0:  # of the matrix too, whose gradient is then zeros
        return where(False, x, np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape))
    out = base
    for bit in f"{abs(int(n)):b}"[1:]:
        out = out @ out
        out = out @ base if bit == "1" else out
    return out


def multi_dot(arrays: Sequence[Operand], /) -> Tensor:
    r"""Product of a chain of matrices, in the order that takes the fewest multiplications.

    .. math:: Z = A B C, \qquad \bar A = \bar Z (B C)^{\mathsf T}, \quad
              \bar B = A^{\mathsf T} \bar Z C^{\mathsf T}, \quad
              \bar C = (A B)^{\mathsf T} \bar Z

    Parameters
    ----------
    arrays : sequence of array_like
        Two or more matrices; the first and the last may be vectors.

    Raises
    ------
    ShapeError
        When neighbours do not fit.

    Notes
    -----
    Source: Cormen, Leiserson, Rivest and Stein 2022, section 14.2.

    Examples
    --------
    >>> multi_dot([np.ones((2, 3)), np.ones((3, 1)), np.ones((1, 2))])
    array([[3., 3.],
           [3., 3.]])
    """
    chain = [held(x) for x in arrays]
    ends = len(chain) > 1 and chain[0].ndim in (1, 2) and chain[-1].ndim in (1, 2)
    if not ends or any(x.ndim != 2 for x in chain[1:-1]):
        raise errors.ShapeError(
            f"`multi_dot` needs two matrices or more, got shapes {[x.shape for x in chain]}",
            code="TG-S15",
            shapes=[x.shape for x in chain],
            op="multi_dot",
            why="only the two ends of a chain may be vectors",
            fix="tg.linalg.multi_dot([np.eye(2), np.ones((2, 3)), np.ones(3)])   # for example",
        )
    first, last = chain[0].ndim == 1, chain[-1].ndim == 1
    if first:
        chain[0] = reshape(chain[0], (1, -1))
    if last:
        chain[-1] = reshape(chain[-1], (-1, 1))
    out = _product(chain, _splits([x.shape[0] for x in chain] + [chain[-1].shape[1]]))
    kept = [n for n, gone in zip(out.shape, (first, last), strict=True) if not gone]
    return reshape(out, tuple(kept)) if first or last else out


def _splits(sizes: list[int]) -> dict[tuple[int, int], int]:
    """Where to cut each part of a chain, the cheapest first part for part."""
    count = len(sizes) - 1
    cost = {(k, k + 1): 0 for k in range(count)}
    cut: dict[tuple[int, int], int] = {}
    for length in range(2, count + 1):
        for i in range(count - length + 1):
            j = i + length
            options = partial(_cost, cost, sizes, i, j)
            cut[i, j] = min(range(i + 1, j), key=options)
            cost[i, j] = options(cut[i, j])
    return cut


def _cost(cost: dict[tuple[int, int], int], sizes: list[int], i: int, j: int, k: int) -> int:
    return cost[i, k] + cost[k, j] + sizes[i] * sizes[k] * sizes[j]


def _product(chain: list[Any], cut: dict[tuple[int, int], int]) -> Any:
    def part(i: int, j: int) -> Any:
        return chain[i] if j == i + 1 else matmul(part(i, cut[i, j]), part(cut[i, j], j))

    return part(0, len(chain))
