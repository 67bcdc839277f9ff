"""Each part of the checker is needed: without it some verdict is wrong.

Every case is a gradient with the verdict it deserves. With one part switched off it gets another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

from tinygrad_edu.testing import behaviour, check_vjp, compare, differences, gradcheck, nearby
from tinygrad_edu.testing.compare import Comparer
from tinygrad_edu.testing.differences import EPS, QUICK, TINY, Estimate, Ladder
from tinygrad_edu.testing.gradcheck import Check
from tinygrad_edu.testing.nearby import Hull
from tinygrad_edu.testing.pair import Pair

from . import test_behaviour as manners
from .parts import Off, change, put
from .smooth import Smooth

pytestmark = pytest.mark.once  # what no version of Python changes

Array = np.ndarray[Any, Any]


class Case(NamedTuple):
    """A part, and a gradient with the verdict that it deserves and gets from all parts together."""

    off: Off
    pair: tuple[Callable[..., Any], Callable[..., Any]] | Callable[[], Any]
    xs: Sequence[Any]
    deserved: str
    order: int = 1

    def verdict(self) -> str:
        """The verdict, and under which name it fails where the case asks for that."""
        pair = self.pair if isinstance(self.pair, tuple) else self.pair()
        report = check_vjp(*pair, *self.xs, order=self.order, raises=False)
        named = " " in self.deserved
        return f"{report.verdict}: {report.kind}" if named else report.verdict


# ---------------------------------------------------------------- gradients


def times(factor: float, f: Callable[..., Any], slope: Callable[..., Any]) -> tuple[Any, Any]:
    """A function of one input, element by element, with its slope off by a factor."""
    return f, lambda g, x: (factor * g * slope(x),)


def wave(k: float, factor: float = 1.0) -> tuple[Any, Any]:
    return times(factor, lambda x: np.sin(k * x), lambda x: k * np.cos(k * x))


def gentle_wave(k: float, offset: float, factor: float) -> tuple[Any, Any]:
    return times(factor, lambda x: offset + np.sin(k * x) / k, lambda x: np.cos(k * x))


def lost_digits(offset: float, factor: float) -> tuple[Any, Any]:
    return times(factor, lambda x: (np.sin(x) + offset) - offset, np.cos)


COARSE_SHAPE = Smooth(("tanh", "sin", "root"), 0.0026421503144919475, 892.9648310763993)
COARSE = (
    lambda x: (COARSE_SHAPE(x) + 44721875.77486077) - 44721875.77486077,
    COARSE_SHAPE.vjp,
)
RELU = times(1.0, lambda x: np.maximum(x, 0), lambda x: 1.0 * (x > 0))
RELU_SQUARED = times(1.0, lambda x: np.maximum(x, 0) ** 2, lambda x: 2 * np.maximum(x, 0))
BUMP_IGNORED = times(1.0, lambda x: x + np.exp(-((x / 1e-6) ** 2)), np.ones_like)
TANH_IN_FLOAT32 = times(
    1.0, lambda x: np.tanh(x.astype(np.float32)).astype(float), lambda x: 1 - np.tanh(x) ** 2
)
POWER = times(1.0, lambda x: np.abs(x) ** 1.5, lambda x: 1.5 * np.sign(x) * np.sqrt(np.abs(x)))
ROOT = times(1.0, np.sqrt, lambda x: 0.5 / np.sqrt(x))
ROUND = times(1.0, np.round, np.zeros_like)
STRAIGHT_THROUGH = times(1.0, np.round, np.ones_like)
END_OF_DOMAIN = times(
    1.0, lambda x: np.where(x >= 1, (x - 1) ** 2 + 3 * x, np.nan), lambda x: 2 * (x - 1) + 3
)


def to_every_tie(g: Array, x: Array) -> tuple[Array]:
    return (g * (x == x.max()),)


def cancelling_ties(g: Array, x: Array, y: Array) -> tuple[Array, Array]:
    return g * (x == x.max()), -g * (y == y.max())


def ties_at_both_ends(g: Array, x: Array) -> tuple[Array]:
    return (g * (x == x.max()) - g * (x == x.min()),)


def two_that_cancel(g: Array, x: Array) -> tuple[Array]:
    out = 2 * g * x
    out[5] += g
    out[250] -= g
    return (out,)


def mean_of_the_cotangent(g: Array, x: Array) -> tuple[Array]:
    return (g.mean() * np.cos(x),)


def sizes_of_the_cotangent(g: Array, x: Array) -> tuple[Array]:
    return (np.sign(g[0]) * np.abs(g).sum() * np.ones_like(x),)


def changes_what_it_may(which: int) -> tuple[Any, Any]:
    """Use an array as room to work in, unless it is read-only."""

    def vjp(*args: Array) -> tuple[Array]:
        out = manners.true(*args)
        if args[which].flags.writeable:
            args[which][...] *= 2
        return (out,)

    return manners.square, vjp


def resets_in_forward() -> tuple[Any, Any]:
    """Add up what `vjp` returns until `f` is called again."""
    total = np.zeros_like(manners.X)

    def f(x: Array) -> Array:
        total[...] = 0
        return x * x

    def vjp(g: Array, x: Array) -> tuple[Array]:
        total[...] += manners.true(g, x)
        return (total.copy(),)

    return f, vjp


def packed(x: Array) -> Array:
    """What stands in memory, for one who knows of reversed arrays but not of gaps."""
    if x.base is None or min(x.strides) < 0:
        return x
    return np.asarray(x.base).ravel()[: x.size].reshape(x.shape)


def forward(x: Array) -> Array:
    """What stands in memory, for one who takes the size of a stride without its sign."""
    return np.lib.stride_tricks.as_strided(
        x[(slice(None, None, -1),) * x.ndim] if min(x.strides) < 0 else x,
        x.shape,
        [abs(s) for s in x.strides],
    )


# ---------------------------------------------------------------- parts that are methods


def without_bar(self: Ladder, *args: Any, _estimate: Any = Ladder.estimate) -> Estimate:
    found = _estimate(self, *args)
    found.error = np.where(np.isfinite(found.error), 0.0, found.error)
    return found


def without_far_probe(self: Ladder, target: float = 1e-9) -> tuple[Estimate, Array]:
    self.measure(range(len(self.directions)), range(QUICK))
    found = self.estimate()
    slack = 64 * self.noise / self.start[:, None] + TINY
    return found, (found.error <= target * np.abs(found.value) + slack).all(1)


def without_tiny_steps(
    self: Comparer, v: Array, looked: Any, _attempts: Any = Comparer._attempts
) -> Iterator[tuple[Array, Any]]:
    for start, noise in _attempts(self, v, looked):
        if start >= 1e-11:
            yield start, noise


def without_sums(word: str) -> Off:
    """Leave out the directions whose name starts with a word."""

    def sums(self: Check, analytic: Array, _sums: Any = Check._sums) -> tuple[list[str], Array]:
        names, rows = _sums(self, analytic)
        kept = [k for k, name in enumerate(names) if not name.startswith(word)]
        return [names[k] for k in kept], rows[kept]

    return put(Check, "_sums", sums)


def with_cotangent(make: Callable[[Array], Array]) -> Off:
    def init(self: Check, *args: Any, _init: Any = Check.__init__, **options: Any) -> None:
        _init(self, *args, **options)
        self.g = make(self.g)

    return put(Check, "__init__", init)


def together(*offs: Off) -> Off:
    return lambda patch: [off(patch) for off in offs]  # type: ignore[return-value]


ADDITIVE = "apart > 1e-3 * np.abs(analytic).max(initial=0) + float(np.finfo(pair.answer_type).tiny)"


def in_calls(old: str) -> Off:
    return change(behaviour, "_calls", old, "False")


def without_layout(name: str) -> Off:
    return put(behaviour, "LAYOUTS", tuple(each for each in behaviour.LAYOUTS if each != name))


CALL_AGAIN = "pair.pulled({}g, pair.point)"
SAME_RINGS = "same | (16 * noise[inner] > 0.3 * width[outer])"

CASES: dict[str, Case] = {
    # numbers
    "error bar": Case(
        put(Ladder, "estimate", without_bar),
        (
            lambda x: np.tanh(x.astype(np.float32)).astype(float),
            lambda g, x: (g * (1 - np.tanh(x) ** 2),),
        ),
        [[0.4, 1.1]],
        "pass",
    ),
    "second neighbour in the bar": Case(
        change(
            differences,
            "_table",
            "np.maximum(_above(column, last), np.abs(column - last))",
            "np.abs(column - last)",
        ),
        RELU_SQUARED,
        [0.0],
        "pass",
    ),
    "rounding noise": Case(
        put(gradcheck, "rounding_noise", lambda f, point, base, rng: EPS * np.abs(base) + 5e-324),
        lost_digits(1e10, 1.01),
        [[1 / 3]],
        "fail",
    ),
    "deeper plateaus": Case(
        put(Ladder, "_contradiction", lambda self, found, side: np.zeros(self.noise.shape, int)),
        wave(1e8),
        [[0.3]],
        "pass",
    ),
    "far probe": Case(put(Ladder, "quick", without_far_probe), BUMP_IGNORED, [5e-7], "fail"),
    "hidden stairs": Case(
        put(Ladder, "quantum", lambda self: np.zeros(self.noise.shape)),
        TANH_IN_FLOAT32,
        [[-1.5]],
        "pass",
    ),
    "steps of the size of a tiny input": Case(
        put(Comparer, "_attempts", without_tiny_steps), POWER, [[1e-30]], "pass"
    ),
    "no slope at all": Case(
        change(
            Comparer,
            "_judge",
            "np.fmax(np.maximum(bar, scale), 32 * np.abs(claim)) <= nothing",
            "bar < 0",
        ),
        times(1.0, np.cos, lambda x: -np.sin(x)),
        [[0.0]],
        "pass",
    ),
    "tolerance of float32": Case(
        put(Pair, "relative", 1e-9),
        times(1.0, np.exp, np.exp),
        [np.zeros((), np.float32)],
        "pass",
    ),
    # verdicts
    "unresolved": Case(
        put(compare, "RESOLVED", np.inf), lost_digits(1e12, 1.5), [[0.4]], "unresolved"
    ),
    "unresolved at jumps": Case(
        put(compare, "RESOLVED", np.inf), STRAIGHT_THROUGH, [[0.5]], "fail"
    ),
    "a function that never settles": Case(
        put(Ladder, "unsettled", lambda self: False), wave(1e12), [[0.3]], "unresolved"
    ),
    "confirmation by other steps": Case(
        change(Comparer, "_refuse", "Hull.smooth(again.thorough(np.arange(1)))", "right"),
        COARSE,
        [[0.00141693]],
        "pass",
    ),
    "branches of the claim that are no rounding": Case(
        change(Check, "_rounding", "np.where(moved <= limit, moved, 0)", "moved"),
        (lambda x: np.maximum(x, 0), lambda g, x: (g * (x > 1e-300),)),
        [[1e-300, 1.0]],
        "pass",
    ),
    # kinks
    "slopes to both sides": Case(
        put(compare, "slopes", lambda ladder, found: Hull.smooth(found)),
        END_OF_DOMAIN,
        [[1.0]],
        "pass",
    ),
    "infinite slopes": Case(
        change(nearby, "_unbounded", "steady.all(0)", "False"),
        ROOT,
        [[0.0, 1.0]],
        "pass",
    ),
    "samples around": Case(
        put(Comparer, "_sample", lambda *args: None),
        (np.median, lambda g, x: (g * np.array([1.0, 0.0, 0.0]),)),
        [[0.3, 0.3, 0.3]],
        "pass",
    ),
    "rings": Case(
        change(nearby, "_range", SAME_RINGS, "True"),
        gentle_wave(1e3, 0, 1.01),
        [[0.7]],
        "fail",
    ),
    "outer ring": Case(
        change(nearby, "_range", "((0, 1), (1, 2))", "((1, 2),)"),
        gentle_wave(1e3, 100, 1.01),
        [[0.7]],
        "fail",
    ),
    "jumps": Case(
        put(Ladder, "jumps", lambda self: np.zeros(self.noise.shape, bool)),
        ROUND,
        [[0.5]],
        "pass",
    ),
    # sums
    "all inputs together": Case(
        without_sums("all inputs"), (np.max, to_every_tie), [[0.3, 0.3]], "fail"
    ),
    "each input together": Case(
        without_sums("all of"),
        (lambda x, y: x.max() - y.max(), cancelling_ties),
        [[0.3, 0.3], [0.7, 0.7]],
        "fail",
    ),
    "each tie together": Case(
        put(gradcheck, "TIES", 0),
        (lambda x: x.max() - x.min(), ties_at_both_ends),
        [[0.1, 0.1, -0.1, -0.1]],
        "fail",
    ),
    "a random direction": Case(
        without_sums("a random"),
        (lambda x: (x * x).sum(), two_that_cancel),
        [np.random.default_rng(4).normal(size=300)],
        "fail",
    ),
    # the cotangent
    "a cotangent of unequal numbers": Case(
        with_cotangent(np.ones_like), (np.sin, mean_of_the_cotangent), [[0.3, 0.9]], "fail"
    ),
    "a cotangent of both signs": Case(
        together(with_cotangent(np.abs), in_calls(ADDITIVE)),
        (lambda x: x.sum() * np.ones(2), sizes_of_the_cotangent),
        [[0.1, 0.9, 0.1]],
        "fail",
    ),
    # manners
    "inputs that are changed": Case(
        change(
            Check, "_claim", "np.array_equal(now, before, equal_nan=now.dtype.kind == 'f')", "True"
        ),
        changes_what_it_may(1),
        [manners.X],
        "fail",
    ),
    "cotangents that are changed": Case(
        change(
            Check,
            "_claim",
            "np.array_equal(np.concatenate([part.ravel() for part in parts]), "
            "self.g.astype(pair.answer_type))",
            "True",
        ),
        changes_what_it_may(0),
        [manners.X],
        "fail",
    ),
    "answers that change later": Case(
        in_calls("not same(pair.flat(raw))"),
        manners.returns_one_buffer,
        [manners.X],
        "fail",
    ),
    "calling twice": Case(
        in_calls("not same(again)"),
        resets_in_forward,
        [manners.X],
        "fail: repeatable",
    ),
    "a call of f between": Case(
        in_calls("pair.value(pair.point * 1.01 + 0.01)"),
        manners.remembers_forward,
        [manners.X],
        "fail",
    ),
    "twice the cotangent": Case(
        in_calls("np.isfinite(larger).all() and not same(larger, factor)"),
        (np.sin, lambda g, x: (np.clip(g, -20, 20) * np.cos(x),)),
        [[0.3, 0.9]],
        "fail",
    ),
    "a cotangent of ones": Case(
        in_calls(ADDITIVE),
        (np.sin, lambda g, x: (g * np.cos(x) * (1 + (g == 1).all()),)),
        [[0.3, 0.9]],
        "fail",
    ),
    "the cotangent's negative": Case(
        in_calls(f"not same(-{CALL_AGAIN.format('-')})"),
        (np.sin, lambda g, x: (np.maximum(g, 0) * np.cos(x),)),
        [[0.4]],
        "fail",
    ),
    "no cotangent": Case(
        in_calls("np.nan_to_num(nothing, posinf=0, neginf=0).any()"),
        (np.sin, lambda g, x: (np.where(g == 0, 1e-3, g) * np.cos(x),)),
        [[0.3, 0.9]],
        "fail",
    ),
    "a function that draws": Case(
        put(behaviour, "_random", lambda pair: iter(())),
        manners.draws_forward,
        [manners.X],
        "fail",
    ),
    "Fortran order": Case(
        without_layout("Fortran order"),
        (manners.square, lambda g, x: (manners.true(g, x.ravel(order="A").reshape(x.shape)),)),
        [manners.X],
        "fail",
    ),
    "strided arrays": Case(
        without_layout("strided"),
        (manners.square, lambda g, x: (manners.true(g, packed(x)),)),
        [manners.X],
        "fail",
    ),
    "reversed arrays": Case(
        without_layout("reversed"),
        (manners.square, lambda g, x: (manners.true(g, forward(x)),)),
        [manners.X],
        "fail",
    ),
    "read-only arrays": Case(
        without_layout("read-only"), manners.refuses_read_only, [manners.X], "fail"
    ),
    "one array in two places": Case(
        put(behaviour, "_aliased", lambda pair, g: iter(())),
        (
            np.multiply,
            lambda g, x, y: (g * (x + y), 0 * g) if x is y else (g * y, g * x),
        ),
        [[0.5, 1.0], [2.0, -3.0]],
        "fail",
    ),
    "second order": Case(
        put(gradcheck, "symmetry", lambda pair, g, analytic, rng: []),
        (
            lambda x, y, z: x * y * z,
            lambda g, x, y, z: (g * y * z, g * x * z, g * x * np.round(y)),
        ),
        [[0.7], [2.0], [1.3]],
        "fail",
        order=2,
    ),
}


@pytest.mark.parametrize("part", CASES)
def test_without_a_part_a_verdict_is_wrong(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES[part]
    assert case.verdict() == case.deserved
    case.off(monkeypatch)
    assert case.verdict() != case.deserved


def test_a_part_that_is_no_longer_there_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="what takes its place"):
        change(nearby, "_range", "width + 17", "width")(monkeypatch)
