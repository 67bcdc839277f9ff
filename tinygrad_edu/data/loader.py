"""Hand out a data set in batches, in a new order every epoch.  Floor 0."""

from __future__ import annotations

import contextvars
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ..errors import ArgumentError, ShapeError
from ..seeding import drawing_from, generator
from ..types import Array, Rng
from .composing import takes_rng
from .datasets import Dataset
from .indexed import TensorDataset, gather, is_indexed
from .rows import positive
from .sampling import Sampler

__all__ = ["DataLoader"]

Job = tuple[int, NDArray[np.intp], int]


class DataLoader:
    r"""Batches of rows: every ``for`` loop over the loader is one epoch.

    .. math:: \text{batches} = \lceil n / b \rceil, \quad \text{or} \quad
              \lfloor n / b \rfloor \text{ with drop\_last}

    for :math:`n` samples in batches of :math:`b`.  Without ``drop_last`` the last batch may be
    smaller, and every row comes exactly once per epoch.  The loader keeps its own copy of the
    arrays and every batch is a new array, so changing one never changes another.

    Parameters
    ----------
    *arrays : array-likes, each of shape (samples, ...), a Dataset, or one indexed data set
        A `Dataset` counts as its features and its targets.  A `TensorDataset`, a `Subset` or an
        object with ``len(d)`` and ``d[k]`` is asked for its samples, and not copied.
    batch_size : int, at least 1
        Rows per batch.
    shuffle : bool
        Draw a new order for every epoch, at the start of its loop.
    drop_last : bool
        Leave out a last batch that is not full.
    sampler : Sampler, optional
        What decides about the rows of an epoch instead, such as a `WeightedSampler`.
    transform : function, optional
        What is made of the first array of each batch, the inputs: ``transform(x, rng=generator)``,
        or ``transform(x)`` if it has no ``rng``.  It keeps the number of rows.
    workers : int, at least 0
        Threads that prepare batches ahead of the loop; the bits are the same for any number.  It
        pays where samples are read from files, or transformed by NumPy at length.
    rng : Generator or int, optional
        Source of the orders; the same seed gives the same epochs.  When omitted, the loader gets
        a generator of its own, seeded by one draw from the one that ``tg.seed`` set.
    dtype : floating dtype
        Floating arrays are cast to it, once; integers, booleans and text stay as they are.

    Attributes
    ----------
    rng : Generator or None
        What all is drawn from; its ``bit_generator.state`` before an epoch determines that epoch.
        None where nothing is random: arrays in order without a transform.

    Raises
    ------
    ArgumentError
        No arrays, or a setting is not of the kind above.
    ShapeError
        The numbers of rows differ, or the transform changes them.

    Notes
    -----
    An epoch draws its order and then, where there is something to prepare, one number: batch
    :math:`k` is prepared with a generator of its own, seeded by that number and :math:`k`, which
    also answers those who ask for no particular one.  Hence nothing depends on which thread comes
    first, and ``tg.seed`` is never drawn from behind the back of the loop.

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
        *arrays: ArrayLike | Dataset | Any,
        batch_size: int = 32,
        shuffle: bool = False,
        drop_last: bool = False,
        sampler: Sampler | None = None,
        transform: Callable[..., Any] | None = None,
        workers: int = 0,
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self._floating = _floating(dtype)
        self.dataset = _source(arrays, self._floating)
        self.batch_size = positive("batch_size", batch_size)
        self.workers = positive("workers", workers, least=0)
        self.drop_last = drop_last
        self.sampler = _checked_sampler(sampler, shuffle, len(self.dataset))
        self.transform = transform
        self._with_rng = transform is not None and takes_rng(transform)
        self._shuffle = shuffle
        self._prepares = transform is not None or not isinstance(self.dataset, TensorDataset)
        random = shuffle or sampler is not None or self._prepares
        self.rng = _own_generator(rng) if random else None

    def __len__(self) -> int:
        full, rest = divmod(self._rows(), self.batch_size)
        return full if self.drop_last or not rest else full + 1

    def _rows(self) -> int:
        return len(self.dataset if self.sampler is None else self.sampler)

    def __iter__(self) -> Iterator[tuple[Array, ...]]:
        # Drawn here and not in the generators below, whose first lines run only at the first
        # batch: the order belongs to the loop that asked first.
        order = self._order()
        seed = int(self.rng.integers(2**63)) if self.rng is not None and self._prepares else 0
        size = self.batch_size
        jobs = ((k, order[k * size : (k + 1) * size], seed) for k in range(len(self)))
        return self._ahead(jobs) if self.workers else (self._batch(job) for job in jobs)

    def _order(self) -> NDArray[np.intp]:
        samples = len(self.dataset)
        if self.rng is not None and self.sampler is not None:
            order = np.asarray(self.sampler.order(self.rng, self.batch_size))
            return _checked_order(order, len(self.sampler), samples)
        if self.rng is not None and self._shuffle:
            return self.rng.permutation(samples)
        return np.arange(samples)

    def _batch(self, job: Job) -> tuple[Array, ...]:
        position, rows, seed = job
        if not self._prepares:
            return gather(self.dataset, rows)
        rng = np.random.default_rng([seed, position])
        with drawing_from(rng):
            batch = tuple(self._cast(array) for array in gather(self.dataset, rows))
            return batch if self.transform is None else self._transformed(batch, rng)

    def _cast(self, array: Any) -> Array:
        array = np.asarray(array)
        return np.asarray(array, self._floating if array.dtype.kind == "f" else None)

    def _transformed(self, batch: tuple[Array, ...], rng: np.random.Generator) -> tuple[Array, ...]:
        assert self.transform is not None
        inputs = batch[0]
        made = self._cast(self.transform(inputs, **({"rng": rng} if self._with_rng else {})))
        if made.shape[:1] != inputs.shape[:1]:
            raise ShapeError(
                f"transform made {made.shape} of inputs of shape {inputs.shape}",
                shapes=[inputs.shape, made.shape],
                why="row i of the inputs and of the targets are one sample, also afterwards",
                fix="transform=lambda x, rng: tg.data.random_flip(x, rng=rng)",
            )
        return (made, *batch[1:])

    def _ahead(self, jobs: Iterator[Job]) -> Iterator[tuple[Array, ...]]:
        """Batches prepared by threads, in order; what goes wrong is raised at its batch."""
        waiting: deque[Future[tuple[Array, ...]]] = deque()
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="DataLoader")
        try:
            # Two per thread: one in work, one in stock. Memory stays bounded.
            for job in islice(jobs, 2 * self.workers):
                waiting.append(self._submitted(pool, job))
            while waiting:
                batch = waiting.popleft().result()
                waiting.extend(self._submitted(pool, job) for job in islice(jobs, 1))
                yield batch
        finally:
            pool.shutdown(cancel_futures=True)

    def _submitted(self, pool: ThreadPoolExecutor, job: Job) -> Future[tuple[Array, ...]]:
        # A copy of the context, so that tg.no_grad and its like hold in the thread too.
        return pool.submit(contextvars.copy_context().run, self._batch, job)

    def __repr__(self) -> str:
        if self.sampler is not None:
            order = f"by {type(self.sampler).__name__}"
        else:
            order = "shuffled" if self._shuffle else "in order"
        return f"DataLoader({self._rows()} rows, {len(self)} batches of {self.batch_size}, {order})"


def _source(given: tuple[Any, ...], floating: np.dtype[Any]) -> Any:
    """The data set that batches come from: one with numbered samples, or copies of arrays."""
    if len(given) == 1 and is_indexed(given[0]):
        return given[0]
    if any(is_indexed(each) for each in given):
        raise ArgumentError(
            f"a data set with numbered samples stands alone, got {len(given)} arguments",
            why="its samples hold the inputs and the targets",
            fix="DataLoader(dataset)",
        )
    arrays = TensorDataset(*given).arrays
    return TensorDataset(*(np.array(a, floating if a.dtype.kind == "f" else None) for a in arrays))


def _checked_sampler(sampler: Any, shuffle: bool, samples: int) -> Any:
    if sampler is None:
        return None
    if shuffle:
        raise ArgumentError(
            f"shuffle=True and sampler={type(sampler).__name__} both decide about the order",
            fix="DataLoader(x, y, sampler=sampler)",
        )
    if not hasattr(sampler, "order") or not hasattr(sampler, "__len__"):
        raise ArgumentError(
            f"a sampler has a length and a method order(rng, batch_size), got {sampler!r:.40}",
            fix="DataLoader(tg.data.Subset(dataset, rows))   # for fixed rows",
        )
    if (population := getattr(sampler, "population", samples)) != samples:
        raise ArgumentError(
            f"the sampler is for {population} rows, the data set has {samples}",
            fix="StratifiedSampler(y_train)   # with the labels of just these samples",
        )
    return sampler


def _checked_order(order: Array, rows: int, samples: int) -> NDArray[np.intp]:
    fits = order.shape == (rows,) and order.dtype.kind in "iu"
    if fits and (not rows or (order.min() >= 0 and order.max() < samples)):
        return order
    raise ArgumentError(
        f"the sampler's order is {order.dtype} of shape {order.shape}",
        why=f"it has to name {rows} rows by numbers from 0 to {samples - 1}",
        fix="np.arange(len(self)), in the sampler's method order",
    )


def _own_generator(rng: Rng) -> np.random.Generator:
    if rng is not None:
        return generator(rng)
    # Sharing the generator of tg.seed would tie the orders to every other draw, such as dropout's.
    return np.random.default_rng(int(generator(None).integers(2**63)))


def _floating(dtype: DTypeLike) -> np.dtype[Any]:
    # np.dtype(None) is float64, which nobody who writes None means.
    if dtype is not None and (floating := np.dtype(dtype)).kind == "f":
        return floating
    raise ArgumentError(
        f"dtype={dtype!r} is not a floating dtype",
        why="it is what floating arrays are cast to; integer arrays stay integers in any case",
        fix="DataLoader(x, y, dtype=np.float32)",
    )
