"""Recurrent networks equal PyTorch's: values, gradients and gradients of these."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg

pytestmark = pytest.mark.parity

NETWORKS = {"rnn_tanh": ("RNN", 1), "gru": ("GRU", 3), "lstm": ("LSTM", 4)}


def theirs(torch: Any, name: str, bias: bool, x: Any, states: Any, weights: Any) -> Any:
    """PyTorch's network of one layer as a function of its parameters."""
    kind = getattr(torch.nn, NETWORKS[name][0])
    network = kind(x.shape[2], states[0].shape[1], bias=bias).double()
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    first = tuple(h[None] for h in states)
    parameters = dict(zip(names, weights, strict=False))
    output, last = torch.func.functional_call(
        network, parameters, (x, first if name == "lstm" else first[0])
    )
    return output, torch.cat(last) if name == "lstm" else last


def ours(name: str, x: Any, states: Any, weights: Any) -> Any:
    first = tuple(states) if name == "lstm" else states[0]
    output, last = getattr(tg, name)(x, first, *weights)
    return output, tg.stack(list(last) if name == "lstm" else [last])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", NETWORKS)
@settings(max_examples=25)
@given(
    steps=st.integers(1, 5), samples=st.integers(1, 3), features=st.integers(1, 4),
    size=st.integers(1, 4), scale=st.sampled_from([0.3, 1.0, 3.0]), seed=st.integers(0, 2**20),
)  # fmt: skip
def test_values_and_gradients_to_second_order_equal_pytorchs(
    name: str, bias: bool, steps: int, samples: int, features: int, size: int, scale: float,
    seed: int,
) -> None:  # fmt: skip
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    rows = NETWORKS[name][1] * size
    states = [(samples, size)] * (2 if name == "lstm" else 1)
    weights = [(rows, features), (rows, size), *[(rows,), (rows,)][: 2 * bias]]
    shapes = [(steps, samples, features), *states, *weights]
    arrays = [scale * rng.normal(size=shape) for shape in shapes]
    split = 1 + len(states)
    a = [tg.Tensor(x, requires_grad=True) for x in arrays]
    b = [torch.tensor(x, requires_grad=True) for x in arrays]
    values = [part.data for part in ours(name, a[0], a[1:split], a[split:])]
    expected = theirs(torch, name, bias, b[0], b[1:split], b[split:])
    for x, y in zip(values, expected, strict=True):
        np.testing.assert_allclose(x, y.detach().numpy(), rtol=1e-9, atol=1e-12)
    seeds = [rng.normal(size=value.shape) for value in values]
    moves = [rng.normal(size=x.shape) for x in arrays]
    with tg.Tape() as tape:
        found = ours(name, a[0], a[1:split], a[split:])
        total = sum((v * s).sum() for v, s in zip(found, seeds, strict=True))
        first = tape.gradient(total, a, create_graph=True)
        again = sum((d * u).sum() for d, u in zip(first, moves, strict=True))
        second = tape.gradient(again, a)
    total = sum((v * torch.tensor(s)).sum() for v, s in zip(expected, seeds, strict=True))
    right = torch.autograd.grad(total, b, create_graph=True)
    again = sum((d * torch.tensor(u)).sum() for d, u in zip(right, moves, strict=True))
    exact = torch.autograd.grad(again, b)
    for orders, tolerance in (((first, right), 1e-9), ((second, exact), 1e-7)):
        for x, y in zip(*orders, strict=True):
            size_of = max(1.0, float(y.detach().abs().max()))
            np.testing.assert_allclose(
                x.data, y.detach().numpy(), rtol=tolerance, atol=tolerance * size_of
            )
