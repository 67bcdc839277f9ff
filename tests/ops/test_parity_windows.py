"""Operations on windows equal PyTorch's, in value, gradient and gradient of the gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

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
    # More than four channels are copied in another order.
    inner, outer = draw(st.sampled_from([1, 2, 5])), draw(st.sampled_from([1, 2, 5]))
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
    # More than four channels are copied in another order.
    inner, outer = draw(st.sampled_from([1, 2, 5])), draw(st.sampled_from([1, 2, 5]))
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


def pool_frame(draw: Any) -> tuple[int, list[np.ndarray], dict[str, Any]]:
    axes = draw(ONE_OR_TWO)
    kernel = draw(sizes(axes, 1, 4))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    size = tuple(k + draw(st.integers(0, 5)) for k in kernel)
    batch = draw(st.sampled_from([(), (1,), (2,)]))
    frame = {
        "kernel_size": kernel,
        "stride": draw(st.one_of(st.none(), sizes(axes, 1, 3))),
        "padding": padding,
        "ceil_mode": draw(st.booleans()),
    }
    return axes, operands(draw, (*batch, 2, *size)), frame


@given(st.data())
@settings(deadline=None)
def test_max_pooling_equals_torch_ties_included(data: st.DataObject) -> None:
    functional = pytest.importorskip("torch").nn.functional
    axes, (x,), frame = pool_frame(data.draw)
    if data.draw(st.booleans()):
        frame["dilation"] = data.draw(st.integers(1, 2))
        reach = [frame["dilation"] * (k - 1) + 1 for k in frame["kernel_size"]]
        grown = zip((0,) * (x.ndim - axes) + tuple(reach), x.shape, strict=True)
        x = np.pad(x, [(0, max(r - n, 0)) for r, n in grown], mode="wrap")
    if data.draw(st.booleans()):
        x = np.round(x)
    name = f"max_pool{axes}d"
    agree(
        lambda x: getattr(tg, name)(x, **frame),
        lambda x: getattr(functional, name)(x, **frame),
        x,
    )


@given(st.data(), st.booleans())
@settings(deadline=None)
def test_average_pooling_equals_torch(data: st.DataObject, padded: bool) -> None:
    functional = pytest.importorskip("torch").nn.functional
    axes, (x,), frame = pool_frame(data.draw)
    name, frame["count_include_pad"] = f"avg_pool{axes}d", padded
    if axes == 2:
        frame["divisor_override"] = data.draw(st.sampled_from([None, 1, 5]))
    agree(
        lambda x: getattr(tg, name)(x, **frame),
        lambda x: getattr(functional, name)(x, **frame),
        x,
    )


@given(st.data())
@settings(deadline=None)
def test_adaptive_pooling_equals_torch(data: st.DataObject) -> None:
    functional = pytest.importorskip("torch").nn.functional
    draw = data.draw
    axes = draw(ONE_OR_TWO)
    (x,) = operands(draw, (*draw(st.sampled_from([(), (1,), (2,)])), 2, *draw(sizes(axes, 1, 7))))
    wanted, name = draw(sizes(axes, 1, 8)), f"adaptive_avg_pool{axes}d"
    agree(lambda x: getattr(tg, name)(x, wanted), lambda x: getattr(functional, name)(x, wanted), x)


@given(st.data())
@settings(deadline=None)
def test_upsampling_equals_torch(data: st.DataObject) -> None:
    functional = pytest.importorskip("torch").nn.functional
    draw = data.draw
    axes = draw(ONE_OR_TWO)
    (x,) = operands(draw, (2, 1, *draw(sizes(axes, 1, 6))))
    mode = draw(st.sampled_from(["nearest", "linear" if axes == 1 else "bilinear"]))
    factors = st.sampled_from([1, 2, 3, 1.5, 2.5, 1.25])
    frame: dict[str, Any] = draw(
        st.one_of(
            st.fixed_dictionaries({"size": sizes(axes, 1, 12)}),
            st.fixed_dictionaries({"scale_factor": st.tuples(*[factors] * axes)}),
            st.fixed_dictionaries({"scale_factor": factors}),
        )
    )
    # PyTorch's gradient is that of a plain copy, unlike its value, where only the size is kept.
    expected = tg.upsample(x, **frame, mode=mode).shape
    factor = frame.get("scale_factor", 1)
    assume(
        factor in (1, (1,) * axes)
        or all(n != m for n, m in zip(expected[2:], x.shape[2:], strict=True))
    )
    if mode != "nearest":
        frame["align_corners"] = draw(st.booleans())
    agree(
        lambda x: tg.upsample(x, **frame, mode=mode),
        lambda x: functional.interpolate(x, **frame, mode=mode),
        x,
    )


@given(st.data())
@settings(deadline=None)
def test_unfold_and_fold_equal_torch(data: st.DataObject) -> None:
    functional = pytest.importorskip("torch").nn.functional
    draw = data.draw
    kernel, dilation = draw(sizes(2, 1, 3)), draw(sizes(2, 1, 2))
    padding, stride = draw(sizes(2, 0, 2)), draw(sizes(2, 1, 3))
    rows = zip(kernel, dilation, strict=True)
    size = tuple(d * (k - 1) + 1 + draw(st.integers(0, 4)) for k, d in rows)
    (x,) = operands(draw, (*draw(st.sampled_from([(), (1,), (2,)])), 2, *size))
    frame = {"kernel_size": kernel, "dilation": dilation, "padding": padding, "stride": stride}
    agree(lambda x: tg.unfold(x, **frame), lambda x: functional.unfold(x, **frame), x)
    columns = np.random.default_rng(0).normal(size=tg.unfold(x, **frame).shape)
    agree(lambda x: tg.fold(x, size, **frame), lambda x: functional.fold(x, size, **frame), columns)
