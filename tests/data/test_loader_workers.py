"""Batches prepared ahead: threads change when, never what; all follows from one generator."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.data import DataLoader, Subset, TensorDataset
from tinygrad_edu.errors import ArgumentError, DataError, ShapeError
from tinygrad_edu.seeding import generator

seeds = st.integers(0, 2**32 - 1)


class Squares:
    """A data set that makes its samples when asked, some of it by chance."""

    def __init__(self, samples: int) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return self.samples

    def __getitem__(self, row: int) -> tuple[Any, ...]:
        if not 0 <= row < self.samples:
            raise IndexError(row)
        return np.full((2, 3), row / 2), row**2, generator().random()


def jitter(x: Any, rng: np.random.Generator) -> Any:
    return x + rng.standard_normal(x.shape)


def forgetful(x: Any) -> Any:
    return x + generator().standard_normal(x.shape)  # of tg.seed, if nobody sees to it


def numbers(batches: Any) -> list[list[bytes]]:
    return [[array.tobytes() for array in batch] for batch in batches]


@settings(max_examples=30)
@given(
    rows=st.integers(0, 30),
    batch_size=st.integers(1, 9),
    workers=st.integers(1, 4),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    transform=st.sampled_from([None, jitter, forgetful]),
    own=st.booleans(),
    seed=seeds,
)
def test_threads_give_the_same_bits_epoch_after_epoch(
    rows: int, batch_size: int, workers: int, shuffle: bool, drop_last: bool,
    transform: Callable[..., Any] | None, own: bool, seed: int,
) -> None:  # fmt: skip
    source: Any = Squares(rows) if own else TensorDataset(np.arange(rows) / 2, np.arange(rows))
    alone, together = (
        DataLoader(
            source,
            batch_size=batch_size,
            shuffle=shuffle,
            drop_last=drop_last,
            transform=transform,
            workers=count,
            rng=seed,
        )
        for count in (0, workers)
    )
    for _ in range(2):
        assert numbers(alone) == numbers(together)


@pytest.mark.parametrize("workers", [0, 3])
@pytest.mark.parametrize("transform", [jitter, forgetful])
def test_preparing_batches_leaves_the_stream_of_tg_seed_alone(
    workers: int, transform: Callable[..., Any]
) -> None:
    tg.seed(5)
    loader = DataLoader(np.zeros((20, 2)), batch_size=3, transform=transform, workers=workers)
    before = generator().bit_generator.state
    list(loader)
    assert generator().bit_generator.state == before


@pytest.mark.parametrize("workers", [0, 2])
def test_the_generator_before_an_epoch_decides_all_of_it(workers: int) -> None:
    loader = DataLoader(
        np.zeros((12, 2)), batch_size=5, shuffle=True, transform=jitter, workers=workers, rng=0
    )
    list(loader)
    assert loader.rng is not None
    state = loader.rng.bit_generator.state
    expected = numbers(loader)
    loader.rng.bit_generator.state = state
    assert numbers(loader) == expected
    assert numbers(loader) != expected


def test_an_epoch_begun_elsewhere_does_not_move_this_one() -> None:
    loader = DataLoader(np.zeros((12, 1)), batch_size=4, transform=jitter, rng=0)
    first, second = iter(loader), iter(loader)
    mixed = [(next(first), next(second)) for _ in range(3)]
    again = DataLoader(np.zeros((12, 1)), batch_size=4, transform=jitter, rng=0)
    assert numbers(a for a, _ in mixed) == numbers(again)
    assert numbers(b for _, b in mixed) == numbers(again)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_an_error_in_a_thread_comes_at_its_batch(workers: int) -> None:
    class Broken(Squares):
        def __getitem__(self, row: int) -> tuple[Any, ...]:
            if row == 7:
                raise OSError("sample 7 is damaged")
            return super().__getitem__(row)

    batches = iter(DataLoader(Broken(12), batch_size=2, workers=workers))
    assert [next(batches)[1].tolist() for _ in range(3)] == [[0, 1], [4, 9], [16, 25]]
    with pytest.raises(OSError, match="sample 7"):
        next(batches)
    with pytest.raises(StopIteration):
        next(batches)


def test_threads_end_with_the_loop_also_if_it_is_left_early() -> None:
    before = threading.active_count()
    for _ in DataLoader(Squares(40), batch_size=2, workers=3):
        break
    assert threading.active_count() == before


def test_threads_prepare_no_more_than_two_batches_each_ahead() -> None:
    asked: list[int] = []

    class Counted(Squares):
        def __getitem__(self, row: int) -> tuple[Any, ...]:
            asked.append(row)
            return super().__getitem__(row)

    batches = iter(DataLoader(Counted(40), batch_size=1, workers=2))
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert len(asked) <= 1 + 2 * 2


def test_no_grad_holds_in_the_threads() -> None:
    seen = []

    def look(x: Any) -> Any:
        seen.append(tg.is_grad_enabled())
        return x

    with tg.no_grad():
        list(DataLoader([[1.0]], transform=look, workers=1))
    list(DataLoader([[1.0]], transform=look, workers=1))
    assert seen == [False, True]


def test_a_transform_changes_the_inputs_only_and_keeps_the_dtype() -> None:
    loader = DataLoader(
        np.ones((4, 2)), np.ones(4), transform=lambda x: np.float64(3) * x.astype(float)
    )
    ((x, y),) = loader
    assert x.dtype == np.float32
    assert x.tolist() == [[3, 3]] * 4
    assert y.tolist() == [1] * 4
    assert next(iter(DataLoader(loader.dataset)))[0].tolist() == [[1, 1]] * 4


def test_a_transform_that_loses_rows_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"made \(1, 2\) of inputs of shape \(3, 2\)"):
        list(DataLoader(np.ones((3, 2)), transform=lambda x: x[:1]))


def test_samples_of_different_shapes_are_named() -> None:
    class Ragged(Squares):
        def __getitem__(self, row: int) -> tuple[Any, ...]:
            return np.zeros(3 + (row == 2)), row

    with pytest.raises(ShapeError, match=r"sample 0 has shape \(3,\), that of sample 2 \(4,\)"):
        list(DataLoader(Ragged(4)))


def test_samples_with_different_numbers_of_parts_are_refused() -> None:
    class Uneven(Squares):
        def __getitem__(self, row: int) -> tuple[Any, ...]:
            return (row,) * (1 + row)

    with pytest.raises(DataError, match=r"different numbers of parts: \[1, 2\]"):
        list(DataLoader(Uneven(2)))


@given(rows=st.lists(st.integers(-6, 5), max_size=12), seed=seeds)
def test_a_subset_of_a_subset_is_what_plain_indexing_gives(rows: list[int], seed: int) -> None:
    x = np.random.default_rng(seed).random((6, 2))
    part = Subset(TensorDataset(x, np.arange(6)), rows)
    assert len(part) == len(rows)
    for k, row in enumerate(rows):
        assert part[k][0].tolist() == x[row].tolist()
    if rows:
        whole = Subset(part, np.arange(len(rows))[::-1])
        ((found, labels),) = DataLoader(whole, batch_size=20, dtype=np.float64)
        np.testing.assert_array_equal(found, x[rows][::-1])
        assert labels.tolist() == [row % 6 for row in rows][::-1]


def test_a_subset_knows_only_rows_that_exist() -> None:
    with pytest.raises(ArgumentError, match="row 6 does not exist: there are 6 samples, 0 to 5"):
        Subset(TensorDataset(np.arange(6)), [0, 6])
    with pytest.raises(ArgumentError, match="integers, got bool"):
        Subset(TensorDataset(np.arange(2)), [True, False])


def test_a_data_set_with_numbers_stands_alone() -> None:
    with pytest.raises(ArgumentError, match="stands alone, got 2"):
        DataLoader(Squares(3), np.arange(3))


@pytest.mark.parametrize("workers", [-1, 1.5, True, None])
def test_a_number_of_threads_is_whole(workers: Any) -> None:
    with pytest.raises(ArgumentError, match="workers="):
        DataLoader([1], workers=workers)


def test_a_transform_is_a_function() -> None:
    with pytest.raises(ArgumentError, match="is not a function"):
        DataLoader([1], transform="flip")  # type: ignore[arg-type]
