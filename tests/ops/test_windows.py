"""What no registration says of operations on windows: their errors, identities and layouts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.ops.references import reference_of
from tinygrad_edu.errors import ArgumentError, DTypeError, ShapeError, TinygradError
from tinygrad_edu.ops.windows import columns

pytestmark = pytest.mark.once  # numbers that no version of Python changes

X, W = np.ones((2, 3, 6, 6)), np.ones((4, 3, 3, 3))
BAD: list[tuple[Callable[[], Any], type[TinygradError], str]] = [
    (lambda: tg.conv2d(X[:, :1], W), ShapeError, "x (2, 1, 6, 6) has 1 channel, weight"),
    (lambda: tg.conv2d(X[0, 0], W), ShapeError, "expected (batch, channels, height, width)"),
    (lambda: tg.conv2d(X[None], W), ShapeError, "or without the batch"),
    (lambda: tg.conv2d(X, W[0, 0]), ShapeError, "expected (outputs, channels / groups"),
    (lambda: tg.conv2d(X[..., :2], W), ShapeError, "kernel (3, 3) is larger than the array (6, 2)"),
    (lambda: tg.conv2d(X, W, dilation=3), ShapeError, "(7, 7) with dilation (3, 3)"),
    (lambda: tg.conv2d(X, W, np.ones(3)), ShapeError, "bias has shape (3,), expected (4,)"),
    (lambda: tg.conv2d(X, W, stride=0), ArgumentError, "at least 1"),
    (lambda: tg.conv2d(X, W, stride=1.5), ArgumentError, "at least 1"),
    (lambda: tg.conv2d(X, W, stride=(1, 1, 1)), ArgumentError, "two axes"),
    (lambda: tg.conv2d(X, W, padding=-1), ArgumentError, "at least 0"),
    (lambda: tg.conv2d(X, W, padding="some"), ArgumentError, "'same' or 'valid', got 'some'"),
    (lambda: tg.conv2d(X, W, padding="same", stride=2), ArgumentError, "needs stride 1"),
    (lambda: tg.conv2d(X, W, groups=2), ShapeError, "2 groups do not divide 3 input and 4 output"),
    (lambda: tg.conv2d(X, W, groups=0), ArgumentError, "groups is a whole number"),
    (lambda: tg.conv2d("text", W), DTypeError, "not a number"),
    (lambda: tg.conv2d([[1.0], [1.0, 2.0]], W), ShapeError, "different lengths"),
    (lambda: tg.conv1d(X, W), ShapeError, "`conv1d`: x has shape (2, 3, 6, 6)"),
    (lambda: tg.conv_transpose2d(X, W), ShapeError, "which takes 4 channels"),
    (
        lambda: tg.conv_transpose2d(X, W[:3], stride=2, output_padding=2),
        ArgumentError,
        "output_padding 2 is not less than the stride (2, 2)",
    ),
    (lambda: tg.conv_transpose2d(X[..., :1], W[:3], padding=2), ShapeError, "nothing is left"),
    (lambda: tg.max_pool2d(X, 7), ShapeError, "kernel (7, 7) is larger than the array (6, 6)"),
    (lambda: tg.max_pool2d(X, 2, stride=0), ArgumentError, "stride is a whole number"),
    (lambda: tg.max_pool2d(X, 2, padding=2), ArgumentError, "more than half of a window"),
    (lambda: tg.max_pool2d(X[0, 0], 2), ShapeError, "or without the batch"),
    (lambda: tg.max_pool1d(X, 2), ShapeError, "`max_pool1d`: x has shape"),
    (lambda: tg.avg_pool2d(X, (2, 2, 2)), ArgumentError, "kernel_size is a whole number"),
    (lambda: tg.avg_pool2d("x", 2), DTypeError, "not a number"),
    (lambda: tg.avg_pool2d(X, 2, divisor_override=0), ArgumentError, "divisor_override is a whole"),
    (lambda: tg.upsample(X, 9, align_corners=True), ArgumentError, "align_corners has no meaning"),
    (lambda: tg.adaptive_avg_pool2d(X, 0), ArgumentError, "output_size is a whole number"),
    (lambda: tg.adaptive_avg_pool1d(X[0, ..., :0], 2), ShapeError, "nothing to read"),
    (lambda: tg.upsample(X), ArgumentError, "give size or scale_factor"),
    (lambda: tg.upsample(X, 12, scale_factor=2), ArgumentError, "give size or scale_factor"),
    (lambda: tg.upsample(X, scale_factor=-1), ArgumentError, "cannot be made -1 times larger"),
    (lambda: tg.upsample(X, scale_factor=0.1), ArgumentError, "cannot be made 0.1 times larger"),
    (lambda: tg.upsample(X, scale_factor="2"), ArgumentError, "cannot be made '2' times larger"),
    (lambda: tg.upsample(X, 12, mode="cubic"), ArgumentError, "'nearest' or 'bilinear'"),
    (lambda: tg.upsample(X[0, 0], 12), ShapeError, "expected (batch, channels"),
    (lambda: tg.unfold(X, 7), ShapeError, "kernel (7, 7) is larger than the array (6, 6)"),
    (lambda: tg.fold(np.ones((1, 8, 5)), (3, 3), 2), ShapeError, "channels * 4, 4)"),
]


@pytest.mark.parametrize("call, kind, said", BAD)
def test_what_does_not_fit_is_refused_with_the_facts_and_a_fix(
    call: Callable[[], Any], kind: type[TinygradError], said: str
) -> None:
    with pytest.raises(kind) as info:
        call()
    assert said in info.value.what
    assert info.value.fix


def test_the_fix_for_channels_in_the_last_axis_runs() -> None:
    x, w = np.ones((2, 6, 6, 3)), W
    with pytest.raises(ShapeError) as info:
        tg.conv2d(x, w)
    x = eval(info.value.fix, {"tg": tg, "x": x})
    assert tg.conv2d(x, w).shape == (2, 4, 4, 4)


@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize("frame", [{}, {"stride": 2, "padding": 1}, {"dilation": 2}])
def test_transposed_convolution_is_the_transpose(axes: int, frame: dict[str, Any]) -> None:
    """The products of conv(x) with y and of x with its transpose of y are the same number."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 3, *(7,) * axes)), rng.normal(size=(4, 3, *(3,) * axes))
    z = getattr(tg, f"conv{axes}d")(x, w, **frame)
    y = rng.normal(size=z.shape)
    back = getattr(tg, f"conv_transpose{axes}d")(y, w, **frame)
    assert back.shape == x.shape
    np.testing.assert_allclose((z * y).sum(), (x * back).sum(), rtol=1e-12)


def test_convolution_in_one_axis_is_that_of_numpy_turned_round() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=9), rng.normal(size=4)
    expected = np.convolve(x, w[::-1], "valid")
    np.testing.assert_allclose(tg.conv1d(x[None], w[None, None])[0], expected, rtol=1e-12)


def test_whole_numbers_give_whole_numbers_and_no_gradient() -> None:
    x, w = np.arange(9).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2), int)
    found = tg.conv2d(tg.Tensor(x), w)
    np.testing.assert_array_equal(found.data, [[[[8, 12], [20, 24]]]], strict=True)
    assert not found.requires_grad


def test_an_empty_batch_has_an_empty_result_and_gradients_of_zero() -> None:
    x = tg.Tensor(np.zeros((0, 3, 6, 6)), requires_grad=True)
    w = tg.Tensor(W, requires_grad=True)
    tg.conv2d(x, w).sum().backward()
    assert x.grad.shape == x.shape
    np.testing.assert_array_equal(w.grad, np.zeros(W.shape))


def test_a_maximum_at_minus_infinity_is_found_inside_not_in_the_padding() -> None:
    x = tg.Tensor(np.full((1, 2, 2), -np.inf), requires_grad=True)
    tg.max_pool2d(x, 2, padding=1).backward(np.ones((1, 2, 2)))
    np.testing.assert_array_equal(x.grad, np.ones((1, 2, 2)))


def test_max_pooling_of_whole_numbers_and_of_truth_values() -> None:
    counts = np.array([[-5, -3, -9]])
    np.testing.assert_array_equal(tg.max_pool1d(counts, 2, padding=1), [[-5, -3]], strict=True)
    flags = np.array([[False, True, False]])
    np.testing.assert_array_equal(tg.max_pool1d(flags, 2, padding=1), [[False, True]], strict=True)


def test_not_a_number_is_the_largest_of_its_window() -> None:
    found = tg.max_pool1d([[1.0, np.nan, 3.0, 4.0]], 2)
    np.testing.assert_array_equal(found, [[np.nan, 4.0]])


def test_mean_of_whole_numbers_is_not_rounded() -> None:
    np.testing.assert_array_equal(tg.avg_pool1d(np.array([[1, 2]]), 2), [[1.5]])


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_resampling_keeps_the_type(kind: str) -> None:
    x = np.ones((1, 2, 3, 3), kind)
    assert tg.upsample(x, 5, mode="bilinear").dtype == kind
    assert tg.upsample(x, 5).dtype == kind
    assert tg.adaptive_avg_pool2d(x, 2).dtype == kind


def test_folding_what_was_unfolded_counts_the_windows_over_each_place() -> None:
    x = np.arange(1.0, 10.0).reshape(1, 3, 3)
    counts = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    np.testing.assert_array_equal(tg.fold(tg.unfold(x, 2), 3, 2)[0], x[0] * counts)


def test_convolution_is_a_product_with_the_unfolded_windows() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(4, 3, 2, 3))
    frame: dict[str, Any] = {"stride": 2, "padding": 1}
    found = w.reshape(4, -1) @ tg.unfold(x, (2, 3), **frame)
    np.testing.assert_allclose(found, tg.conv2d(x, w, **frame).reshape(2, 4, -1), rtol=1e-12)


@pytest.mark.parametrize("channels", [2, 5])
@pytest.mark.parametrize("small", [1, 300, 1 << 20])
@pytest.mark.parametrize("long", [1, 100])
@pytest.mark.parametrize("budget", [1, 700, 1 << 20])
@pytest.mark.parametrize("frame", [{}, {"stride": 2, "padding": 1}, {"dilation": 2}])
def test_windows_copied_in_blocks_and_products_of_any_size_give_the_same_numbers(
    monkeypatch: pytest.MonkeyPatch,
    channels: int,
    small: int,
    long: int,
    budget: int,
    frame: dict[str, Any],
) -> None:
    """A budget of one byte copies a row of windows at a time, the largest all of them."""
    monkeypatch.setattr(columns, "_SMALL", small)
    monkeypatch.setattr(columns, "_LONG", long)
    for name in ("_BLOCK", "_SCATTER_BLOCK"):
        monkeypatch.setattr(columns, name, budget)
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(3, channels, 6, 5)), rng.normal(size=(2, channels, 2, 2))
    weight = tg.Tensor(w, requires_grad=True)
    image = tg.Tensor(x, requires_grad=True)
    z = tg.conv2d(image, weight, **frame)
    np.testing.assert_allclose(z.data, reference_of("convolution")(x, w, **frame), rtol=1e-12)
    g = rng.normal(size=z.shape)
    z.backward(g)
    expected = reference_of("kernel_gradient")(x, g, (2, 2), **frame)
    np.testing.assert_allclose(weight.grad, expected, rtol=1e-10, atol=1e-12)
    expected = reference_of("transposed_convolution")(g, w, (6, 5), **frame)
    np.testing.assert_allclose(image.grad, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("channels", [1, 3, 6])
def test_layout_of_an_image_in_memory_does_not_matter(channels: int) -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, channels, 5, 6)), rng.normal(size=(4, channels, 3, 3))
    pixels = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    for frame in ({}, {"padding": 1}, {"stride": 2}):
        found = [tg.conv2d(each, w, **frame) for each in (x, pixels, x[:, :, ::-1][:, :, ::-1])]
        for other in found[1:]:
            np.testing.assert_allclose(other, found[0], rtol=1e-12, atol=1e-14)


def test_of_equal_numbers_the_first_of_each_window_gets_the_gradient_row_by_row() -> None:
    x = tg.Tensor(np.ones((1, 3, 3)), requires_grad=True)
    tg.max_pool2d(x, 2, stride=1).backward(np.array([[[2.0, 3.0], [5.0, 7.0]]]))
    np.testing.assert_array_equal(x.grad, [[[2, 3, 0], [5, 7, 0], [0, 0, 0]]])


@pytest.mark.parametrize("padding", [0, 1, (0, 1)], ids=str)
def test_a_kernel_as_large_as_its_array_is_laid_down_once(padding: Any) -> None:
    rng = np.random.default_rng(0)
    g, kernel = rng.normal(size=(5, 3, 1, 1)), rng.normal(size=(3, 2, 4, 6))
    above, left = (padding, padding) if isinstance(padding, int) else padding
    laid = np.einsum("no,ochw->nchw", g[:, :, 0, 0], kernel)
    expected = laid[:, :, above : 4 - above, left : 6 - left]
    np.testing.assert_allclose(tg.conv_transpose2d(g, kernel, padding=padding), expected)
    x = rng.normal(size=expected.shape)
    slopes = tg.grad(lambda x: tg.sum(tg.conv2d(x, kernel, padding=padding) * g))(x)
    np.testing.assert_allclose(slopes, expected)
