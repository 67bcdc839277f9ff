"""Activation functions that let their argument through by a gate, element by element.

The gate opens smoothly from 0 on the far left to 1 on the far right.
"""

from __future__ import annotations

from typing import Any

from .. import errors
from ..arrays import floats, numbers
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Real
from ..types import Array, Operand
from .arithmetic import multiply
from .hyperbolic import tanh
from .indexing import getitem
from .smooth import sigmoid, softplus

__all__ = ["silu", "mish", "glu"]


def _silu(x: Array) -> tuple[Array, Array]:
    x = floats(x)
    gate: Any = sigmoid(x)
    return x * gate, gate


def _silu_rule(g: Any, out: Any, x: Any, saved: Any) -> tuple[Any]:
    gate = sigmoid(x) if saved is None else saved
    slope = 1.0 - gate
    slope *= out
    slope += gate
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


def mish(x: Operand, /) -> Tensor:
    r"""A smooth unit with a dip left of 0, element by element.

    .. math:: z = x \tanh \ln(1 + e^x)

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    Composed of ``softplus`` and ``tanh``. Source: Misra 2020, equation 1.

    Examples
    --------
    >>> mish([-1000.0, 0.0, 1.0]).round(3)
    array([-0.   ,  0.   ,  0.865])
    """
    return multiply(x, tanh(softplus(x)))


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
