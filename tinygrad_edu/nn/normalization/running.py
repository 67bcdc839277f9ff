"""Normalization by statistics of a batch or an image, with running averages of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import ops
from ...autodiff.tensor import Tensor
from ...ops.normalization import value_of
from ...types import Array, Operand, Shape
from . import catalogue

__all__ = ["batch_norm", "instance_norm", "one_batch", "one_image"]


def batch_norm(
    x: Operand,
    running_mean: Operand | None,
    running_var: Operand | None,
    weight: Operand | None = None,
    bias: Operand | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    r"""Each channel brought to mean 0 and variance 1 over a batch, then scaled and shifted.

    .. math:: z = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} w + b, \qquad
              m \leftarrow (1 - \beta) m + \beta \mu, \quad
              v \leftarrow (1 - \beta) v + \beta \tfrac{n}{n - 1} \sigma^2

    Parameters
    ----------
    x : array_like, shape (samples, channels, ...)
        Any number of further axes.
    running_mean, running_var : Tensor or array, shape (channels,), or None
        :math:`m, v`: what to normalize by when not training; moved in place while training.
    weight, bias : array_like, shape (channels,), optional
        :math:`w, b`.
    training : bool
        Take :math:`\mu, \sigma^2` from the batch; gradients flow through them.
    momentum : float, 0 to 1
        :math:`\beta`, the weight of the newest batch.
    eps : float
        :math:`\varepsilon`, at least 0.

    Raises
    ------
    ShapeError, ArgumentError
        For one value per channel while training, statistics that are missing, or parameters of
        another shape.

    Notes
    -----
    The batch is divided by its own variance (over :math:`n`), the running one is without bias
    (over :math:`n - 1`), as in PyTorch. What moves the statistics is not recorded. Source: Ioffe
    and Szegedy 2015, algorithms 1 and 2.

    Examples
    --------
    >>> mean, var = np.zeros(1), np.ones(1)
    >>> batch_norm([[1.0], [3.0]], mean, var, training=True).round(3).ravel()
    array([-1.,  1.])
    >>> mean, var
    (array([0.2]), array([1.1]))
    """
    return one_batch(
        "batch_norm", value_of(x), (running_mean, running_var), (weight, bias), training,
        momentum, eps,
    )  # fmt: skip


def instance_norm(
    x: Operand,
    running_mean: Operand | None = None,
    running_var: Operand | None = None,
    weight: Operand | None = None,
    bias: Operand | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    r"""Each channel of each sample brought to mean 0 and variance 1 over its places.

    .. math:: z_{nc} = \frac{x_{nc} - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \varepsilon}} w_c + b_c

    Parameters
    ----------
    x : array_like, shape (samples, channels, places, ...)
        Series, images or volumes.
    running_mean, running_var : Tensor or array, shape (channels,), optional
        Moved in place by the mean over the samples; what to normalize by without
        ``use_input_stats``.
    weight, bias : array_like, shape (channels,), optional
        :math:`w, b`.
    use_input_stats : bool
        Take mean and variance from ``x``.
    momentum : float, 0 to 1
        The weight of the newest batch.
    eps : float
        :math:`\varepsilon`, at least 0.

    Raises
    ------
    ShapeError, ArgumentError
        For one place per channel, or as ``batch_norm``.

    Notes
    -----
    Source: Ulyanov, Vedaldi, Lempitsky 2016, equation 3.

    Examples
    --------
    >>> instance_norm([[[1.0, 3.0], [5.0, 9.0]]]).round(3)
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """
    return one_image(
        "instance_norm", value_of(x), (running_mean, running_var), (weight, bias),
        use_input_stats, momentum, eps,
    )  # fmt: skip


Pair = tuple[Operand | None, Operand | None]


def one_batch(
    owner: Any, x: Any, running: Pair, parameters: Pair, training: bool, momentum: float, eps: float
) -> Tensor:
    """What ``batch_norm`` does, with ``owner`` to name in errors."""
    if not training:
        return _by_known(owner, x, running, parameters, eps)
    _check_both(owner, running)
    count = x.shape[0] * math.prod(x.shape[2:]) if x.ndim > 1 else 0
    if count == 1:
        raise catalogue.one_value_a_channel(owner, x.shape)
    value, mean, var = ops.batch_norm(x, *parameters, eps=eps)
    if count:
        _move(owner, running, _plain(mean), _plain(var), count, momentum)
    return value


def one_image(
    owner: Any, x: Any, running: Pair, parameters: Pair, own: bool, momentum: float, eps: float
) -> Tensor:
    """What ``instance_norm`` does, with ``owner`` to name in errors."""
    if not own:
        return _by_known(owner, x, running, parameters, eps)
    _check_both(owner, running)
    if x.ndim < 3:
        raise catalogue.wrong_axes(
            owner, x.shape, ("(samples, channels, places, ...)",), "x[None]   # a single sample"
        )
    count = math.prod(x.shape[2:])
    if count == 1:
        raise catalogue.one_value(
            owner, x.shape, "channel of a sample", "nn.functional.layer_norm(x, x.shape[1:])"
        )
    channels = _spread(parameters, x.shape)
    axes = tuple(range(2, x.ndim))
    value, mean, var = ops.batch_norm(x, *channels, axis=axes, eps=eps)
    if x.size:
        _move(owner, running, _plain(mean).mean(axis=0), _plain(var).mean(axis=0), count, momentum)
    return value


def _spread(parameters: Pair, shape: Shape) -> list[Any]:
    """Parameters of the channels for each sample; of another shape as they are, to be refused."""
    given = [v if v is None else value_of(v) for v in parameters]
    fits = [v is not None and v.shape == shape[1:2] for v in given]
    return [ops.broadcast_to(v, shape[:2]) if f else v for v, f in zip(given, fits, strict=True)]


def _by_known(owner: Any, x: Any, running: Pair, parameters: Pair, eps: float) -> Tensor:
    if running[0] is None or running[1] is None:
        raise catalogue.statistics_missing(owner, running == (None, None))
    return ops.batch_norm(x, *parameters, mean=running[0], var=running[1], eps=eps).value


def _check_both(owner: Any, running: Pair) -> None:
    if (running[0] is None) != (running[1] is None):
        raise catalogue.statistics_missing(owner, False)


def _move(owner: Any, running: Pair, mean: Array, var: Array, count: int, momentum: float) -> None:
    """Move running statistics towards those of a batch; nothing of it is recorded."""
    for held, fresh in zip(running, (mean, var * (count / (count - 1))), strict=True):
        if isinstance(held, Tensor):
            held.data = (1 - momentum) * held.data + momentum * fresh
        elif isinstance(held, np.ndarray):
            held[...] = (1 - momentum) * held + momentum * fresh
        elif held is not None:
            raise catalogue.statistics_cannot_move(owner, held)


def _plain(statistic: Any) -> Array:
    return np.asarray(getattr(statistic, "_data", statistic))
