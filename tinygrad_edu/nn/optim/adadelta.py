"""Adadelta: the size of a step follows that of the steps before, in the units of the parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...types import Operand
from .moment import direction, root, running_mean
from .optimizer import Optimizer

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    r"""Steps by the gradient times the ratio of two running sizes: of steps, and of gradients.

    .. math:: v_t &= \rho v_{t-1} + (1 - \rho) g_t^2, \quad
              \Delta_t = \frac{\sqrt{u_{t-1} + \epsilon}}{\sqrt{v_t + \epsilon}}\, g_t \\
              u_t &= \rho u_{t-1} + (1 - \rho) \Delta_t^2, \quad
              \theta_t = \theta_{t-1} - \eta \Delta_t

    Parameters
    ----------
    params : Module, or parameters
        See ``Optimizer``.
    lr : float, at least 0
        :math:`\eta`; the paper has none, which is 1.
    rho : float, 0 to below 1
        :math:`\rho`, how much of the running sizes remains after a step.
    eps : float, at least 0
        :math:`\epsilon`, from which the first steps get their size.
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
    Source: Zeiler 2012, algorithm 1.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([1.0, 2.0])
    >>> opt = Adadelta([w])
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.data.round(6)
    array([0.996838, 1.996838])
    """

    per_element = ("square_avg", "acc_delta")
    below: ClassVar[Mapping[str, float | None]] = {"rho": 1.0}

    def __init__(
        self,
        params: Any,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "rho": rho,
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
        rho: Operand = 0.9,
        eps: Operand = 1e-6,
        weight_decay: Operand = 0.0,
        maximize: bool = False,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the parameter after one step, both running sizes and the count of steps; pure.

        Parameters
        ----------
        parameter, gradient : array or Tensor, one shape
            Values and gradient.
        state : dict
            Empty before the first step.
        lr, rho, eps, weight_decay, maximize
            As for the class; numbers may be Tensors to differentiate by.
        """
        gradient = direction(parameter, gradient, weight_decay, maximize)
        square = running_mean(state, "square_avg", rho, gradient * gradient)
        # A quotient of roots would be no faster, and one root has one place where it is not smooth.
        delta = root((state.get("acc_delta", 0.0) + eps) / (square + eps)) * gradient
        new = {
            "step": state.get("step", 0) + 1,
            "square_avg": square,
            "acc_delta": running_mean(state, "acc_delta", rho, delta * delta),
        }
        return parameter - lr * delta, {**state, **new}
