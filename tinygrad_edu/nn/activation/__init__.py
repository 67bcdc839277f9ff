"""Activation functions as modules, for ``Sequential`` and for pictures, by PyTorch's names.

One file a family, as the operations are. Where an operation does not have PyTorch's name and
arguments, the function for ``nn.functional`` stands beside the module.
"""

from .exponential import CELU, ELU, SELU
from .gated import GELU, GLU, Mish, SiLU
from .leaky import LeakyReLU, PReLU, RReLU
from .named import activation_named
from .probability import LogSoftmax, Softmax, Softmax2d, Softmin
from .rectified import Hardsigmoid, Hardswish, Hardtanh, ReLU, ReLU6, Threshold
from .shrinking import Hardshrink, Softshrink, Tanhshrink
from .smooth import LogSigmoid, Sigmoid, Softplus, Softsign, Tanh

__all__ = [
    "CELU", "ELU", "GELU", "GLU", "SELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh",
    "LeakyReLU", "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "RReLU", "ReLU", "ReLU6", "SiLU",
    "Sigmoid", "Softmax", "Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign", "Tanh",
    "Tanhshrink", "Threshold", "activation_named",
]  # fmt: skip
