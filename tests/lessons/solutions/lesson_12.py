"""Solutions and typical mistakes of lesson 12."""

import numpy as np


def f1_of(tp, fp, fn):
    return 2 * tp / (2 * tp + fp + fn)


def ks_of(truth, score):
    ill, well = score[truth == 1], score[truth == 0]
    return max((ill >= t).mean() - (well >= t).mean() for t in score)


def iou(a, b):
    wide = min(a[2], b[2]) - max(a[0], b[0])
    tall = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(wide, 0) * max(tall, 0)
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return shared / (areas - shared)


def arithmetic_mean(tp, fp, fn):
    return (tp / (tp + fp) + tp / (tp + fn)) / 2


def only_recall(tp, fp, fn):
    return tp / (tp + fn)


def ks_row_by_row(truth, score):
    """Goes through the samples one at a time, so equal scores are split."""
    order = np.argsort(-score, kind="stable")
    hits = truth[order]
    return (np.cumsum(hits) / hits.sum() - np.cumsum(1 - hits) / (1 - hits).sum()).max()


def ks_of_counts(truth, score):
    return max(((score >= t) * (2 * truth - 1)).sum() for t in score)


def ks_at_half(truth, score):
    return (score[truth == 1] >= 0.5).mean() - (score[truth == 0] >= 0.5).mean()


def union_counts_twice(a, b):
    wide = max(min(a[2], b[2]) - max(a[0], b[0]), 0)
    tall = max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    return 2 * wide * tall / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]))


def clipped_product(a, b):
    """Two negative sides make a positive area."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    tall = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(wide * tall, 0)
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return shared / (areas - shared)


SOLUTIONS = (f1_of, ks_of, iou)
WRONG = (
    ((arithmetic_mean, "harmonic"), (only_recall, "weigh the same")),
    (
        (ks_row_by_row, "equal scores"),
        (ks_of_counts, "KS is 1"),
        (ks_at_half, "every score"),
    ),
    ((union_counts_twice, "once"), (clipped_product, "apart in both")),
)
