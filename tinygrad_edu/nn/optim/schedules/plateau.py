"""A schedule that watches a figure, and lowers the learning rate when that stops improving."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ....catalogue import unknown_choice
from ..ranges import check_count, check_number, is_number
from . import catalogue
from .schedule import LRScheduler, per_group

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    r"""A part of the learning rate remains after so many steps without a better figure.

    .. math:: \eta \leftarrow \max(\eta f, \eta_{\min})

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change.
    mode : {"min", "max"}
        Whether a smaller figure is better, or a larger one.
    factor : float, 0 to below 1
        :math:`f`.
    patience : int, at least 0
        Steps without a better figure that are allowed in a row.
    threshold : float, at least 0
        By how much a figure has to be better than the best.
    threshold_mode : {"rel", "abs"}
        Of the best figure, or in units of it.
    cooldown : int, at least 0
        Steps after a reduction that are not judged.
    min_lr : float, at least 0, or list of float
        :math:`\eta_{\min}`, for all parameter groups or for each.
    eps : float, at least 0
        Smaller changes of the learning rate are left out.

    Raises
    ------
    ArgumentError
        For a setting out of range.

    Notes
    -----
    A figure that is NaN is no better than any. Source: PyTorch,
    ``torch.optim.lr_scheduler.ReduceLROnPlateau``.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> opt = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> schedule = ReduceLROnPlateau(opt, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     schedule.step(loss)
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Any,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: Any = 0.0,
        eps: float = 1e-8,
    ) -> None:
        self._attach(optimizer)
        if mode not in ("min", "max"):
            raise unknown_choice("mode", mode, ("min", "max"))
        if threshold_mode not in ("rel", "abs"):
            raise unknown_choice("threshold_mode", threshold_mode, ("rel", "abs"))
        check_number("factor", factor, high=1.0, fix="factor=0.1")
        check_number("threshold", threshold, fix="threshold=1e-4")
        check_number("eps", eps, fix="eps=1e-8")
        self.factor, self.min_lr, self.eps = float(factor), min_lr, float(eps)
        for low in per_group("min_lr", min_lr, self.optimizer):
            check_number("min_lr", low, fix="min_lr=0.0")
        self._settings: dict[str, Any] = {
            "mode": mode,
            "patience": check_count("patience", patience, 0),
            "threshold": float(threshold),
            "threshold_mode": threshold_mode,
            "cooldown": check_count("cooldown", cooldown, 0),
        }
        best = math.inf if mode == "min" else -math.inf
        self._state: dict[str, Any] = {"best": best, "num_bad_epochs": 0, "cooldown_counter": 0}

    @staticmethod
    def judge(
        state: Mapping[str, Any],
        metrics: float,
        *,
        mode: str = "min",
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
    ) -> tuple[dict[str, Any], bool]:
        """Return the next state, and whether the learning rate is to be lowered; pure.

        Parameters
        ----------
        state : dict
            ``best``, ``num_bad_epochs`` and ``cooldown_counter``.
        metrics : float
            The figure.
        mode, patience, threshold, threshold_mode, cooldown
            As for the class.
        """
        best, bad, pause = (state[k] for k in ("best", "num_bad_epochs", "cooldown_counter"))
        sign = 1 if mode == "max" else -1
        goal = best * (1 + sign * threshold) if threshold_mode == "rel" else best + sign * threshold
        better = metrics > goal if mode == "max" else metrics < goal
        best, bad = (metrics, 0) if better else (best, bad + 1)
        if pause > 0:
            pause, bad = pause - 1, 0
        lower = bad > patience
        if lower:
            pause, bad = cooldown, 0
        return {"best": best, "num_bad_epochs": bad, "cooldown_counter": pause}, lower

    def step(self, metrics: Any = None) -> None:
        """Judge one figure: a loss on held-out data, mostly, after each epoch.

        Parameters
        ----------
        metrics : float, or array or Tensor of one number
            The figure.

        Raises
        ------
        ArgumentError
            Without a figure.
        """
        if not is_number(metrics):
            raise catalogue.no_metric(metrics)
        self.last_epoch += 1
        self._state, lower = self.judge(self._state, float(metrics), **self._settings)
        if not lower:
            return
        lows = per_group("min_lr", self.min_lr, self.optimizer)
        for group, low in zip(self.optimizer.param_groups, lows, strict=True):
            old = float(group["lr"])
            new = max(old * self.factor, float(low))
            if old - new > self.eps:
                group["lr"] = new

    def state_dict(self) -> dict[str, Any]:
        """Return the best figure, the counts and the learning rates, as numbers."""
        return {**super().state_dict(), **self._state}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._settings.items())
        return f"ReduceLROnPlateau(factor={self.factor}, {shown})"

    def _check_state(self, saved: Any) -> None:
        super()._check_state(saved)
        if not all(is_number(saved.get(name)) for name in self._state):
            found = "no numbers " + ", ".join(self._state)
            raise catalogue.not_a_schedule_state("ReduceLROnPlateau", found)

    def _take(self, saved: Mapping[str, Any]) -> None:
        super()._take(saved)
        self._state = {name: saved[name] for name in self._state}
