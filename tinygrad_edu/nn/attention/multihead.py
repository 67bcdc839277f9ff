"""``MultiheadAttention``: several attentions side by side, each on its part of the features."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autodiff.tensor import Parameter, Tensor
from ...ops import broadcast_to, concat, mean, permute_dims, scaled_dot_product_attention, zeros
from ...ops.fused import linear
from ...seeding import generator
from ...types import Operand, Rng
from .. import init
from ..linear import Linear
from ..module import Module
from ..note import note_type
from ..path import written_path
from ..settings import probability, size
from . import catalogue
from .masks import combined
from .product import attended

__all__ = ["MultiheadAttention"]


class MultiheadAttention(Module):
    r"""Attention of several heads: each compares and averages by projections of its own.

    .. math:: Z = [H_1 \dots H_n] W_o^{\mathsf T} + b_o, \qquad
              H_i = \operatorname{softmax}\!\bigl(Q_i K_i^{\mathsf T} / \sqrt{d} + M\bigr) V_i,
              \qquad Q_i = X W_{q,i}^{\mathsf T} + b_{q,i}

    Parameters
    ----------
    embed_dim : int, at least 1
        Features of queries and results.
    num_heads : int, at least 1
        How many heads share the features; each has :math:`d` = embed_dim / num_heads.
    dropout : float, 0 to 1
        While training, drop weights with this probability.
    bias : bool
        Add biases to all four projections.
    add_bias_kv : bool
        Add one learned key and value to every sequence.
    add_zero_attn : bool
        Add a key and value of zeros to every sequence.
    kdim, vdim : int, optional
        Features of keys and values, if they are not those of queries.
    batch_first : bool
        Axes are (samples, steps, features), not (steps, samples, features).
    dtype : dtype
        Of the parameters.
    rng : Generator or int, optional
        Where the initial values, and the choices of dropout, come from.

    Attributes
    ----------
    in_proj_weight : Parameter, shape (3 embed_dim, embed_dim), or None
        Rows for queries, keys, values: uniform, Xavier. With ``kdim`` or ``vdim`` there are
        q_proj_weight, k_proj_weight and v_proj_weight instead.
    in_proj_bias : Parameter, shape (3 embed_dim,), or None
        0 at first.
    bias_k, bias_v : Parameter, shape (1, 1, embed_dim), or None
        Of ``add_bias_kv``.
    out_proj : Linear
        From all heads to the result; its bias is 0 at first.

    Raises
    ------
    ArgumentError
        When the heads do not divide the features.
    ShapeError, DTypeError
        When called with operands or masks that do not fit.

    Notes
    -----
    Source: Vaswani et al. 2017, section 3.2.2.

    Examples
    --------
    >>> x = np.ones((5, 2, 4), np.float32)
    >>> output, weights = MultiheadAttention(4, 2)(x, x, x)
    >>> output.shape, weights.shape
    ((5, 2, 4), (2, 5, 5))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        self.embed_dim = width = size("embed_dim", embed_dim, 1, "64")
        self.num_heads = size("num_heads", num_heads, 1, "4")
        if width % self.num_heads:
            raise catalogue.heads_do_not_divide(width, self.num_heads)
        self.kdim = width if kdim is None else size("kdim", kdim, 1, "64")
        self.vdim = width if vdim is None else size("vdim", vdim, 1, "64")
        self.dropout = probability("dropout", dropout)
        self.batch_first = bool(batch_first)
        self.add_zero_attn = bool(add_zero_attn)
        draw = generator(rng)
        self.rng = None if rng is None else draw
        self._draw(bias, add_bias_kv, dtype, draw)
        self.out_proj = Linear(width, width, bias, dtype=dtype, rng=draw)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data = np.zeros(width, dtype)

    def _draw(self, bias: bool, add_bias_kv: bool, dtype: Any, rng: Any) -> None:
        """Set the parameters of the projections, and of the keys that are learned."""
        width = self.embed_dim

        def xavier(*shape: int) -> Parameter:
            return Parameter(init.xavier_uniform(shape, rng=rng, dtype=dtype))

        self.in_proj_weight: Parameter | None = None
        if self.kdim == self.vdim == width:
            self.in_proj_weight = xavier(3 * width, width)
        else:
            self.q_proj_weight = xavier(width, width)
            self.k_proj_weight = xavier(width, self.kdim)
            self.v_proj_weight = xavier(width, self.vdim)
        self.in_proj_bias = Parameter(np.zeros(3 * width, dtype)) if bias else None
        self.bias_k: Parameter | None = None
        self.bias_v: Parameter | None = None
        if add_bias_kv:
            std = width**-0.5  # Xavier's for (1, 1, width), as PyTorch counts what goes in and out
            drawn = init.normal((2, 1, 1, width), 0.0, std, rng=rng, dtype=dtype)
            self.bias_k, self.bias_v = Parameter(drawn[0]), Parameter(drawn[1])

    def forward(
        self,
        query: Operand,
        key: Operand,
        value: Operand,
        key_padding_mask: Operand | None = None,
        need_weights: bool = True,
        attn_mask: Operand | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return, for each query, a mean of the values, and the weights that it was made with.

        Parameters
        ----------
        query : array_like, shape (queries, samples, embed_dim), or (queries, embed_dim)
            With ``batch_first``, samples are the first axis.
        key, value : array_like, shape (keys, samples, kdim) and (keys, samples, vdim)
            As many keys as values.
        key_padding_mask : array_like, shape (samples, keys), optional
            Truth values, true where nobody may look; or numbers to add to the scores.
        need_weights : bool
            Return the weights; without them it is faster.
        attn_mask : array_like, shape (queries, keys) or (samples * num_heads, queries, keys)
            Truth values, true where this query may not look; or numbers to add. Optional.
        average_attn_weights : bool
            Return the mean of the weights over the heads, not those of all.
        is_causal : bool
            No query looks at a later position. (For PyTorch it is a hint, and a mask must be there;
            here it does that with and without.)

        Returns
        -------
        output : Tensor, shape of ``query``
            A query that may look nowhere gets zeros before the last projection.
        weights : Tensor or None
            Shape (samples, queries, keys); of all heads (samples, num_heads, queries, keys).
        """
        alone = query.ndim == 2
        self._check(query, key, value)
        if alone:
            lead = 0 if self.batch_first else 1
            query, key, value = [self._batched(x, lead) for x in (query, key, value)]
        q, k, v = self._projected(query, key, value)
        keys = k.shape[1 if self.batch_first else 0]
        k, v = self._with_keys(k, self.bias_k), self._with_keys(v, self.bias_v)
        q, k, v = self._heads(q), self._heads(k), self._heads(v)
        added = k.shape[2] - keys
        shape = (*q.shape[:3], keys)
        mask, back = combined(attn_mask, key_padding_mask, is_causal, shape, added, q.dtype)
        p = self.dropout if self.training else 0.0
        weights: Tensor | None = None
        if need_weights or p:
            z, weights = attended(q, k, v, mask, p, back, None, self.rng)
        else:
            z = scaled_dot_product_attention(q, k, v, mask, is_causal=back)
        z = permute_dims(z, (0, 2, 1, 3) if self.batch_first else (2, 0, 1, 3))
        output = self.out_proj(z.reshape((*z.shape[:2], self.embed_dim)))
        if weights is None or not need_weights:
            return (output.reshape((-1, self.embed_dim)) if alone else output), None
        weights = mean(weights, axis=1) if average_attn_weights else weights
        return (output.reshape((-1, self.embed_dim)), weights[0]) if alone else (output, weights)

    def _check(self, *operands: Any) -> None:
        shapes = [x.shape for x in operands]
        q, k, v = shapes
        if not len(q) == len(k) == len(v) or len(q) not in (2, 3):
            raise catalogue.wrong_axes(self, written_path(self), shapes)
        if (q[-1], k[-1], v[-1]) != (self.embed_dim, self.kdim, self.vdim):
            raise catalogue.wrong_features(self, written_path(self), shapes)
        batch = 0 if self.batch_first else 1
        if k[:-1] != v[:-1] or (len(q) == 3 and q[batch] != k[batch]):
            raise catalogue.wrong_lengths(self, written_path(self), shapes)
        note_type(self, operands[0], self.out_proj.weight)

    @staticmethod
    def _batched(x: Any, axis: int) -> Any:
        """One sequence as a batch of one."""
        shape = list(x.shape)
        shape.insert(axis, 1)
        return x.reshape(tuple(shape))

    def _projected(self, query: Any, key: Any, value: Any) -> list[Any]:
        """Queries, keys and values of all heads side by side."""
        width = self.embed_dim
        if self.in_proj_weight is None:
            weights: Any = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        else:
            rows = self.in_proj_weight
            weights = [rows[k * width : (k + 1) * width] for k in range(3)]
        operands = zip((query, key, value), weights, strict=True)
        if self.in_proj_bias is None:
            return [linear(x, weight) for x, weight in operands]
        b = self.in_proj_bias
        biases = [b[k * width : (k + 1) * width] for k in range(3)]
        return [linear(x, w, b) for (x, w), b in zip(operands, biases, strict=True)]

    def _with_keys(self, x: Any, learned: Parameter | None) -> Any:
        """Keys or values with those that the layer adds at the end."""
        axis = 1 if self.batch_first else 0
        shape = (len(x), 1, x.shape[2]) if self.batch_first else (1, *x.shape[1:])
        parts = [x]
        if learned is not None:
            parts.append(broadcast_to(learned, shape))
        if self.add_zero_attn:
            parts.append(zeros(shape, dtype=x.dtype))
        return x if len(parts) == 1 else concat(parts, axis=axis)

    def _heads(self, x: Any) -> Any:
        """Shape (samples, heads, steps, features of a head)."""
        heads = x.reshape((*x.shape[:2], self.num_heads, -1))
        return permute_dims(heads, (0, 2, 1, 3) if self.batch_first else (1, 2, 0, 3))
