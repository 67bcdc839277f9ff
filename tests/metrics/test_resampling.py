"""Intervals and importances by drawing anew: what is drawn, what is refused, what is repeated."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import metrics
from tinygrad_edu.errors import ArgumentError, ShapeError
from tinygrad_edu.metrics import bootstrap_interval, permutation_importance

pytestmark = pytest.mark.once  # what no version of Python changes


def square_error(y: Any, p: Any) -> float:
    return -float(np.mean((y - p) ** 2))


@given(seed=st.integers(0, 99))
def test_an_importance_is_the_fall_of_the_metric_with_one_column_shuffled(seed: int) -> None:
    data = np.random.default_rng(seed)
    x, y = data.normal(size=(8, 3)), data.normal(size=8)
    weight = np.array([2.0, -1.0, 0.0])
    found = permutation_importance(lambda x: x @ weight, x, y, square_error, n_repeats=4, rng=seed)
    assert found.baseline == square_error(y, x @ weight)
    draws = np.random.default_rng(seed)
    for feature in range(3):
        for repeat in range(4):
            order = draws.permutation(8)
            total = 0.0
            for row in range(8):
                shuffled = [*x[row]]
                shuffled[feature] = x[order[row]][feature]
                total += (y[row] - float(np.dot(shuffled, weight))) ** 2
            expected = found.baseline + total / 8
            assert found.importances[feature, repeat] == pytest.approx(expected, abs=1e-12)
    assert found.importances[2].tolist() == [0] * 4
    np.testing.assert_allclose(found.importances_mean, found.importances.mean(axis=1))
    np.testing.assert_allclose(found.importances_std, found.importances.std(axis=1))


def test_a_model_may_not_harm_the_data_it_is_judged_by() -> None:
    x = np.arange(8.0).reshape(4, 2)
    kept = x.copy()

    def careless(x: Any) -> Any:
        x[:] = 0
        return x[:, 0]

    permutation_importance(careless, x, np.zeros(4), square_error, rng=0)
    np.testing.assert_array_equal(x, kept)


def test_images_are_shuffled_channel_by_channel() -> None:
    x = np.random.default_rng(0).normal(size=(6, 2, 3, 3))
    y = x[:, 1].sum(axis=(1, 2))
    found = permutation_importance(lambda x: x[:, 1].sum(axis=(1, 2)), x, y, square_error, rng=0)
    assert found.importances_mean[0] == 0 < found.importances_mean[1]


@pytest.mark.parametrize(
    "x, y, metric, settings",
    [
        ([1, 2], [1, 2], square_error, {}),
        ([[1], [2]], [1, 2, 3], square_error, {}),
        (np.zeros((0, 2)), [], square_error, {}),
        (np.zeros((2, 0)), [1, 2], square_error, {}),
        ([[1], [2]], [1, 2], lambda y, p: math.nan, {}),
        ([[1], [2]], [1, 2], lambda y, p: y, {}),
        ([[1], [2]], [1, 2], lambda y, p: "good", {}),
        ([[1], [2]], [1, 2], square_error, {"n_repeats": 0}),
        ([[1], [2]], [1, 2], square_error, {"n_repeats": 1.5}),
        ([[1], [2]], [1, 2], square_error, {"rng": -1}),
    ],
)
def test_importances_of_nothing_are_refused(
    x: Any, y: Any, metric: Any, settings: dict[str, Any]
) -> None:
    with pytest.raises((ArgumentError, ShapeError)):
        permutation_importance(lambda x: np.asarray(x)[:, 0], x, y, metric, **settings)


@given(seed=st.integers(0, 99), level=st.sampled_from([0.5, 0.8, 0.95]))
def test_an_interval_holds_the_middle_of_the_metric_over_resamples(seed: int, level: float) -> None:
    y = np.random.default_rng(seed).integers(0, 2, 10)
    p = np.random.default_rng(seed + 1).integers(0, 2, 10)
    found = bootstrap_interval(
        metrics.accuracy_score, y, p, confidence_level=level, n_resamples=21, rng=seed
    )
    draws, values = np.random.default_rng(seed), []
    for _ in range(21):
        rows = draws.integers(0, 10, 10)
        values.append(sum(y[row] == p[row] for row in rows) / 10)
    np.testing.assert_allclose(found.resamples, values)
    assert found.estimate == metrics.accuracy_score(y, p)
    for end, part in ((found.low, (1 - level) / 2), (found.high, (1 + level) / 2)):
        place = part * 20
        below, above = sorted(values)[math.floor(place)], sorted(values)[math.ceil(place)]
        assert end == pytest.approx(below + (above - below) * (place - math.floor(place)))


def test_the_same_seed_gives_the_same_interval() -> None:
    y, p = np.arange(20.0), np.arange(20.0)[::-1]
    one, other = (
        bootstrap_interval(metrics.r2_score, y, p, n_resamples=20, rng=3) for _ in range(2)
    )
    np.testing.assert_array_equal(one.resamples, other.resamples)
    with tg.seed(3):
        third = bootstrap_interval(metrics.r2_score, y, p, n_resamples=20)
    np.testing.assert_array_equal(one.resamples, third.resamples)


def test_strata_keep_their_sizes() -> None:
    y = np.array([0] * 30 + [1])
    seen = []

    def count(labels: Any) -> float:
        seen.append((labels == 1).sum())
        return float(seen[-1])

    bootstrap_interval(count, y, n_resamples=30, stratify=y, rng=0)
    assert set(seen) == {1}


def test_a_resample_without_a_value_is_no_secret_and_the_fix_works() -> None:
    y_true, score = np.array([0] * 30 + [1]), np.arange(31.0)
    with pytest.raises(ArgumentError, match="no value on resample") as caught:
        bootstrap_interval(metrics.roc_auc_score, y_true, score, n_resamples=50, rng=0)
    assert caught.value.fix == "stratify=y_true"
    found = bootstrap_interval(
        metrics.roc_auc_score, y_true, score, n_resamples=50, stratify=y_true, rng=0
    )
    assert found.low == found.high == 1


@pytest.mark.parametrize(
    "arrays, settings",
    [
        ((), {}),
        (([],), {}),
        ((1.0,), {}),
        (([1, 2], [1]), {}),
        (([1, 2],), {"confidence_level": 95}),
        (([1, 2],), {"confidence_level": math.nan}),
        (([1, 2],), {"n_resamples": 0}),
        (([1, 2],), {"stratify": [1]}),
        (([1, math.nan],), {}),
    ],
)
def test_intervals_of_nothing_are_refused(arrays: Any, settings: dict[str, Any]) -> None:
    with pytest.raises((ArgumentError, ShapeError)):
        bootstrap_interval(lambda *a: float(np.mean(a[0])), *arrays, **settings)
