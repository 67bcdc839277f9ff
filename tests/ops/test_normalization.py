"""Normalization: equal numbers, half precision, statistics, and shapes that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

pytestmark = pytest.mark.once  # what no version of Python changes


def test_equal_features_have_finite_slopes() -> None:
    x = tg.Tensor(np.full((2, 3), 7.0), requires_grad=True)
    tape = tg.Tape()
    for f in (lambda x: tg.layer_norm(x, 3), lambda x: tg.batch_norm(x).value):
        y = f(x)
        np.testing.assert_array_equal(y.data, np.zeros((2, 3)))
        first = tape.gradient(y, x, output_gradient=np.eye(2, 3), create_graph=True)
        second = tape.gradient(tg.sum(first * first), x)
        assert np.isfinite(first.data).all()
        assert np.isfinite(second.data).all()
        assert np.abs(first.data).max() > 100  # one over the root of eps


def test_half_precision_is_computed_in_single() -> None:
    """The squares and the sums leave the range of half precision."""
    x = np.array([[300.0, -300.0] * 512], np.float16)
    y = tg.layer_norm(x, 1024)
    assert y.dtype == np.float16
    np.testing.assert_array_equal(y, np.sign(x))
    value, mean, var = tg.batch_norm(x.T)
    assert value.dtype == np.float16
    np.testing.assert_array_equal(value, np.sign(x.T))
    assert mean.dtype == var.dtype == np.float32
    assert (mean, var) == (0, 90_000)  # above 65,504


def test_layer_norm_of_small_batches_is_each_sample_on_its_own() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4)) * 100 + 1e4
    y = tg.layer_norm(x, 4)
    for one, whole in zip(x, y, strict=True):
        np.testing.assert_array_equal(tg.layer_norm(one, 4), whole)
    np.testing.assert_allclose(y.mean(1), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(1), 1, rtol=1e-7)


def test_statistics_of_a_batch_are_constants_and_normalize_another_batch() -> None:
    x = np.random.default_rng(0).normal(size=(5, 3, 2))
    found = tg.batch_norm(tg.Tensor(x, requires_grad=True), eps=0.0)
    np.testing.assert_allclose(found.mean.data, x.mean((0, 2)), rtol=1e-14)
    np.testing.assert_allclose(found.var.data, x.var((0, 2)), rtol=1e-14)
    assert found.value.requires_grad
    assert not found.mean.requires_grad
    assert not found.var.requires_grad
    known = tg.batch_norm(x, mean=found.mean.data, var=found.var.data, eps=0.0)
    np.testing.assert_allclose(known.value, found.value.data, rtol=1e-12, atol=1e-14)
    assert type(known.value) is np.ndarray


def test_gradient_through_known_statistics_treats_them_as_given() -> None:
    x = tg.Tensor([[1.0], [5.0]], requires_grad=True)
    value = tg.batch_norm(x, mean=[0.0], var=[4.0], eps=0.0).value
    tg.sum(value).backward()
    np.testing.assert_array_equal(x.grad, [[0.5], [0.5]])


def test_batch_of_one_is_all_zeros_and_empty_batches_stay_empty() -> None:
    np.testing.assert_array_equal(tg.batch_norm([[3.0, 4.0]]).value, [[0.0, 0.0]])
    assert tg.layer_norm(np.zeros((0, 3)), 3).shape == (0, 3)


X = np.ones((2, 3, 4))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: tg.layer_norm(X, 3),
        lambda: tg.layer_norm(X, (2, 4)),
        lambda: tg.layer_norm(X, ()),
        lambda: tg.layer_norm(X, 4, np.ones(3)),
        lambda: tg.layer_norm(X, 4, np.ones(4), np.ones(1)),
        lambda: tg.layer_norm(X, 4, eps=-1.0),
        lambda: tg.layer_norm(X, 4, eps="small"),
        lambda: tg.layer_norm(1.0, 1),
        lambda: tg.rms_norm(X, 4, np.ones((3, 4))),
        lambda: tg.rms_norm(X, 5),
        lambda: tg.rms_norm(X, 4, eps=-1.0),
        lambda: tg.batch_norm(X, np.ones(2)),
        lambda: tg.batch_norm(X, np.ones(3), np.ones(4)),
        lambda: tg.batch_norm(X, mean=np.ones(3)),
        lambda: tg.batch_norm(X, var=np.ones(3)),
        lambda: tg.batch_norm(X, mean=np.ones(3), var=np.ones(1)),
        lambda: tg.batch_norm(X, axis=3),
        lambda: tg.batch_norm(X, axis=(0, 0)),
        lambda: tg.batch_norm(X, axis="all"),
        lambda: tg.batch_norm(X, eps=float("nan")),
        lambda: tg.batch_norm([1.0, 2.0]),
    ],
)
def test_operands_that_cannot_be_normalized_are_refused_with_an_edit(wrong: Any) -> None:
    with pytest.raises(tg.errors.TinygradError) as caught:
        wrong()
    assert isinstance(caught.value, ValueError)
    assert caught.value.fix
