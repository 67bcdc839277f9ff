"""``lr_find``: which learning rates make a loss fall, found by trying them all once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np

from ..nn import Module
from ..nn.optim import Optimizer
from ..types import Array, Rng, reach
from . import catalogue
from .batches import batches_of
from .run import Run
from .state import untouched
from .table import Table

__all__ = ["RateTest", "lr_find"]

# A mean over about ten steps, the smallest that shows a fall through the noise of batches.
SMOOTHING = 0.9
# The test ends where the loss is so many times the smallest: nothing useful comes after that.
BLOWN_UP = 4.0
# A fall counts if it is this many standard deviations of the smoothed noise, or one hundredth.
SURE, LEAST = 4.0, 0.01


class RateTest(Table):
    """What a range of learning rates did to a loss; rows of ``rate``, ``loss`` and ``smoothed``.

    Attributes
    ----------
    suggestion : float
        Where the smoothed loss falls fastest, per factor in the rate.
    """

    suggestion: float

    @property
    def rates(self) -> Array:
        """The rates that were tried, shape (steps,)."""
        return self["rate"]

    @property
    def losses(self) -> Array:
        """The loss of the batch before the step with each rate, shape (steps,)."""
        return self["loss"]

    def plot(self, *, ax: Any = None) -> Any:
        """Plot the loss against the rate, with the suggestion; see ``tg.plots.rates``."""
        return reach["plot"]("rates", self, ax=ax)

    def __repr__(self) -> str:
        return f"{super().__repr__()}\nsuggestion: lr={self.suggestion:.2g}"


def lr_find(
    model: Module,
    data: Any,
    loss: Callable[..., Any],
    optimizer: Optimizer,
    *,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
    batch_size: int = 32,
    rng: Rng = None,
) -> RateTest:
    r"""Train for a few steps with growing learning rates, suggest one, and put everything back.

    .. math:: \eta_t = \eta_{low} \, (\eta_{high} / \eta_{low})^{t / (T - 1)}, \qquad
              \eta^* = \arg\min_\eta \frac{d \bar\ell}{d \ln \eta}

    Parameters
    ----------
    model, data, loss, optimizer
        As for ``fit``. Weights, buffers, the optimizer, gradients, modes and all streams of random
        numbers are as before afterwards, bit for bit.
    low, high : float, 0 < low < high
        The range. Groups with rates of their own keep their proportion to the first.
    steps : int, at least 20
        How many rates; the data are gone through again if they have fewer batches.
    batch_size, rng
        As for ``fit``.

    Returns
    -------
    RateTest
        Rates, losses, and the suggestion.

    Raises
    ------
    ArgumentError
        When the loss falls at no rate, or grows from the first: there is nothing to suggest.

    Notes
    -----
    The test ends when the loss is four times its least. Source: Smith 2017, section 3.3; there the
    rate grows linearly, here by a constant factor, so that all magnitudes are tried alike.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> model = nn.Linear(1, 1, rng=0)
    >>> found = lr_find(model, (x, 2 * x), nn.MSELoss(), nn.optim.SGD(model), rng=0)
    >>> 0.01 < found.suggestion < 2
    True
    """
    if not 0 < low < high < math.inf:
        raise catalogue.bad_range("low", low, f"above 0 and below high={high!r}", "1e-6")
    if not isinstance(steps, int) or steps < 20:
        raise catalogue.bad_count("steps", steps, 20)
    run = Run(
        model, batches_of(data, batch_size, shuffle=True, rng=rng), loss, optimizer, rng=rng
    )  # fmt: skip
    rates = low * (high / low) ** (np.arange(steps) / (steps - 1))
    with run.under_way(), np.errstate(all="ignore"), untouched(run):
        losses = list(_tried(run, rates))
    return _judged(rates, np.array(losses), low, high)


def _tried(run: Run, rates: Array) -> Iterator[float]:
    """Yield the loss at each rate, until it is past all use."""
    groups = run.optimizer.param_groups
    first = groups[0]["lr"]
    shares = [group["lr"] / first if first else 1.0 for group in groups]
    batches = (group for _ in count() for group in _an_epoch(run))
    mean, least = 0.0, math.inf
    for t, rate in enumerate(rates):
        for group, share in zip(groups, shares, strict=True):
            group["lr"] = float(rate) * share
        value = run.one_step(next(batches))
        if not math.isfinite(value):
            return
        yield value
        mean = SMOOTHING * mean + (1 - SMOOTHING) * value
        smooth = mean / (1 - SMOOTHING ** (t + 1))
        if t >= 3 and min(smooth, value) > BLOWN_UP * abs(least):
            return
        least = min(least, smooth)


def _an_epoch(run: Run) -> Iterator[list[Any]]:
    found = False
    for group in run.groups():
        found = True
        yield group
    if not found:
        raise catalogue.no_samples()


def _judged(rates: Array, losses: Array, low: float, high: float) -> RateTest:
    """Smooth the losses, refuse what has nothing to suggest, else suggest."""
    tried = len(losses)
    begin = max(5, len(rates) // 10)
    if tried <= begin:
        raise catalogue.diverged_at_once(low, float(rates[min(tried, len(rates) - 1)]))
    weights = np.cumsum(SMOOTHING ** np.arange(tried))
    smooth = np.empty(tried)
    kept = 0.0
    for t, value in enumerate(losses):
        kept = SMOOTHING * kept + value
        smooth[t] = kept / weights[t]
    first, lowest = float(losses[:begin].mean()), int(np.argmin(smooth))
    # Differences of neighbours are noise alone; where the loss blows up they are not.
    noise = float(np.median(np.abs(np.diff(losses[: lowest + 2])))) / (0.6745 * math.sqrt(2))
    wavers = SURE * noise * math.sqrt((1 - SMOOTHING) / (1 + SMOOTHING))
    if first - smooth[lowest] <= max(wavers, LEAST * abs(first)) or lowest < 3:
        if tried < len(rates) and lowest <= begin:
            raise catalogue.diverged_at_once(low, float(rates[tried]))
        raise catalogue.flat(low, high, first, float(smooth[lowest]))
    columns = zip(rates[:tried].tolist(), losses.tolist(), smooth.tolist(), strict=True)
    found = RateTest([{"rate": r, "loss": v, "smoothed": m} for r, v, m in columns])
    # The fall begins where the loss last was what it was at first: before that, the steepest place
    # is one of noise, most of all among the first means, which are of few losses.
    level = np.flatnonzero(smooth[:lowest] >= first - wavers)
    begun = int(level[-1]) if len(level) else 0
    slopes = np.gradient(smooth[begun : lowest + 1], np.log(rates[begun : lowest + 1]))
    found.suggestion = float(rates[begun + int(np.argmin(slopes))])
    return found
