"""All windows of an array side by side, and their sum back in place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import errors
from ...autodiff.operation import operation
from ...autodiff.tensor import Tensor
from ...types import Array, Operand, Shape
from .geometry import Windows, per_axis, sizes_of, windows_on

__all__ = ["fold", "unfold"]


def _frame(
    name: str, size: Shape, kernel: Any, dilation: Any, padding: Any, stride: Any
) -> Windows:
    rest = {"stride": stride, "padding": padding, "dilation": dilation}
    return windows_on(name, size, per_axis(name, "kernel_size", kernel, 2, 1), **rest)


def _unfold(
    x: Array, kernel_size: Any, *, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Array:
    size = sizes_of("unfold", x.shape, 2)
    frame = _frame("unfold", size, kernel_size, dilation, padding, stride)
    out = np.zeros((*x.shape[:-2], *frame.kernel, *frame.counts), x.dtype)
    for i, (rows, high) in enumerate(frame.taps(0)):
        for j, (columns, wide) in enumerate(frame.taps(1)):
            out[..., i, j, rows, columns] = x[..., high, wide]
    patch = x.shape[-3] * math.prod(frame.kernel)
    return out.reshape(*x.shape[:-3], patch, math.prod(frame.counts))


def _fold(
    x: Array,
    output_size: Any,
    kernel_size: Any,
    *,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Array:
    size = per_axis("fold", "output_size", output_size, 2, 0)
    frame = _frame("fold", size, kernel_size, dilation, padding, stride)
    patch, places = math.prod(frame.kernel), math.prod(frame.counts)
    if x.ndim not in (2, 3) or x.shape[-2] % patch or x.shape[-1] != places:
        raise errors.ShapeError(
            f"`fold`: x has shape {x.shape}, expected (batch, channels * {patch}, {places})",
            code="TG-S05",
            shapes=(x.shape,),
            op="fold",
            why=f"on {size} there are {places} windows of {patch} places",
            fix=f"x = np.zeros((1, {patch}, {places}))   # for one channel",
        )
    channels = x.shape[-2] // patch
    parts = x.reshape(*x.shape[:-2], channels, *frame.kernel, *frame.counts)
    out = np.zeros((*x.shape[:-2], channels, *size), x.dtype)
    for i, (rows, high) in enumerate(frame.taps(0)):
        for j, (columns, wide) in enumerate(frame.taps(1)):
            out[..., high, wide] += parts[..., i, j, rows, columns]
    return out


_FORMS: tuple[tuple[Shape, dict[str, Any]], ...] = (
    ((2, 2, 3, 3), {"kernel_size": 2}),
    ((1, 4, 3), {"kernel_size": (3, 2), "stride": 2}),
    ((1, 1, 2, 3), {"kernel_size": (2, 3), "padding": (1, 1), "stride": (1, 2)}),
    ((1, 3, 5), {"kernel_size": (2, 2), "dilation": (2, 2)}),
    ((1, 1, 1), {"kernel_size": 1}),
)


def _unfold_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape, settings = _FORMS[int(rng.integers(len(_FORMS)))]
    return (rng.normal(size=shape),), settings


def _fold_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    (image,), settings = _unfold_samples(rng)
    shape = _unfold(image, **settings).shape
    return (rng.normal(size=shape),), {"output_size": image.shape[-2:], **settings}


@operation(
    _unfold,
    rule=lambda g, out, x, **frame: fold(g, x.shape[-2:], **frame),
    samples=_unfold_samples,
)
def unfold(
    x: Operand,
    /,
    kernel_size: int | Shape,
    dilation: int | Shape = 1,
    padding: int | Shape = 0,
    stride: int | Shape = 1,
) -> Tensor:
    r"""All windows of images, each as a column.

    .. math:: z_{n,ck,i} = x_{n,c,\,si + dk - p}, \qquad
              \bar x_{ncj} = \sum_{si + dk - p = j} \bar z_{n,ck,i}

    Parameters
    ----------
    x : array_like, shape (batch, channels, height, width) or (channels, height, width)
        Images.
    kernel_size : int or pair of int
        The window.
    dilation, padding, stride : int or pair of int
        Steps ``d`` inside a window, zeros ``p`` at each end, steps ``s`` between windows.

    Returns
    -------
    Tensor
        Shape (batch, channels * places in a window, windows).

    Raises
    ------
    ShapeError
        When no window fits.

    Notes
    -----
    A primitive for memory: the columns are as many times larger than the images as a window has
    places, and a composition would keep them several times over. A convolution is a matrix
    product with them. Source: Chellapilla, Puri and Simard 2006, section 3.1.

    Examples
    --------
    >>> unfold(np.arange(6.0).reshape(1, 2, 3), (2, 2))
    array([[0., 1.],
           [1., 2.],
           [3., 4.],
           [4., 5.]])
    """


@operation(
    _fold,
    rule=lambda g, out, x, output_size, **frame: unfold(g, **frame),
    samples=_fold_samples,
)
def fold(
    x: Operand,
    /,
    output_size: int | Shape,
    kernel_size: int | Shape,
    dilation: int | Shape = 1,
    padding: int | Shape = 0,
    stride: int | Shape = 1,
) -> Tensor:
    r"""Images out of columns, one a window, summed where windows overlap.

    .. math:: z_{ncj} = \sum_{si + dk - p = j} x_{n,ck,i}, \qquad
              \bar x_{n,ck,i} = \bar z_{n,c,\,si + dk - p}

    Parameters
    ----------
    x : array_like, shape (batch, channels * places in a window, windows)
        Columns; the batch may be left out.
    output_size : int or pair of int
        Height and width of the images.
    kernel_size, dilation, padding, stride : int or pair of int
        As for ``unfold``.

    Returns
    -------
    Tensor
        Shape (batch, channels, height, width).

    Raises
    ------
    ShapeError
        When there are not as many windows on such an image.

    Notes
    -----
    The transpose of ``unfold``, not its inverse, and a primitive for the same reason.
    Source: Chellapilla, Puri and Simard 2006, section 3.1.

    Examples
    --------
    >>> fold(np.ones((4, 2)), (2, 3), 2)
    array([[[1., 2., 1.],
            [1., 2., 1.]]])
    """
