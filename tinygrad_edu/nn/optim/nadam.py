"""NAdam: Adam that looks one momentum step ahead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...types import Operand
from .moment import decayed, direction, root, running_mean
from .optimizer import Optimizer

__all__ = ["NAdam"]


class NAdam(Optimizer):
    r"""Adam with Nesterov's momentum, which grows with time.

    .. math:: \mu_t &= \beta_1 (1 - \tfrac12 \cdot 0.96^{t \psi}), \quad
              \Pi_t = \prod_{s \le t} \mu_s \\
              \theta_t &= \theta_{t-1} - \eta\, \Big(
              \frac{1 - \mu_t}{1 - \Pi_t} g_t + \frac{\mu_{t+1}}{1 - \Pi_{t+1}} m_t \Big) \Big/
              \big( \sqrt{v_t / (1 - \beta_2^t)} + \epsilon \big)

    with the running means :math:`m` and :math:`v` of ``Adam``.

    Parameters
    ----------
    params : Module, or parameters
        See ``Optimizer``.
    lr : float, at least 0
        :math:`\eta`, about how far a parameter moves in a step.
    betas : tuple of two floats, 0 to below 1
        How much of the running means remains after a step.
    eps : float, at least 0
        :math:`\epsilon`, against division by zero.
    weight_decay : float, at least 0
        The strength of an L2 penalty in the gradient :math:`g`.
    momentum_decay : float, at least 0
        :math:`\psi`, how fast the momentum goes from half of :math:`\beta_1` to all of it.
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
    Sources: Dozat 2016, the algorithm Nadam; PyTorch, ``torch.optim.NAdam``.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([1.0, 2.0])
    >>> opt = NAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.data.round(4)
    array([0.8944, 1.8944])
    """

    per_element = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
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
                "momentum_decay": momentum_decay,
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
        momentum_decay: Operand = 4e-3,
        decoupled_weight_decay: bool = False,
        maximize: bool = False,
    ) -> tuple[Any, dict[str, Any]]:
        r"""Return the parameter after one step, running means, count and :math:`\Pi_t`; pure.

        Parameters
        ----------
        parameter, gradient : array or Tensor, one shape
            Values and gradient.
        state : dict
            Empty before the first step.
        lr, betas, eps, weight_decay, momentum_decay, decoupled_weight_decay, maximize
            As for the class; numbers may be Tensors to differentiate by.
        """
        beta1, beta2 = betas
        step = state.get("step", 0) + 1
        if decoupled_weight_decay:
            parameter, weight_decay = decayed(parameter, lr, weight_decay), 0.0
        gradient = direction(parameter, gradient, weight_decay, maximize)
        now, ahead = (beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay)) for t in (step, step + 1))
        product = state.get("mu_product", 1.0) * now
        mean = running_mean(state, "exp_avg", beta1, gradient)
        square = running_mean(state, "exp_avg_sq", beta2, gradient * gradient)
        scale = root(square) * (1 - beta2**step) ** -0.5 + eps
        fresh, kept = lr * (1 - now) / (1 - product), lr * ahead / (1 - product * ahead)
        moved = parameter - (fresh * gradient + kept * mean) / scale
        new = {"step": step, "mu_product": product, "exp_avg": mean, "exp_avg_sq": square}
        return moved, {**state, **new}
