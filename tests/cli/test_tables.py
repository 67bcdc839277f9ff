"""A CSV file of one's own: trained on, gone on with, and answered for."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import data
from tinygrad_edu.cli import main, samples, table

EXTRA = ["-1,red,yes", "2.5,green,no", "NA,blue,yes", "4,red,no"]


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
        ("sepal", "1", "lacks 5 of the 5 columns"),
        ("{all}", "x,1,1,1,small", "line 2, column 'sepal length (cm)': 'x' is not a number"),
        ("{all}", "1,1", "line 2: 2 cells, and the first line names 5"),
        ("a,a", "1,2", "has two columns called 'a'"),
        ("a", "", "has no rows below a line of column names"),
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
    names = [column["name"] for column in config_in(trained[1])["columns"]]
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
        (["--target", "speces"], "has no column 'speces'; did you mean 'species'?"),
        ([], "which column of"),
        (["--target", "sepal length (cm)"], "different numbers, and this job tells classes apart"),
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


def test_words_become_inputs_and_gaps_the_mean_of_the_training_part() -> None:
    seen = table.Table(
        Path("own.csv"), ("x", "colour", "y"), [line.split(",") for line in EXTRA], [2, 3, 4, 5]
    )
    columns, notes = table.learned(seen, "y", [0, 1, 2])
    assert table.encoded_names(columns) == ["x", "colour = blue", "colour = green", "colour = red"]
    rows, new = table.encoded(columns, seen)
    assert rows.tolist() == [[-1, 0, 0, 1], [2.5, 0, 1, 0], [0.75, 1, 0, 0], [4, 0, 0, 1]]
    assert (len(notes), new) == (1, [])
    columns, _ = table.learned(seen, "y", [0, 1, 3])  # which never saw blue
    rows, new = table.encoded(columns, seen)
    assert rows[2].tolist() == [5.5 / 3, 0, 0]
    assert new == ["column 'colour' has words that training never saw: 'blue'"]


def test_standardisation_sees_the_training_part_alone(tmp_path: Path) -> None:
    made = samples.prepared_table(flowers(tmp_path), "species", 3)
    numbers = [k for k, name in enumerate(made.source.feature_names) if "=" not in name]
    assert len(numbers) == 4
    np.testing.assert_allclose(made.train_features[:, numbers].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(made.train_features[:, numbers].std(axis=0), 1, atol=1e-5)
    assert abs(made.test_features[:, numbers].mean(axis=0)).max() > 0.01
    assert any("lacks" in note for note in made.notes)


def test_identifiers_and_constants_are_left_out_and_said() -> None:
    rows = [[f"name{k}", "same", str(k), str(k % 2)] for k in range(60)]
    seen = table.Table(Path("own.csv"), ("who", "flat", "x", "y"), rows, list(range(2, 62)))
    columns, notes = table.learned(seen, "y", range(60))
    assert [column.name for column in columns] == ["x"]
    assert notes == [
        "column 'who' is left out: 60 different words",
        "column 'flat' is left out: it never changes",
    ]


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
