"""Initial values against PyTorch: the same distributions, gains and fixed patterns."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.nn.test_init import allowed, distance, normal_share
from tinygrad_edu.nn import init

pytestmark = pytest.mark.parity

shapes = st.lists(st.integers(1, 5), min_size=2, max_size=4).map(tuple)
NONLINEARITIES = ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]


def theirs(name: str, shape: tuple[int, ...], *settings: Any, **options: Any) -> np.ndarray:
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(0)
    if name not in ("eye_", "dirac_", "ones_", "zeros_", "constant_"):
        options["generator"] = generator
    tensor = torch.empty(shape, dtype=torch.float64)
    filled = getattr(torch.nn.init, name)(tensor, *settings, **options)
    return np.asarray(filled.numpy())


@pytest.mark.parametrize("nonlinearity", NONLINEARITIES)
@given(st.floats(0, 3))
def test_gains_are_pytorchs(nonlinearity: str, slope: float) -> None:
    torch = pytest.importorskip("torch")
    expected = torch.nn.init.calculate_gain(nonlinearity, slope)
    assert init.gain(nonlinearity, slope) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=20)
@given(shapes, st.sampled_from(["fan_in", "fan_out"]), st.sampled_from(NONLINEARITIES), st.data())
def test_two_samples_of_the_scale_have_one_distribution(
    shape: tuple[int, ...], mode: str, nonlinearity: str, data: Any
) -> None:
    """Ours and PyTorch's numbers, with the same settings, against the same distribution function.

    Small kernels in a stack of many outputs or inputs make the sample large and keep the fan that
    counts small.
    """
    torch = pytest.importorskip("torch")
    family = data.draw(st.sampled_from(["he", "xavier"]))
    scale = data.draw(st.floats(0.1, 3))
    shape = (20_000, *shape[1:]) if mode == "fan_in" else (shape[0], 20_000, *shape[2:])
    fans = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    if family == "he":
        gain = torch.nn.init.calculate_gain(nonlinearity, scale)
        std = gain / math.sqrt(fans[mode == "fan_out"])
        ours = {"nonlinearity": nonlinearity, "mode": mode, "slope": scale}
        other = {"a": scale, "mode": mode, "nonlinearity": nonlinearity}
    else:
        std, ours, other = scale * math.sqrt(2 / sum(fans)), {"gain": scale}, {"gain": scale}
    name = {"he": "kaiming", "xavier": "xavier"}[family]
    for values in (
        getattr(init, f"{family}_uniform")(shape, **ours, rng=0, dtype=np.float64),
        theirs(f"{name}_uniform_", shape, **other),
    ):
        bound = std * math.sqrt(3)
        assert np.abs(values).max() <= bound
        assert np.abs(values).max() > bound * (1 - 20 / values.size)
        found = distance(values, lambda v, b=bound: (v / b + 1) / 2)
        assert found < allowed(values.size)
    for values in (
        getattr(init, f"{family}_normal")(shape, **ours, rng=0, dtype=np.float64)[:20_000, :20_000],
        theirs(f"{name}_normal_", shape, **other),
    ):
        part = values.ravel()[:20_000]
        assert distance(part, lambda v: normal_share(v / std)) < allowed(part.size)


@given(st.floats(-2, 2), st.floats(0.1, 2), st.floats(-2, 0), st.floats(0.5, 2))
@settings(max_examples=10)
def test_truncated_normal_is_pytorchs_with_bounds_in_deviations(
    mean: float, std: float, low: float, high: float
) -> None:
    cut = normal_share(np.array([low, high]))

    def share(v: np.ndarray) -> np.ndarray:
        return (normal_share((v - mean) / std) - cut[0]) / (cut[1] - cut[0])

    shape = (100, 100)
    ours = init.truncated_normal(shape, mean, std, low, high, rng=0, dtype=np.float64)
    other = theirs("trunc_normal_", shape, mean, std, mean + low * std, mean + high * std)
    for values in (ours, other):
        assert distance(values, share) < allowed(values.size)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(1, 3))
def test_fixed_patterns_are_pytorchs(m: int, n: int, k: int, groups: int) -> None:
    np.testing.assert_array_equal(init.identity((m, n)), theirs("eye_", (m, n)))
    for kernel in ((k,), (k, 3), (2, k, 1)):
        shape = (m * groups, n, *kernel)
        np.testing.assert_array_equal(init.dirac(shape, groups), theirs("dirac_", shape, groups))


@given(st.integers(1, 6), st.integers(1, 6), st.floats(0, 1))
def test_sparse_and_orthogonal_keep_pytorchs_promises(m: int, n: int, part: float) -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.nn.init.sparse_(torch.empty(m, n), part)
    zeros = (init.sparse((m, n), part, rng=0) == 0).sum(axis=0)
    np.testing.assert_array_equal(zeros, (tensor.numpy() == 0).sum(axis=0))
    for matrix in (
        init.orthogonal((m, n), rng=0, dtype=np.float64), theirs("orthogonal_", (m, n))
    ):  # fmt: skip
        product = matrix @ matrix.T if m <= n else matrix.T @ matrix
        np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)
