"""A CSV file of one's own: trained on, gone on with, and answered for."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import data
from tinygrad_edu.cli import main, samples, tasks


def written(folder: Path, text: str, name: str = "own.csv") -> Path:
    place = folder / name
    place.write_text(text, encoding="utf-8")
    return place


def flowers(folder: Path, rows: slice = slice(None), name: str = "flowers.csv") -> Path:
    """Iris as a file, with a column of words and a gap."""
    iris: Any = data.load("iris")
    place = folder / name
    with open(place, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow([*iris.feature_names, "size", "species"])
        for row, label in list(zip(iris.features, iris.targets, strict=True))[rows]:
            size = "large" if row[0] > 6 else "small"
            out.writerow([*map(str, row[:3]), "NA" if row[3] == 0.5 else row[3], size,
                          iris.label_names[label]])  # fmt: skip
    return place


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("trained")
    place = flowers(folder)
    run = folder / "run"
    assert main(["--data", str(place), "--target", "species", "--out", str(run)]) == 0
    return place, run


def config_in(run: Path) -> Any:
    return json.loads((run / "config.json").read_text(encoding="utf-8"))


def test_a_file_trains_and_predicts(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, run = trained
    assert config_in(run)["metrics"]["test_accuracy"] >= 0.9
    answers = tmp_path / "answers.csv"
    assert main(["predict", str(run), str(place), "--out", str(answers)]) == 0
    printed = capsys.readouterr().out
    with open(answers, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    right = np.mean([row["prediction"] == row["species"] for row in rows])
    assert right >= 0.94
    assert f"accuracy {right:.3f} on column 'species'" in printed
    for row in rows[::17]:
        chances = {name[15:]: float(row[name]) for name in row if name.startswith("probability of")}
        assert sum(chances.values()) == pytest.approx(1, abs=1e-5)
        assert max(chances, key=lambda name: chances[name]) == row["prediction"]


def test_columns_in_another_order_give_the_same_answers(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    place, run = trained
    with open(place, newline="", encoding="utf-8") as file:
        rows = [row[::-1] for row in csv.reader(file)]
    turned = tmp_path / "turned.csv"
    with open(turned, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    answers = []
    for source in (place, turned):
        out = tmp_path / "out.csv"
        assert main(["predict", str(run), str(source), "--out", str(out)]) == 0
        with open(out, newline="", encoding="utf-8") as file:
            answers.append([row["prediction"] for row in csv.DictReader(file)])
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "head, row, said",
    [
        ("petal", "1", "lacks 5 of the 5 columns"),
        ("{all}", "x,1,1,1,small", "own.csv, column 'sepal length (cm)': 'x' is not a number"),
        ("{all}", "1,1", "own.csv has 2 cells, the header names 5"),
        ("a,a", "1,2", "own.csv has the name 'a' a second time"),
        ("a", "", "own.csv has a header and no rows"),
    ],
)
def test_a_file_that_does_not_serve_is_refused_with_the_place(
    head: str,
    row: str,
    said: str,
    trained: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = [column["name"] for column in config_in(trained[1])["encoder"]["columns"]]
    assert names[0] == "sepal length (cm)"
    place = written(tmp_path, f"{head.format(all=','.join(names))}\n{row}\n")
    assert main(["predict", str(trained[1]), str(place)]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert said in printed.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.csv"]


@pytest.mark.parametrize(
    "given, said",
    [
        (
            ["--target", "speces"],
            "no column is called 'speces'; did you mean 'species'? the",
        ),
        ([], "which column of"),
        (["--target", "sepal width (cm)", "--task", "classification"], "or say --task regression"),
        (
            ["--target", "species", "--task", "regression"],
            "and a regression needs numbers",
        ),
        (["--target", "species", "--model", "cnn"], "--model cnn looks at images"),
        (["--target", "species", "--model", "cnm"], "'cnm' is no model"),
    ],
)
def test_a_target_or_model_that_does_not_serve_is_one_line(
    given: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = flowers(tmp_path)
    assert main(["--data", str(place), *given, "--out", str(tmp_path / "run")]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert said in printed.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["missing.csv", "folder.csv", "latin.csv"])
def test_a_file_that_cannot_be_read_is_one_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "latin.csv").write_bytes("a,b\né,1\n".encode("latin-1"))
    assert main(["--data", str(tmp_path / name), "--target", "a"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_words_become_inputs_and_gaps_the_median_of_the_training_part(tmp_path: Path) -> None:
    rows = ["x,colour,y", *(f"{k},{'red' if k % 3 else 'blue'},{k % 2}" for k in range(40))]
    rows[8] = f"NA,green,{rows[8][-1]}"
    made = samples.prepared_table(written(tmp_path, "\n".join(rows)), "y", None, 4)
    assert made.encoder is not None
    middle = made.encoder.state_dict()["columns"][0]["middle"]
    train = np.setdiff1d(np.arange(40), made.test_rows)
    raw = made.source.features[:, 0]
    assert middle == np.median(np.setdiff1d(train, [7]))
    assert raw[7] == np.float32(middle)
    assert any("column 'x' lacks 1 of 40 values; the median stands for them" in note
               for note in made.notes)  # fmt: skip
    words = [name for name in made.source.feature_names if name.startswith("colour=")]
    if 7 in made.test_rows:
        assert words == ["colour=blue", "colour=red"]
        assert "column 'colour' has words that training never saw: 'green'" in made.notes
    else:
        assert words == ["colour=blue", "colour=green", "colour=red"]


def test_standardisation_sees_the_training_part_alone(tmp_path: Path) -> None:
    made = samples.prepared_table(flowers(tmp_path), "species", None, 3)
    names = made.source.feature_names
    numbers = [k for k, name in enumerate(names) if "=" not in name and "missing" not in name]
    assert len(numbers) == 4
    np.testing.assert_allclose(made.train_features[:, numbers].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(made.train_features[:, numbers].std(axis=0), 1, atol=1e-5)
    assert abs(made.test_features[:, numbers].mean(axis=0)).max() > 0.01
    assert any("lacks" in note for note in made.notes)


def test_identifiers_and_constants_are_left_out_and_said(tmp_path: Path) -> None:
    rows = ["who,flat,x,y", *(f"name{k},same,{k},{k % 2}" for k in range(80))]
    made = samples.prepared_table(written(tmp_path, "\n".join(rows)), "y", None, 0)
    assert made.source.feature_names == ("x",)
    assert made.notes == (
        "column 'who' is left out: 64 different words",
        "column 'flat' is left out: it never changes",
    )


def test_a_number_is_predicted_in_its_own_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(7)
    x = rng.normal(size=(200, 2)).round(3)
    price = (5000 + 300 * x[:, 0] - 200 * x[:, 1]).round(1)  # which a network learns exactly
    rows = ["a,b,price", *(f"{a},{b},{p}" for (a, b), p in zip(x, price, strict=True))]
    place, run = written(tmp_path, "\n".join(rows)), tmp_path / "run"
    assert main(["--data", str(place), "--target", "price", "--out", str(run)]) == 0
    printed = capsys.readouterr().out
    assert "160 training and 40 test samples, a number to predict" in printed
    metrics = config_in(run)["metrics"]
    assert metrics["test_r2"] > 0.98
    assert f"test RMSE {metrics['test_rmse']:.4g}" in printed
    assert main(["predict", str(run), str(place), "--out", str(tmp_path / "said.csv")]) == 0
    with open(tmp_path / "said.csv", newline="", encoding="utf-8") as file:
        said = np.array([float(row["prediction"]) for row in csv.DictReader(file)])
    rmse = float(np.sqrt(np.mean((said - price) ** 2)))
    assert rmse < 60  # of 360
    assert f"RMSE {rmse:.4g}  R2" in capsys.readouterr().out
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "Predicted against true" in page
    assert "It has learnt" in page


def test_the_measure_shown_is_r2_of_the_training_part(tmp_path: Path) -> None:
    rows = ["a,y", *(f"{k},{k * k / 7}" for k in range(50))]
    made = samples.prepared_table(written(tmp_path, "\n".join(rows)), "y", None, 0)
    task = tasks.task_of(made)
    outputs = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
    answers = outputs[:, 0] * made.train_targets.std() + made.train_targets.mean()
    left = np.sum((made.train_targets - answers) ** 2)
    whole = np.sum((made.train_targets - made.train_targets.mean()) ** 2)
    assert task.credits(outputs, task.targets()).mean() == pytest.approx(1 - left / whole, abs=1e-5)


def test_whole_numbers_are_classes_unless_the_task_says_otherwise(tmp_path: Path) -> None:
    rows = ["a,y", *(f"{k},{k % 4}" for k in range(60))]
    place = written(tmp_path, "\n".join(rows))
    classes = samples.prepared_table(place, "y", None, 0)
    numbers = samples.prepared_table(place, "y", "regression", 0)
    assert classes.source.label_names == ("0", "1", "2", "3")
    assert (numbers.source.label_names, numbers.train_targets.dtype) == ((), np.float32)


def test_a_run_that_goes_on_ends_with_the_bits_of_one_that_never_stopped(tmp_path: Path) -> None:
    place = flowers(tmp_path)
    given = ["--data", str(place), "--target", "species", "--epochs"]
    assert main([*given, "4", "--out", str(tmp_path / "whole")]) == 0
    assert main([*given, "2", "--out", str(tmp_path / "parts")]) == 0
    assert main(["--resume", str(tmp_path / "parts"), "--epochs", "4"]) == 0
    for name in ("model.npz", "history.csv"):
        whole, parts = (tmp_path / run / name for run in ("whole", "parts"))
        assert whole.read_bytes() == parts.read_bytes()
    assert config_in(tmp_path / "parts")["settings"]["epochs"] == 4


def test_what_cannot_go_on_is_one_line(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--resume", str(tmp_path)]) == 2
    assert "is no run folder" in capsys.readouterr().err
    assert main(["--resume", str(trained[1]), "--lr", "1"]) == 2
    assert "it may be given --epochs" in capsys.readouterr().err
    place = flowers(tmp_path)
    run = tmp_path / "run"
    given = ["--data", str(place), "--target", "species", "--epochs", "1", "--out", str(run)]
    assert main(given) == 0
    flowers(tmp_path, slice(10, None))
    capsys.readouterr()
    assert main(["--resume", str(run), "--epochs", "2"]) == 2
    assert "has changed since" in capsys.readouterr().err
    (run / "checkpoint.npz").unlink()
    assert main(["--resume", str(run)]) == 2
    assert "has no checkpoint.npz" in capsys.readouterr().err


def test_a_run_on_images_has_no_rows_to_predict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    given = ["--data", "digits", "--model", "cnn", "--epochs", "1", "--out", str(run)]
    assert main(given) == 0
    assert config_in(run)["architecture"]["sizes"] == [64, 16, 32, 64, 10]
    assert main(["predict", str(run), str(flowers(tmp_path))]) == 2
    assert "was trained on images" in capsys.readouterr().err
