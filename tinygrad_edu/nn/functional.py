"""Layers and losses as plain functions, with PyTorch's names and arguments."""

from __future__ import annotations

from ..autodiff.tensor import Tensor
from ..ops import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    celu,
    conv1d,
    conv2d,
    conv_transpose1d,
    conv_transpose2d,
    elu,
    fold,
    fused,
    gelu,
    hardsigmoid,
    hardswish,
    hardtanh,
    layer_norm,
    leaky_relu,
    log_sigmoid as logsigmoid,
    log_softmax as _log_softmax,
    max_pool1d,
    max_pool2d,
    mish,
    one_hot,
    prelu,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax as _softmax,
    softplus,
    softsign,
    tanh,
    unfold,
    upsample as interpolate,
)
from ..types import Operand
from .activation.gated import glu
from .activation.leaky import rrelu
from .activation.probability import softmin
from .activation.rectified import threshold
from .activation.shrinking import hardshrink, softshrink, tanhshrink
from .attention.masks import generate_square_subsequent_mask
from .attention.product import scaled_dot_product_attention
from .dropout import dropout, dropout1d, dropout2d
from .embedding import embedding
from .losses import (
    balanced_weights,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_embedding_loss,
    cross_entropy,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    hinge_embedding_loss,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    l1_penalty,
    l2_penalty,
    margin_ranking_loss,
    mse_loss,
    multi_margin_loss,
    nll_loss,
    smooth_l1_loss,
    soft_margin_loss,
    soft_threshold,
    triplet_margin_loss,
)
from .margin import pad
from .normalization import batch_norm, group_norm, instance_norm, normalize, rms_norm
from .position import positional_encoding, rotary_embedding

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "balanced_weights",
    "batch_norm", "binary_cross_entropy", "binary_cross_entropy_with_logits", "celu", "conv1d",
    "conv2d", "conv_transpose1d", "conv_transpose2d", "cosine_embedding_loss", "cross_entropy",
    "discriminator_loss", "dropout", "dropout1d", "dropout2d", "elu", "embedding", "fold", "gelu",
    "generate_square_subsequent_mask", "generator_loss", "glu", "gradient_penalty", "group_norm",
    "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "hinge_embedding_loss", "hinge_loss",
    "huber_loss", "instance_norm", "interpolate", "kl_div", "l1_loss", "l1_penalty", "l2_penalty",
    "layer_norm", "leaky_relu", "linear", "log_softmax", "logsigmoid", "margin_ranking_loss",
    "max_pool1d", "max_pool2d", "mish", "mse_loss", "multi_margin_loss", "nll_loss", "normalize",
    "one_hot", "pad", "positional_encoding", "prelu", "relu", "relu6", "rms_norm",
    "rotary_embedding", "rrelu", "scaled_dot_product_attention", "selu", "sigmoid", "silu",
    "smooth_l1_loss", "soft_margin_loss", "soft_threshold", "softmax", "softmin", "softplus",
    "softshrink", "softsign", "tanh", "tanhshrink", "threshold", "triplet_margin_loss", "unfold",
]  # fmt: skip


def linear(x: Operand, weight: Operand, bias: Operand | None = None) -> Tensor:
    r"""Affine map of the last axis.

    .. math:: z = W x + b

    Parameters
    ----------
    x : array_like, shape (..., in_features)
        Any number of leading axes.
    weight : array_like, shape (out_features, in_features)
        One row for each output.
    bias : array_like, shape (out_features,), optional
        Added to each row.

    Returns
    -------
    Tensor
        Shape (..., out_features).

    Examples
    --------
    >>> linear([1.0, 2.0], [[1.0, 1.0]])
    array([3.])
    """
    return fused.linear(x, weight) if bias is None else fused.linear(x, weight, bias)


def softmax(x: Operand, dim: int = -1) -> Tensor:
    r"""Positive numbers that sum to one along an axis.

    .. math:: z_i = e^{x_i} / \textstyle\sum_j e^{x_j}

    Parameters
    ----------
    x : array_like, any shape
        Scores.
    dim : int
        The axis of the classes.

    Examples
    --------
    >>> softmax([1.0, 1.0], dim=0)
    array([0.5, 0.5])
    """
    return _softmax(x, axis=dim)


def log_softmax(x: Operand, dim: int = -1) -> Tensor:
    r"""Logarithm of the softmax along an axis.

    .. math:: z_i = x_i - \ln \textstyle\sum_j e^{x_j}

    Parameters
    ----------
    x : array_like, any shape
        Scores.
    dim : int
        The axis of the classes.

    Examples
    --------
    >>> log_softmax([1000.0, 0.0], dim=0)
    array([    0., -1000.])
    """
    return _log_softmax(x, axis=dim)
