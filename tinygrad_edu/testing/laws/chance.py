"""Laws that hold on average: what dropout and initial values do to size and spread."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ...seeding import generator, seed
from ...types import Rng
from .report import LawReport, apply, floats, samples, settled, trial

# The chance that a normal number is more than five standard deviations away from its mean.
FIVE_SIGMA = math.erfc(5 / math.sqrt(2))


def dropout_keeps_expectation(
    layer: Any, x: Any, *, draws: int = 2000, rng: Rng = 0, raises: bool = True
) -> LawReport:
    r"""Check that noise which multiplies, such as dropout, keeps the expected value.

    .. math:: \mathbb{E}\, f(x)_i = x_i

    Parameters
    ----------
    layer : callable
        Tried in training mode, on a copy.
    x : array_like, shape (samples, ...)
        Elements that are 0 are left out: nothing can be learnt from them.
    draws : int, at least 2
        How often to call the layer.
    rng : Generator or int
        Seeds what the layer draws, differently for each call.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        The means over :math:`N` draws of the ratio :math:`f(x)_i / x_i` of each of :math:`n`
        elements, and of the average ratio, are compared with 1. A mean with sample standard
        deviation :math:`s` and values in a range :math:`R`, zero included, may be off by

        .. math:: t = s \sqrt{\frac{2 \ell}{N}} + \frac{7 R \ell}{3 (N - 1)},
                  \qquad \ell = \ln\frac{4 (n + 1)}{\alpha}

        so that a right layer fails with a chance of at most :math:`\alpha = 5.7 \cdot 10^{-7}`,
        that of five standard deviations. Reported is the mean that is furthest out.

    Notes
    -----
    Source of the bound, which needs no normal distribution: Maurer and Pontil 2009, theorem 4,
    for both sides and all means together.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> dropout_keeps_expectation(nn.Dropout(0.3), np.ones((10, 10))).holds
    True
    """
    batch, draw, layer = samples(floats(x), 1), generator(rng), trial(layer, training=True)
    kept = batch != 0
    if draws < 2 or not kept.any():
        raise ArgumentError(
            f"needs an element that is not 0 and at least 2 draws, got {draws}",
            shapes=(batch.shape,),
            why="the mean of nothing says nothing",
            fix="x = np.ones((10, 10)); draws = 2000",
        )
    ratios = np.empty((draws, int(kept.sum())))
    for k in range(draws):
        with seed(int(draw.integers(2**32))):
            ratios[k] = apply(layer, batch)[kept] / batch[kept]
    every = np.column_stack([ratios, ratios.mean(axis=1)])
    reach = np.full(every.shape[1], ratios.max() - min(ratios.min(), 0.0))
    reach[-1] = every[:, -1].max() - min(every[:, -1].min(), 0.0)
    log = math.log(4 * every.shape[1] / FIVE_SIGMA)
    bounds = every.std(axis=0, ddof=1) * math.sqrt(2 * log / draws)
    bounds += 7 * reach * log / (3 * (draws - 1))
    gaps = np.abs(every.mean(axis=0) - 1)
    worst = int(np.argmax(gaps / bounds))
    facts = {"mean ratio": float(ratios.mean()), "draws": draws}
    places = np.argwhere(kept)
    where = tuple(int(k) for k in places[worst]) if worst < len(places) else None
    claim = "the mean of f(x) / x over many draws is 1"
    report = LawReport(
        "dropout_keeps_expectation", claim, float(gaps[worst]), float(bounds[worst]), where, facts
    )
    return settled(
        report,
        raises,
        why="evaluation, which draws nothing, would see larger or smaller values than training",
        fix="x * mask / (1 - p)   # while training, so that evaluation is the identity",
    )


def keeps_variance(
    init: Any,
    activation: Any,
    *,
    width: int = 256,
    depth: int = 16,
    draws: int = 8,
    scale: float = 1.0,
    rng: Rng = 0,
    raises: bool = True,
) -> LawReport:
    r"""Check that initial weights neither shrink nor blow up values on their way through depth.

    .. math:: \mathbb{E} \frac{\lVert W\,\varphi(z) \rVert^2}{\lVert z \rVert^2} = 1

    Parameters
    ----------
    init : callable
        ``init(shape, rng=)`` returns a weight of shape (out, in).
    activation : callable
        :math:`\varphi`, element by element.
    width, depth, draws : int
        Of each network, and how many networks to draw.
    scale : float
        Standard deviation of the first values. An activation that is linear only near 0 needs a
        small one: for tanh the ratio is :math:`1 - 2\,\text{scale}^2`, to first order.
    rng : Generator or int
        Draws the networks.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        The error is the distance from 1 of the mean ratio over all ``depth * draws`` layers.
        Given the layers before, each ratio has the mean 1, so five standard errors are allowed.

    Notes
    -----
    Source: He et al. 2015, equation 10; Glorot and Bengio 2010, equation 5.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> def he(shape, rng): return rng.normal(size=shape) * (2 / shape[1]) ** 0.5
    >>> keeps_variance(he, tg.relu).holds
    True
    """
    if depth * draws < 30:
        raise ArgumentError(
            f"depth * draws is {depth * draws}, and a standard error needs at least 30 layers",
            why="with fewer, five standard errors say too little",
            fix="depth=16, draws=8",
        )
    _check_callable(init, activation)
    draw, ratios = generator(rng), []
    for _ in range(draws):
        z = scale * draw.normal(size=width)
        for _ in range(depth):
            weight = np.asarray(init((width, width), rng=draw), dtype=np.float64)
            after = weight @ apply(activation, z)
            ratios.append(float(after @ after) / max(float(z @ z), np.finfo(np.float64).tiny))
            z = after
    mean, error = float(np.mean(ratios)), abs(float(np.mean(ratios)) - 1)
    allowed = 5 * float(np.std(ratios, ddof=1)) / math.sqrt(len(ratios))
    facts = {"mean ratio": mean, f"after {depth} layers": mean**depth, "layers": len(ratios)}
    claim = "a layer keeps the mean square of what passes through"
    report = LawReport("keeps_variance", claim, error, allowed, None, facts)
    return settled(
        report,
        raises,
        why="values and gradients of deep networks would vanish or explode",
        fix="nn.init.he_normal   # for relu; nn.init.xavier_normal for tanh, with scale=0.01",
    )


def _check_callable(init: Any, activation: Any) -> None:
    if not callable(init) or not callable(activation):
        raise ArgumentError(
            f"both are called, got {init!r:.60} and {activation!r:.60}",
            fix="keeps_variance(nn.init.he_normal, tg.relu)",
        )
