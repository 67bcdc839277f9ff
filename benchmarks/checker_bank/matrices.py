"""Correct: products, solutions and factorisations of matrices.

Matrices that must be regular are shifted inside the function, so that every input will do.
"""

from __future__ import annotations

import numpy as np

from tinygrad_edu.domain import Real

from .entry import Array, Arrays, right
from .shapes import SQUARE, Shapes

UNIT = Real(-1, 1)
SYSTEMS: Shapes = (((1, 1), (1,)), ((2, 2), (2,)), ((3, 3), (3,)), ((2, 2), (2, 3)))


def shifted(a: Array) -> Array:
    """Add four to the diagonal: with entries within one, it dominates."""
    return a + 4 * np.eye(len(a))


def symmetric(a: Array) -> Array:
    """The symmetric part."""
    return (a + a.T) / 2


def solution(a: Array, b: Array) -> Array:
    """Solve for one or more right-hand sides."""
    return np.linalg.inv(a) @ b


def solve_vjp(g: Array, a: Array, b: Array) -> Arrays:
    """Solve with the transpose, then an outer product (Giles, 2008)."""
    x, back = solution(shifted(a), b), solution(shifted(a).T, g)
    return (-np.outer(back, x) if b.ndim == 1 else -back @ x.T), back


def triangular_vjp(g: Array, a: Array, b: Array) -> Arrays:
    """As for any system, but only below the diagonal."""
    lower = np.tril(shifted(a))
    x, back = solution(lower, b), solution(lower.T, g)
    return np.tril(-np.outer(back, x) if b.ndim == 1 else -back @ x.T), back


def inverse_vjp(g: Array, a: Array) -> Arrays:
    """-Y' g Y'."""
    y = np.linalg.inv(shifted(a)).T
    return (-y @ g @ y,)


def cholesky_vjp(g: Array, a: Array) -> Arrays:
    """Murray (2016), section 3: half the lower triangle between two solves."""
    factor = np.linalg.cholesky(shifted(symmetric(a)))
    inner = np.tril(factor.T @ g)
    inner[np.diag_indices(len(a))] /= 2
    inverse = np.linalg.inv(factor)
    return (symmetric(inverse.T @ inner @ inverse),)


def spaced(a: Array) -> Array:
    """A symmetric matrix whose eigenvalues stay apart."""
    return symmetric(a) + np.diag(10.0 * np.arange(len(a)))


def eigenvalues_vjp(g: Array, a: Array) -> Arrays:
    """Sum of the outer products of eigenvectors, weighted by the cotangent."""
    _, vectors = np.linalg.eigh(spaced(a))
    return (vectors * g @ vectors.T,)


def cube_vjp(g: Array, a: Array) -> Arrays:
    """A product of three: one term for each factor."""
    t = a.T
    return (g @ t @ t + t @ g @ t + t @ t @ g,)


def adjugate(a: Array) -> Array:
    """Transposed matrix of cofactors: right for singular matrices too."""
    n = len(a)
    out = np.ones((n, n), a.dtype)
    for i in range(n):
        for k in range(n):
            minor = np.delete(np.delete(a, i, 0), k, 1)
            out[k, i] = (-1) ** (i + k) * (np.linalg.det(minor) if n > 1 else 1.0)
    return out


right(
    "matmul",
    np.matmul,
    lambda g, a, b: (g @ b.T, a.T @ g),
    (
        ((2, 3), (3, 2)),
        ((1, 1), (1, 1)),
        ((3, 1), (1, 2)),
        ((1, 4), (4, 1)),
        ((2, 2), (2, 2)),
        ((2, 0), (0, 3)),
    ),
    Real(),
)
right(
    "matmul_batched",
    np.matmul,
    lambda g, a, b: (g @ b.T, (np.swapaxes(a, 1, 2) @ g).sum(0)),
    (((2, 2, 2), (2, 1)), ((1, 2, 2), (2, 2)), ((2, 1, 3), (3, 2))),
    Real(),
    tags="broadcast",
)
right(
    "linear",
    lambda x, w, b: x @ w.T + b,
    lambda g, x, w, b: (g @ w, g.T @ x, g.sum(0)),
    (((2, 2), (2, 2), (2,)), ((1, 3), (2, 3), (2,)), ((3, 1), (2, 1), (2,))),
    Real(),
)
right(
    "bilinear_form",
    lambda x, a, y: np.einsum("i,ij,j->", x, a, y),
    lambda g, x, a, y: (g * (a @ y), g * np.outer(x, y), g * (x @ a)),
    (((2,), (2, 2), (2,)), ((1,), (1, 3), (3,)), ((2,), (2, 3), (3,))),
    Real(),
)
right(
    "einsum_batched",
    lambda a, b: np.einsum("nij,njk->nik", a, b),
    lambda g, a, b: (np.einsum("nik,njk->nij", g, b), np.einsum("nij,nik->njk", a, g)),
    (((2, 1, 2), (2, 2, 1)), ((1, 2, 2), (1, 2, 2)), ((2, 2, 1), (2, 1, 2))),
    Real(),
)
right(
    "outer",
    np.outer,
    lambda g, x, y: (g @ y, x @ g),
    (((2,), (3,)), ((1,), (4,)), ((3,), (3,))),
    Real(),
)
right(
    "quadratic_form",
    lambda a, x: x @ a @ x,
    lambda g, a, x: (g * np.outer(x, x), g * (a + a.T) @ x),
    (((2, 2), (2,)), ((1, 1), (1,)), ((3, 3), (3,))),
    Real(),
)
right(
    "trace",
    np.trace,
    lambda g, a: (g * np.eye(*a.shape),),
    (*SQUARE, ((2, 3),)),
    Real(),
)
right("matrix_cube", lambda a: a @ a @ a, cube_vjp, SQUARE, UNIT)
right("det", np.linalg.det, lambda g, a: (g * adjugate(a).T,), SQUARE, Real(), tags="zeros hard")
right(
    "logdet",
    lambda a: np.log(np.linalg.det(shifted(a))),
    lambda g, a: (g * np.linalg.inv(shifted(a)).T,),
    SQUARE,
    UNIT,
)
right("inv", lambda a: np.linalg.inv(shifted(a)), inverse_vjp, SQUARE, UNIT)
right("solve", lambda a, b: np.linalg.inv(shifted(a)) @ b, solve_vjp, SYSTEMS, UNIT)
right(
    "solve_triangular",
    lambda a, b: solution(np.tril(shifted(a)), b),
    triangular_vjp,
    SYSTEMS,
    UNIT,
    tags="ignores",
)
right("cholesky", lambda a: np.linalg.cholesky(shifted(symmetric(a))), cholesky_vjp, SQUARE, UNIT)
right("eigenvalues", lambda a: np.linalg.eigvalsh(spaced(a)), eigenvalues_vjp, SQUARE, UNIT)
