"""RMSprop: the gradient over the root of the running mean of its square."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...ops import maximum
from ...types import Operand
from .moment import direction, root, running_mean, wanted
from .optimizer import Optimizer

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    r"""Steps of about one size, whatever the size of the gradient.

    .. math:: v_t &= \alpha v_{t-1} + (1 - \alpha) g_t^2, \quad
              m_t = \alpha m_{t-1} + (1 - \alpha) g_t \\
              d_t &= g_t \big/ \big( \sqrt{v_t - m_t^2 \text{ if centered, else } v_t}
              + \epsilon \big) \\
              b_t &= \mu b_{t-1} + d_t, \quad \theta_t = \theta_{t-1} - \eta\, b_t

    Parameters
    ----------
    params : Module, or parameters
        See ``Optimizer``.
    lr : float, at least 0
        :math:`\eta`.
    alpha : float, 0 to below 1
        :math:`\alpha`, how much of the running means remains after a step.
    eps : float, at least 0
        :math:`\epsilon`, against division by zero.
    weight_decay : float, at least 0
        The strength of an L2 penalty in the gradient :math:`g`.
    momentum : float, at least 0
        :math:`\mu`, the part of the last step that goes on.
    centered : bool
        Divide by the standard deviation of the gradient, not by its size.
    maximize : bool
        Step with the gradient rather than against it.

    Raises
    ------
    ModuleError, ArgumentError
        See ``Optimizer``.

    Notes
    -----
    Rounding can make the variance of a gradient that stays the same negative. It counts as 0 then,
    where PyTorch gets NaN. Sources: Tieleman and Hinton 2012, lecture 6.5; ``centered``: Graves
    2013, equations 38 to 41.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([1.0, 2.0])
    >>> opt = RMSprop([w], lr=0.01)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.data.round(6)
    array([0.9, 1.9])
    """

    per_element = ("square_avg", "momentum_buffer", "grad_avg")
    below: ClassVar[Mapping[str, float | None]] = {"alpha": 1.0}

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "alpha": alpha,
                "eps": eps,
                "weight_decay": weight_decay,
                "momentum": momentum,
                "centered": centered,
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
        alpha: Operand = 0.99,
        eps: Operand = 1e-8,
        weight_decay: Operand = 0.0,
        momentum: Operand = 0.0,
        centered: bool = False,
        maximize: bool = False,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the parameter after one step, running means, buffer and count of steps; pure.

        Parameters
        ----------
        parameter, gradient : array or Tensor, one shape
            Values and gradient.
        state : dict
            Empty before the first step.
        lr, alpha, eps, weight_decay, momentum, centered, maximize
            As for the class; numbers may be Tensors to differentiate by.
        """
        gradient = direction(parameter, gradient, weight_decay, maximize)
        square = running_mean(state, "square_avg", alpha, gradient * gradient)
        new = {**state, "step": state.get("step", 0) + 1, "square_avg": square}
        if centered:
            new["grad_avg"] = mean = running_mean(state, "grad_avg", alpha, gradient)
            square = maximum(square - mean * mean, 0.0)
        moves = gradient / (root(square) + eps)
        if wanted(momentum):
            if "momentum_buffer" in state:
                moves = momentum * state["momentum_buffer"] + moves
            new["momentum_buffer"] = moves
        return parameter - lr * moves, new
