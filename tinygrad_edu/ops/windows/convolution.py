"""Convolution, its transpose and its kernel gradient: three maps closed under differentiation.

With windows as in ``geometry``, each of these is linear in both of its arguments, and its
derivatives are the other two:

- ``convolution(x, w)`` multiplies every window of ``x`` with ``w``,
- ``transposed_convolution(g, w)`` lays ``w`` down at every window, times ``g``,
- ``kernel_gradient(x, g)`` sums the windows of ``x``, times ``g``.

All take ``stride``, ``padding``, ``dilation`` and ``groups``, and arrays with
one or two axes after the channels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...autodiff.operation import operation
from ...autodiff.tensor import Tensor
from ...types import Array, Operand, Shape
from ..reduction import sum
from . import columns
from .channels import (
    bias_does_not_fit,
    channels_differ,
    check_groups,
    does_not_fit,
    frame_of,
    name_of,
)
from .geometry import Padding, fold_unit_axis, per_axis

__all__ = ["convolution", "transposed_convolution"]


def _channels_last(x: Array) -> Array:
    return x.transpose(0, 2, 3, 1)


def _channels_second(x: Array, axes: int) -> Array:
    """A result in the public layout; a view, so that the next window op finds its own layout."""
    x = x.transpose(0, 3, 1, 2)
    return x if axes == 2 else x[..., 0]


def _each_group(part: Callable[..., Array], axis: int, groups: int, *pairs: Any) -> Array:
    """Apply a map to each group of channels; pairs of an array and its axis of channels."""
    if groups == 1:
        return part(*[x for x, _ in pairs])
    parts = [np.split(x, groups, along) for x, along in pairs]
    return np.concatenate([part(*group) for group in zip(*parts, strict=True)], axis)


def _convolution(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    /,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Array:
    frame = frame_of(x.shape, weight.shape, stride, padding, dilation)
    axes = weight.ndim - 2
    check_groups(name_of(axes), groups, x.shape[1], len(weight))
    if x.shape[1] != weight.shape[1] * groups:
        raise channels_differ(name_of(axes), x.shape, weight.shape, groups)
    if bias is not None and bias.shape != (len(weight),):
        raise bias_does_not_fit(name_of(axes), bias.shape, len(weight))
    x, _ = fold_unit_axis(x, frame)
    weight, frame = fold_unit_axis(weight, frame)
    pairs = (_channels_last(x), 3), (weight, 0)
    out = _each_group(lambda x, w: columns.correlate(x, w, frame), 3, groups, *pairs)
    if bias is not None:
        fits = out.dtype == np.result_type(out, bias)
        out = np.add(out, bias, out) if fits else out + bias
    return _channels_second(out, axes)


def _convolution_rule(
    g: Any, out: Any, x: Any, weight: Any, bias: Any = None, *, needs: Any, **frame: Any
) -> tuple[Any, ...]:
    answers = (
        transposed_convolution(g, weight, size=x.shape[2:], **frame) if needs[0] else None,
        kernel_gradient(x, g, kernel=weight.shape[2:], **frame) if needs[1] else None,
        sum(g, axis=(0, *range(2, g.ndim))) if needs[2:] == [True] else None,
    )
    return answers[: len(needs)]


# Shapes of x, weight and result with settings, that between them reach all there is.
_FORMS: tuple[tuple[Shape, Shape, Shape, dict[str, Any]], ...] = (
    ((2, 2, 3, 3), (3, 2, 2, 2), (2, 3, 2, 2), {}),
    ((1, 1, 4, 3), (1, 1, 2, 2), (1, 1, 2, 1), {"stride": 2}),
    ((1, 1, 4, 4), (2, 1, 4, 4), (1, 2, 2, 2), {"stride": 2, "padding": 1}),
    ((1, 2, 3, 3), (1, 2, 3, 2), (1, 1, 3, 2), {"padding": (1, 0)}),
    ((1, 1, 2, 3), (1, 1, 2, 3), (1, 1, 2, 3), {"padding": "same"}),
    ((1, 1, 5, 4), (1, 1, 2, 2), (1, 1, 2, 2), {"dilation": (3, 2), "padding": "valid"}),
    ((1, 4, 2, 3), (2, 2, 2, 2), (1, 2, 1, 2), {"groups": 2}),
    ((1, 2, 6), (4, 1, 2), (1, 4, 3), {"stride": 3, "padding": 1, "groups": 2}),
    ((2, 2, 4), (1, 2, 2), (2, 1, 4), {"padding": "same", "dilation": (2,)}),
    ((1, 1, 1, 1), (1, 1, 1, 1), (1, 1, 1, 1), {}),
)


def _form(rng: np.random.Generator) -> tuple[Shape, Shape, Shape, dict[str, Any]]:
    return _FORMS[int(rng.integers(len(_FORMS)))]


def _samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    x, weight, _, settings = _form(rng)
    operands = [rng.normal(size=shape) for shape in (x, weight, weight[:1])]
    return tuple(operands[: int(rng.integers(2, 4))]), settings


@operation(_convolution, rule=_convolution_rule, samples=_samples)
def convolution(
    x: Operand,
    weight: Operand,
    bias: Operand = None,
    /,
    stride: int | Shape = 1,
    padding: Padding = 0,
    dilation: int | Shape = 1,
    groups: int = 1,
) -> Tensor:
    r"""Products of a kernel with all windows of an array, along one or two axes.

    .. math:: z_{noi} = b_o + \sum_{ck} w_{ock}\, x_{n,c,\,si + dk - p}, \quad
              \bar w_{ock} = \sum_{ni} \bar z_{noi}\, x_{n,c,\,si + dk - p}, \quad
              \bar b_o = \sum_{ni} \bar z_{noi}, \quad
              \bar x_{ncj} = \sum_{si + dk - p = j} \bar z_{noi}\, w_{ock}

    Parameters
    ----------
    x : array_like, shape (batch, channels, *size)
        One or two axes after the channels.
    weight : array_like, shape (outputs, channels / groups, *kernel)
        One kernel for each output.
    bias : array_like, shape (outputs,), optional
        Left out, not ``None``, where there is none.
    stride, dilation : int or tuple of int
        Steps ``s`` between windows and ``d`` inside them.
    padding : int, tuple of int, "same" or "valid"
        Zeros ``p`` at each end.
    groups : int
        Parts of the channels that do not see each other.

    Notes
    -----
    A primitive for memory and speed: as a composition it would keep every window. Each of the
    three maps is a product of matrices, for which the windows are copied a few images at a time.
    Source: Dumoulin and Visin 2016, chapters 2 to 5.

    Examples
    --------
    >>> convolution([[[1.0, 2.0, 4.0]]], [[[1.0, -1.0]]])
    array([[[-1., -2.]]])
    """


def _transposed(
    g: Array,
    weight: Array,
    /,
    size: Any = (),
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Array:
    axes = weight.ndim - 2
    name = name_of(axes if axes in (1, 2) else 2, transposed=True)
    size = per_axis(name, "size", size, max(axes, 0), 0)
    frame = frame_of((*g.shape[:2], *size), weight.shape, stride, padding, dilation, True)
    check_groups(name, groups, len(weight), g.shape[1] if g.ndim > 1 else 0)
    if g.shape[1:] != (len(weight), *frame.counts):
        raise does_not_fit(name, "x", g.shape, weight.shape, frame.counts)
    g, _ = fold_unit_axis(g, frame)
    weight, frame = fold_unit_axis(weight, frame)
    pairs = (_channels_last(g), 3), (weight, 0)
    out = _each_group(lambda g, w: columns.scatter(g, w, frame), 3, groups, *pairs)
    return _channels_second(out, axes)


def _transposed_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    x, weight, result, settings = _form(rng)
    operands = rng.normal(size=result), rng.normal(size=weight)
    return operands, {"size": x[2:], **settings}


@operation(
    _transposed,
    rule=(
        lambda u, out, g, weight, size, **frame: convolution(u, weight, **frame),
        lambda u, out, g, weight, size, **frame: kernel_gradient(
            u, g, kernel=weight.shape[2:], **frame
        ),
    ),
    samples=_transposed_samples,
)
def transposed_convolution(
    g: Operand,
    weight: Operand,
    /,
    size: Shape = (),
    stride: int | Shape = 1,
    padding: Padding = 0,
    dilation: int | Shape = 1,
    groups: int = 1,
) -> Tensor:
    r"""Kernels laid down at all windows of an array of zeros, and summed.

    .. math:: z_{ncj} = \sum_{si + dk - p = j} g_{noi}\, w_{ock}, \quad
              \bar g_{noi} = \sum_{ck} w_{ock}\, \bar z_{n,c,\,si + dk - p}, \quad
              \bar w_{ock} = \sum_{ni} g_{noi}\, \bar z_{n,c,\,si + dk - p}

    Parameters
    ----------
    g : array_like, shape (batch, outputs, *count)
        A number for each window and kernel.
    weight : array_like, shape (outputs, channels / groups, *kernel)
        As for ``convolution``.
    size : tuple of int
        Of the result: with strides several sizes have as many windows.
    stride, padding, dilation, groups
        As for ``convolution``.

    Notes
    -----
    The transpose of ``convolution``, and a primitive for the same reasons.
    Source: Dumoulin and Visin 2016, chapter 4.

    Examples
    --------
    >>> transposed_convolution([[[1.0, 10.0]]], [[[1.0, 2.0]]], (3,))
    array([[[ 1., 12., 20.]]])
    """


def _kernel_gradient(
    x: Array,
    g: Array,
    /,
    kernel: Any = (),
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Array:
    axes = x.ndim - 2
    name = name_of(axes if axes in (1, 2) else 2)
    kernel = per_axis(name, "kernel", kernel, max(axes, 0), 1)
    frame = frame_of(x.shape, (*x.shape[1::-1], *kernel), stride, padding, dilation)
    check_groups(name, groups, x.shape[1], g.shape[1] if g.ndim > 1 else 0)
    if g.shape != (len(x), *g.shape[1:2], *frame.counts):
        raise does_not_fit(name, "g", g.shape, (*g.shape[1:2], *x.shape[1:]), frame.counts)
    g, _ = fold_unit_axis(g, frame)
    x, frame = fold_unit_axis(x, frame)
    pairs = (_channels_last(x), 3), (_channels_last(g), 3)
    out = _each_group(lambda x, g: columns.kernel_gradient(x, g, frame), 0, groups, *pairs)
    return np.ascontiguousarray(out if axes == 2 else out[..., 0])


def _gradient_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    x, weight, result, settings = _form(rng)
    return (rng.normal(size=x), rng.normal(size=result)), {"kernel": weight[2:], **settings}


@operation(
    _kernel_gradient,
    rule=(
        lambda u, out, x, g, kernel, **frame: transposed_convolution(
            g, u, size=x.shape[2:], **frame
        ),
        lambda u, out, x, g, kernel, **frame: convolution(x, u, **frame),
    ),
    samples=_gradient_samples,
)
def kernel_gradient(
    x: Operand,
    g: Operand,
    /,
    kernel: Shape = (),
    stride: int | Shape = 1,
    padding: Padding = 0,
    dilation: int | Shape = 1,
    groups: int = 1,
) -> Tensor:
    r"""Sum of all windows of an array, each times a number for every output.

    .. math:: z_{ock} = \sum_{ni} g_{noi}\, x_{n,c,\,si + dk - p}, \quad
              \bar x_{ncj} = \sum_{si + dk - p = j} g_{noi}\, \bar z_{ock}, \quad
              \bar g_{noi} = \sum_{ck} \bar z_{ock}\, x_{n,c,\,si + dk - p}

    Parameters
    ----------
    x : array_like, shape (batch, channels, *size)
        As for ``convolution``.
    g : array_like, shape (batch, outputs, *count)
        A number for each window and output.
    kernel : tuple of int
        How many places a window reads along each axis.
    stride, padding, dilation, groups
        As for ``convolution``.

    Notes
    -----
    The gradient of ``convolution`` for its kernel, and a primitive for the same reasons.
    Source: Dumoulin and Visin 2016, chapter 2.

    Examples
    --------
    >>> kernel_gradient([[[1.0, 2.0, 4.0]]], [[[1.0, 1.0]]], (2,))
    array([[[3., 6.]]])
    """
