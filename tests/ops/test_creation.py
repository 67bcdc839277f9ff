"""New Tensors: values, types, what is shared, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg

SIZES = st.integers(0, 4)
SHAPES: list[Any] = [(), 0, 3, (2, 3), (0, 2), [2, 1], np.int64(2)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [None, np.float32, "int8", bool, np.dtype(np.uint64)], ids=str)
def test_constant_arrays_have_numpys_shape_type_and_values(shape: Any, dtype: Any) -> None:
    for ours, numpys in [(tg.zeros, np.zeros), (tg.ones, np.ones), (tg.empty, np.zeros)]:
        found = ours(shape, dtype=dtype)
        assert isinstance(found, tg.Tensor)
        np.testing.assert_array_equal(found.data, numpys(shape, dtype), strict=True)
    found = tg.full(shape, 1, dtype=dtype)
    np.testing.assert_array_equal(found.data, np.full(shape, 1, dtype), strict=True)


@pytest.mark.parametrize("value", [True, 3, 2.5, 1j, np.float32(2)])
def test_full_takes_its_type_from_the_number(value: Any) -> None:
    np.testing.assert_array_equal(tg.full(2, value).data, np.full(2, value), strict=True)


@pytest.mark.parametrize("dtype", [None, "float32"])
def test_likes_take_shape_and_type_from_arrays_tensors_and_lists(dtype: Any) -> None:
    for x in (np.ones((2, 1), np.int16), tg.Tensor(np.ones((2, 1), np.int16)), [[1], [2]]):
        model = x.data if isinstance(x, tg.Tensor) else x
        for ours, numpys in [(tg.zeros_like, np.zeros_like), (tg.ones_like, np.ones_like)]:
            expected = numpys(model, dtype)
            np.testing.assert_array_equal(ours(x, dtype=dtype).data, expected, strict=True)
        assert tg.empty_like(x, dtype=dtype).dtype == np.empty_like(model, dtype).dtype
        expected = np.full_like(model, 7, dtype)
        np.testing.assert_array_equal(tg.full_like(x, 7, dtype=dtype).data, expected, strict=True)


def test_what_is_made_can_be_a_leaf_to_differentiate_for() -> None:
    assert not tg.zeros(2).requires_grad
    for made in (
        tg.zeros(2, requires_grad=True),
        tg.ones_like([1.0, 1.0], requires_grad=True),
        tg.full(2, 3.0, requires_grad=True),
        tg.linspace(0, 1, 2, requires_grad=True),
        tg.eye(2, requires_grad=True),
        tg.random.normal(2, requires_grad=True, rng=0),
    ):
        (made * 2.0).sum().backward()
        np.testing.assert_array_equal(made.grad, np.full(made.shape, 2.0))
    with pytest.raises(tg.errors.DTypeError):
        tg.arange(3, requires_grad=True)


def test_full_of_a_tensor_sends_back_the_sum() -> None:
    value = tg.Tensor(2.0, requires_grad=True)
    found = tg.full((2, 3), value)
    np.testing.assert_array_equal(found.data, np.full((2, 3), 2.0))
    found.backward(np.arange(6.0).reshape(2, 3))
    assert value.grad == 15.0


@given(start=st.integers(-9, 9), stop=st.integers(-9, 9), step=st.integers(-3, 3))
def test_arange_of_whole_numbers_is_pythons_range(start: int, stop: int, step: int) -> None:
    if step == 0:
        with pytest.raises(tg.errors.ArgumentError):
            tg.arange(start, stop, step)
        return
    assert tg.arange(start, stop, step).data.tolist() == list(range(start, stop, step))


def test_arange_and_linspace_take_numpys_types() -> None:
    assert tg.arange(3).dtype == np.arange(3).dtype
    assert tg.arange(3.0).dtype == np.float64
    assert tg.arange(0, 3, dtype=tg.float32).dtype == np.float32
    assert tg.linspace(0, 3, 4).dtype == np.float64
    np.testing.assert_array_equal(tg.linspace(0, 1, 4, endpoint=False).data, [0.0, 0.25, 0.5, 0.75])
    assert tg.linspace(0, 1, num=1).data.tolist() == [0.0]
    assert tg.arange(tg.Tensor(3)).data.tolist() == [0, 1, 2]


@given(rows=SIZES, columns=st.none() | SIZES, k=st.integers(-6, 6))
def test_eye_has_ones_on_one_diagonal(rows: int, columns: int | None, k: int) -> None:
    width = rows if columns is None else columns
    expected = np.array([[float(j - i == k) for j in range(width)] for i in range(rows)])
    np.testing.assert_array_equal(tg.eye(rows, columns, k=k).data, expected.reshape(rows, width))


@pytest.mark.parametrize("axis", [-1, 0, 1, 2, -3])
def test_one_hot_puts_the_classes_on_an_axis(axis: int) -> None:
    labels = np.array([[0, 2, 1], [1, 1, 0]])
    found = tg.one_hot(labels, 4, axis=axis, dtype=tg.float32)
    moved = np.moveaxis(found.data, axis, -1)
    assert moved.dtype == np.float32
    for place in np.ndindex(labels.shape):
        assert moved[place].tolist() == [float(j == labels[place]) for j in range(4)]


def test_one_hot_counts_the_classes_itself() -> None:
    assert tg.one_hot(tg.Tensor([0, 2])).shape == (2, 3)
    assert tg.one_hot(np.uint8(3)).data.tolist() == [0.0, 0.0, 0.0, 1.0]
    assert tg.one_hot([]).shape == (0, 0)
    assert tg.one_hot([], 3).shape == (0, 3)


# ---------------------------------------------------------------------------- asarray


def test_asarray_shares_memory_unless_told_to_copy() -> None:
    x = np.zeros(2)
    shared, kept, copied = tg.asarray(x), tg.asarray(x, copy=False), tg.asarray(x, copy=True)
    x[0] = 1.0
    assert (shared.data[0], kept.data[0], copied.data[0]) == (1.0, 1.0, 0.0)
    t = tg.Tensor(x)
    assert tg.asarray(t) is t
    assert tg.asarray(t, copy=False) is t
    assert not np.shares_memory(tg.asarray(t, copy=True).data, t.data)


@pytest.mark.parametrize("given", [[1.0, 2.0], 3.0, np.ones(2, np.float32), tg.Tensor([1, 2])])
def test_asarray_without_a_copy_refuses_what_needs_one(given: Any) -> None:
    with pytest.raises(ValueError, match="copy"):
        tg.asarray(given, dtype=tg.float64, copy=False)


def test_asarray_of_a_tensor_stays_on_the_record() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    for made in (tg.asarray(x, dtype=tg.float32), tg.asarray(x, copy=True)):
        (gradient,) = tg.Tape().gradient((made * made).sum(), [x])
        np.testing.assert_array_equal(gradient.data, [2.0, 4.0])


def test_asarray_makes_a_leaf_of_a_constant_without_touching_it() -> None:
    constant = tg.Tensor([1.0]) * 2.0
    leaf = tg.asarray(constant, requires_grad=True)
    leaf.data[0] = 5.0
    assert leaf.requires_grad
    assert constant.item() == 2.0


# ---------------------------------------------------------------------------- DLPack


def test_numpy_reads_a_leaf_by_dlpack_without_a_copy_and_a_result_with_one() -> None:
    leaf = tg.Tensor([1.0, 2.0])
    assert np.shares_memory(np.from_dlpack(leaf), leaf.data)
    result = leaf * 2.0
    taken = np.from_dlpack(result)
    assert not np.shares_memory(taken, result.data)
    np.testing.assert_array_equal(taken, [2.0, 4.0])
    assert leaf.__dlpack_device__() == (1, 0)


def test_from_dlpack_shares_or_copies() -> None:
    x = np.zeros(2)
    shared, copied = tg.from_dlpack(x), tg.from_dlpack(x, copy=True)
    x[0] = 1.0
    assert (shared.data[0], copied.data[0]) == (1.0, 0.0)


def test_dlpack_refuses_to_lose_a_gradient() -> None:
    x = tg.Tensor([1.0], requires_grad=True)
    with pytest.raises(tg.errors.TinygradError, match="gradient"):
        np.from_dlpack(x)
    with tg.no_grad():
        assert np.from_dlpack(x).tolist() == [1.0]


# ---------------------------------------------------------------------------- refusals

REFUSED = {
    "negative size": (lambda: tg.zeros(-1), tg.errors.ShapeError),
    "fractional size": (lambda: tg.ones((2, 1.5)), tg.errors.ShapeError),
    "size as text": (lambda: tg.full("3", 1.0), tg.errors.ShapeError),
    "type of text": (lambda: tg.zeros(2, dtype=str), tg.errors.DTypeError),
    "no type": (lambda: tg.zeros(2, dtype="floaty"), tg.errors.DTypeError),
    "array to fill with": (lambda: tg.full(2, [1.0, 2.0]), tg.errors.ShapeError),
    "other device": (lambda: tg.zeros(2, device="cuda"), tg.errors.ArgumentError),
    "moved elsewhere": (lambda: tg.zeros(2).to_device("gpu:0"), tg.errors.ArgumentError),
    "converted elsewhere": (
        lambda: tg.astype(tg.zeros(2), tg.float32, device="gpu"),
        tg.errors.ArgumentError,
    ),
    "endless range": (lambda: tg.arange(0, 1, 0), tg.errors.ArgumentError),
    "infinite range": (lambda: tg.arange(0, float("inf")), tg.errors.ArgumentError),
    "range of an array": (lambda: tg.arange([1, 2]), tg.errors.ArgumentError),
    "negative count": (lambda: tg.linspace(0, 1, -1), tg.errors.ArgumentError),
    "fractional count": (lambda: tg.linspace(0, 1, 2.5), tg.errors.ArgumentError),
    "negative rows": (lambda: tg.eye(-1), tg.errors.ArgumentError),
    "fractional class": (lambda: tg.one_hot([0.5]), tg.errors.DTypeError),
    "negative class": (lambda: tg.one_hot([-1, 0]), tg.errors.IndexingError),
    "class too large": (lambda: tg.one_hot([3], 3), tg.errors.IndexingError),
    "axis of classes": (lambda: tg.one_hot([1], axis=2), tg.errors.IndexingError),
}


@pytest.mark.parametrize("call, kind", REFUSED.values(), ids=REFUSED)
def test_impossible_requests_are_refused_in_our_words(call: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        call()


# ---------------------------------------------------------------------------- parts of numbers


def test_parts_of_real_numbers_differentiate() -> None:
    x = tg.Tensor([1.0, -2.0], requires_grad=True)
    for part, slope in [(tg.real, 1.0), (tg.conj, 1.0), (tg.imag, 0.0)]:
        (gradient,) = tg.Tape().gradient(part(x).sum(), [x])
        np.testing.assert_array_equal(gradient.data, [slope, slope])


def test_parts_of_complex_numbers_are_numpys() -> None:
    x = np.array([1 + 2j, -3.5j], np.complex64)
    for name in ("real", "imag", "conj"):
        expected = getattr(np, name)(x)
        np.testing.assert_array_equal(getattr(tg, name)(x), expected, strict=True)
        np.testing.assert_array_equal(getattr(tg, name)(tg.Tensor(x)).data, expected, strict=True)


def test_reshape_copies_or_refuses_to_as_told() -> None:
    x = np.arange(6.0).reshape(2, 3)
    assert np.shares_memory(tg.reshape(x, 6), x)
    assert np.shares_memory(tg.reshape(x, 6, copy=False), x)
    assert not np.shares_memory(tg.reshape(x, 6, copy=True), x)
    assert tg.Tensor(x).reshape(3, 2, copy=True).shape == (3, 2)
    with pytest.raises(tg.errors.ArgumentError, match="copy"):
        tg.reshape(x.T, 6, copy=False)
    with pytest.raises(tg.errors.ShapeError):
        tg.reshape(x, 5, copy=False)


def test_searchsorted_takes_a_tensor_as_sorter() -> None:
    x = tg.Tensor([3.0, 1.0, 2.0])
    assert tg.searchsorted(x, tg.Tensor([2.5]), sorter=tg.argsort(x)).data.tolist() == [2]
