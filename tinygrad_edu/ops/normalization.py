"""Numbers brought to mean 0 and variance 1, over the features of each sample.

Forward works in place, and the rule needs only the normalized numbers and their scale. Arrays and
Tensors go by the same formula: a name that is assigned by ``*=`` is overwritten if it is an array,
and stands for a new row if it is a Tensor.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import errors
from ..arrays import floats, numbers
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Operand, Shape
from .arithmetic import add, divide, multiply
from .powers import sqrt, square
from .reduction import mean as average
from .rows import column_dots, column_totals, dots, part_of, totals
from .shape import reshape

__all__ = ["layer_norm", "rms_norm"]


def check_eps(eps: Any, name: str) -> None:
    """Refuse what is no small number."""
    if not isinstance(eps, (int, float, np.number)) or not eps >= 0:
        raise errors.ArgumentError(
            f"eps is a small number, 0 or above, got {eps!r:.40}",
            op=name,
            why="it is added to the variance, which may be 0",
            fix="eps=1e-5",
        )


def value_of(x: Operand) -> Any:
    """Something with a shape: a Tensor as it is, all else as an array."""
    return x if isinstance(x, Tensor) else numbers(x)


def widened(x: Array) -> Array:
    """Half precision as single precision: squares and sums leave its range."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def _standardized(rows: Any, eps: float) -> tuple[Any, Any]:
    share = part_of(rows.shape[-1])
    centred = rows - totals(rows) * share
    scale = 1.0 / sqrt(dots(centred, centred) * share + eps)
    centred *= scale
    return centred, scale


def _forward(
    x: Array, weight: Array | None = None, bias: Array | None = None, *, eps: float
) -> tuple[Array, tuple[Array, Array]]:
    x, parameters = floats(x), [v for v in (weight, bias) if v is not None]
    if not x.ndim or any(v.shape != x.shape[-1:] for v in parameters):
        raise ValueError("features")
    normalized, scale = _standardized(widened(x), eps)
    out = normalized if weight is None else normalized * weight
    if bias is not None:
        fits = np.result_type(out, bias) == out.dtype
        out = np.add(out, bias, out=out if fits and weight is not None else None)
    return out.astype(np.result_type(x, *parameters), copy=False), (normalized, scale)


def _rule(
    g: Any, out: Any, x: Any, weight: Any = None, bias: Any = None, *, eps: float, saved: Any,
    needs: Any,
) -> tuple[Any, ...]:  # fmt: skip
    normalized, scale = _standardized(x, eps) if saved is None else saved
    answers: list[Any] = [None] * len(needs)
    if needs[0]:
        pulled = g if weight is None else g * weight
        share = part_of(x.shape[-1])
        found = pulled - totals(pulled) * share
        found -= normalized * (dots(pulled, normalized) * share)
        found *= scale
        answers[0] = found
    if True in needs[1:2]:
        answers[1] = column_dots(g, normalized)
    if True in needs[2:]:
        answers[2] = column_totals(g)
    return tuple(answers)


def _samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    shape: Shape = [(4,), (3, 3), (2, 1, 3)][int(rng.integers(3))]
    operands = tuple([rng.normal(size=size) for size in (shape, shape[-1], shape[-1])])
    return operands[: int(rng.integers(1, 4))], {"eps": 0.1}


def _explain(
    x: Array, weight: Array | None = None, bias: Array | None = None, *, eps: float
) -> Exception:
    shapes = [v.shape for v in (x, weight, bias) if v is not None]
    return errors.ShapeError(
        f"`layer_norm` of {shapes[0]} with parameters {shapes[1:]}",
        shapes=shapes,
        op="layer_norm",
        why="the last axis of x is normalized, and each of its places has its parameters",
        fix="tg.layer_norm(x, x.shape[-1])   # with weight and bias of that shape",
    )


@operation(_forward, rule=_rule, saves=True, samples=_samples, explain=_explain)
def _layer_norm(
    x: Operand, weight: Operand = None, bias: Operand = None, /, *, eps: float = 1e-5
) -> Tensor:
    r"""Layer normalization over the last axis.

    .. math:: z = \hat x w + b, \quad \hat x = r\,(x - \mu), \qquad
              \bar x = r\,\bigl(\bar y - \operatorname{mean} \bar y
              - \hat x \operatorname{mean}(\bar y \hat x)\bigr), \quad \bar y = \bar z w, \quad
              \bar w = \textstyle\sum \bar z \hat x, \quad \bar b = \sum \bar z

    Examples
    --------
    >>> _layer_norm([1.0, 3.0], eps=0.0)
    array([-1.,  1.])
    """


def _normalized_axes(x: Any, shape: int | Shape, named: list[tuple[str, Any]], name: str) -> int:
    """How many axes, checked: they must be the last of ``x``, and those of the parameters."""
    wanted = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    odd = [(label, v.shape) for label, v in named if v is not None and v.shape != wanted]
    if not wanted or x.shape[-len(wanted) :] != wanted or odd:
        label, found = odd[0] if odd else ("x", x.shape)
        raise errors.ShapeError(
            f"`{name}`: {label} has shape {found}, normalized_shape is {wanted}",
            shapes=(x.shape, *[v.shape for _, v in named if v is not None]),
            op=name,
            why="the last axes of x are normalized, and each of their places has its parameters",
            fix=f"normalized_shape={x.shape[-1:]}" if x.ndim else "x of shape (features,)",
        )
    return len(wanted)


def layer_norm(
    x: Operand,
    /,
    normalized_shape: int | Shape,
    weight: Operand | None = None,
    bias: Operand | None = None,
    eps: float = 1e-5,
) -> Tensor:
    r"""Each sample's features brought to mean 0 and variance 1, then scaled and shifted.

    .. math:: z = \hat x w + b, \quad \hat x = r\,(x - \mu), \quad
              r = (\sigma^2 + \varepsilon)^{-1/2}, \qquad
              \bar x = r\,\bigl(\bar y - \operatorname{mean} \bar y
              - \hat x \operatorname{mean}(\bar y \hat x)\bigr), \quad \bar y = \bar z w

    Parameters
    ----------
    x : array_like, shape (..., *normalized_shape)
        Any number of leading axes, each of whose places is a sample.
    normalized_shape : int or tuple of int
        The lengths of the axes that mean and variance are taken over.
    weight, bias : array_like, shape normalized_shape, optional
        :math:`w` and :math:`b`; 1 and 0 by default.
    eps : float
        :math:`\varepsilon`, 0 or above; gives equal features the finite slope they need.

    Raises
    ------
    ShapeError, ArgumentError
        When ``x`` or a parameter does not end in that shape, or ``eps`` is below 0.

    Notes
    -----
    A primitive for speed and memory: forward and backward take two thirds of the time of the
    composition. Half precision is computed in single. Source: Ba, Kiros, Hinton 2016, equations 3
    and 4.

    Examples
    --------
    >>> layer_norm([[1.0, 3.0], [5.0, 5.0]], 2, eps=0.0 + 1e-12).round(3)
    array([[-1.,  1.],
           [ 0.,  0.]])
    """
    check_eps(eps, "layer_norm")
    x, weight, bias = [v if v is None else value_of(v) for v in (x, weight, bias)]
    axes = _normalized_axes(x, normalized_shape, [("weight", weight), ("bias", bias)], "layer_norm")
    shape, size = x.shape, math.prod(x.shape[-axes:])
    if axes > 1:
        x = reshape(x, (*shape[:-axes], size))
        weight, bias = [v if v is None else reshape(v, size) for v in (weight, bias)]
    if weight is None:
        out = _layer_norm(x, eps=eps)
        out = out if bias is None else add(out, bias)
    else:
        out = _layer_norm(*(v for v in (x, weight, bias) if v is not None), eps=eps)
    return out if axes == 1 else reshape(out, shape)


def rms_norm(
    x: Operand,
    /,
    normalized_shape: int | Shape,
    weight: Operand | None = None,
    eps: float = 1e-5,
) -> Tensor:
    r"""Each sample's features divided by the root of their mean square, then scaled.

    .. math:: z = \frac{x\,w}{\sqrt{\operatorname{mean}(x^2) + \varepsilon}}

    Parameters
    ----------
    x : array_like, shape (..., *normalized_shape)
        Any number of leading axes.
    normalized_shape : int or tuple of int
        The lengths of the axes that the mean is taken over.
    weight : array_like, shape normalized_shape, optional
        :math:`w`, 1 by default.
    eps : float
        :math:`\varepsilon`, 0 or above.

    Raises
    ------
    ShapeError, ArgumentError
        As ``layer_norm``.

    Notes
    -----
    Composed. Source: Zhang and Sennrich 2019, equation 4.

    Examples
    --------
    >>> rms_norm([3.0, 4.0, 0.0, 0.0], 4, eps=0.0)
    array([1.2, 1.6, 0. , 0. ])
    """
    check_eps(eps, "rms_norm")
    x, weight = [v if v is None else value_of(v) for v in (x, weight)]
    axes = _normalized_axes(x, normalized_shape, [("weight", weight)], "rms_norm")
    power = average(square(x), axis=tuple(range(-axes, 0)), keepdims=True)
    out = divide(x, sqrt(add(power, eps)))
    return out if weight is None else multiply(out, weight)
