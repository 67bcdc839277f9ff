"""Arrays with a margin."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..arrays import numbers
from ..autodiff.tensor import Tensor
from ..mode import is_grad_enabled
from ..types import Operand
from .axes import held
from .indexing import getitem, put, scatter_add

__all__ = ["pad"]

_numbered: Any = np.pad  # its stub does not know a mode that is not a literal
_MIRRORS = ("edge", "reflect", "symmetric", "wrap")


def pad(
    x: Operand, pad_width: Any, /, mode: str = "constant", *, constant_values: Any = 0
) -> Tensor:
    r"""With a margin of constants, or of the array's own elements.

    .. math:: z_k = x_{i(k)} \text{ or a constant}, \qquad
              \bar x_j = \sum_{k:\, i(k) = j} \bar z_k

    Parameters
    ----------
    x : array_like
        Any shape.
    pad_width : int, (before, after), or one such pair for each axis
        How many elements to add, at least 0.
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}
        A constant; the last element; mirrored at the last element, or beside it; from the other
        end.
    constant_values : number, (before, after), or one such pair for each axis
        The constants. They are numbers, and get no gradient.

    Notes
    -----
    An axis after the other, so a corner of constants is that of the later axis, as in NumPy.
    Source: NumPy 2.4, ``pad``.

    Examples
    --------
    >>> pad([1.0, 2.0], (1, 2))
    array([0., 1., 2., 0., 0.])
    >>> pad([1.0, 2.0, 3.0], 2, mode="reflect")
    array([3., 2., 1., 2., 3., 2., 1.])
    """
    x = held(x)
    widths = _pairs(pad_width, x, "pad_width")
    given = numbers(getattr(pad_width, "_data", pad_width))  # of a single number no width is left
    if given.dtype.kind not in "iu" or (given < 0).any():
        raise errors.ArgumentError(
            f"`pad`: a margin is a whole number from 0 on, got {pad_width!r:.60}",
            shapes=(x.shape,),
            op="pad",
            why="it counts the elements that are added",
            fix="x[1:-1]   # to take elements away",
        )
    if mode == "constant":
        return _in_constants(x, widths, _pairs(constant_values, x, "constant_values"))
    if mode not in _MIRRORS:
        modes = ", ".join(map(repr, ("constant", *_MIRRORS)))
        raise errors.ArgumentError(
            f"`pad`: mode is one of {modes}, got {mode!r:.60}", op="pad", fix='mode="edge"'
        )
    for axis, width in enumerate(widths.tolist()):
        if any(width):
            if not x.shape[axis]:
                raise errors.ShapeError(
                    f"`pad`: axis {axis} of {x.shape} has no element to repeat",
                    shapes=(x.shape,),
                    op="pad",
                    why=f"the margin of mode {mode!r} is made of the array's own elements",
                    fix='mode="constant"',
                )
            order = _numbered(np.arange(x.shape[axis]), width, mode)
            x = getitem(x, (*[slice(None)] * axis, order))
    return x


def _pairs(given: Any, x: Any, setting: str) -> Any:
    """The numbers before and after each axis."""
    if isinstance(given, Tensor):
        if given.requires_grad and is_grad_enabled():
            raise errors.SignatureError(
                f"`pad`: {setting} cannot be a Tensor that requires a gradient",
                op="pad",
                why="the margin is made of plain numbers, and the gradient would be lost",
                fix="tg.concat([low, x, high])   # or .detach(), to stop it",
            )
        given = given.data
    try:
        return np.broadcast_to(numbers(given), (x.ndim, 2))
    except (ValueError, errors.DTypeError):
        raise errors.ArgumentError(
            f"`pad`: {setting} {given!r:.60} is neither a number nor pairs for {x.shape}",
            shapes=(x.shape,),
            op="pad",
            fix=f"{setting}={((1, 1),) * x.ndim}",
        ) from None


def _in_constants(x: Any, widths: Any, constants: Any) -> Tensor:
    sizes = zip(widths.tolist(), x.shape, strict=True)
    shape = tuple([before + n + after for (before, after), n in sizes])
    inner = tuple([slice(w[0], w[0] + n) for w, n in zip(widths.tolist(), x.shape, strict=True)])
    if not constants.any():
        return scatter_add(x, shape, inner)
    frame = np.zeros(shape, x.dtype)
    for axis, (width, value) in enumerate(zip(widths.tolist(), constants, strict=True)):
        line = (slice(None),) * axis
        frame[(*line, slice(0, width[0]))] = value[0]
        frame[(*line, slice(shape[axis] - width[1], None))] = value[1]
    return put(frame, x, inner)
