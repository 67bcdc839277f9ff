"""Determinants, exact for singular matrices too."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...autodiff.operation import operation
from ...autodiff.tensor import Tensor
from ...types import Array, Operand
from ..indexing import getitem, scatter_add
from ..parts import real
from ..reduction import sum
from .checks import not_square, single_at_least, svd_of
from .inverse import inv, invertible
from .structure import expansion, well_conditioned

__all__ = ["det", "slogdet"]

# Above this condition number the inverse has lost too many digits to build cofactors with it.
_TRUSTED = 1e3


def _explain_det(x: Array) -> Exception | None:
    return not_square("det", x)


def _samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Invertible matrices, and matrices of three rows that span a plane, a line or nothing."""
    shapes = ((2, 2), (1, 1), (2, 2, 2), (3, 3), (3, 3), (1, 3, 3), (1, 1, 1), (1, 2, 3, 3))
    k = int(rng.integers(len(shapes)))
    x = invertible(rng, *shapes[k])
    if k >= 4:
        x[..., -1, :] = 2.0 * x[..., 0, :] if k != 6 else 0.0
    if k == 5:
        x[..., 1, :] = -x[..., 0, :]
    return (x,), {}


@operation(
    single_at_least(np.linalg.det),
    rule=lambda g, out, x: g[..., None, None] * _cofactors(x),
    samples=_samples,
    explain=_explain_det,
)
def det(x: Operand, /) -> Tensor:
    r"""Determinant: the volume that a unit cube is mapped to, negative if mirrored.

    .. math:: z = \det X, \qquad \bar X = \bar z\,\operatorname{cof} X
              = \bar z\,z X^{-\mathsf T} \text{ where there is an inverse}

    Parameters
    ----------
    x : array_like, shape (..., n, n)
        Leading axes are a stack of matrices.

    Returns
    -------
    Tensor
        Shape (...). Of many rows it overflows easily: ``slogdet`` does not.

    Notes
    -----
    A primitive for stability. Its derivatives of every order are exact for singular matrices too,
    since a determinant is a polynomial: cofactors come from the singular values, not the inverse.
    Source: Giles 2008, section 2.2.4; Stewart 1998, theorem 2.1.

    Examples
    --------
    >>> det([[2.0, 1.0], [0.0, 3.0]])
    array(6.)
    """


@single_at_least
def _adjugate(x: Array) -> Array:
    known = np.isfinite(x).all((-2, -1), keepdims=True)
    u, s, vh = svd_of(np.where(known, x, 0.0))
    mirrored = np.rint(np.linalg.det(u) * np.linalg.det(vh))
    others = np.where(np.eye(x.shape[-1], dtype=bool), 1.0, s[..., None, :]).prod(-1)
    found = u * (mirrored[..., None] * others)[..., None, :] @ vh
    return np.where(known, found, np.nan).astype(x.dtype)


def _explain_cofactors(x: Array) -> Exception | None:
    return not_square("cofactors", x)


def _cofactors_rule(g: Any, out: Any, x: Any) -> Any:
    if well_conditioned(x, _TRUSTED):
        inverse = inv(x).mT
        along = sum(g * out, axis=(-2, -1), keepdims=True)
        return along * inverse - out @ g.mT @ inverse
    # Each cofactor is the determinant of what is left without its row and its column.
    minors, signs = expansion(x)
    inner = (g * signs)[..., None, None] * _cofactors(getitem(x, minors))
    return scatter_add(inner, x.shape, minors)


@operation(_adjugate, rule=_cofactors_rule, samples=_samples, explain=_explain_cofactors)
def _cofactors(x: Operand, /) -> Tensor:
    r"""Derivative of the determinant: what each element is multiplied by in it.

    .. math:: Z = \operatorname{cof} X = \det(X) X^{-\mathsf T}, \qquad
              \bar X = \langle \bar Z, Z \rangle X^{-\mathsf T}
              - Z \bar Z^{\mathsf T} X^{-\mathsf T}

    Examples
    --------
    >>> _cofactors([[1.0, 2.0], [3.0, 4.0]]).round(12)
    array([[ 4., -3.],
           [-2.,  1.]])
    """


class SlogdetResult(NamedTuple):
    """The sign of a determinant and the logarithm of its size."""

    sign: Any
    logabsdet: Any


@single_at_least
def _sign_and_log(x: Array) -> Array:
    return np.stack(np.linalg.slogdet(x), -1)


def _explain_slogdet(x: Array) -> Exception | None:
    return not_square("slogdet", x)


def _slogdet_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shapes = ((2, 2), (3, 3), (1, 1), (2, 2, 2), (2, 1, 2, 2))
    x = invertible(rng, *shapes[int(rng.integers(len(shapes)))])
    return (x * (1.0 if rng.integers(2) else -1.0),), {}


# Here and wherever there are several results: one operation gives them all in one array, with the
# leading axes in front, and the public function reads its parts. So a row has one value.
@operation(
    _sign_and_log,
    rule=lambda g, out, x: g[..., 1, None, None] * inv(x).mT,
    samples=_slogdet_samples,
    explain=_explain_slogdet,
)
def _slogdet(x: Operand, /) -> Tensor:
    r"""Sign and logarithm of the size of a determinant, as the last axis.

    .. math:: z = (\operatorname{sgn} \det X, \log |\det X|), \qquad
              \bar X = \bar z_2 X^{-\mathsf T}

    Examples
    --------
    >>> _slogdet([[2.0, 0.0], [0.0, 0.5]])
    array([1., 0.])
    """


def slogdet(x: Operand, /) -> SlogdetResult:
    r"""Sign of a determinant and logarithm of its size, which do not overflow.

    .. math:: z = \log |\det X|, \qquad \bar X = \bar z\,X^{-\mathsf T}

    Parameters
    ----------
    x : array_like, shape (..., n, n)
        Leading axes are a stack of matrices.

    Returns
    -------
    SlogdetResult
        ``sign`` and ``logabsdet``, each of shape (...). Of a singular matrix 0 and minus infinity,
        and there the logarithm has no gradient: ``backward`` raises.

    Notes
    -----
    A primitive for stability: the determinant itself is never formed.
    Source: Giles 2008, section 2.2.4.

    Examples
    --------
    >>> slogdet([[2.0, 0.0], [0.0, -1.0]]).sign
    array(-1.)
    """
    both = _slogdet(x)
    return SlogdetResult(getitem(both, (..., 0)), real(getitem(both, (..., 1))))
