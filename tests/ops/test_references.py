"""Values against obvious loops, and against NumPy's own rules for types, shapes and emptiness."""

from __future__ import annotations

import itertools
import math
import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tests.ops.references import REDUCE
from tests.ops.references.loops import loops, reduced
from tests.ops.references.matrices import product
from tests.ops.references.softmax import log_softmax
from tinygrad_edu import ops
from tinygrad_edu.autodiff import registry

X = np.random.default_rng(11).normal(size=(2, 3, 4))
AXES = [None, 0, 1, -1, -3, (0, 2), (-1, 0), (1,), (0, 1, 2), ()]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "var", "std", "any", "all"])
def test_reductions_equal_a_loop_over_every_axis_form(name: str, axis: Any, keepdims: bool) -> None:
    x = np.where(X > 1, 0.0, X)
    expected = reduced(REDUCE[name], x, axis, keepdims)
    found = getattr(tg, name)(x, axis=axis, keepdims=keepdims)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.astype(float), expected.astype(float), rtol=1e-13, atol=1e-15)
    method = getattr(tg.Tensor(x), name)(axis=axis, keepdims=keepdims)
    np.testing.assert_array_equal(method.data, found)


@pytest.mark.parametrize("correction", [0, 1, 0.5])
def test_variance_divides_by_count_minus_correction(correction: float) -> None:
    squares = sum((v - X.mean()) ** 2 for v in X.flat)
    expected = squares / (X.size - correction)
    np.testing.assert_allclose(tg.var(X, correction=correction), expected, rtol=1e-13)
    np.testing.assert_allclose(tg.std(X, correction=correction), math.sqrt(expected), rtol=1e-13)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_position_of_extremum_is_the_first(name: str, axis: int | None, keepdims: bool) -> None:
    x = np.array([[3.0, 1.0, 3.0], [1.0, 1.0, 3.0]])
    found = getattr(tg, name)(x, axis=axis, keepdims=keepdims)
    np.testing.assert_array_equal(found, getattr(np, name)(x, axis=axis, keepdims=keepdims))
    assert found.dtype.kind == "i"


@pytest.mark.parametrize(
    "left, right",
    [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3, 4)),
        ((5, 2, 3), (3, 4)),
        ((3,), (5, 3, 2)),
        ((5, 2, 3), (3,)),
        ((2, 1, 2, 3), (4, 3, 1)),
        ((0, 3), (3, 2)),
        ((2, 0), (0, 3)),
        ((0,), (0,)),
    ],
)
def test_matmul_equals_three_loops(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=left), rng.normal(size=right)
    expected = product(x, y)
    np.testing.assert_allclose(tg.matmul(x, y), expected, rtol=1e-13, atol=1e-15, strict=True)
    np.testing.assert_array_equal((tg.Tensor(x) @ tg.Tensor(y)).data, tg.matmul(x, y))
    np.testing.assert_array_equal((x @ tg.Tensor(y)).data, tg.matmul(x, y))


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_softmax_family_equals_the_definition(axis: int) -> None:
    x = X[0]
    np.testing.assert_allclose(tg.log_softmax(x, axis=axis), log_softmax(x, axis), rtol=1e-12)
    expected = loops(math.exp, log_softmax(x, axis))
    np.testing.assert_allclose(tg.softmax(x, axis=axis), expected, rtol=1e-12)


def test_softmax_family_survives_scores_of_any_size() -> None:
    x = np.array([[1e4, 0.0, -1e4], [-1e308, -1e308, 0.0]])
    np.testing.assert_array_equal(tg.softmax(x), [[1, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(tg.log_softmax(x)[0], [0, -1e4, -2e4])
    np.testing.assert_array_equal(tg.sigmoid([1e308, -1e308]), [1, 0])
    np.testing.assert_array_equal(tg.logaddexp([1e308, -1e308], [1e308, 0.0]), [1e308, 0])


# ---------------------------------------------------------------------------- rearranging


REARRANGED: list[tuple[Any, Any]] = [
    (lambda x: tg.reshape(x, (4, -1)), lambda x: x.reshape(4, -1)),
    (lambda x: tg.reshape(x, -1), lambda x: x.reshape(-1)),
    (lambda x: tg.Tensor(x).reshape(6, 4).data, lambda x: x.reshape(6, 4)),
    (lambda x: tg.Tensor(x).reshape((6, 4)).data, lambda x: x.reshape(6, 4)),
    (tg.permute_dims, lambda x: x.transpose()),
    (lambda x: tg.permute_dims(x, (1, -1, 0)), lambda x: x.transpose(1, -1, 0)),
    (lambda x: tg.Tensor(x).T.data, lambda x: x.T),
    (lambda x: tg.Tensor(x).mT.data, lambda x: x.swapaxes(-1, -2)),
    (lambda x: tg.expand_dims(x, -1), lambda x: x[..., None]),
    (lambda x: tg.expand_dims(x, (0, 2)), lambda x: np.expand_dims(x, (0, 2))),
    (lambda x: tg.squeeze(x[:1, :, :1], (0, -1)), lambda x: x[0, :, 0]),
    (
        lambda x: tg.broadcast_to(x[:, :1], (5, 2, 3, 4)),
        lambda x: np.broadcast_to(x[:, :1], (5, 2, 3, 4)),
    ),
    (lambda x: tg.concat([x, x[:1]], axis=0), lambda x: np.concatenate([x, x[:1]])),
    (lambda x: tg.concat([x, x], axis=-1), lambda x: np.concatenate([x, x], axis=-1)),
    (
        lambda x: tg.concat([x, x[0]], axis=None),
        lambda x: np.concatenate([x.ravel(), x[0].ravel()]),
    ),
    (lambda x: tg.stack([x, -x], axis=-2), lambda x: np.stack([x, -x], axis=-2)),
    (lambda x: tg.stack([x], axis=3), lambda x: x[..., None]),
    (
        lambda x: tg.where(x > 0, x, [0.0, 1.0, 2.0, 3.0]),
        lambda x: np.where(x > 0, x, np.arange(4.0)),
    ),
    (lambda x: tg.astype(x, np.int32), lambda x: x.astype(np.int32)),
]


@pytest.mark.parametrize("ours, numpys", REARRANGED, ids=[str(k) for k in range(len(REARRANGED))])
def test_rearranging_equals_numpy(ours: Any, numpys: Any) -> None:
    np.testing.assert_array_equal(ours(X), numpys(X), strict=True)


KEYS: list[Any] = [
    0,
    -1,
    np.int64(1),
    slice(None),
    slice(None, None, -1),
    slice(1, None),
    slice(5, 9),
    ...,
    None,
    (0, 1),
    (0, ..., 2),
    (..., None, 0),
    (slice(None), 1, slice(None, None, 2)),
    [0, 0, 1],
    np.array([1, 0, 1]),
    np.array([[0, 1], [1, 1]]),
    np.array([], int),
    (slice(None), [0, 2, 0]),
    ([0, 1, 1], [2, 0, 0]),
    ([[0], [1]], [0, 2]),
    (0, slice(None), [3, 3]),
    (slice(None), np.array([True, False, True])),
    X > 0,
    np.zeros((2, 3, 4), bool),
    True,
    ([0, 1], slice(None), [2, 2]),
    (np.array(1), 0),
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key).replace("\n", "")[:40])
def test_getitem_takes_every_kind_of_index(key: Any) -> None:
    as_numpy = np.asarray(key) if isinstance(key, list) else key
    expected = X[as_numpy]
    found = tg.Tensor(X)[key]
    np.testing.assert_array_equal(found.data, expected, strict=True)
    np.testing.assert_array_equal(tg.getitem(X, as_numpy), expected, strict=True)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key).replace("\n", "")[:40])
def test_gradient_of_getitem_counts_how_often_each_element_was_read(key: Any) -> None:
    x = tg.Tensor(X, requires_grad=True)
    out = x[key]
    weights = np.random.default_rng(3).normal(size=out.shape)
    out.backward(weights)
    number = np.arange(X.size).reshape(X.shape)[np.asarray(key) if isinstance(key, list) else key]
    expected = np.zeros(X.size)
    for position, weight in zip(number.flat, weights.flat, strict=True):
        expected[position] += weight
    np.testing.assert_allclose(x.grad, expected.reshape(X.shape), rtol=1e-15)


def test_getitem_takes_an_empty_list() -> None:
    np.testing.assert_array_equal(tg.Tensor(X)[[]].data, X[[]], strict=True)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key).replace("\n", "")[:40])
def test_put_writes_in_order_and_the_last_value_stays(key: Any) -> None:
    key = np.asarray(key) if isinstance(key, list) else key
    number = np.arange(X.size).reshape(X.shape)[key]
    values = np.random.default_rng(4).normal(size=number.shape)
    flat, writer = X.ravel().copy(), {}
    for k, (position, value) in enumerate(zip(number.flat, values.flat, strict=True)):
        flat[position] = value
        writer[int(position)] = k
    x, v = tg.Tensor(X, requires_grad=True), tg.Tensor(values, requires_grad=True)
    out = x.at[key].set(v)
    np.testing.assert_array_equal(out.data, flat.reshape(X.shape))
    weights = np.random.default_rng(5).normal(size=X.shape)
    out.backward(weights)
    kept, used = weights.ravel().copy(), np.zeros(values.size)
    for position, k in writer.items():
        kept[position], used[k] = 0.0, weights.flat[position]
    np.testing.assert_array_equal(x.grad, kept.reshape(X.shape))
    np.testing.assert_array_equal(v.grad, used.reshape(values.shape))
    np.testing.assert_array_equal(X, np.random.default_rng(11).normal(size=(2, 3, 4)))


def test_put_spreads_one_value_over_many_places() -> None:
    x, v = tg.Tensor(X, requires_grad=True), tg.Tensor(7.0, requires_grad=True)
    x.at[:, 1].set(v).backward(np.full(X.shape, 2.0))
    assert v.grad == 2.0 * 8


def test_at_add_sums_repeats_where_set_keeps_the_last() -> None:
    x = tg.Tensor([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(x.at[[0, 0, 2]].add([10.0, 20.0, 30.0]).data, [31, 2, 33])
    np.testing.assert_array_equal(x.at[[0, 0, 2]].set([10.0, 20.0, 30.0]).data, [20, 2, 30])
    np.testing.assert_array_equal(x.at[1:].multiply(10.0).data, [1, 20, 30])
    np.testing.assert_array_equal(x.data, [1, 2, 3])


def test_at_add_works_beside_infinities_and_keeps_integers() -> None:
    np.testing.assert_array_equal(tg.Tensor([np.inf, 2.0]).at[0].add(5.0).data, [np.inf, 2.0])
    np.testing.assert_array_equal(
        tg.Tensor([1, 2]).at[0].add(5).data, np.array([6, 2]), strict=True
    )


def test_scatter_add_is_the_transpose_of_getitem() -> None:
    for key in KEYS:
        key = np.asarray(key) if isinstance(key, list) else key
        y = np.random.default_rng(6).normal(size=X[key].shape)
        scattered = tg.scatter_add(y, X.shape, key)
        np.testing.assert_allclose(
            (tg.getitem(X, key) * y).sum(), (X * scattered).sum(), atol=1e-12
        )


# ---------------------------------------------------------------------------- types

DTYPES = ["bool", "int8", "uint8", "int32", "int64", "float16", "float32", "float64"]
BINARY = ["add", "multiply", "divide", "power", "maximum", "less", "logaddexp", "floor_divide"]


@pytest.mark.parametrize("name", BINARY)
def test_types_of_two_operands_promote_as_in_numpy(name: str) -> None:
    for left, right in itertools.product(DTYPES, DTYPES):
        x, y = np.ones(2, left), np.ones((3, 1), right)
        try:
            expected = getattr(np, name)(x, y).dtype
        except TypeError:
            with pytest.raises(TypeError):
                getattr(tg, name)(tg.Tensor(x), tg.Tensor(y))
            continue
        assert getattr(tg, name)(x, y).dtype == expected
        assert getattr(tg, name)(tg.Tensor(x), tg.Tensor(y)).dtype == expected
        assert getattr(tg, name)(tg.Tensor(x), y).dtype == expected
        assert getattr(tg, name)(x, tg.Tensor(y)).dtype == expected


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("symbol", ["add", "sub", "mul", "truediv", "pow", "lt"])
def test_python_numbers_are_weak_as_in_numpy(dtype: str, symbol: str) -> None:
    f = getattr(operator, symbol)
    for number in (True, 2, 2.0, np.float32(2), np.float64(2), np.int8(2)):
        for flip in (False, True):
            x = np.ones(3, dtype)
            if dtype == "bool" and symbol == "pow":
                continue  # ndarray.__pow__ squares a bool into int8, np.power gives int64
            left, right = (number, x) if flip else (x, number)
            try:
                expected = f(left, right)
            except TypeError:
                continue
            wrapped = tg.Tensor(x)
            found = f(number, wrapped) if flip else f(wrapped, number)
            assert found.dtype == expected.dtype, (number, flip)
            np.testing.assert_array_equal(found.data, expected)


def test_where_takes_python_numbers_as_weak() -> None:
    x = np.ones(2, np.float32)
    assert tg.where(x > 0, x, 0.0).dtype == np.float32
    assert tg.where(x > 0, tg.Tensor(x), 0.0).dtype == np.float32


def test_where_with_a_tensor_as_condition_takes_python_numbers_as_weak() -> None:
    x = tg.Tensor(np.ones(2, np.float32))
    assert tg.where(x > 0, x, 0.0).dtype == np.float32
    assert tg.where(x > 0, 0.0, x).dtype == np.float32
    assert tg.where(x > 0, 1, x).dtype == np.float32


@pytest.mark.parametrize("name", ["sum", "mean", "max", "std", "argmax", "any"])
def test_reductions_give_the_types_numpy_gives(name: str) -> None:
    for dtype in DTYPES:
        x = np.ones((2, 3), dtype)
        expected = getattr(np, name)(x, axis=1)
        for found in (getattr(tg, name)(x, axis=1), getattr(tg, name)(tg.Tensor(x), axis=1).data):
            np.testing.assert_array_equal(found, expected, strict=True)


@pytest.mark.parametrize(
    "name", ["exp", "tanh", "sqrt", "log1p", "square", "abs", "negative", "sign"]
)
def test_one_operand_gives_the_type_numpy_gives(name: str) -> None:
    for dtype in DTYPES:
        x = np.ones(2, dtype)
        try:
            expected = getattr(np, name)(x)
        except TypeError:
            continue
        np.testing.assert_array_equal(getattr(tg, name)(tg.Tensor(x)).data, expected, strict=True)


# ---------------------------------------------------------------------------- special values


@settings(max_examples=60)
@given(
    exponent=st.sampled_from([-2, -1, -0.5, 0, 0.0, 0.5, 1, 1.0, 2, 2.0, 2.5, 3, 3.0, 4]),
    dtype=st.sampled_from(["float16", "float32", "float64"]),
    seed=st.integers(0, 1000),
)
def test_short_powers_agree_with_numpys_to_a_few_units_in_the_last_place(
    exponent: float, dtype: str, seed: int
) -> None:
    x = np.random.default_rng(seed).uniform(0.3, 3.0, 5).astype(dtype)
    expected = np.power(x, exponent)
    for found in (tg.power(x, exponent), (tg.Tensor(x) ** exponent).data):
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=4 * float(np.finfo(dtype).eps))
    g = tg.Tensor(x.astype(float), requires_grad=True)
    (g**exponent).sum().backward()
    np.testing.assert_allclose(g.grad, exponent * g.data ** (exponent - 1.0), rtol=1e-14)


def test_powers_of_special_bases() -> None:
    base = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, -2.0])
    for exponent in (0, 1, 2, 3, 4, 0.0, 1.0, 2.0, 3.0):
        np.testing.assert_array_equal(tg.power(base, exponent), np.power(base, exponent))
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(tg.power(base, -1.0), np.power(base, -1.0))
    with np.errstate(invalid="ignore"):
        found = tg.power(base, 0.5)
    # As documented, other than the C library at minus zero and minus infinity: it is the root.
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(found, np.sqrt(base))
    whole = np.array([-2, -1, 0, 1, 3])
    np.testing.assert_array_equal(tg.power(whole, 2), whole**2)
    np.testing.assert_array_equal(tg.power(whole, 3), whole**3)


def test_power_with_exponent_one_is_a_copy() -> None:
    x = np.ones(3)
    assert not np.shares_memory(tg.power(x, 1), x)


@pytest.mark.parametrize(
    "name", ["maximum", "minimum", "add", "relu", "tanh", "sigmoid", "sqrt", "abs"]
)
def test_nan_goes_through(name: str) -> None:
    arity = registry[name].arity
    found = getattr(tg, name)(*[np.array([np.nan, 1.0])] * arity)
    assert np.isnan(found[0])
    assert not np.isnan(found[1])


def test_reductions_of_nothing() -> None:
    empty = np.zeros((0, 3))
    assert tg.sum(empty) == 0
    np.testing.assert_array_equal(tg.sum(empty, axis=0), np.zeros(3))
    np.testing.assert_array_equal(tg.sum(empty, axis=1), np.zeros(0))
    assert tg.any(empty).item() is False
    assert tg.all(empty).item() is True
    for name in ("max", "min", "argmax", "argmin"):
        with pytest.raises(ValueError, match=r"zero-size|empty"):
            getattr(tg, name)(empty)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_mean_of_nothing_is_nan() -> None:
    assert np.isnan(tg.mean(np.zeros(0)))
    x = tg.Tensor(np.zeros((0, 2)), requires_grad=True)
    y = tg.mean(x, axis=0)
    assert np.isnan(y.data).all()
    y.sum().backward()
    assert x.grad.shape == (0, 2)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_variance_of_too_few_elements_is_nan_and_so_is_its_gradient() -> None:
    for name in ("var", "std"):
        x = tg.Tensor([4.0], requires_grad=True)
        y = getattr(tg, name)(x, correction=1)
        assert np.isnan(y.item())
        y.backward()
        assert np.isnan(x.grad).all()


def test_broadcast_to_fewer_axes_is_refused_as_in_numpy() -> None:
    with pytest.raises(ValueError, match=r"broadcast|axes|shape"):
        tg.broadcast_to(np.ones((1, 3)), (3,))


@pytest.mark.parametrize("shape", [(3,), (1, 3), (3, 1)])
def test_cross_entropy_refuses_targets_of_another_shape(shape: tuple[int, ...]) -> None:
    """Contract 4.6: labels of three samples, given for their probabilities, must not broadcast."""
    with pytest.raises(ValueError, match="shape"):
        tg.softmax_cross_entropy(np.zeros((3, 3)), np.ones(shape))


def test_mean_of_many_half_precision_numbers_has_a_gradient() -> None:
    x = tg.Tensor(np.ones(70_000, np.float16), requires_grad=True)
    tg.mean(x).backward()
    np.testing.assert_allclose(x.grad, np.full(70_000, np.float16(1 / 70_000)), rtol=1e-2)


def test_put_takes_values_with_leading_axes_of_length_one_as_numpy_does() -> None:
    v = tg.Tensor(np.ones((1, 3)), requires_grad=True)
    tg.put(np.zeros((2, 3)), v, 0).backward(np.full((2, 3), 2.0))
    np.testing.assert_array_equal(v.grad, [[2.0, 2.0, 2.0]])


# ---------------------------------------------------------------------------- NumPy's own names

INTEROP: list[Any] = [
    np.exp,
    np.negative,
    lambda x: np.add(x, 1.0),
    lambda x: np.add(1.0, x),
    lambda x: np.float64(2) * x,
    lambda x: np.arange(4.0) + x,
    np.sum,
    lambda x: np.sum(x, axis=(0, -1)),
    lambda x: np.mean(x, axis=1),
    lambda x: np.max(x, axis=0),
    lambda x: np.std(x, ddof=1),
    lambda x: np.concatenate([x, x], axis=1),
    lambda x: np.stack([x, x], axis=1),
    lambda x: np.where(np.greater(x, 0), x, 0.0),
    lambda x: np.reshape(x, (4, 6)),
    lambda x: np.transpose(x, (2, 0, 1)),
    lambda x: np.squeeze(x, axis=()),
    lambda x: np.expand_dims(x, 0),
    lambda x: np.broadcast_to(x, (2, 2, 3, 4)),
    lambda x: np.argmax(x, axis=1),
    np.absolute,
    lambda x: np.matmul(x, np.ones((4, 2))),
    lambda x: np.ones((5, 3)) @ x,
    np.add.reduce,
    lambda x: np.maximum.reduce(x, axis=1),
    np.isfinite,
    lambda x: np.less(x, x),
    lambda x: np.clip(x, 0, 1),
    lambda x: np.clip(x, a_min=None, a_max=0.5),
    lambda x: np.around(x, 1),
    np.nan_to_num,
    np.logical_not,
]


@pytest.mark.parametrize("f", INTEROP, ids=[str(k) for k in range(len(INTEROP))])
def test_numpy_functions_on_a_tensor_give_tensors_with_numpys_values(f: Any) -> None:
    found = f(tg.Tensor(X))
    assert isinstance(found, tg.Tensor)
    np.testing.assert_allclose(found.data, f(X), rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.partition(x, 1),
        lambda x: np.add(x, 1.0, out=np.zeros(2)),
        np.maximum.accumulate,
        np.frexp,
        np.linalg.eigvals,
    ],
)
def test_what_numpy_would_do_without_a_gradient_raises(f: Any) -> None:
    with pytest.raises((tg.errors.InteropError, tg.errors.InPlaceError)):
        f(tg.Tensor([1.0, 2.0], requires_grad=True))


def test_adding_a_tensor_into_an_array_in_place_raises() -> None:
    a = np.zeros(2)
    with pytest.raises(tg.errors.InPlaceError):
        a += tg.Tensor([1.0, 2.0], requires_grad=True)
    np.testing.assert_array_equal(a, [0, 0])


def test_all_public_operations_are_at_top_level() -> None:
    assert [name for name in ops.__all__ if getattr(tg, name, None) is not getattr(ops, name)] == []
