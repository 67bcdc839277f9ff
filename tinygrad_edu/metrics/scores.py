"""Samples counted above every threshold of a score: what all curves and rankings read.  Floor 0.

The higher the score, the more the sample looks like the positive class.  Samples with equal
scores are never told apart: they enter together, at their one threshold.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError, ShapeError
from ..types import Array
from .labels import Floats, check_same_kind, is_text, one_per_sample, weights

Label: TypeAlias = int | str | bool


class Above(NamedTuple):
    """Per distinct score, from the highest: how many samples have at least that score."""

    thresholds: Floats
    positives: Floats
    negatives: Floats


def above(
    y_true: ArrayLike,
    y_score: ArrayLike,
    pos_label: Label | None,
    sample_weight: ArrayLike | None = None,
) -> Above:
    """Count positives and negatives at and above every distinct score."""
    true = one_per_sample(y_true)
    score = finite_scores(y_score, true.size)
    is_positive = positives(true, pos_label)
    weight = weights(sample_weight, true.size)
    if weight is not None:
        counts = weight > 0
        is_positive, score, weight = is_positive[counts], score[counts], weight[counts]
        both_sides(is_positive)
    # The scores as they came: as floats, large integers could become equal.
    thresholds, level = np.unique(score, return_inverse=True)
    each = np.ones(score.size) if weight is None else weight

    def from_the_top(chosen: NDArray[np.bool_]) -> Floats:
        per_level = np.bincount(level, weights=each * chosen, minlength=thresholds.size)
        return np.cumsum(per_level[::-1])

    return Above(
        thresholds[::-1].astype(np.float64), from_the_top(is_positive), from_the_top(~is_positive)
    )


def finite_scores(y_score: ArrayLike, samples: int, name: str = "y_score") -> Array:
    """Check one finite number for each sample."""
    score = np.asarray(y_score)
    if score.shape != (samples,):
        fix = None
        if score.ndim == 2 and score.shape[1] in (1, 2):
            fix = f"{name}[:, {score.shape[1] - 1}]"
        elif score.ndim == 1 and min(samples, score.size):
            fix = f"y_true[:{min(samples, score.size)}], {name}[:{min(samples, score.size)}]"
        raise ShapeError(
            f"{name} has shape {score.shape} for {samples} samples; it must be ({samples},)",
            shapes=[(samples,), score.shape],
            why="every sample has one score: how much it looks like the positive class",
            fix=fix,
        )
    if score.dtype.kind not in "iubf":
        raise ArgumentError(
            f"{name} has dtype {score.dtype}",
            why="scores are real numbers, to be put in order",
            fix=f"np.asarray({name}, dtype=float)",
        )
    broken = np.flatnonzero(~np.isfinite(score))
    if broken.size:
        raise ArgumentError(
            f"{name}[{broken[0]}] is {score[broken[0]]}, and {broken.size} of {samples} scores are "
            "not finite",
            why="a NaN is neither above nor below any threshold; infinity is the threshold above "
            "all scores",
            fix=f"keep = np.isfinite({name}); y_true, {name} = y_true[keep], {name}[keep]",
        )
    return score


def probabilities(y_prob: ArrayLike, samples: int, name: str) -> Floats:
    """Check one probability for each sample."""
    chance = finite_scores(y_prob, samples, name)
    in_range(chance, name)
    return chance.astype(np.float64)


def in_range(chance: Array, name: str) -> None:
    if chance.min() < 0 or chance.max() > 1:
        raise ArgumentError(
            f"{name} reaches from {chance.min()} to {chance.max()}; probabilities lie in 0..1",
            why="scores without bounds, such as logits, are not probabilities",
            fix=f"1 / (1 + np.exp(-{name}))",
        )


def positives(
    true: Array, pos_label: Label | None, *, else_greatest: bool = False, both: bool = True
) -> NDArray[np.bool_]:
    """Which samples are positive; of both kinds there has to be one, unless ``both`` is false."""
    present = np.unique(true)
    if pos_label is None:
        pos_label = _usual_positive(present, else_greatest)
    else:
        fix = f"pos_label={present[-1].item()!r}"
        check_same_kind(true, np.asarray([pos_label]), fix=fix)
        if pos_label not in present.tolist():
            raise ArgumentError(
                f"pos_label={pos_label!r} is none of the labels {present[:10].tolist()}",
                why="without positive samples there is nothing to find",
                fix=fix,
            )
    is_positive: NDArray[np.bool_] = true == pos_label
    if both:
        both_sides(is_positive)
    return is_positive


def _usual_positive(present: Array, else_greatest: bool) -> Label:
    if not is_text(present) and set(present.tolist()) <= {0, 1}:
        return 1
    if not is_text(present) and set(present.tolist()) <= {-1, 1}:
        return 1
    if else_greatest and present.size == 2:
        greatest: Label = present[-1].item()
        return greatest
    raise ArgumentError(
        f"which of the labels {present[:10].tolist()} is the positive one?",
        why="only of 0 and 1, False and True, -1 and 1 it goes without saying"
        if present.size <= 2
        else "there are more than two classes, so one has to be asked for",
        fix=f"pos_label={present[-1].item()!r}",
    )


def both_sides(is_positive: NDArray[np.bool_]) -> None:
    if is_positive.all() or not is_positive.any():
        kind = "positive" if is_positive.all() else "negative"
        raise ArgumentError(
            f"all {is_positive.size} samples are {kind}",
            why="a ranking is judged by how it puts positives above negatives; it needs both",
            fix="train_test_split(x, y, stratify=y)",
        )
