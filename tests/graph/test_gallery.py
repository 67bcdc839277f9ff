"""Whole programs, drawn: in every format, with nothing but NumPy, the same each time, honestly."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import tinygrad_edu as tg
from tests.graph.models import chain, gallery, gpt, lstm, second_order
from tinygrad_edu.graph.svg import Picture

pytestmark = pytest.mark.once  # what no version of Python changes

SVG = "{http://www.w3.org/2000/svg}"
CHECKOUT = Path(__file__).resolve().parents[2]
FORMATS = ["svg", "dot", "txt", "html"]

# Draws every entry with each look, where nothing can be imported that a fresh installation lacks.
SCRIPT = """
import sys

class OnlyNumpyAndGraphviz:
    def find_spec(self, name, path=None, target=None):
        outermost = name.partition(".")[0]
        allowed = {"numpy", "graphviz", "tinygrad_edu", "tests", *sys.stdlib_module_names}
        if outermost not in allowed:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, OnlyNumpyAndGraphviz())
sys.path[:0] = [sys.argv[1]]
import json
from pathlib import Path
from tests.graph.models import gallery

folder, formats = Path(sys.argv[2]), sys.argv[3:]
notes = {}
for name, entry in gallery.items():
    graph = entry()
    notes[name] = graph.notes
    for format in formats:
        graph.save(folder / f"{name}.{format}")
(folder / "notes.json").write_text(json.dumps(notes))
"""


def made(folder: Path) -> Path:
    folder.mkdir()
    kept = {k: v for k, v in os.environ.items() if k not in ("PATH", "PYTHONPATH")}
    command = [sys.executable, "-W", "error", "-c", SCRIPT, str(CHECKOUT), str(folder), *FORMATS]
    answer = subprocess.run(
        command, env={**kept, "PATH": ""}, capture_output=True, text=True, timeout=300, check=False
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    return folder


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("gallery") / "once")


ENTRIES = pytest.mark.parametrize("name", sorted(gallery))


class Page(HTMLParser):
    """Counts what is opened and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.depth: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.depth[tag] = self.depth.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        self.depth[tag] = self.depth.get(tag, 0) - 1


def words(text: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(text.encode()).iter(f"{SVG}text")]


@ENTRIES
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_written_and_well_formed(drawn: Path, name: str, format: str) -> None:
    text = (drawn / f"{name}.{format}").read_text(encoding="utf-8")
    if format == "svg":
        assert ET.fromstring(text.encode()).tag == f"{SVG}svg"
    elif format == "dot":
        assert re.match(r'digraph ".*" \{\n', text)
        assert text.rstrip().endswith("}")
    elif format == "txt":
        assert all(line.strip() and line.isprintable() for line in text.splitlines())
    else:
        page = Page()
        page.feed(text)
        assert page.depth["html"] == page.depth["script"] == 0


def test_a_second_run_writes_the_same_bytes(drawn: Path, tmp_path: Path) -> None:
    again = made(tmp_path / "again")
    files = sorted(path.name for path in drawn.iterdir())
    assert len(files) == len(gallery) * len(FORMATS) + 1
    assert files == sorted(path.name for path in again.iterdir())
    for name in files:
        assert (drawn / name).read_bytes() == (again / name).read_bytes(), name


@ENTRIES
def test_the_header_tells_what_is_folded_and_is_in_the_picture(drawn: Path, name: str) -> None:
    notes = json.loads((drawn / "notes.json").read_text())[name]
    graph = gallery[name]()
    assert graph.notes == notes
    assert set(notes) <= set(words((drawn / f"{name}.svg").read_text(encoding="utf-8")))
    hidden = sum(len(item.rows) for item in graph.scene.items.values() if item.group is not None)
    boxes = sum(item.node is not None and item.node.is_row for item in graph.scene.items.values())
    beads = sum(len(tag.nodes) - 1 for item in graph.scene.items.values() for tag in item.tags)
    assert hidden + boxes + beads == graph.scene.rows - beads_inside(graph)
    assert bool(notes) == bool(hidden)
    if hidden:
        assert notes[0].startswith(f"{hidden:,} of {graph.scene.rows:,} operations are folded into")


def beads_inside(graph: Any) -> int:
    """Rows drawn as beads on lines that are folded themselves."""
    rows = {node.id for node in graph.seen.nodes.values() if node.is_row}
    for item in graph.scene.items.values():
        rows -= {node.id for node in item.rows}
        rows -= {node.id for tag in item.tags for node in tag.nodes}
    return len(rows)


@ENTRIES
def test_default_pictures_are_of_a_size_that_can_be_read(name: str) -> None:
    graph = gallery[name]()
    assert len(graph.scene.items) <= 160


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@ENTRIES
def test_graphviz_reads_it(drawn: Path, name: str) -> None:
    command = ["dot", "-Tcanon", str(drawn / f"{name}.dot")]
    answer = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (answer.returncode, answer.stderr) == (0, b"")


def test_the_picture_is_the_same_before_and_after_backward(drawn: Path) -> None:
    before, after = (drawn / f"{when}_backward.svg" for when in ("before", "after"))
    assert before.read_bytes() == after.read_bytes()


def test_repeated_calls_of_a_module_are_one_box_beside_an_open_one() -> None:
    graph = lstm()
    shown = words(graph.svg)
    assert "18 × LSTMCell" in shown
    assert "288 ops · 128 params" in shown
    assert {"cell · LSTMCell", "cell #20 · LSTMCell"} <= set(shown)
    assert "10 × Block" in words(gpt().svg)


def test_repeated_calls_that_stay_closed_are_one_box() -> None:
    graph = lstm(steps=60, depth=1, max_nodes=20)
    assert "60 × LSTMCell" in words(graph.svg)
    assert [item.kind for item in graph.scene.items.values()].count("fold") == 1
    assert len(list(graph.scene.items)) == 6
    (said,) = graph.notes
    assert said.startswith("960 of 964 operations are folded into 1 box")


def test_what_is_asked_for_is_not_folded_away() -> None:
    shown = words(gpt(open=["GPT.blocks.5.attention"]).svg)
    assert {"blocks.5 · Block", "attention · Attention"} <= set(shown)


def test_operations_of_a_gradient_are_marked_and_in_the_legend() -> None:
    graph = second_order()
    kinds = [item.kind for item in graph.scene.items.values()]
    assert kinds.count("gradient") == 3
    assert kinds.count("op") == 2
    shown = words(graph.svg)
    assert {"gradient", "operation of a gradient", "result"} <= set(shown)
    assert "operation of a gradient" not in words(gallery["xor"]().svg)
    assert {node.module for node in graph.seen.nodes.values() if node.backwards} == {"(gradient)"}


def test_gradients_of_gradients_have_frames_of_their_own() -> None:
    w = tg.Parameter(0.7, name="w")
    with tg.Tape() as tape:
        slope = tape.gradient(tg.tanh(w * w), w, create_graph=True)
        bend = tape.gradient(slope, w, create_graph=True)
    titles = [group.title for group in tg.draw([slope, bend]).scene.opened]
    assert titles == ["", "gradient", "gradient #2"]


def test_values_without_a_name_go_by_the_expression_that_made_them() -> None:
    shown = words(lstm().svg)
    assert "sequence[…]" in shown
    assert "0" in shown  # the state at the start
    assert "[:, 12:]" in shown


@pytest.mark.parametrize("entry", [gpt, lstm, chain], ids=lambda entry: entry.__name__)
def test_no_line_crosses_the_title_of_a_module(entry: Any) -> None:
    graph = entry()
    places = Picture(graph.scene, graph.look).layout
    for group, frame in places.modules.items():
        left = frame.x + places.titles[group] + 11
        right, top, bottom = left + 7.0 * len(group.title), frame.y + 8, frame.y + 22
        assert right < frame.x + frame.width
        for line in places.lines:
            for (x, y), (u, v) in pairwise(line):
                if y < bottom and v > top:
                    assert max(x, u) < left or min(x, u) > right, (group.title, line)


@pytest.mark.parametrize("name", ["lenet", "residual", "second_order"])
def test_to_the_right_shapes_have_room_between_the_boxes(name: str) -> None:
    graph = gallery[name](direction="right")
    picture = Picture(graph.scene, graph.look)
    for reading, line in zip(graph.scene.readings, picture.layout.lines, strict=True):
        long = 0.58 * 9.5 * len(picture._words(reading))
        assert line[-1][0] - line[0][0] > long
