"""``python -m tinygrad_edu ops``: what it prints, and how it ends."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import tinygrad_edu as tg
from tinygrad_edu import formulary
from tinygrad_edu.cli import main, operations as command

pytestmark = pytest.mark.once


def test_without_a_name_all_are_listed_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ops"]) == 0
    printed = capsys.readouterr().out
    found = re.search(r"(\d+) operations, (\d+) of them differentiable", printed)
    assert found is not None
    assert int(found[1]) == len(formulary.entries())
    assert int(found[2]) == sum(entry.differentiable for entry in formulary.entries())
    words = printed.replace("*", "").split()
    assert all(entry.name in words for entry in formulary.entries())


def test_a_name_shows_its_formula_and_its_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ops", "sqrt"]) == 0
    printed = capsys.readouterr().out
    assert "adjoint    x̄ = z̄ / (2 · z)" in printed
    assert "lambda g, out, x: g / (out + out)" in printed


def test_several_names_are_shown_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ops", "exp", "log"]) == 0
    printed = capsys.readouterr().out
    assert printed.index("exp(x, /)") < printed.index("log(x, /)")


def test_a_check_prints_the_report_and_the_score(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ops", "negative", "--check"]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"negative: pass; (\d+) of \1 claims hold, (\d+) of \2 mistakes noticed", first
    )
    assert re.match(r"score 100\.00 %: (\d+) of \1 mistakes noticed, 1 operation, none", last)


def test_a_composition_is_checked_by_its_parts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ops", "log_sigmoid", "--check"]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()[:3]] == [
        "1/3 negative",
        "2/3 softplus",
        "3/3 multiply",
    ]


@pytest.fixture
def one_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of two operations, one of them with a wrong rule."""

    @tg.operation(rule=lambda g, out, x: g + g, domain=tg.Real())
    def right(x: Any) -> Any:
        return x + x

    @tg.operation(rule=lambda g, out, x: g, domain=tg.Real())
    def wrong(x: Any) -> Any:
        return x + x

    monkeypatch.setattr(command, "registry", {"right": right.op, "wrong": wrong.op})


@pytest.mark.usefixtures("one_wrong")
def test_checking_all_shows_progress_and_fails_where_one_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["ops", "--check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("1/2 right: pass")
    assert lines[1].startswith("2/2 wrong: fail")
    assert any("gradient equals slopes" in line for line in lines)
    assert "these fail: wrong" in lines[-1]


@pytest.mark.parametrize(
    "given, said",
    [
        (["ops", "tanhh"], "no operation is called 'tanhh'; the nearest"),
        (["ops", "tanhh", "--check"], "no operation is called 'tanhh'"),
        (["ops", "xyzzyq"], "no operation is called 'xyzzyq'"),
        (["ops", "exp", "--markdown"], "--markdown writes the page of all operations"),
        (["ops", "--chekc"], "unrecognized arguments: --chekc"),
        (["op"], "did you mean ops?"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(given) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert printed.err.count("\n") == 1


def test_the_page_goes_to_the_output_or_to_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ops", "--markdown"]) == 0
    printed = capsys.readouterr().out
    place = tmp_path / "operations.md"
    assert main(["ops", "--markdown", str(place)]) == 0
    assert capsys.readouterr().out == ""
    assert place.read_text(encoding="utf-8") == printed
    assert printed.startswith("# Operations\n")


def test_a_page_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ops", "--markdown", str(tmp_path / "no" / "where.md")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
