"""A search that was cut goes on with what its file has, and takes no other search's file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.search.objectives import SPACE, noisy
from tinygrad_edu.errors import ArgumentError, LoadError, MissingFile
from tinygrad_edu.training import search


class Counted:
    """An objective that counts its calls, and may end at one of them."""

    def __init__(self, ends_at: int | None = None) -> None:
        self.calls, self.ends_at = 0, ends_at

    def __repr__(self) -> str:
        return "counted"

    def __call__(self, settings: Any, budget: float, rng: Any) -> dict[str, float]:
        if self.calls == self.ends_at:
            raise KeyboardInterrupt
        self.calls += 1
        if settings["k"] == 2:
            raise FloatingPointError("overflow")
        return {**noisy(settings, budget, rng), "odd": float("inf")}


def run(path: Path, method: Any = search.random, **options: Any) -> search.Result:
    objective = options.pop("objective", None) or Counted()
    result: search.Result = method(
        objective, options.pop("space", SPACE), path=path,
        **{"resume": True, "progress": False, "rng": 0, **options},
    )  # fmt: skip
    return result


def test_a_search_cut_anywhere_goes_on_to_the_same_result(tmp_path: Path) -> None:
    path, whole = tmp_path / "cut.jsonl", run(tmp_path / "whole.jsonl", search.halving)
    done = 0
    for ends_at in (0, 3, 11, 9):
        objective = Counted(ends_at)
        with pytest.raises(KeyboardInterrupt):
            run(path, search.halving, objective=objective)
        done += objective.calls
    last = Counted()
    resumed = run(path, search.halving, objective=last)
    assert resumed.trials == whole.trials
    assert done + last.calls == len(whole)
    seconds = [{**json.loads(line), "seconds": 0} for line in path.read_text().splitlines()]
    kept = [json.loads(line) for line in (tmp_path / "whole.jsonl").read_text().splitlines()]
    assert seconds == [{**line, "seconds": 0} for line in kept]


def test_a_finished_search_calls_nothing(tmp_path: Path) -> None:
    first = run(tmp_path / "s.jsonl")
    objective = Counted()
    before = (tmp_path / "s.jsonl").read_bytes()
    again = run(tmp_path / "s.jsonl", objective=objective)
    assert (objective.calls, again.trials) == (0, first.trials)
    assert (tmp_path / "s.jsonl").read_bytes() == before


def test_more_trials_go_on_with_those_that_are_there(tmp_path: Path) -> None:
    run(tmp_path / "s.jsonl", trials=5)
    objective = Counted()
    more = run(tmp_path / "s.jsonl", trials=12, objective=objective)
    assert objective.calls == 7
    assert more.trials == run(tmp_path / "t.jsonl", trials=12).trials


def test_without_a_seed_the_file_has_it(tmp_path: Path) -> None:
    first = run(tmp_path / "s.jsonl", rng=None)
    assert run(tmp_path / "s.jsonl", rng=None).trials == first.trials
    assert run(tmp_path / "s.jsonl", rng=first.seed).trials == first.trials


@pytest.mark.parametrize("lost", [1, 7, 60])
def test_a_last_line_that_was_cut_is_done_again(lost: int, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    whole = run(path, trials=4)
    text = path.read_bytes()
    path.write_bytes(text[:-lost])
    objective = Counted()
    assert run(path, trials=4, objective=objective).trials == whole.trials
    assert objective.calls == 1
    assert len(path.read_bytes().splitlines()) == 5


def test_a_damaged_line_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    run(path, trials=4)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[2][:20] + b"\n", *lines[3:]]))
    with pytest.raises(LoadError, match="cannot be read"):
        run(path, trials=4)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"rng": 1}, "seed: 0 there, 1 here"),
        ({"space": {**SPACE, "x": search.uniform(-1, 2)}}, "space"),
        ({"space": dict(list(SPACE.items())[:2])}, "space"),
        ({"objective": noisy}, "objective: counted there, noisy here"),
        ({"method": search.grid, "points": 2}, "grid"),
    ],
)
def test_a_file_of_another_search_is_refused(
    options: dict[str, Any], said: str, tmp_path: Path
) -> None:
    run(tmp_path / "s.jsonl", trials=2)
    before = (tmp_path / "s.jsonl").read_bytes()
    with pytest.raises(LoadError, match="another search") as caught:
        run(tmp_path / "s.jsonl", **options)
    assert said in str(caught.value)
    assert (tmp_path / "s.jsonl").read_bytes() == before


def test_trials_with_other_settings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    run(path, trials=2)
    head, rest = path.read_text().split("\n", 1)
    path.write_text(head + "\n" + rest.replace('"k":', '"k":9'))
    with pytest.raises(LoadError, match="another search"):
        run(path, trials=2)


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"PK\x03\x04" * 99, b"[1]\n", b'{"a":1', b"\xff\n", b"[" * 5000]
)
def test_another_file_is_refused_and_left_alone(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(content)
    with pytest.raises(LoadError, match="no file of a search"):
        run(path)
    assert path.read_bytes() == content


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    run(tmp_path / "s.jsonl", trials=2)
    with pytest.raises(ArgumentError, match="there already"):
        run(tmp_path / "s.jsonl", trials=2, resume=False)


def test_a_folder_that_there_is_not_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="no folder"):
        run(tmp_path / "none" / "s.jsonl")
