"""The page of a run that tells classes apart (floor 6)."""

from __future__ import annotations

from .content import Content
from .figures import figures
from .results import Classes
from .tables import confusion, hardest, per_class
from .verdicts import verdicts

__all__ = ["of_classes"]


def of_classes(run: Classes) -> Content:
    """Return what is to be said of the answers, and shown."""
    f1 = 2 * run.confusion.diagonal() / (run.confusion.sum(0) + run.confusion.sum(1)).clip(1)
    cards = [
        (f"{run.accuracy:.1%}", "test accuracy"),
        (f"{f1.mean():.3f}", "mean F1"),
        (f"{run.losses.mean():.3f}", "test loss"),
        (str(int((run.predicted != run.labels).sum())), f"mistakes in {len(run.labels)}"),
    ]
    if run.binary is not None:
        cards[1:2] = [(f"{run.binary.auc:.4f}", "AUC"), (f"{run.binary.ks:.4f}", "KS")]
    return Content(
        f"test accuracy {run.accuracy:.3f}",
        cards,
        verdicts(run),
        figures(run),
        [
            ("What was taken for what", confusion(run)),
            ("Class by class", per_class(run)),
            ("The hardest test samples", hardest(run)),
        ],
    )
