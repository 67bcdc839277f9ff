"""What can be asked of the main job, with a default that works for every data set (floor 6)."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from .._version import __version__

__all__ = ["RECIPES", "TABLE", "Parser", "Settings", "UsageError", "parse", "settings_of"]

WIDEST_LAYER = 10_000
KINDS = ("mlp", "cnn")


class UsageError(Exception):
    """The arguments ask for something that cannot be done; the text is one sentence."""


class Recipe(NamedTuple):
    """Settings with which a data set is learnt well in seconds."""

    model: tuple[int, ...]
    epochs: int
    learning_rate: float
    batch_size: int


# Median test accuracies over the first seeds: 0.989 (0 to 10), 0.964 (0 to 4), then 0.967, 0.972
# and 0.974 (0 to 10). Layers of half the size cost digits one per cent.
RECIPES = {
    "digits": Recipe((256, 128), 30, 2e-3, 64),
    "mnist10k": Recipe((256, 128), 15, 2e-3, 128),
    "iris": Recipe((16,), 60, 1e-2, 16),
    "wine": Recipe((32,), 40, 5e-3, 16),
    "breast_cancer": Recipe((32,), 30, 3e-3, 32),
    "diabetes": Recipe((16,), 30, 3e-3, 32),  # numbers to predict: 30 epochs overfit less than 60
}
# For a table of your own.
TABLE = Recipe((32,), 60, 5e-3, 32)
# For images: channels of the two convolutions, then units. Median test accuracies over the seeds
# 0 to 2: 0.975 and 0.979. tests/cli/test_accuracy.py holds all recipes to what they reach.
CONVOLUTIONAL = {
    "digits": Recipe((16, 32, 64), 20, 2e-3, 64),
    "mnist10k": Recipe((16, 32, 128), 10, 1e-3, 64),
}


@dataclass(frozen=True)
class Settings:
    """One run, fully specified but for ``out``: with None the folder is named after the time.

    Attributes
    ----------
    data : str
        A key of ``RECIPES``, or the path of a CSV file.
    target : str or None
        The column to predict, of a file.
    task : {"classification", "regression"} or None
        What the column is; None tells it from the column.
    kind : {"mlp", "cnn"}
        A multilayer perceptron, or a convolutional network.
    model : tuple of int
        Units of each hidden layer; of a convolutional network, channels and then units.
    epochs, batch_size : int, at least 1
        Passes over the training part, and samples per step.
    learning_rate : float, above 0
        Adam's step size.
    seed : int, at least 0
        Decides the split, the first weights and the order of the batches.
    out : Path, optional
        The run folder.
    resume : bool
        Go on in ``out``, from its checkpoint.
    """

    data: str
    target: str | None
    task: str | None
    kind: str
    model: tuple[int, ...]
    epochs: int
    learning_rate: float
    batch_size: int
    seed: int
    out: Path | None
    resume: bool = False

    @property
    def name(self) -> str:
        """What the data is called: of a file, its name without the ending."""
        return self.data if self.target is None else Path(self.data).stem


class Parser(argparse.ArgumentParser):
    """Complains by raising, so that a mistake is one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def parse(arguments: Sequence[str] | None = None) -> Settings:
    """Read the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Raises
    ------
    UsageError
        For an unknown flag or data set, or an impossible value.

    Examples
    --------
    >>> settings = parse(["--data", "iris", "--epochs", "5"])
    >>> settings.data, settings.model, settings.epochs, settings.batch_size
    ('iris', (16,), 5, 16)
    """
    parser = _parser()
    given, unknown = parser.parse_known_args(arguments)
    if unknown:
        others = ["ops", "predict", "doctor", "lessons", "lesson", "grade"]
        flags = [*others, *parser._option_string_actions]
        raise UsageError(f"unknown argument {unknown[0]!r}{_meant(unknown[0], flags)}")
    if given.resume is not None:
        return _resumed(given)
    kind, units = given.model or ("mlp", None)
    recipe = _recipe(given.data, given.target, kind)
    if given.task is not None and given.target is None:
        raise UsageError(f"--task says what --target is, and {given.data} has a target of its own")
    return Settings(
        data=given.data,
        target=given.target,
        task=given.task,
        kind=kind,
        model=units or recipe.model,
        epochs=given.epochs or recipe.epochs,
        learning_rate=given.lr or recipe.learning_rate,
        batch_size=given.batch_size or recipe.batch_size,
        seed=given.seed,
        out=given.out,
    )


def settings_of(folder: Path) -> tuple[Settings, dict[str, Any]]:
    """Read back how a run folder was made: its settings, and the whole ``config.json``.

    Raises
    ------
    UsageError
        When it is no run folder.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        saved = config["settings"]
        convolutional = saved["model"] == "cnn"
        sizes = config["architecture"]["sizes"]
        return Settings(
            data=str(saved["data"]),
            target=saved.get("target"),
            task=saved.get("task"),
            kind="cnn" if convolutional else "mlp",
            model=tuple(int(size) for size in sizes[1:-1]),
            epochs=int(saved["epochs"]),
            learning_rate=float(saved["lr"]),
            batch_size=int(saved["batch_size"]),
            seed=int(saved["seed"]),
            out=folder,
            resume=True,
        ), config
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"{folder} is no run folder: config.json: {reason}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{folder} is no run folder: its config.json tells of no run") from None


def _recipe(data: str, target: str | None, kind: str) -> Recipe:
    if kind == "cnn":
        if data not in CONVOLUTIONAL:
            images = " and ".join(CONVOLUTIONAL)
            raise UsageError(f"--model cnn looks at images, which {data} has not; {images} have")
        return CONVOLUTIONAL[data]
    if data in RECIPES:
        if target is not None:
            raise UsageError(f"--target names a column of a CSV file, and {data} has its own")
        return RECIPES[data]
    if target is None:
        raise UsageError(f"which column of {data} is to be predicted? say --target COLUMN")
    return TABLE


def _resumed(given: argparse.Namespace) -> Settings:
    fixed = ("data", "target", "task", "model", "lr", "batch_size", "out")
    if any(getattr(given, name) not in (None, "digits") for name in fixed) or given.seed:
        raise UsageError("--resume goes on as the run began; it may be given --epochs, no more")
    settings, _ = settings_of(given.resume)
    if not (given.resume / "checkpoint.npz").is_file():
        raise UsageError(f"{given.resume} has no checkpoint.npz to go on from")
    return replace(settings, epochs=given.epochs or settings.epochs)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m tinygrad_edu",
        description="Train on a data set that comes with the package, or on a CSV file of yours, "
        "to tell classes or to predict a number: a network with ReLU, He initialisation and Adam, "
        "tested on a fifth of the samples.",
        epilog="The run folder holds report.html to look at, model.npz, history.csv, config.json, "
        "checkpoint.npz, the graph of the loss as graph.svg and graph.dot, and as backprop.html to "
        "step through its gradients. Ctrl-C leaves it complete, with the model after the last full "
        "epoch, and --resume goes on from there. "
        "`python -m tinygrad_edu predict RUN NEW.csv` answers for new rows, "
        "`lessons` lists the lessons and `lesson 1` runs the first, `grade` checks an exercise, "
        "`ops` lists the operations with their formulas, `doctor` says what is installed.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--data", type=_data, default="digits", metavar="NAME",
        help=f"one of {', '.join(RECIPES)}, or a CSV file with a line of column names")  # fmt: skip
    add("--target", metavar="COLUMN", help="the column to predict, of a CSV file")
    add("--task", choices=("classification", "regression"),
        help="what the column is (words and a few whole numbers: classes)")  # fmt: skip
    add("--model", type=_model, metavar="MODEL",
        help=f"mlp, cnn (for images), or hidden layers, as in 128,64 {_defaults(0)}")  # fmt: skip
    add("--epochs", type=_count, metavar="N", help=f"passes over the training part {_defaults(1)}")
    add("--lr", type=_rate, metavar="RATE", help=f"Adam's learning rate {_defaults(2)}")
    add("--batch-size", type=_count, metavar="N", help=f"samples per step {_defaults(3)}")
    add("--seed", type=_seed, default=0, metavar="N", help="the same seed, the same run (0)")
    add("--out", type=_folder, metavar="FOLDER", help="the run folder (runs/NAME-DATE-TIME)")
    add("--resume", type=_folder, metavar="RUN", help="go on with the run of this folder")
    add("--version", action="version", version=f"tinygrad_edu {__version__}")
    return parser


def _defaults(field: int) -> str:
    def shown(value: object) -> str:
        return ",".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}"

    recipes = {**RECIPES, "CSV": TABLE}
    return f"({'; '.join(f'{name} {shown(recipe[field])}' for name, recipe in recipes.items())})"


def _meant(word: str, words: Sequence[str]) -> str:
    close = get_close_matches(word.lower(), words, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _data(text: str) -> str:
    if text in RECIPES:
        return text
    if Path(text).suffix.lower() in (".csv", ".tsv", ".txt"):
        return text
    hint = _meant(text, list(RECIPES)) or f"; there are {', '.join(RECIPES)}, and CSV files"
    raise argparse.ArgumentTypeError(f"no data set is called {text!r}{hint}")


def _whole(text: str, least: int, most: int | None = None) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least or (most is not None and number > most):
        limits = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {limits}")
    return number


def _count(text: str) -> int:
    return _whole(text, 1)


def _seed(text: str) -> int:
    return _whole(text, 0)


def _model(text: str) -> tuple[str, tuple[int, ...] | None]:
    """The kind of a network and, of a perceptron, the units of its layers."""
    if text in KINDS:
        return text, None
    if text.isalpha():
        raise argparse.ArgumentTypeError(f"{text!r} is no model; there are mlp, cnn, and 128,64")
    return "mlp", tuple(_whole(part.strip(), 1, WIDEST_LAYER) for part in text.split(","))


def _rate(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number above 0")
    return number


def _folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("the folder's name is empty")
    return Path(text)
