"""Layers of windows: convolutions, pooling, other sizes. What the table of layers cannot know."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn

pytestmark = pytest.mark.once  # what no version of Python changes

IMAGES = np.zeros((2, 3, 8, 8), np.float32)


def inside(layer: nn.Module) -> nn.Module:
    """A network that calls a layer, so that the layer has a path."""

    class Net(nn.Module):
        def __init__(self) -> None:
            self.part = layer

        def forward(self, x: Any, **options: Any) -> Any:
            return self.part(x, **options)

    return Net()


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [2, (1, 2), "same", "valid"])
def test_a_margin_is_what_its_name_says(mode: str, padding: Any) -> None:
    layer = nn.Conv2d(1, 1, (2, 4), padding=padding, padding_mode=mode, bias=False)
    x = np.random.default_rng(0).normal(size=(1, 1, 4, 5)).astype(np.float32)
    widths = {2: [(2, 2)] * 2, (1, 2): [(1, 1), (2, 2)], "same": [(0, 1), (1, 2)]}
    names = {"zeros": "constant", "replicate": "edge", "circular": "wrap", "reflect": "reflect"}
    wide: Any = np.pad(x[0, 0], widths.get(padding, [(0, 0)] * 2), names[mode])  # type: ignore[call-overload]
    kernel = layer.weight.data[0, 0]
    expected = [
        [(wide[i : i + 2, j : j + 4] * kernel).sum() for j in range(wide.shape[1] - 3)]
        for i in range(wide.shape[0] - 1)
    ]
    np.testing.assert_allclose(layer(x).data[0, 0], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "weight", "fan"),
    [
        (nn.Conv1d(6, 4, 3, groups=2, rng=0), (4, 3, 3), 9),
        (nn.Conv2d(40, 50, (2, 3), rng=0), (50, 40, 2, 3), 240),
        (nn.ConvTranspose1d(6, 4, 3, groups=2, rng=0), (6, 2, 3), 6),
        (nn.ConvTranspose2d(40, 50, (2, 3), rng=0), (40, 50, 2, 3), 300),
    ],
    ids=repr,
)
def test_initial_kernels_fill_pytorchs_interval(
    layer: Any, weight: tuple[int, ...], fan: int
) -> None:
    assert layer.weight.shape == weight
    assert layer.bias.shape == (layer.out_channels,)
    bound = 1 / math.sqrt(fan)
    for parameter in (layer.weight, layer.bias):
        assert parameter.dtype == np.float32
        assert np.abs(parameter.data).max() <= np.float32(bound)
    assert np.abs(layer.weight.data).max() > 0.9 * bound


def test_a_seed_decides_the_initial_kernels() -> None:
    first, second = nn.Conv2d(1, 2, 3, rng=5), nn.Conv2d(1, 2, 3, rng=5)
    np.testing.assert_array_equal(first.weight.data, second.weight.data)
    with tg.seed(1):
        a, b = nn.Conv2d(1, 2, 3), nn.Conv2d(1, 2, 3)
    assert not np.array_equal(a.weight.data, b.weight.data)


def test_a_wider_signal_is_noted_once() -> None:
    layer = nn.Conv1d(1, 1, 1)
    with pytest.warns(nn.ModuleNote, match="layer has float32 parameters and got float64"):
        out = layer(np.ones((1, 2)))
    assert layer(np.ones((1, 2))).dtype == out.dtype == np.float64


@pytest.mark.parametrize(
    ("layer", "shape", "says"),
    [
        (nn.Conv2d(3, 4, 3), (2, 8, 8, 3), "2, 8, 8, 3) has 8 channels, expected 3"),
        (nn.Conv2d(3, 4, 3), (8, 8, 3), "has 8 channels, expected 3"),
        (nn.Conv2d(3, 4, 3), (2, 1, 8, 8), "has 1 channel, expected 3"),
        (nn.Conv2d(4, 4, 3, groups=2), (2, 3, 8, 8), "has 3 channels, expected 4"),
        (nn.Conv2d(4, 4, 3, groups=4, bias=False), (2, 8, 8, 8), "has 8 channels, expected 4"),
        (nn.Conv2d(1, 4, 3), (32, 8, 8), "has 32 channels, expected 1"),
        (nn.Conv2d(1, 4, 3), (28, 28), "has 2 axes, expected 4"),
        (nn.Conv2d(1, 4, 3), (32, 784), "has 2 axes, expected 4"),
        (nn.Conv2d(3, 4, 3), (5, 3 * 16), "has 2 axes, expected 4"),
        (nn.Conv2d(3, 4, 3), (7, 9), "has 2 axes, expected 4"),
        (nn.Conv2d(3, 4, 3), (5, 2, 3, 8, 8), "has 5 axes, expected 4"),
        (nn.Conv2d(3, 4, 3), (5, 2, 4, 8, 8), "has 5 axes, expected 4"),
        (nn.Conv2d(3, 4, 3), (), "has 0 axes, expected 4"),
        (nn.Conv1d(1, 2, 3), (7,), "has 1 axes, expected 3"),
        (nn.Conv1d(1, 2, 3), (5, 7), "has 5 channels, expected 1"),
        (nn.Conv1d(2, 2, 3), (5, 7, 2), "has 7 channels, expected 2"),
        (nn.ConvTranspose2d(2, 3, 3, stride=2, output_padding=1), (5, 4, 3, 3), "has 4 channels"),
    ],
)
def test_channels_that_differ_name_the_layer_and_the_fix_works(
    layer: Any, shape: tuple[int, ...], says: str, apply_fix: Callable[..., Any]
) -> None:
    model = inside(layer)
    x = np.zeros(shape, np.float32)
    with pytest.raises(tg.errors.ShapeError) as caught:
        model(x)
    error = caught.value
    kind = type(layer).__name__
    assert error.code == "TG-S05"
    assert error.shapes == (shape, layer.weight.shape)
    assert f"model.part = {kind}({layer.in_channels} -> {layer.out_channels}): the" in error.what
    assert says in error.what
    mended = apply_fix(error, x=x)
    if isinstance(mended, nn.Module):
        assert mended(x).shape[-layer.axes - 1] == layer.out_channels
        assert (mended.kernel_size, mended.stride) == (layer.kernel_size, layer.stride)
    else:
        assert model(mended).shape[-layer.axes - 1] == layer.out_channels


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Conv2d(3, 4, 5), (2, 3, 3, 8)),
        (nn.Conv2d(3, 4, 3, dilation=(4, 1), stride=2, padding=1), (2, 3, 3, 3)),
        (nn.Conv2d(3, 4, 5, padding_mode="circular"), (3, 2, 2)),
        (nn.Conv1d(3, 4, 5, bias=False), (2, 3, 2)),
        (nn.MaxPool2d(3), (2, 3, 2, 8)),
        (nn.MaxPool2d((3, 2), 2, dilation=2, ceil_mode=True), (3, 2, 1)),
        (nn.MaxPool1d(4, 2), (2, 3, 2)),
        (nn.AvgPool2d(5, 2, divisor_override=3), (2, 3, 2, 2)),
        (nn.AvgPool1d(5, count_include_pad=False), (3, 4)),
    ],
    ids=repr,
)
def test_an_array_smaller_than_the_kernel_names_the_layer_and_the_fix_works(
    layer: Any, shape: tuple[int, ...], apply_fix: Callable[..., Any]
) -> None:
    model = inside(layer)
    x = np.zeros(shape, np.float32)
    with pytest.raises(tg.errors.ShapeError) as caught:
        model(x)
    assert caught.value.code == "TG-S06"
    assert caught.value.what.startswith(f"model.part = {layer!r}: ")
    assert "is larger than the array" in caught.value.what
    mended = apply_fix(caught.value)
    assert type(mended) is type(layer)
    assert mended(x).size


@pytest.mark.parametrize(
    "layer",
    [nn.MaxPool2d(2), nn.AvgPool1d(2), nn.AdaptiveAvgPool2d(1), nn.Upsample(scale_factor=2),
     nn.Unfold(2), nn.Fold(3, 2)],
    ids=repr,
)  # fmt: skip
def test_a_wrong_number_of_axes_names_the_layer_and_the_fix_works(
    layer: Any, apply_fix: Callable[..., Any]
) -> None:
    model = inside(layer)
    x = np.zeros((6,))
    with pytest.raises(tg.errors.ShapeError) as caught:
        model(x)
    assert caught.value.what.startswith(f"model.part = {layer!r}: ")
    if not isinstance(layer, nn.Fold):  # whose fix is an assignment
        mended = apply_fix(caught.value, x=x)
        assert mended.ndim > 1


def test_a_mode_of_images_is_refused_for_signals_with_the_layers_name() -> None:
    model = inside(nn.Upsample(scale_factor=2, mode="bilinear"))
    with pytest.raises(tg.errors.ArgumentError, match=r"model\.part = Upsample.*mode is 'nearest'"):
        model(np.zeros((1, 1, 4)))


@pytest.mark.parametrize(
    "build",
    [
        lambda: nn.Conv2d(0, 1, 3),
        lambda: nn.Conv2d(1, 2.5, 3),
        lambda: nn.Conv2d(1, 1, 0),
        lambda: nn.Conv2d(1, 1, (3, 3, 3)),
        lambda: nn.Conv2d(1, 1, 3, stride=0),
        lambda: nn.Conv2d(1, 1, 3, padding=-1),
        lambda: nn.Conv2d(1, 1, 3, padding="some"),
        lambda: nn.Conv2d(1, 1, 3, stride=2, padding="same"),
        lambda: nn.Conv2d(1, 1, 3, dilation=1.5),
        lambda: nn.Conv2d(1, 1, 3, groups=0),
        lambda: nn.Conv2d(1, 1, 3, padding_mode="mirror"),
        lambda: nn.ConvTranspose2d(1, 1, 3, padding="same"),
        lambda: nn.ConvTranspose2d(1, 1, 3, output_padding=1),
        lambda: nn.ConvTranspose1d(1, 1, 3, stride=2, output_padding=2),
        lambda: nn.ConvTranspose1d(1, 1, 3, padding_mode="reflect"),
        lambda: nn.MaxPool2d(0),
        lambda: nn.MaxPool2d((2, 2, 2)),
        lambda: nn.MaxPool1d(2, 0),
        lambda: nn.MaxPool1d(2, padding=2),
        lambda: nn.MaxPool1d(2, dilation=0),
        lambda: nn.MaxPool2d(2, return_indices=True),
        lambda: nn.AvgPool2d(2, padding=2),
        lambda: nn.AvgPool2d(2, divisor_override=0),
        lambda: nn.AvgPool1d("2"),
        lambda: nn.AdaptiveAvgPool2d(0),
        lambda: nn.AdaptiveAvgPool2d((1, 2, 3)),
        nn.Upsample,
        lambda: nn.Upsample(2, 2),
        lambda: nn.Upsample(scale_factor=-1),
        lambda: nn.Upsample(4, mode="cubic"),
        lambda: nn.Upsample(4, align_corners=True),
        lambda: nn.Unfold(0),
        lambda: nn.Unfold(2, stride=0),
        lambda: nn.Fold(4, 2, padding=-1),
        lambda: nn.Fold("4", 2),
        lambda: nn.Unflatten(1, (2, -1, -1)),
        lambda: nn.Unflatten(1, ()),
        lambda: nn.Unflatten(1, 6),
        lambda: nn.Unflatten(1, (2.0, 3)),
        lambda: nn.Unflatten("a", (2, 3)),
    ],
)
def test_wrong_settings_of_windows_are_refused_when_the_layer_is_built(
    build: Callable[[], Any],
) -> None:
    with pytest.raises(tg.errors.ArgumentError) as caught:
        build()
    assert caught.value.fix


@pytest.mark.parametrize("build", [nn.Conv2d, nn.ConvTranspose2d])
def test_groups_that_do_not_divide_are_refused(build: Any) -> None:
    with pytest.raises(tg.errors.ShapeError, match="2 groups do not divide 3 input") as caught:
        build(3, 4, 1, groups=2)
    assert caught.value.fix == "groups=1"


def test_a_transposed_convolution_gives_the_wanted_size_or_says_which_it_can(
    apply_fix: Callable[..., Any],
) -> None:
    model = inside(nn.ConvTranspose2d(1, 2, 3, stride=3, padding=1))
    x = np.zeros((1, 1, 4, 4), np.float32)
    for size in (10, 11, 12):
        assert model(x, output_size=size).shape == (1, 2, size, size)
    assert model(x, output_size=(1, 2, 11, 10)).shape == (1, 2, 11, 10)
    with pytest.raises(tg.errors.ArgumentError, match=r"from \(10, 10\) to \(12, 12\)") as caught:
        model(x, output_size=(13, 10))
    assert apply_fix(caught.value, x=x, model=model).shape == (1, 2, 10, 10)
    with pytest.raises(tg.errors.ArgumentError):
        model(x, output_size=(10, 10, 10))
    small = inside(nn.ConvTranspose2d(1, 1, 1, padding=1))
    with pytest.raises(tg.errors.ShapeError, match=r"small\.part = ConvTranspose2d.*is left"):
        small(np.zeros((1, 1, 2, 2), np.float32))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Unflatten(1, (2, 3)), (4, 5)),
        (nn.Unflatten(1, (2, 3)), (6, 5)),
        (nn.Unflatten(2, (2, 3)), (4, 6)),
        (nn.Unflatten(1, (4, -1)), (4, 6)),
        (nn.Unflatten(1, (0, -1)), (4, 6)),
        (nn.Unflatten(0, (2, 3)), (5,)),
        (nn.Unflatten(0, (2, 3)), ()),
    ],
)
def test_an_axis_that_cannot_be_taken_apart_names_the_layer_and_the_fix_works(
    layer: Any, shape: tuple[int, ...], apply_fix: Callable[..., Any]
) -> None:
    model = inside(layer)
    x = np.zeros(shape)
    with pytest.raises(tg.errors.ShapeError, match=r"model\.part = Unflatten\(dim=") as caught:
        model(x)
    mended = apply_fix(caught.value, x=x)
    assert (mended(x) if isinstance(mended, nn.Module) else mended).size == x.size


def test_flatten_and_unflatten_undo_each_other() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    flat = nn.Flatten()(x)
    np.testing.assert_array_equal(nn.Unflatten(-1, (3, 4))(flat).data, x)


def test_layers_take_and_return_what_their_docstrings_say() -> None:
    x = np.zeros((2, 3, 8, 8), np.float32)
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 5, 3, stride=2),
        nn.AdaptiveAvgPool2d((None, 2)), nn.Upsample(scale_factor=(2.0, 1.0)), nn.Flatten(),
        nn.Linear(20, 7), nn.Unflatten(1, (7, 1)),
    )  # fmt: skip
    out = net(x)
    assert out.shape == (2, 7, 1)
    assert out.dtype == np.float32
    out.sum().backward()
    assert all(p.grad is not None and p.grad.dtype == np.float32 for p in net.parameters())
    assert net.eval()(x[:0]).shape == (0, 7, 1)


REPRESENTED = [
    "Conv2d(2, 4, 3, padding='same', dilation=2, groups=2, bias=False, padding_mode='reflect')",
    "Conv1d(2, 4, 3, stride=2, padding=1)",
    "ConvTranspose2d(2, 4, 3, 2, (1, 0), 1, 2, False, 2)",
    "MaxPool2d(2)", "MaxPool1d(3, 2, 1, 2, False, True)", "AvgPool2d((2, 3), (1, 1))",
    "AvgPool1d(2)", "AdaptiveAvgPool2d((None, 7))", "AdaptiveAvgPool1d(3)",
    "Upsample(scale_factor=2)", "Upsample((3, 4), mode='bilinear', align_corners=True)",
    "Unflatten(1, (2, 3))", "Unfold(3, stride=2)", "Fold((2, 3), 2)",
    "Embedding(3, 4)", "Embedding(3, 4, -1, 2.0, 1.0, True)",
    "LeakyReLU(0.2)", "ELU()", "SELU()", "CELU()", "GELU()", "Softplus()", "Hardtanh()", "GLU()",
    "PReLU(3)", "Softmin(1)", "Softmax2d()", "Softshrink()", "Hardshrink(1.0)", "Threshold(1, 2)",
    "RReLU()", "LogSigmoid()",
]  # fmt: skip


@pytest.mark.parity
@pytest.mark.parametrize("call", REPRESENTED)
def test_layers_are_shown_as_in_pytorch(call: str) -> None:
    torch = pytest.importorskip("torch")
    assert repr(eval(f"nn.{call}")) == repr(eval(f"torch.nn.{call}", {"torch": torch}))
