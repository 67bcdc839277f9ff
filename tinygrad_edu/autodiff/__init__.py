"""The engine: tensors that are rows, rules of every order, one reverse sweep, the tape."""

from ..arrays import unbroadcast
from ..registry import Operation, registry
from ..types import Contribution, Step, reach
from .backward import backward as _backward
from .connection import connected
from .operation import operation
from .record import Tape
from .tensor import Parameter, Tensor, asarray

reach["backward"] = _backward
reach["connected"] = connected

__all__ = [
    "Contribution", "Operation", "Parameter", "Step", "Tape", "Tensor", "asarray", "operation",
    "registry", "unbroadcast",
]  # fmt: skip
