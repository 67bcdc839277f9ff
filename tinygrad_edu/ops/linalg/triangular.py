"""Triangular factors: Cholesky's, and QR."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ... import errors
from ...autodiff.operation import operation
from ...autodiff.tensor import Tensor
from ...types import Array, Operand
from ..axes import held
from ..indexing import getitem
from ..joining import concat
from ..shape import matrix_transpose
from .checks import (
    must_be_any_basis,
    must_have_full_rank,
    not_a_matrix,
    not_finite,
    not_square,
    single_at_least,
    symmetric,
    written,
)
from .inverse import inv, solve
from .structure import mirrored

__all__ = ["cholesky", "qr"]


def tall_or_wide(rng: np.random.Generator, *shape: int) -> Array:
    """Matrices with singular values far from each other and from zero, also when rounded."""
    rows, columns = shape[-2:]
    base = 1.0 + 4.0 * np.eye(rows, columns) * (1 + np.arange(columns))
    return base + rng.uniform(-0.4, 0.4, shape)


@single_at_least
def _factor(x: Array, *, upper: bool = False) -> Array:
    if not isinstance(upper, (bool, np.bool_)):
        raise TypeError(f"upper is True or False, got {upper!r:.40}")
    factor = np.linalg.cholesky(symmetric(x))
    return np.conj(factor.mT) if upper else factor


def _cholesky_rule(g: Any, out: Any, x: Any, upper: bool) -> Any:
    g, factor = (g.mT, out.mT) if upper else (g, out)
    # Half of the mirrored lower part: what was below stays, and the diagonal is halved.
    inner = mirrored(factor.mT @ g) * 0.5
    left = solve(factor.mT, inner)
    return solve(factor.mT, left.mT)


def _explain_cholesky(x: Array, *, upper: Any) -> Exception | None:
    if (found := not_square("cholesky", x) or not_finite("cholesky", x)) is not None:
        return found
    if not isinstance(upper, (bool, np.bool_)):
        return None
    least = np.linalg.eigvalsh(symmetric(x)).min(-1)
    worst = tuple(int(k) for k in np.unravel_index(np.argmin(least), least.shape))
    place = f" {worst} of the stack" if worst else ""
    shift = f"{abs(least[worst]) * 1.01 + 1e-6:.3g} * np.eye({x.shape[-1]})"
    return errors.LinAlgError(
        f"`cholesky`: the matrix{place} is not positive definite, its least eigenvalue is "
        f"{least[worst]:.3g}",
        code="TG-L06",
        shapes=(x.shape,),
        op="cholesky",
        why="a factor times its transpose has eigenvalues above zero only",
        fix=f"tg.linalg.cholesky({written()} + {shift})",
    )


def _cholesky_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shapes = ((2, 2), (3, 3), (1, 1), (2, 2, 2))
    x = tall_or_wide(rng, *shapes[int(rng.integers(len(shapes)))])
    return (x,), {"upper": bool(rng.integers(2))}


@operation(
    _factor,
    rule=_cholesky_rule,
    samples=_cholesky_samples,
    explain=_explain_cholesky,
)
def cholesky(x: Operand, /, *, upper: bool = False) -> Tensor:
    r"""Triangular square root of a positive definite matrix.

    .. math:: X = L L^{\mathsf T}, \qquad
              \bar X = L^{-\mathsf T} \Phi(L^{\mathsf T} \bar L) L^{-1}, \quad
              \Phi(A) = \tfrac12 (\operatorname{tril} A + \operatorname{tril}(A, -1)^{\mathsf T})

    Parameters
    ----------
    x : array_like, shape (..., n, n)
        Symmetric; of any other matrix the symmetric part ``(x + x.mT) / 2`` is meant, and so every
        element has a derivative of its own.
    upper : bool
        Give the transpose of the factor, which is upper triangular.

    Raises
    ------
    LinAlgError
        When a matrix is not positive definite.

    Notes
    -----
    A primitive, as a factorization is not expressible by other operations.
    Source: Murray 2016, equation 10; Seeger et al. 2017, section 4.1.

    Examples
    --------
    >>> cholesky([[4.0, 2.0], [2.0, 5.0]])
    array([[2., 0.],
           [1., 2.]])
    """


@single_at_least
def _orthogonal_and_triangular(x: Array) -> Array:
    q, r = np.linalg.qr(x)
    return np.concatenate([q, r.mT], -2)


def _qr_rule(g: Any, out: Any, x: Any) -> Any:
    m = x.shape[-2]
    q, rt = out[..., :m, :], out[..., m:, :]
    gq, grt = g[..., :m, :], g[..., m:, :]
    # Of a wide matrix the first m columns determine Q, the others are Q times their part of R.
    head, gtail = rt[..., :m, :], grt[..., m:, :]
    must_have_full_rank(op="qr", factor=head, shape=x.shape)
    gq = gq + x[..., m:] @ gtail
    inner = head.mT @ grt[..., :m, :] - gq.mT @ q
    left = solve(head.mT, (gq + q @ mirrored(inner)).mT).mT
    return concat([left, q @ gtail.mT], axis=-1)


def _explain_qr(x: Array) -> Exception | None:
    return not_a_matrix("qr", x)


def _qr_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shapes = ((2, 2), (3, 3), (3, 2), (2, 3), (1, 1), (1, 3), (3, 1), (2, 3, 2), (2, 2, 3))
    return (tall_or_wide(rng, *shapes[int(rng.integers(len(shapes)))]),), {}


@operation(_orthogonal_and_triangular, rule=_qr_rule, samples=_qr_samples, explain=_explain_qr)
def _qr(x: Operand, /) -> Tensor:
    r"""Q, and below it the transpose of R.

    .. math:: X = Q R, \qquad \bar X = (\bar Q + Q \operatorname{copyltu}(M)) R^{-\mathsf T},
              \quad M = R \bar R^{\mathsf T} - \bar Q^{\mathsf T} Q

    Examples
    --------
    >>> abs(_qr([[3.0], [4.0]]))
    array([[0.6],
           [0.8],
           [5. ]])
    """


def _with_complement(x: Array) -> Array:
    if x.shape[-1] > x.shape[-2]:
        raise ValueError("more columns than rows")
    added = np.linalg.qr(x, mode="complete")[0][..., x.shape[-1] :]
    return np.concatenate([x, added], -1)


def _completed_rule(g: Any, out: Any, x: Any) -> Any:
    k = x.shape[-1]
    added, gadded = out[..., k:], g[..., k:]
    must_be_any_basis(basis=added, cotangent=gadded)
    dual = x @ inv(x.mT @ x)
    return g[..., :k] - added @ (gadded.mT @ dual)


def _explain_completed(x: Array) -> Exception | None:
    return not_a_matrix("completed", x)


def _completed_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    # One column is added, whose direction is known; of several it is not.
    shapes = ((2, 1), (3, 2), (2, 2, 1))
    return (tall_or_wide(rng, *shapes[int(rng.integers(len(shapes)))]),), {}


@operation(
    single_at_least(_with_complement),
    rule=_completed_rule,
    samples=_completed_samples,
    explain=_explain_completed,
)
def completed(x: Operand, /) -> Tensor:
    r"""Columns, and orthonormal columns perpendicular to them that fill up the square.

    .. math:: Z = (X \mid N), \quad X^{\mathsf T} N = 0, \qquad
              \bar X = \bar X_Z - N \bar N^{\mathsf T} X (X^{\mathsf T} X)^{-1}

    Which basis of what is perpendicular is added is arbitrary. The rule gives the gradient of
    whatever does not depend on the choice, such as a projection, and refuses all else.

    Examples
    --------
    >>> abs(completed([[1.0], [0.0]]))
    array([[1., 0.],
           [0., 1.]])
    """


class QRResult(NamedTuple):
    """Orthonormal columns and a triangular matrix, whose product is the matrix."""

    Q: Any
    R: Any


def qr(x: Operand, /, *, mode: str = "reduced") -> QRResult:
    r"""Orthonormal columns times an upper triangular matrix.

    .. math:: X = Q R, \qquad \bar X = (\bar Q + Q \operatorname{copyltu}(M)) R^{-\mathsf T},
              \quad M = R \bar R^{\mathsf T} - \bar Q^{\mathsf T} Q

    Parameters
    ----------
    x : array_like, shape (..., m, n)
        Leading axes are a stack of matrices.
    mode : {"reduced", "complete"}
        ``Q`` of ``min(m, n)`` columns or of ``m``. The columns added to a tall matrix are
        arbitrary: what depends on the choice has no gradient, and ``backward`` raises.

    Returns
    -------
    QRResult
        ``Q`` and ``R``.

    Notes
    -----
    Where the first ``min(m, n)`` columns depend on each other there is no derivative, and
    ``backward`` raises. ``copyltu`` copies the lower triangle to the upper.
    Source: Walter and Lehmann 2018, section 3; Roberts and Roberts 2020, section 3.

    Examples
    --------
    >>> abs(qr([[3.0, 1.0], [4.0, 1.0]]).R.round(12))
    array([[5. , 1.4],
           [0. , 0.2]])
    """
    if mode not in ("reduced", "complete"):
        raise errors.ArgumentError(
            f"`qr`: mode is 'reduced' or 'complete', got {mode!r:.40}",
            op="qr",
            why="Q has as many columns as the matrix has independent ones, or is square",
            fix=f"tg.linalg.qr({written()}, mode='reduced')",
        )
    x = held(x)
    both = _qr(x)
    m, n = x.shape[-2:]
    q = getitem(both, (..., slice(m), slice(None)))
    r = matrix_transpose(getitem(both, (..., slice(m, None), slice(None))))
    if mode == "complete" and m > n:
        q = completed(q)
        r = concat([r, np.zeros((*r.shape[:-2], m - n, n), r.dtype)], axis=-2)
    return QRResult(q, r)
