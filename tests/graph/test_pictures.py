"""Pictures: whole, well formed, the same each time, and true to what was recorded."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.graph import Graph, draw
from tinygrad_edu.graph.flags import line_width, rms
from tinygrad_edu.graph.layout_layers import arrange, settled
from tinygrad_edu.graph.snapshot import snapshot
from tinygrad_edu.graph.svg import Picture
from tinygrad_edu.mode import Block
from tinygrad_edu.testing.programs import programs

pytestmark = pytest.mark.once  # what no version of Python changes

SVG = "{http://www.w3.org/2000/svg}"


def parsed(graph: Graph) -> ET.Element:
    return ET.fromstring(graph.svg.encode())


def words(graph: Graph) -> list[str]:
    return [text.text or "" for text in parsed(graph).iter(f"{SVG}text")]


def edges(graph: Graph) -> list[str]:
    return [
        p.attrib["data-edge"] for p in parsed(graph).iter(f"{SVG}path") if "data-edge" in p.attrib
    ]


def boxes(graph: Graph, kind: str) -> list[str]:
    groups = parsed(graph).iter(f"{SVG}g")
    return [g.attrib["data-id"] for g in groups if g.attrib.get("class") == f"node {kind}"]


class Cell(nn.Module):
    def __init__(self) -> None:
        self.weight = nn.Parameter(np.full((2, 2), 0.5))

    def forward(self, x: Any) -> Any:
        return tg.tanh(x @ self.weight) + 1.0


class Repeated(nn.Module):
    """Calls one module again and again, with work of its own between."""

    def __init__(self, times: int) -> None:
        self.cell, self.times = Cell(), times

    def forward(self, x: Any) -> Any:
        for _ in range(self.times):
            x = tg.sigmoid(self.cell(x)) * 2.0
        return x


def repeated(times: int) -> Any:
    model, x = Repeated(times), tg.Tensor(np.ones((1, 2)))
    with tg.Tape():
        return model(x).sum()


@settings(max_examples=60)
@given(program=programs(max_rows=10), right=st.booleans(), grads=st.sampled_from([True, "blank"]))
def test_every_program_is_drawn_with_each_of_its_readings(
    program: Any, right: bool, grads: bool | str
) -> None:
    leaves = [tg.Parameter(leaf, name=f"x{k}") for k, leaf in enumerate(program.leaves)]
    target = program(*leaves)
    graph = draw(target, direction="right" if right else "down", grads=grads)
    drawn = Counter((key.split(":")[1], int(key.split(":")[2])) for key in edges(graph))
    assert drawn == Counter((edge.target, edge.position) for edge in graph.seen.edges)
    again = draw(target, direction="right" if right else "down", grads=grads)
    assert (graph.svg, graph.dot, graph.summary()) == (again.svg, again.dot, again.summary())


HOSTILE = [
    "<b>",
    "&amp;",
    '"',
    "'",
    "]]>",
    "\x00\x1b",
    "\ud800",
    "\u202e",
    "</svg>",
    "a\nb",
    "．" * 99,
]


@given(name=st.text(), path=st.text(), title=st.text())
@example(name='"/><script>', path="a.b.c", title="\x00")
@example(name="\ud800", path="..", title="\udfff")
@example(name="x", path=".".join("a" * 300), title="")
def test_any_name_gives_well_formed_xml_and_injects_nothing(
    name: str, path: str, title: str
) -> None:
    w = tg.Parameter([1.0, 2.0], name=name)
    with tg.Tape(), Block(path=path):
        out = tg.sum(tg.exp(w))
    root = parsed(draw(out, title=title))
    known = {"svg", "title", "g", "rect", "path", "text", "circle", "polygon"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= known


def canonical(dots: list[str]) -> None:
    """Let Graphviz read several graphs at once."""
    command = ["dot", "-Tcanon"]
    text = "".join(dots).encode()
    answer = subprocess.run(command, input=text, capture_output=True, timeout=60, check=False)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert answer.stdout.count(b"digraph ") >= len(dots)


def check_picture(program: Any, names: list[str], path: str, title: str, right: bool) -> list[str]:
    """Any program, whatever its parts are called: whole, the same twice, true to the record."""
    leaves = [
        tg.Parameter(leaf, name=names[k % len(names)]) for k, leaf in enumerate(program.leaves)
    ]
    with tg.Tape(), Block(path=path):
        target = program(*leaves)

    def drawn() -> Graph:
        return draw(target, title=title, direction="right" if right else "down", depth=99)

    graph, again = drawn(), drawn()
    assert (graph.svg, graph.dot, graph.summary()) == (again.svg, again.dot, again.summary())
    known = {"svg", "title", "g", "rect", "path", "text", "circle", "polygon"}
    assert {element.tag.removeprefix(SVG) for element in parsed(graph).iter()} <= known
    lines = Counter((key.split(":")[1], int(key.split(":")[2])) for key in edges(graph))
    assert lines == Counter((edge.target, edge.position) for edge in graph.seen.edges)
    assert graph.dot.count(" -> ") >= sum(lines.values())
    return [graph.dot]


NAMED = {
    "names": st.lists(st.text(), min_size=1, max_size=4),
    "path": st.text(),
    "title": st.text(),
    "right": st.booleans(),
}


@settings(max_examples=40)
@given(program=programs(max_rows=8), **NAMED)
def test_any_program_with_any_names_is_whole_and_true_to_its_record(
    program: Any, names: list[str], path: str, title: str, right: bool
) -> None:
    check_picture(program, names, path, title, right)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@settings(max_examples=20)
@given(program=programs(max_rows=8), **NAMED)
def test_graphviz_accepts_any_program_with_any_names(
    program: Any, names: list[str], path: str, title: str, right: bool
) -> None:
    canonical(check_picture(program, names, path, title, right))


@pytest.mark.thorough
@settings(max_examples=2000)
@given(program=programs(max_rows=12), **NAMED)
def test_thousands_of_pictures_are_whole_and_true(
    program: Any, names: list[str], path: str, title: str, right: bool
) -> None:
    found = check_picture(program, names, path, title, right)
    if shutil.which("dot") is not None:
        canonical(found)


def test_names_stand_in_the_picture() -> None:
    w = tg.Parameter([1.0, 2.0], name="a<b>&c")
    assert "a<b>&c" in words(draw((w * 2.0).sum()))


def test_same_operand_twice_is_two_lines() -> None:
    x = tg.Parameter(3.0, name="x")
    h = tg.tanh(x)
    assert sorted(edges(draw(x * x))) == ["leaf0:op0:0", "leaf0:op0:1"]
    graph = draw(h * h)
    assert sorted(edges(graph)) == ["leaf0:op0:0", "op0:op1:0", "op0:op1:1"]
    ends = [line[-1] for line in Picture(graph.scene, graph.look).layout.lines]
    assert len(set(ends)) == 2


def test_order_of_arguments_is_from_left_to_right() -> None:
    x = tg.Parameter(3.0, name="x")
    a, b = tg.exp(x), tg.tanh(x)
    graph = draw(b - a)
    places = Picture(graph.scene, graph.look).layout
    ends = {
        reading.edges[0].position: line[-1][0]
        for reading, line in zip(graph.scene.readings, places.lines, strict=True)
    }
    assert ends[0] < ends[1]


@pytest.mark.parametrize("direction", ["down", "right"])
@settings(max_examples=40)
@given(program=programs(max_rows=12), times=st.integers(1, 4))
def test_boxes_do_not_overlap_and_lines_go_forward(
    program: Any, times: int, direction: str
) -> None:
    leaves = [tg.Parameter(leaf) for leaf in program.leaves]
    for target in (program(*leaves), repeated(times)):
        graph = draw(target, direction=direction, grads=False, depth=9)
        picture = Picture(graph.scene, graph.look)
        places = list(picture.layout.boxes.values())
        for k, a in enumerate(places):
            for b in places[:k]:
                apart = (a.x + a.width <= b.x, b.x + b.width <= a.x)
                assert any((*apart, a.y + a.height <= b.y, b.y + b.height <= a.y))
        axis = 0 if direction == "right" else 1
        for line in picture.layout.lines:
            along = [point[axis] for point in line]
            assert along == sorted(along)


def test_modules_are_frames_around_their_boxes() -> None:
    graph = draw(repeated(2), depth=9)
    layout = Picture(graph.scene, graph.look).layout
    titles = {group.title: frame for group, frame in layout.modules.items()}
    assert list(titles) == ["Repeated", "cell", "cell #2"]
    for item in graph.scene.items.values():
        if item.home in layout.modules:
            outer, inner = layout.modules[item.home], layout.boxes[item.key]
            assert outer.x < inner.x
            assert inner.x + inner.width < outer.x + outer.width
            assert outer.y < inner.y
            assert inner.y + inner.height < outer.y + outer.height


def test_a_module_called_again_is_no_cycle_even_without_a_call_number() -> None:
    w = tg.Parameter(1.0)
    with tg.Tape():
        with Block(path="A"):
            x = tg.tanh(w) * 2.0
        with Block(path="B"):
            x = tg.exp(x) + 1.0
        with Block(path="A"):
            x = tg.tanh(x) * 2.0
    for depth in (0, 1):
        graph = draw(x, depth=depth)
        assert graph.svg
    assert len(boxes(draw(x, depth=0), "module")) == 3


def test_large_graphs_close_modules_and_say_so() -> None:
    graph = draw(repeated(60))
    assert len(boxes(graph, "op")) + len(boxes(graph, "module")) <= 150
    assert graph.notes[0] in words(graph)
    said = "290 of 301 operations are folded into 1 box (depth=2); max_nodes=301 opens more"
    assert said in graph.notes
    closed = draw(repeated(60), depth=1, max_nodes=20).notes
    assert closed == ["296 of 301 operations are folded into 3 boxes (depth=1); depth=2 opens more"]
    assert not draw(repeated(60), depth=2, max_nodes=999).notes


def test_long_chains_fold_what_repeats_and_keep_both_ends() -> None:
    x = w = tg.Parameter(1.0)
    for _ in range(1000):
        x = tg.tanh(x * 1.5 + 0.1)
    graph = draw(x)
    assert "998 × the same" in words(graph)
    assert len(graph.scene.items) == 7
    assert draw(w * 1.0 + x).notes[0].startswith("2,994 of 3,002")


def test_what_does_not_repeat_is_folded_in_the_middle() -> None:
    rng = np.random.default_rng(0)
    x = tg.Parameter(np.ones(2))
    for _ in range(600):
        x = (tg.tanh, tg.sin, tg.cos, tg.sigmoid, tg.negative)[rng.integers(5)](x)
    graph = draw(x)
    assert len(graph.scene.items) <= 152
    assert next(iter(graph.scene.items)) == "op0"
    assert list(graph.scene.items)[-1] == "op599"


def test_asked_modules_are_open() -> None:
    graph = draw(repeated(3), depth=1, open=["Repeated.cell#2"])
    assert [group.title for group in graph.scene.opened[1:]] == ["Repeated", "cell #2"]


def test_weights_read_again_are_ghosts() -> None:
    graph = draw(repeated(3), depth=9)
    tags = [tag for item in graph.scene.items.values() for tag in item.tags]
    weights = [tag.ghost for tag in tags if tag.nodes[0].kind == "parameter"]
    assert weights == [False, True, True]
    assert "the same again" in words(graph)


def test_a_transposed_weight_is_a_bead_on_its_line() -> None:
    w, x = tg.Parameter(np.ones((3, 2)), name="w"), tg.Tensor(np.ones((4, 2)))
    graph = draw((x @ w.T).sum())
    (tag,) = graph.scene.items["op1"].tags
    assert [node.op or node.name for node in tag.nodes] == ["w", "permute_dims"]
    assert len(edges(graph)) == 4


def test_the_operation_that_ends_the_gradient_is_named_and_no_other() -> None:
    w, b = tg.Parameter(np.ones((2, 3)), name="w"), tg.Parameter(np.full(3, -9.0), name="b")
    x = tg.Tensor(np.ones((4, 2)))
    dead = draw((tg.relu(x @ w + b) + 1.0).sum())
    assert words(dead).count("blocked") == 1
    steep = draw((tg.tanh(x @ w * 20.0) - 0.5).sum())
    assert words(steep).count("blocked") + words(steep).count("vanishing") == 1
    exploding = draw(tg.exp(w * 9.0 + b * 0.0).sum())
    assert words(exploding).count("exploding") == 1
    assert "vanishing" not in words(draw((x @ w).mean()))


def test_worksheets_have_gaps_in_place_of_gradients() -> None:
    w = tg.Parameter(3.0, name="w")
    sheet, solution = draw(w * w, grads="blank"), draw(w * w)
    gaps = [g for g in parsed(sheet).iter(f"{SVG}g") if g.attrib.get("class") == "gap"]
    chips = [g for g in parsed(solution).iter(f"{SVG}g") if g.attrib.get("class") == "chip"]
    assert len(gaps) == len(chips) == 2
    assert "6" in words(solution)
    assert "6" not in words(sheet)


def test_before_any_backward_a_picture_says_why_it_has_no_gradients() -> None:
    w = tg.Parameter([1.0, 2.0], name="w")
    graph = draw(w * 2.0)
    assert "no gradients: the result has 2 numbers, so say how to weigh them" in graph.notes[0]
    assert "0" not in words(graph)
    assert draw(w * 2.0, output_gradient=[1.0, 1.0]).notes == []
    assert draw(w * 2.0, grads=False).notes == []


def test_the_gradient_of_a_gradient_is_drawn() -> None:
    w = tg.Parameter(2.0, name="w")
    with tg.Tape() as tape:
        slope = tape.gradient(tg.tanh(w * w), w, create_graph=True)
    graph = draw(slope)
    assert "slope = add" in words(graph)
    tags = [tag for item in graph.scene.items.values() for tag in item.tags]
    assert any(tag.ghost for tag in tags if tag.nodes[0].name == "w")


def test_both_themes_write_every_colour_out() -> None:
    w = tg.Parameter([1.0, 2.0], name="w")
    for theme in ("light", "dark"):
        text = draw((w * w).sum(), theme=theme).svg
        assert "var(" not in text
        assert "<style" not in text
        assert all(len(c) in (4, 7) for c in re.findall(r'(?:fill|stroke)="(#[^"]*)"', text))


def test_legend_names_what_is_there_and_nothing_else() -> None:
    w = tg.Parameter(1.0, name="w")
    (legend,) = [
        g for g in parsed(draw(w * w, grads=False)).iter(f"{SVG}g") if g.get("class") == "legend"
    ]
    assert [t.text for t in legend.iter(f"{SVG}text")] == ["parameter", "loss"]


def test_a_leaf_and_several_results_can_be_drawn() -> None:
    w = tg.Parameter(1.0, name="w")
    assert "w" in words(draw(w))
    assert boxes(draw([w * 2.0, w * 3.0, w]), "loss") == ["op0", "op1"]


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e308, 0.0, 5e-324])
def test_any_number_is_drawn(value: float) -> None:
    w = tg.Parameter(np.array([value, 1.0]))
    with np.errstate(all="ignore"):
        assert parsed(draw((w * w).sum())) is not None


def test_empty_integer_and_truth_values_are_drawn() -> None:
    w = tg.Parameter(np.zeros((0, 3)))
    assert "empty" in words(draw(tg.sum(tg.exp(w))))
    w = tg.Parameter([1.0, 2.0])
    assert parsed(draw(tg.where(w > 1.0, w, 0.0)[np.array([0, 1])].sum())) is not None


def calls(work: Callable[[], Any]) -> int:
    """How many functions are called, those of C included."""
    count = 0

    def counted(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    arrange.cache_clear()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def chained(length: int) -> Any:
    x = tg.Parameter(np.ones(3))
    for _ in range(length):
        x = tg.tanh(x) * 2.0
    return x.sum()


def branched(length: int) -> Any:
    x = tg.Parameter(np.ones(3))
    for _ in range(length):
        x = x + tg.tanh(x * tg.Parameter(np.ones(3)))
    return x.sum()


@pytest.mark.parametrize("program", [chained, branched, repeated])
@pytest.mark.parametrize("max_nodes", [150, 10**6])
def test_the_work_of_a_picture_grows_with_the_rows_and_no_faster(
    program: Callable[[int], Any], max_nodes: int
) -> None:
    few, many = (program(length) for length in (50, 200))
    for work in (snapshot, lambda x: draw(x, max_nodes=max_nodes).svg):
        work(few)  # what is remembered from then on
        # In proportion it would be 4 times as many, as n log n 5.4, as a square 16.
        assert calls(lambda work=work: work(many)) < 4.5 * calls(lambda work=work: work(few))


def test_width_grows_with_the_gradient() -> None:
    sizes = [10.0**k for k in range(-10, 5)]
    widths = [line_width(size) for size in sizes]
    assert widths == sorted(widths)
    assert rms(np.array([1e300, 1e300])) == pytest.approx(1e300)
    assert rms(np.zeros(0)) == 0.0


@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 5)), min_size=1, max_size=6), st.data()
)
def test_places_are_the_least_squares_of_the_wishes(
    wishes: list[tuple[float, float]], data: st.DataObject
) -> None:
    apart = data.draw(st.lists(st.floats(0, 9), min_size=len(wishes) - 1, max_size=len(wishes) - 1))
    found = settled(wishes, apart)
    for a, b, distance in zip(found, found[1:], apart, strict=False):
        assert b - a >= distance - 1e-9

    def cost(places: Any) -> float:
        return sum(w * (x - wish) ** 2 for x, (wish, w) in zip(places, wishes, strict=True))

    # No feasible neighbour is better: move any run of boxes a little.
    for i in range(len(found)):
        for j in range(i, len(found)):
            for step in (-1e-4, 1e-4):
                moved = [x + step * (i <= k <= j) for k, x in enumerate(found)]
                if all(
                    b - a >= d - 1e-12 for a, b, d in zip(moved, moved[1:], apart, strict=False)
                ):
                    assert cost(moved) >= cost(found) - 1e-6


def test_saving_goes_by_the_suffix(tmp_path: Path) -> None:
    graph = draw(tg.Parameter(2.0, name="w") * 3.0)
    assert graph.save(tmp_path / "g.svg").read_text(encoding="utf-8") == graph.svg
    assert graph.save(str(tmp_path / "g.DOT")).read_text(encoding="utf-8") == graph.dot
    with pytest.raises(ArgumentError, match="cannot be written as 'gif'"):
        graph.save(tmp_path / "g.gif")


def test_graphviz_gets_the_dot_text() -> None:
    graphviz = pytest.importorskip("graphviz")
    graph = draw(tg.Parameter(2.0, name="w") * 3.0)
    assert isinstance(graph.to_graphviz(), graphviz.Source)
    assert graph.to_graphviz().source == graph.dot


def test_notebooks_show_the_picture_and_never_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = draw(tg.Parameter(2.0, name="w") * 3.0)
    assert graph._repr_mimebundle_() == {"image/svg+xml": graph.svg, "text/plain": repr(graph)}
    broken = draw(tg.Parameter(2.0, name="w") * 3.0)
    monkeypatch.setattr(broken, "scene", None)
    assert list(broken._repr_mimebundle_()) == ["text/plain"]


def test_summary_is_a_tree_of_the_modules() -> None:
    lines = draw(repeated(1), depth=9).summary().splitlines()
    assert lines[1:3] == ["Repeated", "  cell"]
    assert [line.split("  1×2")[0] for line in lines[3:6:2]] == ["    matmul", "    tanh"]


@pytest.mark.parametrize(
    "options",
    [{"theme": "blue"}, {"direction": "up"}, {"max_nodes": 1}, {"depth": -1}, {"grads": "some"},
     {"names": {"x": 3}}],
)  # fmt: skip
def test_settings_that_do_not_exist_are_refused_with_an_edit(options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError) as info:
        draw(tg.Parameter(2.0) * 3.0, **options)
    assert info.value.fix


def test_modules_are_titled_with_their_class_where_the_model_is_at_hand() -> None:
    model = Repeated(2)
    with tg.Tape():
        loss = model(np.ones((1, 2))).sum()
    assert "cell #2 · Cell" in words(draw(loss, depth=9))


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("name", ["plain", 'a"; b', "\\N", "<b>&amp;</b>", "x\0\ud800", "}]"])
def test_graphviz_reads_modules_folds_and_gradients(name: str) -> None:
    w = tg.Parameter([1.0, 2.0], name=name)
    with tg.Tape(), Block(path=f"Net.{name}"):
        loss = tg.sum(tg.exp(w) * w)
    for graph in (draw(loss), draw(repeated(60), theme="dark", direction="right", title=name)):
        answer = subprocess.run(
            ["dot", "-Tcanon"],
            input=graph.dot.encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (answer.returncode, answer.stderr) == (0, b"")


def test_a_tensor_draws_itself_and_has_no_picture_for_a_repr() -> None:
    w = tg.Parameter(2.0, name="w")
    loss = w * w
    assert loss.draw(grads=False).svg == draw(loss, grads=False).svg
    assert not hasattr(loss, "_repr_svg_")
    assert not hasattr(loss, "_repr_mimebundle_")


def test_show_opens_a_file_that_holds_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    graph = draw(tg.Parameter(2.0, name="w") * 3.0)
    place = graph.show()
    assert opened == [place.as_uri()]
    assert place.suffix in (".svg", ".html")
