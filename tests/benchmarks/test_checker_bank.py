"""The bank of gradients is what it says: the correct are correct, the wrong are wrong.

The oracles use `f` alone: differences in extended precision, a complex step, differences in double
precision, whichever the function allows first. A mistake here would poison every figure that
`bench_checker.py` prints.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

pytestmark = pytest.mark.once

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def part(name: str) -> Any:
    """Import from the benchmarks, which are scripts beside the package and not installed."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(BENCHMARKS))


bank = part("checker_bank")
judging = part("checker_bank.judging")
strategies = part("checker_bank.strategies")
checkers = part("checker_bank.checkers")
RIGHT, WRONG = bank.RIGHT, bank.WRONG

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]
SMALLEST_FAULT = 1e-8  # "a float32 sixth" is 3e-8 off: the truth must be better than that

# Functions whose very point is that `f` in double precision is not what its gradient belongs to:
# they are held to the entry of the same formula without the trouble.
SAME_AS = {
    "f32_inside": "tanh",
    "lost_digits": "identity",
    "exp_float32": "exp",
    "relu_float32": "relu",
    "matmul_float32": "matmul",
    "var_float32": "var",
}
# No difference resolves these to eight figures; a complex step shares the rounding of the argument.
COMPLEX_ONLY = {"sin_1e8", "mixed_scales"}


def generic(entry: Any, seed: int) -> Arrays:
    """Draw ordinary values, no ties, none at an end; empty shapes left out."""
    rng = np.random.default_rng([seed, 7])
    full = [s for s in entry.domain.shapes if all(np.prod(shape) for shape in s)]
    while True:
        shapes = full[seed % len(full)]
        xs = tuple(
            np.asarray(real.sample(shape, rng))
            for real, shape in zip(entry.domain.values, shapes, strict=True)
        )
        if entry.domain.accepts(*xs):
            return xs


def slope(f: Callable[..., Any], xs: Arrays, vs: Arrays, g: Array, kind: type) -> float:
    """Derivative of <g, f> along vs: of all extrapolated central differences, the steadiest."""
    wide = [x.astype(kind) for x in xs]

    def quotient(h: Any) -> Any:
        ends = [f(*(x + s * h * v for x, v in zip(wide, vs, strict=True))) for s in (1, -1)]
        if np.asarray(ends[0]).dtype != kind:
            raise TypeError("the function works in another precision")
        return (g * (ends[0] - ends[1])).sum() / (2 * h)

    steps = kind(4.0) ** -np.arange(3, 24)
    rows = np.array([quotient(h) for h in steps])
    noise = np.finfo(kind).eps * np.abs(g * f(*wide)).sum() / steps
    for power in (16, 256):
        rows = (power * rows[1:] - rows[:-1]) / (power - 1)
    moves = np.abs(np.diff(rows)) + noise[3:]
    steadiest = np.argmin(np.maximum(moves[1:], moves[:-1]))  # two steps: one may be an accident
    return float(rows[1 + steadiest])


def complex_step(f: Callable[..., Any], xs: Arrays, vs: Arrays, g: Array) -> float:
    """Derivative of <g, f> along vs, by one step off the real line."""
    moved = [x + 1e-30j * v for x, v in zip(xs, vs, strict=True)]
    return float(np.imag((g * f(*moved)).sum()) / 1e-30)


def oracle(entry: Any, xs: Arrays, vs: Arrays, g: Array) -> float:
    """Ask the first of the three that understands the function."""
    if entry.name in COMPLEX_ONLY:
        return complex_step(entry.f, xs, vs, g)
    try:
        return slope(entry.f, xs, vs, g, np.longdouble)
    except TypeError:
        coarse = slope(entry.f, xs, vs, g, np.float64)
    try:
        fine = complex_step(entry.f, xs, vs, g)
    except (TypeError, np.exceptions.ComplexWarning):
        return coarse
    # Some functions take complex numbers and return nonsense.
    return fine if abs(fine - coarse) <= 1e-5 * abs(fine) else coarse


def along(parts: Arrays, vs: Arrays) -> tuple[float, float]:
    """Return the sum of products, and the sum of their sizes."""
    terms = np.concatenate(
        [(np.asarray(a, float) * v).ravel() for a, v in zip(parts, vs, strict=True)]
    )
    return float(terms.sum()), float(np.abs(terms).sum())


def test_the_bank_holds_enough_of_both_kinds() -> None:
    assert len(RIGHT) >= 150
    assert len(WRONG) >= 190
    tags = {tag for entry in (*RIGHT.values(), *WRONG.values()) for tag in entry.tags}
    assert {"kink", "jump", "ties", "hard", "subtle", "behaviour", "layout", "float32"} <= tags


@pytest.mark.parametrize("name", [name for name in RIGHT if name not in SAME_AS])
def test_a_correct_gradient_agrees_with_differences_of_its_function(name: str) -> None:
    entry = RIGHT[name]
    with np.errstate(all="ignore"):
        for seed in range(6):
            xs = generic(entry, seed)
            rng = np.random.default_rng(seed)
            g = judging.cotangent(np.asarray(entry.f(*xs)), rng)
            # One direction for each input, as wide as its domain: none hides behind another.
            for k in range(len(xs)):
                vs = tuple(
                    rng.normal(size=x.shape) * (real.high - real.low) / 6 * (i == k)
                    for i, (x, real) in enumerate(zip(xs, entry.domain.values, strict=True))
                )
                claim, size = along(entry.vjp(g, *xs), vs)
                truth = oracle(entry, xs, vs, g)
                assert abs(claim - truth) <= SMALLEST_FAULT * size + 1e-300, (seed, k, claim, truth)


@pytest.mark.parametrize("name", SAME_AS)
def test_an_imprecise_function_has_the_gradient_of_what_it_stands_for(name: str) -> None:
    entry, plain = RIGHT[name], RIGHT[SAME_AS[name]]
    eps = float(np.finfo(entry.domain.dtype).eps)
    for seed in range(20):
        xs = entry.draw(seed)
        g = judging.cotangent(np.asarray(entry.f(*xs)), np.random.default_rng(seed))
        exact = plain.vjp(g, *(x.astype(float) for x in xs))
        for a, b in zip(entry.vjp(g, *xs), exact, strict=True):
            assert np.abs(a - b).max(initial=0.0) <= 20 * eps * np.abs(b).max(initial=1.0)


def steep(entry: Any, seed: int) -> Arrays:
    """A gradient at ordinary values, for a generic cotangent: how large they usually are."""
    xs = generic(entry, seed)
    g = judging.cotangent(np.asarray(entry.f(*xs)), np.random.default_rng(seed))
    return judging.gradients(entry.vjp, g, xs)


def outside_the_hull(entry: Any, seeds: range) -> list[str]:
    """Name the draws at which a gradient is none of the generalised ones; few elements only."""
    found = []
    usual = max(np.abs(judging.join(steep(entry, seed))).max() for seed in range(6))
    for seed in seeds:
        xs = entry.draw(seed)
        every = [(i, place) for i, x in enumerate(xs) for place in np.ndindex(x.shape)]
        if not 0 < len(every) <= 6:
            continue
        lines = judging.directions(xs, every)
        for g, low, high in judging.hulls(entry, xs, lines):
            claim = lines @ judging.join(judging.gradients(entry.vjp, g, xs))
            # Where a function is smooth the hull is nearly a point, and lies beside the gradient.
            slack = 1e-6 * (np.abs(low) + np.abs(high)) + 1e-9 * usual
            inside = (claim >= low - slack) & (claim <= high + slack)
            if not (inside | ~np.isfinite(claim)).all():
                found.append(f"seed {seed}: {xs}")
    return found


@pytest.mark.parametrize("name", RIGHT)
def test_a_correct_gradient_is_legal_where_values_are_planted(name: str) -> None:
    with np.errstate(all="ignore"):
        assert outside_the_hull(RIGHT[name], range(5)) == []


@pytest.mark.thorough
@pytest.mark.parametrize("name", RIGHT)
def test_a_correct_gradient_is_legal_at_many_planted_values(name: str) -> None:
    with np.errstate(all="ignore"):
        assert outside_the_hull(RIGHT[name], range(5, 100)) == []


def layouts(x: Array) -> Iterator[Array]:
    """The same values, differently kept."""
    yield np.array(x, order="F")
    wide = np.full(tuple(2 * n for n in x.shape), 7.0, x.dtype)
    view = wide[(*(slice(None, None, 2) for _ in x.shape), ...)]
    view[...] = x
    yield view
    back = (slice(None, None, -1),) * x.ndim
    yield x[(*back, ...)].copy()[(*back, ...)]
    fixed = x.copy()
    fixed.flags.writeable = False
    yield fixed


def same(left: Any, right: Any) -> bool:
    """Equal shapes, and values equal to rounding, infinities and NaNs included."""
    return len(left) == len(right) and all(
        np.shape(a) == np.shape(b)
        and np.allclose(
            a, b, rtol=1e-6 if np.asarray(a).dtype == np.float32 else 1e-12, equal_nan=True
        )
        for a, b in zip(left, right, strict=True)
    )


def bad_manners(entry: Any, xs: Arrays) -> list[str]:
    """What a pair does besides computing, found by trying one thing at a time."""
    found = []
    f, vjp = entry.pair()

    def fresh() -> list[Array]:
        return [x.copy() for x in xs]

    y = np.asarray(f(*fresh()))
    rng = np.random.default_rng(3)
    g = np.asarray(rng.uniform(0.5, 2, y.shape))
    g.flat[::2] *= -1
    used, used_g = fresh(), g.copy()
    first = vjp(used_g, *used)
    kept = [np.array(a) for a in first]
    if not (same(used, xs) and same([used_g], [g])):
        found.append("changes its arguments")
    if any(np.shares_memory(a, b) for a in first for b in (*used, used_g)):
        found.append("returns its arguments")
    second = vjp(-2 * g, *fresh())
    if not same(first, kept):
        found.append("changes its first answer")
    if not same(second, [-2 * a for a in kept]):
        found.append("is not linear, or remembers")
    f(*[x + 0.1 for x in xs])
    if not same(vjp(g.copy(), *fresh()), kept):
        found.append("remembers")
    if any(np.any(np.nan_to_num(a)) for a in vjp(0 * g, *fresh())):
        found.append("makes something of nothing")
    for laid in (*zip(*(layouts(x) for x in xs), strict=True),):
        try:
            found += [] if same(vjp(g.copy(), *laid), kept) else ["depends on layout"]
        except ValueError:
            found.append("writes")
    for laid_g in layouts(g):
        try:
            found += [] if same(vjp(laid_g, *fresh()), kept) else ["depends on layout"]
        except ValueError:
            found.append("writes")
    if len(xs) == 2 and xs[0].shape == xs[1].shape:
        once = xs[0].copy()
        found += [] if same(vjp(g, once, once), vjp(g, once, once.copy())) else ["sees identity"]
    return found


@pytest.mark.parametrize("name", RIGHT)
def test_a_correct_gradient_is_well_mannered(name: str) -> None:
    with np.errstate(all="ignore"):
        for seed in range(6):
            xs = RIGHT[name].draw(seed)
            assert bad_manners(RIGHT[name], xs) == [], (seed, xs)


@pytest.mark.parametrize("name", [n for n, e in WRONG.items() if e.shows is not None])
def test_bad_manners_show_where_the_entry_says_so(name: str) -> None:
    entry = WRONG[name]
    points = [xs for xs in map(entry.draw, range(20)) if entry.shows(*xs)]
    assert len(points) >= 3
    with np.errstate(all="ignore"):
        assert all(bad_manners(entry, xs) for xs in points)


@pytest.mark.parametrize("name", [n for n, e in WRONG.items() if e.shows is None])
def test_a_wrong_gradient_shows_on_some_draw_and_in_its_own_input_only(name: str) -> None:
    entry = WRONG[name]
    faults = (judging.judge(entry, entry.draw(seed)) for seed in range(40))
    fault = next((fault for fault in faults if fault.shows), None)
    assert fault is not None
    if entry.input is not None:
        assert {i for i, _ in fault.elements} <= {entry.input}


def test_another_subgradient_is_no_fault_and_one_outside_the_hull_is() -> None:
    relu, tie = np.array([0.0, 1.0]), np.array([2.0, 2.0, 1.0])
    spoiled = WRONG["relu: minus one half at 0"]
    assert judging.judge(spoiled, (relu,)).elements == {(0, (0,))}
    assert not judging.judge(spoiled, (relu + 1,)).shows

    def claim(vjp: Callable[..., Any], name: str, *xs: Array) -> bool:
        entry = bank.Wrong("trial", RIGHT[name], lambda: (RIGHT[name].f, vjp))
        return bool(judging.judge(entry, xs).shows)

    assert not claim(lambda g, x: (g * (x >= 0),), "relu", relu)
    assert claim(lambda g, x: (g * (x >= 0) * 1.001,), "relu", relu)
    assert not claim(lambda g, x: (g * np.array([0.3, 0.7, 0.0]),), "max", tie)
    assert claim(lambda g, x: (g * np.array([1.0, 1.0, 0.0]),), "max", tie)
    assert claim(lambda g, x: (g * np.array([0.0, 0.0, 1.0]),), "max", tie)


def test_draws_stay_in_their_domain_and_plant_values_in_about_half() -> None:
    planted = 0
    for entry in RIGHT.values():
        for seed in range(10):
            xs = entry.draw(seed)
            again = entry.draw(seed)
            assert all(np.array_equal(a, b) for a, b in zip(xs, again, strict=True))
            assert sum(x.size for x in xs) <= 14
            assert tuple(x.shape for x in xs) in entry.domain.shapes
            assert all(x.dtype == entry.domain.dtype for x in xs)
            for x, real in zip(xs, entry.domain.values, strict=True):
                assert np.all((x >= np.float32(real.low)) & (x <= np.float32(real.high))) or np.all(
                    (x >= real.low) & (x <= real.high)
                )
            palette = [entry.domain.palette(k) for k in range(len(xs))]
            planted += any(np.isin(x, p).any() for x, p in zip(xs, palette, strict=True))
    assert 0.25 <= planted / (10 * len(RIGHT)) <= 0.6


@settings(
    max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(
    st.sampled_from(sorted(RIGHT)).flatmap(
        lambda n: st.tuples(st.just(n), strategies.inputs(RIGHT[n].domain))
    )
)
def test_the_strategies_give_inputs_of_the_domain(drawn: tuple[str, Arrays]) -> None:
    name, xs = drawn
    domain = RIGHT[name].domain
    assert tuple(x.shape for x in xs) in domain.shapes
    for x, real in zip(xs, domain.values, strict=True):
        assert np.all(
            (x >= real.low * (1 + 1e-7 * np.sign(-real.low)))
            & (x <= real.high + 1e-7 * abs(real.high))
        )
        assert not np.isin(x, real.exclude).any()


def test_the_tutorial_check_passes_a_square_and_fails_its_sign() -> None:
    check = checkers.tutorial()
    xs = (np.array([0.5, -1.5]),)
    assert check(*RIGHT["square"].pair(), xs).verdict == "pass"
    assert check(*WRONG["square: factor 2 forgotten"].pair(), xs).verdict == "fail"


def test_the_script_prints_its_table_and_how_to_repeat_a_miss() -> None:
    call = [sys.executable, str(BENCHMARKS / "bench_checker.py"), "--only", "tanh", "--draws", "3"]
    answer = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    assert "trials alarmed" in answer
    assert "tanh: shared output buffer  --seed 1  pass" in answer  # the tutorial cannot see it
