"""Which rows an epoch has and in which order, where a plain shuffle is not wanted.  Floor 0."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from .rows import positive
from .strata import class_numbers, largest_remainders

__all__ = ["Sampler", "StratifiedSampler", "WeightedSampler"]


class Sampler(Protocol):
    """What ``DataLoader(sampler=)`` asks for: a length, and an order for every epoch.

    One with an attribute ``population`` is refused for a data set of another size.

    Examples
    --------
    >>> class Backwards:
    ...     def __len__(self):
    ...         return 4
    ...     def order(self, rng, batch_size):
    ...         return np.arange(4)[::-1]
    >>> from tinygrad_edu.data import DataLoader
    >>> [x.tolist() for x, in DataLoader([10, 11, 12, 13], sampler=Backwards(), batch_size=3)]
    [[13, 12, 11], [10]]
    """

    def __len__(self) -> int:
        """Return how many rows an epoch has."""

    def order(self, rng: np.random.Generator, batch_size: int) -> NDArray[np.intp]:
        """Return the row numbers of an epoch, drawn from ``rng`` alone, shape (len(self),)."""


class WeightedSampler:
    r"""Rows drawn with chances in proportion to weights, such as to balance rare classes.

    .. math:: P(\text{row } i) = w_i / \textstyle\sum_j w_j

    Parameters
    ----------
    weights : array-like, shape (samples,), at least 0
        One per row; see `balanced` for those that make all classes equally frequent.
    samples : int, optional
        Rows per epoch; by default as many as there are weights.
    replace : bool
        Whether a row may come again within an epoch.

    Raises
    ------
    ArgumentError
        A weight is negative or not finite, all are 0, or there are fewer rows of positive weight
        than to be drawn without replacement.

    Notes
    -----
    Without replacement, rows are drawn one after the other, each time in proportion to the weights
    of those that are left. Source: Efraimidis and Spirakis 2006, algorithm A.

    Examples
    --------
    >>> labels = np.array([0] * 90 + [1] * 10)
    >>> order = WeightedSampler.balanced(labels).order(np.random.default_rng(0), 32)
    >>> np.bincount(labels[order]).tolist()
    [44, 56]
    """

    def __init__(
        self, weights: ArrayLike, *, samples: int | None = None, replace: bool = True
    ) -> None:
        self.weights = np.array(weights, dtype=np.float64)
        if self.weights.ndim != 1:
            raise ShapeError(
                f"weights have shape {self.weights.shape}: one per row is needed",
                shapes=[self.weights.shape],
                fix="WeightedSampler.balanced(y)",
            )
        usable = np.isfinite(self.weights).all() and (self.weights >= 0).all()
        if not usable or not self.weights.any():
            raise ArgumentError(
                "weights have to be finite and at least 0, and not all 0",
                why="they become chances by dividing by their sum",
                fix="WeightedSampler.balanced(y)",
            )
        self.population = len(self.weights)
        self.samples = len(self.weights) if samples is None else positive("samples", samples)
        self.replace = replace
        possible = int(np.count_nonzero(self.weights))
        if not replace and self.samples > possible:
            raise ArgumentError(
                f"{self.samples} different rows cannot be drawn from {possible} of positive weight",
                fix=f"WeightedSampler(weights, samples={possible}, replace=False)",
            )

    @classmethod
    def balanced(cls, labels: ArrayLike, *, samples: int | None = None) -> WeightedSampler:
        """Return the sampler by which every class is equally likely to come next.

        Parameters
        ----------
        labels : array-like, shape (samples,)
            The class of every row.
        samples : int, optional
            Rows per epoch.
        """
        classes, counts = class_numbers(labels)
        return cls(1.0 / counts[classes], samples=samples)

    def __len__(self) -> int:
        return self.samples

    def order(self, rng: np.random.Generator, batch_size: int) -> NDArray[np.intp]:
        """Return the rows of an epoch, shape (samples,)."""
        if self.replace:
            edges = np.cumsum(self.weights / self.weights.max())
            drawn = np.searchsorted(edges, rng.random(self.samples) * edges[-1], side="right")
            # Rounding may reach the upper edge; rows of weight 0 behind it are never drawn.
            last = int(np.flatnonzero(self.weights)[-1])
            return np.asarray(np.minimum(drawn, last), dtype=np.intp)
        # The logarithm of how long each row waits, so that no weight is too small or too large.
        drawable = np.flatnonzero(self.weights)
        waits = -rng.gumbel(size=len(drawable)) - np.log(self.weights[drawable])
        return np.asarray(drawable[np.argsort(waits)[: self.samples]], dtype=np.intp)


class StratifiedSampler:
    r"""Every row once, and every batch with the classes in their overall proportions.

    .. math:: |m_c - b \, n_c / n| < 1 + b / (n - r)

    for the :math:`m_c` rows of class :math:`c` in a batch of :math:`b`, if the class has
    :math:`n_c` of the :math:`n` rows and the last batch has :math:`r < b` (0 if it is full): the
    best that whole rows allow, where all batches are full.

    Parameters
    ----------
    labels : array-like, shape (samples,)
        The class of every row.

    Notes
    -----
    The rows of the last, smaller batch are set apart by largest remainders; the others, class by
    class, each class in random order, are dealt to the batches like cards.

    Examples
    --------
    >>> labels = np.array([0] * 9 + [1] * 3)
    >>> order = StratifiedSampler(labels).order(np.random.default_rng(0), 4)
    >>> labels[order].reshape(3, 4).sum(axis=1).tolist()
    [1, 1, 1]
    """

    def __init__(self, labels: ArrayLike) -> None:
        self.classes, self.counts = class_numbers(labels)
        self.population = len(self.classes)

    def __len__(self) -> int:
        return len(self.classes)

    def order(self, rng: np.random.Generator, batch_size: int) -> NDArray[np.intp]:
        """Return all rows, those of each batch one after the other, shape (samples,)."""
        samples = len(self.classes)
        batches, rest = divmod(samples, batch_size)
        shuffled = rng.permutation(samples)
        # Which class is dealt first is drawn too, else the first batches would always get its odd
        # rows.
        rank = rng.permutation(len(self.counts))[self.classes[shuffled]]
        deck = shuffled[np.argsort(rank, kind="stable")]
        kept_back = self._for_the_last_batch(deck, rest, rng)
        last, deck = deck[kept_back], deck[~kept_back]
        hands = deck.reshape(batch_size, batches).T[rng.permutation(batches)]
        dealt = rng.permuted(hands, axis=1)
        return np.concatenate([dealt.ravel(), rng.permutation(last)])

    def _for_the_last_batch(
        self, deck: NDArray[np.intp], rest: int, rng: np.random.Generator
    ) -> NDArray[np.bool_]:
        chosen = np.zeros(len(deck), dtype=bool)
        if rest:
            quotas = largest_remainders(self.counts, rest, rng.permutation(len(self.counts)))
            dealt = self.classes[deck]
            for label, quota in enumerate(quotas):
                chosen[np.flatnonzero(dealt == label)[:quota]] = True
        return chosen
