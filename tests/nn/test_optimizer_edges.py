"""Where optimizers meet what users do to them between steps."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors, nn


def test_a_name_that_two_groups_share_is_refused_in_a_dict_of_gradients() -> None:
    a, b = nn.Linear(2, 1, rng=0), nn.Linear(2, 1, rng=0)
    optimizer = nn.optim.SGD([{"params": a}, {"params": b, "lr": 0.5}], lr=0.1)
    before = b.weight.data.copy()
    with pytest.raises(errors.ArgumentError, match="2 parameters are called 'weight'"):
        optimizer.step({"weight": np.ones((1, 2), np.float32)})
    np.testing.assert_array_equal(b.weight.data, before)


def test_whole_numbers_and_complex_gradients_are_refused() -> None:
    with pytest.raises(errors.DTypeError):
        nn.optim.SGD([tg.Tensor([1, 2, 3])], lr=0.1)
    w = nn.Parameter(np.zeros(2))
    with pytest.raises(errors.DTypeError, match="complex"):
        nn.optim.SGD([w], lr=1.0).step([np.array([1 + 1j, 0])])
    np.testing.assert_array_equal(w.data, 0.0)


def test_a_weight_decay_of_zero_still_has_its_derivative() -> None:
    decay = tg.Tensor(0.0, requires_grad=True)
    w = tg.Tensor([1.0], requires_grad=True)
    new, _ = nn.optim.SGD.update(w, w * 2, {}, lr=0.1, weight_decay=decay)
    new.sum().backward()
    assert decay.grad == pytest.approx(-0.1)


def test_momentum_switched_off_for_a_step_keeps_its_buffer() -> None:
    """PyTorch's figures for lr 0.1, momentum 0.9, gradients of 1, momentum 0 on the third step."""
    w = nn.Parameter(np.array([1.0]))
    optimizer = nn.optim.SGD([w], lr=0.1, momentum=0.9)
    seen = []
    for step in range(5):
        optimizer.param_groups[0]["momentum"] = 0.0 if step == 2 else 0.9
        optimizer.step([np.ones(1)])
        seen.append(w.data[0])
    np.testing.assert_allclose(seen, [0.9, 0.71, 0.61, 0.339, -0.0049], rtol=1e-12)


def test_tape_gradients_of_a_partly_frozen_model_train_the_rest() -> None:
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Linear(3, 1, rng=1))
    model[0].freeze()
    optimizer = nn.optim.SGD(model, lr=0.1)
    before = model.state_dict()
    with tg.Tape() as tape:
        loss = model(np.ones((4, 2), np.float32)).sum()
    gradients = tape.gradient(loss, model)
    assert set(gradients) == {"1.weight", "1.bias"}
    optimizer.step(gradients)
    after = model.state_dict()
    np.testing.assert_array_equal(after["0.weight"], before["0.weight"])
    assert not np.array_equal(after["1.weight"], before["1.weight"])
