"""Schedules that go down: in steps, exponentially, as a power; and any function of one's own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..ranges import check_count, check_number
from . import catalogue
from .schedule import Curve, optimizer_of, per_group

__all__ = ["ExponentialLR", "LambdaLR", "MultiStepLR", "PolynomialLR", "StepLR"]


class LambdaLR(Curve):
    r"""A factor that a function of the step gives.

    .. math:: \eta_t = \eta_0\, f(t)

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change.
    lr_lambda : callable, or list of callable
        :math:`f`, for all parameter groups or for each.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For what cannot be called, or not one function a group.

    Notes
    -----
    It sets the learning rate, whatever others made of it. Source: PyTorch,
    ``torch.optim.lr_scheduler.LambdaLR``.

    Examples
    --------
    >>> LambdaLR.rate(3, 0.1, lr_lambda=lambda t: 1 / (1 + t))
    0.025
    """

    chainable = False

    def __init__(
        self,
        optimizer: Any,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        functions = per_group("lr_lambda", lr_lambda, optimizer_of(optimizer, "LambdaLR"))
        for function in functions:
            if not callable(function):
                raise catalogue.not_a_factor(function)
        super().__init__(optimizer, [{"lr_lambda": f} for f in functions], last_epoch)

    @staticmethod
    def rate(step: Any, base_lr: Any, *, lr_lambda: Callable[[Any], Any]) -> Any:
        """Return the learning rate after ``step`` steps; pure."""
        return base_lr * lr_lambda(step)


class StepLR(Curve):
    r"""A part of the learning rate remains after every so many steps.

    .. math:: \eta_t = \eta_0\, \gamma^{\lfloor t / s \rfloor}

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change.
    step_size : int, at least 1
        :math:`s`.
    gamma : float, at least 0
        :math:`\gamma`.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For a setting out of range.

    Notes
    -----
    Source: PyTorch, ``torch.optim.lr_scheduler.StepLR``.

    Examples
    --------
    >>> [StepLR.rate(t, 1.0, step_size=2, gamma=0.5) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(
        self, optimizer: Any, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        check_number("gamma", gamma, fix="gamma=0.1")
        size = check_count("step_size", step_size)
        super().__init__(optimizer, {"step_size": size, "gamma": gamma}, last_epoch)

    @staticmethod
    def rate(step: Any, base_lr: Any, *, step_size: int, gamma: float = 0.1) -> Any:
        """Return the learning rate after ``step`` steps; pure."""
        return base_lr * gamma ** (step // step_size)


class MultiStepLR(Curve):
    r"""A part of the learning rate remains after each milestone.

    .. math:: \eta_t = \eta_0\, \gamma^{\#\{m \le t\}}

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change.
    milestones : iterable of int, in order, at least 0
        :math:`m`. One that stands there twice counts twice.
    gamma : float, at least 0
        :math:`\gamma`.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For milestones out of order, or a setting out of range.

    Notes
    -----
    Source: PyTorch, ``torch.optim.lr_scheduler.MultiStepLR``.

    Examples
    --------
    >>> [MultiStepLR.rate(t, 1.0, milestones=[1, 3], gamma=0.5) for t in range(5)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    def __init__(
        self,
        optimizer: Any,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        check_number("gamma", gamma, fix="gamma=0.1")
        settings = {"milestones": in_order(milestones), "gamma": gamma}
        super().__init__(optimizer, settings, last_epoch)

    @staticmethod
    def rate(step: Any, base_lr: Any, *, milestones: Sequence[int], gamma: float = 0.1) -> Any:
        """Return the learning rate after ``step`` steps; pure."""
        return base_lr * gamma ** bisect_right(milestones, step)


def in_order(milestones: Any, low: int = 0, apart: bool = False) -> list[int]:
    """Return milestones as a list.

    Raises
    ------
    ArgumentError
        Unless they are whole numbers that grow, from ``low`` on; ``apart``: none may come twice.
    """
    found = list(milestones) if isinstance(milestones, Iterable) else milestones
    whole = isinstance(found, list) and all(
        isinstance(m, (int, np.integer)) and not isinstance(m, bool) and m >= low for m in found
    )
    if not whole or found != sorted(found) or (apart and len(set(found)) < len(found)):
        raise catalogue.milestones_out_of_order(found, low)
    return [int(m) for m in found]


class ExponentialLR(Curve):
    r"""A part of the learning rate remains after every step.

    .. math:: \eta_t = \eta_0\, \gamma^t

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change.
    gamma : float, at least 0
        :math:`\gamma`. Above 1 the learning rate grows, as to find where training breaks.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For a setting out of range.

    Notes
    -----
    Source: PyTorch, ``torch.optim.lr_scheduler.ExponentialLR``.

    Examples
    --------
    >>> ExponentialLR.rate(2, 1.0, gamma=0.5)
    0.25
    """

    def __init__(self, optimizer: Any, gamma: float, last_epoch: int = -1) -> None:
        check_number("gamma", gamma, fix="gamma=0.95")
        super().__init__(optimizer, {"gamma": gamma}, last_epoch)

    @staticmethod
    def rate(step: Any, base_lr: Any, *, gamma: float) -> Any:
        """Return the learning rate after ``step`` steps; pure."""
        return base_lr * gamma**step


class PolynomialLR(Curve):
    r"""Down to 0 in so many steps, as a power of what is left of them.

    .. math:: \eta_t = \eta_0 \Big( 1 - \frac{\min(t, T)}{T} \Big)^p

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change.
    total_iters : int, at least 1
        :math:`T`.
    power : float, at least 0
        :math:`p`.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For a setting out of range.

    Notes
    -----
    Source: Chen et al. 2018, section 4.1, the policy called poly.

    Examples
    --------
    >>> PolynomialLR.rate(2, 1.0, total_iters=4, power=2.0)
    0.25
    """

    def __init__(
        self, optimizer: Any, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        check_number("power", power, fix="power=1.0")
        total = check_count("total_iters", total_iters)
        super().__init__(optimizer, {"total_iters": total, "power": power}, last_epoch)

    @staticmethod
    def rate(step: Any, base_lr: Any, *, total_iters: int = 5, power: float = 1.0) -> Any:
        """Return the learning rate after ``step`` steps; pure."""
        return base_lr * (1 - min(step, total_iters) / total_iters) ** power
