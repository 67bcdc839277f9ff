"""The main job: what it prints, what it leaves behind, and how it ends when something is wrong."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from tinygrad_edu import data
from tinygrad_edu.cli import arguments, main, network, progress, run_folder, train
from tinygrad_edu.cli.samples import prepared

CHECKOUT = Path(__file__).resolve().parents[2]
FILES = [
    "backprop.html", "checkpoint.npz", "config.json", "graph.dot", "graph.svg", "history.csv",
    "model.npz", "report.html",
]  # fmt: skip
UNFINISHED = [name for name in FILES if name != "report.html"]
JOB = [sys.executable, "-m", "tinygrad_edu"]
# A shell may have told its background jobs to ignore Ctrl-C, and children inherit that.
HEEDING = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("tinygrad_edu", run_name="__main__", alter_sys=True)
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONWARNINGS": "error"}


def job(*given: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*JOB, *given],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def arrays_in(folder: Path) -> dict[str, Any]:
    with np.load(folder / "model.npz", allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def history_in(folder: Path) -> list[dict[str, str]]:
    with open(folder / "history.csv", newline="") as file:
        return list(csv.DictReader(file))


def config_in(folder: Path) -> Any:
    return json.loads((folder / "config.json").read_text())


def scores_of(arrays: dict[str, Any], raw: Any) -> Any:
    """The perceptron in plain NumPy, from nothing but the file."""
    x = (raw - arrays["standardisation.mean"]) / arrays["standardisation.scale"]
    weights = [name for name in arrays if name.endswith("weight")]
    for k, name in enumerate(weights):
        x = x @ arrays[name].T + arrays[name.replace("weight", "bias")]
        x = np.maximum(x, 0) if k < len(weights) - 1 else x
    return x


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """One run of two epochs: its folder, and the lines that it printed."""
    place = tmp_path_factory.mktemp("digits")
    ended = job("--epochs", "2", "--seed", "3", "--out", "run", folder=place)
    assert (ended.returncode, ended.stderr) == (0, "")
    return place / "run", ended.stdout.splitlines()


def test_output_ends_with_the_table_the_accuracy_and_the_folder(
    digits: tuple[Path, list[str]],
) -> None:
    _, lines = digits
    assert lines[-1] == "run folder run"
    assert re.fullmatch(r"test accuracy 0\.\d{3}", lines[-2])
    assert lines[-3].startswith("macro average")
    assert [line.split()[0] for line in lines[-14:-4]] == list("0123456789")


def test_plain_progress_has_one_line_for_each_epoch(digits: tuple[Path, list[str]]) -> None:
    shown = [line for line in digits[1] if line.startswith("epoch")]
    form = r"epoch {}/2  loss \d\.\d{{4}}  training accuracy 0\.\d{{3}}  \d+ s left"
    assert len(shown) == 2
    assert all(re.fullmatch(form.format(k + 1), line) for k, line in enumerate(shown))


def test_folder_holds_these_files_and_nothing_else(digits: tuple[Path, list[str]]) -> None:
    assert sorted(path.name for path in digits[0].iterdir()) == FILES


def test_saved_model_has_the_printed_accuracy_on_samples_it_never_saw(
    digits: tuple[Path, list[str]],
) -> None:
    folder, lines = digits
    source = data.load("digits")
    samples = prepared("digits", np.random.default_rng(3).spawn(3)[0])
    assert isinstance(source, data.Dataset)
    flat = source.features.reshape(len(source), -1)
    seen = {row.tobytes() for row in samples.train_features}
    unseen = np.array([row.tobytes() not in seen for row in flat])
    assert (unseen.sum(), len(seen)) == (360, 1437)
    right = scores_of(arrays_in(folder), flat[unseen]).argmax(axis=1) == source.targets[unseen]
    assert lines[-2] == f"test accuracy {right.mean():.3f}"


def test_history_and_config_tell_the_same_run(digits: tuple[Path, list[str]]) -> None:
    folder, lines = digits
    history, config = history_in(folder), config_in(folder)
    assert [row["epoch"] for row in history] == ["1", "2"]
    assert float(history[1]["loss"]) < float(history[0]["loss"])
    assert config["status"] == "finished"
    assert config["epochs_done"] == 2
    assert config["settings"] == {
        "data": "digits", "task": "classification", "model": [256, 128], "epochs": 2, "lr": 0.002,
        "batch_size": 64, "seed": 3,
    }  # fmt: skip
    assert config["metrics"]["loss"] == float(history[1]["loss"])
    assert lines[-2] == f"test accuracy {config['metrics']['test_accuracy']:.3f}"
    assert config["versions"]["numpy"] == np.__version__
    assert config["architecture"]["sizes"] == [64, 256, 128, 10]


def test_graph_shows_the_loss_and_the_layers(digits: tuple[Path, list[str]]) -> None:
    text = (digits[0] / "graph.dot").read_text()
    assert text.startswith('digraph "loss on digits" {')
    assert text.count("relu") == 2
    weights = [name for name in arrays_in(digits[0]) if name.endswith("weight")]
    assert len(weights) == 3
    for name in weights:
        assert f'label="{name}\\n' in text
        assert f"\\nMLP.{name.removesuffix('.weight')}" in text


def test_picture_shows_the_model_with_its_gradients(digits: tuple[Path, list[str]]) -> None:
    text = (digits[0] / "graph.svg").read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag.endswith("svg")
    for words in ("loss on digits", "features", "MLP", "4.weight", "softmax_cross_entropy"):
        assert f">{words}<" in text
    assert text.count('class="chip"') == 6 + 7  # parameters, operations


def test_page_steps_through_the_loss(digits: tuple[Path, list[str]]) -> None:
    text = (digits[0] / "backprop.html").read_text(encoding="utf-8")
    assert "<title>loss on digits</title>" in text
    assert str(CHECKOUT) not in text
    assert len(text) < 200_000


def test_same_seed_gives_the_same_bits_and_another_seed_does_not(
    digits: tuple[Path, list[str]], tmp_path: Path
) -> None:
    folder, lines = digits
    again = job("--epochs", "2", "--seed", "3", "--out", "run", folder=tmp_path)
    assert again.stdout.splitlines()[-2] == lines[-2]
    for name in ("model.npz", "history.csv", "graph.dot", "graph.svg", "backprop.html"):
        assert (folder / name).read_bytes() == (tmp_path / "run" / name).read_bytes()
    assert main(["--epochs", "1", "--seed", "4", "--out", str(tmp_path / "other")]) == 0
    first, other = arrays_in(folder), arrays_in(tmp_path / "other")
    assert first.keys() == other.keys()
    weights = [name for name in first if name.endswith("weight")]
    assert not any(np.array_equal(first[name], other[name]) for name in weights)


def test_default_run_on_digits_reaches_its_accuracy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "run")]) == 0
    verdict = capsys.readouterr().out.splitlines()[-2]
    assert float(verdict.removeprefix("test accuracy ")) >= 0.96


@pytest.mark.parametrize("name", sorted(arguments.RECIPES))
def test_every_data_set_trains(name: str, tmp_path: Path) -> None:
    assert main(["--data", name, "--model", "8", "--epochs", "1", "--out", str(tmp_path)]) == 0
    assert config_in(tmp_path)["settings"]["model"] == [8]
    arrays = arrays_in(tmp_path)
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_tables_are_standardised_by_the_training_part_alone() -> None:
    source = data.load("wine")
    assert isinstance(source, data.Dataset)
    samples = prepared("wine", 5)
    raw = samples.train_features * samples.scale + samples.mean
    np.testing.assert_allclose(raw.mean(axis=0), samples.mean, rtol=1e-5)
    np.testing.assert_allclose(raw.std(axis=0), samples.scale, rtol=1e-4)
    assert not np.allclose(source.features.mean(axis=0), samples.mean, rtol=1e-4)
    assert len(samples.test_targets) == 36  # a fifth of 178, rounded up
    shares = np.bincount(samples.test_targets) / 36 - np.bincount(source.targets) / 178
    assert np.abs(shares).max() < 1 / 36


def test_images_are_left_in_their_own_unit() -> None:
    samples = prepared("digits", 5)
    assert not samples.mean.any()
    assert (samples.scale == 1).all()


MISUSES = {
    "no epochs": (["--epochs", "0"], "'0' is not a whole number of at least 1"),
    "half an epoch": (["--epochs", "1.5"], "'1.5' is not a whole number"),
    "negative rate": (["--lr", "-1"], "'-1' is not a finite number above 0"),
    "rate that is no number": (["--lr", "nan"], "'nan' is not a finite number above 0"),
    "endless rate": (["--lr", "inf"], "'inf' is not a finite number above 0"),
    "empty batches": (["--batch-size", "0"], "'0' is not a whole number of at least 1"),
    "negative seed": (["--seed", "-1"], "'-1' is not a whole number of at least 0"),
    "layer without units": (["--model", "128,0"], "'0' is not a whole number from 1"),
    "layer beyond memory": (["--model", "99999999"], "'99999999' is not a whole number from 1"),
    "no layer": (["--model", ""], "'' is not a whole number"),
    "typing error in the data": (["--data", "digit"], "did you mean digits?"),
    "unknown data": (["--data", "cifar"], "there are digits, mnist10k, iris"),
    "task without a column": (["--task", "regression"], "--task says what --target is"),
    "typing error in a flag": (["--epoch", "3"], "did you mean --epochs?"),
    "unknown word": (["everything"], "unknown argument 'everything'"),
    "flag without value": (["--lr"], "expected one argument"),
    "two lines in a value": (["--data", "a\nb"], "no data set is called"),
    "nameless folder": (["--out", ""], "the folder's name is empty"),
}


@pytest.mark.parametrize("given, reason", MISUSES.values(), ids=MISUSES)
def test_misuse_is_one_line_and_status_2(
    given: list[str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(given) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("tinygrad_edu: error: ")
    assert printed.err.count("\n") == 1
    assert reason in printed.err
    assert list(tmp_path.iterdir()) == []


def test_misuse_is_the_same_from_a_shell(tmp_path: Path) -> None:
    ended = job("--lr", "0", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "tinygrad_edu: error: argument --lr: '0' is not a finite number above 0\n"
    )


@pytest.mark.parametrize("inside", ["", "run", "deep/run"])
def test_out_on_a_file_is_refused_before_training(
    inside: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("kept")
    assert main(["--out", str(tmp_path / "file" / inside)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "kept"


def test_unwritable_folder_is_refused_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(
        **where: Any,
    ) -> None:  # the root user may write anywhere, so permissions are no test
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(run_folder.tempfile, "TemporaryFile", refuse)
    assert main(["--out", str(tmp_path / "run")]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        f"tinygrad_edu: error: cannot write to the run folder {tmp_path / 'run'}: "
        "Permission denied\n"
    )


def test_default_folder_is_named_after_data_and_time_and_never_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_folder.time, "strftime", lambda form: form)
    (tmp_path / "runs" / "iris-%Y%m%d-%H%M%S").mkdir(parents=True)
    names = []
    for _ in range(2):
        assert main(["--data", "iris", "--epochs", "1"]) == 0
        names.append(capsys.readouterr().out.splitlines()[-1])
    assert names == [f"run folder {Path('runs', f'iris-%Y%m%d-%H%M%S-{k}')}" for k in (2, 3)]
    assert list((tmp_path / "runs" / "iris-%Y%m%d-%H%M%S").iterdir()) == []


def test_out_uses_a_folder_that_holds_no_run_and_spares_one_that_does(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    given = ["--data", "iris", "--epochs", "1", "--out", str(tmp_path)]
    assert main(given) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*FILES, "notes.txt"])
    before = (tmp_path / "model.npz").read_bytes()
    assert main([*given, "--seed", "1"]) == 0
    assert (tmp_path / "model.npz").read_bytes() == before
    assert sorted(path.name for path in Path(f"{tmp_path}-2").iterdir()) == FILES


@pytest.mark.parametrize("failure", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    failure: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Any, target: Any) -> None:
        assert Path(source).read_bytes() == b"new"  # complete before it is renamed
        raise failure

    run_folder.write(tmp_path / "file", b"old")
    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(type(failure)):
        run_folder.write(tmp_path / "file", b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_full_disk_ends_the_run_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(self: run_folder.RunFolder, *given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_folder.RunFolder, "save_model", fail)
    assert main(["--data", "iris", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "tinygrad_edu: error: [Errno 28] No space left on device\n"


def test_interrupt_waits_for_the_end_of_a_save() -> None:
    events = []
    with pytest.raises(KeyboardInterrupt), run_folder.held_interrupts():
        signal.raise_signal(signal.SIGINT)
        events.append("saved")
    assert events == ["saved"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.fixture(autouse=True)
def interrupts_are_heeded() -> Any:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_leaves_the_folder_of_the_last_full_epoch(tmp_path: Path) -> None:
    given = ["--data", "mnist10k", "--model", "32", "--seed", "2"]
    running = subprocess.Popen(
        [sys.executable, "-c", HEEDING, *given, "--epochs", "10000", "--out", "run"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    try:
        for line in running.stdout:  # the files are whole whenever one looks
            if line.startswith("epoch"):
                assert arrays_in(tmp_path / "run")
                assert history_in(tmp_path / "run")
            if line.startswith("epoch     2/"):
                break
        time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    finally:
        running.kill()
    config, epochs = config_in(tmp_path / "run"), len(history_in(tmp_path / "run"))
    assert running.returncode == 130
    assert said == f"tinygrad_edu: interrupted; run holds the model after {epochs} epochs\n"
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == UNFINISHED
    assert (config["status"], config["epochs_done"]) == ("interrupted", epochs)
    # Training that many epochs from the start gives the very model that was left.
    assert main([*given, "--epochs", str(epochs), "--out", str(tmp_path / "again")]) == 0
    left, again = tmp_path / "run" / "model.npz", tmp_path / "again" / "model.npz"
    assert left.read_bytes() == again.read_bytes()


def test_ctrl_c_in_the_first_epoch_leaves_the_untrained_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(self: progress.Progress) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(progress.Progress, "batch", interrupt)
    assert main(["--data", "iris", "--out", str(tmp_path)]) == 130
    assert capsys.readouterr().err == (
        f"tinygrad_edu: interrupted; {tmp_path} holds the model after 0 epochs\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == UNFINISHED[:1] + UNFINISHED[2:]
    model = network.perceptron((4, 16, 3), np.random.default_rng(0).spawn(3)[1])
    arrays = arrays_in(tmp_path)
    assert all(np.array_equal(arrays[name], value) for name, value in model.state_dict().items())
    assert history_in(tmp_path) == []


def test_ctrl_c_before_the_folder_is_made_says_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train, "prepared", lambda *given: signal.raise_signal(signal.SIGINT))
    assert main(["--out", str(tmp_path / "run")]) == 130
    assert capsys.readouterr().err == "tinygrad_edu: interrupted; nothing was written\n"
    assert list(tmp_path.iterdir()) == []


def test_diverging_run_stops_with_advice_and_keeps_the_last_finite_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", "wine", "--lr", "1e30", "--out", str(tmp_path)]) == 1
    assert re.fullmatch(
        r"tinygrad_edu: error: the loss is (nan|inf) in epoch 1; try an --lr below 1e\+30\n",
        capsys.readouterr().err,
    )
    assert config_in(tmp_path)["status"] == "diverged"
    assert all(np.isfinite(array).all() for array in arrays_in(tmp_path).values())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end differently on Windows")
def test_reader_that_leaves_ends_the_run_quietly(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [*JOB, "--data", "iris", "--epochs", "50", "--out", "run"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    said = running.stderr.read()
    running.stderr.close()
    assert (running.wait(timeout=30), said) == (1, "")


def test_help_names_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    flags = ["data", "target", "model", "epochs", "lr", "batch-size", "seed", "out", "resume"]
    assert all(f"--{flag}" in text for flag in flags)


class Terminal:
    """A standard error that somebody watches."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        self.flushed = True

    def isatty(self) -> bool:
        return True


def test_terminal_gets_one_bar_that_tells_loss_and_accuracy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.progress(epochs=2, batches=3) as shown:
        for number in (1, 2):
            for _ in range(3):
                shown.batch()
            shown.epoch(number, loss=0.25, value=0.875)
    text = sys.stderr.text  # type: ignore[attr-defined]
    assert "epoch 2/2: 100%" in text
    assert "00:00 left, loss 0.2500  training accuracy 0.875" in text
    assert max(map(len, text.strip().split("\r"))) <= shutil.get_terminal_size().columns
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("installed, watched", [(False, True), (True, False)])
def test_without_tqdm_or_terminal_there_are_plain_lines(
    installed: bool,
    watched: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not installed:
        monkeypatch.setitem(sys.modules, "tqdm", None)
    if watched:
        monkeypatch.setattr(sys, "stderr", Terminal())
    clock = iter([0.0, 70.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    with progress.progress(epochs=10, batches=3) as shown:
        shown.batch()
        shown.epoch(5, loss=0.25, value=0.875)
    assert capsys.readouterr().out == (
        "epoch  5/10  loss 0.2500  training accuracy 0.875  1 min 10 s left\n"
    )
