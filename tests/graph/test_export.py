"""PNG and PDF: of our own layout, else by Graphviz, else a message that says what to do."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import MissingDependency
from tinygrad_edu.graph import draw, export
from tinygrad_edu.graph.canvas import painted


def picture() -> Any:
    w = tg.Parameter(np.ones((2, 2)), name="a$b$c")
    x = tg.Tensor(np.ones((3, 2)), name="日本")
    return draw(((x @ w.T - 1.0) ** 2).mean(), values=True)


def without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(svg: str, format: str) -> bytes:
        raise ImportError(svg, format)

    monkeypatch.setattr(export, "painted", absent)


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{script}", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return path


@pytest.mark.parametrize(("format", "start"), [("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-")])
def test_matplotlib_draws_our_own_layout(format: str, start: bytes, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    graph = picture()
    place = graph.save(tmp_path / f"graph.{format}")
    assert place.read_bytes().startswith(start)
    assert graph.render(format) == place.read_bytes()


def test_what_matplotlib_draws_is_where_the_svg_has_it(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.image import imread

    graph = draw(tg.Parameter(2.0, name="w") * 3.0)
    image = imread(graph.save(tmp_path / "graph.png"))
    (box,) = [part for part in graph.svg.split("<rect ") if 'fill="#e11d48"' in part][:1]
    facts = dict(part.split("=", 1) for part in box.split(" stroke-width")[0].split())
    left, top = (float(facts[name].strip('"')) for name in ("x", "y"))
    shift = graph.svg.split('<g transform="translate(')[1].split(")")[0].split(",")
    # A corner of the loss's box, in pixels of twice the size.
    x, y = (round(2 * (a + float(b) + 4)) for a, b in zip((left, top), shift, strict=True))
    red, green, blue = np.round(image[y, x, :3] * 255)
    assert (red, green, blue) == (0xE1, 0x1D, 0x48)


def test_graphviz_is_the_second_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_matplotlib(monkeypatch)
    echo = "import sys; print(sys.argv[1:], sys.stdin.read())"
    monkeypatch.setenv("TINYGRAD_EDU_DOT", str(program(tmp_path, "mydot", echo)))
    graph = picture()
    answer = graph.render("png").decode()
    assert answer.startswith("['-Kdot', '-Tpng']")
    assert graph.dot in answer


def test_programs_beside_the_interpreter_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    beside = program(tmp_path, "graphviz-pure", "")
    assert export.program("png") == beside
    assert export.program("pdf") != beside


def test_a_graphviz_that_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_matplotlib(monkeypatch)
    broken = program(tmp_path, "mydot", "import sys; sys.exit('bad luck')")
    monkeypatch.setenv("TINYGRAD_EDU_DOT", str(broken))
    with pytest.raises(MissingDependency, match="bad luck"):
        picture().render("png")


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_when_nothing_is_there_the_message_says_what_needs_nothing(
    format: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_matplotlib(monkeypatch)
    monkeypatch.setattr(export, "program", lambda format: None)
    with pytest.raises(MissingDependency) as info:
        picture().save(tmp_path / f"graph.{format}")
    said = str(info.value)
    assert info.value.code == "TG-V01"
    assert f"{format.upper()} needs Matplotlib or Graphviz" in said
    assert 'graph.save("graph.svg")' in said
    assert "graph.dot" in said
    assert "pip install graphviz does not bring it" in said
    assert ("tinygrad_edu[viz]" in said) == (format == "png")
    assert not list(tmp_path.iterdir())


@pytest.mark.once
def test_without_any_program_on_the_path_all_text_formats_are_written(tmp_path: Path) -> None:
    code = (
        "import tinygrad_edu as tg; w = tg.Parameter(3.0, name='w'); g = tg.draw(w * w); "
        f"[g.save(r'{tmp_path}/g.' + s) for s in ('svg', 'dot', 'txt')]; "
        "import sys; print('matplotlib' in sys.modules, 'graphviz' in sys.modules)"
    )
    environment = {**os.environ, "PATH": ""}
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["False", "False"]
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".dot", ".svg", ".txt"]


def test_lines_of_a_network_are_painted() -> None:
    pytest.importorskip("matplotlib")
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
    line = '<line x1="2" y1="20" x2="38" y2="20" stroke="#000000" stroke-width="4"/>'
    assert painted(head + line + "</svg>", "png") != painted(head + "</svg>", "png")
