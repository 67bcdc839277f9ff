"""tinygrad_edu: automatic differentiation to learn deep learning with, and to keep using."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import errors
from ._version import __version__
from .autodiff import (
    Contribution,
    Operation,
    Parameter,
    Step,
    Tape,
    Tensor,
    asarray,
    operation,
    unbroadcast,
)
from .autodiff.transforms import (
    checkpoint,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    stop_gradient,
    value_and_grad,
    vjp,
)
from .arraylike import reach
from .domain import Kink, Real
from .mode import config, enable_grad, is_grad_enabled, no_grad
from .ops import *
from .ops import __all__ as _operations
from .random import seed

if TYPE_CHECKING:
    from . import data, graph, metrics, nn

# Rooms that are furnished when someone enters: importing the package stays cheap.
_ROOMS = ("data", "graph", "metrics", "nn")

__all__ = [
    "Contribution", "Kink", "Operation", "Parameter", "Real", "Step", "Tape", "Tensor",
    "__version__", "asarray", "checkpoint", "config", "data", "enable_grad", "errors", "grad",
    "graph", "hessian", "hvp", "is_grad_enabled", "jacobian", "jvp", "metrics", "nn", "no_grad",
    "operation", "seed", "stop_gradient", "unbroadcast", "value_and_grad", "vjp", *_operations,
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)


def __dir__() -> list[str]:
    return sorted(__all__)


def _table(tape: Tape) -> str:
    from .graph.text import table

    return table(tape)


reach["table"] = _table
