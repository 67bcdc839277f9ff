"""Where an operation may be sampled and what it promises where it has no derivative (floor 0)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .errors import ArgumentError
from .types import Array

__all__ = ["Kink", "Real"]


@dataclass(frozen=True, init=False)
class Real:
    """An interval of real numbers to draw an argument from.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    open_left, open_right : bool
        Leave out that end.
    exclude : float or tuple of float
        Points to stay away from, such as poles.

    Raises
    ------
    ArgumentError
        For what is no number, NaN, or ends in the wrong order.

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

    def __init__(
        self,
        low: float = -3.0,
        high: float = 3.0,
        open_left: bool = False,
        open_right: bool = False,
        exclude: float | Iterable[float] = (),
    ) -> None:
        poles = tuple(exclude) if isinstance(exclude, Iterable) else (exclude,)
        given: list[tuple[str, Any]] = [("low", low), ("high", high)]
        for name, value in [*given, *[("exclude", pole) for pole in poles]]:
            if not isinstance(value, (int, float, np.integer, np.floating)) or value != value:
                raise ArgumentError(
                    f"an interval's {name} is a number, got {value!r:.60}",
                    fix="tg.Real(-3.0, 3.0, exclude=(0.0,))",
                )
        if low > high:
            raise ArgumentError(
                f"an interval from {low} to {high} is empty",
                why="the lower end comes first",
                fix=f"tg.Real({high}, {low})",
            )
        values: tuple[Any, ...] = low, high, open_left, open_right, poles
        for field, one in zip(fields(self), values, strict=True):
            object.__setattr__(self, field.name, one)

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
    torch, jax : tuple, optional
        What PyTorch and JAX give there, in the form of ``gives``; ``None`` where they have no such
        operation. Measured, for the catalogue: the parity tests measure it again.

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
    torch: tuple[Any, ...] | None = None
    jax: tuple[Any, ...] | None = None

    def __post_init__(self) -> None:
        """One input may do without its tuple; what names a point has to say what is given there."""
        for name in ("at", "gives"):
            value = getattr(self, name)
            if not isinstance(value, tuple):
                object.__setattr__(self, name, (value,))
        for name in ("where", "value", "because"):
            if not isinstance(getattr(self, name), str):
                raise ArgumentError(
                    f"a kink's {name} is a sentence or a formula, got {getattr(self, name)!r:.60}",
                    fix='tg.Kink("x = 0", "0", "the middle", at=(0.0,), gives=(0.0,))',
                )
        if len(self.at) != len(self.gives):
            raise ArgumentError(
                f"a kink at {self.at!r:.60} gives {self.gives!r:.60}",
                why="the tests compare the gradient at that point with it, one for each input",
                fix=f"gives=({', '.join(['0.0'] * len(self.at))},)   # None: nothing promised",
            )
