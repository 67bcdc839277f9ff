"""Containers, MLP, activations and dropout."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F


def test_sequential_applies_its_modules_in_order() -> None:
    a, b = nn.Linear(3, 4, rng=0), nn.Linear(4, 2, rng=1)
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    model = nn.Sequential(a, nn.Tanh(), b)
    np.testing.assert_array_equal(model(x).data, b(tg.tanh(a(x))).data)
    assert len(model) == 3
    assert next(iter(model)) is a
    assert model[-1] is b
    assert isinstance(model[:2], nn.Sequential)
    assert model[:2][0] is a
    assert model.append(nn.ReLU()) is model
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_sequential_takes_names() -> None:
    model = nn.Sequential({"first": nn.Linear(2, 2), "act": nn.ReLU()})
    assert list(model.state_dict()) == ["first.weight", "first.bias"]
    assert model.first is model[0]
    assert [name for name, _ in model[1:].named_children()] == ["act"]


def test_a_slice_keeps_the_names_and_can_grow() -> None:
    tail = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid())[1:].append(nn.ReLU())
    assert [name for name, _ in tail.named_children()] == ["1", "2", "3"]
    assert isinstance(tail[-1], nn.ReLU)


def test_items_can_be_replaced_and_extended() -> None:
    model = nn.Sequential(nn.ReLU())
    model[0] = layer = nn.Tanh()
    model.extend([nn.ReLU(), nn.Sigmoid()])
    assert model[0] is layer
    assert [name for name, _ in model.named_children()] == ["0", "1", "2"]


@pytest.mark.parametrize("value", [tg.tanh, nn.ReLU, 3])
def test_containers_refuse_what_is_no_module(value: Any) -> None:
    with pytest.raises(tg.errors.ModuleError, match="holds modules"):
        nn.Sequential(value)


@pytest.mark.parametrize("name", ["", "a.b", "keys", "forward"])
def test_names_must_be_usable_as_paths(name: str) -> None:
    with pytest.raises(tg.errors.ModuleError):
        nn.ModuleDict({name: nn.ReLU()})


def test_an_index_outside_says_how_many_there_are() -> None:
    with pytest.raises(tg.errors.IndexingError, match="of 2 modules"):
        nn.Sequential(nn.ReLU(), nn.ReLU())[2]


def test_module_list_and_dict_name_their_modules_like_plain_ones() -> None:
    class Net(nn.Module):
        def __init__(self, plain: bool) -> None:
            layers = [nn.Linear(2, 2, rng=0), nn.Linear(2, 2, rng=1)]
            heads = {"a": nn.Linear(2, 1, rng=2)}
            self.layers: Any = layers if plain else nn.ModuleList(layers)
            self.heads: Any = heads if plain else nn.ModuleDict(heads)

    listed, plain = Net(False), Net(True)
    assert list(listed.state_dict()) == list(plain.state_dict())
    assert list(listed.state_dict())[2:] == ["layers.1.weight", "layers.1.bias", "heads.a.weight",
                                             "heads.a.bias"]  # fmt: skip
    assert listed.heads["a"].out_features == 1
    assert ("a" in listed.heads, "b" in listed.heads) == (True, False)
    assert list(listed.heads.keys()) == list(listed.heads) == ["a"]
    assert next(iter(listed.heads.values())) is listed.heads["a"]
    assert isinstance(listed.layers[:1], nn.ModuleList)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=5), st.integers(0, 99))
def test_an_mlp_is_the_sequential_that_one_would_write(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    layers: list[nn.Module] = []
    for k in range(len(sizes) - 1):
        layers += [nn.ReLU()] * bool(k) + [nn.Linear(sizes[k], sizes[k + 1], rng=rng)]
    written = nn.Sequential(*layers)
    mlp = nn.MLP(sizes, rng=seed)
    assert isinstance(mlp, nn.Sequential)
    assert list(mlp.state_dict()) == list(written.state_dict())
    x = np.ones((2, sizes[0]), np.float32)
    np.testing.assert_array_equal(mlp(x).data, written(x).data)


def test_an_mlp_takes_activation_init_dropout_and_type() -> None:
    mlp = nn.MLP([3, 4, 2], nn.Tanh, "he_normal", 0.25, dtype=np.float64, rng=0)
    assert [type(part).__name__ for part in mlp] == ["Linear", "Tanh", "Dropout", "Linear"]
    assert mlp[0].weight.dtype == np.float64
    assert not mlp[0].bias.data.any()
    assert mlp[2].p == 0.25
    x = np.ones((8, 3))
    twin = nn.MLP([3, 4, 2], nn.Tanh, "he_normal", 0.25, dtype=np.float64, rng=0)
    np.testing.assert_array_equal(mlp(x).data, twin(x).data)
    with pytest.raises(tg.errors.ArgumentError, match="'relu'"):
        nn.MLP([2, 2], "rleu")
    with pytest.raises(tg.errors.ArgumentError):
        nn.MLP([2])


@pytest.mark.parametrize(
    "layer, function",
    [
        (nn.ReLU(), lambda x: np.where(x > 0, x, 0)),
        (nn.Tanh(), np.tanh),
        (nn.Sigmoid(), lambda x: 1 / (1 + np.exp(-x))),
        (nn.Softmax(1), lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True)),
        (nn.LogSoftmax(0), lambda x: np.log(np.exp(x) / np.exp(x).sum(0, keepdims=True))),
    ],
    ids=["relu", "tanh", "sigmoid", "softmax", "log_softmax"],
)
def test_activations_equal_their_formulas(layer: nn.Module, function: Any) -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_allclose(layer(x).data, function(x), rtol=1e-12, atol=1e-15)


def test_functional_softmax_takes_pytorchs_argument() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_allclose(np.sum(F.softmax(x, dim=0), axis=0), np.ones(4))
    np.testing.assert_allclose(np.exp(F.log_softmax(x, dim=1)), F.softmax(x, dim=1))


@given(st.floats(0, 1), st.integers(0, 1000))
def test_dropout_zeroes_or_scales_and_its_gradient_is_the_mask(p: float, seed: int) -> None:
    x = tg.Tensor(np.arange(1.0, 41.0), requires_grad=True)
    out = nn.Dropout(p, rng=seed)(x)
    scale = 1 / (1 - p) if p < 1 else 0.0
    kept = out.data != 0
    np.testing.assert_allclose(out.data[kept], x.data[kept] * scale)
    out.sum().backward()
    np.testing.assert_allclose(x.grad, kept * scale)


def test_dropout_keeps_the_expected_value() -> None:
    out = nn.Dropout(0.3, rng=0)(np.ones(100_000)).data
    # The mean of n values of variance p / (1 - p) is off by 5 deviations once in two million runs.
    assert abs(out.mean() - 1) < 5 * np.sqrt(0.3 / 0.7 / out.size)
    assert out.dtype == np.float64
    assert nn.Dropout(0.3)(np.ones(3, np.float32)).dtype == np.float32


def test_dropout_is_repeatable_and_differs_from_call_to_call() -> None:
    x = np.ones(64)
    layer = nn.Dropout(0.5, rng=3)
    first, second = layer(x).data, layer(x).data
    again = nn.Dropout(0.5, rng=3)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(again(x).data, first)
    twin = copy.deepcopy(again)
    np.testing.assert_array_equal(twin(x).data, second)
    with tg.seed(1):
        seeded = nn.Dropout()(x).data
    with tg.seed(1):
        np.testing.assert_array_equal(nn.Dropout()(x).data, seeded)


def test_dropout_is_the_identity_in_evaluation() -> None:
    x = tg.Tensor([1.0, 2.0])
    assert nn.Dropout(0.9).eval()(x) is x
    with tg.seed(0) as rng:
        state = rng.bit_generator.state
        nn.Dropout(0.5)
        assert rng.bit_generator.state == state


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_dropout_refuses_what_is_no_probability(p: float) -> None:
    with pytest.raises(tg.errors.ArgumentError, match="probability"):
        nn.Dropout(p)
