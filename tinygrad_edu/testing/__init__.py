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
from .score import Score, mutation_score

if TYPE_CHECKING:
    from . import programs, strategies
    from .property import gradient_test

__all__ = [
    "Element", "Finding", "Functions", "OpReport", "Real", "Report", "Score", "check_gradients",
    "check_op", "check_vjp", "from_jax", "from_layer", "from_torch", "gradient_test", "laws",
    "mutation_score", "programs", "strategies",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load what needs Hypothesis when it is asked for."""
    if name == "gradient_test":
        return importlib.import_module(".property", __name__).gradient_test
    if name == "programs":
        return importlib.import_module(".programs", __name__)
    if name == "strategies":
        return importlib.import_module(".strategies", __name__)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message, name=name)


def __dir__() -> list[str]:
    return sorted(__all__)
