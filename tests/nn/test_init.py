"""Initial values: their moments, their bounds, and what they promise about layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import init

SHAPE = (60, 20, 3, 5)  # fan_in 20 * 15 = 300, fan_out 60 * 15 = 900
DEVIATIONS: dict[str, tuple[Callable[..., np.ndarray], float]] = {
    "xavier_normal": (init.xavier_normal, math.sqrt(2 / 1200)),
    "xavier_uniform": (init.xavier_uniform, math.sqrt(2 / 1200)),
    "he_normal": (init.he_normal, math.sqrt(2 / 300)),
    "he_uniform": (init.he_uniform, math.sqrt(2 / 300)),
    "lecun_normal": (init.lecun_normal, math.sqrt(1 / 300)),
    "lecun_uniform": (init.lecun_uniform, math.sqrt(1 / 300)),
    "normal": (init.normal, 1.0),
    "uniform": (init.uniform, 1 / math.sqrt(3)),
}


@pytest.mark.parametrize("function, std", DEVIATIONS.values(), ids=DEVIATIONS)
def test_draws_have_the_documented_moments(function: Callable[..., Any], std: float) -> None:
    values = function(SHAPE, rng=0, dtype=np.float64)
    n = values.size
    assert values.shape == SHAPE
    # Five standard errors of the mean, and (for normal draws, the wider) of the deviation.
    assert abs(values.mean()) < 5 * std / math.sqrt(n)
    assert abs(values.std() - std) < 5 * std / math.sqrt(2 * n)
    if "uniform" in function.__name__:
        assert np.abs(values).max() <= std * math.sqrt(3)


@pytest.mark.parametrize("name", [name for name in init.__all__ if name not in ("apply", "gain")])
def test_draws_are_pure_functions_of_shape_rng_and_type(name: str) -> None:
    function = getattr(init, name)
    first, second = function((4, 3), rng=5), function((4, 3), rng=5)
    assert first.dtype == np.float32
    assert first.tobytes() == second.tobytes()
    assert function((4, 3), rng=5, dtype=np.float64).dtype == np.float64
    with tg.seed(2):
        seeded = function((4, 3))
    with tg.seed(2):
        np.testing.assert_array_equal(function((4, 3)), seeded)


def test_he_takes_mode_and_nonlinearity() -> None:
    out = init.he_normal(SHAPE, mode="fan_out", rng=0, dtype=np.float64)
    np.testing.assert_allclose(
        out * math.sqrt(900), init.he_normal(SHAPE, rng=0, dtype=np.float64) * math.sqrt(300)
    )
    leaky = init.he_uniform(SHAPE, "leaky_relu", slope=1.0, rng=0, dtype=np.float64)
    np.testing.assert_allclose(leaky, init.lecun_uniform(SHAPE, rng=0, dtype=np.float64))
    with pytest.raises(tg.errors.ArgumentError):
        init.he_normal(SHAPE, mode="fan_avg")
    with pytest.raises(tg.errors.ArgumentError):
        init.gain("gelu2")


def test_he_keeps_the_scale_through_a_deep_rectifier_network() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 256))
    start = np.mean(x**2)
    for _ in range(20):
        x = np.maximum(x, 0) @ init.he_normal((256, 256), rng=rng, dtype=np.float64).T
    assert 0.2 < np.mean(x**2) / start < 5


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(0, 99))
def test_orthogonal_rows_or_columns_are_orthonormal(m: int, n: int, k: int, seed: int) -> None:
    weight = init.orthogonal((m, n, k), 2.0, rng=seed, dtype=np.float64)
    matrix = weight.reshape(m, -1) / 2
    product = matrix @ matrix.T if m <= n * k else matrix.T @ matrix
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)


def test_orthogonal_does_not_prefer_a_sign() -> None:
    firsts = [init.orthogonal((2, 2), rng=k, dtype=np.float64)[0, 0] for k in range(400)]
    assert abs(np.mean(firsts)) < 5 * math.sqrt(0.5 / 400)


@given(st.floats(-3, 0), st.floats(0.5, 3), st.integers(0, 99))
def test_truncated_draws_lie_inside_their_bounds(low: float, high: float, seed: int) -> None:
    values = init.truncated_normal((200,), 1.0, 0.5, low, high, rng=seed, dtype=np.float64)
    assert values.min() >= 1 + 0.5 * low
    assert values.max() <= 1 + 0.5 * high


def test_bounds_that_hold_nothing_are_refused() -> None:
    for low, high in [(5.0, 6.0), (1.0, -1.0), (float("nan"), 1.0)]:
        with pytest.raises(tg.errors.ArgumentError):
            init.truncated_normal((2,), low=low, high=high)


@pytest.mark.parametrize("name", ["xavier_normal", "he_uniform", "lecun_normal", "orthogonal"])
def test_a_fan_needs_two_axes(name: str) -> None:
    with pytest.raises(tg.errors.ShapeError) as caught:
        getattr(init, name)((3,))
    assert caught.value.shapes == ((3,),)


def test_apply_sets_weights_and_zeroes_biases_from_one_stream() -> None:
    model = nn.MLP([8, 8, 8], dtype=np.float64)
    model.scale = nn.Parameter(np.full(3, 7.0))  # type: ignore[attr-defined]
    assert init.apply(model, "he", rng=0) is model
    rng = np.random.default_rng(0)
    for layer in (model[0], model[2]):
        np.testing.assert_array_equal(
            layer.weight.data, init.he_normal((8, 8), rng=rng, dtype=np.float64)
        )
        assert not layer.bias.data.any()
    np.testing.assert_array_equal(model.scale.data, 7.0)  # type: ignore[attr-defined]
    init.apply(model, init.constant, value=2.0)
    np.testing.assert_array_equal(model[0].weight.data, 2.0)


def test_apply_refuses_unknown_names_and_empty_models() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="'he'"):
        init.apply(nn.Linear(2, 2), "kaiming")
    with pytest.raises(tg.errors.ModuleError):
        init.apply(nn.ReLU(), "he")
