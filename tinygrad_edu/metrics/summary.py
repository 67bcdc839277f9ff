"""Everything one asks of a classifier of two classes, on a page.  Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .classification import confusion_matrix
from .gain_table import GainTable, gain_table
from .gains import ks_curve
from .labels import one_per_sample
from .probability import brier_score_loss, log_loss
from .ranking import average_precision_score, concordant_discordant
from .scores import Label, finite_scores, positives
from .threshold import BestThreshold, best_threshold

__all__ = ["BinaryReport", "report"]


@dataclass(frozen=True)
class BinaryReport:
    """What `report` found out; printed, it is a page of text.

    Attributes
    ----------
    positive : label
        The positive class.
    samples, positives : int
        How many samples there are, and how many of them are positive.
    auc, gini, ks, ks_threshold, average_precision : float
        `roc_auc_score`, `gini`, `ks_statistic`, the score where it is reached,
        `average_precision_score`.
    log_loss, brier : float or None
        Of the scores as probabilities; None if they do not lie in 0..1.
    threshold : BestThreshold
        The threshold with the best F1.
    confusion : int64 array, shape (2, 2)
        At that threshold; rows true, columns predicted; negative first.
    table : GainTable
        Gain and lift by tenths of the samples (fewer parts for fewer than ten).
    """

    positive: Any
    samples: int
    positives: int
    auc: float
    gini: float
    ks: float
    ks_threshold: float
    average_precision: float
    log_loss: float | None
    brier: float | None
    threshold: BestThreshold
    confusion: NDArray[np.int64]
    table: GainTable

    @property
    def accuracy(self) -> float:
        """The share of right answers at the threshold."""
        return float(np.trace(self.confusion) / self.samples)

    @property
    def precision(self) -> float:
        """How much of what is taken for positive at the threshold is so."""
        return float(self.confusion[1, 1] / self.confusion[:, 1].sum())

    @property
    def recall(self) -> float:
        """How much of what is positive is found at the threshold."""
        return float(self.confusion[1, 1] / self.positives)

    def __str__(self) -> str:
        share = self.positives / self.samples
        lines = [
            f"{self.samples} samples, {self.positives} positive ({self.positive!r}), {share:.1%}",
            "",
            *_row("AUC", self.auc),
            *_row("Gini", self.gini),
            *_row("KS", self.ks, f"at score {self.ks_threshold:.6g}"),
            *_row("average precision", self.average_precision, f"a guess has {share:.4f}"),
            *_row("log loss", self.log_loss),
            *_row("Brier", self.brier),
            "",
            f"positive if score >= {self.threshold.threshold:.6g} (best F1)",
            *_row("F1", self.threshold.value),
            *_row("precision", self.precision),
            *_row("recall", self.recall),
            *_row("accuracy", self.accuracy),
            "",
            f"{'':<18}{'taken for':>12}",
            f"{'':<18}{'negative':>12}{'positive':>12}",
            f"{'truly negative':<18}{self.confusion[0, 0]:>12d}{self.confusion[0, 1]:>12d}",
            f"{'truly positive':<18}{self.confusion[1, 0]:>12d}{self.confusion[1, 1]:>12d}",
            "",
            str(self.table),
        ]
        return "\n".join(lines)


def _row(name: str, value: float | None, remark: str = "") -> list[str]:
    shown = "-" if value is None else f"{value:.4f}"
    if value is None:
        remark = "the scores are not probabilities"
    return [f"{name:<18}{shown:>12}  {remark}".rstrip()]


def report(y_true: ArrayLike, y_score: ArrayLike, *, positive: Label | None = None) -> BinaryReport:
    r"""Judge the scores of a classifier of two classes in every usual way.

    .. math:: \mathrm{AUC}, \quad G = 2 \, \mathrm{AUC} - 1, \quad
              \mathrm{KS} = \max_t |\mathrm{tpr} - \mathrm{fpr}|, \quad \max_t F_1(t), \quad
              g_k, \quad \ell_k

    Parameters
    ----------
    y_true, y_score : array-like, shape (samples,)
        True labels; scores, higher for the positive class, best probabilities.
    positive : int or str, optional
        The positive class, all others being negative; by default 1, if the labels are 0 and 1 or
        -1 and 1.

    Returns
    -------
    BinaryReport
        To print, or to take figures from.

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`.

    Examples
    --------
    >>> found = report(["ill", "well", "ill", "well"], [0.9, 0.6, 0.4, 0.1], positive="ill")
    >>> found.auc, found.threshold.threshold, found.confusion.tolist()
    (0.75, 0.4, [[1, 1], [0, 2]])

    References
    ----------
    Those of the functions that it calls: see `BinaryReport`.
    """
    true = one_per_sample(y_true)
    score = finite_scores(y_score, true.size)
    is_positive = positives(true, positive)
    threshold = best_threshold(is_positive, score)
    pairs, ks = concordant_discordant(is_positive, score), ks_curve(is_positive, score)
    chances = score.min() >= 0 and score.max() <= 1
    return BinaryReport(
        positive=1 if positive is None else positive,
        samples=true.size,
        positives=int(is_positive.sum()),
        auc=pairs.auc,
        gini=pairs.gini,
        ks=ks.statistic,
        ks_threshold=ks.threshold,
        average_precision=average_precision_score(is_positive, score),
        log_loss=log_loss(is_positive, score) if chances else None,
        brier=brier_score_loss(is_positive, score) if chances else None,
        threshold=threshold,
        confusion=confusion_matrix(is_positive, score >= threshold.threshold),
        table=gain_table(is_positive, score, bins=min(10, true.size)),
    )
