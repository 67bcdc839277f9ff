"""Products and linear algebra against PyTorch: values, gradients and second order.

Vectors are known up to their sign, so what is compared does not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import linalg

pytestmark = pytest.mark.parity
torch: Any = pytest.importorskip("torch")

Shape = tuple[int, ...]
INF = np.inf


def symmetric(x: Any) -> Any:
    return 0.5 * (x + x.mT)


def squares(parts: Any) -> list[Any]:
    return [part * part for part in parts]


def condition(x: Any) -> Any:
    """PyTorch's own of order 1 cannot be differentiated: it overwrites the inverse."""
    return torch.linalg.matrix_norm(x, 1) * torch.linalg.matrix_norm(torch.linalg.inv(x), 1)


SQUARE: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "inv": (linalg.inv, torch.linalg.inv),
    "det": (linalg.det, torch.linalg.det),
    "slogdet": (lambda x: linalg.slogdet(x)[1], lambda x: torch.linalg.slogdet(x)[1]),
    "cholesky": (
        lambda x: linalg.cholesky(symmetric(x)),
        lambda x: torch.linalg.cholesky(symmetric(x)),
    ),
    "cholesky upper": (
        lambda x: linalg.cholesky(symmetric(x), upper=True),
        lambda x: torch.linalg.cholesky(symmetric(x), upper=True),
    ),
    "eigvalsh": (
        lambda x: linalg.eigvalsh(symmetric(x)),
        lambda x: torch.linalg.eigvalsh(symmetric(x)),
    ),
    "eigh": (
        lambda x: squares(linalg.eigh(symmetric(x))),
        lambda x: squares(torch.linalg.eigh(symmetric(x))),
    ),
    "solve": (lambda x: linalg.solve(x, x.mT), lambda x: torch.linalg.solve(x, x.mT)),
    "power 3": (lambda x: linalg.matrix_power(x, 3), lambda x: torch.linalg.matrix_power(x, 3)),
    "power -2": (lambda x: linalg.matrix_power(x, -2), lambda x: torch.linalg.matrix_power(x, -2)),
    "cond 1": (lambda x: linalg.cond(x, 1), condition),
    "trace": (linalg.trace, lambda x: torch.einsum("...ii->...", x)),
}
ANY: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "qr": (lambda x: squares(linalg.qr(x)), lambda x: squares(torch.linalg.qr(x))),
    "svd": (
        lambda x: squares(linalg.svd(x, full_matrices=False)),
        lambda x: squares(torch.linalg.svd(x, full_matrices=False)),
    ),
    "svdvals": (linalg.svdvals, torch.linalg.svdvals),
    "pinv": (linalg.pinv, torch.linalg.pinv),
    "cond": (linalg.cond, torch.linalg.cond),
    "diagonal": (
        lambda x: linalg.diagonal(x, offset=1),
        lambda x: torch.diagonal(x, 1, -2, -1),
    ),
    **{
        f"vector norm {p}": (
            lambda x, p=p: linalg.vector_norm(x, axis=-1, ord=p),
            lambda x, p=p: torch.linalg.vector_norm(x, dim=-1, ord=p),
        )
        for p in (2, 1, 3, 0.5, 2.5, INF, -INF)
    },
    **{
        f"matrix norm {p}": (
            lambda x, p=p: linalg.matrix_norm(x, ord=p),
            lambda x, p=p: torch.linalg.matrix_norm(x, ord=p),
        )
        for p in ("fro", "nuc", 1, -1, 2, -2, INF, -INF)
    },
}
FORMULAS: dict[str, tuple[Shape, ...]] = {
    "ij,jk->ik": ((2, 3), (3, 4)), "bij,bjk->bki": ((2, 2, 3), (2, 3, 2)), "ii->i": ((3, 3),),
    "ii": ((3, 3),), "ij->j": ((2, 3),), "i,j->ij": ((2,), (3,)), "...ij->...ji": ((2, 3, 2),),
    "ij,jk,kl->il": ((2, 3), (3, 2), (2, 2)), "...i,...i->...": ((4, 3), (1, 3)),
    "ij,ij->": ((2, 3), (2, 3)), "iij,j->i": ((2, 2, 3), (3,)),
    "ab,cb,a->c": ((2, 3), (2, 3), (2,)),
}  # fmt: skip
PRODUCTS: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[Shape, ...]]] = {
    "tensordot": (
        lambda x, y: tg.tensordot(x, y, axes=((0, 2), (1, 0))),
        lambda x, y: torch.tensordot(x, y, dims=([0, 2], [1, 0])),
        ((2, 3, 4), (4, 2, 3)),
    ),
    "kron": (tg.kron, torch.kron, ((2, 3), (3, 2))),
    "outer": (tg.outer, torch.outer, ((2,), (3,))),
    "inner": (tg.inner, torch.inner, ((2, 3), (4, 3))),
    "vecdot": (tg.vecdot, torch.linalg.vecdot, ((2, 1, 3), (4, 3))),
    "cross": (tg.cross, torch.linalg.cross, ((2, 3), (2, 3))),
    "multi_dot": (
        lambda *xs: linalg.multi_dot(xs),
        lambda *xs: torch.linalg.multi_dot(xs),
        ((2, 3), (3, 1), (1, 4)),
    ),
    "solve": (
        lambda a, b: linalg.solve(a + 4 * np.eye(2), b),
        lambda a, b: torch.linalg.solve(a + 4 * torch.eye(2), b),
        ((3, 2, 2), (2, 1)),
    ),
    "lstsq": (
        lambda a, b: linalg.lstsq(a, b).solution,
        lambda a, b: torch.linalg.lstsq(a, b).solution,
        ((4, 2), (4, 3)),
    ),
    **{
        formula: (
            lambda *xs, f=formula: tg.einsum(f, *xs),
            lambda *xs, f=formula: torch.einsum(f, *xs),
            shapes,
        )
        for formula, shapes in FORMULAS.items()
    },
}


def weighted(outputs: Any, seed: int, wrap: Callable[[Any], Any]) -> Any:
    """One number of all outputs, every element with a weight of its own."""
    several = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    rng = np.random.default_rng(seed)
    return sum((out * wrap(rng.normal(size=tuple(out.shape)))).sum() for out in several)


def check(ours: Callable[..., Any], theirs: Callable[..., Any], arrays: Any, seed: int) -> None:
    xs = [tg.Tensor(x, requires_grad=True) for x in arrays]
    ts = [torch.tensor(x, requires_grad=True) for x in arrays]
    tape = tg.Tape()
    value, expected = weighted(ours(*xs), seed, tg.asarray), weighted(
        theirs(*ts), seed, torch.tensor
    )  # fmt: skip
    close(value, expected, 1e-9)
    first = tape.gradient(value, xs, create_graph=True)
    wanted = torch.autograd.grad(expected, ts, create_graph=True)
    for found, right in zip(first, wanted, strict=True):
        close(found, right, 1e-9)
    mixed = weighted(first, seed + 1, tg.asarray)
    again = weighted(wanted, seed + 1, torch.tensor)
    if not again.requires_grad:
        return
    second = tape.gradient(mixed, xs, unconnected="zero")
    right = torch.autograd.grad(again, ts, allow_unused=True, materialize_grads=True)
    for found, there in zip(second, right, strict=True):
        close(found, there, 1e-7)


def close(found: Any, expected: Any, tolerance: float) -> None:
    right = expected.numpy(force=True)
    scale = 1.0 + np.abs(right).max(initial=0.0)
    np.testing.assert_allclose(found.data / scale, right / scale, rtol=0, atol=tolerance)


def drawn(seed: int, *shape: int) -> Any:
    """A matrix whose singular values are apart from each other and from zero."""
    m, n = shape[-2:]
    return 3.0 * np.eye(m, n) * (1 + np.arange(n)) + np.random.default_rng(seed).normal(
        size=shape, scale=0.5
    )


batches = st.sampled_from([(), (2,), (2, 1)])
seeds = st.integers(0, 2**16)


@pytest.mark.parametrize("name", SQUARE)
@settings(max_examples=10, deadline=None)
@given(n=st.integers(1, 4), batch=batches, seed=seeds)
def test_square_matrices(name: str, n: int, batch: Shape, seed: int) -> None:
    check(*SQUARE[name], [drawn(seed, *batch, n, n)], seed)


@pytest.mark.parametrize("name", ANY)
@settings(max_examples=10, deadline=None)
@given(m=st.integers(1, 4), n=st.integers(1, 4), batch=batches, seed=seeds)
def test_matrices_of_any_shape(name: str, m: int, n: int, batch: Shape, seed: int) -> None:
    check(*ANY[name], [drawn(seed, *batch, m, n)], seed)


@pytest.mark.parametrize("name", PRODUCTS)
@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_products(name: str, seed: int) -> None:
    ours, theirs, shapes = PRODUCTS[name]
    rng = np.random.default_rng(seed)
    check(ours, theirs, [rng.normal(size=shape) for shape in shapes], seed)
