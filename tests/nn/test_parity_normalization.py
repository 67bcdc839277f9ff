"""Normalization against PyTorch where the table of layers does not reach: series of batches, modes,
and the functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F

pytestmark = pytest.mark.parity


def close(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(np.asarray(ours), theirs.detach().numpy(), rtol=1e-9, atol=1e-9)


@settings(max_examples=20)
@given(
    st.sampled_from(["BatchNorm1d", "InstanceNorm1d"]),
    st.sampled_from([None, 0.1, 0.9]),
    st.lists(st.sampled_from(["train", "eval", "no_grad"]), min_size=1, max_size=6),
    st.integers(0, 99),
)
def test_a_series_of_batches_moves_the_statistics_alike(
    kind: str, momentum: float | None, modes: list[str], seed: int
) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    options = {"momentum": momentum, "track_running_stats": True}
    ours = getattr(nn, kind)(2, **options).astype(np.float64)
    theirs = getattr(torch.nn, kind)(2, **options).double()
    for mode in modes:
        x = rng.normal(size=(int(rng.integers(1, 4)), 2, 3))
        ours.train(mode != "eval")
        theirs.train(mode != "eval")
        if mode == "no_grad":
            with tg.no_grad(), torch.no_grad():
                close(ours(x).data, theirs(torch.from_numpy(x)))
        else:
            close(ours(x).data, theirs(torch.from_numpy(x)))
        for name, array in theirs.state_dict().items():
            close(ours.state_dict()[name], array)


@settings(max_examples=30)
@given(st.integers(0, 999), st.booleans(), st.booleans(), st.sampled_from([1e-5, 0.1]))
def test_the_functions_are_pytorchs_argument_by_argument(
    seed: int, first: bool, second: bool, eps: float
) -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.functional
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, 4, 2))
    mean, var, weight, bias = rng.normal(size=(4, 4))
    var = var**2 + 0.1
    given = [v if wanted else None for v, wanted in ((weight, first), (bias, second))]
    t = torch.from_numpy

    def both(name: str, *arguments: Any) -> None:
        copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        others = [t(a.copy()) if isinstance(a, np.ndarray) else a for a in arguments]
        close(getattr(F, name)(*copies), getattr(theirs, name)(*others))
        for copy, other in zip(copies, others, strict=True):
            if isinstance(copy, np.ndarray):  # what was moved in place
                close(copy, other)

    for training in (True, False):
        both("batch_norm", x, mean, var, *given, training, 0.3, eps)
        both("instance_norm", x, mean, var, *given, training, 0.3, eps)
    both("instance_norm", x, None, None, *given, True, 0.1, eps)
    both("group_norm", x, 2, *given, eps)
    both("layer_norm", x.mT, (4,), *given, eps)
    both("rms_norm", x.mT, (4,), given[0], eps)
    both("rms_norm", x.mT, (4,), given[0])
    for p in (1.0, 2.0, 3.0, float("inf")):
        for dim in (0, 1, -1):
            both("normalize", x, p, dim, eps)


@given(st.integers(0, 99), st.sampled_from([1.0, 2.0, 3.0]))
@settings(max_examples=10)
def test_normalize_has_pytorchs_gradient_at_zeros_too(seed: int, p: float) -> None:
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(seed).normal(size=(3, 4))
    x[1] = 0.0
    own, other = tg.Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    weights = np.random.default_rng(1).normal(size=x.shape)
    (F.normalize(own, p, 1, 1e-3) * weights).sum().backward()
    expected = torch.nn.functional.normalize(other, p, 1, 1e-3)
    (expected * torch.from_numpy(weights)).sum().backward()
    np.testing.assert_allclose(own.grad, other.grad.numpy(), rtol=1e-9, atol=1e-9)
