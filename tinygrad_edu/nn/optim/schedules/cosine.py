"""Schedules that follow half a wave of the cosine down, once or again and again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..ranges import check_count, check_number, is_number
from . import catalogue
from .schedule import Curve

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts"]


class CosineAnnealingLR(Curve):
    r"""Half a wave of the cosine down in so many steps; after them up again.

    .. math:: \eta_t = \eta_{\min} + \tfrac12 (\eta_0 - \eta_{\min})
              \big( 1 + \cos(\pi t / T) \big)

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change.
    T_max : int, at least 1
        :math:`T`.
    eta_min : float, at least 0
        :math:`\eta_{\min}`.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For a setting out of range.

    Notes
    -----
    Source: Loshchilov and Hutter 2017, equation 5, without restarts.

    Examples
    --------
    >>> [round(CosineAnnealingLR.rate(t, 1.0, T_max=4), 3) for t in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.146]
    """

    def __init__(
        self, optimizer: Any, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        check_number("eta_min", eta_min)
        top = check_count("T_max", T_max)
        super().__init__(optimizer, {"T_max": top, "eta_min": eta_min}, last_epoch)

    @staticmethod
    def rate(step: Any, base_lr: Any, *, T_max: int, eta_min: float = 0.0) -> Any:
        """Return the learning rate after ``step`` steps; pure."""
        return _half_wave(base_lr, eta_min, step / T_max)


class CosineAnnealingWarmRestarts(Curve):
    r"""Half a wave of the cosine down, again and again, each time a number of times longer.

    .. math:: \eta_t = \eta_{\min} + \tfrac12 (\eta_0 - \eta_{\min})
              \big( 1 + \cos(\pi T_{\text{cur}} / T_i) \big), \qquad T_{i + 1} = m T_i

    with :math:`T_{\text{cur}}` the steps since the last restart.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates change.
    T_0 : int, at least 1
        The steps to the first restart.
    T_mult : int, at least 1
        :math:`m`.
    eta_min : float, at least 0
        :math:`\eta_{\min}`.
    last_epoch : int
        -1 to start; see ``LRScheduler``.

    Raises
    ------
    ArgumentError
        For a setting out of range.

    Notes
    -----
    It sets the learning rate, whatever others made of it. Source: Loshchilov and Hutter 2017,
    equation 5.

    Examples
    --------
    >>> [round(CosineAnnealingWarmRestarts.rate(t, 1.0, T_0=2, T_mult=2), 3) for t in range(7)]
    [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]
    """

    chainable = False

    def __init__(
        self,
        optimizer: Any,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        check_number("eta_min", eta_min)
        settings = {
            "T_0": check_count("T_0", T_0),
            "T_mult": check_count("T_mult", T_mult),
            "eta_min": eta_min,
        }
        self._part = 0.0
        super().__init__(optimizer, settings, last_epoch)

    @staticmethod
    def rate(step: Any, base_lr: Any, *, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> Any:
        """Return the learning rate after ``step`` steps, which need not be whole; pure."""
        since, length = _since_restart(step, T_0, T_mult)
        return _half_wave(base_lr, eta_min, since / length)

    def step(self, epoch: float | None = None) -> None:
        """Go on by one, or to a time of one's own, such as ``epoch + batch / batches``.

        Parameters
        ----------
        epoch : float, at least 0, optional
            The time. Its part after the point remains in later steps without one.

        Raises
        ------
        ArgumentError
            For a negative time.
        ModuleError
            Before the first step of the optimizer.
        """
        self._in_order()
        if epoch is not None:
            check_number("epoch", epoch, fix="epoch=0.5")
            self._part, whole = math.modf(epoch)
        else:
            whole = self.last_epoch + 1
        self.last_epoch = int(whole)
        self._follow([], self.last_epoch + self._part)

    def state_dict(self) -> dict[str, Any]:
        """Return where the schedule stands, as numbers; its settings are the constructor's."""
        first = self._settings[0]
        time = self.last_epoch + self._part
        since, length = _since_restart(time, first["T_0"], first["T_mult"])
        return {**super().state_dict(), "T_cur": since, "T_i": length}

    def _check_state(self, saved: Any) -> None:
        super()._check_state(saved)
        if not is_number(saved.get("T_cur", 0.0)):
            raise catalogue.not_a_schedule_state(type(self).__name__, "no number 'T_cur'")

    def _take(self, saved: Mapping[str, Any]) -> None:
        super()._take(saved)
        self._part = math.modf(saved.get("T_cur", 0.0))[0]


def _since_restart(step: Any, T_0: int, T_mult: int) -> tuple[Any, int]:
    """The time since the last restart, and from that to the next."""
    if T_mult == 1:
        return step % T_0, T_0
    length = T_0
    while step >= length:
        step -= length
        length *= T_mult
    return step, length


def _half_wave(high: Any, low: float, part: Any) -> Any:
    return low + (high - low) * (1 + math.cos(math.pi * part)) / 2
