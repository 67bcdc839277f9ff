"""Whether a kernel fits an array of channels, and what to say when it does not."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import errors
from ...types import Shape
from .geometry import Windows, windows_on

__all__ = [
    "bias_does_not_fit",
    "channels_differ",
    "check_groups",
    "does_not_fit",
    "frame_of",
    "name_of",
]


def name_of(axes: int, transposed: bool = False) -> str:
    return f"conv_transpose{axes}d" if transposed else f"conv{axes}d"


def check_groups(name: str, groups: Any, channels: int, outputs: int) -> None:
    if isinstance(groups, bool) or not isinstance(groups, (int, np.integer)) or groups < 1:
        raise errors.ArgumentError(
            f"`{name}`: groups is a whole number of at least 1, got {groups!r:.60}",
            op=name,
            fix="groups=1",
        )
    if channels % groups or outputs % groups:
        raise errors.ShapeError(
            f"`{name}`: {groups} groups do not divide {channels} input and {outputs} output "
            "channels",
            code="TG-S05",
            op=name,
            why="every group has as many channels as the others",
            fix=f"groups={np.gcd(channels, outputs)}",
        )


def frame_of(
    x: Shape, kernel: Shape, stride: Any, padding: Any, dilation: Any, transposed: bool = False
) -> Windows:
    """The windows for arrays of these shapes, checked for their number of axes."""
    axes = len(kernel) - 2
    name = name_of(axes if axes in (1, 2) else 2, transposed)
    if axes not in (1, 2) or len(x) != len(kernel):
        raise errors.ShapeError(
            f"`{name}`: x {x} and weight {kernel} do not fit",
            code="TG-S05",
            shapes=(x, kernel),
            op=name,
            why="both have a first axis, channels, and one or two axes that windows move along",
            fix="x of shape (batch, channels, height, width), "
            "weight (outputs, channels, height, width)",
        )
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    return windows_on(name, x[2:], kernel[2:], **settings)


def channels_differ(name: str, x: Shape, weight: Shape, groups: int) -> errors.ShapeError:
    expected = weight[1] * groups
    axes = len(x) - 2
    order = (0, len(x) - 1, *range(1, len(x) - 1))
    layout = "(batch, channels, length)" if axes == 1 else "(batch, channels, height, width)"
    if x[-1] == expected:
        fix = f"tg.permute_dims(x, {order})   # if the channels are its last axis"
    else:
        shape = (weight[0], x[1] // groups, *weight[2:])
        fix = f"weight = tg.Parameter(np.random.default_rng(0).normal(size={shape}))"
    return errors.ShapeError(
        f"`{name}`: x {x} has {x[1]} channel{'s' * (x[1] != 1)}, weight {weight} takes {expected}",
        code="TG-S05",
        shapes=(x, weight),
        op=name,
        notes=[f"x       {x}  {layout}", f"weight  {weight}  groups {groups}"],
        why="each output sums over the channels of its group",
        fix=fix,
    )


def bias_does_not_fit(name: str, bias: Shape, outputs: int) -> errors.ShapeError:
    return errors.ShapeError(
        f"`{name}`: bias has shape {bias}, expected ({outputs},)",
        code="TG-S05",
        shapes=(bias,),
        op=name,
        why="there is one number for each output channel",
        fix=f"bias.reshape({outputs})" if np.prod(bias) == outputs else f"np.zeros({outputs})",
    )


def does_not_fit(
    name: str, what: str, given: Shape, weight: Shape, count: Shape
) -> errors.ShapeError:
    if given[1:2] == weight[1:2]:
        order = (1, 0, *range(2, len(weight)))
        fix = f"weight = tg.permute_dims(weight, {order})   # (channels, outputs, ...)"
    else:
        shape = (*given[1:2], *weight[1:])
        fix = f"weight = tg.Parameter(np.random.default_rng(0).normal(size={shape}))"
    return errors.ShapeError(
        f"`{name}`: {what} {given} does not fit weight {weight}, which takes "
        f"{weight[0]} channels of {count} windows",
        code="TG-S05",
        shapes=(given, weight),
        op=name,
        why="there is one number for each kernel and window",
        fix=fix,
    )
