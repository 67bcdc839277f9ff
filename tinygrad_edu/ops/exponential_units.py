"""Activation functions with a straight right side and an exponential left side."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..arrays import floats
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..domain import Kink, Real
from ..types import Array, Operand
from .exponential import exp
from .rectified import relu

__all__ = ["elu", "selu", "celu"]

# Scale and alpha of selu, as far as float64 holds them.
_SCALE, _ALPHA = 1.0507009873554805, 1.6732632423543772


def _elu_forward(x: Array, *, scale: float, height: float, rate: float) -> Array:
    x = floats(x)
    zero = np.zeros((), x.dtype)
    tail = np.expm1(np.minimum(x, zero) * rate)  # 0 on the right side
    return np.maximum(x, zero) * scale + tail * height


def _elu_rule(g: Any, out: Any, x: Any, scale: float, height: float, rate: float) -> Any:
    right = (x > 0).astype(x.dtype)
    # Not from the value: it is near -height, and what it differs by is lost in rounding.
    tail = exp(relu(-x) * -rate) * (height * rate)
    return g * (right * scale + (1.0 - right) * tail)


def _elu_samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape = [(2, 3), (3,), ()][int(rng.integers(3))]
    scale, height, rate = [(2.0, 0.5, 3.0), (0.5, -1.5, 2.0)][int(rng.integers(2))]
    # Far right, where the exponential of the left side would overflow.
    x = rng.uniform(0.2, 2.0, shape) * rng.choice([-1.0, 1.0, 500.0], shape)
    return (x,), {"scale": scale, "height": height, "rate": rate}


@operation(
    _elu_forward,
    rule=_elu_rule,
    domain=Real(-3.0, 3.0, exclude=(0.0,)),
    samples=_elu_samples,
    kinks=Kink(
        "x = 0",
        "the slope of the left side; with alpha 1 both sides have it",
        "the choice of PyTorch and JAX",
        at=(0.0,),
        gives=(_SCALE * _ALPHA,),
        torch=(_SCALE * _ALPHA,),
        jax=(_SCALE * _ALPHA,),
    ),
)
def _elu(
    x: Operand, /, *, scale: float = _SCALE, height: float = _SCALE * _ALPHA, rate: float = 1.0
) -> Tensor:
    r"""A straight right side and an exponential left side, by default those of selu.

    .. math:: z = s \max(x, 0) + h\,(e^{r \min(x, 0)} - 1), \qquad
              \bar x = \bar z\,(s\,[x > 0] + h r e^{r x} [x \le 0])

    Examples
    --------
    >>> _elu([-1.0, 2.0], scale=3.0, height=1.0).round(3)
    array([-0.632,  6.   ])
    """


def elu(x: Operand, /, alpha: float = 1.0) -> Tensor:
    r"""Exponential linear unit, element by element.

    .. math:: z = \max(x, 0) + \alpha\,(e^{\min(x, 0)} - 1), \qquad
              \bar x = \bar z\,([x > 0] + \alpha e^x [x \le 0])

    Parameters
    ----------
    x : array_like
        Any shape.
    alpha : float
        Minus the value far left.

    Notes
    -----
    A primitive for stability and speed: the derivative is an exponential of its own, so the far
    left keeps its digits, and nothing overflows on the right. Source: Clevert, Unterthiner,
    Hochreiter 2016, section 3.

    Examples
    --------
    >>> elu([-1000.0, -1.0, 2.0]).round(3)
    array([-1.   , -0.632,  2.   ])
    """
    return _elu(x, scale=1.0, height=alpha)


def selu(x: Operand, /) -> Tensor:
    r"""Exponential linear unit scaled so that layers keep mean 0 and variance 1.

    .. math:: z = \lambda\,(\max(x, 0) + \alpha\,(e^{\min(x, 0)} - 1)), \qquad
              \bar x = \bar z\,\lambda\,([x > 0] + \alpha e^x [x \le 0])

    Parameters
    ----------
    x : array_like
        Any shape.

    Notes
    -----
    :math:`\lambda \approx 1.0507` and :math:`\alpha \approx 1.6733`. At 0 the derivative is that of
    the left side. Source: Klambauer et al. 2017, equation 2.

    Examples
    --------
    >>> selu([-1.0, 1.0]).round(3)
    array([-1.111,  1.051])
    """
    return _elu(x, scale=_SCALE, height=_SCALE * _ALPHA)


def celu(x: Operand, /, alpha: float = 1.0) -> Tensor:
    r"""Exponential linear unit with slope 1 at 0 for every ``alpha``.

    .. math:: z = \max(x, 0) + \alpha\,(e^{\min(x, 0) / \alpha} - 1), \qquad
              \bar x = \bar z\,([x > 0] + e^{x / \alpha} [x \le 0])

    Parameters
    ----------
    x : array_like
        Any shape.
    alpha : float
        Above 0; minus the value far left.

    Raises
    ------
    ArgumentError
        When ``alpha`` is not above 0.

    Notes
    -----
    Source: Barron 2017.

    Examples
    --------
    >>> celu([-1000.0, -1.0, 2.0], 2.0).round(3)
    array([-2.   , -0.787,  2.   ])
    """
    if not alpha > 0:
        raise errors.ArgumentError(
            f"alpha is above 0, got {alpha!r:.60}",
            why="the left side falls as exp(x / alpha)",
            fix="alpha=1.0",
        )
    return _elu(x, scale=1.0, height=alpha, rate=1.0 / alpha)
