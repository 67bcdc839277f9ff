"""Inputs that are moved against a model: the fast gradient sign method.

Models are those of `sensitivity`: of one input, with samples that do not see each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..autodiff.transforms import grad
from ..errors import ArgumentError
from ..mode import no_grad
from ..types import Array
from .sensitivity import Metric, Model, SensitivityCurve, array_of, case, evaluating, measured

__all__ = ["adversarial_curve", "fgsm"]


def fgsm(
    model: Model,
    x: ArrayLike,
    y: ArrayLike,
    loss: Callable[[Any, Any], Any],
    epsilon: float,
    *,
    bounds: tuple[float, float] | None = None,
) -> Array:
    r"""Return inputs moved by ``epsilon`` in the direction that raises the loss most.

    .. math:: x' = x + \epsilon \, \operatorname{sign} \nabla_x \ell(f(x), y)

    The fast gradient sign method: of all steps of at most :math:`\epsilon` in every number, the
    worst one for a loss that is linear in the input.

    Parameters
    ----------
    model : Module or callable
        Of one batch.
    x, y : array-like, shape (samples, ...)
        Inputs and targets.
    loss : callable
        ``loss(prediction, y)``, one number: the mean or sum over samples.
    epsilon : float, at least 0
        The step, in the units of ``x``.
    bounds : (float, float), optional
        What inputs are clipped to afterwards, such as (0, 1) for grey values.

    Returns
    -------
    float array of the shape of ``x``
        Numbers whose slope is 0 stay.

    Raises
    ------
    ShapeError, ArgumentError
        Data that do not belong together; a step below 0; bounds that exclude inputs.

    Examples
    --------
    >>> fgsm(lambda x: x * [2.0, -1.0], [[1.0, 1.0]], [[0.0, 0.0]], lambda p, y: p.sum(), 0.5)
    array([[1.5, 0.5]])

    References
    ----------
    I. J. Goodfellow, J. Shlens, C. Szegedy, *Explaining and harnessing adversarial examples*, ICLR
    2015, section 4.
    """
    rows, target, strengths = case(model, x, y, [epsilon])
    return _moved(rows, _direction(model, rows, target, loss), float(strengths[0]), bounds)


def adversarial_curve(
    model: Model,
    x: ArrayLike,
    y: ArrayLike,
    loss: Callable[[Any, Any], Any],
    metric: Metric,
    levels: ArrayLike,
    *,
    bounds: tuple[float, float] | None = None,
) -> SensitivityCurve:
    r"""Return a metric on inputs that are moved against the model further and further.

    .. math:: m_k = m\bigl(y, f(x + \epsilon_k \operatorname{sign} \nabla_x \ell(f(x), y))\bigr)

    Parameters
    ----------
    model, x, y, loss, bounds
        As `fgsm`.
    metric : callable
        ``metric(y, prediction)`` of arrays, one number.
    levels : array-like, shape (levels,)
        Steps :math:`\epsilon`, at least 0; 0 is the model on the inputs themselves.

    Returns
    -------
    SensitivityCurve
        ``std`` is 0: there is nothing random.

    Raises
    ------
    ShapeError, ArgumentError
        As `fgsm` and `noise_sensitivity`.

    Examples
    --------
    >>> curve = adversarial_curve(
    ...     lambda x: x * 2.0, [[1.0]], [[0.0]], lambda p, y: ((p - y) ** 2).sum(),
    ...     lambda y, p: float(p[0, 0]), [0.0, 0.5])
    >>> curve.mean
    array([2., 3.])

    References
    ----------
    As `fgsm`.
    """
    rows, target, strengths = case(model, x, y, levels)
    direction = _direction(model, rows, target, loss)
    moved = [_moved(rows, direction, float(strength), bounds) for strength in strengths]
    values = np.array([measured(model, each, target, metric) for each in moved])
    return SensitivityCurve(strengths, values, np.zeros(len(values)), values[:, np.newaxis])


def _direction(model: Model, rows: Array, target: Array, loss: Callable[[Any, Any], Any]) -> Array:
    with no_grad(), evaluating(model):
        slope = array_of(grad(lambda x: loss(model(x), target))(rows))
    if not np.isfinite(slope).all():
        raise ArgumentError(
            "the gradient of the loss by the inputs is not finite",
            why="it has no direction",
            fix="with tg.detect_anomaly(): loss(model(x), y).backward()",
        )
    return np.sign(slope)


def _moved(rows: Array, direction: Array, step: float, bounds: tuple[float, float] | None) -> Array:
    moved = rows + step * direction
    if bounds is None:
        return moved
    low, high = bounds
    if not low <= rows.min() <= rows.max() <= high:
        raise ArgumentError(
            f"bounds={bounds!r} exclude inputs, which reach from {rows.min():.6g} to "
            f"{rows.max():.6g}",
            why="clipping alone would change the inputs",
            fix=f"bounds=({rows.min():.6g}, {rows.max():.6g})",
        )
    return np.clip(moved, low, high)
