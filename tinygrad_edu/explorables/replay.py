"""``training_replay``: a classifier of two features, seen while it learns (floor 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..types import Array
from . import catalogue
from .page import CLASSES, Page, made
from .quantised import Blob, finite, largest
from .verdicts import of_training

__all__ = ["training_replay"]

UNITS = 10  # drawn of a layer
LEVELS = 31  # shades of a hidden unit: what a small picture shows
MEGABYTES = 8.0


def training_replay(recorders: Any, *, title: str = "", theme: str = "auto") -> Page:
    """Return a page that replays the training of a classifier of two features.

    Every unit is a small map of the plane, every weight a line; a slider goes through the epochs,
    and of several runs, each setting is a knob that changes the run at the same epoch.

    Parameters
    ----------
    recorders : FieldRecorder, or sequence of them
        Of one run, or of several on the same samples whose ``settings`` have the same names. A run
        that an error cut off is shown as far as it came.
    title : str
        The page's name.
    theme : {"auto", "light", "dark"}
        Colours; those that the reader's system asks for by default.

    Returns
    -------
    Page
        ``.save("training.html")``, ``.show()``; notebooks show it.

    Raises
    ------
    ArgumentError
        For what has recorded nothing, or for runs that the knobs cannot tell apart.

    Notes
    -----
    Shades are rounded to 31 steps of each sign, the output's to 100. Of layers with more than
    ten units, ten are drawn, evenly spaced. After: Smilkov, Carter 2016, *TensorFlow Playground*.

    Examples
    --------
    >>> from tinygrad_edu import data, nn, training
    >>> x, y = data.xor(40, rng=0)
    >>> model, recorder = nn.MLP((2, 3, 2), activation="tanh", rng=0), training.FieldRecorder(x, y)
    >>> history = training.fit(model, (x, y), nn.CrossEntropyLoss(),
    ...     nn.optim.SGD(model, lr=0.1), epochs=2, callbacks=[recorder], progress=False, rng=0)
    >>> training_replay(recorder, title="xor")  # doctest: +ELLIPSIS
    <Page 'xor', ... kB: page.show(), page.save("page.html")>
    """
    runs = list(recorders) if isinstance(recorders, (list, tuple)) else [recorders]
    _check(runs)
    blob = Blob()
    first = runs[0]
    names = list(first.settings)
    choices = {
        name: list(dict.fromkeys(_word(run.settings[name]) for run in runs)) for name in names
    }
    count = max(int(first.classes.max()) + 1, 2, *[len(run.frames[0]["output"]) for run in runs])
    if count > len(CLASSES[0]):
        raise catalogue.too_many_classes(count, len(CLASSES[0]))
    data = {
        "region": [[finite(end) for end in side] for side in first.region],
        "samples": [[finite(value, 4) for value in side] for side in first.x.T],
        "classes of samples": first.classes.tolist(),
        "count": count,
        "levels": [LEVELS, 100],
        "side": len(first.frames[0]["output"][0]),
        "knobs": [{"name": name, "choices": choices[name]} for name in names],
        "runs": [
            {
                "place": [choices[name].index(_word(run.settings[name])) for name in names],
                **_run(run, blob),
            }
            for run in runs
        ],
    }
    page = made("replay", title or "Training, replayed", theme, data, blob.parts)
    if len(page.html) > MEGABYTES * 1e6:
        raise catalogue.too_large(len(page.html) / 1e6, MEGABYTES)
    return page


def _check(runs: Sequence[Any]) -> None:
    if not runs:
        raise catalogue.nothing_recorded("FieldRecorder")
    seen = set()
    for run in runs:
        if not hasattr(run, "frames") or not hasattr(run, "settings"):
            raise catalogue.no_recording(run, "FieldRecorder")
        if not run.frames:
            raise catalogue.nothing_recorded("FieldRecorder")
        if list(run.settings) != list(runs[0].settings):
            raise catalogue.other_settings(list(runs[0].settings), list(run.settings))
        same = np.array_equal(run.x, runs[0].x) and np.array_equal(run.classes, runs[0].classes)
        if not same or run.frames[0]["output"].shape[1] != runs[0].frames[0]["output"].shape[1]:
            raise catalogue.other_samples()
        place = tuple(_word(value) for value in run.settings.values())
        if place in seen:
            raise catalogue.twice(", ".join(place))
        seen.add(place)


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _run(run: Any, blob: Blob) -> dict[str, Any]:
    """One run as JSON, its arrays in the blob."""
    frames, columns = run.frames, run.network.columns
    layers = [_input(columns[0])]
    for k, column in enumerate(columns[1:]):
        layers.append(_layer(frames, k, column, layers[k]["shown"], blob))
    found = {
        "layers": layers,
        "output": _output(run, blob),
        "signed": len(frames[0]["output"]) <= 2,
        "told": blob.film([frame["told"] for frame in frames], 127.0, 127),
        "at": [int(frame["at"]) for frame in frames],
        "loss": [finite(frame["loss"]) for frame in frames],
        "accuracy": [finite(frame["accuracy"]) for frame in frames],
        "said": [of_training(run, k) for k in range(len(frames))],
    }
    if not run.ended:
        found["cut"] = True
    return found


def _input(column: Any) -> dict[str, Any]:
    return {"name": "input", "units": 2, "shown": [0, 1], "functions": []}


def _layer(
    frames: Sequence[Any], k: int, column: Any, before: Sequence[int], blob: Blob
) -> dict[str, Any]:
    units = len(column.weight)
    shown = np.unique(np.linspace(0, units - 1, min(units, UNITS)).round().astype(int))
    weights = np.stack([frame["weights"][k][np.ix_(shown, np.asarray(before))] for frame in frames])
    biases = np.stack([frame["biases"][k][shown] for frame in frames])
    if k == len(frames[0]["weights"]) - 1 and units > 1:
        shown, weights, biases = np.zeros(1, int), *_deciding(weights, biases)
    layer = {
        "name": column.name, "units": units, "shown": shown.tolist(),
        "functions": list(column.functions), "weights": blob.numbers(weights),
        "biases": blob.numbers(biases),
    }  # fmt: skip
    if k < len(frames[0]["fields"]):
        fields = np.stack([frame["fields"][k][shown] for frame in frames])
        scales = largest(fields, (1, 2, 3))
        layer["scales"] = [finite(float(scale), 3) for scale in scales.ravel()]
        layer["fields"] = blob.film(fields, scales, LEVELS)
    return layer


def _deciding(weights: Array, biases: Array) -> tuple[Array, Array]:
    """Several outputs as one: of two what decides, their difference; of more how they differ."""
    if weights.shape[1] == 2:
        return weights[:, 1:] - weights[:, :1], biases[:, 1:] - biases[:, :1]
    return weights.std(axis=1, keepdims=True), biases.std(axis=1, keepdims=True)


def _output(run: Any, blob: Blob) -> list[int]:
    """How sure the classifier is of which class, in one byte a place.

    Of one or two outputs, from -100 for class 0 to 100 for class 1. Of more, 15 shades for each
    class.
    """
    outputs = np.stack([frame["output"] for frame in run.frames]).astype(np.float64)
    functions = run.network.columns[-1].functions
    ending = functions[-1] if functions else ""
    with np.errstate(over="ignore", invalid="ignore"):
        if outputs.shape[1] == 1:
            sure = {"sigmoid": lambda z: 2 * z - 1, "tanh": lambda z: z}
            return blob.film(sure.get(ending, lambda z: np.tanh(z / 2))(outputs), 1.0)
        if ending != "softmax":
            powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            outputs = powers / powers.sum(axis=1, keepdims=True)
    if outputs.shape[1] == 2:
        return blob.film(outputs[:, 1] - outputs[:, 0], 1.0)
    best = outputs.argmax(axis=1)
    least = 1 / outputs.shape[1]
    sure_of = np.nan_to_num((outputs.max(axis=1) - least) / (1 - least))
    bytes_ = 16 * best + np.round(15 * sure_of)
    return blob.film(bytes_, 127.0, 127)
