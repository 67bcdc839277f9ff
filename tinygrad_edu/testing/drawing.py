"""Hypothesis, or the line that installs it: every module here that draws imports it from this one.

Only drawing needs it. The checks themselves run on NumPy alone.
"""

from __future__ import annotations

from ..errors import MissingDependency

try:
    import hypothesis
    from hypothesis import strategies as st
except ModuleNotFoundError as absent:
    raise MissingDependency(
        "drawing examples needs Hypothesis, which is not installed",
        why="it chooses the examples, and shrinks the one that fails",
        fix='pip install "tinygrad_edu[testing]"',
    ) from absent

__all__ = ["hypothesis", "st"]
