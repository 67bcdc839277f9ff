"""Probabilities and cross-entropies of any score, and targets that do not fit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

pytestmark = pytest.mark.once  # what no version of Python changes


def slope(f: Any, x: Any) -> np.ndarray:
    return tg.grad(lambda x: tg.sum(f(x)))(np.asarray(x, float))


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_huge_scores_give_finite_probabilities_losses_and_slopes(kind: type) -> None:
    x = np.array([[3e4, 0.0, -3e4], [0.0, 0.0, 0.0]], kind)
    for f in (tg.softmax, tg.log_softmax, lambda x: tg.softmax_cross_entropy(x, [2, 1])):
        given = tg.Tensor(x, requires_grad=True)
        out = f(given)
        out.backward(np.ones(out.shape, kind))
        assert out.dtype == kind
        assert np.isfinite(given.grad).all()
    np.testing.assert_array_equal(tg.softmax(x)[0], [1, 0, 0])


def test_class_that_cannot_be_has_no_share_and_costs_nothing() -> None:
    x = np.array([[0.0, -np.inf, 0.0]])
    np.testing.assert_array_equal(tg.softmax(x), [[0.5, 0.0, 0.5]])
    loss = tg.softmax_cross_entropy(x, [[0.5, 0.0, 0.5]])
    np.testing.assert_allclose(loss, math.log(2.0))
    np.testing.assert_allclose(tg.softmax_cross_entropy(x, [2]), math.log(2.0))
    np.testing.assert_array_equal(
        slope(lambda x: tg.softmax_cross_entropy(x, [2]), x), [[0.5, 0, -0.5]]
    )


@pytest.mark.parametrize("leading", [(), (3,), (2, 3), (0,)])
def test_class_numbers_mean_one_hot_rows(leading: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(*leading, 4)), rng.integers(4, size=leading)
    for kind in (np.int64, np.uint8, np.int32):
        by_number = tg.softmax_cross_entropy(x, labels.astype(kind))
        by_row = tg.softmax_cross_entropy(x, np.eye(4)[labels])
        np.testing.assert_allclose(by_number, by_row, rtol=1e-14, strict=True)
    as_tensor = tg.softmax_cross_entropy(tg.Tensor(x), tg.Tensor(labels))
    np.testing.assert_array_equal(as_tensor.data, tg.softmax_cross_entropy(x, labels))


def test_whole_number_rows_of_the_shape_of_the_scores_are_probabilities() -> None:
    x = [[1.0, 2.0], [3.0, 5.0]]
    np.testing.assert_array_equal(
        tg.softmax_cross_entropy(x, [[0, 1], [1, 0]]),
        tg.softmax_cross_entropy(x, [[0.0, 1.0], [1.0, 0.0]]),
    )


@pytest.mark.parametrize("x", [-700.0, -40.0, -1e-9, 0.0, 3.0, 40.0, 700.0])
def test_confident_right_answer_keeps_the_digits_of_loss_and_slope(x: float) -> None:
    """Where the logistic function less the target would be 0."""
    yes = math.log1p(math.exp(-abs(x))) + max(-x, 0.0)
    no = math.log1p(math.exp(-abs(x))) + max(x, 0.0)
    for settings in ({}, {"pos_weight": 1.0}, {"weight": 1.0}):
        for target, loss in ((1.0, yes), (0.0, no)):

            def f(x: Any, target: Any = target, settings: Any = settings) -> Any:
                return tg.bce_with_logits(x, target, **settings)

            # A sum may leave a rounding of the size of x where the loss is tiny.
            np.testing.assert_allclose(f(x), loss, rtol=1e-14, atol=0)
            away = math.exp(-max(x, 0.0)) if target else math.exp(min(x, 0.0))
            size = away / (1.0 + math.exp(-abs(x)))
            np.testing.assert_allclose(slope(f, x), -size if target else size, rtol=1e-13)


def test_weights_broadcast_and_may_be_learned() -> None:
    x, t = np.random.default_rng(0).normal(size=(2, 4, 3)), np.eye(4, 3)
    weight = tg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    targets = np.broadcast_to(t, x.shape)
    losses = tg.bce_with_logits(x, targets, weight=weight)
    np.testing.assert_allclose(losses.data, tg.bce_with_logits(x, targets) * [1.0, 2.0, 3.0])
    tg.sum(losses).backward()
    np.testing.assert_allclose(weight.grad, tg.bce_with_logits(x, targets).sum((0, 1)))


@pytest.mark.parametrize(
    "wrong, kind",
    [
        (lambda: tg.softmax_cross_entropy([[0.0, 0.0]], [2]), ValueError),
        (lambda: tg.softmax_cross_entropy([[0.0, 0.0]], [-1]), ValueError),
        (lambda: tg.softmax_cross_entropy([[0.0, 0.0]], [0, 1]), ValueError),
        (lambda: tg.softmax_cross_entropy([[0.0, 0.0]], [0.0]), ValueError),
        (lambda: tg.softmax_cross_entropy(1.0, 0), ValueError),
        (lambda: tg.bce_with_logits([[0.0], [1.0]], [0.0, 1.0]), ValueError),
        (lambda: tg.bce_with_logits([0.0, 1.0], 1.0), ValueError),
        (lambda: tg.bce_with_logits([0.0, 1.0], 1.0, pos_weight=2.0), ValueError),
        (lambda: tg.softmax([[1.0]], axis=2), Exception),
    ],
)
def test_targets_that_do_not_fit_are_refused(wrong: Any, kind: type) -> None:
    with pytest.raises(tg.errors.TinygradError) as caught:
        wrong()
    assert isinstance(caught.value, kind)
    assert caught.value.fix
