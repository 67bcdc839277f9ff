"""The page as one file: markup, style, and a policy that lets nothing in or out (floor 6)."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from ...webpage import escape
from .figures import figures
from .results import Results
from .tables import confusion, hardest, per_class, settings
from .verdicts import verdicts

__all__ = ["report"]

WORDS = {"good": "Good", "look": "Look", "note": "Note"}


def report(run: Results) -> str:
    """Return ``report.html``: what the run came to, and how.

    Parameters
    ----------
    run : Results
        A finished run.

    Notes
    -----
    No script is in the page, and none could run: its policy allows the style sheet by its hash,
    pictures that stand in the page itself, and nothing else. Every name is escaped.
    """
    said = "".join(
        f'<li class="{kind}"><b>{WORDS[kind]}</b><span>{escape(text)}</span></li>'
        for kind, text in verdicts(run)
    )
    name = run.config["settings"]["data"] if run.samples.source.licence else run.samples.source.name
    sections = [
        f'<ul class="verdicts">{said}</ul>',
        f'<div class="figures">{"".join(figures(run))}</div>',
        "<h2>What was taken for what</h2>" + confusion(run),
        "<h2>Class by class</h2>" + per_class(run),
        "<h2>The hardest test samples</h2>" + hardest(run),
        _graph(run),
        "<h2>How it was made</h2>" + settings(run),
    ]
    style = _style()
    title = f"{name}: test accuracy {run.accuracy:.3f}"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>"
        f"{_head(run, name)}{''.join(f'<section>{part}</section>' for part in sections)}"
        "<footer>Written by tinygrad_edu. This page is one file and loads nothing.</footer>"
        "</main></body></html>\n"
    )


def _head(run: Results, name: str) -> str:
    config = run.config
    kind = "convolutional network" if config["settings"]["model"] == "cnn" else "perceptron"
    sizes = " – ".join(map(str, config["architecture"]["sizes"]))
    f1 = 2 * run.confusion.diagonal() / (run.confusion.sum(0) + run.confusion.sum(1)).clip(1)
    numbers = [
        (f"{run.accuracy:.1%}", "test accuracy"),
        (f"{f1.mean():.3f}", "mean F1"),
        (f"{run.losses.mean():.3f}", "test loss"),
        (str(int((run.predicted != run.labels).sum())), f"mistakes in {len(run.labels)}"),
        (f"{config['seconds']:.1f} s", f"{len(run.history)} epochs"),
    ]
    if run.binary is not None:
        numbers[1:2] = [(f"{run.binary.auc:.4f}", "AUC"), (f"{run.binary.ks:.4f}", "KS")]
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


def _graph(run: Results) -> str:
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
