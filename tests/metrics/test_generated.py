"""Measures of generated samples, against closed forms and searches over all pairs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tinygrad_edu import metrics
from tinygrad_edu.errors import ArgumentError, ShapeError

pytestmark = pytest.mark.once  # what no version of Python changes


@given(seed=st.integers(0, 99), features=st.integers(1, 4))
def test_the_frechet_distance_of_shifted_copies_is_the_squared_shift(
    seed: int, features: int
) -> None:
    random = np.random.default_rng(seed)
    a, shift = random.normal(size=(9, features)), random.normal(size=features)
    assert metrics.frechet_distance(a, a) == pytest.approx(0, abs=1e-12)
    expected = sum(value * value for value in shift)
    assert metrics.frechet_distance(a, a + shift) == pytest.approx(expected, rel=1e-9)
    # Two sets scaled along their axes: covariances commute, so standard deviations subtract.
    scale = random.uniform(0.5, 2, size=features)
    white = np.linalg.svd(a - a.mean(axis=0), full_matrices=False)[0]
    expected = sum((1 - factor) ** 2 for factor in scale) / 8
    assert metrics.frechet_distance(white, white * scale) == pytest.approx(expected, abs=1e-12)


@given(seed=st.integers(0, 99))
def test_the_frechet_distance_is_symmetric_and_blind_to_rotations(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(9, 3)), random.normal(size=(7, 3)) * 2
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    plain = metrics.frechet_distance(a, b)
    assert metrics.frechet_distance(b, a) == pytest.approx(plain, rel=1e-10)
    assert metrics.frechet_distance(a @ turn, b @ turn) == pytest.approx(plain, rel=1e-10)


def test_fewer_samples_than_features_are_no_trouble() -> None:
    a = np.random.default_rng(0).normal(size=(3, 50))
    assert metrics.frechet_distance(a, a[::-1]) == pytest.approx(0, abs=1e-10)
    assert metrics.frechet_distance(a, a + 1) == pytest.approx(50)


@given(seed=st.integers(0, 99), k=st.integers(1, 4))
def test_coverage_counts_real_samples_with_a_generated_one_in_reach(seed: int, k: int) -> None:
    random = np.random.default_rng(seed)
    real, made = random.integers(0, 4, size=(8, 2)), random.integers(0, 4, size=(5, 2))
    covered = 0
    for i, x in enumerate(real.tolist()):
        others = sorted(math.dist(x, z) for j, z in enumerate(real.tolist()) if j != i)
        covered += any(math.dist(x, y) <= others[k - 1] for y in made.tolist())
    assert metrics.coverage(real, made, k=k) == covered / 8


def test_coverage_of_copies_is_whole_and_of_one_mode_is_not() -> None:
    real = np.array([[0.0], [0.0], [0.1], [9.0], [9.1], [9.2]])
    assert metrics.coverage(real, real, k=1) == 1
    assert metrics.coverage(real, real[:3], k=2) == 0.5


@given(labels=st.lists(st.sampled_from("abc"), min_size=1, max_size=20))
def test_class_entropy_is_shannons(labels: list[str]) -> None:
    share = [labels.count(name) / len(labels) for name in set(labels)]
    expected = -sum(p * math.log(p) for p in share)
    assert metrics.class_entropy(labels) == pytest.approx(expected, abs=1e-15)
    assert metrics.class_entropy(labels, base=3) == pytest.approx(expected / math.log(3), abs=1e-15)


def test_class_entropy_ranges_from_collapse_to_even() -> None:
    assert str(metrics.class_entropy([4, 4, 4])) == "0.0"
    assert metrics.class_entropy(range(10), base=10) == pytest.approx(1)


def test_principal_components_are_fitted_on_one_set_and_applied_to_another() -> None:
    random = np.random.default_rng(0)
    images = random.normal(size=(12, 2, 3))
    features = metrics.pca_features(images, 4)
    np.testing.assert_allclose(features.axes @ features.axes.T, np.eye(4), atol=1e-12)
    seen = features(images)
    np.testing.assert_allclose(seen.mean(axis=0), 0, atol=1e-12)
    covariance = np.cov(seen, rowvar=False)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-12)
    total = np.var(images.reshape(12, -1), axis=0, ddof=1).sum()
    np.testing.assert_allclose(np.diag(covariance) / total, features.explained)
    assert (np.diff(features.explained) <= 0).all()
    assert features(images[:1] + 1).shape == (1, 4)
    whole = metrics.pca_features(images, 6)
    assert whole.explained.sum() == pytest.approx(1)
    back = whole(images) @ whole.axes + whole.mean
    np.testing.assert_allclose(back, images.reshape(12, -1), atol=1e-12)


def test_constant_samples_have_components_without_variance() -> None:
    features = metrics.pca_features(np.ones((3, 2)), 1)
    assert features.explained.tolist() == [0]
    assert features(np.ones((1, 2))).tolist() == [[0]]


@pytest.mark.parametrize(
    "real, made",
    [
        ([[1.0], [2.0]], [[1.0, 2.0]]),
        ([1.0, 2.0], [1.0, 2.0]),
        ([[1.0]], [[1.0]]),
        ([[1.0], [math.nan]], [[1.0], [2.0]]),
        ([[1.0], [2.0]], [["a"], ["b"]]),
        (np.zeros((2, 0)), np.zeros((2, 0))),
        (np.zeros((3, 1)), np.zeros((0, 1))),
    ],
)
def test_features_that_do_not_compare_are_refused(real: Any, made: Any) -> None:
    for call in (
        lambda: metrics.frechet_distance(real, made),
        lambda: metrics.coverage(real, made, k=1),
    ):
        with pytest.raises((ArgumentError, ShapeError)):
            call()


def test_settings_out_of_range_are_refused() -> None:
    real = np.zeros((3, 2))
    for k in (0, 3, 1.0, True):
        with pytest.raises(ArgumentError, match="k="):
            metrics.coverage(real, real, k=k)  # type: ignore[arg-type]
    for components in (0, 3, 1.0, True):
        with pytest.raises(ArgumentError, match="components="):
            metrics.pca_features(real, components)  # type: ignore[arg-type]
    for samples in ([[math.inf]], [], 1.0, [["a"]]):
        with pytest.raises((ArgumentError, ShapeError)):
            metrics.pca_features(samples, 1)
    for samples in (np.zeros((3, 3)), np.zeros(2), [[math.nan, 1]]):
        with pytest.raises((ArgumentError, ShapeError)):
            metrics.pca_features(real + 1, 1)(samples)
    for base in (1, 0, -2, math.nan, math.inf, "e"):
        with pytest.raises(ArgumentError, match="base="):
            metrics.class_entropy([1, 2], base=base)  # type: ignore[arg-type]
    for labels in ([], [0.5], [[1, 2]]):
        with pytest.raises((ArgumentError, ShapeError)):
            metrics.class_entropy(labels)
