"""No array is shared by accident, and no backward uses numbers that changed since.

Situations one by one first; then random programs whose gradients must not share memory with
anything; then a state machine that mixes leaves, operations, backward passes and assignments,
beside a naive oracle that keeps its own copies of everything.
"""

from __future__ import annotations

import copy
import itertools
import pickle
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

import tinygrad_edu as tg


def leaf(*shape: int, dtype: str = "float64") -> Any:
    rng = np.random.default_rng(len(shape))
    return tg.Tensor(rng.uniform(0.5, 1.5, shape).astype(dtype), requires_grad=True)


# ---------------------------------------------------------------------------- changed leaves

READS_THE_LEAF: dict[str, Callable[[Any], Any]] = {
    "w * w": lambda w: w * w,
    "w * 2 * w": lambda w: (w * 2.0) * w,
    "w @ w": lambda w: w @ w,
    "log": tg.log,
    "relu of product": lambda w: tg.relu(w * w),
    "2 / w": lambda w: 2.0 / w,
    "w ** 3": lambda w: w**3,
    "max": lambda w: tg.max(w, axis=0),
    "var": tg.var,
    "maximum": lambda w: tg.maximum(w, 0.0),
    "cross entropy": lambda w: tg.softmax_cross_entropy(np.zeros((2, 2)), w),
}
READS_NO_LEAF: dict[str, tuple[Callable[[Any], Any], float]] = {
    "w + 1": (lambda w: w + 1.0, 4.0),
    "1 - w": (lambda w: 1.0 - w, -4.0),
    "sum": (lambda w: tg.sum(w, axis=0), 4.0),
    "mean": (tg.mean, 1.0),
    "w * 2": (lambda w: w * 2.0, 8.0),
    "w / 2": (lambda w: w / 2.0, 2.0),
    "reshape": (lambda w: w.reshape(-1), 4.0),
    "getitem": (lambda w: w[0], 2.0),
    "astype": (lambda w: w.astype("float32"), 4.0),
    "squeeze": (lambda w: tg.squeeze(w, ()), 4.0),
    "broadcast": (lambda w: tg.broadcast_to(w, (3, 2, 2)), 12.0),
    "square of a sum": (lambda w: (w + 0.0) * 2.0, 8.0),
}


def assigned(w: Any) -> None:
    w.data -= 1.0


def assigned_whole(w: Any) -> None:
    w.data = np.zeros(w.shape)


@pytest.mark.parametrize("change", [assigned, assigned_whole], ids=lambda f: f.__name__)
@pytest.mark.parametrize("f", READS_THE_LEAF.values(), ids=READS_THE_LEAF)
def test_backward_refuses_a_leaf_that_changed_since_the_row_that_reads_it(
    f: Any, change: Any
) -> None:
    w = leaf(2, 2)
    y = f(w).sum()
    change(w)
    with pytest.raises(tg.errors.InPlaceError):
        y.backward()
    assert w.grad is None
    (w * w).sum().backward()  # the engine goes on, on the new numbers
    np.testing.assert_array_equal(w.grad, 2 * w.data)


@pytest.mark.parametrize("f, total", READS_NO_LEAF.values(), ids=READS_NO_LEAF)
def test_backward_goes_on_where_no_rule_reads_the_changed_leaf(f: Any, total: float) -> None:
    w = leaf(2, 2)
    y = f(w).sum()
    assigned(w)
    y.backward()
    assert w.grad.sum() == total


def test_transpose_and_concat_do_not_read_the_numbers_they_move() -> None:
    for f in (lambda w: w.T, lambda w: tg.permute_dims(w, (1, 0)), lambda w: tg.concat([w, w])):
        w = leaf(2, 2)
        y = f(w).sum()
        assigned(w)
        y.backward()


@pytest.mark.parametrize("how", ["gradient", "create_graph", "step_back"])
def test_every_way_to_differentiate_refuses_a_changed_leaf(how: str) -> None:
    w = leaf(3)
    with tg.Tape() as tape:
        y = w * w
    assigned(w)
    with pytest.raises(tg.errors.InPlaceError):
        if how == "step_back":
            list(tape.step_back(y, np.ones(3)))
        else:
            tape.gradient(y, w, output_gradient=np.ones(3), create_graph=how == "create_graph")


def test_tape_gradient_refuses_a_changed_leaf_behind_other_rows() -> None:
    w = leaf(3)
    with tg.Tape() as tape:
        y = (w * w).sum()
    assigned(w)
    with pytest.raises(tg.errors.InPlaceError):
        tape.gradient(y, w, unconnected="zero")


@pytest.mark.parametrize("unconnected", ["raise", "zero"])
def test_tape_gradient_after_an_assignment_is_not_zero(unconnected: str) -> None:
    """The stamp of a leaf is no row's number: it says nothing of what depends on the leaf."""
    w = leaf(3)
    with tg.Tape() as tape:
        y = ((w + 1.0) * 2.0).sum()
    assigned(w)
    g = tape.gradient(y, w, unconnected=unconnected)
    np.testing.assert_array_equal(g.data, np.full(3, 2.0))


def test_a_pass_that_does_not_read_the_changed_leaf_is_not_refused() -> None:
    a, b = leaf(2), leaf(2)
    with tg.Tape() as tape:
        y = a * b
    assigned(a)  # the gradient of a reads b only
    g = tape.gradient(y, a, output_gradient=np.ones(2))
    np.testing.assert_array_equal(g.data, b.data)


def test_assignment_between_two_passes_is_seen_by_the_second_forward() -> None:
    w = leaf(2)
    for _ in range(3):
        w.grad = None
        (w * w).sum().backward()
        np.testing.assert_array_equal(w.grad, 2 * w.data)
        w.data -= 0.1 * w.grad


def test_a_constant_leaf_that_changed_is_refused_too() -> None:
    w, x = leaf(2), tg.Tensor([1.0, 2.0])
    y = (w * x).sum()
    x.data = [5.0, 5.0]
    with pytest.raises(tg.errors.InPlaceError):
        y.backward()


def test_a_rule_that_takes_its_inputs_as_a_star_argument_is_checked_too() -> None:
    @tg.operation(rule=(lambda g, *rest: g * rest[2], lambda g, *rest: g * rest[1]))
    def starred_product(x: Any, y: Any, /) -> Any:
        return x * y

    a, b = leaf(2), leaf(2)
    y = starred_product(a, b).sum()
    assigned(b)
    with pytest.raises(tg.errors.InPlaceError):
        y.backward()


# ---------------------------------------------------------------------------- views

VIEWS: dict[str, Callable[[Any], Any]] = {
    "reshape": lambda w: w.reshape(-1),
    "T": lambda w: w.T,
    "mT": lambda w: w.mT,
    "getitem": lambda w: w[0],
    "slice": lambda w: w[:, ::-1],
    "ellipsis": lambda w: w[...],
    "expand_dims": lambda w: tg.expand_dims(w, 0),
    "squeeze": lambda w: tg.squeeze(w, ()),
    "permute_dims": tg.permute_dims,
    "positive": tg.positive,
    "astype": lambda w: w.astype(np.float64),
    "power 1": lambda w: w**1,
    "broadcast_to": lambda w: tg.broadcast_to(w, (2, 2)),
    "concat": lambda w: tg.concat([w]),
    "sum of no axis": lambda w: tg.sum(w, axis=()),
    "detach": lambda w: w.detach(),
    "numpy": lambda w: tg.asarray(w.numpy()),
    "Tensor": tg.Tensor,
    "stop_gradient": tg.stop_gradient,
    "deepcopy": copy.deepcopy,
    "pickle": lambda w: pickle.loads(pickle.dumps(w)),
}


@pytest.mark.parametrize("make", VIEWS.values(), ids=VIEWS)
def test_what_was_computed_from_a_leaf_never_sees_its_later_changes(make: Any) -> None:
    w = leaf(2, 2)
    y = make(w)
    before = y.data.copy()
    assert not np.shares_memory(y.data, w.data)
    w.data += 1.0
    np.testing.assert_array_equal(y.data, before)
    w.data[...] = 7.0  # behind the engine's back
    np.testing.assert_array_equal(y.data, before)


def test_a_custom_view_of_a_leaf_never_sees_its_later_changes() -> None:
    @tg.operation(rule=lambda g, out, x: g.T, view=True)
    def flipped_axes(x: Any) -> Any:
        return x.T

    w = leaf(2, 2)
    y = flipped_axes(w)
    before = y.data.copy()
    w.data += 1.0
    np.testing.assert_array_equal(y.data, before)


def test_an_index_array_that_changes_later_does_not_redirect_the_gradient() -> None:
    w, index = leaf(3), np.array([0, 1])
    y = w[index].sum()
    index[:] = 2
    y.backward()
    np.testing.assert_array_equal(w.grad, [1.0, 1.0, 0.0])


def test_data_of_a_result_is_read_only_and_of_a_leaf_writable() -> None:
    w = leaf(2, 2)
    assert w.data.flags.writeable
    for y in (w * 2.0, w.T, w[0], w.sum(), w.detach(), tg.exp(tg.Tensor([1.0]))):
        assert not y.data.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            y.data[...] = 0.0
        with pytest.raises(tg.errors.InPlaceError):
            y.data = np.zeros(y.shape)


def test_tensor_copies_and_asarray_shares() -> None:
    held = np.ones(2)
    copied, shared = tg.Tensor(held), tg.asarray(held)
    held[0] = 5.0
    np.testing.assert_array_equal(copied.data, [1.0, 1.0])
    np.testing.assert_array_equal(shared.data, [5.0, 1.0])


def test_assignment_of_data_copies_into_the_leaf_in_place() -> None:
    w, new = leaf(2), np.array([5.0, 6.0])
    held = w.data
    w.data = new
    assert held is w.data
    new[0] = 0.0
    np.testing.assert_array_equal(w.data, [5.0, 6.0])
    for wrong in (np.zeros(3), np.zeros((1, 2)), 1.0):
        with pytest.raises(tg.errors.ShapeError):
            w.data = wrong


# ---------------------------------------------------------------------------- .grad


def test_grad_of_a_zero_dimensional_leaf_is_an_array() -> None:
    w = tg.Tensor(1.5, requires_grad=True)
    for y in (
        w * 2.0,
        w * w,
        tg.exp(w),
        (w + np.ones(3)).sum(),
        tg.sum(w),
        w**2,
        w.reshape(1).sum(),
    ):
        w.grad = None
        y.backward()
        assert type(w.grad) is np.ndarray
        assert w.grad.shape == ()
        y.backward()
        assert type(w.grad) is np.ndarray
        assert type(tg.Tape().gradient(y, w).data) is np.ndarray


def test_a_zero_dimensional_tensor_used_by_many_larger_rows_sums_their_cotangents() -> None:
    """``unbroadcast`` to () gave NumPy scalars, which ``np.add(p, d, p)`` refuses as output."""
    b, x = tg.Tensor(2.0, requires_grad=True), np.ones((2, 3))
    h = b * 1.0
    (x * h + x * h + h * x + x * h).sum().backward()
    assert b.grad == 24.0
    assert type(b.grad) is np.ndarray


def test_backward_adds_and_each_pass_is_independent() -> None:
    w = leaf(2, 2)
    y = (tg.tanh(w) * w).sum()
    y.backward()
    once = w.grad.copy()
    for count in (2, 3, 4):
        y.backward()
        np.testing.assert_allclose(w.grad, count * once, rtol=1e-15)
    w.grad = None
    y.backward()
    np.testing.assert_array_equal(w.grad, once)


@pytest.mark.parametrize(
    "hold", [lambda g: g, lambda g: g[...], lambda g: g.T, memoryview, np.asarray]
)
def test_a_grad_array_that_was_kept_never_changes(hold: Any) -> None:
    w = leaf(2, 2)
    y = (w * w).sum()
    y.backward()
    kept = hold(w.grad)
    numbers = np.array(kept)
    y.backward()
    (w * 3.0).sum().backward()
    np.testing.assert_array_equal(np.asarray(kept), numbers)
    assert not np.array_equal(w.grad, numbers)


def test_grad_takes_only_arrays_of_its_shape_and_copies_them() -> None:
    w = leaf(2)
    given_by_user = np.array([1.0, 2.0])
    w.grad = given_by_user
    (w * 1.0).sum().backward()
    np.testing.assert_array_equal(given_by_user, [1.0, 2.0])
    np.testing.assert_array_equal(w.grad, [2.0, 3.0])
    with pytest.raises(tg.errors.ShapeError):
        w.grad = np.zeros(3)


def test_intermediate_values_keep_no_gradient() -> None:
    w = leaf(2)
    h = w * 2.0
    h.sum().backward()
    with pytest.raises(tg.errors.GradientError, match=r"tape\.gradient"):
        _ = h.grad
    with pytest.raises(tg.errors.GradientError):
        h.grad = np.zeros(2)


def test_backward_of_a_leaf_itself_is_its_cotangent() -> None:
    w, seed = leaf(2), np.array([2.0, 3.0])
    w.backward(seed)
    np.testing.assert_array_equal(w.grad, seed)
    assert not np.shares_memory(w.grad, seed)


@pytest.mark.parametrize("lane", ["one input", "two inputs", "attributes"])
def test_an_exception_in_a_rule_leaves_gradients_and_engine_as_they_were(lane: str) -> None:
    armed = True

    def fails(g: Any, out: Any, *inputs: Any, **attributes: Any) -> Any:
        if armed:
            raise ZeroDivisionError
        return g

    if lane == "one input":

        @tg.operation(rule=fails)
        def faulty(x: Any, /) -> Any:
            return x * 1.0

        def apply(x: Any) -> Any:
            return faulty(x)

    elif lane == "two inputs":

        @tg.operation(rule=(fails, fails))
        def faulty_pair(x: Any, y: Any, /) -> Any:
            return x + y

        def apply(x: Any) -> Any:
            return faulty_pair(x, x)

    else:

        @tg.operation(rule=fails)
        def faulty_scale(x: Any, /, *, factor: float = 1.0) -> Any:
            return x * factor

        def apply(x: Any) -> Any:
            return faulty_scale(x)

    first, second = leaf(2), leaf(2)
    (first + second).sum().backward()
    before = first.grad.copy(), second.grad.copy()
    y = (first + apply(second)).sum()
    with pytest.raises(ZeroDivisionError):
        y.backward()
    with pytest.raises(ZeroDivisionError):
        tg.Tape().gradient(y, second)
    np.testing.assert_array_equal(first.grad, before[0])
    np.testing.assert_array_equal(second.grad, before[1])
    assert tg.is_grad_enabled()
    armed = False
    y.backward()
    np.testing.assert_array_equal(first.grad, before[0] + 1.0)


def test_a_rule_may_return_a_read_only_array() -> None:
    def frozen(g: Any, out: Any, x: Any) -> Any:
        d = g * 1.0
        d.flags.writeable = False
        return d

    @tg.operation(rule=frozen)
    def frozen_identity(x: Any) -> Any:
        return x * 1.0

    w = leaf(2)
    h = w * 1.0
    (frozen_identity(h) + frozen_identity(h)).sum().backward()
    np.testing.assert_array_equal(w.grad, [2.0, 2.0])


def test_a_rule_may_return_what_it_was_given() -> None:
    """g itself, an input, the output, or one constant array for ever: none may be written to."""
    constant = np.array([3.0, 5.0])

    @tg.operation(rule=lambda g, out, x: constant)
    def always(x: Any) -> Any:
        return x * constant

    w = leaf(2)
    h = w * 1.0
    total = (always(h) + always(h) + always(h)).sum()
    total.backward()
    total.backward()
    np.testing.assert_array_equal(constant, [3.0, 5.0])
    np.testing.assert_array_equal(w.grad, [18.0, 30.0])
    assert not np.shares_memory(w.grad, constant)


# ---------------------------------------------------------------------------- types


@pytest.mark.parametrize(
    "pair", list(itertools.product(["float16", "float32", "float64"], repeat=2))
)
def test_gradients_keep_their_leafs_type_in_mixed_graphs(pair: tuple[str, str]) -> None:
    a, b = leaf(2, 2, dtype=pair[0]), leaf(2, 2, dtype=pair[1])
    programs = [
        lambda: a * b,
        lambda: a @ b,
        lambda: tg.concat([a, b]),
        lambda: tg.where(a.data > b.data, a, b),
        lambda: a.at[0].set(b[0]),
        lambda: a**b,
        lambda: (a + 1.0) / b,
        lambda: a.astype("float64") - b,
        lambda: tg.stack([a, b, a]),
        lambda: tg.tanh(a) + tg.maximum(a, b),
        lambda: (a - b.mean()) ** 2,
        lambda: tg.softmax_cross_entropy(a, b),
        lambda: tg.std(a * b, axis=0),
    ]
    for program in programs:
        a.grad = b.grad = None
        y = program()
        y.backward(np.ones(y.shape))
        y.backward(np.ones(y.shape))
        assert a.grad.dtype == pair[0]
        assert b.grad.dtype == pair[1]
        for g, x in zip(
            tg.Tape().gradient(y.sum(), [a, b], create_graph=True), (a, b), strict=True
        ):
            assert g.dtype == x.dtype
            assert g.shape == x.shape


def test_complex_results_are_not_recorded_and_their_gradient_is_refused() -> None:
    w = leaf(2)
    y = w * np.array([1j, 2.0])
    with pytest.raises(TypeError, match="complex"):
        y.backward(np.ones(2))


def test_a_recorded_gradient_of_the_target_itself_has_the_targets_type() -> None:
    w = leaf(2, dtype="float32")
    y, seed = w * w, tg.Tensor([1.0, 2.0])
    gw, gy = tg.Tape().gradient(y, [w, y], output_gradient=seed, create_graph=True)
    assert gw.dtype == gy.dtype == np.float32


# ---------------------------------------------------------------------------- aliases

STEPS: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: +x,
    lambda x, y: -x,
    lambda x, y: x.reshape(-1).reshape(2, 2),
    lambda x, y: x.T,
    lambda x, y: x[...],
    lambda x, y: x[::-1],
    lambda x, y: tg.concat([x, y])[:2],
    lambda x, y: tg.stack([x, y])[1],
    lambda x, y: x.sum(axis=0) + y,
    lambda x, y: tg.broadcast_to(x[:1], (2, 2)),
    lambda x, y: x @ y,
    tg.maximum,
    lambda x, y: x.at[0].set(y[1]),
    lambda x, y: tg.where([True, False], x, y),
    lambda x, y: x.astype(float),
    lambda x, y: tg.expand_dims(x, 0)[0],
    lambda x, y: tg.relu(x),
    lambda x, y: x + 1.0,
    lambda x, y: x.mean() + y,
]


def disjoint(named: Iterable[tuple[str, np.ndarray]]) -> None:
    for (first, a), (second, b) in itertools.combinations(named, 2):
        assert not np.may_share_memory(a, b) or not np.shares_memory(a, b), f"{first} and {second}"


@given(
    program=st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 9), st.integers(0, 9)),
        min_size=1,
        max_size=8,
    ),
    recorded=st.booleans(),
)
def test_no_two_gradients_share_memory_nor_with_anything_else(program: Any, recorded: bool) -> None:
    leaves = [leaf(2, 2), leaf(2, 2), leaf(2, 2)]
    values = list(leaves)
    with tg.Tape() as tape:
        for step, i, j in program:
            values.append(step(values[-1 - i % len(values)], values[-1 - j % len(values)]))
    target, weights = values[-1], np.random.default_rng(0).normal(size=(2, 2))
    before = weights.copy()
    target.backward(weights)
    first = {k: (x.grad, x.grad.copy()) for k, x in enumerate(leaves) if x.grad is not None}
    target.backward(weights)
    # Twice the same source, rows and leaves, the target itself too.
    sources = [*values, leaves[0]]
    found = tape.gradient(target, sources, output_gradient=weights, unconnected="zero")
    named = [("cotangent", weights)]
    named += [(f"data of {k}", x._data) for k, x in enumerate(leaves)]
    named += [(f"grad of {k}", x.grad) for k, x in enumerate(leaves) if x.grad is not None]
    named += [(f"first grad of {k}", kept) for k, (kept, _) in first.items()]
    named += [(f"gradient {k}", g._data) for k, g in enumerate(found)]
    disjoint(named)
    disjoint([("a row's data", values[-1]._data), *named[1 + len(leaves) :]])
    if recorded:
        tape.gradient(
            target, sources, output_gradient=weights, create_graph=True, unconnected="zero"
        )
    np.testing.assert_array_equal(weights, before)
    for kept, numbers in first.values():
        np.testing.assert_array_equal(kept, numbers)


@pytest.mark.parametrize("side", ["left", "right", "only"])
def test_adding_to_a_cotangent_that_is_a_view_leaves_its_owner_alone(side: str) -> None:
    """``x`` holds a view of what ``b`` was sent, and an older row has yet to add to it."""
    x, b = leaf(3), leaf(3)
    older = {"left": lambda: x * 5.0, "right": lambda: 5.0 * x, "only": lambda: -x}[side]()
    total = (x.reshape(-1) + b) + older
    total.backward([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(b.grad, [1.0, 2.0, 3.0])
    factor = 0.0 if side == "only" else 6.0
    np.testing.assert_array_equal(x.grad, [factor, 2 * factor, 3 * factor])


@pytest.mark.parametrize("as_tensor", [False, True])
def test_recorded_gradients_share_no_memory_that_can_be_written(as_tensor: bool) -> None:
    a, b = leaf(2), leaf(2)
    array = np.array([1.0, 2.0])
    seed = tg.asarray(array) if as_tensor else array
    tape = tg.Tape()
    first, second = tape.gradient(a + b, [a, b], output_gradient=seed, create_graph=True)
    array[:] = 9.0
    np.testing.assert_array_equal(first.data, [1.0, 2.0])
    if first.data.flags.writeable:
        first.data[:] = 7.0
    np.testing.assert_array_equal(second.data, [1.0, 2.0])


# ---------------------------------------------------------------------------- the machine


class Node:
    """The oracle's record of a value: copies of all numbers, and how it was made."""

    def __init__(
        self, value: np.ndarray, parents: tuple[Node, ...] = (), kind: str = "leaf"
    ) -> None:
        self.value, self.parents, self.kind = value.copy(), parents, kind
        self.at = [p.value.copy() for p in parents]  # operand values when the row was made
        self.version, self.versions = 0, [p.version for p in parents]
        self.grad: np.ndarray | None = None

    def local(self, g: np.ndarray) -> list[tuple[np.ndarray, bool]]:
        """For each parent its cotangent, and whether computing it reads a parent."""
        if self.kind == "add":
            return [(g, False), (g, False)]
        if self.kind == "multiply":
            return [(g * self.at[1], True), (g * self.at[0], True)]
        if self.kind == "tanh":
            return [(g * (1 - np.tanh(self.at[0]) ** 2), False)]  # the rule reads its output
        if self.kind == "square":
            return [(g * 2 * self.at[0], True)]
        if self.kind == "reverse":
            return [(g[::-1], False)]
        return [(np.full(3, g.sum()) / 3, False)]  # mean, spread again


def paths(node: Node, g: np.ndarray, into: dict[Node, np.ndarray]) -> bool:
    """Add path by path, recursively; return whether a rule read a leaf that changed since."""
    if node.kind == "leaf":
        into[node] = into.get(node, 0.0) + g
        return False
    stale = False
    for parent, (d, reads) in zip(node.parents, node.local(g), strict=True):
        stale |= paths(parent, d, into)
        if reads:
            changed = [p.version != v for p, v in zip(node.parents, node.versions, strict=True)]
            stale |= any(changed)
    return stale


UNARY = {
    "tanh": tg.tanh,
    "square": tg.square,
    "reverse": lambda x: x[::-1],
    "mean": lambda x: tg.broadcast_to(tg.mean(x), (3,)),
}


class GraphMachine(RuleBasedStateMachine):
    """Leaves, operations, passes and assignments in any order, beside the oracle."""

    values = Bundle("values")

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[Any, Node]] = []
        self.kept: list[tuple[np.ndarray, np.ndarray]] = []
        self.rng = np.random.default_rng(0)

    @initialize(target=values)
    def two_leaves(self) -> Any:
        return multiple(self.new_leaf(), self.new_leaf())

    def new_leaf(self) -> tuple[Any, Node]:
        array = self.rng.normal(size=3)
        pair = tg.Tensor(array, requires_grad=True), Node(array)
        self.pairs.append(pair)
        return pair

    @rule(target=values)
    def make_leaf(self) -> tuple[Any, Node]:
        return self.new_leaf()

    @rule(target=values, kind=st.sampled_from(["add", "multiply"]), x=values, y=values)
    def combine(self, kind: str, x: Any, y: Any) -> Any:
        out = getattr(tg, kind)(x[0], y[0])
        return out, Node(out.data, (x[1], y[1]), kind)

    @rule(target=values, kind=st.sampled_from(sorted(UNARY)), x=values)
    def apply(self, kind: str, x: Any) -> Any:
        out = UNARY[kind](x[0])
        return out, Node(out.data, (x[1],), kind)

    def depth(self, node: Node) -> int:
        return sum(self.depth(p) for p in node.parents) + 1

    @rule(x=values)
    def backward(self, x: Any) -> None:
        tensor, node = x
        if self.depth(node) > 2_000:
            return  # the oracle walks every path
        g = self.rng.normal(size=3)
        expected: dict[Node, np.ndarray] = {}
        if paths(node, g, expected):
            with pytest.raises(tg.errors.InPlaceError):
                tensor.backward(g)
            return
        tensor.backward(g)
        for leaf_node, d in expected.items():
            leaf_node.grad = d if leaf_node.grad is None else leaf_node.grad + d

    @rule(x=values)
    def ask_a_tape(self, x: Any) -> None:
        tensor, node = x
        expected: dict[Node, np.ndarray] = {}
        if self.depth(node) > 2_000 or paths(node, np.ones(3), expected):
            return
        leaves = [t for t, n in self.pairs if n.version == 0 or n is node]
        nodes = [n for _, n in self.pairs if n.version == 0 or n is node]
        found = (
            tg.Tape().gradient(tensor, leaves, output_gradient=np.ones(3), unconnected="zero")
            if leaves
            else []
        )
        for n, g in zip(nodes, found, strict=True):
            wanted = expected.get(n, np.zeros(3))
            np.testing.assert_allclose(
                g.data, wanted, rtol=1e-9, atol=1e-9 * (1 + np.abs(wanted).max())
            )

    @rule(k=st.integers(0, 9), how=st.sampled_from(["subtract", "assign"]))
    def change(self, k: int, how: str) -> None:
        tensor, node = self.pairs[k % len(self.pairs)]
        new = self.rng.normal(size=3)
        if how == "assign":
            tensor.data = new
            node.value = new.copy()
        else:
            tensor.data -= new
            node.value = node.value - new
        node.version += 1

    @precondition(lambda self: any(n.grad is not None for _, n in self.pairs))
    @rule(k=st.integers(0, 9))
    def keep_a_grad(self, k: int) -> None:
        tensor, _ = self.pairs[k % len(self.pairs)]
        if tensor.grad is not None:
            self.kept.append((tensor.grad, tensor.grad.copy()))

    @rule(k=st.integers(0, 9))
    def zero_grad(self, k: int) -> None:
        tensor, node = self.pairs[k % len(self.pairs)]
        tensor.grad = node.grad = None

    @invariant()
    def leaves_agree_with_the_oracle(self) -> None:
        for tensor, node in self.pairs:
            np.testing.assert_array_equal(tensor.data, node.value)
            if node.grad is None:
                assert tensor.grad is None
            else:
                scale = 1e-9 * (1 + np.abs(node.grad).max())
                np.testing.assert_allclose(tensor.grad, node.grad, rtol=1e-9, atol=scale)

    @invariant()
    def kept_gradients_never_change(self) -> None:
        for array, numbers in self.kept:
            np.testing.assert_array_equal(array, numbers)


# Squares of squares overflow; infinities then agree in both, and NaN is compared as equal.
GraphMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
TestGraphMachine = pytest.mark.filterwarnings("ignore::RuntimeWarning")(GraphMachine.TestCase)
