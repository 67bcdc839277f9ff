"""Folds partition the rows; stratified folds and parts keep the classes to within one row."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.data import Dataset, k_fold, load, split_dataset
from tinygrad_edu.errors import ArgumentError, ShapeError

pytestmark = pytest.mark.once  # what no version of Python changes

seeds = st.integers(0, 2**32 - 1)


@given(rows=st.integers(2, 50), folds=st.integers(2, 50), shuffle=st.booleans(), seed=seeds)
def test_every_row_is_tested_once_and_trains_otherwise(
    rows: int, folds: int, shuffle: bool, seed: int
) -> None:
    folds = min(rows, folds)
    parts = k_fold(rows, folds, shuffle=shuffle, rng=seed)
    assert len(parts) == folds
    assert sorted(row for fold in parts for row in fold.test) == list(range(rows))
    for train, test in parts:
        assert sorted([*train, *test]) == list(range(rows))
        assert rows // folds <= len(test) <= -(-rows // folds)


@given(
    counts=st.lists(st.integers(0, 9), min_size=1, max_size=4),
    folds=st.integers(2, 6),
    shuffle=st.booleans(),
    seed=seeds,
    data=st.data(),
)
def test_stratified_folds_have_every_class_to_within_one_row(
    counts: list[int], folds: int, shuffle: bool, seed: int, data: st.DataObject
) -> None:
    labels = data.draw(
        st.permutations("".join(c * (folds + n) for c, n in zip("abcd", counts, strict=False)))
    )
    parts = k_fold(labels, folds, stratify=labels, shuffle=shuffle, rng=seed)
    assert sorted(row for fold in parts for row in fold.test) == list(range(len(labels)))
    for fold in parts:
        assert len(labels) // folds <= len(fold.test) <= -(-len(labels) // folds)
        found = Counter(labels[row] for row in fold.test)
        for name, members in Counter(labels).items():
            assert members // folds <= found[name] <= -(-members // folds)


def test_folds_follow_the_seed() -> None:
    def tests(rng: Any) -> list[list[int]]:
        return [fold.test.tolist() for fold in k_fold(20, 4, rng=rng)]

    assert tests(1) == tests(np.random.default_rng(1)) != tests(2)
    with tg.seed(1):
        assert tests(None) == tests(1)


def test_shuffled_folds_are_drawn_fairly() -> None:
    draws, rng = 2000, np.random.default_rng(0)
    firsts = Counter[int]()
    for _ in range(draws):
        firsts.update(k_fold(6, 3, stratify=[0, 0, 0, 1, 1, 1], rng=rng)[0].test.tolist())
    assert all(abs(firsts[row] - draws / 3) < 5 * (draws * 2 / 9) ** 0.5 for row in range(6))


def test_folds_that_cannot_be_filled_are_refused() -> None:
    with pytest.raises(ArgumentError, match="3 rows cannot fill 5 folds"):
        k_fold(3)
    with pytest.raises(ArgumentError, match="class owl has 2 rows for 3 folds") as caught:
        k_fold(8, 3, stratify=["cat"] * 6 + ["owl"] * 2)
    assert caught.value.fix == "k_fold(x, 2, stratify=y)"
    with pytest.raises(ShapeError, match="stratify has shape"):
        k_fold(4, 2, stratify=[0, 1])
    with pytest.raises(ArgumentError, match="folds=1"):
        k_fold(4, 1)


def made(labels: list[int]) -> Dataset:
    x = np.arange(len(labels), dtype=np.float32)[:, None]
    return Dataset("made", x, np.array(labels, np.int64), (), tuple("abcd"), "", "")


@given(
    labels=st.lists(st.integers(0, 3), min_size=3, max_size=40),
    three=st.booleans(),
    stratify=st.booleans(),
    seed=seeds,
    data=st.data(),
)
def test_parts_hold_every_row_once_with_its_label_and_name(
    labels: list[int], three: bool, stratify: bool, seed: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, len(labels) - 2))
    second = data.draw(st.integers(1, len(labels) - 1 - first))
    sizes = [first, second, len(labels) - first - second] if three else [first, len(labels) - first]
    parts = split_dataset(made(labels), sizes, stratify=stratify, rng=seed)
    assert [len(part) for part in parts] == sizes
    names = ["train", "validation", "test"] if three else ["train", "test"]
    assert [part.part for part in parts] == names
    rows = [int(row) for part in parts for row in part.features[:, 0]]
    assert sorted(rows) == list(range(len(labels)))
    assert [labels[row] for row in rows] == [int(k) for part in parts for k in part.targets]
    if stratify:
        for name, members in Counter(labels).items():
            fair = Fraction(members * sizes[-1], len(labels))
            assert abs(int((parts[-1].targets == name).sum()) - fair) < 1


@given(rows=st.integers(3, 200), hundredths=st.integers(1, 49))
def test_fractions_become_whole_rows_to_within_one(rows: int, hundredths: int) -> None:
    share = Fraction(hundredths, 100)
    try:
        parts = split_dataset(made([0] * rows), (float(1 - 2 * share), float(share), float(share)))
    except ArgumentError:
        assert share * rows < 1 or (1 - 2 * share) * rows < 1
        return
    for part, exact in zip(parts, (1 - 2 * share, share, share), strict=True):
        assert abs(len(part) - exact * rows) < 1


def test_three_parts_are_the_two_with_the_train_part_divided_again() -> None:
    iris = load("iris")
    assert isinstance(iris, Dataset)
    two = split_dataset(iris, (120, 30), rng=3)
    three = split_dataset(iris, (90, 30, 30), rng=3)
    np.testing.assert_array_equal(two[1].features, three[2].features)
    assert repr(three[1]).startswith("Dataset('iris' validation: features (30, 4)")


@pytest.mark.parametrize(
    "sizes", [(0.5, 0.6), (1.0,), (0.5, 0.5, 0.0), (0.25,) * 4, (3, 3), (True, 0.0), ("a", "b"), ()]
)
def test_sizes_that_do_not_add_up_are_refused(sizes: Any) -> None:
    with pytest.raises(ArgumentError, match="cannot divide 10 rows"):
        split_dataset(made([0] * 10), sizes)
