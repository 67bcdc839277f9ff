"""Transforms of images that leave nothing to chance.  Floor 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ArgumentError, ShapeError
from ..types import Array

__all__ = ["center_crop", "channels_first", "pad", "to_range"]


def to_range(
    images: ArrayLike,
    low: float = -1.0,
    high: float = 1.0,
    *,
    given: tuple[float, float] = (0.0, 1.0),
) -> Array:
    r"""Bring numbers of one range to another, such as that of a generator that ends in tanh.

    .. math:: z = a + (b - a) \frac{x - c}{d - c}

    Parameters
    ----------
    images : array-like
        Numbers between the bounds of ``given``.
    low, high : float
        The bounds :math:`a` and :math:`b` of the result.
    given : tuple of two floats
        The bounds :math:`c` and :math:`d` of the input; ``(0, 255)`` for bytes.

    Raises
    ------
    ArgumentError
        A number lies outside of ``given``.

    Examples
    --------
    >>> to_range([0, 255, 51], given=(0, 255)).tolist()
    [-1.0, 1.0, -0.6]
    """
    x, (c, d) = np.asarray(images), given
    if not c < d:
        raise ArgumentError(
            f"given={given!r} is not a lower and an upper bound", fix="given=(0, 255)"
        )
    if x.size and not (x.min() >= c and x.max() <= d):
        raise ArgumentError(
            f"the numbers range from {x.min()} to {x.max()}, not from {c} to {d}",
            why="outside of its range, a value would leave that of the result too",
            fix="to_range(images, given=(0, 255))" if 0 <= x.min() <= x.max() <= 255 else None,
        )
    floating = x.dtype if x.dtype.kind == "f" else np.float64
    return (low + (high - low) * ((x.astype(floating) - c) / (d - c))).astype(floating)


def channels_first(images: ArrayLike) -> Array:
    """Return images of shape (samples, height, width, channels) with the channels second.

    Parameters
    ----------
    images : array-like, shape (samples, height, width) or (samples, height, width, channels)
        As most files and plots have them; grey images get their one channel.

    Returns
    -------
    array, shape (samples, channels, height, width)
        As convolutions take them.

    Examples
    --------
    >>> channels_first(np.zeros((5, 28, 28))).shape, channels_first(np.zeros((5, 8, 9, 3))).shape
    ((5, 1, 28, 28), (5, 3, 8, 9))
    """
    x = np.asarray(images)
    if x.ndim not in (3, 4):
        raise ShapeError(
            f"images have shape (samples, height, width) or (samples, height, width, channels), "
            f"got {x.shape}",
            shapes=[x.shape],
            fix="images.reshape(-1, 28, 28)",
        )
    return np.ascontiguousarray(x[:, None] if x.ndim == 3 else np.moveaxis(x, -1, 1))


def pad(images: ArrayLike, width: int = 2, *, fill: float = 0.0) -> Array:
    """Return images with a border on all four sides, shape (..., height + 2 w, width + 2 w).

    Parameters
    ----------
    images : array-like, shape (..., height, width)
        One or many.
    width : int, at least 0
        Of the border, in pixels.
    fill : float
        Its value.

    Examples
    --------
    >>> pad([[5]], 1).tolist()
    [[0, 0, 0], [0, 5, 0], [0, 0, 0]]
    """
    x = _pictures(images)
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(width, width)] * 2, constant_values=fill)


def center_crop(images: ArrayLike, size: int) -> Array:
    """Return the middle of images, shape (..., size, size).

    Parameters
    ----------
    images : array-like, shape (..., height, width)
        One or many; if a border is odd, the lower or right one is the wider.
    size : int
        Height and width of what is kept.

    Examples
    --------
    >>> center_crop(np.arange(9).reshape(3, 3), 1).tolist()
    [[4]]
    """
    x = _pictures(images)
    height, width = x.shape[-2:]
    if not 0 < size <= min(height, width):
        raise ArgumentError(
            f"a window of {size} by {size} does not lie in images of {height} by {width}",
            fix=f"center_crop(images, {min(height, width)})",
        )
    top, left = (height - size) // 2, (width - size) // 2
    return x[..., top : top + size, left : left + size].copy()


def _pictures(images: ArrayLike) -> Array:
    x = np.asarray(images)
    if x.ndim < 2:
        raise ShapeError(
            f"an image has a height and a width, got shape {x.shape}",
            shapes=[x.shape],
            fix="image.reshape(28, 28)",
        )
    return x
