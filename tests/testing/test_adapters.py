"""Layers of a course, PyTorch's functions and JAX's are checked as pairs of NumPy functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.testing import check_vjp, from_jax, from_layer, from_torch

Array = np.ndarray[Any, Any]
X = np.array([[0.5, -1.0, 2.0], [0.1, 0.4, -0.3]])


class Linear:
    """As every course writes it."""

    def __init__(self, wrong: str = "") -> None:
        rng = np.random.default_rng(0)
        self.W, self.b = rng.normal(size=(3, 2)), rng.normal(size=2)
        self.wrong = wrong

    def forward(self, x: Array) -> Array:
        self.x = x
        return x @ self.W + self.b

    def backward(self, g: Array) -> Array:
        self.dW = self.x.T @ g
        self.db = g[0] if self.wrong == "b" else g.sum(0)
        return 2 * g @ self.W.T if self.wrong == "x" else g @ self.W.T


class Two:
    """Two inputs, other names of the methods."""

    def run(self, x: Array, y: Array) -> Array:
        self.kept = x, y
        return x * y

    def pull(self, g: Array) -> tuple[Array, Array]:
        x, y = self.kept
        return g * y, g * x


PARTS = {"parameters": ("W", "b"), "gradients": ("dW", "db")}


def test_a_right_layer_passes_with_its_parameters() -> None:
    report = check_vjp(from_layer(Linear(), **PARTS), X)
    assert report.verdict == "pass"
    assert report.name == "Linear"
    assert {each.name for each in report.elements} == {"input 0", "parameter `W`", "parameter `b`"}


@pytest.mark.parametrize("wrong, name, place", [("b", "parameter `b`", 2), ("x", "input 0", 0)])
def test_a_wrong_parameter_or_input_is_named(wrong: str, name: str, place: int) -> None:
    report = check_vjp(from_layer(Linear(wrong), **PARTS), X, raises=False)
    assert (report.verdict, report.input) == ("fail", place)
    assert name in str(report)


def test_without_parameters_only_the_input_is_checked() -> None:
    pair = from_layer(Linear("b"), **PARTS)
    assert check_vjp(*pair, X).verdict == "pass"
    assert check_vjp(from_layer(Linear("b")), X).verdict == "pass"
    assert check_vjp(*from_layer(Linear("x")), X, raises=False).verdict == "fail"


def test_the_layer_itself_is_left_alone() -> None:
    layer = Linear()
    before = {name: np.copy(value) for name, value in vars(layer).items()}
    check_vjp(from_layer(layer, **PARTS), X)
    assert vars(layer).keys() == before.keys()
    assert all(np.array_equal(vars(layer)[name], before[name]) for name in before)


def test_other_names_and_several_inputs() -> None:
    pair = from_layer(Two(), inputs=2, forward="run", backward="pull")
    assert check_vjp(pair, [0.5, 1.0], [2.0, -3.0]).verdict == "pass"


def test_a_gradient_that_grows_from_call_to_call_is_seen() -> None:
    class Adds(Linear):
        def __init__(self) -> None:
            super().__init__()
            self.db = np.zeros(2)

        def backward(self, g: Array) -> Array:
            self.dW = self.x.T @ g
            self.db = self.db + g.sum(0)
            return g @ self.W.T

    report = check_vjp(from_layer(Adds(), **PARTS), X, raises=False)
    assert (report.verdict, report.kind) == ("fail", "repeatable")


def test_what_does_not_fit_the_layer_is_refused() -> None:
    with pytest.raises(ArgumentError, match="1 parameters and 0 gradients"):
        from_layer(Linear(), parameters=("W",))
    with pytest.raises(ArgumentError, match="has no attribute 'V'"):
        from_layer(Linear(), parameters=("V",), gradients=("dV",))
    with pytest.raises(ArgumentError, match="has no attribute 'forward'"):
        from_layer(Two())


# ---------------------------------------------------------------- other frameworks


@pytest.mark.parity
def test_pytorch_functions_pass_and_wrong_ones_fail() -> None:
    torch = pytest.importorskip("torch")
    x = [0.3, -1.2, 0.0]
    for fn in (torch.tanh, torch.relu, torch.abs, lambda x: torch.softmax(x, 0)):
        assert check_vjp(from_torch(fn), x).verdict == "pass"
    report = check_vjp(from_torch(lambda x: x * x.detach()), x, raises=False)
    assert report.verdict == "fail"
    assert "0.5" in str(report.diagnosis)
    report = check_vjp(from_torch(torch.nn.functional.hardsigmoid), [0.5, -1.0], raises=False)
    assert report.verdict == "fail", "its slope is a sixth in float32"


@pytest.mark.parity
def test_pytorch_tuples_integers_and_unused_inputs() -> None:
    torch = pytest.importorskip("torch")
    pair = from_torch(lambda x, i: (x[i], torch.ones(2, dtype=torch.float64), x.sum()))
    assert check_vjp(pair, [0.3, 1.0, 2.0], [0, 2, 2]).verdict == "pass"
    assert check_vjp(from_torch(lambda x, y: x * 2), [0.3], [0.4]).verdict == "pass"
    assert check_vjp(from_torch(lambda x: torch.ones(2)), [0.3]).verdict == "pass"


@pytest.mark.parity
def test_a_pytorch_module_brings_its_parameters_and_keeps_them() -> None:
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    before = [p.detach().clone() for p in model.parameters()]
    report = check_vjp(from_torch(model), X)
    assert report.verdict == "pass"
    assert "parameter `0.weight`" in {each.name for each in report.elements}
    for p, kept in zip(model.parameters(), before, strict=True):
        assert p.dtype == torch.float32
        assert torch.equal(p, kept)
        assert p.grad is None
    assert check_vjp(*from_torch(model), X).verdict == "pass"


@pytest.mark.parity
def test_jax_functions_pass_and_wrong_ones_fail() -> None:
    jax = pytest.importorskip("jax")
    np_ = jax.numpy
    for fn in (np_.tanh, jax.nn.softmax, lambda x: (np_.sin(x), x.sum())):
        assert check_vjp(from_jax(fn), [0.3, -1.2]).resolution < 1e-8
    assert check_vjp(from_jax(lambda x, i: x[i]), [0.3, 1.0, 2.0], [0, 2, 2]).verdict == "pass"
    wrong = from_jax(lambda x: x * jax.lax.stop_gradient(x))
    assert check_vjp(wrong, [0.3, 2.0], raises=False).verdict == "fail"
