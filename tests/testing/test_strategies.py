"""The strategies: what they draw fits, is awkward often enough, and shrinks to something small."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.domain import Real
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.testing import points, strategies as tst

pytestmark = pytest.mark.once

Predicate = Callable[[Any], bool]


def drawn(strategy: st.SearchStrategy[Any], count: int = 300) -> list[Any]:
    """The same many examples every time."""
    examples: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Any) -> None:
        examples.append(example)

    collect()
    return examples


def smallest(strategy: st.SearchStrategy[Any], wanted: Predicate = lambda _: True) -> Any:
    """What Hypothesis shrinks to."""
    phases = (Phase.generate, Phase.shrink)
    chosen = settings(derandomize=True, database=None, max_examples=3000, phases=phases)
    return find(strategy, wanted, settings=chosen)


def share(examples: list[Any], wanted: Predicate) -> float:
    return sum(map(wanted, examples)) / len(examples)


def repeats(x: np.ndarray) -> bool:
    return len(np.unique(x)) < x.size


# Shapes and axes


def test_shapes_hold_the_small_cases_but_are_mostly_neither_0d_nor_empty() -> None:
    # Of arrays: of a strategy with few results Hypothesis draws none twice.
    found = [x.shape for x in drawn(tst.arrays())]
    assert 0.05 < share(found, lambda s: s == ()) < 0.4
    assert 0.05 < share(found, lambda s: 0 in s) < 0.3
    assert share(found, lambda s: 1 in s) > 0.1
    assert {len(s) for s in found} == {0, 1, 2, 3}
    assert {n for s in found for n in s} == {0, 1, 2, 3, 4}


def test_shapes_keep_their_limits() -> None:
    for shape in drawn(tst.shapes(min_dims=1, max_dims=2, min_side=2, max_side=3)):
        assert len(shape) in (1, 2)
        assert set(shape) <= {2, 3}


def test_shapes_shrink_to_few_axes_of_length_one() -> None:
    assert smallest(tst.shapes()) == ()
    assert smallest(tst.shapes(min_dims=2)) == (1, 1)
    assert smallest(tst.shapes(), lambda s: 0 in s) == (0,)
    assert smallest(tst.shapes(), lambda s: int(np.prod(s)) >= 6) in [(2, 3), (3, 2)]


@settings(max_examples=200)
@given(st.integers(1, 4).flatmap(tst.broadcastable_shapes))
def test_broadcastable_shapes_broadcast(shapes: tuple[tuple[int, ...], ...]) -> None:
    np.broadcast_shapes(*shapes)


def test_broadcastable_shapes_need_broadcasting_in_every_way() -> None:
    found = drawn(tst.broadcastable_shapes(2))
    assert share(found, lambda p: p[0] == p[1]) > 0.1
    assert share(found, lambda p: len(p[0]) != len(p[1])) > 0.15
    stretched = share(found, lambda p: any(m != n for m, n in zip(*(s[::-1] for s in p))))  # noqa: B905
    assert stretched > 0.15
    assert smallest(tst.broadcastable_shapes(3)) == ((), (), ())


@pytest.mark.parametrize("ndim", [0, 1, 3])
def test_axes_are_what_numpy_takes(ndim: int) -> None:
    found = drawn(tst.axes(ndim))
    for axis in found:
        np.sum(np.zeros((2,) * ndim), axis=axis)
    assert None in found
    assert () in found
    assert {a for a in found if isinstance(a, int)} == set(range(-ndim, ndim))
    assert any(isinstance(a, tuple) and len(a) == ndim for a in found)
    assert smallest(tst.axes(ndim)) is None


def test_several_axes_come_in_any_order_from_either_end() -> None:
    found = [axis for axis in drawn(tst.axes(3), 500) if isinstance(axis, tuple) and len(axis) > 1]
    assert any(min(axis) < 0 <= max(axis) for axis in found)
    assert any(list(axis) != sorted(a % 3 for a in axis) for axis in found)


# Values


DOMAINS = [
    Real(),
    Real(0.0, 4.0, open_left=True),
    Real(-3.0, 3.0, exclude=(0.0,)),
    Real(-1.0, 1.0, open_left=True, open_right=True),
    Real(100.0, 103.0),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("domain", DOMAINS)
def test_arrays_stay_in_their_domain(domain: Real, dtype: type) -> None:
    for x in drawn(tst.arrays(elements=domain, dtype=dtype), 60):
        assert isinstance(x, np.ndarray)
        assert x.dtype == dtype
        assert points.inside(x, domain).all()
    for value in drawn(tst.elements(domain, dtype), 40):
        assert points.inside(value, domain)


def test_half_of_the_arrays_repeat_special_points_and_the_others_never_tie() -> None:
    domain = Real(-2.0, 3.0)
    special = set(points.special(domain))
    found = drawn(tst.arrays((12,), domain), 300)
    painted = [x for x in found if set(x.tolist()) <= special]
    rest = [x for x in found if not set(x.tolist()) <= special]
    assert 0.35 < len(painted) / len(found) < 0.65
    assert all(repeats(x) and len(np.unique(x)) <= 3 for x in painted)
    assert not any(repeats(x) for x in rest)
    assert {len(np.unique(x)) for x in painted} == {1, 2, 3}
    for wanted in (-2.0, 3.0, 0.0, 1e-6, -1e-6, 1.0, -1.0):
        assert share(painted, lambda x, wanted=wanted: wanted in x) > 0.05, wanted


def test_every_colour_of_a_palette_is_used_and_ties_vary() -> None:
    counts = {
        tuple(sorted(Counter(x.tolist()).values()))
        for x in drawn(tst.arrays((4,)), 500)
        if repeats(x)
    }
    assert counts == {(4,), (1, 3), (2, 2), (1, 1, 2)}


def test_half_of_the_single_elements_are_special_points() -> None:
    special = set(points.special(Real()))
    found = [x for each in drawn(st.tuples(*[tst.elements()] * 8), 100) for x in each]
    assert 0.35 < share(found, lambda x: x in special) < 0.75


def test_arrays_shrink_to_round_numbers_of_few_elements_and_seed_zero() -> None:
    np.testing.assert_array_equal(smallest(tst.arrays()), np.array(1.0), strict=True)
    two = smallest(tst.arrays(), lambda x: x.size >= 2)
    np.testing.assert_array_equal(two, [1.0, 1.0], strict=True)
    tie = smallest(tst.arrays(elements=Real(-5.0, -4.0)), lambda x: x.size > 1 and repeats(x))
    np.testing.assert_array_equal(tie, [-4.5, -4.5], strict=True)
    distinct = smallest(tst.arrays(), lambda x: x.size >= 2 and not repeats(x))
    assert sorted(distinct.tolist()) == [-1.0, 1.0]
    seventh = smallest(tst.arrays((7,)), lambda x: not repeats(x))
    first = points.generic(Real(), (7,), np.random.default_rng(0))
    np.testing.assert_array_equal(seventh, first)


def test_a_special_value_survives_shrinking_only_where_it_is_needed() -> None:
    assert smallest(tst.elements(), lambda x: x <= 0) == -1.0
    assert smallest(tst.elements(), lambda x: abs(x) < 1e-3) in (0.0, 1e-6)
    end = smallest(tst.arrays(elements=Real(-2.0, 3.0)), lambda x: (x == 3.0).any())
    np.testing.assert_array_equal(end, np.array(3.0), strict=True)


def test_a_large_array_costs_no_more_choices_than_a_small_one_and_shrinks_the_same() -> None:
    large = smallest(tst.arrays((64, 64)), lambda x: (x != 1.0).any())
    np.testing.assert_array_equal(large, np.full((64, 64), -1.0))
    found = drawn(tst.arrays((64, 64)), 100)
    assert len(found) == 100
    assert share(found, repeats) == share(found, lambda x: len(np.unique(x)) <= 3)


def test_arrays_of_one_draw_differ_from_each_other() -> None:
    special = set(points.special(Real()))
    pairs = drawn(tst.filled([(3,), (3,)], Real()), 100)
    generic = [(x, y) for x, y in pairs if not special & {*x.tolist(), *y.tolist()}]
    assert len(generic) > 10
    assert not any(np.isin(x, y).any() for x, y in generic)


def test_broadcastable_arrays_have_a_domain_each() -> None:
    domains = [Real(1.0, 2.0), Real(-3.0, -1.0, open_right=True)]
    for x, y in drawn(tst.broadcastable_arrays(2, domains), 100):
        assert np.broadcast(x, y).shape == (x * y).shape
        assert points.inside(x, domains[0]).all()
        assert points.inside(y, domains[1]).all()
    with pytest.raises(ArgumentError, match="3 arrays were asked for, with 2 domains"):
        smallest(tst.broadcastable_arrays(3, domains))


def test_tensors_record_unless_told_not_to() -> None:
    x = smallest(tst.tensors((2,), Real(0.0, 1.0), np.float32))
    assert (x.shape, x.dtype, x.requires_grad) == ((2,), np.float32, True)
    pair = smallest(tst.broadcastable_tensors(2, requires_grad=False))
    assert [y.requires_grad for y in pair] == [False, False]
    for y, z in drawn(tst.broadcastable_tensors(2, max_dims=2, max_side=3), 50):
        assert isinstance(y, tg.Tensor)
        assert (y + z).ndim <= 2


def test_cotangents_take_a_shape_or_a_strategy_of_shapes() -> None:
    assert smallest(tst.cotangents((2, 3))).shape == (2, 3)
    found = drawn(tst.cotangents(tst.shapes(max_dims=1)))
    assert {g.ndim for g in found} == {0, 1}
    assert all(0.5 <= abs(v) <= 1.5 for g in found for v in g.ravel())
    assert all(len(np.unique(g)) == g.size for g in found)


# Operands


def product(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Matrix product by its definition, for matrices and vectors."""
    a, b = np.atleast_2d(x), y.reshape(len(y), int(np.prod(y.shape[1:])))
    rows = [[sum(a[i, k] * b[k, j] for k in range(len(b))) for j in range(b.shape[1])]
            for i in range(len(a))]  # fmt: skip
    return np.array(rows, float).reshape((*x.shape[:-1], *y.shape[1:]))


def test_matmul_operands_can_always_be_multiplied() -> None:
    found = drawn(tst.matmul_operands(), 300)
    for x, y in found:
        result = np.matmul(x, y)
        if x.ndim <= 2 and y.ndim <= 2:
            np.testing.assert_allclose(result, product(x, y), rtol=1e-13, atol=1e-13)
    dims = Counter((x.ndim, y.ndim) for x, y in found)
    assert {(1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (2, 3), (3, 3), (4, 4)} <= set(dims)
    assert share(found, lambda p: p[0].shape[-1] == 0) > 0.05
    assert share(found, lambda p: p[0].ndim > 2 < p[1].ndim and p[0].shape[0] != p[1].shape[0]) > 0
    assert [x.shape for x in smallest(tst.matmul_operands())] == [(1,), (1,)]


def convolved(x: np.ndarray, w: np.ndarray, s: dict[str, Any]) -> np.ndarray:
    """Convolution by its definition, one product at a time; refuses what does not fit."""
    dims = x.ndim - 2
    padded = np.pad(x, [(0, 0), (0, 0), *[(p, p) for p in s["padding"]]])
    spread = [(k - 1) * d + 1 for k, d in zip(w.shape[2:], s["dilation"], strict=True)]
    size = [(n - e) // t + 1 for n, e, t in zip(padded.shape[2:], spread, s["stride"], strict=True)]
    assert min(size) >= 1
    assert x.shape[1] == w.shape[1] * s["groups"]
    per_group = w.shape[0] // s["groups"]
    assert per_group * s["groups"] == w.shape[0]
    out = np.zeros((len(x), len(w), *size))
    for place in np.ndindex(*out.shape):
        n, o, where = place[0], place[1], place[2:]
        for tap in np.ndindex(*w.shape[1:]):
            c = tap[0] + (o // per_group) * w.shape[1]
            at = tuple(
                where[a] * s["stride"][a] + tap[1 + a] * s["dilation"][a] for a in range(dims)
            )
            out[place] += padded[(n, c, *at)] * w[(o, *tap)]
    return out


@pytest.mark.parametrize("dims", [1, 2])
def test_conv_operands_suit_a_naive_convolution(dims: int) -> None:
    found = drawn(tst.conv_operands(dims), 120)
    shapes = [convolved(*each).shape for each in found]
    for name, values in [("stride", {1, 2, 3}), ("padding", {0, 1, 2}), ("dilation", {1, 2})]:
        assert {v for each in found for v in each.settings[name]} == values
        assert all(len(each.settings[name]) == dims for each in found)
    assert {each.settings["groups"] for each in found} == {1, 2}
    assert {n for shape in shapes for n in shape[2:]} >= {1, 2, 3}
    assert {each.x.shape[0] for each in found} == {0, 1, 2}
    x, w, settings_ = smallest(tst.conv_operands(dims))
    assert x.shape == w.shape == (1,) * (dims + 2)
    assert settings_ == {
        "stride": (1,) * dims, "padding": (0,) * dims, "dilation": (1,) * dims, "groups": 1,
    }  # fmt: skip


def test_conv_operands_leave_some_input_over_and_have_kernels_wider_than_the_input() -> None:
    found = drawn(tst.conv_operands(1), 300)

    def left_over(each: tst.ConvOperands) -> bool:
        s = each.settings
        room = each.x.shape[2] + 2 * s["padding"][0] - (each.w.shape[2] - 1) * s["dilation"][0] - 1
        return room % s["stride"][0] > 0

    assert share(found, left_over) > 0.05
    assert share(found, lambda each: each.w.shape[2] > each.x.shape[2]) > 0.05
    with pytest.raises(ArgumentError, match="dims=0"):
        smallest(tst.conv_operands(0))


def summed(subscripts: str, operands: tuple[np.ndarray, ...]) -> np.ndarray:
    """An Einstein sum by its definition: every value of every letter."""
    read, result = subscripts.split("->")
    words = read.split(",")
    length = {c: n for w, x in zip(words, operands, strict=True)
              for c, n in zip(w, x.shape, strict=True)}  # fmt: skip
    out = np.zeros([length[c] for c in result])
    for place in np.ndindex(*length.values()):
        at = dict(zip(length, place, strict=True))
        term = 1.0
        for word, x in zip(words, operands, strict=True):
            term *= x[tuple(at[c] for c in word)]
        out[tuple(at[c] for c in result)] += term
    return out


def test_einsum_operands_are_what_their_subscripts_describe() -> None:
    found = drawn(tst.einsum_operands(), 300)
    for subscripts, operands in found:
        expected = summed(subscripts, operands)
        result = np.einsum(subscripts, *operands)
        np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)
    words = [each.subscripts.split("->")[0].split(",") for each in found]
    assert {len(w) for w in words} == {1, 2, 3}
    assert any(len(set(w)) < len(w) for each in words for w in each)
    assert any(w == "" for each in words for w in each)
    assert any(x.size == 0 for each in found for x in each.operands)
    assert smallest(tst.einsum_operands()).subscripts == "->"


# Indices and layouts


SHAPES = [(), (1,), (3,), (0,), (2, 3), (3, 1, 2), (2, 0)]


@pytest.mark.parametrize("kind", ["basic", "advanced", "boolean"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_indices_fit_their_shape(kind: str, shape: tuple[int, ...]) -> None:
    values = np.arange(float(np.prod(shape))).reshape(shape)
    for index in drawn(tst.indices(shape, [kind]), 50):
        expected = np.asarray(values[index])
        np.testing.assert_array_equal(tg.Tensor(values)[index].data, expected, strict=True)
        assert np.shares_memory(values[index], values) <= (kind != "boolean")


def test_indices_are_of_every_kind() -> None:
    values = np.arange(12.0).reshape(3, 4)
    found = [
        index if isinstance(index, tuple) else (index,) for index in drawn(tst.indices((3, 4)), 300)
    ]
    parts = [part for index in found for part in index]
    assert {type(p) for p in parts} >= {int, slice, type(None), type(...), np.ndarray}
    assert any(p < 0 for p in parts if isinstance(p, int))
    assert any((p.step or 1) < 0 for p in parts if isinstance(p, slice))
    masks = [p for p in parts if isinstance(p, np.ndarray) and p.dtype == bool]
    places = [p for p in parts if isinstance(p, np.ndarray) and p.dtype != bool]
    assert {m.ndim for m in masks} == {0, 1, 2}
    assert any(m.ndim and not m.any() for m in masks)
    assert any((p < 0).any() for p in places)
    assert {p.ndim for p in places} == {1, 2}
    advanced = drawn(tst.indices((3, 4), ["advanced"]), 150)
    assert share(advanced, lambda index: repeats(values[index])) > 0.4
    assert share(advanced, lambda index: sum(isinstance(p, np.ndarray) for p in index) == 2) > 0.1
    with pytest.raises(ArgumentError, match="fancy"):
        smallest(tst.indices((3,), ["fancy"]))


def test_indices_shrink_to_something_short() -> None:
    assert smallest(tst.indices((3, 4))) == ()
    (places,) = smallest(tst.indices((3,), ["advanced"]), lambda index: index[0].size > 1)
    np.testing.assert_array_equal(places, [0, 0])


@pytest.mark.parametrize("shape", [*SHAPES, (2, 3, 4), (2, 2, 2, 2)], ids=str)
@pytest.mark.parametrize("name", tst.LAYOUTS)
def test_layouts_keep_the_values_and_the_shape(name: str, shape: tuple[int, ...]) -> None:
    for dtype in (np.float64, np.float32, np.int64, bool):
        values = np.random.default_rng(0).integers(0, 9, shape).astype(dtype)
        before = values.copy()
        other = tst.LAYOUTS[name](values)
        assert isinstance(other, np.ndarray)
        np.testing.assert_array_equal(other, before, strict=True)
        assert not np.shares_memory(other, values)
        assert other.flags.writeable == (name != "read-only")


def test_layouts_differ_from_each_other_in_memory() -> None:
    values = np.arange(24.0).reshape(2, 3, 4)
    made = {name: layout(values) for name, layout in tst.LAYOUTS.items()}
    assert made["C order"].flags.c_contiguous
    assert made["Fortran order"].flags.f_contiguous
    strides = {name: x.strides for name, x in made.items() if name != "read-only"}
    assert len(set(strides.values())) == len(strides)
    assert all(step < 0 for step in strides["reversed"])
    assert not any(made["rotated"].flags[f"{order}_CONTIGUOUS"] for order in "CF")
    larger = made["strided"].base
    assert larger is not None
    assert np.isnan(larger).sum() == larger.size - values.size
    seen = {(x.strides, x.flags.writeable) for x in drawn(tst.layouts(values), 100)}
    assert len(seen) == len(made)
    assert smallest(tst.layouts(tst.arrays((2, 2)))).flags.c_contiguous


# Hypothesis itself


@pytest.mark.parametrize("module", ["strategies", "programs", "property"])
def test_without_hypothesis_an_import_names_the_line_that_installs_it(module: str) -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from tinygrad_edu import errors\n"
        f"try:\n    import tinygrad_edu.testing.{module}\n"
        "except errors.MissingDependency as error:\n    print(error.fix)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stdout.strip() == 'pip install "tinygrad_edu[testing]"', answer.stderr
