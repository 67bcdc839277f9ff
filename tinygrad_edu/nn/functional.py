"""Layers and losses as plain functions, with PyTorch's names and arguments."""

from __future__ import annotations

from ..autodiff.tensor import Tensor
from ..ops import (
    celu,
    dropout as _dropout,
    elu,
    fused,
    gelu,
    hardsigmoid,
    hardswish,
    hardtanh,
    layer_norm,
    leaky_relu,
    log_sigmoid as logsigmoid,
    log_softmax as _log_softmax,
    mish,
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
)
from ..ops.noise import check_probability
from ..types import Operand, Rng
from .activation.gated import glu
from .activation.leaky import rrelu
from .activation.probability import softmin
from .activation.rectified import threshold
from .activation.shrinking import hardshrink, softshrink, tanhshrink
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
from .normalization import batch_norm, group_norm, instance_norm, normalize, rms_norm

__all__ = [
    "balanced_weights", "batch_norm", "binary_cross_entropy", "binary_cross_entropy_with_logits",
    "celu", "cosine_embedding_loss", "cross_entropy", "discriminator_loss", "dropout", "elu",
    "gelu", "generator_loss", "glu", "gradient_penalty", "group_norm", "hardshrink", "hardsigmoid",
    "hardswish", "hardtanh", "hinge_embedding_loss", "hinge_loss", "huber_loss", "instance_norm",
    "kl_div", "l1_loss", "l1_penalty", "l2_penalty", "layer_norm", "leaky_relu", "linear",
    "log_softmax", "logsigmoid", "margin_ranking_loss", "mish", "mse_loss", "multi_margin_loss",
    "nll_loss", "normalize", "prelu", "relu", "relu6", "rms_norm", "rrelu", "selu", "sigmoid",
    "silu", "smooth_l1_loss", "soft_margin_loss", "soft_threshold", "softmax", "softmin",
    "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "threshold", "triplet_margin_loss",
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


def dropout(x: Operand, p: float = 0.5, training: bool = True, *, rng: Rng = None) -> Tensor:
    r"""Set each element to 0 with probability ``p`` and scale up the others.

    .. math:: z_i = \frac{m_i}{1 - p} x_i, \qquad m_i \sim \text{Bernoulli}(1 - p)

    Parameters
    ----------
    x : array_like
        Any shape.
    p : float, 0 to 1
        The probability of dropping an element.
    training : bool
        If false, ``x`` is returned.
    rng : Generator or int, optional
        Where the choices come from.

    Raises
    ------
    ArgumentError
        When ``p`` is no probability.

    Notes
    -----
    Source: Srivastava et al. 2014, sections 4 and 10.

    Examples
    --------
    >>> dropout([1.0, 2.0], 1.0)
    array([0., 0.])
    """
    check_probability(p)
    return _dropout(x, p if training else 0.0, rng=rng)


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
