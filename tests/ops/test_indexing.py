"""Adding into repeated places, by whichever road: few or many, single elements or rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

RNG = np.random.default_rng(4)
KEYS: list[Any] = [
    ((50, 3), RNG.integers(-50, 50, 7)),
    ((5, 3), RNG.integers(-5, 5, 40)),
    ((5, 3, 2), RNG.integers(0, 5, (4, 3))),
    ((5,), RNG.integers(-5, 5, 40)),
    ((5000,), RNG.integers(0, 5000, 3)),
    ((40, 30), (RNG.integers(0, 40, 3), slice(None, 2))),
    ((40, 30), (np.array([1, 1, 1]), np.array([0, 0, 29]))),
    ((4, 3), (slice(None), RNG.integers(-3, 3, 9))),
    ((4, 3), RNG.random((4, 3)) > 0.5),
    ((4, 3), np.array([True, False, True, False])),
    ((2, 0), np.array([1, 1])),
    ((3, 2), np.zeros(0, int)),
    ((3, 2), np.array(1)),
    ((3, 2), RNG.integers(0, 3, 4).astype(np.uint8)),
]


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize(("shape", "key"), KEYS, ids=[str(k) for k in range(len(KEYS))])
def test_scatter_add_adds_up_what_falls_on_one_place(shape: Any, key: Any, kind: Any) -> None:
    values = RNG.integers(-9, 9, np.zeros(shape)[key].shape).astype(kind)
    wanted = np.zeros(shape, kind)
    for place, value in zip(np.ndindex(values.shape), values.ravel(), strict=True):
        number = np.arange(wanted.size).reshape(shape)[key][place]
        wanted.reshape(-1)[number] += value
    np.testing.assert_array_equal(tg.scatter_add(values, shape, key), wanted, strict=True)


@pytest.mark.parametrize("index", [5, -6, 10**9])
def test_a_row_that_is_not_there_is_refused_by_value_and_gradient(index: int) -> None:
    with pytest.raises(tg.errors.IndexingError):
        tg.scatter_add(np.ones((1, 2)), (5, 2), np.array([index]))
    with pytest.raises(tg.errors.IndexingError):
        tg.take(tg.Tensor(np.ones((5, 2))), [index], axis=0)


def test_an_unsigned_index_of_eight_bits_names_rows_beyond_its_range_of_elements() -> None:
    """Row 200 of 100 columns starts at element 20000."""
    x = tg.Tensor(np.ones((255, 100)), requires_grad=True)
    tg.take(x, np.array([200, 200], np.uint8), axis=0).sum().backward()
    tg.getitem(x, np.array([200], np.uint8)).sum().backward()
    wanted = np.zeros((255, 100))
    wanted[200] = 3.0
    np.testing.assert_array_equal(x.grad, wanted)
