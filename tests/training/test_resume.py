"""A run that is cut short and resumed has the same bits as one that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.training.a_run import STEPS, Counting, trained
from tinygrad_edu import nn, training
from tinygrad_edu.data import DataLoader
from tinygrad_edu.structure import flatten


def same(left: Any, right: Any) -> None:
    """Assert that two nests are equal bit for bit."""
    one, two = flatten(left)[0], flatten(right)[0]
    assert len(one) == len(two)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


class Cut(training.Callback):
    """Ends a run with an exception after a step."""

    def __init__(self, at: int) -> None:
        self.at = at

    def on_step(self, run: training.Run) -> None:
        if run.step == self.at:
            raise KeyboardInterrupt


def test_the_run_repeats_itself() -> None:
    same(trained(), trained())


@pytest.mark.parametrize("at", [1, 2, 5, 7, 8, 13, 14, 15, 27])
def test_a_run_cut_after_any_step_ends_with_the_same_bits(at: int, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        trained(path, callbacks=[Cut(at)])
    same(trained(path, resume=True), trained())


def test_a_run_cut_twice_ends_with_the_same_bits(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    for at in (9, 20):
        with pytest.raises(KeyboardInterrupt):
            trained(path, resume=True, callbacks=[Cut(at)])
    same(trained(path, resume=True), trained())


def test_accumulated_steps_are_cut_between_groups(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        trained(path, callbacks=[Cut(5)], accumulate=3)
    same(trained(path, resume=True, accumulate=3), trained(accumulate=3))


def killed_after(step: int, path: Path) -> None:
    """Run in another process, and kill it as soon as it says that it took a step."""
    command = [sys.executable, "-m", "tests.training.a_run", str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["", *sys.path])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= step:
                process.send_signal(signal.SIGKILL)
                break
        process.wait()


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_process_ends_with_the_same_bits(seed: int, tmp_path: Path) -> None:
    step = int(np.random.default_rng(seed).integers(1, STEPS))
    killed_after(step, tmp_path / "run.npz")
    same(trained(tmp_path / "run.npz", resume=True), trained())


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(2, 22))
def test_a_process_killed_anywhere_ends_with_the_same_bits(seed: int, tmp_path: Path) -> None:
    test_a_killed_process_ends_with_the_same_bits(seed, tmp_path)


def test_a_finished_run_does_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    first = trained(path)
    before = path.read_bytes()
    same(trained(path, resume=True), first)
    assert path.read_bytes() == before


def test_weights_are_no_checkpoint(tmp_path: Path) -> None:
    path = tg.save(nn.Linear(3, 2).state_dict(), tmp_path / "run.npz")
    with pytest.raises(tg.errors.LoadError, match="optimizer"):
        trained(path, resume=True)


def test_a_checkpoint_of_other_streams_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    trained(path)
    model = nn.Linear(3, 2)
    with pytest.raises(tg.errors.LoadError, match="generators"):
        training.fit(
            model, ([[0.0, 1.0, 2.0]], [1]), nn.CrossEntropyLoss(), nn.optim.SGD(model),
            checkpoint=path, resume=True, progress=False,
        )  # fmt: skip


def test_resume_needs_a_checkpoint() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="checkpoint"):
        trained(resume=True)


def shared(path: Path, *, at: int | None = None, resume: bool = False) -> Any:
    """Train with one generator for the order and for dropout."""
    rng = np.random.default_rng(0)
    x, y = np.ones((20, 3)), np.arange(20) % 2
    model = nn.Sequential(nn.Linear(3, 8, rng=rng), nn.Dropout(0.5, rng=rng), nn.Linear(8, 2))
    training.fit(
        model, DataLoader(x, y, batch_size=4, shuffle=True, rng=rng), nn.CrossEntropyLoss(),
        nn.optim.SGD(model, lr=0.1), epochs=2, progress=False, checkpoint=path, checkpoint_every=1,
        resume=resume, callbacks=[] if at is None else [Cut(at)],
    )  # fmt: skip
    return model.state_dict()


def test_a_generator_that_loader_and_model_share_goes_on_where_both_brought_it(
    tmp_path: Path,
) -> None:
    with tg.seed(0):
        whole = shared(tmp_path / "whole.npz")
    with tg.seed(0), pytest.raises(KeyboardInterrupt):
        shared(tmp_path / "cut.npz", at=3)
    with tg.seed(0):
        same(shared(tmp_path / "cut.npz", resume=True), whole)


def test_callbacks_in_another_order_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    model = nn.Linear(3, 2, rng=0)
    options: dict[str, Any] = {
        "data": ([[0.0, 1.0, 2.0]], [1]), "loss": nn.CrossEntropyLoss(),
        "optimizer": nn.optim.SGD(model), "checkpoint": path, "progress": False,
    }  # fmt: skip
    training.fit(model, callbacks=[Counting(), Cut(99)], **options)
    with pytest.raises(tg.errors.LoadError, match=r"\['Counting', 'Cut'\]"):
        training.fit(model, callbacks=[Cut(99), Counting()], resume=True, **options)


def test_a_checkpoint_every_zero_steps_is_refused(tmp_path: Path) -> None:
    model = nn.Linear(3, 2, rng=0)
    with pytest.raises(tg.errors.ArgumentError, match="checkpoint_every=0"):
        training.fit(
            model, ([[0.0, 1.0, 2.0]], [1]), nn.CrossEntropyLoss(), nn.optim.SGD(model),
            checkpoint=tmp_path / "run.npz", checkpoint_every=0, progress=False,
        )  # fmt: skip
