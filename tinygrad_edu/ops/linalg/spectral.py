"""Eigenvalues of symmetric matrices and singular values of any, with their vectors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ... import errors
from ...autodiff.operation import operation
from ...autodiff.tensor import Tensor
from ...domain import Kink
from ...types import Array, Operand
from ..axes import held
from ..comparison import where
from ..indexing import getitem
from ..parts import conj, real
from ..shape import matrix_transpose
from .checks import (
    above_zero,
    must_be_apart,
    not_a_matrix,
    not_finite,
    not_square,
    single_at_least,
    svd_of,
    symmetric,
    written,
)
from .structure import on_diagonal
from .triangular import completed, tall_or_wide

__all__ = ["eigh", "eigvalsh", "svd", "svdvals"]

_ALL = slice(None)


def _turn_over_gaps(gaps: Any, turned: Any) -> Any:
    """The antisymmetric part, divided by the gaps; where there is no gap, it is 0."""
    turn = turned - turned.mT
    return turn / where(gaps == 0.0, 1.0, gaps)


@single_at_least
def _values_and_vectors(x: Array) -> Array:
    values, vectors = np.linalg.eigh(symmetric(x))
    return np.concatenate([values[..., None, :], vectors], -2)


def _eigh_rule(g: Any, out: Any, x: Any) -> Any:
    values, vectors = out[..., :1, :], out[..., 1:, :]
    gvalues, gvectors = g[..., :1, :], g[..., 1:, :]
    must_be_apart(op="eigh", values=values, cotangents=(gvectors,), shape=x.shape)
    turned = _turn_over_gaps(values - values.mT, vectors.mT @ gvectors) * 0.5
    return vectors @ (turned + on_diagonal(gvalues)) @ vectors.mT


def _explain_eigh(x: Array) -> Exception | None:
    return not_square("eigh", x) or not_finite("eigh", x)


def _eigh_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shapes = ((2, 2), (3, 3), (1, 1), (2, 2, 2))
    return (tall_or_wide(rng, *shapes[int(rng.integers(len(shapes)))]),), {}


@operation(_values_and_vectors, rule=_eigh_rule, samples=_eigh_samples, explain=_explain_eigh)
def _eigh(x: Operand, /) -> Tensor:
    r"""Eigenvalues in a row, and below each its vector.

    .. math:: X V = V \operatorname{diag} w, \qquad
              \bar X = V (\operatorname{diag} \bar w
              + F \circ (V^{\mathsf T} \bar V)) V^{\mathsf T},
              \quad F_{ij} = \frac{[i \ne j]}{w_j - w_i}

    Examples
    --------
    >>> _eigh([[2.0, 0.0], [0.0, 1.0]])[0]
    array([1., 2.])
    """


class EighResult(NamedTuple):
    """Eigenvalues in ascending order, and a column for each."""

    eigenvalues: Any
    eigenvectors: Any


def eigh(x: Operand, /) -> EighResult:
    r"""Eigenvalues and orthonormal eigenvectors of a symmetric matrix.

    .. math:: X V = V \operatorname{diag} w, \qquad
              \bar X = V (\operatorname{diag} \bar w
              + F \circ (V^{\mathsf T} \bar V)) V^{\mathsf T},
              \quad F_{ij} = \frac{[i \ne j]}{w_j - w_i}

    Parameters
    ----------
    x : array_like, shape (..., n, n)
        Symmetric; of any other matrix the symmetric part ``(x + x.mT) / 2`` is meant, and so every
        element has a derivative of its own.

    Returns
    -------
    EighResult
        ``eigenvalues`` of shape (..., n) in ascending order and ``eigenvectors``, one a column.

    Notes
    -----
    A vector is known up to its sign, so only what does not depend on the sign is meant to be
    differentiated. Vectors of equal eigenvalues have no derivative: ``backward`` raises, unless
    only the values were read. The adjoint is made symmetric.
    Source: Giles 2008, section 3.1.

    Examples
    --------
    >>> eigh([[2.0, 0.0], [0.0, 1.0]]).eigenvalues
    array([1., 2.])
    """
    both = _eigh(x)
    vectors = getitem(both, (..., slice(1, None), _ALL))
    return EighResult(real(getitem(both, (..., 0, _ALL))), vectors)


def _eigvalsh_rule(g: Any, out: Any, x: Any) -> Any:
    vectors = _eigh(x)[..., 1:, :]
    return (vectors * g[..., None, :]) @ vectors.mT


def _explain_eigvalsh(x: Array) -> Exception | None:
    return not_square("eigvalsh", x) or not_finite("eigvalsh", x)


@operation(
    single_at_least(lambda x: np.linalg.eigvalsh(symmetric(x))),
    rule=_eigvalsh_rule,
    samples=_eigh_samples,
    explain=_explain_eigvalsh,
)
def eigvalsh(x: Operand, /) -> Tensor:
    r"""Eigenvalues of a symmetric matrix, in ascending order.

    .. math:: X V = V \operatorname{diag} z, \qquad
              \bar X = V \operatorname{diag}(\bar z) V^{\mathsf T}

    Parameters
    ----------
    x : array_like, shape (..., n, n)
        Symmetric; of any other matrix the symmetric part ``(x + x.mT) / 2`` is meant.

    Returns
    -------
    Tensor
        Shape (..., n).

    Notes
    -----
    A primitive for stability: no gaps between eigenvalues are divided by, so that the gradient of
    what treats equal eigenvalues alike, such as their sum or their largest, is exact where they
    coincide. There the second derivative of a single one does not exist, and asking for it raises.
    Source: Giles 2008, section 3.1.

    Examples
    --------
    >>> eigvalsh([[2.0, 0.0], [0.0, 1.0]])
    array([1., 2.])
    """


@single_at_least
def _values_between_vectors(x: Array) -> Array:
    u, s, vh = svd_of(x, full_matrices=False)
    return np.concatenate([u, s[..., None, :], np.conj(vh.mT)], -2)


def _svd_rule(g: Any, out: Any, x: Any) -> Any:
    m, n = x.shape[-2:]
    u, s, v = out[..., :m, :], out[..., m : m + 1, :], out[..., m + 1 :, :]
    gu, gs, gv = g[..., :m, :], g[..., m : m + 1, :], g[..., m + 1 :, :]
    divisor = must_be_apart(op="svd", values=s, cotangents=(gu, gv), shape=x.shape)
    gaps = (s - s.mT) * (s + s.mT)
    left, right = _turn_over_gaps(gaps, u.mT @ gu) * s, s.mT * _turn_over_gaps(gaps, v.mT @ gv)
    dx = u @ (left + right + on_diagonal(gs)) @ v.mT
    # The vectors of the longer side may also leave the space that they span.
    if m > n:
        dx = dx + ((gu - u @ (u.mT @ gu)) / divisor) @ v.mT
    if n > m:
        dx = dx + (u / divisor) @ (gv - v @ (v.mT @ gv)).mT
    return dx


def _explain_svd(x: Array) -> Exception | None:
    return not_a_matrix("svd", x) or not_finite("svd", x)


def _svd_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shapes = ((2, 2), (3, 3), (3, 2), (2, 3), (1, 1), (1, 3), (3, 1), (2, 3, 2), (2, 2, 3))
    return (tall_or_wide(rng, *shapes[int(rng.integers(len(shapes)))]),), {}


@operation(_values_between_vectors, rule=_svd_rule, samples=_svd_samples, explain=_explain_svd)
def _svd(x: Operand, /) -> Tensor:
    r"""U, below it the singular values in a row, below each its right vector.

    .. math:: X = U \operatorname{diag}(s) V^{\mathsf T}, \qquad
              \bar X = U (\operatorname{diag} \bar s
              + E \circ (U^{\mathsf T} \bar U - \bar U^{\mathsf T} U) S
              + S\,E \circ (V^{\mathsf T} \bar V - \bar V^{\mathsf T} V)) V^{\mathsf T} + \dots

    Examples
    --------
    >>> _svd([[2.0, 0.0], [0.0, 1.0]])[2]
    array([2., 1.])
    """


class SVDResult(NamedTuple):
    """Left vectors in columns, singular values in descending order, right vectors in rows."""

    U: Any
    S: Any
    Vh: Any


def svd(x: Operand, /, *, full_matrices: bool = True) -> SVDResult:
    r"""Singular values and vectors: a rotation, a stretching and a rotation.

    .. math:: X = U \operatorname{diag}(s) V^{\mathsf T}, \qquad
              \bar X = U (\operatorname{diag} \bar s
              + (E \circ (U^{\mathsf T} \bar U - \bar U^{\mathsf T} U)) S
              + S (E \circ (V^{\mathsf T} \bar V - \bar V^{\mathsf T} V))) V^{\mathsf T}
              + (1 - U U^{\mathsf T}) \bar U S^{-1} V^{\mathsf T}
              + U S^{-1} \bar V^{\mathsf T} (1 - V V^{\mathsf T}),
              \quad E_{ij} = \frac{[i \ne j]}{s_j^2 - s_i^2}

    Parameters
    ----------
    x : array_like, shape (..., m, n)
        Leading axes are a stack of matrices.
    full_matrices : bool
        Fill up ``U`` and ``Vh`` to square matrices. The vectors added are arbitrary: what depends
        on the choice has no gradient, and ``backward`` raises.

    Returns
    -------
    SVDResult
        ``U``, ``S`` of shape (..., min(m, n)) in descending order, and ``Vh``.

    Notes
    -----
    A pair of vectors is known up to its sign, so only what does not depend on the sign is meant to
    be differentiated. Vectors of equal singular values, or of 0 where ``m`` and ``n`` differ, have
    no derivative: ``backward`` raises, unless only the values were read.
    Source: Giles 2008, section 3.2; Townsend 2016, equation 27.

    Examples
    --------
    >>> svd([[0.0, 2.0], [1.0, 0.0]]).S
    array([2., 1.])
    """
    if not isinstance(full_matrices, (bool, np.bool_)):
        raise errors.ArgumentError(
            f"`svd`: full_matrices is True or False, got {full_matrices!r:.40}",
            op="svd",
            why="U and Vh are square, or have as many vectors as there are values",
            fix=f"tg.linalg.svd({written()}, full_matrices=False)",
        )
    x = held(x)
    all_three = _svd(x)
    m, n = x.shape[-2:]
    u, v = (getitem(all_three, (..., part, _ALL)) for part in (slice(m), slice(m + 1, None)))
    if full_matrices:
        u, v = completed(u) if m > n else u, completed(v) if n > m else v
    return SVDResult(u, real(getitem(all_three, (..., m, _ALL))), conj(matrix_transpose(v)))


def _svdvals_rule(g: Any, out: Any, x: Any) -> Any:
    m, three = x.shape[-2], _svd(x)
    u, v = three[..., :m, :], three[..., m + 1 :, :]
    return (u * (g * above_zero(values=out, shape=x.shape))[..., None, :]) @ v.mT


def _explain_svdvals(x: Array) -> Exception | None:
    return not_a_matrix("svdvals", x) or not_finite("svdvals", x)


@operation(
    single_at_least(lambda x: svd_of(x, compute_uv=False)),
    rule=_svdvals_rule,
    samples=_svd_samples,
    explain=_explain_svdvals,
    kinks=Kink(
        "a singular value is 0",
        "0 for it",
        "the lowest point of a cone, the middle of its slopes",
        at=([[2.0, 0.0], [0.0, 0.0]],),
        gives=([[1.0, 0.0], [0.0, 0.0]],),
        torch=([[1.0, 0.0], [0.0, 1.0]],),
        jax=([[1.0, 0.0], [0.0, 1.0]],),
    ),
)
def svdvals(x: Operand, /) -> Tensor:
    r"""Singular values, in descending order.

    .. math:: X = U \operatorname{diag}(z) V^{\mathsf T}, \qquad
              \bar X = U \operatorname{diag}(\bar z) V^{\mathsf T}

    Parameters
    ----------
    x : array_like, shape (..., m, n)
        Leading axes are a stack of matrices.

    Returns
    -------
    Tensor
        Shape (..., min(m, n)).

    Notes
    -----
    A primitive for stability: no gaps between singular values are divided by, so that the gradient
    of what treats equal ones alike, such as their sum or their largest, is exact where they
    coincide. There the second derivative of a single one does not exist, and asking for it raises.
    Source: Giles 2008, section 3.2.

    Examples
    --------
    >>> svdvals([[0.0, 2.0], [1.0, 0.0]])
    array([2., 1.])
    """
