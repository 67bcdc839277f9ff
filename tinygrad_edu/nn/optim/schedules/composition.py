"""Schedules of schedules: several at a time, or one after the other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from . import catalogue
from .decay import in_order
from .plateau import ReduceLROnPlateau
from .schedule import LRScheduler, optimizer_of

__all__ = ["ChainedScheduler", "SequentialLR"]


class Composed(LRScheduler):
    """The base of both: a list of schedules of one optimizer."""

    _schedulers: list[LRScheduler]

    def _hold(self, schedulers: Any, optimizer: Any) -> None:
        kind = type(self).__name__
        given = list(schedulers) if isinstance(schedulers, Sequence) else []
        if not given:
            raise catalogue.no_schedules(kind)
        for k, schedule in enumerate(given):
            if not isinstance(schedule, LRScheduler) or isinstance(schedule, ReduceLROnPlateau):
                raise catalogue.not_composable(kind, k, schedule)
        self._attach(given[0].optimizer if optimizer is None else optimizer)
        for k, schedule in enumerate(given):
            if schedule.optimizer is not self.optimizer:
                raise catalogue.other_optimizer(kind, k)
        self._schedulers = given

    def state_dict(self) -> dict[str, Any]:
        """Return where each of the schedules stands, as numbers."""
        parts = [schedule.state_dict() for schedule in self._schedulers]
        return {**super().state_dict(), "_schedulers": parts}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._schedulers))})"

    def _check_state(self, saved: Any) -> None:
        super()._check_state(saved)
        parts = saved.get("_schedulers")
        if not isinstance(parts, Sequence) or len(parts) != len(self._schedulers):
            found = f"no {len(self._schedulers)} states in '_schedulers'"
            raise catalogue.not_a_schedule_state(type(self).__name__, found)
        for schedule, part in zip(self._schedulers, parts, strict=True):
            schedule._check_state(part)

    def _take(self, saved: Mapping[str, Any]) -> None:
        for schedule, part in zip(self._schedulers, saved["_schedulers"], strict=True):
            schedule._take(part)
        super()._take(saved)


class ChainedScheduler(Composed):
    r"""Several schedules at a time: their factors multiply.

    .. math:: \eta_t = \eta_0 \prod_k f_k(t)

    Parameters
    ----------
    schedulers : sequence of LRScheduler
        Of one optimizer. One that sets the learning rate, rather than scales it, belongs first.
    optimizer : Optimizer, optional
        Theirs.

    Raises
    ------
    ArgumentError
        For no schedules, for those of several optimizers, and for ``ReduceLROnPlateau``.

    Notes
    -----
    Source: PyTorch, ``torch.optim.lr_scheduler.ChainedScheduler``.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.nn.optim import schedules
    >>> opt = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> parts = [schedules.ConstantLR(opt, 0.5, 2), schedules.ExponentialLR(opt, 0.5)]
    >>> schedule = ChainedScheduler(parts)
    >>> for _ in range(3):
    ...     print(schedule.get_last_lr())
    ...     opt.step([[0.0]])
    ...     schedule.step()
    [0.5]
    [0.25]
    [0.25]
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Any = None) -> None:
        self._hold(schedulers, optimizer)

    def step(self) -> None:
        """Step every schedule, after the optimizer did.

        Raises
        ------
        ModuleError
            Before the first step of the optimizer.
        """
        self._in_order()
        for schedule in self._schedulers:
            schedule.step()
        self.last_epoch += 1

    def _begin(self) -> None:
        for schedule in self._schedulers:
            schedule._begin()
        self.last_epoch = 0

    def _restart(self) -> None:
        self._schedulers[0]._restart()
        for schedule in self._schedulers[1:]:
            schedule._begin()
        self.last_epoch = 0


class SequentialLR(Composed):
    r"""One schedule after the other: warm-up and then a decay, for example.

    .. math:: \eta_t = \eta^{(k)}_{t - m_k}, \qquad m_k \le t < m_{k + 1}

    Parameters
    ----------
    optimizer : Optimizer
        Theirs.
    schedulers : sequence of LRScheduler
        One more than ``milestones``. Each starts from its beginning.
    milestones : sequence of int, in order, at least 1
        :math:`m`: the steps at which the next one takes over.
    last_epoch : int
        -1, to start.

    Raises
    ------
    ArgumentError
        For milestones out of order or of another number, for schedules of another optimizer, and
        for ``ReduceLROnPlateau``.

    Notes
    -----
    Source: PyTorch, ``torch.optim.lr_scheduler.SequentialLR``.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.nn.optim import schedules
    >>> opt = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> warm, down = schedules.LinearLR(opt, 0.5, total_iters=2), schedules.ExponentialLR(opt, 0.5)
    >>> schedule = SequentialLR(opt, [warm, down], milestones=[2])
    >>> for _ in range(4):
    ...     print(schedule.get_last_lr())
    ...     opt.step([[0.0]])
    ...     schedule.step()
    [0.5]
    [0.75]
    [1.0]
    [0.5]
    """

    def __init__(
        self,
        optimizer: Any,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        optimizer_of(optimizer, "SequentialLR")
        self._hold(schedulers, optimizer)
        self._milestones = in_order(milestones, low=1, apart=True)
        if len(self._milestones) != len(self._schedulers) - 1:
            raise catalogue.wrong_number_of_milestones(len(self._schedulers), self._milestones)
        if last_epoch != -1:
            raise catalogue.sequence_from_the_middle(last_epoch)
        self._begin()

    def step(self) -> None:
        """Step the schedule whose turn it is, after the optimizer did.

        Raises
        ------
        ModuleError
            Before the first step of the optimizer.
        """
        self._in_order()
        self.last_epoch += 1
        turn = bisect_right(self._milestones, self.last_epoch)
        if turn and self._milestones[turn - 1] == self.last_epoch:
            self._schedulers[turn]._restart()
        else:
            self._schedulers[turn].step()

    def _begin(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        self._schedulers[0]._begin()
        self.last_epoch = 0

    _restart = _begin
