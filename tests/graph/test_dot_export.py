"""DOT text: a small reader of the language finds the very graph that was recorded."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections import Counter
from graphlib import TopologicalSorter
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.graph import to_dot
from tinygrad_edu.graph.label import printable
from tinygrad_edu.mode import Block

pytestmark = pytest.mark.once  # what no version of Python changes

TOKEN = re.compile(r'\s*(?:(->|[{}\[\]=,;])|"((?:\\.|[^"\\])*)"|([A-Za-z_]\w*|-?[\d.]+))')


class Edge(NamedTuple):
    start: str
    end: str
    facts: dict[str, str]


class Drawn(NamedTuple):
    name: str
    nodes: dict[str, dict[str, str]]
    edges: list[Edge]

    def titled(self, title: str) -> list[str]:
        """The nodes whose label begins with this line."""
        return [n for n, facts in self.nodes.items() if lines_of(facts["label"])[0] == title]


def tokens(text: str) -> list[str]:
    found, end = [], 0
    text = text.rstrip()
    while end < len(text):
        match = TOKEN.match(text, end)
        assert match is not None, f"not DOT at {text[end : end + 40]!r}"
        sign, quoted, word = match.groups()
        found.append(sign or word or f'"{quoted}')
        end = match.end()
    return found


def parsed(text: str) -> Drawn:
    """Read the part of DOT that is used: statements end with the line, strings are quoted."""
    head, *body, last = text.rstrip().splitlines()
    digraph, name, brace = tokens(head)
    assert (digraph, brace, tokens(last)) == ("digraph", "{", ["}"])
    nodes: dict[str, dict[str, str]] = {}
    edges: list[Edge] = []
    for statement in body:
        words = tokens(statement)
        if words[0] in ("subgraph", "}"):  # a module is a frame around nodes
            assert words[2:3] == ["{"] * (words[0] == "subgraph")
            continue
        cut = words.index("[") if "[" in words else len(words)
        subject, listed = words[:cut], words[cut:]
        facts = {listed[k - 1]: listed[k + 1] for k, w in enumerate(listed) if w == "="}
        assert len(listed) == (4 * len(facts) + 1 if listed else 0)
        if "->" in subject:
            start, _, end = subject
            edges.append(Edge(start, end, facts))
        elif subject[0] not in ("rankdir", "bgcolor", "node", "edge"):
            (node,) = subject
            assert node not in nodes
            nodes[node] = facts
    assert {end for edge in edges for end in edge[:2]} <= nodes.keys()
    return Drawn(name[1:], nodes, edges)


def lines_of(label: str) -> list[str]:
    """What Graphviz draws for a quoted label: escapes and entities resolved."""
    lines = label[1:].replace("\\\\", "\0").split("\\n")
    return [html.unescape(line.replace('\\"', '"')).replace("\0", "\\") for line in lines]


def drawing(*targets: Any, **options: Any) -> Drawn:
    return parsed(to_dot(targets[0] if len(targets) == 1 else targets, **options))


def test_same_operand_twice_gives_two_edges_with_their_positions() -> None:
    x = tg.Parameter(3.0, name="x")
    drawn = drawing(x * x)
    (leaf,), (product,) = drawn.titled("x"), drawn.titled("multiply")
    assert [(e.start, e.end, e.facts["label"]) for e in drawn.edges] == [
        (leaf, product, '"0'),
        (leaf, product, '"1'),
    ]


def test_order_of_arguments_is_kept() -> None:
    a, b = tg.Parameter(3.0, name="a"), tg.Parameter(2.0, name="b")
    early = a * 1.0
    drawn = drawing(b - early)
    positions = {e.start: e.facts.get("label") for e in drawn.edges if e.end == "op1"}
    assert positions == {drawn.titled("b")[0]: '"0', "op0": '"1'}


def test_diamond_is_drawn_once() -> None:
    x = tg.Parameter([1.0, 2.0], name="x")
    y = tg.exp(x)
    drawn = drawing(y * tg.log(y) + y)
    assert len(drawn.nodes) == 1 + 4
    assert Counter(e.start for e in drawn.edges) == {"leaf0": 1, "op0": 3, "op1": 1, "op2": 1}
    assert len(drawn.titled("y = exp")) == 1


def test_labels_tell_operation_shape_value_and_module() -> None:
    w = tg.Parameter(np.ones((2, 3)), name="w")
    with tg.Tape(), Block(path="encoder.0"):
        y = tg.tanh(w)
        y.name = "hidden"
        loss = tg.sum(y)
    drawn = drawing(loss)
    labels = [lines_of(facts["label"]) for facts in drawn.nodes.values()]
    assert labels == [["hidden = tanh", "(2, 3)"], ["w", "(2, 3)"], ["loss = sum", "4.57"]]
    text = to_dot(loss)
    assert text.index('label="0"') < text.index('label="hidden = tanh')


def test_a_module_of_one_operation_is_a_line_of_its_label() -> None:
    w = tg.Parameter(np.ones((2, 3)), name="w")
    with tg.Tape():
        with Block(path="net.0"):
            y = tg.tanh(w)
        out = tg.sum(y)
    drawn = drawing(out)
    assert lines_of(drawn.nodes["op0"]["label"]) == ["y = tanh", "(2, 3)", "net.0"]


def test_kinds_of_leaves_differ_and_constants_carry_no_gradient() -> None:
    w, x = tg.Parameter([1.0, 2.0]), tg.Tensor([3.0, 4.0])
    drawn = drawing(w * x * np.array([5.0, 6.0]) * 0.5)
    leaves = {lines_of(f["label"])[0]: f for n, f in drawn.nodes.items() if n.startswith("leaf")}
    leaves = {name: leaves[name] for name in ("w", "x", "constant", "0.5")}
    styles = [tuple(sorted((k, v) for k, v in f.items() if k != "label")) for f in leaves.values()]
    assert len(set(styles)) == 3
    assert styles[2] == styles[3]
    dashed = [e.start for e in drawn.edges if e.facts.get("style") == "dashed"]
    assert sorted(dashed) == ["leaf1", "leaf2", "leaf3"]


def test_a_leaf_read_often_is_one_node_and_a_constant_one_for_each_reader() -> None:
    w = tg.Parameter(2.0, name="w")
    drawn = drawing(w * 3.0 + w * 3.0)
    assert len(drawn.titled("w")) == 1
    assert len(drawn.titled("3")) == 2


def test_several_targets_are_marked_and_share_their_graph() -> None:
    w = tg.Parameter(2.0, name="w")
    h = tg.exp(w)
    for drawn in (drawing(h * 2.0, h + 1.0), parsed(to_dot({"a": h * 2.0, "b": [h + 1.0]}))):
        bold = [n for n, facts in drawn.nodes.items() if "bold" in facts["style"]]
        assert bold == ["op1", "op2"]
        assert len(drawn.titled("h = exp")) == 1


def test_target_that_is_a_leaf_is_drawn_alone() -> None:
    w = tg.Parameter([1.0, 2.0], name="w")
    drawn = drawing(w, w)
    assert [lines_of(facts["label"]) for facts in drawn.nodes.values()] == [["w", "(2,)"]]
    assert drawn.edges == []


def test_graph_can_be_drawn_after_backward() -> None:
    w = tg.Parameter([1.0, 2.0])
    loss = tg.sum(w * w)
    before = to_dot(loss)
    loss.backward()
    assert to_dot(loss) == before


def program(seed: int, length: int) -> tg.Tensor:
    """A random computation: every value may be read again, equal operands included."""
    rng = np.random.default_rng(seed)
    values = [tg.Parameter(float(k + 1), name=f"p{k}") for k in range(3)]
    for _ in range(length):
        i, j = rng.integers(len(values), size=2)
        values.append(values[i] * values[j] if rng.random() < 0.5 else tg.tanh(values[i]) + 0.5)
    return sum(values[3:], start=tg.Tensor(0.0))  # type: ignore[return-value]


def test_same_program_gives_the_same_bytes() -> None:
    assert to_dot(program(1, 30)) == to_dot(program(1, 30))


@given(seed=st.integers(0, 2**32 - 1), length=st.integers(1, 12))
def test_drawn_graph_is_the_recorded_one(seed: int, length: int) -> None:
    target = program(seed, length)
    drawn = drawing(target)
    # The oracle walks the record recursively, one path at a time.
    edges: set[tuple[int, int]] = set()

    def walk(row: tg.Tensor) -> None:
        for k, x in enumerate(row.inputs):
            if (row.index, k) not in edges:
                edges.add((row.index, k))
                walk(x)

    walk(target)
    assert len(drawn.edges) == len(edges)
    operations = [n for n in drawn.nodes if n.startswith("op")]
    assert len(operations) == len({index for index, _ in edges})
    assert drawn.nodes[operations[-1]]["style"] == '"rounded,filled,bold'


@given(seed=st.integers(0, 2**32 - 1), length=st.integers(1, 30), max_nodes=st.integers(2, 40))
def test_elided_graph_is_honest_connected_and_without_cycles(
    seed: int, length: int, max_nodes: int
) -> None:
    target = program(seed, length)
    total = sum(n.startswith("op") for n in drawing(target, max_nodes=10**6).nodes)
    drawn = drawing(target, max_nodes=max_nodes)
    shown = sum(n.startswith("op") for n in drawn.nodes)
    folded = [lines_of(f["label"])[-1] for n, f in drawn.nodes.items() if n.startswith("group")]
    assert shown <= max_nodes
    assert bool(folded) == (total > max_nodes)
    assert {line.split(" of ")[1] for line in folded} <= {f"{total} operations"}
    assert shown + sum(int(line.split(" of ")[0]) for line in folded) == total
    before: dict[str, set[str]] = {node: set() for node in drawn.nodes}
    for start, end, _ in drawn.edges:
        before[end].add(start)
    order = list(TopologicalSorter(before).static_order())  # raises at a cycle
    reached = {next(n for n in order[::-1] if "bold" in drawn.nodes[n]["style"])}
    for node in order[::-1]:
        if node in reached:
            reached |= before[node]
    assert reached == set(drawn.nodes)


def test_a_chain_of_twenty_thousand_is_drawn_without_recursion() -> None:
    x = tg.Parameter(1.0, name="x")
    for _ in range(20_000):
        x = tg.tanh(x)
    text = to_dot(x)
    assert "19998 of 20000 operations" in text
    assert "19998 × the same" in text
    assert len(text) < 30_000


HOSTILE = [
    'say "hi"',
    "back\\slash\\",
    "\\N\\G",
    "<b>bold</b>",
    "&lt;&amp;",
    "a\nb",
    "x\0\ud800",
    "}]",
]


@given(name=st.text(min_size=1), path=st.text(), title=st.text())
@example(name='"];x->y["', path="\\", title="\\")
@example(name="\\", path='"', title='"')
def test_any_name_is_drawn_as_it_is_written(name: str, path: str, title: str) -> None:
    w = tg.Parameter([1.0, 2.0], name=name)
    with tg.Tape(), Block(path=path):
        y = tg.exp(w)
    text = to_dot(y, name=title)
    text.encode()
    drawn = parsed(text)
    op, leaf = (lines_of(facts["label"]) for facts in drawn.nodes.values())
    assert leaf == [printable(name), "(2,)"]
    assert op == ["y = exp", "(2,)", *([printable(path)] if path else [])]


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("name", HOSTILE)
def test_graphviz_reads_every_name(name: str) -> None:
    w = tg.Parameter([1.0, 2.0], name=name)
    answer = subprocess.run(
        ["dot", "-Tcanon"],
        input=to_dot(tg.sum(w * w), name=name).encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (0, b"")


@pytest.mark.parametrize("target", [[], {}, None, 3.0, [np.ones(2)], "loss"])
def test_what_is_no_tensor_cannot_be_drawn(target: Any) -> None:
    with pytest.raises(ArgumentError, match="leads to a Tensor"):
        to_dot(target)


def test_at_least_two_operations_must_be_drawn() -> None:
    with pytest.raises(ArgumentError, match="nothing to draw"):
        to_dot(tg.Parameter(1.0) * 2.0, max_nodes=1)
