"""Where windows stand on an array, and what to say when they do not fit.

Window ``i`` reads with its tap ``k`` the place ``stride * i + dilation * k - padding`` of an axis;
places outside the array are padding. Everything in this family follows from that line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ... import errors
from ...arrays import numbers
from ...types import Array, Shape

__all__ = [
    "Padding",
    "Windows",
    "along",
    "fold_unit_axis",
    "longer",
    "per_axis",
    "pool_windows",
    "shape_of",
    "sizes_of",
    "windows_on",
    "wrong_axes",
]

# What a user may write: "same", "valid", a number, or one for each axis.
Padding = str | int | Sequence[int]
_AXES = ("L", "H", "W")


class Windows(NamedTuple):
    """Windows of one shape at regular places; each field has one number an axis.

    Attributes
    ----------
    size : tuple of int
        Of the array that they stand on.
    kernel : tuple of int
        How many places one window reads.
    stride, dilation : tuple of int
        Steps from window to window, and from place to place inside a window.
    before : tuple of int
        Padding in front of the array.
    counts : tuple of int
        How many windows there are: the size of the result.
    """

    size: Shape
    kernel: Shape
    stride: Shape
    dilation: Shape
    before: Shape
    counts: Shape

    @property
    def span(self) -> Shape:
        """How much of the padded array the windows cover."""
        rows = zip(self.counts, self.stride, self.dilation, self.kernel, strict=True)
        return tuple([(n - 1) * s + d * (k - 1) + 1 if n else 0 for n, s, d, k in rows])

    @property
    def tile(self) -> bool:
        """Whether every place of the array is read once."""
        once = self.stride == self.kernel and set(self.dilation) == {1}
        return once and self.span == self.size and not any(self.before)

    def taps(self, axis: int) -> list[tuple[slice, slice]]:
        """For each tap: which windows read inside the array with it, and the places they read."""
        size, stride, before = self.size[axis], self.stride[axis], self.before[axis]
        found = []
        for k in range(self.kernel[axis]):
            start = k * self.dilation[axis] - before
            first = max(0, -(start // stride))
            last = min(self.counts[axis], (size - 1 - start) // stride + 1)
            if first < last:
                end = start + (last - 1) * stride + 1
                found.append((slice(first, last), slice(start + first * stride, end, stride)))
            else:
                found.append((slice(0, 0), slice(0, 0)))
        return found


def shape_of(x: Any) -> Shape:
    """Return the shape of an operand, Tensor or not."""
    return numbers(getattr(x, "_data", x)).shape


def per_axis(name: str, what: str, value: Any, axes: int, least: int) -> Shape:
    """Return a setting as one whole number for each axis, each at least ``least``."""
    given = tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes
    whole = [isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in given]
    if len(given) != axes or not all(whole) or min(given, default=least) < least:
        example = max(least, 1)
        raise errors.ArgumentError(
            f"`{name}`: {what} is a whole number of at least {least}"
            f"{', or one for each of two axes' if axes == 2 else ''}, got {value!r:.60}",
            op=name,
            why="windows stand at whole places of the array",
            fix=f"{what}={example}" + (f"   # or ({example}, {example})" if axes == 2 else ""),
        )
    return tuple([int(n) for n in given])


def windows_on(
    name: str,
    size: Shape,
    kernel: Any,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Windows:
    """Return the windows on an array of this size, or raise an error that says why none fit."""
    axes = len(size)
    kernel = per_axis(name, "kernel_size", kernel, axes, 1)
    stride = per_axis(name, "stride", stride, axes, 1)
    dilation = per_axis(name, "dilation", dilation, axes, 1)
    before, total = _padding(name, padding, kernel, stride, dilation)
    count = []
    for a in range(axes):
        free = size[a] + total[a] - dilation[a] * (kernel[a] - 1) - 1
        if free < 0:
            raise _kernel_too_large(name, size, kernel, padding, dilation)
        n = (-(-free // stride[a]) if ceil_mode else free // stride[a]) + 1
        if ceil_mode and (n - 1) * stride[a] >= size[a] + before[a]:
            n -= 1  # the last window would read padding only
        count.append(n)
    return Windows(size, kernel, stride, dilation, before, tuple(count))


def _padding(
    name: str, padding: Any, kernel: Shape, stride: Shape, dilation: Shape
) -> tuple[Shape, Shape]:
    """Return the padding in front, and that of both ends together."""
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise errors.ArgumentError(
                f"`{name}`: padding is a whole number, 'same' or 'valid', got {padding!r:.60}",
                op=name,
                fix='padding="same"',
            )
        if padding == "same" and set(stride) != {1}:
            raise errors.ArgumentError(
                f"`{name}`: padding='same' needs stride 1, got {stride}",
                op=name,
                why="with larger steps the result is smaller whatever the padding",
                fix=f"padding={tuple([k // 2 for k in kernel])}   # with stride={stride}",
            )
        same = padding == "same"
        total = tuple([d * (k - 1) * same for d, k in zip(dilation, kernel, strict=True)])
        return tuple([n // 2 for n in total]), total
    before = per_axis(name, "padding", padding, len(kernel), 0)
    return before, tuple([2 * n for n in before])


def _kernel_too_large(
    name: str, size: Shape, kernel: Shape, padding: Any, dilation: Shape
) -> errors.ShapeError:
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    needed = max([-(-max(r - n, 0) // 2) for r, n in zip(reach, size, strict=True)])
    spread = f", {tuple(reach)} with dilation {dilation}" if reach != list(kernel) else ""
    return errors.ShapeError(
        f"`{name}`: kernel {kernel}{spread} is larger than the array {size} "
        f"with padding {padding!r}",
        code="TG-S06",
        shapes=(size, kernel),
        op=name,
        why="a window has to fit into the padded array at least once",
        fix=f"padding={needed}   # or a smaller kernel",
    )


def sizes_of(name: str, x: Shape, axes: int) -> Shape:
    """Return the sizes of the last axes, of an array that has a channel axis before them."""
    if len(x) not in (axes + 1, axes + 2):
        raise wrong_axes(name, x, axes)
    return x[-axes:]


def wrong_axes(name: str, x: Shape, axes: int, single: bool = True) -> errors.ShapeError:
    """Return the error for an array that has too few or too many axes."""
    layout = "(batch, channels, length)" if axes == 1 else "(batch, channels, height, width)"
    missing = axes + 1 + (not single) - len(x)
    return errors.ShapeError(
        f"`{name}`: x has shape {x}, expected {layout}" + ", or without the batch" * single,
        code="TG-S05",
        shapes=(x,),
        op=name,
        why="windows move along the last axes, the one before them holds the channels",
        fix=f"x[{'None, ' * missing}...]   # axes of length one in front"
        if missing > 0
        else f"x.reshape(-1, *x.shape[-{axes + 1}:])   # one batch axis",
    )


def pool_windows(
    name: str, x: Shape, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any
) -> Windows:
    """The windows on the last axes, one for each number in ``kernel``."""
    axes = len(kernel) if isinstance(kernel, (tuple, list)) else 1
    name = f"{name}{axes}d"
    if not 1 <= axes <= len(x):
        raise errors.ShapeError(
            f"`{name}`: x has shape {x}, and windows {kernel} move along {axes} axes",
            code="TG-S05",
            shapes=(x,),
            op=name,
            why="windows move along the last axes",
            fix="x[None, ...]   # an axis of length one in front",
        )
    kernel = per_axis(name, "kernel_size", kernel, axes, 1)
    padding = per_axis(name, "padding", padding, axes, 0)
    dilation = per_axis(name, "dilation", dilation, axes, 1)
    half = [(d * (k - 1) + 1) // 2 for d, k in zip(dilation, kernel, strict=True)]
    if any(p > h for p, h in zip(padding, half, strict=True)):
        raise errors.ArgumentError(
            f"`{name}`: padding {padding} is more than half of a window, kernel {kernel}",
            op=name,
            why="the first window would read padding only",
            fix=f"padding={min(half)}",
        )
    stride = kernel if stride is None else stride
    rest = {"stride": stride, "padding": padding, "dilation": dilation}
    return windows_on(name, x[len(x) - axes :], kernel, **rest, ceil_mode=bool(ceil_mode))


def along(array: Array, frame: Windows, a: int, part: slice) -> Array:
    """A part of the axis that windows move along as their ``a``-th."""
    axis = array.ndim - len(frame.size) + a
    return array[(slice(None),) * axis + (part,)]


def longer(x: Array, frame: Windows, a: int, length: int) -> Shape:
    axis = x.ndim - len(frame.size) + a
    return (*x.shape[:axis], length, *x.shape[axis + 1 :])


def fold_unit_axis(x: Array, frame: Windows) -> tuple[Array, Windows]:
    """Return an array with one spatial axis, and its windows, with a second one of length one.

    It comes last, so that long signals can be copied in parts like the rows of an image.
    """
    if len(frame.size) == 2:
        return x, frame
    ones, none = (1,), (0,)
    units = (ones, ones, ones, ones, none, ones)
    both = [(*field, *unit) for unit, field in zip(units, frame, strict=True)]
    return x[..., None], Windows(*both)
