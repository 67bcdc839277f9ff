"""Losses where numbers are extreme, and at the kinks, with the values that PyTorch has there."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import functional as F

pytestmark = pytest.mark.once  # what no version of Python changes

FAR = np.array([[1e3, -1e3], [-1e3, 1e3], [0.0, 1e3], [-1e3, -1e3]])
LABELS = np.array([0, 0, 1, 1])
SIGNS = np.array([[1, -1], [1, -1], [-1, 1], [1, 1]])
HARD = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.5, 0.5]])
SOFT = np.full((4, 2), 0.5)

LOGITS: dict[str, Callable[[Any], Any]] = {
    "class numbers": lambda x: F.cross_entropy(x, LABELS),
    "weighted": lambda x: F.cross_entropy(x, LABELS, [1.0, 2.0]),
    "balanced": lambda x: F.cross_entropy(x, LABELS, "balanced"),
    "smoothed": lambda x: F.cross_entropy(x, LABELS, label_smoothing=0.1),
    "probabilities": lambda x: F.cross_entropy(x, SOFT),
    "log-likelihood": lambda x: F.nll_loss(F.log_softmax(x), LABELS),
    "divergence": lambda x: F.kl_div(F.log_softmax(x), SOFT),
    "divergence of logs": lambda x: F.kl_div(F.log_softmax(x), np.log(SOFT), log_target=True),
    "binary": lambda x: F.binary_cross_entropy_with_logits(x, HARD),
    "binary, more of yes": lambda x: F.binary_cross_entropy_with_logits(x, HARD, pos_weight=3.0),
    "soft margin": lambda x: F.soft_margin_loss(x, SIGNS),
    "hinge": lambda x: F.hinge_loss(x, LABELS),
    "multi-margin": lambda x: F.multi_margin_loss(x, LABELS, 2),
    "discriminator": lambda x: F.discriminator_loss(x[:2], x[2:]),
    "generator": F.generator_loss,
    "saturating generator": lambda x: F.generator_loss(x, "saturating"),
    "huber": lambda x: F.huber_loss(x, HARD),
    "cosine": lambda x: F.cosine_embedding_loss(x, HARD, [1, -1, 1, -1]),
    "triplet": lambda x: F.triplet_margin_loss(x, HARD, -x),
}


@pytest.mark.parametrize("name", LOGITS)
@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_logits_of_a_thousand_stay_finite_to_second_order(name: str, kind: str) -> None:
    x, v = FAR.astype(kind), np.random.default_rng(0).normal(size=FAR.shape).astype(kind)
    value, slope = tg.value_and_grad(LOGITS[name])(x)
    curvature = tg.hvp(LOGITS[name], x, v)
    for found in (value, slope, curvature):
        assert np.isfinite(np.asarray(found)).all()
    assert slope.dtype == kind


def test_confident_answers_cost_what_the_formulas_say() -> None:
    losses = F.binary_cross_entropy_with_logits([1e3, -1e3, 40.0], [0, 1, 1], reduction="none")
    np.testing.assert_allclose(losses, [1e3, 1e3, math.exp(-40.0)], rtol=1e-12)
    losses = F.soft_margin_loss([1e3, -40.0], [-1, -1], reduction="none")
    np.testing.assert_allclose(losses, [1e3, math.exp(-40.0)], rtol=1e-12)
    slope = tg.grad(F.generator_loss)(np.array([-1e3]))
    np.testing.assert_array_equal(slope, [-1.0])


def test_large_errors_are_not_squared() -> None:
    huge = np.array([1e300, -1e300])
    np.testing.assert_array_equal(F.huber_loss(huge, [0, 0], "none"), [1e300, 1e300])
    np.testing.assert_array_equal(F.smooth_l1_loss(huge, [0, 0], reduction="none"), [1e300] * 2)
    for loss in (F.huber_loss, F.smooth_l1_loss):
        np.testing.assert_array_equal(tg.grad(loss)(huge, np.zeros(2)), [0.5, -0.5])


def test_certain_and_wrong_probabilities_cost_a_hundred() -> None:
    p, t = np.array([0.0, 0.0, 1.0, 1.0, 1e-50]), np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    losses = F.binary_cross_entropy(p, t, reduction="none")
    np.testing.assert_array_equal(losses, [0, 100, 100, 0, 100])
    slope = tg.grad(lambda p: F.binary_cross_entropy(p, t, reduction="sum"))(p)
    # Of what is right, the slope towards the inside; the limited logarithm is flat.
    np.testing.assert_array_equal(slope, [1, 0, 0, -1, 0])
    assert np.isfinite(tg.hvp(lambda p: F.binary_cross_entropy(p, t), p, np.ones(5))).all()
    nearly = np.array([1e-30, 1 - 1e-16])
    losses = F.binary_cross_entropy(nearly, [1, 0], reduction="none")
    np.testing.assert_allclose(losses, [30 * math.log(10), 53 * math.log(2)])


def test_divergence_is_zero_and_flat_where_the_target_is_zero() -> None:
    def loss(x: Any, t: Any) -> Any:
        return F.kl_div(x, t, reduction="sum")

    x, t = np.array([-math.inf, -1.0, -1.0]), np.array([0.0, 0.0, 1.0])
    np.testing.assert_array_equal(F.kl_div(x, t, reduction="none"), [0, 0, 1])
    to_x, to_t = tg.grad(loss, argnums=(0, 1))(x, t)
    np.testing.assert_array_equal(to_x, [0, 0, -1])
    np.testing.assert_array_equal(to_t, [0, 0, 2])
    logs = np.array([-math.inf, 0.0])
    got = tg.value_and_grad(lambda t: F.kl_div(x[1:], t, reduction="sum", log_target=True))(logs)
    np.testing.assert_array_equal(got[0], 1.0)
    np.testing.assert_array_equal(got[1], [0, 2])


def test_a_class_without_any_chance_does_not_disturb_the_others() -> None:
    logs = np.array([[-math.inf, 0.0], [-0.5, -math.inf]])
    np.testing.assert_array_equal(F.nll_loss(logs, [1, 0], [3.0, 1.0], reduction="sum"), 1.5)
    np.testing.assert_array_equal(F.nll_loss(logs, [1, -100]), 0.0)
    assert F.nll_loss(logs, [0, 0]) == math.inf
    scores = np.array([[-math.inf, 0.0], [-math.inf, 0.0]])
    slope = tg.grad(lambda x: F.cross_entropy(x, [-100, 1]))(scores)
    np.testing.assert_array_equal(slope, np.zeros((2, 2)))


# Loss as a function of one number, where its kink is, and value, slope and curvature there.
KINKS: dict[str, tuple[Callable[[Any], Any], float, float, float, float]] = {
    "l1 at an exact prediction": (lambda x: F.l1_loss(x, 0.0), 0.0, 0, 0, 0),
    "smooth l1 without squares": (lambda x: F.smooth_l1_loss(x, 0.0, beta=0), 0.0, 0, 0, 0),
    "huber at delta": (lambda x: F.huber_loss(x, 0.0, delta=2.0), 2.0, 2, 2, 0),
    "huber at minus delta": (lambda x: F.huber_loss(x, 0.0, delta=2.0), -2.0, 2, -2, 0),
    "huber below delta": (lambda x: F.huber_loss(x, 0.0, delta=2.0), 1.0, 0.5, 1, 1),
    "smooth l1 at beta": (lambda x: F.smooth_l1_loss(x, 0.0, beta=2.0), 2.0, 1, 1, 0),
    "smooth l1 at minus beta": (lambda x: F.smooth_l1_loss(x, 0.0, beta=2.0), -2.0, 1, -1, 0),
    "hinge at the margin": (lambda x: F.hinge_loss(x, 1), 1.0, 0, 0, 0),
    "multi-margin at the margin": (
        lambda x: F.multi_margin_loss(tg.stack([x, 0.0]), 0), 1.0, 0, 0, 0
    ),
    "ranking at the margin": (
        lambda x: F.margin_ranking_loss(x, 0.0, 1, margin=0.5), 0.5, 0, -1, 0
    ),
    "ranking of equals": (lambda x: F.margin_ranking_loss(x, 1.0, -1), 1.0, 0, 1, 0),
    "hinge embedding at the margin": (lambda x: F.hinge_embedding_loss(x, -1), 1.0, 0, -1, 0),
    "triplet at the margin": (
        lambda x: F.triplet_margin_loss(x.reshape(1), [1.0], [2.0], eps=0.0), 0.0, 0, 0, 0
    ),
    "triplet at the margin, off the middle": (
        lambda x: F.triplet_margin_loss(x.reshape(1), [1.0], [0.5], eps=0.0, margin=0.5),
        1.0, 0, -1, 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KINKS)
def test_kinks_have_their_documented_slopes(name: str) -> None:
    loss, x, value, slope, curvature = KINKS[name]
    assert tg.value_and_grad(loss)(x) == (value, slope)
    assert tg.grad(tg.grad(loss))(x) == curvature


def test_cosine_embedding_keeps_its_slope_at_the_margin_and_at_the_zero_vector() -> None:
    slope = tg.grad(lambda a: F.cosine_embedding_loss(a, [0.0, 1.0], -1))
    np.testing.assert_allclose(slope(np.array([1.0, 0.0])), [0, 1], atol=1e-11)
    assert F.cosine_embedding_loss([0.0, 0.0], [0.0, 1.0], 1) == 1
    short = F.cosine_embedding_loss([1e-6, 0.0], [1.0, 0.0], 1)  # as long as epsilon's root
    np.testing.assert_allclose(short, 1 - math.sqrt(0.5))
    assert np.isfinite(slope(np.zeros(2))).all()


def test_equally_strong_rivals_share_the_slope() -> None:
    slope = tg.grad(lambda x: F.hinge_loss(x, 0))(np.array([1.0, 1.0, 1.0, 0.0]))
    np.testing.assert_array_equal(slope, [-1, 0.5, 0.5, 0])


def test_a_missing_number_stays_visible() -> None:
    for loss in (F.mse_loss, F.l1_loss, F.huber_loss, F.smooth_l1_loss, F.binary_cross_entropy):
        assert math.isnan(loss([math.nan, 0.5], [0.5, 0.5]))
    for x, t in ((math.nan, 0.5), (-1.0, math.nan)):
        assert math.isnan(F.kl_div([x], [t]))
        assert math.isnan(F.kl_div([x], [t - 1.0], log_target=True))
    unknown = np.array([[math.nan, 0.0], [1.0, 0.0]])
    signs = np.array([[1, -1], [-1, 1]])
    for by_class in (F.cross_entropy, F.nll_loss, F.hinge_loss, F.multi_margin_loss):
        assert math.isnan(by_class(-np.abs(unknown), [0, 1]))
    for by_sign in (F.soft_margin_loss, F.hinge_loss, F.hinge_embedding_loss):
        assert math.isnan(by_sign(unknown, signs))
