"""The largest number of each window, and the way back to where it stood."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from operator import le
from typing import Any

import numpy as np

from ... import errors
from ...autodiff.operation import operation
from ...autodiff.tensor import Tensor
from ...domain import Kink
from ...types import Array, Operand, Shape
from .geometry import Windows, along, longer, pool_windows

__all__ = ["largest"]

Place = tuple[slice | Any, ...]


def _lowest(dtype: Any) -> Any:
    if dtype.kind in "iu":
        return np.iinfo(dtype).min
    return False if dtype.kind == "b" else -np.inf


def _largest(
    x: Array,
    *,
    kernel: Any = (2,),
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Array:
    frame = pool_windows("max_pool", x.shape, kernel, stride, padding, dilation, ceil_mode)
    for a, count in enumerate(frame.counts):  # rows first, whole ones: their memory is one run
        taps = frame.taps(a)
        parts = [along(x, frame, a, places) for _, places in taps]
        if all(windows == slice(0, count) for windows, _ in taps):
            out = np.maximum(parts[0], parts[-1])
            for part in parts[1:-1]:
                np.maximum(out, part, out=out)
        else:  # some windows reach into the padding
            out = np.full_like(x, _lowest(x.dtype), shape=longer(x, frame, a, count))
            for (windows, _), part in zip(taps, parts, strict=True):
                inside = along(out, frame, a, windows)
                np.maximum(inside, part, out=inside)
        x = out
    return x


def _places(frame: Windows) -> Iterator[tuple[Place, Place]]:
    """For each tap, in reading order: which windows read with it, and which places."""
    taps = [frame.taps(a) for a in range(len(frame.size))]
    for choice in itertools.product(*taps):
        windows, places = zip(*choice, strict=True)
        yield (..., *windows), (..., *places)


def _chosen(x: Array, peaks: Array, frame: Windows) -> Iterator[tuple[Place, Place, Array]]:
    """For each tap the windows and places, and at which of them the first maximum stands."""
    free = np.ones_like(peaks, dtype=bool)
    *before, (windows, places) = _places(frame)
    for some, read in before:
        here = x[read] == peaks[some]
        left = free[some]
        here &= left
        left ^= here  # a view, so this takes them out of ``free``
        yield some, read, here
    # What is left stands at the last tap, unless that may be in the padding.
    inside = not any(frame.before) and all(map(le, frame.span, frame.size))
    last = free if inside else free[windows] & (x[places] == peaks[windows])
    yield windows, places, last


def _check_peaks(name: str, x: Array, frame: Windows, *given: Array) -> None:
    expected = (*x.shape[: x.ndim - len(frame.size)], *frame.counts)
    for array in given:
        if array.shape != expected:
            raise errors.ShapeError(
                f"`{name}`: for x {x.shape} there are windows {expected}, got {array.shape}",
                code="TG-S05",
                shapes=(x.shape, array.shape),
                op=name,
                why="there is one number for each window",
                fix="peaks = tg.max_pool2d(x, kernel_size)",
            )


def _to_largest(
    g: Array,
    x: Array,
    peaks: Array,
    *,
    kernel: Any = (2,),
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Array:
    frame = pool_windows("max_pool", x.shape, kernel, stride, padding, dilation, ceil_mode)
    _check_peaks("max_pool", x, frame, g, peaks)
    if g.strides != peaks.strides:  # else each of the passes below would jump about in memory
        g, other = np.empty_like(peaks, dtype=g.dtype), g
        g[...] = other
    out = np.empty_like(x, dtype=g.dtype) if frame.tile else np.zeros_like(x, dtype=g.dtype)
    for windows, places, here in _chosen(x, peaks, frame):
        if frame.tile:
            np.multiply(g[windows], here, out=out[places])
        else:
            out[places] += g[windows] * here
    return out


def _of_largest(
    values: Array,
    x: Array,
    peaks: Array,
    *,
    kernel: Any = (2,),
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Array:
    frame = pool_windows("max_pool", x.shape, kernel, stride, padding, dilation, ceil_mode)
    _check_peaks("max_pool", x, frame, peaks)
    if values.shape != x.shape:
        raise _check_same(values, x)
    out = np.zeros_like(peaks, dtype=values.dtype)
    for windows, places, here in _chosen(x, peaks, frame):
        np.copyto(out[windows], values[places], where=here)
    return out


def _check_same(values: Array, x: Array) -> errors.ShapeError:
    return errors.ShapeError(
        f"`max_pool`: values {values.shape} and x {x.shape} differ in shape",
        code="TG-S05",
        shapes=(values.shape, x.shape),
        op="max_pool",
        why="each value stands at a place of x",
        fix=f"values.reshape({x.shape})",
    )


# Shapes and settings that between them reach all there is.
_FORMS: tuple[tuple[Shape, dict[str, Any]], ...] = (
    ((2, 1, 4, 2), {"kernel": (2, 2)}),
    ((1, 1, 3, 4), {"kernel": (2, 3), "stride": (1, 1)}),
    ((1, 5, 4), {"kernel": (3, 2), "stride": 2, "padding": 1, "ceil_mode": True}),
    ((4,), {"kernel": (2,)}),
    ((2, 5), {"kernel": (2,), "stride": 3, "padding": (1,)}),
    ((2, 5), {"kernel": (3,), "ceil_mode": True}),
    ((1, 1, 1), {"kernel": (1, 1)}),
)


def _samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    dilated = ((1, 6), {"kernel": (3,), "stride": 1, "dilation": 2})
    shape, settings = (*_FORMS, dilated)[int(rng.integers(len(_FORMS) + 1))]
    return (rng.normal(size=shape),), settings


def _choosing_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    (x,), settings = _samples(rng)
    peaks = _largest(x, **settings)
    return (rng.normal(size=peaks.shape), x, peaks), settings


def _reading_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    (x,), settings = _samples(rng)
    return (rng.normal(size=x.shape), x, _largest(x, **settings)), settings


@operation(
    _largest,
    rule=lambda g, out, x, **frame: to_largest(g, x, out, **frame),
    samples=_samples,
    kinks=Kink(
        "several places of a window tie",
        "all to the first of them",
        "one place is chosen, as the name says, and the first is what other libraries choose",
        at=([2.0, 2.0, 1.0, 1.0],),
        gives=([1.0, 0.0, 1.0, 0.0],),
        torch=([1.0, 0.0, 1.0, 0.0],),
        jax=([1.0, 0.0, 1.0, 0.0],),
    ),
)
def largest(
    x: Operand,
    /,
    *,
    kernel: Shape = (2,),
    stride: int | Shape | None = None,
    padding: int | Shape = 0,
    dilation: int | Shape = 1,
    ceil_mode: bool = False,
) -> Tensor:
    r"""Largest number of each window along the last axes.

    .. math:: z_i = \max_k x_{si + dk - p}, \qquad
              \bar x_j = \sum_i \bar z_i\,[j = \text{the first place of window } i
              \text{ where } x_j = z_i]

    Parameters
    ----------
    x : array_like, shape (..., *size)
        As many axes at the end as ``kernel`` has numbers.
    kernel : tuple of int
        The window.
    stride : int or tuple of int, optional
        Steps ``s`` between windows; by default they touch.
    padding, dilation : int or tuple of int
        Places ``p`` at each end that are never the largest; steps ``d`` inside a window.
    ceil_mode : bool
        Also windows of which a part is outside.

    Notes
    -----
    A primitive for speed: nothing is kept, the place of the maximum is found again in backward.
    Source: Dumoulin and Visin 2016, chapter 3.

    Examples
    --------
    >>> largest([1.0, 3.0, 2.0, 5.0])
    array([3., 5.])
    """


@operation(
    _to_largest,
    rule=(lambda u, out, g, x, peaks, **frame: of_largest(u, x, peaks, **frame), None, None),
    samples=_choosing_samples,
)
def to_largest(
    g: Operand,
    x: Operand,
    peaks: Operand,
    /,
    *,
    kernel: Shape = (2,),
    stride: int | Shape | None = None,
    padding: int | Shape = 0,
    dilation: int | Shape = 1,
    ceil_mode: bool = False,
) -> Tensor:
    r"""A number for each window, put where the window's first maximum stands, and summed.

    .. math:: z_j = \sum_i g_i\,[j = j(i)], \qquad \bar g_i = \bar z_{j(i)}

    Parameters
    ----------
    g : array_like, shape (..., *counts)
        What is put there.
    x : array_like, shape (..., *size)
        Where the maxima are looked for.
    peaks : array_like, shape (..., *counts)
        The maxima, ``largest(x)``.
    kernel, stride, padding, dilation, ceil_mode
        As for ``largest``.

    Notes
    -----
    The gradient of ``largest``, and a primitive for the same reason.
    Source: Zeiler and Fergus 2014, section 2.1.

    Examples
    --------
    >>> to_largest([7.0, 8.0], [1.0, 3.0, 5.0, 2.0], [3.0, 5.0])
    array([0., 7., 8., 0.])
    """


@operation(
    _of_largest,
    rule=(lambda g, out, values, x, peaks, **frame: to_largest(g, x, peaks, **frame), None, None),
    samples=_reading_samples,
)
def of_largest(
    values: Operand,
    x: Operand,
    peaks: Operand,
    /,
    *,
    kernel: Shape = (2,),
    stride: int | Shape | None = None,
    padding: int | Shape = 0,
    dilation: int | Shape = 1,
    ceil_mode: bool = False,
) -> Tensor:
    r"""Values from where the first maximum of each window stands in another array.

    .. math:: z_i = v_{j(i)}, \qquad \bar v_j = \sum_i \bar z_i\,[j = j(i)]

    Parameters
    ----------
    values : array_like, shape (..., *size)
        What is read.
    x, peaks, kernel, stride, padding, dilation, ceil_mode
        As for ``to_largest``.

    Notes
    -----
    The transpose of ``to_largest``, so that ``largest`` has derivatives of every order.
    Source: Zeiler and Fergus 2014, section 2.1.

    Examples
    --------
    >>> of_largest([4.0, 3.0, 2.0, 1.0], [1.0, 3.0, 5.0, 2.0], [3.0, 5.0])
    array([3., 2.])
    """
