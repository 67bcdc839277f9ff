"""Where a generated test tries an operation, and the slopes of its forward there.

An operation with a ``domain`` is tried element by element, in shapes that broadcast, are empty or
have no axes, at generic points and at the values where functions are special: 0, 1, -1, 2, ties,
the ends of the domain. One with ``samples`` is tried at draws of every form, and at the same draws
rounded, which have ties, zeros and ones. One with both is tried at all of these but for the
rounded ones: ``samples`` add what no box of operands contains. Slopes are taken from values alone,
so they are the same for an operation and for its wrong twins, and are computed once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import RuleError, TinygradError
from ..refusal import pair_of, result_of
from ..registration import mended
from ..registry import Operation
from ..types import Array, Shape
from .differences import EPS, FAR, QUICK, Ladder, rounding_noise
from .nearby import Hull, slopes

__all__ = ["Case", "Points", "Slopes", "cases_of", "named", "plain", "signed", "slopes_at"]

_SHAPES: tuple[tuple[Shape, Shape], ...] = (
    ((2, 3), (2, 3)), ((3, 1), (1, 4)), ((), ()), ((3,), ()), ((), (3,)), ((0,), (1,)),
    ((2, 1, 2), (3, 1)), ((1,), (1,)), ((2, 0), (1, 1)),
    ((1, 3), (1, 3)),
)  # fmt: skip
_SPECIAL = (0.0, 1.0, -1.0, 2.0, 3.0, 0.5, -2.0)
_DRAWS = 16
_FORMS = 48
_PATIENCE = 200


@dataclass(frozen=True)
class Case:
    """One point to try an operation at.

    Attributes
    ----------
    inputs, settings
        What it is called with.
    wanted : tuple of int
        The inputs whose gradient is asked for; the others are constants.
    cotangent : Array
        Shape of the value; of both signs, no element small.
    special : bool
        Whether it was put where functions may bend.
    step : float
        How far the inputs may be moved inside the domain.
    """

    inputs: tuple[Array, ...]
    settings: dict[str, Any]
    wanted: tuple[int, ...]
    cotangent: Array
    special: bool
    step: float

    def __str__(self) -> str:
        shown = ", ".join(np.array2string(x, precision=4, separator=", ") for x in self.inputs)
        return f"inputs {shown}" + (f", settings {self.settings}" if self.settings else "")


@dataclass(frozen=True)
class Slopes:
    """The derivative of the weighted sum of the value with respect to one input.

    Attributes
    ----------
    low, high : Array
        Equal where the value is smooth; at a kink the slopes to both sides.
    error : Array
        What the differences may be off by.
    bent : Array
        Where the slopes to the left and to the right differ, or nothing is known.
    """

    low: Array
    high: Array
    error: Array
    bent: Array


def signed(rng: np.random.Generator, shape: Shape) -> Array:
    """Weights of both signs, none of them small: no element of a gradient goes unseen."""
    return np.asarray(rng.uniform(0.5, 1.0, shape) * rng.choice([-1.0, 1.0], shape))


def plain(op: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Array:
    """Return the value of the forward alone."""
    answer = op.forward(*inputs, **{**op.defaults, **settings})
    return result_of(op, pair_of(op, answer)[0] if op.saves else answer)


def _first_value(
    op: Operation, inputs: tuple[Array, ...], settings: dict[str, Any], special: bool
) -> Array:
    """The value at a new point, or what is wrong with the forward there."""
    held = [x.copy() for x in inputs]
    try:
        with np.errstate(all="ignore"):
            value = plain(op, inputs, settings)
    except TinygradError:
        raise
    except Exception as error:  # a user's forward may raise anything
        shapes = " and ".join(f"{x.dtype} {x.shape}" for x in inputs)
        raise RuleError(
            f"the forward of `{op.name}` raised {type(error).__name__} for {shapes}: {error}",
            code="TG-G11",
            op=op.name,
            why="an operation takes arrays of every shape that its domain or samples give",
            fix=mended(error) or "return np.asarray(...)   # of any shape, () too; or samples=",
        ) from error
    for name, x, old in zip(named(op, len(inputs)), inputs, held, strict=True):
        if not np.array_equal(x, old, equal_nan=x.dtype.kind == "f"):
            raise RuleError(
                f"the forward of `{op.name}` writes into its input",
                code="TG-G11",
                op=op.name,
                why="the caller's array would change, and the rule would read other numbers",
                fix=f"{name} = {name} * {name}   # not {name} *= {name}",
            )
    if op.domain and not special and value.dtype.kind == "f" and np.isnan(value).any():
        raise _no_number(op, inputs, value)
    return value


def _no_number(op: Operation, inputs: tuple[Array, ...], value: Array) -> Exception:
    """A domain that reaches where the function has no value."""
    at = tuple(np.argwhere(np.isnan(value))[0])
    shaped = [np.broadcast_to(x, value.shape) if value.ndim >= x.ndim else x for x in inputs]
    pairs = zip(named(op, len(inputs)), shaped, strict=True)
    where = ", ".join(f"{name} = {x[at]:.6g}" for name, x in pairs if x.shape == value.shape)
    return RuleError(
        f"the value of `{op.name}` is nan at {where or 'a point'} of its domain",
        code="TG-G11",
        op=op.name,
        why="where there is no value there is no gradient to compare",
        fix="domain=tg.Real(0.5, 3.0)   # where the function has a value",
    )


def named(op: Operation, count: int) -> list[str]:
    """The names of so many inputs; the last of them may stand for several.

    Examples
    --------
    >>> from tinygrad_edu.registry import registry
    >>> named(registry["exp"], 1)
    ['x']
    """
    return [op.inputs[min(k, op.arity - 1)] for k in range(count)]


def cases_of(op: Operation, rng: np.random.Generator) -> list[Case]:
    """Return the points at which an operation is tried.

    Parameters
    ----------
    op : Operation
        With a ``domain`` or ``samples``.
    rng : Generator
        Draws the points.

    Examples
    --------
    >>> from tinygrad_edu.registry import registry
    >>> [case.inputs[0].shape for case in cases_of(registry["exp"], np.random.default_rng(0))][:3]
    [(2, 3), (3, 1), ()]
    """
    found = []
    for inputs, settings, special, step in (*_in_domain(op, rng), *_samples(op, rng)):
        floats = [k for k, x in enumerate(inputs) if x.dtype.kind == "f" and _ruled(op, k)]
        cotangent = signed(rng, _first_value(op, inputs, settings, special).shape)
        for x in (*inputs, cotangent):
            x.flags.writeable = False  # a rule that writes must not spoil the next one's point
        subsets = [tuple(floats), *([(k,) for k in floats] if len(floats) > 1 else [])]
        found += [Case(inputs, settings, wanted, cotangent, special, step) for wanted in subsets]
    return sorted(found, key=lambda case: case.special)


def _ruled(op: Operation, position: int) -> bool:
    return op.joint is not None or (bool(op.rules) and op.rules[position] is not None)


Point = tuple[tuple[Array, ...], dict[str, Any], bool, float]


def _in_domain(op: Operation, rng: np.random.Generator) -> Iterator[Point]:
    if not op.domain:
        return
    arity = len(op.domain)
    step = min(real.high - real.low for real in op.domain) / 250
    shapes = dict.fromkeys(pair[:arity] for pair in _SHAPES)
    for shape in shapes:
        drawn = [real.sample(s, rng) for real, s in zip(op.domain, shape, strict=True)]
        yield tuple(drawn), {}, False, step
    palettes = [
        [v for v in _SPECIAL if real.low < v < real.high and v not in real.exclude]
        + [real.low + 2 * step, real.high - 2 * step]
        for real in op.domain
    ]
    pairs = np.array(list(itertools.product(*palettes))).T
    yield tuple(np.array(row) for row in pairs), {}, True, step
    if arity == 1:  # without axes too, at both ends: one draw may hit where the slope is 0
        for value in palettes[0][-2:]:
            yield (np.array(value),), {}, True, step
    if arity == 2:
        for value in palettes[1]:
            yield (op.domain[0].sample((2,), rng), np.array(value)), {}, True, step
        for value in palettes[0]:
            yield (np.array(value), op.domain[1].sample((2,), rng)), {}, True, step


def _samples(op: Operation, rng: np.random.Generator) -> Iterator[Point]:
    """Draws of each form of shapes and settings, sixteen or more in all, and one of each rounded.

    Drawn until no new form has come for so long that one among twenty is overlooked once in
    28000 times.
    """
    forms: dict[str, list[tuple[tuple[Array, ...], dict[str, Any]]]] = {}
    waited = 0 if op.samples else _PATIENCE
    while waited < _PATIENCE and len(forms) < _FORMS:
        inputs, settings = op.samples(rng)  # type: ignore[misc]
        arrays = tuple(np.array(x) for x in inputs)
        form = repr(([(x.shape, x.dtype.kind) for x in arrays], settings))
        waited = waited + 1 if form in forms else 0
        forms.setdefault(form, []).append((arrays, settings))
    for drawn in forms.values():
        for arrays, settings in drawn[: math.ceil(_DRAWS / len(forms))]:
            yield arrays, settings, False, 0.02
        if op.domain:
            continue
        arrays, settings = drawn[0]
        rounded = [np.asarray(np.round(x)) if x.dtype.kind == "f" else x for x in arrays]
        yield tuple(rounded), settings, True, 0.02


def slopes_at(op: Operation, case: Case) -> dict[int, Slopes]:
    """Return the slopes of a forward at a case, for each wanted input.

    Examples
    --------
    >>> from tinygrad_edu.registry import registry
    >>> case = Case((np.array(3.0),), {}, (0,), np.array(1.0), False, 0.02)
    >>> float(slopes_at(registry["square"], case)[0].low.round(6))
    6.0
    """
    shapes = [case.inputs[k].shape for k in case.wanted]
    ends = np.cumsum([0, *[math.prod(shape) for shape in shapes]])

    def value(point: Array) -> Array:
        inputs = list(case.inputs)
        for k, shape, start, end in zip(case.wanted, shapes, ends, ends[1:], strict=False):
            inputs[k] = point[start:end].reshape(shape)
        return np.ravel(case.cotangent * plain(op, tuple(inputs), case.settings))

    point = np.concatenate([case.inputs[k].ravel() for k in case.wanted])
    found = _slopes(value, point, case.step)
    return {
        k: Slopes(*[part[start:end].reshape(shape) for part in found])
        for k, shape, start, end in zip(case.wanted, shapes, ends, ends[1:], strict=False)
    }


def _slopes(
    f: Callable[[Array], Array], point: Array, step: float
) -> tuple[Array, Array, Array, Array]:
    """Along each element the least and greatest slope of the sum of ``f``, error, and bends."""
    base = f(point)
    if not base.size or not point.size:
        nothing = np.zeros(point.shape)
        return nothing, nothing, nothing, nothing > 0
    # What cancels in the value was rounded before it did, at the size of the other values.
    noise = np.full(base.shape, 4 * EPS * (1 + np.abs(base).max()))
    if point.any():
        noise = np.fmax(noise, rounding_noise(f, point, base, np.random.default_rng(0)))
    noise = np.tile(noise, (point.size, 1))
    ladder = Ladder(f, point, base, np.eye(point.size), np.full(point.size, step), noise)
    found, good = ladder.quick()
    hull = Hull.smooth(found)
    odd = ~good | _bends(ladder)
    if odd.any():
        exact = ladder.thorough(np.flatnonzero(odd))
        hull = hull.where(np.tile(~odd[:, None], base.shape), slopes(ladder, exact))
    unknown = ~(np.isfinite(hull.low) & np.isfinite(hull.high))
    low, high = np.where(unknown, -np.inf, hull.low), np.where(unknown, np.inf, hull.high)
    error = np.where(unknown, 0.0, hull.error)
    bent = np.asarray((hull.kinked | unknown).any(1))
    return low.sum(1), high.sum(1), error.sum(1), bent


def _bends(ladder: Ladder) -> Array:
    """Where slopes to both sides stay apart at a far smaller step.

    Central differences across a kink agree with each other, on its middle slope.
    """
    apart = np.abs(ladder.plus + ladder.minus - 2 * ladder.base) / ladder.up[..., None]
    noise = 16 * ladder.noise / ladder.up[FAR][:, None]
    return np.asarray(~(apart[FAR] <= 0.05 * apart[QUICK - 1] + noise).all(1))


def slope(
    f: Callable[[float], float], step: float, careful: bool = False
) -> tuple[float, float, bool]:
    """Return the derivative of ``f`` at 0, a bound on its error, and whether ``f`` bends there.

    ``careful`` measures the rounding noise of ``f``, which takes more than twice the calls; else
    it is taken to be that of numbers of the size of its value.

    Examples
    --------
    >>> slope(abs, 0.1)[2], slope(np.sin, 0.1)[2]
    (True, False)
    """
    start = np.full(1, float(careful))  # noise shows around 1; around 0 nothing is rounded
    with np.errstate(all="ignore"):
        low, high, error, bent = _slopes(
            lambda point: np.atleast_1d(f(float(point[0] - start[0]))), start, step
        )
        middle = float(low[0] + high[0]) / 2  # of unknown slopes, not a number
    return middle, float(error[0]), bool(bent[0])


class Points:
    """The cases of an operation, with slopes that are computed when first asked for."""

    def __init__(self, op: Operation, rng: np.random.Generator) -> None:
        self.op = op
        self.cases = cases_of(op, rng)
        self._slopes: list[dict[int, Slopes]] = []

    def with_slopes(self) -> Iterator[tuple[Case, dict[int, Slopes]]]:
        """Yield each case with the slopes of the forward there."""
        for k, case in enumerate(self.cases):
            if k == len(self._slopes):
                with np.errstate(all="ignore"):
                    self._slopes.append(slopes_at(self.op, case))
            yield case, self._slopes[k]
