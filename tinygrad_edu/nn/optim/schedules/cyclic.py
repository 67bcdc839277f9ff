"""A learning rate that goes up and down between bounds, on and on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....catalogue import unknown_choice
from ..ranges import check_count, check_number
from .cycled import Cycled, rates
from .schedule import optimizer_of

__all__ = ["CyclicLR"]

MODES = ("triangular", "triangular2", "exp_range")


class CyclicLR(Cycled):
    r"""Up and down between two learning rates, on straight lines.

    .. math:: \eta_t = \eta_{\text{base}} + (\eta_{\max} - \eta_{\text{base}})\, h_t\, s_t

    with :math:`h_t` from 0 to 1 in ``step_size_up`` steps and back in ``step_size_down``.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change; those that it has are replaced.
    base_lr, max_lr : float, at least 0, or list of float
        Lowest and highest, for all parameter groups or for each.
    step_size_up, step_size_down : int, at least 1
        Steps of each way; down as many as up, if nothing else is said.
    mode : {"triangular", "triangular2", "exp_range"}
        :math:`s_t`: 1; a half for each cycle that is over; :math:`\gamma^t`.
    gamma : float, at least 0
        :math:`\gamma`.
    scale_fn : callable, optional
        :math:`s` in place of ``mode``.
    scale_mode : {"cycle", "iterations"}
        Whether ``scale_fn`` is given the number of the cycle, from 1, or of the step, from 0.
    cycle_momentum : bool
        Move the momentum, or the first of ``betas``, the other way.
    base_momentum, max_momentum : float, 0 to below 1, or list of float
        Between which.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For a setting out of range, or an optimizer without momentum.

    Notes
    -----
    Source: Smith 2017, section 3.

    Examples
    --------
    >>> [CyclicLR.rate(t, 0.0, max_lr=1.0, step_size_up=2) for t in range(6)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.5]
    """

    def __init__(
        self,
        optimizer: Any,
        base_lr: Any,
        max_lr: Any,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[Any], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.8,
        max_momentum: Any = 0.9,
        last_epoch: int = -1,
    ) -> None:
        checked = optimizer_of(optimizer, "CyclicLR")
        check_number("gamma", gamma, fix="gamma=1.0")
        if mode not in MODES:
            raise unknown_choice("mode", mode, MODES)
        if scale_mode not in ("cycle", "iterations"):
            raise unknown_choice("scale_mode", scale_mode, ("cycle", "iterations"))
        down = step_size_up if step_size_down is None else step_size_down
        shape = {
            "step_size_up": check_count("step_size_up", step_size_up),
            "step_size_down": check_count("step_size_down", down),
            "mode": mode,
            "gamma": gamma,
            "scale_fn": scale_fn,
            "scale_mode": scale_mode,
        }
        lows, highs = rates("base_lr", base_lr, checked), rates("max_lr", max_lr, checked)
        bounds = self._bounds(checked, cycle_momentum, base_momentum, max_momentum)
        if last_epoch == -1:
            for low, group in zip(lows, checked.param_groups, strict=True):
                group["lr"] = group["initial_lr"] = low
        self._momenta = [{**bound, **shape} for bound in bounds]
        super().__init__(optimizer, [{"max_lr": high, **shape} for high in highs], last_epoch)

    @staticmethod
    def rate(step: Any, base_lr: Any, *, max_lr: Any, **shape: Any) -> Any:
        """Return the learning rate after ``step`` steps; pure."""
        return base_lr + (max_lr - base_lr) * _height(step, **shape)

    @staticmethod
    def momentum(step: Any, *, base_momentum: Any, max_momentum: Any, **shape: Any) -> Any:
        """Return the momentum after ``step`` steps; pure."""
        return max_momentum - (max_momentum - base_momentum) * _height(step, **shape)


def _height(
    step: Any,
    *,
    step_size_up: int = 2000,
    step_size_down: int | None = None,
    mode: str = "triangular",
    gamma: float = 1.0,
    scale_fn: Callable[[Any], float] | None = None,
    scale_mode: str = "cycle",
) -> float:
    """How far up between the bounds, from 0 to 1."""
    down = step_size_up if step_size_down is None else step_size_down
    over, since = divmod(step, step_size_up + down)
    height = since / step_size_up if since <= step_size_up else (step_size_up + down - since) / down
    if scale_fn is not None:
        return float(height * scale_fn(over + 1 if scale_mode == "cycle" else step))
    if mode == "triangular2":
        return float(height * 0.5**over)
    return float(height * gamma**step if mode == "exp_range" else height)
