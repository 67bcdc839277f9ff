"""Schedules that begin low: because the first gradients point nowhere in particular."""

from __future__ import annotations

import math
from typing import Any

from ..ranges import check_count, check_number
from .schedule import Curve

__all__ = ["ConstantLR", "InverseSquareRootLR", "LinearLR"]


class ConstantLR(Curve):
    r"""A part of the learning rate, and after so many steps all of it.

    .. math:: \eta_t = \begin{cases} \eta_0 f & t < T \\ \eta_0 & \text{else} \end{cases}

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change.
    factor : float, 0 to 1
        :math:`f`.
    total_iters : int, at least 1
        :math:`T`.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For a setting out of range.

    Notes
    -----
    Source: PyTorch, ``torch.optim.lr_scheduler.ConstantLR``.

    Examples
    --------
    >>> [ConstantLR.rate(t, 1.0, factor=0.5, total_iters=2) for t in range(3)]
    [0.5, 0.5, 1.0]
    """

    def __init__(
        self,
        optimizer: Any,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        check_number("factor", factor, high=1.0, closed=True, fix="factor=0.3")
        total = check_count("total_iters", total_iters)
        super().__init__(optimizer, {"factor": factor, "total_iters": total}, last_epoch)

    @staticmethod
    def rate(step: Any, base_lr: Any, *, factor: float = 1.0 / 3, total_iters: int = 5) -> Any:
        """Return the learning rate after ``step`` steps; pure."""
        return base_lr * factor if step < total_iters else base_lr


class LinearLR(Curve):
    r"""From one part of the learning rate to another on a straight line: warm-up, by default.

    .. math:: \eta_t = \eta_0 \Big( s + (e - s) \frac{\min(t, T)}{T} \Big)

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change.
    start_factor : float, above 0, at most 1
        :math:`s`.
    end_factor : float, 0 to 1
        :math:`e`.
    total_iters : int, at least 1
        :math:`T`.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For a setting out of range.

    Notes
    -----
    Source: Goyal et al. 2017, section 2.2, gradual warm-up.

    Examples
    --------
    >>> [LinearLR.rate(t, 1.0, start_factor=0.5, total_iters=2) for t in range(4)]
    [0.5, 0.75, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Any,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        fix = "start_factor=0.3"
        check_number("start_factor", start_factor, high=1.0, above=True, closed=True, fix=fix)
        check_number("end_factor", end_factor, high=1.0, closed=True, fix="end_factor=1.0")
        settings = {
            "start_factor": start_factor,
            "end_factor": end_factor,
            "total_iters": check_count("total_iters", total_iters),
        }
        super().__init__(optimizer, settings, last_epoch)

    @staticmethod
    def rate(
        step: Any,
        base_lr: Any,
        *,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> Any:
        """Return the learning rate after ``step`` steps; pure."""
        part = min(step, total_iters) / total_iters
        return base_lr * (start_factor + (end_factor - start_factor) * part)


class InverseSquareRootLR(Curve):
    r"""Up on a straight line, then down with the root of the steps: the schedule of Transformers.

    .. math:: \eta_t = \eta_0 \min\Big( \frac{t + 1}{w}, \sqrt{\frac{w}{t + 1}} \Big)

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change. They are the highest that will be, at step :math:`w - 1`.
    warmup_steps : int, at least 1
        :math:`w`.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For a setting out of range.

    Notes
    -----
    Source: Vaswani et al. 2017, equation 3, which this is for
    :math:`\eta_0 = (d_\text{model}\, w)^{-1/2}`. PyTorch has none.

    Examples
    --------
    >>> [InverseSquareRootLR.rate(t, 1.0, warmup_steps=4) for t in (0, 1, 3, 15)]
    [0.25, 0.5, 1.0, 0.5]
    """

    def __init__(self, optimizer: Any, warmup_steps: int = 4000, last_epoch: int = -1) -> None:
        steps = check_count("warmup_steps", warmup_steps)
        super().__init__(optimizer, {"warmup_steps": steps}, last_epoch)

    @staticmethod
    def rate(step: Any, base_lr: Any, *, warmup_steps: int = 4000) -> Any:
        """Return the learning rate after ``step`` steps; pure."""
        count = step + 1
        return base_lr * min(count / warmup_steps, math.sqrt(warmup_steps / count))
