"""Losses against their definitions in loops, their slopes, and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F


def naive_cross_entropy(
    scores: np.ndarray,
    labels: np.ndarray,
    weight: np.ndarray | None,
    ignore: int,
    smoothing: float,
) -> tuple[list[float], float]:
    """Loss of each sample and the sum of the weights, number by number."""
    losses, total = [], 0.0
    classes = scores.shape[1]
    for row, label in zip(scores, labels, strict=True):
        if label == ignore:
            losses.append(0.0)
            continue
        normal = sum(math.exp(s) for s in row)
        loss = 0.0
        for c in range(classes):
            w = 1.0 if weight is None else float(weight[c])
            t = (1 - smoothing) * (c == label) + smoothing / classes
            loss -= w * t * math.log(math.exp(row[c]) / normal)
        losses.append(loss)
        total += 1.0 if weight is None else float(weight[label])
    return losses, total


@given(
    st.integers(1, 5),
    st.integers(1, 4),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.0, 0.1, 1.0]),
    st.integers(0, 2**31),
)
def test_cross_entropy_equals_its_definition(
    samples: int, classes: int, weighted: bool, ignored: bool, smoothing: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(samples, classes))
    labels = rng.integers(classes, size=samples)
    if ignored:
        labels[rng.random(samples) < 0.4] = -100
    weight = rng.uniform(0.1, 2, classes) if weighted else None
    losses, total = naive_cross_entropy(scores, labels, weight, -100, smoothing)

    def got(reduction: str) -> Any:
        return F.cross_entropy(
            scores, labels, weight=weight, reduction=reduction, label_smoothing=smoothing
        )

    np.testing.assert_allclose(got("none"), losses, atol=1e-12)
    np.testing.assert_allclose(got("sum"), sum(losses), atol=1e-12)
    expected = sum(losses) / total if total else math.nan
    np.testing.assert_allclose(got("mean"), expected, atol=1e-12)


@given(st.integers(0, 2**31), st.sampled_from([0.0, 0.2]))
def test_one_hot_labels_mean_the_same_as_class_numbers(seed: int, smoothing: float) -> None:
    rng = np.random.default_rng(seed)
    scores, labels = rng.normal(size=(4, 3)), rng.integers(3, size=4)
    for one_hot in (np.eye(3)[labels], np.eye(3, dtype=int)[labels]):
        np.testing.assert_allclose(
            F.cross_entropy(scores, one_hot, label_smoothing=smoothing),
            F.cross_entropy(scores, labels, label_smoothing=smoothing),
            atol=1e-12,
        )


def test_classes_are_the_second_axis_as_in_pytorch() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=(2, 3, 4, 5)), rng.integers(3, size=(2, 4, 5))
    got = F.cross_entropy(scores, labels, reduction="none")
    assert got.shape == (2, 4, 5)
    rows = np.moveaxis(scores, 1, -1).reshape(-1, 3)
    losses, _ = naive_cross_entropy(rows, labels.ravel(), None, -100, 0.0)
    np.testing.assert_allclose(np.ravel(got), losses)
    probabilities = np.moveaxis(np.eye(3)[labels], -1, 1)
    np.testing.assert_allclose(F.cross_entropy(scores, probabilities), np.mean(losses))
    single = F.cross_entropy(scores[0, :, 0, 0], labels[0, 0, 0])
    np.testing.assert_allclose(single, losses[0])


@pytest.mark.parametrize("kind", ["numbers", "weighted", "ignored", "smooth", "probabilities"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_cross_entropy_gradients_agree_with_differences_to_second_order(
    kind: str, reduction: str, numeric: Callable[..., np.ndarray]
) -> None:
    rng = np.random.default_rng(1)
    scores, labels = rng.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    options: dict[str, Any] = {"reduction": reduction}
    if kind == "weighted":
        options["weight"] = np.array([0.5, 1.0, 2.0])
    elif kind == "ignored":
        options["ignore_index"] = 1
    elif kind == "smooth":
        options["label_smoothing"] = 0.3
    elif kind == "probabilities":
        labels = rng.dirichlet(np.ones(3), 4)
    g = rng.normal(size=4) if reduction == "none" else 1.0
    v = rng.normal(size=(4, 3))

    def loss(x: Any) -> Any:
        return (F.cross_entropy(x, labels, **options) * g).sum()

    got = tg.grad(loss)(scores)
    np.testing.assert_allclose(got, numeric(loss, scores), atol=1e-9)
    second = tg.grad(lambda x: (tg.grad(loss)(x) * v).sum())(scores)
    expected = numeric(lambda x: np.sum(tg.grad(loss)(x) * v), scores)
    np.testing.assert_allclose(second, expected, atol=1e-9)


def test_gradients_flow_to_probabilities_too(numeric: Callable[..., np.ndarray]) -> None:
    rng = np.random.default_rng(2)
    scores, targets = rng.normal(size=(3, 4)), rng.dirichlet(np.ones(4), 3)

    def loss(t: Any) -> Any:
        return F.cross_entropy(scores, t, label_smoothing=0.1)

    np.testing.assert_allclose(tg.grad(loss)(targets), numeric(loss, targets), atol=1e-9)


def test_extreme_scores_stay_finite() -> None:
    scores = tg.Tensor([[1000.0, -1000.0], [-1000.0, 1000.0]], requires_grad=True)
    loss = F.cross_entropy(scores, [0, 0])
    loss.backward()
    np.testing.assert_allclose(loss.data, 1000.0)
    np.testing.assert_allclose(scores.grad, [[0, 0], [-0.5, 0.5]])


def test_losses_keep_the_type_of_the_scores() -> None:
    scores = tg.Tensor(np.zeros((2, 3), np.float32), requires_grad=True)
    for options in ({}, {"weight": np.ones(3)}, {"label_smoothing": 0.1}):
        assert F.cross_entropy(scores, [0, 1], **options).dtype == np.float32
    assert F.cross_entropy(scores, np.eye(3)[:2].astype("f"), weight=[1.0, 1, 1]).dtype == "f"


@given(st.lists(st.integers(0, 3), max_size=3), st.integers(0, 2**31))
def test_mse_equals_its_definition(shape: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=shape), rng.normal(size=shape)
    squares = [(float(a) - float(b)) ** 2 for a, b in zip(x.flat, y.flat, strict=True)]
    np.testing.assert_allclose(F.mse_loss(x, y, reduction="sum"), sum(squares), atol=1e-12)
    np.testing.assert_allclose(np.ravel(F.mse_loss(x, y, reduction="none")), squares, atol=1e-12)
    if squares:
        np.testing.assert_allclose(F.mse_loss(x, y), sum(squares) / len(squares), atol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_mse_gradients_agree_with_differences_to_second_order(
    reduction: str, numeric: Callable[..., np.ndarray]
) -> None:
    rng = np.random.default_rng(0)
    x, y, v = rng.normal(size=(3, 3, 2))
    g = rng.normal(size=(3, 2)) if reduction == "none" else 1.0

    def loss(p: Any, t: Any) -> Any:
        return (F.mse_loss(p, t, reduction=reduction) * g).sum()

    for k in range(2):
        got = tg.grad(loss, argnums=k)(x, y)
        expected = numeric(lambda z, k=k: loss(z, y) if k == 0 else loss(x, z), (x, y)[k])
        np.testing.assert_allclose(got, expected, atol=1e-9)
    second = tg.grad(lambda p: (tg.grad(loss)(p, y) * v).sum())(x)
    expected = numeric(lambda p: np.sum(tg.grad(loss)(p, y) * v), x)
    np.testing.assert_allclose(second, expected, atol=1e-9)


@pytest.mark.parametrize(
    "prediction, target",
    [((5, 1), (5,)), ((5,), (5, 1)), ((2, 3, 1), (2, 3)), ((2, 3), (3, 2))],
    ids=str,
)
def test_mse_refuses_to_broadcast_and_its_fix_works(
    prediction: tuple[int, ...], target: tuple[int, ...], apply_fix: Callable[..., Any]
) -> None:
    pred, goal = tg.Tensor(np.ones(prediction)), np.ones(target)
    with pytest.raises(tg.errors.ShapeError) as caught:
        F.mse_loss(pred, goal)
    error = caught.value
    assert error.code == "TG-S03"
    assert error.shapes == (prediction, target)
    assert str(prediction) in str(error)
    assert str(target) in str(error)
    mended = apply_fix(error, prediction=pred, target=goal)
    assert F.mse_loss(pred, mended).item() == 0


def test_the_message_counts_what_broadcasting_would_compare() -> None:
    with pytest.raises(tg.errors.ShapeError, match="25 pairs, not 5"):
        nn.MSELoss()(np.ones((5, 1)), np.ones(5))
    with pytest.raises(tg.errors.ShapeError):
        nn.MSELoss()(np.ones((5, 2)), np.ones((5, 3)))


@pytest.mark.parametrize(
    "labels, scores", [((4, 1), (4, 3)), ((1, 4), (4, 3)), ((2, 5, 1), (2, 3, 5))]
)
def test_labels_of_another_shape_are_refused_and_the_fix_works(
    labels: tuple[int, ...], scores: tuple[int, ...], apply_fix: Callable[..., Any]
) -> None:
    x, y = np.zeros(scores), np.zeros(labels, int)
    with pytest.raises(tg.errors.ShapeError) as caught:
        F.cross_entropy(x, y)
    assert caught.value.code == "TG-S03"
    assert caught.value.shapes == (scores, labels)
    assert F.cross_entropy(x, apply_fix(caught.value, labels=y)).item() == pytest.approx(
        math.log(3)
    )


def test_a_label_out_of_range_is_named_and_the_fix_works(apply_fix: Callable[..., Any]) -> None:
    x, labels = np.zeros((4, 3)), np.array([1, 2, 3, 2])
    with pytest.raises(tg.errors.ArgumentError) as caught:
        F.cross_entropy(x, labels)
    error = caught.value
    assert error.code == "TG-L01"
    assert error.shapes == ((4, 3), (4,))
    assert "labels[2] = 3" in str(error)
    assert "0..2" in str(error)
    assert F.cross_entropy(x, apply_fix(error, labels=labels)).item() == pytest.approx(math.log(3))


def test_negative_and_large_labels_have_their_own_fixes(apply_fix: Callable[..., Any]) -> None:
    x = np.zeros((2, 3))
    with pytest.raises(tg.errors.ArgumentError) as caught:
        F.cross_entropy(x, [-1, 2])
    loss = apply_fix(caught.value, cross_entropy=F.cross_entropy, scores=x, labels=[-1, 2])
    assert loss == pytest.approx(math.log(3))
    with pytest.raises(tg.errors.ArgumentError, match="give the last layer 8 outputs"):
        F.cross_entropy(x, [0, 7])


def test_float_class_numbers_are_refused_and_the_fix_works(apply_fix: Callable[..., Any]) -> None:
    x, labels = np.zeros((3, 3)), np.array([0.0, 2.0, 1.0])
    with pytest.raises(tg.errors.DTypeError) as caught:
        F.cross_entropy(x, labels)
    error = caught.value
    assert error.code == "TG-L02"
    assert error.shapes == ((3, 3), (3,))
    assert "from 0 to 2" in str(error)
    assert F.cross_entropy(x, apply_fix(error, labels=labels)).item() == pytest.approx(math.log(3))


def test_settings_of_losses_are_checked() -> None:
    x, y = np.zeros((2, 3)), np.array([0, 1])
    with pytest.raises(tg.errors.ArgumentError, match="'mean', 'sum', 'none'"):
        F.cross_entropy(x, y, reduction="average")
    with pytest.raises(tg.errors.ArgumentError):
        nn.MSELoss(reduction="avg")
    with pytest.raises(tg.errors.ArgumentError):
        nn.CrossEntropyLoss(reduction="avg")
    with pytest.raises(tg.errors.ArgumentError):
        F.cross_entropy(x, y, label_smoothing=1.5)
    with pytest.raises(tg.errors.ShapeError):
        F.cross_entropy(x, y, weight=np.ones(2))


def test_loss_modules_hold_the_settings_of_the_functions() -> None:
    rng = np.random.default_rng(0)
    x, y, w = rng.normal(size=(4, 3)), np.array([0, 1, 2, 9]), np.array([1.0, 2.0, 3.0])
    module = nn.CrossEntropyLoss(w, ignore_index=9, reduction="sum", label_smoothing=0.1)
    expected = F.cross_entropy(x, y, weight=w, ignore_index=9, reduction="sum", label_smoothing=0.1)
    np.testing.assert_allclose(module(x, y).data, expected)
    assert list(module.state_dict()) == ["weight"]
    assert module.parameters() == []
    np.testing.assert_allclose(nn.MSELoss(reduction="sum")(x, x + 2).data, 48.0)
