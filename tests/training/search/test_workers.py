"""Searches with other processes: the same results, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.training.search.objectives import SPACE, noisy, slow, threads, unsafe, wrong
from tinygrad_edu.errors import ArgumentError, TrialError
from tinygrad_edu.training import search

pytestmark = pytest.mark.once


def run(objective: Any = noisy, method: Any = search.random, **options: Any) -> search.Result:
    result: search.Result = method(
        objective, SPACE, **{"workers": 2, "progress": False, "rng": 0, **options}
    )
    return result


def test_two_workers_find_what_one_process_finds(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    parallel = run(method=search.halving, trials=9, budget=9, path=path)
    assert parallel.trials == run(method=search.halving, trials=9, budget=9, workers=0).trials
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:5]) + lines[5][:30])
    resumed = run(method=search.halving, trials=9, budget=9, path=path, resume=True, workers=0)
    assert resumed.trials == parallel.trials


def test_a_worker_has_one_blas_thread_and_this_process_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    assert run(threads, trials=1).best.score == 1
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    assert "MKL_NUM_THREADS" not in os.environ


def first(k: int) -> int:
    """The number of the first trial with a setting."""
    return next(trial.trial for trial in run(noisy, workers=0) if trial.settings["k"] == k)


def test_a_worker_that_dies_is_known_by_its_trial() -> None:
    with pytest.raises(TrialError, match="ended with exit code 7") as caught:
        run(unsafe, workers=1)
    assert caught.value.trial == first(3)
    assert "k=3" in str(caught.value)


def test_a_mistake_in_a_worker_is_told_with_its_trial_and_its_line() -> None:
    with pytest.raises(TrialError, match="KeyError: 'learning_rate'") as caught:
        run(wrong, workers=1)
    assert caught.value.trial == first(3)
    assert 'raise KeyError("learning_rate")' in str(caught.value)


def test_an_objective_that_cannot_be_sent_is_refused_with_the_way_out() -> None:
    with pytest.raises(ArgumentError, match="cannot be sent") as caught:
        run(lambda settings, budget, rng: 0.0)
    assert "top of a .py file" in (caught.value.fix or "")


def started(path: Path, workers: int, seconds: float) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "tests.training.search.objectives", str(path), str(workers),
        str(seconds),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["", *sys.path])}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
        start_new_session=True,
    )  # fmt: skip


def gone(pid: int) -> bool:
    """Whether a process has ended, within ten seconds."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_leaves_no_process_behind(tmp_path: Path) -> None:
    with started(tmp_path / "s.jsonl", 2, 60) as process:
        assert process.stdout is not None
        pids = [int(process.stdout.readline()) for _ in range(2)]
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all of them get it
        process.wait(120)
        assert process.returncode != 0
        assert all(gone(pid) for pid in pids)


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_killed_search_goes_on_to_the_same_result(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    with started(path, 0, 0.01) as process:
        assert process.stdout is not None
        for _ in range(5):
            process.stdout.readline()
        process.kill()
    kept = len(path.read_bytes().splitlines()) - 1
    assert 4 <= kept < 12
    options = {"budget": 0.01, "trials": 12, "rng": 3, "workers": 0}
    resumed = run(slow, path=path, resume=True, **options)
    assert resumed.trials == run(slow, **options).trials


def test_a_notebook_objective_is_refused_with_the_way_out() -> None:
    code = (
        "from tinygrad_edu.training import search\n"
        "def objective(settings, budget, rng): return 0.0\n"
        "search.random(objective, {'x': search.uniform(0, 1)}, workers=1)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["", *sys.path])},
    )  # fmt: skip
    assert "a worker does not find the objective" in answer.stderr


def test_a_script_without_a_guard_is_told_of_it(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from tinygrad_edu.training import search\n"
        "def objective(settings, budget, rng): return 0.0\n"
        "search.random(objective, {'x': search.uniform(0, 1)}, workers=1)\n"
    )
    answer = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["", *sys.path])},
    )  # fmt: skip
    assert 'if __name__ == "__main__":   # around what starts the search' in answer.stderr
