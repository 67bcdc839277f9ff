"""Attention: masks of every form, queries that see nothing, huge scores, shapes that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

pytestmark = pytest.mark.once  # what no version of Python changes

attend = tg.scaled_dot_product_attention
RNG = np.random.default_rng(0)
Q, K, V = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 5, 4)), RNG.normal(size=(2, 5, 2))


def test_causal_truth_values_and_minus_infinity_mean_the_same() -> None:
    seen = np.tri(3, 5, dtype=bool)
    expected = attend(Q, K, V, is_causal=True)
    np.testing.assert_array_equal(attend(Q, K, V, seen), expected)
    np.testing.assert_array_equal(attend(Q, K, V, np.where(seen, 0.0, -np.inf)), expected)
    np.testing.assert_array_equal(attend(Q, K, V, tg.Tensor(seen)).data, expected)
    np.testing.assert_allclose(expected[:, 0], V[:, 0], rtol=1e-15)


@pytest.mark.parametrize("mask", [False, -np.inf])
def test_query_that_sees_nothing_gets_zeros_and_passes_no_gradient(mask: Any) -> None:
    seen = np.full((3, 5), mask)
    seen[1:] = not mask if isinstance(mask, bool) else 0.0
    q, k, v = [tg.Tensor(x, requires_grad=True) for x in (Q, K, V)]
    tape, y = tg.Tape(), attend(q, k, v, seen)
    np.testing.assert_array_equal(y.data[:, 0], 0.0)
    np.testing.assert_allclose(y.data[:, 1:], attend(Q[:, 1:], K, V), rtol=1e-14)
    first = tape.gradient(y, [q, k, v], output_gradient=np.ones(y.shape), create_graph=True)
    np.testing.assert_array_equal(first[0].data[:, 0], 0.0)
    second = tape.gradient(sum([(d * d).sum() for d in first], tg.Tensor(0.0)), [q, k, v])
    for d in (*first, *second):
        assert np.isfinite(d.data).all()


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_huge_scores_pick_the_best_key(kind: type) -> None:
    q = tg.Tensor(np.array([[200.0]], kind), requires_grad=True)
    k, v = np.array([[-100.0], [100.0]], kind), np.array([[1.0], [2.0]], kind)
    y = attend(q, k, v)
    y.backward(np.ones((1, 1), kind))
    assert y.dtype == q.grad.dtype == kind
    assert (y.data, q.grad) == (2.0, 0.0)


def test_heads_and_samples_broadcast() -> None:
    q, k, v = RNG.normal(size=(2, 3, 4, 2)), RNG.normal(size=(3, 5, 2)), RNG.normal(size=(5, 1))
    y = attend(q, k, v)
    assert y.shape == (2, 3, 4, 1)
    for sample in range(2):
        for head in range(3):
            np.testing.assert_allclose(
                y[sample, head], attend(q[sample, head], k[head], v), rtol=1e-13
            )


def test_single_precision_stays_with_a_mask_of_truth_values_and_widens_with_wide_numbers() -> None:
    operands = [x.astype(np.float32) for x in (Q, K, V)]
    assert attend(*operands, np.ones((3, 5), bool)).dtype == np.float32
    assert attend(*operands, np.ones((3, 5))).dtype == np.float64


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: attend(Q, K[..., :3], V),
        lambda: attend(Q, K, V[:, :4]),
        lambda: attend(Q[0, 0], K, V),
        lambda: attend(Q, K, 1.0),
        lambda: attend(1.0, K, V),
        lambda: attend(Q[[0, 1, 1]], K, V),
        lambda: attend(Q, K, V, np.ones((2, 5), bool)),
        lambda: attend(Q, K, V, np.ones((4, 2, 3, 5), bool)),
        lambda: attend(Q, K, V, np.ones((3, 5), bool), is_causal=True),
    ],
)
def test_operands_that_cannot_attend_are_refused_with_an_edit(wrong: Any) -> None:
    with pytest.raises(tg.errors.TinygradError) as caught:
        wrong()
    assert isinstance(caught.value, ValueError)
    assert caught.value.fix
