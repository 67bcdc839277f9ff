"""How far numbers spread around their mean, over axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink
from ..types import Array, Axis, Operand
from .axes import axes_of, count, kept, reduction_samples
from .comparison import where
from .powers import sqrt
from .reduction import mean

__all__ = ["var", "std"]


def _var(x: Array, *, axis: Axis = None, correction: float = 0, keepdims: bool = False) -> Array:
    return np.var(x, axis=axis, ddof=correction, keepdims=keepdims)


def _var_rule(g: Any, out: Any, x: Any, axis: Axis, correction: float, keepdims: bool) -> Any:
    centred = x - mean(x, axis=axis, keepdims=True)
    return kept(g, x.shape, axis) * centred * 2.0 / (count(x.shape, axis) - correction)


def _var_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    inputs, attributes = reduction_samples(rng)
    elements = count(inputs[0].shape, attributes["axis"])
    # By the count, so that there are as many forms as of the other reductions.
    return inputs, {**attributes, "correction": {2: 1, 3: 1.5, 6: -1}.get(elements, 0)}


@operation(_var, rule=_var_rule, samples=_var_samples, method="var")
def var(
    x: Operand, /, *, axis: Axis = None, correction: float = 0, keepdims: bool = False
) -> Tensor:
    r"""Variance over axes.

    .. math:: z = \frac{1}{n - c} \sum_i (x_i - \mu)^2, \qquad
              \bar x_i = \bar z\,\frac{2 (x_i - \mu)}{n - c}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int, tuple of int or None
        Axes to reduce; all by default.
    correction : float
        ``c``: 0 for the variance of these numbers, 1 for Bessel's unbiased estimate.
    keepdims : bool
        Leave the axes in with length one.

    Notes
    -----
    The mean's own dependence on ``x`` drops out, since deviations from it sum to 0. Source: Array
    API 2024.12, ``var``.

    Examples
    --------
    >>> var([1.0, 3.0])
    array(1.)
    """


def _std(x: Array, *, axis: Axis = None, correction: float = 0, keepdims: bool = False) -> Array:
    return np.std(x, axis=axis, ddof=correction, keepdims=keepdims)


def _std_rule(g: Any, out: Any, x: Any, axis: Axis, correction: float, keepdims: bool) -> Any:
    if not x.size:
        return x  # nothing to give; `max` would refuse
    axes, elements = axes_of(x.shape, axis), count(x.shape, axis)
    values = getattr(x, "_data", x)
    # Of equal elements, not of deviation 0: their mean may round, and leave a little.
    flat = np.max(values, axis=axes, keepdims=True) == np.min(values, axis=axes, keepdims=True)
    centred = x - mean(x, axis=axis, keepdims=True)
    # By the largest, lest squares vanish. A constant: it drops out of the quotient.
    most = np.max(np.abs(getattr(centred, "_data", centred)), axis=axes, keepdims=True)
    part = where(flat, 0.0, centred / np.where(flat, np.ones_like(most), most))
    spread = sqrt(where(flat, 1.0, mean(part * part, axis=axis, keepdims=True)))
    share = float(np.power(elements * (elements - correction), -0.5))
    return kept(g, x.shape, axis) * (part / spread) * share


@operation(
    _std,
    rule=_std_rule,
    samples=_var_samples,
    kinks=Kink(
        "all elements equal",
        "0",
        "the lowest point of a cone, the middle of its slopes",
        at=([0.1, 0.1, 0.1],),  # whose mean rounds
        gives=([0.0, 0.0, 0.0],),
        torch=([-1 / 3, -1 / 3, -1 / 3],),
        jax=([np.nan, np.nan, np.nan],),
    ),
    method="std",
)
def std(
    x: Operand, /, *, axis: Axis = None, correction: float = 0, keepdims: bool = False
) -> Tensor:
    r"""Standard deviation over axes.

    .. math:: z = \sqrt{\tfrac{1}{n - c} \sum_i (x_i - \mu)^2}, \qquad
              \bar x_i = \bar z\,\frac{x_i - \mu}{(n - c) z}

    Parameters
    ----------
    x : array_like
        Any shape.
    axis : int, tuple of int or None
        Axes to reduce; all by default.
    correction : float
        ``c``: 0 for the deviation of these numbers, 1 for the usual estimate.
    keepdims : bool
        Leave the axes in with length one.

    Notes
    -----
    In the gradient, deviations are divided by the largest of them before they are squared, so that
    it is right however small they are, where the squares in the value vanish. Source: Array API
    2024.12, ``std``.

    Examples
    --------
    >>> std([1.0, 3.0])
    array(1.)
    """
