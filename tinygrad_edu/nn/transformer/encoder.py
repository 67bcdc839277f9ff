"""``TransformerEncoderLayer`` and its stack; with ``is_causal=True``, the blocks of a GPT."""

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

__all__ = ["TransformerEncoder", "TransformerEncoderLayer"]


class TransformerEncoderLayer(Module):
    r"""A block of self-attention and of a network for each position, each added to what it reads.

    .. math:: y = \operatorname{norm}_1(x + A(x)), \qquad z = \operatorname{norm}_2(y + F(y)),
              \qquad F(y) = W_2\, \phi(W_1 y + b_1) + b_2

    Parameters
    ----------
    d_model : int, at least 1
        Features of a step.
    nhead : int, at least 1
        Heads of the attention; they divide the features.
    dim_feedforward : int, at least 1
        Width of the network's hidden layer.
    dropout : float, 0 to 1
        While training, drop attention weights, hidden units, and elements of what is added.
    activation : {"relu", "gelu"}, or callable
        :math:`\phi`.
    layer_norm_eps : float
        Of both normalizations.
    batch_first : bool
        Axes are (samples, steps, features), not (steps, samples, features).
    norm_first : bool
        Normalize what attention and network read, not the sums:
        :math:`y = x + A(\operatorname{norm}_1 x)`, and so on. Deep stacks learn easier then.
    bias : bool
        Add biases in linear maps, attention and normalizations.
    dtype : dtype
        Of the parameters.
    rng : Generator or int, optional
        Where the initial values, and the choices of dropout, come from.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        As ``MultiheadAttention``.

    Notes
    -----
    Source: Vaswani et al. 2017, sections 3.1 to 3.3; Xiong et al. 2020, section 3, for
    ``norm_first``.

    Examples
    --------
    >>> layer = TransformerEncoderLayer(8, 2, 16, batch_first=True)
    >>> layer(np.zeros((3, 5, 8), np.float32)).shape
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
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, **drawn
        )
        hidden = size("dim_feedforward", dim_feedforward, 1, "256")
        self.linear1 = Linear(d_model, hidden, bias, **drawn)
        self.dropout = Dropout(dropout, rng=draw)
        self.linear2 = Linear(hidden, d_model, bias, **drawn)
        self.norm_first = bool(norm_first)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout, rng=draw)
        self.dropout2 = Dropout(dropout, rng=draw)
        self.activation = activation_of(activation)

    def forward(
        self,
        src: Operand,
        src_mask: Operand | None = None,
        src_key_padding_mask: Operand | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Return the sequences, each step with what it has seen of the others.

        Parameters
        ----------
        src : array_like, shape (steps, samples, d_model), or (steps, d_model) of one sequence
            With ``batch_first``, samples are the first axis.
        src_mask, src_key_padding_mask : array_like, optional
            As ``attn_mask`` and ``key_padding_mask`` of ``MultiheadAttention``.
        is_causal : bool
            No step looks at a later one.
        """

        def attended(x: Any) -> Any:
            seen, _ = self.self_attn(
                x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal
            )
            return self.dropout1(seen)

        if self.norm_first:
            x = src + attended(self.norm1(src))
            return x + self._network(self.norm2(x))  # type: ignore[no-any-return]
        x = self.norm1(src + attended(src))
        return self.norm2(x + self._network(x))  # type: ignore[no-any-return]

    def _network(self, x: Any) -> Any:
        hidden = self.dropout(self.activation(self.linear1(x)))
        return self.dropout2(self.linear2(hidden))


class TransformerEncoder(Module):
    r"""Copies of an encoder layer, one after the other.

    .. math:: f = \operatorname{norm} \circ f_n \circ \dots \circ f_1

    Parameters
    ----------
    encoder_layer : TransformerEncoderLayer
        Is copied, and not used itself. All copies begin with its values, as in PyTorch: for others,
        ``nn.init.apply(encoder, "xavier")``.
    num_layers : int, at least 0
        How many.
    norm : Module, optional
        Applied at the end; after layers with ``norm_first`` a ``LayerNorm`` is usual.

    Notes
    -----
    Source: Vaswani et al. 2017, section 3.1.

    Examples
    --------
    >>> encoder = TransformerEncoder(TransformerEncoderLayer(8, 2, 16), 3)
    >>> encoder(np.zeros((5, 3, 8), np.float32), is_causal=True).shape, len(encoder.layers)
    ((5, 3, 8), 3)
    """

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.num_layers = size("num_layers", num_layers, 0, "6")
        self.layers = copies(encoder_layer, self.num_layers)
        self.norm = norm

    def forward(
        self,
        src: Operand,
        mask: Operand | None = None,
        src_key_padding_mask: Operand | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Return the sequences after all layers; arguments as of the layer."""
        x = src
        for layer in self.layers:
            x = layer(x, mask, src_key_padding_mask, is_causal=is_causal)
        return x if self.norm is None else self.norm(x)  # type: ignore[no-any-return]
