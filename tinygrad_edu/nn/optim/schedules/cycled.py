"""What schedules that go up and down share: the momentum goes against the learning rate."""

from __future__ import annotations

import math
from typing import Any

from ..optimizer import Optimizer
from ..ranges import check_flag, check_number
from . import catalogue
from .schedule import Curve, per_group

__all__ = ["Cycled", "rates"]


class Cycled(Curve):
    """The base of schedules with a pure ``momentum`` beside the pure ``rate``."""

    chainable = False

    # Keyword arguments of ``momentum``, for each group; none where it is left alone.
    _momenta: list[dict[str, Any]]

    @staticmethod
    def momentum(step: Any, *_: Any, **settings: Any) -> Any:
        """Return the momentum after ``step`` steps; pure."""
        raise NotImplementedError

    def _bounds(
        self, optimizer: Optimizer, wanted: bool, base: Any, most: Any
    ) -> list[dict[str, Any]]:
        """Check the bounds of the momentum, and note them in the groups, as PyTorch does."""
        check_flag("cycle_momentum", wanted)
        if not wanted:
            return []
        if not {"momentum", "betas"} & set(optimizer.defaults):
            raise catalogue.no_momentum(type(optimizer).__name__, type(self).__name__)
        lows = rates("base_momentum", base, optimizer, high=1.0, value="0.85")
        highs = rates("max_momentum", most, optimizer, high=1.0, value="0.95")
        bounds = [
            {"base_momentum": low, "max_momentum": high}
            for low, high in zip(lows, highs, strict=True)
        ]
        for bound, group in zip(bounds, optimizer.param_groups, strict=True):
            group.update(bound)
        return bounds

    def _momentum(self) -> None:
        for group, settings in zip(self.optimizer.param_groups, self._momenta, strict=False):
            value = float(self.momentum(self.last_epoch, **settings))
            if "betas" in self.optimizer.defaults:
                group["betas"] = (value, *group["betas"][1:])
            else:
                group["momentum"] = value


def rates(
    name: str, given: Any, optimizer: Optimizer, high: float = math.inf, value: str = "0.1"
) -> list[float]:
    """Return a number for each parameter group: one for all, or a list.

    Raises
    ------
    ArgumentError
        For a number below 0 or not below ``high``, with the ``value`` that would do.
    """
    found = per_group(name, given, optimizer)
    for one in found:
        check_number(name, one, high=high, fix=f"{name}={value}")
    return [float(one) for one in found]
