"""``Linear`` and its fused operation, ``Flatten``, ``Identity``."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.ops.fused import linear

SHAPES = [(), (4,), (2, 3), (2, 1, 2), (0,), (2, 0)]


def naive(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    """The definition in loops: each output is a weighted sum of the features."""
    out = np.zeros((*x.shape[:-1], len(weight)))
    for place in np.ndindex(x.shape[:-1]):
        for o in range(len(weight)):
            total = 0.0 if bias is None else float(bias[o])
            for k in range(x.shape[-1]):
                total += float(x[place][k]) * float(weight[o, k])
            out[place][o] = total
    return out


@given(st.sampled_from(SHAPES), st.integers(0, 4), st.integers(0, 3), st.booleans(), st.integers())
def test_linear_equals_its_definition_for_any_leading_axes(
    leading: tuple[int, ...], features: int, outputs: int, bias: bool, seed: int
) -> None:
    rng = np.random.default_rng(abs(seed))
    x, weight = rng.normal(size=(*leading, features)), rng.normal(size=(outputs, features))
    b = rng.normal(size=outputs) if bias else None
    expected = naive(x, weight, b)
    got = F.linear(x, weight, b)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, atol=1e-12)
    layer = nn.Linear(features, outputs, bias, dtype=np.float64)
    layer.load_state_dict({"weight": weight, **({} if b is None else {"bias": b})})
    np.testing.assert_allclose(layer(x).data, expected, atol=1e-12)


@pytest.mark.parametrize("leading", SHAPES[:4], ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_linear_gradients_agree_with_differences_to_second_order(
    leading: tuple[int, ...], bias: bool, numeric: Callable[..., np.ndarray]
) -> None:
    rng = np.random.default_rng(3)
    arrays = [rng.normal(size=(*leading, 3)), rng.normal(size=(2, 3)), rng.normal(size=2)]
    arrays = arrays[: 3 if bias else 2]
    g = rng.normal(size=(*leading, 2))
    weights = [rng.normal(size=a.shape) for a in arrays]

    def first(values: list[Any], create_graph: bool) -> tuple[list[Any], list[Any]]:
        leaves = [tg.Tensor(v, requires_grad=True) for v in values]
        with tg.Tape() as tape:
            out = (linear(*leaves) ** 2 * g).sum()
        return leaves, tape.gradient(out, leaves, create_graph=create_graph)

    _, got = first(arrays, False)
    leaves, again = first(arrays, True)
    mixed = sum((w * d).sum() for w, d in zip(weights, again, strict=True))
    with tg.Tape() as tape:
        second = tape.gradient(mixed, leaves)
    for k, array in enumerate(arrays):

        def value(v: np.ndarray, k: int = k) -> float:
            return float((linear(*arrays[:k], v, *arrays[k + 1 :]) ** 2 * g).sum())

        def slope(v: np.ndarray, k: int = k) -> float:
            _, d = first([*arrays[:k], v, *arrays[k + 1 :]], False)
            return float(sum(np.sum(w * p.data) for w, p in zip(weights, d, strict=True)))

        np.testing.assert_allclose(got[k].data, numeric(value, array), atol=1e-8)
        np.testing.assert_allclose(second[k].data, numeric(slope, array), atol=1e-8)


def test_types_promote_as_in_numpy() -> None:
    x, weight, bias = np.full((1, 2), 0.1, "f"), np.full((1, 2), 0.1, "f"), np.array([1 / 3])
    got = F.linear(x, weight, bias)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, x @ weight.T + bias)
    assert F.linear(np.ones((1, 2), int), np.ones((1, 2), int)).dtype.kind == "i"


def test_only_wanted_gradients_are_computed() -> None:
    layer = nn.Linear(3, 2, dtype=np.float64, rng=0).freeze()
    x = tg.Tensor(np.ones((4, 3)), requires_grad=True)
    layer(x).sum().backward()
    np.testing.assert_allclose(x.grad, np.tile(layer.weight.data.sum(0), (4, 1)))
    assert layer.weight.grad is None


@given(st.integers(1, 50), st.integers(1, 20), st.integers(0, 1000))
def test_initial_values_fill_pytorchs_interval(features: int, outputs: int, seed: int) -> None:
    layer = nn.Linear(features, outputs, rng=seed)
    bound = np.float32(1 / math.sqrt(features))
    values = np.concatenate([layer.weight.data.ravel(), layer.bias.data.ravel()])
    assert values.dtype == np.float32
    assert np.abs(values).max() <= bound
    if values.size > 100:
        assert np.abs(values).max() > 0.9 * bound
    twin = nn.Linear(features, outputs, rng=seed)
    assert twin.weight.data.tobytes() == layer.weight.data.tobytes()


def test_a_seed_decides_the_initial_values() -> None:
    def draws() -> bytes:
        return nn.Linear(4, 4).weight.data.tobytes()

    with tg.seed(7):
        first, second = draws(), draws()
    with tg.seed(7):
        assert (draws(), draws()) == (first, second)
    assert first != second


def test_a_wrong_width_names_the_layer_and_the_fix_works(apply_fix: Callable[..., Any]) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.fc1 = nn.Linear(784, 10)

        def forward(self, x: Any) -> Any:
            return self.fc1(x)

    net = Net()
    images = np.zeros((5, 28, 28), np.float32)
    with pytest.raises(tg.errors.ShapeError) as caught:
        net(images)
    error = caught.value
    assert error.code == "TG-S04"
    assert error.shapes == ((5, 28, 28), (10, 784))
    assert "net.fc1 = Linear(784 -> 10)" in str(error)
    assert "28 features, expected 784" in str(error)
    assert "28*28 = 784" in error.fix
    flatten = apply_fix(error)
    assert nn.Sequential(flatten, net)(images).shape == (5, 10)


@pytest.mark.parametrize(
    "shape, features",
    [((5, 3), 4), ((2, 5, 6), 7), ((4, 2, 3, 3), 18), ((2, 4, 2, 3), 6)],
    ids=str,
)
def test_every_fix_of_a_wrong_width_works(
    shape: tuple[int, ...], features: int, apply_fix: Callable[..., Any]
) -> None:
    x = np.zeros(shape, np.float32)
    layer = nn.Linear(features, 2)
    with pytest.raises(tg.errors.ShapeError) as caught:
        layer(x)
    mended = apply_fix(caught.value)
    if isinstance(mended, nn.Flatten):
        mended = nn.Sequential(mended, layer)
    assert mended(x).shape[-1] == 2


def test_a_wrong_width_of_transposed_or_scalar_input_is_mended(
    apply_fix: Callable[..., Any],
) -> None:
    for x, features in [(np.zeros((4, 9), np.float32), 4), (np.zeros(3, np.float32), 1)]:
        layer = nn.Linear(features, 2)
        with pytest.raises(tg.errors.ShapeError) as caught:
            layer(x)
        assert layer(apply_fix(caught.value, x=x)).shape[-1] == 2


def test_a_wrong_width_deep_inside_is_found_through_lists() -> None:
    class Deep(nn.Module):
        def __init__(self) -> None:
            self.blocks = [nn.Sequential(nn.ReLU(), nn.Linear(2, 2))]

        def forward(self, x: Any) -> Any:
            return self.blocks[0](x)

    with pytest.raises(tg.errors.ShapeError, match=r"Deep\.blocks\.0\.1 = Linear"):
        Deep()(np.zeros((1, 3), np.float32))


def test_the_operation_itself_explains_shapes(apply_fix: Callable[..., Any]) -> None:
    x, weight, bias = np.zeros((5, 3)), np.zeros((3, 2)), np.zeros((2, 1))
    with pytest.raises(tg.errors.ShapeError) as caught:
        F.linear(x, weight)
    assert apply_fix(caught.value, x=x, weight=weight, linear=F.linear).shape == (5, 2)
    with pytest.raises(tg.errors.ShapeError) as caught:
        F.linear(x, weight.T, bias)
    mended = apply_fix(caught.value, bias=bias)
    assert F.linear(x, weight.T, mended).shape == (5, 2)
    with pytest.raises(tg.errors.ShapeError, match="do not fit"):
        F.linear(x, np.zeros((7, 7)))


def test_a_wider_input_computes_as_numpy_promotes_and_is_noted_once() -> None:
    layer = nn.Linear(2, 1, rng=0)
    with pytest.warns(nn.ModuleNote, match=r"layer has float32 parameters and got float64") as told:
        out = layer(np.ones((1, 2)))
    assert out.dtype == np.float64
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer(np.ones((1, 2)))
        nn.Linear(2, 1)(np.ones((1, 2), np.float32))
        nn.Linear(2, 1, dtype=np.float64)(np.ones((1, 2), np.float32))
    out.sum().backward()
    assert layer.weight.grad.dtype == np.float32


@pytest.mark.parametrize("size", [-1, 2.5, "3", True])
def test_sizes_are_whole_numbers(size: Any) -> None:
    with pytest.raises(tg.errors.ArgumentError, match="in_features"):
        nn.Linear(size, 1)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=4), st.integers(-4, 3), st.integers(-4, 3))
def test_flatten_joins_the_named_axes_or_refuses(sizes: list[int], start: int, end: int) -> None:
    x = np.arange(math.prod(sizes), dtype=np.float64).reshape(sizes)
    count = len(sizes)
    inside = -count <= start < count and -count <= end < count
    if not inside or start % count > end % count:
        with pytest.raises(tg.errors.IndexingError):
            nn.Flatten(start, end)(x)
        return
    kept = list(range(start % count)), list(range(end % count + 1, count))
    shape = [sizes[k] for k in kept[0]]
    shape.append(math.prod(sizes[start % count : end % count + 1]))
    shape += [sizes[k] for k in kept[1]]
    out = nn.Flatten(start, end)(x)
    assert out.shape == tuple(shape)
    assert list(out.data.ravel()) == list(itertools.chain(x.ravel()))


def test_identity_takes_any_settings_and_returns_its_input() -> None:
    x = tg.Tensor([1.0], requires_grad=True)
    assert nn.Identity(3, bias=True)(x) is x
