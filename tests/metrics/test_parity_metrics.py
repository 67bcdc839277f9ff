"""The same numbers as scikit-learn and SciPy, ties included."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from tests.metrics.drawn import (
    Samples,
    binary_samples,
    class_samples,
    number_pairs,
    weights_for,
)
from tinygrad_edu import metrics

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]


def oracle() -> Any:
    return pytest.importorskip("sklearn.metrics")


def agree(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@given(samples=binary_samples(), data=st.data(), drop=st.booleans())
def test_curves(samples: Samples, data: st.DataObject, drop: bool) -> None:
    y, score, pos = samples
    weight = data.draw(st.none() | weights_for(len(y)))
    if weight is not None:
        assume(len(set(y[weight > 0])) == 2)
    settings = {"pos_label": pos, "sample_weight": weight, "drop_intermediate": drop}
    for name in ("roc_curve", "precision_recall_curve"):
        ours, theirs = (
            getattr(metrics, name)(y, score, **settings),
            getattr(oracle(), name)(y, score, **settings),
        )
        assert len(ours) == len(theirs) == 3
        for one, other in zip(ours, theirs, strict=True):
            agree(one, other)


@given(samples=binary_samples(), data=st.data())
def test_areas_of_two_classes(samples: Samples, data: st.DataObject) -> None:
    y, score, pos = samples
    weight = data.draw(st.none() | weights_for(len(y)))
    if weight is not None:
        assume(len(set(y[weight > 0])) == 2)
    area = oracle().roc_auc_score(y, score, sample_weight=weight)
    agree(metrics.roc_auc_score(y, score, sample_weight=weight), area)
    if pos in (None, "b"):  # otherwise theirs takes the greater label, and this one was asked for
        agree(metrics.gini(y, score, pos_label=pos, sample_weight=weight), 2 * area - 1)
    settings = {"pos_label": 1 if pos is None else pos, "sample_weight": weight}
    agree(
        metrics.average_precision_score(y, score, **settings),
        oracle().average_precision_score(y, score, **settings),
    )
    fpr, tpr, _ = metrics.roc_curve(y, score, pos_label=pos)
    agree(metrics.auc(fpr, tpr), oracle().auc(fpr, tpr))
    agree(metrics.auc(fpr[::-1], tpr[::-1]), oracle().auc(fpr[::-1], tpr[::-1]))


@given(
    samples=class_samples(), average=st.sampled_from(["macro", "weighted", None]), data=st.data()
)
def test_areas_of_more_classes(samples: Samples, average: str | None, data: st.DataObject) -> None:
    y, score, _ = samples
    weight = data.draw(st.none() | weights_for(len(y)))
    if weight is not None:
        assume(len(set(y[weight > 0])) == score.shape[1])
    settings = {"average": average, "sample_weight": weight}
    agree(
        metrics.roc_auc_score(y, score, multi_class="ovr", **settings),
        oracle().roc_auc_score(y, score, multi_class="ovr", **settings),
    )
    agree(
        metrics.average_precision_score(y, score, **settings),
        oracle().average_precision_score(y, score, **settings),
    )


@given(samples=binary_samples())
def test_distances_and_pairs(samples: Samples) -> None:
    stats = pytest.importorskip("scipy.stats")
    y, score, pos = samples
    positive = y == (1 if pos is None else pos)
    expected = stats.ks_2samp(score[positive], score[~positive], method="asymp").statistic
    agree(metrics.ks_statistic(y, score, pos_label=pos), expected)
    pairs = metrics.concordant_discordant(y, score, pos_label=pos)
    test = stats.mannwhitneyu(score[positive], score[~positive], method="asymptotic")
    agree(pairs.concordant + pairs.tied / 2, test.statistic)
    if len(set(score)) > 1:
        agree(pairs.gini, stats.somersd(positive, score).statistic)


@given(samples=binary_samples(chances=True), data=st.data(), normalize=st.booleans())
def test_probabilities_of_two_classes(
    samples: Samples, data: st.DataObject, normalize: bool
) -> None:
    y, p, pos = samples
    weight = data.draw(st.none() | weights_for(len(y)))
    assume(weight is None or weight.any())
    settings = {"sample_weight": weight, "normalize": normalize}
    agree(metrics.log_loss(y, p, **settings), oracle().log_loss(y, p, **settings))
    pair = np.stack([1 - p, p], axis=1)
    agree(metrics.log_loss(y, pair, **settings), oracle().log_loss(y, pair, **settings))
    settings = {"sample_weight": weight, "pos_label": pos}
    agree(metrics.brier_score_loss(y, p, **settings), oracle().brier_score_loss(y, p, **settings))
    settings = {"n_bins": data.draw(st.integers(1, 7)), "pos_label": pos}
    calibration = pytest.importorskip("sklearn.calibration").calibration_curve
    for strategy in ("uniform", "quantile"):
        ours = metrics.calibration_curve(y, p, strategy=strategy, **settings)
        theirs = calibration(y, p, strategy=strategy, **settings)
        agree(ours.prob_true, theirs[0])
        agree(ours.prob_pred, theirs[1])


@given(samples=class_samples(), data=st.data(), half=st.sampled_from(["auto", True, False]))
def test_probabilities_of_more_classes(
    samples: Samples, data: st.DataObject, half: bool | str
) -> None:
    y, p, _ = samples
    weight = data.draw(st.none() | weights_for(len(y)))
    assume(weight is None or weight.any())
    agree(
        metrics.log_loss(y, p, sample_weight=weight), oracle().log_loss(y, p, sample_weight=weight)
    )
    settings = {"sample_weight": weight, "scale_by_half": half}
    agree(metrics.brier_score_loss(y, p, **settings), oracle().brier_score_loss(y, p, **settings))
    classes = np.unique(y)
    agree(
        metrics.log_loss(y[:1], p[:1], labels=classes),
        oracle().log_loss(y[:1], p[:1], labels=classes),
    )


@given(samples=class_samples(chances=False), data=st.data(), normalize=st.booleans())
def test_top_k(samples: Samples, data: st.DataObject, normalize: bool) -> None:
    y, score, _ = samples
    weight = data.draw(st.none() | weights_for(len(y)))
    assume(weight is None or weight.any())
    settings: dict[str, Any] = {"sample_weight": weight, "normalize": normalize}
    for k in range(1, score.shape[1] + 1):
        agree(
            metrics.top_k_accuracy_score(y, score, k=k, **settings),
            oracle().top_k_accuracy_score(y, score, k=k, **settings),
        )


@given(data=st.data(), n=st.integers(1, 20), classes=st.integers(2, 4))
def test_counted_classes(data: st.DataObject, n: int, classes: int) -> None:
    label = st.integers(0, classes - 1)
    y, p = (np.array(data.draw(st.lists(label, min_size=n, max_size=n))) for _ in "yp")
    weight = data.draw(st.none() | weights_for(n))
    assume(weight is None or weight.any())
    weighted = {"sample_weight": weight}
    for normalize in (True, False):
        settings = {"normalize": normalize, **weighted}
        agree(metrics.accuracy_score(y, p, **settings), oracle().accuracy_score(y, p, **settings))
    for share in (None, "true", "pred", "all"):
        agree(
            metrics.confusion_matrix(y, p, normalize=share, **weighted),
            oracle().confusion_matrix(y, p, normalize=share, **weighted),
        )
    present = set(y if weight is None else y[weight > 0])
    for adjusted in (False, True) if len(present) > 1 else (False,):
        settings = {"adjusted": adjusted, **weighted}
        agree(
            metrics.balanced_accuracy_score(y, p, **settings),
            oracle().balanced_accuracy_score(y, p, **settings),
        )


@given(
    data=st.data(),
    n=st.integers(1, 20),
    classes=st.integers(2, 4),
    average=st.sampled_from([None, "binary", "micro", "macro", "weighted"]),
    zero_division=st.sampled_from([0.0, 1.0, math.nan]),
    beta=st.sampled_from([0.0, 0.5, 1.0, 2.0, math.inf]),
)
def test_precision_and_recall(
    data: st.DataObject,
    n: int,
    classes: int,
    average: str | None,
    zero_division: float,
    beta: float,
) -> None:
    label = st.integers(0, 1 if average == "binary" else classes - 1)
    y, p = (np.array(data.draw(st.lists(label, min_size=n, max_size=n))) for _ in "yp")
    weight = data.draw(st.none() | weights_for(n))
    assume(weight is None or weight.any())
    labels = None
    if average != "binary" and data.draw(st.booleans()):
        labels = data.draw(st.permutations(range(classes)))[: data.draw(st.integers(1, classes))]
    settings = {"labels": labels, "average": average, "sample_weight": weight}
    settings["zero_division"] = zero_division
    ours = metrics.precision_recall_fscore_support(y, p, beta=beta, **settings)
    theirs = oracle().precision_recall_fscore_support(y, p, beta=beta, **settings)
    for one, other in zip(ours, theirs, strict=True):
        if other is None:
            assert one is None
        else:
            agree(one, other)
    for name in ("precision_score", "recall_score", "f1_score"):
        agree(getattr(metrics, name)(y, p, **settings), getattr(oracle(), name)(y, p, **settings))
    agree(
        metrics.fbeta_score(y, p, beta=beta, **settings),
        oracle().fbeta_score(y, p, beta=beta, **settings),
    )


@given(pair=number_pairs(), data=st.data())
def test_distances_of_numbers(pair: tuple[Any, Any], data: st.DataObject) -> None:
    y, p = pair
    weight = data.draw(st.none() | weights_for(len(y)))
    assume(weight is None or weight.any())
    outputs = 1 if y.ndim == 1 else y.shape[1]
    multioutput = data.draw(
        st.sampled_from(["uniform_average", "raw_values", np.arange(1, outputs + 1)])
    )
    if outputs == 1 and not isinstance(multioutput, str):
        multioutput = "uniform_average"  # theirs refuses weights for a single output
    settings = {"sample_weight": weight, "multioutput": multioutput}
    names = ["mean_absolute_error", "mean_squared_error", "root_mean_squared_error"]
    if np.abs(y).min() > 1e-10:  # below a rounding error theirs divides by that
        names.append("mean_absolute_percentage_error")
    for name in names:
        agree(getattr(metrics, name)(y, p, **settings), getattr(oracle(), name)(y, p, **settings))


@given(pair=number_pairs(low=-0.5))
def test_distances_of_logarithms(pair: tuple[Any, Any]) -> None:
    y, p = pair
    agree(metrics.root_mean_squared_log_error(y, p), oracle().root_mean_squared_log_error(y, p))


@given(pair=number_pairs(), data=st.data(), finite=st.booleans())
def test_explained_variance(pair: tuple[Any, Any], data: st.DataObject, finite: bool) -> None:
    y, p = pair
    weight = data.draw(st.none() | weights_for(len(y)))
    assume(weight is None or weight.any())
    counted = y if weight is None else y[weight > 0]
    # Theirs divides by the rounding error of the mean of equal numbers, or by one that underflowed.
    spread = np.ptp(counted, axis=0)
    assume(np.all((spread > 1e-3) | ((spread == 0) & (counted[0] == np.round(counted[0])))))
    settings = {"sample_weight": weight, "multioutput": "raw_values", "force_finite": finite}
    np.testing.assert_allclose(
        metrics.r2_score(y, p, **settings),
        oracle().r2_score(y, p, **settings),
        rtol=1e-9,  # 1 minus a number that may be near to 1, or 1e12
        atol=1e-12,
    )


@given(seed=st.integers(0, 1000), features=st.integers(1, 5))
def test_frechet_distance(seed: int, features: int) -> None:
    linalg = pytest.importorskip("scipy.linalg")
    random = np.random.default_rng(seed)
    a = random.normal(size=(40, features)) @ random.normal(size=(features, features))
    b = random.normal(size=(30, features)) + random.normal(size=features)
    first, second = (np.atleast_2d(np.cov(each, rowvar=False)) for each in (a, b))
    root = np.real(linalg.sqrtm(first @ second))
    shift = a.mean(axis=0) - b.mean(axis=0)
    expected = shift @ shift + np.trace(first + second - 2 * root)
    np.testing.assert_allclose(metrics.frechet_distance(a, b), expected, rtol=1e-6, atol=1e-7)


@given(seed=st.integers(0, 1000), components=st.integers(1, 4))
def test_principal_components(seed: int, components: int) -> None:
    theirs = pytest.importorskip("sklearn.decomposition").PCA(components)
    random = np.random.default_rng(seed)
    fitted, others = random.normal(size=(20, 4)), random.normal(size=(3, 4))
    ours = metrics.pca_features(fitted, components)
    expected = theirs.fit(fitted).transform(others)
    np.testing.assert_allclose(np.abs(ours(others)), np.abs(expected), rtol=1e-9, atol=1e-9)
    agree(ours.explained, theirs.explained_variance_ratio_)


@given(labels=st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_class_entropy(labels: list[int]) -> None:
    stats = pytest.importorskip("scipy.stats")
    counts = np.unique(labels, return_counts=True)[1]
    agree(metrics.class_entropy(labels), stats.entropy(counts))
    agree(metrics.class_entropy(labels, base=3), stats.entropy(counts, base=3))


@given(seed=st.integers(0, 1000), level=st.sampled_from([0.5, 0.9, 0.95]))
def test_bootstrap_with_the_same_draws(seed: int, level: float) -> None:
    stats = pytest.importorskip("scipy.stats")
    y = np.random.default_rng(seed).normal(size=12)
    p = y + np.random.default_rng(seed + 1).normal(size=12)
    theirs = stats.bootstrap(
        (y, p), metrics.mean_absolute_error, n_resamples=50, paired=True, vectorized=False,
        method="percentile", confidence_level=level, rng=np.random.default_rng(seed),
    )  # fmt: skip
    ours = metrics.bootstrap_interval(
        metrics.mean_absolute_error, y, p, n_resamples=50, confidence_level=level, rng=seed
    )
    agree((ours.low, ours.high), theirs.confidence_interval)
    agree(ours.resamples, theirs.bootstrap_distribution)
