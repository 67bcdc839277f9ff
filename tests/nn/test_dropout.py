"""Dropout of channels; that of elements stands beside ``MLP`` in ``test_container.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F


@pytest.mark.parametrize(
    ("kind", "shape"),
    [(nn.Dropout1d, (50, 40, 3)), (nn.Dropout1d, (2000, 3)),
     (nn.Dropout2d, (50, 40, 2, 3)), (nn.Dropout2d, (2000, 2, 3))],
)  # fmt: skip
def test_a_channel_is_dropped_or_kept_as_a_whole(kind: Any, shape: tuple[int, ...]) -> None:
    axes = 1 if kind is nn.Dropout1d else 2
    out = kind(0.3, rng=0)(np.ones(shape, np.float32))
    assert out.dtype == np.float32
    rows = out.data.reshape(-1, int(np.prod(shape[-axes:])))
    assert (rows == rows[:, :1]).all()
    kept = rows[:, 0] != 0
    np.testing.assert_allclose(rows[kept], 1 / 0.7, rtol=1e-6)
    assert abs(kept.mean() - 0.7) < 0.04


def test_evaluation_returns_the_input_and_training_repeats_with_a_seed() -> None:
    x = tg.Tensor(np.ones((4, 5, 2, 2)))
    layer = nn.Dropout2d(0.5, rng=1)
    first, second = layer(x).data, layer(x).data
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(nn.Dropout2d(0.5, rng=1)(x).data, first)
    assert layer.eval()(x) is x
    assert nn.Dropout2d(0.0)(x) is x
    np.testing.assert_array_equal(F.dropout2d(x, 0.5, rng=1).data, first)
    assert F.dropout2d(x, 0.5, False) is x
    np.testing.assert_array_equal(F.dropout1d(np.array([[1, 2]]), 0.0), [[1, 2]])


def test_the_gradient_passes_where_the_channel_was_kept() -> None:
    x = tg.Tensor(np.full((20, 4), 3.0), requires_grad=True)
    out = nn.Dropout1d(0.5, rng=0)(x)
    out.sum().backward()
    np.testing.assert_array_equal(x.grad, out.data / 3.0)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(nn.Dropout1d(0.2), (3,)), (nn.Dropout1d(0.2), (2, 3, 4, 5)), (nn.Dropout2d(0.2), (2, 3))],
)
def test_an_input_without_channels_names_the_layer_and_the_fix_works(
    layer: Any, shape: tuple[int, ...], apply_fix: Callable[..., Any]
) -> None:
    net = nn.Sequential(layer)
    x = np.ones(shape)
    with pytest.raises(tg.errors.ShapeError, match=r"net\.0 = Dropout\dd\(p=0\.2\) got shape") as e:
        net(x)
    assert apply_fix(e.value)(x).shape == shape


def test_the_functions_refuse_what_they_cannot_drop(apply_fix: Callable[..., Any]) -> None:
    x = np.ones(3)
    with pytest.raises(tg.errors.ShapeError, match="`dropout2d` got shape") as caught:
        F.dropout2d(x)
    assert apply_fix(caught.value, x=x, F=F).shape == (3,)
    for kind in (nn.Dropout, nn.Dropout1d, nn.Dropout2d):
        with pytest.raises(tg.errors.ArgumentError, match="p is a probability"):
            kind(1.5)
    with pytest.raises(tg.errors.ArgumentError, match="p is a probability"):
        F.dropout1d(np.ones((2, 2)), -0.1)
