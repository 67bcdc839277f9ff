"""Names for the types that signatures share (floor 0)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Shape: TypeAlias = tuple[int, ...]
Axis: TypeAlias = int | tuple[int, ...] | None

# What an operation accepts: a Tensor, an array, a number or nested lists of numbers. Floor 0
# cannot name Tensor, and a rule is written once for arrays and Tensors alike.
Operand: TypeAlias = Any

# As text: naming numpy.random loads it, a tenth of the import time.
Rng: TypeAlias = "np.random.Generator | int | None"


# Calls into the rooms above, which fill them: backward, connected, ufunc, function, namespace,
# table, memory, draw, step, plot.
reach: dict[str, Callable[..., Any]] = {}


class Contribution(NamedTuple):
    """What one row sends back to one input."""

    position: int
    input: Any
    value: Any


class Step(NamedTuple):
    """One row's turn in the reverse sweep: what arrived, and what it sends back."""

    row: Any
    cotangent: Any
    contributions: Sequence[Contribution]

    def __str__(self) -> str:
        return str(reach["step"](self))
