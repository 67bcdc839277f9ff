"""The README does what it says: its example runs, and prints the table that stands there."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parents[1] / "README.md"


def blocks(language: str) -> list[str]:
    text = README.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.S | re.M)


def test_readme_example_learns_and_prints_its_table(tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(blocks("python")[0], encoding="utf-8")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), {})
    *table, last = printed.getvalue().rstrip().splitlines()
    assert float(last.removeprefix("loss ")) < 1e-6
    shown = blocks("text")[0].rstrip().splitlines()
    assert [line.rstrip() for line in table] == [line.rstrip() for line in shown]


def test_readme_examples_work_one_after_the_other(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    indented = re.findall(r"^  ```python\n(.*?)^  ```$", text, flags=re.S | re.M)
    assert len(indented) == 4
    script = tmp_path / "examples.py"
    parts = [blocks("python")[0], *(textwrap.dedent(part) for part in indented)]
    script.write_text("\n".join(parts), encoding="utf-8")
    space: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), space)
    assert space["loss"].item() < 1e-6
    tg = space["tg"]
    at = 0.7
    numeric = (space["swish"](at + 1e-6) - space["swish"](at - 1e-6)) / 2e-6
    assert float(tg.grad(space["swish"])(at)) == pytest.approx(float(numeric), rel=1e-8)
    both = tg.grad(lambda x, y: space["weighted"](x, y, power=3.0), argnums=(0, 1))(2.0, 3.0)
    assert [float(g) for g in both] == [27.0, 54.0]


@pytest.mark.once
def test_the_picture_is_what_its_script_draws(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    (place,) = re.findall(r"^!\[[^\]]*\]\((examples/\w+)\.svg\)$", text, flags=re.M)
    assert f"({place}.py)" in text
    script = shutil.copy(README.with_name("examples") / f"{Path(place).name}.py", tmp_path)
    where = {**os.environ, "PYTHONPATH": str(README.parent)}
    subprocess.run([sys.executable, script], env=where, capture_output=True, check=True)
    drawn = Path(script).with_suffix(".svg").read_bytes()
    assert drawn == (README.parent / f"{place}.svg").read_bytes()


def test_readme_names_exactly_two_commands() -> None:
    commands = blocks("sh")
    assert len(commands) == 2
    assert commands[0].rstrip().endswith("-m tinygrad_edu")
    assert commands[1].rstrip().endswith("-m pytest")
    assert all(command.count("python3 -m venv") == 1 for command in commands)
