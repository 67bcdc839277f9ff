"""Proximal L1: weights that do not help become 0, exactly.

An L1 penalty in the loss has a gradient of one size everywhere but at 0, so that weights dance
around 0 and never stay there. The proximal step takes the penalty apart from the loss and solves
its part exactly.
"""

from __future__ import annotations

from typing import Any

from ...ops import clip, negative, subtract
from ...types import Operand
from .group import named
from .ranges import check_number

__all__ = ["proximal_l1", "soft_threshold"]


def soft_threshold(x: Operand, threshold: Operand) -> Any:
    r"""Return numbers drawn towards 0 by ``threshold``, and 0 where that is further than they were.

    .. math:: S_t(x) = \operatorname{sgn}(x) \max(|x| - t, 0)
              = \arg\min_z \tfrac12 (z - x)^2 + t |z|

    Parameters
    ----------
    x : array or Tensor, any shape
        Mostly a parameter after a step.
    threshold : float, or array or Tensor of a shape that broadcasts
        At least 0.

    Notes
    -----
    Source: Parikh and Boyd 2014, section 6.5.2.

    Examples
    --------
    >>> soft_threshold([3.0, -0.5, -2.0], 1.0)
    array([ 2.,  0., -1.])
    """
    return subtract(x, clip(x, negative(threshold), threshold))


def proximal_l1(params: Any, strength: float) -> None:
    r"""Take the proximal step of an L1 penalty: after each ``opt.step()``.

    .. math:: \theta \leftarrow S_{\eta\lambda}(\theta)

    Parameters
    ----------
    params : Module, or parameters
        As an optimizer takes them; mostly weights without biases.
    strength : float, at least 0
        :math:`\eta\lambda`: the learning rate of the step before, times the weight of the penalty.

    Raises
    ------
    ModuleError, ArgumentError
        For no parameters, or a strength that is negative.

    Notes
    -----
    With gradient descent this is ISTA, and goes to the minimum of loss + :math:`\lambda \sum|w|`.
    Source: Parikh and Boyd 2014, section 4.3.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([0.3, -0.02])
    >>> proximal_l1([w], strength=0.1)
    >>> w.data.round(6)
    array([0.2, 0. ])
    """
    check_number("strength", strength)
    pairs = named(params)
    for _, parameter in pairs:
        parameter.data = soft_threshold(parameter.data, float(strength))
