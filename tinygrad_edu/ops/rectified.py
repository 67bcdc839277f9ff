"""Activation functions made of straight pieces, element by element.

Where the pieces meet, a rule multiplies by truth values and never asks ``where``, which NumPy
computes ten times slower than a product.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..arrays import floats, numbers, reals
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..source import here
from ..types import Array, Operand
from .arithmetic import add, divide, multiply, subtract
from .limits import clip
from .shape import reshape

__all__ = [
    "relu", "leaky_relu", "prelu", "hardtanh", "relu6", "hardsigmoid",
    "hardswish",
]  # fmt: skip

_AWAY_FROM_ZERO = Real(-3.0, 3.0, exclude=(0.0,))


def _relu(x: Array) -> Array:
    return np.maximum(reals(x), np.zeros((), x.dtype))


@operation(
    _relu,
    rule=lambda g, out, x: g * (out > 0),
    domain=_AWAY_FROM_ZERO,
    kinks=Kink(
        "x = 0",
        "0",
        "an idle unit stays idle; the choice of every large framework",
        at=(0.0,),
        gives=(0.0,),
        torch=(0.0,),
        jax=(0.0,),
    ),
)
def relu(x: Operand, /) -> Tensor:
    r"""Rectified linear unit, element by element.

    .. math:: z = \max(x, 0), \qquad \bar x = \bar z\,[z > 0]

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    At 0 the derivative is 0. Source: Nair and Hinton 2010, section 2.

    Examples
    --------
    >>> relu([-1.0, 2.0])
    array([0., 2.])
    """


def _leaky(x: Array, slope: Array) -> Array:
    x = floats(x)
    if np.all(slope <= 1.0):
        return np.maximum(x, x * slope)
    return np.maximum(x, np.zeros((), x.dtype)) + np.minimum(x, np.zeros((), x.dtype)) * slope


def _leaky_rule(g: Any, out: Any, x: Any, slope: Any) -> Any:
    right = (x > 0).astype(x.dtype)
    return g * (right + (1.0 - right) * slope)


@operation(
    _leaky,
    rule=(_leaky_rule, lambda g, out, x, slope: -g * relu(-x)),
    broadcasts=True,
    domain=(_AWAY_FROM_ZERO, Real(-2.0, 3.0)),
    kinks=Kink(
        "x = 0",
        "the slope of the left side",
        "the choice of PyTorch; a slope of 0 then makes it relu, at 0 too",
        at=(0.0, 0.25),
        gives=(0.25, 0.0),
        torch=(0.25, 0.0),
        jax=(1.0, None),
    ),
)
def _leaky_relu(x: Operand, slope: Operand, /) -> Tensor:
    r"""The argument right of 0, and left of it ``slope`` times the argument.

    .. math:: z = \max(x, 0) + a \min(x, 0), \qquad
              \bar x = \bar z\,([x > 0] + a\,[x \le 0]), \quad \bar a = \bar z \min(x, 0)

    Examples
    --------
    >>> _leaky_relu([-1.0, 2.0], 0.5)
    array([-0.5,  2. ])
    """


def leaky_relu(x: Operand, /, negative_slope: float = 0.01) -> Tensor:
    r"""Rectified linear unit that lets a little of the left side through, element by element.

    .. math:: z = \max(x, 0) + a \min(x, 0), \qquad \bar x = \bar z\,([x > 0] + a\,[x \le 0])

    Parameters
    ----------
    x : array_like
        Any shape.
    negative_slope : float
        :math:`a`, the slope left of 0 and at 0.

    Notes
    -----
    A primitive for speed: a larger of two and two products in place of choices by ``where``, a
    tenth of the time. Source: Maas, Hannun, Ng 2013, section 2.

    Examples
    --------
    >>> leaky_relu([-1.0, 2.0], 0.1)
    array([-0.1,  2. ])
    """
    return _leaky_relu(x, negative_slope)


def prelu(x: Operand, weight: Operand, /) -> Tensor:
    r"""Rectified linear unit whose slope left of 0 is learned, one for all or one a channel.

    .. math:: z = \max(x, 0) + a \min(x, 0), \qquad
              \bar x = \bar z\,([x > 0] + a\,[x \le 0]), \quad \bar a = \sum \bar z \min(x, 0)

    Parameters
    ----------
    x : array_like, shape (samples, channels, ...)
        Any shape for a single weight.
    weight : array_like, shape () or (1,) or (channels,)
        :math:`a`.

    Raises
    ------
    ShapeError
        When the weights are not as many as the channels.

    Notes
    -----
    Source: He et al. 2015, equation 1.

    Examples
    --------
    >>> prelu([[-1.0, -1.0]], [0.1, 0.2])
    array([[-0.1, -0.2]])
    """
    shape, channels = [v.shape if isinstance(v, Tensor) else numbers(v).shape for v in (x, weight)]
    if len(channels) > 1 or (channels not in ((), (1,)) and channels != shape[1:2]):
        site = here()
        x_term = site.terms[0] if site and site.terms else "x"
        raise errors.ShapeError(
            f"`prelu`: weight has shape {channels}, x {shape}",
            shapes=(shape, channels),
            op="prelu",
            why="axis 1 holds the channels, and each has one slope",
            fix=f"tg.prelu({x_term}, np.full({shape[1:2] or (1,)}, 0.25))   # a slope a channel",
        )
    if channels:
        one_a_channel = (-1, *[1] * (len(shape) - 2))
        weight = reshape(weight, one_a_channel if channels == shape[1:2] else ())
    return _leaky_relu(x, weight)


def _hardtanh(x: Array, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    if not min_val < max_val:
        raise errors.ArgumentError(
            f"min_val {min_val!r:.40} is not below max_val {max_val!r:.40}",
            op="hardtanh",
            fix="min_val=-1.0, max_val=1.0",
        )
    return np.clip(reals(np.asarray(x)), min_val, max_val)


def _hardtanh_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape = [(2, 3), (4,), ()][int(rng.integers(3))]
    x = rng.choice([-1.4, -0.6, 0.6, 1.8, 3.0], shape) + rng.uniform(-0.1, 0.1, shape)
    return (np.asarray(x),), {"min_val": -1.0, "max_val": 2.0}


@operation(
    _hardtanh,
    rule=lambda g, out, x, min_val, max_val: g * ((x > min_val) * (x < max_val)),
    domain=Real(-3.0, 3.0, exclude=(-1.0, 1.0)),
    samples=_hardtanh_samples,
    kinks=Kink(
        "x = min_val or max_val",
        "0",
        "a unit that has reached its end is idle, as in relu; `clip` passes there",
        at=([-1.0, 1.0],),
        gives=([0.0, 0.0],),
        torch=([0.0, 0.0],),
        jax=([1.0, 1.0],),
    ),
)
def hardtanh(x: Operand, /, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    r"""The argument, held between two bounds, element by element.

    .. math:: z = \min(\max(x, l), h), \qquad \bar x = \bar z\,[l < x < h]

    Parameters
    ----------
    x : array_like
        Any shape.
    min_val, max_val : float
        The bounds :math:`l < h`.

    Raises
    ------
    ArgumentError
        When ``min_val`` is not below ``max_val``.

    Notes
    -----
    A primitive since it differs from ``clip`` at the bounds. Source: Collobert et al. 2011,
    section 3.3.1.

    Examples
    --------
    >>> hardtanh([-3.0, 0.5, 3.0])
    array([-1. ,  0.5,  1. ])
    """


def relu6(x: Operand, /) -> Tensor:
    r"""Rectified linear unit that stops at 6, element by element.

    .. math:: z = \min(\max(x, 0), 6), \qquad \bar x = \bar z\,[0 < x < 6]

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    At 0 and at 6 the derivative is 0. Source: Krizhevsky 2010.

    Examples
    --------
    >>> relu6([-1.0, 2.0, 8.0])
    array([0., 2., 6.])
    """
    return hardtanh(x, 0.0, 6.0)


def hardsigmoid(x: Operand, /) -> Tensor:
    r"""The logistic function in three straight pieces, element by element.

    .. math:: z = \tfrac16 \min(\max(x + 3, 0), 6), \qquad \bar x = \tfrac16 \bar z\,[-3 < x < 3]

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    At -3 and 3 the derivative is 0. Source: Howard et al. 2019, section 5.2.

    Examples
    --------
    >>> hardsigmoid([-5.0, 0.0, 1.5, 5.0])
    array([0.  , 0.5 , 0.75, 1.  ])
    """
    return divide(relu6(add(x, 3.0)), 6.0)


def hardswish(x: Operand, /) -> Tensor:
    r"""``silu`` with the logistic function in straight pieces, element by element.

    .. math:: z = \tfrac16 x \min(\max(x + 3, 0), 6), \qquad
              \bar x = \tfrac16 \bar z\,(\min(\max(x + 3, 0), 6) + x\,[-3 < x < 3])

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    At -3 the derivative is 0, at 3 it is 1: those outside. The straight line right of 3 is added,
    not multiplied, so that an infinity does not meet 0. Source: Howard et al. 2019, section 5.2.

    Examples
    --------
    >>> hardswish([-5.0, 0.0, 1.5, 5.0])
    array([0.   , 0.   , 1.125, 5.   ])
    """
    near = hardtanh(x, -3.0, 3.0)
    return add(subtract(clip(x, 3.0), 3.0), multiply(near, hardsigmoid(near)))
