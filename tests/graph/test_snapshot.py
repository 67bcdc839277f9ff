"""The snapshot is the recorded graph: every reading, every number, and nothing is disturbed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.autodiff import Tensor
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.graph import adjoints as sweep_of_pictures
from tinygrad_edu.graph.snapshot import Node, Snapshot, snapshot
from tinygrad_edu.testing.programs import programs


def named(seen: Snapshot, name: str) -> Node:
    (node,) = [node for node in seen.nodes.values() if name in (node.name, node.op)]
    return node


def kinds(seen: Snapshot) -> dict[str, str]:
    return {n.name or n.op: n.kind for n in seen.nodes.values() if not n.is_row}


@settings(max_examples=50)
@given(program=programs(max_rows=8))
def test_every_reading_of_a_program_is_an_edge_with_its_position(program: Any) -> None:
    leaves = [tg.Parameter(leaf, name=f"x{k}") for k, leaf in enumerate(program.leaves)]
    target = program(*leaves)
    seen = snapshot(target)
    # The oracle walks the record and counts readings by the operations at both ends.
    expected: Counter[Any] = Counter()
    rows: set[Tensor] = set()
    waiting = [target]
    while waiting:
        row = waiting.pop()
        if row.op is not None and row not in rows:
            rows.add(row)
            waiting += row.inputs
            for k, x in enumerate(row.inputs):
                expected[row.op.name, k, None if x.op is None else x.op.name] += 1
    found = Counter(
        (seen.nodes[e.target].op, e.position, seen.nodes[e.source].op or None) for e in seen.edges
    )
    assert found == expected
    order = list(seen.nodes)
    assert all(order.index(e.source) < order.index(e.target) for e in seen.edges)


@settings(max_examples=50)
@given(program=programs(max_rows=8), seed=st.integers(0, 2**32 - 1))
def test_adjoints_are_the_gradients_and_grad_stays_as_it_was(program: Any, seed: int) -> None:
    leaves = [tg.Parameter(leaf, name=f"x{k}") for k, leaf in enumerate(program.leaves)]
    with tg.Tape() as tape:
        target = program(*leaves)
    weights = np.random.default_rng(seed).normal(size=target.shape)
    before = [object() if leaf.grad is None else leaf.grad for leaf in leaves]
    seen = snapshot(target, output_gradient=weights)
    assert all(leaf.grad is None for leaf in leaves), before
    expected = tape.adjoints(target, weights)
    for k, leaf in enumerate(leaves):
        if leaf in expected:
            np.testing.assert_array_equal(named(seen, f"x{k}").adjoint, expected[leaf])
    rows = [node for node in seen.nodes.values() if node.is_row]
    in_order = sorted([row for row in tape if row in expected], key=lambda row: row.index)
    for node, row in zip([n for n in rows if n.adjoint is not None], in_order, strict=True):
        np.testing.assert_array_equal(node.adjoint, expected[row])
    for node in seen.nodes.values():
        sent = [e.gradient for e in seen.edges if e.source == node.id and e.gradient is not None]
        if sent and not node.root:
            np.testing.assert_allclose(sum(sent), node.adjoint, rtol=1e-9, atol=1e-9)  # type: ignore[arg-type]


def test_same_program_gives_the_same_snapshot() -> None:
    def seen() -> list[Any]:
        w, x = tg.Parameter([1.0, 2.0], name="w"), tg.Tensor([3.0, 4.0])
        graph = snapshot(((w * x + 1.0) ** 2).sum() + (w * 1.0).sum())
        return [
            (n.id, n.kind, n.op, n.name, [e[:4] for e in n.inputs]) for n in graph.nodes.values()
        ]

    assert seen() == seen()


def test_leaves_have_the_kind_of_their_part() -> None:
    inputs, labels = np.ones((2, 2)), tg.Tensor([[1.0], [0.0]])
    w, mean = tg.Parameter([[1.0], [2.0]]), nn.Buffer([0.5])
    cut = (w * 2.0).detach()
    seen = snapshot(((inputs @ w - labels - mean) * 0.5 * cut).mean())
    assert kinds(seen) == {
        "inputs": "input",
        "w": "parameter",
        "labels": "target",
        "mean": "buffer",
        "": "constant",
        "cut": "detached",
    }
    assert named(seen, "cut").op == "detach"
    assert seen.nodes[seen.roots[0]].kind == "loss"


def test_what_no_grad_and_rounding_cut_off_is_detached() -> None:
    w = tg.Parameter([1.5, 2.5])
    with tg.no_grad():
        frozen = w * 2.0
    whole = tg.argmax(w)
    seen = snapshot((w * frozen + whole).sum())
    assert kinds(seen) == {"w": "parameter", "frozen": "detached", "whole": "detached"}


def test_names_come_from_the_name_then_the_model_then_the_variable() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    data = np.ones((4, 2), np.float32)
    scale, plain = tg.Parameter([1.0], name="given"), tg.Parameter([1.0])
    with tg.Tape():
        out = (model(data) * scale * plain).sum()
    seen = snapshot(out)
    leaves = [n.name for n in seen.nodes.values() if not n.is_row]
    assert leaves == ["data", "0.weight", "0.bias", "given", "plain"]
    assert seen.nodes[seen.roots[0]].name == "out"
    assert named(snapshot(out, names={"mine": scale}), "mine").kind == "parameter"
    assert seen.classes["Sequential.0"] == "Linear"
    assert named(seen, "linear").module == "Sequential.0"


def test_a_constant_number_is_a_node_for_each_reader() -> None:
    w = tg.Parameter(2.0)
    seen = snapshot(w * 3.0 + w * 3.0)
    assert [n.kind for n in seen.nodes.values()].count("constant") == 2


def test_an_array_read_twice_is_one_node() -> None:
    w, data = tg.Parameter([2.0, 1.0]), np.array([1.0, 2.0])
    seen = snapshot((w * data + w / data).sum())
    assert len([e for e in seen.edges if e.source == named(seen, "data").id]) == 2


def test_a_leaf_keeps_the_numbers_of_its_moment() -> None:
    w = tg.Parameter([2.0])
    seen = snapshot(w.sum())
    w.data += 1.0
    assert named(seen, "w").value == [2.0]


def test_a_tape_is_drawn_to_its_ends_with_the_gradient_asked_for() -> None:
    w = tg.Parameter([1.0, 2.0])
    with tg.Tape() as tape:
        y = w * w
        total = y.sum()
        tg.exp(total)
    assert [seen.id for seen in map(snapshot(tape).nodes.get, ["op2"]) if seen] == ["op2"]
    tape.gradient(y, w, output_gradient=[1.0, 0.5])
    np.testing.assert_array_equal(named(snapshot(tape), "w").adjoint, [2.0, 2.0])


def test_gradients_of_several_results_are_those_of_their_sum() -> None:
    w = tg.Parameter(3.0)
    seen = snapshot([w * w, w * 2.0])
    assert (float(named(seen, "w").adjoint), seen.remark) == (
        8.0,
        "gradients of the sum of 2 results",
    )  # type: ignore[arg-type]
    assert len(seen.roots) == 2


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (lambda w: w * 1.0, "2 numbers"),
        (lambda w: w.detach(), "nothing here requires one"),
    ],
)
def test_a_graph_without_gradients_says_why(target: Any, said: str) -> None:
    seen = snapshot(target(tg.Parameter([1.0, 2.0])))
    assert said in seen.remark
    assert not seen.differentiated


def test_parameters_changed_since_are_said_and_do_not_fail() -> None:
    w = tg.Parameter([1.0, 2.0])
    loss = (w * w).sum()
    w.data -= 0.1
    assert "changed since" in snapshot(loss).remark


def test_a_broken_rule_is_said_and_does_not_fail() -> None:
    @tg.operation(rule=lambda g, out, x: g * undefined)  # type: ignore[name-defined]  # noqa: F821
    def broken(x: Any) -> Any:
        return x * 1.0

    assert "NameError" in snapshot(broken(tg.Parameter(1.0))).remark


def test_the_gradient_of_a_gradient_has_a_graph() -> None:
    w = tg.Parameter(2.0)
    with tg.Tape() as tape:
        loss = w**3
        slope = tape.gradient(loss, w, create_graph=True)
    seen = snapshot(slope)
    assert float(named(seen, "w").adjoint) == pytest.approx(12.0)  # type: ignore[arg-type]


def test_the_graph_is_the_same_before_and_after_backward() -> None:
    w = tg.Parameter([1.0, 2.0])
    loss = (w * w).sum()
    before = snapshot(loss)
    loss.backward()
    after = snapshot(loss)
    assert list(before.nodes) == list(after.nodes)
    np.testing.assert_array_equal(w.grad, [2.0, 4.0])  # type: ignore[arg-type]


def test_backward_keeps_what_the_tape_says() -> None:
    w = tg.Parameter(np.ones(4))
    with tg.Tape() as tape:
        loss = (tg.exp(w) * w).sum()
    seen = snapshot(loss)
    assert seen.saved == tape.memory()["keep"] == 64
    assert [(k.name, k.bytes) for k in named(seen, "exp").keeps] == [("out", 32)]


@pytest.mark.parametrize("length", [10, 1000])
def test_each_rule_is_asked_once(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Counter[Any]()
    real = sweep_of_pictures.contributions

    def counted(row: Any, g: Any, live: Any) -> Any:
        asked[row] += 1
        return real(row, g, live)

    monkeypatch.setattr(sweep_of_pictures, "contributions", counted)
    x = tg.Parameter(1.0)
    for _ in range(length):
        x = x + x
    snapshot(x)
    assert set(asked.values()) == {1}
    assert len(asked) == length


@pytest.mark.once
def test_a_chain_of_ten_thousand_is_seen_without_recursion() -> None:
    x = tg.Parameter(1.0)
    for _ in range(10_000):
        x = tg.tanh(x)
    assert len(snapshot(x).nodes) == 10_001


@pytest.mark.parametrize("target", [[], {}, None, 3.0, [np.ones(2)], "loss", tg.Tape()])
def test_what_is_no_graph_is_refused(target: Any) -> None:
    with pytest.raises(ArgumentError):
        snapshot(target)


def test_labels_of_a_loss_are_its_target() -> None:
    w, features = tg.Parameter(np.ones((2, 3))), np.ones((4, 2))
    answers = np.array([0, 1, 2, 0])
    loss = nn.functional.cross_entropy(features @ w, answers)
    assert list(kinds(snapshot(loss)).values()) == ["input", "parameter", "target"]
