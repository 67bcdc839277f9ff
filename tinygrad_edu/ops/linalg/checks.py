"""What linear algebra asks of its matrices, and what to say when one does not fit."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import errors
from ...autodiff.tensor import Tensor
from ...source import here
from ...types import Array, Shape
from ..comparison import where


def single_at_least(function: Callable[..., Array]) -> Callable[..., Array]:
    """Compute half precision in single, which is the least that LAPACK has, and round."""

    @functools.wraps(function)
    def call(*operands: Any, **settings: Any) -> Array:
        arrays = [np.asarray(x) for x in operands]
        half = [x.dtype == np.float16 for x in arrays]
        if not any(half):
            return function(*arrays, **settings)
        kind = np.result_type(*arrays)
        pairs = zip(arrays, half, strict=True)
        wide = [x.astype(np.float32) if narrow else x for x, narrow in pairs]
        return function(*wide, **settings).astype(kind)

    return call


def symmetric(x: Array) -> Array:
    """The symmetric part: of a symmetric matrix, itself to the last bit."""
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError("not square")
    return 0.5 * x + 0.5 * np.conj(x.mT)


def written(position: int = 0, otherwise: str = "x") -> str:
    """The operand as the user wrote it."""
    site = here()
    terms = site.terms if site else ()
    return terms[position] if position < len(terms) else otherwise


def not_a_matrix(name: str, x: Array, square: bool = False) -> Exception | None:
    """An operand with fewer than two axes."""
    if x.ndim >= 2:
        return None
    one_row = f"tg.linalg.{name}({written()}.reshape(1, -1))   # a matrix of one row"
    diagonal = f"tg.linalg.{name}(tg.diag({written()}))   # the matrix with these on its diagonal"
    return errors.ShapeError(
        f"`{name}` needs a matrix, got shape {x.shape}",
        code="TG-S15",
        shapes=(x.shape,),
        op=name,
        why="its last two axes are the rows and the columns",
        fix=diagonal if square and x.ndim else one_row,
    )


def not_square(name: str, x: Array) -> Exception | None:
    """An operand that is no square matrix, or no stack of them."""
    if x.ndim < 2 or x.shape[-1] == x.shape[-2]:
        return not_a_matrix(name, x, square=True)
    rows, columns = x.shape[-2:]
    instead = {"inv": "tg.linalg.pinv({0})", "solve": "tg.linalg.lstsq({0}, {1}).solution"}
    square = f"{written()}.mT @ {written()}"
    return errors.ShapeError(
        f"`{name}` needs a square matrix, got {rows} rows and {columns} columns",
        code="TG-S15",
        shapes=(x.shape,),
        op=name,
        why="as many equations as unknowns" if name in instead else "it is defined for those only",
        fix=instead.get(name, f"tg.linalg.{name}({square})   # {columns} by {columns}").format(
            written(), written(1, "b")
        ),
    )


def not_finite(name: str, x: Array) -> Exception | None:
    """An operand that holds NaN or an infinity, at which iterations do not converge."""
    bad = ~np.isfinite(x)
    if not bad.any():
        return None
    place = tuple(int(k) for k in np.argwhere(bad)[0])
    return errors.LinAlgError(
        f"`{name}`: element {place} is {x[place]}",
        code="TG-L05",
        shapes=(x.shape,),
        op=name,
        why="factors are found by iteration, which does not end at numbers that are not finite",
        fix=f"np.nan_to_num({written()})   # or find out what made it",
    )


def svd_of(x: Array, **settings: Any) -> Any:
    """NumPy's SVD, refused where OpenBLAS would never return: from a matrix with an infinity."""
    if not np.isfinite(x).all():
        raise np.linalg.LinAlgError("not finite")
    return np.linalg.svd(x, **settings)


def singular(name: str, x: Array, fix: str) -> Exception:
    """A square matrix without an inverse; of a stack, the first such."""
    if (found := not_finite(name, x)) is not None:
        return found
    rank = np.linalg.matrix_rank(x.astype(np.promote_types(x.dtype, np.float32)))
    worst = tuple(int(k) for k in np.unravel_index(np.argmin(rank), rank.shape))
    place = f" {worst} of the stack" if worst else ""
    return errors.LinAlgError(
        f"`{name}`: the matrix{place} is singular, of rank {rank[worst]} with {x.shape[-1]} rows",
        code="TG-L06",
        shapes=(x.shape,),
        op=name,
        why="some of its rows are sums of multiples of the others, so it cannot be undone",
        fix=fix,
    )


def plain(x: Any) -> Array:
    """The numbers of a Tensor or an array."""
    return x._data if isinstance(x, Tensor) else x


def tolerance(values: Array, shape: Shape) -> Array:
    """What rounding leaves of a zero among singular values or eigenvalues."""
    top = np.abs(values).max(-1, keepdims=True, initial=0.0)
    return np.asarray(top * max(shape[-2:]) * np.finfo(values.dtype).eps)


def above_zero(values: Any, shape: Shape) -> Array:
    """1 for each singular value that is more than rounding leaves of 0, else 0."""
    found = plain(values)
    return (found > tolerance(found, shape)).astype(found.dtype)


def must_be_apart(op: str, values: Any, cotangents: tuple[Any, ...], shape: Shape) -> Any:
    """Raise where vectors of equal values are differentiated: any rotation of them would do.

    Of matrices that are not square, those of 0 have equals among the vectors left over. Where
    nobody asks for the vectors (their cotangents are zero) nothing is undefined. At higher order
    zeros may depend on what is differentiated, and do not tell. Returns the values to divide by,
    with 1 in place of 0.
    """
    found = plain(values)[..., 0, :]
    from_zero = op == "svd" and shape[-2] != shape[-1]
    gaps = np.diff(np.sort(found, -1), prepend=0.0 if from_zero else -np.inf, axis=-1)
    close = (gaps <= tolerance(found, shape)).any(-1)
    asked = [np.any(plain(g) != 0, axis=(-2, -1)) | isinstance(g, Tensor) for g in cotangents]
    if np.any(close & np.logical_or.reduce(asked)):
        only = {"eigh": "eigvalsh", "svd": "svdvals"}[op]
        raise errors.NotDifferentiable(
            f"vectors of `{op}` have no derivative where a value occurs twice"
            + (" or is 0" if from_zero else ""),
            code="TG-L07",
            shapes=(shape,),
            op=op,
            why="vectors of equal values are known up to a rotation only, and any change picks one",
            fix=f"tg.linalg.{only}(x)   # if the values are all that is wanted",
        )
    return where(values == 0.0, 1.0, values)


def must_have_full_rank(op: str, factor: Any, shape: Shape) -> None:
    """Raise where a triangular factor has a zero on its diagonal."""
    size = np.abs(np.diagonal(plain(factor), axis1=-2, axis2=-1))
    if (size <= tolerance(size, shape)).any():
        raise errors.NotDifferentiable(
            f"`{op}` has no derivative where its first columns depend on each other",
            code="TG-L07",
            shapes=(shape,),
            op=op,
            why="a column without a direction of its own is given any, and a small change turns it",
            fix="tg.linalg.pinv(x)   # or svd: both need no independent columns",
        )


def must_be_any_basis(basis: Any, cotangent: Any) -> None:
    """Raise where a result depends on which basis fills up the space that is left over.

    Turning the basis changes nothing exactly if its product with the cotangent is symmetric.
    """
    found, wanted = plain(basis), plain(cotangent)
    product = found.mT @ wanted
    largest = np.abs(wanted).max(initial=0.0)
    if (np.abs(product - product.mT) > largest * np.finfo(found.dtype).eps ** 0.5).any():
        raise errors.NotDifferentiable(
            "the result depends on which basis fills up the space left over, which is arbitrary",
            code="TG-L07",
            shapes=(found.shape,),
            why="any rotation of the added columns is as good, and a small change picks another",
            fix="tg.linalg.svd(x, full_matrices=False)   # or tg.linalg.qr(x, mode='reduced')",
        )
