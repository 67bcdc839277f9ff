"""A value that is not finite is traced to its operation and line, from a state in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, training


class Bad(nn.Module):
    """Takes a logarithm that fails for one sample of the data."""

    def __init__(self) -> None:
        self.layer = nn.Linear(2, 1, rng=0, dtype=np.float64)
        self.calls = 0

    def forward(self, x: Any) -> Any:
        self.calls += 1
        return tg.log(x[:, :1]) * self.layer(x)  # here


def planted(step: int, batch: int = 4, steps: int = 800) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).uniform(0.5, 1.5, (batch * steps, 2))
    x[step * batch + 1, 0] = 0.0
    return x, np.ones((len(x), 1))


def fitted(model: Any, step: int, **options: Any) -> Any:
    x, y = planted(step)
    batches = [(x[k : k + 4], y[k : k + 4]) for k in range(0, len(x), 4)]
    opt = nn.optim.Adam(model, lr=1e-3)
    return training.fit(model, batches, nn.MSELoss(), opt, progress=False, rng=0, **options)


def test_a_nan_at_step_700_is_traced_without_starting_again() -> None:
    model = Bad()
    with pytest.raises(tg.errors.AnomalyError, match="log") as caught:
        fitted(model, 699)
    assert caught.value.site is not None
    assert "# here" in "".join(caught.value.site.lines())
    assert "step 700" in "".join(caught.value.notes)
    assert "done again from step 600" in "".join(caught.value.notes)
    assert model.calls <= 700 + 100 + 2


def test_the_model_is_left_as_it_was_before_the_step() -> None:
    model, other = Bad(), Bad()
    with pytest.raises(tg.errors.AnomalyError):
        fitted(model, 130)
    x, y = planted(130)
    batches = [(x[k : k + 4], y[k : k + 4]) for k in range(0, 130 * 4, 4)]
    opt = nn.optim.Adam(other, lr=1e-3)
    training.fit(other, batches, nn.MSELoss(), opt, progress=False, rng=0)
    for name, array in other.state_dict().items():
        np.testing.assert_array_equal(model.state_dict()[name], array)


def test_steps_that_are_too_large_are_told_from_a_bad_operation() -> None:
    model = nn.Linear(2, 1, rng=0, dtype=np.float64)
    opt = nn.optim.SGD(model, lr=1e3)
    x = np.random.default_rng(0).normal(size=(8, 2))
    with (
        pytest.warns(training.TrainNote, match="times as large"),
        pytest.raises(FloatingPointError) as caught,
    ):
        training.fit(model, (x, x[:, :1]), nn.MSELoss(), opt, epochs=500, progress=False, rng=0)
    assert np.isfinite(model.weight.data).all()
    assert isinstance(caught.value, (tg.errors.DivergedError, tg.errors.AnomalyError))


def test_a_loss_made_of_nan_data_says_so() -> None:
    model = nn.Linear(2, 1, rng=0, dtype=np.float64)
    with pytest.raises(FloatingPointError):
        training.fit(
            model, [([[np.nan, 1.0]], [[1.0]])], nn.MSELoss(), nn.optim.SGD(model), progress=False
        )
