"""What a search may choose from: one dimension for each setting, and the space of them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any, ClassVar, TypeAlias

import numpy as np

from ...types import Array
from . import catalogue

__all__ = [
    "Choice", "Dimension", "Integer", "LogUniform", "Settings", "Space", "Uniform", "checked",
    "choice", "column", "drawn", "gridded", "integer", "label", "log_uniform", "uniform",
]  # fmt: skip

Settings: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Dimension(ABC):
    """The values that one setting may have."""

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Any:
        """Draw one value."""

    @abstractmethod
    def points(self, count: int | None) -> list[Any]:
        """Return the values of a grid, evenly spread."""

    @abstractmethod
    def described(self) -> dict[str, Any]:
        """Return all that distinguishes it, as JSON has it."""


@dataclass(frozen=True)
class Choice(Dimension):
    """One of several values of any kind."""

    options: tuple[Any, ...]

    def draw(self, rng: np.random.Generator) -> Any:
        """Draw one value, each as likely."""
        return self.options[int(rng.integers(len(self.options)))]

    def points(self, count: int | None) -> list[Any]:
        """Return all values."""
        return list(self.options)

    def described(self) -> dict[str, Any]:
        """Return the labels of the values."""
        return {"choice": [label(option) for option in self.options]}


@dataclass(frozen=True)
class Uniform(Dimension):
    """A number between two others."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw a number."""
        return float(rng.uniform(self.low, self.high))

    def points(self, count: int | None) -> list[float]:
        """Return as many numbers, both ends among them."""
        return [float(value) for value in np.linspace(self.low, self.high, _needed(self, count))]

    def described(self) -> dict[str, Any]:
        """Return the ends."""
        return {"uniform": [self.low, self.high]}


@dataclass(frozen=True)
class LogUniform(Dimension):
    """A number between two others, all magnitudes alike."""

    low: float
    high: float
    log: ClassVar[bool] = True

    def draw(self, rng: np.random.Generator) -> float:
        """Draw a number."""
        power = rng.uniform(math.log(self.low), math.log(self.high))
        return min(max(math.exp(power), self.low), self.high)

    def points(self, count: int | None) -> list[float]:
        """Return as many numbers with one quotient, both ends among them."""
        return [float(value) for value in np.geomspace(self.low, self.high, _needed(self, count))]

    def described(self) -> dict[str, Any]:
        """Return the ends."""
        return {"log_uniform": [self.low, self.high]}


@dataclass(frozen=True)
class Integer(Dimension):
    """A whole number, both ends included."""

    low: int
    high: int
    log: bool = False

    def draw(self, rng: np.random.Generator) -> int:
        """Draw a whole number."""
        if not self.log:
            return int(rng.integers(self.low, self.high, endpoint=True))
        # Each whole number stands for the interval around it.
        power = rng.uniform(math.log(self.low - 0.5), math.log(self.high + 0.5))
        return min(max(round(math.exp(power)), self.low), self.high)

    def points(self, count: int | None) -> list[int]:
        """Return all whole numbers, or about as many as are asked for, without repetition."""
        if count is None:
            return list(range(self.low, self.high + 1))
        spread = (np.geomspace if self.log else np.linspace)(self.low, self.high, count)
        return sorted({round(float(value)) for value in spread})

    def described(self) -> dict[str, Any]:
        """Return the ends, and how they are drawn."""
        return {"integer": [self.low, self.high], "log": self.log}


Space: TypeAlias = Mapping[str, Dimension]


def choice(*options: Any) -> Choice:
    """Choose one of several values.

    Parameters
    ----------
    *options
        Numbers, text, tuples, classes, functions: what the objective understands. They are told
        apart by how they are written, so two lambdas are not two options.

    Examples
    --------
    >>> choice("relu", "tanh").draw(np.random.default_rng(0))
    'tanh'
    """
    labels = [label(option) for option in options]
    if not options or (len(options) == 1 and isinstance(options[0], (list, set, dict))):
        raise catalogue.no_options(options)
    if twice := [word for word in labels if labels.count(word) > 1]:
        raise catalogue.same_option(twice[0])
    return Choice(options)


def uniform(low: float, high: float) -> Uniform:
    """Choose a number between two others, each as likely.

    Parameters
    ----------
    low, high : float, low < high
        The ends.

    Examples
    --------
    >>> round(uniform(0, 0.5).draw(np.random.default_rng(0)), 4)
    0.3185
    """
    return Uniform(*_ends("uniform", low, high))


def log_uniform(low: float, high: float) -> LogUniform:
    r"""Choose a number between two others, each magnitude as likely: for rates and penalties.

    .. math:: x = e^u, \qquad u \sim U(\ln low, \ln high)

    Parameters
    ----------
    low, high : float, 0 < low < high
        The ends.

    Notes
    -----
    Source: Bergstra and Bengio 2012, section 2.4.

    Examples
    --------
    >>> round(log_uniform(1e-4, 1e-1).draw(np.random.default_rng(0)), 5)
    0.00814
    """
    first, last = _ends("log_uniform", low, high)
    if first <= 0:
        raise catalogue.bad_ends("log_uniform", low, high, "0 < low < high", "1e-4, 1e-1")
    return LogUniform(first, last)


def integer(low: int, high: int, *, log: bool = False) -> Integer:
    """Choose a whole number, both ends included.

    Parameters
    ----------
    low, high : int, low <= high
        The ends; at least 1 with ``log=True``.
    log : bool
        Each magnitude is as likely, as for a width between 8 and 512.

    Examples
    --------
    >>> integer(8, 512, log=True).draw(np.random.default_rng(0))
    111
    """
    whole = all(
        isinstance(end, (int, np.integer)) and not isinstance(end, bool) for end in (low, high)
    )
    if not whole or low > high or (log and low < 1):
        needed = "whole numbers with " + ("1 <= low <= high" if log else "low <= high")
        raise catalogue.bad_ends("integer", low, high, needed, "1, 64")
    return Integer(int(low), int(high), bool(log))


def _ends(name: str, low: Any, high: Any) -> tuple[float, float]:
    try:
        first, last = float(low), float(high)
    except (TypeError, ValueError):
        first, last = math.nan, math.nan
    if not (math.isfinite(first) and math.isfinite(last) and first < last):
        raise catalogue.bad_ends(name, low, high, "finite numbers with low < high", "0.0, 1.0")
    return first, last


def _needed(dimension: Dimension, count: int | None) -> int:
    if count is None:
        raise catalogue.no_points(dimension.described())
    return count


def checked(space: Any) -> dict[str, Dimension]:
    """Return a space as a dict of its own, if it is one.

    Parameters
    ----------
    space : mapping of str to Dimension
        What is searched.
    """
    if not isinstance(space, Mapping) or not space:
        raise catalogue.no_space(space)
    for name, dimension in space.items():
        if not isinstance(name, str) or not isinstance(dimension, Dimension):
            raise catalogue.no_dimension(name, dimension)
    return dict(space)


def drawn(space: Space, seed: int, trial: int) -> Settings:
    """Return the settings of a random trial: they depend on the seed and its number alone.

    Parameters
    ----------
    space : mapping of str to Dimension
        Drawn from in its order.
    seed, trial : int
        Which ones. The objective's own generator is ``default_rng([seed, trial])``; this is
        another one, so that weights do not hang together with settings.
    """
    rng = np.random.default_rng([seed, trial, 1])
    return {name: dimension.draw(rng) for name, dimension in space.items()}


def gridded(space: Space, points: int | Mapping[str, int] | None) -> list[Settings]:
    """Return all combinations, the last setting changing fastest.

    Parameters
    ----------
    space : mapping of str to Dimension
        Its choices go in whole.
    points : int, mapping of str to int, or None
        How many values of each dimension of numbers.
    """
    counts = dict(points) if isinstance(points, Mapping) else dict.fromkeys(space, points)
    for name, count in counts.items():
        whole = isinstance(count, int) and not isinstance(count, bool)
        if name not in space or (count is not None and not (whole and count >= 2)):
            raise catalogue.bad_points(name, count, list(space))
    columns = [dimension.points(counts.get(name)) for name, dimension in space.items()]
    return [dict(zip(space, values, strict=True)) for values in product(*columns)]


def label(value: Any) -> Any:
    """Return how a value is written in tables and files: numbers and text as they are.

    Examples
    --------
    >>> label(0.1), label((64, 64)), label(np.tanh), label(dict)
    (0.1, '(64, 64)', 'tanh', 'dict')
    """
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no such numbers
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return label(value.item())
    if isinstance(value, partial):
        parts = [str(label(part)) for part in value.args]
        parts += [f"{name}={label(part)}" for name, part in value.keywords.items()]
        return f"{label(value.func)}({', '.join(parts)})"
    if isinstance(value, (tuple, list)):
        inside = ", ".join(str(label(part)) for part in value)
        return f"({inside}{',' if len(value) == 1 else ''})"
    name = getattr(value, "__name__", None)
    return name if isinstance(name, str) else repr(value)


def column(values: list[Any]) -> Array:
    """Return values of a setting as an array of numbers, or of text where they are not."""
    words = [label(value) for value in values]
    numbers = all(isinstance(word, (int, float)) and not isinstance(word, bool) for word in words)
    return np.array(words) if numbers else np.array([str(word) for word in words])
