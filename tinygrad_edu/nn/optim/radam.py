"""RAdam: Adam that waits until it has seen enough gradients to divide by their size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...types import Operand
from .moment import decayed, direction, root, running_mean
from .optimizer import Optimizer

__all__ = ["RAdam"]


class RAdam(Optimizer):
    r"""Adam with a warm-up that follows from the variance of its adaptive step.

    .. math:: \rho_\infty &= \frac{2}{1 - \beta_2} - 1, \quad
              \rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t} \\
              \theta_t &= \theta_{t-1} - \eta\, \frac{m_t}{1 - \beta_1^t} \cdot \begin{cases}
              \sqrt{\frac{(\rho_t - 4)(\rho_t - 2)\rho_\infty}
              {(\rho_\infty - 4)(\rho_\infty - 2)\rho_t}}
              \frac{\sqrt{1 - \beta_2^t}}{\sqrt{v_t} + \epsilon} & \rho_t > 5 \\
              1 & \text{else} \end{cases}

    with the running means :math:`m` and :math:`v` of ``Adam``.

    Parameters
    ----------
    params : Module, or parameters
        See ``Optimizer``.
    lr : float, at least 0
        :math:`\eta`. The first steps, five of them with the usual betas, are as long as the mean
        gradient, times this.
    betas : tuple of two floats, 0 to below 1
        How much of the running means remains after a step.
    eps : float, at least 0
        :math:`\epsilon`, against division by zero.
    weight_decay : float, at least 0
        The strength of an L2 penalty in the gradient.
    decoupled_weight_decay : bool
        Decay the parameter itself, as ``AdamW``.
    maximize : bool
        Step with the gradient rather than against it.

    Raises
    ------
    ModuleError, ArgumentError
        See ``Optimizer``.

    Notes
    -----
    Source: Liu et al. 2020, algorithm 2, with PyTorch's threshold of 5 in place of 4.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([1.0, 2.0])
    >>> opt = RAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.data.round(6)
    array([0.8, 1.6])
    """

    per_element = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
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
                "decoupled_weight_decay": decoupled_weight_decay,
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
        decoupled_weight_decay: bool = False,
        maximize: bool = False,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the parameter after one step, the running means and the count of steps; pure.

        Parameters
        ----------
        parameter, gradient : array or Tensor, one shape
            Values and gradient.
        state : dict
            Empty before the first step.
        lr, betas, eps, weight_decay, decoupled_weight_decay, maximize
            As for the class; numbers may be Tensors to differentiate by.
        """
        beta1, beta2 = betas
        step = state.get("step", 0) + 1
        if decoupled_weight_decay:
            parameter, weight_decay = decayed(parameter, lr, weight_decay), 0.0
        gradient = direction(parameter, gradient, weight_decay, maximize)
        mean = running_mean(state, "exp_avg", beta1, gradient)
        square = running_mean(state, "exp_avg_sq", beta2, gradient * gradient)
        unbiased, most = 1 - beta2**step, 2 / (1 - beta2) - 1
        length = most - 2 * step * beta2**step / unbiased
        pace, moves = lr / (1 - beta1**step), mean
        if length > 5:
            certain = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
            pace, moves = pace * (certain * unbiased) ** 0.5, mean / (root(square) + eps)
        new = {"step": step, "exp_avg": mean, "exp_avg_sq": square}
        return parameter - pace * moves, {**state, **new}
