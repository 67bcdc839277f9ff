"""Where optimizers meet what users do to them between steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors, nn

pytestmark = pytest.mark.once  # what no version of Python changes


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


def test_a_step_that_finds_no_gradient_says_so_once() -> None:
    trained, other = nn.Linear(2, 1, rng=0), nn.Linear(2, 1, rng=0)
    optimizer = nn.optim.SGD(other, lr=0.1)
    trained(np.ones((1, 2), np.float32)).sum().backward()
    with pytest.warns(nn.ModuleNote, match="of its 2 parameters none has a gradient"):
        optimizer.step()
    optimizer.step()
    other.weight.grad = np.ones((1, 2), np.float32)
    nn.optim.SGD(other, lr=0.1).step()  # one gradient is enough


def test_a_group_may_be_added_when_training_has_begun() -> None:
    a, b, c = (nn.Parameter([1.0, 2.0]) for _ in range(3))
    optimizer = nn.optim.SGD({"a": a}, lr=0.1, momentum=0.5)
    optimizer.step([np.ones(2)])
    optimizer.add_param_group({"params": {"b": b}, "lr": 1.0})
    optimizer.step({"a": np.ones(2), "b": np.ones(2)})
    np.testing.assert_allclose(a.data, [0.75, 1.75])  # 0.1 * 1, then 0.1 * 1.5
    np.testing.assert_allclose(b.data, [0.0, 1.0])
    before = [dict(group) for group in optimizer.param_groups]
    for wrong in ({"params": [a]}, {"params": [c], "lr": -1}, {"params": []}, {"lr": 0.1}):
        with pytest.raises((errors.ArgumentError, errors.ModuleError)):
            optimizer.add_param_group(wrong)
    assert [dict(group) for group in optimizer.param_groups] == before


def test_a_constant_gradient_has_no_spread_and_no_nan() -> None:
    """Rounding makes this variance negative in PyTorch, whose parameters become NaN."""
    w = nn.Parameter(np.zeros(100, np.float32))
    optimizer = nn.optim.RMSprop([w], lr=1e-3, alpha=0.5, centered=True)
    g = np.random.default_rng(0).normal(size=100).astype(np.float32)
    for _ in range(60):
        optimizer.step([g])
    assert np.isfinite(w.data).all()


def test_the_state_of_another_kind_or_of_nobody_is_refused() -> None:
    model = nn.Linear(2, 1, rng=0)
    gradients = [np.ones((1, 2)), np.ones(1)]
    momentum = nn.optim.SGD(model, lr=0.1, momentum=0.9)
    momentum.step(gradients)
    adam = nn.optim.Adam(model)
    adam.step(gradients)
    before = adam.state_dict()
    saved = momentum.state_dict()
    with pytest.raises(errors.LoadError, match="Adam keeps no momentum_buffer"):
        adam.load_state_dict(saved)
    for key in (2, "two", -1):
        with pytest.raises(errors.LoadError, match="the parameters are 0 to 1"):
            adam.load_state_dict({**before, "state": {key: {}}})
    with pytest.raises(errors.LoadError):
        adam.load_state_dict({**before, "param_groups": [{}]})
    with pytest.raises(errors.ArgumentError, match="lr is a finite number"):
        groups = [{**before["param_groups"][0], "lr": -1.0}]
        adam.load_state_dict({"state": {}, "param_groups": groups})
    assert str(adam.state_dict()) == str(before)


def test_a_state_before_the_first_step_of_pytorchs_adagrad_is_a_start() -> None:
    w = nn.Parameter([1.0, 2.0])
    optimizer = nn.optim.Adagrad([w], lr=0.1)
    state = {"step": np.array(0.0), "sum": np.zeros(2)}
    optimizer.load_state_dict({**optimizer.state_dict(), "state": {0: state}})
    optimizer.step([np.array([3.0, -5.0])])
    np.testing.assert_allclose(w.data, [0.9, 2.1])


def test_amsgrad_may_be_switched_on_in_the_middle() -> None:
    w = nn.Parameter([1.0])
    optimizer = nn.optim.Adam([w], lr=0.1)
    optimizer.step([np.array([4.0])])
    optimizer.param_groups[0]["amsgrad"] = True
    for _ in range(3):
        optimizer.step([np.array([0.01])])
    state = optimizer.state_dict()["state"][0]
    assert state["max_exp_avg_sq"][0] > state["exp_avg_sq"][0]


@pytest.mark.parametrize("size", [3, 100_000])
def test_gradients_of_another_type_are_taken_in_that_of_the_parameter(size: int) -> None:
    w = nn.Parameter(np.zeros(size, np.float32))
    optimizer = nn.optim.SGD([w], lr=1.0, momentum=0.5, maximize=True)
    for kind in (np.uint8, np.float64):  # of unsigned numbers the negative is none
        optimizer.step([np.full(size, 3, kind)])
    np.testing.assert_array_equal(w.data, np.float32(7.5))


@pytest.mark.parametrize(
    "damage",
    [
        lambda saved: saved["state"][0].update(step={"a": 1}),
        lambda saved: saved["state"][0].update(step=-1),
        lambda saved: saved["state"][0].update(exp_avg=np.full((2, 3), "x")),
        lambda saved: saved["param_groups"][0].update(initial_lr="fast"),
    ],
)
def test_a_state_with_what_is_no_number_is_refused(damage: Any) -> None:
    model = nn.Linear(3, 2, rng=0)
    optimizer = nn.optim.Adam(model)
    model(np.ones((1, 3), np.float32)).sum().backward()
    optimizer.step()
    saved = optimizer.state_dict()
    damage(saved)
    with pytest.raises(tg.errors.LoadError, match="the state of Adam has"):
        optimizer.load_state_dict(saved)
