"""Losses against PyTorch at kinks, to second order and far out, and against scikit-learn, SciPy.

Values and gradients over all settings are compared in ``test_parity_every_layer.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F

pytestmark = pytest.mark.parity

SEEDS = st.integers(0, 2**31)

# Each as a function of a library and one array, at its kink.
KINKS: dict[str, tuple[Callable[[Any, Any], Any], Any]] = {
    "l1": (lambda f, x: f.l1_loss(x, 0 * x), [0.0]),
    "huber": (lambda f, x: f.huber_loss(x, 0 * x, delta=2.0), [2.0, -2.0]),
    "smooth l1": (lambda f, x: f.smooth_l1_loss(x, 0 * x, beta=2.0), [2.0, -2.0]),
    "smooth l1 without squares": (lambda f, x: f.smooth_l1_loss(x, 0 * x, beta=0.0), [0.0]),
    "ranking": (lambda f, x: f.margin_ranking_loss(x, 0 * x, 1 + 0 * x, margin=0.5), [0.5]),
    "ranking of equals": (lambda f, x: f.margin_ranking_loss(x, x[[1, 0]], 1 + 0 * x), [3.0, 3.0]),
    "hinge embedding": (lambda f, x: f.hinge_embedding_loss(x, 0 * x - 1), [1.0]),
    "triplet": (
        lambda f, x: f.triplet_margin_loss(
            x[None], 0 * x[None] + 1, 0 * x[None] + 0.5, margin=0.5, eps=0.0
        ),
        [1.0],
    ),
    "triplet with a tie": (
        lambda f, x: f.triplet_margin_loss(x[None], -x[None], 0 * x[None], eps=0.0, swap=True),
        [1.0],
    ),
    "cosine": (
        lambda f, x: f.cosine_embedding_loss(x[None], x[[1, 0]][None], 0 * x[:1] - 1), [1.0, 0.0]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KINKS)
def test_kinks_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    loss, at = KINKS[name]
    leaf = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    expected = loss(torch.nn.functional, leaf)
    expected.backward()
    value, slope = tg.value_and_grad(lambda x: loss(F, x))(np.array(at))
    assert value == expected.item()
    np.testing.assert_allclose(slope, leaf.grad.numpy(), atol=1e-11)


def test_the_multi_margin_kink_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    leaf = torch.tensor([[1.0, 0.0]], dtype=torch.float64, requires_grad=True)
    torch.nn.functional.multi_margin_loss(leaf, torch.tensor([0])).backward()
    slope = tg.grad(lambda x: F.multi_margin_loss(x, [0]))(np.array([[1.0, 0.0]]))
    np.testing.assert_array_equal(slope, leaf.grad.numpy())


# Losses that PyTorch differentiates twice, as functions of a library, an array and another.
TWICE: dict[str, Callable[[Any, Any, Any], Any]] = {
    "mse": lambda f, x, y: f.mse_loss(x, y),
    "huber": lambda f, x, y: f.huber_loss(x, y, delta=0.7),
    "smooth l1": lambda f, x, y: f.smooth_l1_loss(x, y, beta=0.7),
    "cross-entropy": lambda f, x, y: f.cross_entropy(x, y * y, label_smoothing=0.1),
    "binary": lambda f, x, y: f.binary_cross_entropy(f.sigmoid(x), 1 / (1 + y * y)),
    "logits": lambda f, x, y: f.binary_cross_entropy_with_logits(x, 1 / (1 + y * y)),
    "divergence": lambda f, x, y: f.kl_div(f.log_softmax(x, 1), 1 / (1 + y * y), reduction="sum"),
    "soft margin": lambda f, x, y: f.soft_margin_loss(x, 1 + 0 * y),
    "cosine": lambda f, x, y: f.cosine_embedding_loss(x, y, 1 + 0 * x[:, 0]),
    "triplet": lambda f, x, y: f.triplet_margin_loss(x, y, -y, margin=5.0),
}


@pytest.mark.parametrize("name", TWICE)
@settings(max_examples=10)
@given(seed=SEEDS)
def test_second_derivatives_are_pytorchs(name: str, seed: int) -> None:
    torch = pytest.importorskip("torch")
    loss = TWICE[name]
    x, y, v = np.random.default_rng(seed).normal(size=(3, 3, 2))
    leaf = torch.tensor(x, requires_grad=True)
    (slope,) = torch.autograd.grad(
        loss(torch.nn.functional, leaf, torch.tensor(y)), leaf, create_graph=True
    )
    (expected,) = torch.autograd.grad((slope * torch.tensor(v)).sum(), leaf)
    got = tg.hvp(lambda x: loss(F, x, y), x, v)
    np.testing.assert_allclose(got, expected.numpy(), rtol=1e-7, atol=1e-7)


@settings(max_examples=10)
@given(seed=SEEDS)
def test_the_gradient_penalty_and_its_gradient_are_pytorchs(seed: int) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    real, fake = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    judge = nn.MLP([3, 5, 1], "tanh", rng=seed).astype(np.float64)
    layers = [torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1)]
    theirs = torch.nn.Sequential(*layers).double()
    with torch.no_grad():
        for parameter, own in zip(theirs.parameters(), judge.parameters(), strict=True):
            parameter.copy_(torch.tensor(own.numpy()))
    share = torch.tensor(np.random.default_rng(7).random((4, 1)))
    leaves = [torch.tensor(a, requires_grad=True) for a in (real, fake)]
    between = share * leaves[0] + (1 - share) * leaves[1]
    (slopes,) = torch.autograd.grad(theirs(between).sum(), between, create_graph=True)
    expected = ((slopes.norm(dim=1) - 1) ** 2).mean()
    expected.backward()
    ours = [tg.Tensor(a, requires_grad=True) for a in (real, fake)]
    penalty = F.gradient_penalty(judge, *ours, rng=7)
    penalty.backward()
    np.testing.assert_allclose(penalty.item(), expected.item(), rtol=1e-9)
    pairs = [*zip(ours, leaves, strict=True)]
    pairs += [*zip(judge.parameters(), theirs.parameters(), strict=True)]
    for own, other in pairs:
        left = np.zeros(own.shape) if own.grad is None else own.grad
        right = np.zeros(own.shape) if other.grad is None else other.grad.numpy()
        np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9)


@given(seed=SEEDS)
def test_hinge_losses_are_scikit_learns(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    signs, scores = rng.choice([-1, 1], 6), rng.normal(size=6)
    signs[:2] = -1, 1
    np.testing.assert_allclose(F.hinge_loss(scores, signs), metrics.hinge_loss(signs, scores))
    labels, rows = np.array([0, 1, 2, *rng.integers(3, size=4)]), rng.normal(size=(7, 3))
    np.testing.assert_allclose(F.hinge_loss(rows, labels), metrics.hinge_loss(labels, rows))


@given(seed=SEEDS)
def test_logarithmic_losses_are_scikit_learns(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    labels, scores = np.array([0, 1, 2, *rng.integers(3, size=4)]), rng.normal(size=(7, 3))
    chances = np.asarray(tg.softmax(scores))
    expected = metrics.log_loss(labels, chances)
    np.testing.assert_allclose(F.cross_entropy(scores, labels), expected)
    balanced = pytest.importorskip("sklearn.utils.class_weight")
    each = balanced.compute_sample_weight("balanced", labels)
    expected = metrics.log_loss(labels, chances, sample_weight=each)
    np.testing.assert_allclose(F.cross_entropy(scores, labels, "balanced"), expected)
    yes, p = np.array([0, 1, *rng.integers(2, size=4)]), rng.uniform(0.01, 0.99, 6)
    np.testing.assert_allclose(F.binary_cross_entropy(p, yes), metrics.log_loss(yes, p))
    each = balanced.compute_sample_weight("balanced", yes)
    expected = metrics.log_loss(yes, p, sample_weight=each)
    np.testing.assert_allclose(F.binary_cross_entropy(p, yes, "balanced"), expected)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_balanced_weights_are_scikit_learns(labels: list[int]) -> None:
    class_weight = pytest.importorskip("sklearn.utils.class_weight")
    present = np.unique(labels)
    expected = class_weight.compute_class_weight("balanced", classes=present, y=labels)
    weights = F.balanced_weights(labels, 6)
    np.testing.assert_allclose(weights[present], expected)
    assert weights.sum() == pytest.approx(expected.sum())


@given(seed=SEEDS)
def test_losses_of_numbers_are_scipys_and_scikit_learns(seed: int) -> None:
    special = pytest.importorskip("scipy.special")
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 6)) * 2
    np.testing.assert_allclose(F.mse_loss(x, y), metrics.mean_squared_error(y, x))
    np.testing.assert_allclose(F.l1_loss(x, y), metrics.mean_absolute_error(y, x))
    np.testing.assert_allclose(F.huber_loss(x, y, "none", 0.7), special.huber(0.7, x - y))
    p, q = rng.dirichlet(np.ones(4), 2)
    p[0] = 0.0
    got = F.kl_div(np.log(q), p, reduction="none")
    np.testing.assert_allclose(got, special.rel_entr(p, q))
