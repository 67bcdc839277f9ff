"""Adam and AdamW: steps of a size that does not depend on that of the gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...ops import maximum
from ...types import Operand
from .moment import decayed, direction, root, running_mean
from .optimizer import Optimizer

__all__ = ["Adam", "AdamW"]


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
        :math:`\lambda`, the strength of an L2 penalty in the gradient. The root divides it too, so
        that weights with large gradients decay less: ``AdamW`` does not do so.
    amsgrad : bool
        Divide by the largest :math:`v` so far, so that steps do not grow again.
    maximize : bool
        Step with the gradient rather than against it.
    decoupled_weight_decay : bool
        Decay the parameter itself, as ``AdamW``.

    Raises
    ------
    ModuleError, ArgumentError
        See ``Optimizer``.

    Notes
    -----
    Sources: Kingma and Ba 2015, algorithm 1; ``amsgrad``: Reddi, Kale and Kumar 2018, algorithm 2,
    with PyTorch's correction of the bias after the maximum.

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

    per_element = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "amsgrad": amsgrad,
                "maximize": maximize,
                "decoupled_weight_decay": decoupled_weight_decay,
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
        amsgrad: bool = False,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the parameter after one step, the running means and the count of steps; pure.

        Parameters
        ----------
        parameter, gradient : array or Tensor, one shape
            Values and gradient.
        state : dict
            Empty before the first step.
        lr, betas, eps, weight_decay, amsgrad, maximize, decoupled_weight_decay
            As for the class; numbers may be Tensors to differentiate by.
        """
        beta1, beta2 = betas
        step = state.get("step", 0) + 1
        if decoupled_weight_decay:
            parameter, weight_decay = decayed(parameter, lr, weight_decay), 0.0
        gradient = direction(parameter, gradient, weight_decay, maximize)
        mean = running_mean(state, "exp_avg", beta1, gradient)
        square = running_mean(state, "exp_avg_sq", beta2, gradient * gradient)
        new = {**state, "step": step, "exp_avg": mean, "exp_avg_sq": square}
        if amsgrad:
            if "max_exp_avg_sq" in state:
                square = maximum(state["max_exp_avg_sq"], square)
            new["max_exp_avg_sq"] = square
        # The two corrections are single numbers: they must not cost passes over the arrays.
        scale = root(square) * (1 - beta2**step) ** -0.5 + eps
        return parameter - (lr / (1 - beta1**step)) * (mean / scale), new


class AdamW(Optimizer):
    r"""Adam whose weight decay does not pass through the running means.

    .. math:: \theta_t = (1 - \eta \lambda)\, \theta_{t-1} - \eta\, \frac{m_t / (1 - \beta_1^t)}
              {\sqrt{v_t / (1 - \beta_2^t)} + \epsilon}

    Parameters
    ----------
    params : Module, or parameters
        See ``Optimizer``.
    lr, betas, eps, amsgrad, maximize
        As for ``Adam``.
    weight_decay : float, at least 0
        :math:`\lambda`, the part of each weight that goes in a step, in units of ``lr``.

    Raises
    ------
    ModuleError, ArgumentError
        See ``Optimizer``.

    Notes
    -----
    Source: Loshchilov and Hutter 2019, algorithm 2.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([1.0, 2.0])
    >>> opt = AdamW([w], lr=0.1, weight_decay=0.5)
    >>> opt.step([[0.0, 0.0]])
    >>> w.data
    array([0.95, 1.9 ])
    """

    per_element = Adam.per_element

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
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
                "amsgrad": amsgrad,
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
        weight_decay: Operand = 1e-2,
        **settings: Any,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the parameter after one step of ``Adam`` with decoupled decay, and its state."""
        return Adam.update(
            parameter,
            gradient,
            state,
            lr=lr,
            weight_decay=weight_decay,
            decoupled_weight_decay=True,
            **settings,
        )
