"""Laws of symmetry: what a layer may not notice, and what it has to carry through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ...seeding import generator
from ...types import Array, Rng
from .report import (
    LawReport,
    apply,
    difference,
    floats,
    rounding,
    samples,
    settled,
    terms_of,
    trial,
    weights_of,
)


def ignores_scale_and_shift(
    layer: Any,
    x: Any,
    *,
    scale: float = 3.0,
    shift: float = 2.0,
    axis: int | None = None,
    raises: bool = True,
) -> LawReport:
    r"""Check that a normaliser takes out the scale and the shift of what it normalises.

    .. math:: f(a x + b) = f(x), \qquad a > 0

    Batch, layer, group and instance normalisation obey it; with ``shift=0`` also normalisation by
    the root mean square.

    Parameters
    ----------
    layer : callable
        Tried in training mode, on a copy, where statistics come from the batch.
    x : array_like, shape (samples, ...)
        At least two samples that vary. It is first scaled up by a power of two until its variance
        is above :math:`2^{40}`, beside which a constant of up to 1 under the root cannot be seen.
    scale, shift : float
        :math:`a > 0`, and :math:`b` in standard deviations.
    axis : int, optional
        Give each index along this axis a scale and shift of its own, as channels in batch
        normalisation may have.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        Allowed: rounding, larger by how much the values exceed their smallest standard deviation,
        since that much cancels, and :math:`2^{-40}` of the answer for the constant.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(5, 3))
    >>> ignores_scale_and_shift(lambda x: (x - x.mean()) / x.std(), x).holds
    True
    """
    batch = samples(floats(x))
    spread = _spread(batch)
    if not spread > 0 or not scale > 0:
        raise ArgumentError(
            f"needs samples that vary and a scale above 0, got spread {spread:g}, scale {scale:g}",
            why="what does not vary has no scale to take out",
            fix="x = np.random.default_rng(0).normal(size=(8, 3)); scale = 3.0",
        )
    batch = batch * 2.0 ** np.ceil(20 - np.log2(spread))
    a, b = np.asarray(scale), np.asarray(shift * batch.std())
    if axis is not None:
        shape = [1] * batch.ndim
        shape[axis] = batch.shape[axis]
        steps = np.arange(1, batch.shape[axis] + 1).reshape(shape) / batch.shape[axis]
        a, b = a * steps, b * steps
    moved = a * batch + b
    expected, given = apply(trial(layer, True), batch), apply(trial(layer, True), moved)
    error, where = difference(given, expected)
    cancelled = max(np.abs(z).max() / _spread(z) for z in (batch, moved))
    allowed = rounding(batch.size, expected) * cancelled + 2.0**-40 * np.abs(expected).max()
    claim = f"f({scale:g} x + {shift:g} std) = f(x)"
    report = LawReport("ignores_scale_and_shift", claim, error, float(allowed), where)
    return settled(
        report,
        raises,
        why="a normaliser's answer has a mean and a variance of its own, whatever goes in",
        fix="(x - x.mean(axis=0)) / tg.sqrt(x.var(axis=0) + eps)   # the mean and variance of x",
    )


def _spread(batch: Array) -> float:
    """The smallest standard deviation along any one axis that is not zero everywhere."""
    axes = [k for k, size in enumerate(batch.shape) if size > 1]
    found = [float(batch.std(axis=k).min()) for k in axes]
    return min([s for s in found if s > 0], default=float(batch.std()))


def commutes_with_shifts(
    layer: Any,
    x: Any,
    *,
    axes: Sequence[int] = (-2, -1),
    stride: int = 1,
    interior: int = 0,
    raises: bool = True,
) -> LawReport:
    r"""Check that a convolution of a moved image is the moved convolution of the image.

    .. math:: f(T_s x) = T_{s/k} f(x), \qquad k = \text{stride}

    Parameters
    ----------
    layer : callable
        Tried in evaluation mode.
    x : array_like, shape (samples, ...)
        Images, or series with ``axes=(-1,)``.
    axes : sequence of int
        The axes to move along, one after the other, by one step of the answer and round the edge.
    stride : int
        How many steps of the input make one of the answer.
    interior : int
        How many cells to leave out at each edge of the answer: 0 where the layer itself goes round
        the edge (circular padding), else how far the edge is seen, and one more.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        Allowed: rounding of sums over a sample.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> smooth = lambda x: x + 0.5 * tg.concat([x[..., 1:], x[..., :1]], axis=-1)
    >>> commutes_with_shifts(smooth, [[1.0, 2.0, 5.0]], axes=(-1,)).holds
    True
    """
    layer, batch = trial(layer, training=False), samples(floats(x), 1)
    still = apply(layer, batch)
    error, where, worst = 0.0, None, None
    for axis in axes:
        moved = apply(layer, np.roll(batch, stride, axis=axis))
        gap, place = difference(
            _inside(moved, axes, interior), _inside(np.roll(still, 1, axis=axis), axes, interior)
        )
        if not gap <= error:
            error, where, worst = gap, place, axis
    allowed = rounding(terms_of(layer, batch), still, batch * weights_of(layer))
    facts = {"moved along axis": worst} if worst is not None else {}
    claim = f"f(roll(x, {stride})) = roll(f(x), 1), {interior} cells from the edge"
    report = LawReport("commutes_with_shifts", claim, error, allowed, where, facts)
    return settled(
        report,
        raises,
        why="a convolution has the same weights at every place",
        fix="interior=kernel_size   # if only cells near the edge differ; stride= as the layer's",
    )


def _inside(image: Array, axes: Sequence[int], margin: int) -> Array:
    inner = [slice(None)] * image.ndim
    for axis in axes:
        inner[axis] = slice(margin, image.shape[axis] - margin)
    image = image[tuple(inner)]
    if not image.size:
        raise ArgumentError(
            f"interior={margin} leaves nothing of an answer of shape {image.shape}",
            shapes=(image.shape,),
            why="what is left is compared",
            fix="interior=1",
        )
    return image


def is_linear(layer: Any, x: Any, *, rng: Rng = 0, raises: bool = True) -> LawReport:
    r"""Check that a layer is linear, but for a constant such as a bias.

    .. math:: f(a x + b y) - f(0) = a (f(x) - f(0)) + b (f(y) - f(0))

    Parameters
    ----------
    layer : callable
        Tried in evaluation mode.
    x : array_like, shape (samples, ...)
        One operand; the other is drawn like it.
    rng : Generator or int
        Draws :math:`y, a, b`.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        Allowed: rounding of sums over a sample, with the parts as they are before they cancel.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> is_linear(nn.Linear(2, 3), [[1.0, 2.0]]).holds
    True
    """
    layer, batch, draw = trial(layer, training=False), samples(floats(x), 1), generator(rng)
    other = draw.normal(size=batch.shape).astype(batch.dtype) * max(np.abs(batch).max(), 1.0)
    a, b = (float(c) for c in draw.uniform(0.5, 2.0, size=2) * draw.choice([-1.0, 1.0], size=2))
    bias, first, second = (apply(layer, z) for z in (np.zeros_like(batch), batch, other))
    mixed = a * batch + b * other
    joined = apply(layer, mixed)
    error, where = difference(joined - bias, a * (first - bias) + b * (second - bias))
    parts = (bias, 2 * first, 2 * second, joined, mixed * weights_of(layer))
    allowed = rounding(terms_of(layer, batch) + 8, *parts)
    claim = f"f({a:.3g} x + {b:.3g} y) - f(0) = {a:.3g} (f(x) - f(0)) + {b:.3g} (f(y) - f(0))"
    report = LawReport("is_linear", claim, error, allowed, where)
    return settled(
        report,
        raises,
        why="a linear layer only multiplies by weights and adds",
        fix="x @ weight.mT + bias   # without an activation, and without products of inputs",
    )
