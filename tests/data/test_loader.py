"""Batches: every row once per epoch, rows kept together, orders that a seed repeats."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import DTypeLike

import tinygrad_edu
from tinygrad_edu.data import DataLoader, load
from tinygrad_edu.errors import ArgumentError, ShapeError

samples = st.integers(0, 40)
batch_sizes = st.integers(1, 45)
seeds = st.integers(0, 2**32 - 1)


def _order(loader: DataLoader) -> list[int]:
    """The rows of one epoch of a loader over the row numbers."""
    return [row for (batch,) in loader for row in batch.tolist()]


@given(rows=samples, batch_size=batch_sizes, drop_last=st.booleans())
def test_batches_in_order_are_what_dealing_rows_one_by_one_gives(
    rows: int, batch_size: int, drop_last: bool
) -> None:
    piles: list[list[int]] = []
    for row in range(rows):
        if not piles or len(piles[-1]) == batch_size:
            piles.append([])
        piles[-1].append(row)
    if drop_last and piles and len(piles[-1]) < batch_size:
        piles.pop()
    loader = DataLoader(np.arange(rows), batch_size=batch_size, drop_last=drop_last)
    assert [batch.tolist() for (batch,) in loader] == piles


@given(rows=samples, batch_size=batch_sizes, drop_last=st.booleans(), shuffle=st.booleans())
def test_len_counts_the_batches(rows: int, batch_size: int, drop_last: bool, shuffle: bool) -> None:
    loader = DataLoader(
        np.arange(rows), batch_size=batch_size, drop_last=drop_last, shuffle=shuffle, rng=0
    )
    assert len(loader) == sum(1 for _ in loader)


@given(rows=samples, batch_size=batch_sizes, seed=seeds)
def test_a_shuffled_epoch_has_every_row_once(rows: int, batch_size: int, seed: int) -> None:
    loader = DataLoader(np.arange(rows), batch_size=batch_size, shuffle=True, rng=seed)
    for _ in range(2):
        assert sorted(_order(loader)) == list(range(rows))


@given(rows=samples, batch_size=batch_sizes, seed=seeds)
def test_drop_last_leaves_out_fewer_rows_than_a_batch(
    rows: int, batch_size: int, seed: int
) -> None:
    numbers = np.arange(rows)
    loader = DataLoader(numbers, batch_size=batch_size, shuffle=True, drop_last=True, rng=seed)
    batches = [batch for (batch,) in loader]
    assert all(len(batch) == batch_size for batch in batches)
    seen = [row for batch in batches for row in batch.tolist()]
    assert len(set(seen)) == len(seen)
    assert 0 <= rows - len(seen) < batch_size


@given(rows=samples, batch_size=batch_sizes, seed=seeds)
def test_rows_of_different_arrays_share_their_batch(rows: int, batch_size: int, seed: int) -> None:
    number = np.arange(rows)
    image = np.stack([number, -number], axis=1).reshape(rows, 2, 1) / 2
    loader = DataLoader(number, image, batch_size=batch_size, shuffle=True, rng=seed)
    for numbers, images in loader:
        assert images.shape == (len(numbers), 2, 1)
        assert [list(pair) for pair in images[:, :, 0]] == [[i / 2, -i / 2] for i in numbers]


@given(seed=seeds)
def test_the_same_seed_gives_the_same_epochs(seed: int) -> None:
    first = DataLoader(np.arange(20), shuffle=True, rng=seed)
    second = DataLoader(np.arange(20), shuffle=True, rng=np.random.default_rng(seed))
    assert [_order(first) for _ in range(3)] == [_order(second) for _ in range(3)]


def test_every_epoch_has_a_new_order_and_another_seed_other_orders() -> None:
    # 50 rows: an order repeats by chance once in 50! draws.
    loader = DataLoader(np.arange(50), shuffle=True, rng=0)
    other = DataLoader(np.arange(50), shuffle=True, rng=1)
    orders = [_order(loader) for _ in range(4)] + [_order(other)]
    assert len({tuple(order) for order in orders}) == 5


def test_tg_seed_makes_the_epochs_repeatable() -> None:
    epochs = []
    for number in (3, 3, 4):
        with tinygrad_edu.seed(number):
            loader = DataLoader(np.arange(30), shuffle=True)
        epochs.append([_order(loader) for _ in range(2)])
    assert epochs[0] == epochs[1]
    assert epochs[0] != epochs[2]


def test_orders_do_not_depend_on_what_else_is_drawn_meanwhile() -> None:
    """The loader's generator is its own: dropout between two epochs leaves the orders alone."""
    epochs = []
    for other_draws in (0, 7):
        with tinygrad_edu.seed(3) as shared:
            loader = DataLoader(np.arange(30), shuffle=True)
            first = _order(loader)
            shared.random(other_draws)
            epochs.append((first, _order(loader)))
    assert epochs[0] == epochs[1]


def test_epochs_do_not_change_what_is_drawn_elsewhere() -> None:
    draws = []
    for repetitions in (0, 3):
        with tinygrad_edu.seed(3) as shared:
            loader = DataLoader(np.arange(30), shuffle=True)
            for _ in range(repetitions):
                _order(loader)
            draws.append(shared.random())
    assert draws[0] == draws[1]


def test_a_loader_in_order_draws_nothing() -> None:
    with tinygrad_edu.seed(3) as shared:
        loader = DataLoader(np.arange(5))
        assert _order(loader) == [0, 1, 2, 3, 4]
        assert loader.rng is None
        assert shared.random() == np.random.default_rng(3).random()


def test_the_generator_state_resumes_the_epochs() -> None:
    loader = DataLoader(np.arange(30), shuffle=True, rng=0)
    _order(loader)
    assert loader.rng is not None
    state = loader.rng.bit_generator.state
    rest = [_order(loader) for _ in range(2)]
    resumed = DataLoader(np.arange(30), shuffle=True, rng=99)
    assert resumed.rng is not None
    resumed.rng.bit_generator.state = state
    assert [_order(resumed) for _ in range(2)] == rest


def test_nested_loops_each_see_a_whole_epoch() -> None:
    loader = DataLoader(np.arange(7), batch_size=2, shuffle=True, rng=0)
    outer_rows: list[int] = []
    for (outer,) in loader:
        outer_rows += outer.tolist()
        assert sorted(_order(loader)) == list(range(7))
    assert sorted(outer_rows) == list(range(7))


def test_the_order_belongs_to_the_loop_that_asked_first() -> None:
    loader = DataLoader(np.arange(30), shuffle=True, rng=0)
    first, second = iter(loader), iter(loader)
    rows_of_second = [row for (batch,) in second for row in batch.tolist()]
    rows_of_first = [row for (batch,) in first for row in batch.tolist()]
    again = DataLoader(np.arange(30), shuffle=True, rng=0)
    assert [rows_of_first, rows_of_second] == [_order(again), _order(again)]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, "float64"])
@pytest.mark.parametrize("given", [np.float16, np.float32, np.float64])
def test_floating_arrays_are_cast_to_the_dtype(given: DTypeLike, dtype: DTypeLike) -> None:
    ((batch,),) = DataLoader(np.array([0.5, 1.25], dtype=given), dtype=dtype)
    assert batch.dtype == np.dtype(dtype)
    assert batch.tolist() == [0.5, 1.25]


def test_float32_is_the_default_dtype() -> None:
    ((batch,),) = DataLoader([0.1, 0.2])
    np.testing.assert_array_equal(batch, np.array([0.1, 0.2], dtype=np.float32))
    assert batch.dtype == np.float32


@pytest.mark.parametrize("given", [np.int64, np.int8, np.uint8, np.bool_, "<U3"])
def test_arrays_that_are_not_floating_keep_their_dtype(given: DTypeLike) -> None:
    labels = np.array([1, 0, 1]).astype(given)
    ((batch,),) = DataLoader(labels, dtype=np.float64)
    assert batch.dtype == labels.dtype
    np.testing.assert_array_equal(batch, labels)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("shuffle", [True, False])
def test_neither_the_source_nor_a_batch_is_shared_with_the_loader(
    dtype: DTypeLike, shuffle: bool
) -> None:
    source = np.arange(6).astype(dtype)
    loader = DataLoader(source, batch_size=6, shuffle=shuffle, rng=0)
    source[:] = -1
    for _ in range(2):
        ((batch,),) = loader
        assert sorted(batch.tolist()) == [0, 1, 2, 3, 4, 5]
        batch[:] = -2


def test_a_dataset_gives_batches_of_features_and_targets() -> None:
    iris = load("iris")
    loader = DataLoader(iris, batch_size=64)
    assert len(loader) == 3
    batches = list(loader)
    assert [features.shape for features, _ in batches] == [(64, 4), (64, 4), (22, 4)]
    np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), iris.targets)
    assert batches[0][0].dtype == np.float32
    assert batches[0][1].dtype == np.int64


def test_the_representation_tells_the_size_of_an_epoch() -> None:
    text = repr(DataLoader(np.arange(70), shuffle=True))
    assert text == "DataLoader(70 rows, 3 batches of 32, shuffled)"
    assert repr(DataLoader([1, 2])) == "DataLoader(2 rows, 1 batches of 32, in order)"


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, True, None, "32"])
def test_a_batch_size_that_is_not_a_positive_int_is_refused(batch_size: object) -> None:
    with pytest.raises(ArgumentError, match="batch_size="):
        DataLoader([1, 2], batch_size=batch_size)  # type: ignore[arg-type]


def test_numpy_integers_are_batch_sizes_too() -> None:
    assert len(DataLoader(np.arange(5), batch_size=np.int32(2))) == 3  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [np.int64, bool, complex, None])
def test_a_dtype_that_is_not_floating_is_refused(dtype: DTypeLike) -> None:
    with pytest.raises(ArgumentError, match="is not a floating dtype"):
        DataLoader([1.0], dtype=dtype)


def test_loading_nothing_is_refused() -> None:
    with pytest.raises(ArgumentError, match="no arrays"):
        DataLoader()


def test_loader_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ShapeError, match="3, 2 rows"):
        DataLoader([1, 2, 3], [1, 2])


def test_a_single_number_has_no_rows_to_batch() -> None:
    with pytest.raises(ShapeError, match=r"array 0 has shape \(\)"):
        DataLoader(3.0)
