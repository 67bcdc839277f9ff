"""Images changed at random, so that a model sees more than there is.  Floor 0.

Every function takes a batch, shape (samples, ..., height, width), changes each image in its own
way, all channels of an image alike, and returns a new array of the same dtype. It draws from
``rng`` alone, so a loader can say which: ``DataLoader(x, y, transform=random_flip)``.

References: P. Simard, D. Steinkraus, J. Platt, *Best practices for convolutional neural networks
applied to visual document analysis*, 2003; A. Krizhevsky et al., 2012, section 4.1.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ArgumentError, ShapeError
from ..seeding import generator
from ..types import Array, Rng
from .rows import positive

__all__ = [
    "random_crop", "random_flip", "random_noise", "random_rotate", "random_shift",
]  # fmt: skip


def random_shift(images: ArrayLike, most: int = 2, *, fill: float = 0.0, rng: Rng = None) -> Array:
    r"""Move every image by whole pixels, and fill what becomes free.

    .. math:: z_{ij} = x_{i - a, j - b}, \qquad a, b \sim U\{-m, \dots, m\}

    Parameters
    ----------
    images : array-like, shape (samples, ..., height, width)
        A batch.
    most : int, at least 0
        The largest move :math:`m` along either axis.
    fill : float
        The value of free pixels.
    rng : Generator or int, optional
        Where the moves come from.

    Examples
    --------
    >>> random_shift([[[1, 2], [3, 4]]], 1, rng=2).tolist()
    [[[0, 0], [2, 0]]]
    """
    x, random = _images(images), generator(rng)
    reach = positive("most", most, least=0)
    rows, columns = random.integers(-reach, reach + 1, (2, len(x)))
    height, width = x.shape[-2:]
    return _picked(x, np.arange(height) - rows[:, None], np.arange(width) - columns[:, None], fill)


def random_crop(
    images: ArrayLike,
    size: int | tuple[int, int],
    *,
    padding: int = 0,
    fill: float = 0.0,
    rng: Rng = None,
) -> Array:
    r"""Cut a window out of every image, each at a place of its own.

    .. math:: z_{ij} = x_{i + a - p, j + b - p}

    with :math:`a, b` of equal chance among all that fit into the image with a border of
    :math:`p` pixels around it.

    Parameters
    ----------
    images : array-like, shape (samples, ..., height, width)
        A batch.
    size : int or tuple of two int
        Height and width of the window.
    padding : int, at least 0
        The border :math:`p`.
    fill : float
        The value of the border.
    rng : Generator or int, optional
        Where the places come from.

    Returns
    -------
    array, shape (samples, ..., size, size)

    Raises
    ------
    ArgumentError
        The window is larger than image and border.

    Examples
    --------
    >>> random_crop(np.zeros((5, 3, 32, 32)), 28, rng=0).shape
    (5, 3, 28, 28)
    """
    x, random = _images(images), generator(rng)
    border = positive("padding", padding, least=0)
    sides = size if isinstance(size, tuple) else (size, size)
    window = positive("size", sides[0]), positive("size", sides[-1])
    room = [have + 2 * border - want for have, want in zip(x.shape[-2:], window, strict=True)]
    if min(room) < 0:
        raise ArgumentError(
            f"a window of {window} is larger than images of {x.shape[-2:]} "
            f"with a border of {border}",
            fix=f"random_crop(images, {min(x.shape[-2:])})",
        )
    rows, columns = (random.integers(0, most + 1, len(x)) - border for most in room)
    return _picked(
        x, np.arange(window[0]) + rows[:, None], np.arange(window[1]) + columns[:, None], fill
    )


def random_flip(
    images: ArrayLike, *, axis: int = -1, chance: float = 0.5, rng: Rng = None
) -> Array:
    r"""Mirror some of the images.

    .. math:: z_{ij} = x_{i, w - 1 - j} \text{ with probability } p, \text{ else } x_{ij}

    Parameters
    ----------
    images : array-like, shape (samples, ..., height, width)
        A batch.
    axis : int
        -1 exchanges left and right, -2 top and bottom.
    chance : float, 0 to 1
        The probability :math:`p` for each image.
    rng : Generator or int, optional
        Where the choice comes from.

    Notes
    -----
    Digits and letters are not what they were in a mirror.

    Examples
    --------
    >>> random_flip([[[1, 2], [3, 4]]], chance=1).tolist()
    [[[2, 1], [4, 3]]]
    """
    x, random = _images(images), generator(rng)
    if axis not in (-1, -2):
        raise ArgumentError(
            f"axis={axis!r} is not an axis of a picture",
            why="-1 exchanges left and right, -2 top and bottom",
            fix="random_flip(images, axis=-1)",
        )
    if not 0 <= chance <= 1:
        raise ArgumentError(f"chance={chance!r} is not a probability", fix="chance=0.5")
    chosen = random.random(len(x)) < chance
    result = x.copy()
    result[chosen] = np.flip(x[chosen], axis)
    return result


def random_noise(
    images: ArrayLike,
    std: float = 0.1,
    *,
    clip: tuple[float, float] | None = None,
    rng: Rng = None,
) -> Array:
    r"""Add noise of the normal distribution to every number.

    .. math:: z = x + \sigma \varepsilon, \qquad \varepsilon \sim N(0, 1)

    Parameters
    ----------
    images : array-like of floats, shape (samples, ...)
        A batch, of images or anything else.
    std : float, at least 0
        The standard deviation :math:`\sigma`.
    clip : tuple of two floats, optional
        The bounds that no number shall leave, such as ``(0, 1)``.
    rng : Generator or int, optional
        Where the noise comes from.

    Examples
    --------
    >>> random_noise(np.zeros((1, 3)), 1.0, rng=0).round(2).tolist()
    [[0.13, -0.13, 0.64]]
    """
    x = np.asarray(images)
    if x.dtype.kind != "f":
        raise ArgumentError(
            f"noise is added to floating numbers, got {x.dtype}", fix="random_noise(images / 255)"
        )
    if not 0 <= std < np.inf:
        raise ArgumentError(f"std={std!r} is not a number of at least 0", fix="std=0.1")
    noisy = x + std * generator(rng).standard_normal(x.shape)
    return (noisy if clip is None else np.clip(noisy, *clip)).astype(x.dtype)


def random_rotate(
    images: ArrayLike, degrees: float = 15.0, *, fill: float = 0.0, rng: Rng = None
) -> Array:
    r"""Turn every image around its centre, and fill the corners that become free.

    .. math:: z(u) = x(R_\varphi^{-1} u), \qquad \varphi \sim U[-d, d)

    Parameters
    ----------
    images : array-like of floats, shape (samples, ..., height, width)
        A batch.
    degrees : float, at least 0
        The largest turn :math:`d` to either side.
    fill : float
        What lies outside of an image.
    rng : Generator or int, optional
        Where the angles come from.

    Notes
    -----
    Between pixels the four neighbours are mixed by distance (bilinear interpolation), so a turn by
    0 changes nothing.

    Examples
    --------
    >>> random_rotate(np.ones((2, 8, 8)), 10, rng=0)[:, 3:5, 3:5].round(6).tolist()
    [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]]
    """
    x = _images(images)
    if x.dtype.kind != "f":
        raise ArgumentError(
            f"a turned image mixes its pixels, so they are floats, got {x.dtype}",
            fix="random_rotate(images / 255)",
        )
    if not 0 <= degrees < np.inf:
        raise ArgumentError(f"degrees={degrees!r} is not an angle", fix="degrees=15")
    angles = np.deg2rad(generator(rng).uniform(-degrees, degrees, len(x)))
    return rotated(x, angles, fill)


def rotated(x: Array, angles: Array, fill: float) -> Array:
    """Return every image turned to the left by its own angle in radians; see `random_rotate`."""
    height, width = x.shape[-2:]
    i, j = np.meshgrid(
        np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2, indexing="ij"
    )
    cos, sin = np.cos(angles)[:, None, None], np.sin(angles)[:, None, None]
    # Where each pixel of the result comes from, shape (samples, height, width).
    row = cos * i + sin * j + (height - 1) / 2
    column = cos * j - sin * i + (width - 1) / 2
    top, left = np.floor(row), np.floor(column)
    down, right = row - top, column - left
    layers = x.reshape(len(x), math.prod(x.shape[1:-2]), height, width)
    result = np.zeros(layers.shape)
    for di, dj, weight in (
        (0, 0, (1 - down) * (1 - right)),
        (0, 1, (1 - down) * right),
        (1, 0, down * (1 - right)),
        (1, 1, down * right),
    ):
        a, b = (top + di).astype(int), (left + dj).astype(int)
        inside = (a >= 0) & (a < height) & (b >= 0) & (b < width)
        sample = np.arange(len(x))[:, None, None]
        taken = layers[sample, :, a.clip(0, height - 1), b.clip(0, width - 1)]
        taken = np.where(inside[..., None], taken, fill)
        result += weight[:, None] * np.moveaxis(taken, -1, 1)
    return result.reshape(x.shape).astype(x.dtype)


def _images(images: ArrayLike) -> Array:
    x = np.asarray(images)
    if x.ndim < 3:
        raise ShapeError(
            f"a batch of images has shape (samples, height, width), got {x.shape}",
            shapes=[x.shape],
            fix="images.reshape(-1, 28, 28)" if x.ndim == 2 else None,
        )
    return x


def _picked(x: Array, rows: Array, columns: Array, fill: float) -> Array:
    """The pixels at each image's own rows and columns, both of shape (samples, size)."""
    height, width = x.shape[-2:]
    layers = x.reshape(len(x), math.prod(x.shape[1:-2]), height, width)
    sample = np.arange(len(x))[:, None, None]
    a, b = rows[:, :, None], columns[:, None, :]
    inside = (a >= 0) & (a < height) & (b >= 0) & (b < width)
    taken = layers[sample, :, a.clip(0, height - 1), b.clip(0, width - 1)]
    taken = np.where(inside[..., None], taken, np.asarray(fill, x.dtype))
    return np.moveaxis(taken, -1, 1).reshape(*x.shape[:-2], *inside.shape[1:])
