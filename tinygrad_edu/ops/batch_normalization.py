"""Channels brought to mean 0 and variance 1 over a batch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .. import errors
from ..arrays import floats
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor, constant
from ..types import Array, Axis, Operand, Shape
from .arithmetic import add, divide, multiply, negative
from .normalization import check_eps, value_of, widened
from .powers import sqrt
from .rows import channel_dots, channel_totals, part_of
from .shape import permute_dims, reshape

__all__ = ["batch_norm"]


def _moments(x: Any) -> tuple[Any, Any, Any]:
    """Each channel's mean and variance, and what the numbers differ from the mean by."""
    share = part_of(x.shape[0] * x.shape[2])
    mean = channel_totals(x) * share
    centred = x - mean
    return mean, channel_dots(centred, centred) * share, centred


def _deviations(x: Any, eps: float) -> tuple[Any, Any]:
    _, var, centred = _moments(x)
    return centred, 1.0 / sqrt(var + eps)


def _forward(
    x: Array, weight: Array | None = None, bias: Array | None = None, *, eps: float
) -> tuple[Array, tuple[Array, Array]]:
    x, parameters = floats(x), [v for v in (weight, bias) if v is not None]
    if x.ndim != 3 or any(v.shape != x.shape[1:2] for v in parameters):
        raise ValueError("channels")
    centred, scale = _deviations(widened(x), eps)
    out = centred * (scale if weight is None else scale * weight[:, None])
    if bias is not None:
        fits = np.result_type(out, bias) == out.dtype
        out = np.add(out, bias[:, None], out=out if fits and weight is not None else None)
    return out.astype(np.result_type(x, *parameters), copy=False), (centred, scale)


def _rule(
    g: Any, out: Any, x: Any, weight: Any = None, bias: Any = None, *, eps: float, saved: Any,
    needs: Any,
) -> tuple[Any, ...]:  # fmt: skip
    centred, scale = _deviations(x, eps) if saved is None else saved
    total = channel_totals(g)
    along = channel_dots(g, centred) * scale  # the sum over what was normalized
    answers: list[Any] = [None] * len(needs)
    if needs[0]:
        share = part_of(x.shape[0] * x.shape[2])
        found = g - total * share
        found -= centred * (along * scale * share)
        found *= scale if weight is None else scale * weight.reshape((x.shape[1], 1))
        answers[0] = found
    if True in needs[1:2]:
        answers[1] = along.reshape(weight.shape)
    if True in needs[2:]:
        answers[2] = total.reshape(bias.shape)
    return tuple(answers)


def _samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape = [(4, 2, 1), (1, 2, 3), (2, 2, 2)][int(rng.integers(3))]
    operands = tuple([rng.normal(size=size) for size in (shape, shape[1], shape[1])])
    return operands[: int(rng.integers(1, 4))], {"eps": 0.1}


def _explain(
    x: Array, weight: Array | None = None, bias: Array | None = None, *, eps: float
) -> Exception:
    shapes = [v.shape for v in (x, weight, bias) if v is not None]
    return errors.ShapeError(
        f"`batch_norm` of {shapes[0]} with parameters {shapes[1:]}",
        shapes=shapes,
        op="batch_norm",
        why="there is one weight and one bias for each channel",
        fix="tg.batch_norm(x, weight, bias)   # shapes (samples, channels), (channels,) twice",
    )


@operation(_forward, rule=_rule, saves=True, samples=_samples, explain=_explain)
def _batch_norm(
    x: Operand, weight: Operand = None, bias: Operand = None, /, *, eps: float = 1e-5
) -> Tensor:
    r"""Batch normalization of an array with the channels as the second of three axes.

    .. math:: z = \hat x w + b, \quad \hat x = r\,(x - \mu), \qquad
              \bar x = w r\,\bigl(\bar z - \operatorname{mean} \bar z
              - \hat x \operatorname{mean}(\bar z \hat x)\bigr), \quad
              \bar w = \textstyle\sum \bar z \hat x, \quad \bar b = \sum \bar z

    Examples
    --------
    >>> _batch_norm([[[1.0]], [[3.0]]], eps=0.0).ravel()
    array([-1.,  1.])
    """


class BatchNorm(NamedTuple):
    """What ``batch_norm`` returns.

    Attributes
    ----------
    value : Tensor
        The normalized numbers, shape of ``x``.
    mean, var : Tensor
        What they were normalized by, one for each channel. Statistics of the batch are constants:
        gradients flow through ``value``.
    """

    value: Tensor
    mean: Tensor
    var: Tensor


def batch_norm(
    x: Operand,
    weight: Operand | None = None,
    bias: Operand | None = None,
    /,
    *,
    mean: Operand | None = None,
    var: Operand | None = None,
    axis: Axis = None,
    eps: float = 1e-5,
) -> BatchNorm:
    r"""Each channel brought to mean 0 and variance 1 over a batch, then scaled and shifted.

    .. math:: z = \hat x w + b, \quad \hat x = r\,(x - \mu), \quad
              r = (\sigma^2 + \varepsilon)^{-1/2}, \qquad
              \bar x = w r\,\bigl(\bar z - \operatorname{mean} \bar z
              - \hat x \operatorname{mean}(\bar z \hat x)\bigr)

    Parameters
    ----------
    x : array_like, shape (samples, channels, ...)
        Any number of further axes.
    weight, bias : array_like, shape (channels,), optional
        :math:`w` and :math:`b`; 1 and 0 by default.
    mean, var : array_like, shape (channels,), optional
        Known statistics to normalize by, as a trained network does; by default the batch's own
        mean :math:`\mu` and variance :math:`\sigma^2`, and gradients flow through them.
    axis : int or tuple of int, optional
        The axes to average over; by default all but axis 1. The other axes are the channels, and
        parameters have their shape.
    eps : float
        :math:`\varepsilon`, 0 or above.

    Returns
    -------
    BatchNorm
        ``value``, shape of ``x``; ``mean`` and ``var`` (divided by the count, not by one less).

    Raises
    ------
    ShapeError, ArgumentError
        When a parameter does not have the shape of the channels, only one of ``mean`` and ``var``
        is given, or ``eps`` is below 0.

    Notes
    -----
    A primitive for speed and memory: it keeps one array of the size of ``x``. With known
    statistics composed, of one product and one sum. Half precision is computed in single, and so
    are its ``mean`` and ``var``. Source: Ioffe and Szegedy 2015, algorithm 1.

    Examples
    --------
    >>> value, mean, var = batch_norm([[1.0], [3.0]], eps=0.0)
    >>> value.ravel(), mean, var
    (array([-1.,  1.]), array([2.]), array([1.]))
    """
    check_eps(eps, "batch_norm")
    x, *given = [v if v is None else value_of(v) for v in (x, weight, bias, mean, var)]
    gone = _averaged(x.shape, axis)
    kept = tuple([k for k in range(x.ndim) if k not in gone])
    _check_channels(x.shape, tuple([x.shape[k] for k in kept]), given)
    weight, bias, mean, var = given
    spread = tuple([1 if k in gone else n for k, n in enumerate(x.shape)])
    if mean is not None:
        return BatchNorm(_with_known(x, given, spread, eps), mean, var)  # type: ignore[arg-type]
    flat, restored = _folded(x, gone, kept)
    parameters = [] if weight is None else [v for v in (weight, bias) if v is not None]
    parameters = [v if v.ndim == 1 else reshape(v, -1) for v in parameters]
    value = restored(_batch_norm(flat, *parameters, eps=eps))
    if weight is None and bias is not None:
        value = add(value, reshape(bias, spread))
    wrap: Any = constant if isinstance(x, Tensor) else np.asarray
    data = floats(getattr(flat, "_data", flat))
    shape = tuple([x.shape[k] for k in kept])
    own = [wrap(v.reshape(shape)) for v in _moments(widened(data))[:2]]
    return BatchNorm(value, *own)


def _averaged(shape: Shape, axis: Axis) -> tuple[int, ...]:
    if axis is None and len(shape) > 1:
        return (0, *range(2, len(shape)))
    try:
        if axis is None:
            raise ValueError("there is no axis 1")
        return tuple(np.lib.array_utils.normalize_axis_tuple(axis, len(shape)))
    except (ValueError, TypeError) as error:
        raise errors.ShapeError(
            f"`batch_norm` of {shape} over axis {axis!r:.40}: {error}",
            shapes=(shape,),
            op="batch_norm",
            why="the averaged axes must be axes of x; by default all but axis 1, the channels",
            fix="axis=0   # or other axes of x",
        ) from None


def _check_channels(shape: Shape, channels: Shape, given: list[Any]) -> None:
    named = dict(zip(("weight", "bias", "mean", "var"), given, strict=True))
    if (named["mean"] is None) != (named["var"] is None):
        raise errors.ArgumentError(
            "`batch_norm` needs both mean and var, or neither",
            op="batch_norm",
            why="without them, both are taken from the batch",
            fix="tg.batch_norm(x, mean=mean, var=var)",
        )
    for name, value in named.items():
        if value is not None and value.shape != channels:
            raise errors.ShapeError(
                f"`batch_norm`: {name} has shape {value.shape}, the channels of {shape} {channels}",
                shapes=(shape, value.shape),
                op="batch_norm",
                why="each channel has its own parameters and statistics",
                fix=f"{name}.reshape({channels})"
                if value.size == math.prod(channels)
                else f"{name} of shape {channels}",
            )


def _with_known(x: Any, given: list[Any], spread: Shape, eps: float) -> Tensor:
    """Known statistics make it one product and one sum of the size of ``x``."""
    weight, bias, mean, var = given
    scale = divide(1.0 if weight is None else weight, sqrt(add(var, eps)))
    shift = negative(multiply(mean, scale))
    shift = shift if bias is None else add(shift, bias)
    return add(multiply(x, reshape(scale, spread)), reshape(shift, spread))


def _folded(
    x: Any, gone: tuple[int, ...], kept: tuple[int, ...]
) -> tuple[Any, Callable[[Any], Any]]:
    """The channels as the second of three axes, and the way back."""
    start, order = (kept[0] if kept else x.ndim), (*gone, *kept)
    together = kept == tuple(range(start, start + len(kept)))
    moved, start = (x, start) if together else (permute_dims(x, order), len(gone))
    shape, end = moved.shape, start + len(kept)
    three = tuple([math.prod(part) for part in (shape[:start], shape[start:end], shape[end:])])

    def restored(value: Any) -> Any:
        value = value if shape == three else reshape(value, shape)
        return value if together else permute_dims(value, tuple(np.argsort(order).tolist()))

    return moved if shape == three else reshape(moved, three), restored
