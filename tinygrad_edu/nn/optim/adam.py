"""Adam: steps of a size that does not depend on that of the gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import errors
from ...ops import sqrt
from ...types import Operand
from .optimizer import Optimizer, check_range, wanted

__all__ = ["Adam"]


class Adam(Optimizer):
    r"""Steps by the running mean of the gradient over the root of that of its square.

    .. math:: g_t &\leftarrow \nabla_t + \lambda \theta_{t-1} \\
              m_t &= \beta_1 m_{t-1} + (1 - \beta_1) g_t, \quad
              v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2 \\
              \theta_t &= \theta_{t-1} - \eta\, \frac{m_t / (1 - \beta_1^t)}
              {\sqrt{v_t / (1 - \beta_2^t)} + \epsilon}

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
        :math:`\lambda`, the strength of an L2 penalty in the gradient.

    Raises
    ------
    ModuleError, ArgumentError
        See ``Optimizer``.

    Notes
    -----
    Source: Kingma and Ba 2015, algorithm 1.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([1.0, 2.0])
    >>> opt = Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.data.round(6)
    array([0.9, 1.9])
    """

    per_element = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        )

    def check(self, settings: dict[str, Any]) -> None:
        """Raise unless the settings are in their ranges."""
        super().check({name: settings[name] for name in ("lr", "eps", "weight_decay")})
        betas = settings["betas"]
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise errors.ArgumentError(f"betas are two numbers, got {betas!r}", fix="(0.9, 0.999)")
        for k, beta in enumerate(betas):
            check_range(f"betas[{k}]", beta, high=1.0)

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
    ) -> tuple[Any, dict[str, Any]]:
        """Return the parameter after one step, the running means and the count of steps; pure.

        Parameters
        ----------
        parameter, gradient : array or Tensor, one shape
            Values and gradient.
        state : dict
            Empty before the first step.
        lr, betas, eps, weight_decay
            As for the class; numbers, or Tensors to differentiate by.
        """
        beta1, beta2 = betas
        step = state.get("step", 0) + 1
        if wanted(weight_decay):
            gradient = gradient + weight_decay * parameter
        mean = (1 - beta1) * gradient
        square = (1 - beta2) * gradient * gradient
        if step > 1:
            mean = beta1 * state["exp_avg"] + mean
            square = beta2 * state["exp_avg_sq"] + square
        # The two corrections are single numbers: they must not cost passes over the arrays.
        root = sqrt(square) * (1 - beta2**step) ** -0.5 + eps
        moved = parameter - (lr / (1 - beta1**step)) * (mean / root)
        return moved, {"step": step, "exp_avg": mean, "exp_avg_sq": square}
