"""``TransformerDecoderLayer`` and its stack, which also look at what an encoder has read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor
from ...seeding import generator
from ...types import Operand, Rng
from ..attention.multihead import MultiheadAttention
from ..dropout import Dropout
from ..linear import Linear
from ..module import Module
from ..normalization import LayerNorm
from ..settings import size
from .block import activation_of, copies

__all__ = ["TransformerDecoder", "TransformerDecoderLayer"]


class TransformerDecoderLayer(Module):
    r"""A block of attention to itself, of attention to a memory, and of a network.

    .. math:: u = \operatorname{norm}_1(x + A(x)), \quad y = \operatorname{norm}_2(u + B(u, m)),
              \quad z = \operatorname{norm}_3(y + F(y)), \qquad
              F(y) = W_2\, \phi(W_1 y + b_1) + b_2

    Parameters
    ----------
    d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first
        As of ``TransformerEncoderLayer``.
    bias, dtype, rng
        The same.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        As ``MultiheadAttention``.

    Notes
    -----
    Source: Vaswani et al. 2017, sections 3.1 to 3.3.

    Examples
    --------
    >>> layer = TransformerDecoderLayer(8, 2, 16, batch_first=True)
    >>> x, memory = np.zeros((3, 5, 8), np.float32), np.zeros((3, 7, 8), np.float32)
    >>> layer(x, memory, tgt_is_causal=True).shape
    (3, 5, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        draw: Any = None if rng is None else generator(rng)
        drawn = {"dtype": dtype, "rng": draw}
        heads = (d_model, nhead, dropout, bias)
        self.self_attn = MultiheadAttention(*heads, batch_first=batch_first, **drawn)
        self.multihead_attn = MultiheadAttention(*heads, batch_first=batch_first, **drawn)
        hidden = size("dim_feedforward", dim_feedforward, 1, "256")
        self.linear1 = Linear(d_model, hidden, bias, **drawn)
        self.dropout = Dropout(dropout, rng=draw)
        self.linear2 = Linear(hidden, d_model, bias, **drawn)
        self.norm_first = bool(norm_first)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout, rng=draw)
        self.dropout2 = Dropout(dropout, rng=draw)
        self.dropout3 = Dropout(dropout, rng=draw)
        self.activation = activation_of(activation)

    def forward(
        self,
        tgt: Operand,
        memory: Operand,
        tgt_mask: Operand | None = None,
        memory_mask: Operand | None = None,
        tgt_key_padding_mask: Operand | None = None,
        memory_key_padding_mask: Operand | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the sequences, each step with what it has seen of the others and of the memory.

        Parameters
        ----------
        tgt : array_like, shape (steps, samples, d_model), or (steps, d_model) of one sequence
            With ``batch_first``, samples are the first axis.
        memory : array_like, shape (steps of another number, samples, d_model)
            What an encoder returned.
        tgt_mask, tgt_key_padding_mask, tgt_is_causal
            For the attention to itself, as of ``MultiheadAttention``.
        memory_mask, memory_key_padding_mask, memory_is_causal
            The same for the attention to the memory.
        """

        def itself(x: Any) -> Any:
            seen, _ = self.self_attn(
                x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal
            )
            return self.dropout1(seen)

        def remembered(x: Any) -> Any:
            seen, _ = self.multihead_attn(
                x, memory, memory, memory_key_padding_mask, False, memory_mask,
                is_causal=memory_is_causal,
            )  # fmt: skip
            return self.dropout2(seen)

        if self.norm_first:
            x = tgt + itself(self.norm1(tgt))
            x = x + remembered(self.norm2(x))
            return x + self._network(self.norm3(x))  # type: ignore[no-any-return]
        x = self.norm1(tgt + itself(tgt))
        x = self.norm2(x + remembered(x))
        return self.norm3(x + self._network(x))  # type: ignore[no-any-return]

    def _network(self, x: Any) -> Any:
        hidden = self.dropout(self.activation(self.linear1(x)))
        return self.dropout3(self.linear2(hidden))


class TransformerDecoder(Module):
    r"""Copies of a decoder layer, one after the other, all with the same memory.

    .. math:: f(x) = \operatorname{norm}(f_n(\dots f_1(x, m) \dots, m))

    Parameters
    ----------
    decoder_layer : TransformerDecoderLayer
        Is copied, and not used itself. All copies begin with its values, as in PyTorch.
    num_layers : int, at least 0
        How many.
    norm : Module, optional
        Applied at the end.

    Notes
    -----
    Source: Vaswani et al. 2017, section 3.1.

    Examples
    --------
    >>> decoder = TransformerDecoder(TransformerDecoderLayer(8, 2, 16), 2)
    >>> decoder(np.zeros((5, 3, 8), np.float32), np.zeros((7, 3, 8), np.float32)).shape
    (5, 3, 8)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.num_layers = size("num_layers", num_layers, 0, "6")
        self.layers = copies(decoder_layer, self.num_layers)
        self.norm = norm

    def forward(
        self,
        tgt: Operand,
        memory: Operand,
        tgt_mask: Operand | None = None,
        memory_mask: Operand | None = None,
        tgt_key_padding_mask: Operand | None = None,
        memory_key_padding_mask: Operand | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the sequences after all layers; arguments as of the layer."""
        x = tgt
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        for layer in self.layers:
            x = layer(x, memory, *masks, tgt_is_causal, memory_is_causal)
        return x if self.norm is None else self.norm(x)  # type: ignore[no-any-return]
