"""Made-up data: the shapes that the formulas promise, and nothing that depends on the order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import data
from tinygrad_edu.data import Dataset
from tinygrad_edu.errors import ArgumentError

pytestmark = pytest.mark.once  # what no version of Python changes

MADE: dict[str, Callable[..., Dataset]] = {
    name: getattr(data, name)
    for name in ("xor", "spirals", "moons", "circles", "blobs", "sine", "ring_of_gaussians")
}


@pytest.mark.parametrize("name", MADE)
@given(samples=st.integers(1, 60), seed=st.integers(0, 2**32 - 1))
def test_a_made_data_set_has_its_rows_classes_and_seed(name: str, samples: int, seed: int) -> None:
    first = MADE[name](samples, rng=seed)
    assert (first.name, len(first), first.features.dtype) == (name, samples, np.float32)
    assert len(first.feature_names) == first.features.shape[1]
    if first.label_names:
        counts = Counter(first.targets.tolist())
        assert first.targets.dtype == np.int64
        assert set(counts) <= set(range(len(first.label_names)))
        fair = samples / len(first.label_names)
        assert all(abs(counts[k] - fair) < 1 for k in range(len(first.label_names)))
    with tg.seed(seed):
        second = MADE[name](samples)
    np.testing.assert_array_equal(first.features, second.features)
    np.testing.assert_array_equal(first.targets, second.targets)


@pytest.mark.parametrize("name", [*MADE, "bars_and_stripes"])
def test_the_order_of_rows_tells_nothing(name: str) -> None:
    made = getattr(data, name)(rng=0)
    if made.label_names:
        assert np.abs(np.diff(made.targets)).mean() > 0.2
    assert not np.array_equal(made.features, getattr(data, name)(rng=1).features)


def test_without_noise_points_lie_on_their_curves() -> None:
    for (x, y), label in zip(data.xor(99, noise=0, rng=0).features, data.xor(99, noise=0, rng=0).targets, strict=True):  # noqa: E501  # fmt: skip
        assert abs(x) == abs(y) == 1
        assert label == (x * y < 0)
    arms = data.spirals(90, arms=3, turns=2, noise=0, rng=0)
    for (x, y), label in zip(arms.features.tolist(), arms.targets.tolist(), strict=True):
        radius = math.hypot(x, y)
        angle = 2 * math.pi * (label / 3 + 2 * radius)
        assert math.dist((x, y), (radius * math.cos(angle), radius * math.sin(angle))) < 1e-5
    for (x, y), label in zip(*map(np.ndarray.tolist, data.moons(80, noise=0, rng=0)), strict=True):
        assert abs(math.hypot(x - label, y - label / 2) - 1) < 1e-6
        assert y <= 0.5 if label else y >= 0
    rings = data.circles(80, factor=0.3, noise=0, rng=0)
    for (x, y), label in zip(*map(np.ndarray.tolist, rings), strict=True):
        assert abs(math.hypot(x, y) - (0.3 if label else 1)) < 1e-6
    ring = data.ring_of_gaussians(80, modes=5, radius=3, spread=0, rng=0)
    for (x, y), mode in zip(*map(np.ndarray.tolist, ring), strict=True):
        angle = 2 * math.pi * mode / 5
        assert math.dist((x, y), (3 * math.cos(angle), 3 * math.sin(angle))) < 1e-6


def test_noise_has_the_asked_for_spread() -> None:
    for made, exact in (
        (data.xor(4000, noise=0.3, rng=0), None),
        (data.blobs(4000, centers=[[1.0, -1.0]], spread=0.3, rng=0), None),
    ):
        offsets = made.features - (np.sign(made.features) if exact is None else exact)
        assert abs(offsets.std() - 0.3) < 0.01
    x, y = data.sine(4000, periods=2, noise=0.3, rng=0)
    assert abs((y - np.sin(2 * np.pi * x[:, 0])).std() - 0.3) < 5 * 0.3 / 8000**0.5


@pytest.mark.parametrize("size", [2, 3, 4])
def test_bars_and_stripes_are_all_of_them_once(size: int) -> None:
    made = data.bars_and_stripes(size, rng=0)
    every = set()
    for bits in range(2 ** (size * size)):
        image = np.array([(bits >> k) & 1 for k in range(size * size)]).reshape(size, size)
        if (image == image[:1]).all() or (image == image[:, :1]).all():
            every.add(image.tobytes())
    found = [image.astype(np.int64).tobytes() for image in made.features]
    assert len(found) == len(set(found)) == 2 * 2**size - 2
    assert set(found) == every
    for image, label in zip(made.features, made.targets, strict=True):
        assert (image == (image[:, :1] if label else image[:1])).all()
    assert len(data.bars_and_stripes(size, samples=7, rng=0)) == 7


@pytest.mark.parametrize(
    "call",
    [
        lambda: data.xor(0),
        lambda: data.xor(noise=-1),
        lambda: data.moons(noise=math.nan),
        lambda: data.circles(factor=1),
        lambda: data.spirals(arms=0),
        lambda: data.blobs(centers=[1.0, 2.0]),
        lambda: data.blobs(centers=0),
        lambda: data.sine(2.5),  # type: ignore[arg-type]
        lambda: data.bars_and_stripes(13),
        lambda: data.bars_and_stripes(1),
    ],
)
def test_settings_without_a_meaning_are_refused(call: Callable[[], Dataset]) -> None:
    with pytest.raises(ArgumentError) as caught:
        call()
    assert caught.value.fix
