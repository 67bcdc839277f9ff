"""The mean of each window, and its transpose; along one axis after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import errors
from ...autodiff.operation import operation
from ...autodiff.tensor import Tensor
from ...types import Array, Operand, Shape
from .geometry import Windows, along, longer, per_axis, pool_windows

__all__ = ["average"]


def _shares(frame: Windows, a: int, padding: int, padded: bool) -> Array:
    """One number's part of the mean, for each window along an axis."""
    size, kernel = frame.size[a], frame.kernel[a]
    starts = np.arange(frame.counts[a]) * frame.stride[a] - padding
    low, high = (-padding, size + padding) if padded else (0, size)
    counts = np.minimum(starts + kernel, high) - np.maximum(starts, low)
    return np.asarray(1.0 / counts)


def _scaled(out: Array, frame: Windows, padded: bool, divisor: int | None) -> Array:
    """Sums of windows divided by how many numbers they have, or by the divisor, in place."""
    if divisor is not None:
        return np.divide(out, out.dtype.type(_whole(divisor, len(frame.size))), out)
    for a, padding in enumerate(frame.before):
        share = _shares(frame, a, padding, padded).astype(out.dtype)
        alike = not share.size or bool((share == share[0]).all())
        after = len(frame.size) - a - 1
        out *= share[:1] if alike else share.reshape(-1, *(1,) * after)
    return out


def _whole(divisor: Any, axes: int) -> int:
    (divisor,) = per_axis(f"avg_pool{axes}d", "divisor_override", divisor, 1, 1)
    return divisor


def _average(
    x: Array,
    *,
    kernel: Any = (2,),
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor: int | None = None,
) -> Array:
    frame = pool_windows("avg_pool", x.shape, kernel, stride, padding, 1, ceil_mode)
    if x.dtype.kind not in "fc":
        x = x.astype(float)
    for a, count in enumerate(frame.counts):
        out = np.zeros_like(x, shape=longer(x, frame, a, count))
        for windows, places in frame.taps(a):
            inside = along(out, frame, a, windows)
            inside += along(x, frame, a, places)
        x = out
    return _scaled(x, frame, count_include_pad, divisor)


def _spread(
    g: Array,
    *,
    size: Any = (2,),
    kernel: Any = (2,),
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor: int | None = None,
) -> Array:
    axes = len(kernel) if isinstance(kernel, (tuple, list)) else 1
    size = per_axis(f"avg_pool{axes}d", "size", size, axes, 0)
    leading = g.shape[: max(g.ndim - axes, 0)]
    frame = pool_windows("avg_pool", (*leading, *size), kernel, stride, padding, 1, ceil_mode)
    if g.shape != (*leading, *frame.counts):
        raise errors.ShapeError(
            f"`avg_pool{axes}d`: on {size} there are windows {frame.counts}, got {g.shape}",
            code="TG-S05",
            shapes=(g.shape,),
            op=f"avg_pool{axes}d",
            why="there is one number for each window",
            fix=f"g.reshape(-1, *{frame.counts})",
        )
    g = _scaled(np.array(g, copy=True, order="K"), frame, count_include_pad, divisor)
    for a, length in enumerate(frame.size):
        out = np.zeros_like(g, shape=longer(g, frame, a, length))
        for windows, places in frame.taps(a):
            inside = along(out, frame, a, places)
            inside += along(g, frame, a, windows)
        g = out
    return g


_FORMS: tuple[tuple[Shape, dict[str, Any]], ...] = (
    ((2, 1, 4, 2), {"kernel": (2, 2)}),
    ((3, 4), {"kernel": (2, 3), "stride": (1, 1), "padding": (0, 1)}),
    ((1, 5, 4), {"kernel": (3, 2), "stride": 2, "padding": 1, "ceil_mode": True}),
    ((5, 4), {"kernel": (3, 2), "stride": 2, "padding": 1, "count_include_pad": False}),
    ((2, 5), {"kernel": (2,), "stride": 3, "padding": 1, "ceil_mode": True}),
    ((2, 5), {"kernel": (3,), "ceil_mode": True, "count_include_pad": False}),
    ((1, 3, 4), {"kernel": (2, 3), "padding": 1, "ceil_mode": True, "divisor": 5}),
    ((1, 1, 1), {"kernel": (1, 1)}),
)


def _samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape, settings = _FORMS[int(rng.integers(len(_FORMS)))]
    return (rng.normal(size=shape),), settings


def _spread_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    (x,), settings = _samples(rng)
    counts = _average(x, **settings).shape
    size = x.shape[-len(settings["kernel"]) :]
    return (rng.normal(size=counts),), {"size": size, **settings}


@operation(
    _average,
    rule=lambda g, out, x, kernel, **frame: spread(
        g, size=x.shape[-len(kernel) :], kernel=kernel, **frame
    ),
    samples=_samples,
)
def average(
    x: Operand,
    /,
    *,
    kernel: Shape = (2,),
    stride: int | Shape | None = None,
    padding: int | Shape = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor: int | None = None,
) -> Tensor:
    r"""Mean of each window along the last axes.

    .. math:: z_i = \frac{1}{n_i} \sum_k x_{si + k - p}, \qquad
              \bar x_j = \sum_{si + k - p = j} \frac{\bar z_i}{n_i}

    Parameters
    ----------
    x : array_like, shape (..., *size)
        As many axes at the end as ``kernel`` has numbers.
    kernel : tuple of int
        The window.
    stride : int or tuple of int, optional
        Steps ``s`` between windows; by default they touch.
    padding : int or tuple of int
        Zeros ``p`` at each end.
    ceil_mode : bool
        Also windows of which a part is outside.
    count_include_pad : bool
        Whether the number ``n_i`` by which a window divides counts zeros of the padding.
    divisor : int, optional
        Every ``n_i``, whatever a window has.

    Notes
    -----
    A primitive for speed: it sums along one axis after the other, and keeps nothing.
    Source: Dumoulin and Visin 2016, chapter 3.

    Examples
    --------
    >>> average([1.0, 3.0, 2.0, 5.0])
    array([2. , 3.5])
    """


@operation(
    _spread,
    rule=lambda u, out, g, size, **frame: average(u, **frame),
    samples=_spread_samples,
)
def spread(
    g: Operand,
    /,
    *,
    size: Shape = (2,),
    kernel: Shape = (2,),
    stride: int | Shape | None = None,
    padding: int | Shape = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor: int | None = None,
) -> Tensor:
    r"""A number for each window, shared equally among the window's places, and summed.

    .. math:: z_j = \sum_{si + k - p = j} \frac{g_i}{n_i}, \qquad
              \bar g_i = \frac{1}{n_i} \sum_k \bar z_{si + k - p}

    Parameters
    ----------
    g : array_like, shape (..., *counts)
        What is shared.
    size : tuple of int
        Of the result.
    kernel, stride, padding, ceil_mode, count_include_pad, divisor
        As for ``average``.

    Notes
    -----
    The transpose of ``average``, and a primitive for the same reason.
    Source: Dumoulin and Visin 2016, chapter 4.

    Examples
    --------
    >>> spread([2.0, 4.0], size=(4,))
    array([1., 1., 2., 2.])
    """
