"""Activation functions that let their argument through by a gate, element by element.

The gate opens smoothly from 0 on the far left to 1 on the far right.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import catalogue, errors
from ..arrays import floats, numbers
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Real
from ..types import Array, Operand
from .arithmetic import add, multiply, subtract
from .error_function import erfc
from .exponential import exp
from .hyperbolic import tanh
from .indexing import getitem
from .limits import clip
from .rectified import hardtanh
from .smooth import sigmoid, softplus

__all__ = ["silu", "gelu", "mish", "glu"]

# Beyond it a logistic gate is 0 or 1 in every type, while infinity times 0 would be NaN.
_SHUT = 800.0


def _silu(x: Array) -> tuple[Array, Array]:
    x = floats(x)
    gate: Any = sigmoid(x)
    return np.maximum(x, -_SHUT) * gate, gate


def _silu_rule(g: Any, out: Any, x: Any, saved: Any) -> tuple[Any]:
    gate = sigmoid(x) if saved is None else saved
    slope = 1.0 - gate
    slope *= hardtanh(x, -_SHUT, _SHUT)
    slope += 1.0
    slope *= gate
    slope *= g
    return (slope,)


@operation(_silu, rule=_silu_rule, saves=True, domain=Real(-6.0, 6.0))
def silu(x: Operand, /) -> Tensor:
    r"""Sigmoid linear unit, also called swish, element by element.

    .. math:: z = x\,\sigma(x), \qquad \bar x = \bar z\,\bigl(\sigma(x) + z\,(1 - \sigma(x))\bigr)

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    :math:`\sigma` is ``sigmoid``. A primitive for speed: it multiplies in place. Source: Elfwing,
    Uchibe, Doya 2018, section 2.

    Examples
    --------
    >>> silu([-1000.0, 0.0, 1.0]).round(3)
    array([-0.   ,  0.   ,  0.731])
    """


# Beyond it the gate of gelu is 0 or 1 in every type, while a square or a cube might overflow.
_FAR = 40.0


def _normal_gate(x: Any) -> Any:
    """How likely a normal number is below ``x``; by the complement, exact on the left too."""
    return erfc(x * -math.sqrt(0.5)) * 0.5


# Highest power first: Phi(-u) exp(u*u/2) (u + 4) in (u - 4)/(u + 4), for u from 0 to infinity.
_MIDWAY = 4.0
_BELOW = (
    -1.5732057e-4, 1.2932568e-4, 1.5637869e-3, -3.4761679e-3, -7.5122314e-3, 6.0395296e-2,
    -1.8652667e-1, 3.8713756e-1, -6.0789640e-1, 7.5528513e-1,
)  # fmt: skip


def _single_gate(x: Array) -> Array:
    """The same in single precision by one formula, ten times faster than in double precision."""
    u = np.minimum(np.abs(np.atleast_1d(x)), _FAR)
    inverse = u + _MIDWAY
    np.divide(1.0, inverse, out=inverse)
    place = u - _MIDWAY
    place *= inverse
    below = place * _BELOW[0]
    for coefficient in _BELOW[1:-1]:
        below += coefficient
        below *= place
    below += _BELOW[-1]
    below *= inverse
    u *= u
    u *= -0.5
    below *= np.exp(u, out=u)
    # On the right 1 - below, on the left below, without a branch.
    one_or_zero = np.copysign(0.5, x, out=u)
    one_or_zero += 0.5
    return (one_or_zero - np.copysign(below, x, out=below)).reshape(x.shape)


def _gelu_forward(x: Array) -> tuple[Array, Array]:
    x = floats(x)
    gate = _single_gate(x) if x.dtype == np.float32 else _normal_gate(x)
    return np.maximum(x, -_FAR) * gate, gate


def _gelu_rule(g: Any, out: Any, x: Any, saved: Any) -> tuple[Any]:
    near = hardtanh(x, -_FAR, _FAR)
    gate = _normal_gate(near) if saved is None else saved
    slope = exp(near * near * -0.5)
    slope *= near * math.sqrt(0.5 / math.pi)
    slope += gate
    slope *= g
    return (slope,)


@operation(_gelu_forward, rule=_gelu_rule, saves=True, domain=Real(-5.0, 5.0))
def _gelu(x: Operand, /) -> Tensor:
    r"""The exact Gaussian error linear unit.

    .. math:: z = x\,\Phi(x), \qquad
              \bar x = \bar z\,\bigl(\Phi(x) + \tfrac{x}{\sqrt{2 \pi}} e^{-x^2/2}\bigr)

    Examples
    --------
    >>> _gelu([0.0, 1.0]).round(3)
    array([0.   , 0.841])
    """


_STRAIGHT = math.sqrt(8.0 / math.pi)
_CUBIC = 0.044715 * _STRAIGHT


def _logistic_gate(near: Any) -> Any:
    return sigmoid(near * (near * near * _CUBIC + _STRAIGHT))


def _gelu_tanh_forward(x: Array) -> tuple[Array, Array]:
    x = floats(x)
    gate = _logistic_gate(np.clip(x, -_FAR, _FAR))
    return np.maximum(x, -_FAR) * gate, gate


def _gelu_tanh_rule(g: Any, out: Any, x: Any, saved: Any) -> tuple[Any]:
    near = hardtanh(x, -_FAR, _FAR)
    gate = _logistic_gate(near) if saved is None else saved
    slope = near * near
    slope *= 3.0 * _CUBIC
    slope += _STRAIGHT
    slope *= 1.0 - gate
    slope *= near * gate
    slope += gate
    slope *= g
    return (slope,)


@operation(_gelu_tanh_forward, rule=_gelu_tanh_rule, saves=True, domain=Real(-4.0, 4.0))
def _gelu_tanh(x: Operand, /) -> Tensor:
    r"""The Gaussian error linear unit, approximated.

    .. math:: z = x\,\sigma(u), \quad u = \sqrt{8/\pi}\,(x + 0.044715\,x^3), \qquad
              \bar x = \bar z\,\bigl(\sigma(u) + z\,(1 - \sigma(u))\,u'\bigr)

    Examples
    --------
    >>> _gelu_tanh([0.0, 1.0]).round(3)
    array([0.   , 0.841])
    """


def gelu(x: Operand, /, approximate: str = "none") -> Tensor:
    r"""Gaussian error linear unit: the argument times the part of a normal distribution below it.

    .. math:: z = x\,\Phi(x) = \tfrac12 x \operatorname{erfc}(-x/\sqrt2), \qquad
              \bar x = \bar z\,\bigl(\Phi(x) + \tfrac{x}{\sqrt{2 \pi}} e^{-x^2/2}\bigr)

    Parameters
    ----------
    x : array_like
        Any shape.
    approximate : {"none", "tanh"}
        With ``"tanh"``, :math:`z = \tfrac12 x\,(1 + \tanh(\sqrt{2/\pi}\,(x + 0.044715\,x^3)))`,
        which is off by 5e-4 at most and several times as fast.

    Raises
    ------
    ArgumentError
        For another approximation.

    Notes
    -----
    A primitive for stability and speed: the far left keeps its digits, a cube of a large number
    does not overflow, float32 is computed without float64 (off by 1e-6 of the gate, where it is
    above 1e-7), and the approximation takes one exponential, as
    :math:`\tfrac12 (1 + \tanh u) = \sigma(2u)`. Source: Hendrycks and Gimpel 2016, section 2.

    Examples
    --------
    >>> gelu([-1000.0, 0.0, 1.0]).round(3)
    array([-0.   ,  0.   ,  0.841])
    """
    if approximate not in ("none", "tanh"):
        raise catalogue.unknown_choice("approximate", approximate, ("none", "tanh"))
    return _gelu(x) if approximate == "none" else _gelu_tanh(x)


def mish(x: Operand, /) -> Tensor:
    r"""A smooth unit with a dip left of 0, element by element.

    .. math:: z = x \tanh \ln(1 + e^x)

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    Composed of ``softplus`` and ``tanh``; where the gate is open or shut, a straight line is added
    instead of multiplied, so that an infinity does not meet 0. Source: Misra 2020, equation 1.

    Examples
    --------
    >>> mish([-1000.0, 0.0, 1.0]).round(3)
    array([0.   , 0.   , 0.865])
    """
    near = hardtanh(x, -_SHUT, _FAR)
    return add(subtract(clip(x, _FAR), _FAR), multiply(near, tanh(softplus(near))))


def glu(x: Operand, /, axis: int = -1) -> Tensor:
    r"""Gated linear unit: one half of an axis, let through by the other half.

    .. math:: z = a\,\sigma(b), \qquad x = (a \mid b)

    Parameters
    ----------
    x : array_like
        With an even length along ``axis``.
    axis : int
        The axis that is halved.

    Raises
    ------
    ShapeError
        When there is no such axis, or its length is odd.

    Notes
    -----
    Source: Dauphin et al. 2017, equation 1.

    Examples
    --------
    >>> glu([[1.0, 2.0, 0.0, 1000.0]])
    array([[0.5, 2. ]])
    """
    x = x if isinstance(x, Tensor) else numbers(x)
    shape = x.shape
    if not isinstance(axis, int) or not -len(shape) <= axis < len(shape) or shape[axis] % 2:
        raise errors.ShapeError(
            f"`glu` halves axis {axis!r:.40} of {shape}",
            shapes=(shape,),
            op="glu",
            why="one half is gated by the other, so the axis must exist and have an even length",
            fix="axis=-1   # if the last has an even length",
        )
    before, half = (slice(None),) * (axis % len(shape)), shape[axis] // 2
    first, second = (*before, slice(0, half)), (*before, slice(half, None))
    return multiply(getitem(x, first), sigmoid(getitem(x, second)))
