"""tinygrad_edu: automatic differentiation to learn deep learning with, and to keep using."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from . import datatypes, errors as errors, namespace, ops as ops
from ._version import __version__ as __version__
from .autodiff import (
    Contribution as Contribution,
    Operation as Operation,
    Parameter as Parameter,
    Step as Step,
    Tape as Tape,
    Tensor as Tensor,
    operation as operation,
    unbroadcast as unbroadcast,
)
from .autodiff.transforms import (
    checkpoint as checkpoint,
    grad as grad,
    hessian as hessian,
    hvp as hvp,
    jacobian as jacobian,
    jvp as jvp,
    stop_gradient as stop_gradient,
    value_and_grad as value_and_grad,
    vjp as vjp,
)
from .datatypes import *
from .domain import (
    Kink as Kink,
    Real as Real,
)
from .memory import keep_freed_memory
from .mode import (
    config as config,
    enable_grad as enable_grad,
    is_grad_enabled as is_grad_enabled,
    no_grad as no_grad,
)
from .namespace import *
from .ops import *
from .ops import linalg as linalg
from .seeding import seed as seed
from .types import reach

if TYPE_CHECKING:
    from . import (
        data as data,
        explorables as explorables,
        formulary as formulary,
        graph as graph,
        lessons as lessons,
        metrics as metrics,
        nn as nn,
        plots as plots,
        random as random,
        special as special,
        testing as testing,
        training as training,
    )
    from .graph.draw import Graph as Graph, draw as draw
    from .graph.explain import explain as explain
    from .graph.network_picture import draw_network as draw_network
    from .graph.why import why as why
    from .nn.saving import load as load, save as save
    from .testing.anomaly import detect_anomaly as detect_anomaly

# It lives among the operations; ``import tinygrad_edu.linalg`` finds it here too.
sys.modules[f"{__name__}.linalg"] = linalg

# Rooms that are furnished when someone enters: importing the package stays cheap.
_ROOMS = (
    "data", "explorables", "formulary", "graph", "lessons", "metrics", "nn", "plots", "random",
    "special", "testing", "training",
)  # fmt: skip
# Functions that live in such rooms.
_LATE = {
    "Graph": ".graph",
    "detect_anomaly": ".testing.anomaly",
    "draw": ".graph",
    "draw_network": ".graph",
    "explain": ".graph",
    "load": ".nn.saving",
    "save": ".nn.saving",
    "why": ".graph",
}

if not TYPE_CHECKING:  # for type checkers, what is imported `as` itself is public
    __all__ = [
        "Contribution", "Graph", "Kink", "Operation", "Parameter", "Real", "Step", "Tape", "Tensor",
        "__version__", "checkpoint", "config", "data", "detect_anomaly", "draw", "draw_network",
        "enable_grad", "errors", "explorables", "formulary", "grad", "graph", "hessian", "hvp",
        "is_grad_enabled", "jacobian", "jvp", "lessons", "linalg", "load", "metrics", "nn",
        "no_grad", "operation", "plots", "random", "save", "seed", "special", "stop_gradient",
        "testing", "training", "unbroadcast", "value_and_grad", "vjp", "why",
    ]  # fmt: skip
    __all__ += datatypes.__all__
    __all__ += namespace.__all__
    __all__ += ops.__all__

keep_freed_memory()


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f".{name}", __name__)
    if name in _LATE:
        return getattr(importlib.import_module(_LATE[name], __name__), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message, name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted(globals()["__all__"])


def _from_graph(name: str) -> Any:
    """A slot of the engine that the graph room answers, loaded when it is first asked."""

    def answer(*args: Any, **options: Any) -> Any:
        return getattr(importlib.import_module(".graph", __name__), name)(*args, **options)

    return answer


def _check(tape: Any, **options: Any) -> Any:
    return importlib.import_module(".testing.tape", __name__).check_tape(tape, **options)


def _plot(name: str, *args: Any, **options: Any) -> Any:
    return getattr(importlib.import_module(".plots", __name__), name)(*args, **options)


reach["check"] = _check
reach["namespace"] = lambda: sys.modules[__name__]
reach["table"] = _from_graph("table")
reach["memory"] = _from_graph("memory")
reach["draw"] = _from_graph("draw")
reach["step"] = _from_graph("told")
reach["plot"] = _plot
