"""Splits: no row lost or doubled, proportions as close as whole rows allow, the same each time."""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given, strategies as st

import tinygrad_edu
from tinygrad_edu.data import load, train_test_split
from tinygrad_edu.errors import ArgumentError, ShapeError

seeds = st.integers(0, 2**32 - 1)


@st.composite
def samples_and_test_rows(draw: st.DrawFn) -> tuple[int, int]:
    samples = draw(st.integers(2, 60))
    return samples, draw(st.integers(1, samples - 1))


@st.composite
def labels_and_test_rows(draw: st.DrawFn, most: int = 12) -> tuple[list[str], int]:
    """Labels of one to four classes with two members at least, in any order."""
    counts = draw(st.lists(st.integers(2, most), min_size=1, max_size=4))
    labels = draw(st.permutations("".join(c * n for c, n in zip("abcd", counts, strict=False))))
    return labels, draw(st.integers(1, len(labels) - 1))


@given(sizes=samples_and_test_rows(), shuffle=st.booleans(), seed=seeds)
def test_every_row_lands_in_exactly_one_part(
    sizes: tuple[int, int], shuffle: bool, seed: int
) -> None:
    samples, test_rows = sizes
    train, test = train_test_split(range(samples), test_size=test_rows, shuffle=shuffle, rng=seed)
    assert sorted([*train, *test]) == list(range(samples))
    assert len(test) == test_rows


@given(case=labels_and_test_rows(), shuffle=st.booleans(), seed=seeds)
def test_every_row_lands_in_exactly_one_part_when_stratified(
    case: tuple[list[str], int], shuffle: bool, seed: int
) -> None:
    labels, test_rows = case
    train, test = train_test_split(
        range(len(labels)), test_size=test_rows, stratify=labels, shuffle=shuffle, rng=seed
    )
    assert sorted([*train, *test]) == list(range(len(labels)))
    assert len(test) == test_rows


@given(sizes=samples_and_test_rows(), stratified=st.booleans(), seed=seeds)
def test_rows_of_different_arrays_stay_together(
    sizes: tuple[int, int], stratified: bool, seed: int
) -> None:
    samples, test_rows = sizes
    number = np.arange(samples)
    image = np.stack([number * 10, number * 10 + 1], axis=1)  # (samples, 2)
    word = np.array([f"row {i}" for i in number])
    # All of one class: stratifying then promises nothing but must not tear rows apart.
    stratify = np.zeros(samples) if stratified else None
    parts = train_test_split(number, image, word, test_size=test_rows, stratify=stratify, rng=seed)
    train_number, test_number, train_image, test_image, train_word, test_word = parts
    for numbers, images, words in (
        (train_number, train_image, train_word),
        (test_number, test_image, test_word),
    ):
        for i, row, name in zip(numbers, images, words, strict=True):
            assert row.tolist() == [10 * i, 10 * i + 1]
            assert name == f"row {i}"


@given(samples=st.integers(2, 500), percent=st.integers(1, 99))
@example(samples=100, percent=7)  # 0.07 * 100 is 7.000000000000001, whose ceiling is 8
@example(samples=50, percent=14)  # and 0.14 * 50 is 7.000000000000001 too
def test_a_fraction_is_rounded_up_to_whole_rows(samples: int, percent: int) -> None:
    wanted = 0
    while 100 * wanted < percent * samples:
        wanted += 1
    assume(wanted < samples)
    train, test = train_test_split(range(samples), test_size=percent / 100, rng=0)
    assert (len(train), len(test)) == (samples - wanted, wanted)


def test_a_quarter_is_the_default() -> None:
    train, test = train_test_split(range(10))
    assert (len(train), len(test)) == (7, 3)


@pytest.mark.parametrize("size", [np.float32(0.1), np.float64(0.1), np.int64(3), Fraction(1, 10)])
def test_numbers_of_other_types_mean_the_same(size: object) -> None:
    train, test = train_test_split(range(30), test_size=size, rng=0)  # type: ignore[arg-type]
    assert (len(train), len(test)) == (27, 3)


@given(case=labels_and_test_rows(), shuffle=st.booleans(), seed=seeds)
def test_stratified_proportions_hold_to_within_one_sample_in_both_parts(
    case: tuple[list[str], int], shuffle: bool, seed: int
) -> None:
    labels, test_rows = case
    train, test = train_test_split(
        labels, test_size=test_rows, stratify=labels, shuffle=shuffle, rng=seed
    )
    for part in (train, test):
        for name, members in Counter(labels).items():
            fair = Fraction(members * len(part), len(labels))
            assert abs(Counter(part)[name] - fair) < 1


@given(case=labels_and_test_rows(most=6), seed=seeds)
def test_no_other_stratified_split_is_closer_to_the_proportions(
    case: tuple[list[str], int], seed: int
) -> None:
    labels, test_rows = case
    members = Counter(labels)
    names = sorted(members)
    fair = [Fraction(members[name] * test_rows, len(labels)) for name in names]

    def distance(allocation: tuple[int, ...]) -> Fraction:
        return sum((abs(a - f) for a, f in zip(allocation, fair, strict=True)), Fraction(0))

    allocations = itertools.product(*(range(members[name] + 1) for name in names))
    best = min(distance(a) for a in allocations if sum(a) == test_rows)
    _, test = train_test_split(labels, test_size=test_rows, stratify=labels, rng=seed)
    assert distance(tuple(Counter(test)[name] for name in names)) == best


@given(sizes=samples_and_test_rows())
def test_without_shuffle_the_last_rows_are_the_test(sizes: tuple[int, int]) -> None:
    samples, test_rows = sizes
    train, test = train_test_split(range(samples), test_size=test_rows, shuffle=False)
    assert [*train, *test] == list(range(samples))


@given(case=labels_and_test_rows())
def test_without_shuffle_the_last_rows_of_every_class_are_the_test(
    case: tuple[list[str], int],
) -> None:
    labels, test_rows = case
    train, test = train_test_split(
        range(len(labels)), test_size=test_rows, stratify=labels, shuffle=False
    )
    assert train.tolist() == sorted(train)
    assert test.tolist() == sorted(test)
    for name in set(labels):
        of_train = [i for i in train if labels[i] == name]
        of_test = [i for i in test if labels[i] == name]
        assert not of_train or not of_test or max(of_train) < min(of_test)


@given(seed=seeds, stratified=st.booleans())
def test_the_same_seed_gives_the_same_split(seed: int, stratified: bool) -> None:
    labels = ["a", "b"] * 10 if stratified else None

    def split(rng: np.random.Generator | int | None) -> list[int]:
        train, test = train_test_split(range(20), stratify=labels, rng=rng)
        return [*train, *test]

    expected = split(seed)
    assert split(seed) == expected
    assert split(np.random.default_rng(seed)) == expected
    with tinygrad_edu.seed(seed):
        assert split(None) == expected


def test_a_generator_goes_on_to_another_split() -> None:
    rng = np.random.default_rng(1)
    first, second = (train_test_split(range(50), rng=rng)[1].tolist() for _ in range(2))
    assert first != second


@pytest.mark.parametrize("stratify", [None, [0, 0, 0, 1, 1, 1]], ids=["plain", "stratified"])
def test_every_row_is_equally_likely_to_be_tested(stratify: list[int] | None) -> None:
    # Three test rows of two classes of three: one class gets the odd row, and either may.
    draws = 2000
    rng = np.random.default_rng(0)
    tested: Counter[int] = Counter()
    for _ in range(draws):
        tested.update(train_test_split(range(6), test_size=3, stratify=stratify, rng=rng)[1])
    five_deviations = 5 * (draws * 0.5 * 0.5) ** 0.5
    assert all(abs(tested[row] - draws / 2) < five_deviations for row in range(6))


@pytest.mark.parametrize("stratify", [None, [0] * 20 + [1] * 20], ids=["plain", "stratified"])
def test_shuffled_parts_do_not_keep_the_order(stratify: list[int] | None) -> None:
    train, test = train_test_split(range(40), test_size=20, stratify=stratify, rng=0)
    assert train.tolist() != sorted(train)
    assert test.tolist() != sorted(test)


@pytest.mark.parametrize("shuffle", [True, False])
def test_parts_are_copies(shuffle: bool) -> None:
    x = np.arange(8.0)
    for part in train_test_split(x, shuffle=shuffle, rng=0):
        part[:] = -1
    np.testing.assert_array_equal(x, np.arange(8.0))


def test_a_dataset_counts_as_features_and_targets() -> None:
    iris = load("iris")
    whole = train_test_split(iris, test_size=30, stratify=iris.targets, rng=5)
    unpacked = train_test_split(*iris, test_size=30, stratify=iris.targets, rng=5)
    assert [part.shape for part in whole] == [(120, 4), (30, 4), (120,), (30,)]
    for one, other in zip(whole, unpacked, strict=True):
        np.testing.assert_array_equal(one, other)
    assert Counter(whole[3].tolist()) == {0: 10, 1: 10, 2: 10}


def test_splitting_nothing_is_refused() -> None:
    with pytest.raises(ArgumentError, match="no arrays"):
        train_test_split()


def test_arrays_of_different_lengths_are_refused_with_their_shapes() -> None:
    with pytest.raises(ShapeError, match=r"5, 4 rows.*\(5, 2\), \(4,\)") as caught:
        train_test_split(np.zeros((5, 2)), np.zeros(4))
    assert caught.value.shapes == ((5, 2), (4,))
    assert caught.value.fix is not None
    x, y = eval(caught.value.fix, {"x": np.zeros((5, 2)), "y": np.zeros(4)})
    assert len(train_test_split(x, y)) == 4


def test_a_single_number_has_no_rows_to_split() -> None:
    with pytest.raises(ShapeError, match=r"array 1 has shape \(\)"):
        train_test_split([1, 2], 3)


@pytest.mark.parametrize(
    "size", [0, 10, 11, -1, 0.0, 1.0, -0.5, 1.5, 3.0, 0.95, float("nan"), True, "0.5", None]
)
def test_a_test_size_that_leaves_a_part_empty_is_refused(size: object) -> None:
    with pytest.raises(ArgumentError, match="test_size=") as caught:
        train_test_split(range(10), range(10), test_size=size)  # type: ignore[arg-type]
    x = y = range(10)
    assert caught.value.fix is not None
    parts = eval(caught.value.fix, {"train_test_split": train_test_split, "x": x, "y": y})
    assert len(parts) == 4


@pytest.mark.parametrize("samples", [0, 1])
def test_fewer_than_two_rows_cannot_be_split(samples: int) -> None:
    with pytest.raises(ArgumentError, match=f"cannot split {samples} rows"):
        train_test_split(range(samples))


def test_a_class_with_one_member_is_named() -> None:
    with pytest.raises(ArgumentError, match="class owl of stratify has a single member"):
        train_test_split(range(5), stratify=["cat", "cat", "owl", "dog", "dog"])


@pytest.mark.parametrize("labels", [[0, 1, 0], [[0], [1], [0], [1]], 0])
def test_stratify_must_label_every_row_once(labels: object) -> None:
    with pytest.raises(ShapeError, match=r"stratify has shape .* 4 rows"):
        train_test_split(range(4), stratify=labels)  # type: ignore[arg-type]
