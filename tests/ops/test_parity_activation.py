"""Activation functions give PyTorch's values and derivatives, to second order, with its settings.

PyTorch's and JAX's slopes at corners, which registrations state, are measured here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.autodiff import registry

pytestmark = pytest.mark.parity
torch = pytest.importorskip("torch")
F = torch.nn.functional

alpha = st.floats(0.1, 3.0)
SETTINGS: dict[str, tuple[Any, dict[str, Any]]] = {
    "relu": (F.relu, {}),
    "leaky_relu": (F.leaky_relu, {"negative_slope": st.floats(-0.5, 2.0)}),
    "elu": (F.elu, {"alpha": alpha}),
    "selu": (F.selu, {}),
    # PyTorch rounds 1 / alpha to single precision: only of these nothing is lost.
    "celu": (F.celu, {"alpha": st.sampled_from([0.25, 0.5, 1.0, 2.0])}),
    "hardtanh": (F.hardtanh, {"min_val": st.floats(-3.0, 0.0), "max_val": st.floats(0.1, 3.0)}),
    "relu6": (F.relu6, {}),
    "hardsigmoid": (lambda x: F.relu6(x + 3) / 6, {}),  # its own has no second order
    "hardswish": (F.hardswish, {}),
    "sigmoid": (torch.sigmoid, {}),
    "log_sigmoid": (F.logsigmoid, {}),
    "softplus": (F.softplus, {"beta": alpha, "threshold": st.floats(1.0, 30.0)}),
    "silu": (F.silu, {}),
    "gelu": (F.gelu, {"approximate": st.sampled_from(["none", "tanh"])}),
    "mish": (F.mish, {}),
    "softsign": (F.softsign, {}),
}
SHAPES = [(), (1,), (3,), (2, 3), (2, 1, 2), (0,)]


def derivatives(x: Any, f: Any, cotangent: Any, mixing: Any) -> list[Any]:
    """Value, gradient and the gradient of the mixed gradient, of either library."""
    if isinstance(x, tg.Tensor):
        tape, value = tg.Tape(), f(x)
        (first,) = tape.gradient(value, [x], output_gradient=cotangent, create_graph=True)
        second = tape.gradient((first * mixing).sum(), x, unconnected="zero")
        return [value.data, first.data, second.data]
    value, seed = f(x), torch.tensor(cotangent, requires_grad=True)
    (first,) = torch.autograd.grad(value, x, seed, create_graph=True)
    total = (first * torch.tensor(mixing)).sum()
    second = torch.autograd.grad(total, x, allow_unused=True, materialize_grads=True)[0]
    return [y.numpy(force=True) for y in (value, first, second)]


@pytest.mark.parametrize("name", SETTINGS)
@given(
    data=st.data(),
    shape=st.sampled_from(SHAPES),
    spread=st.sampled_from([0.1, 3.0, 30.0]),
    seed=st.integers(0, 2**16),
)
def test_activation_and_its_two_derivatives_equal_torchs(
    name: str, data: Any, shape: Any, spread: float, seed: int
) -> None:
    theirs, drawn = SETTINGS[name]
    settings = {key: data.draw(values, label=key) for key, values in drawn.items()}
    rng = np.random.default_rng(seed)
    x = np.asarray(rng.normal(size=shape) * spread)
    weights = np.asarray(rng.normal(size=shape)), np.asarray(rng.normal(size=shape))
    ours = tg.Tensor(x, requires_grad=True)
    found = derivatives(ours, lambda x: getattr(tg, name)(x, **settings), *weights)
    other = torch.tensor(x, requires_grad=True)
    expected = derivatives(other, lambda x: theirs(x, **settings), *weights)
    for one, right, tolerance in zip(found, expected, (1e-9, 1e-9, 1e-7), strict=True):
        size = max(1.0, float(np.abs(right).max(initial=0.0)))
        np.testing.assert_allclose(one, right, rtol=0, atol=tolerance * size, strict=True)


@given(axis=st.integers(-3, 2), seed=st.integers(0, 2**16))
def test_gated_unit_equals_torchs_along_every_axis(axis: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 4, 6)) * 3
    shape = tg.glu(x, axis).shape
    weights = rng.normal(size=shape), rng.normal(size=x.shape)
    found = derivatives(tg.Tensor(x, requires_grad=True), lambda x: tg.glu(x, axis), *weights)
    other = torch.tensor(x, requires_grad=True)
    expected = derivatives(other, lambda x: F.glu(x, axis), *weights)
    for one, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, right, rtol=1e-9, atol=1e-9)


@given(shape=st.sampled_from([(3,), (2, 3), (2, 3, 2), (2, 3, 2, 2)]), seed=st.integers(0, 2**16))
def test_learned_slopes_get_torchs_gradient(shape: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, cotangent = rng.normal(size=shape), rng.normal(size=shape)
    w = rng.normal(size=1 if len(shape) == 1 or seed % 2 else 3)
    ours = [tg.Tensor(v, requires_grad=True) for v in (x, w)]
    found = tg.Tape().gradient(tg.prelu(*ours), ours, output_gradient=cotangent)
    other = [torch.tensor(v, requires_grad=True) for v in (x, w)]
    expected = torch.autograd.grad(F.prelu(*other), other, torch.tensor(cotangent))
    for one, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.data, right, rtol=1e-12, atol=1e-12)


CORNERS = ["relu", "leaky_relu", "elu", "hardtanh"]


def torch_slope(name: str, x: np.ndarray, *rest: Any) -> np.ndarray:
    functions = {"elu": F.selu, "leaky_relu": F.leaky_relu, "relu": F.relu, "hardtanh": F.hardtanh}
    given = torch.tensor(x, requires_grad=True)
    (slope,) = torch.autograd.grad(functions[name](given, *rest).sum(), given)
    return slope.numpy()


def jax_slope(jax: Any, name: str, x: np.ndarray, *rest: Any) -> np.ndarray:
    nn = jax.nn
    functions = {
        "elu": nn.selu, "leaky_relu": nn.leaky_relu, "relu": nn.relu, "hardtanh": nn.hard_tanh,
    }  # fmt: skip
    return np.asarray(jax.grad(lambda x: functions[name](x, *rest).sum())(x))


@pytest.mark.parametrize("name", CORNERS)
def test_slopes_at_corners_that_registrations_state_are_those_of_torch_and_jax(name: str) -> None:
    jax = pytest.importorskip("jax")
    for kink in registry[name].kinks:
        x, *rest = kink.at
        x = np.asarray(x, float)
        assert kink.torch is not None
        assert kink.jax is not None
        np.testing.assert_allclose(torch_slope(name, x, *rest), kink.torch[0], rtol=1e-6)
        np.testing.assert_allclose(jax_slope(jax, name, x, *rest), kink.jax[0], rtol=1e-6)
