"""Scalers equal their formulas, undo themselves, and never look at test data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from tinygrad_edu.data import (
    Dataset,
    MinMaxScaler,
    StandardScaler,
    Subset,
    TensorDataset,
    load,
    part_of,
    split_dataset,
    train_test_split,
)  # fmt: skip
from tinygrad_edu.errors import ArgumentError, DataError, ShapeError

pytestmark = pytest.mark.once  # what no version of Python changes

numbers = st.floats(-1e3, 1e3, allow_subnormal=False).map(lambda x: round(x, 3))
tables = arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=numbers)


@given(x=tables)
def test_standard_scaling_is_its_formula(x: np.ndarray) -> None:
    scaled = StandardScaler().fit_transform(x)
    for column, found in zip(x.T.tolist(), scaled.T.tolist(), strict=True):
        mean = math.fsum(column) / len(column)
        deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in column) / len(column))
        constant = len(set(column)) == 1
        wanted = [0.0 if constant else (v - mean) / deviation for v in column]
        np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-8)


@given(x=tables, low=st.floats(-5, 5), width=st.floats(0.1, 5))
def test_min_max_scaling_is_its_formula(x: np.ndarray, low: float, width: float) -> None:
    scaled = MinMaxScaler((low, low + width)).fit_transform(x)
    for column, found in zip(x.T.tolist(), scaled.T.tolist(), strict=True):
        least, most = min(column), max(column)
        span = most - least or 1.0
        wanted = [low + (low + width - low) * (v - least) / span for v in column]
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler, lambda: MinMaxScaler((-1, 1))])
@given(x=tables)
def test_the_inverse_gives_the_old_units_back(scaler: Any, x: np.ndarray) -> None:
    fitted = scaler().fit(x)
    np.testing.assert_allclose(fitted.inverse_transform(fitted.transform(x)), x, atol=1e-9)


@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler])
def test_missing_values_are_passed_over_and_stay_missing(scaler: Any) -> None:
    x = np.array([[1.0, np.nan], [np.nan, 4.0], [3.0, 8.0]])
    scaled = scaler().fit_transform(x)
    np.testing.assert_array_equal(np.isnan(scaled), np.isnan(x))
    np.testing.assert_array_equal(scaled[[0, 2], 0], scaler().fit_transform([[1.0], [3.0]])[:, 0])


@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler])
def test_images_are_scaled_pixel_by_pixel_in_their_dtype(scaler: Any) -> None:
    digits = load("digits").features
    scaled = scaler().fit_transform(digits)
    assert scaled.shape == digits.shape
    assert scaled.dtype == np.float32
    flat = scaler().fit_transform(digits.reshape(len(digits), -1))
    np.testing.assert_array_equal(scaled.reshape(len(digits), -1), flat)
    assert scaler().fit_transform(np.array([[1], [2]])).dtype == np.float64


@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler])
def test_what_a_split_set_apart_is_refused(scaler: Any) -> None:
    wine = load("wine")
    train, test, _, _ = train_test_split(wine, rng=0)
    for part in (test, test[:10], test.reshape(-1, 1), np.asarray(test)):
        with pytest.raises(DataError, match="would learn from the test part"):
            scaler().fit(part)
    assert scaler().fit(train).transform(test).shape == test.shape
    assert part_of(test.copy()) == ""


@pytest.mark.parametrize("name", ["validation", "test"])
def test_named_parts_are_refused(name: str) -> None:
    parts = dict(zip(("train", "validation", "test"), split_dataset(load("wine")), strict=True))  # type: ignore[type-var]
    with pytest.raises(DataError, match=f"the {name} part") as caught:
        StandardScaler().fit(parts[name])
    space = {"StandardScaler": StandardScaler}
    space |= {"x_train": parts["train"], "x_test": parts[name]}  # type: ignore[dict-item]
    assert eval(caught.value.fix, space).shape == (len(parts[name]), 13)


def test_a_subset_tells_its_part() -> None:
    assert part_of(Subset(TensorDataset(np.zeros((3, 1))), [0], part="test")) == "test"


def test_marks_vanish_with_their_arrays() -> None:
    from tinygrad_edu.data import marks

    before = len(marks._PARTS)
    for _ in range(50):
        train_test_split(np.zeros((8, 2)), np.zeros((8, 3, 2)))
    assert len(marks._PARTS) == before


@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler])
def test_a_second_fit_is_refused_unless_it_changes_nothing(scaler: Any) -> None:
    fitted = scaler().fit([[1.0], [3.0]])
    assert fitted.fit([[1.0], [3.0]]) is fitted
    with pytest.raises(DataError, match="fitted before, to other data"):
        fitted.fit([[1.0], [4.0]])
    assert fitted.transform([[3.0]]).tolist() == [[1.0]]


@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler])
@pytest.mark.parametrize(
    "x, said",
    [
        (np.zeros((0, 2)), "no rows"),
        ([[1.0, np.inf]], r"inf at \[0, 1\]"),
        ([[1.0, np.nan], [2.0, np.nan]], "column 1, where all values are missing"),
    ],
)
def test_data_without_figures_is_refused(scaler: Any, x: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        scaler().fit(x)


def test_shapes_have_to_fit() -> None:
    with pytest.raises(ShapeError, match="needs numbers of shape"):
        StandardScaler().fit([1.0, 2.0])
    with pytest.raises(ShapeError, match="needs numbers of shape"):
        StandardScaler().fit([["a"]])
    fitted = StandardScaler().fit([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(ShapeError, match=r"samples of shape \(2,\), got \(3,\)"):
        fitted.transform(np.zeros((4, 3)))
    with pytest.raises(DataError, match="has not been fitted"):
        StandardScaler().transform([[1.0]])
    with pytest.raises(ArgumentError, match="feature_range="):
        MinMaxScaler((1, 1))


@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler])
def test_figures_travel_to_another_scaler(scaler: Any) -> None:
    x = np.random.default_rng(0).random((5, 3))
    fitted, other = scaler().fit(x), scaler()
    other.load_state_dict(fitted.state_dict())
    np.testing.assert_array_equal(other.transform(x), fitted.transform(x))
    with pytest.raises(ArgumentError, match="no figures"):
        scaler().load_state_dict({"weight": x})
    assert repr(other).endswith("(3 columns)")


def test_a_nearly_constant_column_is_not_blown_up() -> None:
    x = np.full((7, 1), 0.1) * 3  # its mean is off by a rounding
    assert abs(StandardScaler().fit_transform(x)).max() < 1e-9


def test_a_dataset_counts_as_its_features() -> None:
    wine = load("wine")
    assert isinstance(wine, Dataset)
    np.testing.assert_array_equal(
        StandardScaler().fit_transform(wine), StandardScaler().fit_transform(wine.features)
    )
