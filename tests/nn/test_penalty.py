"""L1 and L2 penalties, and the step that makes weights exactly 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors, nn
from tinygrad_edu.nn import functional as F


class Recurrent(nn.Module):
    """Names of weights and biases as in a recurrent layer."""

    def __init__(self) -> None:
        self.weight_hh_l0 = nn.Parameter([[1.0, -2.0]])
        self.bias_hh_l0 = nn.Parameter([3.0])
        self.head = nn.Linear(2, 1, rng=0)


def test_penalties_add_up_sizes_and_squares() -> None:
    arrays = [np.array([1.0, -2.0]), np.array([[3.0], [-0.5]])]
    assert F.l1_penalty(arrays) == 6.5
    assert F.l2_penalty(arrays) == 14.25
    assert F.l1_penalty(iter(arrays)) == 6.5
    assert F.l2_penalty(tg.Tensor([3.0, 4.0])).item() == 25
    assert F.l2_penalty(np.array([3.0, 4.0])) == 25


def test_biases_are_left_out_only_on_request() -> None:
    model = Recurrent()
    weight, bias = model.head.weight.data, model.head.bias.data
    np.testing.assert_allclose(
        F.l1_penalty(model).data, 6 + np.abs(weight).sum() + np.abs(bias).sum(), rtol=1e-6
    )
    np.testing.assert_allclose(
        F.l1_penalty(model, biases=False).data, 3 + np.abs(weight).sum(), rtol=1e-6
    )
    np.testing.assert_allclose(
        F.l2_penalty(model, biases=False).data, 5 + np.square(weight).sum(), rtol=1e-6
    )


def test_slopes_are_signs_and_twice_the_weights() -> None:
    w = np.array([2.0, -3.0, 0.0])
    np.testing.assert_array_equal(tg.grad(F.l1_penalty)(w), [1, -1, 0])
    np.testing.assert_array_equal(tg.grad(F.l2_penalty)(w), [4, -6, 0])


def test_half_an_l2_penalty_is_weight_decay_of_plain_sgd() -> None:
    rng = np.random.default_rng(0)
    x, strength = rng.normal(size=(5, 2)).astype(np.float32), 0.3
    first, second = nn.Linear(2, 1, rng=0), nn.Linear(2, 1, rng=0)
    optimizer = nn.optim.SGD(first.parameters(), lr=0.1, weight_decay=strength)
    first(x).sum().backward()
    optimizer.step()
    (second(x).sum() + 0.5 * strength * F.l2_penalty(second)).backward()
    nn.optim.SGD(second.parameters(), lr=0.1).step()
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        np.testing.assert_allclose(one.data, other.data, rtol=1e-5)


def test_names_are_needed_to_leave_biases_out(apply_fix: Callable[..., Any]) -> None:
    model = Recurrent()
    with pytest.raises(errors.ArgumentError, match="without names") as caught:
        F.l1_penalty(model.parameters(), biases=False)
    found = apply_fix(caught.value, model=model, l1_penalty=F.l1_penalty)
    np.testing.assert_array_equal(found.data, F.l1_penalty(model, biases=False).data)
    with pytest.raises(errors.ArgumentError, match="no parameters") as caught:
        F.l2_penalty([])
    assert apply_fix(caught.value, model=model, l2_penalty=F.l2_penalty).item() > 0


@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.0])
def test_soft_threshold_is_the_proximal_step_of_the_absolute_value(threshold: float) -> None:
    x = np.random.default_rng(1).normal(size=20)
    got = F.soft_threshold(x, threshold)
    candidates = np.linspace(-4, 4, 80001)  # by brute force, to a ten-thousandth
    for number, z in zip(x, got, strict=True):
        costs = 0.5 * (candidates - number) ** 2 + threshold * np.abs(candidates)
        assert candidates[np.argmin(costs)] == pytest.approx(z, abs=1e-4)
    assert (got[np.abs(x) <= threshold] == 0).all()


def test_soft_threshold_has_right_gradients_in_both_arguments() -> None:
    x, t = np.array([-2.0, -0.3, 0.2, 1.5]), np.array([0.5, 0.5, 1.0, 0.5])
    report = tg.testing.check_gradients(F.soft_threshold, x, t, order=2)
    assert report.verdict == "pass"
    slopes = tg.grad(lambda x, t: F.soft_threshold(x, t).sum(), argnums=(0, 1))
    to_x, to_t = slopes(np.array([1.0, -1.0, 2.0]), np.array(1.0))
    np.testing.assert_array_equal(to_x, [0, 0, 1])  # at the threshold 0
    assert to_t == -1


def test_a_negative_threshold_is_refused(apply_fix: Callable[..., Any]) -> None:
    with pytest.raises(errors.ArgumentError, match="at least 0, got -0") as caught:
        F.soft_threshold([1.0], -0.5)
    mended = apply_fix(caught.value, threshold=-0.5)
    np.testing.assert_array_equal(F.soft_threshold([1.0], mended), [0.5])


def test_proximal_steps_make_useless_weights_exactly_zero_and_the_penalty_does_not() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(60, 6))
    y = x[:, :2] @ np.array([2.0, -1.0]) + 0.1 * rng.normal(size=60)
    strength, rate = 0.1, 0.05

    def fitted(proximal: bool) -> np.ndarray:
        w = tg.Tensor(np.zeros(6), requires_grad=True)
        for _ in range(300):
            w.grad = None
            loss = F.mse_loss(x @ w, y)
            (loss if proximal else loss + strength * F.l1_penalty(w)).backward()
            w.data = w.data - rate * w.grad
            if proximal:
                w.data = F.soft_threshold(w.data, rate * strength)
        return w.data

    assert (fitted(True)[2:] == 0).all()
    assert (fitted(False)[2:] != 0).any()
    np.testing.assert_allclose(fitted(True), fitted(False), atol=0.02)
