"""Augmentation: each image changed in its own way, exactly as a loop over pixels would."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.data import (
    DataLoader,
    center_crop,
    channels_first,
    compose,
    pad,
    random_crop,
    random_flip,
    random_noise,
    random_rotate,
    random_shift,
    to_range,
)  # fmt: skip
from tinygrad_edu.data.augmentation import rotated
from tinygrad_edu.errors import ArgumentError, ShapeError

pytestmark = pytest.mark.once  # what no version of Python changes

seeds = st.integers(0, 2**32 - 1)
shapes = st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(1, 6), st.integers(1, 5)).map(
    lambda s: (s[0], *([s[1]] if s[1] else []), *s[2:])
)
ALL: dict[str, Callable[..., Any]] = {
    "shift": random_shift,
    "crop": partial(random_crop, size=1),
    "flip": random_flip,
    "noise": random_noise,
    "rotate": random_rotate,
    "compose": compose(random_flip, np.asarray, random_noise),
}


def drawn(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(shape).astype(np.float32) + 1


def windows(image: np.ndarray, size: tuple[int, int], fill: float) -> list[list[Any]]:
    """All windows of an image on an endless plane of ``fill`` that might touch it."""
    height, width = image.shape[-2:]
    found = []
    for a in range(-height - size[0], 2 * height + 1):
        for b in range(-width - size[1], 2 * width + 1):
            window = np.full((*image.shape[:-2], *size), fill, image.dtype)
            for i in range(size[0]):
                for j in range(size[1]):
                    if 0 <= i + a < height and 0 <= j + b < width:
                        window[..., i, j] = image[..., i + a, j + b]
            found.append([window, a, b])
    return found


@given(shape=shapes, most=st.integers(0, 3), seed=seeds)
def test_a_shifted_image_is_a_window_onto_the_plane_around_it(
    shape: tuple[int, ...], most: int, seed: int
) -> None:
    x = drawn(shape, seed)
    moved = random_shift(x, most, fill=-1, rng=seed)
    assert (moved.shape, moved.dtype) == (x.shape, x.dtype)
    for image, result in zip(x, moved, strict=True):
        assert any(
            np.array_equal(window, result)
            for window, a, b in windows(image, image.shape[-2:], -1)
            if abs(a) <= most and abs(b) <= most
        )


@given(shape=shapes, padding=st.integers(0, 2), seed=seeds, data=st.data())
def test_a_crop_is_a_window_within_the_border(
    shape: tuple[int, ...], padding: int, seed: int, data: st.DataObject
) -> None:
    size = tuple(data.draw(st.integers(1, n + 2 * padding)) for n in shape[-2:])
    x = drawn(shape, seed)
    cut = random_crop(x, size, padding=padding, rng=seed)  # type: ignore[arg-type]
    assert (cut.shape, cut.dtype) == ((*shape[:-2], *size), x.dtype)
    for image, result in zip(x, cut, strict=True):
        assert any(
            np.array_equal(window, result)
            for window, a, b in windows(image, size, 0)  # type: ignore[arg-type]
            if -padding <= a <= shape[-2] + padding - size[0]
            and -padding <= b <= shape[-1] + padding - size[1]
        )


@given(shape=shapes, axis=st.sampled_from([-1, -2]), seed=seeds)
def test_a_flip_is_the_image_or_its_mirror(shape: tuple[int, ...], axis: int, seed: int) -> None:
    x = drawn(shape, seed)
    for image, result in zip(x, random_flip(x, axis=axis, rng=seed), strict=True):
        mirror = image[..., ::-1] if axis == -1 else image[..., ::-1, :]
        assert np.array_equal(result, image) or np.array_equal(result, mirror)
    np.testing.assert_array_equal(random_flip(x, chance=0), x)


def test_every_move_and_every_mirror_is_equally_likely() -> None:
    draws, x = 5000, np.zeros((5000, 5, 5))
    x[:, 2, 2] = 1
    moved = random_shift(x, 1, rng=0).sum(axis=0)
    chance = np.where(pad(np.ones((3, 3)), 1) == 1, 1 / 9, 0)
    assert (abs(moved - draws * chance) <= 5 * np.sqrt(draws * chance * (1 - chance))).all()
    flipped = random_flip(np.tile([[0.0, 1.0]], (draws, 1, 1)), rng=0)[:, 0, 0].sum()
    assert abs(flipped - draws / 2) < 5 * (draws / 4) ** 0.5


def test_noise_has_the_promised_spread_and_keeps_its_bounds() -> None:
    x = np.full((100, 20, 20), 0.5, np.float32)
    noise = random_noise(x, 0.2, rng=0) - x
    assert abs(noise.mean()) < 5 * 0.2 / 200
    assert abs(noise.std() - 0.2) < 5 * 0.2 / (2 * 40000) ** 0.5
    clipped = random_noise(x, 5.0, clip=(0, 1), rng=0)
    assert (clipped.min(), clipped.max(), clipped.dtype) == (0, 1, np.float32)


@given(shape=shapes, seed=seeds, fill=st.sampled_from([0.0, 2.5]))
def test_a_turned_pixel_mixes_its_four_neighbours(
    shape: tuple[int, ...], seed: int, fill: float
) -> None:
    x = drawn(shape, seed).astype(np.float64)
    angles = np.random.default_rng(seed).uniform(-4, 4, len(x))
    turned = rotated(x, angles, fill)
    height, width = shape[-2:]
    for image, angle, result in zip(x, angles.tolist(), turned, strict=True):
        plane = pad(image, 12, fill=fill)
        for i in range(height):
            for j in range(width):
                p, q = i - (height - 1) / 2, j - (width - 1) / 2
                row = math.cos(angle) * p + math.sin(angle) * q + (height - 1) / 2
                column = math.cos(angle) * q - math.sin(angle) * p + (width - 1) / 2
                a, b = math.floor(row), math.floor(column)
                wanted: Any = 0.0
                for k in (a, a + 1):
                    for m in (b, b + 1):
                        near = (1 - abs(row - k)) * (1 - abs(column - m))
                        wanted = wanted + near * plane[..., k + 12, m + 12]
                np.testing.assert_allclose(result[..., i, j], wanted, rtol=1e-12, atol=1e-12)


def test_a_quarter_turn_is_a_quarter_turn_and_none_is_none() -> None:
    x = drawn((3, 2, 5, 5), 0)
    np.testing.assert_array_equal(random_rotate(x, 0), x)
    quarter = rotated(x, np.full(3, np.pi / 2), 0.0)
    np.testing.assert_allclose(quarter, np.rot90(x, axes=(-2, -1)), rtol=1e-5)


@pytest.mark.parametrize("name", ALL)
@given(shape=shapes, seed=seeds)
def test_augmentation_follows_its_generator_and_leaves_its_input_alone(
    name: str, shape: tuple[int, ...], seed: int
) -> None:
    x = drawn(shape, seed)
    kept = x.copy()
    results = [ALL[name](x, rng=rng) for rng in (seed, np.random.default_rng(seed))]
    with tg.seed(seed):
        results.append(ALL[name](x))
    assert all(np.array_equal(result, results[0]) for result in results)
    assert np.array_equal(x, kept)
    assert not np.shares_memory(x, results[0])
    assert results[0].dtype == np.float32


@pytest.mark.parametrize("name", ALL)
def test_a_loader_augments_with_its_own_generator(name: str) -> None:
    x = drawn((9, 4, 4), 0)
    loaders = [
        DataLoader(x, batch_size=4, transform=ALL[name], rng=1, workers=n) for n in (0, 0, 2)
    ]
    epochs = [[batch.tolist() for (batch,) in loader] for loader in loaders]
    assert epochs[0] == epochs[1] == epochs[2]
    assert epochs[0] != [batch.tolist() for (batch,) in loaders[0]]


def test_composed_transforms_go_in_order() -> None:
    both = compose(lambda x: x + 1, lambda x, rng: x * rng.integers(7, 8))
    assert both(np.array([1]), rng=0).tolist() == [14]
    with pytest.raises(ArgumentError, match="is not a function"):
        compose(3)  # type: ignore[arg-type]


def test_what_cannot_be_done_is_refused() -> None:
    x = np.zeros((2, 4, 4))
    with pytest.raises(ArgumentError, match=r"\(9, 9\) is larger than images of \(4, 4\)"):
        random_crop(x, 9, padding=2)
    with pytest.raises(ArgumentError, match="axis=0"):
        random_flip(x, axis=0)
    with pytest.raises(ArgumentError, match="chance=2"):
        random_flip(x, chance=2)
    with pytest.raises(ArgumentError, match="std=-1"):
        random_noise(x, -1)
    with pytest.raises(ArgumentError, match="degrees=nan"):
        random_rotate(x, math.nan)
    for function in (random_noise, random_rotate):
        with pytest.raises(ArgumentError, match="got uint8"):
            function(x.astype(np.uint8))  # type: ignore[operator]
    for function in (random_flip, random_rotate, random_shift):
        with pytest.raises(ShapeError, match=r"got \(4, 4\)"):
            function(x[0])  # type: ignore[operator]


def test_transforms_without_chance() -> None:
    assert to_range(np.array([0.0, 0.25, 1.0], np.float32)).tolist() == [-1, -0.5, 1]
    assert to_range(np.zeros(1, np.float32)).dtype == np.float32
    with pytest.raises(ArgumentError, match="range from 0 to 200") as caught:
        to_range(images := np.array([0, 200]))
    assert caught.value.fix is not None
    assert eval(caught.value.fix, {"to_range": to_range, "images": images})[0] == -1
    x = drawn((2, 3, 5, 3), 0)
    np.testing.assert_array_equal(channels_first(x), x.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(center_crop(pad(x, 2), 3)[..., 1:2, :], pad(x, 2)[..., 4:5, 2:5])
    with pytest.raises(ArgumentError, match="does not lie"):
        center_crop(x, 4)
    for function in (channels_first, pad):
        with pytest.raises(ShapeError):
            function(np.zeros(3))  # type: ignore[operator]
