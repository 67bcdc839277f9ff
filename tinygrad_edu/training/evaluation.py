"""``evaluate`` and ``predict``: a trained model on data, without a trace of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autodiff.tensor import Tensor
from ..mode import no_grad
from ..nn import Module
from ..types import Array
from . import catalogue
from .batches import batches_of, samples_in, taken_apart

__all__ = ["evaluate", "predict"]


def evaluate(
    model: Module,
    data: Any,
    loss: Callable[..., Any] | None = None,
    *,
    metrics: dict[str, Callable[[Array, Array], Any]] | None = None,
    batch_size: int = 256,
) -> dict[str, float]:
    r"""Return the mean loss and the metrics of a model on data.

    .. math:: \ell = \frac1n \sum_b n_b\, \ell_b

    Parameters
    ----------
    model : Module
        Used in evaluation mode; its modes are put back.
    data : DataLoader, tuple of array_like, or iterable of batches
        As for ``fit``.
    loss : callable, optional
        Of prediction and target, the mean over a batch.
    metrics : dict of callable, optional
        By name; of all targets and all predictions, as arrays: ``metric(target, prediction)``.
    batch_size : int
        For ``(x, y)``: how much is computed at once.

    Returns
    -------
    dict of float
        ``"loss"`` if there is one, and a number for each metric.

    Examples
    --------
    >>> from tinygrad_edu import metrics, nn
    >>> evaluate(nn.Identity(), ([[1.0], [3.0]], [[1.0], [1.0]]), nn.MSELoss())
    {'loss': 2.0}
    """
    total, count = 0.0, 0
    kept: list[tuple[Any, Any]] = []
    with no_grad(), model.evaluating():
        for batch in batches_of(data, batch_size):
            inputs, target = taken_apart(batch)
            prediction = model(*inputs)
            size = samples_in(batch)
            count += size
            if loss is not None:
                total += float(loss(prediction, target).item()) * size
            if metrics:
                kept.append((_array(target), _array(prediction)))
    if not count:
        raise catalogue.no_samples()
    found = {} if loss is None else {"loss": total / count}
    if metrics:
        targets, predictions = (np.concatenate(part) for part in zip(*kept, strict=True))
        found |= {name: float(metric(targets, predictions)) for name, metric in metrics.items()}
    return found


def predict(model: Module, x: Any, *, batch_size: int = 256) -> Array:
    """Return what a model answers to inputs, in evaluation mode and without a graph.

    Parameters
    ----------
    model : Module
        Of one input.
    x : array_like, shape (samples, ...)
        Cut into batches.
    batch_size : int
        How much is computed at once.

    Returns
    -------
    ndarray
        One row for each sample.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> predict(nn.ReLU(), [[-1.0], [2.0]])
    array([[0.],
           [2.]])
    """
    rows = _array(x)
    if not len(rows):
        raise catalogue.no_samples()
    with no_grad(), model.evaluating():
        parts = [_array(model(rows[k : k + batch_size])) for k in range(0, len(rows), batch_size)]
    return np.concatenate(parts)


def _array(value: Any) -> Array:
    return value.data if isinstance(value, Tensor) else np.asarray(value)
