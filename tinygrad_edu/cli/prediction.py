"""``python -m tinygrad_edu predict RUN NEW.csv``: answers for new rows (floor 6)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import training
from ..data import TableEncoder
from ..data.csv_file import Cells, read_cells, typed
from ..errors import TinygradError
from ..metrics import accuracy_score, r2_score, root_mean_squared_error
from ..types import Array
from .arguments import Parser, UsageError, settings_of
from .network import rebuilt
from .run_folder import MODEL, write
from .samples import refused, unseen_words
from .tasks import probabilities

__all__ = ["prediction"]


def prediction(arguments: Sequence[str]) -> int:
    """Write the rows of a table with the answer and, of classes, their probabilities behind them.

    Parameters
    ----------
    arguments : sequence of str
        What stands behind ``predict``.

    Returns
    -------
    int
        The exit status, 0.

    Raises
    ------
    UsageError
        For a run that was not trained on a table, a file that lacks a column, and a place where
        nothing can be written.
    """
    given = _parser().parse_args(arguments)
    _, config = settings_of(given.run)
    if not config.get("encoder"):
        raise UsageError(f"{given.run} was trained on images; predict answers for rows of a table")
    encoder, target = TableEncoder(), config["settings"].get("target")
    try:
        encoder.load_state_dict(config["encoder"])
        cells = read_cells(given.table)
        _check(cells, list(encoder.kinds), given.run)
        known = {name: kind for name, kind in encoder.kinds.items() if name in cells.header}
        table = typed(cells, kinds=known)
        rows = encoder.transform(table)
    except TinygradError as error:
        raise refused(error) from None
    arrays = _arrays(given.run / MODEL)
    mean, scale = arrays["standardisation.mean"], arrays["standardisation.scale"]
    model = rebuilt(config["architecture"], arrays)
    outputs = training.predict(model, (rows - mean) / scale)
    names = [str(name) for name in config["label_names"]]
    place = given.out or given.table.with_name(f"{given.table.stem}-predictions.csv")
    if place.resolve() == given.table.resolve():
        raise UsageError(f"{place} is the file to predict from; give --out another name")
    answers = _classes(names, outputs) if names else _numbers(arrays, outputs)
    write(place, _written(cells, answers).encode())
    for note in unseen_words(encoder, table):
        print(note)
    if target in cells.header:
        _compared(cells.columns[cells.header.index(target)], names, answers, target)
    print(f"{len(rows)} predictions in {place}")
    return 0


Answers = dict[str, list[str]]  # columns that are added to the file


def _classes(names: Sequence[str], outputs: Array) -> Answers:
    chances = probabilities(outputs)
    return {
        "prediction": [names[best] for best in chances.argmax(axis=1)],
        **{
            f"probability of {name}": [f"{part:.6f}" for part in column]
            for name, column in zip(names, chances.T, strict=True)
        },
    }


def _numbers(arrays: Mapping[str, Array], outputs: Array) -> Answers:
    mean, scale = (arrays[f"standardisation.target_{part}"] for part in ("mean", "scale"))
    values = outputs[:, 0].astype(np.float64) * float(scale) + float(mean)
    return {"prediction": [f"{value:.7g}" for value in values]}


def _compared(cells: Sequence[str], names: Sequence[str], answers: Answers, target: str) -> None:
    """Say how good the answers are, where the file has the truth in every row."""
    said = answers["prediction"]
    if names:
        # As the encoder writes whole numbers, so that 1.0 is the class 1.
        truth = [_plain(cell) if cell not in names else cell for cell in cells]
        if set(truth) <= set(names):
            print(f"accuracy {accuracy_score(truth, said):.3f} on column {target!r}")
        return
    try:
        values, found = np.array(cells, np.float64), np.array(said, np.float64)
    except ValueError:
        return
    if np.isfinite(values).all():
        rmse = root_mean_squared_error(values, found)
        print(f"RMSE {rmse:.4g}  R2 {r2_score(values, found):.3f} on column {target!r}")


def _plain(cell: str) -> str:
    try:
        return f"{float(cell):.17g}"
    except ValueError:
        return cell


def _parser() -> Parser:
    parser = Parser(
        prog="python -m tinygrad_edu predict",
        description="Answer for the rows of a CSV file with the model of a run folder. The file "
        "needs the columns that the run was trained on, in any order; others are kept.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="the run folder")
    add("table", type=Path, metavar="NEW.csv", help="the rows to answer for")
    add("--out", type=Path, metavar="FILE", help="where to (NEW-predictions.csv beside NEW.csv)")
    return parser


def _check(cells: Cells, wanted: Sequence[str], run: Path) -> None:
    lacking = [name for name in wanted if name not in cells.header]
    if lacking:
        few = ", ".join(map(repr, lacking[:5])) + (", ..." if len(lacking) > 5 else "")
        raise UsageError(
            f"{cells.name} lacks {len(lacking)} of the {len(wanted)} columns that {run} was "
            f"trained on: {few}; name the columns as in the training file"
        )


def _arrays(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError(f"cannot read the model {path}: {error}") from None


def _written(cells: Cells, answers: Answers) -> str:
    text = io.StringIO()
    file = csv.writer(text, lineterminator="\n")
    file.writerow([*cells.header, *answers])
    file.writerows(zip(*cells.columns, *answers.values(), strict=True))
    return text.getvalue()
