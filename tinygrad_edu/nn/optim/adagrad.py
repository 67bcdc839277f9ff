"""Adagrad: each parameter divides its gradient by the root of the sum of all their squares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...types import Operand
from .moment import direction, root
from .optimizer import Optimizer

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    r"""Steps that shrink where gradients were large or many: for features that are rarely there.

    .. math:: s_t &= s_{t-1} + g_t^2 \\
              \theta_t &= \theta_{t-1} - \frac{\eta}{1 + (t - 1) \eta'}
              \frac{g_t}{\sqrt{s_t} + \epsilon}

    Parameters
    ----------
    params : Module, or parameters
        See ``Optimizer``.
    lr : float, at least 0
        :math:`\eta`, the length of the first step.
    lr_decay : float, at least 0
        :math:`\eta'`.
    weight_decay : float, at least 0
        The strength of an L2 penalty in the gradient :math:`g`.
    initial_accumulator_value : float, at least 0
        :math:`s_0`.
    eps : float, at least 0
        :math:`\epsilon`, against division by zero.
    maximize : bool
        Step with the gradient rather than against it.

    Raises
    ------
    ModuleError, ArgumentError
        See ``Optimizer``.

    Notes
    -----
    Source: Duchi, Hazan and Singer 2011, figure 1, with a diagonal matrix.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([1.0, 2.0])
    >>> opt = Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.data.round(6)
    array([0.9, 1.9])
    """

    per_element = ("sum",)

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "lr_decay": lr_decay,
                "weight_decay": weight_decay,
                "initial_accumulator_value": initial_accumulator_value,
                "eps": eps,
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
        lr_decay: Operand = 0.0,
        weight_decay: Operand = 0.0,
        initial_accumulator_value: Operand = 0.0,
        eps: Operand = 1e-10,
        maximize: bool = False,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the parameter after one step, the sum of squares and the count of steps; pure.

        Parameters
        ----------
        parameter, gradient : array or Tensor, one shape
            Values and gradient.
        state : dict
            Empty before the first step.
        lr, lr_decay, weight_decay, initial_accumulator_value, eps, maximize
            As for the class; numbers may be Tensors to differentiate by.
        """
        step = state.get("step", 0) + 1
        gradient = direction(parameter, gradient, weight_decay, maximize)
        total = state.get("sum", initial_accumulator_value) + gradient * gradient
        pace = lr / (1 + (step - 1) * lr_decay)
        moved = parameter - pace * (gradient / (root(total) + eps))
        return moved, {**state, "step": step, "sum": total}
