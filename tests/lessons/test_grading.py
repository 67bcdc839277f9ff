"""``grade``: a verdict on any file, whatever it does, and nothing of it stays behind."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from tinygrad_edu.cli import main
from tinygrad_edu.lessons import series
from tinygrad_edu.lessons.grading import Grade, grade

pytestmark = pytest.mark.once
posix = pytest.mark.skipif(sys.platform == "win32", reason="the system knows no such thing")

CHECKS = '''
from tinygrad_edu.lessons import require


def slope(answer):
    """The slope."""
    require(answer(1.0) == 2.0, "half of it is missing")


EXERCISES = (slope,)
'''
HEAD = "# %% [markdown]\n# # 1. A neuron\n#\n# **Time:** 1 s. **You learn:** nothing.\n"
RIGHT = "def slope(z):\n    return 2 * z\n"


@pytest.fixture(autouse=True)
def only_lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A series of one lesson."""
    home = tmp_path / "tinygrad_edu" / "series" / "01_neuron"
    home.mkdir(parents=True)
    (home / "lesson.py").write_text(HEAD, encoding="utf-8")
    (home / "checks.py").write_text(CHECKS, encoding="utf-8")
    monkeypatch.setattr(series, "PACKAGE", home.parents[1])


def graded(tmp_path: Path, code: str, name: str = "answer.py", *, limit: float = 60) -> Grade:
    file = tmp_path / name
    file.write_text(code, encoding="utf-8")
    return grade(file, "1.1", limit=limit)


@pytest.mark.parametrize("code, status, said", [
    (RIGHT, "right", ""),
    ("def slope(z): ...\n", "open", "The slope"),
    ("def slope(z):\n    return z\n", "wrong", "half of it"),
    ("def slope(z):\n    return z / 0\n", "raised", "ZeroDivisionError"),
    ("def slop(z):\n    return 2 * z\n", "missing", "is slop meant?"),
    ("def slope(z)\n    return 2 * z\n", "syntax", "expected"),
    ("def slop(z):\n    return 2 * z\nlesson = str\nlesson(slope)\n", "missing", "is slop meant?"),
    ("print('1.1 right')\nprint('{\"status\": \"right\"}')\ndef slope(z): return z\n", "wrong", ""),
    ("import os\nprint('1.1 right', flush=True)\nos._exit(0)\n", "raised", "ended itself"),
    ("def slope(z):\n    raise SystemExit(0)\n", "raised", "SystemExit"),
    (RIGHT + "raise ValueError('below the answer')\n", "right", ""),
    ("import numpy\nx = numpy.ones(10**12)\n" + RIGHT, "raised", "allocate"),
], ids=["right", "open", "wrong", "raised", "missing", "syntax", "asked for", "forged", "exit",
        "quit", "below", "memory"])  # fmt: skip
def test_every_answer_gets_its_verdict(tmp_path: Path, code: str, status: str, said: str) -> None:
    found = graded(tmp_path, code)
    assert found.status == status, found
    assert said in found.said


def test_the_line_is_that_of_the_student(tmp_path: Path) -> None:
    assert graded(tmp_path, "def slope(z):\n    return z / 0\n").line == 2
    assert graded(tmp_path, "x = 1\ndef slope(z)\n    return 2 * z\n").line == 2


@posix
def test_what_does_not_end_is_ended_with_all_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import os, time\n"
        "child = os.fork()\n"
        "if child == 0:\n    time.sleep(600)\n"
        f"open({str(note)!r}, 'w').write(str(child))\n"
        "def slope(z):\n    while True:\n        pass\n"
    )
    assert graded(tmp_path, code, limit=2).status == "timeout"
    child = int(note.read_text())
    for _ in range(100):  # whoever inherits it takes a moment to bury it
        if not running(child):
            break
        time.sleep(0.05)
    assert not running(child)


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().split()[2] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@posix
def test_a_copy_of_the_judge_has_no_say(tmp_path: Path) -> None:
    code = "import os, time\nwrong = os.fork()\ndef slope(z):\n    return z if wrong else 2 * z\n"
    assert graded(tmp_path, code).status == "wrong"


def test_nothing_is_left_where_the_student_works(tmp_path: Path) -> None:
    code = "open('left.txt', 'w').write('x')\n" + RIGHT
    before = set(Path.cwd().iterdir())
    assert graded(tmp_path, code).status == "right"
    assert set(Path.cwd().iterdir()) == before
    assert not (tmp_path / "left.txt").exists()
    assert not (tmp_path / "__pycache__").exists()


def test_a_notebook_is_graded_by_its_code(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Not Python"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!ls\n", RIGHT]},
    ]
    assert graded(tmp_path, json.dumps({"cells": cells}), "answer.ipynb").status == "right"


def test_a_class_is_told_in_a_table_and_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = []
    for name, code in (("anna", RIGHT), ("bert", "def slope(z):\n    return z\n")):
        names.append(str(tmp_path / f"{name}.py"))
        Path(names[-1]).write_text(code, encoding="utf-8")
    assert main(["grade", *names, "--exercise", "1.1"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 of 2 right"
    assert main(["grade", names[0], "--exercise", "1.1", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["exercise"], told["status"], told["file"]) == ("1.1", "right", names[0])


@pytest.mark.parametrize("arguments, said", [
    (["nowhere.py", "--exercise", "1.1"], "no file nowhere.py"),
    ([__file__, "--exercise", "1.7"], "lesson 1 has 1.1 slope"),
    ([__file__, "--exercise", "9.1"], "there is no lesson 9"),
    ([__file__, "--exercise", "one"], "is no exercise"),
    ([__file__], "--exercise"),
    ([__file__, "--exercise", "1.1", "--limit", "-1"], "seconds"),
], ids=["file", "number", "lesson", "no number", "none", "limit"])  # fmt: skip
def test_misuse_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["grade", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
