"""tinygrad_edu: automatic differentiation to learn deep learning with, and to keep using."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from . import errors
from ._version import __version__
from .arraylike import reach
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
from .domain import Kink, Real
from .mode import config, enable_grad, is_grad_enabled, no_grad
from .ops import (
    abs,
    add,
    all,
    any,
    argmax,
    argmin,
    astype,
    broadcast_to,
    concat,
    divide,
    equal,
    exp,
    expand_dims,
    expm1,
    floor_divide,
    getitem,
    greater,
    greater_equal,
    isfinite,
    less,
    less_equal,
    linear,
    log,
    log1p,
    log2,
    log10,
    log_softmax,
    logaddexp,
    matmul,
    matrix_transpose,
    max,
    maximum,
    mean,
    min,
    minimum,
    multiply,
    negative,
    not_equal,
    permute_dims,
    positive,
    power,
    put,
    reciprocal,
    relu,
    remainder,
    reshape,
    scatter_add,
    sigmoid,
    sign,
    softmax,
    softmax_cross_entropy,
    sqrt,
    square,
    squeeze,
    stack,
    std,
    subtract,
    sum,
    tanh,
    var,
    where,
)
from .random import seed

if TYPE_CHECKING:
    from . import data, graph, metrics, nn, testing
    from .testing.anomaly import detect_anomaly

# Rooms that are furnished when someone enters: importing the package stays cheap.
_ROOMS = ("data", "graph", "metrics", "nn", "testing")

__all__ = [
    "Contribution", "Kink", "Operation", "Parameter", "Real", "Step", "Tape", "Tensor",
    "__version__", "abs", "add", "all", "any", "argmax", "argmin", "asarray", "astype",
    "broadcast_to", "checkpoint", "concat", "config", "data", "detect_anomaly", "divide",
    "enable_grad", "equal", "errors", "exp", "expand_dims", "expm1", "floor_divide", "getitem",
    "grad", "graph", "greater", "greater_equal", "hessian", "hvp", "is_grad_enabled", "isfinite",
    "jacobian", "jvp", "less", "less_equal", "linear", "log", "log10", "log1p", "log2",
    "log_softmax", "logaddexp",
    "matmul", "matrix_transpose", "max", "maximum", "mean", "metrics", "min", "minimum",
    "multiply", "negative", "nn", "no_grad", "not_equal", "operation", "permute_dims",
    "positive", "power", "put", "reciprocal", "relu", "remainder", "reshape", "scatter_add",
    "seed", "sigmoid", "sign", "softmax", "softmax_cross_entropy", "sqrt", "square", "squeeze",
    "stack", "std", "stop_gradient", "subtract", "sum", "tanh", "testing", "unbroadcast",
    "value_and_grad", "var", "vjp", "where",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f".{name}", __name__)
    if name == "detect_anomaly":
        return importlib.import_module(".testing.anomaly", __name__).detect_anomaly
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message, name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted(__all__)


def _from_graph(name: str) -> Any:
    """A slot of the engine that the graph room answers, loaded when it is first asked."""

    def answer(*args: Any) -> Any:
        return getattr(importlib.import_module(".graph", __name__), name)(*args)

    return answer


def _check(tape: Any, **options: Any) -> Any:
    return importlib.import_module(".testing.tape", __name__).check_tape(tape, **options)


reach["check"] = _check
reach["table"] = _from_graph("table")
reach["memory"] = _from_graph("memory")
