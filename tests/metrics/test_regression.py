"""Distances of numbers against their definitions, output by output and sample by sample."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from tests.metrics.drawn import number_pairs, weights_for
from tinygrad_edu import metrics
from tinygrad_edu.errors import ArgumentError, ShapeError

pytestmark = pytest.mark.once  # what no version of Python changes

Pair = tuple[Any, Any]


def mean(values: list[float], weight: list[float]) -> float:
    return math.fsum(v * w for v, w in zip(values, weight, strict=True)) / math.fsum(weight)


def r2(y: list[float], p: list[float], weight: list[float]) -> float:
    centre = mean(y, weight)
    spread = mean([(a - centre) ** 2 for a in y], weight)
    return 1 - mean([(a - b) ** 2 for a, b in zip(y, p, strict=True)], weight) / spread


def of_errors(error: Callable[[float, float], float], root: bool = False) -> Callable[..., float]:
    def value(y: list[float], p: list[float], weight: list[float]) -> float:
        average = mean([error(a, b) for a, b in zip(y, p, strict=True)], weight)
        return math.sqrt(average) if root else average

    return value


DEFINITIONS: dict[str, Callable[..., float]] = {
    "mean_absolute_error": of_errors(lambda y, p: abs(y - p)),
    "mean_squared_error": of_errors(lambda y, p: (y - p) ** 2),
    "root_mean_squared_error": of_errors(lambda y, p: (y - p) ** 2, root=True),
    "root_mean_squared_log_error": of_errors(
        lambda y, p: (math.log(1 + y) - math.log(1 + p)) ** 2, root=True
    ),
    "mean_absolute_percentage_error": of_errors(lambda y, p: abs((y - p) / y)),
    "r2_score": r2,
}
ALL = [getattr(metrics, name) for name in DEFINITIONS]


@pytest.mark.parametrize("name", DEFINITIONS)
@given(data=st.data())
def test_each_distance_is_what_its_formula_says(name: str, data: st.DataObject) -> None:
    y, p = data.draw(number_pairs(low=-0.5 if "log" in name else -1e3))
    weight = data.draw(st.none() | weights_for(len(y)))
    each = [1.0] * len(y) if weight is None else weight.tolist()
    assume(any(each))
    if "percentage" in name:
        y = np.where(np.abs(y) < 1e-6, 1.0, y)
    if name == "r2_score":
        each = [w + 1 for w in each]
        weight = np.array(each)
        y = y + np.where(np.ptp(y, axis=0) > 1e-3, 0, 7) * (np.arange(len(y)) == 0).reshape(
            -1, *[1] * (y.ndim - 1)
        )
    columns = zip(y.reshape(len(y), -1).T.tolist(), p.reshape(len(p), -1).T.tolist(), strict=True)
    expected = [DEFINITIONS[name](*pair, each) for pair in columns]
    settings = {"sample_weight": weight}
    metric = getattr(metrics, name)
    np.testing.assert_allclose(
        metric(y, p, multioutput="raw_values", **settings), expected, rtol=1e-9, atol=1e-9
    )
    assert metric(y, p, **settings) == pytest.approx(np.mean(expected), rel=1e-9, abs=1e-9)
    share = np.arange(1, len(expected) + 1)
    weighted = metric(y, p, multioutput=share, **settings)
    assert weighted == pytest.approx(np.average(expected, weights=share), rel=1e-9, abs=1e-9)


def test_adjusted_r2_charges_for_features() -> None:
    y, p = [1.0, 2.0, 3.0, 4.0, 6.0], [1.5, 2.0, 2.5, 4.5, 5.5]
    plain = metrics.r2_score(y, p)
    assert metrics.adjusted_r2(y, p, features=0) == pytest.approx(plain)
    assert metrics.adjusted_r2(y, p, features=2) == pytest.approx(1 - (1 - plain) * 4 / 2)


@pytest.mark.parametrize("features", [4, 5, -1, 1.0, True])
def test_adjusted_r2_needs_more_samples_than_features(features: Any) -> None:
    with pytest.raises(ArgumentError, match="features="):
        metrics.adjusted_r2([1, 2, 3, 4, 6], [1, 2, 3, 4, 5], features=features)


def test_a_constant_truth_is_explained_or_not() -> None:
    y = [0.1] * 3  # whose mean is not 0.1
    assert metrics.r2_score(y, y) == 1
    assert metrics.r2_score(y, [0.1, 0.1, 0.2]) == 0
    assert math.isnan(metrics.r2_score(y, y, force_finite=False))
    assert metrics.r2_score(y, [0.1, 0.1, 0.2], force_finite=False) == -math.inf
    assert metrics.r2_score([0.1, 0.1, 0.1, 9], [0, 0, 0, 0], sample_weight=[1, 1, 1, 0]) == 0


def test_small_integers_do_not_wrap() -> None:
    y, p = np.array([200, 0], dtype=np.uint8), np.array([0, 200], dtype=np.uint8)
    assert metrics.mean_absolute_error(y, p) == 200
    assert metrics.mean_squared_error(y, p) == 40000
    assert metrics.mean_absolute_error([True, False], [False, False]) == 0.5


@pytest.mark.parametrize("metric", ALL, ids=DEFINITIONS)
@pytest.mark.parametrize(
    "y, p, settings",
    [
        ([1, 2], [1, 2, 3], {}),
        ([1, 2], [[1], [2]], {}),
        ([[1, 2]], [1, 2], {}),
        ([], [], {}),
        (1.0, 2.0, {}),
        ([[[1]]], [[[1]]], {}),
        ([1, math.nan], [1, 2], {}),
        ([1, 2], [1, math.inf], {}),
        (["a", "b"], ["a", "b"], {}),
        ([1, 2], [1, 2], {"multioutput": "mean"}),
        ([1, 2], [1, 2], {"multioutput": [1, 2]}),
        ([1, 2], [1, 2], {"multioutput": [0]}),
        ([1, 2], [1, 2], {"multioutput": None}),
        ([1, 2], [1, 2], {"sample_weight": [1]}),
        ([1, 2], [1, 2], {"sample_weight": [-1, 2]}),
        ([1, 2], [1, 2], {"sample_weight": ["a", "b"]}),
    ],
)
def test_what_has_no_distance_is_refused(
    metric: Callable[..., Any], y: Any, p: Any, settings: dict[str, Any]
) -> None:
    with pytest.raises((ArgumentError, ShapeError)):
        metric(y, p, **settings)


def test_a_column_is_not_stretched_against_a_row_and_the_fix_works() -> None:
    scope = {"y_true": np.array([1.0, 2.0]), "y_pred": np.array([[1.0], [2.0]])}
    with pytest.raises(ShapeError) as caught:
        metrics.mean_squared_error(**scope)
    assert caught.value.fix is not None
    assert metrics.mean_squared_error(*eval(caught.value.fix, dict(scope))) == 0


def test_formulas_without_a_value_are_refused() -> None:
    with pytest.raises(ArgumentError, match="zeros"):
        metrics.mean_absolute_percentage_error([0, 1], [1, 1])
    with pytest.raises(ArgumentError, match="y_pred holds -1"):
        metrics.root_mean_squared_log_error([0, 1], [-1, 1])
    with pytest.raises(ArgumentError, match="y_true holds -2"):
        metrics.root_mean_squared_log_error([-2, 1], [1, 1])
    with pytest.raises(ArgumentError, match="one sample"):
        metrics.r2_score([1], [1])
