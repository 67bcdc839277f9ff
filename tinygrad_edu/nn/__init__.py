"""Neural networks: modules, losses, initial values, optimizers; PyTorch's names, to the letter.

A ``state_dict`` goes to and from PyTorch key for key.
"""

from ..autodiff.tensor import Parameter
from . import functional, init, optim
from .activation import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from .container import MLP, ModuleDict, ModuleList, Sequential
from .dropout import Dropout
from .linear import Flatten, Identity, Linear
from .loss import CrossEntropyLoss, MSELoss
from .module import Module
from .note import ModuleNote
from .tree import Buffer

__all__ = [
    "MLP", "Buffer", "CrossEntropyLoss", "Dropout", "Flatten", "Identity", "Linear", "LogSoftmax",
    "MSELoss", "Module", "ModuleDict", "ModuleList", "ModuleNote", "Parameter", "ReLU",
    "Sequential", "Sigmoid", "Softmax", "Tanh", "functional", "init", "optim",
]  # fmt: skip
