"""Attention against loops over single numbers: masks, dropout, weights, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F

pytestmark = pytest.mark.once  # what no version of Python changes


def layer(*arguments: Any, **options: Any) -> nn.MultiheadAttention:
    return nn.MultiheadAttention(*arguments, dtype=np.float64, rng=0, **options)


def naive_weights(q: np.ndarray, k: np.ndarray, closed: Any, added: Any = 0.0) -> np.ndarray:
    """The share of each key for each query of one head, pair by pair."""
    found = np.zeros((len(q), len(k)))
    for i in range(len(q)):
        powers = []
        for j in range(len(k)):
            score = sum(float(a) * float(b) for a, b in zip(q[i], k[j], strict=True))
            score = score / math.sqrt(len(q[i])) + np.broadcast_to(added, found.shape)[i, j]
            powers.append(0.0 if np.broadcast_to(closed, found.shape)[i, j] else math.exp(score))
        for j, power in enumerate(powers):
            found[i, j] = power / sum(powers) if any(powers) else 0.0
    return found


def naive(
    attention: nn.MultiheadAttention, query: np.ndarray, key: np.ndarray, value: np.ndarray,
    closed: Any = False, added: Any = 0.0,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Output and weights of every head, of one sequence of shape (steps, features)."""
    state, width, heads = attention.state_dict(), attention.embed_dim, attention.num_heads
    if attention.in_proj_weight is None:
        matrices = [state[f"{name}_proj_weight"] for name in "qkv"]
    else:
        matrices = np.split(state["in_proj_weight"], 3)
    biases = np.split(state["in_proj_bias"], 3)
    q, k, v = [x @ m.T + b for x, m, b in zip((query, key, value), matrices, biases, strict=True)]
    size = width // heads
    outputs, weights = [], []
    for h in range(heads):
        part = slice(h * size, (h + 1) * size)
        weights.append(naive_weights(q[:, part], k[:, part], closed, added))
        outputs.append(weights[-1] @ v[:, part])
    joined = np.concatenate(outputs, axis=1)
    return joined @ state["out_proj.weight"].T + state["out_proj.bias"], np.array(weights)


def draw(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("need", [True, False])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("heads", [1, 2, 6])
def test_every_head_averages_the_values_by_its_own_weights(
    heads: int, first: bool, need: bool
) -> None:
    attention = layer(6, heads, kdim=2, vdim=3, batch_first=first)
    query, key, value = draw(2, 4, 6), draw(2, 5, 2, seed=1), draw(2, 5, 3, seed=2)
    closed = draw(4, 5, seed=3) > 0.8
    order = [x if first else x.swapaxes(0, 1) for x in (query, key, value)]
    output, weights = attention(*order, attn_mask=closed, need_weights=need)
    output = output if first else tg.swapaxes(output, 0, 1)
    for n in range(2):
        wanted, shares = naive(attention, query[n], key[n], value[n], closed)
        np.testing.assert_allclose(output.numpy()[n], wanted, atol=1e-12)
        assert (weights is not None) == need
        if need:
            np.testing.assert_allclose(weights.numpy()[n], shares.mean(axis=0), atol=1e-12)


@pytest.mark.parametrize("need", [True, False])
def test_masks_for_pairs_for_keys_and_for_order_work_together(need: bool) -> None:
    attention, x = layer(4, 2, batch_first=True), draw(2, 5, 4)
    pairs, keys = (
        draw(5, 5, seed=1) > 1.0,
        np.array([[False] * 5, [False, True, False, True, True]]),
    )
    numbers, later = draw(5, 5, seed=2), ~np.tri(5, dtype=bool)
    for n in range(2):
        for call, closed, added in [
            ({"attn_mask": pairs}, pairs | keys[n], 0.0),
            ({"attn_mask": pairs, "is_causal": True}, pairs | keys[n] | later, 0.0),
            ({"attn_mask": numbers}, keys[n], numbers),
            ({"attn_mask": numbers, "is_causal": True}, keys[n] | later, numbers),
            ({"is_causal": True}, keys[n] | later, 0.0),
            ({"attn_mask": np.where(pairs, -np.inf, 0.0)}, pairs | keys[n], 0.0),
        ]:
            output, _ = attention(x, x, x, key_padding_mask=keys, need_weights=need, **call)
            wanted, _ = naive(attention, x[n], x[n], x[n], closed, added)
            np.testing.assert_allclose(output.numpy()[n], wanted, atol=1e-12)


@pytest.mark.parametrize("need", [True, False])
def test_order_needs_no_mask_and_a_mask_of_order_is_the_same(need: bool) -> None:
    attention, x = layer(4, 2, batch_first=True), draw(2, 5, 4)
    output, _ = attention(x, x, x, is_causal=True, need_weights=need)
    mask = F.generate_square_subsequent_mask(5)
    again, _ = attention(x, x, x, attn_mask=mask, need_weights=need)
    np.testing.assert_allclose(output.numpy(), again.numpy(), atol=1e-12)
    shorter, _ = attention(x[:, :3], x[:, :3], x[:, :3], is_causal=True, need_weights=need)
    np.testing.assert_allclose(output.numpy()[:, :3], shorter.numpy(), atol=1e-12)


@pytest.mark.parametrize("need", [True, False])
def test_added_keys_are_open_to_all_and_come_last(need: bool) -> None:
    attention, x = layer(4, 1, add_bias_kv=True, add_zero_attn=True), draw(3, 1, 4)
    output, weights = attention(x, x, x, is_causal=True, need_weights=need)
    if need:
        assert weights.shape == (1, 3, 5)
        seen = np.tri(3, 5, dtype=bool) | (np.arange(5) > 2)
        np.testing.assert_array_equal(weights.numpy()[0] > 0, seen)
    closed, _ = attention(x, x, x, attn_mask=np.ones((3, 3), bool), need_weights=need)
    # Without the sequence's own keys all queries see the added two, but ask differently.
    assert np.isfinite(closed.numpy()).all()
    assert not np.allclose(closed.numpy(), output.numpy())


@pytest.mark.parametrize("need", [True, False])
@pytest.mark.parametrize("kind", ["truths", "numbers", "keys"])
def test_a_query_that_may_look_nowhere_gets_zeros_and_passes_no_gradient(
    need: bool, kind: str
) -> None:
    attention, x = layer(2, 1, batch_first=True), tg.Tensor(draw(2, 3, 2), requires_grad=True)
    closed = np.zeros((3, 3), bool)
    closed[1] = True
    if kind == "keys":
        call = {"key_padding_mask": np.array([[False] * 3, [True] * 3])}
    else:
        call = {"attn_mask": closed if kind == "truths" else np.where(closed, -np.inf, 0.0)}
    output, weights = attention(x, x, x, need_weights=need, **call)
    silent = output[1] if kind == "keys" else output[:, 1]
    np.testing.assert_array_equal(silent.numpy(), 0.0)
    if need:
        np.testing.assert_array_equal((weights[1] if kind == "keys" else weights[:, 1]).numpy(), 0)
    (silent * silent).sum().backward()
    np.testing.assert_array_equal(x.grad, 0.0)
    for parameter in attention.parameters():
        assert parameter.grad is None or np.isfinite(parameter.grad).all()


def test_dropout_drops_weights_while_training_only() -> None:
    x = draw(2, 50, 4)
    attention, plain = (layer(4, 2, dropout=p, batch_first=True) for p in (0.5, 0.0))
    plain.load_state_dict(attention.state_dict())
    _, kept = plain(x, x, x, average_attn_weights=False)
    _, weights = attention(x, x, x, average_attn_weights=False)
    dropped = weights.numpy() == 0
    assert 0.4 < dropped.mean() < 0.6
    np.testing.assert_allclose(weights.numpy()[~dropped], 2 * kept.numpy()[~dropped], rtol=1e-12)
    first, second = (attention(x, x, x, need_weights=False)[0].numpy() for _ in range(2))
    assert not np.array_equal(first, second)
    attention.eval()
    np.testing.assert_allclose(attention(x, x, x)[0].numpy(), plain(x, x, x)[0].numpy(), atol=1e-12)


@pytest.mark.parametrize("dropout_p", [0.0, 1e-300])
@pytest.mark.parametrize("causal", [True, False])
def test_the_function_with_dropout_is_the_operation_without(dropout_p: float, causal: bool) -> None:
    q, k, v = draw(2, 3, 4), draw(2, 3, 4, seed=1), draw(2, 3, 2, seed=2)
    mask = None if causal else draw(3, 3, seed=3) > -0.5
    wanted = tg.scaled_dot_product_attention(q, k, v, mask, is_causal=causal, scale=0.3)
    got = F.scaled_dot_product_attention(q, k, v, mask, dropout_p, causal, 0.3)
    np.testing.assert_allclose(np.asarray(getattr(got, "_data", got)), wanted, atol=1e-12)


def test_a_mask_and_order_together_are_refused_by_the_function() -> None:
    x = draw(3, 4)
    for p in (0.0, 0.5):
        with pytest.raises(tg.errors.ArgumentError, match="not both"):
            F.scaled_dot_product_attention(x, x, x, np.ones((3, 3), bool), p, True)
    with pytest.raises(tg.errors.ArgumentError, match="probability"):
        F.scaled_dot_product_attention(x, x, x, dropout_p=2)


def test_a_learned_mask_gets_a_gradient() -> None:
    attention, x = layer(4, 2, batch_first=True), draw(2, 3, 4)
    bias = tg.Tensor(draw(3, 3, seed=1), requires_grad=True)
    for need in (True, False):
        bias.grad = None
        attention(x, x, x, attn_mask=bias, need_weights=need, is_causal=True)[0].sum().backward()
        assert (bias.grad != 0).sum() == 5  # the first query has one key, and nothing to share


def test_a_mask_takes_the_type_of_the_layer() -> None:
    attention, x = nn.MultiheadAttention(4, 2), draw(3, 1, 4).astype(np.float32)
    for need in (True, False):
        output, _ = attention(x, x, x, attn_mask=np.zeros((3, 3)), need_weights=need)
        assert output.dtype == np.float32


def test_initial_values_have_pytorchs_spread() -> None:
    attention = nn.MultiheadAttention(64, 4, add_bias_kv=True, rng=0)
    state = attention.state_dict()
    bound = math.sqrt(6 / (64 + 3 * 64))
    assert 0.98 * bound < np.abs(state["in_proj_weight"]).max() <= bound * (1 + 1e-6)
    assert 0.98 / 8 < np.abs(state["out_proj.weight"]).max() <= (1 + 1e-6) / 8
    for name in ("in_proj_bias", "out_proj.bias"):
        np.testing.assert_array_equal(state[name], 0.0)
    assert 0.8 / 8 < state["bias_k"].std() < 1.2 / 8
    assert not np.array_equal(state["bias_k"], state["bias_v"])
    apart = nn.MultiheadAttention(64, 4, kdim=32, rng=0).state_dict()
    bound = math.sqrt(6 / (64 + 32))
    assert 0.98 * bound < np.abs(apart["k_proj_weight"]).max() <= bound * (1 + 1e-6)


# ---------------------------------------------------------------------------- refusals


def test_heads_that_do_not_divide_the_features_are_refused_and_the_fix_works(
    apply_fix: Callable[..., Any],
) -> None:
    with pytest.raises(tg.errors.ArgumentError, match="embed_dim=10") as caught:
        nn.MultiheadAttention(10, 4)
    number = apply_fix(tg.errors.ArgumentError("", fix=caught.value.fix.partition("=")[2]))
    assert nn.MultiheadAttention(10, number).num_heads == 5


@pytest.mark.parametrize(
    "settings",
    [{"embed_dim": 0}, {"num_heads": 0}, {"dropout": 1.5}, {"kdim": 0}, {"vdim": -1},
     {"num_heads": 2.0}, {"embed_dim": "4"}],
    ids=str,
)  # fmt: skip
def test_impossible_settings_of_attention_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(tg.errors.ArgumentError):
        nn.MultiheadAttention(**{"embed_dim": 4, "num_heads": 2, **settings})


@pytest.mark.parametrize(
    "shapes, said",
    [
        ([(3, 2, 4), (3, 2, 5), (3, 2, 5)], "expected"),
        ([(3, 2, 6), (3, 2, 6), (3, 2, 6)], "expected"),
    ],
)
def test_other_features_are_refused_and_the_fix_works(
    shapes: list[tuple[int, ...]], said: str, apply_fix: Callable[..., Any]
) -> None:
    operands = [draw(*shape) for shape in shapes]
    net = layer(4, 2)
    with pytest.raises(tg.errors.ShapeError, match=r"^net = MultiheadAttention\(4\)") as caught:
        net(*operands)
    mended = apply_fix(caught.value).astype(np.float64)
    assert mended(*operands)[0].shape == operands[0].shape


@pytest.mark.parametrize("first", [True, False])
def test_sequences_and_batches_are_not_mixed_and_the_fix_works(
    first: bool, apply_fix: Callable[..., Any]
) -> None:
    attention = layer(4, 2, batch_first=first)
    names = {"query": draw(3, 4), "key": draw(1, 3, 4) if first else draw(3, 1, 4)}
    with pytest.raises(tg.errors.ShapeError, match="batches") as caught:
        attention(names["query"], names["key"], names["key"])
    mended = apply_fix(caught.value, **names)
    attention(mended, names["key"], names["key"])
    x = draw(2, 2, 2, 2)
    with pytest.raises(tg.errors.ShapeError) as caught:
        attention(x, x, x)
    mended = apply_fix(caught.value, query=x)
    attention(mended, mended, mended)


@pytest.mark.parametrize("first", [True, False])
def test_operands_of_other_lengths_are_refused_and_the_fix_works(
    first: bool, apply_fix: Callable[..., Any]
) -> None:
    attention, query, key = layer(4, 2, batch_first=first), draw(3, 2, 4), draw(3, 5, 4)
    with pytest.raises(tg.errors.ShapeError, match="value") as caught:
        attention(query, query, key)
    space = {"key": query, "value": key}
    exec(caught.value.fix, space)
    attention(query, query, space["value"])
    with pytest.raises(tg.errors.ShapeError, match="sample") as caught:
        key = draw(2, 7, 4) if not first else draw(7, 3, 4)
        attention(query, key, key)
    key = apply_fix(caught.value, key=key)
    attention(query, key, key)
    with pytest.raises(tg.errors.ShapeError, match="sample") as caught:
        key = draw(7, 5, 4)
        attention(query, key, key)
    key = apply_fix(caught.value, key=key)
    attention(query, key, key)


def test_masks_of_whole_numbers_are_refused_and_the_fix_works(
    apply_fix: Callable[..., Any],
) -> None:
    attention, x = layer(4, 2, batch_first=True), draw(2, 3, 4)
    seen = np.array([[1, 1, 0], [1, 0, 0]])
    with pytest.raises(tg.errors.DTypeError, match="open or closed") as caught:
        attention(x, x, x, key_padding_mask=seen)
    mask = apply_fix(caught.value, key_padding_mask=seen)
    _, weights = attention(x, x, x, key_padding_mask=mask)
    assert (weights.numpy()[0, :, 2] == 0).all()
    assert (weights.numpy()[1, :, 0] == 1).all()


@pytest.mark.parametrize("shape", [(4, 3), (5, 5), (2, 3, 4)], ids=str)
def test_masks_of_another_shape_are_refused_and_the_fix_works(
    shape: tuple[int, ...], apply_fix: Callable[..., Any]
) -> None:
    attention = layer(4, 2, batch_first=True)
    query, key, mask = draw(2, 3, 4), draw(2, 4, 4), np.zeros(shape, bool)
    with pytest.raises(tg.errors.ShapeError, match=r"\(3, 4\) or \(4, 3, 4\)") as caught:
        attention(query, key, key, attn_mask=mask)
    attention(query, key, key, attn_mask=apply_fix(caught.value, attn_mask=mask))
