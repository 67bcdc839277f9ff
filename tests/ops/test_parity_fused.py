"""Fused operations in all their forms equal PyTorch's, to the second order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg

pytestmark = pytest.mark.parity
torch = pytest.importorskip("torch")
F = torch.nn.functional
seeds = st.integers(0, 2**16)


def equal(ours: Callable[..., Any], theirs: Callable[..., Any], operands: list[Any]) -> None:
    """Values and gradients to 1e-9, gradients of a mixture of these to 1e-7."""
    rng = np.random.default_rng(1)
    mine = [tg.Tensor(x, requires_grad=True) for x in operands]
    other = [torch.tensor(x, requires_grad=True) for x in operands]
    tape, value, answer = tg.Tape(), ours(*mine), theirs(*other)
    g = rng.normal(size=value.shape)
    mixing = [rng.normal(size=x.shape) for x in operands]
    first = tape.gradient(value, mine, output_gradient=g, create_graph=True)
    expected = torch.autograd.grad(answer, other, torch.tensor(g), create_graph=True)
    mixed = sum([(d * u).sum() for d, u in zip(first, mixing, strict=True)], tg.Tensor(0.0))
    second = tape.gradient(mixed, mine, unconnected="zero")
    total = sum((d * torch.tensor(u)).sum() for d, u in zip(expected, mixing, strict=True))
    again = torch.autograd.grad(total, other, allow_unused=True, materialize_grads=True)
    pairs = [(value, answer, 1e-9), *[(a, b, 1e-9) for a, b in zip(first, expected, strict=True)]]
    pairs += [(a, b, 1e-7) for a, b in zip(second, again, strict=True)]
    for found, right, tolerance in pairs:
        right = right.numpy(force=True)
        size = max(1.0, float(np.abs(right).max(initial=0.0)))
        np.testing.assert_allclose(found.data, right, rtol=0, atol=tolerance * size, strict=True)


@given(
    seed=seeds,
    batch=st.sampled_from([(), (2,), (2, 3), (2, 1), (1, 3)]),
    sizes=st.tuples(*[st.integers(1, 5)] * 4),
    mask=st.sampled_from(["none", "causal", "truth", "numbers", "row of numbers"]),
    scale=st.one_of(st.none(), st.floats(0.1, 2.0)),
)
def test_attention(seed: int, batch: Any, sizes: Any, mask: str, scale: float | None) -> None:
    rng = np.random.default_rng(seed)
    rows, columns, features, outputs = sizes
    whole = (2, 3)[: len(batch)]
    operands = [rng.normal(size=(*batch, rows, features)),
                rng.normal(size=(*whole, columns, features)),
                rng.normal(size=(*batch, columns, outputs))]  # fmt: skip
    truth = rng.random((rows, columns)) < 0.7
    settings: dict[str, Any] = {"is_causal": mask == "causal", "scale": scale}

    def theirs(*given: Any) -> Any:
        added = torch.tensor(truth) if mask == "truth" else given[3] if len(given) > 3 else None
        # Its kernels broadcast in some forms only.
        parts = [x.expand(*whole, *x.shape[-2:]) for x in given[:3]]
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
            return F.scaled_dot_product_attention(*parts, attn_mask=added, **settings)

    def ours(*given: Any) -> Any:
        return tg.scaled_dot_product_attention(
            *given, **settings, **({"mask": truth} if mask == "truth" else {})
        )

    if mask.endswith("numbers"):
        operands.append(rng.normal(size=(rows if mask == "numbers" else 1, columns)))
    equal(ours, theirs, operands)


@given(seed=seeds, axes=st.integers(1, 3), parameters=st.integers(0, 2))
def test_layer_norm_over_several_axes(seed: int, axes: int, parameters: int) -> None:
    rng = np.random.default_rng(seed)
    tail = (2, 3, 4)[-axes:]
    shapes = [(2, 2, 3, 4), *[tail] * parameters]
    operands = [rng.normal(size=shape) * 3 + 1 for shape in shapes]
    equal(
        lambda x, *rest: tg.layer_norm(x, tail, *rest, eps=1e-3),
        lambda x, *rest: F.layer_norm(x, tail, *rest, eps=1e-3),
        operands,
    )
    equal(
        lambda x, *rest: tg.rms_norm(x, tail, *rest, eps=1e-3),
        lambda x, *rest: F.rms_norm(x, tail, *rest, eps=1e-3),
        operands[:2],
    )


@given(seed=seeds, further=st.sampled_from([(), (4,), (2, 3)]), training=st.booleans())
def test_batch_norm_while_training_and_after(seed: int, further: Any, training: bool) -> None:
    rng = np.random.default_rng(seed)
    operands = [rng.normal(size=(4, 3, *further)) + 1, rng.normal(size=3), rng.normal(size=3)]
    mean, var = rng.normal(size=3), rng.random(3) + 0.1
    known = {} if training else {"mean": mean, "var": var}
    given = [None, None] if training else [torch.tensor(mean), torch.tensor(var)]
    equal(
        lambda x, w, b: tg.batch_norm(x, w, b, **known).value,
        lambda x, w, b: F.batch_norm(x, *given, w, b, training=training),
        operands,
    )


@given(seed=seeds, shape=st.sampled_from([(), (3,), (2, 3)]), classes=st.integers(1, 5))
def test_cross_entropy_of_class_numbers(seed: int, shape: Any, classes: int) -> None:
    rng = np.random.default_rng(seed)
    labels = np.asarray(rng.integers(classes, size=shape))

    def theirs(x: Any) -> Any:
        flat = x.reshape(-1, classes), torch.tensor(labels).reshape(-1)
        return F.cross_entropy(*flat, reduction="none").reshape(shape)

    scores = rng.normal(size=(*shape, classes)) * 5
    equal(lambda x: tg.softmax_cross_entropy(x, labels), theirs, [scores])


@given(seed=seeds, weighted=st.booleans(), positive=st.booleans())
def test_binary_cross_entropy_with_weights(seed: int, weighted: bool, positive: bool) -> None:
    rng = np.random.default_rng(seed)
    operands = [rng.normal(size=(3, 2)) * 5, rng.random((3, 2))]
    given = {"weight": rng.random(2)} if weighted else {}
    given |= {"pos_weight": rng.random(2)} if positive else {}
    theirs = {name: torch.tensor(value) for name, value in given.items()}
    equal(
        lambda x, t: tg.bce_with_logits(x, t, **given),
        lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction="none", **theirs),
        operands,
    )
