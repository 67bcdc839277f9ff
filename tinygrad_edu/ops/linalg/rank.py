"""Pseudo-inverse, least squares and rank: matrices of any shape and rank."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ... import errors
from ...autodiff.operation import operation
from ...autodiff.tensor import Tensor
from ...types import Array, Operand
from ..arithmetic import subtract
from ..axes import held
from ..indexing import getitem
from ..powers import square
from ..products import matmul
from ..reduction import sum
from ..shape import expand_dims
from .checks import not_a_matrix, not_finite, single_at_least, written
from .spectral import svdvals
from .triangular import tall_or_wide

__all__ = ["lstsq", "matrix_rank", "pinv"]


def _threshold(x: Array, rtol: Any) -> Any:
    """Up to which part of the largest a singular value counts as 0."""
    if rtol is None:
        kind = x.dtype if x.dtype.kind == "f" else np.float64
        return max(x.shape[-2:]) * np.finfo(kind).eps
    rtol = np.asarray(rtol)
    if rtol.dtype.kind not in "fiu":
        raise TypeError(f"rtol is a number, got {rtol!r:.40}")
    return rtol


@single_at_least
def _pseudo_inverse(x: Array, *, rtol: Any = None) -> Array:
    if x.ndim >= 2 and not x.size:  # NumPy asks for the largest of no values
        return np.zeros((*x.shape[:-2], x.shape[-1], x.shape[-2]), np.result_type(x, np.float32))
    if not np.isfinite(x).all():  # see svd_of
        raise np.linalg.LinAlgError("not finite")
    return np.linalg.pinv(x, rtol=_threshold(x, rtol))


def _pinv_rule(g: Any, out: Any, x: Any, rtol: Any) -> Any:
    gt, back = g.mT, out.mT
    beside = gt @ (out @ back)  # what is left over of the columns turns into them
    above = (back @ out) @ gt
    return beside - x @ (out @ beside) + above - (above @ out) @ x - back @ g @ back


def _explain_pinv(x: Array, *, rtol: Any) -> Exception | None:
    return not_a_matrix("pinv", x) or not_finite("pinv", x)


def _pinv_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shapes = ((2, 2), (3, 2), (2, 3), (1, 1), (1, 3), (3, 1), (2, 3, 2), (2, 2, 3))
    x = tall_or_wide(rng, *shapes[int(rng.integers(len(shapes)))])
    return (x,), {"rtol": None if rng.integers(2) else 1e-9}


@operation(_pseudo_inverse, rule=_pinv_rule, samples=_pinv_samples, explain=_explain_pinv)
def pinv(x: Operand, /, *, rtol: Any = None) -> Tensor:
    r"""Pseudo-inverse of Moore and Penrose: the inverse as far as there is one.

    .. math:: Z = X^+, \qquad
              \bar X = -Z^{\mathsf T} \bar Z Z^{\mathsf T}
              + (1 - X Z) \bar Z^{\mathsf T} Z Z^{\mathsf T}
              + Z^{\mathsf T} Z \bar Z^{\mathsf T} (1 - Z X)

    Parameters
    ----------
    x : array_like, shape (..., m, n)
        Leading axes are a stack of matrices.
    rtol : float or array_like, shape (...), optional
        Singular values of at most ``rtol`` times the largest count as 0; by default ``max(m, n)``
        times the spacing of numbers at 1.

    Returns
    -------
    Tensor
        Shape (..., n, m).

    Notes
    -----
    Where the rank is less than ``min(m, n)`` it jumps, since a small change raises the rank. The
    gradient there is that among matrices of the same rank. A primitive for stability.
    Source: Golub and Pereyra 1973, equation 4.12.

    Examples
    --------
    >>> pinv([[2.0], [0.0]])
    array([[0.5, 0. ]])
    """


def _rank(x: Array, *, rtol: Any = None) -> Array:
    if x.ndim < 2:
        raise ValueError("not a matrix")
    values: Any = svdvals(x)
    largest = values.max(-1, keepdims=True, initial=0.0)
    limit = np.expand_dims(_threshold(x, rtol), -1) * largest
    return np.asarray(np.count_nonzero(values > limit, axis=-1))


def _explain_rank(x: Array, *, rtol: Any) -> Exception | None:
    return not_a_matrix("matrix_rank", x) or not_finite("matrix_rank", x)


def _rank_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    (x,), settings = _pinv_samples(rng)
    return (x * (np.arange(x.shape[-2]) != 1)[:, None],), settings


@operation(single_at_least(_rank), samples=_rank_samples, explain=_explain_rank)
def matrix_rank(x: Operand, /, *, rtol: Any = None) -> Tensor:
    r"""Number of rows that are independent of each other, as far as rounding shows it.

    .. math:: z = |\{i : s_i > r\,\max_j s_j\}|

    Parameters
    ----------
    x : array_like, shape (..., m, n)
        Leading axes are a stack of matrices.
    rtol : float or array_like, shape (...), optional
        Singular values of at most ``rtol`` times the largest count as 0; by default ``max(m, n)``
        times the spacing of numbers at 1.

    Returns
    -------
    Tensor
        Whole numbers of shape (...), which have no derivative.
        Source: Golub and Van Loan 2013, section 5.4.1.

    Examples
    --------
    >>> matrix_rank([[1.0, 2.0], [2.0, 4.0]])
    array(1)
    """


class LstsqResult(NamedTuple):
    """The solution of least squares, and what is known of it."""

    solution: Any
    residuals: Any
    rank: Any
    singular_values: Any


def lstsq(x1: Operand, x2: Operand, /, rcond: float | None = None) -> LstsqResult:
    r"""The vector that brings ``x1 @ z`` closest to ``x2``; of several, the shortest.

    .. math:: z = A^+ b, \qquad \bar b = (A^+)^{\mathsf T} \bar z, \quad
              \bar A = (b - A z)(A^+ \bar b)^{\mathsf T} - \bar b z^{\mathsf T}
              + (A^+)^{\mathsf T} z\,((1 - A^+ A) \bar z)^{\mathsf T}

    Parameters
    ----------
    x1 : array_like, shape (..., m, n)
        One row an equation, of any rank. Leading axes broadcast.
    x2 : array_like, shape (m,) or (..., m, columns)
        The right-hand sides. With exactly one axis it is a vector.
    rcond : float, optional
        Singular values of at most ``rcond`` times the largest count as 0; by default ``max(m, n)``
        times the spacing of numbers at 1.

    Returns
    -------
    LstsqResult
        ``solution`` (..., n) or (..., n, columns); ``residuals``, the sums of squares that are left
        over, empty where every equation can hold (``m <= n``) or the rank is below ``n``; ``rank``
        and ``singular_values`` of ``x1``.

    Notes
    -----
    Composed of ``pinv``, whose notes on rank apply.
    Source: Golub and Pereyra 1973, equation 4.12.

    Examples
    --------
    >>> lstsq([[1.0], [1.0]], [1.0, 3.0]).solution.round(12)
    array([2.])
    """
    x1, x2 = held(x1), held(x2)
    if (found := not_a_matrix("lstsq", x1)) is not None:
        raise found
    m, n = x1.shape[-2:]
    vector = x2.ndim == 1
    if x2.ndim == 0 or x2.shape[0 if vector else -2] != m:
        raise errors.ShapeError(
            f"`lstsq`: {m} equations, and right-hand sides of shape {x2.shape}",
            code="TG-S15",
            shapes=(x1.shape, x2.shape),
            op="lstsq",
            why="each row of the matrix has one number, or one row of numbers, on the right",
            fix=f"tg.linalg.lstsq({written()}, np.ones({m}))   # for example",
        )
    right = expand_dims(x2, -1) if vector else x2
    solution = matmul(pinv(x1, rtol=rcond), right)
    left_over = sum(square(subtract(matmul(x1, solution), right)), axis=-2)
    rank = matrix_rank(x1, rtol=rcond)
    if m <= n or bool((rank < n).any()):
        left_over = getitem(left_over, (..., slice(0)))
    elif vector:
        left_over = left_over[..., :1]
    answer = getitem(solution, (..., 0)) if vector else solution
    return LstsqResult(answer, left_over, rank, svdvals(x1))
