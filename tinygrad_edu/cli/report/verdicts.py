"""What a run came to, in sentences that follow from its numbers (floor 6)."""

from __future__ import annotations

import math

import numpy as np

from .content import Verdict
from .results import Classes, Finished

__all__ = ["calibration_gap", "converged", "interval", "verdicts"]

SURE = 1.959963984540054  # the normal distribution has 95 % within so many deviations


def verdicts(run: Classes) -> list[Verdict]:
    """Return all that can be said, the most important first.

    Parameters
    ----------
    run : Classes
        A finished run.
    """
    found = [_against_guessing(run), _gap(run), converged(run), _confidence(run)]
    found += _confusions(run)
    found += [Verdict("note", f"{note}.") for note in run.samples.notes]
    return [verdict for verdict in found if verdict is not None]


def interval(share: float, count: int) -> tuple[float, float]:
    r"""Return where a share that was measured lies, with 95 %.

    .. math:: \frac{p + z^2/2n \pm z \sqrt{p(1-p)/n + z^2/4n^2}}{1 + z^2/n}

    Source: Wilson 1927, Journal of the American Statistical Association 22.

    Examples
    --------
    >>> [round(bound, 3) for bound in interval(0.95, 100)]
    [0.888, 0.978]
    """
    squared = SURE**2 / count
    middle = (share + squared / 2) / (1 + squared)
    reach = math.sqrt(share * (1 - share) * squared + squared**2 / 4) / (1 + squared)
    return middle - reach, middle + reach


def calibration_gap(run: Classes) -> float:
    """Return how much surer the answers are than they are right, on average."""
    return float(run.chances.max(axis=1).mean()) - run.accuracy


def _against_guessing(run: Classes) -> Verdict:
    counts = np.bincount(run.labels, minlength=len(run.names))
    guess = counts.max() / counts.sum()
    low, high = interval(run.accuracy, len(run.labels))
    measured = (
        f"{run.accuracy:.1%} of {len(run.labels)} samples it never saw are right "
        f"(between {low:.1%} and {high:.1%}, with 95 % confidence)"
    )
    if low > guess:
        return Verdict("good", f"It has learnt: {measured}. Always guessing the commonest class "
                       f"gives {guess:.1%}.")  # fmt: skip
    return Verdict("look", f"It is not shown to beat guessing: {measured}, and always saying "
                   f"{run.names[int(counts.argmax())]!r} gives {guess:.1%}.")  # fmt: skip


def _gap(run: Classes) -> Verdict | None:
    if not run.history:
        return None
    seen = float(run.history[-1][2])
    low, _ = interval(run.accuracy, len(run.labels))
    numbers = f"training accuracy {seen:.1%}, test accuracy {run.accuracy:.1%}"
    if seen - run.accuracy > 0.05 and seen > low:
        return Verdict("look", f"It knows its training samples better than the rest: {numbers}. "
                       "Fewer --epochs, a smaller --model or more data may help.")  # fmt: skip
    if seen < 0.9 and run.accuracy < 0.9:
        return Verdict("look", f"It has not even learnt its training samples: {numbers}. More "
                       "--epochs or a larger --model may help.")  # fmt: skip
    return Verdict("good", f"It carries over to new samples: {numbers}.")


def converged(run: Finished) -> Verdict | None:
    """Return whether the training had an end."""
    losses = [float(row[1]) for row in run.history]
    if len(losses) < 6:
        return None
    late, before = float(np.mean(losses[-3:])), float(np.mean(losses[-6:-3]))
    if late > 1.2 * before and late > 0.01:
        return Verdict("look", f"The loss rose at the end, from {before:.3g} to {late:.3g}: a "
                       "smaller --lr is steadier.")  # fmt: skip
    if late < 0.85 * before and late > 0.05:
        return Verdict("note", f"The loss was still falling, from {before:.3g} to {late:.3g} in "
                       "the last six epochs: more --epochs may gain a little.")  # fmt: skip
    return Verdict("good", f"The training has settled, at a loss of {losses[-1]:.3g}.")


def _confidence(run: Classes) -> Verdict:
    gap, sure = calibration_gap(run), float(run.chances.max(axis=1).mean())
    noise = SURE * math.sqrt(max(sure * (1 - sure), 1e-4) / len(run.labels))
    numbers = f"{sure:.1%} sure on average, and right in {run.accuracy:.1%}"
    if abs(gap) <= max(noise, 0.01):
        return Verdict("good", f"It is about as sure as it is right: {numbers}.")
    kind = "surer than it is right" if gap > 0 else "less sure than it could be"
    return Verdict("look" if gap > 0 else "note", f"It is {kind}: {numbers}.")


def _confusions(run: Classes) -> list[Verdict]:
    wrong = run.confusion - np.diag(np.diag(run.confusion))
    if not wrong.any():
        return [Verdict("good", "No test sample was taken for another class.")]
    true, taken = np.unravel_index(int(wrong.argmax()), wrong.shape)
    count = int(wrong[true, taken])
    times = {1: "once", 2: "twice"}.get(count, f"{count} times")
    total = int(wrong.sum())
    mistakes = "1 mistake" if total == 1 else f"{total} mistakes"
    most = "" if total == 1 else ", the most frequent of"
    return [Verdict("note", f"{run.names[true]!r} was taken for {run.names[taken]!r} {times}{most} "
                    f"{'' if total == 1 else mistakes}".rstrip() + ".")]  # fmt: skip
