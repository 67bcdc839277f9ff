"""``python -m tinygrad_edu predict RUN NEW.csv``: answers for new rows (floor 6)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import training
from ..metrics import accuracy_score
from ..types import Array
from .arguments import Parser, UsageError, settings_of
from .network import rebuilt
from .run_folder import MODEL, write
from .table import Table, columns_of, encoded, read_table

__all__ = ["prediction"]


def prediction(arguments: Sequence[str]) -> int:
    """Write the rows of a table with the answer and the probability of each class behind them.

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
    if not config.get("columns"):
        raise UsageError(f"{given.run} was trained on images; predict answers for rows of a table")
    table = read_table(given.table)
    columns = columns_of(config["columns"])
    _check(table, [column.name for column in columns], given.run)
    rows, notes = encoded(columns, table)
    arrays = _arrays(given.run / MODEL)
    mean, scale = arrays["standardisation.mean"], arrays["standardisation.scale"]
    features = (rows.astype(np.float32) - mean) / scale
    scores = training.predict(rebuilt(config["architecture"], arrays), features)
    names = [str(name) for name in config["label_names"]]
    place = given.out or table.path.with_name(f"{table.path.stem}-predictions.csv")
    if place.resolve() == table.path.resolve():
        raise UsageError(f"{place} is the file to predict from; give --out another name")
    write(place, _written(table, names, scores).encode())
    for note in notes:
        print(note)
    target = config["settings"].get("target")
    if target in table.names and set(table.column(target)) <= set(names):
        truth = [names.index(word) for word in table.column(target)]
        print(f"accuracy {accuracy_score(truth, scores.argmax(axis=1)):.3f} on column {target!r}")
    print(f"{len(table.rows)} predictions in {place}")
    return 0


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


def _check(table: Table, wanted: Sequence[str], run: Path) -> None:
    lacking = [name for name in wanted if name not in table.names]
    if lacking:
        few = ", ".join(map(repr, lacking[:5])) + (", ..." if len(lacking) > 5 else "")
        raise UsageError(
            f"{table.path.name} lacks {len(lacking)} of the {len(wanted)} columns that {run} was "
            f"trained on: {few}; name the columns as in the training file"
        )


def _arrays(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError(f"cannot read the model {path}: {error}") from None


def _written(table: Table, names: Sequence[str], scores: Array) -> str:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances = powers / powers.sum(axis=1, keepdims=True)
    text = io.StringIO()
    file = csv.writer(text, lineterminator="\n")
    file.writerow([*table.names, "prediction", *(f"probability of {name}" for name in names)])
    for row, best, parts in zip(table.rows, scores.argmax(axis=1), chances, strict=True):
        file.writerow([*row, names[best], *(f"{part:.6f}" for part in parts)])
    return text.getvalue()
