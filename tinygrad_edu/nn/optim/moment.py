"""What the formulas of several optimizers share: pure functions of arrays or of Tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor
from ...ops import maximum, sqrt
from ...types import Operand

__all__ = ["decayed", "direction", "root", "running_mean", "wanted"]


def wanted(setting: Any) -> bool:
    """Whether a term takes part: a Tensor always does, since its gradient at 0 is not 0."""
    return isinstance(setting, Tensor) or bool(setting)


def direction(
    parameter: Operand, gradient: Operand, weight_decay: Operand, maximize: bool
) -> Operand:
    r"""Return what a step goes against: the gradient, and that of an L2 penalty.

    .. math:: g \leftarrow \pm\nabla + \lambda \theta
    """
    if maximize:
        gradient = -gradient
    return gradient + weight_decay * parameter if wanted(weight_decay) else gradient


def decayed(parameter: Operand, lr: Operand, weight_decay: Operand) -> Operand:
    r"""Return a parameter after decoupled weight decay, which no running mean sees.

    .. math:: \theta \leftarrow (1 - \eta \lambda)\, \theta

    Notes
    -----
    Source: Loshchilov and Hutter 2019, algorithm 2, line 12.
    """
    return (1 - lr * weight_decay) * parameter if wanted(weight_decay) else parameter


def running_mean(state: Mapping[str, Any], name: str, beta: Operand, value: Operand) -> Operand:
    r"""Return an exponential moving average that starts from 0.

    .. math:: m_t = \beta m_{t-1} + (1 - \beta) x_t
    """
    new = (1 - beta) * value
    if name not in state:
        return new
    old = beta * state[name]
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        old += new  # nobody else holds it, and a third array is a third more to write
        return old
    return old + new


def root(square: Operand) -> Operand:
    r"""Return a square root whose derivative at 0 is 0.

    A parameter without influence, behind a dead unit say, has the gradient 0 and stays where it is
    whatever the settings. :math:`0 \cdot \infty` would make the derivative of all that NaN.
    """
    if isinstance(square, Tensor):
        square = maximum(square, np.finfo(square.dtype).tiny)
    return sqrt(square)
