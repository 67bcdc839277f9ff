"""The page as one file: markup, style, and a policy that lets nothing in or out (floor 6)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from ...types import Array
from ...webpage import escape
from ..tasks import Regression, Task
from .classes import of_classes
from .numbers import of_numbers
from .results import Classes, Finished, Numbers
from .tables import settings

__all__ = ["report"]

WORDS = {"good": "Good", "look": "Look", "note": "Note"}


def report(
    task: Task,
    outputs: Array,
    history: Sequence[tuple[Any, ...]],
    config: Mapping[str, Any],
    picture: str,
) -> str:
    """Return ``report.html``: what a finished run came to, and how.

    Parameters
    ----------
    task : Task
        What was asked, with both parts of the data.
    outputs : array, shape (test samples, outputs)
        What the network answered to the test part.
    history : sequence of tuple
        Epoch, loss and measure.
    config : mapping
        As in ``config.json``.
    picture : str
        The graph of the loss as SVG.

    Notes
    -----
    No script is in the page, and none could run: its policy allows the style sheet by its hash,
    pictures that stand in the page itself, and nothing else. Every name is escaped.
    """
    run: Classes | Numbers
    if isinstance(task, Regression):
        run = Numbers(task, outputs, history, config, picture)
        found = of_numbers(run)
    else:
        run = Classes(task, outputs, history, config, picture)
        found = of_classes(run)
    said = "".join(
        f'<li class="{kind}"><b>{WORDS[kind]}</b><span>{escape(text)}</span></li>'
        for kind, text in found.verdicts
    )
    name = config["settings"]["data"] if run.samples.source.licence else run.samples.source.name
    sections = [
        f'<ul class="verdicts">{said}</ul>',
        f'<div class="figures">{"".join(found.figures)}</div>',
        *(f"<h2>{escape(title)}</h2>{inside}" for title, inside in found.sections),
        _graph(run),
        "<h2>How it was made</h2>" + settings(run),
    ]
    style = _style()
    title = f"{name}: {found.headline}"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>"
        f"{_head(run, name, found.cards)}"
        f"{''.join(f'<section>{part}</section>' for part in sections)}"
        "<footer>Written by tinygrad_edu. This page is one file and loads nothing.</footer>"
        "</main></body></html>\n"
    )


def _head(run: Finished, name: str, numbers: Sequence[tuple[str, str]]) -> str:
    config = run.config
    kind = "convolutional network" if config["settings"]["model"] == "cnn" else "perceptron"
    sizes = " – ".join(map(str, config["architecture"]["sizes"]))
    numbers = [*numbers, (f"{config['seconds']:.1f} s", f"{len(run.history)} epochs")]
    cards = "".join(
        f"<div><b>{escape(number)}</b><span>{escape(label)}</span></div>"
        for number, label in numbers
    )
    what = run.samples.source.description.partition(", sha256")[0].rstrip(".")
    return (
        f"<header><p>Training report</p><h1>{escape(name)}</h1>"
        f'<p class="lead">{escape(what)}. A {kind} of {escape(sizes)} units, trained '
        f"on {config['samples']['training']} samples.</p>"
        f'<div class="cards">{cards}</div></header>'
    )


def _graph(run: Finished) -> str:
    return (
        "<h2>The network and its gradients</h2><p>The loss of a few samples before the first step: "
        "values flow down, gradients, in colour, back up. "
        '<a href="backprop.html">Step through it</a>.</p>'
        f'<div class="graph">{run.picture}</div>'
    )


@cache
def _style() -> str:
    return files(__package__ or "").joinpath("page.css").read_text(encoding="utf-8")


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
