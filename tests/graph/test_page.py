"""The interactive page as a file: whole, sealed, the same each time, and true to the record.

What it does in a browser is tested in the group `browser`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import warnings
import zlib
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.graph import draw
from tinygrad_edu.graph.page import html
from tinygrad_edu.graph.page.arrays import Arrays
from tinygrad_edu.graph.page.formula import DEEPEST, parsed
from tinygrad_edu.mode import Block
from tinygrad_edu.registry import registry
from tinygrad_edu.testing.programs import programs

pytestmark = pytest.mark.once  # what no version of Python changes


class Elements(HTMLParser):
    """The start tags of a page with their attributes, and what is inside of script and style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.open = -1
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside.append("")
        self.open = len(self.tags) - 1 if tag in ("script", "style") else -1

    def handle_endtag(self, tag: str) -> None:
        self.open = -1

    def handle_data(self, data: str) -> None:
        if self.open >= 0:
            self.inside[self.open] += data

    def one(self, tag: str, **attributes: str) -> str:
        (found,) = [
            text
            for (name, facts), text in zip(self.tags, self.inside, strict=True)
            if name == tag and attributes.items() <= facts.items()
        ]
        return found


def data_of(page: str) -> Any:
    packed = Elements(page).one("script", id="data")
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def xor() -> Any:
    x = tg.Tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], name="x")
    y = tg.Tensor([[0.0], [1.0], [1.0], [0.0]], name="y")
    model = nn.MLP((2, 4, 1), activation="tanh", dtype=np.float64, rng=0)
    weight = dict(model.named_parameters())["2.weight"]
    with tg.Tape() as tape:
        loss = tg.mean(tg.square(model(x) - y)) + 0.01 * tg.sum(weight * weight)
    return loss, tape


class Residual(nn.Module):
    def __init__(self, rng: Any) -> None:
        self.first = nn.Linear(4, 4, rng=rng)
        self.second = nn.Linear(4, 4, rng=rng)

    def forward(self, x: Any) -> Any:
        return x + tg.tanh(self.second(tg.tanh(self.first(x)) * 0.5))


class Deep(nn.Module):
    def __init__(self, blocks: int) -> None:
        rng = np.random.default_rng(0)
        self.blocks = nn.ModuleList([Residual(rng) for _ in range(blocks)])

    def forward(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return x


def deep(blocks: int) -> Any:
    model, x = Deep(blocks), tg.Tensor(np.ones((2, 4), np.float32), name="x")
    with tg.Tape():
        return tg.mean(model(x))


def test_page_is_one_file_that_fetches_nothing() -> None:
    page = draw(xor()[0]).html()
    elements = Elements(page)
    for tag, attributes in elements.tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form", "audio")
        assert not {"src", "href", "srcset", "action", "style"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
    unpacked = page + json.dumps(data_of(page))
    known = {"http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"}
    assert set(re.findall(r"\w+://[^\s\"'`<]*", unpacked)) == known
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|eval|localStorage|import)\s*\(", page)
    assert ".innerHTML" not in page


def test_policy_allows_this_script_and_this_style_and_nothing_else() -> None:
    elements = Elements(draw(xor()[0]).html())
    (policy,) = [
        facts["content"] or ""
        for tag, facts in elements.tags
        if tag == "meta" and facts.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    expected = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    for name, text in (
        ("style-src", elements.one("style")),
        ("script-src", elements.one("script", type="module")),
    ):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        expected[name] = f"'sha256-{digest}'"
    assert rules == expected
    scripts = [facts.get("type") for tag, facts in elements.tags if tag == "script"]
    assert scripts == ["text/plain", "module"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_same_program_gives_the_same_page(theme: str) -> None:
    pages = {draw(xor()[0], theme=theme, title="xor").html() for _ in range(2)}
    assert len(pages) == 1
    assert f'data-theme="{theme}"' in pages.pop()


def test_all_steps_are_those_of_the_engine() -> None:
    loss, tape = xor()
    data = data_of(draw(loss).html())
    rows = list(tape)
    assert data["forward"] == [f"op{k}" for k in range(len(rows))]
    places = {row: f"op{k}" for k, row in enumerate(rows)}
    steps = list(tape.step_back(loss))
    assert data["backward"] == [places[step.row] for step in steps]
    for step in steps:
        node = data["nodes"][places[step.row]]
        assert shown(data, node["adjoint"], step.row) == np.asarray(step.cotangent).tolist()
        assert shown(data, node["value"], step.row) == step.row.data.tolist()
        sent = {k: place for k, (_, _, _, place) in enumerate(node["inputs"]) if place is not None}
        assert sent.keys() == {one.position for one in step.contributions}
        for one in step.contributions:
            assert shown(data, sent[one.position], one.input) == np.asarray(one.value).tolist()


def shown(data: Any, place: int, like: Any) -> Any:
    return np.array(data["arrays"][place]["rows"], dtype=like.dtype).reshape(like.shape).tolist()


@settings(max_examples=40)
@given(program=programs(max_rows=12))
def test_every_row_of_any_program_has_its_step_and_its_box(program: Any) -> None:
    leaves = [tg.Parameter(leaf, name=f"x{k}") for k, leaf in enumerate(program.leaves)]
    graph = draw(program(*leaves))
    data = data_of(graph.html())
    rows = [node for node in graph.seen.nodes.values() if node.is_row]
    assert data["forward"] == [row.id for row in rows]
    arrived = [row.id for row in rows if row.adjoint is not None]
    assert data["backward"] == arrived[::-1]
    for scene in data["scenes"].values():
        drawn = set(re.findall(r'data-id="(\w+)"', scene["body"]))
        assert set(data["nodes"]) <= drawn  # no modules here: nothing is hidden


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "{{script}} \\1 ${x} `",
    "\x00\x1b\x7f",
    "\ud800",
    "\u202e\u2028",
    "]]><!--",
]


def assert_sealed(page: str, title: str) -> None:
    elements, plain = Elements(page), Elements(draw(tg.Parameter(1.0) * 2.0).html())
    assert [tag for tag, _ in elements.tags] == [tag for tag, _ in plain.tags]
    assert [facts.keys() for _, facts in elements.tags] == [facts.keys() for _, facts in plain.tags]
    assert data_of(page)["title"] == title
    page.encode()


@given(name=st.text(), path=st.text(), title=st.text(min_size=1))
@example(name=HOSTILE[0], path=HOSTILE[1], title=HOSTILE[0])
@example(name=HOSTILE[4], path=HOSTILE[5], title=HOSTILE[5])
@example(name=HOSTILE[3], path=HOSTILE[3], title=HOSTILE[3])
@example(name="\ud800", path=".".join("a" * 300), title="\udfff")
def test_no_name_adds_an_element_or_an_attribute(name: str, path: str, title: str) -> None:
    w = tg.Parameter([1.0, 2.0], name=name)
    with tg.Tape(), Block(path=path):
        out = tg.sum(tg.exp(w))
    assert_sealed(draw(out, title=title).html(), title)


@pytest.mark.parametrize("name", HOSTILE)
def test_bodies_hold_no_markup_of_a_name(name: str) -> None:
    w = tg.Parameter([1.0, 2.0], name=name)
    data = data_of(draw(tg.sum(tg.exp(w)), title=name).html())
    for scene in data["scenes"].values():
        tags = set(re.findall(r"<(\w+)", scene["body"]))
        assert tags <= {"g", "rect", "path", "text", "circle", "polygon", "title"}
        assert not re.search(r"<[^>]* on\w+=", scene["body"])


SECRET = "a_secret_of_the_user"


def test_source_stands_in_the_page_only_where_it_may() -> None:
    a_secret_of_the_user = tg.Parameter(3.0, name="w")
    with tg.Tape():
        loss = a_secret_of_the_user * a_secret_of_the_user
    quoting = json.dumps(data_of(draw(loss).html()))
    assert SECRET in quoting
    assert "test_page.py" in quoting
    silent = [draw(loss, source=False).html(), draw(loss).html(source=False)]
    for page in silent:
        assert SECRET not in json.dumps(data_of(page))
        assert ".py" not in json.dumps(data_of(page))
    assert "/tests" not in quoting  # no folder of the user's


def test_exact_expression_is_lit_in_units_of_javascript() -> None:
    w = tg.Parameter(3.0, name="w")
    with tg.Tape():
        loss = ("😀é", w * w)[1] + 1.0
    data = data_of(draw(loss).html())
    place, first, last, start, end = data["nodes"]["op0"]["code"]
    line = data["files"][place]["lines"][str(first)].encode("utf-16-le")
    assert (first, line[2 * start : 2 * end].decode("utf-16-le")) == (last, "w * w")


def test_modules_have_pictures_breadth_first_up_to_a_limit() -> None:
    loss = deep(6)
    data = data_of(draw(loss).html())
    paths = [f"Deep.blocks.{k}" for k in range(6)]
    assert set(paths) <= set(data["scenes"])
    assert set(paths) <= set(data["modules"])
    graph = draw(loss)
    few = data_of(html(graph.seen, graph.scene, graph.look, max_scenes=3))
    modules = [key for key in few["scenes"] if not key.startswith("@")]
    assert len(modules) == 3
    assert set(few["modules"]) == set(data["modules"])
    # Every row can still be seen as itself somewhere, here because all fit into one picture.
    drawn = {i for s in few["scenes"].values() for i in re.findall(r'data-id="(\w+)"', s["body"])}
    assert set(few["forward"]) <= drawn


def test_rows_of_closed_boxes_are_known() -> None:
    data = data_of(draw(deep(6)).html())
    for key, scene in data["scenes"].items():
        drawn = set(re.findall(r'data-id="(op\d+)"', scene["body"]))
        order = {name: k for k, name in enumerate(data["forward"])}
        inside = {
            data["forward"][k]
            for *_, first, last in scene["closed"].values()
            for k in range(order[first], order[last] + 1)
        }
        assert drawn | inside == set(data["forward"]), key


def test_page_of_a_graph_grows_with_its_rows_and_not_faster() -> None:
    sizes = []
    for blocks in (8, 16, 32):
        data = data_of(draw(deep(blocks)).html())
        sizes.append(sum(len(scene["body"]) for scene in data["scenes"].values()) / blocks)
        assert len(data["scenes"]) <= 64 + 4
    assert sizes[2] < 2.5 * sizes[0]


def test_page_without_gradients_has_no_backward_steps() -> None:
    w = tg.Parameter([1.0, 2.0], name="w")
    for graph in (draw(w * w), draw(tg.sum(w), grads=False), draw(tg.sum(w), grads="blank")):
        data = data_of(graph.html())
        assert data["backward"] == []
        assert all(node["adjoint"] is None for node in data["nodes"].values())
    assert "output_gradient=" in data_of(draw(w * w).html())["remark"]


def test_page_without_values_holds_no_values() -> None:
    w = tg.Parameter([123.5, 2.0], name="w")
    page = draw(tg.sum(w * 1.0), values=False).html()
    assert "123.5" not in json.dumps(data_of(page))


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.0),
        np.array([np.nan, np.inf, -np.inf]),
        np.zeros((0, 3)),
        np.array([True, False]),
        np.array([2**62, 1]),
        np.full(100, np.nan),
        np.array([1e308, -1e308] * 50),
        np.full(100, 2.5),
        np.array([5e-324, 0.0] * 50),
        np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10),
        np.ones((2, 8, 1)),
    ],
)
def test_any_array_can_be_shown(array: np.ndarray) -> None:
    arrays = Arrays(exact=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        arrays.enter(array)
    (entry,) = arrays.entries
    json.dumps(entry, allow_nan=False)
    assert entry["size"] == array.size
    if array.size <= 64 and array.size:
        assert sum(map(len, entry["rows"])) == array.size
    if "bins" in entry:
        assert sum(entry["bins"]) == np.isfinite(array).sum()


def test_small_numbers_read_back_in_their_own_type() -> None:
    array = np.random.default_rng(0).normal(size=(4, 4)).astype(np.float32)
    arrays = Arrays(exact=True)
    arrays.enter(array)
    assert np.array_equal(np.array(arrays.entries[0]["rows"], dtype=np.float32), array)


def test_formulas_of_all_operations_are_understood() -> None:
    for op in registry.values():
        assert "\\" not in json.dumps(parsed(op.formula), ensure_ascii=False).replace("\\\\|", "")


@given(st.text(alphabet="\\{}^_ab1 frcsqt+", max_size=40))
@example("{" * 500)
@example("\\frac" * 500)
@example("^" * 500 + "_" * 500)
def test_no_formula_breaks_the_page(latex: str) -> None:
    json.dumps(parsed(latex))


def test_too_deep_a_formula_is_shown_as_it_is_written() -> None:
    assert parsed("{" * (DEEPEST + 2))[0] == "mtext"


def test_graph_with_hundreds_of_modules_stays_below_a_megabyte() -> None:
    page = draw(deep(60)).html()
    assert len(page) < 1_000_000
