"""Every optimizer against PyTorch's: fifty steps over drawn settings, and state in both ways."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from tests.nn.optim.optimizers import OPTIMIZERS
from tinygrad_edu import nn

pytestmark = pytest.mark.parity

every = pytest.mark.parametrize("name", sorted(OPTIMIZERS))
SHAPES: list[tuple[int, ...]] = [(2, 3), (), (4,), (1, 2)]

# Where it runs, and what a differentiable or fused kernel is for, is no business of ours.
LEFT_OUT = {"foreach", "fused", "differentiable", "capturable"}


@pytest.fixture(autouse=True, scope="module")
def torch() -> Iterator[Any]:
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # else NAdam keeps a product in single precision
    yield torch
    torch.set_default_dtype(before)


def pair(torch: Any, name: str, drawn: dict[str, Any], own: dict[str, Any]) -> tuple[Any, ...]:
    """Both optimizers, and their parameters: two in a group of other settings."""
    rng = np.random.default_rng(0)
    ours = [nn.Parameter(rng.normal(size=shape)) for shape in SHAPES]
    theirs = [torch.nn.Parameter(torch.tensor(p.data)) for p in ours]
    first, second = (
        kind([{"params": ps[:2]}, {"params": ps[2:], **own}], **drawn)
        for kind, ps in ((getattr(nn.optim, name), ours), (getattr(torch.optim, name), theirs))
    )
    return first, second, ours, theirs


def step(torch: Any, both: tuple[Any, ...], rng: np.random.Generator, skip: int = -1) -> None:
    first, second, ours, theirs = both
    gradients = [rng.normal(size=shape) for shape in SHAPES]
    first.step([None if k == skip else g for k, g in enumerate(gradients)])
    for k, (t, g) in enumerate(zip(theirs, gradients, strict=True)):
        t.grad = None if k == skip else torch.tensor(g)
    second.step()
    for p, t in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.data, t.detach().numpy(), rtol=1e-9, atol=1e-9)


def arguments(kind: Any) -> list[tuple[str, Any]]:
    found = list(inspect.signature(kind).parameters.values())
    return [(p.name, p.default) for p in found if p.name not in LEFT_OUT]


@every
def test_arguments_come_in_pytorchs_order_with_its_defaults(torch: Any, name: str) -> None:
    assert arguments(getattr(nn.optim, name)) == arguments(getattr(torch.optim, name))


@every
@hypothesis_settings(max_examples=25)
@given(data=st.data())
def test_fifty_steps_equal_pytorchs(torch: Any, name: str, data: Any) -> None:
    drawn = data.draw(OPTIMIZERS[name].drawn)
    other = data.draw(OPTIMIZERS[name].drawn)
    # PyTorch reads the start of the sum from the defaults, not from the group.
    other.pop("initial_accumulator_value", None)
    if name == "SGD" and drawn.get("nesterov") != other.get("nesterov"):
        other = {"lr": other["lr"]}
    both = pair(torch, name, drawn, other)
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    for _ in range(50):
        skip = data.draw(st.sampled_from([-1, -1, 0, 3])) if rng.random() < 0.2 else -1
        step(torch, both, rng, skip)


@every
@hypothesis_settings(max_examples=10)
@given(data=st.data())
def test_state_goes_to_pytorch_and_back(torch: Any, name: str, data: Any) -> None:
    drawn = data.draw(OPTIMIZERS[name].drawn)
    one, two = (pair(torch, name, drawn, {"lr": 0.02}) for _ in range(2))
    rng = np.random.default_rng(1)
    for _ in range(7):
        step(torch, one, rng)
    ours, theirs = one[0].state_dict(), one[1].state_dict()
    for k, state in theirs["state"].items():
        held = {key: value for key, value in state.items() if value is not None}
        own = ours["state"].get(k, {})
        assert set(own) == set(held)
        for key, value in held.items():
            assert np.shape(own[key]) == tuple(value.shape)
            np.testing.assert_allclose(own[key], value, rtol=1e-9, atol=1e-12)
    for p, q in zip(two[2], one[2], strict=True):
        p.data = q.data
    for p, q in zip(two[3], one[3], strict=True):
        p.data = q.data.clone()
    tensors = {
        k: {key: torch.tensor(value) for key, value in state.items()}
        for k, state in ours["state"].items()
    }
    two[0].load_state_dict(theirs)
    two[1].load_state_dict({"state": tensors, "param_groups": ours["param_groups"]})
    for _ in range(7):
        step(torch, two, rng)
