"""Samplers: repeatable, of the promised distribution, and without a gradient that is lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

N = 40_000
DRAWS: dict[str, Any] = {
    "uniform": lambda rng: tg.random.uniform((2, 3), rng=rng),
    "normal": lambda rng: tg.random.normal((2, 3), rng=rng),
    "integers": lambda rng: tg.random.integers(1000, shape=(2, 3), rng=rng),
    "bernoulli": lambda rng: tg.random.bernoulli(0.5, (8, 8), rng=rng),
    "categorical": lambda rng: tg.random.categorical(np.zeros(50), (2, 3), rng=rng),
    "permutation": lambda rng: tg.random.permutation(50, rng=rng),
    "choice": lambda rng: tg.random.choice(1000, (2, 3), rng=rng),
    "dropout": lambda rng: tg.asarray(tg.dropout(np.ones((8, 8)), 0.5, rng=rng)),
}


def test_every_sampler_is_tried_here() -> None:
    assert set(DRAWS) == {*tg.random.__all__, "dropout"}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_draw_is_repeatable_by_number_generator_and_seed(draw: Any) -> None:
    first = draw(7).data
    assert isinstance(draw(7), tg.Tensor)
    np.testing.assert_array_equal(draw(7).data, first)
    np.testing.assert_array_equal(draw(np.random.default_rng(7)).data, first)
    with tg.seed(7):
        np.testing.assert_array_equal(draw(None).data, first)
        assert not np.array_equal(draw(None).data, first)
    with pytest.raises(tg.errors.ArgumentError):
        draw(-1)


def close(found: float, expected: float, deviation: float) -> bool:
    """Within five standard deviations of a mean of N draws."""
    return abs(found - expected) < 5 * deviation / N**0.5


def test_uniform_fills_its_bounds() -> None:
    x = tg.random.uniform(N, low=-1.0, high=3.0, rng=1).data
    assert (x.min() >= -1, x.max() < 3) == (True, True)
    assert close(float(x.mean()), 1.0, 4 / 12**0.5)
    assert close(float(((x - 1) ** 2).mean()), 16 / 12, 1.2)


def test_normal_has_its_mean_and_deviation() -> None:
    x = tg.random.normal(N, mean=2.0, std=3.0, rng=2).data
    assert close(float(x.mean()), 2.0, 3.0)
    assert close(float(((x - 2) ** 2).mean()), 9.0, 9 * 2**0.5)


def test_integers_are_equally_likely_without_the_upper_bound() -> None:
    x = tg.random.integers(-1, 3, N, rng=3)
    assert x.dtype == np.int64
    values, counts = np.unique(x.data, return_counts=True)
    assert values.tolist() == [-1, 0, 1, 2]
    assert all(close(count / N, 0.25, 0.44) for count in counts)
    assert tg.random.integers(3, shape=2, dtype=tg.int8, rng=0).dtype == np.int8


def test_bernoulli_follows_each_probability() -> None:
    x = tg.random.bernoulli([0.0, 0.3, 1.0], (N, 3), rng=4)
    assert x.dtype == np.bool_
    rates = x.data.mean(axis=0)
    assert (rates[0], rates[2]) == (0.0, 1.0)
    assert close(rates[1], 0.3, 0.46)
    assert tg.random.bernoulli([0.5, 0.5], rng=0).shape == (2,)


@pytest.mark.parametrize("axis", [0, 1])
def test_categorical_follows_the_softmax_of_the_scores(axis: int) -> None:
    logits = np.array([[0.0, 1.0, -np.inf, 2.0], [900.0, 901.0, 900.0, 0.0]])
    x = tg.random.categorical(logits if axis == 1 else logits.T, N, axis=axis, rng=5).data
    assert x.shape == (N, 2)
    expected = tg.softmax(logits, axis=1)
    for row in range(2):
        for k in range(4):
            assert close(float((x[:, row] == k).mean()), float(expected[row, k]), 0.5)


def test_a_permutation_keeps_every_element_of_every_row() -> None:
    assert sorted(tg.random.permutation(9, rng=6).data) == list(range(9))
    x = np.arange(12).reshape(3, 4)
    rows = tg.random.permutation(x, rng=6).data
    assert sorted(map(tuple, rows)) == sorted(map(tuple, x))
    columns = tg.random.permutation(x, axis=1, rng=6).data
    assert sorted(map(tuple, columns.T)) == sorted(map(tuple, x.T))


def test_choice_follows_its_probabilities_and_does_not_repeat_if_told() -> None:
    x = tg.random.choice([10, 20, 30], N, p=[0.2, 0.0, 0.8], rng=7).data
    assert set(x.tolist()) == {10, 30}
    assert close(float((x == 10).mean()), 0.2, 0.4)
    assert sorted(tg.random.choice(5, 5, replace=False, rng=7).data) == [0, 1, 2, 3, 4]


def test_location_and_scale_differentiate_by_composition() -> None:
    mean, std = tg.Tensor(1.0, requires_grad=True), tg.Tensor(2.0, requires_grad=True)
    noise = tg.random.normal(4, rng=8)
    (mean + std * noise).sum().backward()
    assert mean.grad == 4.0
    np.testing.assert_allclose(std.grad, noise.data.sum())


def test_floats_take_a_floating_type_only() -> None:
    assert tg.random.normal(2, dtype=tg.float32, rng=0).dtype == np.float32
    with pytest.raises(tg.errors.DTypeError):
        tg.random.uniform(2, dtype=tg.int32, rng=0)


REFUSED: dict[str, Any] = {
    "bounds out of order": lambda: tg.random.uniform(2, low=1.0, high=0.0),
    "negative deviation": lambda: tg.random.normal(2, std=-1.0),
    "no whole number between": lambda: tg.random.integers(3, 3),
    "no probability": lambda: tg.random.bernoulli([0.5, 1.5]),
    "no class": lambda: tg.random.categorical(np.zeros((2, 0))),
    "no finite score": lambda: tg.random.categorical([-np.inf, -np.inf]),
    "scores not numbers": lambda: tg.random.categorical([np.nan, 0.0]),
    "fractional count": lambda: tg.random.permutation(2.5),
    "more than there are": lambda: tg.random.choice(3, 4, replace=False),
    "probabilities that sum to 2": lambda: tg.random.choice(2, 1, p=[1.0, 1.0]),
    "negative size": lambda: tg.random.normal(-1),
    "probability of dropping": lambda: tg.dropout([1.0], 1.5),
    "a gradient that would be lost": lambda: tg.random.permutation(
        tg.Tensor([1.0, 2.0], requires_grad=True)
    ),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_impossible_draws_are_refused_in_our_words(call: Any) -> None:
    with pytest.raises(tg.errors.TinygradError):
        call()


def test_dropout_is_linear_in_what_it_keeps() -> None:
    x = tg.Tensor(np.arange(1.0, 9.0), requires_grad=True)
    y = tg.dropout(x, 0.25, rng=9)
    kept = y.data != 0
    np.testing.assert_allclose(y.data[kept], x.data[kept] / 0.75)
    y.sum().backward()
    np.testing.assert_allclose(x.grad, kept / 0.75)
    assert tg.dropout(x, 0.0) is x
