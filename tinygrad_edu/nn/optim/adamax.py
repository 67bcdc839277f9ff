"""Adamax: Adam with the largest gradient in place of the root of the mean square."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...ops import abs, maximum
from ...types import Operand
from .moment import direction, running_mean
from .optimizer import Optimizer

__all__ = ["Adamax"]


class Adamax(Optimizer):
    r"""Steps by the running mean of the gradient over a maximum that fades.

    .. math:: m_t &= \beta_1 m_{t-1} + (1 - \beta_1) g_t, \quad
              u_t = \max(\beta_2 u_{t-1}, |g_t| + \epsilon) \\
              \theta_t &= \theta_{t-1} - \frac{\eta}{1 - \beta_1^t} \frac{m_t}{u_t}

    Parameters
    ----------
    params : Module, or parameters
        See ``Optimizer``.
    lr : float, at least 0
        :math:`\eta`, the farthest that a parameter moves in a step.
    betas : tuple of two floats, 0 to below 1
        How much of mean and maximum remains after a step.
    eps : float, at least 0
        :math:`\epsilon`, against division by zero.
    weight_decay : float, at least 0
        The strength of an L2 penalty in the gradient :math:`g`.
    maximize : bool
        Step with the gradient rather than against it.

    Raises
    ------
    ModuleError, ArgumentError
        See ``Optimizer``.

    Notes
    -----
    Source: Kingma and Ba 2015, algorithm 2.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([1.0, 2.0])
    >>> opt = Adamax([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.data.round(6)
    array([0.9, 1.9])
    """

    per_element = ("exp_avg", "exp_inf")

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "maximize": maximize,
            },
        )

    @staticmethod
    def update(
        parameter: Operand,
        gradient: Operand,
        state: Mapping[str, Any],
        *,
        lr: Operand,
        betas: tuple[Operand, Operand] = (0.9, 0.999),
        eps: Operand = 1e-8,
        weight_decay: Operand = 0.0,
        maximize: bool = False,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the parameter after one step, mean, maximum and the count of steps; pure.

        Parameters
        ----------
        parameter, gradient : array or Tensor, one shape
            Values and gradient.
        state : dict
            Empty before the first step.
        lr, betas, eps, weight_decay, maximize
            As for the class; numbers may be Tensors to differentiate by.
        """
        beta1, beta2 = betas
        step = state.get("step", 0) + 1
        gradient = direction(parameter, gradient, weight_decay, maximize)
        mean = running_mean(state, "exp_avg", beta1, gradient)
        largest = abs(gradient) + eps
        if "exp_inf" in state:
            largest = maximum(beta2 * state["exp_inf"], largest)
        moved = parameter - (lr / (1 - beta1**step)) * (mean / largest)
        return moved, {**state, "step": step, "exp_avg": mean, "exp_inf": largest}
