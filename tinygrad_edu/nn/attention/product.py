"""Scaled dot-product attention as a function, with dropout, and with its weights to be seen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import ops
from ...autodiff.tensor import Tensor, asarray
from ...types import Operand, Rng
from .masks import joined

__all__ = ["attended", "scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Operand,
    key: Operand,
    value: Operand,
    attn_mask: Operand | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    *,
    rng: Rng = None,
) -> Tensor:
    r"""For each query a mean of the values, weighted by the softmax of its products with the keys.

    .. math:: Z = \operatorname{dropout}(P)\, V, \qquad
              P = \operatorname{softmax}(c\,Q K^{\mathsf T} + M)

    Parameters
    ----------
    query : array_like, shape (..., queries, features)
        :math:`Q`. Leading axes, such as samples and heads, broadcast.
    key, value : array_like, shape (..., keys, features) and (..., keys, outputs)
        :math:`K` and :math:`V`.
    attn_mask : array_like, shape that broadcasts to (..., queries, keys), optional
        :math:`M`: numbers to add to the scores; or truth values, true where a query may look. (In
        the layers of attention true closes; both are PyTorch's.)
    dropout_p : float, 0 to 1
        Drop weights with this probability; set it to 0 when evaluating.
    is_causal : bool
        Query ``i`` looks at the keys up to ``i`` only.
    scale : float, optional
        :math:`c`; by default one over the root of the number of features.
    rng : Generator or int, optional
        Where the choices of dropout come from.

    Raises
    ------
    ShapeError, ArgumentError
        See ``tg.scaled_dot_product_attention``, which it is without dropout.

    Notes
    -----
    A query that may look nowhere gets zeros. Source: Vaswani et al. 2017, equation 1.

    Examples
    --------
    >>> x = np.eye(2)
    >>> scaled_dot_product_attention(x, x, x, is_causal=True).round(3)
    array([[1.  , 0.  ],
           [0.33, 0.67]])
    """
    ops.noise.check_probability(dropout_p)
    if dropout_p and not (is_causal and attn_mask is not None):  # which the operation refuses
        return attended(query, key, value, attn_mask, dropout_p, is_causal, scale, rng)[0]
    return ops.scaled_dot_product_attention(
        query, key, value, attn_mask, is_causal=is_causal, scale=scale
    )


def attended(
    query: Any, key: Any, value: Any, mask: Any, p: float, is_causal: bool, scale: Any, rng: Rng
) -> tuple[Tensor, Tensor]:
    """Attention with its weights, after dropout; arguments as above.

    Returns
    -------
    output : Tensor, shape (..., queries, outputs)
    weights : Tensor, shape (..., queries, keys)
    """
    query, key, value = [x if isinstance(x, Tensor) else asarray(x) for x in (query, key, value)]
    scores = (query * (scale or 1 / math.sqrt(query.shape[-1] or 1))) @ key.mT
    if is_causal:
        queries, keys = scores.shape[-2:]
        back = np.tri(queries, keys, dtype=bool)
        mask = back if mask is None else joined(mask, back)
    weights = ops.softmax(scores) if mask is None else _masked(scores, mask)
    weights = ops.dropout(weights, p, rng=rng)
    return weights @ value, weights


def _masked(scores: Tensor, mask: Any) -> Tensor:
    """The softmax of scores that are not closed; zeros in rows that are closed altogether."""
    values = mask._data if isinstance(mask, Tensor) else np.asarray(mask)
    truths = values.dtype == bool
    seen = np.any(values if truths else values > -np.inf, axis=-1, keepdims=True)
    # A row without any is computed as if it were open, and emptied afterwards: no NaN arises.
    if truths:
        scores = ops.where(values | ~seen, scores, -np.inf)
    else:
        scores = scores + (mask if seen.all() else ops.where(seen, mask, 0.0))
    weights = ops.softmax(scores)
    return weights if seen.all() else ops.where(seen, weights, 0.0)
