"""A learning rate that goes up once and down once, in all of training."""

from __future__ import annotations

import math
from typing import Any

from ....catalogue import unknown_choice
from ..ranges import check_count, check_flag, check_number
from . import catalogue
from .cycled import Cycled, rates
from .schedule import optimizer_of

__all__ = ["OneCycleLR"]


class OneCycleLR(Cycled):
    r"""Up to a high learning rate, then down to almost none: once, for all of training.

    .. math:: \eta_{\max} / d \;\to\; \eta_{\max} \;\to\; \eta_{\max} / (d D)

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change; those that it has are replaced.
    max_lr : float, at least 0, or list of float
        :math:`\eta_{\max}`, for all parameter groups or for each.
    total_steps : int, at least 1, optional
        Of training. Or else ``epochs`` and ``steps_per_epoch``, whose product that is.
    epochs, steps_per_epoch : int, at least 1, optional
        See there.
    pct_start : float, 0 to 1
        The part of the steps that goes up.
    anneal_strategy : {"cos", "linear"}
        Half a wave of the cosine, or a straight line.
    cycle_momentum : bool
        Move the momentum, or the first of ``betas``, the other way.
    base_momentum, max_momentum : float, 0 to below 1, or list of float
        Between which.
    div_factor : float, above 0
        :math:`d`.
    final_div_factor : float, above 0
        :math:`D`.
    three_phase : bool
        Go down as slowly as up, and then to the end in a phase of its own.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For a setting out of range, an optimizer without momentum, or a step too many.

    Notes
    -----
    After the last step the learning rate stays, where PyTorch's goes on past its end. Source: Smith
    and Topin 2018, section 3; the phases are PyTorch's.

    Examples
    --------
    >>> up = dict(max_lr=1.0, total_steps=5, pct_start=0.6, anneal_strategy="linear")
    >>> [round(OneCycleLR.rate(t, 0.2, **up), 3) for t in range(5)]
    [0.2, 0.6, 1.0, 0.5, 0.0]
    """

    def __init__(
        self,
        optimizer: Any,
        max_lr: Any,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.85,
        max_momentum: Any = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        checked = optimizer_of(optimizer, "OneCycleLR")
        check_number("div_factor", div_factor, above=True, fix="div_factor=25.0")
        check_number("final_div_factor", final_div_factor, above=True, fix="final_div_factor=1e4")
        total = _total(total_steps, epochs, steps_per_epoch)
        shape = _shape(total, pct_start, anneal_strategy, three_phase)
        highs = rates("max_lr", max_lr, checked)
        bounds = self._bounds(checked, cycle_momentum, base_momentum, max_momentum)
        for high, group in zip(highs, checked.param_groups, strict=True):
            group.update(max_lr=high, min_lr=high / div_factor / final_div_factor)
            if last_epoch == -1:
                group["lr"] = group["initial_lr"] = high / div_factor
        self._momenta = [{**bound, **shape} for bound in bounds]
        ends = {"final_div_factor": final_div_factor, **shape}
        super().__init__(optimizer, [{"max_lr": high, **ends} for high in highs], last_epoch)

    @staticmethod
    def rate(
        step: Any, base_lr: Any, *, max_lr: Any, final_div_factor: float = 1e4, **shape: Any
    ) -> Any:
        """Return the learning rate after ``step`` steps; ``base_lr`` is the first one; pure."""
        return _phases(step, base_lr, max_lr, base_lr / final_div_factor, **shape)

    @staticmethod
    def momentum(step: Any, *, base_momentum: Any, max_momentum: Any, **shape: Any) -> Any:
        """Return the momentum after ``step`` steps; pure."""
        return _phases(step, max_momentum, base_momentum, max_momentum, **shape)

    def step(self) -> None:
        """Go on by one, after the optimizer did.

        Raises
        ------
        ArgumentError
            After ``total_steps``.
        ModuleError
            Before the first step of the optimizer.
        """
        first = self._settings[0]
        if self.last_epoch >= first["total_steps"]:
            raise catalogue.cycle_is_over(first["total_steps"], first["max_lr"])
        super().step()


def _total(total_steps: Any, epochs: Any, steps_per_epoch: Any) -> int:
    if total_steps is not None:
        return check_count("total_steps", total_steps)
    if epochs is None or steps_per_epoch is None:
        raise catalogue.no_total()
    return check_count("epochs", epochs) * check_count("steps_per_epoch", steps_per_epoch)


def _shape(total: int, pct_start: Any, anneal_strategy: Any, three_phase: Any) -> dict[str, Any]:
    check_number("pct_start", pct_start, high=1.0, closed=True, fix="pct_start=0.3")
    check_flag("three_phase", three_phase)
    if anneal_strategy not in ("cos", "linear"):
        raise unknown_choice("anneal_strategy", anneal_strategy, ("cos", "linear"))
    return {
        "total_steps": total,
        "pct_start": float(pct_start),
        "anneal_strategy": anneal_strategy,
        "three_phase": three_phase,
    }


def _phases(
    step: Any,
    first: Any,
    peak: Any,
    last: Any,
    *,
    total_steps: int,
    pct_start: float = 0.3,
    anneal_strategy: str = "cos",
    three_phase: bool = False,
) -> Any:
    """From the first value to the peak and the last, each phase between two ends."""
    phases = [(pct_start * total_steps - 1, first, peak)]
    if three_phase:
        phases.append((2 * pct_start * total_steps - 2, peak, first))
        peak = first
    phases.append((total_steps - 1, peak, last))
    start: float = 0
    while len(phases) > 1 and step > phases[0][0]:
        start = phases.pop(0)[0]
    end, high, low = phases[0]
    part = min((step - start) / (end - start), 1.0) if end > start else 1.0
    if anneal_strategy == "linear":
        return high + (low - high) * part
    return low + (high - low) * (1 + math.cos(math.pi * part)) / 2
