"""Losses against their definitions in loops, the laws they obey, and weights that balance."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F

# What this holds does not depend on the version of Python.
pytestmark = pytest.mark.once

SEEDS = st.integers(0, 2**31)


def huber(d: float, delta: float) -> float:
    return 0.5 * d * d if abs(d) < delta else delta * (abs(d) - 0.5 * delta)


def entropy(p: float, t: float) -> float:
    return -t * math.log(p) - (1 - t) * math.log(1 - p)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def divergence(x: float, t: float) -> float:
    return t * (math.log(t) - x) if t else 0.0


# Function, its settings, its definition for one pair of numbers, and how the two are drawn.
Pairs = dict[str, tuple[Callable[..., Any], dict[str, Any], Callable[..., float], str, str]]
PAIRS: Pairs = {
    "l1": (F.l1_loss, {}, lambda x, y: abs(x - y), "real", "real"),
    "huber": (F.huber_loss, {"delta": 0.7}, lambda x, y: huber(x - y, 0.7), "real", "real"),
    "smooth": (F.smooth_l1_loss, {"beta": 2}, lambda x, y: huber(x - y, 2) / 2, "real", "real"),
    "smooth, no squares": (
        F.smooth_l1_loss, {"beta": 0.0}, lambda x, y: abs(x - y), "real", "real"
    ),
    "binary": (F.binary_cross_entropy, {}, entropy, "share", "share"),
    "logits": (
        F.binary_cross_entropy_with_logits, {}, lambda x, t: entropy(sigmoid(x), t), "real", "share"
    ),
    "more of yes": (
        F.binary_cross_entropy_with_logits,
        {"pos_weight": 3.0},
        lambda x, t: -3 * t * math.log(sigmoid(x)) - (1 - t) * math.log(1 - sigmoid(x)),
        "real",
        "share",
    ),
    "divergence": (F.kl_div, {}, divergence, "log", "share"),
    "divergence of logs": (
        F.kl_div,
        {"log_target": True},
        lambda x, t: divergence(x, math.exp(t)),
        "log",
        "log",
    ),
    "soft margin": (
        F.soft_margin_loss, {}, lambda x, y: math.log(1 + math.exp(-x * y)), "real", "sign"
    ),
    "hinge": (F.hinge_loss, {"margin": 0.5}, lambda x, y: max(0, 0.5 - x * y), "real", "sign"),
    "hinge embedding": (
        F.hinge_embedding_loss,
        {"margin": 0.5},
        lambda x, y: x if y == 1 else max(0, 0.5 - x),
        "real",
        "sign",
    ),
}  # fmt: skip


def drawn(kind: str, shape: Any, rng: np.random.Generator) -> np.ndarray:
    if kind == "share":
        return np.asarray(rng.uniform(0.01, 0.99, shape))
    if kind == "sign":
        return np.asarray(rng.choice([-1, 1], shape))
    return np.asarray(-rng.exponential(size=shape) if kind == "log" else rng.normal(size=shape))


@pytest.mark.parametrize("name", PAIRS)
@settings(max_examples=25)
@given(shape=st.sampled_from([(), (1,), (5,), (2, 3)]), seed=SEEDS)
def test_losses_of_pairs_equal_their_definitions(name: str, shape: Any, seed: int) -> None:
    function, options, definition, first, second = PAIRS[name]
    rng = np.random.default_rng(seed)
    x, y = drawn(first, shape, rng), drawn(second, shape, rng)
    each = [definition(float(a), float(b)) for a, b in zip(x.flat, y.flat, strict=True)]
    losses = function(x, y, reduction="none", **options)
    assert losses.shape == shape
    np.testing.assert_allclose(np.ravel(losses), each, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(function(x, y, reduction="sum", **options), sum(each), atol=1e-12)
    np.testing.assert_allclose(function(x, y, **options), sum(each) / len(each), atol=1e-12)


def test_batchmean_is_the_divergence_of_rows() -> None:
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(3), 4), rng.dirichlet(np.ones(3), 4)
    rows = [
        sum(divergence(math.log(b), a) for a, b in zip(*pair, strict=True))
        for pair in zip(p, q, strict=True)
    ]
    np.testing.assert_allclose(F.kl_div(np.log(q), p, reduction="batchmean"), np.mean(rows))
    np.testing.assert_allclose(F.kl_div(np.log(q), p), np.mean(rows) / 3)
    np.testing.assert_allclose(F.kl_div(np.log(q[0]), p[0], reduction="batchmean"), rows[0] / 3)


@settings(max_examples=25)
@given(st.integers(1, 4), st.integers(2, 4), st.booleans(), st.booleans(), SEEDS)
def test_nll_loss_equals_its_definition(
    samples: int, classes: int, weighted: bool, ignored: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    logs = -rng.exponential(size=(samples, classes, 2))
    labels = rng.integers(classes, size=(samples, 2))
    if ignored:
        labels[rng.random(labels.shape) < 0.4] = -1
    weight = rng.uniform(0.1, 2, classes) if weighted else None
    losses, total = np.zeros(labels.shape), 0.0
    for place, label in np.ndenumerate(labels):
        if label >= 0:
            w = 1.0 if weight is None else float(weight[label])
            losses[place] = -w * logs[place[0], label, place[1]]
            total += w
    options: dict[str, Any] = {"weight": weight, "ignore_index": -1}
    np.testing.assert_allclose(F.nll_loss(logs, labels, reduction="none", **options), losses)
    np.testing.assert_allclose(F.nll_loss(logs, labels, reduction="sum", **options), losses.sum())
    expected = losses.sum() / total if total else math.nan
    np.testing.assert_allclose(F.nll_loss(logs, labels, **options), expected)


@pytest.mark.parametrize("seed", range(5))
def test_cross_entropy_is_nll_loss_of_log_softmax(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, labels = rng.normal(size=(5, 3)), rng.integers(3, size=5)
    for options in ({}, {"weight": [1.0, 2.0, 0.5]}, {"ignore_index": 1}, {"weight": "balanced"}):
        for reduction in ("mean", "sum", "none"):
            np.testing.assert_allclose(
                F.cross_entropy(scores, labels, reduction=reduction, **options),
                F.nll_loss(tg.log_softmax(scores), labels, reduction=reduction, **options),
                atol=1e-12,
            )


@settings(max_examples=25)
@given(st.integers(1, 3), st.integers(2, 4), st.sampled_from([1, 2]), st.booleans(), SEEDS)
def test_losses_by_margin_equal_their_definitions(
    samples: int, classes: int, p: int, weighted: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    scores, labels = rng.normal(size=(samples, classes)), rng.integers(classes, size=samples)
    weight = rng.uniform(0.1, 2, classes) if weighted else np.ones(classes)
    all_rivals, strongest = [], []
    for row, y in zip(scores.tolist(), labels.tolist(), strict=True):
        short = [max(0.0, 0.8 + row[c] - row[y]) for c in range(classes) if c != y]
        all_rivals.append(weight[y] * sum(s**p for s in short) / classes)
        strongest.append(max(short))
    got = F.multi_margin_loss(scores, labels, p, 0.8, weight, reduction="none")
    np.testing.assert_allclose(got, all_rivals, atol=1e-12)
    got = F.hinge_loss(scores, labels, margin=0.8, reduction="none")
    np.testing.assert_allclose(got, strongest, atol=1e-12)
    one = F.hinge_loss(scores[0], labels[0], margin=0.8)
    np.testing.assert_allclose(one, strongest[0], atol=1e-12)


def test_hinge_loss_has_the_classes_in_the_second_axis() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=(2, 3, 4)), rng.integers(3, size=(2, 4))
    got = F.hinge_loss(scores, labels, reduction="none")
    for n, k in np.ndindex(2, 4):
        expected = F.hinge_loss(scores[n, :, k], labels[n, k])
        np.testing.assert_allclose(got[n, k], expected)


@settings(max_examples=25)
@given(st.sampled_from([1.0, 2.0, 3.0, math.inf]), st.booleans(), SEEDS)
def test_triplet_margin_loss_equals_its_definition(p: float, swap: bool, seed: int) -> None:
    a, b, c = np.random.default_rng(seed).normal(size=(3, 4, 3))

    def distance(x: np.ndarray, y: np.ndarray) -> float:
        sizes = [abs(float(i) - float(j) + 0.1) for i, j in zip(x, y, strict=True)]
        return max(sizes) if p == math.inf else sum(s**p for s in sizes) ** (1 / p)

    losses = []
    for n in range(4):
        far = distance(a[n], c[n])
        far = min(far, distance(b[n], c[n])) if swap else far
        losses.append(max(0.0, distance(a[n], b[n]) - far + 0.5))
    got = F.triplet_margin_loss(a, b, c, 0.5, p, 0.1, swap, reduction="none")
    np.testing.assert_allclose(got, losses, atol=1e-12)


@settings(max_examples=25)
@given(SEEDS)
def test_losses_of_pairs_of_vectors_equal_their_definitions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), rng.choice([-1, 1], 4)
    ranked, angles = [], []
    for n in range(4):
        cosine = sum(a[n] * b[n]) / math.sqrt(sum(a[n] ** 2)) / math.sqrt(sum(b[n] ** 2))
        angles.append(1 - cosine if y[n] == 1 else max(0.0, cosine - 0.2))
        ranked.append(max(0.0, 0.3 - y[n] * (a[n, 0] - b[n, 0])))
    got = F.cosine_embedding_loss(a, b, y, 0.2, reduction="none")
    np.testing.assert_allclose(got, angles, atol=1e-9)  # its epsilon
    got = F.margin_ranking_loss(a[:, 0], b[:, 0], y, 0.3, reduction="none")
    np.testing.assert_allclose(got, ranked, atol=1e-12)


@pytest.mark.parametrize(
    "loss", [nn.MSELoss(), nn.L1Loss(), nn.HuberLoss(), nn.SmoothL1Loss(beta=0.5)], ids=str
)
def test_losses_of_numbers_are_least_at_the_target(loss: Any) -> None:
    target = np.random.default_rng(0).normal(size=(3, 2))
    tg.testing.laws.loss_is_minimal(loss, target, target)


def test_losses_of_probabilities_are_least_at_the_target() -> None:
    rng = np.random.default_rng(0)
    rows, shares = rng.dirichlet(np.ones(3), 4), rng.uniform(0.1, 0.9, 4)
    laws = tg.testing.laws
    laws.loss_is_minimal(nn.CrossEntropyLoss(), np.log(rows), rows, minimum=None)
    logits = np.log(shares / (1 - shares))
    laws.loss_is_minimal(nn.BCEWithLogitsLoss(), logits, shares, minimum=None)

    def divergence_of_scores(scores: Any, target: Any) -> Any:
        return F.kl_div(F.log_softmax(scores), target, reduction="batchmean")

    laws.loss_is_minimal(divergence_of_scores, np.log(rows), rows)


def test_balanced_weights_equal_their_definition() -> None:
    np.testing.assert_allclose(F.balanced_weights([0, 0, 0, 1]), [4 / (2 * 3), 4 / (2 * 1)])
    np.testing.assert_allclose(F.balanced_weights([[2, 0], [2, 2]]), [4 / 2, 0, 4 / (2 * 3)])
    np.testing.assert_allclose(F.balanced_weights([1], 3), [0, 1, 0])
    np.testing.assert_array_equal(F.balanced_weights(np.zeros(0, int), 2), [0, 0])


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss], ids=lambda loss: loss.__name__)
def test_a_balanced_mean_is_the_mean_of_the_classes_means(loss: Any) -> None:
    rng = np.random.default_rng(0)
    scores = tg.log_softmax(rng.normal(size=(8, 4)))
    labels = np.array([0, 0, 0, 0, 1, 1, 3, -100])
    each = loss(scores, labels, reduction="none")
    means = [np.mean(each[labels == c]) for c in (0, 1, 3)]
    np.testing.assert_allclose(loss(scores, labels, weight="balanced"), np.mean(means))
    fixed = F.balanced_weights(labels[:7], 4)
    np.testing.assert_allclose(
        loss(scores, labels, weight="balanced", reduction="none"),
        loss(scores, labels, weight=fixed, reduction="none"),
    )


def test_balanced_weights_of_one_hot_rows_are_those_of_their_numbers() -> None:
    rng = np.random.default_rng(1)
    scores, labels = rng.normal(size=(6, 3)), np.array([0, 0, 0, 1, 1, 2])
    for reduction in ("mean", "none"):
        np.testing.assert_allclose(
            F.cross_entropy(scores, np.eye(3)[labels], "balanced", reduction=reduction),
            F.cross_entropy(scores, labels, "balanced", reduction=reduction),
        )


def test_balanced_multi_margin_loss_counts_the_labels_of_the_call() -> None:
    rng = np.random.default_rng(2)
    scores, labels = rng.normal(size=(6, 3)), np.array([0, 0, 0, 1, 1, 2])
    module = nn.MultiMarginLoss(weight="balanced")
    assert module.state_dict() == {}
    expected = F.multi_margin_loss(scores, labels, weight=F.balanced_weights(labels))
    np.testing.assert_allclose(module(scores, labels).data, expected)


@pytest.mark.parametrize(
    "loss", [F.binary_cross_entropy, F.binary_cross_entropy_with_logits], ids=lambda f: f.__name__
)
def test_balanced_binary_losses_count_yes_and_no_in_each_column(loss: Any) -> None:
    rng = np.random.default_rng(3)
    x, t = rng.uniform(0.1, 0.9, (4, 2)), np.array([[1, 0], [0, 0], [0, 0], [0, 0]])
    weights = np.array([[4 / 2, 1.0]] + [[4 / (2 * 3), 1.0]] * 3)  # in the second, all are no
    np.testing.assert_allclose(
        loss(x, t, "balanced", reduction="none"), loss(x, t, weights, reduction="none")
    )
    np.testing.assert_allclose(loss(0.3, 1, "balanced"), loss(0.3, 1))


def test_class_weights_that_are_learned_get_their_gradient(
    numeric: Callable[..., np.ndarray],
) -> None:
    rng = np.random.default_rng(4)
    scores, labels, weight = rng.normal(size=(4, 3)), np.array([0, 2, 1, 7]), rng.random(3) + 0.5

    for reduction in ("mean", "sum"):

        def loss(w: Any, reduction: str = reduction) -> Any:
            return F.cross_entropy(scores, labels, w, ignore_index=7, reduction=reduction)

        np.testing.assert_allclose(tg.grad(loss)(weight), numeric(loss, weight), atol=1e-9)


def test_integers_and_booleans_are_targets_too() -> None:
    x = np.array([0.25, 0.75], np.float32)
    for target in (np.array([1, 0]), np.array([True, False]), [1, 0]):
        losses = F.binary_cross_entropy(x, target, reduction="none")
        assert losses.dtype == np.float32
        np.testing.assert_allclose(losses, -np.log(0.25), rtol=1e-6)
    assert F.hinge_loss(x, np.array([1, -1])).dtype == np.float32
    assert F.margin_ranking_loss(x, x, [1, -1]).dtype == np.float32
    assert F.l1_loss([1, 2], [2, 4]) == 1.5


@pytest.mark.parametrize(
    "module, function",
    [
        (nn.NLLLoss([1.0, 2.0], ignore_index=1, reduction="sum"),
         lambda x, y: F.nll_loss(x, y, [1.0, 2.0], ignore_index=1, reduction="sum")),
        (nn.MultiMarginLoss(2, 0.5, [1.0, 2.0], reduction="sum"),
         lambda x, y: F.multi_margin_loss(x, y, 2, 0.5, [1.0, 2.0], reduction="sum")),
        (nn.HingeLoss(0.5, reduction="none"),
         lambda x, y: F.hinge_loss(x, y, margin=0.5, reduction="none")),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_modules_of_class_numbers_pass_all_their_settings_on(module: Any, function: Any) -> None:
    x, y = -np.random.default_rng(5).exponential(size=(4, 2)), np.array([0, 1, 0, 0])
    np.testing.assert_allclose(module(x, y).data, function(x, y))


def test_weights_are_buffers_under_pytorchs_names() -> None:
    module = nn.BCEWithLogitsLoss([1.0], pos_weight=[2.0])
    assert list(module.state_dict()) == ["weight", "pos_weight"]
    for kind in (nn.BCELoss, nn.NLLLoss, nn.CrossEntropyLoss):
        assert list(kind([1.0, 2.0]).state_dict()) == ["weight"]
        assert list(kind("balanced").state_dict()) == []
    assert list(nn.MultiMarginLoss(weight=[1.0, 2.0]).state_dict()) == ["weight"]
