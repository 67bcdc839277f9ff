"""The curves of the report (floor 6)."""

from __future__ import annotations

import math

import numpy as np

from ... import metrics
from .chart import Axis, Curve, bars, chart
from .results import Classes, Finished

__all__ = ["falling", "figures", "reliability"]

BINS = 10
MOST_CLASSES = 25


def figures(run: Classes) -> list[str]:
    """Return all figures as HTML: of the training, of the answers, and of each class."""
    found = _training(run)
    if run.binary is not None:
        found += _binary(run)
    if len(run.names) <= MOST_CLASSES:
        found.append(_classes(run))
    found.append(_reliability(run))
    return found


def reliability(run: Classes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, for tenths of certainty, the mean certainty, the share that is right, the count.

    Source: Guo et al. 2017, On calibration of modern neural networks, section 2.
    """
    sure = run.chances.max(axis=1)
    right = (run.predicted == run.labels).astype(float)
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    kept = counts > 0
    mean = np.bincount(places, sure, BINS)[kept] / counts[kept]
    share = np.bincount(places, right, BINS)[kept] / counts[kept]
    return mean, share, counts[kept]


def falling(run: Finished, remark: str) -> str:
    """Return the figure of the training loss, in decades where it falls far."""
    epochs, losses, _ = (np.array(part, float) for part in zip(*run.history, strict=True))
    across = Axis("epoch", 1, max(2, len(epochs)))
    low, high = float(losses.min()), float(losses.max())
    log = low > 0 and high / max(low, 1e-300) > 20
    up = Axis("loss", 10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high)), True) \
        if log else Axis("loss", 0.0, high * 1.05 or 1.0)  # fmt: skip
    return chart("Training loss", across, up, [Curve("loss", epochs, losses, "c0")], remark)


def _training(run: Classes) -> list[str]:
    if not run.history:
        return []
    epochs, _, accuracies = (np.array(part, float) for part in zip(*run.history, strict=True))
    across = Axis("epoch", 1, max(2, len(epochs)))
    floor = max(0.0, math.floor(10 * float(accuracies.min()) - 0.5) / 10)
    return [
        falling(run, "Cross-entropy, mean over the samples of each epoch, each seen before its "
                "own step."),
        chart(
            "Accuracy", across, Axis("share of right answers", floor, 1.0),
            [
                Curve("training", epochs, accuracies, "c0"),
                Curve(f"test {run.accuracy:.3f}", np.array([1, across.high]),
                      np.full(2, run.accuracy), "c1"),
            ],
            "The test part was looked at once, after the last epoch.",
        ),
    ]  # fmt: skip


def _binary(run: Classes) -> list[str]:
    """ROC, precision and recall, gain, lift, and the distance of the classes."""
    truth, score = run.labels, run.chances[:, 1]
    share, unit = float(truth.mean()), np.array([0.0, 1.0])
    assert run.binary is not None
    name = run.names[1]
    fpr, tpr, _ = metrics.roc_curve(truth, score)
    precision, recall, _ = metrics.precision_recall_curve(truth, score)
    depth, gained, _ = metrics.gain_curve(truth, score)
    served, lift, _ = metrics.lift_curve(truth, score)
    ks = metrics.ks_curve(truth, score)
    ideal = Curve("guessing", unit, unit, "ideal")
    order = "share of samples, likeliest first"
    return [
        chart("ROC", Axis("false positive rate", 0, 1), Axis("true positive rate", 0, 1),
              [ideal, Curve(f"AUC {run.binary.auc:.4f}", fpr, tpr)],
              f"How many of {name!r} are found, and at the price of how many false alarms."),
        chart("Precision and recall", Axis("recall", 0, 1), Axis("precision", 0, 1),
              [Curve("guessing", unit, np.full(2, share), "ideal"),
               Curve(f"average {run.binary.average_precision:.4f}", recall, precision)],
              f"Of what is taken for {name!r}, how much is; and how much of it is found."),
        chart("Gain", Axis(order, 0, 1), Axis("share found", 0, 1),
              [Curve("any order", unit, unit, "ideal"),
               Curve("perfect", np.array([0, share, 1]), np.array([0, 1, 1]), "c2"),
               Curve("gain", depth, gained)],
              f"Who looks at the likeliest first finds so much of {name!r}."),
        chart("Lift", Axis(order, 0, 1), Axis("times as frequent", 0, 1.1 * float(lift.max())),
              [Curve("any order", unit, np.ones(2), "ideal"), Curve("lift", served, lift)],
              f"How many times as frequent {name!r} is among them as among all."),
        chart("Kolmogorov-Smirnov", Axis(f"probability of {name}", 0, 1),
              Axis("share of the class at or below", 0, 1),
              [Curve(run.names[0], ks.thresholds, ks.negative),
               Curve(name, ks.thresholds, ks.positive, "c1")],
              f"The classes are farthest apart, by {ks.statistic:.4f}, at {ks.threshold:.3g}."),
    ]  # fmt: skip


def _classes(run: Classes) -> str:
    counts = np.maximum(run.confusion.sum(axis=1), 1)
    recall = np.diag(run.confusion) / counts
    least = run.names[int(recall.argmin())]
    remark = f"The share of each class that was recognised. {least!r} is the hardest."
    return bars("Recall by class", run.names, list(recall), Axis("", 0, 1), remark)


def _reliability(run: Classes) -> str:
    mean, share, counts = reliability(run)
    bins = float((counts * np.abs(mean - share)).sum() / counts.sum())
    low = max(0.0, math.floor(10 * min(float(mean.min()), float(share.min()))) / 10)
    axis = Axis("how sure", low, 1.0)
    return chart(
        "Is it as sure as it is right?", axis, Axis("share of right answers", low, 1.0),
        [
            Curve("perfect", np.array([low, 1.0]), np.array([low, 1.0]), "ideal"),
            Curve("test samples, by how sure", mean, share, "c0", counts),
        ],
        "Below the dashed line it is too sure. A larger dot stands for more samples; their mean "
        f"distance is {bins:.3f}.",
    )  # fmt: skip
