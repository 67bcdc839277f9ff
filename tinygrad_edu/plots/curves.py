"""The curves by which a classifier of two classes is judged (floor 5).

They take what ``tg.metrics`` takes, and show what it computes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import metrics
from ..autodiff.tensor import Tensor
from .plot import Plot, started
from .style import COLOURS, FAINT, INK, MUTED, SMALL, dressed, legend

__all__ = ["calibration", "gain", "ks", "lift", "precision_recall", "roc"]


def roc(y_true: Any, y_score: Any, *, pos_label: Any = None, ax: Any = None) -> Plot:
    """Plot the true positive rate over the false positive rate.

    Parameters
    ----------
    y_true, y_score : array_like, shape (samples,)
        Classes, and scores that are higher for the positive one.
    pos_label : int or str, optional
        The positive class.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    Plot
        With ``false_positive_rate``, ``true_positive_rate``, ``thresholds`` and ``auc``.
    """
    fpr, tpr, thresholds = metrics.roc_curve(y_true, _plain(y_score), pos_label=pos_label)
    area = metrics.auc(fpr, tpr)
    axes = _unit(ax, "ROC", "false positive rate", "true positive rate")
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle=(0, (4, 3)), linewidth=1, label="guessing")
    axes.fill_between(fpr, tpr, color=COLOURS[0], alpha=0.08, linewidth=0)
    axes.plot(fpr, tpr, color=COLOURS[0], linewidth=2, label=f"AUC {area:.4f}")
    legend(axes, loc="lower right")
    return Plot(
        axes, false_positive_rate=fpr, true_positive_rate=tpr, thresholds=thresholds, auc=area
    )


def precision_recall(y_true: Any, y_score: Any, *, pos_label: Any = None, ax: Any = None) -> Plot:
    """Plot precision over recall, as steps.

    Parameters
    ----------
    y_true, y_score, pos_label, ax
        As for ``roc``.

    Returns
    -------
    Plot
        With ``precision``, ``recall``, ``thresholds`` and ``average_precision``.
    """
    score = _plain(y_score)
    precision, recall, thresholds = metrics.precision_recall_curve(
        y_true, score, pos_label=pos_label
    )
    average = metrics.average_precision_score(y_true, score, pos_label=pos_label)
    axes = _unit(ax, "Precision and recall", "recall", "precision")
    share = precision[0]  # where everything is taken for positive
    axes.axhline(share, color=MUTED, linestyle=(0, (4, 3)), linewidth=1, label="guessing")
    axes.step(recall, precision, where="post", color=COLOURS[0], linewidth=2,
              label=f"average precision {average:.4f}")  # fmt: skip
    legend(axes, loc="lower left")
    return Plot(axes, precision=precision, recall=recall, thresholds=thresholds,
                average_precision=average)  # fmt: skip


def gain(y_true: Any, y_score: Any, *, pos_label: Any = None, ax: Any = None) -> Plot:
    """Plot the share of positives found over the share of samples served, best first.

    Parameters
    ----------
    y_true, y_score, pos_label, ax
        As for ``roc``.

    Returns
    -------
    Plot
        With ``depth``, ``gain`` and ``thresholds``.
    """
    depth, found, thresholds = metrics.gain_curve(y_true, _plain(y_score), pos_label=pos_label)
    share = _share(y_true, y_score, pos_label)
    axes = _unit(ax, "Gain", "share of samples, best scores first", "share of positives found")
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle=(0, (4, 3)), linewidth=1, label="any order")
    axes.plot([0, share, 1], [0, 1, 1], color=COLOURS[2], linestyle=(0, (2, 1.5)), linewidth=1.4,
              label="perfect")  # fmt: skip
    axes.plot(depth, found, color=COLOURS[0], linewidth=2, label="gain")
    legend(axes, loc="lower right")
    return Plot(axes, depth=depth, gain=found, thresholds=thresholds)


def lift(y_true: Any, y_score: Any, *, pos_label: Any = None, ax: Any = None) -> Plot:
    """Plot how many times as frequent positives are among the samples served as among all.

    Parameters
    ----------
    y_true, y_score, pos_label, ax
        As for ``roc``.

    Returns
    -------
    Plot
        With ``depth``, ``lift`` and ``thresholds``.
    """
    depth, times, thresholds = metrics.lift_curve(y_true, _plain(y_score), pos_label=pos_label)
    axes = dressed(started(ax), "Lift", "share of samples, best scores first", "lift")
    axes.axhline(1, color=MUTED, linestyle=(0, (4, 3)), linewidth=1, label="any order")
    axes.plot(depth, times, color=COLOURS[0], linewidth=2, label="lift")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.08 * max(1.0, float(times.max())))
    legend(axes, loc="lower left")
    return Plot(axes, depth=depth, lift=times, thresholds=thresholds)


def ks(y_true: Any, y_score: Any, *, pos_label: Any = None, ax: Any = None) -> Plot:
    """Plot the distribution functions of the scores of both classes, and their distance.

    Parameters
    ----------
    y_true, y_score, pos_label, ax
        As for ``roc``.

    Returns
    -------
    Plot
        With ``thresholds``, ``positive``, ``negative``, ``statistic`` and ``threshold``.
    """
    curve = metrics.ks_curve(y_true, _plain(y_score), pos_label=pos_label)
    axes = dressed(started(ax), "Kolmogorov-Smirnov", "score", "share of the class at or below")
    for k, (name, shares) in enumerate(
        (("negative", curve.negative), ("positive", curve.positive))
    ):
        axes.step(curve.thresholds, shares, where="post", color=COLOURS[k], linewidth=2,
                  linestyle=("-", (0, (6, 2)))[k], label=name)  # fmt: skip
    at = int(np.argmax(np.abs(curve.difference)))
    ends = curve.positive[at], curve.negative[at]
    axes.plot([curve.threshold] * 2, ends, color=INK, linewidth=1.2, marker="o", markersize=4)
    right = curve.threshold > np.mean(axes.get_xlim())
    axes.annotate(
        f"KS {curve.statistic:.4f}\nat {curve.threshold:.3g}", (curve.threshold, np.mean(ends)),
        (-8 if right else 8, 0), textcoords="offset points", fontsize=SMALL, color=INK,
        va="center", ha="right" if right else "left",
        bbox={"facecolor": "white", "edgecolor": FAINT, "pad": 3},
    )  # fmt: skip
    axes.set_ylim(-0.02, 1.02)
    legend(axes, loc="center right" if not right else "center left", frame=True)
    return Plot(
        axes, thresholds=curve.thresholds, positive=curve.positive, negative=curve.negative,
        statistic=curve.statistic, threshold=curve.threshold,
    )  # fmt: skip


def calibration(
    y_true: Any, y_prob: Any, *, pos_label: Any = None, n_bins: int = 10, ax: Any = None
) -> Plot:
    """Plot how often the positive class occurs over how often it was predicted to.

    Parameters
    ----------
    y_true, y_prob : array_like, shape (samples,)
        Classes, and probabilities of the positive one.
    pos_label, ax
        As for ``roc``.
    n_bins : int
        Parts of 0 to 1.

    Returns
    -------
    Plot
        With ``predicted`` and ``observed``, one for each part that is not empty.
    """
    observed, predicted = metrics.calibration_curve(
        y_true, _plain(y_prob), pos_label=pos_label, n_bins=n_bins
    )
    axes = _unit(ax, "Calibration", "predicted probability", "share that is positive")
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle=(0, (4, 3)), linewidth=1, label="perfect")
    axes.plot(predicted, observed, color=COLOURS[0], linewidth=2, marker="o", markersize=5,
              markeredgecolor="white", label="predictions")  # fmt: skip
    legend(axes, loc="upper left")
    return Plot(axes, predicted=predicted, observed=observed)


def _unit(ax: Any, title: str, x: str, y: str) -> Any:
    """Axes of two shares."""
    axes = dressed(started(ax, size=(4.6, 4.4)), title, x, y, square=True)
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.01)
    return axes


def _share(y_true: Any, y_score: Any, pos_label: Any) -> float:
    """The share of positives: the precision where everything is taken for positive."""
    curve = metrics.precision_recall_curve(y_true, _plain(y_score), pos_label=pos_label)
    return float(curve.precision[0])


def _plain(score: Any) -> Any:
    return np.asarray(score.data if isinstance(score, Tensor) else score, np.float64)
