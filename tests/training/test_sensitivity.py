"""Jacobians against differences, noise and attacks against closed forms of linear models."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.errors import ArgumentError, ShapeError
from tinygrad_edu.nn import functional as F
from tinygrad_edu.training import (
    adversarial_curve,
    fgsm,
    input_jacobian_norm,
    noise_sensitivity,
)

pytestmark = pytest.mark.once  # what no version of Python changes


def small_network() -> nn.Module:
    with tg.seed(0):
        return nn.Sequential(
            nn.Linear(3, 5, dtype=float), nn.Tanh(), nn.Dropout(0.5), nn.Linear(5, 2, dtype=float)
        )


def differences(model: Any, sample: Any) -> Any:
    """The Jacobian of one sample by central differences, shape (outputs, inputs)."""
    columns = []
    for place in range(sample.size):
        step = np.zeros(sample.size)
        step[place] = 1e-5
        up, down = (
            np.asarray(model((sample + sign * step.reshape(sample.shape))[np.newaxis]).data)
            for sign in (1, -1)
        )
        columns.append((up - down).ravel() / 2e-5)
    return np.stack(columns, axis=1)


def test_norms_of_jacobians_are_those_of_differences() -> None:
    model, x = small_network(), np.random.default_rng(0).normal(size=(4, 3))
    frobenius, spectral = input_jacobian_norm(model, x), input_jacobian_norm(model, x, ord=2)
    assert model.training
    with model.evaluating():
        for row, one, other in zip(x, frobenius, spectral, strict=True):
            jacobian = differences(model, row)
            assert one == pytest.approx(math.sqrt((jacobian**2).sum()), rel=1e-7)
            assert other == pytest.approx(np.linalg.svd(jacobian)[1][0], rel=1e-7)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_norms_of_images() -> None:
    with tg.seed(0):
        model = nn.Sequential(nn.Conv2d(1, 2, 3, dtype=float), nn.ReLU(), nn.Flatten())
    x = np.random.default_rng(0).normal(size=(2, 1, 4, 4))
    for row, norm in zip(x, input_jacobian_norm(model, x), strict=True):
        assert norm == pytest.approx(np.linalg.norm(differences(model, row)), rel=1e-6)


def test_the_norm_of_a_linear_layer_is_that_of_its_weight() -> None:
    layer = nn.Linear(3, 2, dtype=float)
    norms = input_jacobian_norm(layer, [[1, 2, 3], [0, 0, 0]])
    np.testing.assert_allclose(norms, np.linalg.norm(layer.weight.data), rtol=1e-14)
    norms = input_jacobian_norm(layer, [[1, 2, 3]], ord=2)
    np.testing.assert_allclose(norms, np.linalg.norm(layer.weight.data, ord=2), rtol=1e-14)


def test_samples_that_see_each_other_are_refused() -> None:
    with pytest.raises(ArgumentError, match="alone"):
        input_jacobian_norm(lambda x: x - x.mean(axis=0), [[1.0], [2.0]])
    norm = nn.BatchNorm1d(2, dtype=float)  # in evaluation mode it looks at no batch
    assert input_jacobian_norm(norm, [[1.0, 2.0], [3.0, 5.0]]).shape == (2,)


@pytest.mark.parametrize(
    "call",
    [
        lambda: input_jacobian_norm(lambda x: x, [[1.0]], ord=1),
        lambda: input_jacobian_norm(lambda x: x.sum(), [[1.0], [2.0]]),
        lambda: input_jacobian_norm(lambda x: x, []),
        lambda: input_jacobian_norm(lambda x: x, 1.0),
        lambda: input_jacobian_norm(lambda x: x, [["a"]]),
    ],
)
def test_what_has_no_jacobian_per_sample_is_refused(call: Any) -> None:
    with pytest.raises((ArgumentError, ShapeError)):
        call()


def square_error(y: Any, p: Any) -> float:
    return float(np.mean((y - p) ** 2))


def test_noise_through_a_linear_model_adds_its_variance() -> None:
    weight = np.array([[2.0], [-1.0]])
    x = np.random.default_rng(0).normal(size=(4000, 2))
    curve = noise_sensitivity(
        lambda x: x @ weight, x, x @ weight, square_error, [0.0, 0.5, 1.0], repeats=4, rng=0
    )
    assert curve.mean[0] == curve.std[0] == 0
    # 16000 squares of normal numbers: their mean has a relative deviation of 1.1 per cent.
    np.testing.assert_allclose(curve.mean[1:], [0.25 * 5, 5], rtol=0.06)
    assert curve.values.shape == (3, 4)
    np.testing.assert_allclose(curve.values[2], 4 * curve.values[1])
    np.testing.assert_array_equal(curve.mean, curve.values.mean(axis=1))


def test_the_same_seed_gives_the_same_noise_and_the_mode_is_put_back() -> None:
    model, x = small_network(), np.random.default_rng(0).normal(size=(4, 3))
    y = np.zeros((4, 2))
    one, other = (noise_sensitivity(model, x, y, square_error, [0, 1], rng=7) for _ in range(2))
    np.testing.assert_array_equal(one.values, other.values)
    assert one.std[0] == 0  # dropout is off
    assert model.training
    assert str(one).split("\n")[0].split() == ["level", "mean", "std"]


def test_inputs_keep_the_precision_of_the_model() -> None:
    layer = nn.Linear(2, 1)
    seen = []

    def metric(y: Any, p: Any) -> float:
        seen.append(p.dtype)
        return 0.0

    noise_sensitivity(layer, np.ones((3, 2), dtype=np.float32), np.zeros(3), metric, [0.1], rng=0)
    noise_sensitivity(layer, np.ones((3, 2), dtype=int), np.zeros(3), metric, [0.1], rng=0)
    assert set(seen) == {np.dtype(np.float32)}
    moved = fgsm(
        layer, np.ones((3, 2), dtype=np.float32), np.zeros((3, 1)), lambda p, y: p.sum(), 0.1
    )
    assert moved.dtype == np.float32


def logistic_loss(p: Any, y: Any) -> Any:
    return F.binary_cross_entropy_with_logits(p, y)


def test_the_attack_on_a_linear_model_has_a_closed_form() -> None:
    random = np.random.default_rng(0)
    layer = nn.Linear(4, 1, dtype=float)
    w, b = layer.weight.data[0], layer.bias.data[0]
    x, y = random.normal(size=(6, 4)), random.integers(0, 2, size=(6, 1)).astype(float)
    # The loss falls with the logit of a 1 and rises with that of a 0.
    expected = x + 0.3 * np.where(y == 1, -1, 1) * np.sign(w)
    np.testing.assert_allclose(fgsm(layer, x, y, logistic_loss, 0.3), expected, rtol=1e-14)
    levels = np.array([0.0, 0.1, 0.5])
    curve = adversarial_curve(
        layer, x, y, logistic_loss, lambda y, p: float(np.logaddexp(0, (1 - 2 * y) * p).mean()),
        levels,
    )  # fmt: skip
    margin = (2 * y[:, 0] - 1) * (x @ w + b)
    for level, value in zip(levels, curve.mean, strict=True):
        lost = np.logaddexp(0, -(margin - level * np.abs(w).sum())).mean()
        assert value == pytest.approx(lost, rel=1e-12)
    assert curve.std.tolist() == [0] * 3
    assert all(parameter.grad is None for parameter in layer.parameters())


def test_bounds_hold_after_the_step_and_flat_slopes_do_not_move() -> None:
    x = np.array([[0.0, 0.5, 1.0]])
    moved = fgsm(lambda x: x * [1.0, 0.0, 1.0], x, x, lambda p, y: p.sum(), 0.25, bounds=(0, 1))
    assert moved.tolist() == [[0.25, 0.5, 1.0]]
    assert x.tolist() == [[0.0, 0.5, 1.0]]


@pytest.mark.parametrize(
    "changes",
    [
        {"x": []},
        {"y": [[0.0]] * 3},
        {"y": 0.0},
        {"levels": []},
        {"levels": [-1.0]},
        {"levels": [math.nan]},
        {"levels": [math.inf]},
        {"levels": 0.5},
        {"metric": lambda y, p: p},
        {"metric": lambda y, p: math.nan},
        {"metric": lambda y, p: "low"},
        {"repeats": 0},
        {"repeats": 2.5},
        {"repeats": True},
    ],
)
def test_disturbances_of_nothing_are_refused(changes: dict[str, Any]) -> None:
    call: dict[str, Any] = {
        "model": lambda x: x, "x": [[1.0], [2.0]], "y": [[0.0], [1.0]], "metric": square_error,
        "levels": [0.0, 0.1], **changes,
    }  # fmt: skip
    with pytest.raises((ArgumentError, ShapeError)):
        noise_sensitivity(**call)
    if "repeats" not in changes:
        with pytest.raises((ArgumentError, ShapeError)):
            adversarial_curve(**call, loss=lambda p, y: p.sum())


@pytest.mark.parametrize(
    "changes",
    [
        {"epsilon": -0.1},
        {"epsilon": math.nan},
        {"bounds": (0.0, 1.5)},
        {"bounds": (1.0, 0.0)},
        {"loss": lambda p, y: (p * math.inf).sum()},
    ],
)
def test_attacks_without_a_direction_or_a_size_are_refused(changes: dict[str, Any]) -> None:
    call: dict[str, Any] = {
        "model": lambda x: x, "x": [[1.0], [2.0]], "y": [[0.0], [1.0]],
        "loss": lambda p, y: p.sum(), "epsilon": 0.1, **changes,
    }  # fmt: skip
    with pytest.raises(ArgumentError):
        fgsm(**call)
