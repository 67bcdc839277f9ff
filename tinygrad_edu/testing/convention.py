"""Whether a gradient takes the promised value at a kink, exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from ..errors import ArgumentError
from ..types import Array
from .compare import Comparer
from .report import Finding

__all__ = ["Convention", "at_kinks"]

Convention: TypeAlias = float | str | Callable[[float], float] | None


def at_kinks(comparer: Comparer, elements: Array, convention: Convention) -> list[Finding]:
    r"""Compare the claim with a convention wherever moving one element meets a kink.

    .. math:: \bar x_i = \sum_o g_o c_o, \qquad
              c_o \in \{\text{number},\, f'_-,\, f'_+,\, (f'_- + f'_+)/2\}

    Parameters
    ----------
    elements : array of int
        Which to look at.
    convention : float, "left", "right", "mean" or callable
        The derivative of each output that has a kink; a callable is given the element's value.
    """
    if isinstance(convention, str) and convention not in ("left", "right", "mean"):
        raise ArgumentError(
            f'at_kink is a number, "left", "right", "mean" or a function, not {convention!r:.60}',
            fix="at_kink=0.0",
        )
    pair, found = comparer.pair, []
    for element in elements:
        direction = np.zeros((1, pair.point.size))
        direction[0, element] = 1.0
        left, right, kinked, smooth = comparer.sides(direction)
        if not kinked.any():
            continue
        at = float(pair.point[element])
        promised = _promised(convention, left, right, at)
        expected = float(comparer.g @ np.where(kinked, promised, smooth))
        claim = float(comparer.analytic[element])
        slack = 1e-6 * float(np.abs(comparer.g) @ np.fmax(np.abs(left), np.abs(right)))
        if not abs(claim - expected) <= slack:
            k, index = pair.place(int(element))
            what = (
                f"{pair.names[k]}, element {list(index)}, at the kink {at:.6g}: "
                f"analytic {claim:.9g}, promised {expected:.9g} "
                f"(slopes {comparer.g @ left:.6g} and {comparer.g @ right:.6g})"
            )
            found.append(Finding("convention", what, k, index, claim, expected, slack))
    return found


def _promised(convention: Convention, left: Array, right: Array, at: float) -> Array:
    if convention == "left":
        return left
    if convention == "right":
        return right
    if convention == "mean":
        return (left + right) / 2
    value = convention(at) if callable(convention) else convention
    return np.full(left.shape, float(value))  # type: ignore[arg-type]
