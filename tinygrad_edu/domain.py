"""Where an operation may be sampled and what it promises where it has no derivative (floor 0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .types import Array

__all__ = ["Kink", "Real"]


@dataclass(frozen=True)
class Real:
    """An interval of real numbers to draw an argument from.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    open_left, open_right : bool
        Leave out that end.
    exclude : tuple of float
        Points to stay away from, such as poles.

    Examples
    --------
    >>> values = Real(0.0, 2.0, open_left=True).sample((3,), np.random.default_rng(0))
    >>> bool(((values > 0) & (values <= 2)).all())
    True
    """

    low: float = -3.0
    high: float = 3.0
    open_left: bool = False
    open_right: bool = False
    exclude: tuple[float, ...] = ()

    def sample(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Draw generic points: uniform, inside the open interval, one hundredth off the poles."""
        margin = (self.high - self.low) / 100
        values = rng.uniform(self.low + margin, self.high - margin, shape)
        for point in self.exclude:
            near = np.abs(values - point) < margin
            values = np.where(near, point + margin * (1 + rng.random(shape)), values)
        return values


@dataclass(frozen=True)
class Kink:
    """The one value that a derivative takes where the function has none.

    Parameters
    ----------
    where : str
        The points, as a condition on the arguments.
    value : str
        What the rule gives there.
    because : str
        Why this one.
    at : tuple, optional
        Inputs with such a point, one value for each, where the tests ask for the promise.
    gives : tuple, optional
        The gradients there for a cotangent of ones, one for each input; ``None`` where this note
        promises nothing.

    Examples
    --------
    >>> Kink("x = 0", "0", "the middle of the slopes", at=(0.0,), gives=(0.0,)).value
    '0'
    """

    where: str
    value: str
    because: str
    at: tuple[Any, ...] = ()
    gives: tuple[Any, ...] = ()
