"""Proximal L1: weights that do not help become 0, exactly.

An L1 penalty in the loss has a gradient of one size everywhere but at 0, so that weights dance
around 0 and never stay there. The proximal step takes the penalty apart from the loss and solves
its part exactly.
"""

from __future__ import annotations

from typing import Any

from .. import catalogue
from ..losses.penalty import soft_threshold
from .group import named
from .ranges import check_number

__all__ = ["proximal_l1"]


def proximal_l1(params: Any, strength: float) -> None:
    r"""Take the proximal step of an L1 penalty: after each ``opt.step()``.

    .. math:: \theta_i \leftarrow \operatorname{sgn}(\theta_i) \max(|\theta_i| - \eta\lambda, 0)

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
    It is ``nn.functional.soft_threshold`` of every number. With gradient descent this is ISTA, and
    goes to the minimum of loss + :math:`\lambda \sum |\theta_i|`. Source: Parikh and Boyd 2014,
    section 4.3.

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
    if not pairs:
        raise catalogue.no_parameters(params)
    for _, parameter in pairs:
        parameter.data = soft_threshold(parameter.data, float(strength))
