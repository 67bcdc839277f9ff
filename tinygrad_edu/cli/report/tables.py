"""The tables of the report, and the samples that were hardest (floor 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ...metrics import precision_recall_fscore_support
from ...webpage import escape
from .images import address
from .results import Classes, Finished

__all__ = ["confusion", "hardest", "per_class", "settings", "table"]

MOST_CLASSES = 25
SHOWN = 12


def table(head: Sequence[str], rows: Iterable[Sequence[object]], *, kind: str = "") -> str:
    """Return a table whose first column names its rows; everything is escaped."""
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{top}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def confusion(run: Classes) -> str:
    """Return how often each class was taken for each, shaded by the share of the true class."""
    counts = run.confusion
    if len(run.names) > MOST_CLASSES:
        wrong = counts - np.diag(np.diag(counts))
        order = np.argsort(wrong, axis=None)[::-1][:SHOWN]
        places = [np.unravel_index(int(k), wrong.shape) for k in order]
        rows = [(run.names[a], run.names[b], int(wrong[a, b])) for a, b in places if wrong[a, b]]
        return table(("true class", "taken for", "times"), rows)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in run.names)
    lines = []
    for row, name in enumerate(run.names):
        cells = "".join(
            f'<td class="{_shade(row == column, shares[row, column])}">'
            f"{counts[row, column] or '·'}</td>"
            for column in range(len(run.names))
        )
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    return (
        '<div class="scroll"><table class="matrix"><thead><tr><th scope="col">true \\ taken for'
        f"</th>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _shade(right: bool, share: float) -> str:
    if not share:
        return "none"
    step = int(np.ceil(share * 5))
    return f"{'right' if right else 'wrong'}{min(step + (0 if right else 1), 5)}"


def per_class(run: Classes) -> str:
    """Return precision, recall, F1 and count of each class, and their plain mean."""
    found = precision_recall_fscore_support(run.labels, run.predicted, labels=range(len(run.names)))
    columns = [np.asarray(column) for column in found]
    rows: list[Sequence[object]] = [
        (name, *(f"{columns[k][row]:.3f}" for k in range(3)), int(columns[3][row]))
        for row, name in enumerate(run.names)
    ]
    means = (f"{columns[k].mean():.3f}" for k in range(3))
    rows.append(("mean of classes", *means, int(columns[3].sum())))
    return table(("class", "precision", "recall", "F1", "samples"), rows, kind="numbers")


def hardest(run: Classes) -> str:
    """Return the test samples with the largest loss: images, or rows of the table."""
    worst = np.argsort(run.losses, kind="stable")[::-1][:SHOWN]
    images = run.samples.source.features.ndim == 3
    if not images:
        rows = [
            (
                f"row {int(run.samples.test_rows[k]) + 1}", run.names[run.labels[k]],
                run.names[run.predicted[k]], f"{run.chances[k].max():.3f}", f"{run.losses[k]:.2f}",
            )
            for k in worst
        ]  # fmt: skip
        return table(("sample", "true class", "answer", "how sure", "loss"), rows, kind="numbers")
    cards = []
    for k in worst:
        true, said = run.names[run.labels[k]], run.names[run.predicted[k]]
        wrong = run.labels[k] != run.predicted[k]
        text = f"{true} taken for {said}" if wrong else f"{true}, recognised"
        pixels = run.samples.source.features[run.samples.test_rows[k]]
        cards.append(
            f'<figure class="{"mistake" if wrong else "thin"}"><img alt="{escape(text)}" '
            f'src="{address(pixels)}"><figcaption>{escape(text)}<br>'
            f"<small>{run.chances[k].max():.0%} sure</small></figcaption></figure>"
        )
    return f'<div class="images">{"".join(cards)}</div>'


def settings(run: Finished) -> str:
    """Return what decides the run, and with which versions it was made."""
    config = run.config
    rows: list[tuple[object, object]] = [
        (name.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, list) else value)
        for name, value in config["settings"].items()
    ]
    sizes = " – ".join(map(str, config["architecture"]["sizes"]))
    rows += [("layers", sizes), ("optimizer", config["architecture"]["optimizer"])]
    rows += [(f"{name} samples", count) for name, count in config["samples"].items()]
    rows += [("seconds", f"{config['seconds']:.1f}")]
    rows += [(name, version) for name, version in config["versions"].items()]
    if config["data_licence"]:
        rows.append(("licence of the data", config["data_licence"]))
    return table(("setting", "value"), rows, kind="settings")
