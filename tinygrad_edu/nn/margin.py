"""Margins by PyTorch's names, as a function."""

from __future__ import annotations

from typing import Any

from .. import errors
from ..autodiff.tensor import Tensor
from ..ops import pad as _pad
from ..ops.axes import held
from ..types import Operand, Shape

__all__ = ["MARGINS", "pad"]

# PyTorch's names of what a margin is made of, and those of ``tg.pad``.
MARGINS = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(x: Operand, pad: Shape, mode: str = "constant", value: float | None = None) -> Tensor:
    r"""With margins at the last axes: ``tg.pad`` with PyTorch's arguments.

    .. math:: z_k = x_{i(k)} \text{ or a constant}

    Parameters
    ----------
    x : array_like
        Any shape.
    pad : sequence of int
        Numbers before and after the last axis, then those of the last but one, and so on; negative
        ones take elements away.
    mode : {"constant", "reflect", "replicate", "circular"}
        A constant; mirrored at the last element; the last element; from the other end.
    value : float, optional
        The constant, 0 by default.

    Raises
    ------
    ArgumentError
        When ``pad`` is no row of pairs for as many axes, or the mode is unknown.

    Notes
    -----
    Source: NumPy 2.4, ``pad``.

    Examples
    --------
    >>> pad([[1.0, 2.0]], (1, 0))
    array([[0., 1., 2.]])
    """
    x = held(x)
    widths = list(pad) if isinstance(pad, (tuple, list)) else [pad]
    whole = all(isinstance(n, int) and not isinstance(n, bool) for n in widths)
    if not whole or len(widths) % 2 or len(widths) > 2 * x.ndim:
        raise errors.ArgumentError(
            f"`pad`: {pad!r:.60} has no two whole numbers for each of the last axes of {x.shape}",
            shapes=(x.shape,),
            op="pad",
            why="two numbers an axis, from the last one on",
            fix=f"F.pad(x, {(1, 1) * max(x.ndim, 1)})",
        )
    if mode not in MARGINS or (value is not None and mode != "constant"):
        modes = ", ".join(map(repr, MARGINS))
        raise errors.ArgumentError(
            f"`pad`: mode is one of {modes}, with a value only the first; "
            f"got {mode!r:.40} and value={value!r:.40}",
            op="pad",
            fix='mode="constant"',
        )
    last = list(zip(widths[::2], widths[1::2], strict=True))[::-1]
    pairs = [(0, 0)] * (x.ndim - len(last)) + last
    if any(n < 0 for n in widths):
        x = _cut(x, pairs)
        pairs = [(max(before, 0), max(after, 0)) for before, after in pairs]
    constant = {"constant_values": value} if value else {}
    return _pad(x, pairs, mode=MARGINS[mode], **constant)


def _cut(x: Any, pairs: list[tuple[int, int]]) -> Any:
    """What negative margins leave of an array."""
    sizes = zip(pairs, x.shape, strict=True)
    ends = [(max(-before, 0), n + min(after, 0)) for (before, after), n in sizes]
    if any(start > end for start, end in ends):
        raise errors.ShapeError(
            f"`pad`: margins {pairs} take away more than {x.shape} has",
            shapes=(x.shape,),
            op="pad",
            fix="F.pad(x, (0, 0))   # nothing",
        )
    return x[tuple([slice(start, end) for start, end in ends])]
