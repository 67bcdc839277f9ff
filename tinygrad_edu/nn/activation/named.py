"""Activations by name, for networks that are described in words."""

from __future__ import annotations

from collections.abc import Callable

from ...catalogue import unknown_choice
from ..module import Module
from .exponential import CELU, ELU, SELU
from .gated import GELU, Mish, SiLU
from .leaky import LeakyReLU, PReLU, RReLU
from .rectified import Hardsigmoid, Hardswish, Hardtanh, ReLU, ReLU6
from .shrinking import Hardshrink, Softshrink, Tanhshrink
from .smooth import LogSigmoid, Sigmoid, Softplus, Softsign, Tanh

__all__ = ["activation_named"]

# By the names of ``nn.functional``. Those that keep the number of features: not glu or softmax.
_BY_NAME: dict[str, Callable[[], Module]] = {
    "relu": ReLU,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
    "gelu": GELU,
    "silu": SiLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "selu": SELU,
    "celu": CELU,
    "mish": Mish,
    "softplus": Softplus,
    "softsign": Softsign,
    "relu6": ReLU6,
    "hardtanh": Hardtanh,
    "hardsigmoid": Hardsigmoid,
    "hardswish": Hardswish,
    "logsigmoid": LogSigmoid,
    "prelu": PReLU,
    "rrelu": RReLU,
    "tanhshrink": Tanhshrink,
    "softshrink": Softshrink,
    "hardshrink": Hardshrink,
}


def activation_named(activation: str | Callable[[], Module]) -> Callable[[], Module]:
    """Return what makes an activation layer.

    Parameters
    ----------
    activation : str, or callable
        A name as in ``nn.functional``; a callable without arguments, such as the class, stands for
        itself.

    Raises
    ------
    ArgumentError
        For another name.

    Examples
    --------
    >>> activation_named("leaky_relu")()
    LeakyReLU(negative_slope=0.01)
    """
    if activation in _BY_NAME:
        return _BY_NAME[activation]
    if isinstance(activation, str) or not callable(activation):
        raise unknown_choice("activation", activation, tuple(_BY_NAME))
    return activation
