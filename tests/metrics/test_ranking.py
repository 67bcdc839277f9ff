"""Curves, areas, gain, lift and distances against their definitions, sample by sample."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.metrics.drawn import Samples, binary_samples, class_samples, weights_for
from tinygrad_edu import metrics
from tinygrad_edu.errors import ArgumentError, ShapeError

pytestmark = pytest.mark.once  # what no version of Python changes


def split(samples: Samples) -> tuple[list[Any], list[Any]]:
    """The scores of the positives and of the negatives."""
    name = 1 if samples.pos_label is None else samples.pos_label
    pairs = list(zip(samples.y.tolist(), samples.score.tolist(), strict=True))
    return [s for y, s in pairs if y == name], [s for y, s in pairs if y != name]


def at_least(scores: list[Any], threshold: float) -> int:
    return sum(1 for score in scores if score >= threshold)


def close(ours: Any, expected: Any) -> None:
    np.testing.assert_allclose(ours, np.array(expected, dtype=float), rtol=1e-13, atol=1e-15)


@given(samples=binary_samples())
def test_a_roc_curve_counts_the_samples_at_or_above_each_score(samples: Samples) -> None:
    positive, negative = split(samples)
    fpr, tpr, thresholds = metrics.roc_curve(
        samples.y, samples.score, pos_label=samples.pos_label, drop_intermediate=False
    )
    assert thresholds.tolist() == [math.inf, *sorted({*positive, *negative}, reverse=True)]
    close(tpr, [at_least(positive, t) / len(positive) for t in thresholds])
    close(fpr, [at_least(negative, t) / len(negative) for t in thresholds])


@given(samples=binary_samples())
def test_leaving_out_points_of_a_roc_curve_leaves_the_line_as_it_was(samples: Samples) -> None:
    whole, thinned = (
        metrics.roc_curve(*samples[:2], pos_label=samples.pos_label, drop_intermediate=drop)
        for drop in (False, True)
    )
    kept = set(zip(*(column.tolist() for column in thinned), strict=True))
    assert kept <= set(zip(*(column.tolist() for column in whole), strict=True))
    assert metrics.auc(*thinned[:2]) == pytest.approx(metrics.auc(*whole[:2]), abs=1e-14)
    corners = list(zip(thinned.fpr.tolist(), thinned.tpr.tolist(), strict=True))
    for point in zip(whole.fpr.tolist(), whole.tpr.tolist(), strict=True):
        assert min(_off(point, *ends) for ends in pairwise(corners)) < 1e-12


def _off(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """How much longer the way from start to end is over the point."""
    return math.dist(start, point) + math.dist(point, end) - math.dist(start, end)


@given(samples=binary_samples())
def test_precision_and_recall_count_the_samples_at_or_above_each_score(samples: Samples) -> None:
    positive, negative = split(samples)
    precision, recall, thresholds = metrics.precision_recall_curve(
        samples.y, samples.score, pos_label=samples.pos_label
    )
    assert thresholds.tolist() == sorted({*positive, *negative})
    found = [at_least(positive, t) for t in thresholds]
    claimed = [at_least(positive + negative, t) for t in thresholds]
    close(precision, [*(f / c for f, c in zip(found, claimed, strict=True)), 1])
    close(recall, [*(f / len(positive) for f in found), 0])


@given(samples=binary_samples())
def test_pairs_are_those_of_one_positive_and_one_negative(samples: Samples) -> None:
    positive, negative = split(samples)
    pairs = metrics.concordant_discordant(*samples[:2], pos_label=samples.pos_label)
    assert pairs == (
        sum(p > n for p in positive for n in negative),
        sum(p < n for p in positive for n in negative),
        sum(p == n for p in positive for n in negative),
    )
    assert all(type(count) is int for count in pairs)
    assert pairs.total == len(positive) * len(negative)


@given(samples=binary_samples())
def test_the_area_is_the_chance_that_a_positive_is_above_a_negative(samples: Samples) -> None:
    positive, negative = split(samples)
    won = sum(Fraction(1) if p > n else Fraction(p == n, 2) for p in positive for n in negative)
    expected = float(won / (len(positive) * len(negative)))
    name = samples.pos_label
    area = metrics.roc_auc_score(*samples[:2], pos_label=name)
    assert area == pytest.approx(expected, rel=1e-15)
    assert metrics.auc(*metrics.roc_curve(*samples[:2], pos_label=name)[:2]) == pytest.approx(
        expected, abs=1e-14
    )
    pairs = metrics.concordant_discordant(*samples[:2], pos_label=name)
    assert pairs.auc == expected
    assert metrics.gini(*samples[:2], pos_label=name) == pytest.approx(2 * expected - 1, abs=1e-15)
    assert pairs.gini == pytest.approx(2 * expected - 1, abs=1e-15)


@given(samples=binary_samples())
def test_average_precision_sums_steps_of_recall(samples: Samples) -> None:
    positive, negative = split(samples)
    total, before = 0.0, 0
    for threshold in sorted({*positive, *negative}, reverse=True):
        found, claimed = at_least(positive, threshold), at_least(positive + negative, threshold)
        total += (found - before) / len(positive) * found / claimed
        before = found
    name = 1 if samples.pos_label is None else samples.pos_label
    ours = metrics.average_precision_score(*samples[:2], pos_label=name)
    assert ours == pytest.approx(total, rel=1e-13)


@given(samples=class_samples())
def test_areas_of_several_classes_are_those_of_each_against_the_rest(samples: Samples) -> None:
    y, score, _ = samples
    classes = np.unique(y)
    for measure in (metrics.roc_auc_score, metrics.average_precision_score):
        settings: dict[str, Any] = (
            {"multi_class": "ovr"} if measure is metrics.roc_auc_score else {}
        )
        each = [
            measure((y == name).astype(int), score[:, column])
            for column, name in enumerate(classes)
        ]
        close(measure(y, score, average=None, **settings), each)
        assert measure(y, score, **settings) == pytest.approx(sum(each) / len(each))
        share = [(y == name).mean() for name in classes]
        weighted = sum(a * b for a, b in zip(each, share, strict=True))
        assert measure(y, score, average="weighted", **settings) == pytest.approx(weighted)


@given(samples=binary_samples())
def test_gain_and_lift_are_shares_of_the_samples_at_or_above_each_score(samples: Samples) -> None:
    positive, negative = split(samples)
    everyone = positive + negative
    depth, gain, thresholds = metrics.gain_curve(*samples[:2], pos_label=samples.pos_label)
    levels = sorted(set(everyone), reverse=True)
    assert thresholds.tolist() == [math.inf, *levels]
    close(depth, [at_least(everyone, t) / len(everyone) for t in thresholds])
    close(gain, [at_least(positive, t) / len(positive) for t in thresholds])
    lifted = metrics.lift_curve(*samples[:2], pos_label=samples.pos_label)
    assert lifted.thresholds.tolist() == levels
    close(lifted.depth, depth[1:])
    base = len(positive) / len(everyone)
    close(lifted.lift, [at_least(positive, t) / at_least(everyone, t) / base for t in levels])


@given(samples=binary_samples())
def test_the_kolmogorov_smirnov_distance_is_the_greatest_between_distributions(
    samples: Samples,
) -> None:
    positive, negative = split(samples)
    levels = sorted({*positive, *negative})

    def share(scores: list[Any], level: float) -> Fraction:
        return Fraction(sum(1 for score in scores if score <= level), len(scores))

    apart = [share(negative, level) - share(positive, level) for level in levels]
    curve = metrics.ks_curve(*samples[:2], pos_label=samples.pos_label)
    assert curve.thresholds.tolist() == levels
    close(curve.positive, [share(positive, level) for level in levels])
    close(curve.negative, [share(negative, level) for level in levels])
    close(curve.difference, apart)
    greatest = max(map(abs, apart))
    statistic = metrics.ks_statistic(*samples[:2], pos_label=samples.pos_label)
    assert curve.statistic == statistic == pytest.approx(float(greatest), abs=1e-15)
    assert abs(apart[levels.index(curve.threshold)]) == pytest.approx(greatest, abs=1e-15)


@given(samples=binary_samples(), data=st.data())
def test_a_gain_table_holds_what_bins_have_on_average_over_the_order_of_ties(
    samples: Samples, data: st.DataObject
) -> None:
    positive, negative = split(samples)
    everyone = positive + negative
    n, bins = len(everyone), data.draw(st.integers(1, len(everyone)))
    table = metrics.gain_table(*samples[:2], pos_label=samples.pos_label, bins=bins)

    def expected_among(scores: list[Any], first: int) -> Fraction:
        """How many of the scores are on average among the first in falling order."""
        total = Fraction(0)
        for score in scores:
            above, tied = sum(s > score for s in everyone), sum(s == score for s in everyone)
            total += min(max(Fraction(first - above, tied), Fraction(0)), Fraction(1))
        return total

    ends = [math.ceil(Fraction(n * k, bins)) for k in range(1, bins + 1)]
    found = [expected_among(positive, end) for end in ends]
    missed = [expected_among(negative, end) for end in ends]
    starts = [0, *ends[:-1]]
    per_bin = [f - before for f, before in zip(found, [Fraction(0), *found[:-1]], strict=True)]
    assert table.samples.tolist() == [e - s for e, s in zip(ends, starts, strict=True)]
    np.testing.assert_allclose(table.positives, np.array(per_bin, dtype=float), atol=1e-12)
    assert table.lowest_score.tolist() == [sorted(everyone, reverse=True)[e - 1] for e in ends]
    np.testing.assert_allclose(table.rate, table.positives / table.samples, atol=1e-12)
    np.testing.assert_allclose(table.lift, table.rate / (len(positive) / n), atol=1e-12)
    close(table.depth, [Fraction(e, n) for e in ends])
    np.testing.assert_allclose(table.gain, [float(f / len(positive)) for f in found], atol=1e-12)
    np.testing.assert_allclose(table.cumulative_lift, table.gain / table.depth, atol=1e-12)
    apart = [
        float(f / len(positive) - m / len(negative)) for f, m in zip(found, missed, strict=True)
    ]
    np.testing.assert_allclose(table.ks, apart, atol=1e-12)
    assert len({len(line) for line in str(table).split("\n")}) == 1


@given(samples=binary_samples(), seed=st.integers(0, 99))
def test_a_gain_table_does_not_depend_on_the_order_of_the_samples(
    samples: Samples, seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(samples.y))
    one = metrics.gain_table(*samples[:2], pos_label=samples.pos_label, bins=2)
    other = metrics.gain_table(
        samples.y[order], samples.score[order], pos_label=samples.pos_label, bins=2
    )
    assert str(one) == str(other)


RANKED: dict[str, Callable[..., Any]] = {
    "auc": metrics.roc_auc_score,
    "gini": metrics.gini,
    "ks": metrics.ks_statistic,
    "gain": lambda *a, **k: np.stack(metrics.gain_curve(*a, **k)[:2]),
    "lift": lambda *a, **k: np.stack(metrics.lift_curve(*a, **k)[:2]),
    "table": lambda *a, **k: metrics.gain_table(*a, **k, bins=2).gain,
    "f1": lambda *a, **k: metrics.best_threshold(*a, **k).value,
}


@pytest.mark.parametrize("name", RANKED)
@given(samples=binary_samples())
def test_what_only_ranks_is_blind_to_rising_transforms(name: str, samples: Samples) -> None:
    y, score, pos = samples
    # The rank of a score, and a power of it: rising, and exact for so few samples.
    rank = np.unique(score, return_inverse=True)[1].astype(float)
    for transformed in (rank, 3 * rank**3 - 100, 2.0 ** (rank - 30)):
        np.testing.assert_array_equal(
            RANKED[name](y, transformed, pos_label=pos), RANKED[name](y, score, pos_label=pos)
        )


@given(samples=binary_samples())
def test_naming_the_other_class_positive_mirrors_the_ranking(samples: Samples) -> None:
    y, score, pos = samples
    other = next(label for label in np.unique(y).tolist() if label != (1 if pos is None else pos))
    area = metrics.roc_auc_score(y, score, pos_label=pos)
    assert metrics.roc_auc_score(y, score, pos_label=other) == pytest.approx(1 - area, abs=1e-15)
    assert metrics.roc_auc_score(y, -1.0 * score, pos_label=other) == pytest.approx(area, abs=1e-15)
    ks = metrics.ks_statistic(y, score, pos_label=pos)
    assert metrics.ks_statistic(y, score, pos_label=other) == ks
    assert metrics.ks_statistic(y, -1.0 * score, pos_label=pos) == pytest.approx(ks, abs=1e-15)
    gini = metrics.gini(y, score, pos_label=pos)
    assert metrics.gini(y, score, pos_label=other) == pytest.approx(-gini, abs=1e-15)


@given(samples=binary_samples(), data=st.data())
def test_a_whole_weight_moves_a_curve_like_as_many_samples(
    samples: Samples, data: st.DataObject
) -> None:
    y, score, pos = samples
    weight = 1 + data.draw(weights_for(len(y)))
    often = weight.astype(int)
    for measure in (metrics.roc_curve, metrics.precision_recall_curve):
        weighted = measure(y, score, pos_label=pos, sample_weight=weight)
        repeated = measure(np.repeat(y, often), np.repeat(score, often), pos_label=pos)
        for one, other in zip(weighted, repeated, strict=True):
            close(one, other)
    for name in ("roc_auc_score", "gini", "average_precision_score"):
        settings = {"pos_label": 1 if pos is None else pos}
        one = getattr(metrics, name)(y, score, sample_weight=weight, **settings)
        other = getattr(metrics, name)(np.repeat(y, often), np.repeat(score, often), **settings)
        assert one == pytest.approx(other, rel=1e-13, abs=1e-15)


def test_scores_that_are_all_equal_say_nothing() -> None:
    y, score = [0, 1, 1, 0, 1], [0.3] * 5
    assert metrics.roc_auc_score(y, score) == 0.5
    assert metrics.gini(y, score) == metrics.ks_statistic(y, score) == 0
    assert metrics.lift_curve(y, score).lift.tolist() == [1]
    assert metrics.gain_table(y, score, bins=5).lift.tolist() == pytest.approx([1] * 5)
    assert metrics.average_precision_score(y, score) == 0.6


def test_large_whole_scores_are_told_apart() -> None:
    assert metrics.roc_auc_score([0, 1], [2**62, 2**62 + 1]) == 1


@pytest.mark.parametrize("criterion", ["f1", "youden", "cost"])
@given(samples=binary_samples(), false_alarm=st.integers(0, 4), miss=st.integers(1, 4))
def test_no_threshold_is_better_than_the_best(
    criterion: str, samples: Samples, false_alarm: int, miss: int
) -> None:
    positive, negative = split(samples)

    def value(threshold: float) -> Fraction:
        tp, fp = at_least(positive, threshold), at_least(negative, threshold)
        if criterion == "f1":
            return Fraction(2 * tp, tp + fp + len(positive))
        if criterion == "youden":
            return Fraction(tp, len(positive)) - Fraction(fp, len(negative))
        cost = false_alarm * fp + miss * (len(positive) - tp)
        return -Fraction(cost, len(positive) + len(negative))

    best = metrics.best_threshold(
        samples.y, samples.score, criterion=criterion, pos_label=samples.pos_label,
        false_positive_cost=false_alarm, false_negative_cost=miss,
    )  # fmt: skip
    levels = [math.inf, *sorted({*positive, *negative}, reverse=True)]
    values = [value(level) for level in levels]
    # max takes the first of equal ones, which is the highest threshold.
    assert best.threshold == levels[values.index(max(values))]
    sign = -1 if criterion == "cost" else 1
    assert best.value == pytest.approx(sign * float(max(values)), abs=1e-15)


def test_taking_nobody_can_be_cheapest() -> None:
    best = metrics.best_threshold(
        [0, 0, 1], [0.9, 0.8, 0.1], criterion="cost", false_positive_cost=5
    )
    assert best.threshold == math.inf
    assert best.value == pytest.approx(1 / 3)


JUDGED = [
    metrics.roc_curve, metrics.precision_recall_curve, metrics.roc_auc_score, metrics.gini,
    metrics.average_precision_score, metrics.concordant_discordant, metrics.gain_curve,
    metrics.lift_curve, metrics.ks_curve, metrics.ks_statistic, metrics.gain_table,
    metrics.best_threshold, metrics.report,
]  # fmt: skip


@pytest.mark.parametrize("metric", JUDGED, ids=lambda metric: metric.__name__)
@pytest.mark.parametrize(
    "y, score",
    [
        ([0, 1, 1], [0.1, math.nan, 0.3]),
        ([0, 1, 1], [0.1, math.inf, 0.3]),
        ([1, 1, 1], [0.1, 0.2, 0.3]),
        ([0, 0, 0], [0.1, 0.2, 0.3]),
        ([0, 1], [0.1, 0.2, 0.3]),
        ([0, 1, 1], [[0.1], [0.2], [0.3]]),
        ([0, 1, 1], 0.5),
        ([], []),
        ([0.5, 1, 0], [0.1, 0.2, 0.3]),
        ([0, 1, math.nan], [0.1, 0.2, 0.3]),
        ([0, 1, None], [0.1, 0.2, 0.3]),
        ([0, 1, 1], ["a", "b", "c"]),
        ([0, 1, 1], [1j, 2j, 3j]),
        ([[0, 1], [1, 0]], [0.5, 0.5]),
    ],
)
def test_bad_input_is_refused_with_a_reason(
    metric: Callable[..., object], y: Any, score: Any
) -> None:
    with pytest.raises((ArgumentError, ShapeError)) as caught:
        metric(y, score)
    assert caught.value.why


def test_the_fix_for_missing_scores_works() -> None:
    y_true, y_score = np.array([0, 1, 1]), np.array([0.1, math.nan, 0.3])
    with pytest.raises(ArgumentError, match=r"y_score\[1\] is nan") as caught:
        metrics.roc_auc_score(y_true, y_score)
    assert caught.value.fix is not None
    scope = {"np": np, "y_true": y_true, "y_score": y_score}
    exec(caught.value.fix, scope)
    assert metrics.roc_auc_score(scope["y_true"], scope["y_score"]) == 1


@pytest.mark.parametrize("y", [[1, 2, 1], ["a", "b", "a"], [0, 1, 2]])
def test_a_positive_class_that_does_not_go_without_saying_is_asked_for(y: list[Any]) -> None:
    for metric in JUDGED:
        if metric in (metrics.roc_auc_score, metrics.average_precision_score):
            continue  # they have a default, like scikit-learn's
        with pytest.raises(ArgumentError, match="positive one") as caught:
            metric(y, [0.1, 0.2, 0.3])
        assert caught.value.fix is not None
        settings = {"pos_label": eval(caught.value.fix.removeprefix("pos_label="))}
        if metric is metrics.report:
            settings = {"positive": settings["pos_label"]}
        if metric is metrics.gain_table:
            settings["bins"] = 3
        metric(y, [0.1, 0.2, 0.3], **settings)


def test_a_positive_class_that_does_not_occur_is_refused() -> None:
    for pos_label in (7, "yes"):
        for metric in JUDGED:
            key = "positive" if metric is metrics.report else "pos_label"
            with pytest.raises(ArgumentError, match=r"none of|two kinds"):
                metric([0, 1, 1], [0.1, 0.2, 0.3], **{key: pos_label})


def test_the_greater_of_two_labels_is_positive_for_the_area() -> None:
    assert metrics.roc_auc_score(["a", "b"], [0.1, 0.2]) == 1
    assert metrics.roc_auc_score([4, 2], [0.1, 0.2]) == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"y_score": [[0.5, 0.5], [0.1, 0.9]], "y_true": [0, 1]},
        {"multi_class": "raise"},
        {"multi_class": "ovo"},
        {"average": "micro"},
        {"y_score": [[0.5, 0.5, 0.5]] * 4},
        {"labels": [0, 1, 2, 3]},
        {"labels": [2, 1, 0]},
        {"labels": [0, 1, 5]},
        {"labels": [0, 1, 1]},
        {"y_true": [0, 1, 1, 0]},
        {"y_true": [0, 1, 1, 0], "labels": [0, 1, 2]},
        {"y_true": [0, 1, 2]},
        {"sample_weight": [1, 1, 0, 1]},
        {"sample_weight": [1, 1]},
        {"sample_weight": [1, -1, 1, 1]},
        {"sample_weight": [0, 0, 0, 0]},
        {"sample_weight": [math.nan, 1, 1, 1]},
    ],
)
def test_areas_of_several_classes_refuse_what_has_no_meaning(settings: dict[str, Any]) -> None:
    given_scores = [[0.5, 0.25, 0.25], [0, 1, 0], [0.25, 0.5, 0.25], [0.25, 0.25, 0.5]]
    call = {"y_true": [0, 1, 2, 1], "y_score": given_scores, "multi_class": "ovr", **settings}
    with pytest.raises((ArgumentError, ShapeError)):
        metrics.roc_auc_score(**call)


@pytest.mark.parametrize(
    "x, y",
    [
        ([0, 1], [0]),
        ([0], [1]),
        ([[0, 1]], [[0, 1]]),
        ([0, 2, 1], [0, 1, 2]),
        ([0, math.nan], [0, 1]),
    ],
)
def test_areas_under_what_is_no_line_are_refused(x: Any, y: Any) -> None:
    with pytest.raises((ArgumentError, ShapeError)):
        metrics.auc(x, y)


@pytest.mark.parametrize(
    "settings",
    [{"criterion": "f2"}, {"false_positive_cost": -1}, {"false_negative_cost": math.nan},
     {"false_positive_cost": 0, "false_negative_cost": 0}],
)  # fmt: skip
def test_thresholds_need_a_criterion_and_costs(settings: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        metrics.best_threshold([0, 1], [0.1, 0.2], **settings)


@pytest.mark.parametrize("bins", [0, 4, 2.0, True, -1])
def test_bins_are_filled(bins: Any) -> None:
    with pytest.raises(ArgumentError, match="bins="):
        metrics.gain_table([0, 1, 1], [0.1, 0.2, 0.3], bins=bins)
