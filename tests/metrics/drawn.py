"""Samples to measure on: many ties, few samples, scores that say nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

TIED = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
FREE = st.floats(0, 1, width=32)
WIDE = st.floats(-1e6, 1e6)


class Samples(NamedTuple):
    """True labels, scores, and the positive class where it does not go without saying."""

    y: NDArray[Any]
    score: NDArray[Any]
    pos_label: Any


@st.composite
def binary_samples(draw: st.DrawFn, *, chances: bool = False) -> Samples:
    """Both classes, in one of four spellings; scores tied, constant, free, or whole numbers."""
    n = draw(st.integers(2, 12))
    positive = draw(
        st.lists(st.booleans(), min_size=n, max_size=n).filter(lambda p: 0 < sum(p) < n)
    )
    kinds = [TIED, FREE, st.just(0.5)] + ([] if chances else [WIDE, st.integers(-3, 3)])
    score = draw(st.lists(draw(st.sampled_from(kinds)), min_size=n, max_size=n))
    negative_name, positive_name = draw(
        st.sampled_from([(0, 1), (-1, 1), (False, True), ("well", "ill"), ("a", "b")])
    )
    y = np.array([positive_name if p else negative_name for p in positive])
    return Samples(y, np.array(score), positive_name if isinstance(positive_name, str) else None)


@st.composite
def weights_for(draw: st.DrawFn, n: int) -> NDArray[np.float64]:
    """Whole weights, some of them 0."""
    given = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    return np.array(given, dtype=float)


@st.composite
def class_samples(draw: st.DrawFn, *, chances: bool = True) -> Samples:
    """Three or four classes that all occur; rows of scores with ties, which sum to 1 if asked."""
    k = draw(st.integers(3, 4))
    n = draw(st.integers(k, 20))
    y = draw(
        st.permutations(
            [*range(k), *draw(st.lists(st.integers(0, k - 1), min_size=n - k, max_size=n - k))]
        )
    )
    cells = st.lists(st.sampled_from([0.0, 1.0, 2.0, 4.0]), min_size=k, max_size=k)
    rows = draw(st.lists(cells.filter(any) if chances else cells, min_size=n, max_size=n))
    score = np.array(rows)
    if chances:
        score = score / score.sum(axis=1, keepdims=True)
    names = draw(st.sampled_from([np.arange(k), np.array(list("bdgk")[:k]), np.arange(k) * 3 - 2]))
    return Samples(names[np.array(y)], score, None)


@st.composite
def number_pairs(draw: st.DrawFn, *, low: float = -1e3) -> tuple[NDArray[Any], NDArray[Any]]:
    """True and predicted numbers of one or several outputs, among them equal ones."""
    n = draw(st.integers(2, 15))
    shape = (n,) if draw(st.booleans()) else (n, draw(st.integers(1, 3)))
    size = int(np.prod(shape))
    value = draw(st.sampled_from([st.floats(low, 1e3), st.integers(int(max(low, -2)), 2)]))
    values = st.lists(value, min_size=size, max_size=size)
    return np.array(draw(values)).reshape(shape), np.array(draw(values)).reshape(shape)
