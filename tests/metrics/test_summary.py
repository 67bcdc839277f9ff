"""The report says what the metrics say, and every metric says where it comes from."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import given

from tests.metrics.drawn import Samples, binary_samples
from tinygrad_edu import metrics

pytestmark = pytest.mark.once  # what no version of Python changes


@given(samples=binary_samples())
def test_a_report_repeats_the_metrics(samples: Samples) -> None:
    y, score, pos = samples
    found = metrics.report(y, score, positive=pos)
    name = 1 if pos is None else pos
    assert found.positive == name
    assert found.samples == len(y)
    assert found.positives == (y == name).sum()
    assert found.auc == pytest.approx(metrics.roc_auc_score(y, score, pos_label=pos))
    assert found.gini == pytest.approx(metrics.gini(y, score, pos_label=pos), abs=1e-15)
    assert found.ks == metrics.ks_statistic(y, score, pos_label=pos)
    assert found.average_precision == metrics.average_precision_score(y, score, pos_label=name)
    assert found.threshold == metrics.best_threshold(y, score, pos_label=pos)
    guess = score >= found.threshold.threshold
    np.testing.assert_array_equal(found.confusion, metrics.confusion_matrix(y == name, guess))
    assert found.accuracy == pytest.approx(metrics.accuracy_score(y == name, guess))
    assert found.precision == pytest.approx(metrics.precision_score(y == name, guess))
    assert found.recall == pytest.approx(metrics.recall_score(y == name, guess))
    assert found.threshold.value == pytest.approx(metrics.f1_score(y == name, guess))
    if score.min() >= 0 and score.max() <= 1:
        assert found.log_loss == metrics.log_loss(y == name, score)
        assert found.brier == metrics.brier_score_loss(y == name, score)
    else:
        assert found.log_loss is found.brier is None
    expected = metrics.gain_table(y, score, pos_label=pos, bins=min(10, len(y)))
    assert str(expected) in str(found)


def test_a_report_is_a_page_of_plain_text() -> None:
    y = [1, 1, 0, 1, 0, 0]
    page = str(metrics.report(y, [0.9, 0.8, 0.7, 0.4, 0.4, 0.1]))
    assert page.split("\n")[:20] == [
        "6 samples, 3 positive (1), 50.0%",
        "",
        "AUC                     0.8333",
        "Gini                    0.6667",
        "KS                      0.6667  at score 0.7",
        "average precision       0.8667  a guess has 0.5000",
        "log loss                0.5108",
        "Brier                   0.1783",
        "",
        "positive if score >= 0.8 (best F1)",
        "F1                      0.8000",
        "precision               1.0000",
        "recall                  0.6667",
        "accuracy                0.8333",
        "",
        "                     taken for",
        "                      negative    positive",
        "truly negative               3           0",
        "truly positive               1           2",
        "",
    ]
    assert "the scores are not probabilities" in str(metrics.report([0, 1], [-2.0, 3.0]))


def test_every_metric_has_formula_example_and_source() -> None:
    for name in metrics.__all__:
        value = getattr(metrics, name)
        text = inspect.getdoc(value) or ""
        if inspect.isfunction(value):
            assert ".. math::" in text, name
            assert ">>> " in text, name
            assert "References" in text, name
