"""Positions: waves, learned vectors and rotations, against their formulas in loops."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F


def draw(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("steps, features", [(1, 1), (5, 4), (7, 5), (0, 3), (600, 2)])
def test_waves_follow_their_formula(steps: int, features: int) -> None:
    got = F.positional_encoding(steps, features, dtype=np.float64)
    assert got.shape == (steps, features)
    for t in range(steps):
        for k in range(features):
            angle = t / 10000 ** (2 * (k // 2) / features)
            assert got[t, k] == pytest.approx(math.cos(angle) if k % 2 else math.sin(angle))
    assert F.positional_encoding(2, 3).dtype == np.float32


@pytest.mark.parametrize("first", [True, False])
def test_a_layer_adds_the_waves_along_the_steps(first: bool) -> None:
    layer, x = nn.PositionalEncoding(4, 0.0, first), draw(2, 5, 4)
    table = F.positional_encoding(5, 4, dtype=np.float64)
    given = x if first else x.swapaxes(0, 1)
    got = layer(given).numpy()
    np.testing.assert_allclose(got if first else got.swapaxes(0, 1), x + table, atol=1e-12)
    np.testing.assert_allclose(layer(x[0]).numpy(), x[0] + table, atol=1e-12)
    np.testing.assert_allclose(layer(given[:3]).numpy()[:2], got[:2], atol=1e-12)
    assert not layer.state_dict()


def test_waves_are_followed_by_dropout_while_training_only() -> None:
    layer = nn.PositionalEncoding(50, 0.5, rng=0)
    x = np.ones((40, 1, 50), np.float32)
    first, second = layer(x).numpy(), layer(x).numpy()
    assert 0.4 < (first == 0).mean() < 0.6
    assert not np.array_equal(first, second)
    assert np.array_equal(layer.eval()(x).numpy(), nn.PositionalEncoding(50, 0.0)(x).numpy())


@pytest.mark.parametrize("first", [True, False])
def test_learned_vectors_are_added_along_the_steps(first: bool) -> None:
    layer = nn.PositionalEmbedding(6, 3, first, dtype=np.float64, rng=0)
    x, table = draw(2, 4, 3), layer.weight.data[:4]
    got = layer(x if first else x.swapaxes(0, 1))
    np.testing.assert_array_equal(got.numpy() if first else got.numpy().swapaxes(0, 1), x + table)
    np.testing.assert_array_equal(layer(x[0]).numpy(), x[0] + table)
    got.sum().backward()
    np.testing.assert_array_equal(layer.weight.grad, [[2.0] * 3] * 4 + [[0.0] * 3] * 2)


def test_learned_vectors_begin_small() -> None:
    values = nn.PositionalEmbedding(200, 50, rng=0).weight.data
    assert values.dtype == np.float32
    assert 0.019 < values.std() < 0.021


def test_a_rotation_turns_each_pair_by_its_own_angle() -> None:
    x, places = draw(2, 5, 6), [3, 0, 7, 7, -1]
    got = F.rotary_embedding(x, places, base=100.0)
    for n in range(2):
        for t, place in enumerate(places):
            for i in range(3):
                angle = place * 100.0 ** (-2 * i / 6)
                a, b = x[n, t, 2 * i], x[n, t, 2 * i + 1]
                assert got[n, t, 2 * i] == pytest.approx(a * math.cos(angle) - b * math.sin(angle))
                assert got[n, t, 2 * i + 1] == pytest.approx(
                    a * math.sin(angle) + b * math.cos(angle)
                )


def test_halves_are_the_same_rotation_of_features_in_another_order() -> None:
    x = draw(4, 6)
    order = [0, 2, 4, 1, 3, 5]
    halves = F.rotary_embedding(x[:, order], interleaved=False)
    np.testing.assert_allclose(halves, F.rotary_embedding(x)[:, order], atol=1e-12)


@pytest.mark.parametrize("interleaved", [True, False])
def test_products_of_turned_queries_and_keys_depend_on_the_distance_only(
    interleaved: bool,
) -> None:
    q, k = draw(8, seed=1), draw(8, seed=2)
    scores = {}
    for i in range(6):
        for j in range(6):
            turned = [
                F.rotary_embedding(v[None], [p], interleaved=interleaved)
                for v, p in ((q, i), (k, j))
            ]
            scores.setdefault(i - j, []).append(float(np.sum(turned[0] * turned[1])))
    for same in scores.values():
        np.testing.assert_allclose(same, same[0], atol=1e-12)
    assert len({round(same[0], 6) for same in scores.values()}) == len(scores)


@pytest.mark.parametrize("interleaved", [True, False])
def test_rotations_have_right_gradients_and_keep_the_type(interleaved: bool) -> None:
    f = lambda x: F.rotary_embedding(x, interleaved=interleaved)  # noqa: E731
    assert tg.testing.check_gradients(f, draw(2, 3, 4)).verdict == "pass"
    assert f(draw(3, 4).astype(np.float32)).dtype == np.float32
    assert f(np.ones((3, 4), int)).dtype == np.float64


# ---------------------------------------------------------------------------- refusals


def test_odd_features_cannot_be_turned_and_the_fix_works(apply_fix: Callable[..., Any]) -> None:
    x = draw(3, 5)
    with pytest.raises(tg.errors.ShapeError, match="pairs") as caught:
        F.rotary_embedding(x)
    assert F.rotary_embedding(apply_fix(caught.value, x=x)).shape == (3, 4)
    for wrong in (np.arange(2), np.arange(6).reshape(3, 2), 1):
        with pytest.raises(tg.errors.ShapeError) as caught:
            F.rotary_embedding(draw(3, 4), wrong)
        F.rotary_embedding(draw(3, 4), apply_fix(caught.value))
    with pytest.raises(tg.errors.ShapeError):
        F.rotary_embedding(draw(4))


@pytest.mark.parametrize("kind", ["PositionalEncoding", "PositionalEmbedding"])
@pytest.mark.parametrize("shape", [(5, 2, 3), (5, 3), (2, 2, 5, 4)], ids=str)
def test_other_features_have_no_positions_and_the_fix_works(
    kind: str, shape: tuple[int, ...], apply_fix: Callable[..., Any]
) -> None:
    layer = getattr(nn, kind)(*([20] if kind == "PositionalEmbedding" else []), 4)
    x = draw(*shape).astype(np.float32)
    with pytest.raises(tg.errors.ShapeError, match=r"^layer got shape") as caught:
        layer(x)
    mended = apply_fix(caught.value, x=x)
    if isinstance(mended, nn.Module):
        mended(x)
    else:
        layer(mended)


def test_a_longer_sequence_than_was_learned_is_refused_and_the_fix_works(
    apply_fix: Callable[..., Any],
) -> None:
    x = np.zeros((9, 1, 4), np.float32)
    with pytest.raises(tg.errors.ShapeError, match="9 steps, and has vectors for 8") as caught:
        nn.PositionalEmbedding(8, 4)(x)
    assert apply_fix(caught.value)(x).shape == x.shape


@pytest.mark.parametrize(
    "build",
    [
        lambda: nn.PositionalEncoding(0),
        lambda: nn.PositionalEncoding(4, 1.5),
        lambda: nn.PositionalEmbedding(0, 4),
        lambda: nn.PositionalEmbedding(8, 2.5),
    ],
)
def test_impossible_settings_of_positions_are_refused(build: Callable[[], Any]) -> None:
    with pytest.raises(tg.errors.ArgumentError):
        build()
