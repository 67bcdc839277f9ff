"""Classification metrics against their definitions, counted sample by sample and set by set."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import eq

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tinygrad_edu.errors import ArgumentError, ShapeError
from tinygrad_edu.metrics import (
    accuracy_score,
    classification_report,
    confusion_matrix,
    precision_recall_fscore_support,
)

pytestmark = pytest.mark.once  # what no version of Python changes

Label = int | str
Pair = tuple[list[Label], list[Label]]

ALPHABETS: list[list[Label]] = [
    [0, 1],
    [0, 1, 2, 3],
    [-7, 3, 40, 1000],
    ["cat", "dog", "a very long name", ""],
]


@st.composite
def label_pairs(draw: st.DrawFn) -> Pair:
    """True and predicted labels of one to thirty samples, drawn from one alphabet."""
    label = st.sampled_from(draw(st.sampled_from(ALPHABETS)))
    samples = draw(st.integers(1, 30))
    lists = st.lists(label, min_size=samples, max_size=samples)
    return draw(lists), draw(lists)


@st.composite
def label_pairs_and_classes(draw: st.DrawFn) -> tuple[list[Label], list[Label], list[Label]]:
    """Also some of the classes, in any order, among them some that may not occur."""
    alphabet = draw(st.sampled_from(ALPHABETS))
    samples = draw(st.integers(1, 30))
    lists = st.lists(st.sampled_from(alphabet), min_size=samples, max_size=samples)
    asked = draw(st.permutations(alphabet))[: draw(st.integers(1, len(alphabet)))]
    return draw(lists), draw(lists), asked


def _times(true: list[Label], predicted: list[Label], row: Label, column: Label) -> int:
    """How often ``row`` was taken for ``column``."""
    return sum(pair == (row, column) for pair in zip(true, predicted, strict=True))


def _scores_by_sets(
    true: Sequence[Label], predicted: Sequence[Label], label: Label, zero_division: float
) -> tuple[float, float, float, int]:
    """The definitions: which samples belong to the class, which are claimed for it."""
    belong = {i for i, value in enumerate(true) if value == label}
    claimed = {i for i, value in enumerate(predicted) if value == label}
    hits = belong & claimed
    precision = len(hits) / len(claimed) if claimed else zero_division
    recall = len(hits) / len(belong) if belong else zero_division
    if not belong and not claimed:
        f1 = zero_division
    elif not hits:
        f1 = 0.0
    else:
        f1 = 2 / (1 / precision + 1 / recall)  # the harmonic mean
    return precision, recall, f1, len(belong)


@given(pair=label_pairs())
def test_accuracy_is_the_share_of_right_answers(pair: Pair) -> None:
    true, predicted = pair
    right = 0
    for one, other in zip(true, predicted, strict=True):
        if one == other:
            right += 1
    score = accuracy_score(true, predicted)
    assert type(score) is float
    assert score == pytest.approx(right / len(true), rel=1e-15)


@given(pair=label_pairs())
def test_confusion_counts_every_pair_of_classes(pair: Pair) -> None:
    true, predicted = pair
    classes = sorted({*true, *predicted})
    matrix = confusion_matrix(true, predicted)
    assert matrix.dtype == np.int64
    assert matrix.tolist() == [
        [_times(true, predicted, row, column) for column in classes] for row in classes
    ]


@given(case=label_pairs_and_classes())
def test_confusion_keeps_to_the_classes_that_are_asked_for(
    case: tuple[list[Label], list[Label], list[Label]],
) -> None:
    true, predicted, asked = case
    assert confusion_matrix(true, predicted, labels=asked).tolist() == [
        [_times(true, predicted, row, column) for column in asked] for row in asked
    ]


@given(pair=label_pairs())
def test_swapping_truth_and_prediction_transposes_the_confusion(pair: Pair) -> None:
    true, predicted = pair
    np.testing.assert_array_equal(
        confusion_matrix(predicted, true), confusion_matrix(true, predicted).T
    )


@given(pair=label_pairs())
def test_the_confusion_diagonal_gives_the_accuracy(pair: Pair) -> None:
    matrix = confusion_matrix(*pair)
    assert accuracy_score(*pair) == pytest.approx(np.trace(matrix) / matrix.sum(), rel=1e-15)


@given(
    case=label_pairs_and_classes(),
    all_classes=st.booleans(),
    zero_division=st.sampled_from([0.0, 1.0, 0.5]),
)
def test_precision_recall_f1_and_support_follow_from_sets_of_samples(
    case: tuple[list[Label], list[Label], list[Label]], all_classes: bool, zero_division: float
) -> None:
    true, predicted, asked = case
    classes = sorted({*true, *predicted}) if all_classes else asked
    scores = precision_recall_fscore_support(
        true, predicted, labels=None if all_classes else asked, zero_division=zero_division
    )
    expected = [_scores_by_sets(true, predicted, label, zero_division) for label in classes]
    np.testing.assert_allclose(np.stack(scores, axis=1), expected, rtol=1e-14, atol=0)
    assert [score.dtype for score in scores] == [np.float64] * 3 + [np.int64]


def test_errors_with_other_classes_count_against_the_classes_asked_for() -> None:
    # Both samples of class 1 are claimed for 0; asking for 0 alone must not hide that.
    precision, recall, f1, support = precision_recall_fscore_support(
        [0, 1, 1], [0, 0, 0], labels=[0]
    )
    assert precision == pytest.approx([1 / 3])
    assert (recall, f1, support) == ([1.0], [0.5], [1])


def test_undefined_scores_take_the_given_value_even_if_it_is_nan() -> None:
    precision, recall, f1, _ = precision_recall_fscore_support(
        [0, 0], [0, 1], labels=[0, 1, 2], zero_division=math.nan
    )
    np.testing.assert_array_equal(precision, [1, 0, math.nan])
    np.testing.assert_array_equal(recall, [0.5, math.nan, math.nan])
    np.testing.assert_array_equal(f1, [2 / 3, 0, math.nan])


def test_a_worked_example_by_hand() -> None:
    true, predicted = [2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2]
    assert confusion_matrix(true, predicted).tolist() == [[2, 0, 0], [0, 0, 1], [1, 0, 2]]
    precision, recall, f1, support = precision_recall_fscore_support(true, predicted)
    assert precision == pytest.approx([2 / 3, 0, 2 / 3])
    assert recall == pytest.approx([1, 0, 2 / 3])
    assert f1 == pytest.approx([4 / 5, 0, 2 / 3])
    assert support.tolist() == [2, 1, 3]


@given(pair=label_pairs(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_samples_does_not_matter(pair: Pair, seed: int) -> None:
    true, predicted = map(np.array, pair)
    order = np.random.default_rng(seed).permutation(len(true))
    assert classification_report(true[order], predicted[order]) == classification_report(*pair)


@pytest.mark.parametrize("kind", [np.int8, np.uint64, np.bool_, np.float32, "<U4"])
def test_labels_of_any_kind_give_the_same_counts(kind: str) -> None:
    true, predicted = np.array([0, 1, 1, 0, 1]), np.array([0, 1, 0, 0, 1])
    expected = [[2, 0], [1, 2]]
    assert confusion_matrix(true.astype(kind), predicted.astype(kind)).tolist() == expected
    if kind != "<U4":
        assert confusion_matrix(true.astype(kind), predicted).tolist() == expected


def test_the_report_is_a_plain_table() -> None:
    true = ["cat", "cat", "dog", "dog", "dog", "owl"]
    predicted = ["cat", "dog", "dog", "dog", "cat", "dog"]
    assert classification_report(true, predicted).split("\n") == [
        "               precision    recall        f1   support",
        "cat                0.500     0.500     0.500         2",
        "dog                0.500     0.667     0.571         3",
        "owl                0.000     0.000     0.000         1",
        "accuracy                               0.500         6",
        "macro average      0.333     0.389     0.357         6",
    ]


@given(pair=label_pairs())
def test_the_report_repeats_the_metrics(pair: Pair) -> None:
    true, predicted = pair
    lines = classification_report(true, predicted).split("\n")
    assert len({len(line) for line in lines}) == 1
    classes = sorted({*true, *predicted})
    rows = [_scores_by_sets(true, predicted, label, 0.0) for label in classes]
    for line, label, row in zip(lines[1:-2], classes, rows, strict=True):
        assert line.startswith(f"{label} ")
        assert [float(cell) for cell in line.split()[-4:]] == pytest.approx(row, abs=6e-4)
    accuracy = sum(map(eq, true, predicted)) / len(true)
    assert [float(cell) for cell in lines[-2].split()[1:]] == pytest.approx(
        [accuracy, len(true)], abs=6e-4
    )
    means = [sum(row[column] for row in rows) / len(rows) for column in range(3)]
    assert [float(cell) for cell in lines[-1].split()[2:]] == pytest.approx(
        [*means, len(true)], abs=6e-4
    )


def _first_column(report: str) -> list[str]:
    return [line.split("  ")[0].strip() for line in report.split("\n")[1:-2]]


def test_names_go_to_the_labels_that_occur_in_sorted_order() -> None:
    report = classification_report([5, 9], [9, 9], label_names=["five", "nine"])
    assert _first_column(report) == ["five", "nine"]


def test_names_of_all_classes_are_picked_by_number_when_some_are_missing() -> None:
    report = classification_report([0, 3, 3], [0, 3, 0], label_names=["a", "b", "c", "d"])
    assert _first_column(report) == ["a", "d"]


def test_long_names_widen_the_first_column_only() -> None:
    name = "a name longer than any heading"
    lines = classification_report([0, 1], [0, 1], label_names=[name, "b"]).split("\n")
    assert lines[1].startswith(name + " ")
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    "labels, names", [([0, 1, 2], ["a", "b"]), ([-1, 1], ["a", "b", "c"]), (["x", "y"], ["a"])]
)
def test_names_that_do_not_fit_the_labels_are_refused(
    labels: list[Label], names: list[str]
) -> None:
    with pytest.raises(ArgumentError, match=f"{len(names)} label_names") as caught:
        classification_report(labels, labels, label_names=names)
    assert caught.value.fix is not None
    scope = {"classification_report": classification_report, "y_true": labels, "y_pred": labels}
    assert "macro average" in eval(caught.value.fix, scope)


METRICS = [accuracy_score, confusion_matrix, precision_recall_fscore_support, classification_report]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "true_shape, predicted_shape, repairs",
    [
        ((3,), (4,), 1),
        ((3,), (1,), 1),
        ((3,), (3, 1), 1),
        ((3, 1), (3,), 1),
        ((3,), (3, 5), 1),
        ((3, 2), (3, 2), 2),
    ],
)
def test_labels_of_other_shapes_are_refused_and_the_fix_works(
    metric: Callable[..., object],
    true_shape: tuple[int, ...],
    predicted_shape: tuple[int, ...],
    repairs: int,
) -> None:
    scope = {
        "y_true": np.zeros(true_shape, dtype=int),
        "y_pred": np.zeros(predicted_shape, dtype=int),
    }
    for _ in range(repairs):
        with pytest.raises(ShapeError) as caught:
            metric(**scope)
        assert caught.value.shapes == (scope["y_true"].shape, scope["y_pred"].shape)
        assert caught.value.fix is not None
        repaired = eval(caught.value.fix, dict(scope))
        if isinstance(repaired, tuple):
            scope["y_true"], scope["y_pred"] = repaired
        else:
            scope[caught.value.fix[: len("y_true")]] = repaired
    metric(**scope)


@pytest.mark.parametrize("metric", METRICS)
def test_no_samples_have_no_score(metric: Callable[..., object]) -> None:
    with pytest.raises(ShapeError, match="at least") as caught:
        metric([], [])
    assert caught.value.fix is None


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "scores", [[0.2, 0.9, 0.7], [0.0, math.nan, 1.0], [0, None, 1]], ids=["float", "nan", "object"]
)
def test_scores_are_not_labels(metric: Callable[..., object], scores: list[float]) -> None:
    for pair in (([0, 1, 1], scores), (scores, [0, 1, 1])):
        with pytest.raises(ArgumentError, match="not labels"):
            metric(*pair)


def test_the_fix_for_probabilities_works() -> None:
    probabilities = np.array([0.2, 0.9, 0.7])
    with pytest.raises(ArgumentError) as caught:
        accuracy_score([0, 1, 1], probabilities)
    assert caught.value.fix is not None
    assert accuracy_score([0, 1, 1], eval(caught.value.fix, {"y_pred": probabilities})) == 1.0


@pytest.mark.parametrize("text_first", [True, False])
def test_text_is_not_compared_with_numbers(text_first: bool) -> None:
    text, numbers = np.array(["cat", "dog"]), np.array([0, 1])
    true, predicted = (text, numbers) if text_first else (numbers, text)
    with pytest.raises(ArgumentError, match="'cat' is text, 0 a number") as caught:
        accuracy_score(true, predicted)
    scope = {"np": np, "label_names": ["cat", "dog"], "y_true": true, "y_pred": predicted}
    assert caught.value.fix is not None
    assert eval(caught.value.fix, scope).tolist() == ["cat", "dog"]


@pytest.mark.parametrize("labels", [[], [0, 0], [[0, 1]], 0, [0.5], ["a"]])
def test_classes_asked_for_must_be_different_labels_of_the_same_kind(labels: object) -> None:
    for metric in (confusion_matrix, precision_recall_fscore_support):
        with pytest.raises(ArgumentError):
            metric([0, 1], [0, 1], labels=labels)  # type: ignore[operator]


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore:A single label was found")
@given(case=label_pairs_and_classes())
def test_scikit_learn_agrees(case: tuple[list[Label], list[Label], list[Label]]) -> None:
    oracle = pytest.importorskip("sklearn.metrics")
    true, predicted, asked = case
    assert accuracy_score(true, predicted) == oracle.accuracy_score(true, predicted)
    np.testing.assert_array_equal(
        confusion_matrix(true, predicted), oracle.confusion_matrix(true, predicted)
    )
    for zero_division in (0.0, 1.0):
        options = {"labels": asked, "zero_division": zero_division}
        np.testing.assert_allclose(
            np.stack(precision_recall_fscore_support(true, predicted, **options)),
            np.stack(oracle.precision_recall_fscore_support(true, predicted, **options)),
            rtol=1e-14,
        )
