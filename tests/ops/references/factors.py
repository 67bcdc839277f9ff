"""Linear algebra by the textbook, one number at a time.

Elimination, expansion by minors, orthogonalization column by column, plane rotations. A vector is
known up to its sign; the sign, and nothing else, is taken from NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .loops import Array, broadcast_place, places, reduced


def stacked(f: Callable[..., Any], *arrays: Array) -> Array:
    """Apply a function of matrices to every one of a stack."""
    batch = np.broadcast_shapes(*[x.shape[:-2] for x in arrays])
    found = [f(*[x[broadcast_place(b, x.shape[:-2])] for x in arrays]) for b in places(batch)]
    return np.array(found).reshape(batch + np.shape(found[0]))


def solution(a: Array, b: Array) -> Array:
    """Elimination of one column after the other, the largest number as pivot."""
    n = len(a)
    rows = [[*map(float, a[i]), *map(float, b[i])] for i in range(n)]
    for k in range(n):
        best = max(range(k, n), key=lambda i, k=k: abs(rows[i][k]))
        rows[k], rows[best] = rows[best], rows[k]
        rows[k] = [v / rows[k][k] for v in rows[k]]
        for i in range(n):
            if i != k:
                rows[i] = [v - rows[i][k] * w for v, w in zip(rows[i], rows[k], strict=True)]
    return np.array([row[n:] for row in rows])


def solve(a: Array, b: Array) -> Array:
    if b.ndim == 1:
        return stacked(solution, a, b[:, None])[..., 0]
    return stacked(solution, a, b)


def inverse(x: Array) -> Array:
    return stacked(lambda a: solution(a, np.eye(len(a))), x)


def minor(a: Array, i: int, j: int) -> Array:
    return np.array([[a[r, c] for c in range(len(a)) if c != j] for r in range(len(a)) if r != i])


def determinant(a: Array) -> float:
    if len(a) <= 1:
        return float(a[0, 0]) if len(a) else 1.0
    return math.fsum((-1) ** j * a[0, j] * determinant(minor(a, 0, j)) for j in range(len(a)))


def cofactors(a: Array) -> Array:
    n = range(len(a))
    return np.array([[(-1) ** (i + j) * determinant(minor(a, i, j)) for j in n] for i in n])


def sign_and_log(a: Array) -> list[float]:
    d = determinant(a)
    return [math.copysign(1.0, d), math.log(abs(d))]


def cholesky(a: Array, upper: bool) -> Array:
    a, n = (a + a.T) / 2, len(a)
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            left = a[i, j] - math.fsum(out[i, k] * out[j, k] for k in range(j))
            out[i, j] = math.sqrt(left) if i == j else left / out[j, j]
    return out.T if upper else out


def orthogonal(columns: list[Array]) -> list[Array]:
    """Orthonormal columns that span the same, each made perpendicular to those before, twice."""
    done: list[Array] = []
    for column in columns:
        for _ in range(2):
            for other in done:
                column = column - other * math.fsum(column * other)
        done.append(column / math.sqrt(math.fsum(column * column)))
    return done


def aligned(columns: list[Array], like: Array) -> Array:
    """The columns, each in the direction of a given one."""
    signs = [math.copysign(1.0, math.fsum(c * o)) for c, o in zip(columns, like.T, strict=True)]
    return np.array([s * c for s, c in zip(signs, columns, strict=True)]).T


def qr(a: Array) -> Array:
    k = min(a.shape)
    q = aligned(orthogonal(list(a.T[:k])), np.linalg.qr(a)[0])
    r = [[math.fsum(q[:, i] * a[:, j]) if i <= j else 0.0 for i in range(k)]
         for j in range(a.shape[1])]  # fmt: skip
    return np.concatenate([q, np.array(r)])


def completed(a: Array) -> Array:
    added = orthogonal([*a.T, *np.eye(len(a))[:1]])[a.shape[1] :]
    like = np.linalg.qr(a, mode="complete")[0][:, a.shape[1] :]
    return np.concatenate([a, aligned(added, like)], 1)


def rotated(columns: list[list[float]], tops: list[list[float]]) -> None:
    """Rotate pairs of columns until all are perpendicular; do the same to what stands above."""
    n = len(columns)
    for _ in range(40):
        for i in range(n):
            for j in range(i + 1, n):
                x, y = columns[i], columns[j]
                product = math.fsum(a * b for a, b in zip(x, y, strict=True))
                if product == 0.0:
                    continue
                squares = [math.fsum(a * a for a in v) for v in (x, y)]
                half = (squares[1] - squares[0]) / (2.0 * product)
                t = math.copysign(1.0, half) / (abs(half) + math.hypot(half, 1.0))
                c = 1.0 / math.hypot(t, 1.0)
                for these in (columns, tops):
                    u, v = these[i], these[j]
                    these[i] = [c * (a - t * b) for a, b in zip(u, v, strict=True)]
                    these[j] = [c * (b + t * a) for a, b in zip(u, v, strict=True)]


def svd(a: Array) -> Array:
    """Columns of the longer side rotated until perpendicular: their lengths are the values."""
    wide = a.shape[0] < a.shape[1]
    tall = a.T if wide else a
    columns, tops = [list(map(float, c)) for c in tall.T], np.eye(tall.shape[1]).tolist()
    rotated(columns, tops)
    lengths = [math.sqrt(math.fsum(v * v for v in c)) for c in columns]
    order = sorted(range(len(lengths)), key=lambda k: -lengths[k])
    first = [np.array(columns[k]) / lengths[k] for k in order]
    second = [np.array(tops[k]) for k in order]
    u, v = (second, first) if wide else (first, second)
    like = np.linalg.svd(a, full_matrices=False)
    return np.concatenate([
        aligned(u, like.U), [[lengths[k] for k in order]], aligned(v, like.Vh.T),
    ])  # fmt: skip


def eigh(a: Array) -> Array:
    """Of a matrix made positive by a shift, singular vectors are eigenvectors."""
    a = (a + a.T) / 2
    shift = 1.0 + 2.0 * math.sqrt(math.fsum((a * a).flat))
    both = svd(a + shift * np.eye(len(a)))[:, ::-1]
    n = len(a)
    vectors = aligned(list(both[:n].T), np.linalg.eigh(a).eigenvectors)
    return np.concatenate([both[n : n + 1] - shift, vectors])


def pinv(a: Array) -> Array:
    if a.shape[0] < a.shape[1]:
        return pinv(a.T).T
    return solution(np.array([[math.fsum(x * y) for y in a.T] for x in a.T]), a.T)


def rank(a: Array) -> int:
    """How many pivots elimination finds."""
    rows, found = [list(map(float, row)) for row in a], 0
    for k in range(a.shape[1]):
        pivot = max(range(found, len(rows)), key=lambda i, k=k: abs(rows[i][k]), default=None)
        if pivot is None or abs(rows[pivot][k]) < 1e-9:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        top = rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][k] / top[k]
            rows[i] = [v - factor * w for v, w in zip(rows[i], top, strict=True)]
        found += 1
    return found


def root_of_powers(values: list[float], ord: float) -> float:
    if (not all(values) and ord < 0) or not any(values):
        return 0.0
    total = math.fsum(math.exp(ord * math.log(abs(v))) for v in values if v)
    return math.exp(math.log(total) / ord)


REFERENCES: dict[str, Callable[..., Array]] = {
    "inv": inverse,
    "solve": solve,
    "det": lambda x: stacked(determinant, x),
    "cofactors": lambda x: stacked(cofactors, x),
    "slogdet": lambda x: stacked(sign_and_log, x),
    "cholesky": lambda x, upper: stacked(lambda a: cholesky(a, upper), x),
    "qr": lambda x: stacked(qr, x),
    "completed": lambda x: stacked(completed, x),
    "eigh": lambda x: stacked(eigh, x),
    "eigvalsh": lambda x: stacked(eigh, x)[..., 0, :],
    "svd": lambda x: stacked(svd, x),
    "svdvals": lambda x: stacked(svd, x)[..., x.shape[-2], :],
    "pinv": lambda x, rtol: stacked(pinv, x),
    "matrix_rank": lambda x, rtol: stacked(rank, x),
    "power_norm": lambda x, axis, ord: reduced(root_of_powers, x, axis, True, ord=ord),
}
