"""Operations on windows equal PyTorch's, in value, gradient and gradient of the gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning"),
]
ONE_OR_TWO = st.sampled_from([1, 2])


def sizes(axes: int, low: int, high: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*[st.integers(low, high)] * axes)


def agree(ours: Callable[..., Any], theirs: Callable[..., Any], *arrays: np.ndarray) -> None:
    """Values and gradients to 1e-9, gradients of weighted gradients to 1e-7."""
    torch = pytest.importorskip("torch")
    a = [tg.Tensor(x, requires_grad=True) for x in arrays]
    b = [torch.tensor(x, requires_grad=True) for x in arrays]
    value, expected = ours(*a), theirs(*b)
    np.testing.assert_allclose(value.data, expected.detach().numpy(), rtol=1e-9, atol=1e-9)
    rng = np.random.default_rng(0)
    g = rng.normal(size=value.shape)
    seed, torch_seed = tg.Tensor(g, requires_grad=True), torch.tensor(g, requires_grad=True)
    first = tg.Tape().gradient(value, a, output_gradient=seed, create_graph=True)
    firsts = torch.autograd.grad(expected, b, torch_seed, create_graph=True)
    for d, right in zip(first, firsts, strict=True):
        np.testing.assert_allclose(d.data, right.detach().numpy(), rtol=1e-9, atol=1e-9)
    weights = [rng.normal(size=x.shape) for x in arrays]
    total = sum(((d * w).sum() for d, w in zip(first, weights, strict=True)), tg.Tensor(0.0))
    torch_total = sum((d * torch.tensor(w)).sum() for d, w in zip(firsts, weights, strict=True))
    second = tg.Tape().gradient(total, [*a, seed], unconnected="zero")
    seconds = torch.autograd.grad(torch_total, [*b, torch_seed], allow_unused=True)
    for d, right in zip(second, seconds, strict=True):
        right = np.zeros(d.shape) if right is None else right.numpy()
        np.testing.assert_allclose(d.data, right, rtol=1e-7, atol=1e-7)


def operands(draw: Any, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return [rng.normal(size=shape) for shape in shapes]


@given(st.data())
@settings(deadline=None)
def test_convolution_equals_torch(data: st.DataObject) -> None:
    functional = pytest.importorskip("torch").nn.functional
    draw = data.draw
    axes, groups = draw(ONE_OR_TWO), draw(st.integers(1, 3))
    kernel, dilation = draw(sizes(axes, 1, 3)), draw(sizes(axes, 1, 2))
    padding = draw(st.one_of(sizes(axes, 0, 2), st.integers(0, 2), st.just("same")))
    stride = 1 if padding == "same" else draw(st.one_of(sizes(axes, 1, 3), st.integers(1, 3)))
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    size = tuple(n + draw(st.integers(0, 4)) for n in reach)
    inner, outer = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    batch = draw(st.sampled_from([(), (1,), (3,)]))
    shapes = (*batch, inner * groups, *size), (outer * groups, inner, *kernel), (outer * groups,)
    arrays = operands(draw, *shapes[: draw(st.sampled_from([2, 3]))])
    frame = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    name = f"conv{axes}d"
    agree(
        lambda *xs: getattr(tg, name)(*xs, **frame),
        lambda *xs: getattr(functional, name)(*xs, **frame),
        *arrays,
    )


@given(st.data())
@settings(deadline=None)
def test_transposed_convolution_equals_torch(data: st.DataObject) -> None:
    functional = pytest.importorskip("torch").nn.functional
    draw = data.draw
    axes, groups = draw(ONE_OR_TWO), draw(st.integers(1, 3))
    kernel, dilation = draw(sizes(axes, 1, 4)), draw(sizes(axes, 1, 2))
    stride, count = draw(sizes(axes, 1, 3)), draw(sizes(axes, 1, 3))
    added = tuple(draw(st.integers(0, s - 1)) for s in stride)
    rows = list(zip(count, stride, dilation, kernel, added, strict=True))
    least = min((n - 1) * s + d * (k - 1) + a for n, s, d, k, a in rows)
    padding = draw(st.integers(0, min(2, least // 2)))
    inner, outer = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    batch = draw(st.sampled_from([(), (1,), (3,)]))
    shapes = (*batch, inner * groups, *count), (inner * groups, outer, *kernel), (outer * groups,)
    arrays = operands(draw, *shapes[: draw(st.sampled_from([2, 3]))])
    frame = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    frame["output_padding"] = added
    name = f"conv_transpose{axes}d"
    agree(
        lambda *xs: getattr(tg, name)(*xs, **frame),
        lambda *xs: getattr(functional, name)(*xs, **frame),
        *arrays,
    )
