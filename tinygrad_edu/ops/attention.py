"""Attention: for each query a mean of the values, weighted by how well their keys match."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import errors
from ..arrays import floats, numbers
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..types import Array, Operand
from .comparison import where
from .exponential import exp
from .rows import dots, totals

__all__ = ["scaled_dot_product_attention"]


def _closed(scores: Any, mask: Any, is_causal: bool) -> Any:
    """Minus infinity where no look is allowed, and 0 elsewhere; or nothing to add."""
    *_, rows, columns = scores.shape
    if is_causal:
        return np.triu(np.full((rows, columns), -np.inf, scores.dtype), 1)
    if mask is None or mask.dtype != bool:
        return mask
    return where(mask, 0.0, -np.inf).astype(scores.dtype)


def _largest(scores: Array) -> Array:
    """Each row's largest score; a row without any keeps a finite number to subtract."""
    return np.maximum.reduce(scores, axis=-1, keepdims=True, initial=np.finfo(scores.dtype).min)


def _attended(
    query: Array, key: Array, value: Array, mask: Array | None = None, *, is_causal: bool,
    scale: float,
) -> tuple[Array, tuple[Array, Array]]:  # fmt: skip
    query, key, value = floats(query), floats(key), floats(value)
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise ValueError("axes")
    powers = np.matmul(query * scale, key.mT)
    closed = _closed(powers, mask, is_causal)
    if closed is not None:
        powers += closed
    powers -= _largest(powers)
    np.exp(powers, powers)
    # At least 1, the power of the largest, but for a row that is closed altogether.
    share = 1.0 / np.maximum(totals(powers), powers.dtype.type(1.0))
    out = np.matmul(powers, value)
    kinds = [v for v in (query, key, value, mask) if v is not None and v.dtype != bool]
    out = np.multiply(out, share, out=out).astype(np.result_type(*kinds), copy=False)
    return out, (powers, share)


def _powers(query: Any, key: Any, mask: Any, is_causal: bool, scale: float) -> tuple[Any, Any]:
    """The same with operations; what is subtracted cancels, so it counts as a constant."""
    scores = (query * scale) @ key.mT
    closed = _closed(scores, mask, is_causal)
    if closed is not None:
        scores = scores + closed
    powers = exp(scores - _largest(scores._data))
    total = totals(powers)
    return powers, 1.0 / (total + (total._data == 0))


def _attended_rule(
    g: Any, out: Any, query: Any, key: Any, value: Any, mask: Any = None, *, is_causal: bool,
    scale: float, saved: Any, needs: Any,
) -> tuple[Any, ...]:  # fmt: skip
    powers, share = _powers(query, key, mask, is_causal, scale) if saved is None else saved
    g = g * share
    answers: list[Any] = [None] * len(needs)
    if needs[2]:
        answers[2] = powers.mT @ g
    if needs[0] or needs[1] or True in needs[3:]:
        pulled = g @ value.mT
        pulled -= dots(g, out)
        pulled *= powers
        answers[3:] = [pulled] * len(needs[3:])
        if needs[0]:
            answers[0] = pulled @ (key * scale)
        if needs[1]:
            answers[1] = pulled.mT @ (query * scale)
    return tuple(answers)


def _samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    forms: list[tuple[tuple[int, ...], ...]] = [
        ((2, 1), (3, 1), (3, 2)), ((3, 2), (3, 2), (3, 1)), ((2, 2, 1), (2, 1), (2, 2, 2)),
        ((1, 2, 1), (2, 2, 1), (2, 1)),
    ]  # fmt: skip
    operands: list[Any] = [rng.normal(size=shape) for shape in forms[int(rng.integers(4))]]
    rows, columns = operands[0].shape[-2], operands[1].shape[-2]
    kind = int(rng.integers(4))
    if kind == 1:
        operands.append(np.arange(rows * columns).reshape(rows, columns) % 4 > 0)
    elif kind == 2:
        operands.append(rng.normal(size=(1, columns)))
    elif kind == 3:
        operands.append(np.arange(rows)[:, None] > 0)  # the first query sees nothing
    return tuple(operands), {"is_causal": kind == 0 and bool(rng.integers(2)), "scale": 0.7}


def _explain(
    query: Array, key: Array, value: Array, mask: Array | None = None, **settings: Any
) -> Exception:
    shapes = [v.shape for v in (query, key, value, mask) if v is not None]
    return errors.ShapeError(
        f"query {shapes[0]}, key {shapes[1]} and value {shapes[2]} do not fit"
        + (f" each other or the mask {shapes[3]}" if len(shapes) > 3 else ""),
        shapes=shapes,
        op="scaled_dot_product_attention",
        why="query and key need equal features, key and value equal positions, and the mask has "
        "a number for each pair of positions",
        fix="query (..., L, E), key (..., S, E), value (..., S, V), mask (..., L, S)",
    )


@operation(
    _attended,
    rule=_attended_rule,
    saves=True,
    broadcasts=True,
    samples=_samples,
    explain=_explain,
)
def _attention(
    query: Operand, key: Operand, value: Operand, mask: Operand = None, /, *,
    is_causal: bool = False, scale: float = 1.0,
) -> Tensor:  # fmt: skip
    r"""Attention with a given scale.

    .. math:: Z = P V, \quad P = \operatorname{softmax}(c\,Q K^{\mathsf T} + M), \qquad
              \bar M = P \odot \bigl(\bar Z V^{\mathsf T}
              - \operatorname{rows}(\bar Z \odot Z)\bigr), \quad
              \bar Q = c\,\bar M K, \quad \bar K = c\,\bar M^{\mathsf T} Q, \quad
              \bar V = P^{\mathsf T} \bar Z

    Examples
    --------
    >>> _attention([[0.0]], [[1.0], [2.0]], [[3.0], [5.0]])
    array([[4.]])
    """


def scaled_dot_product_attention(
    query: Operand,
    key: Operand,
    value: Operand,
    /,
    mask: Operand | None = None,
    *,
    is_causal: bool = False,
    scale: float | None = None,
) -> Tensor:
    r"""For each query a mean of the values, weighted by the softmax of its products with the keys.

    .. math:: Z = P V, \quad P = \operatorname{softmax}(c\,Q K^{\mathsf T} + M), \qquad
              \bar M = P \odot \bigl(\bar Z V^{\mathsf T}
              - \operatorname{rows}(\bar Z \odot Z)\bigr), \quad
              \bar Q = c\,\bar M K, \quad \bar K = c\,\bar M^{\mathsf T} Q, \quad
              \bar V = P^{\mathsf T} \bar Z

    Parameters
    ----------
    query : array_like, shape (..., queries, features)
        :math:`Q`. Leading axes, such as samples and heads, broadcast.
    key : array_like, shape (..., keys, features)
        :math:`K`.
    value : array_like, shape (..., keys, outputs)
        :math:`V`.
    mask : array_like, shape that broadcasts to (..., queries, keys), optional
        :math:`M`: numbers to add to the scores; or truth values, true where a query may look.
    is_causal : bool
        Query ``i`` looks at the keys up to ``i`` only.
    scale : float, optional
        :math:`c`; by default one over the root of the number of features.

    Returns
    -------
    Tensor
        Shape (..., queries, outputs). A query that may look nowhere gets zeros, and passes no
        gradient.

    Raises
    ------
    ShapeError, ArgumentError
        When the shapes do not fit, or both ``mask`` and ``is_causal`` are given.

    Notes
    -----
    A primitive for speed and memory: of the scores one array is kept, and forward and backward work
    in it and in one more; six tenths of the time of the composition. Source: Vaswani et al. 2017,
    equation 1; the backward: Dao et al. 2022, appendix B.2.

    Examples
    --------
    >>> x = np.eye(2)
    >>> scaled_dot_product_attention(x, x, x, is_causal=True).round(3)
    array([[1.  , 0.  ],
           [0.33, 0.67]])
    """
    if is_causal and mask is not None:
        raise errors.ArgumentError(
            "`scaled_dot_product_attention` takes a mask or is_causal, not both",
            op="scaled_dot_product_attention",
            fix="mask=mask & np.tri(queries, keys, dtype=bool)",
        )
    if scale is None:
        features = (query if isinstance(query, Tensor) else numbers(query)).shape[-1:]
        scale = 1.0 / math.sqrt(math.prod(features) or 1)
    operands = (query, key, value) if mask is None else (query, key, value, mask)
    return _attention(*operands, is_causal=bool(is_causal), scale=scale)
