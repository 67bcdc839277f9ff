"""The errors of layers that move windows over signals and images, each with the edit that mends it.

An edit that builds the layer with other settings is written from the layer's own: ``call_of``.
"""

from __future__ import annotations

import inspect
import math
from typing import Any

from .. import errors
from ..types import Shape
from .path import written_path

_SIZES = {1: "length", 2: "height, width"}


def call_of(layer: Any, **changes: Any) -> str:
    """Write the call that builds a layer with some settings changed; defaults are left out."""
    words = []
    for name, parameter in inspect.signature(type(layer)).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY:
            continue
        value = changes[name] if name in changes else getattr(layer, name)
        if name == "bias":
            value = value is not None
        if name == "stride" and value == vars(layer).get("kernel_size"):
            value = parameter.default if parameter.default is None else value
        if isinstance(value, tuple) and len(set(value)) == 1:
            value = value[0]
        if parameter.default is parameter.empty:
            words.append(repr(value))
        elif value != parameter.default:
            words.append(f"{name}={value!r}")
    return f"nn.{type(layer).__name__}({', '.join(words)})"


def channels_differ(layer: Any, shape: Shape, axes: int) -> Exception:
    """S05: the input has other channels than the layer's, or another number of axes."""
    wanted, sizes = layer.in_channels, _SIZES[axes]
    given = shape[-axes - 1] if len(shape) in (axes + 1, axes + 2) else None
    has = f"{given} channel{'s' * (given != 1)}" if given is not None else f"{len(shape)} axes"
    expected = f"{wanted}" if given is not None else f"{axes + 2}"
    return errors.ShapeError(
        f"{written_path(layer)} = {type(layer).__name__}({wanted} -> {layer.out_channels}): the "
        f"input {shape} has {has}, expected {expected}",
        code="TG-S05",
        shapes=(shape, layer.weight.shape),
        notes=(f"layout  (batch, channels, {sizes}), or without the batch",),
        why="each output sums over the channels, and each has weights of its own",
        fix=_other_layout(shape, wanted, axes) or _other_layer(layer, shape, axes),
    )


def _other_layout(shape: Shape, wanted: int, axes: int) -> str:
    """How to give an input the layer's layout; nothing if it does not look like another one."""
    if len(shape) == axes + 1 and wanted == 1:
        return "x[:, None]   # an axis for the one channel, after that of the samples"
    if len(shape) == axes and wanted == 1 and (axes == 1 or not _square(shape, 1)):
        return "x[None, None]   # axes for the batch and for the one channel"
    if len(shape) in (axes + 1, axes + 2) and shape[-1] == wanted:
        last = len(shape) - 1
        order = tuple([k for k in range(last) if k < last - axes] + [last])
        order += tuple(range(last - axes, last))
        return f"tg.permute_dims(x, {order})   # if the channels are its last axis"
    if axes == 2 and len(shape) == 2 and _square(shape, wanted):
        side = math.isqrt(shape[1] // wanted)
        return f"x.reshape(-1, {wanted}, {side}, {side})   # rows of pixels as images"
    if len(shape) > axes + 2 and shape[-axes - 1] == wanted:
        return f"x.reshape(-1, *x.shape[-{axes + 1}:])   # one batch axis"
    if len(shape) == axes and wanted > 1:
        return f"tg.stack([x] * {wanted})   # the same in every channel"
    return ""


def _square(shape: Shape, channels: int) -> bool:
    """Whether the last axis may be a row of pixels of square images, and is no side of one."""
    pixels = shape[-1] // channels
    return shape[-1] == channels * math.isqrt(pixels) ** 2 and pixels > 1 and shape[0] != shape[-1]


def _other_layer(layer: Any, shape: Shape, axes: int) -> str:
    if len(shape) not in (axes + 1, axes + 2):
        example = (1, layer.in_channels, *[32] * axes)
        return f"np.zeros({example}, np.float32)   # an input of the shape that it takes"
    given = shape[-axes - 1]
    groups = layer.groups if given % layer.groups == 0 else 1
    return call_of(layer, in_channels=max(given, 1), groups=groups)


def window_does_not_fit(layer: Any, shape: Shape, error: errors.ShapeError) -> Exception:
    """S06: the kernel is larger than the array; any other error of the operation keeps its fix."""
    size = shape[-layer.axes :]
    fix = error.fix
    if error.code == "TG-S06" and 0 not in size:
        fix = f"{_smaller(layer, size)}   # or fewer layers before it that make the array smaller"
    return located(layer, error, fix)


def _smaller(layer: Any, size: Shape) -> str:
    """The layer with a kernel, or for a convolution a padding, that fits the size."""
    kernel = _each(layer.kernel_size, size)
    dilation = _each(getattr(layer, "dilation", 1), size)
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    if hasattr(layer, "in_channels"):
        padding = tuple([-(-max(r - n, 0) // 2) for r, n in zip(reach, size, strict=True)])
        return call_of(layer, padding=padding)
    fitting = tuple([min(k, n) for k, n in zip(kernel, size, strict=True)])
    changes = {"kernel_size": fitting, "stride": None, "padding": 0}
    if hasattr(layer, "dilation"):
        changes["dilation"] = 1
    return call_of(layer, **changes)


def _each(value: Any, size: Shape) -> Shape:
    return value if isinstance(value, tuple) else (value,) * len(size)


def located(layer: Any, error: errors.TinygradError, fix: str | None = None) -> Exception:
    """An operation's error with the path of the layer that called it."""
    return type(error)(
        f"{written_path(layer)} = {layer!r}: {error.what}",
        code=error.code,
        shapes=error.shapes,
        notes=error.notes,
        why=error.why,
        fix=fix or error.fix,
        op=error.op,
    )


def no_such_size(layer: Any, wanted: Any, least: Shape, most: Shape) -> Exception:
    """A transposed convolution is asked for a size that no padding of its output gives."""
    path = written_path(layer)
    return errors.ArgumentError(
        f"{path} = {layer!r} cannot give output_size={wanted!r:.60}: from {least} to {most}",
        why="the input and the stride leave less than one stride of choice",
        fix=f"{path}(x, output_size={least})",
    )
