"""Every exercise: open as it ships, right as solved, wrong with a hint that helps."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tinygrad_edu.lessons.exercises import exercises, is_open, judged, require
from tinygrad_edu.lessons.series import Entry, series

pytestmark = pytest.mark.once
SERIES = series()
SOLVED = Path(__file__).with_name("solutions")


def solutions(entry: Entry) -> Any:
    return importlib.import_module(f"tests.lessons.solutions.lesson_{entry.number:02}")


def asked(source: str) -> Iterator[tuple[int, str]]:
    """Number and name of every exercise that a lesson asks."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="lesson"), attr="check"),
                args=[ast.Constant(value=int(number)), ast.Name(id=name)],
            ):
                yield number, name


def template(source: str, name: str) -> ast.stmt:
    """What a lesson puts in the place of an answer."""
    for node in ast.parse(source).body:
        match node:
            case ast.FunctionDef(name=found) | ast.ClassDef(name=found) if found == name:
                return node
            case ast.Assign(targets=[ast.Name(id=found)]) if found == name:
                return node
    raise AssertionError(f"nothing stands for {name}")


def is_empty(node: ast.AST) -> bool:
    match node:
        case ast.FunctionDef(body=body) | ast.ClassDef(body=body):
            return all(is_empty(line) for line in body)
        case ast.Assign(value=value) | ast.Expr(value=value):
            return isinstance(value, ast.Constant)
    return False


def test_there_are_lessons_with_solutions() -> None:
    assert SERIES
    assert [entry.number for entry in SERIES] == sorted({entry.number for entry in SERIES})
    assert {path.stem for path in SOLVED.glob("lesson_*.py")} == {
        f"lesson_{entry.number:02}" for entry in SERIES
    }


@pytest.mark.parametrize("entry", SERIES, ids=lambda entry: entry.folder.name)
def test_exercises_are_open_as_they_ship(entry: Entry) -> None:
    source = (entry.folder / "lesson.py").read_text(encoding="utf-8")
    checks = exercises(entry.folder)
    assert list(asked(source)) == [(k + 1, check.__name__) for k, check in enumerate(checks)]
    assert len(checks) == 3
    for check in checks:
        assert is_empty(template(source, check.__name__)), check.__name__
        assert check.__doc__


@pytest.mark.parametrize("entry", SERIES, ids=lambda entry: entry.folder.name)
def test_solutions_are_right(entry: Entry) -> None:
    answers = solutions(entry).SOLUTIONS
    for check, answer in zip(exercises(entry.folder), answers, strict=True):
        verdict = judged(check.__name__, check, answer)
        assert verdict.status == "right", verdict


@pytest.mark.parametrize("entry", SERIES, ids=lambda entry: entry.folder.name)
def test_wrong_answers_get_their_hint(entry: Entry) -> None:
    for check, answers in zip(exercises(entry.folder), solutions(entry).WRONG, strict=True):
        assert len(answers) >= 2, check.__name__
        for answer, hint in answers:
            verdict = judged(check.__name__, check, answer)
            assert verdict.status == "wrong", verdict
            assert hint in verdict.said, verdict


def test_open_is_what_nobody_has_begun() -> None:
    class Layer:
        def forward(self, x: Any) -> Any: ...

    class Begun:
        def forward(self, x: Any) -> Any:
            return x

    def unwritten(x: Any) -> Any:
        """Twice x."""

    assert all(is_open(answer) for answer in (None, ..., Layer, unwritten, lambda: None))
    assert not any(is_open(answer) for answer in (0, False, Begun, abs, lambda: 0, [], "..."))


def test_a_forgotten_return_is_called_that() -> None:
    def check(answer: Any) -> None:
        """A sum."""
        require(abs(answer(1, 2) - 3) > 1e-9, "a sum")

    def prints(a: int, b: int) -> None:
        print(a + b)

    verdict = judged("1.1", check, prints)
    assert (verdict.status, "is a `return` missing?" in verdict.said) == ("wrong", True)
