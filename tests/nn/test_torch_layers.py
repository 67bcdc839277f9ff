"""Layers, losses and optimizers against PyTorch, key for key and to rounding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F

pytestmark = pytest.mark.parity


def pair() -> tuple[nn.Module, Any]:
    """The same network here and in PyTorch, float64, with the same values."""
    torch = pytest.importorskip("torch")
    ours = nn.Sequential(
        nn.Flatten(), nn.Linear(12, 6), nn.Tanh(), nn.Linear(6, 6, bias=False), nn.Linear(6, 3)
    ).astype(np.float64)
    theirs = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(12, 6), torch.nn.Tanh(),
        torch.nn.Linear(6, 6, bias=False), torch.nn.Linear(6, 3),
    ).double()  # fmt: skip
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def test_state_dicts_go_both_ways_key_for_key() -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = pair()
    saved = {name: torch.from_numpy(array) for name, array in ours.state_dict().items()}
    assert list(saved) == list(theirs.state_dict())
    theirs.load_state_dict(saved)
    tied = nn.Linear(2, 2)
    shared = torch.nn.Linear(2, 2)
    assert list(nn.Sequential(tied, tied).state_dict()) == list(
        torch.nn.Sequential(shared, shared).state_dict()
    )
    assert repr(ours[1:]) == repr(theirs[1:])


OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.05},
    "SGD momentum": {"lr": 0.05, "momentum": 0.9},
    "SGD dampening": {"lr": 0.05, "momentum": 0.8, "dampening": 0.3},
    "SGD decay": {"lr": 0.05, "weight_decay": 0.1},
    "SGD nesterov": {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    "Adam": {"lr": 0.01},
    "Adam settings": {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1},
}


@pytest.mark.parametrize("name, settings", OPTIMIZERS.items(), ids=OPTIMIZERS)
def test_fifty_steps_equal_pytorchs(name: str, settings: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = pair()
    kind = name.split(maxsplit=1)[0]
    opt = getattr(nn.optim, kind)(ours, **settings)
    reference = getattr(torch.optim, kind)(theirs.parameters(), **settings)
    rng = np.random.default_rng(0)
    for step in range(50):
        x, y = rng.normal(size=(8, 3, 4)), rng.integers(3, size=8)
        opt.zero_grad()
        reference.zero_grad()
        loss = F.cross_entropy(ours(x), y)
        expected = torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(y))
        assert abs(loss.item() - expected.item()) < 1e-9
        loss.backward()
        expected.backward()
        if step % 7 == 3:  # a parameter that sits out keeps its own count of steps
            ours[3].weight.grad = None
            theirs[3].weight.grad = None
        opt.step()
        reference.step()
    for key, array in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[key], array, atol=1e-9, rtol=0)
    fresh = getattr(nn.optim, kind)(ours, **settings)
    fresh.load_state_dict(reference.state_dict())
    for k, state in opt.state_dict()["state"].items():
        for key, value in state.items():
            np.testing.assert_allclose(fresh.state_dict()["state"][k][key], value, atol=1e-9)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("kind", ["numbers", "weighted", "ignored", "probabilities", "images"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_and_its_gradient_equal_pytorchs(
    reduction: str, kind: str, smoothing: float
) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(4, 3, 2) if kind == "images" else (4, 3))
    labels: Any = rng.integers(3, size=(4, 2) if kind == "images" else 4)
    weight = None if kind == "numbers" else np.array([0.5, 1.0, 2.5])
    ignore = int(labels.flat[0]) if kind == "ignored" else -100
    if kind == "probabilities":
        labels = rng.dirichlet(np.ones(3), 4)
    options: dict[str, Any] = {
        "ignore_index": ignore, "reduction": reduction, "label_smoothing": smoothing
    }  # fmt: skip
    x = tg.Tensor(scores, requires_grad=True)
    loss = F.cross_entropy(x, labels, weight=weight, **options)
    t = torch.tensor(scores, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(
        t, torch.tensor(labels), weight=None if weight is None else torch.tensor(weight), **options
    )
    np.testing.assert_allclose(loss.data, expected.detach().numpy(), atol=1e-12)
    g = rng.normal(size=loss.shape)
    loss.backward(g)
    expected.backward(torch.tensor(g))
    np.testing.assert_allclose(x.grad, t.grad.numpy(), atol=1e-12)


def test_default_initial_values_have_pytorchs_bounds() -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = nn.Linear(37, 500, rng=0), torch.nn.Linear(37, 500)
    bound = 1 / math.sqrt(37)
    for mine, other in ((ours.weight, theirs.weight), (ours.bias, theirs.bias)):
        values, reference = mine.data, other.detach().numpy()
        assert values.dtype == reference.dtype
        for array in (values, reference):
            assert 0.97 * bound < np.abs(array).max() <= bound * (1 + 1e-6)


def test_gains_equal_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    for name in ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        assert nn.init.gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-12)
