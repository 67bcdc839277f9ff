"""Logarithmic and quadratic scores and calibration, against their definitions."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.metrics.drawn import Samples, binary_samples, class_samples
from tinygrad_edu import metrics
from tinygrad_edu.errors import ArgumentError, ShapeError

pytestmark = pytest.mark.once  # what no version of Python changes


@given(samples=binary_samples(chances=True))
def test_log_loss_is_the_mean_surprise(samples: Samples) -> None:
    y, p, _ = samples
    greatest = max(y.tolist())
    total, margin = 0.0, 2.0**-52
    for label, chance in zip(y.tolist(), p.tolist(), strict=True):
        own = chance if label == greatest else 1 - chance
        total -= math.log(min(max(own, margin), 1 - margin))
    assert metrics.log_loss(y, p) == pytest.approx(total / len(y), rel=1e-13, abs=1e-15)
    assert metrics.log_loss(y, p, normalize=False) == pytest.approx(total, rel=1e-13, abs=1e-15)
    rows = np.stack([1 - p, p], axis=1)
    assert metrics.log_loss(y, rows) == pytest.approx(total / len(y), rel=1e-13, abs=1e-15)


@given(samples=class_samples())
def test_scores_of_several_classes_read_the_row_of_each_sample(samples: Samples) -> None:
    y, p, _ = samples
    classes = sorted(set(y.tolist()))
    surprise, squares = 0.0, 0.0
    for label, row in zip(y.tolist(), p.tolist(), strict=True):
        surprise -= math.log(min(max(row[classes.index(label)], 2.0**-52), 1 - 2.0**-52))
        squares += sum((q - (c == label)) ** 2 for c, q in zip(classes, row, strict=True))
    assert metrics.log_loss(y, p) == pytest.approx(surprise / len(y), rel=1e-13)
    assert metrics.brier_score_loss(y, p) == pytest.approx(squares / len(y), rel=1e-13)
    half = metrics.brier_score_loss(y, p, scale_by_half=True)
    assert half == pytest.approx(squares / len(y) / 2, rel=1e-13)


@given(samples=binary_samples(chances=True))
def test_brier_is_the_mean_squared_distance(samples: Samples) -> None:
    y, p, pos = samples
    name = 1 if pos is None else pos
    total = 0.0
    for label, chance in zip(y.tolist(), p.tolist(), strict=True):
        total += (chance - (label == name)) ** 2
    expected = pytest.approx(total / len(y), rel=1e-13, abs=1e-15)
    assert metrics.brier_score_loss(y, p, pos_label=pos) == expected
    order = [1 - p, p] if name == max(y.tolist()) else [p, 1 - p]
    assert metrics.brier_score_loss(y, np.stack(order, axis=1)) == expected
    other = next(label for label in y.tolist() if label != name)
    assert metrics.brier_score_loss(y, 1 - p, pos_label=other) == expected


@given(samples=binary_samples(chances=True), bins=st.integers(1, 6))
def test_calibration_compares_frequency_and_mean_prediction_bin_by_bin(
    samples: Samples, bins: int
) -> None:
    y, p, pos = samples
    name = 1 if pos is None else pos
    edges = np.linspace(0, 1, bins + 1).tolist()
    rows = []
    for number, (low, high) in enumerate(pairwise(edges)):
        inside = [
            (label == name, chance)
            for label, chance in zip(y.tolist(), p.tolist(), strict=True)
            if low < chance <= high or (number == 0 and chance == 0)
        ]
        if inside:
            rows.append([sum(column) / len(inside) for column in zip(*inside, strict=True)])
    curve = metrics.calibration_curve(y, p, pos_label=pos, n_bins=bins)
    np.testing.assert_allclose(np.stack(curve, axis=1), rows, rtol=1e-13, atol=1e-15)


def test_a_wrong_certainty_costs_36_and_no_infinity() -> None:
    assert metrics.log_loss([0, 1], [1.0, 1.0]) == pytest.approx(52 * math.log(2) / 2)
    single = metrics.log_loss([0, 1], np.array([1, 1], dtype=np.float32))
    assert single == pytest.approx(23 * math.log(2) / 2, rel=1e-6)


def test_one_class_is_enough_where_it_is_known_which() -> None:
    assert metrics.brier_score_loss([1, 1], [0.5, 1.0]) == 0.125
    assert metrics.brier_score_loss([0, 0], [0.5, 0.0]) == 0.125
    assert metrics.log_loss([1, 1], [0.5, 0.5], labels=[0, 1]) == pytest.approx(math.log(2))
    assert metrics.log_loss(["b"], [[0.25, 0.5, 0.25]], labels=list("abc")) == math.log(2)
    assert metrics.calibration_curve([0, 0], [0.1, 0.3], n_bins=1).prob_true == [0]


@pytest.mark.parametrize(
    "metric", [metrics.log_loss, metrics.brier_score_loss, metrics.calibration_curve]
)
@pytest.mark.parametrize(
    "y, p",
    [
        ([0, 1], [0.5, 1.5]),
        ([0, 1], [-0.1, 0.5]),
        ([0, 1], [0.5, math.nan]),
        ([0, 1], [0.5]),
        ([0, 1], ["a", "b"]),
        ([], []),
        ([0.5, 1], [0.5, 0.5]),
        ([0, 1, 2], [0.5, 0.5, 0.5]),
        ([5, 5], [0.5, 0.5]),
        ([0, 1], [[0.5], [0.5]]),
    ],
)
def test_what_is_no_probability_is_refused(metric: Any, y: Any, p: Any) -> None:
    with pytest.raises((ArgumentError, ShapeError)) as caught:
        metric(y, p)
    assert caught.value.why


@pytest.mark.parametrize("metric", [metrics.log_loss, metrics.brier_score_loss])
@pytest.mark.parametrize(
    "y, p, settings",
    [
        ([0, 1, 2], [[0.5, 0.5, 0.5]] * 3, {}),
        ([0, 1, 2], [[0.5, 0.25, 0.25]] * 2, {}),
        ([0, 1, 2], [[0.5, 0.25, 0.25]] * 4, {}),
        ([0, 1, 1], [[0.5, 0.25, 0.25]] * 3, {}),
        ([0, 1, 3], [[0.5, 0.25, 0.25]] * 3, {"labels": [0, 1, 2]}),
        ([0, 1, 2], [[0.5, 0.25, 0.25]] * 3, {"labels": [2, 1, 0]}),
        ([0, 1, 2], [[0.5, 0.25, 0.25]] * 3, {"labels": ["a", "b", "c"]}),
        ([0, 1, 2], [[math.nan, 0.5, 0.5]] * 3, {}),
        ([0, 1, 2], [[1.5, -0.25, -0.25]] * 3, {}),
        ([0, 1, 2], [[0.5, 0.25, 0.25]] * 3, {"sample_weight": [0, 0, 0]}),
    ],
)
def test_rows_that_are_no_distributions_over_the_classes_are_refused(
    metric: Any, y: Any, p: Any, settings: dict[str, Any]
) -> None:
    with pytest.raises((ArgumentError, ShapeError)):
        metric(y, p, **settings)


def test_the_fix_for_rows_that_do_not_sum_to_one_works() -> None:
    y_true, y_proba = [0, 1, 2], np.array([[0.5, 0.5, 1.0]] * 3)
    with pytest.raises(ArgumentError, match="row 0 of y_proba sums to 2") as caught:
        metrics.log_loss(y_true, y_proba)
    assert caught.value.fix is not None
    assert metrics.log_loss(y_true, eval(caught.value.fix, {"y_proba": y_proba})) > 0


@pytest.mark.parametrize(
    "settings", [{"n_bins": 0}, {"n_bins": 2.5}, {"n_bins": True}, {"strategy": "equal"}]
)
def test_calibration_needs_bins(settings: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        metrics.calibration_curve([0, 1], [0.2, 0.7], **settings)


def test_scale_by_half_is_yes_no_or_auto() -> None:
    with pytest.raises(ArgumentError, match="scale_by_half"):
        metrics.brier_score_loss([0, 1], [0.2, 0.7], scale_by_half="half")
