"""What is read from the confusion matrix beyond the counts themselves, class by class."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.metrics.drawn import Samples, class_samples
from tinygrad_edu import metrics
from tinygrad_edu.errors import ArgumentError, ShapeError

pytestmark = pytest.mark.once  # what no version of Python changes

Labels = list[int]


@st.composite
def weighted_pairs(draw: st.DrawFn) -> tuple[Labels, Labels, list[int]]:
    """True and predicted labels and whole weights, which are not all 0."""
    n = draw(st.integers(1, 15))
    y, p = (draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)) for _ in "yp")
    return y, p, draw(st.lists(st.integers(0, 3), min_size=n, max_size=n).filter(any))


AVERAGES: list[str | None] = [None, "micro", "macro", "weighted"]


@given(case=weighted_pairs(), average=st.sampled_from(AVERAGES))
def test_a_whole_weight_is_a_sample_that_comes_so_often(
    case: tuple[Labels, Labels, list[int]], average: str | None
) -> None:
    y, p, weight = case
    labels = [0, 1, 2, 3]
    often = np.repeat(y, weight), np.repeat(p, weight)
    given_weight = {"sample_weight": weight}
    assert metrics.accuracy_score(y, p, **given_weight) == pytest.approx(
        metrics.accuracy_score(*often)
    )
    assert metrics.accuracy_score(y, p, normalize=False, **given_weight) == pytest.approx(
        metrics.accuracy_score(*often, normalize=False)
    )
    assert metrics.balanced_accuracy_score(y, p, **given_weight) == pytest.approx(
        metrics.balanced_accuracy_score(*often)
    )
    np.testing.assert_array_equal(
        metrics.confusion_matrix(y, p, labels=labels, **given_weight),
        metrics.confusion_matrix(*often, labels=labels),
    )
    settings: dict[str, Any] = {"average": average, "labels": labels}
    ours = metrics.precision_recall_fscore_support(y, p, **settings, **given_weight)
    repeated = metrics.precision_recall_fscore_support(*often, **settings)
    for one, other in zip(ours, repeated, strict=True):
        np.testing.assert_allclose(
            np.array(one, dtype=float), np.array(other, dtype=float), rtol=1e-14
        )


@given(case=weighted_pairs(), beta=st.sampled_from([0.0, 0.5, 1.0, 3.0, math.inf]))
def test_averages_are_those_of_the_classes(
    case: tuple[Labels, Labels, list[int]], beta: float
) -> None:
    y, p, _ = case
    per_class = metrics.precision_recall_fscore_support(y, p, beta=beta)
    support = per_class[3].tolist()
    names = ("precision_score", "recall_score", "fbeta_score")
    for name, scores in zip(names, per_class, strict=False):
        metric, settings = getattr(metrics, name), {"beta": beta} if "beta" in name else {}
        assert metric(y, p, average="macro", **settings) == pytest.approx(sum(scores) / len(scores))
        weighted = sum(a * b for a, b in zip(scores, support, strict=True)) / len(y)
        assert metric(y, p, average="weighted", **settings) == pytest.approx(weighted)
        # With every class counted, all three are the share of right answers.
        right = sum(a == b for a, b in zip(y, p, strict=True)) / len(y)
        assert metric(y, p, average="micro", **settings) == pytest.approx(right)
    precision, recall, f = (scores.tolist() for scores in per_class[:3])
    for a, b, joint in zip(precision, recall, f, strict=True):
        if beta == math.inf:
            assert joint == b
        elif a and b:
            assert joint == pytest.approx((1 + beta**2) / (1 / a + beta**2 / b))


@given(case=weighted_pairs())
def test_f1_is_f_beta_at_one(case: tuple[Labels, Labels, list[int]]) -> None:
    y, p, _ = case
    for average in AVERAGES:
        np.testing.assert_array_equal(
            metrics.f1_score(y, p, average=average),
            metrics.fbeta_score(y, p, beta=1, average=average),
        )


@given(case=weighted_pairs())
def test_balanced_accuracy_is_the_mean_recall_of_the_classes_there_are(
    case: tuple[Labels, Labels, list[int]],
) -> None:
    y, p, _ = case
    recalls = []
    for label in set(y):
        answers = [b for a, b in zip(y, p, strict=True) if a == label]
        recalls.append(answers.count(label) / len(answers))
    score = sum(recalls) / len(recalls)
    assert metrics.balanced_accuracy_score(y, p) == pytest.approx(score)
    if len(recalls) > 1:
        adjusted = (score - 1 / len(recalls)) / (1 - 1 / len(recalls))
        assert metrics.balanced_accuracy_score(y, p, adjusted=True) == pytest.approx(adjusted)


def test_one_class_has_no_chance_to_adjust_for() -> None:
    with pytest.raises(ArgumentError, match="one class"):
        metrics.balanced_accuracy_score([1, 1], [1, 0], adjusted=True)


@given(case=weighted_pairs(), normalize=st.sampled_from(["true", "pred", "all"]))
def test_normalized_confusion_divides_by_sums(
    case: tuple[Labels, Labels, list[int]], normalize: str
) -> None:
    y, p, _ = case
    counts = metrics.confusion_matrix(y, p, labels=[0, 1, 2, 3]).tolist()
    shares = metrics.confusion_matrix(y, p, labels=[0, 1, 2, 3], normalize=normalize)
    for row in range(4):
        for column in range(4):
            total = {
                "true": sum(counts[row]),
                "pred": sum(each[column] for each in counts),
                "all": len(y),
            }[normalize]
            expected = counts[row][column] / total if total else 0
            assert shares[row, column] == pytest.approx(expected)


@given(samples=class_samples(chances=False), k=st.integers(1, 5))
def test_top_k_looks_for_the_class_among_the_k_highest_scores(samples: Samples, k: int) -> None:
    y, score, _ = samples
    classes = sorted(set(y.tolist()))
    hits = 0
    for label, row in zip(y.tolist(), score.tolist(), strict=True):
        ranked = sorted(zip(row, range(len(classes)), strict=True), reverse=True)
        hits += label in [classes[column] for _, column in ranked[:k]]
    assert metrics.top_k_accuracy_score(y, score, k=k) == pytest.approx(hits / len(y))
    assert metrics.top_k_accuracy_score(y, score, k=k, normalize=False) == hits
    if k >= len(classes):
        assert hits == len(y)


@pytest.mark.parametrize(
    "y, score, settings",
    [
        ([0, 1], [0.5, 0.5], {}),
        ([0, 1], [[0.5, 0.5]], {}),
        ([0, 1], [[0.5, math.nan]] * 2, {}),
        ([0, 1], [["a", "b"]] * 2, {}),
        ([0, 1], [[0.5, 0.2, 0.3]] * 2, {}),
        ([0, 3], [[0.5, 0.2, 0.3]] * 2, {"labels": [0, 1, 2]}),
        ([0, 1], [[0.5, 0.2]] * 2, {"k": 0}),
        ([0, 1], [[0.5, 0.2]] * 2, {"k": 1.0}),
        ([0, 1], [[0.5, 0.2]] * 2, {"k": True}),
        ([0, 1], [[0.5, 0.2]] * 2, {"sample_weight": [0, 0]}),
        ([], np.zeros((0, 2)), {}),
    ],
)
def test_top_k_refuses_what_it_cannot_rank(y: Any, score: Any, settings: dict[str, Any]) -> None:
    with pytest.raises((ArgumentError, ShapeError)):
        metrics.top_k_accuracy_score(y, score, **settings)


def test_the_fix_for_missing_classes_works() -> None:
    y_true, y_score = [0, 1], [[0.5, 0.2, 0.3]] * 2
    with pytest.raises(ArgumentError, match="3 columns") as caught:
        metrics.top_k_accuracy_score(y_true, y_score)
    assert caught.value.fix is not None
    labels = eval(caught.value.fix.removeprefix("labels="), {"np": np})
    assert metrics.top_k_accuracy_score(y_true, y_score, labels=labels) == 0.5


@pytest.mark.parametrize(
    "y, p, settings, match",
    [
        ([0, 1, 2], [0, 1, 2], {}, "3 classes"),
        (["a", "b"], ["a", "a"], {}, "two kinds"),
        (["a", "b"], ["a", "a"], {"pos_label": "c"}, "none of the labels"),
        ([1, 2], [1, 1], {"pos_label": 0}, "none of the labels"),
        ([5, 5], [5, 5], {}, "none of the labels"),
        ([0, 1], [0, 1], {"labels": [0, 1]}, "together"),
        ([0, 1], [0, 1], {"average": "samples"}, "average='samples'"),
        ([0, 1], [0, 1], {"sample_weight": [1, 2, 3]}, "sample_weight"),
    ],
)
def test_a_binary_score_needs_a_positive_class(
    y: Any, p: Any, settings: dict[str, Any], match: str
) -> None:
    for metric in (metrics.precision_score, metrics.recall_score, metrics.f1_score):
        with pytest.raises((ArgumentError, ShapeError), match=match) as caught:
            metric(y, p, **settings)
        assert caught.value.fix


@pytest.mark.parametrize("beta", [-1, math.nan, "1"])
def test_beta_is_a_number_of_at_least_0(beta: Any) -> None:
    with pytest.raises(ArgumentError, match="beta"):
        metrics.fbeta_score([0, 1], [0, 1], beta=beta)


def test_the_positive_class_of_0_and_1_may_be_missing() -> None:
    assert metrics.f1_score([0, 0], [0, 0]) == 0
    assert metrics.f1_score([0, 0], [0, 0], zero_division=1.0) == 1
    assert metrics.recall_score([-1, -1], [-1, -1]) == 0
    assert metrics.precision_score([True, False], [True, True]) == 0.5


def test_undefined_classes_are_left_out_of_an_average_if_they_are_nan() -> None:
    settings: dict[str, Any] = {"labels": [0, 1], "zero_division": math.nan, "average": "macro"}
    assert metrics.recall_score([0, 0], [0, 1], **settings) == 0.5
    settings["labels"] = [7, 8]
    assert math.isnan(metrics.recall_score([0, 0], [0, 1], **settings))


def test_an_infinite_label_is_no_label() -> None:
    with pytest.raises(ArgumentError, match="not labels"):
        metrics.accuracy_score([1.0, math.inf], [1.0, 2.0])
