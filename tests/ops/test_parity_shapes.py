"""Reductions, scans, orders and rearrangements against PyTorch: values, gradients, second order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.parity

Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]
SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)


@st.composite
def points(draw: st.DrawFn, zeros: bool = False) -> tuple[np.ndarray, int]:
    """Different numbers in a random order, perhaps with zeros among them, and an axis."""
    shape = draw(SHAPES)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.permutation(np.linspace(-1.5, 2.0, int(np.prod(shape)))).reshape(shape)
    if zeros:
        x = x * (rng.random(shape) > 0.3)
    return x, draw(st.integers(-len(shape), len(shape) - 1))


def agree(ours: Callable[[Any], Any], theirs: Callable[[Any], Any], x: np.ndarray) -> None:
    """Equal value, gradient and gradient of a weighted gradient."""
    rng = np.random.default_rng(0)
    a, b = tg.Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    # Squared, so that the second order of what is linear shows too.
    y, z = ours(a) ** 2, theirs(b) ** 2
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-9, atol=1e-12)
    weights, direction = rng.normal(size=y.shape), rng.normal(size=x.shape)
    first = tg.Tape().gradient(y, a, output_gradient=weights, create_graph=True)
    (other,) = torch.autograd.grad(z, b, torch.tensor(weights), create_graph=True)
    np.testing.assert_allclose(first.data, other.detach().numpy(), rtol=1e-9, atol=1e-11)
    second = tg.Tape().gradient((first * direction).sum(), a)
    (again,) = torch.autograd.grad((other * torch.tensor(direction)).sum(), b)
    np.testing.assert_allclose(second.data, again.numpy(), rtol=1e-7, atol=1e-9)


@given(points(zeros=True), st.booleans())
def test_products_agree_also_where_elements_are_zero(point: Any, keep: bool) -> None:
    x, axis = point
    agree(lambda t: tg.prod(t, axis=axis, keepdims=keep), lambda t: torch.prod(t, axis, keep), x)
    agree(tg.prod, torch.prod, x)


@given(points(zeros=True))
def test_running_sums_and_products_agree(point: Any) -> None:
    x, axis = point
    agree(lambda t: tg.cumulative_sum(t, axis=axis), lambda t: torch.cumsum(t, axis), x)
    agree(lambda t: tg.cumulative_prod(t, axis=axis), lambda t: torch.cumprod(t, axis), x)


@given(points(), st.booleans(), st.integers(1, 2))
def test_differences_and_logsumexp_agree(point: Any, keep: bool, n: int) -> None:
    x, axis = point
    agree(
        lambda t: tg.logsumexp(30 * t, axis=axis, keepdims=keep),
        lambda t: torch.logsumexp(30 * t, axis, keep),
        x,
    )
    if x.shape[axis] > n:
        agree(lambda t: tg.diff(t, axis=axis, n=n), lambda t: torch.diff(t, n, axis), x)


@given(points(), st.booleans(), st.integers(0, 4))
def test_sorted_and_largest_elements_agree(point: Any, descending: bool, k: int) -> None:
    x, axis = point
    agree(
        lambda t: tg.sort(t, axis=axis, descending=descending),
        lambda t: torch.sort(t, axis, descending).values,
        x,
    )
    k = min(k, x.shape[axis])
    found, wanted = tg.topk(x, k, axis=axis), torch.topk(torch.tensor(x), k, axis)
    np.testing.assert_array_equal(found.indices, wanted.indices.numpy())
    if k:
        agree(
            lambda t: tg.topk(t, k, axis=axis, largest=descending).values,
            lambda t: torch.topk(t, k, axis, descending).values,
            x,
        )


@given(points(), st.integers(-5, 5), st.integers(1, 3))
def test_turned_shifted_and_repeated_arrays_agree(point: Any, shift: int, times: int) -> None:
    x, axis = point
    pairs: list[Pair] = [
        (lambda t: tg.flip(t, axis=axis), lambda t: torch.flip(t, (axis,))),
        (lambda t: tg.roll(t, shift, axis=axis), lambda t: torch.roll(t, shift, axis)),
        (lambda t: tg.roll(t, shift), lambda t: torch.roll(t, shift)),
        (lambda t: tg.moveaxis(t, axis, 0), lambda t: torch.movedim(t, axis, 0)),
        (lambda t: tg.swapaxes(t, axis, -1), lambda t: torch.swapaxes(t, axis, -1)),
        (lambda t: tg.tile(t, (times, 2)), lambda t: torch.tile(t, (times, 2))),
        (
            lambda t: tg.repeat(t, times, axis=axis),
            lambda t: torch.repeat_interleave(t, times, axis),
        ),
        (lambda t: tg.unstack(t, axis=axis)[-1], lambda t: torch.unbind(t, axis)[-1]),
    ]
    for ours, theirs in pairs:
        agree(ours, theirs, x)
    if x.ndim > 1:
        agree(lambda t: tg.rot90(t, shift), lambda t: torch.rot90(t, shift), x)


@given(points(), st.integers(-3, 3))
def test_triangles_and_diagonals_agree(point: Any, k: int) -> None:
    x, _ = point
    if x.ndim == 1:
        return agree(lambda t: tg.diag(t, k), lambda t: torch.diag(t, k), x)
    agree(lambda t: tg.tril(t, k=k), lambda t: torch.tril(t, k), x)
    agree(lambda t: tg.triu(t, k=k), lambda t: torch.triu(t, k), x)
    if -x.shape[0] < k < x.shape[1]:
        agree(lambda t: tg.diagonal(t, k), lambda t: torch.diagonal(t, k), x)


@given(points(), st.integers(0, 2**32 - 1))
def test_elements_taken_along_an_axis_agree(point: Any, seed: int) -> None:
    x, axis = point
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, x.shape[axis], 5)
    agree(
        lambda t: tg.take(t, rows, axis=axis),
        lambda t: torch.index_select(t, axis, torch.tensor(rows)),
        x,
    )
    shape = list(x.shape)
    shape[axis] = 6
    places = rng.integers(0, x.shape[axis], shape)
    agree(
        lambda t: tg.take_along_axis(t, places, axis=axis),
        lambda t: torch.take_along_dim(t, torch.tensor(places), axis),
        x,
    )


MODES = {"constant": "constant", "edge": "replicate", "reflect": "reflect", "wrap": "circular"}


@given(
    st.sampled_from(sorted(MODES)), st.tuples(*[st.integers(0, 2)] * 4), st.integers(0, 2**32 - 1)
)
def test_margins_agree(mode: str, widths: Any, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(1, 2, 3, 4))
    top, bottom, left, right = widths
    agree(
        lambda t: tg.pad(t, ((0, 0), (0, 0), (top, bottom), (left, right)), mode),
        lambda t: torch.nn.functional.pad(t, (left, right, top, bottom), MODES[mode]),
        x,
    )


@given(points(), st.sampled_from([0, 1, 0.5]), st.booleans())
def test_variances_agree(point: Any, correction: float, keep: bool) -> None:
    x, axis = point
    if x.shape[axis] > 1:
        settings = {"correction": correction, "keepdim": keep}
        agree(
            lambda t: tg.var(t, axis=axis, correction=correction, keepdims=keep),
            lambda t: torch.var(t, axis, **settings),
            x,
        )
        agree(
            lambda t: tg.std(t, axis=axis, correction=correction, keepdims=keep),
            lambda t: torch.std(t, axis, **settings),
            x,
        )
