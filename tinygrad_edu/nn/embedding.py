"""``Embedding``: a learned row for each number, such as that of a word; and its function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import errors
from ..arrays import numbers
from ..autodiff.tensor import Parameter, Tensor
from ..mode import no_grad
from ..ops import add, multiply, take, where
from ..types import Array, Operand, Rng, Shape
from . import init
from .module import Module
from .path import written_path
from .settings import real, size, whole

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Embedding", "embedding"]


class Embedding(Module):
    r"""A table of learned rows, looked up by their numbers.

    .. math:: z_i = W_{x_i}

    Parameters
    ----------
    num_embeddings : int
        Rows of the table: numbers go from 0 to ``num_embeddings - 1``.
    embedding_dim : int
        Length of a row.
    padding_idx : int, optional
        The number of a row that starts as zeros and gets no gradient; negative ones count from the
        end.
    max_norm : float, optional
        Rows that are longer when they are looked up are first made as short, in place.
    norm_type : float
        The ``p`` of the norm that ``max_norm`` speaks of.
    scale_grad_by_freq : bool
        Divide the gradient of a row by how often it was looked up.
    sparse : False
        Gradients have the shape of the table.
    dtype : dtype
        Of the table.
    rng : Generator or int, optional
        Where the initial values come from; by default the innermost ``tg.seed``.

    Attributes
    ----------
    weight : Parameter, shape (num_embeddings, embedding_dim)
        Normal with mean 0 and variance 1 at first.

    Raises
    ------
    DTypeError
        When called with numbers that are not whole.
    IndexingError
        When called with a number outside the table.

    Notes
    -----
    The product of one-hot rows with the table, without the products. Source: Bengio, Ducharme,
    Vincent, Jauvin 2003, section 2.

    Examples
    --------
    >>> Embedding(100, 8)(np.array([[3, 7, 3]])).shape
    (1, 3, 8)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        self.num_embeddings = size("num_embeddings", num_embeddings, 1, "100")
        self.embedding_dim = size("embedding_dim", embedding_dim, 1, "8")
        self.padding_idx = _padding(padding_idx, num_embeddings)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = bool(scale_grad_by_freq)
        self.sparse = sparse
        shape = (self.num_embeddings, self.embedding_dim)
        table = init.normal(shape, rng=rng, dtype=dtype)
        if self.padding_idx is not None:
            table[self.padding_idx] = 0
        self.weight = Parameter(table)
        _check_settings(max_norm, norm_type, sparse)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Operand,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """Make a layer of a table that there is already.

        Parameters
        ----------
        embeddings : array_like, shape (num_embeddings, embedding_dim)
            Copied.
        freeze : bool
            Keep it as it is: the table requires no gradient.
        padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse
            As for the class.

        Examples
        --------
        >>> Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0]])([1]).data
        array([[3., 4.]])
        """
        table = numbers(getattr(embeddings, "_data", embeddings))
        if table.ndim != 2:
            raise _no_table(table.shape)
        rows, width = table.shape
        settings = padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse
        layer = cls(rows, width, *settings, dtype=table.dtype, rng=0)
        layer.weight = Parameter(table)
        layer.weight.requires_grad = not freeze
        return layer

    def forward(self, x: Operand) -> Tensor:
        """Map whole numbers, any shape, to shape (*shape of x, embedding_dim)."""
        x = numbers(getattr(x, "_data", x))
        _check_numbers(x, self.weight.shape, lambda: f"{written_path(self)} = {self!r}")
        settings = self.max_norm, self.norm_type, self.scale_grad_by_freq
        return _looked_up(x, self.weight, self.padding_idx, *settings)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        words = [f"{self.num_embeddings}, {self.embedding_dim}"]
        words += [f"padding_idx={self.padding_idx}"] * (self.padding_idx is not None)
        words += [f"max_norm={self.max_norm}"] * (self.max_norm is not None)
        words += [f"norm_type={self.norm_type}"] * (self.norm_type != 2)
        words += ["scale_grad_by_freq=True"] * self.scale_grad_by_freq
        return ", ".join(words)


def embedding(
    x: Operand,
    weight: Operand,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    r"""Rows of a table, by their numbers.

    .. math:: z_i = W_{x_i}

    Parameters
    ----------
    x : array_like of int
        Any shape.
    weight : array_like, shape (rows, width)
        The table.
    padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse
        As for ``nn.Embedding``.

    Returns
    -------
    Tensor
        Shape (*shape of x, width).

    Raises
    ------
    DTypeError
        When numbers are not whole.
    IndexingError
        When one is outside the table.

    Notes
    -----
    Source: Bengio, Ducharme, Vincent, Jauvin 2003, section 2.

    Examples
    --------
    >>> embedding([1, 0], [[1.0, 2.0], [3.0, 4.0]])
    array([[3., 4.],
           [1., 2.]])
    """
    x = numbers(getattr(x, "_data", x))
    table = weight if isinstance(weight, Tensor) else numbers(weight)
    if table.ndim != 2:
        raise _no_table(table.shape)
    _check_settings(max_norm, norm_type, sparse)
    _check_numbers(x, table.shape, lambda: "`embedding`")
    padding = _padding(padding_idx, len(table))
    return _looked_up(x, table, padding, max_norm, norm_type, scale_grad_by_freq)


def _looked_up(
    x: Array, table: Any, padding: int | None, most: float | None, p: float, by_frequency: bool
) -> Tensor:
    if most is not None:
        _shorten(table, np.unique(x), most, p)
    rows = take(table, x, axis=0)
    if not isinstance(rows, Tensor) or not rows.requires_grad:
        return rows
    fixed = rows.detach()
    if by_frequency and x.size:
        _, places, counts = np.unique(x, return_inverse=True, return_counts=True)
        share = (1 / counts[places.reshape(x.shape)])[..., None].astype(rows.dtype)
        rows = add(fixed, multiply(rows - fixed, share))  # the value stays, the slope shrinks
    if padding is not None and (x == padding).any():
        rows = where((x == padding)[..., None], fixed, rows)
    return rows


def _shorten(table: Any, used: Array, most: float, p: float) -> None:
    """Make rows that are too long as short as is allowed, in place, as in PyTorch."""
    values = numbers(getattr(table, "_data", table))
    norms = np.linalg.norm(values[used], p, axis=1)
    long = norms > most
    if long.any():
        values = values.copy() if isinstance(table, Tensor) else values
        values[used[long]] *= (most / (norms[long] + 1e-7))[:, None].astype(values.dtype)
        if isinstance(table, Tensor):
            with no_grad():
                table.data = values


def _padding(index: int | None, rows: int) -> int | None:
    if index is None:
        return None
    if not -rows <= whole("padding_idx", index, "0") < rows:
        raise errors.ArgumentError(
            f"padding_idx={index} is no row of a table of {rows}", fix="padding_idx=0"
        )
    return int(index) % rows


def _no_table(shape: Shape) -> Exception:
    return errors.ShapeError(
        f"a table of embeddings has two axes, got shape {shape}",
        shapes=(shape,),
        op="embedding",
        why="there is one row for each number",
        fix="np.zeros((100, 8))   # 100 rows of length 8",
    )


def _check_settings(max_norm: float | None, norm_type: float, sparse: bool) -> None:
    if max_norm is not None:
        real("max_norm", max_norm, 0.0, "1.0")
    real("norm_type", norm_type, example="2.0")
    if sparse:
        raise errors.ArgumentError(
            "sparse=True: gradients have the shape of the table",
            why="optimizers here work on all numbers at once",
            fix="sparse=False",
        )


def _check_numbers(x: Array, table: Shape, who: Callable[[], str]) -> None:
    """Refuse what is no number of a row."""
    if x.dtype.kind not in "iu" and x.size:
        raise errors.DTypeError(
            f"{who()} got {x.dtype} numbers of shape {x.shape}, expected whole ones",
            shapes=(x.shape,),
            op="embedding",
            why="each names a row of the table",
            fix="x.astype(int)   # for measurements: nn.Linear",
        )
    if x.size and (x.min() < 0 or x.max() >= table[0]):
        raise _outside(x, table, who())


def _outside(x: Array, table: Shape, who: str) -> Exception:
    """The error for a number that names no row."""
    rows, width = table
    index = tuple(map(int, np.argwhere((x < 0) | (x >= rows))[0]))
    low, high = int(x.min()), int(x.max())
    place = f"x[{', '.join(map(str, index))}]" if index else "x"
    if low == 1 and high == rows:
        fix = "x - 1   # numbers that count from 1"
    elif low < 0:
        fix = f"x % {rows}   # if negative numbers count from the end"
    else:
        fix = f"nn.Embedding({high + 1}, {width})   # or tg.clip(x, 0, {rows - 1}), the last row"
    return errors.IndexingError(
        f"{who}: {place} = {int(x[index])}, but the table has the {rows} rows 0..{rows - 1}",
        shapes=(x.shape, table),
        op="embedding",
        why="each number names a row of the table",
        fix=fix,
    )
