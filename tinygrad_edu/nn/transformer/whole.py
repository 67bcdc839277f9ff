"""``Transformer``: an encoder that reads one sequence, and a decoder that continues another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor
from ...seeding import generator
from ...types import Operand, Rng
from .. import init
from ..attention.masks import generate_square_subsequent_mask
from ..module import Module
from ..normalization import LayerNorm
from .decoder import TransformerDecoder, TransformerDecoderLayer
from .encoder import TransformerEncoder, TransformerEncoderLayer

__all__ = ["Transformer"]


class Transformer(Module):
    r"""An encoder and a decoder, as for translation; without embeddings and positions.

    .. math:: z = \operatorname{decoder}(y, \operatorname{encoder}(x))

    Parameters
    ----------
    d_model, nhead : int, at least 1
        Features of a step, and heads of all attentions.
    num_encoder_layers, num_decoder_layers : int, at least 0
        How many blocks each has.
    dim_feedforward, dropout, activation
        As of ``TransformerEncoderLayer``.
    custom_encoder, custom_decoder : Module, optional
        Used instead.
    layer_norm_eps, batch_first, norm_first, bias, dtype, rng
        As of ``TransformerEncoderLayer``.

    Attributes
    ----------
    encoder, decoder : Module
        Both end in a ``LayerNorm``. Matrices are uniform, Xavier, at first.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        As ``MultiheadAttention``.

    Notes
    -----
    Source: Vaswani et al. 2017, figure 1.

    Examples
    --------
    >>> model = Transformer(8, 2, 1, 1, 16)
    >>> x, y = np.zeros((7, 3, 8), np.float32), np.zeros((5, 3, 8), np.float32)
    >>> model(x, y, tgt_mask=model.generate_square_subsequent_mask(5)).shape
    (5, 3, 8)
    """

    generate_square_subsequent_mask = staticmethod(generate_square_subsequent_mask)

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        draw: Any = None if rng is None else generator(rng)
        layer = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps)
        ways = {"batch_first": batch_first, "norm_first": norm_first, "bias": bias}
        drawn: dict[str, Any] = {**ways, "dtype": dtype, "rng": draw}

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*layer, **drawn), num_encoder_layers, norm()
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*layer, **drawn), num_decoder_layers, norm()
        )
        init_rng = generator(draw)
        for matrix in self.parameters():
            if matrix.ndim > 1:
                matrix.data = init.xavier_uniform(matrix.shape, rng=init_rng, dtype=dtype)

    def forward(
        self,
        src: Operand,
        tgt: Operand,
        src_mask: Operand | None = None,
        tgt_mask: Operand | None = None,
        memory_mask: Operand | None = None,
        src_key_padding_mask: Operand | None = None,
        tgt_key_padding_mask: Operand | None = None,
        memory_key_padding_mask: Operand | None = None,
        src_is_causal: bool = False,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the target sequences, each step with what it has seen.

        Parameters
        ----------
        src : array_like, shape (steps, samples, d_model), or (steps, d_model) of one sequence
            What the encoder reads. With ``batch_first``, samples are the first axis.
        tgt : array_like, shape (steps of another number, samples, d_model)
            What the decoder continues.
        src_mask, src_key_padding_mask, src_is_causal
            For the encoder, as of ``MultiheadAttention``.
        tgt_mask, tgt_key_padding_mask, tgt_is_causal
            For the decoder's attention to itself.
        memory_mask, memory_key_padding_mask, memory_is_causal
            For its attention to what the encoder returned.
        """
        memory = self.encoder(
            src,
            mask=src_mask,
            src_key_padding_mask=src_key_padding_mask,
            is_causal=src_is_causal,
        )
        return self.decoder(  # type: ignore[no-any-return]
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )
