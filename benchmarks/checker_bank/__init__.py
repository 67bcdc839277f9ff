"""A bank of correct and wrong gradients: what a gradient checker must pass and what it must catch.

`RIGHT` and `WRONG` map names to entries. See `entry` for what an entry is, `judging` for when a
fault can be seen at given inputs, `strategies` for the same domains under Hypothesis.
"""

from __future__ import annotations

from . import (
    kinked,
    losses,
    matrices,
    ordering,
    pointwise,
    reductions,
    scales,
    selection,
    windows,
    wrong_manners,
    wrong_places,
    wrong_values,
)
from .entry import RIGHT, WRONG, Domain, Right, Wrong

__all__ = ["RIGHT", "WRONG", "Domain", "Right", "Wrong"]
