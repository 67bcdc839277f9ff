"""Which values settings of optimizers and schedules may have."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import errors
from ...autodiff.tensor import Tensor

__all__ = ["check_betas", "check_count", "check_flag", "check_number"]


def is_number(value: Any) -> bool:
    """Whether it is one real number, or an array or Tensor of one."""
    if isinstance(value, (bool, np.bool_)):
        return False
    known = isinstance(value, (int, float, np.number, np.ndarray, Tensor))
    return (
        known
        and np.ndim(value) == 0
        and np.asarray(getattr(value, "_data", value)).dtype.kind in "fiu"
    )


def check_number(
    name: str,
    value: Any,
    low: float = 0.0,
    high: float = math.inf,
    *,
    above: bool = False,
    closed: bool = False,
    fix: str | None = None,
) -> None:
    """Raise unless a setting is a number in its range.

    Parameters
    ----------
    name : str
        Of the setting.
    value : object
        What was given.
    low, high : float
        From ``low`` to below ``high``.
    above : bool
        Leave out ``low`` too.
    closed : bool
        Take in ``high`` too.
    fix : str, optional
        A value that works, in code.

    Raises
    ------
    ArgumentError
        With the name and the value.
    """
    if is_number(value):
        x = float(value)
        if (low < x if above else low <= x) and (x <= high if closed else x < high):
            return
    words = []
    if low > -math.inf:
        words.append(f"above {low:g}" if above else f"of at least {low:g}")
    if high < math.inf:
        words.append(f"of at most {high:g}" if closed else f"below {high:g}")
    what = "a number" if closed else "a finite number"
    raise errors.ArgumentError(
        f"{name} is {what} {' and '.join(words)}".rstrip() + f", got {value!r}",
        why="outside of that, steps go uphill, or never settle",
        fix=fix or f"{name}={_inside(low, high, above, closed):g}",
    )


def _inside(low: float, high: float, above: bool, closed: bool) -> float:
    """A number in the range that is worth trying."""
    if not above:
        return max(low, 0.0)
    return min(low + 0.1, high if closed else high / 2)


def check_betas(value: Any) -> None:
    """Raise unless a setting is two numbers from 0 to below 1.

    Raises
    ------
    ArgumentError
        With what was given.
    """
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise errors.ArgumentError(
            f"betas are two numbers, got {value!r}",
            why="one is for the mean of the gradient, one for that of its square",
            fix="betas=(0.9, 0.999)",
        )
    for k, beta in enumerate(value):
        check_number(f"betas[{k}]", beta, high=1.0, fix="betas=(0.9, 0.999)")


def check_flag(name: str, value: Any) -> None:
    """Raise unless a setting is True or False.

    Raises
    ------
    ArgumentError
        With what was given: a number in a flag's place is mostly another argument's.
    """
    if not isinstance(value, (bool, np.bool_)):
        raise errors.ArgumentError(
            f"{name} is True or False, got {value!r}",
            why="by position, it may have been meant for another argument",
            fix=f"{name}=False",
        )


def check_count(name: str, value: Any, low: int = 1) -> int:
    """Return a whole number of at least ``low``.

    Raises
    ------
    ArgumentError
        With what was given.
    """
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))
    if not whole or value < low:
        raise errors.ArgumentError(
            f"{name} is a whole number of at least {low}, got {value!r}",
            why="it counts steps",
            fix=f"{name}={max(low, 10)}",
        )
    return int(value)
