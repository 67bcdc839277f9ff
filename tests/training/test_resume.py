"""A run that is cut short and resumed has the same bits as one that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.training.a_run import STEPS, Counting, trained
from tinygrad_edu import nn, storage, training
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


GLOBAL = np.random.default_rng(0)


class NoisyLabels(nn.Module):
    """A loss that changes some labels, with a generator of its own."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(1)

    def forward(self, prediction: Any, target: Any) -> Any:
        return noisy(prediction, target, rng=self.rng)


def noisy(prediction: Any, target: Any, *, rng: np.random.Generator) -> Any:
    changed = np.where(rng.random(len(target)) < 0.3, 1 - np.asarray(target), target)
    return nn.functional.cross_entropy(prediction, changed)


def enclosed() -> Any:
    rng = np.random.default_rng(1)
    return lambda prediction, target: noisy(prediction, target, rng=rng)


def of_the_file() -> Any:
    GLOBAL.bit_generator.state = np.random.default_rng(1).bit_generator.state
    return lambda prediction, target: noisy(prediction, target, rng=GLOBAL)


def as_default() -> Any:
    fresh = np.random.default_rng(1)

    def loss(prediction: Any, target: Any, rng: Any = fresh) -> Any:
        return noisy(prediction, target, rng=rng)

    return loss


LOSSES = {
    "module": NoisyLabels, "its method": lambda: NoisyLabels().forward, "closure": enclosed,
    "global": of_the_file, "default": as_default,
    "partial": lambda: partial(noisy, rng=np.random.default_rng(1)),
}  # fmt: skip


class Jumpy(training.Callback):
    """Noise on the gradients, and no word of its generator to the checkpoint."""

    def __init__(self) -> None:
        self.parts = [np.random.default_rng(2)]

    def on_start(self, run: training.Run) -> None:
        self.run = run  # what a callback knows of its run is not its own

    def on_gradients(self, run: training.Run) -> None:
        for parameter in run.parameters:
            parameter.grad += 0.1 * self.parts[0].normal(size=parameter.shape).astype(np.float32)


def random_parts(path: Path, loss: Any, at: int | None = None, **options: Any) -> Any:
    model = nn.Linear(3, 2, rng=0)
    x = np.random.default_rng(0).normal(size=(24, 3))
    history = training.fit(
        model, (x, (x[:, 0] > 0).astype(int)), loss, nn.optim.SGD(model, lr=0.3), epochs=3,
        batch_size=4, callbacks=[Jumpy(), *([] if at is None else [Cut(at)])], checkpoint=path,
        checkpoint_every=1, progress=False, rng=3, **options,
    )  # fmt: skip
    return model.state_dict(), history["loss"]


@pytest.mark.parametrize("at", [4, 7])
@pytest.mark.parametrize("kind", LOSSES)
def test_generators_of_losses_and_callbacks_go_on_where_they_stood(
    kind: str, at: int, tmp_path: Path
) -> None:
    make = LOSSES[kind]
    with pytest.raises(KeyboardInterrupt):
        random_parts(tmp_path / "cut.npz", make(), at)
    resumed = random_parts(tmp_path / "cut.npz", make(), resume=True)
    same(resumed, random_parts(tmp_path / "whole.npz", make()))


def test_a_generator_that_a_callback_makes_later_is_refused(tmp_path: Path) -> None:
    class Late(training.Callback):
        def on_start(self, run: training.Run) -> None:
            self.rng = np.random.default_rng(0)

    model = nn.Linear(3, 2, rng=0)
    options: dict[str, Any] = {
        "data": ([[0.0, 1.0, 2.0]], [1]), "loss": nn.CrossEntropyLoss(), "progress": False,
        "optimizer": nn.optim.SGD(model), "checkpoint": tmp_path / "run.npz",
    }  # fmt: skip
    training.fit(model, callbacks=[Late()], **options)
    with pytest.raises(tg.errors.LoadError, match="generators"):
        training.fit(model, callbacks=[Late()], resume=True, epochs=2, **options)


def test_a_step_done_again_draws_the_same_label_noise() -> None:
    """Where a loss that is not finite is looked for, losses and callbacks are wound back too."""
    drawn: list[float] = []
    rng = np.random.default_rng(1)

    def loss(prediction: Any, target: Any) -> Any:
        drawn.append(rng.random())
        return (prediction / (0.0 if drawn[-1] < 0.02 else 1.0)).sum()

    model = nn.Linear(1, 1, rng=0)
    with pytest.raises(tg.errors.AnomalyError, match="divide"):
        training.fit(
            model, (np.ones((99, 1)), np.ones((99, 1))), loss, nn.optim.SGD(model, lr=1e-3),
            batch_size=1, epochs=3, progress=False, rng=0,
        )  # fmt: skip
    assert drawn[-1] < 0.02
    assert drawn.count(drawn[-1]) == 3


def test_a_plateau_is_not_waited_for_step_by_step() -> None:
    model = nn.Linear(3, 2, rng=0)
    optimizer = nn.optim.SGD(model, lr=0.1)
    with pytest.raises(tg.errors.ArgumentError, match="waits for epochs") as caught:
        training.fit(
            model, ([[0.0, 1.0, 2.0]], [1]), nn.CrossEntropyLoss(), optimizer, progress=False,
            schedule=nn.optim.schedules.ReduceLROnPlateau(optimizer), schedule_every="step",
        )  # fmt: skip
    assert 'schedule_every="epoch"' in (caught.value.fix or "")


# A run that dies while it writes a checkpoint: in the midst of its arrays, or before its name.
DIES_WRITING = """
import os, signal, sys
import numpy as np
from tests.training.a_run import trained

room = np.lib.format if sys.argv[2] == "write_array" else os
real, calls = getattr(room, sys.argv[2]), []

def until_now(*arguments, **options):
    calls.append(1)
    if len(calls) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)

setattr(room, sys.argv[2], until_now)
trained(sys.argv[1])
"""


@pytest.mark.once
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
@pytest.mark.parametrize("name", ["write_array", "fsync", "replace"])
def test_a_checkpoint_that_is_killed_half_way_leaves_the_old_one(name: str, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    whole = trained(path)
    arrays = len(storage.read(path).arrays)
    path.unlink()
    # The third checkpoint, after step 6; a file and its folder are each waited for.
    number = {"write_array": 2 * arrays + arrays // 2, "fsync": 5, "replace": 3}[name]
    ended = subprocess.run(
        [sys.executable, "-c", DIES_WRITING, str(path), name, str(number)], check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["", *sys.path])},
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL
    assert tg.load(path)["position"]["step"] == 4
    same(trained(path, resume=True), whole)
    assert len(list(tmp_path.iterdir())) == 2  # and what was begun, hidden
