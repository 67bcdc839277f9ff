"""All that a Tape promises: its rows, its answers and their structure, steps, memory, lifetime."""

from __future__ import annotations

import gc
import weakref
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg

EPS = float(np.finfo(np.float64).eps)


def leaf(*values: float, name: str | None = None) -> Any:
    return tg.Tensor(values, requires_grad=True, name=name)


class Pair(NamedTuple):
    """A named tuple, to see that its type comes back."""

    first: Any
    second: Any


class Layer:
    """What a Module is to a tape: something with named parameters."""

    def __init__(self) -> None:
        self.w, self.b = leaf(1.0, 2.0), leaf(3.0, 4.0)

    def named_parameters(self) -> list[tuple[str, Any]]:
        return [("w", self.w), ("b", self.b)]


# ---------------------------------------------------------------------------- rows


def test_rows_stand_on_the_tape_in_the_order_they_were_made() -> None:
    x = leaf(1.0, 2.0)
    with tg.Tape() as tape:
        a = x * 2.0
        b = tg.tanh(a)
        c = b.sum()
    assert len(tape) == 3
    assert [row is made for row, made in zip(tape, (a, b, c), strict=True)] == [True] * 3
    assert tape[0] is a
    assert tape[-1] is c
    assert [row.op.name for row in tape[1:]] == ["tanh", "sum"]
    assert [row.op.name for row in tape] == ["multiply", "tanh", "sum"]
    assert tape[0].index < tape[1].index < tape[2].index
    assert a.inputs[0] is x
    assert c.attributes == {"axis": None, "dtype": None, "keepdims": False}
    with pytest.raises(IndexError):
        tape[3]


def test_only_the_block_and_only_what_needs_a_gradient_is_on_the_tape() -> None:
    x = leaf(1.0)
    x * 2.0
    tape = tg.Tape()
    assert len(tape) == 0
    x * 2.0
    with tape:
        x * 2.0
        tg.Tensor([1.0]) * 2.0  # no gradient needed: no row
        with tg.no_grad():
            x * 2.0
        x.detach() * 2.0
        _ = x > 0
    x * 2.0
    assert len(tape) == 1


def test_a_tape_inside_no_grad_is_empty() -> None:
    with tg.no_grad(), tg.Tape() as tape:
        leaf(1.0) * 2.0
    assert len(tape) == 0


def test_a_tape_may_be_entered_again_after_its_block_but_not_inside_it() -> None:
    x, tape = leaf(1.0), tg.Tape()
    with tape:
        x * 2.0
    with tape:
        x * 3.0
        with pytest.raises(tg.errors.TapeError), tape:
            pass
        x * 4.0
    assert len(tape) == 3


def test_rows_on_a_tape_know_the_line_that_made_them() -> None:
    x = leaf(1.0)
    outside = x * 2.0
    with tg.Tape() as tape:
        inside = x * 2.0
    assert outside.site is None
    assert inside.site.filename == __file__
    assert inside.site.text == "inside = x * 2.0"
    assert inside.site.expression == "x * 2.0"
    assert tape[0].site is inside.site


def test_nested_tapes_both_see_the_inner_rows() -> None:
    x = leaf(1.0)
    with tg.Tape() as outer:
        x * 2.0
        with tg.Tape() as inner:
            y = x * 3.0
        x * 4.0
    assert len(outer) == 3
    assert len(inner) == 1
    assert inner[0] is outer[1] is y


def test_the_inner_tapes_recorded_gradient_is_on_the_outer_tape() -> None:
    x = leaf(2.0)
    with tg.Tape() as outer:
        with tg.Tape() as inner:
            y = (x * x * x).sum()
        count = len(outer)
        g = inner.gradient(y, x, create_graph=True)
    assert len(outer) > count
    assert len(inner) == 3
    assert outer.gradient(g, x).item() == 12.0
    with tg.Tape() as quiet:
        inner.gradient(y, x)
    assert len(quiet) == 0


# ---------------------------------------------------------------------------- gradient


def test_gradient_may_be_asked_often_inside_and_outside_the_block() -> None:
    x = leaf(1.0, 2.0)
    with tg.Tape() as tape:
        y = (x * x).sum()
        inside = tape.gradient(y, x)
        z = (y * y).sum()
    for _ in range(3):
        np.testing.assert_array_equal(tape.gradient(y, x).data, inside.data)
        np.testing.assert_array_equal(tape.gradient(z, x).data, 4 * y.item() * x.data)
    assert x.grad is None
    assert len(tape) == 4


def test_gradient_follows_rows_made_before_the_block_after_it_and_on_no_tape() -> None:
    x = leaf(2.0)
    before = x * x
    with tg.Tape() as tape:
        inside = before * 3.0
    after = inside * inside
    assert tape.gradient(after, x).item() == 4 * 9 * 8.0
    assert tape.gradient(after, before).item() == 2 * 9 * 4.0
    assert tg.Tape().gradient(after, inside).item() == 2 * 12.0
    assert len(tape) == 1


def test_gradient_of_a_target_with_respect_to_itself_is_its_weight() -> None:
    x = leaf(1.0, 2.0)
    y = x * 2.0
    w = np.array([3.0, 5.0])
    for source in (x, y):
        g = tg.Tape().gradient(source, source, output_gradient=w)
        np.testing.assert_array_equal(g.data, w)
        assert not np.shares_memory(g.data, w)


STRUCTURES: list[Callable[[Any, Any], Any]] = [
    lambda a, b: [a, b],
    lambda a, b: (a, b),
    lambda a, b: {"a": a, "b": b},
    Pair,
    lambda a, b: {"x": [a, (b,)], "y": {}},
    lambda a, b: [[[a]], b, a],
    lambda a, b: OrderedDict(b=b, a=a),
    lambda a, b: [a],
    lambda a, b: [],
    lambda a, b: (a, {"z": (b, b)}),
]


def same(sources: Any, answer: Any, expected: dict[int, np.ndarray]) -> None:
    """Walk both nests together; every leaf of the answer belongs to the source at its place."""
    if isinstance(sources, dict):
        assert type(answer) is type(sources)
        assert list(answer) == list(sources)
        for key in sources:
            same(sources[key], answer[key], expected)
    elif isinstance(sources, (list, tuple)):
        assert type(answer) is type(sources)
        assert len(answer) == len(sources)
        for one, other in zip(sources, answer, strict=True):
            same(one, other, expected)
    else:
        assert isinstance(answer, tg.Tensor)
        np.testing.assert_array_equal(answer.data, expected[id(sources)])


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("build", STRUCTURES, ids=[str(k) for k in range(len(STRUCTURES))])
def test_the_answer_has_the_structure_of_the_sources(build: Any, create_graph: bool) -> None:
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    with tg.Tape() as tape:
        y = (a * a * b).sum()
    answer = tape.gradient(y, build(a, b), create_graph=create_graph)
    expected = {id(a): 2 * a.data * b.data, id(b): a.data**2}
    same(build(a, b), answer, expected)


def test_the_answer_for_a_defaultdict_is_a_dict() -> None:
    a = leaf(1.0)
    sources = defaultdict(list, {"a": a})
    assert tg.Tape().gradient((a * 2.0).sum(), sources)["a"].item() == 2.0


def test_a_module_answers_a_dict_by_parameter_name() -> None:
    layer = Layer()
    with tg.Tape() as tape:
        y = (layer.w * 2.0 + layer.b * 5.0).sum()
    answer = tape.gradient(y, layer)
    assert {name: list(g.data) for name, g in answer.items()} == {"w": [2, 2], "b": [5, 5]}


def test_sources_may_be_rows_and_leaves_together() -> None:
    x = leaf(3.0)
    with tg.Tape() as tape:
        h = x * x
        y = h * x
    g = tape.gradient(y, {"h": h, "x": x, "y": y})
    assert [g[name].item() for name in ("h", "x", "y")] == [3.0, 27.0, 1.0]


def test_unconnected_sources_raise_or_give_zeros() -> None:
    x, other = leaf(1.0, 2.0), tg.Tensor(np.ones((2, 1), np.float32), requires_grad=True)
    with tg.Tape() as tape:
        y = (x * x).sum()
    with pytest.raises(tg.errors.UnconnectedError):
        tape.gradient(y, [x, other])
    with pytest.raises(tg.errors.UnconnectedError):
        tape.gradient(y, [x, other], create_graph=True)
    for create_graph in (False, True):
        found = tape.gradient(y, [x, other], unconnected="zero", create_graph=create_graph)
        np.testing.assert_array_equal(found[0].data, 2 * x.data)
        np.testing.assert_array_equal(found[1].data, np.zeros((2, 1), np.float32), strict=True)
    with pytest.raises(ValueError, match="zeros"):
        tape.gradient(y, x, unconnected="zeros")


def test_a_target_without_any_gradient_gives_zeros_on_request_only() -> None:
    x = leaf(1.0)
    for target in (tg.Tensor(2.0) * 3.0, (x * 2.0).detach().sum(), tg.Tensor(1.0)):
        with pytest.raises(tg.errors.TinygradError):
            tg.Tape().gradient(target, x)
        assert tg.Tape().gradient(target, x, unconnected="zero").data == [0.0]


def test_output_gradient_weighs_the_elements() -> None:
    x, rng = leaf(1.0, 2.0, 3.0), np.random.default_rng(0)
    y = x * x
    for w in (rng.normal(size=3), [1, 2, 3], tg.Tensor([1.0, -1.0, 0.5]), np.ones(3, np.float32)):
        g = tg.Tape().gradient(y, x, output_gradient=w)
        np.testing.assert_allclose(g.data, 2 * x.data * np.asarray(w), rtol=1e-15)
    with pytest.raises(tg.errors.GradientError):
        tg.Tape().gradient(y, x)
    for wrong in (np.ones(2), np.ones((1, 3)), 1.0):
        with pytest.raises(tg.errors.TinygradError):
            tg.Tape().gradient(y, x, output_gradient=wrong)


def test_a_target_of_one_element_in_any_shape_needs_no_weight() -> None:
    x = leaf(3.0)
    for y in (x * x, (x * x).sum(), (x * x).reshape(1, 1, 1)):
        assert tg.Tape().gradient(y, x).data == [6.0]


def test_recorded_gradients_are_differentiable_and_plain_ones_are_not() -> None:
    x = leaf(2.0)
    y = (x * x * x).sum()
    plain = tg.Tape().gradient(y, x)
    assert not plain.requires_grad
    assert plain.is_leaf
    recorded = tg.Tape().gradient(y, x, create_graph=True)
    assert recorded.requires_grad
    with tg.no_grad():
        assert tg.Tape().gradient(y, x, create_graph=True).requires_grad


def test_gradient_does_not_touch_grad_of_anything() -> None:
    x, w = leaf(1.0), leaf(2.0)
    x.grad = np.array([7.0])
    tg.Tape().gradient((x * w).sum(), [x, w], create_graph=True)
    assert x.grad == [7.0]
    assert w.grad is None


def test_a_source_that_is_no_tensor_is_refused() -> None:
    x = leaf(1.0)
    for wrong in (x.data, 1.0, [x, None], "x"):
        with pytest.raises(tg.errors.TinygradError):
            tg.Tape().gradient((x * 2.0).sum(), wrong)


# ---------------------------------------------------------------------------- steps


def network(x: Any, w: Any) -> Any:
    h = tg.tanh(x * w)
    return (h * h + x + tg.concat([h, x])[:3] + h.mean()).sum()


@given(seed=st.integers(0, 2**32 - 1))
def test_contributions_of_the_steps_add_up_to_the_gradients(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, w = (
        tg.Tensor(rng.normal(size=3), requires_grad=True),
        tg.Tensor(rng.normal(), requires_grad=True),
    )
    with tg.Tape() as tape:
        y = network(x, w)
    total: dict[Any, Any] = {}
    for step in tape.step_back(y):
        arrived = total.get(step.row, np.ones(()))
        np.testing.assert_allclose(step.cotangent, arrived, rtol=1e-13)
        for part in step.contributions:
            assert step.row.inputs[part.position] is part.input
            assert part.value.shape == part.input.shape
            assert part.value.dtype == part.input.dtype
            total[part.input] = total.get(part.input, 0.0) + part.value
    for source in (x, w, *tape):
        if source is not y:
            g = tape.gradient(y, source).data
            np.testing.assert_allclose(total[source], g, rtol=1e-12, atol=64 * EPS)
            np.testing.assert_allclose(tape.adjoints(y)[source], g, rtol=1e-12, atol=64 * EPS)


def test_along_a_chain_the_gradient_is_the_product_of_the_local_slopes() -> None:
    x = tg.Tensor(0.3, requires_grad=True)
    with tg.Tape() as tape:
        y = tg.exp(tg.tanh(x * 2.0) + 1.0)
    product = 1.0
    for step in tape.step_back(y):
        (part,) = step.contributions
        product *= part.value / step.cotangent
    assert abs(product - tape.gradient(y, x).item()) <= 8 * EPS * abs(product)


def test_steps_come_last_row_first_each_once_and_can_be_stopped() -> None:
    x = leaf(1.0)
    with tg.Tape() as tape:
        a = x * 2.0
        y = (a * a + a).sum()
    walk = tape.step_back(y)
    assert next(walk).row is y
    assert next(walk).row.op.name == "add"
    del walk
    assert [step.row.op.name for step in tape.step_back(y)] == [
        "sum",
        "add",
        "multiply",
        "multiply",
    ]
    assert x.grad is None


def test_steps_start_from_an_output_gradient_and_refuse_the_unconnected() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3.0
    (step,) = tg.Tape().step_back(y, np.array([1.0, 10.0]))
    np.testing.assert_array_equal(step.contributions[0].value, [3.0, 30.0])
    with pytest.raises(tg.errors.GradientError):
        list(tg.Tape().step_back(y))
    with pytest.raises(tg.errors.TinygradError):
        list(tg.Tape().step_back(tg.Tensor(1.0)))


# ---------------------------------------------------------------------------- memory


def test_memory_counts_values_and_what_rules_keep() -> None:
    x = tg.Tensor(np.ones(1_000), requires_grad=True)
    with tg.Tape() as tape:
        a = tg.tanh(x)  # keeps its output
        b = a + 1.0  # keeps nothing
        c = b * a  # keeps both inputs
        c.sum()
    memory = tape.memory()
    assert memory["values"] == 3 * 8_000 + 8
    assert memory["keep"] == 2 * 8_000
    assert tg.Tape().memory() == {"values": 0, "keep": 0}


def test_memory_counts_what_a_forward_saved_for_its_rule() -> None:
    def with_square(x: Any, y: Any) -> Any:
        return x + y, np.square(x)

    def from_square(g: Any, out: Any, x: Any, y: Any, saved: Any) -> Any:
        return g * saved, g

    @tg.operation(with_square, rule=from_square, saves=True)
    def saving(x: Any, y: Any, /) -> Any: ...

    with tg.Tape() as tape:
        saving(leaf(1.0, 2.0, 3.0), leaf(1.0, 2.0, 3.0))
    assert tape.memory()["keep"] == 24


def test_memory_counts_numbers_once_that_two_rows_share() -> None:
    x = tg.Tensor(np.ones(1_000), requires_grad=True)
    with tg.Tape() as tape:
        y = x * 2.0
        y.reshape(10, 100).T  # noqa: B018 - views of y
    assert tape.memory()["values"] == 8_000


def test_a_tape_keeps_its_rows_alive_and_lets_go_of_them_with_itself() -> None:
    x = leaf(1.0, 2.0)
    gc.collect()
    gc.disable()
    try:
        with tg.Tape() as tape:
            h = tg.tanh(x * 2.0)
        rows = [weakref.ref(row) for row in tape]
        del h
        assert all(row() is not None for row in rows)
        assert tape.gradient(tape[1].sum(), x) is not None
        with tape:
            pass
        del tape
        assert all(row() is None for row in rows)
    finally:
        gc.enable()


def test_a_tape_left_by_an_exception_is_whole_and_lets_go() -> None:
    x, tape = leaf(1.0), tg.Tape()
    with pytest.raises(KeyError), tape:
        x * 2.0
        raise KeyError
    x * 3.0
    assert len(tape) == 1
    with tape:
        x * 4.0
    assert len(tape) == 2


def test_repr_and_truth_of_a_tape() -> None:
    x = leaf(1.0)
    with tg.Tape() as tape:
        x * 2.0
        x * 3.0
    assert "2" in repr(tape)
    assert list(tape) == tape.rows


def test_gradients_on_a_tape_are_the_same_bits_as_backward() -> None:
    rng = np.random.default_rng(5)
    x, w = (
        tg.Tensor(rng.normal(size=3), requires_grad=True),
        tg.Tensor(rng.normal(), requires_grad=True),
    )
    with tg.Tape() as tape:
        y = network(x, w)
    y.backward()
    for source, g in zip((x, w), tape.gradient(y, [x, w]), strict=True):
        assert source.grad.tobytes() == g.data.tobytes()
