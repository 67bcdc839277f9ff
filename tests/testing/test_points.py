"""The numbers of a domain: inside it, all different, off its ends, the awkward ones last."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tinygrad_edu.domain import Real
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.testing import points

DOMAINS = [
    Real(),
    Real(0.0, 4.0, open_left=True),
    Real(-3.0, 3.0, exclude=(0.0,)),
    Real(-3.0, 3.0, exclude=(-1.0, 0.0, 1.0)),
    Real(-1.0, 1.0, open_left=True, open_right=True),
    Real(2.0, 3.0, exclude=(2.0, 9.0)),
    Real(1000.0, 1003.0),
    Real(-1e-8, 1e-8),
    Real(-1e30, 1e30),
    Real(0.0, np.inf),
    Real(-np.inf, 0.0, open_right=True),
    Real(-np.inf, np.inf, exclude=(0.5,)),
]
DTYPES = [np.float64, np.float32, np.float16]
HELD = [
    (domain, dtype)
    for domain, dtype in itertools.product(DOMAINS, DTYPES)
    if dtype is not np.float16 or max(abs(domain.low), abs(domain.high)) in (np.inf, 1, 3, 4)
]


def contains(domain: Real, x: float) -> bool:
    """The definition, one number at a time."""
    if x in domain.exclude or not domain.low <= x <= domain.high:
        return False
    return not (domain.open_left and x == domain.low) and not (
        domain.open_right and x == domain.high
    )


@pytest.mark.parametrize("domain, dtype", HELD)
def test_points_are_inside_their_domain_in_their_type(domain: Real, dtype: type) -> None:
    special = points.special(domain, dtype)
    assert len(special) >= 5
    assert len(set(special)) == len(special)
    drawn = points.generic(domain, (200,), np.random.default_rng(0), dtype)
    assert drawn.dtype == dtype
    for x in (*special, *drawn.tolist()):
        assert float(dtype(x)) == x
        assert contains(domain, x), x


def test_special_points_have_closed_ends_their_neighbours_zero_and_the_millionths() -> None:
    found = points.special(Real(-2.0, 3.0))
    assert {-2.0, 3.0, 0.0, 1.0, -1.0, 1e-6, -1e-6} <= set(found)
    assert any(-2.0 < x < -1.9999 for x in found)
    assert any(2.9999 < x < 3.0 for x in found)
    half_open = points.special(Real(-2.0, 3.0, open_left=True, exclude=(0.0, 1.0)))
    assert not {-2.0, 0.0, 1.0} & set(half_open)
    assert {3.0, 1e-6, -1.0} <= set(half_open)


def test_round_points_come_before_awkward_ones() -> None:
    found = points.special(Real(-3.0, 3.0))
    awkward = [k for k, x in enumerate(found) if abs(x) < 1e-5 or abs(x) > 2.9]
    assert found[:2] == (1.0, -1.0)
    assert min(awkward) == len(found) - len(awkward)


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("count", [1, 2, 7, 4096])
def test_generic_numbers_never_tie_and_keep_off_ends_and_excluded_points(
    domain: Real, count: int
) -> None:
    low = domain.low if np.isfinite(domain.low) else -np.inf
    high = domain.high if np.isfinite(domain.high) else np.inf
    width = high - low if np.isfinite(high - low) else 6.0
    for seed in range(20 if count < 100 else 2):
        drawn = np.sort(points.generic(domain, (count,), np.random.default_rng(seed)))
        assert np.diff(drawn).min(initial=np.inf) > 0.4 * 0.9 * width / count
        for bad in (low, high, *domain.exclude):
            assert np.abs(drawn - bad).min() > 0.007 * width


def test_generic_numbers_do_not_tie_in_half_precision_where_there_is_room() -> None:
    drawn = points.generic(Real(), (500,), np.random.default_rng(0), np.float16)
    assert len(np.unique(drawn)) == 500


def test_generic_numbers_cover_the_domain_on_both_sides_of_a_pole() -> None:
    domain = Real(-3.0, 3.0, exclude=(0.0,))
    single = [float(points.generic(domain, (), np.random.default_rng(s))) for s in range(400)]
    counts, _ = np.histogram(single, bins=6, range=(-3.0, 3.0))
    assert counts.min() > 400 / 6 / 2


def test_generic_numbers_are_short_and_not_round() -> None:
    rng = np.random.default_rng(0)
    for x in points.generic(Real(), (200,), rng).tolist() + [
        float(points.generic(Real(), (), rng)) for _ in range(200)
    ]:
        assert len(repr(abs(x))) <= 8
        assert int(repr(x)[-1]) % 2 == 1


@pytest.mark.parametrize("shape", [(), (1,), (2,), (3, 4), (0,), (2, 0)])
def test_cotangents_have_both_signs_differ_and_keep_off_zero(shape: tuple[int, ...]) -> None:
    signs = set()
    for seed in range(60):
        g = points.signed(shape, np.random.default_rng(seed), np.float32)
        assert isinstance(g, np.ndarray)
        assert (g.shape, g.dtype) == (shape, np.float32)
        assert ((np.abs(g) >= 0.5) & (np.abs(g) <= 1.5)).all()
        assert len(np.unique(np.abs(g))) == g.size
        assert g.size < 2 or (g.min() < 0 < g.max())
        signs |= set(np.sign(g).ravel().tolist())
    assert signs == (set() if 0 in shape else {-1.0, 1.0})


def test_the_same_seed_gives_the_same_numbers() -> None:
    first, again, other = (
        points.generic(Real(), (5,), np.random.default_rng(s)) for s in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


def test_an_interval_of_one_point_gives_that_point() -> None:
    assert points.special(Real(2.0, 2.0)) == (2.0,)
    np.testing.assert_array_equal(
        points.generic(Real(2.0, 2.0), (3,), np.random.default_rng(0)), [2.0, 2.0, 2.0]
    )


def test_a_domain_that_cannot_be_drawn_from_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ArgumentError, match="is empty"):
        points.generic(Real(1.0, 0.0), (), rng)
    with pytest.raises(ArgumentError, match="low is a number, got nan"):
        points.generic(Real(np.nan, 0.0), (), rng)
    with pytest.raises(ArgumentError, match="too narrow for float16"):
        points.special(Real(100.0, 101.0), np.float16)
    with pytest.raises(ArgumentError, match="got dtype"):
        points.special(Real(), np.int64)
