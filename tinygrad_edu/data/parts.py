"""A data set divided into parts that say what they are for.  Floor 0."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from numbers import Integral, Real
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ArgumentError
from ..seeding import generator
from ..types import Array, Rng
from .strata import class_numbers, largest_remainders

__all__ = ["split_dataset"]

_NAMES = {2: ("train", "test"), 3: ("train", "validation", "test")}


class _Divisible(Protocol):
    @property
    def strata(self) -> Array | None: ...
    def __len__(self) -> int: ...
    def take(self, rows: ArrayLike, *, part: str = "") -> Any: ...


Divisible = TypeVar("Divisible", bound=_Divisible)


def split_dataset(
    dataset: Divisible,
    sizes: Sequence[float] = (0.6, 0.2, 0.2),
    *,
    stratify: bool = True,
    rng: Rng = None,
) -> tuple[Divisible, ...]:
    """Divide a data set at random into train, validation and test part, or train and test part.

    Parameters
    ----------
    dataset : Dataset or Table
        What is divided.
    sizes : two or three floats that add up to 1, or ints that add up to the number of rows
        Fractions are rounded to whole rows by largest remainders.
    stratify : bool
        Keep the proportions of the classes, if there are any: within one row in each part in turn.
    rng : Generator or int, optional
        Source of the order; the same seed gives the same parts.

    Returns
    -------
    tuple of the same kind
        Each part's ``part`` says which it is; scalers and encoders refuse to learn from the last.

    Raises
    ------
    ArgumentError
        The sizes do not add up, or a part would be empty.

    Examples
    --------
    >>> from tinygrad_edu.data import load
    >>> train, test = split_dataset(load("iris"), (0.8, 0.2), rng=0)
    >>> test
    Dataset('iris' test: features (30, 4), targets (30,), 3 classes)
    """
    rows = _whole_sizes(sizes, len(dataset))
    random = generator(rng)
    order = random.permutation(len(dataset))
    labels = dataset.strata if stratify else None
    classes, counts = class_numbers(np.zeros(len(dataset)) if labels is None else labels)
    parts = []
    # The test part is taken first, so that whether there is a validation part does not change it.
    for size in rows[:0:-1]:
        quotas = largest_remainders(counts, size, random.permutation(len(counts)))
        chosen = np.zeros(len(order), dtype=bool)
        for label, quota in enumerate(quotas):
            chosen[np.flatnonzero(classes[order] == label)[:quota]] = True
        parts.append(order[chosen])
        order, counts = order[~chosen], counts - quotas
    named = zip([order, *parts[::-1]], _NAMES[len(rows)], strict=True)
    return tuple(dataset.take(part, part=name) for part, name in named)


def _whole_sizes(sizes: Sequence[float], samples: int) -> list[int]:
    """Rows of every part, each at least 1."""
    exact = []
    if all(isinstance(s, Real) and not isinstance(s, bool) and np.isfinite(s) for s in sizes):
        whole = all(isinstance(size, Integral) for size in sizes)
        # The decimals that were typed, exactly: 0.6 + 0.2 + 0.2 is 1.
        exact = [Fraction(str(size)) * (1 if whole else samples) for size in sizes]
    if len(exact) in _NAMES and sum(exact) == samples and min(exact) > 0:
        shares = [int(share) for share in exact]
        remainders = [float(share - int(share)) for share in exact]
        for k in np.argsort(-np.array(remainders), kind="stable")[: samples - sum(shares)]:
            shares[k] += 1
        if min(shares) > 0:
            return shares
    raise ArgumentError(
        f"sizes={sizes!r} cannot divide {samples} rows into non-empty parts",
        why="they are two or three fractions that add up to 1, or whole numbers of rows that add "
        "up to all",
        fix="split_dataset(dataset, (0.6, 0.2, 0.2))" if samples > 4 else None,
    )
