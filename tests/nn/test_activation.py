"""Activations as modules: what the table of layers cannot know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.nn.activation import activation_named

pytestmark = pytest.mark.once  # what no version of Python changes

X = np.array([[-3.0, -0.5, 0.0, 0.25, 2.0, 7.0]])
NAMES = [
    "relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "elu", "selu", "celu", "mish",
    "softplus", "softsign", "relu6", "hardtanh", "hardsigmoid", "hardswish", "logsigmoid", "prelu",
    "rrelu", "tanhshrink", "softshrink", "hardshrink",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_makes_the_module_of_the_function_with_that_name(name: str) -> None:
    layer = activation_named(name)().eval().astype(np.float64)
    arguments = (np.array([0.25]),) if name == "prelu" else ()
    np.testing.assert_array_equal(layer(X).data, getattr(F, name)(X, *arguments))
    assert type(layer).__name__.lower() == name.replace("_", "")


@pytest.mark.parametrize("name", NAMES)
def test_an_mlp_is_built_with_any_activation_in_one_type(name: str) -> None:
    model = nn.MLP([3, 4, 2], activation=name, dtype=np.float64, rng=0)
    assert model(np.ones((5, 3))).dtype == np.float64
    assert {parameter.dtype for parameter in model.parameters()} == {np.dtype(np.float64)}


def test_an_unknown_activation_is_refused_with_all_names() -> None:
    with pytest.raises(
        tg.errors.ArgumentError, match=r"'swoosh' is none of 'relu', .*'hardshrink'"
    ):
        nn.MLP([3, 4, 2], activation="swoosh")


def test_every_public_activation_is_known_by_name_or_changes_the_features() -> None:
    families = vars(nn.activation)
    known = {type(activation_named(name)()).__name__ for name in NAMES}
    kinds = {name for name in families["__all__"] if name[0].isupper()}
    assert kinds - known == {"GLU", "LogSoftmax", "Softmax", "Softmax2d", "Softmin", "Threshold"}


@pytest.mark.parametrize(
    "build",
    [
        lambda: nn.LeakyReLU("a"),
        lambda: nn.ELU(None),
        lambda: nn.CELU(0.0),
        lambda: nn.CELU([1.0]),
        lambda: nn.GELU("erf"),
        lambda: nn.Softplus(0.0),
        lambda: nn.Softplus(beta=True),
        lambda: nn.Softplus(1.0, "x"),
        lambda: nn.Hardtanh(1.0, -1.0),
        lambda: nn.Hardtanh(0.0, None),
        lambda: nn.Threshold(None, 1.0),
        lambda: nn.Softshrink(-0.1),
        lambda: nn.Hardshrink(float("nan")),
        lambda: nn.GLU(0.5),
        lambda: nn.Softmax(None),
        lambda: nn.Softmin("1"),
        lambda: nn.PReLU(0),
        lambda: nn.PReLU(2.0),
        lambda: nn.PReLU(1, "a"),
        lambda: nn.RReLU(0.5, 0.25),
    ],
)
def test_wrong_settings_of_activations_are_refused_when_they_are_built(
    build: Callable[[], Any],
) -> None:
    with pytest.raises(tg.errors.ArgumentError) as caught:
        build()
    assert caught.value.fix


@pytest.mark.parametrize(
    ("layer", "slopes"),
    [
        (nn.LeakyReLU(0.25), {0.0: 0.25}),
        (nn.Threshold(1.0, 5.0), {1.0: 0.0}),
        (nn.Softshrink(1.0), {-1.0: 0.0, 1.0: 0.0}),
        (nn.Hardshrink(1.0), {-1.0: 0.0, 1.0: 0.0}),
        (nn.Hardtanh(), {-1.0: 0.0, 1.0: 0.0}),
        (nn.ReLU6(), {0.0: 0.0, 6.0: 0.0}),
    ],
    ids=repr,
)
def test_slopes_at_kinks_are_pytorchs(layer: nn.Module, slopes: dict[float, float]) -> None:
    x = tg.Tensor(list(slopes), requires_grad=True)
    layer(x).sum().backward()
    np.testing.assert_array_equal(x.grad, list(slopes.values()))


def test_a_random_leaky_rectifier_draws_between_its_ends_and_repeats_with_a_seed() -> None:
    x = np.concatenate([np.full(1000, -1.0), np.full(10, 2.0)])
    layer = nn.RReLU(0.2, 0.4, rng=3)
    first, second = layer(x).data, layer(x).data
    assert (first[1000:] == 2.0).all()
    slopes = -first[:1000]
    assert 0.2 <= slopes.min() < 0.21 < 0.39 < slopes.max() < 0.4
    assert abs(slopes.mean() - 0.3) < 0.01
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(nn.RReLU(0.2, 0.4, rng=3)(x).data, first)
    np.testing.assert_allclose(layer.eval()(x).data[:1000], -0.3)
    t = tg.Tensor([-2.0, 2.0], requires_grad=True)
    F.rrelu(t, 0.5, 0.5, True, rng=0).sum().backward()
    np.testing.assert_array_equal(t.grad, [0.5, 1.0])


def net(layer: nn.Module) -> nn.Module:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.act = layer

        def forward(self, x: Any) -> Any:
            return self.act(x)

    return Net()


@pytest.mark.parametrize(
    ("layer", "shape", "says"),
    [
        (nn.PReLU(3), (5, 4), r"model\.act = PReLU\(num_parameters=3\): the input \(5, 4\) has 4"),
        (nn.PReLU(3), (5,), "has no channels"),
        (nn.GLU(), (2, 3), r"model\.act = GLU\(dim=-1\) cannot halve this axis .* \(2, 3\)"),
        (nn.GLU(), (3, 3), "cannot halve"),
        (nn.GLU(2), (2, 2), "cannot halve"),
        (nn.Softmax2d(), (2, 3), r"model\.act = Softmax2d\(\) got an input of shape \(2, 3\)"),
    ],
)
def test_a_shape_that_does_not_fit_names_the_layer_and_the_fix_works(
    layer: nn.Module, shape: tuple[int, ...], says: str, apply_fix: Callable[..., Any]
) -> None:
    x = np.ones(shape, np.float32)
    model = net(layer)
    with pytest.raises(tg.errors.ShapeError, match=says) as caught:
        model(x)
    assert caught.value.shapes[0] == shape
    mended = apply_fix(caught.value, x=x)
    result = mended(x) if isinstance(mended, nn.Module) else model(mended)
    assert result.size


def test_prelu_notes_a_wider_input() -> None:
    layer = nn.PReLU()
    with pytest.warns(nn.ModuleNote, match="layer has float32 parameters and got float64"):
        layer(np.ones(3))


@pytest.mark.parity
def test_hardsigmoid_equals_pytorchs_to_its_precision() -> None:
    torch = pytest.importorskip("torch")
    x = tg.Tensor(X, requires_grad=True)
    leaf = torch.tensor(X, requires_grad=True)
    ours, theirs = nn.Hardsigmoid()(x), torch.nn.Hardsigmoid()(leaf)
    np.testing.assert_allclose(ours.data, theirs.detach().numpy(), atol=1e-12)
    ours.sum().backward()
    theirs.sum().backward()
    np.testing.assert_allclose(x.grad, leaf.grad.numpy(), rtol=1e-7)
