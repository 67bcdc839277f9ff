"""Normalization: definitions in loops, running statistics, modes, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F

pytestmark = pytest.mark.once  # what no version of Python changes


def standardized(values: list[float], eps: float) -> list[float]:
    """The definition for one group of numbers, in plain Python."""
    mean = math.fsum(values) / len(values)
    var = math.fsum((v - mean) ** 2 for v in values) / len(values)
    return [(v - mean) / math.sqrt(var + eps) for v in values]


def in_groups(x: np.ndarray, key: Callable[[tuple[int, ...]], Any], eps: float) -> np.ndarray:
    """Every number standardized among those whose place has the same key."""
    places: dict[Any, list[tuple[int, ...]]] = {}
    for place in np.ndindex(x.shape):
        places.setdefault(key(place), []).append(place)
    out = np.zeros(x.shape)
    for group in places.values():
        for place, value in zip(group, standardized([x[p] for p in group], eps), strict=True):
            out[place] = value
    return out


@given(st.integers(0, 999), st.integers(1, 3), st.integers(1, 2), st.sampled_from([1, 2, 3]))
def test_each_kind_equals_its_definition(seed: int, n: int, each: int, groups: int) -> None:
    rng = np.random.default_rng(seed)
    c = each * groups
    x = rng.normal(size=(n, c, 2, 2))
    weight, bias = rng.normal(size=c), rng.normal(size=c)
    state = {"weight": weight, "bias": bias}
    kinds: list[tuple[nn.Module, Callable[[tuple[int, ...]], Any]]] = [
        (nn.BatchNorm2d(c, 0.1), lambda p: p[1]),
        (nn.InstanceNorm2d(c, 0.1, affine=True), lambda p: p[:2]),
        (nn.GroupNorm(groups, c, 0.1), lambda p: (p[0], p[1] // each)),
    ]
    for layer, key in kinds:
        layer.astype(np.float64).load_state_dict(state, strict=False)
        expected = in_groups(x, key, 0.1) * weight[:, None, None] + bias[:, None, None]
        np.testing.assert_allclose(layer(x).data, expected, atol=1e-12)
    expected = in_groups(x, lambda p: p[:2], 0.1)
    layer = nn.LayerNorm((2, 2), 0.1, elementwise_affine=False)
    np.testing.assert_allclose(layer(x).data, expected, atol=1e-12)


def test_running_statistics_are_averages_of_the_batches_with_the_unbiased_variance() -> None:
    rng = np.random.default_rng(0)
    batches = [rng.normal(size=(n, 2, 3)) for n in (2, 4, 5)]
    moving, plain = (nn.BatchNorm1d(2, momentum=m, dtype=np.float64) for m in (0.3, None))
    mean, var = np.zeros(2), np.ones(2)
    for batch in batches:
        moving(batch)
        plain(batch)
        for c in range(2):
            values = [float(v) for v in batch[:, c].ravel()]
            center = math.fsum(values) / len(values)
            spread = math.fsum((v - center) ** 2 for v in values) / (len(values) - 1)
            mean[c] = 0.7 * mean[c] + 0.3 * center
            var[c] = 0.7 * var[c] + 0.3 * spread
    np.testing.assert_allclose(moving.running_mean.data, mean, rtol=1e-12)
    np.testing.assert_allclose(moving.running_var.data, var, rtol=1e-12)
    means = [batch.mean(axis=(0, 2)) for batch in batches]
    spreads = [batch.var(axis=(0, 2), ddof=1) for batch in batches]
    np.testing.assert_allclose(plain.running_mean.data, np.mean(means, axis=0), rtol=1e-12)
    np.testing.assert_allclose(plain.running_var.data, np.mean(spreads, axis=0), rtol=1e-12)
    assert moving.num_batches_tracked.item() == plain.num_batches_tracked.item() == 3


@pytest.mark.parametrize("kind", [nn.BatchNorm1d, nn.InstanceNorm1d])
def test_evaluation_uses_the_statistics_and_moves_nothing(kind: Any) -> None:
    layer = kind(2, track_running_stats=True, affine=True, dtype=np.float64)
    rng = np.random.default_rng(1)
    layer.load_state_dict(
        {"running_mean": rng.normal(size=2), "running_var": [0.5, 4.0]}, strict=False
    )
    before = {name: array.tobytes() for name, array in layer.state_dict().items()}
    stamps = [buffer.index for buffer in layer.buffers()]
    x = rng.normal(size=(1, 2, 1))  # one value per channel is enough here
    with layer.evaluating():
        got = layer(x)
    mean, var = layer.running_mean.data, layer.running_var.data
    np.testing.assert_allclose(got.data[0, :, 0], (x[0, :, 0] - mean) / np.sqrt(var + 1e-5))
    assert {name: array.tobytes() for name, array in layer.state_dict().items()} == before
    assert [buffer.index for buffer in layer.buffers()] == stamps


def test_training_mode_moves_them_without_recording_too_and_never_records_that() -> None:
    x = np.random.default_rng(2).normal(size=(4, 3))
    recorded, bare = nn.BatchNorm1d(3, dtype=np.float64), nn.BatchNorm1d(3, dtype=np.float64)
    with tg.Tape() as tape:
        out = recorded(x)
    with tg.no_grad():
        bare(x)
    with tg.Tape() as plain:
        tg.batch_norm(x, recorded.weight, recorded.bias)
    assert [row.op for row in tape] == [row.op for row in plain]
    assert not any(isinstance(part, nn.Buffer) for row in tape for part in row.inputs)
    for name, array in recorded.state_dict().items():
        np.testing.assert_array_equal(array, bare.state_dict()[name])
    assert not any(buffer.requires_grad for buffer in recorded.buffers())
    assert list(tape.gradient(out.sum(), recorded)) == ["weight", "bias"]


def test_an_optimizer_leaves_the_statistics_alone() -> None:
    net = nn.Sequential(nn.Linear(3, 2, rng=0), nn.BatchNorm1d(2))
    optimizer = nn.optim.Adam(net.parameters(), lr=0.1)
    net(np.arange(6, dtype=np.float32).reshape(2, 3)).sum().backward()
    before = [buffer.data.copy() for buffer in net.buffers()]
    optimizer.step()
    for buffer, array in zip(net.buffers(), before, strict=True):
        np.testing.assert_array_equal(buffer.data, array)


def test_statistics_stay_whole_numbers_and_floats_through_a_change_of_type() -> None:
    layer = nn.BatchNorm1d(2).astype(np.float64)
    assert layer.running_mean.dtype == np.float64
    assert layer.num_batches_tracked.dtype == np.int64
    half = nn.BatchNorm1d(2, dtype=np.float16)
    out = half(np.array([[300.0, 1], [-300.0, 2]] * 8, np.float16))
    assert out.dtype == half.running_var.dtype == np.float16
    np.testing.assert_allclose(out.data[:2, 0].astype(float), [1, -1], rtol=1e-3)


def test_a_bias_before_batch_norm_has_no_effect_and_no_gradient() -> None:
    linear, norm = nn.Linear(3, 2, dtype=np.float64, rng=0), nn.BatchNorm1d(2, dtype=np.float64)
    x = np.random.default_rng(3).normal(size=(5, 3))
    (norm(linear(x)) ** 3).sum().backward()
    np.testing.assert_allclose(linear.bias.grad, 0, atol=1e-12)
    assert np.abs(linear.weight.grad).max() > 0.01


def test_group_norm_lies_between_layer_and_instance_norm() -> None:
    x = np.random.default_rng(4).normal(size=(2, 4, 3))
    np.testing.assert_allclose(F.group_norm(x, 1), F.layer_norm(x, (4, 3)), atol=1e-12)
    np.testing.assert_allclose(F.group_norm(x, 4), F.instance_norm(x), atol=1e-12)


def test_rms_norm_ignores_scale_and_has_the_resolution_of_its_type_as_eps() -> None:
    x = np.random.default_rng(5).normal(size=(3, 4))
    tg.testing.laws.ignores_scale_and_shift(nn.RMSNorm(4), x, shift=0.0)
    for kind in (np.float32, np.float64):
        tiny = np.full((1, 2), np.sqrt(np.finfo(kind).eps), kind)
        np.testing.assert_allclose(F.rms_norm(tiny, 2), np.sqrt(0.5), rtol=1e-5)


def test_batch_norm_ignores_a_scale_and_shift_of_each_channel() -> None:
    x = np.random.default_rng(6).normal(size=(6, 3, 2))
    tg.testing.laws.ignores_scale_and_shift(nn.BatchNorm1d(3), x, axis=1)
    tg.testing.laws.ignores_scale_and_shift(nn.LayerNorm(2), x[:, :, :1] + [[[1.0, 4.0]]], axis=0)


@given(st.sampled_from([1.0, 2.0, 3.0]), st.sampled_from([0, 1, -1, (0, 1)]), st.integers(0, 99))
def test_normalize_divides_by_the_length(p: float, dim: Any, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(2, 3))
    got = F.normalize(x, p, dim)
    length = (np.abs(got) ** p).sum(axis=dim) ** (1 / p)
    np.testing.assert_allclose(length, 1, rtol=1e-12)
    assert (got * x >= 0).all()
    np.testing.assert_array_equal(F.normalize(np.zeros((2, 3)), p, dim), 0)


def test_the_functions_move_arrays_and_tensors_in_place() -> None:
    x = np.random.default_rng(7).normal(size=(4, 2, 3))
    for function, flag in ((F.batch_norm, "training"), (F.instance_norm, "use_input_stats")):
        arrays = [np.zeros(2), np.ones(2)]
        tensors = [tg.Tensor(a) for a in arrays]
        assert isinstance(function(x, *arrays, **{flag: True}), np.ndarray)
        function(x, *tensors, **{flag: True})
        for array, tensor in zip(arrays, tensors, strict=True):
            assert not np.array_equal(array, array.round())
            np.testing.assert_array_equal(tensor.data, array)
        known = function(x, *arrays, **{flag: False})
        expected = (x - arrays[0][:, None]) / np.sqrt(arrays[1][:, None] + 1e-5)
        np.testing.assert_allclose(known, expected, rtol=1e-12)


def test_an_empty_batch_gives_nothing_and_moves_nothing() -> None:
    layer = nn.BatchNorm1d(2)
    assert layer(np.zeros((0, 2), np.float32)).shape == (0, 2)
    np.testing.assert_array_equal(layer.running_mean.data, 0)
    np.testing.assert_array_equal(layer.running_var.data, 1)


# What is refused


def settings_in(fix: str | None) -> dict[str, Any]:
    """The settings that a fix proposes, such as ``num_groups=4``."""
    return eval(f"dict({fix})")


class Net(nn.Module):
    def __init__(self) -> None:
        self.features = [nn.Linear(3, 3, rng=0), nn.BatchNorm1d(3)]

    def forward(self, x: Any) -> Any:
        for layer in self.features:
            x = layer(x)
        return x


def test_m04_one_value_per_channel_while_training() -> None:
    net, x = Net(), np.ones((1, 3), np.float32)
    with pytest.raises(tg.errors.ShapeError) as caught:
        net(x)
    error = caught.value
    assert error.code == "TG-M04"
    assert error.shapes == ((1, 3),)
    assert error.what.startswith("net.features.1 = BatchNorm1d(3) needs 2 values per channel")
    assert net.features[1].num_batches_tracked.item() == 0
    names: dict[str, Any] = {"net": net, "x": x}
    exec(str(error.fix), names)
    assert names["y"].shape == (1, 3)
    assert net.training


@pytest.mark.parametrize(
    ("layer", "shape", "named"),
    [
        (nn.BatchNorm1d(3), (2, 4), "BatchNorm1d(3)"),
        (nn.BatchNorm2d(3), (2, 5, 4, 4), "BatchNorm2d(3)"),
        (nn.BatchNorm2d(3), (2, 4, 4, 3), "BatchNorm2d(3)"),
        (nn.InstanceNorm1d(3), (2, 2, 4), "InstanceNorm1d(3)"),
        (nn.InstanceNorm2d(3), (2, 4, 4), "InstanceNorm2d(3)"),
        (nn.GroupNorm(1, 3), (2, 6, 4), "GroupNorm(1, 3)"),
    ],
)
def test_another_number_of_channels_is_refused_with_a_layer_that_fits(
    layer: Any, shape: tuple[int, ...], named: str, apply_fix: Any
) -> None:
    x = tg.Tensor(np.random.default_rng(0).normal(size=shape).astype("f"))
    with pytest.raises(tg.errors.ShapeError) as caught:
        layer(x)
    error = caught.value
    assert error.code == "TG-S05"
    assert f"layer = {named}: the input of shape {shape}" in error.what
    fixed = apply_fix(error, x=x)
    out = fixed(x) if isinstance(fixed, nn.Module) else layer(fixed)
    assert out.size == x.size


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.BatchNorm1d(3), (2, 3, 4, 4)),
        (nn.BatchNorm1d(3), (3,)),
        (nn.BatchNorm2d(3), (2, 3)),
        (nn.BatchNorm2d(3), (2, 3, 4)),
        (nn.InstanceNorm1d(3), (2, 3, 4, 4)),
        (nn.InstanceNorm1d(3), (3,)),
        (nn.InstanceNorm2d(3), (2, 3)),
        (nn.GroupNorm(1, 3), (3,)),
    ],
)
def test_another_number_of_axes_is_refused(layer: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(tg.errors.ShapeError, match=r"takes an input of shape \(.*, got") as caught:
        layer(np.ones(shape, np.float32))
    assert caught.value.shapes == (shape,)


@pytest.mark.parametrize("layer", [nn.LayerNorm((2, 3)), nn.RMSNorm((2, 3))])
def test_other_features_are_refused(layer: Any) -> None:
    x = np.ones((4, 3, 2), np.float32)
    with pytest.raises(tg.errors.ShapeError) as caught:
        layer(x)
    assert caught.value.shapes == ((4, 3, 2), (2, 3))
    assert type(layer)(**settings_in(caught.value.fix))(x).shape == x.shape
    with pytest.raises(tg.errors.ShapeError):
        layer(np.float32(1.0) + np.zeros((), np.float32)[None][0:0])


def test_one_value_inside_a_sample_is_refused() -> None:
    x = np.ones((2, 3, 1), np.float32)
    for layer in (nn.InstanceNorm1d(3), nn.GroupNorm(3, 3)):
        with pytest.raises(tg.errors.ShapeError, match="needs 2 values per") as caught:
            layer(x)
        assert caught.value.code == "TG-M04"
    assert nn.GroupNorm(**settings_in(caught.value.fix), num_channels=3)(x).shape == x.shape


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.BatchNorm1d(-1),
        lambda: nn.BatchNorm1d(2.5),  # type: ignore[arg-type]
        lambda: nn.BatchNorm1d(True),
        lambda: nn.BatchNorm2d(2, eps=-1.0),
        lambda: nn.BatchNorm2d(2, eps=float("nan")),
        lambda: nn.BatchNorm2d(2, momentum=1.5),
        lambda: nn.InstanceNorm1d(2, momentum="0.1"),  # type: ignore[arg-type]
        lambda: nn.LayerNorm(()),
        lambda: nn.LayerNorm("12"),  # type: ignore[arg-type]
        lambda: nn.LayerNorm((2, 0)),
        lambda: nn.RMSNorm(4, eps=-1e-8),
        lambda: nn.GroupNorm(0, 4),
        lambda: nn.GroupNorm(3, 4),
        lambda: F.group_norm(np.ones((2, 4)), 0),
        lambda: F.group_norm(np.ones((2, 4)), 3),
        lambda: F.group_norm(np.ones((2, 4)), 2, np.ones(3)),
        lambda: F.batch_norm([[1.0], [2.0]], None, None),
        lambda: F.batch_norm([[1.0], [2.0]], np.zeros(1), None, training=True),
        lambda: F.batch_norm([[1.0], [2.0]], [0.0], [1.0], training=True),
        lambda: F.batch_norm([[1.0]], None, None, training=True),
        lambda: F.instance_norm([[[1.0, 2.0]]], use_input_stats=False),
        lambda: F.instance_norm([[1.0, 2.0]]),
        lambda: F.instance_norm([[[1.0, 2.0]]], weight=np.ones(2)),
    ],
)
def test_settings_that_make_no_sense_are_refused(make: Callable[[], Any]) -> None:
    with pytest.raises((tg.errors.ArgumentError, tg.errors.ShapeError)) as caught:
        make()
    assert caught.value.fix


def test_group_norm_proposes_groups_that_divide() -> None:
    with pytest.raises(tg.errors.ArgumentError) as caught:
        nn.GroupNorm(5, 8)
    assert nn.GroupNorm(num_channels=8, **settings_in(caught.value.fix)).num_groups == 4
