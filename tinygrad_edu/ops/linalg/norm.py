"""Norms of vectors and matrices, and the condition number."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import errors
from ...autodiff.operation import operation
from ...autodiff.tensor import Tensor
from ...domain import Kink
from ...types import Array, Axis, Operand
from ..arithmetic import abs, divide, multiply, sign
from ..axes import held, positions
from ..comparison import not_equal, where
from ..reduction import max, min, sum
from ..shape import astype, expand_dims, permute_dims, reshape, squeeze
from .checks import not_square, written
from .inverse import inv
from .spectral import svdvals

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]


def _power_sum(x: Array, *, axis: Axis = None, ord: float = 2) -> Array:
    size = np.abs(x)
    if size.dtype.kind != "f":
        size = size.astype(np.float64)
    # Scaled by a power of two, which rounds nothing: the powers neither overflow nor vanish.
    shift = np.frexp(np.max(size, axis=axis, keepdims=True, initial=0.0))[1]
    size = np.ldexp(size, -shift)
    if ord == 2:
        return np.ldexp(np.sqrt(np.sum(size * size, axis=axis, keepdims=True)), shift)
    with np.errstate(divide="ignore"):  # a negative power of 0 makes the norm 0
        return np.ldexp(np.sum(size**ord, axis=axis, keepdims=True) ** (1.0 / ord), shift)


def _power_rule(g: Any, out: Any, x: Any, axis: Axis, ord: float) -> Any:
    # Over infinity, all parts of a norm of 0 are 0, and so are their derivatives.
    parts = x / where(out == 0.0, np.inf, out)
    if ord == 2:
        return g * parts
    side: Any = sign(parts)
    sizes = where(side == 0.0, 1.0, side * parts)
    return g * side * sizes ** (ord - 1.0)


def _power_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    forms: list[Any] = [  # shape, axis, order, and how many leading elements are 0
        ((3,), 0, 2, 0), ((2, 3), None, 2, 2), ((2, 3), (0, -1), 2, 0), ((2, 2), -1, 2, 2),
        ((), None, 2, 0), ((3,), 0, 3, 1), ((2, 3), -1, 3, 3), ((3,), None, 1.5, 1),
        ((3,), 0, 0.5, 0), ((2,), 0, 0.5, 1), ((2, 2), 0, -1, 1), ((2,), 0, -2.5, 0),
        ((1,), 0, 4, 0), ((2, 2), -2, 3, 0),
    ]  # fmt: skip
    shape, axis, ord, zeros = forms[int(rng.integers(len(forms)))]
    x = np.asarray(rng.choice([-1.0, 1.0], shape) * rng.uniform(0.6, 2.4, shape))
    x.flat[:zeros] = 0.0
    return (x,), {"axis": axis, "ord": ord}


@operation(
    _power_sum,
    rule=_power_rule,
    samples=_power_samples,
    kinks=Kink(
        "the vector is 0",
        "0",
        "the lowest point of a cone, the middle of its slopes",
        at=([0.0, 0.0],),
        gives=([0.0, 0.0],),
        torch=([0.0, 0.0],),
        jax=([float("nan"), float("nan")],),
    ),
)
def _power_norm(x: Operand, /, *, axis: Axis = None, ord: float = 2) -> Tensor:
    r"""Root of a sum of powers; its axes stay with length one.

    .. math:: z = \Bigl(\sum_i |x_i|^p\Bigr)^{1/p}, \qquad
              \bar x_i = \bar z\,\operatorname{sgn}(x_i) \Bigl(\frac{|x_i|}{z}\Bigr)^{p-1}

    Examples
    --------
    >>> _power_norm([3.0, 4.0])
    array([5.])
    """


def vector_norm(
    x: Operand, /, *, axis: Axis = None, keepdims: bool = False, ord: float = 2
) -> Tensor:
    r"""Length of vectors, as a root of a sum of powers.

    .. math:: z = \Bigl(\sum_i |x_i|^p\Bigr)^{1/p}, \qquad
              \bar x_i = \bar z\,\operatorname{sgn}(x_i) \Bigl(\frac{|x_i|}{z}\Bigr)^{p-1}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int, tuple of int or None
        Along which a vector lies; by default all elements are one.
    keepdims : bool
        Leave the axes in with length one.
    ord : float
        ``p``: 2 for the length, 1 for the sum of sizes, infinity for the largest size, minus
        infinity for the smallest, 0 for the number of elements that are not 0.

    Returns
    -------
    Tensor
        Shape of ``x`` without the axes.

    Notes
    -----
    The gradient at the vector 0 is 0, and so is that of an element that is 0 (the middle of slopes
    of both signs, for ``p < 1`` of infinite ones). Of several largest sizes all have an equal
    share. Order 0 counts, and has no gradient.
    A primitive for stability: powers neither overflow nor vanish.
    Source: Petersen and Pedersen 2012, section 10.3.

    Examples
    --------
    >>> vector_norm([3.0, 4.0])
    array(5.)
    """
    x = held(x)
    axes = positions(range(x.ndim) if axis is None else axis, x.ndim, "vector_norm")
    if isinstance(ord, bool) or not isinstance(ord, (int, float, np.number)) or ord != ord:
        raise _unknown("vector_norm", ord, "a number, np.inf or -np.inf", "2")
    if ord in (np.inf, -np.inf):
        return (max if ord > 0 else min)(abs(x), axis=axes, keepdims=keepdims)
    if ord == 1:
        return sum(abs(x), axis=axes, keepdims=keepdims)
    if ord == 0:
        kind = x.dtype if x.dtype.kind == "f" else np.float64
        return sum(astype(not_equal(x, 0), kind), axis=axes, keepdims=keepdims)
    out = _power_norm(x, axis=axes, ord=ord)
    return out if keepdims else squeeze(out, axes)


def _unknown(name: str, ord: Any, known: str, example: str) -> Exception:
    return errors.ArgumentError(
        f"`{name}`: ord is {known}, got {ord!r:.40}",
        op=name,
        why="it names the norm",
        fix=f"tg.linalg.{name}({written()}, ord={example})",
    )


def matrix_norm(x: Operand, /, *, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    r"""Size of matrices.

    .. math:: z = \Bigl(\sum_{ij} x_{ij}^2\Bigr)^{1/2}, \qquad \bar X = \bar z\,X / z

    Parameters
    ----------
    x : array_like, shape (..., m, n)
        Leading axes are a stack of matrices.
    keepdims : bool
        Leave the two axes in with length one.
    ord : {"fro", "nuc", 1, -1, 2, -2, inf, -inf}
        Frobenius' norm, the root of the sum of squares; the sum of the singular values; the largest
        (smallest) sum of sizes in a column; the largest (smallest) singular value; the largest
        (smallest) sum of sizes in a row.

    Returns
    -------
    Tensor
        Shape (...).

    Notes
    -----
    Where several columns, rows or singular values are largest, all have an equal share. At a
    singular value of 0 and at the matrix 0 the gradient is 0, the middle of the slopes.
    Source: Golub and Van Loan 2013, section 2.3; Watson 1992, section 3.

    Examples
    --------
    >>> matrix_norm([[3.0, 0.0], [0.0, 4.0]])
    array(5.)
    """
    x = held(x)
    axes = positions((-2, -1), x.ndim, "matrix_norm")
    if isinstance(ord, str) and ord == "fro":
        return vector_norm(x, axis=axes, keepdims=keepdims)
    if ord in (1, -1, np.inf, -np.inf):
        lines = sum(abs(x), axis=-2 if ord in (1, -1) else -1)
        out = (max if ord > 0 else min)(lines, axis=-1)
    elif isinstance(ord, str) and ord == "nuc":
        out = sum(svdvals(x), axis=-1)
    elif ord in (2, -2):
        out = (max if ord > 0 else min)(svdvals(x), axis=-1)
    else:
        raise _unknown("matrix_norm", ord, "'fro', 'nuc', 1, -1, 2, -2, inf or -inf", "'fro'")
    return expand_dims(out, (-2, -1)) if keepdims else out


def norm(x: Operand, /, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    r"""Norm of vectors or matrices, as NumPy chooses between them.

    .. math:: z = \Bigl(\sum_i x_i^2\Bigr)^{1/2}, \qquad \bar x = \bar z\,x / z

    Parameters
    ----------
    x : array_like
        Any shape; with ``ord`` and without ``axis``, a vector or a matrix.
    ord : optional
        As for ``vector_norm``, or for ``matrix_norm`` where there are two axes; by default the root
        of the sum of squares of all elements.
    axis : int or pair of int, optional
        The axis of vectors, or the rows and columns of matrices.
    keepdims : bool
        Leave the axes in with length one.

    Notes
    -----
    Its notes on kinks are those of ``vector_norm`` and ``matrix_norm``.
    Source: Golub and Van Loan 2013, sections 2.2 and 2.3.

    Examples
    --------
    >>> norm([[3.0, 0.0], [0.0, 4.0]], 1)
    array(4.)
    """
    x = held(x)
    if ord is None:
        return vector_norm(x, axis=axis, keepdims=keepdims)
    axes = positions(range(x.ndim) if axis is None else axis, x.ndim, "norm")
    if len(axes) == 1:
        if isinstance(ord, str):
            raise _unknown("norm", ord, "a number for vectors", "2")
        return vector_norm(x, axis=axes, keepdims=keepdims, ord=ord)
    if len(axes) != 2:
        raise errors.ArgumentError(
            f"`norm` of order {ord!r:.40} is of a vector or a matrix, got axes {axes}",
            code="TG-S15",
            shapes=(x.shape,),
            op="norm",
            why="one axis holds a vector, two a matrix",
            fix=f"tg.linalg.norm({written()})   # of all elements; or axis=-1",
        )
    rest = [k for k in range(x.ndim) if k not in axes]
    out = matrix_norm(permute_dims(x, (*rest, *axes)), ord=ord)
    kept = tuple([1 if k in axes else n for k, n in enumerate(x.shape)])
    return reshape(out, kept) if keepdims else out


def cond(x: Operand, /, p: Any = None) -> Tensor:
    r"""Condition number: how much larger relative errors can become in a solution.

    .. math:: z = \|X\|_p \|X^{-1}\|_p = \frac{s_1}{s_n} \text{ for } p = 2, \qquad
              \bar X = \bar z \Bigl(\frac{u_1 v_1^{\mathsf T}}{s_n}
              - \frac{s_1}{s_n^2} u_n v_n^{\mathsf T}\Bigr)

    Parameters
    ----------
    x : array_like, shape (..., m, n)
        Square, but for ``p`` of None, 2 and -2.
    p : optional
        The order of ``matrix_norm``; by default 2.

    Returns
    -------
    Tensor
        Shape (...), at least 1 (for -2 at most); infinite for a singular matrix.
        Source: Golub and Van Loan 2013, section 2.6.2.

    Examples
    --------
    >>> cond([[2.0, 0.0], [0.0, 0.5]])
    array(4.)
    """
    x = held(x)
    if p is None or (not isinstance(p, str) and p in (2, -2)):
        values = svdvals(x)
        largest, least = max(values, axis=-1), min(values, axis=-1)
        with np.errstate(divide="ignore"):
            return divide(least, largest) if p == -2 else divide(largest, least)
    if (found := not_square("cond", x)) is not None:
        raise found
    return multiply(matrix_norm(x, ord=p), matrix_norm(inv(x), ord=p))
