"""Fused operations equal their plain compositions: values, first and second derivatives.

Each composition is written with other operations of the library, whose own rules are proved
elsewhere. So what a fused rule does in one step is compared with many small steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

pytestmark = pytest.mark.once  # what no version of Python changes

F = Callable[..., Any]


def softmax(x: Any, axis: int = -1) -> Any:
    powers = tg.exp(x - tg.max(x, axis=axis, keepdims=True))
    return powers / tg.sum(powers, axis=axis, keepdims=True)


def cross_entropy(x: Any, t: Any) -> Any:
    return -tg.sum(t * tg.log(softmax(x)), axis=-1)


def binary(x: Any, t: Any) -> Any:
    return -(t * tg.log(tg.sigmoid(x)) + (1.0 - t) * tg.log(tg.sigmoid(-x)))


def standardized(x: Any, axis: Any, eps: float) -> Any:
    centred = x - tg.mean(x, axis=axis, keepdims=True)
    return centred / tg.sqrt(tg.mean(centred * centred, axis=axis, keepdims=True) + eps)


def layer_norm(axes: int, eps: float) -> F:
    return lambda x, w=1.0, b=0.0: standardized(x, tuple(range(-axes, 0)), eps) * w + b


def batch_norm(axis: tuple[int, ...], spread: tuple[int, ...], eps: float) -> F:
    def composed(x: Any, w: Any, b: Any) -> Any:
        return standardized(x, axis, eps) * w.reshape(spread) + b.reshape(spread)

    return composed


def linear(x: Any, w: Any, b: Any) -> Any:
    return tg.matmul(x, w.mT) + b


def attention(mask: Any = None, scale: float | None = None) -> F:
    def composed(q: Any, k: Any, v: Any, added: Any = 0.0) -> Any:
        factor = q.shape[-1] ** -0.5 if scale is None else scale
        scores = tg.matmul(q, tg.matrix_transpose(k)) * factor + added
        powers = tg.exp(scores) if mask is None else tg.where(mask, tg.exp(scores), 0.0)
        total = tg.sum(powers, axis=-1, keepdims=True)
        return tg.matmul(powers / (total + (total == 0).astype(float)), v)

    return composed


SEEN = np.arange(12).reshape(3, 4) % 5 > 0
SEEN[1] = False
T = np.random.default_rng(5).dirichlet(np.ones(4), 3)
LABELS = np.array([3, 0, 3])
HOT = np.eye(4)[LABELS]
EPS = 1e-2
# Fused, composed, shapes of the operands.
PAIRS: dict[str, tuple[F, F, list[tuple[int, ...]]]] = {
    "softmax": (tg.softmax, softmax, [(3, 4)]),
    "softmax axis 0": (lambda x: tg.softmax(x, axis=0), lambda x: softmax(x, 0), [(3, 4)]),
    "log_softmax": (tg.log_softmax, lambda x: tg.log(softmax(x)), [(3, 4)]),
    "cross-entropy of probabilities": (
        lambda x: tg.softmax_cross_entropy(x, T), lambda x: cross_entropy(x, T), [(3, 4)]),
    "cross-entropy of classes": (
        lambda x: tg.softmax_cross_entropy(x, LABELS), lambda x: cross_entropy(x, HOT), [(3, 4)]),
    "cross-entropy of both": (tg.softmax_cross_entropy, cross_entropy, [(2, 3, 4), (2, 3, 4)]),
    "bce_with_logits": (tg.bce_with_logits, binary, [(3, 4), (3, 4)]),
    "bce_with_logits weighted": (
        lambda x, t: tg.bce_with_logits(x, t, weight=[0.5, 2.0], pos_weight=[3.0, 0.2]),
        lambda x, t: -np.array([0.5, 2.0]) * (np.array([3.0, 0.2]) * t * tg.log(tg.sigmoid(x))
                                              + (1.0 - t) * tg.log(tg.sigmoid(-x))),
        [(3, 2), (3, 2)]),
    "linear": (tg.linear, linear, [(2, 3, 4), (5, 4), (5,)]),
    "layer_norm bare": (lambda x: tg.layer_norm(x, 4, eps=EPS), layer_norm(1, EPS), [(3, 4)]),
    "layer_norm weight": (
        lambda x, w: tg.layer_norm(x, (4,), w, eps=EPS), layer_norm(1, EPS), [(2, 3, 4), (4,)]),
    "layer_norm bias": (
        lambda x, b: tg.layer_norm(x, 4, None, b, EPS),
        lambda x, b: layer_norm(1, EPS)(x, 1.0, b), [(3, 4), (4,)]),
    "layer_norm both": (
        lambda x, w, b: tg.layer_norm(x, 4, w, b, EPS), layer_norm(1, EPS), [(3, 4), (4,), (4,)]),
    "layer_norm of two axes": (
        lambda x, w, b: tg.layer_norm(x, (2, 3), w, b, EPS),
        layer_norm(2, EPS), [(2, 2, 3), (2, 3), (2, 3)]),
    "rms_norm": (
        lambda x, w: tg.rms_norm(x, 4, w, EPS),
        lambda x, w: x * w * (tg.sum(x * x, axis=-1, keepdims=True) * 0.25 + EPS) ** -0.5,
        [(3, 4), (4,)]),
    "batch_norm": (
        lambda x, w, b: tg.batch_norm(x, w, b, eps=EPS).value,
        batch_norm((0,), (1, -1), EPS), [(5, 3), (3,), (3,)]),
    "batch_norm of images": (
        lambda x, w, b: tg.batch_norm(x, w, b, eps=EPS).value,
        batch_norm((0, 2, 3), (1, -1, 1, 1), EPS), [(2, 3, 2, 2), (3,), (3,)]),
    "batch_norm, channels last": (
        lambda x, w, b: tg.batch_norm(x, w, b, axis=(0, 1), eps=EPS).value,
        batch_norm((0, 1), (1, 1, -1), EPS), [(3, 2, 2), (2,), (2,)]),
    "batch_norm, channels apart": (
        lambda x, w, b: tg.batch_norm(x, w, b, axis=1, eps=EPS).value,
        batch_norm((1,), (2, 1, 3), EPS), [(2, 4, 3), (2, 3), (2, 3)]),
    "batch_norm over all": (
        lambda x, w, b: tg.batch_norm(x, w, b, axis=(0, 1), eps=EPS).value,
        batch_norm((0, 1), (1, 1), EPS), [(3, 2), (), ()]),
    "batch_norm, known": (
        lambda x, w, b, m, v: tg.batch_norm(x, w, b, mean=m, var=v * v, eps=EPS).value,
        lambda x, w, b, m, v: (x - m) / tg.sqrt(v * v + EPS) * w + b,
        [(4, 3), (3,), (3,), (3,), (3,)]),
    "attention": (
        tg.scaled_dot_product_attention, attention(), [(2, 3, 2), (2, 4, 2), (2, 4, 5)]),
    "attention, causal": (
        lambda q, k, v: tg.scaled_dot_product_attention(q, k, v, is_causal=True),
        attention(np.tri(3, 4, dtype=bool)), [(2, 1, 3, 2), (3, 4, 2), (4, 2)]),
    "attention, masked": (
        lambda q, k, v: tg.scaled_dot_product_attention(q, k, v, SEEN, scale=0.3),
        attention(SEEN, 0.3), [(2, 3, 2), (2, 4, 2), (2, 4, 5)]),
    "attention, with numbers added": (
        tg.scaled_dot_product_attention, attention(), [(2, 3, 2), (2, 4, 2), (2, 4, 5), (3, 4)]),
    "batch_norm, bias alone": (
        lambda x, b: tg.batch_norm(x, None, b, eps=EPS).value,
        lambda x, b: standardized(x, (0,), EPS) + b, [(4, 3), (3,)]),
}  # fmt: skip


def operands(name: str, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    rng = np.random.default_rng(len(name))
    positive = "cross-entropy" in name or "bce" in name
    return [rng.random(s) if positive else rng.normal(size=s) for s in shapes]


def derivatives(f: F, given: list[np.ndarray]) -> list[np.ndarray]:
    """Value, gradients, and the gradients of a mixture of these, also by the cotangent."""
    rng = np.random.default_rng(1)
    tensors = [tg.Tensor(x, requires_grad=True) for x in given]
    tape, out = tg.Tape(), f(*tensors)
    g = tg.Tensor(rng.normal(size=out.shape), requires_grad=True)
    plain = tape.gradient(out, tensors, output_gradient=g.data)
    first = tape.gradient(out, tensors, output_gradient=g, create_graph=True)
    mixed = sum([tg.sum(d * rng.normal(size=d.shape)) for d in first], tg.Tensor(0.0))
    second = tape.gradient(mixed, [*tensors, g], unconnected="zero")
    return [out.data, *[d.data for d in (*plain, *first, *second)]]


@pytest.mark.parametrize("name", PAIRS)
def test_fused_equals_composed_in_value_and_to_second_order(name: str) -> None:
    fused, composed, shapes = PAIRS[name]
    given = operands(name, shapes)
    found, expected = derivatives(fused, given), derivatives(composed, given)
    for one, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, right, rtol=1e-10, atol=1e-11, strict=True)


@pytest.mark.parametrize("name", PAIRS)
def test_third_order_of_fused_equals_that_of_composed(name: str) -> None:
    fused, composed, shapes = PAIRS[name]
    given = operands(name, shapes)

    def curve(f: F) -> F:
        return lambda t: tg.sum(tg.square(f(given[0] + t * np.cos(given[0]), *given[1:])))

    def third(f: F) -> Any:
        return tg.grad(tg.grad(tg.grad(curve(f))))(0.1)

    arrays = [tg.asarray(x) for x in given[1:]]
    given[1:] = arrays
    expected = third(composed)
    np.testing.assert_allclose(third(fused), expected, rtol=1e-8, atol=1e-8)
