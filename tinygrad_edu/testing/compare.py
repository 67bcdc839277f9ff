"""One analytic gradient against numeric ones, direction by direction, with three verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from ..types import Array
from .differences import EPS, RATIO, TINY, Ladder
from .nearby import Hull, hull, slopes
from .pair import Pair

__all__ = ["Comparer", "Comparison"]

RESOLVED, RELIABLE = 1e-2, 0.1  # how well a slope must be known to pass a claim, or to fail it
OTHER_STEPS = 0.375


@dataclass
class Comparison:
    """What came out along one direction.

    ``analytic`` is the claim, ``low`` and ``high`` the ends of what is right, ``error`` how
    uncertain these are, and ``score`` the gap in units of what was allowed.
    """

    verdict: str
    kind: str
    kinked: bool
    known: bool
    analytic: float
    low: float
    high: float
    error: float
    scale: float
    score: float
    resolution: float

    @property
    def bar(self) -> float:
        """How uncertain the right answer is, as a share of the larger of it and the claim."""
        size = max(self.scale, abs(self.analytic)) if np.isfinite(self.analytic) else self.scale
        return 4 * self.error / size if size > 0 else np.inf

    @property
    def reliable(self) -> bool:
        """Whether what is right is known well enough to call a claim wrong."""
        return bool(np.isfinite(self.low + self.high)) and (self.known or self.bar <= RELIABLE)

    @property
    def numeric(self) -> float:
        """The middle of what is right."""
        return self.low if self.low == self.high else (self.low + self.high) / 2


Evidence: TypeAlias = tuple[Comparison, Ladder, Hull]


class Comparer:
    """Compares along directions, from the cheapest evidence to the dearest.

    Parameters
    ----------
    pair : Pair
    g : array, (outputs,)
        The cotangent.
    analytic, rounding : arrays, (inputs,)
        The claim, and how far its own rounding moves it.
    noise : array, (outputs,)
        Uncertainty of one value of ``f``.
    """

    def __init__(
        self,
        pair: Pair,
        g: Array,
        analytic: Array,
        rounding: Array,
        noise: Array,
        rng: np.random.Generator,
    ) -> None:
        self.pair, self.g, self.analytic, self.rounding = pair, g, analytic, rounding
        self.noise, self.rng = noise, rng
        self.moved, self.refused = np.zeros(g.shape), False
        sizes = [np.abs(pair.point[pair.spread(k)]) for k in range(len(pair.shapes))]
        self.scale = np.concatenate([np.maximum(s, min(s.max(initial=0) or 1, 1)) for s in sizes])
        coarse = pair.epsilon > EPS
        self.relative = pair.relative
        self.steepness = np.array([self._steepness(k) for k in range(len(sizes))])
        self._largest = float(np.nan_to_num(np.abs(analytic), posinf=0).max(initial=0))
        self._floor = TINY
        if coarse:  # sums in float32 round by their largest term, and below `tiny` to nothing
            self._floor = self.relative * self._largest + float(np.finfo(pair.answer_type).tiny)

    def compare(self, directions: Array) -> list[Comparison]:
        """Return one comparison per direction."""
        size = max(1, 2**17 // max(1, self.noise.size))
        batches = [directions[k : k + size] for k in range(0, len(directions), size)]
        return [found for batch in batches for found in self._batch(batch)]

    def _batch(self, v: Array) -> list[Comparison]:
        ladder = self._ladder(v, self._steps(v))
        found, trusted = ladder.quick()
        if (np.count_nonzero(v, axis=1) == 1).all():
            self._learn(v, np.where(trusted[:, None], np.abs(found.value), 0))
        results = self._judge(v, ladder, Hull.smooth(found))
        return [
            fits if ok and fits.verdict == "pass" else self._investigate(v[k : k + 1])
            for k, (fits, ok) in enumerate(zip(results, trusted, strict=True))
        ]

    def _steepness(self, k: int) -> float:
        """How ``f`` moves with one input, all its elements together, per unit of step."""
        step, part = np.zeros(self.scale.shape), self.pair.spread(k)
        generic = self.rng.uniform(0.5, 1, self.scale[part].shape)
        step[part] = 0.05 * self.scale[part] * generic * self.rng.choice([-1.0, 1.0], generic.shape)
        moved = np.abs(self.pair.value(self.pair.point + step) - self.pair.base)
        moved = np.nan_to_num(moved, posinf=0) @ np.abs(self.g)
        return float(moved) / float(np.abs(step).max(initial=TINY))

    def _moves(self, v: Array) -> Array:
        """Which inputs each direction moves."""
        parts = [v[:, self.pair.spread(k)] for k in range(len(self.pair.shapes))]
        return np.stack([part.any(1) for part in parts], 1)

    def _learn(self, v: Array, slopes: Array) -> None:
        """Note how steep ``f`` is, and how far rounding in every input together can move it."""
        steep = np.where(self._moves(v), (slopes @ np.abs(self.g))[:, None], 0)
        self.steepness = np.maximum(self.steepness, steep.max(0, initial=0))
        self.moved = self.moved + EPS * (np.abs(v @ self.pair.point)[:, None] * slopes).sum(0)

    def _investigate(self, v: Array) -> Comparison:
        """Gather evidence on one direction until some of it settles the claim."""
        looked: list[Evidence] = []
        for start, noise in self._attempts(v, looked):
            ladder = self._ladder(v, start, noise)
            found = ladder.thorough(np.arange(1))
            smooth, sides = Hull.smooth(found), slopes(ladder, found)
            judged = [
                (self._judge(v, ladder, right)[0], ladder, right) for right in (smooth, sides)
            ]
            passed = [fits for fits, *_ in judged if fits.verdict == "pass"]
            if passed and ladder.hides(np.fmax(noise, ladder.quantum())):
                return passed[0]
            if not looked and (still := ladder.stands()).any():
                (fits,) = self._judge(v, ladder, Hull.nothing(ladder).where(still, smooth))
                if fits.verdict == "pass":
                    return fits
            looked += judged
        claim, ends = looked[1][0].analytic, looked[1][2]
        if np.isinf(claim) and np.isinf(ends.low + ends.high).any():
            return replace(looked[1][0], verdict="unresolved")  # 1 / -0.0 has the other sign
        if np.isnan(claim) and np.isinf(ends.low + ends.high).any():
            return replace(looked[1][0], verdict="fail", kind="nan")
        # Where f is seen to stand on stairs, only evidence that allows for them may refuse.
        stairs = np.any(noise)
        best = looked[-2] if stairs else min(looked[::2], key=lambda one: one[0].bar)
        return self._sample(v, looked[0][1], looked[0][2]) or self._refuse(v, *best)

    def sides(self, v: Array) -> tuple[Array, Array, Array, Array]:
        """Return slopes to the left and the right, where they differ, and the central one."""
        ladder = self._ladder(v, self._steps(v))
        found = ladder.thorough(np.arange(1))
        right, left = ladder.estimate(1).value, ladder.estimate(-1).value
        kinked = slopes(ladder, found).kinked
        return left[0], right[0], kinked[0], found.value[0]

    def _attempts(self, v: Array, looked: list[Evidence]) -> Iterator[tuple[Array, Any]]:
        """Yield first steps and extra noise: the usual, finer ones where needed, more noise."""
        usual = self._steps(v)
        yield usual, 0.0
        if looked[0][1].unsettled():
            yield usual * RATIO**-17, 0.0
        sizes = np.abs(self.pair.point[v[0] != 0])
        smallest = sizes[sizes > 1e-305].min(initial=1.0)
        if smallest < 1e-3:
            yield _power(np.array([0.05 * smallest])), 0.0
        ladder = looked[0][1]
        stairs = ladder.quantum()
        if stairs.any():
            yield usual, stairs

    def _steps(self, v: Array) -> Array:
        """Return about a twentieth of the smallest thing that moves, or of one.

        A power of two: other numbers have a rounding error in a hidden float32, the same one at
        every level, and no two levels would disagree about it.
        """
        sizes = np.where(v != 0, np.maximum(np.abs(self.pair.point), 1.0), np.inf)
        smallest = sizes.min(1, initial=np.inf)
        return _power(0.05 * np.where(np.isfinite(smallest), smallest, 1.0))

    def _ladder(self, v: Array, start: Array, noise: Any = 0.0) -> Ladder:
        pair = self.pair
        joint = np.count_nonzero(v, axis=1) > 1  # then x + t v is rounded, and f sees it
        noise = np.fmax(self.noise, noise) + np.where(joint[:, None], self.moved, 0)
        ladder = Ladder(pair.value, pair.point, pair.base, v, start, noise)
        ladder.usual = self._steps(v)
        return ladder

    def _judge(self, v: Array, ladder: Ladder, right: Hull) -> list[Comparison]:
        """Return whether the claim lies in what is right, and whether that is known well enough."""
        g, size = self.g, np.abs(self.g)
        ends = np.stack([g * right.low, g * right.high])
        low, high = ends.min(0).sum(1), ends.max(0).sum(1)
        error = right.error @ size
        claim = np.where(v != 0, v * self.analytic, 0).sum(1)  # an infinity elsewhere is no concern
        bar = 4 * (error + np.abs(v) @ self.rounding)
        scale = np.fmax(np.abs(right.low), np.abs(right.high)) @ size
        terms = np.abs(v) @ np.nan_to_num(np.abs(self.analytic), posinf=0)
        usual = np.where(self._moves(v), self.steepness, 0).max(1, initial=0)
        endless = np.isinf(scale)  # an infinite slope on a side: the claim is inside, or it is not
        scale = np.where(endless, 0, scale)
        allowed = bar + self.relative * (scale + terms) + self._floor + EPS * usual
        gap = np.fmax(np.fmax(low - claim, claim - high), 0)
        gap = np.where((claim == low) | (claim == high), 0, gap)  # infinities too
        gap = np.where(np.isnan(claim), np.inf, gap)
        # No slope at all: a millionth of how f moves over the first step, a billionth of the
        # steepest slope, or less than rounding makes of a constant.
        rises = np.fmax(np.abs(ladder.plus[0] - ladder.base), np.abs(ladder.minus[0] - ladder.base))
        moved = np.nan_to_num(1e-6 * rises, posinf=0) + 128 * ladder.noise
        step = np.maximum(ladder.start, self._steps(v))  # a finer ladder is no coarser judge
        nothing = np.maximum(moved @ size / step, 1e-9 * usual)
        nothing = np.maximum(nothing, 1e-14 * self._largest)
        enough = max(RESOLVED, self.relative) * scale
        zero = np.fmax(np.maximum(bar, scale), 32 * np.abs(claim)) <= nothing
        known = endless | (bar <= enough) | (bar <= TINY) | zero
        known &= ~np.isnan(low + high) | (claim == low) | (claim == high)
        sharp = np.where((bar <= enough) & (scale > 0), allowed / np.where(scale > 0, scale, 1), 0)
        passed, kinked = known & (gap <= allowed), np.asarray(right.kinked.any(1))
        figures = np.stack([claim, low, high, error, scale, gap / allowed, sharp], 1).tolist()
        return [
            Comparison("pass" if ok else "open", "value", bool(kink), bool(sure), *each)
            for ok, kink, sure, each in zip(passed, kinked, known, figures, strict=True)
        ]

    def _sample(self, v: Array, ladder: Ladder, smooth: Hull) -> Comparison | None:
        """Look at derivatives around the point; ``None`` where they show no kink or jump."""
        jump = ladder.jumps()
        found: list[Comparison] = []

        def enough(around: Hull) -> bool:
            around.kinked |= jump
            right = around.where(around.kinked, smooth)
            found[:] = self._judge(v, ladder, right)
            # Once a claim was refused, the others of the check only fill its table.
            return found[0].verdict == "pass" if found[0].kinked else self.refused

        hull(self.pair.value, self.pair.point, self.scale, v[0], ladder.noise[0], self.rng, enough)
        (fits,) = found
        if fits.verdict == "pass" and fits.kinked:
            return fits
        if not fits.kinked or not fits.reliable:
            return None
        return replace(fits, verdict="fail", kind="kink" if np.isfinite(fits.analytic) else "nan")

    def _refuse(self, v: Array, fits: Comparison, ladder: Ladder, right: Hull) -> Comparison:
        """Fail a claim that well-known slopes contradict, twice; else leave it unresolved."""
        if not fits.reliable or fits.score <= 1 or ladder.unsettled():
            return replace(fits, verdict="unresolved")
        again = self._ladder(v, OTHER_STEPS * ladder.start, ladder.noise)
        other = Hull.smooth(again.thorough(np.arange(1)))
        (fits,) = self._judge(v, ladder, right.joined(other))
        if fits.verdict == "pass":
            return fits
        if not fits.reliable or fits.score <= 1:
            return replace(fits, verdict="unresolved")
        self.refused = True
        return replace(fits, verdict="fail", kind="value" if np.isfinite(fits.analytic) else "nan")


def _power(sizes: Array) -> Array:
    return np.exp2(np.floor(np.log2(sizes)))
