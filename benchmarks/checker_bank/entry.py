"""What an entry of the bank is: a function, a gradient, and where to try them.

`right` enters a function with its true vector-Jacobian product, `wrong` a false one beside it. Both
are plain NumPy: `f(*xs)` and `vjp(g, *xs) -> tuple`.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.domain import Real

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]
Function = Callable[..., Any]
Shape = tuple[int, ...]
Pair = tuple[Function, Function]

PALETTE = (0.0, 1.0, -1.0, 1e-6, -1e-6)


@dataclass(frozen=True)
class Domain:
    """Where a function may be tried.

    Parameters
    ----------
    shapes : tuple of tuple of shapes
        Alternatives; each has one shape for every input.
    values : tuple of Real
        Bounds, one for every input.
    marks : tuple of float
        Further values worth planting: kinks, jumps, ends of pieces.
    accepts : callable
        Says of inputs with such shapes and values whether the function is defined there.
    dtype : type
        float64, or float32 for the entries about that.
    """

    shapes: tuple[tuple[Shape, ...], ...]
    values: tuple[Real, ...]
    marks: tuple[float, ...] = ()
    accepts: Callable[..., bool] = lambda *xs: True
    dtype: type = np.float64

    def palette(self, index: int) -> Array:
        """Return the values most likely to break a check that input `index` may take."""
        real = self.values[index]
        found = dict.fromkeys([*PALETTE, real.low, real.high])
        return np.array([value for value in found if admits(real, value)])

    def draw(self, rng: np.random.Generator) -> Arrays:
        """Draw inputs: half of them generic, half with ties, zeros, ends and marks planted."""
        for _ in range(1000):
            shapes = self.shapes[rng.integers(len(self.shapes))]
            xs = [real.sample(shape, rng) for real, shape in zip(self.values, shapes, strict=True)]
            if rng.random() < 0.5:
                xs = [self._plant(x, k, rng) for k, x in enumerate(xs)]
                if rng.random() < 0.5:
                    xs = self._copy_first(xs, rng)
            drawn = tuple(np.asarray(x, self.dtype) for x in xs)
            if self.accepts(*drawn):
                return drawn
        raise RuntimeError("the domain accepts fewer than one draw in a thousand")

    def _plant(self, x: Array, index: int, rng: np.random.Generator) -> Array:
        # Zero and the marks weigh more than the rest; a generic value may be repeated too.
        special = [value for value in (0.0, *self.marks) if admits(self.values[index], value)]
        some = np.concatenate([self.palette(index), special, special, special, x.flat[:1]])
        few = rng.choice(some, size=rng.integers(1, 4))
        planted = rng.choice(few, size=x.shape)
        return np.where(rng.random(x.shape) < rng.choice([0.3, 0.7, 1.0]), planted, x)

    def _copy_first(self, xs: list[Array], rng: np.random.Generator) -> list[Array]:
        """Make inputs tie with each other, where they have one shape and one domain."""
        first, real = xs[0], self.values[0]
        return [
            np.where(rng.random(x.shape) < 0.7, first, x)
            if x.shape == first.shape and other == real
            else x
            for x, other in zip(xs, self.values, strict=True)
        ]


def admits(real: Real, value: float) -> bool:
    """Say whether a value lies in an interval, its ends and holes considered."""
    above = value > real.low if real.open_left else value >= real.low
    below = value < real.high if real.open_right else value <= real.high
    return above and below and value not in real.exclude


@dataclass(frozen=True)
class Right:
    """A function with its true gradient."""

    name: str
    f: Function
    vjp: Function
    domain: Domain
    tags: frozenset[str] = frozenset()

    def draw(self, seed: int) -> Arrays:
        """Draw the inputs of trial number `seed`."""
        return self.domain.draw(np.random.default_rng([seed, zlib.crc32(self.name.encode())]))

    def pair(self) -> Pair:
        """Return the function and its gradient."""
        return self.f, self.vjp


@dataclass(frozen=True)
class Wrong:
    """A false gradient of a function whose true one is in the bank.

    `build` makes the pair afresh for every trial, for some faults are a matter of memory. `input`
    is the one whose gradient is wrong; `None` where it is a matter of manners, or of several.
    `shows` says at which inputs the fault can be seen, where comparing values cannot tell.
    """

    name: str
    right: Right
    build: Callable[[], Pair]
    input: int | None = 0
    tags: frozenset[str] = frozenset()
    shows: Callable[..., bool] | None = None

    @property
    def domain(self) -> Domain:
        """The domain of the function."""
        return self.right.domain

    def draw(self, seed: int) -> Arrays:
        """Draw the inputs of trial number `seed`: the same as for the true gradient."""
        return self.right.draw(seed)

    def pair(self) -> Pair:
        """Return the function and a fresh false gradient."""
        return self.build()


RIGHT: dict[str, Right] = {}
WRONG: dict[str, Wrong] = {}


def right(
    name: str,
    f: Function,
    vjp: Function,
    shapes: tuple[tuple[Shape, ...], ...],
    *values: Real,
    tags: str = "",
    **domain: Any,
) -> None:
    """Enter a function with its true gradient; the last bounds serve all further inputs."""
    assert name not in RIGHT, name
    bounds = (*values, *itertools.repeat(values[-1], len(shapes[0]) - len(values)))
    RIGHT[name] = Right(name, f, vjp, Domain(shapes, bounds, **domain), frozenset(tags.split()))


def wrong(
    name: str,
    vjp: Function | None = None,
    *,
    input: int | None = 0,
    tags: str = "",
    build: Callable[[], Pair] | None = None,
    shows: Callable[..., bool] | None = None,
) -> None:
    """Enter a false gradient, named `function: fault`, of a function entered before."""
    assert name not in WRONG, name
    truth = RIGHT[name.partition(":")[0]]
    made = build or (lambda: (truth.f, vjp))
    WRONG[name] = Wrong(name, truth, made, input, frozenset(tags.split()), shows)  # type: ignore[arg-type]


def spoil(
    name: str,
    change: Function,
    *,
    input: int | None = 0,
    tags: str = "",
) -> None:
    """Enter a false gradient made from the true one: `change(gradient, g, *xs)` of one input.

    With ``input=None`` the change receives and returns the whole tuple.
    """
    truth = RIGHT[name.partition(":")[0]].vjp

    def vjp(g: Array, *xs: Array) -> Arrays:
        gradients = tuple(np.asarray(a) for a in truth(g, *xs))
        if input is None:
            return tuple(change(gradients, g, *xs))
        changed = change(gradients[input], g, *xs)
        return (*gradients[:input], changed, *gradients[input + 1 :])

    wrong(name, vjp, input=input, tags=tags)
