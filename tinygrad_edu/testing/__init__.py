"""Gradient checks for this library's functions, a user's own, and any other framework's."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ..domain import Real
from . import laws
from .adapters import Functions, from_jax, from_layer, from_torch
from .gradcheck import check_vjp
from .gradients import check_gradients
from .operations import OpReport, check_op
from .report import Element, Finding, Report

if TYPE_CHECKING:
    from . import programs, strategies
    from .property import gradient_test

# What needs Hypothesis, and is loaded when it is asked for.
_LATER = {"gradient_test": "property", "programs": "programs", "strategies": "strategies"}

__all__ = [
    "Element", "Finding", "Functions", "OpReport", "Real", "Report", "check_gradients",
    "check_op", "check_vjp", "from_jax", "from_layer", "from_torch", "gradient_test", "laws",
    "programs", "strategies",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message, name=name)
    room = importlib.import_module(f".{_LATER[name]}", __name__)
    return room if name == _LATER[name] else getattr(room, name)


def __dir__() -> list[str]:
    return sorted(__all__)
