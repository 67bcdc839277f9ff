"""Laws of losses and of what claims to be probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor, asarray
from ...autodiff.transforms.derivatives import grad
from ...errors import ArgumentError
from ...seeding import generator
from ...types import Array, Rng
from .report import (
    LawReport,
    apply,
    difference,
    floats,
    rounding,
    samples,
    settled,
    trial,
    value,
)


def loss_is_minimal(
    loss: Any,
    prediction: Any,
    target: Any,
    *,
    minimum: float | None = 0.0,
    rng: Rng = 0,
    raises: bool = True,
) -> LawReport:
    r"""Check that a loss has its least value, and no slope, at the prediction it asks for.

    .. math:: L(p^*, y) = m, \qquad L(p^* + d, y) \ge m, \qquad \nabla_p L(p^*, y) = 0

    Parameters
    ----------
    loss : callable
        ``loss(prediction, target)`` returns one number.
    prediction, target : array_like
        The best prediction for that target: the target itself for a squared error, its logarithm
        for cross-entropy on probabilities.
    minimum : float or None
        The least value; ``None`` where it is not zero and not known.
    rng : Generator or int
        Draws 32 departures, from a thousandth of the prediction's size to ten times.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        The error is the largest of three: distance from ``minimum``, the largest gain of a
        departure, the largest slope. Allowed: rounding of a sum over all values.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> loss_is_minimal(nn.MSELoss(), [1.0, 2.0], [1.0, 2.0]).error
    0.0
    """
    loss, best, goal = trial(loss), floats(prediction), value(target)
    draw = generator(rng)
    sizes = np.geomspace(1e-3, 10.0, 32) * max(float(np.abs(best).max(initial=0.0)), 1.0)
    departures = [size * draw.normal(size=best.shape) for size in sizes]
    least = _number(loss, best, goal)
    others = [_number(loss, best + d, goal) for d in departures]
    gain = float(np.max([0.0, *[least - other for other in others]]))
    slope = value(grad(lambda p: loss(p, asarray(goal)))(Tensor(best)))
    steepest, where = difference(slope, np.zeros_like(slope))
    off = 0.0 if minimum is None else abs(least - minimum)
    facts = {"loss at the target": least, "largest gain elsewhere": gain, "largest slope": steepest}
    parts = (best, goal.astype(best.dtype), np.asarray(least))
    allowed = rounding(2 * best.size, *parts, np.ones(1))
    claim = "the loss at the prediction it asks for is the least, and flat"
    report = LawReport(
        "loss_is_minimal", claim, float(np.max([off, gain, steepest])), allowed, where, facts
    )
    return settled(
        report,
        raises,
        why="training would stop elsewhere, or never",
        fix="((prediction - target) ** 2).mean()   # least where the two agree",
    )


def _number(loss: Any, prediction: Array, target: Array) -> float:
    answer = apply(loss, prediction, target)
    if answer.size != 1:
        raise ArgumentError(
            f"a loss is one number, this one has shape {answer.shape}",
            shapes=(answer.shape,),
            why="several numbers have no least one",
            fix="lambda p, y: loss(p, y).mean()",
        )
    return float(answer.reshape(()))


def sums_to_one(f: Any, x: Any, *, axis: int = -1, raises: bool = True) -> LawReport:
    r"""Check that an output is a distribution: no number below zero, and a sum of one.

    .. math:: p_i \ge 0, \qquad \sum_i p_i = 1

    Parameters
    ----------
    f : callable
        Returns probabilities.
    x : array_like
        Scores; large ones are a good test.
    axis : int
        The axis of the classes.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        Allowed: rounding of a sum over the classes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> sums_to_one(tg.softmax, [[1000.0, 0.0], [3.0, 4.0]]).holds
    True
    """
    given = apply(trial(f, training=False), samples(floats(x), 1))
    total = given.sum(axis=axis)
    error, where = difference(total, np.ones_like(total))
    below, place = difference(np.minimum(given, 0.0), np.zeros_like(given))
    if not below <= error:
        error, where = below, place
    facts = {"least": float(given.min()), "sums": f"{total.min():.6g} to {total.max():.6g}"}
    claim = f"every number is at least 0 and the sum over axis {axis} is 1"
    allowed = rounding(given.shape[axis], np.ones(1, given.dtype))
    report = LawReport("sums_to_one", claim, error, allowed, where, facts)
    return settled(
        report,
        raises,
        why="losses and decisions read them as probabilities",
        fix=f"tg.softmax(x, axis={axis})   # over the axis of the classes",
    )
