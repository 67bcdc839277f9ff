"""The range test of learning rates: what it suggests and refuses, and that it leaves no trace."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.training.test_resume import same
from tinygrad_edu import nn, training
from tinygrad_edu.data import DataLoader
from tinygrad_edu.training.batches import streams
from tinygrad_edu.training.rates import _judged

pytestmark = pytest.mark.once  # what no version of Python changes


def problem(samples: int = 96) -> tuple[Any, Any]:
    x = np.random.default_rng(0).normal(size=(samples, 3))
    return x, (x.sum(axis=1) > 0).astype(int)


def network() -> nn.Module:
    return nn.Sequential(
        nn.Linear(3, 8, rng=0), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2, rng=1),
        nn.Dropout(0.1), nn.Linear(8, 2, rng=2),
    )  # fmt: skip


def everything(model: nn.Module, optimizer: Any, loader: Any) -> Any:
    states = [rng.bit_generator.state for root in (model, loader) for rng in streams(root).values()]
    return copy.deepcopy([
        model.state_dict(), optimizer.state_dict(), optimizer.steps, states,
        [part.training for part in model.modules()],
        [0.0 if p.grad is None else np.array(p.grad) for p in model.parameters()],
    ])  # fmt: skip


@pytest.mark.parametrize("high", [1.0, 1e6])
def test_everything_is_put_back_bit_for_bit(high: float) -> None:
    model, loader = network(), DataLoader(*problem(), batch_size=16, shuffle=True, rng=5)
    optimizer = nn.optim.Adam(model, lr=0.003)
    training.fit(model, loader, nn.CrossEntropyLoss(), optimizer, progress=False, rng=0)
    model[3].eval()
    model[0].weight.grad = None
    before = everything(model, optimizer, loader)
    with tg.seed(1):
        training.lr_find(model, loader, nn.CrossEntropyLoss(), optimizer, high=high, low=1e-5)
    same(everything(model, optimizer, loader), before)


def test_everything_is_put_back_when_it_fails() -> None:
    model, loader = nn.Linear(3, 1, rng=0), DataLoader(*problem(), shuffle=True, rng=5)
    optimizer = nn.optim.SGD(model, lr=0.1, momentum=0.9)
    before = everything(model, optimizer, loader)
    with pytest.raises(tg.errors.TinygradError):
        training.lr_find(model, loader, nn.MSELoss(), optimizer)
    same(everything(model, optimizer, loader), before)


@pytest.mark.parametrize("make", [nn.optim.SGD, nn.optim.Adam])
@pytest.mark.parametrize("scale", [1.0, 10.0])
def test_the_suggested_rate_trains(make: Any, scale: float) -> None:
    x, y = problem()
    x = x * scale
    model = nn.Sequential(nn.Linear(3, 8, rng=0), nn.Tanh(), nn.Linear(8, 2, rng=2))
    optimizer = make(model, lr=1e-3)
    loss = nn.CrossEntropyLoss()
    found = training.lr_find(model, (x, y), loss, optimizer, rng=0)
    optimizer.param_groups[0]["lr"] = found.suggestion
    first = training.evaluate(model, (x, y), loss)["loss"]
    training.fit(model, (x, y), loss, optimizer, epochs=20, progress=False, rng=0)
    assert training.evaluate(model, (x, y), loss)["loss"] < 0.5 * first


def test_the_rates_grow_by_one_factor_until_the_loss_is_past_use() -> None:
    x = np.linspace(-1, 1, 64)[:, None]
    model = nn.Linear(1, 1, rng=0)
    found = training.lr_find(
        model, (x, 2 * x), nn.MSELoss(), nn.optim.SGD(model), low=1e-3, high=1e3, steps=60, rng=0
    )
    np.testing.assert_allclose(np.diff(np.log(found.rates)), np.log(1e6) / 59)
    assert 20 < len(found) < 60
    assert "suggestion" in repr(found)


def test_groups_keep_the_proportion_of_their_rates() -> None:
    x, y = problem()
    model = nn.Sequential(nn.Linear(3, 8, rng=0), nn.Tanh(), nn.Linear(8, 2, rng=2))
    groups = [{"params": model[0], "lr": 0.01}, {"params": model[2], "lr": 0.1}]
    optimizer = nn.optim.SGD(groups, lr=1.0)
    seen = []
    step = optimizer.step
    optimizer.step = lambda: (seen.append([g["lr"] for g in optimizer.param_groups]), step())
    training.lr_find(model, (x, y), nn.CrossEntropyLoss(), optimizer, rng=0)
    ratios = [two / one for one, two in seen]
    np.testing.assert_allclose(ratios, 10.0)
    assert [group["lr"] for group in optimizer.param_groups] == [0.01, 0.1]


@pytest.mark.parametrize("seed", range(5))
def test_a_flat_curve_is_refused(seed: int) -> None:
    model = network()
    with pytest.raises(tg.errors.ArgumentError, match="falls at no rate"):
        training.lr_find(
            model, problem(), nn.CrossEntropyLoss(), nn.optim.SGD(model), low=1e-12, high=1e-8,
            batch_size=8, rng=seed,
        )  # fmt: skip


def test_an_optimizer_of_another_model_is_refused() -> None:
    model, other = network(), nn.Linear(3, 2, rng=0)
    with (
        pytest.warns(UserWarning, match="another model"),
        pytest.raises(tg.errors.ArgumentError, match="falls at no rate"),
    ):
        training.lr_find(
            model, problem(), nn.CrossEntropyLoss(), nn.optim.SGD(other), batch_size=8, rng=0
        )


def test_a_loss_that_only_grows_is_refused() -> None:
    x = np.linspace(-1, 1, 64)[:, None]
    model = nn.Linear(1, 1, rng=0)
    with pytest.raises(tg.errors.ArgumentError, match="grows from the first rates") as caught:
        training.lr_find(
            model, (100 * x, x), nn.MSELoss(), nn.optim.SGD(model), low=1.0, high=100.0, rng=0
        )
    assert "low=0.0001, high=1" in caught.value.fix


@pytest.mark.parametrize("options", [{"low": 0.0}, {"low": 2.0, "high": 1.0}, {"steps": 3}])
def test_a_range_that_is_none_is_refused(options: Any) -> None:
    model = nn.Linear(3, 2)
    with pytest.raises(tg.errors.ArgumentError, match=next(iter(options))):
        training.lr_find(
            model, problem(), nn.CrossEntropyLoss(), nn.optim.SGD(model), **options
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_the_noise_of_rates_that_do_nothing_is_not_taken_for_a_fall(seed: int) -> None:
    rates = np.geomspace(1e-6, 10, 100)
    losses = 2.3 + 0.03 * np.random.default_rng(seed).normal(size=100)
    losses -= 0.5 * np.clip(np.log10(rates / 0.05), 0, 1.5)
    found = _judged(rates, losses, 1e-6, 10)
    assert 0.02 < found.suggestion < 5
