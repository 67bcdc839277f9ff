"""Samplers: chances in proportion to weights, and batches in proportion to classes."""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tinygrad_edu.data import DataLoader, StratifiedSampler, WeightedSampler
from tinygrad_edu.errors import ArgumentError, ShapeError

pytestmark = pytest.mark.once  # what no version of Python changes

seeds = st.integers(0, 2**32 - 1)
many_labels = st.lists(st.sampled_from("abcd"), min_size=1, max_size=60)


@given(labels=many_labels, batch_size=st.integers(1, 20), seed=seeds)
def test_every_batch_has_the_classes_in_proportion(
    labels: list[str], batch_size: int, seed: int
) -> None:
    loader = DataLoader(
        np.arange(len(labels)), batch_size=batch_size, sampler=StratifiedSampler(labels), rng=seed
    )
    batches = [batch.tolist() for (batch,) in loader]
    assert sorted(itertools.chain(*batches)) == list(range(len(labels)))
    rest = len(labels) % batch_size
    for batch in batches:
        for name, members in Counter(labels).items():
            fair = Fraction(members * len(batch), len(labels))
            slack = 0 if len(batch) < batch_size else Fraction(batch_size, len(labels) - rest)
            found = sum(labels[row] == name for row in batch)
            assert abs(found - fair) < 1 + slack * (rest > 0)


def test_stratified_epochs_differ_and_their_batches_are_not_sorted() -> None:
    labels = np.repeat([0, 1, 2], 8)
    loader = DataLoader(labels, batch_size=6, sampler=StratifiedSampler(labels), rng=0)
    first, second = ([batch.tolist() for (batch,) in loader] for _ in range(2))
    assert first != second
    assert any(batch != sorted(batch) for batch in first)


@pytest.mark.parametrize("replace", [True, False])
def test_rows_are_drawn_in_proportion_to_their_weights(replace: bool) -> None:
    weights, draws = np.array([1.0, 0.0, 3.0, 4.0]), 4000
    sampler = WeightedSampler(weights, samples=2, replace=replace)
    rng = np.random.default_rng(0)
    pairs = Counter(tuple(sampler.order(rng, 2).tolist()) for _ in range(draws))
    for i, j in itertools.product(range(4), repeat=2):
        left = weights.sum() - (0 if replace else weights[i])
        chance = weights[i] / 8 * weights[j] / left * (replace or i != j)
        assert abs(pairs[i, j] - draws * chance) <= 5 * (draws * chance * (1 - chance)) ** 0.5


@given(
    weights=st.lists(st.floats(0, 1e300) | st.just(0.0), min_size=1, max_size=9).filter(any),
    seed=seeds,
)
def test_a_row_of_weight_zero_never_comes(weights: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    for replace in (True, False):
        size = sum(w > 0 for w in weights)
        order = WeightedSampler(weights, samples=size, replace=replace).order(rng, 1)
        assert all(weights[row] > 0 for row in order)
        assert replace or len(set(order.tolist())) == size


def test_the_length_of_an_epoch_is_the_samplers() -> None:
    loader = DataLoader(np.arange(4), batch_size=4, sampler=WeightedSampler([1] * 4, samples=10))
    assert len(loader) == 3
    assert [len(batch) for (batch,) in loader] == [4, 4, 2]
    assert repr(loader) == "DataLoader(10 rows, 3 batches of 4, by WeightedSampler)"


@pytest.mark.parametrize("weights", [[-1, 2], [0, 0], [np.nan, 1], [np.inf], []])
def test_weights_that_are_no_chances_are_refused(weights: list[float]) -> None:
    with pytest.raises(ArgumentError, match="weights have to be"):
        WeightedSampler(weights)


def test_more_rows_than_there_are_cannot_be_drawn_without_replacement() -> None:
    with pytest.raises(ArgumentError, match="3 different rows cannot be drawn from 2"):
        WeightedSampler([1, 0, 1], replace=False)


def test_a_sampler_for_other_rows_is_refused() -> None:
    with pytest.raises(ArgumentError, match="for 3 rows, the data set has 4"):
        DataLoader(np.arange(4), sampler=StratifiedSampler([0, 1, 0]))
    with pytest.raises(ShapeError, match="one class label per row"):
        StratifiedSampler(np.eye(3))


def test_a_sampler_and_a_shuffle_are_one_too_many() -> None:
    with pytest.raises(ArgumentError, match="both decide"):
        DataLoader([0, 1], sampler=StratifiedSampler([0, 1]), shuffle=True)


def test_an_order_that_names_other_rows_is_refused() -> None:
    class Off:
        def __len__(self) -> int:
            return 2

        def order(self, rng: np.random.Generator, batch_size: int) -> np.ndarray:
            return np.array([0, 2])

    with pytest.raises(ArgumentError, match="order is int64"):
        iter(DataLoader([0, 1], sampler=Off()))
    with pytest.raises(ArgumentError, match=r"a method order"):
        DataLoader([0, 1], sampler=[1, 0])  # type: ignore[arg-type]
