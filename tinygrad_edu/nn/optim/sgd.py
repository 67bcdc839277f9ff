"""Stochastic gradient descent, with momentum in PyTorch's form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ... import errors
from ...types import Operand
from .moment import direction, wanted
from .optimizer import Optimizer

__all__ = ["SGD"]


class SGD(Optimizer):
    r"""Steps against the gradient, with momentum if wanted.

    .. math:: g_t &\leftarrow \nabla_t + \lambda \theta_{t-1} \\
              b_t &= \mu b_{t-1} + (1 - \tau) g_t, \quad b_1 = g_1 \\
              \theta_t &= \theta_{t-1} - \eta\, (g_t + \mu b_t \text{ if Nesterov, else } b_t)

    Parameters
    ----------
    params : Module, or parameters
        See ``Optimizer``.
    lr : float, at least 0
        :math:`\eta`, the learning rate.
    momentum : float, at least 0
        :math:`\mu`, the part of the last step that goes on.
    dampening : float
        :math:`\tau`.
    weight_decay : float, at least 0
        :math:`\lambda`, the strength of an L2 penalty.
    nesterov : bool
        Look ahead; needs momentum, and no dampening.
    maximize : bool
        Step with the gradient rather than against it.

    Raises
    ------
    ModuleError, ArgumentError
        See ``Optimizer``.

    Notes
    -----
    The learning rate multiplies the buffer, as in PyTorch, rather than what enters it. Sources:
    Sutskever, Martens, Dahl, Hinton 2013, section 2; PyTorch, ``torch.optim.SGD``.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([1.0, 2.0])
    >>> opt = SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.data
    array([0.8, 1.6])
    """

    per_element = ("momentum_buffer",)
    below: ClassVar[Mapping[str, float | None]] = {"dampening": None}

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "dampening": dampening,
                "weight_decay": weight_decay,
                "nesterov": nesterov,
                "maximize": maximize,
            },
        )

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise unless the settings are in their ranges and go together."""
        super().check(settings)
        if settings["nesterov"] and (not settings["momentum"] or settings["dampening"]):
            raise errors.ArgumentError(
                f"nesterov needs momentum and no dampening, got momentum={settings['momentum']} "
                f"and dampening={settings['dampening']}",
                why="it evaluates the gradient one momentum step ahead",
                fix="nn.optim.SGD(model, lr=0.1, momentum=0.9, nesterov=True)",
            )

    @staticmethod
    def update(
        parameter: Operand,
        gradient: Operand,
        state: Mapping[str, Any],
        *,
        lr: Operand,
        momentum: Operand = 0.0,
        dampening: Operand = 0.0,
        weight_decay: Operand = 0.0,
        nesterov: bool = False,
        maximize: bool = False,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the parameter after one step, and the buffer of the momentum; pure.

        Parameters
        ----------
        parameter, gradient : array or Tensor, one shape
            Values and gradient.
        state : dict
            Empty before the first step.
        lr, momentum, dampening, weight_decay, nesterov, maximize
            As for the class; numbers may be Tensors to differentiate by.
        """
        gradient = direction(parameter, gradient, weight_decay, maximize)
        if not wanted(momentum):
            return parameter - lr * gradient, dict(state)
        buffer = gradient
        if "momentum_buffer" in state:
            buffer = momentum * state["momentum_buffer"] + (1 - dampening) * gradient
        step = gradient + momentum * buffer if nesterov else buffer
        return parameter - lr * step, {"momentum_buffer": buffer}
