"""Checks of the exercises of lesson 12."""

import numpy as np

from tinygrad_edu import metrics
from tinygrad_edu.lessons import require


def f1_of(answer):
    """F1 from counts."""
    require(abs(answer(10, 0, 0) - 1.0) < 1e-9, "all found and no false alarm: F1 is 1")
    mean = (0.1 + 1.0) / 2
    require(
        abs(answer(10, 90, 0) - mean) > 1e-9,
        "that is the plain mean of precision and recall; F1 is their harmonic mean",
    )
    require(
        abs(answer(30, 10, 20) - answer(30, 20, 10)) < 1e-9,
        "false alarms and missed cases weigh the same in F1",
    )
    rng = np.random.default_rng(1)
    for tp, fp, fn in rng.integers(1, 50, size=(20, 3)).tolist():
        right = 2 / ((tp + fp) / tp + (tp + fn) / tp)
        require(
            abs(answer(tp, fp, fn) - right) < 1e-9,
            f"for tp={tp}, fp={fp}, fn={fn} precision is {tp / (tp + fp):.4f} and recall "
            f"{tp / (tp + fn):.4f}; look at how they are put together",
        )
    require(
        answer(0, 3, 4) == 0, "with tp=0 nothing was found: F1 is 0, so avoid dividing by recall"
    )


def ks_of(answer):
    """KS from scratch."""
    truth, score = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9])
    require(
        abs(answer(truth, score) - 1.0) < 1e-9,
        "a threshold between 0.2 and 0.8 separates these classes completely: KS is 1",
    )
    tied = answer(np.array([1, 0, 1, 0]), np.array([0.5, 0.5, 0.5, 0.5]))
    require(
        abs(tied) < 1e-9,
        "where all scores are equal no threshold separates anything: KS is 0. Samples with equal "
        "scores are called positive together, or not at all",
    )
    rng = np.random.default_rng(2)
    for digits in (6, 1):
        for _ in range(10):
            truth = rng.permutation([0] * 12 + [1] * 9)
            score = np.round(rng.uniform(size=21) + 0.6 * truth, digits)
            given = truth.copy(), score.copy()
            found = answer(*given)
            require(
                0 <= found <= 1,
                "rates are shares of a class: divide by the number of ill, or of healthy ones",
            )
            require(
                abs(found - metrics.ks_statistic(truth, score)) < 1e-9,
                "try every score that occurs as the threshold, called positive from there on, and "
                "keep the largest TPR - FPR",
            )


def iou(answer):
    """Intersection over union."""
    box = (0.0, 0.0, 2.0, 1.0)
    require(abs(answer(box, box) - 1) < 1e-9, "a box and itself: intersection and union are equal")
    require(
        abs(answer((0, 0, 2, 2), (1, 0, 3, 2)) - 1 / 3) < 1e-9,
        "two boxes of area 4 that share an area of 2: the union counts the shared part once",
    )
    require(
        abs(answer((0, 0, 1, 1), (2, 0, 3, 1))) < 1e-9,
        "boxes side by side do not touch: the intersection is 0, not negative",
    )
    require(
        abs(answer((0, 0, 1, 1), (2, 2, 3, 3))) < 1e-9,
        "boxes apart in both directions: two negative sides make a positive area, which is not so",
    )
    rng = np.random.default_rng(3)
    for corners in rng.uniform(size=(20, 2, 2, 2)):
        low, high = corners.min(axis=1), corners.max(axis=1)
        a, b = (tuple(map(float, (*low[k], *high[k]))) for k in range(2))
        sides = np.maximum(np.minimum(high[0], high[1]) - np.maximum(low[0], low[1]), 0)
        shared = sides.prod()
        right = shared / ((high[0] - low[0]).prod() + (high[1] - low[1]).prod() - shared)
        require(
            abs(answer(a, b) - right) < 1e-9,
            f"for {np.round(a, 2)} and {np.round(b, 2)} the shared area is {shared:.4f}",
        )


EXERCISES = (f1_of, ks_of, iou)
