"""What schedules are: a pure curve of the learning rate, and the step that follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ..optimizer import Optimizer
from ..ranges import check_count, is_number
from . import catalogue

__all__ = ["Curve", "LRScheduler", "carried", "optimizer_of", "per_group"]


class LRScheduler:
    """The base of every schedule: it changes the learning rates of an optimizer over time.

    Attributes
    ----------
    optimizer : Optimizer
        Whose parameter groups have the learning rates, as ``group["lr"]``.
    last_epoch : int
        How often ``step`` was called, whether after epochs or after batches; PyTorch's word.

    Notes
    -----
    A schedule steps after the optimizer: ``opt.step()``, then ``schedule.step()``.
    """

    optimizer: Optimizer
    last_epoch: int = 0

    def _attach(self, optimizer: Any) -> None:
        self.optimizer = optimizer_of(optimizer, type(self).__name__)
        self._first_step: int | None = optimizer.steps

    def step(self) -> None:
        """Go on by one, after the optimizer did.

        Raises
        ------
        ModuleError
            Before the first step of the optimizer: the first learning rate would not be used.
        """
        raise NotImplementedError

    def get_last_lr(self) -> list[float]:
        """Return the learning rate of each parameter group now."""
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return where the schedule stands, as numbers; its settings are the constructor's."""
        return {"last_epoch": self.last_epoch, "_last_lr": self.get_last_lr()}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Take over what ``state_dict`` returned, here or in PyTorch, and set the learning rates.

        Parameters
        ----------
        saved : mapping
            Of a schedule with the same settings.

        Raises
        ------
        LoadError
            When it is no such state. Nothing was changed then.
        """
        self._check_state(saved)
        self._take(saved)

    def _check_state(self, saved: Any) -> None:
        kind, groups = type(self).__name__, self.optimizer.param_groups
        if not isinstance(saved, Mapping):
            raise catalogue.not_a_schedule_state(kind, "no dict")
        epoch, rates = saved.get("last_epoch", 0), saved.get("_last_lr")
        if isinstance(epoch, bool) or not isinstance(epoch, int) or epoch < -1:
            raise catalogue.not_a_schedule_state(kind, f"last_epoch is {epoch!r}")
        if not isinstance(rates, Sequence) or not all(map(is_number, rates)):
            raise catalogue.not_a_schedule_state(kind, "no numbers '_last_lr'")
        if len(rates) != len(groups):
            found = f"learning rates of {len(rates)} groups, the optimizer has {len(groups)}"
            raise catalogue.not_a_schedule_state(kind, found)

    def _take(self, saved: Mapping[str, Any]) -> None:
        """Take over a state that was checked."""
        self.last_epoch = saved.get("last_epoch", 0)
        self._first_step = None
        for group, lr in zip(self.optimizer.param_groups, saved["_last_lr"], strict=True):
            group["lr"] = float(lr)

    def _in_order(self) -> None:
        """Raise if this would be the first step, and the optimizer has made none yet."""
        if self._first_step == self.optimizer.steps:
            raise catalogue.schedule_before_optimizer(type(self).__name__)
        self._first_step = None

    def _begin(self) -> None:
        """Stand at 0, and put the curve's factor there on the learning rates that there are."""
        raise NotImplementedError

    def _restart(self) -> None:
        """Stand at 0, whatever the learning rates were."""
        raise NotImplementedError


class Curve(LRScheduler):
    """The base of schedules that have a closed form: a pure function ``rate``.

    Parameters
    ----------
    optimizer : Optimizer
        Its ``lr`` now, or ``group["initial_lr"]`` if another schedule left one, is the base.
    settings : dict, or list of dict
        Keyword arguments of ``rate``, for all parameter groups or for each.
    last_epoch : int
        -1 to start. Otherwise go on after this step, with the learning rate of the curve there.

    Attributes
    ----------
    base_lrs : list of float
        What ``rate`` starts from, for each group.

    Raises
    ------
    ArgumentError
        For what is no optimizer, a setting out of range, or a ``last_epoch`` that nothing led to.
    """

    # Whether it scales the learning rate that is there, whoever set it, or sets its own.
    chainable: ClassVar[bool] = True

    def __init__(
        self,
        optimizer: Any,
        settings: dict[str, Any] | list[dict[str, Any]],
        last_epoch: int = -1,
    ) -> None:
        self._attach(optimizer)
        check_count("last_epoch", last_epoch, -1)
        groups = self.optimizer.param_groups
        self._settings = settings if isinstance(settings, list) else [settings] * len(groups)
        for group in groups:
            if last_epoch == -1:
                group.setdefault("initial_lr", float(group["lr"]))
            elif "initial_lr" not in group:
                raise catalogue.nothing_to_go_on_from(type(self).__name__, last_epoch)
        self.base_lrs = [float(group["initial_lr"]) for group in groups]
        if last_epoch == -1:
            self._begin()
        else:
            self._stand(last_epoch + 1)

    @staticmethod
    def rate(step: Any, base_lr: Any, *_: Any, **settings: Any) -> Any:
        """Return the learning rate after ``step`` steps; pure, so it can be plotted."""
        raise NotImplementedError

    def step(self) -> None:
        """Go on by one, after the optimizer did.

        Raises
        ------
        ModuleError
            Before the first step of the optimizer: the first learning rate would not be used.
        """
        self._in_order()
        self._go(self.last_epoch + 1)

    def state_dict(self) -> dict[str, Any]:
        """Return where the schedule stands, as numbers; its settings are the constructor's."""
        more = {"base_lrs": list(self.base_lrs), "_step_count": self.last_epoch + 1}
        return {**super().state_dict(), **more}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._settings[0].items())
        return f"{type(self).__name__}({shown})"

    def _check_state(self, saved: Any) -> None:
        super()._check_state(saved)
        bases = saved.get("base_lrs")
        many = isinstance(bases, Sequence) and len(bases) == len(self.base_lrs)
        if not many or not all(map(is_number, bases)):
            found = f"no {len(self.base_lrs)} numbers 'base_lrs'"
            raise catalogue.not_a_schedule_state(type(self).__name__, found)

    def _take(self, saved: Mapping[str, Any]) -> None:
        super()._take(saved)
        self.base_lrs = [float(base) for base in saved["base_lrs"]]
        self._momentum()

    def _at(self, step: float, k: int) -> float:
        return float(self.rate(step, self.base_lrs[k], **self._settings[k]))

    def _begin(self) -> None:
        self.last_epoch = 0
        self._follow(self.base_lrs if self.chainable else [], 0)

    def _restart(self) -> None:
        self._stand(0)

    def _stand(self, step: int) -> None:
        self.last_epoch = step
        self._follow([], step)

    def _go(self, step: int) -> None:
        groups = range(len(self.base_lrs)) if self.chainable else ()
        before = [self._at(self.last_epoch, k) for k in groups]
        self.last_epoch = step
        self._follow(before, step)

    def _follow(self, before: list[float], step: float) -> None:
        """Set the learning rates; relative to what the curve had ``before``, if that is given."""
        for k, group in enumerate(self.optimizer.param_groups[: len(self.base_lrs)]):
            lr = self._at(step, k)
            if before:
                floor = self._settings[k].get("eta_min", 0.0)
                lr = carried(float(group["lr"]), before[k], lr, floor)
            group["lr"] = lr
        self._momentum()

    def _momentum(self) -> None:
        """Set the momentum too; schedules that cycle it do."""


def carried(lr: float, before: float, now: float, floor: float = 0.0) -> float:
    r"""Return a learning rate after its schedule went from one value to another.

    .. math:: f + (\eta - f) \frac{b - f}{a - f}

    Parameters
    ----------
    lr : float
        :math:`\eta`: ``before``, or what other schedules and the user made of that.
    before, now : float
        :math:`a` and :math:`b`.
    floor : float
        :math:`f`, which the schedule leaves alone.

    Examples
    --------
    >>> carried(0.1, 0.1, 0.05), carried(0.02, 0.1, 0.05), carried(0.0, 0.0, 0.1)
    (0.05, 0.01, 0.1)
    """
    if lr == before:
        return now
    if now == before:
        return lr
    if before == floor:  # nothing is left that could be scaled
        return lr + (now - before)
    return floor + (lr - floor) * ((now - floor) / (before - floor))


def optimizer_of(optimizer: Any, kind: str) -> Optimizer:
    """Return what a schedule is given, if it is an optimizer.

    Raises
    ------
    ArgumentError
        If not.
    """
    if not isinstance(optimizer, Optimizer):
        raise catalogue.not_an_optimizer(optimizer, kind)
    return optimizer


def per_group(name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """Return a setting of each parameter group: one for all, or a list.

    Raises
    ------
    ArgumentError
        When a list has another length.
    """
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * count
    if len(value) != count:
        raise catalogue.not_one_a_group(name, value, count)
    return list(value)
