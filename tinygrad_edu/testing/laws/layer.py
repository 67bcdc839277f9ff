"""Laws of batches and modes: samples stay apart, evaluation repeats itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...seeding import generator, seed
from ...types import Array, Rng
from .report import (
    LawReport,
    apply,
    difference,
    rounding,
    samples,
    settled,
    terms_of,
    trial,
    value,
    weights_of,
)


def samples_do_not_leak(layer: Any, x: Any, *, raises: bool = True) -> LawReport:
    r"""Check that the answer for a sample does not depend on the others in its batch.

    .. math:: f(x_1, \dots, x_n)_i = f(x_i)_1

    Parameters
    ----------
    layer : callable
        Tried in evaluation mode: batch normalisation mixes samples only while training.
    x : array_like, shape (samples, ...)
        At least two samples.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        Allowed: rounding of sums over a sample.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> samples_do_not_leak(tg.tanh, [[1.0, 2.0], [3.0, 4.0]]).error
    0.0
    """
    layer, batch = trial(layer, training=False), samples(x)
    together = apply(layer, batch)
    alone = np.concatenate([apply(layer, batch[k : k + 1]) for k in range(len(batch))])
    error, where = difference(together, alone)
    allowed = rounding(terms_of(layer, batch), together, batch * weights_of(layer))
    claim = "f(batch)[i] = f(batch[i : i + 1])[0]"
    report = LawReport("samples_do_not_leak", claim, error, allowed, where)
    return settled(
        report,
        raises,
        why="a prediction would depend on what else happens to be in its batch",
        fix="x - x.mean(axis=-1, keepdims=True)   # reduce over features, not over axis 0",
    )


def ignores_batch_order(layer: Any, x: Any, *, rng: Rng = 0, raises: bool = True) -> LawReport:
    r"""Check that shuffling the samples shuffles the answers likewise.

    .. math:: f(x_{\pi(1)}, \dots, x_{\pi(n)})_i = f(x_1, \dots, x_n)_{\pi(i)}

    Batch normalisation obeys it even while training, when its samples do mix.

    Parameters
    ----------
    layer : callable
        Tried in the mode that it is in.
    x : array_like, shape (samples, ...)
        At least two samples.
    rng : Generator or int
        Draws the order.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        Allowed: rounding of sums over the whole batch.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> ignores_batch_order(lambda x: x - x.mean(axis=0), [[1.0], [2.0], [5.0]]).holds
    True
    """
    batch = samples(x)
    order = generator(rng).permutation(len(batch))
    if np.array_equal(order, np.arange(len(batch))):
        order = np.roll(order, 1)
    expected = apply(trial(layer), batch)
    given = apply(trial(layer), batch[order])
    error, where = difference(given, expected[order] if len(expected) == len(batch) else expected)
    terms = len(batch) * terms_of(layer, batch)
    allowed = rounding(terms, expected, batch * weights_of(layer))
    claim = "f(batch[order]) = f(batch)[order]"
    report = LawReport("ignores_batch_order", claim, error, allowed, where)
    return settled(
        report,
        raises,
        why="the place of a sample in its batch is arbitrary",
        fix="rng.shuffle(order)   # if the order was meant to carry something, make it an input",
    )


def evaluation_is_deterministic(
    layer: Any, x: Any, *, rng: Rng = 0, raises: bool = True
) -> LawReport:
    """Check that two evaluations agree bit for bit and leave parameters and buffers alone.

    Parameters
    ----------
    layer : callable
        Put into evaluation mode, on a copy.
    x : array_like
        What to evaluate.
    rng : Generator or int
        Seeds what the layer might draw, differently for each call.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        Allowed: nothing.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> evaluation_is_deterministic(nn.Dropout(0.5), [1.0, 2.0]).holds
    True
    """
    layer, draw = trial(layer, training=False), generator(rng)
    before, answers = _state(layer), []
    for _ in range(2):
        with seed(int(draw.integers(2**32))):
            answers.append(apply(layer, value(x)))
    same = answers[0].tobytes() == answers[1].tobytes()
    error, where = (0.0, None) if same else difference(*answers)
    after = _state(layer)
    moved = [name for name in before if before[name].tobytes() != after[name].tobytes()]
    if moved:
        error = max(error, *[difference(before[name], after[name])[0] for name in moved])
    facts = {"changed by evaluating": ", ".join(moved)} if moved else {}
    claim = "f(x) = f(x), and no parameter or buffer moves"
    report = LawReport("evaluation_is_deterministic", claim, error, 0.0, where, facts)
    return settled(
        report,
        raises,
        why="a prediction is to be repeatable, and asking for it is to change nothing",
        fix="if not self.training: return x   # before anything random, or any statistics",
    )


def _state(layer: Any) -> dict[str, Array]:
    if hasattr(layer, "state_dict"):
        return {name: np.array(array) for name, array in layer.state_dict().items()}
    return {name: value(p) for name, p in getattr(layer, "named_parameters", list)()}
