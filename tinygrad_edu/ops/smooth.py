"""Activation functions without a corner, element by element.

Every value and first slope keeps its digits in both tails, that of ``sigmoid`` on the right to the
rounding of one, and no exponential overflows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..arrays import floats
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Array, Operand
from .arithmetic import abs, multiply, negative
from .powers import square

__all__ = ["sigmoid", "log_sigmoid", "softplus", "softsign"]


def _sigmoid(x: Array) -> Array:
    x = floats(x)
    small = np.exp(-np.abs(x))  # never overflows
    # The larger of it and the truth value is 1 on the right: `where` takes ten times as long.
    return np.divide(np.maximum(small, x >= 0), small + 1.0)


# The slope of softplus, whose own slope has digits far on the right, where 1 - z has none. The
# second exponential makes it three times as slow as sigmoid, backward included.
@operation(_sigmoid, rule=lambda g, out, x: g * out * logistic(-x), domain=Real(-6.0, 6.0))
def logistic(x: Operand, /) -> Tensor:
    r"""The logistic function with a derivative that does not cancel.

    .. math:: z = \sigma(x), \qquad \bar x = \bar z\, \sigma(x)\, \sigma(-x)

    Examples
    --------
    >>> logistic([0.0, 1000.0])
    array([0.5, 1. ])
    """


@operation(_sigmoid, rule=lambda g, out, x: g * out * (1.0 - out), domain=Real(-6.0, 6.0))
def sigmoid(x: Operand, /) -> Tensor:
    r"""Logistic function, element by element.

    .. math:: z = \frac{1}{1 + e^{-x}} = \frac{e^x}{1 + e^x},
              \qquad \bar x = \bar z\, z (1 - z)

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    Tensor
        Shape of ``x``, values in [0, 1].

    Notes
    -----
    The first form is used right of 0 and the second left of it, so nothing overflows and small
    values keep all their digits. Source: Goodfellow, Bengio, Courville 2016, section 3.10.

    Examples
    --------
    >>> sigmoid([0.0, 1000.0, -1000.0])
    array([0.5, 1. , 0. ])
    """


def both_ways(x: Array, small: Array) -> tuple[Array, Array]:
    """The logistic function of ``x`` and of ``-x``, given ``exp(-abs(x))``: each has its digits."""
    share = 1.0 / (small + 1.0)
    return np.maximum(small, x >= 0) * share, np.maximum(small, x <= 0) * share


def _softplus(x: Array, beta: float = 1.0, threshold: float = 20.0) -> Array:
    if not beta > 0:
        raise errors.ArgumentError(
            f"beta is above 0, got {beta!r:.60}",
            op="softplus",
            why="the bend is the sharper the larger it is",
            fix="beta=1.0",
        )
    x = floats(x)
    scaled = x * beta
    bend = np.log1p(np.exp(-np.abs(scaled))) * (scaled <= threshold)
    return np.maximum(x, np.zeros((), x.dtype)) + bend * (1.0 / beta)


def _softplus_rule(g: Any, out: Any, x: Any, beta: float, threshold: float) -> Any:
    scaled = x * beta
    straight = (scaled > threshold).astype(x.dtype)
    return g * (straight + (1.0 - straight) * logistic(scaled))


def _softplus_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape = [(2, 3), (4,), ()][int(rng.integers(3))]
    beta, threshold = [(2.0, 1.0), (0.5, 20.0), (1.5, np.inf)][int(rng.integers(3))]
    x = rng.choice([-2.0, -0.5, 0.25, 1.0, 2.5], shape) + rng.uniform(-0.1, 0.1, shape)
    return (np.asarray(x),), {"beta": beta, "threshold": threshold}


@operation(
    _softplus,
    rule=_softplus_rule,
    domain=Real(-6.0, 6.0),
    samples=_softplus_samples,
    kinks=Kink(
        "beta x = threshold",
        "the slope from the left",
        "there the value is still the curve's; at 20 the two slopes differ by 2e-9",
        at=(20.0,),
        gives=(1.0 / (1.0 + np.exp(-20.0)),),
        torch=(1.0 / (1.0 + np.exp(-20.0)),),
        jax=(1.0 / (1.0 + np.exp(-20.0)),),
    ),
)
def softplus(x: Operand, /, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    r"""A smooth ``relu``, element by element.

    .. math:: z = \tfrac1\beta \ln(1 + e^{\beta x}), \qquad
              \bar x = \bar z\,\frac{1}{1 + e^{-\beta x}}

    Parameters
    ----------
    x : array_like
        Any shape.
    beta : float
        Above 0; how sharply it bends.
    threshold : float
        Where ``beta * x`` is above it, the value is ``x`` itself, as in PyTorch. Infinity, which
        does no harm here, gives the formula everywhere.

    Raises
    ------
    ArgumentError
        When ``beta`` is not above 0.

    Notes
    -----
    A primitive for stability and speed: computed as
    :math:`\max(x, 0) + \tfrac1\beta \ln(1 + e^{-\beta |x|})`, it never overflows, and takes a
    quarter of the time of ``logaddexp``. Source: Dugas et al. 2001.

    Examples
    --------
    >>> softplus([-1000.0, 0.0, 30.0]).round(3)
    array([ 0.   ,  0.693, 30.   ])
    """


def log_sigmoid(x: Operand, /) -> Tensor:
    r"""Logarithm of the logistic function, element by element.

    .. math:: z = -\ln(1 + e^{-x}), \qquad \bar x = \bar z\,\frac{1}{1 + e^x}

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    Composed of ``softplus``, so it neither overflows on the left nor loses digits on the right.
    Source: Goodfellow, Bengio, Courville 2016, section 3.10.

    Examples
    --------
    >>> log_sigmoid([-30.0, 0.0]).round(3)
    array([-30.   ,  -0.693])
    """
    # A product, since unsigned whole numbers have no negative.
    return negative(softplus(multiply(x, -1.0), threshold=np.inf))


def _softsign(x: Array) -> Array:
    x = floats(x)
    return x / (np.abs(x) + 1.0)


@operation(
    _softsign,
    rule=lambda g, out, x: g * square(1.0 / (abs(x) + 1.0)),
    domain=Real(),
)
def softsign(x: Operand, /) -> Tensor:
    r"""The argument over one plus its absolute value, element by element.

    .. math:: z = \frac{x}{1 + |x|}, \qquad \bar x = \frac{\bar z}{(1 + |x|)^2}

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    Tensor
        Shape of ``x``, values in [-1, 1].

    Notes
    -----
    A primitive for stability: composed, the derivative is a difference that cancels far out. The
    second derivative jumps at 0 and is 0 there. Source: Glorot and Bengio 2010, section 3.3.

    Examples
    --------
    >>> softsign([-1.0, 0.0, 3.0])
    array([-0.5 ,  0.  ,  0.75])
    """
