"""What values alone cannot show: a gradient that spoils its inputs, remembers, or minds layout.

Each test costs a call or two. None of them needs a numeric derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..types import Array
from .layout import laid_out
from .pair import Pair
from .report import Finding

__all__ = ["behaviours"]

# The others of `layout.LAYOUTS` find nothing that these leave.
LAYOUTS = ("Fortran order", "strided", "reversed", "read-only")


def behaviours(pair: Pair, g: Array, analytic: Array, raw: Sequence[Any]) -> Iterator[Finding]:
    """Yield what is wrong with how ``vjp`` behaves.

    Parameters
    ----------
    pair : Pair
    g : array, (outputs,)
        The cotangent that gave ``analytic``.
    raw : sequence of arrays
        The very arrays that the first call returned: no later call may change them.
    """
    # NumPy sums in another order in another layout, and what cancels after that is less exact.
    same = _sameness(pair, analytic, pair.relative)
    yield from _calls(pair, g, analytic, raw, same)
    yield from _random(pair)
    yield from _layouts(pair, g, same)
    yield from _aliased(pair, g)


Same = Callable[..., bool]


def _sameness(pair: Pair, analytic: Array, tolerance: float) -> Same:
    largest = float(np.nan_to_num(np.abs(analytic), posinf=0).max(initial=0))
    slack = tolerance * largest + float(np.finfo(pair.answer_type).tiny)

    def same(answers: Any, factor: float = 1.0) -> bool:
        if isinstance(answers, np.ndarray):
            found = answers
        elif len(answers) != len(pair.given):
            return False
        else:
            found = pair.flat(answers)
        expected = factor * analytic
        return found.shape == expected.shape and np.allclose(
            found, expected, rtol=tolerance, atol=abs(factor) * slack, equal_nan=True
        )

    return same


def _calls(
    pair: Pair, g: Array, analytic: Array, raw: Sequence[Any], same: Same
) -> Iterator[Finding]:
    """The answer is a linear function of ``g``, and the same one at every call."""
    # Far from the usual size, so that a limit put on gradients shows; float16 has no such room.
    factor = 1024.0 if pair.epsilon < 1e-4 else 2.0
    larger = pair.pulled(factor * g, pair.point)
    if not same(pair.flat(raw)):
        yield Finding("buffer", "a second call of vjp changed the arrays that the first returned")
    again = pair.pulled(g, pair.point)
    if not same(again):
        yield Finding(
            "repeatable", "vjp(g, x) gave another answer when called again: stale state, or random"
        )
        return
    pair.value(pair.point * 1.01 + 0.01)
    if not same(pair.pulled(g, pair.point)):
        yield Finding(
            "repeatable", "vjp(g, x) depends on what f was called with last, not on x alone"
        )
        return
    if np.isfinite(larger).all() and not same(larger, factor):
        what = f"vjp({factor:g} g) is not {factor:g} vjp(g): the cotangent must enter as a factor"
        yield Finding("linear", what)
    elif not same(-pair.pulled(-g, pair.point)):
        yield Finding("linear", "vjp(-g) is not -vjp(g): the sign of the cotangent is lost")
    ones = np.ones_like(g)
    sums = [pair.pulled(part, pair.point) for part in (ones, g - ones)]
    apart = np.abs(sums[0] + sums[1] - analytic).max(initial=0)
    if apart > 1e-3 * np.abs(analytic).max(initial=0) + float(np.finfo(pair.answer_type).tiny):
        what = "vjp(1) + vjp(g - 1) is not vjp(g): all ones, as a sum sends, are no special case"
        yield Finding("linear", what)
    nothing = pair.pulled(0 * g, pair.point)
    if np.nan_to_num(nothing, posinf=0, neginf=0).any():
        yield Finding("linear", "vjp(0) is not 0: something is added that does not depend on g")


def _random(pair: Pair) -> Iterator[Finding]:
    first, second = pair.value(pair.point.copy()), pair.value(pair.point.copy())
    if not np.array_equal(first, second, equal_nan=True):
        yield Finding(
            "repeatable", "f gave two values for the same input: fix its randomness with a seed"
        )


def _layouts(pair: Pair, g: Array, same: Same) -> Iterator[Finding]:
    """The answer depends on the numbers, not on where in memory they lie."""
    for layout in LAYOUTS:
        inputs = [laid_out(x, layout) for x in pair.arrays(pair.point, own_types=True)]
        cotangent = pair.cotangent(g)
        if pair.single:
            cotangent = laid_out(cotangent, layout)
        else:
            cotangent = tuple(laid_out(part, layout) for part in cotangent)
        pair.calls["vjp"] += 1
        try:
            answers = pair.vjp(cotangent, *inputs)
        except ValueError as error:
            yield Finding("layout", f"vjp refused {layout} arrays: {error}")
            continue
        answers = answers if isinstance(answers, (tuple, list)) else (answers,)
        if not same(answers):
            yield Finding("layout", f"vjp gave another answer for {layout} arrays")


def _aliased(pair: Pair, g: Array) -> Iterator[Finding]:
    """``f(x, x)``, one array in two places, is ``f(x, copy of x)``."""
    if len(pair.given) != 2 or len(pair.moving) != 2 or len(set(pair.shapes)) != 1:
        return
    x = pair.given[0]
    if x.dtype != pair.given[1].dtype:
        return
    try:
        apart = pair.flat(pair.pull(g, [x.copy(), x.copy()]))
        held = x.copy()
        together = pair.flat(pair.pull(g, [held, held]))
    except Exception:  # this f need not be defined at (x, x)
        return
    if not _sameness(pair, apart, pair.relative)(together):
        yield Finding("aliasing", "the gradient of f(x, x) differs from that of f(x, copy of x)")
