"""Hand out a data set in batches, in a new order every epoch.  Floor 0."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ..errors import ArgumentError
from ..seeding import generator
from ..types import Array, Rng
from .datasets import Dataset
from .rows import aligned_arrays

__all__ = ["DataLoader"]


class DataLoader:
    r"""Batches of rows: every ``for`` loop over the loader is one epoch.

    .. math:: \text{batches} = \lceil n / b \rceil, \quad \text{or} \quad
              \lfloor n / b \rfloor \text{ with drop\_last}

    for :math:`n` samples in batches of :math:`b`.  Without ``drop_last`` the last batch may be
    smaller, and every row comes exactly once per epoch.  The loader keeps its own copy of the
    arrays and every batch is a new array, so changing one never changes another.

    Parameters
    ----------
    *arrays : array-likes, each of shape (samples, ...), or a Dataset
        A `Dataset` counts as its features and its targets.
    batch_size : int, at least 1
        Rows per batch.
    shuffle : bool
        Draw a new order for every epoch, at the start of its loop.
    drop_last : bool
        Leave out a last batch that is not full.
    rng : Generator or int, optional
        Source of the orders; the same seed gives the same epochs.  When omitted, the loader gets
        a generator of its own, seeded by one draw from the one that ``tg.seed`` set.
    dtype : floating dtype
        Floating arrays are cast to it, once; integers, booleans and text stay as they are.

    Attributes
    ----------
    rng : Generator or None
        What the orders are drawn from; its ``bit_generator.state`` resumes them.  None without
        ``shuffle``.

    Raises
    ------
    ArgumentError
        No arrays, or ``batch_size`` or ``dtype`` is not of the kind above.
    ShapeError
        The numbers of rows differ.

    Examples
    --------
    >>> loader = DataLoader([[0.5], [1.5], [2.5]], [0, 1, 0], batch_size=2)
    >>> len(loader)
    2
    >>> for features, labels in loader:
    ...     print(features.dtype, features.ravel(), labels)
    float32 [0.5 1.5] [0 1]
    float32 [2.5] [0]

    References
    ----------
    A new order every epoch, without replacement: L. Bottou, *Curiously fast convergence of some
    stochastic gradient descent algorithms*, 2009.
    """

    def __init__(
        self,
        *arrays: ArrayLike | Dataset,
        batch_size: int = 32,
        shuffle: bool = False,
        drop_last: bool = False,
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        floating = _floating(dtype)
        rows = aligned_arrays(arrays)
        self._arrays = tuple(np.array(a, floating if a.dtype.kind == "f" else None) for a in rows)
        self.batch_size = _positive(batch_size)
        self.drop_last = drop_last
        self.rng = _own_generator(rng) if shuffle else None

    def __len__(self) -> int:
        samples = len(self._arrays[0])
        full, rest = divmod(samples, self.batch_size)
        return full if self.drop_last or not rest else full + 1

    def __iter__(self) -> Iterator[tuple[Array, ...]]:
        # Drawn here and not in the generator below, whose first line runs only at the first batch:
        # the order belongs to the loop that asked first.
        samples = len(self._arrays[0])
        order = np.arange(samples) if self.rng is None else self.rng.permutation(samples)
        return self._batches(order)

    def _batches(self, order: NDArray[np.intp]) -> Iterator[tuple[Array, ...]]:
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            chosen = order[start : start + self.batch_size]
            yield tuple(array[chosen] for array in self._arrays)

    def __repr__(self) -> str:
        samples = len(self._arrays[0])
        order = "in order" if self.rng is None else "shuffled"
        return f"DataLoader({samples} rows, {len(self)} batches of {self.batch_size}, {order})"


def _own_generator(rng: Rng) -> np.random.Generator:
    if rng is not None:
        return generator(rng)
    # Sharing the generator of tg.seed would tie the orders to every other draw, such as dropout's.
    return np.random.default_rng(int(generator(None).integers(2**63)))


def _positive(batch_size: int) -> int:
    if isinstance(batch_size, Integral) and not isinstance(batch_size, bool) and batch_size > 0:
        return int(batch_size)
    raise ArgumentError(
        f"batch_size={batch_size!r} is not a positive int",
        why="a batch holds a whole number of rows, and at least one",
        fix="DataLoader(x, y, batch_size=32)",
    )


def _floating(dtype: DTypeLike) -> np.dtype[Any]:
    # np.dtype(None) is float64, which nobody who writes None means.
    if dtype is not None and (floating := np.dtype(dtype)).kind == "f":
        return floating
    raise ArgumentError(
        f"dtype={dtype!r} is not a floating dtype",
        why="it is what floating arrays are cast to; integer arrays stay integers in any case",
        fix="DataLoader(x, y, dtype=np.float32)",
    )
