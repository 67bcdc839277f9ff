r"""Distributions whose variance keeps that of what passes through a layer.

``fan_in`` is how many inputs feed one output, ``fan_out`` how many outputs one input feeds, for
the layout (out, in, *kernel).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import errors
from ...catalogue import unknown_choice
from ...types import Array, Rng, Shape
from .distribution import normal, uniform

__all__ = [
    "gain", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform", "xavier_normal",
    "xavier_uniform",
]  # fmt: skip


def xavier_uniform(
    shape: Shape, gain: float = 1.0, *, rng: Rng = None, dtype: Any = np.float32
) -> Array:
    r"""Return uniform draws that keep the variance of both values and gradients, for tanh.

    .. math:: U(-a, a), \quad a = \text{gain} \sqrt{6 / (\text{fan}_{in} + \text{fan}_{out})}

    Source: Glorot and Bengio 2010, equation 16.

    Examples
    --------
    >>> bool((abs(xavier_uniform((3, 3), rng=0)) <= 1.0).all())
    True
    """
    bound = gain * math.sqrt(6 / max(sum(_fans(shape)), 1))
    return uniform(shape, -bound, bound, rng=rng, dtype=dtype)


def xavier_normal(
    shape: Shape, gain: float = 1.0, *, rng: Rng = None, dtype: Any = np.float32
) -> Array:
    r"""Return normal draws with the variance of ``xavier_uniform``.

    .. math:: \sigma = \text{gain} \sqrt{2 / (\text{fan}_{in} + \text{fan}_{out})}

    Source: Glorot and Bengio 2010, equation 12.

    Examples
    --------
    >>> xavier_normal((4, 3), rng=0).shape
    (4, 3)
    """
    std = gain * math.sqrt(2 / max(sum(_fans(shape)), 1))
    return normal(shape, 0.0, std, rng=rng, dtype=dtype)


def he_uniform(
    shape: Shape,
    nonlinearity: str = "relu",
    *,
    slope: float = 0.01,
    mode: str = "fan_in",
    rng: Rng = None,
    dtype: Any = np.float32,
) -> Array:
    r"""Return uniform draws with the variance of ``he_normal``; PyTorch's ``kaiming_uniform_``.

    .. math:: U(-a, a), \quad a = \text{gain} \sqrt{3 / \text{fan}}

    Parameters as for ``he_normal``. Source: He et al. 2015, equation 10.

    Examples
    --------
    >>> bool((abs(he_uniform((5, 6), rng=0)) <= 1.0).all())
    True
    """
    bound = math.sqrt(3) * _he_std(shape, nonlinearity, slope, mode)
    return uniform(shape, -bound, bound, rng=rng, dtype=dtype)


def he_normal(
    shape: Shape,
    nonlinearity: str = "relu",
    *,
    slope: float = 0.01,
    mode: str = "fan_in",
    rng: Rng = None,
    dtype: Any = np.float32,
) -> Array:
    r"""Return normal draws that keep the variance through rectifiers; ``kaiming_normal_``.

    .. math:: \sigma = \text{gain} / \sqrt{\text{fan}}

    Parameters
    ----------
    shape : tuple of int, (out, in, *kernel)
        Of the weight.
    nonlinearity : str
        What follows the layer; see ``gain``.
    slope : float
        Of a leaky rectifier.
    mode : {"fan_in", "fan_out"}
        Keep the variance of values, or that of gradients.
    rng, dtype
        See the head of the module.

    Notes
    -----
    Source: He et al. 2015, equation 10.

    Examples
    --------
    >>> he_normal((4, 3), rng=0).dtype
    dtype('float32')
    """
    std = _he_std(shape, nonlinearity, slope, mode)
    return normal(shape, 0.0, std, rng=rng, dtype=dtype)


def lecun_uniform(
    shape: Shape, *, mode: str = "fan_in", rng: Rng = None, dtype: Any = np.float32
) -> Array:
    r"""Return uniform draws with the variance of ``lecun_normal``.

    .. math:: U(-a, a), \quad a = \sqrt{3 / \text{fan}}

    Parameters as for ``he_normal``. Source: LeCun, Bottou, Orr, Müller 1998, section 4.6.

    Examples
    --------
    >>> bool((abs(lecun_uniform((5, 3), rng=0)) <= 1.0).all())
    True
    """
    bound = math.sqrt(3) * _he_std(shape, "linear", 0.0, mode)
    return uniform(shape, -bound, bound, rng=rng, dtype=dtype)


def lecun_normal(
    shape: Shape, *, mode: str = "fan_in", rng: Rng = None, dtype: Any = np.float32
) -> Array:
    r"""Return normal draws that keep the variance of values through linear and selu layers.

    .. math:: \sigma = 1 / \sqrt{\text{fan}}

    Parameters as for ``he_normal``. Source: LeCun, Bottou, Orr, Müller 1998, equation 16. (Keras
    cuts the tails; here nothing is.)

    Examples
    --------
    >>> lecun_normal((4, 3), rng=0).shape
    (4, 3)
    """
    return normal(shape, 0.0, _he_std(shape, "linear", 0.0, mode), rng=rng, dtype=dtype)


def gain(nonlinearity: str, slope: float = 0.01) -> float:
    r"""Return by how much a layer's deviation must grow to make up for what follows it.

    Parameters
    ----------
    nonlinearity : {"linear", "identity", "sigmoid", "tanh", "relu", "leaky_relu", "selu"}
        1 for the first three, 5/3 for tanh, and for a rectifier with slope :math:`a` on the left
        :math:`\sqrt{2 / (1 + a^2)}`; selu 3/4. The values of PyTorch's ``calculate_gain``.
    slope : float
        Of a leaky rectifier.

    Raises
    ------
    ArgumentError
        For another name.

    Notes
    -----
    Source: He et al. 2015, equation 15.

    Examples
    --------
    >>> round(gain("relu"), 3)
    1.414
    """
    gains = {
        "linear": 1.0,
        "identity": 1.0,
        "sigmoid": 1.0,
        "tanh": 5 / 3,
        "relu": math.sqrt(2),
        "leaky_relu": math.sqrt(2 / (1 + slope**2)),
        "selu": 0.75,
    }
    if nonlinearity not in gains:
        raise unknown_choice("nonlinearity", nonlinearity, tuple(gains))
    return gains[nonlinearity]


def _fans(shape: Shape) -> tuple[int, int]:
    """Inputs that feed one output, and outputs that one input feeds."""
    if len(shape) < 2:
        raise errors.ShapeError(
            f"fan-in and fan-out need a weight of two axes or more, got shape {shape}",
            shapes=(shape,),
            why="the axes are (out, in, *kernel)",
            fix="nn.init.zeros(shape)   # for a bias",
        )
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def _he_std(shape: Shape, nonlinearity: str, slope: float, mode: str) -> float:
    modes = ("fan_in", "fan_out")
    if mode not in modes:
        raise unknown_choice("mode", mode, modes)
    return gain(nonlinearity, slope) / math.sqrt(max(_fans(shape)[modes.index(mode)], 1))
